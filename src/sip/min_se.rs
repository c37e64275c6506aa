//! `Min-SE`: the shortest session interval that somebody on the way accepts (RFC 4028 §5).

use std::fmt;
use std::str::FromStr;

use super::SyntaxError;
use super::lex::{Scanner, number};
use super::params::Params;

/// A shortest interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MinSe {
    /// In seconds.
    pub seconds: u32,
}

impl FromStr for MinSe {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut scanner = Scanner::new(text);
        scanner.skip_space();
        let seconds = number(scanner.token())?;
        Params::parse_header(&mut scanner)?; // generic ones only
        Ok(Self { seconds })
    }
}

impl fmt::Display for MinSe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.seconds.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_read_and_written_back() {
        for text in ["90", "3600"] {
            assert_eq!(text.parse::<MinSe>().unwrap().to_string(), text);
        }
        let loose = " 90 ;x=y".parse::<MinSe>().unwrap();
        assert_eq!(loose.seconds, 90);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "x", "-1", "4294967296"] {
            assert!(text.parse::<MinSe>().is_err(), "{text}");
        }
    }
}
