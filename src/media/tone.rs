//! Tones: 450 Hz, as China's ringback has it (ITU-T E.180 Supplement 2), in a cadence, and the
//! beep that tells an agent that the caller hears the notice.

use std::f64::consts::TAU;
use std::sync::OnceLock;

use super::ticks;
use crate::sdp::Codec;

/// Both our frequencies have whole periods in this many samples (20 ms), so one table of it
/// repeats without a seam.
const TABLE_SAMPLES: usize = 160;
const RINGBACK_HZ: f64 = 450.0;
const BEEP_HZ: f64 = 1000.0;
/// -10 dBm0 (YD/T 729: -10 ± 5): full scale is +3.14 dBm0 in A-law.
const RINGBACK_AMPLITUDE: f64 = 7200.0;
/// -16 dBm0: heard, not startling.
const BEEP_AMPLITUDE: f64 = 3600.0;
/// Length of the beep in samples: 200 ms.
pub const BEEP_SAMPLES: u64 = 200 * ticks::SAMPLES_PER_MS;

/// One sample of ringback: tone for `on_ms`, silence for `off_ms`, over and over.
pub fn ringback(position: u64, on_ms: u32, off_ms: u32) -> i16 {
    let on = u64::from(on_ms) * ticks::SAMPLES_PER_MS;
    let period = on + u64::from(off_ms) * ticks::SAMPLES_PER_MS;
    let within = position.checked_rem(period).unwrap_or(0);
    if within < on {
        at(ringback_table(), within)
    } else {
        0
    }
}

/// One sample of the beep.
pub fn beep(position: u64) -> i16 {
    static TABLE: OnceLock<[i16; TABLE_SAMPLES]> = OnceLock::new();
    at(
        TABLE.get_or_init(|| table(BEEP_HZ, BEEP_AMPLITUDE)),
        position,
    )
}

fn ringback_table() -> &'static [i16; TABLE_SAMPLES] {
    static TABLE: OnceLock<[i16; TABLE_SAMPLES]> = OnceLock::new();
    TABLE.get_or_init(|| table(RINGBACK_HZ, RINGBACK_AMPLITUDE))
}

fn at(table: &[i16; TABLE_SAMPLES], position: u64) -> i16 {
    let index = usize::try_from(position % TABLE_SAMPLES as u64).unwrap_or(0);
    table[index]
}

fn table(hertz: f64, amplitude: f64) -> [i16; TABLE_SAMPLES] {
    let mut table = [0; TABLE_SAMPLES];
    for (index, sample) in (0_u32..).zip(&mut table) {
        let angle = TAU * hertz * f64::from(index) / f64::from(Codec::CLOCK_RATE);
        #[expect(clippy::cast_possible_truncation, reason = "amplitudes are below 2^15")]
        let value = (amplitude * angle.sin()).round() as i16;
        *sample = value;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The share of a signal's power that is at `hertz` (Goertzel).
    fn share(samples: &[i16], hertz: f64) -> f64 {
        let (mut real, mut imaginary, mut total) = (0.0, 0.0, 0.0);
        for (index, sample) in (0_u32..).zip(samples) {
            let angle = TAU * hertz * f64::from(index) / 8000.0;
            let value = f64::from(*sample);
            real += value * angle.cos();
            imaginary += value * angle.sin();
            total += value * value;
        }
        let length = f64::from(u32::try_from(samples.len()).unwrap());
        2.0 * (real * real + imaginary * imaginary) / (length * total)
    }

    #[test]
    fn ringback_is_450_hertz_for_one_second_and_silent_for_four() {
        let samples: Vec<_> = (0..80_000).map(|n| ringback(n, 1000, 4000)).collect();
        assert!(share(&samples[..8000], 450.0) > 0.999);
        assert!(samples[8000..40_000].iter().all(|s| *s == 0));
        assert!(share(&samples[40_000..48_000], 450.0) > 0.999);
        assert_eq!(samples.iter().max(), Some(&7200));
    }

    #[test]
    fn the_beep_is_one_kilohertz() {
        let samples: Vec<_> = (0..BEEP_SAMPLES).map(beep).collect();
        assert!(share(&samples, 1000.0) > 0.999);
    }

    #[test]
    fn a_cadence_without_length_is_silence() {
        assert_eq!(ringback(77, 0, 0), 0);
    }
}
