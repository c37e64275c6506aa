//! Whether the supervisor, who hums one tone, is heard in a recording.

use std::f64::consts::TAU;

use crate::recording::level_dbfs;

/// What the supervisor hums.
const TONE_HZ: f64 = 2300.0;
/// Speech and music have less than this at exactly that frequency for half a second; the tone, as it
/// comes over a phone, has 20 dB more.
const LOUDEST_DBFS: f64 = -32.0;
const SAMPLES_PER_SECOND: f64 = 8000.0;
/// Half a second.
const WINDOW: usize = 4000;

/// Whether the tone is in these samples, alone or behind something else.
pub(super) fn is_overheard(samples: &[i16]) -> bool {
    let windows = samples.windows(WINDOW).step_by(WINDOW / 4);
    windows.into_iter().any(|window| {
        let tone = project(window);
        level_dbfs(&tone).is_some_and(|level| level > LOUDEST_DBFS)
    })
}

/// What of the samples is the tone: their projection on its sine and cosine.
#[expect(
    clippy::cast_possible_truncation,
    reason = "no more than the samples themselves, but for rounding"
)]
fn project(samples: &[i16]) -> Vec<i16> {
    let mut angle: f64 = 0.0;
    let mut turns = Vec::with_capacity(samples.len());
    let (mut sine, mut cosine, mut count) = (0.0, 0.0, 0.0);
    for sample in samples {
        let (s, c) = angle.sin_cos();
        sine += f64::from(*sample) * s;
        cosine += f64::from(*sample) * c;
        count += 0.5;
        turns.push((s, c));
        angle += TAU * TONE_HZ / SAMPLES_PER_SECOND;
    }
    let (sine, cosine) = (sine / count, cosine / count);
    let value = |(s, c): (f64, f64)| sine.mul_add(s, cosine * c) as i16;
    turns.into_iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::recording::read_audio;

    fn samples(file: &str) -> Vec<i16> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let audio = read_audio(&folder.join(file)).unwrap();
        audio.channels.into_iter().next().unwrap()
    }

    /// Neither speech nor music is taken for the supervisor; behind either, and at a quarter of its
    /// loudness, the supervisor is found.
    #[test]
    fn a_supervisor_is_found_behind_speech_and_music() {
        let tone = samples("proto-fixtures/speech/supervisor-tone.wav");
        for file in [
            "proto-fixtures/speech/caller-repair.wav",
            "proto-fixtures/speech/agent-please-hold.wav",
            "deploy/prompts/greeting.wav",
            "deploy/prompts/hold-music.wav",
        ] {
            let mut samples = samples(file);
            assert!(!is_overheard(&samples), "{file}");
            for (sample, tone) in samples.iter_mut().zip(&tone) {
                *sample = sample.saturating_add(tone / 4);
            }
            assert!(is_overheard(&samples), "{file}");
        }
    }
}
