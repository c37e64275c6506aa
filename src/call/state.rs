//! How a running call stands, for those who watch the floor: what it is in and since when, who is in
//! it, who asks for help and who is beside it.

use serde::Serialize;

use super::attempt::Callee;
use super::attention::Hand;
use super::ring::RingClock;
use super::supervise::Beside;
use super::{Call, Phase};
use crate::id::{AgentId, CallId};
use crate::rules::{Moment, Timestamp};

/// What a running call is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// It has come, and nobody knows of it yet.
    Arriving,
    /// The caller hears the system, or answers it: an announcement, a menu, a survey.
    Dialogue,
    /// The caller waits for somebody to be free.
    Waiting,
    /// Somebody's phone rings.
    Ringing,
    /// They talk.
    Talking,
    /// The caller is on hold.
    Held,
    /// The caller waits for whoever fetches the call.
    Parked,
    /// The caller is being passed on.
    PassedOn,
}

/// A running call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallNow {
    /// Which.
    pub call: CallId,
    /// What it is in.
    pub state: CallState,
    /// Since when.
    pub since: Timestamp,
    /// The agent who speaks with the caller; while nobody does, the agent who has made the call.
    pub agent: Option<AgentId>,
    /// Agents whose phones ring to have the caller.
    pub rung: Vec<AgentId>,
    /// The last ring that the caller heard begin, while it rings.
    pub ring: Option<u32>,
    /// Nobody hears the agent (R059).
    pub is_muted: bool,
    /// An agent asks for help (R066).
    pub hand: Option<Hand>,
    /// Who is beside it, or rung to be.
    pub beside: Option<Beside>,
    /// Somebody may come beside it now.
    pub can_be_supervised: bool,
}

/// Since when the call has been in what it is in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StateClock(Option<(CallState, Timestamp)>);

impl Call {
    fn state(&self) -> Option<CallState> {
        Some(match self.phase {
            Phase::Preparing(_) => CallState::Arriving,
            Phase::Summoning => CallState::Ringing,
            Phase::Announcing(_) | Phase::Dialogue(_) => CallState::Dialogue,
            Phase::Hunting if self.is_parked() => CallState::Parked,
            Phase::Hunting if self.rings_somebody() => CallState::Ringing,
            Phase::Hunting => CallState::Waiting,
            Phase::Talking if self.transfer_target().is_some() => CallState::PassedOn,
            Phase::Talking if self.is_on_hold() || self.talker_holds() => CallState::Held,
            Phase::Talking => CallState::Talking,
            Phase::Ended => return None,
        })
    }

    /// Takes note of what the call is in from now on.
    pub(super) fn turn_state(&mut self, now: Moment) {
        let state = self.state();
        let StateClock(known) = &mut self.state_clock;
        if known.map(|(state, _)| state) != state {
            *known = state.map(|state| (state, now.wall));
        }
    }

    /// How it stands; `None` when it is over.
    pub fn now(&self) -> Option<CallNow> {
        let StateClock(known) = self.state_clock;
        let (state, since) = known?;
        let rings = self.ring.as_ref().filter(|ring| ring.is_running());
        let rings = rings.filter(|_| !self.is_answered()).map(RingClock::told);
        let desk = self.desk.as_ref();
        let author = self.author.as_ref();
        Some(CallNow {
            call: self.id,
            state,
            since,
            agent: self.talking_agent().or(author).cloned(),
            rung: self.rung(),
            ring: rings.filter(|ring| *ring > 0),
            is_muted: desk.is_some_and(|desk| desk.is_muted),
            hand: desk.and_then(|desk| desk.hand.clone()),
            beside: self.beside(),
            can_be_supervised: self.can_be_supervised(),
        })
    }

    /// Each once, however many phones.
    fn rung(&self) -> Vec<AgentId> {
        let attempts = self.attempts.iter();
        let live = attempts.filter(|attempt| attempt.is_live() && !attempt.wanted.is_beside());
        let mut rung: Vec<AgentId> = Vec::new();
        for attempt in live {
            match &attempt.destination.callee {
                Callee::Agent(agent) if !rung.contains(agent) => rung.push(agent.clone()),
                Callee::Agent(_) | Callee::Number(_) => {}
            }
        }
        rung
    }
}
