//! What stands in a file for short losses, where the configuration asks for it: the last period of
//! the voice before the loss, over and over, fading away, after ITU-T G.711 Appendix I. Other than
//! there, nothing that came is touched: no sample beside the loss is blended with what is made up.

/// Longer losses stay silent: after 60 ms the fading has come to nothing (Appendix I, I.2.6).
pub(super) const LONGEST: usize = 480;
/// The periods that are tried, 5 to 15 ms: voices of 200 to 66 Hz, and multiples of higher ones.
const SHORTEST_PERIOD: usize = 40;
const LONGEST_PERIOD: usize = 120;
/// What is compared with what was a period earlier: 20 ms.
const COMPARED: usize = 160;
/// What must have been heard before a loss.
const NEEDED: usize = COMPARED + LONGEST_PERIOD;
/// From here on it fades: 10 ms.
const FADES_FROM: usize = 80;

/// The audio that was given out last, without a break.
#[derive(Debug, Default)]
pub(super) struct Heard(Vec<i16>);

impl Heard {
    pub(super) fn note(&mut self, samples: impl ExactSizeIterator<Item = i16>) {
        if self.0.capacity() == 0 {
            self.0.reserve_exact(2 * NEEDED);
        }
        for sample in samples {
            if self.0.len() == 2 * NEEDED {
                self.0.drain(..NEEDED);
            }
            self.0.push(sample);
        }
    }

    /// There is a break: what was before it says nothing about what comes.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    /// How it would go on; not known if too little was heard.
    pub(super) fn go_on(&self) -> Option<Continuation> {
        let heard = self.0.get(self.0.len().checked_sub(NEEDED)?..)?;
        let period = period(heard);
        let earlier = heard.get(NEEDED - 2 * period..NEEDED - period)?;
        let mut cycle = heard.get(NEEDED - period..)?.to_vec();
        // The end of the period is led over to what was before its beginning, so that it can be
        // repeated without a click: a quarter of it, as in Appendix I, I.2.3.
        let quarter = period / 4;
        let ends = cycle.iter_mut().zip(earlier).skip(period - quarter);
        for (step, (sample, before)) in (1_i32..).zip(ends) {
            let of = i32::try_from(quarter + 1).unwrap_or(i32::MAX);
            let sum = i32::from(*sample) * (of - step) + i32::from(*before) * step;
            *sample = i16::try_from(sum / of).unwrap_or(0);
        }
        Some(Continuation { cycle, given: 0 })
    }
}

/// Audio that was never sent, sample by sample, without end: silence after [`LONGEST`].
#[derive(Debug)]
pub(super) struct Continuation {
    cycle: Vec<i16>,
    given: usize,
}

impl Iterator for Continuation {
    type Item = i16;

    fn next(&mut self) -> Option<i16> {
        let sample = self.cycle.get(self.given % self.cycle.len().max(1))?;
        let left = LONGEST.saturating_sub(self.given.max(FADES_FROM));
        self.given += 1;
        let [left, whole] = [left, LONGEST - FADES_FROM].map(|n| i32::try_from(n).unwrap_or(0));
        i16::try_from(i32::from(*sample) * left / whole).ok()
    }
}

