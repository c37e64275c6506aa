//! Digits in INFO, as phones sent them before RFC 4733 and some still do: `application/dtmf-relay`
//! (a `Signal` line) and `application/dtmf` (the digit alone).

/// The media type whose body has a line `Signal=`.
pub const RELAY_TYPE: &str = "application/dtmf-relay";
/// The media type whose body is the digit.
pub const PLAIN_TYPE: &str = "application/dtmf";

/// The longest that a key is said to be held, in milliseconds.
const LONGEST_MS: u32 = 5_000;
/// How long a key is held where nobody says it: what phones send.
pub const USUAL_MS: u32 = 160;

/// A key that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// `0` to `9`, `*`, `#`, `A` to `D`.
    pub digit: char,
    /// How long it was held, in milliseconds, where that was said.
    pub held_ms: Option<u32>,
}

impl Key {
    /// The key of an INFO; `None` for anything else.
    pub fn of(content_type: &str, body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        match content_type {
            RELAY_TYPE => Some(Self {
                digit: digit(line(text, "signal")?)?,
                held_ms: line(text, "duration").and_then(|value| value.trim().parse().ok()),
            }),
            PLAIN_TYPE => Some(Self {
                digit: digit(text)?,
                held_ms: None,
            }),
            _ => None,
        }
    }

    /// The body of an INFO of this type.
    pub fn body(self, content_type: &str) -> Vec<u8> {
        let digit = self.digit;
        if content_type == PLAIN_TYPE {
            return digit.to_string().into_bytes();
        }
        let held_ms = self.held_ms.unwrap_or(USUAL_MS).min(LONGEST_MS);
        format!("Signal={digit}\r\nDuration={held_ms}\r\n").into_bytes()
    }
}

fn line<'a>(text: &'a str, wanted: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then_some(value)
    })
}

fn digit(signal: &str) -> Option<char> {
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

    fn digit_of(content_type: &str, body: &[u8]) -> Option<char> {
        Key::of(content_type, body).map(|key| key.digit)
    }

    #[test]
    fn both_forms_give_their_digit() {
        assert_eq!(
            Key::of(RELAY_TYPE, b"Signal=5\r\nDuration=160\r\n"),
            Some(Key {
                digit: '5',
                held_ms: Some(160)
            })
        );
        assert_eq!(
            digit_of(RELAY_TYPE, b"Duration= 250\nsignal= *\n"),
            Some('*')
        );
        assert_eq!(digit_of(RELAY_TYPE, b"Signal=11\r\n"), Some('#'));
        assert_eq!(digit_of(PLAIN_TYPE, b"d"), Some('D'));
        assert_eq!(digit_of(PLAIN_TYPE, b"0\r\n"), Some('0'));
    }

    #[test]
    fn what_is_no_digit_gives_none() {
        for body in [&b""[..], b"16", b"E", b"55", b"\xff", b"Signal=5"] {
            assert_eq!(digit_of(PLAIN_TYPE, body), None, "{body:?}");
        }
        assert_eq!(digit_of(RELAY_TYPE, b"5"), None);
        assert_eq!(digit_of("text/plain", b"5"), None);
    }

    #[test]
    fn a_key_is_written_as_it_is_read() {
        for kind in [RELAY_TYPE, PLAIN_TYPE] {
            for digit in "0123456789*#ABCD".chars() {
                let held_ms = (kind == RELAY_TYPE).then_some(90);
                let key = Key { digit, held_ms };
                assert_eq!(Key::of(kind, &key.body(kind)), Some(key));
            }
        }
        let long = Key {
            digit: '1',
            held_ms: Some(u32::MAX),
        };
        let read = Key::of(RELAY_TYPE, &long.body(RELAY_TYPE));
        assert_eq!(read.and_then(|key| key.held_ms), Some(LONGEST_MS));
    }
}
