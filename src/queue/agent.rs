//! One agent: phones, calls, and what the agent has said. The state is derived from these, so that
//! no agent can be stuck in one that nothing explains.

use std::collections::BTreeMap;
use std::time::Instant;

use super::rank::{Rank, Seniority};
use super::{AgentState, Duty, Standing};
use crate::id::{AgentId, CallId};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engagement {
    Ringing,
    Talking { since: Instant },
}

impl Engagement {
    pub(super) const fn is_talk(self) -> bool {
        matches!(self, Self::Talking { .. })
    }
}

/// What is known of an agent's phones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// There is none.
    Absent,
    /// They are registered, but none of them has answered lately.
    Silent,
    /// At least one of them can be rung.
    Reachable,
}

/// The work after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrapUp {
    /// After which call.
    pub call: CallId,
    /// When it began.
    pub since: Instant,
    /// When it ends by itself.
    pub until: Instant,
}

/// An agent's place in one group.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) group: usize,
    pub(super) position: u32,
    pub(super) score: u32,
    /// Where the agent stands among those of the group who are ready.
    pub(super) rank: Option<Rank>,
    /// The agent counts among those of the group who serve callers.
    pub(super) is_staffed: bool,
}

/// What the desk was told of an agent last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What the agent is doing.
    pub state: AgentState,
    /// Why, if somebody said so.
    pub reason: Option<String>,
    /// The call that it is about.
    pub call: Option<CallId>,
    /// Calls answered since midnight.
    pub answered_today: u32,
    /// What the agent has said.
    pub standing: Standing,
}

#[derive(Debug)]
pub(super) struct Agent {
    pub(super) id: AgentId,
    pub(super) reach: Reach,
    pub(super) max_calls: usize,
    /// Gets no customer's call, from nobody (R251, X18).
    pub(super) is_trainee: bool,
    /// Is no agent of ours any more, and still in a call.
    pub(super) is_leaving: bool,
    pub(super) idle_since: Instant,
    /// The phone asked to be left alone until then.
    pub(super) rests_until: Option<Instant>,
    /// The last phone is gone, and the agent is absent if it is not back then.
    pub(super) lost_until: Option<Instant>,
    pub(super) calls: BTreeMap<CallId, Engagement>,
    pub(super) standing: Standing,
    /// Something was said since the start.
    pub(super) has_spoken: bool,
    /// Calls in a row that rang in vain.
    pub(super) missed: u32,
    pub(super) answered_today: u32,
    pub(super) wrap_up: Option<WrapUp>,
    pub(super) seats: Vec<Seat>,
    pub(super) told: Told,
}

impl Agent {
    pub(super) fn new(id: AgentId, max_calls: usize, reach: Reach, now: Instant) -> Self {
        Self {
            id,
            reach,
            max_calls: max_calls.max(1),
            is_trainee: false,
            is_leaving: false,
            idle_since: now,
            rests_until: None,
            lost_until: None,
            calls: BTreeMap::new(),
            standing: Standing::default(),
            has_spoken: false,
            missed: 0,
            answered_today: 0,
            wrap_up: None,
            seats: Vec::new(),
            told: Told::default(),
        }
    }

    /// Whoever was rung for the call talks now; false if nobody was.
    pub(super) fn begins_to_talk(&mut self, call: CallId, now: Instant) -> bool {
        let engagement = self.calls.get_mut(&call);
        let ringing = engagement.filter(|it| **it == Engagement::Ringing);
        ringing
            .map(|it| *it = Engagement::Talking { since: now })
            .is_some()
    }

    /// There is a phone, and room for one more call on it.
    pub(super) fn is_free(&self) -> bool {
        let has_phone = self.reach == Reach::Reachable && !self.is_leaving;
        has_phone && self.calls.len() < self.max_calls
    }

    /// Free, at work, and calls are welcome.
    pub(super) fn is_ready(&self) -> bool {
        self.is_free() && self.standing.duty == Duty::Ready && self.wrap_up.is_none()
    }

    /// Whether a colleague may ring the agent: at the desk, whatever it is that has to be done.
    pub(super) fn is_there(&self) -> bool {
        let is_at_the_desk = match self.standing.duty {
            Duty::Ready | Duty::Busy { .. } => true,
            Duty::Off | Duty::Break { .. } | Duty::Away { .. } | Duty::Absent { .. } => false,
        };
        self.is_free() && is_at_the_desk
    }

    pub(super) fn seniority(&self) -> Seniority {
        Seniority {
            idle_since: self.idle_since,
            answered_today: self.answered_today,
        }
    }

    /// Live calls come first, whatever was said: they are the truth.
    pub(super) fn state(&self) -> AgentState {
        let mut engagements = self.calls.values();
        if engagements.clone().any(|one| one.is_talk()) {
            return AgentState::Talking;
        }
        if engagements.next().is_some() {
            return AgentState::Ringing;
        }
        match (&self.standing.duty, self.wrap_up, self.reach) {
            (Duty::Off, _, _) => AgentState::Offline,
            (_, Some(_), _) => AgentState::WrapUp,
            (Duty::Break { .. }, None, _) => AgentState::Break,
            (Duty::Away { .. }, None, _) => AgentState::Away,
            (Duty::Absent { .. }, None, _) => AgentState::Absent,
            (_, None, Reach::Absent) => AgentState::Offline,
            (Duty::Busy { .. }, None, _) => AgentState::Busy,
            (Duty::Ready, None, Reach::Silent) => AgentState::Unreachable,
            (Duty::Ready, None, Reach::Reachable) => AgentState::Ready,
        }
    }

    /// What there is to tell of the agent now.
    pub(super) fn tell(&self) -> Told {
        let state = self.state();
        let talking = self.calls.iter().find(|(_, one)| one.is_talk());
        let call = match state {
            AgentState::Talking => talking.map(|(call, _)| *call),
            AgentState::Ringing => self.calls.keys().next().copied(),
            AgentState::WrapUp => self.wrap_up.map(|it| it.call),
            AgentState::Offline
            | AgentState::Unreachable
            | AgentState::Ready
            | AgentState::Busy
            | AgentState::Break
            | AgentState::Away
            | AgentState::Absent => None,
        };
        let is_said = matches!(
            state,
            AgentState::Busy | AgentState::Break | AgentState::Away | AgentState::Absent
        );
        let reason = self.standing.duty.reason().filter(|_| is_said);
        Told {
            state,
            reason: reason.map(str::to_owned),
            call,
            answered_today: self.answered_today,
            standing: self.standing.clone(),
        }
    }
}
