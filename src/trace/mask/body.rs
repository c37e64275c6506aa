//! Numbers and keys in bodies.

use std::ops::Range;

use super::{Veil, find};
use crate::trace::header::lines;

impl Veil<'_> {
    /// A session description keeps what media needs. Digits that somebody dials into an INFO may
    /// be a card's or a password; elsewhere numbers are masked as in headers.
    pub(super) fn body(&mut self, body: Range<usize>, kind: &[u8]) {
        let is_dtmf = find(kind, b"dtmf").is_some();
        for line in lines(self.octets, body) {
            let text = self.text(line.clone());
            if is_dtmf {
                self.dialled(line);
            } else if let [b'a'..=b'z', b'=', ..] = text {
                self.described(line);
            } else if !text.starts_with(b"--") {
                // A line of dashes parts a multipart body, and is named in Content-Type.
                self.hide_uri_passwords(line.clone());
                self.mask_numbers(line);
            }
        }
    }

    /// `Signal=5`, or the digit alone.
    fn dialled(&mut self, line: Range<usize>) {
        let text = self.text(line.clone());
        let equals = text.iter().position(|octet| *octet == b'=');
        let name = text.get(..equals.unwrap_or(0)).unwrap_or_default();
        let tells = equals.is_none() || name.trim_ascii().eq_ignore_ascii_case(b"Signal");
        if tells && self.masks() {
            self.hide(line.start + equals.map_or(0, |at| at + 1)..line.end);
        }
    }

    /// One line of a session description (RFC 8866 §5): the user of `o=`, free texts and
    /// telephone numbers may name a person.
    fn described(&mut self, line: Range<usize>) {
        let text = self.text(line.clone());
        match text.first() {
            Some(b'o') => {
                let user = text.iter().position(|octet| *octet == b' ');
                self.mask_numbers(line.start + 2..line.start + user.unwrap_or(text.len()).max(2));
            }
            Some(b's' | b'i' | b'u' | b'e' | b'p') => self.mask_numbers(line.start + 2..line.end),
            _ => self.hide_keys(line),
        }
    }
}
