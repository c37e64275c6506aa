//! Telephone numbers in a header's value, however they are written: with separators, escaped, or
//! in full-width digits.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::{Veil, find};
use crate::rules::mask_number;

/// Parameters that are no number, and that name a dialog, a hop or a time.
const PARAMETERS: [&[u8]; 17] = [
    b"+sip.instance",
    b"branch",
    b"cause",
    b"early-only",
    b"expires",
    b"from-tag",
    b"ftag",
    b"index",
    b"maddr",
    b"ob",
    b"q",
    b"received",
    b"reg-id",
    b"rport",
    b"tag",
    b"to-tag",
    b"ttl",
];
/// The full-width digit 0 and star of East Asian texts, in UTF-8; the other digits follow.
const WIDE_ZERO: [u8; 3] = [0xEF, 0xBC, 0x90];
const WIDE_STAR: [u8; 3] = [0xEF, 0xBC, 0x8A];

/// One character of a number.
#[derive(Clone, Debug)]
struct Digit {
    place: Range<usize>,
    character: char,
    /// What it is masked with.
    star: &'static [u8],
}

impl Veil<'_> {
    /// Masks every number within `range`, except in hosts and in the parameters that are none.
    pub(super) fn mask_numbers(&mut self, range: Range<usize>) {
        if !self.masks() {
            return;
        }
        let mut quoted = false;
        let mut at = range.start;
        while at < range.end {
            let rest = self.text(at..range.end);
            if rest.first() == Some(&b'"') {
                quoted = !quoted;
                at += 1;
            } else if let Some(skipped) = (!quoted).then(|| skipped(rest)).flatten() {
                at += skipped;
            } else {
                at = self.mask_run(at, range.end);
            }
        }
    }

    /// Masks the number that begins at `at`, if one does; where to go on.
    fn mask_run(&mut self, at: usize, end: usize) -> usize {
        let Some(first) = digit(self.octets, at, end) else {
            return at + 1;
        };
        let mut run = vec![first];
        let mut after = run.first().map_or(at + 1, |digit| digit.place.end);
        while let Some(next) = next_digit(self.octets, after, end) {
            after = next.place.end;
            run.push(next);
        }
        let is_address = std::str::from_utf8(self.text(at..after))
            .is_ok_and(|text| text.parse::<Ipv4Addr>().is_ok());
        if !is_address {
            let number: String = run.iter().map(|digit| digit.character).collect();
            for (digit, masked) in run.iter().zip(mask_number(&number).chars()) {
                if masked != digit.character
                    && let Some(place) = self.shown.get_mut(digit.place.clone())
                {
                    place.copy_from_slice(digit.star);
                }
            }
        }
        after
    }
}

/// The digit that begins at `at`; a plus, a star and a hash are dialled as well.
fn digit(octets: &[u8], at: usize, end: usize) -> Option<Digit> {
    let rest = octets.get(at..end)?;
    let (length, character, star): (_, _, &'static [u8]) = match rest {
        [octet @ (b'0'..=b'9' | b'+' | b'*' | b'#'), ..] => (1, char::from(*octet), b"*"),
        [b'%', b'3', octet @ b'0'..=b'9', ..] => (3, char::from(*octet), b"%2A"),
        [b'%', b'2', b'3', ..] => (3, '#', b"%2A"),
        [b'%', b'2', b'B' | b'b', ..] => (3, '+', b"%2A"),
        [0xEF, 0xBC, octet @ 0x90..=0x99, ..] => {
            let character = char::from(b'0' + (octet - WIDE_ZERO[2]));
            (3, character, &WIDE_STAR)
        }
        _ => return None,
    };
    Some(Digit {
        place: at..at + length,
        character,
        star,
    })
}

/// The next digit of the same number: at `after`, or past one or two separators.
fn next_digit(octets: &[u8], after: usize, end: usize) -> Option<Digit> {
    (0..=2).find_map(|separators| {
        let between = octets.get(after..after + separators)?;
        let joins = between
            .iter()
            .all(|octet| matches!(octet, b'-' | b'.' | b' ' | b'(' | b')'));
        digit(octets, after + separators, end).filter(|_| joins)
    })
}

/// How much of `rest` is no number's place: the host of an address, a parameter that is none, the
/// dialog in an embedded Replaces.
fn skipped(rest: &[u8]) -> Option<usize> {
    let until = |ends: &[u8]| {
        let place = rest.iter().skip(1).position(|octet| ends.contains(octet));
        place.map_or(rest.len(), |place| place + 1)
    };
    match rest {
        [b'@', ..] => Some(until(b";>?,\"< \t\r\n")),
        // An IPv6 host without a user.
        [b'[', after @ ..] => {
            let length = after.iter().position(|octet| *octet == b']')?;
            let host = std::str::from_utf8(after.get(..length)?).ok()?;
            host.parse::<Ipv6Addr>().is_ok().then_some(length + 2)
        }
        [b'?' | b'&', after @ ..] if find(after, b"Replaces=") == Some(0) => Some(until(b"&>")),
        [b';', after @ ..] => {
            let length = after.iter().position(|octet| *octet == b'=')?;
            let name = after.get(..length)?.trim_ascii();
            let known = PARAMETERS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name));
            known.then(|| until(b";>,\r\n"))
        }
        _ => None,
    }
}
