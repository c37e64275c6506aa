//! Phone numbers as China dials them, brought to E.164 (ITU-T E.164; DESIGN §10).

/// The country code of China.
const CHINA: &str = "86";

/// The number in E.164 (`+86…`), or `None` for what has no such form: short codes, 95xxx, 96xxx,
/// 400 and 800 numbers, extensions, and whatever is not a number.
///
/// `area_code` is the trunk's own (`10` or `010` for Beijing): local numbers are completed with it.
pub fn e164(number: &str, area_code: Option<&str>) -> Option<String> {
    let number = bare(number);
    if let Some(foreign) = international(&number) {
        return match foreign.strip_prefix(CHINA) {
            Some(national) => is_reachable(national).then(|| format!("+{foreign}")),
            None => (7..=15)
                .contains(&foreign.len())
                .then(|| format!("+{foreign}")),
        };
    }
    if !is_digits(&number) {
        return None;
    }
    if let Some(national) = national_of(&number) {
        return Some(format!("+{CHINA}{national}"));
    }
    let completed = format!("{}{number}", area_code?.trim_start_matches('0'));
    let is_local = is_local(&number) && is_landline(&completed);
    is_local.then(|| format!("+{CHINA}{completed}"))
}

/// The number as it is dialled within China: a mobile's eleven digits, `0` and the area code
/// before a landline's, short codes and 400 numbers bare. What is foreign or no number stays as
/// it is.
///
/// Two spellings of one number have one such form, so numbers are compared in it.
pub fn national(number: &str, area_code: Option<&str>) -> String {
    let number = bare(number);
    if let Some(e164) = e164(&number, area_code)
        && let Some(own) = e164.strip_prefix("+86")
    {
        return if is_mobile(own) {
            own.to_owned()
        } else {
            format!("0{own}")
        };
    }
    // A code that stays national, written with the country's code all the same.
    match international(&number).and_then(|foreign| foreign.strip_prefix(CHINA)) {
        Some(code) => code.to_owned(),
        None => number,
    }
}

/// Without visual separators (RFC 3966 §5.1.1).
fn bare(number: &str) -> String {
    let is_separator = |c: char| matches!(c, '-' | ' ' | '(' | ')' | '.');
    number.chars().filter(|c| !is_separator(*c)).collect()
}

/// What follows the international prefix, `+` or `00`.
fn international(number: &str) -> Option<&str> {
    let rest = number
        .strip_prefix('+')
        .or_else(|| number.strip_prefix("00"))?;
    is_digits(rest).then_some(rest)
}

/// Mobile or area code and number, of a number that was dialled within China: with or without the
/// trunk prefix 0, or with the country's code and no prefix at all, as some carriers send it.
fn national_of(number: &str) -> Option<&str> {
    if let Some(national) = number.strip_prefix('0') {
        return is_reachable(national).then_some(national);
    }
    if is_mobile(number) {
        return Some(number);
    }
    // No local number is as long as this.
    let coded = number.strip_prefix(CHINA).filter(|_| number.len() >= 12)?;
    is_reachable(coded).then_some(coded)
}

/// Whether a number without prefixes can be reached from abroad: a mobile or a landline.
fn is_reachable(national: &str) -> bool {
    is_mobile(national) || is_landline(national)
}

/// Eleven digits from 13 to 19.
fn is_mobile(number: &str) -> bool {
    number.len() == 11
        && number.starts_with('1')
        && matches!(number.as_bytes().get(1), Some(b'3'..=b'9'))
}

/// An area code and a local number: 10 or 2x with eight digits, three digits with seven or eight.
/// No area is called 400 or 800.
fn is_landline(national: &str) -> bool {
    let area = match national.as_bytes() {
        [b'1', b'0', ..] | [b'2', _, ..] => 2,
        [b'3'..=b'9', _, _, ..] if !national.starts_with("400") && !national.starts_with("800") => {
            3
        }
        _ => return false,
    };
    match national.get(area..) {
        Some(local) => is_local(local) && (area == 3 || local.len() == 8),
        None => false,
    }
}

