//! A recording, read back by `hound` and measured.

use std::path::Path;

use crate::tone::{is_silence, is_tone};

/// 20 ms at 8 kHz.
const WINDOW: usize = 160;

/// Left: what the caller said. Right: what the caller was sent.
pub(crate) struct Wav {
    pub(crate) left: Track,
    pub(crate) right: Track,
}

/// One channel.
pub(crate) struct Track(Vec<i16>);

impl Wav {
    /// Reads a file that must be whole: stereo, 16 bit, 8 kHz (R188).
    pub(crate) fn read(path: &Path) -> Self {
        let mut reader = hound::WavReader::open(path).unwrap();
        let spec = reader.spec();
        assert_eq!(
            (spec.channels, spec.sample_rate, spec.bits_per_sample),
            (2, 8000, 16)
        );
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(samples.len() % 2, 0, "half a frame in {}", path.display());
        let channel = |n| Track(samples.iter().skip(n).step_by(2).copied().collect());
        Self {
            left: channel(0),
            right: channel(1),
        }
    }

    pub(crate) fn length_ms(&self) -> u64 {
        self.left.0.len() as u64 / 8
    }
}

impl Track {
    fn windows(&self) -> impl Iterator<Item = &[i16]> {
        self.0.chunks_exact(WINDOW)
    }

    /// How much of it is this tone, in milliseconds.
    pub(crate) fn tone_ms(&self, hz: u32) -> u64 {
        20 * self.windows().filter(|window| is_tone(window, hz)).count() as u64
    }

    /// How much of it is neither silence nor this tone.
    pub(crate) fn other_ms(&self, hz: u32) -> u64 {
        let other = |window: &&[i16]| !is_silence(window) && !is_tone(window, hz);
        20 * self.windows().filter(other).count() as u64
    }

    /// The place of this tone's first and last window, in milliseconds.
    pub(crate) fn tone_span_ms(&self, hz: u32) -> Option<(u64, u64)> {
        let mut places = self
            .windows()
            .enumerate()
            .filter(|(_, window)| is_tone(window, hz))
            .map(|(n, _)| 20 * n as u64);
        let first = places.next()?;
        Some((first, places.last().unwrap_or(first)))
    }

    /// The samples from one place to another.
    pub(crate) fn between(&self, from_ms: u64, to_ms: u64) -> &[i16] {
        let at = |ms: u64| usize::try_from(ms * 8).unwrap().min(self.0.len());
        &self.0[at(from_ms)..at(to_ms)]
    }
}