/// The period whose repetition is most like what was heard last.
fn period(heard: &[i16]) -> usize {
    let last = &heard[heard.len() - COMPARED..];
    let mut best = (LONGEST_PERIOD, 0_i128, 1_i128);
    for period in SHORTEST_PERIOD..=LONGEST_PERIOD {
        let earlier = &heard[heard.len() - COMPARED - period..heard.len() - period];
        let product = |(a, b): (&i16, &i16)| i128::from(i32::from(*a) * i32::from(*b));
        let likeness: i128 = last.iter().zip(earlier).map(product).sum();
        let power: i128 = earlier.iter().zip(earlier).map(product).sum();
        // The correlation, squared, by the power: greater as a fraction.
        if likeness > 0 && likeness * likeness * best.2 > best.1 * power {
            best = (period, likeness * likeness, power);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    /// A vowel of a voice that goes up from `hertz` by a tenth in a second: its harmonics, those
    /// around 600 and 1,500 Hz louder, and some breath.
    fn vowel(hertz: f64, samples: u32) -> Vec<i16> {
        let mut rng = StdRng::seed_from_u64(4);
        let mut angle = 0.0;
        let sample = |n: u32| {
            let pitch = hertz * (1.0 + 0.1 * f64::from(n) / 8000.0);
            angle += TAU * pitch / 8000.0;
            let harmonics = (1..=20).map(f64::from).filter(|k| k * pitch < 3400.0);
            let voice: f64 = harmonics
                .map(|k| {
                    let near = |formant: f64| (-((k * pitch - formant) / 200.0).powi(2)).exp();
                    (0.15 + near(600.0) + 0.5 * near(1500.0)) * (k * angle + k * k).cos()
                })
                .sum();
            #[expect(clippy::cast_possible_truncation, reason = "well within 16 bits")]
            let sample = (3000.0 * voice + rng.random_range(-100.0..100.0)) as i16;
            sample
        };
        (0..samples).map(sample).collect()
    }

    fn continued(audio: &[i16], from: usize, length: usize) -> Vec<i16> {
        let mut heard = Heard::default();
        heard.note(audio[..from].iter().copied());
        heard.go_on().unwrap().take(length).collect()
    }

    fn power(samples: impl Iterator<Item = i32>) -> f64 {
        samples.map(|sample| f64::from(sample).powi(2)).sum()
    }

    /// The power of the difference, as a share of what silence would differ by.
    fn error(truth: &[i16], made: &[i16]) -> f64 {
        let differences = truth.iter().zip(made);
        let differences = differences.map(|(a, b)| i32::from(*a) - i32::from(*b));
        power(differences) / power(truth.iter().map(|sample| i32::from(*sample)))
    }

    /// The strength of each band of 250 Hz.
    fn bands(samples: &[i16]) -> Vec<f64> {
        let strength = |harmonic: u32| {
            let (mut real, mut imaginary) = (0.0, 0.0);
            for (n, sample) in (0_u32..).zip(samples) {
                let angle = TAU * f64::from(harmonic * n % 160) / 160.0;
                real += f64::from(*sample) * angle.cos();
                imaginary += f64::from(*sample) * angle.sin();
            }
            real * real + imaginary * imaginary
        };
        let band = |first: u32| (first..first + 5).map(strength).sum::<f64>().sqrt();
        (1..=65).step_by(5).map(band).collect()
    }

    /// What is made up for 10, 20 and 40 ms of speech is nearer to it than silence: over 16 places
    /// and four voices, in the mean and nearly everywhere.
    #[test]
    fn what_is_made_up_is_nearer_to_speech_than_silence() {
        for (ms, at_most) in [(10, 0.15), (20, 0.3), (40, 0.7)] {
            let mut errors = Vec::new();
            for hertz in [90.0, 120.0, 160.0, 190.0] {
                let audio = vowel(hertz, 4000);
                for place in 0..16 {
                    let from = 600 + place * 173;
                    let truth = &audio[from..from + ms * 8];
                    errors.push(error(truth, &continued(&audio, from, ms * 8)));
                }
            }
            let mean = errors.iter().sum::<f64>() / f64::from(u32::try_from(errors.len()).unwrap());
            assert!(mean < at_most, "{ms} ms: {mean} {errors:?}");
            let worse = errors.iter().filter(|error| **error >= 1.0).count();
            assert!(worse <= 3, "{ms} ms: {worse} {errors:?}");
        }
    }

    /// The same of recorded speech, wherever 20 ms of it are loud: its spectrum is there, which is
    /// what the ear goes by.
    #[test]
    fn speech_is_more_like_itself_than_like_silence() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/proto-fixtures/speech");
        let mut errors = Vec::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "wav") {
                continue;
            }
            let audio = crate::recording::read_audio(&path).unwrap();
            let audio = &audio.channels[0];
            let places = (NEEDED..audio.len() - 160).step_by(500);
            let loud = |from: &usize| {
                let [before, there] = [*from - 160, *from].map(|at| {
                    let samples = audio[at..at + 160].iter();
                    power(samples.map(|sample| i32::from(*sample)))
                });
                before > 160.0 * 1e6 && there > 160.0 * 1e6
            };
            for from in places.filter(loud) {
                let truth = bands(&audio[from..from + 160]);
                let made = bands(&continued(audio, from, 160));
                let squares = truth.iter().zip(made).map(|(a, b)| (a - b).powi(2));
                errors.push(squares.sum::<f64>() / truth.iter().map(|a| a * a).sum::<f64>());
            }
        }
        errors.sort_unstable_by(f64::total_cmp);
        assert!(errors.len() > 50, "{}", errors.len());
        let median = errors[errors.len() / 2];
        assert!(median < 0.25, "{median}");
        let worse = errors.iter().filter(|error| **error >= 1.0).count();
        assert!(worse * 20 < errors.len(), "{worse} of {}", errors.len());
    }

    /// The control: repeating a wrong period is worse than silence.
    #[test]
    fn a_wrong_period_is_seen() {
        let audio = vowel(120.0, 4000);
        let shifted: Vec<_> = audio[2000 - 67 - 33..2000 - 33].repeat(3);
        assert!(error(&audio[2000..2160], &shifted[..160]) > 1.0);
        assert!(error(&audio[2000..2160], &continued(&audio, 2000, 160)) < 0.3);
    }

    #[test]
    fn it_fades_from_10_ms_on_and_is_silent_after_60() {
        let made = continued(&[8000; 400], 400, 600);
        assert!(made[..81].iter().all(|sample| *sample == 8000));
        assert!(made[80..481].windows(2).all(|two| two[1] < two[0]));
        assert_eq!(made[280], 4000);
        assert!(made[480..].iter().all(|sample| *sample == 0));
    }

    #[test]
    fn a_tone_goes_on_in_its_phase() {
        let tone = |n: u32| {
            #[expect(clippy::cast_possible_truncation, reason = "well within 16 bits")]
            let sample = (10_000.0 * (TAU * f64::from(n) / 80.0).sin()) as i16;
            sample
        };
        let audio: Vec<_> = (0..1000).map(tone).collect();
        let made = continued(&audio, 733, 80);
        assert!(error(&audio[733..813], &made) < 0.001);
    }

    #[test]
    fn of_too_little_nothing_is_made() {
        let mut heard = Heard::default();
        heard.note(std::iter::repeat_n(7, NEEDED - 1));
        assert!(heard.go_on().is_none());
        heard.note(std::iter::once(7));
        assert!(heard.go_on().is_some());
        heard.forget();
        assert!(heard.go_on().is_none());
    }

    #[test]
    fn the_loudest_and_the_most_quiet_do_not_break_it() {
        for level in [i16::MIN, i16::MAX, 0, 1] {
            assert_eq!(continued(&[level; 5000], 5000, 10), [level; 10]);
        }
        let square: Vec<_> = (0..900)
            .map(|n| if n / 50 % 2 == 0 { i16::MIN } else { i16::MAX })
            .collect();
        assert_eq!(continued(&square, 850, 40), [i16::MAX; 40]);
    }
}
