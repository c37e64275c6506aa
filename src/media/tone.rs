//! Tones: 450 Hz in the cadences of China's network (GF 002-9002; ITU-T E.180 Supplement 2), the
//! beep that tells an agent that the caller hears the notice, and keys (ITU-T Q.23).

use std::f64::consts::TAU;
use std::sync::OnceLock;

use super::ticks;
use crate::sdp::Codec;

/// All frequencies but the keys' have whole periods in this many samples (20 ms), so one table of it
/// repeats without a seam.
const TABLE_SAMPLES: usize = 160;
const RINGBACK_HZ: f64 = 450.0;
const BEEP_HZ: f64 = 1000.0;
/// -10 dBm0 (YD/T 729: -10 ± 5): full scale is +3.14 dBm0 in A-law.
const RINGBACK_AMPLITUDE: f64 = 7200.0;
/// -16 dBm0: heard, not startling.
const BEEP_AMPLITUDE: f64 = 3600.0;
/// A key's tones: -9 dBm0 and -7 dBm0 (ITU-T Q.24: the higher one a little louder).
const LOW_AMPLITUDE: f64 = 7940.0;
const HIGH_AMPLITUDE: f64 = 9997.0;
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

/// What a network says without words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// The network waits for digits.
    Dial,
    /// Dial again: something is special about the line.
    SpecialDial,
    /// The other party is busy, or has left.
    Busy,
    /// There is no way through.
    Congestion,
    /// There is no such number.
    Unobtainable,
    /// Another call waits.
    CallWaiting,
    /// An announcement follows (E.180 §6).
    SpecialInformation,
}

impl Tone {
    /// What it is made of, over and over: hertz (0 is silence) and milliseconds.
    const fn cadence(self) -> &'static [(u32, u32)] {
        match self {
            Self::Dial => &[(450, 1000)],
            Self::SpecialDial => &[(450, 400), (0, 40)],
            Self::Busy => &[(450, 350), (0, 350)],
            Self::Congestion => &[(450, 700), (0, 700)],
            Self::Unobtainable => &[
                (450, 100),
                (0, 100),
                (450, 100),
                (0, 100),
                (450, 100),
                (0, 100),
                (450, 400),
                (0, 400),
            ],
            Self::CallWaiting => &[(450, 400), (0, 4000)],
            Self::SpecialInformation => &[(950, 330), (1400, 330), (1800, 330), (0, 1000)],
        }
    }

    /// One sample of it.
    pub fn sample(self, position: u64) -> i16 {
        let samples = |ms: u32| u64::from(ms) * ticks::SAMPLES_PER_MS;
        let cadence = self.cadence();
        let period = cadence.iter().map(|(_, ms)| samples(*ms)).sum();
        let mut within = position.checked_rem(period).unwrap_or(0);
        for (hertz, ms) in cadence {
            if within < samples(*ms) {
                return at_hertz(*hertz, within);
            }
            within -= samples(*ms);
        }
        0
    }
}

fn at_hertz(hertz: u32, position: u64) -> i16 {
    static HIGH: [OnceLock<[i16; TABLE_SAMPLES]>; 3] = [const { OnceLock::new() }; 3];
    let [first, second, third] = &HIGH;
    let high = match hertz {
        450 => return at(ringback_table(), position),
        950 => first,
        1400 => second,
        1800 => third,
        _ => return 0,
    };
    let made = high.get_or_init(|| table(f64::from(hertz), RINGBACK_AMPLITUDE));
    at(made, position)
}

/// One sample of a key's two tones (ITU-T Q.23); silence for what is no key.
pub fn key(digit: char, position: u64) -> i16 {
    const ROWS: [&str; 4] = ["123A", "456B", "789C", "*0#D"];
    const LOW_HZ: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
    const HIGH_HZ: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
    let mut place = ROWS.iter().zip(LOW_HZ).filter_map(|(row, low)| {
        let column = row.find(digit)?;
        Some((low, *HIGH_HZ.get(column)?))
    });
    let Some((low, high)) = place.next() else {
        return 0;
    };
    let second = f64::from(ticks::wrapped(position)) / f64::from(Codec::CLOCK_RATE);
    let wave = |hertz: f64, amplitude: f64| amplitude * (TAU * hertz * second).sin();
    #[expect(clippy::cast_possible_truncation, reason = "amplitudes are below 2^15")]
    let value = (wave(low, LOW_AMPLITUDE) + wave(high, HIGH_AMPLITUDE)).round() as i16;
    value
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

    /// Tone and silence of a cadence, in milliseconds, as they are heard.
    fn heard(tone: Tone, ms: u32) -> Vec<(bool, u32)> {
        let mut heard: Vec<(bool, u32)> = Vec::new();
        for slice in 0..ms / 10 {
            let start = u64::from(slice) * 80;
            let is_on = (start..start + 80).any(|n| tone.sample(n).unsigned_abs() > 500);
            match heard.last_mut() {
                Some((last, length)) if *last == is_on => *length += 10,
                _ => heard.push((is_on, 10)),
            }
        }
        heard
    }

    #[test]
    fn the_network_s_tones_have_their_cadences() {
        let is = |tone, cadence: &[u32]| {
            let total = 2 * cadence.iter().sum::<u32>();
            let twice = cadence
                .iter()
                .chain(cadence)
                .zip([true, false].iter().cycle());
            let expected: Vec<_> = twice.map(|(ms, is_on)| (*is_on, *ms)).collect();
            assert_eq!(heard(tone, total), expected, "{tone:?}");
        };
        is(Tone::Busy, &[350, 350]);
        is(Tone::Congestion, &[700, 700]);
        is(Tone::CallWaiting, &[400, 4000]);
        is(Tone::SpecialDial, &[400, 40]);
        is(
            Tone::Unobtainable,
            &[100, 100, 100, 100, 100, 100, 400, 400],
        );
        is(Tone::SpecialInformation, &[990, 1000]);
        assert_eq!(heard(Tone::Dial, 5000), [(true, 5000)]);
        let dial: Vec<_> = (0..8000).map(|n| Tone::Dial.sample(n)).collect();
        assert!(share(&dial, 450.0) > 0.999);
        let second: Vec<_> = (2640..5280)
            .map(|n| Tone::SpecialInformation.sample(n))
            .collect();
        assert!(share(&second, 1400.0) > 0.99);
    }

    #[test]
    fn a_key_is_its_two_tones() {
        for (digit, low, high) in [
            ('1', 697.0, 1209.0),
            ('#', 941.0, 1477.0),
            ('D', 941.0, 1633.0),
        ] {
            let samples: Vec<_> = (0..8000).map(|n| key(digit, n)).collect();
            let (low, high) = (share(&samples, low), share(&samples, high));
            assert!(
                low > 0.3 && high > 0.5 && low + high > 0.99,
                "{digit}: {low} {high}"
            );
        }
        assert_eq!(key('x', 100), 0);
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
