//! Digits in INFO, as phones sent them before RFC 4733 and some still do: `application/dtmf-relay`
//! (a `Signal` line) and `application/dtmf` (the digit alone).

/// The media type whose body has a line `Signal=`.
pub const RELAY_TYPE: &str = "application/dtmf-relay";
/// The media type whose body is the digit.
pub const PLAIN_TYPE: &str = "application/dtmf";

/// The digit of an INFO: `0` to `9`, `*`, `#`, `A` to `D`; `None` for anything else.
pub fn digit(content_type: &str, body: &[u8]) -> Option<char> {
    let text = std::str::from_utf8(body).ok()?;
    let signal = match content_type {
        RELAY_TYPE => text.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            name.trim().eq_ignore_ascii_case("signal").then_some(value)
        })?,
        PLAIN_TYPE => text,
        _ => return None,
    };
    match signal.trim() {
        // The event numbers of RFC 4733 §3.2.
        "10" => Some('*'),
        "11" => Some('#'),
        "12" => Some('A'),
        "13" => Some('B'),
        "14" => Some('C'),
        "15" => Some('D'),
        one => {
            let mut characters = one.chars();
            let digit = characters.next()?.to_ascii_uppercase();
            let is_digit = matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D');
            (is_digit && characters.next().is_none()).then_some(digit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_give_their_digit() {
        assert_eq!(
            digit(RELAY_TYPE, b"Signal=5\r\nDuration=160\r\n"),
            Some('5')
        );
        assert_eq!(digit(RELAY_TYPE, b"Duration= 250\nsignal= *\n"), Some('*'));
        assert_eq!(digit(RELAY_TYPE, b"Signal=11\r\n"), Some('#'));
        assert_eq!(digit(PLAIN_TYPE, b"d"), Some('D'));
        assert_eq!(digit(PLAIN_TYPE, b"0\r\n"), Some('0'));
    }

    #[test]
    fn what_is_no_digit_gives_none() {
        for body in [&b""[..], b"16", b"E", b"55", b"\xff", b"Signal=5"] {
            assert_eq!(digit(PLAIN_TYPE, body), None, "{body:?}");
        }
        assert_eq!(digit(RELAY_TYPE, b"5"), None);
        assert_eq!(digit("text/plain", b"5"), None);
    }
}
