//! Arithmetic of the RTP clock: samples of 8 kHz audio, and counters that wrap.

use std::time::Duration;

use crate::sdp::Codec;

/// Samples in a second.
pub const SAMPLE_RATE: u32 = Codec::CLOCK_RATE;
/// Samples in a millisecond.
pub const SAMPLES_PER_MS: u64 = Codec::CLOCK_RATE as u64 / 1000;

/// Whole samples in a duration.
pub fn samples(duration: Duration) -> u64 {
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    micros.saturating_mul(SAMPLES_PER_MS) / 1000
}

/// The duration of some samples.
pub fn duration(samples: u64) -> Duration {
    Duration::from_micros(samples.saturating_mul(1000) / SAMPLES_PER_MS)
}

/// A count of samples as the RTP timestamp counts it, modulo 2^32.
#[expect(clippy::cast_possible_truncation, reason = "the RTP timestamp wraps")]
pub const fn wrapped(samples: u64) -> u32 {
    samples as u32
}

/// How far sequence number `to` is ahead of `from`, the short way round.
pub const fn sequence_step(from: u16, to: u16) -> i16 {
    to.wrapping_sub(from).cast_signed()
}

/// How far timestamp `to` is ahead of `from`, the short way round.
pub const fn timestamp_step(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}
