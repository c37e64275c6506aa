//! Audio of any rate, brought to the 8 kHz of the telephone, once, when it is loaded.

use rubato::audioadapter_buffers::owned::InterleavedOwned;
use rubato::{Fft, FixedSync, Resampler, WindowFunction};

use crate::media::ticks::SAMPLE_RATE;

/// Samples that go through the filter at once, at the higher rate: long enough for a steep edge
/// below 4 kHz.
const BLOCK: usize = 8192;
/// What a WAV of speech or music may have.
const RATES: std::ops::RangeInclusive<u32> = 4000..=192_000;

/// Audio between -1 and 1 as samples at 8 kHz, as loud as it was; `None` of a rate that no
/// recording has.
pub(super) fn to_telephone(audio: Vec<f64>, rate: u32) -> Option<Vec<i16>> {
    let audio = if rate == SAMPLE_RATE {
        audio
    } else {
        resampled(audio, rate)?
    };
    Some(audio.into_iter().map(sample).collect())
}

fn resampled(audio: Vec<f64>, rate: u32) -> Option<Vec<f64>> {
    let usable = RATES.contains(&rate);
    let (from, to) = (
        usize::try_from(rate).ok()?,
        usize::try_from(SAMPLE_RATE).ok()?,
    );
    let window = WindowFunction::BlackmanHarris2;
    let resampler =
        usable.then(|| Fft::<f64>::new_custom(from, to, BLOCK, 1, 1, window, FixedSync::Both).ok());
    let mut resampler = resampler.flatten()?;
    let length = audio.len();
    let input = InterleavedOwned::new_from(audio, 1, length).ok()?;
    let output = resampler.process_all(&input, length, None).ok()?;
    Some(output.take_data())
}

fn sample(value: f64) -> i16 {
    let scaled = (value * 32_768.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "it is brought into range")]
    let sample = scaled.clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16;
    sample
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    fn tone(hertz: f64, rate: u32, seconds: u32) -> Vec<f64> {
        let sample = |n| 0.5 * (TAU * hertz * f64::from(n) / f64::from(rate)).sin();
        (0..rate * seconds).map(sample).collect()
    }

    /// The level in decibels of what is far from the edges.
    fn level(samples: &[i16]) -> f64 {
        let middle = &samples[samples.len() / 4..samples.len() * 3 / 4];
        let power: f64 = middle.iter().map(|s| f64::from(*s).powi(2)).sum();
        let length = f64::from(u32::try_from(middle.len()).unwrap());
        10.0 * (power / length).max(1e-9).log10()
    }

    #[test]
    fn what_the_telephone_carries_keeps_its_level_and_the_rest_is_gone() {
        let full = level(&to_telephone(tone(1000.0, 8000, 2), 8000).unwrap());
        for rate in [11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000] {
            for hertz in [300.0, 1000.0, 3400.0] {
                let heard = level(&to_telephone(tone(hertz, rate, 2), rate).unwrap());
                assert!(
                    (heard - full).abs() < 0.5,
                    "{hertz} Hz at {rate}: {heard} {full}"
                );
            }
            let gone = level(&to_telephone(tone(5000.0, rate, 2), rate).unwrap());
            assert!(gone < full - 60.0, "5 kHz at {rate}: {gone} {full}");
        }
    }

    #[test]
    fn the_length_is_that_of_the_file() {
        for rate in [8000, 11_025, 16_000, 44_100, 48_000] {
            for samples in [1, 100, 4711, 100_000_u32] {
                let audio = vec![0.1; usize::try_from(samples).unwrap()];
                let made = to_telephone(audio, rate).unwrap().len() as u64;
                let right = u64::from(samples) * 8000 / u64::from(rate);
                assert!(made.abs_diff(right) <= 8, "{made} {right}");
            }
        }
    }

    #[test]
    fn what_is_loud_stays_within_bounds_and_wild_rates_are_refused() {
        assert_eq!(
            to_telephone(vec![1.5, -1.5, 0.0], 8000).unwrap(),
            [32_767, -32_768, 0]
        );
        for rate in [0, 1, 3999, 192_001, u32::MAX] {
            assert_eq!(to_telephone(vec![0.0; 100], rate), None);
        }
    }
}
