//! `RSeq`: the order of reliable provisional responses (RFC 3262 §7.1).

use std::fmt;
use std::str::FromStr;

use super::SyntaxError;
use super::lex::{is_space, number};

/// The number of one reliable provisional response, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RSeq(pub u32);

impl FromStr for RSeq {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match number(text.trim_matches(is_space))? {
            0 => Err(SyntaxError::BadNumber),
            number => Ok(Self(number)),
        }
    }
}

impl fmt::Display for RSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_and_written_back() {
        for text in ["1", "988789", "4294967295"] {
            assert_eq!(text.parse::<RSeq>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn zero_and_what_is_no_number_are_refused() {
        for text in ["0", "-1", "4294967296", "", "1 2"] {
            assert!(text.parse::<RSeq>().is_err(), "{text}");
        }
    }
}
