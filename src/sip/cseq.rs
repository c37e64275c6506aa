//! `CSeq`: the order of requests in a dialog (RFC 3261 §20.16).

use std::fmt;
use std::str::FromStr;

use super::lex::{is_space, number};
use super::{Method, SyntaxError};

/// A sequence number with the method it numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CSeq {
    /// The number. A peer may use all 32 bits; our own start below 2^31 (§8.1.1.5).
    pub number: u32,
    /// The request's method.
    pub method: Method,
}

impl FromStr for CSeq {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim_matches(is_space);
        let (digits, method) = text.split_once(is_space).ok_or(SyntaxError::BadNumber)?;
        Ok(Self {
            number: number(digits)?,
            method: method.trim_matches(is_space).parse()?,
        })
    }
}

impl fmt::Display for CSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_and_folds_are_read() {
        let cseq: CSeq = "0009   INVITE".parse().unwrap();
        assert_eq!(
            cseq,
            CSeq {
                number: 9,
                method: Method::INVITE
            }
        );
    }

    #[test]
    fn a_number_beyond_32_bits_is_refused() {
        assert_eq!("4294967295 BYE".parse::<CSeq>().unwrap().number, u32::MAX);
        for text in ["4294967296 BYE", "-1 BYE", "+1 BYE", "BYE", "1", "1 B YE"] {
            assert!(text.parse::<CSeq>().is_err(), "{text}");
        }
    }
}
