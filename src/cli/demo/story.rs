//! What a call is in the demo: who calls whom, what the caller does, and what is to be seen of it.
//! All of it is written before anything is dialled.

use std::time::Duration;

use super::speech::Sentence;
use crate::call::event::{AttemptResult, HangupParty, Outcome, PromptPurpose, TransferResult};
use crate::phone::{Dial, Script, Then};
use crate::rules::{Cadence, Grade};
use crate::store::TaskKind;

/// How long the recording notice takes, rounded up; the caller hears the agent after it.
pub(super) const NOTICE: Duration = Duration::from_secs(5);
/// How long the two talk after the notice.
pub(super) const TALK: Duration = Duration::from_secs(5);
/// How long the caller stays after a transfer was asked for: the target's ringing, and a talk.
const AFTER_TRANSFER: Duration = Duration::from_secs(7);

/// One caller's call.
#[derive(Debug)]
pub(super) struct Story {
    /// What it shows.
    pub(super) title: &'static str,
    pub(super) caller: &'static str,
    pub(super) dials: &'static str,
    pub(super) says: Sentence,
    /// In rings of the cadence.
    pub(super) gives_up_at: Option<f64>,
    /// Set by the desk while they talk.
    pub(super) purpose_set: Option<&'static str>,
    /// Dials only when this agent talks, who then has no time for it.
    pub(super) after: Option<&'static str>,
    /// The caller does what it is given a cue for, and nothing by itself.
    pub(super) is_cued: bool,
    pub(super) expected: Expected,
}

/// What is to be seen of a call: by the caller, in the row, in the recording.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) outcome: Outcome,
    /// The final status that the caller gets.
    pub(super) status: u16,
    pub(super) line: Option<&'static str>,
    /// As the caller hears them and as the row counts them.
    pub(super) rings: Option<u32>,
    pub(super) grade: Option<Grade>,
    pub(super) attempts: &'static [(&'static str, AttemptResult)],
    pub(super) purposes: &'static [&'static str],
    pub(super) transfer: Option<(&'static str, TransferResult)>,
    pub(super) hangup: Option<HangupParty>,
    /// The recording notice was heard to its end.
    pub(super) notice: bool,
    /// What else the system said, in order; what it says again and again, once.
    pub(super) says: &'static [PromptPurpose],
    /// It waits in a queue, and is told its place.
    pub(super) waits: bool,
    /// Who puts the caller on hold.
    pub(super) held_by: Option<&'static str>,
    /// Who is asked while the caller waits.
    pub(super) asked: Option<&'static str>,
    /// Who listens in.
    pub(super) listener: Option<&'static str>,
    pub(super) message: bool,
    /// What the caller says of the service.
    pub(super) score: Option<u8>,
    /// What somebody has to do after it.
    pub(super) task: Option<TaskKind>,
}

impl Story {
    /// The caller got a 200, by a person or by the system.
    pub(super) const fn is_connected(&self) -> bool {
        self.expected.status == 200
    }

    /// The system answers before any phone rings.
    pub(super) const fn is_greeted(&self) -> bool {
        !self.expected.says.is_empty()
    }

    /// What the caller's phone does.
    pub(super) fn script(&self, cadence: Cadence) -> Script {
        let agent_ends = self.expected.hangup == Some(HangupParty::Agent);
        let stays = match self.expected.transfer {
            Some(_) => NOTICE + TALK + rings(1.0, cadence) + AFTER_TRANSFER,
            None => NOTICE + TALK,
        };
        let then = if agent_ends || self.is_cued {
            Then::Stay
        } else {
            Then::HangUp { after: stays }
        };
        Script::caller(Dial {
            to: self.dials.to_owned(),
            give_up: self.gives_up_at.map(|at| rings(at, cadence)),
            then,
        })
    }
}

/// The longest that all of it may take.
pub(super) fn longest(cadence: Cadence) -> Duration {
    rings(8.0, cadence) + NOTICE + TALK + AFTER_TRANSFER + Duration::from_mins(2)
}

/// So many rings of a cadence.
pub(super) fn rings(count: f64, cadence: Cadence) -> Duration {
    cadence.period().mul_f64(count)
}
