//! The agents: who can be rung now. An agent's state is derived from registrations and live
//! calls, so that no agent can be stuck in a state that no call explains.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::id::{AgentId, CallId};

/// What an agent is doing, as metrics and the desk show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgentState {
    /// No phone that could be rung.
    Offline,
    /// Phones are registered, and none of them answers.
    Unreachable,
    /// Free to be rung (示闲).
    Ready,
    /// A phone of theirs is being rung (振铃中).
    Ringing,
    /// In a call (通话中).
    Talking,
}

impl AgentState {
    /// Every state, in the order of a working day.
    pub const ALL: [Self; 5] = [
        Self::Offline,
        Self::Unreachable,
        Self::Ready,
        Self::Ringing,
        Self::Talking,
    ];

    /// The label that metrics use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Unreachable => "unreachable",
            Self::Ready => "ready",
            Self::Ringing => "ringing",
            Self::Talking => "talking",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engagement {
    Ringing,
    Talking,
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

#[derive(Debug)]
struct Agent {
    reach: Reach,
    max_calls: usize,
    idle_since: Instant,
    /// The phone asked to be left alone until then.
    rests_until: Option<Instant>,
    calls: BTreeMap<CallId, Engagement>,
}

impl Agent {
    fn is_ready(&self) -> bool {
        self.reach == Reach::Reachable && self.calls.len() < self.max_calls
    }
}

/// Everybody who can be rung, by extension.
#[derive(Debug, Default)]
pub struct Agents {
    agents: BTreeMap<AgentId, Agent>,
}

impl Agents {
    /// Adds an agent who may be in `max_calls` calls at once (ringing counts).
    pub fn add(&mut self, id: AgentId, max_calls: usize, reach: Reach, now: Instant) {
        let agent = Agent {
            reach,
            max_calls: max_calls.max(1),
            idle_since: now,
            rests_until: None,
            calls: BTreeMap::new(),
        };
        self.agents.insert(id, agent);
    }

    /// Notes whether the agent's phones can be rung now. Running calls go on.
    pub fn set_reach(&mut self, id: &AgentId, reach: Reach) {
        if let Some(agent) = self.agents.get_mut(id) {
            agent.reach = reach;
        }
    }

    /// Whether there is such an agent at all.
    pub fn contains(&self, id: &AgentId) -> bool {
        self.agents.contains_key(id)
    }

    /// Whether the agent can take one more call.
    pub fn is_ready(&self, id: &AgentId) -> bool {
        self.agents.get(id).is_some_and(Agent::is_ready)
    }

    /// Whether the agent can take `call` as one more: ready, and not in that call already.
    pub fn is_ready_for(&self, id: &AgentId, call: CallId) -> bool {
        let agent = self.agents.get(id);
        agent.is_some_and(|agent| agent.is_ready() && !agent.calls.contains_key(&call))
    }

    /// Nobody rings the agent for a waiting call until then: the phone asked for it.
    pub fn rest(&mut self, id: &AgentId, until: Instant) {
        if let Some(agent) = self.agents.get_mut(id) {
            agent.rests_until = Some(until);
        }
    }

    /// Whether the agent's phone is being left alone.
    pub fn rests(&self, id: &AgentId, now: Instant) -> bool {
        let agent = self.agents.get(id);
        agent.is_some_and(|agent| agent.rests_until.is_some_and(|until| until > now))
    }

    /// When the next agent may be rung again whose phone is being left alone.
    pub fn next_rested(&self, now: Instant) -> Option<Instant> {
        let rests = self.agents.values().filter_map(|agent| agent.rests_until);
        rests.filter(|until| *until > now).min()
    }

    /// Since when the agent has had no call; the one who waits longest is rung first.
    pub fn idle_since(&self, id: &AgentId) -> Option<Instant> {
        self.agents.get(id).map(|agent| agent.idle_since)
    }

    /// Takes the agent for a call that is about to ring; false, and nothing changed, if the
    /// agent is not ready or is in the call already.
    pub fn claim(&mut self, id: &AgentId, call: CallId) -> bool {
        if !self.is_ready_for(id, call) {
            return false;
        }
        let Some(agent) = self.agents.get_mut(id) else {
            return false;
        };
        agent.calls.insert(call, Engagement::Ringing);
        true
    }

    /// The agent makes a call: that takes no permission, and they are not rung meanwhile.
    pub fn engage(&mut self, id: &AgentId, call: CallId) {
        if let Some(agent) = self.agents.get_mut(id) {
            agent.calls.insert(call, Engagement::Talking);
        }
    }

    /// The calls that the agent is in, oldest first.
    pub fn calls_of(&self, id: &AgentId) -> impl Iterator<Item = CallId> {
        let agent = self.agents.get(id);
        agent
            .into_iter()
            .flat_map(|agent| agent.calls.keys().copied())
    }

    /// The agent answered the call that claimed them.
    pub fn answered(&mut self, id: &AgentId, call: CallId) {
        if let Some(engagement) = self
            .agents
            .get_mut(id)
            .and_then(|agent| agent.calls.get_mut(&call))
        {
            *engagement = Engagement::Talking;
        }
    }

    /// The call no longer needs the agent. Who talked goes to the end of the idle order; who was
    /// only rung keeps the place.
    pub fn release(&mut self, id: &AgentId, call: CallId, now: Instant) {
        if let Some(agent) = self.agents.get_mut(id)
            && agent.calls.remove(&call) == Some(Engagement::Talking)
        {
            agent.idle_since = now;
        }
    }

    /// The call needs nobody any more.
    pub fn release_all(&mut self, call: CallId, now: Instant) {
        for agent in self.agents.values_mut() {
            if agent.calls.remove(&call) == Some(Engagement::Talking) {
                agent.idle_since = now;
            }
        }
    }

    /// What the agent does for one call is for another from now on.
    pub fn hand_over(&mut self, id: &AgentId, from: CallId, to: CallId) {
        if let Some(agent) = self.agents.get_mut(id)
            && let Some(engagement) = agent.calls.remove(&from)
        {
            agent.calls.insert(to, engagement);
        }
    }

    /// What the agent is doing.
    pub fn state(&self, id: &AgentId) -> AgentState {
        self.agents.get(id).map_or(AgentState::Offline, state_of)
    }

    /// How many agents are in each state.
    pub fn counts(&self) -> BTreeMap<AgentState, usize> {
        let mut counts: BTreeMap<_, _> = AgentState::ALL.map(|state| (state, 0)).into();
        for agent in self.agents.values() {
            *counts.entry(state_of(agent)).or_default() += 1;
        }
        counts
    }

    /// No agent is claimed by any call.
    pub fn are_idle(&self) -> bool {
        self.agents.values().all(|agent| agent.calls.is_empty())
    }
}

fn state_of(agent: &Agent) -> AgentState {
    let mut engagements = agent.calls.values();
    if engagements.clone().any(|e| *e == Engagement::Talking) {
        AgentState::Talking
    } else if engagements.next().is_some() {
        AgentState::Ringing
    } else {
        match agent.reach {
            Reach::Reachable => AgentState::Ready,
            Reach::Silent => AgentState::Unreachable,
            Reach::Absent => AgentState::Offline,
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn call(n: u128) -> CallId {
        CallId(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn agent_is_claimed_by_one_call_at_a_time() {
        let start = Instant::now();
        let mut agents = Agents::default();
        let id = AgentId::from("1001");
        agents.add(id.clone(), 1, Reach::Reachable, start);

        assert!(agents.claim(&id, call(1)));
        assert!(!agents.claim(&id, call(2)));
        assert_eq!(agents.state(&id), AgentState::Ringing);
        agents.release(&id, call(1), start);
        assert!(agents.claim(&id, call(2)));
    }

    #[test]
    fn who_was_only_rung_keeps_the_idle_place() {
        let start = Instant::now();
        let later = start + Duration::from_secs(9);
        let mut agents = Agents::default();
        let id = AgentId::from("1001");
        agents.add(id.clone(), 1, Reach::Reachable, start);

        agents.claim(&id, call(1));
        agents.release(&id, call(1), later);
        assert_eq!(agents.idle_since(&id), Some(start));

        agents.claim(&id, call(2));
        agents.answered(&id, call(2));
        assert_eq!(agents.state(&id), AgentState::Talking);
        agents.release(&id, call(2), later);
        assert_eq!(agents.idle_since(&id), Some(later));
    }

    #[test]
    fn unreachable_agent_is_offline_and_cannot_be_claimed() {
        let mut agents = Agents::default();
        let id = AgentId::from("1001");
        agents.add(id.clone(), 1, Reach::Absent, Instant::now());

        assert!(!agents.claim(&id, call(1)));
        assert_eq!(agents.counts()[&AgentState::Offline], 1);
        agents.set_reach(&id, Reach::Silent);
        assert!(!agents.claim(&id, call(1)));
        assert_eq!(agents.counts()[&AgentState::Unreachable], 1);
        agents.set_reach(&id, Reach::Reachable);
        assert_eq!(agents.state(&id), AgentState::Ready);
    }
}
