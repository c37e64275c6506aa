//! How long a break may last, by its reason: a meal, or a visitor at the desk (R274, R278). A break
//! that lasts longer ends by nobody's hand but the agent's; it is shown and counted.

use std::time::Duration;

use super::{DeskSettings, Switch};
use crate::queue::{AgentCommand, AgentState};
use crate::rules::Timestamp;

/// What is known beforehand of the breaks for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakRule {
    /// The reason, as agents give it.
    pub reason: String,
    /// How long such a break may last.
    pub longest: Duration,
    /// It begins at once, even where others need somebody's word: a visitor does not wait.
    pub at_once: bool,
}

impl DeskSettings {
    fn break_rule(&self, reason: &str) -> Option<&BreakRule> {
        self.breaks.iter().find(|rule| rule.reason == reason)
    }

    /// Whether somebody has to allow what is asked.
    pub(super) fn asks_first(&self, command: &AgentCommand) -> bool {
        let AgentCommand::AskBreak { reason } = command else {
            return self.approve_breaks;
        };
        let is_at_once = self.break_rule(reason).is_some_and(|rule| rule.at_once);
        self.approve_breaks && !is_at_once
    }

    /// When a break that began then, for this reason, should be over.
    pub(super) fn break_until(
        &self,
        state: AgentState,
        reason: Option<&str>,
        since: Timestamp,
    ) -> Option<Timestamp> {
        let rule = self.break_rule(reason?)?;
        (state == AgentState::Break).then(|| since.plus(rule.longest))
    }
}

impl Switch {
    /// How many agents are on a break that should be over.
    pub fn overdue_breaks(&self, now: Timestamp) -> usize {
        let agents = self.desk.board.agents.values();
        agents.filter(|agent| agent.is_overdue(now)).count()
    }
}
