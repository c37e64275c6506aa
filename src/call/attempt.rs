//! One phone being rung for a call, from INVITE to its last word.
//!
//! An agent may have several phones (RFC 3261 §16.6): they ring together as one attempt, which
//! the log knows by one number and one result. Each phone is an [`Attempt`] here; those of the
//! same agent share the number.

use std::time::{Duration, Instant};

use super::event::AttemptResult;
use super::leg::Leg;
use crate::id::{AgentId, TrunkId};
use crate::sdp::SrtpPolicy;
use crate::sip::registrar::BindingId;
use crate::sip::{NameAddr, Request, StatusCode, Uri};

/// A phone that says nothing at all for this long cannot be reached.
pub(crate) const FIRST_SIGN: Duration = Duration::from_secs(2);
/// A phone that does not ring within this time cannot be reached.
pub(crate) const FIRST_RING: Duration = Duration::from_secs(5);

/// A trunk's peer that says nothing for this long is passed over for the next one.
pub(crate) const FIRST_SIGN_OUTSIDE: Duration = Duration::from_secs(4);
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

/// Where one phone is: made by the switch, which knows phones and trunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Who it is.
    pub callee: Callee,
    /// The Request-URI.
    pub uri: Uri,
    /// The address-of-record for `To`.
    pub to: Uri,
    /// Where the INVITE goes.
    pub hop: super::Hop,
    /// The `Route` that leads to the phone, which its registration's Path made (RFC 3327 §5.3).
    pub route: Vec<NameAddr>,
    /// The registration that says so; `None` for a phone or a trunk at a configured address.
    pub binding: Option<BindingId>,
    /// The trunk that it goes by, for an outside number.
    pub trunk: Option<TrunkId>,
    /// Whether its audio is to be encrypted.
    pub srtp: SrtpPolicy,
    /// Where it goes next if there is nobody there: the trunk's other peers, and other trunks.
    pub further: Vec<Destination>,
}

/// What a phone is rung for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// To answer the caller.
    Answer,
    /// The same, because its agent has asked for the call.
    PickUp,
    /// To take the caller over by this transfer.
    Transfer(u32),
    /// To take the caller back, whom nobody else has taken.
    Return,
    /// To be asked something by the agent: this consultation.
    Consult(u32),
    /// To supervise.
    Supervise,
    /// To speak with whoever is called next: the phone of the agent who wants to call.
    Summons,
}

impl Wanted {
    /// To be in the call beside the caller and the agent, in nobody's place.
    pub(crate) const fn is_beside(self) -> bool {
        matches!(self, Self::Consult(_) | Self::Supervise)
    }

    /// By no choice of the line's: its rings are not shared with other agents.
    pub(crate) const fn is_chosen(self) -> bool {
        !matches!(self, Self::Answer)
    }
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
        /// Since the first 18x of any of the agent's phones.
        since: Instant,
    },
    /// It was picked up before the caller had heard it ring for long enough (R010): to everybody else
    /// it still rings.
    PickedUp {
        /// When.
        at: Instant,
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
    /// What for.
    pub(crate) wanted: Wanted,
    /// When the agent began to be rung, if this phone has rung.
    pub(crate) rang_since: Option<Instant>,
    /// The tag of the fork that is heard before the answer.
    pub(crate) hears_early: Option<String>,
    /// How it ended for this phone, and the final status that the phone gave.
    pub(crate) ended: Option<(AttemptResult, Option<u16>)>,
}

impl Attempt {
    /// Still able to win the call.
    pub(crate) fn is_live(&self) -> bool {
        matches!(
            self.state,
            State::Opening { .. }
                | State::Inviting { .. }
                | State::Ringing { .. }
                | State::PickedUp { .. }
        )
    }

    /// It is heard, and nobody has answered there yet.
    pub(crate) fn is_heard_early(&self) -> bool {
        self.is_live() && self.hears_early.is_some()
    }

    /// When something must be decided: `shared` and `last` are the line's allowance of ringing.
    /// Whether the shared allowance ends the attempt is the switch's to say.
    pub(crate) fn deadline(&self, last: Duration) -> Option<Instant> {
        let (first_sign, first_ring, last) = match self.destination.trunk {
            None => (FIRST_SIGN, FIRST_RING, last),
            Some(_) => (FIRST_SIGN_OUTSIDE, OUTSIDE, last.max(OUTSIDE)),
        };
        match self.state {
            State::Opening { since }
            | State::Inviting {
                since,
                heard: false,
            } => Some(since + first_sign),
            State::Inviting { since, heard: true } => Some(since + first_ring),
            State::Ringing { since } => Some(since + last),
            State::PickedUp { .. } | State::Talking | State::Cancelling | State::Over => None,
        }
    }

    /// Since the agent's first 18x, while this phone rings.
    pub(crate) const fn rings_since(&self) -> Option<Instant> {
        match self.state {
            State::Ringing { since } => Some(since),
            State::Opening { .. }
            | State::Inviting { .. }
            | State::PickedUp { .. }
            | State::Talking
            | State::Cancelling
            | State::Over => None,
        }
    }

    /// It was sent an INVITE and has said nothing at all to it.
    pub(crate) const fn is_silent(&self) -> bool {
        matches!(self.state, State::Inviting { heard: false, .. })
    }
}

/// Whether another way may lead where this one did not: nothing came, or the peer cannot serve
/// now. Any other refusal is the callee's own.
pub(crate) const fn may_go_elsewhere(result: AttemptResult, status: Option<u16>) -> bool {
    matches!(
        (result, status),
        (AttemptResult::Unreachable, None | Some(408 | 503))
    )
}

/// What a refusal by the phone means (DESIGN §3.4).
pub(crate) fn result_of(status: StatusCode) -> AttemptResult {
    match status.as_u16() {
        401 | 407 | 408 | 503 => AttemptResult::Unreachable,
        _ => AttemptResult::Rejected,
    }
}

/// What the phones of one agent come to, when the last of them has ended: the best response, as a
/// forking proxy chooses it (RFC 3261 §16.7), in our words. A phone that rang says more of the
/// agent than one that refused, and that one more than one that was not there.
pub(crate) fn result_of_all(
    ended: impl Iterator<Item = (AttemptResult, Option<u16>)>,
) -> Option<(AttemptResult, Option<u16>)> {
    ended.max_by_key(|(result, status)| {
        let weight = match result {
            AttemptResult::Answered => 5,
            AttemptResult::Rejected if is_global(*status) => 4,
            AttemptResult::Cancelled => 3,
            AttemptResult::RingNoAnswer => 2,
            AttemptResult::Rejected => 1,
            AttemptResult::Unreachable => 0,
        };
        (weight, status.is_some())
    })
}

/// A 6xx speaks for the person, wherever else a phone may ring (RFC 3261 §21.6).
pub(crate) const fn is_global(status: Option<u16>) -> bool {
    matches!(status, Some(600..))
}
