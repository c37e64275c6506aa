//! What a call's row tells of its record as people keep it: whether the caller wants to stay unknown
//! (R083), when it was closed (R085, R093), and how long that took (R023, R087); and which stages took
//! too long.

use serde::{Deserialize, Serialize};

use super::CallRecord;
use crate::rules::{Handling, Stage, Timestamp};

/// How far a call is written up. It may be said from another process than the one that handles the
/// call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WriteUp {
    /// The caller wants to stay unknown: nobody is shown the number, and nobody calls back.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub anonymous: bool,
    /// When nothing was missing any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// Who said the last of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// How long it took from the end of the call on, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// Longer than the line allows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub was_long: bool,
    /// How the caller's matter is dealt with (R117).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handled: Option<Handled>,
}

/// What somebody has said of how a matter is dealt with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handled {
    /// From 1; the highest counts.
    pub version: u32,
    /// How.
    #[serde(flatten)]
    pub handling: Handling,
    /// Who says so.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

/// A stage that took longer than its line allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrun {
    /// Which.
    pub stage: Stage,
    /// How long it may take, in milliseconds.
    pub limit_ms: u64,
    /// When it had taken as long.
    pub at: Timestamp,
}

impl WriteUp {
    /// Nobody has said anything of it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn handle(
        &mut self,
        version: u32,
        handling: &Handling,
        author: &str,
        at: Timestamp,
    ) {
        let is_newer = |known: &Handled| known.version < version;
        if self.handled.as_ref().is_none_or(is_newer) {
            self.handled = Some(Handled {
                version,
                handling: handling.clone(),
                author: author.to_owned(),
                at,
            });
        }
    }

    /// A stage that began at one offset and lasted to another is closed by somebody; the first time
    /// counts.
    pub(super) fn close(
        &mut self,
        by: &str,
        limit_ms: Option<u64>,
        at: Timestamp,
        from_us: u64,
        to_us: u64,
    ) {
        if self.closed_at.is_some() {
            return;
        }
        let ms = to_us.saturating_sub(from_us) / 1000;
        self.closed_at = Some(at);
        self.closed_by = Some(by.to_owned());
        self.ms = Some(ms);
        self.was_long = limit_ms.is_some_and(|limit| ms > limit);
    }
}

impl CallRecord {
    /// The caller has waited for so long that whoever answers apologises (R011).
    pub fn owes_apology(&self) -> bool {
        let Some(profile) = &self.profile else {
            return false;
        };
        match (self.answered_at, self.caller_ring_ms) {
            (Some(_), Some(rang)) => rang >= profile.apology_from_ms,
            _ => self.target_missed,
        }
    }

    /// The stages that took too long (R023).
    pub fn stages_exceeded(&self) -> Vec<Stage> {
        let overruns = self.desk.overruns.iter().map(|overrun| overrun.stage);
        let written = self.write_up.was_long.then_some(Stage::WrapUp);
        let mut stages: Vec<_> = overruns.chain(written).collect();
        stages.sort_unstable();
        stages.dedup();
        stages
    }
}
