//! `Replaces` (RFC 3891): the dialog whose place a new one takes, named as its recipient knows it.

use std::fmt;
use std::str::FromStr;

use super::escape::{escape_all, in_header_value, unescaped};
use super::lex::{Scanner, is_space};
use super::{Headers, Params, SyntaxError, Uri};

/// The option tag of RFC 3891.
pub const OPTION: &str = "replaces";

/// A dialog, by Call-ID and tags (RFC 3891 §6.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Replaces {
    /// Its Call-ID.
    pub call_id: String,
    /// The tag of whoever reads this.
    pub to_tag: String,
    /// The tag of the other end.
    pub from_tag: String,
    /// Only as long as nobody has answered it.
    pub early_only: bool,
}

impl Replaces {
    /// The dialog that a request wants replaced; `None` if it wants none.
    ///
    /// # Errors
    /// It is malformed, or there are two (§3: 400).
    pub fn of(headers: &Headers) -> Result<Option<Self>, SyntaxError> {
        let mut values = headers.get_all("Replaces");
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(SyntaxError::UnexpectedCharacter);
        }
        value.parse().map(Some)
    }

    /// The dialog that a `Refer-To` URI wants replaced (RFC 3891 §4); `None` if it wants none.
    ///
    /// # Errors
    /// It is malformed, or there are two.
    pub fn in_uri(uri: &Uri) -> Result<Option<Self>, SyntaxError> {
        let headers = uri.headers.as_deref().unwrap_or_default();
        let mut named = headers.split('&').filter_map(|header| {
            let (name, value) = header.split_once('=')?;
            let is_replaces = unescaped(name).eq_ignore_ascii_case("Replaces");
            is_replaces.then(|| unescaped(value))
        });
        let Some(value) = named.next() else {
            return Ok(None);
        };
        if named.next().is_some() {
            return Err(SyntaxError::UnexpectedCharacter);
        }
        value.parse().map(Some)
    }

    /// The headers of a URI that carries this (RFC 3261 §19.1.1).
    pub fn to_uri_headers(&self) -> String {
        let value = escape_all(&self.to_string(), in_header_value);
        format!("Replaces={value}")
    }
}

impl FromStr for Replaces {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim_matches(is_space);
        let (call_id, _) = text.split_once(';').ok_or(SyntaxError::EmptyElement)?;
        let params = text.get(call_id.len()..).unwrap_or_default();
        let call_id = call_id.trim_matches(is_space);
        if call_id.is_empty() {
            return Err(SyntaxError::Empty);
        }
        // A comma would make it two of them; the rest is no word (RFC 3261 §25.1).
        let forbidden = |c: char| c.is_control() || c.is_whitespace() || c == ',' || !c.is_ascii();
        if call_id.contains(forbidden) {
            return Err(SyntaxError::UnexpectedCharacter);
        }
        let params = Params::parse_header(&mut Scanner::new(params))?;
        let once = |name: &str| {
            let known = params
                .iter()
                .filter(|(own, _)| own.eq_ignore_ascii_case(name));
            let mut values = known.map(|(_, value)| value);
            match (values.next(), values.next()) {
                (Some(Some(value)), None) if is_tag(value) => Ok(value.to_owned()),
                _ => Err(SyntaxError::EmptyElement),
            }
        };
        Ok(Self {
            call_id: call_id.to_owned(),
            to_tag: once("to-tag")?,
            from_tag: once("from-tag")?,
            early_only: params.has("early-only"),
        })
    }
}

fn is_tag(text: &str) -> bool {
    !text.is_empty() && super::lex::is_token_text(text)
}

impl fmt::Display for Replaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (call_id, to, from) = (&self.call_id, &self.to_tag, &self.from_tag);
        write!(f, "{call_id};to-tag={to};from-tag={from}")?;
        if self.early_only {
            f.write_str(";early-only")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        let read: Replaces = "98732@sip.example.com\r\n ;from-tag=r33th4x0r\r\n ;to-tag=ff87ff"
            .replace("\r\n", "")
            .parse()
            .unwrap();
        assert_eq!(read.call_id, "98732@sip.example.com");
        assert_eq!(
            (read.to_tag.as_str(), read.from_tag.as_str()),
            ("ff87ff", "r33th4x0r")
        );
        assert!(!read.early_only);
        let early: Replaces = "12adf2f34456gs5;to-tag=12345;from-tag=54321;early-only"
            .parse()
            .unwrap();
        assert!(early.early_only);
    }

    #[test]
    fn a_refer_to_uri_carries_it_escaped() {
        let text = "sip:b@192.0.2.4?Replaces=090459243588173445%3B\
                    to-tag%3D7553452%3Bfrom-tag%3D31431&Require=replaces";
        let uri: Uri = text.parse().unwrap();
        let read = Replaces::in_uri(&uri).unwrap().unwrap();
        assert_eq!(read.call_id, "090459243588173445");
        assert_eq!(read.from_tag, "31431");
        let mut again = uri.clone();
        again.headers = Some(read.to_uri_headers());
        let again: Uri = again.to_string().parse().unwrap();
        assert_eq!(Replaces::in_uri(&again), Ok(Some(read)));
    }

    #[test]
    fn what_names_no_dialog_or_two_is_malformed() {
        let malformed = [
            "",
            "a@b",
            ";to-tag=1;from-tag=2",
            "a@b;to-tag=1",
            "a@b;to-tag=1;to-tag=2;from-tag=3",
            "a@b;to-tag;from-tag=3",
            "a b;to-tag=1;from-tag=2",
            "a@b;to-tag=1;from-tag=2,c@d;to-tag=1;from-tag=2",
        ];
        for text in malformed {
            assert!(text.parse::<Replaces>().is_err(), "{text}");
        }
        let twice: Uri = "sip:b@192.0.2.4?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&replaces=b"
            .parse()
            .unwrap();
        assert!(Replaces::in_uri(&twice).is_err());
    }

    proptest! {
        #[test]
        fn print_then_parse_is_identity(
            call_id in "[a-zA-Z0-9.!%*_+`'~()<>:\\\\\"/\\[\\]?{}@-]{1,30}",
            to_tag in "[a-zA-Z0-9.!%*_+`'~-]{1,10}",
            from_tag in "[a-zA-Z0-9.!%*_+`'~-]{1,10}",
            early_only: bool,
        ) {
            let replaces = Replaces { call_id, to_tag, from_tag, early_only };
            prop_assert_eq!(replaces.to_string().parse(), Ok(replaces.clone()));
            let mut uri: Uri = "sip:b@192.0.2.4".parse().unwrap();
            uri.headers = Some(replaces.to_uri_headers());
            let uri: Uri = uri.to_string().parse().unwrap();
            prop_assert_eq!(Replaces::in_uri(&uri), Ok(Some(replaces)));
        }

        #[test]
        fn anything_may_be_read(text in ".{0,60}") {
            if let Ok(read) = text.parse::<Replaces>() {
                prop_assert_eq!(read.to_string().parse(), Ok(read));
            }
        }
    }
}
