//! Characters, quoted strings and lists: what every SIP value is made of (RFC 3261 §25.1).

use std::borrow::Cow;

use super::SyntaxError;

/// The characters of `token`.
pub(super) const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~'
        )
}

/// Whether `text` is one token.
pub(super) fn is_token_text(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token)
}

/// Space, tab, and what is left of a folded line.
pub(super) const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Reads octets of the wire as text: UTF-8, else GB18030, which Chinese gateways send.
pub(super) fn text(octets: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(octets) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(octets).0,
    }
}

/// Reads an unsigned decimal number; leading zeros are fine, signs are not.
pub(super) fn number(text: &str) -> Result<u32, SyntaxError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .ok_or(SyntaxError::BadNumber)
}

/// Walks over one value from left to right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches(is_space);
    }

    /// Steps over `expected` if it comes next.
    pub(super) fn eat(&mut self, expected: char) -> bool {
        let Some(rest) = self.rest.strip_prefix(expected) else {
            return false;
        };
        self.rest = rest;
        true
    }

    /// Steps over `expected` and the space on both its sides.
    pub(super) fn eat_spaced(&mut self, expected: char) -> bool {
        self.skip_space();
        let found = self.eat(expected);
        self.skip_space();
        found
    }

    pub(super) fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    pub(super) fn token(&mut self) -> &'a str {
        self.take_while(|c| c.is_ascii() && is_token(c as u8))
    }

    /// Reads a quoted string that starts here, without its quotes and escapes.
    ///
    /// # Errors
    /// [`SyntaxError::UnbalancedQuote`] when it does not end.
    pub(super) fn quoted(&mut self) -> Result<String, SyntaxError> {
        let inner = self
            .rest
            .strip_prefix('"')
            .ok_or(SyntaxError::UnexpectedCharacter)?;
        let mut value = String::new();
        let mut chars = inner.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = inner.get(at + 1..).unwrap_or_default();
                    return Ok(value);
                }
                '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
                _ => value.push(c),
            }
        }
        Err(SyntaxError::UnbalancedQuote)
    }
}

/// Splits a header's value at the commas outside quotes and angle brackets.
///
/// # Errors
/// An open quote or bracket, or nothing between two commas.
pub(super) fn split_list(value: &str) -> Result<Vec<&str>, SyntaxError> {
    let mut elements = Vec::with_capacity(1);
    let (mut quoted, mut escaped, mut bracketed, mut start) = (false, false, false, 0);
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if !bracketed => quoted = !quoted,
            _ if quoted => {}
            b'<' => bracketed = true,
            b'>' => bracketed = false,
            b',' if !bracketed => {
                elements.push(element(value, start, at)?);
                start = at + 1;
            }
            _ => {}
        }
    }
    if quoted {
        return Err(SyntaxError::UnbalancedQuote);
    }
    if bracketed {
        return Err(SyntaxError::UnbalancedBracket);
    }
    elements.push(element(value, start, value.len())?);
    Ok(elements)
}

fn element(value: &str, start: usize, end: usize) -> Result<&str, SyntaxError> {
    let element = value.get(start..end).unwrap_or_default();
    let element = element.trim_matches(is_space);
    if element.is_empty() {
        return Err(SyntaxError::EmptyElement);
    }
    Ok(element)
}
