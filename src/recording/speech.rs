//! When somebody speaks on a channel, by its energy: a frame of 20 ms is active if it stands out of
//! the channel's noise, and three in a row begin speech. It ends with its last active frame, when
//! 300 ms have followed without another.
//!
//! The noise is the least frame of the last 3 s, for nobody speaks that long without a gap between
//! two words; it is bounded, so that a steady tone counts as something said. Audio that is missing
//! says nothing about the noise.

use std::collections::VecDeque;

use super::analysis::{WINDOW_SAMPLES, Window};
use super::level;
use super::pause::Pause;

/// Length of a frame.
const FRAME_MS: u64 = 20;
/// Samples of a frame: two windows.
const FRAME_SAMPLES: u64 = 2 * WINDOW_SAMPLES as u64;
/// So many active frames in a row begin speech: 60 ms; a click is shorter.
const ONSET_FRAMES: u64 = 3;
/// So many frames without an active one end it: 300 ms.
const HANGOVER_FRAMES: u64 = 15;
/// An active frame is so much louder than the noise.
const ABOVE_NOISE_DB: f64 = 9.0;
/// Nothing below this is speech, however quiet the line is.
const LEAST_DBFS: f64 = -60.0;
/// Below this there is no signal: filled gaps, and the least values of G.711.
const NO_SIGNAL_DBFS: f64 = -75.0;
/// What the noise is taken for at first, and how loud it may be at most.
const NOISE_DBFS: f64 = -65.0;
const LOUDEST_NOISE_DBFS: f64 = -50.0;
/// The noise is looked for in so many blocks of so many frames: 3 s.
const NOISE_BLOCKS: usize = 10;
const BLOCK_FRAMES: u32 = 15;

/// An overlap up to this is no talking over: 500 ms.
const SHORT_OVERLAP_MS: u64 = 500;

/// A stretch of speech, in frames: `from` is in it, `to` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    from: u64,
    to: u64,
}

/// Finds speech on one channel.
#[derive(Debug, Default)]
pub(super) struct Detector {
    /// Energy of the first half of a frame.
    half: Option<u64>,
    frames: u64,
    noise: Noise,
    /// Active frames in a row that are not yet speech, and their energy.
    onset: (u64, u64),
    open: Option<Stretch>,
    speech: Speech,
}

/// What was said on one channel.
#[derive(Debug, Default)]
pub(super) struct Speech {
    stretches: Vec<Stretch>,
    frames: u64,
    active_frames: u64,
    energy: u64,
}

impl Detector {
    pub(super) fn push(&mut self, window: &Window) {
        match self.half.take() {
            None => self.half = Some(window.energy),
            Some(half) => self.push_frame(half + window.energy),
        }
    }

    fn push_frame(&mut self, energy: u64) {
        let level = level::dbfs(energy, FRAME_SAMPLES).unwrap_or(f64::NEG_INFINITY);
        self.noise.push(level);
        let is_active = level >= self.noise.threshold();
        let frame = self.frames;
        self.frames += 1;
        match (&mut self.open, is_active) {
            (Some(open), true) => {
                open.to = frame + 1;
                self.speech.add(1, energy);
            }
            (Some(open), false) => {
                if frame + 1 - open.to >= HANGOVER_FRAMES {
                    self.speech.stretches.extend(self.open.take());
                }
            }
            (None, true) => self.begin(frame, energy),
            (None, false) => self.onset = (0, 0),
        }
    }

    fn begin(&mut self, frame: u64, energy: u64) {
        let (frames, sum) = self.onset;
        self.onset = (frames + 1, sum + energy);
        if frames + 1 < ONSET_FRAMES {
            return;
        }
        let (frames, sum) = std::mem::take(&mut self.onset);
        self.speech.add(frames, sum);
        let to = frame + 1;
        self.open = Some(Stretch {
            from: to - frames,
            to,
        });
    }

