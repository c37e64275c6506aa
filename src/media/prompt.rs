//! Spoken prompts, ready to be sent in either law.

use super::{g711, ticks};
use crate::sdp::Codec;

/// A prompt's audio, encoded once when it is loaded, so that playing it is copying it.
#[derive(Clone, PartialEq, Eq)]
pub struct Prompt {
    pcma: Box<[u8]>,
    pcmu: Box<[u8]>,
}

impl Prompt {
    /// A prompt of 8 kHz linear samples.
    pub fn new(samples: &[i16]) -> Self {
        let encoded = |codec| samples.iter().map(|s| g711::encode(codec, *s)).collect();
        Self {
            pcma: encoded(Codec::Pcma),
            pcmu: encoded(Codec::Pcmu),
        }
    }

    /// The audio in one law, an octet a sample.
    pub fn octets(&self, codec: Codec) -> &[u8] {
        match codec {
            Codec::Pcma => &self.pcma,
            Codec::Pcmu => &self.pcmu,
        }
    }

    /// Length in samples.
    pub fn samples(&self) -> u64 {
        self.pcma.len() as u64
    }

    /// Length in milliseconds.
    pub fn length_ms(&self) -> u64 {
        self.samples() / ticks::SAMPLES_PER_MS
    }
}

impl std::fmt::Debug for Prompt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prompt({} ms)", self.length_ms())
    }
}
