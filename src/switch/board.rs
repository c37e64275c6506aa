//! How the desk stands: every agent and every queue, as whoever looks at it is shown them, and told
//! of each change.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::id::{AgentId, CallId, QueueId};
use crate::queue::AgentState;
use crate::rules::Timestamp;

use super::News;

/// How one agent stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentNow {
    /// Who.
    pub agent: AgentId,
    /// What the agent is doing.
    pub state: AgentState,
    /// Why, where somebody said so.
    pub reason: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// The call that it is about.
    pub call: Option<CallId>,
    /// The break, or the absence, that was asked for and that nobody has decided on.
    pub asks_break: Option<String>,
    /// When it was asked for.
    pub asked_break_at: Option<Timestamp>,
    /// Who stands in, or is to stand in, for an agent who is away (R265).
    pub substitute: Option<AgentId>,
    /// The shift that the agent logged in for.
    pub shift: Option<String>,
    /// When the work after the call ends by itself.
    pub wrap_up_until: Option<Timestamp>,
    /// When the break should be over; `None` where its reason has no bound (R274).
    pub break_until: Option<Timestamp>,
}

impl AgentNow {
    /// Whether the agent is on a break that should be over.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.break_until.is_some_and(|until| until < now)
    }
}

impl AgentNow {
    /// Somebody who does nothing so far.
    pub(super) const fn offline(agent: AgentId, since: Timestamp) -> Self {
        Self {
            agent,
            state: AgentState::Offline,
            reason: None,
            since,
            call: None,
            asks_break: None,
            asked_break_at: None,
            substitute: None,
            shift: None,
            wrap_up_until: None,
            break_until: None,
        }
    }
}

/// How one queue stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueNow {
    /// Which.
    pub queue: QueueId,
    /// Its agents in the order of their list, which the duty lead may change (轮位, R015).
    pub order: Arc<[AgentId]>,
    /// Who waits, the first to be served first.
    pub waiting: Vec<Waiter>,
    /// Since when the one waits who has waited for longest.
    pub longest: Option<Timestamp>,
    /// Its agents who serve callers, free or not.
    pub staffed: usize,
    /// How many fewer than there must be (R018).
    pub missing: usize,
}

impl QueueNow {
    /// Nobody waits there so far.
    pub(super) const fn empty(queue: QueueId, order: Arc<[AgentId]>) -> Self {
        Self {
            queue,
            order,
            waiting: Vec::new(),
            longest: None,
            staffed: 0,
            missing: 0,
        }
    }
}

/// A caller who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiter {
    /// Which call.
    pub call: CallId,
    /// The place in the queue; 1 is next.
    pub place: u32,
    /// How long it will be, as far as that can be told.
    pub expected: Option<Duration>,
}

/// Every agent and every queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// Agents.
    pub agents: BTreeMap<AgentId, AgentNow>,
    /// Queues.
    pub queues: BTreeMap<QueueId, QueueNow>,
}

impl Board {
    /// Nobody is there, and nobody waits.
    pub(super) fn new(
        agents: impl Iterator<Item = AgentId>,
        queues: impl Iterator<Item = (QueueId, Arc<[AgentId]>)>,
        now: Timestamp,
    ) -> Self {
        let agents = agents.map(|agent| (agent.clone(), AgentNow::offline(agent, now)));
        let queues = queues.map(|(queue, order)| (queue.clone(), QueueNow::empty(queue, order)));
        Self {
            agents: agents.collect(),
            queues: queues.collect(),
        }
    }

    /// Takes over what a piece of news says; whether it was about the board.
    pub fn hear(&mut self, news: &News) -> bool {
        match news {
            News::Agent(now) => {
                self.agents.insert(now.agent.clone(), now.clone());
            }
            News::Queue(now) => {
                self.queues.insert(now.queue.clone(), now.clone());
            }
            News::Line(_) | News::Ring { .. } | News::Attention { .. } => return false,
        }
        true
    }
}
