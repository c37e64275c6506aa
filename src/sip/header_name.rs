//! Names of header fields: canonical spelling and compact forms (RFC 3261 §7.3.3, §20).

use std::fmt;

use super::lex::{is_token, is_token_text};

/// A header's name. Names compare without case; a compact form is its long name.
#[derive(Clone, Debug)]
pub struct HeaderName(Spelling);

#[derive(Clone, Debug)]
enum Spelling {
    Known(&'static str),
    Other(Box<str>),
}

/// The names we spell canonically.
const KNOWN: [&str; 60] = [
    "Accept",
    "Accept-Contact",
    "Accept-Encoding",
    "Accept-Language",
    "Alert-Info",
    "Allow",
    "Allow-Events",
    "Authentication-Info",
    "Authorization",
    "CSeq",
    "Call-ID",
    "Call-Info",
    "Contact",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Type",
    "Date",
    "Diversion",
    "Event",
    "Expires",
    "From",
    "Identity",
    "In-Reply-To",
    "Info-Package",
    "MIME-Version",
    "Max-Forwards",
    "Min-Expires",
    "Min-SE",
    "Organization",
    "P-Asserted-Identity",
    "P-Preferred-Identity",
    "Path",
    "Priority",
    "Privacy",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Require",
    "RAck",
    "RSeq",
    "Reason",
    "Record-Route",
    "Recv-Info",
    "Refer-To",
    "Referred-By",
    "Replaces",
    "Require",
    "Retry-After",
    "Route",
    "Server",
    "Session-Expires",
    "Subject",
    "Supported",
    "Timestamp",
    "To",
    "Unsupported",
    "User-Agent",
    "Via",
    "WWW-Authenticate",
];

/// The long name of a compact form, after the IANA registry of header fields.
const fn expanded(letter: u8) -> Option<&'static str> {
    Some(match letter.to_ascii_lowercase() {
        b'a' => "Accept-Contact",
        b'b' => "Referred-By",
        b'c' => "Content-Type",
        b'd' => "Request-Disposition",
        b'e' => "Content-Encoding",
        b'f' => "From",
        b'i' => "Call-ID",
        b'j' => "Reject-Contact",
        b'k' => "Supported",
        b'l' => "Content-Length",
        b'm' => "Contact",
        b'n' => "Identity-Info",
        b'o' => "Event",
        b'r' => "Refer-To",
        b's' => "Subject",
        b't' => "To",
        b'u' => "Allow-Events",
        b'v' => "Via",
        b'x' => "Session-Expires",
        b'y' => "Identity",
        _ => return None,
    })
}

/// `name`, or the long name where it is a compact form.
pub(super) fn long_form(name: &str) -> &str {
    match name.as_bytes() {
        [letter] => expanded(*letter).unwrap_or(name),
        _ => name,
    }
}

impl HeaderName {
    /// Reads a name from the wire; `None` if it is not a token.
    pub fn parse(name: &str) -> Option<Self> {
        is_token_text(name).then(|| Self::known_or(name))
    }

    /// Takes a name given by code; characters that are not a token's are left out.
    pub fn new(name: &str) -> Self {
        if is_token_text(name) {
            return Self::known_or(name);
        }
        let legal = name.chars().filter(|c| c.is_ascii() && is_token(*c as u8));
        Self::known_or(&legal.collect::<String>())
    }

    /// The canonical spelling.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Spelling::Known(name) => name,
            Spelling::Other(name) => name,
        }
    }

    fn known_or(name: &str) -> Self {
        let name = long_form(name);
        let known = KNOWN.iter().find(|known| known.eq_ignore_ascii_case(name));
        Self(known.map_or_else(
            || Spelling::Other(name.into()),
            |known| Spelling::Known(known),
        ))
    }
}

impl PartialEq for HeaderName {
    fn eq(&self, other: &Self) -> bool {
        self.as_str().eq_ignore_ascii_case(other.as_str())
    }
}

impl Eq for HeaderName {}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_forms_and_cases_are_one_name() {
        assert_eq!(HeaderName::new("v").as_str(), "Via");
        assert_eq!(HeaderName::new("cALL-iD"), HeaderName::new("i"));
        assert_eq!(HeaderName::new("X-Own").as_str(), "X-Own");
    }

    #[test]
    fn escapes_in_a_name_mean_nothing() {
        assert_ne!(HeaderName::new("C%6Fntact"), HeaderName::new("Contact"));
        assert!(HeaderName::parse("Con tact").is_none());
    }
}
