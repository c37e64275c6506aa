//! Passwords, and what passwords could be guessed from.

use std::ops::Range;

use super::{Numbers, Veil, find};

/// Parameters that give nothing away (RFC 7616 §3.3, §3.4).
const OPEN: [&[u8]; 8] = [
    b"algorithm",
    b"charset",
    b"nc",
    b"qop",
    b"realm",
    b"stale",
    b"uri",
    b"username",
];

/// Hides the SRTP keys of a message before it is kept (RFC 4568 §6.1): whoever has them can listen
/// to a call that somebody captured, and nobody needs them to see what went wrong.
pub(in crate::trace) fn hide_srtp_keys(octets: &mut [u8]) {
    const NAME: &[u8] = b"a=crypto:";
    let mut at = 0;
    while let Some(found) = octets.get(at..).and_then(|rest| find(rest, NAME)) {
        let start = at + found + NAME.len();
        let rest = octets.get_mut(start..).unwrap_or_default();
        let is_end = |octet: &u8| matches!(octet, b'\r' | b'\n');
        let end = rest.iter().position(is_end).unwrap_or(rest.len());
        let line = rest.get_mut(..end).unwrap_or_default();
        let key = find(line, b"inline:").map_or(0, |method| method + 7);
        for octet in line.get_mut(key..).unwrap_or_default() {
            if !octet.is_ascii_whitespace() {
                *octet = b'*';
            }
        }
        at = start + end;
    }
}

impl Veil<'_> {
    /// A scheme and its parameters. What is not digest (Basic, Bearer) is hidden whole.
    pub(super) fn hide_credentials(&mut self, value: Range<usize>) {
        let text = self.text(value.clone());
        let before = text.iter().take_while(|octet| octet.is_ascii_whitespace());
        let before = before.count();
        let scheme = text.iter().skip(before);
        let end = before
            + scheme
                .take_while(|octet| !octet.is_ascii_whitespace())
                .count();
        let is_digest = text
            .get(before..end)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"Digest"));
        let parameters = value.start + end..value.end;
        if is_digest {
            self.hide_parameters(parameters);
        } else {
            self.hide(parameters);
        }
    }

    /// Parameters of digest authentication: response, nonces and whatever we do not know are
    /// hidden, name and realm stay.
    pub(super) fn hide_parameters(&mut self, list: Range<usize>) {
        for parameter in self.parameters(list) {
            let text = self.text(parameter.clone());
            let Some(equals) = text.iter().position(|octet| *octet == b'=') else {
                self.hide(parameter);
                continue;
            };
            let name = text.get(..equals).unwrap_or_default().trim_ascii();
            let value = parameter.start + equals + 1..parameter.end;
            if !OPEN.iter().any(|open| open.eq_ignore_ascii_case(name)) {
                self.hide_value(value);
            } else if name.eq_ignore_ascii_case(b"username") || name.eq_ignore_ascii_case(b"uri") {
                self.hide_uri_passwords(value.clone());
                self.mask_numbers(value);
            }
        }
    }

    /// The places between commas that stand outside quotes.
    fn parameters(&self, list: Range<usize>) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut start = list.start;
        let mut quoted = false;
        let mut escaped = false;
        for at in list.clone() {
            match self.octets.get(at) {
                _ if escaped => escaped = false,
                Some(b'\\') if quoted => escaped = true,
                Some(b'"') => quoted = !quoted,
                Some(b',') if !quoted => {
                    found.push(start..at);
                    start = at + 1;
                }
                _ => {}
            }
        }
        found.push(start..list.end);
        found
    }

    /// A value, whose quotes stay.
    fn hide_value(&mut self, value: Range<usize>) {
        for at in value {
            if self.octets.get(at) != Some(&b'"') {
                self.hide(at..at + 1);
            }
        }
    }

    /// `sip:user:password@host` (RFC 3261 §19.1.1), and wherever else an address has one.
    pub(super) fn hide_uri_passwords(&mut self, range: Range<usize>) {
        let mut at = range.start;
        while let Some(found) = find(self.text(at..range.end), b"sip") {
            at += found + 3;
            let rest = self.text(at..range.end);
            let scheme = match rest {
                [b':', ..] => 1,
                [b's' | b'S', b':', ..] => 2,
                _ => continue,
            };
            let start = at + scheme;
            let user = self.text(start..range.end);
            let ends =
                |octet: &u8| matches!(octet, b'@' | b'<' | b'>' | b'"' | b' ' | b'\r' | b'\n');
            let Some(end) = user.iter().position(ends) else {
                continue;
            };
            let colon = user.iter().position(|octet| *octet == b':');
            if user.get(end) == Some(&b'@')
                && let Some(colon) = colon.filter(|colon| *colon < end)
            {
                self.hide(start + colon + 1..start + end);
            }
        }
    }

    /// Keys in a session description (RFC 4568 §6.1, RFC 8866 §5.12, RFC 8839 §5.4).
    pub(super) fn hide_keys(&mut self, line: Range<usize>) {
        let text = self.text(line.clone());
        let secret = if text.starts_with(b"k=") {
            Some(2)
        } else if text.starts_with(b"a=crypto:") {
            find(text, b"inline:").map(|at| at + 7)
        } else if text.starts_with(b"a=ice-pwd:") {
            Some(10)
        } else if text.starts_with(b"a=key-mgmt:") {
            Some(11)
        } else {
            None
        };
        if let Some(secret) = secret {
            self.hide(line.start + secret..line.end);
        }
    }

    pub(super) fn masks(&self) -> bool {
        self.numbers == Numbers::Masked
    }
}
