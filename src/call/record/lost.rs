//! Callers who wanted to speak with somebody and did not (R185).

use serde::{Deserialize, Serialize};

use super::CallRecord;
use crate::call::event::{Direction, Origin, Outcome};

/// Why a caller reached nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LostReason {
    /// The caller left before anybody answered.
    Abandoned,
    /// It was outside the line's hours (R016).
    AfterHours,
    /// Nobody was free; the caller heard the announcement.
    Announcement,
    /// Nobody was free.
    NoAgent,
    /// The service stopped or crashed.
    Interrupted,
    /// Something of ours or of the network failed.
    Failed,
}

impl LostReason {
    /// The word that rows use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Abandoned => "abandoned",
            Self::AfterHours => "after_hours",
            Self::Announcement => "announcement",
            Self::NoAgent => "no_agent",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }
}

impl CallRecord {
    /// Why the caller is to be called back; `None` if somebody answered, or nobody may be called
    /// back: the caller wants to stay unknown, or is on the line's list of nuisance callers.
    pub fn lost(&self) -> Option<LostReason> {
        let is_customer = self.direction == Direction::In && self.origin == Origin::External;
        let circumstances = &self.circumstances;
        let is_known = self.caller.is_some() && !circumstances.withheld;
        let is_wanted = self.line.is_some() && circumstances.nuisance.is_none();
        if !is_customer || !is_known || !is_wanted || self.answered_at.is_some() {
            return None;
        }
        let hours = self.dialogue.hours.as_ref();
        let is_closed = hours.is_some_and(|hours| !hours.in_hours);
        match self.outcome? {
            Outcome::Abandoned | Outcome::Announcement | Outcome::NoAgent if is_closed => {
                Some(LostReason::AfterHours)
            }
            Outcome::Abandoned => Some(LostReason::Abandoned),
            Outcome::Announcement => Some(LostReason::Announcement),
            Outcome::NoAgent => Some(LostReason::NoAgent),
            Outcome::Interrupted => Some(LostReason::Interrupted),
            Outcome::Failed | Outcome::RecordingUnavailable => Some(LostReason::Failed),
            // The message is a task of its own.
            Outcome::Answered
            | Outcome::Message
            | Outcome::UnknownNumber
            | Outcome::Refused
            | Outcome::NotReached
            | Outcome::Echo => None,
        }
    }
}
