//! Everything that is measured of a recording's audio, in one pass over its frames.

use super::level::Level;
use super::pause::Pause;
use super::peaks::Peaks;
use super::seal::SealRules;
use super::speech::{self, Detector};
use crate::call::conduct::Conduct;

/// Samples of a window: 10 ms.
pub(super) const WINDOW_SAMPLES: u32 = 80;

/// What 10 ms of one channel were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) min: i16,
    pub(super) max: i16,
    /// Sum of the squares of the samples.
    pub(super) energy: u64,
    pub(super) clipped: u32,
    pub(super) samples: u32,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            min: i16::MAX,
            max: i16::MIN,
            energy: 0,
            clipped: 0,
            samples: 0,
        }
    }
}

impl Window {
    fn push(&mut self, sample: i16) {
        self.min = self.min.min(sample);
        self.max = self.max.max(sample);
        let size = u64::from(sample.unsigned_abs());
        self.energy += size * size;
        self.clipped += u32::from(Level::is_clipped(sample));
        self.samples += 1;
    }
}

/// Measures both channels at once.
#[derive(Debug, Default)]
pub(super) struct Analysis {
    windows: [Window; 2],
    levels: [Level; 2],
    detectors: [Detector; 2],
    peaks: Peaks,
}

impl Analysis {
    /// Takes whole frames as they stand in the file.
    pub(super) fn handle_frames(&mut self, frames: &[u8]) {
        let (frames, _) = frames.as_chunks::<4>();
        for &[left_low, left_high, right_low, right_high] in frames {
            let [left, right] = &mut self.windows;
            left.push(i16::from_le_bytes([left_low, left_high]));
            right.push(i16::from_le_bytes([right_low, right_high]));
            if left.samples == WINDOW_SAMPLES {
                self.end_window();
            }
        }
    }

    fn end_window(&mut self) {
        let windows = std::mem::take(&mut self.windows);
        self.peaks
            .push(windows.map(|window| (window.min, window.max)));
        let measures = self.levels.iter_mut().zip(&mut self.detectors);
        for (window, (level, detector)) in windows.iter().zip(measures) {
            level.push(window);
            detector.push(window);
        }
    }

    /// The conduct, and the peaks as their file has them.
    pub(super) fn finish(mut self, rules: &SealRules, pauses: &[Pause]) -> (Conduct, Vec<u8>) {
        if self.windows.iter().any(|window| window.samples > 0) {
            self.end_window();
        }
        let [caller, agent] = self.detectors.map(Detector::finish);
        let [caller_level, agent_level] = &self.levels;
        let limit_ms = u64::try_from(rules.silence.as_millis()).unwrap_or(u64::MAX);
        let silences = speech::silences(&agent, pauses, limit_ms);
        let talk_over = speech::talk_over(&caller, &agent);
        let voice = agent_level.voice(&agent);
        let conduct = Conduct {
            caller: caller_level.voice(&caller),
            agent: voice,
            agent_level: voice
                .speech_dbfs_tenths
                .and_then(|level| Level::flag(level, rules)),
            silence_limit_ms: limit_ms,
            agent_silences: silences.count,
            longest_agent_silence_ms: silences.longest_ms,
            talk_overs: talk_over.count,
            talk_over_ms: talk_over.ms,
            caller_quiet_ms: caller.quiet_at_the_end_ms(),
        };
        (conduct, self.peaks.into_bytes())
    }
}
