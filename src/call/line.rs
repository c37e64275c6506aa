//! The line that a call came in on, as far as the call itself needs it.

use std::time::Duration;

use super::Manners;
use super::event::Ringback;
use super::flow::Flow;
use crate::id::LineId;
use crate::rules::{Cadence, PickupProfile};

/// One dialled number's habits (R022): how it rings, grades, announces and records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its name.
    pub id: LineId,
    /// What the caller hears while it rings.
    pub cadence: Cadence,
    /// How an answer is graded.
    pub profile: PickupProfile,
    /// Who plays the ringback.
    pub ringback: Ringback,
    /// Rings that one phone gets while another agent is ready.
    pub attempt_rings_shared: u32,
    /// Rings that one phone gets while nobody else is (R006).
    pub attempt_rings_last: u32,
    /// How long a call may stay unanswered.
    pub max_preanswer: Duration,
    /// Which keys are pressed stands in the log, and not only that some were.
    pub log_digits: bool,
    /// A phone's 3xx is followed; else it counts as a refusal.
    pub follow_redirects: bool,
    /// "This call is recorded", played first of all (R190).
    pub notice: Option<Prompt>,
    /// The notice is not on the recording, nor what is said meanwhile: capture begins after it.
    pub capture_after_notice: bool,
    /// What a caller hears for whom nobody was free.
    pub announcement: Option<Prompt>,
    /// What the caller hears while the agent holds the call: a prompt's name.
    pub hold_music: Option<String>,
    /// How people behave in its calls.
    pub manners: Manners,
    /// Whether a call must be recorded (R188).
    pub record: RecordPolicy,
    /// The purpose a call has until somebody sets another.
    pub default_purpose: Option<String>,
    /// What it does by itself.
    pub flow: Flow,
}

/// A prompt as the configuration names it and the shell loaded it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What the media plane knows it by: the file's name.
    pub name: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// Its length in milliseconds.
    pub length_ms: u64,
}

/// Whether a line's calls are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordPolicy {
    /// A call that cannot be recorded is not answered.
    Required,
    /// A call that cannot be recorded is answered all the same, with an alarm on its row.
    Preferred,
    /// Recorded from when somebody asks for it in the call, until somebody asks for the end (R189).
    OnDemand,
    /// Nothing is recorded.
    Off,
}

impl Line {
    /// How long one phone rings: while another agent is ready, and at most.
    pub(crate) fn attempt_allowance(&self) -> (Duration, Duration) {
        let period = self.cadence.period();
        let shared = self.attempt_rings_shared.min(self.attempt_rings_last);
        (period * shared, period * self.attempt_rings_last)
    }
}
