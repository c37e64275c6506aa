//! The queues: which agents a waiting call rings now. The agents' own order is kept in their groups;
//! a decision looks at the first of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::estimate::HandleTime;
use super::{Agents, Heard, Joining, Overflow, Strategy, WaitingCall, When};
use crate::id::{AgentId, CallId, QueueId};

/// A queue, as it is configured.
#[derive(Clone, Debug)]
pub struct QueueSettings {
    /// Its name.
    pub id: QueueId,
    /// Who is rung first.
    pub strategy: Strategy,
    /// Who may be rung, in the order of the list.
    pub agents: Vec<AgentId>,
    /// For [`Strategy::Skills`]: how much each skill weighs.
    pub skills: BTreeMap<String, u32>,
    /// Who joins when.
    pub overflow: Vec<Overflow>,
    /// How many agents must serve callers, free or not; fewer are an alarm (R018).
    pub minimum: usize,
    /// What it is at certain hours instead.
    pub minimum_at: Vec<super::MinimumAt>,
}

impl QueueSettings {
    /// A queue of these agents, and no more.
    pub const fn new(id: QueueId, strategy: Strategy, agents: Vec<AgentId>) -> Self {
        Self {
            id,
            strategy,
            agents,
            skills: BTreeMap::new(),
            overflow: Vec::new(),
            minimum: 0,
            minimum_at: Vec::new(),
        }
    }
}

/// What agents can: skills, each with its level.
pub type Skills = BTreeMap<String, u32>;

#[derive(Debug)]
pub(super) struct Queue {
    strategy: Strategy,
    pub(super) group: usize,
    /// Its agents as they were listed when it was set up.
    pub(super) listed: Vec<AgentId>,
    /// When each further group joins.
    steps: Vec<(When, usize)>,
    minimum: usize,
    pub(super) handled: HandleTime,
}

/// An agent whom a call is to ring, and whose list they stand on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Who.
    pub agent: AgentId,
    group: usize,
}

/// How a queue is staffed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Staffing {
    /// Agents who serve callers: ready, rung, talking, or at work after a call.
    pub staffed: usize,
    /// How many there must be.
    pub minimum: usize,
}

impl Staffing {
    /// How many are missing.
    pub const fn missing(self) -> usize {
        self.minimum.saturating_sub(self.staffed)
    }
}

/// All queues, by name.
#[derive(Debug, Default)]
pub struct Queues {
    pub(super) queues: BTreeMap<QueueId, Queue>,
}

impl Queues {
    /// Seats the agents. What each can matters to [`Strategy::Skills`] only: who has none of a
    /// queue's skills is never rung for it.
    pub fn new(
        settings: &[QueueSettings],
        skills: &BTreeMap<AgentId, Skills>,
        agents: &mut Agents,
    ) -> Self {
        let mut own = BTreeMap::new();
        for queue in settings {
            let members = scored(&queue.agents, queue, skills);
            own.insert(&queue.id, agents.form(queue.strategy, &members));
        }
        let queues = settings.iter().filter_map(|queue| {
            let group = *own.get(&queue.id)?;
            let steps = queue.overflow.iter().filter_map(|step| {
                let joins = match &step.whom {
                    Joining::Queue(other) => *own.get(other)?,
                    Joining::Agents(list) => {
                        agents.form(queue.strategy, &scored(list, queue, skills))
                    }
                };
                Some((step.when, joins))
            });
            let queue_of = Queue {
                strategy: queue.strategy,
                group,
                listed: queue.agents.clone(),
                steps: steps.collect(),
                minimum: queue.minimum,
                handled: HandleTime::default(),
            };
            Some((queue.id.clone(), queue_of))
        });
        Self {
            queues: queues.collect(),
        }
    }

    /// Every queue's name.
    pub fn ids(&self) -> impl Iterator<Item = &QueueId> {
        self.queues.keys()
    }

    /// Whether there is such a queue.
    pub fn contains(&self, queue: &QueueId) -> bool {
        self.queues.contains_key(queue)
    }

    /// Whether the queue rings one agent at a time.
    pub fn is_one_by_one(&self, queue: &QueueId) -> bool {
        let queue = self.queues.get(queue);
        queue.is_none_or(|queue| queue.strategy.is_one_by_one())
    }

    /// The agents to ring now for a call; empty when it has to wait.
    ///
    /// Whom the call has tried least comes first, then the queue's own agents, then those who have
    /// joined, each in the order of their list's strategy.
    pub fn choose(
        &self,
        waiting: &WaitingCall,
        heard: Heard,
        agents: &Agents,
        now: Instant,
    ) -> Vec<Choice> {
        let Some(queue) = self.queues.get(&waiting.queue) else {
            return Vec::new();
        };
        if queue.strategy.is_one_by_one() {
            let is_free_to_ring = heard.live == 0;
            let best = is_free_to_ring.then(|| queue.best(waiting, heard, agents, now));
            best.flatten().into_iter().collect()
        } else {
            queue.all(waiting, heard, agents, now)
        }
    }

    /// Takes the agent for the call, if it can still have them.
    pub fn claim(&self, choice: &Choice, call: CallId, agents: &mut Agents) -> bool {
        let is_claimed = agents.claim(&choice.agent, call);
        if is_claimed {
            agents.rung_by(choice.group, &choice.agent);
        }
        is_claimed
    }

