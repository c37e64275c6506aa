//! `RAck`: which reliable provisional response a PRACK confirms (RFC 3262 §7.2).

use std::fmt;
use std::str::FromStr;

use super::lex::is_space;
use super::{CSeq, RSeq, SyntaxError};

/// A response by its number, and by the request that it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RAck {
    /// The response's `RSeq`.
    pub rseq: RSeq,
    /// The response's `CSeq`.
    pub cseq: CSeq,
}

impl FromStr for RAck {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim_matches(is_space);
        let (rseq, cseq) = text.split_once(is_space).ok_or(SyntaxError::BadNumber)?;
        Ok(Self {
            rseq: rseq.parse()?,
            cseq: cseq.parse()?,
        })
    }
}

impl fmt::Display for RAck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rseq, self.cseq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::Method;

    #[test]
    fn the_example_of_the_rfc_is_read_and_written_back() {
        let rack: RAck = "776656 1 INVITE".parse().unwrap();
        assert_eq!((rack.rseq, rack.cseq.number), (RSeq(776_656), 1));
        assert_eq!(rack.cseq.method, Method::INVITE);
        assert_eq!(rack.to_string(), "776656 1 INVITE");
        assert_eq!("  776656   1  INVITE ".parse(), Ok(rack));
    }

    #[test]
    fn what_lacks_a_part_is_refused() {
        for text in ["", "1", "1 2", "1 INVITE", "0 1 INVITE", "x 1 INVITE"] {
            assert!(text.parse::<RAck>().is_err(), "{text}");
        }
    }
}