/// Seven or eight digits; what begins with 0, 1 or 9 is a prefix or a code.
fn is_local(number: &str) -> bool {
    is_digits(number) && matches!(number.len(), 7 | 8) && !number.starts_with(['0', '1', '9'])
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As received, in E.164 on a trunk in Beijing, and as it is dialled there.
    #[rustfmt::skip]
    const NUMBERS: &[(&str, Option<&str>, &str)] = &[
        // Mobiles.
        ("13812345678", Some("+8613812345678"), "13812345678"),
        ("013812345678", Some("+8613812345678"), "13812345678"),
        ("+8613812345678", Some("+8613812345678"), "13812345678"),
        ("+86 138-1234-5678", Some("+8613812345678"), "13812345678"),
        ("008613812345678", Some("+8613812345678"), "13812345678"),
        ("8613812345678", Some("+8613812345678"), "13812345678"),
        ("19912345678", Some("+8619912345678"), "19912345678"),
        ("12012345678", None, "12012345678"),
        ("1381234567", None, "1381234567"),
        ("138123456789", None, "138123456789"),
        // Landlines.
        ("61234567", Some("+861061234567"), "01061234567"),
        ("6123456", None, "6123456"),
        ("01061234567", Some("+861061234567"), "01061234567"),
        ("(010)6123-4567", Some("+861061234567"), "01061234567"),
        ("02161234567", Some("+862161234567"), "02161234567"),
        ("05716123456", Some("+865716123456"), "05716123456"),
        ("057161234567", Some("+8657161234567"), "057161234567"),
        ("+862161234567", Some("+862161234567"), "02161234567"),
        ("862161234567", Some("+862161234567"), "02161234567"),
        ("0106123456", None, "0106123456"),
        ("01011234567", None, "01011234567"),
        ("012345678901", None, "012345678901"),
        // Codes that stay national.
        ("110", None, "110"),
        ("12345", None, "12345"),
        ("10086", None, "10086"),
        ("+8610086", None, "10086"),
        ("008612345", None, "12345"),
        ("95588", None, "95588"),
        ("+8695588", None, "95588"),
        ("96123", None, "96123"),
        ("9612345", None, "9612345"),
        ("4001234567", None, "4001234567"),
        ("+864001234567", None, "4001234567"),
        ("04001234567", None, "04001234567"),
        ("8001234567", None, "8001234567"),
        ("1001", None, "1001"),
        // Foreign numbers.
        ("+85212345678", Some("+85212345678"), "+85212345678"),
        ("0085212345678", Some("+85212345678"), "0085212345678"),
        ("+12025550123", Some("+12025550123"), "+12025550123"),
        ("+1234567890123456", None, "+1234567890123456"),
        // No numbers.
        ("anonymous", None, "anonymous"),
        ("*21#", None, "*21#"),
        ("+", None, "+"),
        ("", None, ""),
    ];

    #[test]
    fn numbers_are_read_as_a_trunk_in_beijing_sends_them() {
        for (number, wanted, _) in NUMBERS {
            for area in ["10", "010"] {
                assert_eq!(e164(number, Some(area)).as_deref(), *wanted, "{number}");
            }
        }
    }

    #[test]
    fn spellings_of_one_number_have_one_national_form() {
        for (number, e164, wanted) in NUMBERS {
            assert_eq!(national(number, Some("10")), *wanted, "{number}");
            if let Some(e164) = e164.filter(|e164| e164.starts_with("+86")) {
                assert_eq!(
                    national(number, Some("10")),
                    national(e164, None),
                    "{number}"
                );
            }
        }
    }

    #[test]
    fn a_local_number_needs_the_trunks_area() {
        assert_eq!(e164("61234567", None), None);
        assert_eq!(
            e164("6123456", Some("571")).as_deref(),
            Some("+865716123456")
        );
        assert_eq!(national("6123456", Some("0571")), "05716123456");
    }
}
