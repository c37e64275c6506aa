//! The mark that a packet carries through whatever relays it: who sent it, its number, and when.
//!
//! It stands in the first 16 octets of a payload that is a tone otherwise, and passes a relay that
//! leaves G.711 as it is.

use crate::media::g711;
use crate::sdp::Codec;

/// Octets of a packet of 20 ms.
pub(super) const PAYLOAD_BYTES: usize = 160;
const MARK_BYTES: usize = 16;
/// No tone has these octets at its beginning.
const MAGIC: [u8; 3] = [0x2A, 0xC5, 0x71];
/// Zeros, of which a mark is full, would be the loudest octets of µ-law; so they are its silence.
const QUIET: u8 = 0xFF;
const SAMPLE_RATE: f64 = 8000.0;
/// Loud enough that no mark drowns it.
const AMPLITUDE: f64 = 20_000.0;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The caller, 400 Hz.
    Caller,
    /// The agent, 800 Hz.
    Agent,
}

impl Side {
    /// Both, the caller first.
    pub const BOTH: [Self; 2] = [Self::Caller, Self::Agent];

    /// The tone that the side speaks.
    pub const fn hertz(self) -> u32 {
        match self {
            Self::Caller => 400,
            Self::Agent => 800,
        }
    }

    /// Its place in [`Side::BOTH`].
    pub const fn index(self) -> usize {
        match self {
            Self::Caller => 0,
            Self::Agent => 1,
        }
    }
}

/// One packet's mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Who sent it.
    pub side: Side,
    /// In which call.
    pub call: u16,
    /// The how-manieth of its stream, from 0.
    pub number: u32,
    /// When, in microseconds since the run began.
    pub sent_us: u64,
}

impl Marker {
    /// Writes the mark over the beginning of a payload.
    pub fn write(&self, payload: &mut [u8]) {
        let side = [u8::from(self.side == Side::Agent)];
        let sent = self.sent_us.to_be_bytes();
        let parts: [&[u8]; 5] = [
            &MAGIC,
            &side,
            &self.call.to_be_bytes(),
            &self.number.to_be_bytes(),
            &sent[2..],
        ];
        let octets = parts.into_iter().flatten();
        for (place, octet) in payload.iter_mut().zip(octets) {
            *place = *octet ^ QUIET;
        }
    }

    /// Reads the mark of a payload; `None` if it has none.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let (mark, _) = payload.split_first_chunk::<MARK_BYTES>()?;
        let mark = mark.map(|octet| octet ^ QUIET);
        let [m0, m1, m2, side, c0, c1, n0, n1, n2, n3, sent @ ..] = mark;
        if [m0, m1, m2] != MAGIC {
            return None;
        }
        let side = match side {
            0 => Side::Caller,
            1 => Side::Agent,
            _ => return None,
        };
        let [t0, t1, t2, t3, t4, t5] = sent;
        Some(Self {
            side,
            call: u16::from_be_bytes([c0, c1]),
            number: u32::from_be_bytes([n0, n1, n2, n3]),
            sent_us: u64::from_be_bytes([0, 0, t0, t1, t2, t3, t4, t5]),
        })
    }
}

/// 20 ms of a side's tone in µ-law. Both tones begin anew with each packet without a seam.
pub(super) fn tone(side: Side) -> [u8; PAYLOAD_BYTES] {
    let mut n = 0_u32;
    [(); PAYLOAD_BYTES].map(|()| {
        let turns = f64::from(n * side.hertz()) / SAMPLE_RATE;
        n += 1;
        #[expect(clippy::cast_possible_truncation, reason = "well within 16 bits")]
        let sample = (AMPLITUDE * (std::f64::consts::TAU * turns).sin()) as i16;
        g711::encode(Codec::Pcmu, sample)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            is_agent: bool, call: u16, number: u32, sent_us in 0..1_u64 << 48,
        ) {
            let side = if is_agent { Side::Agent } else { Side::Caller };
            let marker = Marker { side, call, number, sent_us };
            let mut payload = tone(side);
            marker.write(&mut payload);
            prop_assert_eq!(Marker::read(&payload), Some(marker));
            prop_assert_eq!(&payload[MARK_BYTES..], &tone(side)[MARK_BYTES..]);
        }

        #[test]
        fn any_octets_are_read_without_panic(payload in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = Marker::read(&payload);
        }
    }

    #[test]
    fn a_tone_alone_has_no_mark() {
        for side in Side::BOTH {
            assert_eq!(Marker::read(&tone(side)), None);
        }
    }
}
