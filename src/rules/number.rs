//! Phone numbers as China dials them, brought to E.164 (ITU-T E.164; DESIGN §10).

/// The number in E.164 (`+86…`), or `None` for what has no such form: short codes, 95xxx, 96xxx,
/// 400 and 800 numbers, extensions, and whatever is not a number.
///
/// `area_code` is the trunk's own (`10` for Beijing): local numbers are completed with it.
pub fn e164(number: &str, area_code: Option<&str>) -> Option<String> {
    let number: String = number
        .chars()
        .filter(|c| !matches!(c, '-' | ' ' | '(' | ')' | '.'))
        .collect();
    if let Some(international) = number
        .strip_prefix('+')
        .or_else(|| number.strip_prefix("00"))
    {
        return (is_digits(international) && (7..=15).contains(&international.len()))
            .then(|| format!("+{international}"));
    }
    if !is_digits(&number) {
        return None;
    }
    let national = number.strip_prefix('0').unwrap_or(&number);
    let had_prefix = national.len() < number.len();
    if is_mobile(national) {
        return Some(format!("+86{national}"));
    }
    if had_prefix {
        return (9..=11)
            .contains(&national.len())
            .then(|| format!("+86{national}"));
    }
    let local = matches!(number.len(), 7 | 8) && !number.starts_with(['1', '9']);
    area_code
        .filter(|_| local)
        .map(|area| format!("+86{area}{number}"))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Eleven digits from 13 to 19.
fn is_mobile(number: &str) -> bool {
    number.len() == 11
        && number.starts_with('1')
        && !number.starts_with(['0', '2'])
        && !matches!(number.as_bytes().get(1), Some(b'0'..=b'2'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mobile_and_area_coded_numbers_get_the_country_code() {
        let beijing = |number| e164(number, Some("10"));
        assert_eq!(beijing("13812345678").as_deref(), Some("+8613812345678"));
        assert_eq!(beijing("013812345678").as_deref(), Some("+8613812345678"));
        assert_eq!(beijing("02161234567").as_deref(), Some("+862161234567"));
        assert_eq!(
            beijing("+86 138-1234-5678").as_deref(),
            Some("+8613812345678")
        );
        assert_eq!(beijing("0085212345678").as_deref(), Some("+85212345678"));
        assert_eq!(beijing("61234567").as_deref(), Some("+861061234567"));
        assert_eq!(e164("61234567", None), None);
    }

    #[test]
    fn short_codes_and_service_numbers_stay_national() {
        for number in [
            "110",
            "10086",
            "95588",
            "96123",
            "4001234567",
            "8001234567",
            "1001",
            "anonymous",
            "",
        ] {
            assert_eq!(e164(number, Some("10")), None, "{number}");
        }
    }
}
