//! How loud a channel is (R054): its speech, its greatest sample, and how much of it is clipped.

use super::analysis::Window;
use super::seal::SealRules;
use super::speech::Speech;
use crate::call::conduct::{LevelFlag, Voice};

/// Where G.711 ends, as 16 bits: µ-law's greatest value is 32,124, A-law's 32,256, and the step
/// before either is below 31,500 (ITU-T G.711, tables 1 and 2).
const FULL_SCALE: u16 = 32_124;
/// Power of a full-scale sine.
const SINE_POWER: f64 = 32_767.0 * 32_767.0 / 2.0;

/// Levels of one channel.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Level {
    peak: u16,
    clipped: u64,
    samples: u64,
}

impl Level {
    pub(super) const fn is_clipped(sample: i16) -> bool {
        sample.unsigned_abs() >= FULL_SCALE
    }

    pub(super) fn push(&mut self, window: &Window) {
        let peak = window.min.unsigned_abs().max(window.max.unsigned_abs());
        self.peak = self.peak.max(peak);
        self.clipped += u64::from(window.clipped);
        self.samples += u64::from(window.samples);
    }

    pub(super) fn voice(&self, speech: &Speech) -> Voice {
        let clipped = self.clipped.saturating_mul(1_000_000) / self.samples.max(1);
        let peak = f64::from(self.peak) / f64::from(i16::MAX);
        Voice {
            talk_ms: speech.talk_ms(),
            speech_dbfs_tenths: speech.mean_dbfs().map(tenths),
            peak_dbfs_tenths: (self.peak > 0).then(|| tenths(20.0 * peak.log10())),
            clipped_ppm: u32::try_from(clipped).unwrap_or(u32::MAX),
        }
    }

    /// What is wrong with a speech level, by the window that it should be in.
    pub(super) fn flag(dbfs_tenths: i32, rules: &SealRules) -> Option<LevelFlag> {
        if dbfs_tenths < rules.level_from_dbfs.saturating_mul(10) {
            Some(LevelFlag::TooQuiet)
        } else if dbfs_tenths > rules.level_to_dbfs.saturating_mul(10) {
            Some(LevelFlag::TooLoud)
        } else {
            None
        }
    }
}

/// The level of `samples` samples whose squares sum up to `energy`, relative to a full-scale sine;
/// `None` is digital silence.
#[expect(
    clippy::cast_precision_loss,
    reason = "a level needs no more than 52 bits"
)]
pub(super) fn dbfs(energy: u64, samples: u64) -> Option<f64> {
    let mean = energy as f64 / samples.max(1) as f64;
    (energy > 0).then(|| 10.0 * (mean / SINE_POWER).log10())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a level of 16-bit samples is within 100 dB of full scale"
)]
fn tenths(dbfs: f64) -> i32 {
    (dbfs * 10.0).round() as i32
}