    /// Whether some agent other than those being rung could take the call now.
    pub fn has_alternative(
        &self,
        waiting: &WaitingCall,
        heard: Heard,
        agents: &Agents,
        now: Instant,
    ) -> bool {
        let (call, attempted) = (waiting.call, &waiting.attempted);
        let Some(queue) = self.queues.get(&waiting.queue) else {
            return false;
        };
        let mut groups = queue.groups(waiting, heard, now);
        groups.any(|group| {
            agents
                .candidates(group, call, attempted, now)
                .next()
                .is_some()
        })
    }

    /// When somebody else joins for this call, or may.
    pub fn next_step(&self, waiting: &WaitingCall, heard: Heard, now: Instant) -> Option<Instant> {
        let queue = self.queues.get(&waiting.queue)?;
        let steps = queue.steps.iter();
        steps
            .filter_map(|(when, _)| when.next(waiting.since, heard, now))
            .min()
    }

    /// How the queue is staffed with agents of its own.
    pub fn staffing(&self, queue: &QueueId, agents: &Agents) -> Staffing {
        let Some(queue) = self.queues.get(queue) else {
            return Staffing::default();
        };
        Staffing {
            staffed: agents.groups.get(queue.group).map_or(0, |it| it.staffed),
            minimum: queue.minimum,
        }
    }

    /// One of the queue's calls has occupied an agent for so long, from answer to free again.
    pub fn handled(&mut self, queue: &QueueId, took: Duration) {
        if let Some(queue) = self.queues.get_mut(queue) {
            queue.handled.note(took);
        }
    }

    /// How long whoever is at this place (1 is next) has still to wait, as far as that can be told.
    pub fn expected_wait(&self, queue: &QueueId, place: u32, agents: &Agents) -> Option<Duration> {
        let staffed = self.staffing(queue, agents).staffed;
        self.queues
            .get(queue)?
            .handled
            .expected_wait(place, staffed)
    }

    /// The queue's agents in the order that they are rung in (轮位, R015).
    pub fn order<'a>(
        &self,
        queue: &QueueId,
        agents: &'a Agents,
    ) -> impl Iterator<Item = &'a AgentId> + use<'a> {
        let group = self.queues.get(queue).map(|queue| queue.group);
        group.into_iter().flat_map(|group| agents.order(group))
    }

    /// Puts the queue's agents into another order; false, and nothing changed, if it does not name
    /// each of them once.
    pub fn reorder(&self, queue: &QueueId, order: &[AgentId], agents: &mut Agents) -> bool {
        let group = self.queues.get(queue).map(|queue| queue.group);
        group.is_some_and(|group| agents.reorder(group, order))
    }
}

impl Queue {
    /// The lists that the call is served from by now.
    fn groups(
        &self,
        waiting: &WaitingCall,
        heard: Heard,
        now: Instant,
    ) -> impl Iterator<Item = usize> {
        let since = waiting.since;
        let has_joined = move |when: &When| when.due(since, heard).is_some_and(|due| due <= now);
        let joined = self.steps.iter().filter(move |(when, _)| has_joined(when));
        std::iter::once(self.group).chain(joined.map(|(_, group)| *group))
    }

    fn best(
        &self,
        waiting: &WaitingCall,
        heard: Heard,
        agents: &Agents,
        now: Instant,
    ) -> Option<Choice> {
        let mut best: Option<(u32, Choice)> = None;
        for group in self.groups(waiting, heard, now) {
            for (agent, tried) in agents.candidates(group, waiting.call, &waiting.attempted, now) {
                let is_better = best.as_ref().is_none_or(|(least, _)| tried < *least);
                if is_better {
                    let agent = agent.clone();
                    best = Some((tried, Choice { agent, group }));
                }
                if tried == 0 {
                    // Nobody can be better than the first whom the call has not tried.
                    return best.map(|(_, choice)| choice);
                }
            }
        }
        best.map(|(_, choice)| choice)
    }

    fn all(
        &self,
        waiting: &WaitingCall,
        heard: Heard,
        agents: &Agents,
        now: Instant,
    ) -> Vec<Choice> {
        let mut seen = BTreeSet::new();
        let mut chosen = Vec::new();
        for group in self.groups(waiting, heard, now) {
            let candidates = agents.candidates(group, waiting.call, &waiting.attempted, now);
            for (agent, tried) in candidates.filter(|(agent, _)| seen.insert(*agent)) {
                let agent = agent.clone();
                chosen.push((tried, Choice { agent, group }));
            }
        }
        chosen.sort_by_key(|(tried, _)| *tried);
        chosen.into_iter().map(|(_, choice)| choice).collect()
    }
}

/// Each agent with what his skills are worth to the queue; without those who have none of them,
/// where skills are what counts.
fn scored(
    list: &[AgentId],
    queue: &QueueSettings,
    skills: &BTreeMap<AgentId, Skills>,
) -> Vec<(AgentId, u32)> {
    let score = |agent: &AgentId| {
        let levels = skills.get(agent);
        let worth = queue.skills.iter().map(|(skill, weight)| {
            let level = levels.and_then(|levels| levels.get(skill)).copied();
            weight.saturating_mul(level.unwrap_or_default())
        });
        worth.fold(0, u32::saturating_add)
    };
    let all = list.iter().map(|agent| (agent.clone(), score(agent)));
    all.filter(|(_, score)| queue.strategy != Strategy::Skills || *score > 0)
        .collect()
}

#[cfg(test)]
mod tests;
