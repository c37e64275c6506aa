//! `Session-Expires`: how long a session lives without a refresh, and who refreshes it
//! (RFC 4028 §4).

use std::fmt;
use std::str::FromStr;

use super::SyntaxError;
use super::lex::{Scanner, number};
use super::params::Params;

/// Who refreshes the session, seen from the request that the header stands in or answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresher {
    /// Who sent that request.
    Uac,
    /// Who answers it.
    Uas,
}

/// A session's interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionExpires {
    /// The interval in seconds.
    pub seconds: u32,
    /// Who refreshes; a request may leave it open.
    pub refresher: Option<Refresher>,
}

impl FromStr for SessionExpires {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut scanner = Scanner::new(text);
        scanner.skip_space();
        let seconds = number(scanner.token())?;
        let params = Params::parse_header(&mut scanner)?;
        let refresher = match params.get("refresher") {
            Some(uac) if uac.eq_ignore_ascii_case("uac") => Some(Refresher::Uac),
            Some(uas) if uas.eq_ignore_ascii_case("uas") => Some(Refresher::Uas),
            Some(_) | None => None,
        };
        Ok(Self { seconds, refresher })
    }
}

impl fmt::Display for SessionExpires {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.seconds)?;
        match self.refresher {
            Some(Refresher::Uac) => f.write_str(";refresher=uac"),
            Some(Refresher::Uas) => f.write_str(";refresher=uas"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interval_and_refresher_are_read_and_written_back() {
        for text in ["4000;refresher=uac", "1800;refresher=uas", "90"] {
            assert_eq!(text.parse::<SessionExpires>().unwrap().to_string(), text);
        }
        let loose = " 1800 ; x=y ; Refresher=UAC".parse::<SessionExpires>();
        assert_eq!(loose.unwrap().to_string(), "1800;refresher=uac");
    }

    #[test]
    fn an_interval_that_is_no_number_is_refused() {
        for text in ["", "soon", "-1", "4294967296", ";refresher=uac", "90 s"] {
            assert!(text.parse::<SessionExpires>().is_err(), "{text}");
        }
    }
}
