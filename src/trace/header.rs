//! Where a message's parts are: its first line, its header fields, its body. Unlike the codec it
//! takes whatever was on the wire, since a message that is wrong is what people look for.

use std::ops::Range;

use crate::sip::HeaderName;

/// One header field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// Its name; `None` if that is none.
    pub(super) name: Option<HeaderName>,
    /// Its value, with the lines that continue it.
    pub(super) value: Range<usize>,
}

/// Where the parts of a message are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// The request line or status line.
    pub(super) start: Range<usize>,
    /// The header fields, in order.
    pub(super) fields: Vec<Field>,
    /// What follows the empty line.
    pub(super) body: Range<usize>,
}

impl Parts {
    /// Finds the parts of a message.
    pub(super) fn of(octets: &[u8]) -> Self {
        let mut parts = Self {
            body: octets.len()..octets.len(),
            ..Self::default()
        };
        let mut started = false;
        for line in lines(octets, 0..octets.len()) {
            let text = octets.get(line.clone()).unwrap_or_default();
            if text.is_empty() {
                if started {
                    parts.body = after_line(octets, line.end)..octets.len();
                    break;
                }
            } else if !started {
                started = true;
                parts.start = line;
            } else {
                parts.add(text, line);
            }
        }
        parts
    }

    /// One more line of the head.
    fn add(&mut self, text: &[u8], line: Range<usize>) {
        let continues = text
            .first()
            .is_some_and(|octet| matches!(octet, b' ' | b'\t'));
        if continues && let Some(last) = self.fields.last_mut() {
            last.value.end = line.end;
            return;
        }
        let colon = text.iter().position(|octet| *octet == b':');
        let name = colon.and_then(|colon| {
            let name = text.get(..colon)?.trim_ascii();
            HeaderName::parse(std::str::from_utf8(name).ok()?)
        });
        let value = line.start + colon.map_or(0, |colon| colon + 1)..line.end;
        self.fields.push(Field { name, value });
    }

    /// The first value of a header field.
    pub(super) fn value<'a>(&self, octets: &'a [u8], name: &str) -> Option<&'a [u8]> {
        let mut fields = self.fields.iter();
        let field = fields.find(|field| {
            let known = field.name.as_ref().map(HeaderName::as_str);
            known.is_some_and(|known| known.eq_ignore_ascii_case(name))
        })?;
        Some(octets.get(field.value.clone())?.trim_ascii())
    }
}

/// The lines within a range, without what ends them.
pub(super) fn lines(octets: &[u8], within: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut start = within.start;
    std::iter::from_fn(move || {
        let rest = octets
            .get(start..within.end)
            .filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|octet| *octet == b'\n');
        let line = start..start + length.unwrap_or(rest.len());
        start = line.end + 1;
        let ends_in_return = octets
            .get(line.clone())
            .is_some_and(|text| text.ends_with(b"\r"));
        Some(line.start..line.end - usize::from(ends_in_return))
    })
}

/// Where the next line begins.
fn after_line(octets: &[u8], mut end: usize) -> usize {
    for ending in [b'\r', b'\n'] {
        if octets.get(end) == Some(&ending) {
            end += 1;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(octets: &[u8], name: &str) -> Option<String> {
        let parts = Parts::of(octets);
        let value = parts.value(octets, name)?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    #[test]
    fn a_message_has_a_first_line_fields_and_a_body() {
        let octets = b"\r\nBYE sip:a SIP/2.0\r\ni: 1@x\r\nSubject: a\r\n  b\r\n\r\nv=0\r\n";
        let parts = Parts::of(octets);
        assert_eq!(&octets[parts.start.clone()], b"BYE sip:a SIP/2.0");
        assert_eq!(&octets[parts.body.clone()], b"v=0\r\n");
        assert_eq!(value(octets, "Call-ID").as_deref(), Some("1@x"));
        assert_eq!(value(octets, "Subject").as_deref(), Some("a\r\n  b"));
        assert_eq!(value(octets, "From"), None);
    }

    #[test]
    fn whatever_comes_has_parts_within_it() {
        for octets in [
            &b""[..],
            b"\n",
            b"\r\n\r\n",
            b"x",
            b" x\n y",
            b"A\nB\nC",
            b"A\n\xff\xfe: x\n\nq",
            b"A\r\n: \r\n\r\n",
        ] {
            let parts = Parts::of(octets);
            let ranges = parts.fields.iter().map(|field| field.value.clone());
            for range in ranges.chain([parts.start, parts.body]) {
                assert!(
                    octets.get(range.clone()).is_some(),
                    "{range:?} of {octets:?}"
                );
            }
        }
    }
}
