//! Who served the caller. An attempt is kept of everybody whose phone was rung, also of those who were
//! only asked something, or listened: they heard of the caller, and are not the caller's.

use super::{Attempt, CallRecord};
use crate::call::doing::ConsultEnd;
use crate::call::event::{AttemptResult, TransferTarget};
use crate::id::AgentId;

impl CallRecord {
    /// Whether the agent has spoken with the caller in the agent's own right: has answered, called,
    /// was handed the call, was one of three, or took it over.
    pub fn was_served_by(&self, agent: &AgentId) -> bool {
        self.answered_by.as_ref() == Some(agent)
            || self.outbound.iter().any(|decision| decision.by == *agent)
            || self.was_brought_in(agent)
            || self.answers_of(agent) > self.asides_of(agent)
    }

    /// Who was asked, or beside the call, and then came to the caller.
    fn was_brought_in(&self, agent: &AgentId) -> bool {
        let mut consults = self.desk.consults.iter();
        let mut supervisions = self.desk.supervisions.iter();
        consults.any(|consult| {
            consult.target == TransferTarget::Agent(agent.clone())
                && consult.answered
                && (consult.three || consult.end == Some(ConsultEnd::Completed))
        }) || supervisions.any(|it| it.supervisor == *agent && it.took_over)
    }

    /// How often the agent's phone was answered in this call.
    fn answers_of(&self, agent: &AgentId) -> usize {
        let is_answer = |attempt: &&Attempt| {
            attempt.agent == *agent && attempt.result == Some(AttemptResult::Answered)
        };
        self.attempts.iter().filter(is_answer).count()
    }

    /// How many of these were for a question, or to be beside the call.
    fn asides_of(&self, agent: &AgentId) -> usize {
        let target = TransferTarget::Agent(agent.clone());
        let consults = self.desk.consults.iter();
        let asked = consults.filter(|it| it.answered && it.target == target);
        let supervisions = self.desk.supervisions.iter();
        let beside = supervisions.filter(|it| it.supervisor == *agent && it.joined_at.is_some());
        asked.count() + beside.count()
    }
}
