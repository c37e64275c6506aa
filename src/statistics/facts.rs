//! What one call says to the day's figures.

use crate::call::event::{AttemptResult, Direction, Outcome};
use crate::call::record::{Attempt, CallRecord};
use crate::id::{AgentId, LineId};
use crate::rules::Cadence;

/// What one call says to the day's figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The line that was dialled.
    pub line: LineId,
    /// How it ended, or stands.
    pub end: End,
    /// Rings begun by the answer or the end; `None` if the caller heard none.
    pub rings: Option<u32>,
    /// From when the caller wanted a person to the answer, or to the end: the ringing that was
    /// heard, and in a call that the system had answered the queue as well (X02).
    pub waited_ms: u64,
    /// From the answer to the end; `None` if it has not ended or was not answered.
    pub talk_ms: Option<u64>,
    /// Who answered.
    pub answered_by: Option<AgentId>,
    /// Phones that were rung: whose, what came of it, for how long.
    pub attempts: Vec<(AgentId, Option<AttemptResult>, Option<u64>)>,
    /// What their rings are counted in.
    pub cadence: Cadence,
}

/// How a call ended, or stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nobody has answered yet.
    Waiting,
    /// A person answered.
    Answered,
    /// The caller gave up.
    Abandoned(Stage),
    /// The caller stayed, and no person came.
    Unserved,
    /// The caller left a message.
    Message,
    /// The line was closed, or switched off in an emergency.
    Closed,
    /// It wanted no person: refused, a number that is not ours, the echo test.
    Refused,
}

/// Where a caller gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// While the first ring lasted.
    FirstRing,
    /// While it rang.
    Ringing,
    /// Waiting for a free agent.
    Queue,
    /// While the system spoke.
    Dialogue,
}

impl Facts {
    /// What a call says; `None` if nobody called in on a line.
    pub fn of(record: &CallRecord) -> Option<Self> {
        let line = record.line.clone()?;
        if record.direction != Direction::In {
            return None;
        }
        let end = end(record);
        let is_over = record.answered_at.is_some() || record.outcome.is_some();
        let heard = record.caller_ring_ms.filter(|_| is_over).unwrap_or(0);
        let queue = record.queue_ms.filter(|_| was_connected_first(record));
        let attempts = record.attempts.iter();
        Some(Self {
            line,
            end,
            rings: record.rings.filter(|_| is_over),
            waited_ms: heard.saturating_add(queue.unwrap_or(0)),
            talk_ms: record.talk_ms,
            answered_by: record.answered_by.clone(),
            attempts: attempts
                .map(|it| (it.agent.clone(), it.result, it.agent_ring_ms))
                .collect(),
            cadence: record.cadence.unwrap_or(Cadence::CHINA),
        })
    }

    /// Within `rings` rings (R001).
    pub(super) fn answered_within(&self, rings: u32) -> bool {
        self.end == End::Answered && self.rings.is_none_or(|heard| heard <= rings)
    }

    /// The caller waited for no longer than this for the answer.
    pub(super) fn answered_within_ms(&self, ms: u64) -> bool {
        self.end == End::Answered && self.waited_ms <= ms
    }
}

fn end(record: &CallRecord) -> End {
    if record.answered_at.is_some() {
        return End::Answered;
    }
    let Some(outcome) = record.outcome else {
        return End::Waiting;
    };
    let dialogue = &record.dialogue;
    let is_closed = dialogue.hours.as_ref().is_some_and(|hours| !hours.in_hours);
    if is_closed || dialogue.emergency.is_some() {
        return End::Closed;
    }
    match outcome {
        // Of a call that was answered there is a time of the answer.
        Outcome::Answered
        | Outcome::Announcement
        | Outcome::NoAgent
        | Outcome::RecordingUnavailable
        | Outcome::Failed
        | Outcome::Interrupted => End::Unserved,
        Outcome::Abandoned => End::Abandoned(stage(record)),
        Outcome::Message => End::Message,
        Outcome::UnknownNumber | Outcome::Refused | Outcome::NotReached | Outcome::Echo => {
            End::Refused
        }
    }
}

fn stage(record: &CallRecord) -> Stage {
    let was_cancelled = |attempt: &Attempt| attempt.result == Some(AttemptResult::Cancelled);
    let rang = record.attempts.last().is_some_and(was_cancelled);
    let was_connected = record.connected_at.is_some();
    if !was_connected && record.rings.is_none_or(|rings| rings <= 1) {
        Stage::FirstRing
    } else if rang {
        Stage::Ringing
    } else if record.queue_ms.is_some() {
        Stage::Queue
    } else if was_connected {
        Stage::Dialogue
    } else {
        Stage::Ringing
    }
}

/// The system had answered before a person did, if any did.
fn was_connected_first(record: &CallRecord) -> bool {
    match (record.connected_at, record.answered_at) {
        (Some(connected), Some(answered)) => connected < answered,
        (connected, None) => connected.is_some(),
        (None, Some(_)) => false,
    }
}
