//! The peaks of a recording, for drawing it without reading it: minimum and maximum of each
//! stretch of each channel, at three zoom levels.
//!
//! The form is that of BBC audiowaveform's binary data, version 2, with two channels and 8 bits
//! (`deploy/docs/recordings.md` has it in full). One such document is one zoom level; the file has
//! three, one behind the other, the finest first, so that a program that knows one only reads the
//! finest and leaves the rest.

use super::analysis::WINDOW_SAMPLES;
use crate::media::ticks::SAMPLE_RATE;

/// Stretches of a level that make one of the next: 10 ms, 100 ms, 1 s.
const ZOOM: u32 = 10;
const LEVELS: usize = 3;
const VERSION: i32 = 2;
/// Bit 0 of the flags: 8 bits a value.
const EIGHT_BITS: u32 = 1;
const CHANNELS: u32 = 2;
/// Minimum and maximum of both channels.
const STRETCH_BYTES: usize = 4;

/// Least and greatest sample of each channel in one stretch.
type Stretch = [(i16, i16); 2];

/// Peaks as they grow.
#[derive(Debug, Default)]
pub(super) struct Peaks {
    levels: [Vec<u8>; LEVELS],
    open: [Open; LEVELS - 1],
}

/// A coarser stretch that is not complete.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    stretch: Option<Stretch>,
    parts: u32,
}

impl Peaks {
    /// Takes the next stretch of the finest level.
    pub(super) fn push(&mut self, stretch: Stretch) {
        self.push_at(0, stretch);
    }

    fn push_at(&mut self, level: usize, stretch: Stretch) {
        if let Some(values) = self.levels.get_mut(level) {
            let octets = stretch.iter().flat_map(|(min, max)| [*min, *max]);
            values.extend(octets.map(octet));
        }
        let Some(open) = self.open.get_mut(level) else {
            return;
        };
        let whole = open.stretch.map_or(stretch, |open| merged(open, stretch));
        open.parts += 1;
        if open.parts == ZOOM {
            *open = Open::default();
            self.push_at(level + 1, whole);
        } else {
            open.stretch = Some(whole);
        }
    }

    /// The file.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        for level in 0..self.open.len() {
            let rest = self
                .open
                .get_mut(level)
                .and_then(|open| open.stretch.take());
            if let Some(rest) = rest {
                self.push_at(level + 1, rest);
            }
        }
        let mut bytes = Vec::new();
        let mut samples = WINDOW_SAMPLES;
        for values in &self.levels {
            let stretches = u32::try_from(values.len() / STRETCH_BYTES).unwrap_or(u32::MAX);
            bytes.extend(VERSION.to_le_bytes());
            for field in [EIGHT_BITS, SAMPLE_RATE, samples, stretches, CHANNELS] {
                bytes.extend(field.to_le_bytes());
            }
            bytes.extend(values);
            samples *= ZOOM;
        }
        bytes
    }
}

fn merged(a: Stretch, b: Stretch) -> Stretch {
    let [a_left, a_right] = a;
    let [b_left, b_right] = b;
    let both = |a: (i16, i16), b: (i16, i16)| (a.0.min(b.0), a.1.max(b.1));
    [both(a_left, b_left), both(a_right, b_right)]
}

/// 16 bits as 8: divided by 256, towards zero.
fn octet(sample: i16) -> u8 {
    let [value, _] = (sample / 256).to_le_bytes();
    value
}
