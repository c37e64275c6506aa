//! What an agent was rung for in a call, as the desk counts it: a customer's call is handled or
//! missed; a colleague's question, or a look into a call, is neither.

use super::Call;
use super::attempt::{Attempt, Callee, Wanted};
use crate::id::AgentId;

impl Call {
    /// What the agent's phones were rung for last, and what came of that since: who was asked first
    /// and has the caller now was rung for the caller. `None` if the agent has called.
    fn wanted(&self, agent: &AgentId) -> Option<Wanted> {
        let mut attempts = self.attempts.iter().rev();
        let rung = |callee: &Callee| matches!(callee, Callee::Agent(rung) if rung == agent);
        let last = attempts.find(|attempt| rung(&attempt.destination.callee));
        last.map(|attempt| attempt.wanted)
    }

    /// Whether the agent is, or was, only beside the talk: asked something, or to supervise.
    pub fn is_beside(&self, agent: &AgentId) -> bool {
        self.wanted(agent).is_some_and(Wanted::is_beside)
    }

    /// Whether a ring in vain is held against the agent: not of who was asked or supervises, nor of
    /// who wanted a colleague's call, or was to take back what nobody else took.
    pub fn can_be_missed(&self, agent: &AgentId) -> bool {
        let wanted = self.wanted(agent);
        let is_asked_for = |wanted| matches!(wanted, Wanted::PickUp | Wanted::Return);
        !wanted.is_some_and(|wanted| wanted.is_beside() || is_asked_for(wanted))
    }

    /// Whether it is anybody's to pick up while it rings: a line's call, or one that rings at a
    /// colleague's phone; not what an agent has dialled that rings outside.
    pub(super) fn rings_at_the_desk(&self) -> bool {
        let mut ringing = self.attempts.iter().filter(|it| it.is_live());
        let rings_somebody = self.live_attempts() > 0;
        let is_ours = |it: &Attempt| matches!(it.destination.callee, Callee::Agent(_));
        rings_somebody && (self.errand.is_line() || ringing.any(is_ours))
    }

    /// Whether it is one more call of the agent's day: the same call again is not.
    pub fn is_one_more_of(&self, agent: &AgentId) -> bool {
        let wanted = self.wanted(agent);
        !wanted.is_some_and(|wanted| wanted.is_beside() || wanted == Wanted::Return)
    }
}
