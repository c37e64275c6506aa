//! Parameters: `;name=value` behind a URI or a header's value.

use std::fmt::{self, Write};

use super::SyntaxError;
use super::escape::{escaped, in_parameter};
use super::lex::{Scanner, is_space, is_token_text};

/// Parameters in their order. Names compare without case; a flag has no value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Params(Vec<(String, Option<String>)>);

impl Params {
    /// No parameters.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of `name`: `None` when it is absent, and also when it is a flag
    /// (see [`has`](Self::has)).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(name).and_then(|(_, value)| value.as_deref())
    }

    /// Whether `name` is there, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Sets `name` to `value`, in its place if it is there, else at the end.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.map(str::to_owned);
        match self
            .0
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
        {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Removes every `name`.
    pub fn remove(&mut self, name: &str) {
        self.0
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    fn find(&self, name: &str) -> Option<&(String, Option<String>)> {
        self.0
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// Reads the parameters of a URI, the first `;` already cut off. Nothing between two `;`
    /// is passed over.
    pub(super) fn parse_uri(text: &str) -> Self {
        let is_named = |parameter: &&str| !parameter.is_empty() && !parameter.starts_with('=');
        let parameters = text.split(';').filter(is_named);
        Self(
            parameters
                .map(|parameter| match parameter.split_once('=') {
                    Some((name, value)) => (legal(name), Some(legal(value))),
                    None => (legal(parameter), None),
                })
                .collect(),
        )
    }

    /// Reads the parameters of a header's value, up to its end.
    pub(super) fn parse_header(scanner: &mut Scanner<'_>) -> Result<Self, SyntaxError> {
        let mut params = Vec::new();
        loop {
            scanner.skip_space();
            if scanner.is_empty() {
                return Ok(Self(params));
            }
            if !scanner.eat_spaced(';') {
                return Err(SyntaxError::UnexpectedCharacter);
            }
            let name = scanner.token();
            if name.is_empty() {
                return Err(SyntaxError::EmptyElement);
            }
            let value = scanner
                .eat_spaced('=')
                .then(|| parse_value(scanner))
                .transpose()?;
            params.push((name.to_owned(), value));
        }
    }

    /// Writes them behind a URI, escaping what they may not hold.
    pub(super) fn write_uri(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.0.iter().filter(|(name, _)| !name.is_empty()) {
            write!(f, ";{}", escaped(name, in_parameter))?;
            if let Some(value) = value {
                write!(f, "={}", escaped(value, in_parameter))?;
            }
        }
        Ok(())
    }

    /// Writes them behind a header's value, quoting what needs quotes. A name that is no
    /// token is left out.
    pub(super) fn write_header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.0.iter().filter(|(name, _)| is_token_text(name)) {
            write!(f, ";{name}")?;
            match value {
                Some(value) if is_bare(value) => write!(f, "={value}")?,
                Some(value) => {
                    f.write_char('=')?;
                    write_quoted(f, value)?;
                }
                None => {}
            }
        }
        Ok(())
    }
}

impl FromIterator<(String, Option<String>)> for Params {
    fn from_iter<I: IntoIterator<Item = (String, Option<String>)>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

/// Writes a quoted string (RFC 3261 §25.1). Control characters become spaces, so that
/// nothing can end the line.
pub(super) fn write_quoted(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.write_char('\\')?;
                out.write_char(c)?;
            }
            c if c.is_control() => out.write_char(' ')?,
            c => out.write_char(c)?,
        }
    }
    out.write_char('"')
}

/// Control characters as spaces: what a quoted string read from the wire may not keep.
pub(super) fn without_controls(text: String) -> String {
    if text.contains(char::is_control) {
        return text.replace(char::is_control, " ");
    }
    text
}

fn parse_value(scanner: &mut Scanner<'_>) -> Result<String, SyntaxError> {
    if scanner.peek() == Some('"') {
        return scanner.quoted().map(without_controls);
    }
    let value = scanner.take_while(|c| !is_space(c) && !matches!(c, ';' | ',' | '"' | '<' | '>'));
    Ok(without_controls(value.to_owned()))
}

/// Whether a value is written without quotes: a token, a host, and the looser alphabets
/// (base64, `@`) that peers use in tags and branches and want to see again unchanged.
fn is_bare(value: &str) -> bool {
    let loose = |byte: u8| {
        byte.is_ascii_graphic() && !matches!(byte, b';' | b',' | b'"' | b'<' | b'>' | b'\\')
    };
    !value.is_empty() && value.bytes().all(loose)
}

fn legal(text: &str) -> String {
    escaped(text, in_parameter).into_owned()
}
