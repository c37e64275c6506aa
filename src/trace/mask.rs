//! A message as it may be shown: telephone numbers masked, secrets hidden, its length kept, so
//! that Content-Length stays true and a capture file stays readable.
//!
//! What is not known to be harmless is taken to hold numbers: only headers that routing and
//! matching need are left as they are (Via, Call-ID, `CSeq`, tags, hosts).

mod body;
mod number;
mod secret;

use std::ops::Range;

pub(super) use secret::hide_srtp_keys;

use super::header::{Field, Parts};
use crate::sip::HeaderName;

/// Whether telephone numbers are shown. Secrets never are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// As `138****5678`.
    Masked,
    /// Whole.
    Shown,
}

/// Headers that hold no number: names of dialogs, protocol figures, lists of tokens.
const HARMLESS: [&str; 36] = [
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Allow",
    "Allow-Events",
    "CSeq",
    "Call-ID",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Type",
    "Date",
    "Event",
    "Expires",
    "In-Reply-To",
    "Join",
    "MIME-Version",
    "Max-Forwards",
    "Min-Expires",
    "Min-SE",
    "Privacy",
    "Proxy-Require",
    "RAck",
    "RSeq",
    "Replaces",
    "Require",
    "Retry-After",
    "Server",
    "Session-Expires",
    "Subscription-State",
    "Supported",
    "Target-Dialog",
    "Timestamp",
    "User-Agent",
    "Via",
];

/// Headers of digest authentication (RFC 3261 §22.4) with the scheme before the parameters.
const CREDENTIALS: [&str; 4] = [
    "Authorization",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "WWW-Authenticate",
];

/// The same without a scheme (RFC 3261 §20.6).
const INFOS: [&str; 2] = ["Authentication-Info", "Proxy-Authentication-Info"];

/// The message as it may be shown, as long as it was.
pub fn mask(octets: &[u8], numbers: Numbers) -> Vec<u8> {
    let parts = Parts::of(octets);
    let mut veil = Veil {
        octets,
        shown: octets.to_vec(),
        numbers,
    };
    veil.start_line(parts.start.clone());
    for field in &parts.fields {
        veil.field(field);
    }
    let kind = parts.value(octets, "Content-Type").unwrap_or_default();
    veil.body(parts.body.clone(), kind);
    veil.shown
}

/// A message, and what of it is shown so far.
struct Veil<'a> {
    octets: &'a [u8],
    shown: Vec<u8>,
    numbers: Numbers,
}

impl Veil<'_> {
    fn start_line(&mut self, line: Range<usize>) {
        self.hide_uri_passwords(line.clone());
        self.mask_numbers(line);
    }

    fn field(&mut self, field: &Field) {
        let name = field.name.as_ref().map_or("", HeaderName::as_str);
        let is_one_of = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        if is_one_of(&CREDENTIALS) {
            self.hide_credentials(field.value.clone());
        } else if is_one_of(&INFOS) {
            self.hide_parameters(field.value.clone());
        } else if name.eq_ignore_ascii_case("Identity") {
            // A signed token whose middle is both numbers in base64 (RFC 8224 §4).
            if self.numbers == Numbers::Masked {
                self.hide(field.value.clone());
            }
        } else if !is_one_of(&HARMLESS) {
            self.hide_uri_passwords(field.value.clone());
            self.mask_numbers(field.value.clone());
        }
    }

    /// Puts a star in the place of every octet that is not white space.
    fn hide(&mut self, range: Range<usize>) {
        for octet in self.shown.get_mut(range).unwrap_or_default() {
            if !octet.is_ascii_whitespace() {
                *octet = b'*';
            }
        }
    }

    fn text(&self, range: Range<usize>) -> &[u8] {
        self.octets.get(range).unwrap_or_default()
    }
}

/// The first place of `wanted` in `text`, in any case of letters.
fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut places = text.windows(wanted.len());
    places.position(|place| place.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests;
