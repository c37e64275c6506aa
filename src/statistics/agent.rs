//! The figures of one agent.

use super::facts::Facts;
use super::tally::{RING_COLUMNS, count_ring};
use super::times::Times;
use crate::call::event::AttemptResult;
use crate::id::AgentId;

/// The figures of one agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentTally {
    /// Calls that the phone was rung for.
    pub offered: u64,
    /// Those the agent answered.
    pub answered: u64,
    /// Those for which the phone rang in vain.
    pub missed: u64,
    /// Those the agent turned down.
    pub rejected: u64,
    /// How long the phone rang until the answer.
    pub answers: Times,
    /// Answered in ring 1, 2 ... of the agent's own phone (R014).
    pub rings_answered: [u64; RING_COLUMNS],
    /// How long the talks were of calls that the agent was the first to answer.
    pub talks: Times,
}

impl AgentTally {
    /// One more call, as far as the agent had to do with it.
    pub(super) fn add(&mut self, agent: &AgentId, facts: &Facts) {
        for (_, result, ring_ms) in facts.attempts.iter().filter(|(whose, ..)| whose == agent) {
            self.offered += 1;
            match result {
                Some(AttemptResult::Answered) => {
                    self.answered += 1;
                    let ring_ms = ring_ms.unwrap_or(0);
                    self.answers.add(ring_ms);
                    let rings = facts.cadence.rings(ring_ms).0;
                    count_ring(&mut self.rings_answered, Some(rings));
                }
                Some(AttemptResult::RingNoAnswer) => self.missed += 1,
                Some(AttemptResult::Rejected) => self.rejected += 1,
                Some(AttemptResult::Unreachable | AttemptResult::Cancelled) | None => {}
            }
        }
        if let (Some(by), Some(talk_ms)) = (&facts.answered_by, facts.talk_ms)
            && by == agent
        {
            self.talks.add(talk_ms);
        }
    }

    /// All of `other` as well.
    pub fn merge(&mut self, other: &Self) {
        self.offered += other.offered;
        self.answered += other.answered;
        self.missed += other.missed;
        self.rejected += other.rejected;
        self.answers.merge(&other.answers);
        self.talks.merge(&other.talks);
        for (mine, others) in self.rings_answered.iter_mut().zip(other.rings_answered) {
            *mine += others;
        }
    }
}
