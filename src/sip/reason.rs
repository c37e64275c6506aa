//! `Reason`: why a request ends something (RFC 3326 §2), with the causes of ITU-T Q.850.

use std::fmt;
use std::str::FromStr;

use super::lex::{Scanner, is_token_text, number, split_list};
use super::params::{Params, write_quoted};
use super::{StatusCode, SyntaxError};

/// Whose numbers a cause belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// A SIP status.
    Sip,
    /// A cause of Q.850, as telephone networks have it.
    Q850,
    /// Anything else.
    Other(String),
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Whose number.
    pub protocol: Protocol,
    /// The number; a reason may go without.
    pub cause: Option<u16>,
    /// For people.
    pub text: Option<String>,
}

impl Reason {
    /// A SIP status in its own words.
    pub fn sip(status: StatusCode) -> Self {
        Self {
            protocol: Protocol::Sip,
            cause: Some(status.as_u16()),
            text: Some(status.reason().to_owned()),
        }
    }

    /// A cause of Q.850 in the words of its table 1.
    pub fn q850(cause: u16) -> Self {
        let text = match cause {
            1 => "Unallocated number",
            16 => "Normal call clearing",
            17 => "User busy",
            18 => "No user responding",
            19 => "No answer from user",
            20 => "Subscriber absent",
            21 => "Call rejected",
            27 => "Destination out of order",
            31 => "Normal, unspecified",
            34 => "No circuit available",
            38 => "Network out of order",
            41 => "Temporary failure",
            102 => "Recovery on timer expiry",
            127 => "Interworking, unspecified",
            _ => "",
        };
        Self {
            protocol: Protocol::Q850,
            cause: Some(cause),
            text: (!text.is_empty()).then(|| text.to_owned()),
        }
    }

    /// The cause of Q.850, if that is what it is.
    pub fn q850_cause(&self) -> Option<u16> {
        self.cause.filter(|_| self.protocol == Protocol::Q850)
    }

    /// All reasons of a header's value.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn parse_list(value: &str) -> Result<Vec<Self>, SyntaxError> {
        split_list(value)?.into_iter().map(str::parse).collect()
    }
}

impl FromStr for Reason {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut scanner = Scanner::new(text);
        scanner.skip_space();
        let protocol = scanner.token();
        if protocol.is_empty() {
            return Err(SyntaxError::Empty);
        }
        let params = Params::parse_header(&mut scanner)?;
        let cause = params.get("cause").map(number).transpose()?;
        Ok(Self {
            protocol: match protocol {
                sip if sip.eq_ignore_ascii_case("SIP") => Protocol::Sip,
                q850 if q850.eq_ignore_ascii_case("Q.850") => Protocol::Q850,
                other => Protocol::Other(other.to_owned()),
            },
            cause: cause
                .map(|cause| u16::try_from(cause).map_err(|_| SyntaxError::BadNumber))
                .transpose()?,
            text: params.get("text").map(str::to_owned),
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.protocol {
            Protocol::Sip => f.write_str("SIP")?,
            Protocol::Q850 => f.write_str("Q.850")?,
            Protocol::Other(name) if is_token_text(name) => f.write_str(name)?,
            Protocol::Other(_) => f.write_str("unknown")?,
        }
        if let Some(cause) = self.cause {
            write!(f, ";cause={cause}")?;
        }
        if let Some(text) = &self.text {
            f.write_str(";text=")?;
            write_quoted(f, text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_are_read_and_written_back() {
        for text in [
            "SIP;cause=600;text=\"Busy Everywhere\"",
            "SIP;cause=580;text=\"Precondition Failure\"",
            "Q.850;cause=16;text=\"Terminated\"",
            "preemption;cause=1",
            "SIP",
        ] {
            let reason: Reason = text.parse().unwrap();
            assert_eq!(reason.to_string(), text);
        }
        let spaced = "Q.850 ;cause=16 ;text=\"Terminated\"".parse::<Reason>();
        assert_eq!(spaced.unwrap().q850_cause(), Some(16));
        assert_eq!("SIP;cause=16".parse::<Reason>().unwrap().q850_cause(), None);
    }

    #[test]
    fn several_reasons_stand_in_one_header() {
        let reasons = Reason::parse_list("SIP;cause=480;text=\"a, b\", Q.850;cause=20").unwrap();
        let causes: Vec<_> = reasons.iter().map(|reason| reason.cause).collect();
        assert_eq!(causes, [Some(480), Some(20)]);
    }

    #[test]
    fn a_cause_that_is_no_number_is_refused() {
        for text in [
            "SIP;cause=x",
            "SIP;cause=65536",
            "",
            ";cause=1",
            "SIP cause",
        ] {
            assert!(text.parse::<Reason>().is_err(), "{text}");
        }
    }

    /// Threat: header injection, smuggling.
    #[test]
    fn a_text_cannot_end_the_line() {
        let reason = Reason {
            protocol: Protocol::Other("a\r\nVia".to_owned()),
            cause: None,
            text: Some("x\"\r\nEvil: yes".to_owned()),
        };
        assert_eq!(reason.to_string(), "unknown;text=\"x\\\"  Evil: yes\"");
    }
}
