//! Percent escapes of URIs (RFC 3261 §25.1 `escaped`): undone once and never twice, and
//! applied to whatever a part of a URI may not hold as it is.

use std::borrow::Cow;

/// `unreserved`: alphanumeric and marks.
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')'
        )
}

/// What `user` holds unescaped.
pub(super) const fn in_user(byte: u8) -> bool {
    is_unreserved(byte) || matches!(byte, b'&' | b'=' | b'+' | b'$' | b',' | b';' | b'?' | b'/')
}

/// What `password` holds unescaped.
pub(super) const fn in_password(byte: u8) -> bool {
    is_unreserved(byte) || matches!(byte, b'&' | b'=' | b'+' | b'$' | b',')
}

/// What the number of a `tel:` URI holds (RFC 3966 §3).
pub(super) const fn in_number(byte: u8) -> bool {
    is_unreserved(byte) || matches!(byte, b'+' | b'#')
}

/// What `uri-parameter` names and values hold unescaped.
pub(super) const fn in_parameter(byte: u8) -> bool {
    is_unreserved(byte) || matches!(byte, b'[' | b']' | b'/' | b':' | b'&' | b'+' | b'$')
}

/// What the value of one of a URI's headers holds unescaped: nothing that would end it, or that
/// a phone might take for a separator inside it.
pub(super) const fn in_header_value(byte: u8) -> bool {
    is_unreserved(byte)
}

/// What the `headers` of a URI hold unescaped, `=` and `&` between them included.
pub(super) const fn in_headers(byte: u8) -> bool {
    is_unreserved(byte)
        || matches!(
            byte,
            b'[' | b']' | b'/' | b'?' | b':' | b'+' | b'$' | b'=' | b'&'
        )
}

/// What the opaque part of a URI with an unknown scheme holds unescaped (`uric`).
pub(super) const fn in_opaque(byte: u8) -> bool {
    in_user(byte) || matches!(byte, b':' | b'@' | b'[' | b']' | b'#')
}

/// Escapes every octet that is not `legal` and not part of an escape already.
pub(super) fn escaped(text: &str, legal: fn(u8) -> bool) -> Cow<'_, str> {
    let octets = text.as_bytes();
    let fine = |at: usize, byte: u8| {
        legal(byte) || (byte == b'%' && hex_pair(octets.get(at + 1..at + 3)).is_some())
    };
    if octets.iter().enumerate().all(|(at, &byte)| fine(at, byte)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(escape(octets, fine))
}

/// Escapes plain text: every octet that is not `legal`, and every `%`.
pub(super) fn escape_all(text: &str, legal: fn(u8) -> bool) -> String {
    escape(text.as_bytes(), |_, byte| legal(byte))
}

fn escape(octets: &[u8], fine: impl Fn(usize, u8) -> bool) -> String {
    let mut out = String::with_capacity(octets.len() + 8);
    for (at, &byte) in octets.iter().enumerate() {
        if fine(at, byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&hex::encode_upper([byte]));
        }
    }
    out
}

/// Undoes the escapes of `text`, once. `%00` becomes an octet 0 like any other.
pub(super) fn unescaped(text: &str) -> String {
    let octets = text.as_bytes();
    let mut out = Vec::with_capacity(octets.len());
    let mut at = 0;
    while let Some(&byte) = octets.get(at) {
        match hex_pair(octets.get(at + 1..at + 3)) {
            Some(value) if byte == b'%' => {
                out.push(value);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    super::lex::text(&out).into_owned()
}

fn hex_pair(pair: Option<&[u8]>) -> Option<u8> {
    let &[high, low] = pair? else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}