    pub(super) fn finish(mut self) -> Speech {
        self.speech.stretches.extend(self.open);
        self.speech.frames = self.frames;
        self.speech
    }
}

impl Speech {
    /// From the last word to the end; `None` if there was no word.
    pub(super) fn quiet_at_the_end_ms(&self) -> Option<u64> {
        let last = self.stretches.last()?;
        Some(FRAME_MS * self.frames.saturating_sub(last.to))
    }

    fn add(&mut self, frames: u64, energy: u64) {
        self.active_frames += frames;
        self.energy = self.energy.saturating_add(energy);
    }

    pub(super) fn talk_ms(&self) -> u64 {
        let lengths = self.stretches.iter().map(|speech| speech.to - speech.from);
        lengths.sum::<u64>() * FRAME_MS
    }

    /// Mean level of the active frames.
    pub(super) fn mean_dbfs(&self) -> Option<f64> {
        level::dbfs(self.energy, self.active_frames * FRAME_SAMPLES)
    }
}

/// Follows a channel's noise.
#[derive(Debug, Default)]
struct Noise {
    /// The least level of each past block that had one.
    blocks: VecDeque<f64>,
    least: Option<f64>,
    frames: u32,
}

impl Noise {
    fn push(&mut self, level: f64) {
        if level < NO_SIGNAL_DBFS {
            return;
        }
        self.least = Some(self.least.map_or(level, |least| least.min(level)));
        self.frames += 1;
        if self.frames == BLOCK_FRAMES {
            self.frames = 0;
            self.blocks.extend(self.least.take());
            if self.blocks.len() == NOISE_BLOCKS {
                self.blocks.pop_front();
            }
        }
    }

    fn threshold(&self) -> f64 {
        let known = self.blocks.iter().copied().chain(self.least);
        let noise = known.reduce(f64::min).unwrap_or(NOISE_DBFS);
        (noise.min(LOUDEST_NOISE_DBFS) + ABOVE_NOISE_DB).max(LEAST_DBFS)
    }
}

/// Stretches without speech.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Silences {
    /// Those that were longer than the limit.
    pub(super) count: u32,
    pub(super) longest_ms: u64,
}

/// Where a party said nothing, from the first frame to the last (R056). What was said in a pause
/// of the recording nobody knows: it ends a silence as speech does.
pub(super) fn silences(speech: &Speech, pauses: &[Pause], limit_ms: u64) -> Silences {
    let unknown = pauses.iter().map(|pause| Stretch {
        from: pause.from_ms / FRAME_MS,
        to: pause.to_ms / FRAME_MS,
    });
    let after = Stretch {
        from: speech.frames,
        to: speech.frames,
    };
    let mut sounds: Vec<_> = speech.stretches.iter().copied().chain(unknown).collect();
    sounds.sort_by_key(|stretch| stretch.from);
    let mut found = Silences::default();
    let mut end = 0;
    for stretch in sounds.into_iter().chain([after]) {
        let silent_ms = stretch.from.saturating_sub(end) * FRAME_MS;
        found.count += u32::from(silent_ms > limit_ms);
        found.longest_ms = found.longest_ms.max(silent_ms);
        end = end.max(stretch.to);
    }
    found
}

/// One party speaking while the other does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TalkOver {
    pub(super) count: u32,
    pub(super) ms: u64,
}

/// Where `second` began to speak while `first` was speaking (R057).
pub(super) fn talk_over(first: &Speech, second: &Speech) -> TalkOver {
    let mut found = TalkOver::default();
    let mut spoken = first.stretches.iter().peekable();
    for began in &second.stretches {
        while spoken.next_if(|stretch| stretch.to <= began.from).is_some() {}
        let Some(stretch) = spoken.peek().filter(|it| it.from < began.from) else {
            continue;
        };
        let overlap_ms = (began.to.min(stretch.to) - began.from) * FRAME_MS;
        if overlap_ms > SHORT_OVERLAP_MS {
            found.count += 1;
            found.ms += overlap_ms;
        }
    }
    found
}
