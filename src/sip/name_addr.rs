//! An address with a name: what From, To, Contact, Route and Refer-To hold (RFC 3261 §20.10).

use std::fmt;
use std::str::FromStr;

use super::lex::{Scanner, is_space, split_list};
use super::params::{without_controls, write_quoted};
use super::{Host, Params, SyntaxError, Uri};

/// `"Display" <uri>;params`. It is written with angle brackets always and with the display
/// name quoted always.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NameAddr {
    /// The display name without quotes, escapes and control characters.
    pub display: Option<String>,
    /// The address.
    pub uri: Uri,
    /// The header's parameters, such as `tag`.
    pub params: Params,
}

impl NameAddr {
    /// An address without name and parameters.
    pub const fn new(uri: Uri) -> Self {
        Self {
            display: None,
            uri,
            params: Params::new(),
        }
    }

    /// Nobody in particular (RFC 3261 §8.1.1.3).
    pub fn anonymous() -> Self {
        let host = Host::Name("anonymous.invalid".to_owned());
        Self::new(Uri::sip(Some("anonymous"), host, None))
    }

    /// The same address with this display name.
    #[must_use]
    pub fn with_display(mut self, display: Option<&str>) -> Self {
        self.display = display.map(str::to_owned);
        self
    }

    /// The same address with this tag.
    #[must_use]
    pub fn with_tag(mut self, tag: &str) -> Self {
        self.set_tag(tag);
        self
    }

    /// The tag, that half of a dialog's id.
    pub fn tag(&self) -> Option<&str> {
        self.params.get("tag")
    }

    /// Sets the tag.
    pub fn set_tag(&mut self, tag: &str) {
        self.params.set("tag", Some(tag));
    }

    /// Reads every address of a header's value.
    pub(super) fn parse_list(value: &str) -> Result<Vec<Self>, SyntaxError> {
        split_list(value)?.into_iter().map(str::parse).collect()
    }
}

impl FromStr for NameAddr {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim_matches(is_space);
        let mut scanner = Scanner::new(text);
        let display = match scanner.peek() {
            None => return Err(SyntaxError::Empty),
            Some('"') => {
                let quoted = scanner.quoted()?;
                scanner.skip_space();
                Some(without_controls(quoted))
            }
            Some(_)
                if text
                    .find(['<', ';', '"'])
                    .is_some_and(|at| text.get(at..).is_some_and(|rest| rest.starts_with('<'))) =>
            {
                let name = scanner.take_while(|c| c != '<').trim_matches(is_space);
                if name.contains([',', '>', '\\']) {
                    return Err(SyntaxError::UnexpectedCharacter);
                }
                Some(without_controls(name.to_owned()))
            }
            Some(_) => return parse_bare(scanner),
        };
        if !scanner.eat('<') {
            return Err(SyntaxError::UnexpectedCharacter);
        }
        let uri = scanner.take_while(|c| c != '>').parse()?;
        if !scanner.eat('>') {
            return Err(SyntaxError::UnbalancedBracket);
        }
        Ok(Self {
            display: display.filter(|name| !name.is_empty()),
            uri,
            params: Params::parse_header(&mut scanner)?,
        })
    }
}

/// Reads an address without brackets: what follows its first `;` belongs to the header.
fn parse_bare(mut scanner: Scanner<'_>) -> Result<NameAddr, SyntaxError> {
    let uri = scanner.take_while(|c| c != ';' && !is_space(c));
    if uri.contains(['?', ',']) {
        return Err(SyntaxError::BracketsNeeded);
    }
    Ok(NameAddr {
        display: None,
        uri: uri.parse()?,
        params: Params::parse_header(&mut scanner)?,
    })
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(display) = self.display.as_deref().filter(|name| !name.is_empty()) {
            write_quoted(f, display)?;
            f.write_str(" ")?;
        }
        write!(f, "<{}>", self.uri)?;
        self.params.write_header(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> NameAddr {
        text.parse().unwrap()
    }

    #[test]
    fn quotes_and_folds_are_read() {
        let from =
            address("\"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>   ;   tag = 98asjd8");
        assert_eq!(from.display.as_deref(), Some("J Rosenberg \\\""));
        assert_eq!(from.tag(), Some("98asjd8"));
        assert_eq!(
            from.to_string(),
            "\"J Rosenberg \\\\\\\"\" <sip:jdrosen@example.com>;tag=98asjd8"
        );
    }

    #[test]
    fn a_name_needs_no_space_before_its_bracket() {
        assert_eq!(
            address("caller<sip:caller@example.com>;tag=323")
                .display
                .as_deref(),
            Some("caller")
        );
    }

    #[test]
    fn without_brackets_parameters_belong_to_the_header() {
        let to = address("sip:user@example.com ; tag = 3");
        assert_eq!(to.tag(), Some("3"));
        assert!(to.uri.params.is_empty());
    }

    #[test]
    fn what_must_be_guessed_is_refused() {
        for text in [
            "",
            "\"Mr. J. User <sip:j.user@example.com>",
            "Bell, Alexander <sip:a.g.bell@example.com>",
            "\"Watson, Thomas\" < sip:t.watson@example.org >",
            "sip:user@example.com?Route=%3Csip:sip.example.com%3E",
            "\"Joe\" <sip:joe@example.org>;;;;",
            "<sip:a@b",
            "<sip:a@b> x",
        ] {
            assert!(text.parse::<NameAddr>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        let name = "a\" <sip:evil@x>\r\nEvil: yes\\";
        let made = NameAddr::anonymous().with_display(Some(name));
        assert_eq!(
            address(&made.to_string()).display.as_deref(),
            Some("a\" <sip:evil@x>  Evil: yes\\")
        );
    }
}
