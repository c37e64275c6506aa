//! One phone being rung for a call, from INVITE to its last word.

use std::time::{Duration, Instant};

use super::event::AttemptResult;
use super::leg::Leg;
use crate::id::AgentId;
use crate::sip::{Request, StatusCode, Uri};

/// A phone that says nothing at all for this long cannot be reached.
pub(crate) const FIRST_SIGN: Duration = Duration::from_secs(2);
/// A phone that does not ring within this time cannot be reached.
pub(crate) const FIRST_RING: Duration = Duration::from_secs(5);

/// An outside number gets this long to ring, and to answer: other networks take their time.
pub(crate) const OUTSIDE: Duration = Duration::from_secs(30);

/// Whom an attempt rings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// An agent of ours.
    Agent(AgentId),
    /// An outside number, by a trunk.
    Number(String),
}

/// Where an attempt goes: made by the switch, which knows phones and trunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Who it is.
    pub callee: Callee,
    /// The Request-URI.
    pub uri: Uri,
    /// The address-of-record for `To`.
    pub to: Uri,
    /// Where the INVITE goes.
    pub hop: super::leg::Hop,
}

/// How far an attempt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Its ports are being opened.
    Opening {
        /// Since when.
        since: Instant,
    },
    /// The INVITE is out; `heard` once any response came.
    Inviting {
        /// When the INVITE went out.
        since: Instant,
        /// The phone has said something.
        heard: bool,
    },
    /// The phone rings.
    Ringing {
        /// Since its first 18x.
        since: Instant,
    },
    /// It won: the person speaks with the caller.
    Talking,
    /// We no longer want it; its final response is still to come.
    Cancelling,
    /// Its result is known and its dialog, if it ever had one, is being closed.
    Over,
}

/// One phone being rung.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) number: u32,
    pub(crate) destination: Destination,
    pub(crate) leg: Leg,
    pub(crate) state: State,
    /// What was sent, to build the dialog from.
    pub(crate) invite: Option<Request>,
    /// The switch was told that the shared allowance of rings is used up.
    pub(crate) asked: bool,
    /// The transfer that this attempt carries out, if it does.
    pub(crate) transfer: Option<u32>,
}

impl Attempt {
    /// Still able to win the call.
    pub(crate) fn is_live(&self) -> bool {
        matches!(
            self.state,
            State::Opening { .. } | State::Inviting { .. } | State::Ringing { .. }
        )
    }

    /// When something must be decided: `shared` and `last` are the line's allowance of ringing.
    /// Whether the shared allowance ends the attempt is the switch's to say.
    pub(crate) fn deadline(&self, last: Duration) -> Option<Instant> {
        let (first_ring, last) = match self.destination.callee {
            Callee::Agent(_) => (FIRST_RING, last),
            Callee::Number(_) => (OUTSIDE, last.max(OUTSIDE)),
        };
        match self.state {
            State::Opening { since }
            | State::Inviting {
                since,
                heard: false,
            } => Some(since + FIRST_SIGN),
            State::Inviting { since, heard: true } => Some(since + first_ring),
            State::Ringing { since } => Some(since + last),
            State::Talking | State::Cancelling | State::Over => None,
        }
    }

    /// Since its first 18x, while it rings.
    pub(crate) const fn rings_since(&self) -> Option<Instant> {
        match self.state {
            State::Ringing { since } => Some(since),
            State::Opening { .. }
            | State::Inviting { .. }
            | State::Talking
            | State::Cancelling
            | State::Over => None,
        }
    }

    /// From the first 18x to `now`, in milliseconds.
    pub(crate) fn ring_ms(&self, now: Instant) -> Option<u64> {
        let ringing = now.saturating_duration_since(self.rings_since()?);
        Some(u64::try_from(ringing.as_millis()).unwrap_or(u64::MAX))
    }
}

/// What a refusal by the phone means (DESIGN §3.4).
pub(crate) fn result_of(status: StatusCode) -> AttemptResult {
    match status.as_u16() {
        401 | 407 | 408 | 503 => AttemptResult::Unreachable,
        _ => AttemptResult::Rejected,
    }
}
