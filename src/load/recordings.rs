//! Whether the recordings of a run hold what was said in it: the caller's tone on the left, the
//! agent's on the right, for as long as each spoke.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::marker::{PAYLOAD_BYTES, Side};
use crate::recording::read_audio;

/// A recording need not begin and end with a whole window of the tone.
const LEEWAY_MS: u64 = 60;
const WINDOW_MS: u64 = 20;
/// Quieter than this is no tone of ours.
const LEAST_LEVEL: f64 = 500.0;
/// A window is a tone if it is mostly that; the rest is the packets' marks.
const LEAST_SHARE: f64 = 0.5;

/// What the recordings hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recordings {
    /// Files that there should be.
    pub expected: usize,
    /// Files that there are.
    pub files: usize,
    /// Files that cannot be read, or in which one of the tones is missing.
    pub bad: usize,
    /// How long the callers spoke, together, in milliseconds.
    pub caller_spoke_ms: u64,
    /// How much of it is there.
    pub caller_kept_ms: u64,
    /// How long the agents spoke.
    pub agent_spoke_ms: u64,
    /// How much of it is there.
    pub agent_kept_ms: u64,
}

impl Recordings {
    /// All of it is there.
    pub fn are_complete(&self) -> bool {
        let leeway = LEEWAY_MS * self.expected as u64;
        self.files == self.expected
            && self.bad == 0
            && self.caller_kept_ms + leeway >= self.caller_spoke_ms
            && self.agent_kept_ms + leeway >= self.agent_spoke_ms
    }
}

/// The recordings below a folder that have their final names.
pub fn recordings_in(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found = BTreeSet::new();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(recordings_in(&path));
        } else if path.extension().is_some_and(|extension| extension == "wav") {
            found.insert(path);
        }
    }
    found
}

/// Looks into these recordings of so many calls, in which each side spoke for so long.
pub fn check_recordings(
    files: &BTreeSet<PathBuf>,
    expected: usize,
    [caller_spoke_ms, agent_spoke_ms]: [u64; 2],
) -> Recordings {
    let mut checked = Recordings {
        expected,
        files: files.len(),
        caller_spoke_ms,
        agent_spoke_ms,
        ..Recordings::default()
    };
    for file in files {
        let kept = kept_ms(file).unwrap_or_default();
        checked.bad += usize::from(kept.contains(&0));
        let [caller, agent] = kept;
        checked.caller_kept_ms += caller;
        checked.agent_kept_ms += agent;
    }
    checked
}

/// How much of each side's tone is in its channel.
fn kept_ms(file: &Path) -> Option<[u64; 2]> {
    let channels = read_audio(file).ok()?.channels;
    let [left, right] = &channels[..] else {
        return None;
    };
    Some([tone_ms(left, Side::Caller), tone_ms(right, Side::Agent)])
}

fn tone_ms(samples: &[i16], side: Side) -> u64 {
    let windows = samples.chunks_exact(PAYLOAD_BYTES);
    WINDOW_MS * windows.filter(|window| is_tone(window, side)).count() as u64
}

/// Goertzel's algorithm: whether most of the energy is in the side's tone.
fn is_tone(samples: &[i16], side: Side) -> bool {
    let coefficient = 2.0 * (std::f64::consts::TAU * f64::from(side.hertz()) / 8000.0).cos();
    let (mut last, mut before, mut energy) = (0.0, 0.0, 0.0);
    for sample in samples.iter().copied().map(f64::from) {
        let next = sample + coefficient * last - before;
        before = last;
        last = next;
        energy += sample * sample;
    }
    #[expect(clippy::cast_precision_loss, reason = "160 samples")]
    let count = samples.len() as f64;
    let power = last * last + before * before - coefficient * last * before;
    energy > LEAST_LEVEL * LEAST_LEVEL * count && 2.0 * power > LEAST_SHARE * count * energy
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::marker::{Marker, tone};
    use crate::media::g711;
    use crate::sdp::Codec;

    fn packet(side: Side, number: u32) -> Vec<i16> {
        let mut payload = tone(side);
        let marker = Marker {
            side,
            call: 399,
            number,
            sent_us: u64::from(number) * 20_011,
        };
        marker.write(&mut payload);
        let decode = |octet: &u8| g711::decode(Codec::Pcmu, *octet);
        payload.iter().map(decode).collect()
    }

    /// Wherever a window begins, and whatever the marks say.
    #[test]
    fn a_marked_tone_is_known_for_what_it_is() {
        for (side, other) in [(Side::Caller, Side::Agent), (Side::Agent, Side::Caller)] {
            let audio: Vec<_> = (0..500).flat_map(|n| packet(side, n * 977)).collect();
            for start in [0, 1, 77, 159] {
                let heard = tone_ms(&audio[start..], side);
                assert!(heard >= 9_980 - WINDOW_MS, "{side:?} {start}: {heard}");
                assert_eq!(tone_ms(&audio[start..], other), 0, "{side:?} {start}");
            }
        }
        assert_eq!(tone_ms(&[0; 8000], Side::Caller), 0);
    }

    #[test]
    fn what_is_missing_is_seen() {
        let whole = Recordings {
            expected: 2,
            files: 2,
            bad: 0,
            caller_spoke_ms: 6_000,
            caller_kept_ms: 5_900,
            agent_spoke_ms: 6_000,
            agent_kept_ms: 6_000,
        };
        assert!(whole.are_complete());
        for incomplete in [
            Recordings { files: 1, ..whole },
            Recordings { bad: 1, ..whole },
            Recordings {
                caller_kept_ms: 5_860,
                ..whole
            },
            Recordings {
                agent_kept_ms: 0,
                ..whole
            },
        ] {
            assert!(!incomplete.are_complete(), "{incomplete:?}");
        }
    }
}
