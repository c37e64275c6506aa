//! How a telephone number is shown to those who have no right to see it (DESIGN §5).

/// Digits at the end that stay readable: enough to tell callers apart on the telephone.
const TAIL: usize = 4;
/// Digits before them that are hidden, as on every Chinese bill: 138****5678.
const HIDDEN: usize = 4;
/// Up to so many characters a number is an extension or a short code, no person's.
const SHORT: usize = 5;

/// `138****5678` for `13800005678`: the four digits before the last four are hidden, whatever
/// goes before (area, operator, country) stays. Where that would leave more readable than
/// hidden of a short number, all but its end is hidden. Extensions and short codes are shown.
pub fn mask_number(number: &str) -> String {
    let characters: Vec<char> = number.chars().collect();
    let length = characters.len();
    if length <= SHORT {
        return number.to_owned();
    }
    let (tail, hidden) = match length {
        0..=7 => (2, length - 2),
        8..=10 => (TAIL, length - TAIL),
        _ => (TAIL, HIDDEN),
    };
    let head = length - tail - hidden;
    let shown = characters.iter().enumerate().map(|(place, character)| {
        if (head..head + hidden).contains(&place) {
            '*'
        } else {
            *character
        }
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mobile_number_keeps_operator_and_end() {
        assert_eq!(mask_number("13800005678"), "138****5678");
        assert_eq!(mask_number("+8613800005678"), "+86138****5678");
        assert_eq!(mask_number("01062345678"), "010****5678");
    }

    #[test]
    fn a_local_number_keeps_its_end_only() {
        assert_eq!(mask_number("62345678"), "****5678");
        assert_eq!(mask_number("6234567"), "*****67");
        assert_eq!(mask_number("4001234567"), "******4567");
    }

    #[test]
    fn extensions_and_short_codes_are_nobodys_secret() {
        for number in ["", "1001", "10086"] {
            assert_eq!(mask_number(number), number);
        }
    }

    #[test]
    fn what_is_no_number_is_masked_by_characters() {
        assert_eq!(mask_number("anonymous"), "*****mous");
        assert_eq!(mask_number("王小明王小明"), "****小明");
    }
}
