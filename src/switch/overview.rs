//! How things stand, for those who look at the desk: every agent, line and trunk.

use super::{LineSwitch, Switch, TrunkSnapshot};
use crate::call::CallNow;
use crate::id::{AgentId, CallId, LineId, TrunkId};
use crate::queue::AgentState;

/// How things stand at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// Every agent.
    pub agents: Vec<AgentInView>,
    /// Every line.
    pub lines: Vec<LineInView>,
    /// Every trunk.
    pub trunks: Vec<(TrunkId, TrunkSnapshot)>,
    /// Registered phones.
    pub registrations: usize,
}

/// An agent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentInView {
    /// Who.
    pub agent: AgentId,
    /// What the agent is doing.
    pub state: AgentState,
    /// The calls that the agent is in, or is being rung for.
    pub calls: Vec<CallId>,
}

/// A line now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineInView {
    /// Which.
    pub line: LineId,
    /// Calls that are open.
    pub calls: usize,
    /// Callers who wait for somebody.
    pub waiting: usize,
    /// Its calls go elsewhere, as somebody wanted it in an emergency (R279).
    pub switched: Option<LineSwitch>,
}

impl Switch {
    /// How every running call stands, the oldest first.
    pub fn calls_now(&self) -> Vec<CallNow> {
        let calls = self.calls.values();
        calls.filter_map(|entrant| entrant.call.now()).collect()
    }

    /// How things stand now.
    pub fn overview(&self) -> Overview {
        let snapshot = self.snapshot();
        let agents = self.settings.agents.iter().map(|agent| AgentInView {
            agent: agent.id.clone(),
            state: self.agents.state(&agent.id),
            calls: self.agents.calls_of(&agent.id).collect(),
        });
        let lines = snapshot.calls.into_iter();
        let waiting = snapshot.waiting;
        Overview {
            agents: agents.collect(),
            lines: lines
                .map(|(line, calls)| LineInView {
                    waiting: waiting
                        .iter()
                        .find(|(queue, _)| queue.0 == line.0)
                        .map_or(0, |(_, count)| *count),
                    switched: self.emergencies.get(&line).cloned(),
                    line,
                    calls,
                })
                .collect(),
            trunks: snapshot.trunks.into_iter().collect(),
            registrations: snapshot.registrations,
        }
    }
}
