//! Agents who leave their place (R265): with somebody's leave and a substitute, or without a word.

use std::time::{Duration, Instant};

use super::duty::{AwayAsked, LOST};
use super::{Agents, Duty, Reach, Unfit};
use crate::id::AgentId;

/// Who loses the phone in a call is looked at again so much later: the call comes first.
const AFTER_THE_CALL: Duration = Duration::from_secs(30);

impl Agents {
    /// Asks to leave the place for a while, which always needs somebody's word; a colleague who is at
    /// work stands in.
    pub(super) fn ask_away(
        &mut self,
        id: &AgentId,
        reason: String,
        substitute: AgentId,
        now: Instant,
    ) -> Result<(), Unfit> {
        self.may_stand_in(&substitute, id)?;
        self.stand(id, now, |standing| {
            standing.break_asked = None;
            standing.away_asked = Some(Box::new(AwayAsked { reason, substitute }));
        });
        Ok(())
    }

    /// Whether the agent has asked to leave the place, and nobody has decided on it.
    pub fn asks_away(&self, id: &AgentId) -> bool {
        self.away_asked(id).is_some()
    }

    /// Lets the agent go, if the substitute still is at work.
    pub(super) fn allow_away(&mut self, id: &AgentId, by: &str, now: Instant) -> Result<(), Unfit> {
        let asked = self.away_asked(id).cloned().ok_or(Unfit::WrongState)?;
        self.may_stand_in(&asked.substitute, id)?;
        self.stand(id, now, |standing| {
            standing.away_asked = None;
            standing.duty = Duty::Away {
                reason: asked.reason,
                substitute: asked.substitute,
                allowed_by: by.to_owned(),
            };
        });
        Ok(())
    }

    pub(super) fn deny_away(&mut self, id: &AgentId, now: Instant) {
        self.stand(id, now, |standing| standing.away_asked = None);
    }

    fn away_asked(&self, id: &AgentId) -> Option<&AwayAsked> {
        self.standing(id)?.away_asked.as_deref()
    }

    fn may_stand_in(&self, substitute: &AgentId, whom: &AgentId) -> Result<(), Unfit> {
        let colleague = self.agent(substitute).ok_or(Unfit::NoSubstitute)?;
        let is_at_work = matches!(colleague.standing.duty, Duty::Ready | Duty::Busy { .. });
        let has_phone = colleague.reach == Reach::Reachable && !colleague.is_leaving;
        let fits = substitute != whom && is_at_work && has_phone && !colleague.is_trainee;
        fits.then_some(()).ok_or(Unfit::NoSubstitute)
    }

    /// The agent's last phone is gone: if it is not back by then, the agent is absent. `None`: it is
    /// back.
    pub fn miss_phone(&mut self, id: &AgentId, until: Option<Instant>) {
        let Some(index) = self.by_id.get(id).copied() else {
            return;
        };
        if let Some(old) = std::mem::replace(&mut self.list[index].lost_until, until) {
            self.losses.remove(&(old, index));
        }
        self.losses.extend(until.map(|until| (until, index)));
    }

    /// Whether any phone of the agent is registered.
    pub fn has_phone(&self, id: &AgentId) -> bool {
        self.agent(id)
            .is_some_and(|agent| agent.reach != Reach::Absent)
    }

    /// Whoever was at work and whose phone has been gone for too long is absent from now on. Who has
    /// leave to be away, or was not at work, is not.
    pub(super) fn look_for_the_lost(&mut self, now: Instant) {
        while let Some((_, index)) = self.losses.first().filter(|(until, _)| *until <= now) {
            let agent = &self.list[*index];
            let id = agent.id.clone();
            let is_at_work = matches!(agent.standing.duty, Duty::Ready | Duty::Busy { .. });
            let is_in_call = !agent.calls.is_empty();
            self.miss_phone(&id, is_in_call.then(|| now + AFTER_THE_CALL));
            if is_at_work && !is_in_call {
                self.set_wrap_up(&id, None);
                self.change(&id, |agent| {
                    agent.standing.duty = Duty::Absent {
                        reason: LOST.to_owned(),
                    };
                });
            }
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use super::*;
    use crate::id::CallId;
    use crate::queue::{AgentCommand, AgentState, MISSED};

    fn two(now: Instant) -> (Agents, AgentId, AgentId) {
        let mut agents = Agents::default();
        let (one, other) = (AgentId::from("1001"), AgentId::from("1002"));
        for id in [&one, &other] {
            agents.add(id.clone(), 1, Reach::Reachable, now);
        }
        (agents, one, other)
    }

    fn says(agents: &mut Agents, id: &AgentId, command: AgentCommand) -> Result<AgentState, Unfit> {
        let now = Instant::now();
        agents.obey(id, command, "wang", None, false, now)?;
        Ok(agents.state(id))
    }

    fn away(substitute: &AgentId) -> AgentCommand {
        AgentCommand::AskAway {
            reason: "bank".to_owned(),
            substitute: substitute.clone(),
        }
    }

    /// R265: nobody leaves the place without leave, however breaks are taken, and without somebody
    /// who is at work and stands in.
    #[test]
    fn away_needs_leave_and_a_substitute_who_is_at_work() {
        let (mut agents, one, other) = two(Instant::now());
        let nobody = AgentId::from("1009");
        for substitute in [&one, &nobody] {
            let asked = says(&mut agents, &one, away(substitute));
            assert_eq!(asked, Err(Unfit::NoSubstitute));
        }
        assert_eq!(says(&mut agents, &one, away(&other)), Ok(AgentState::Ready));
        let reason = None;
        says(&mut agents, &other, AgentCommand::Busy { reason }).unwrap();
        let allowed = says(&mut agents, &one, AgentCommand::AllowBreak);
        assert_eq!(allowed, Ok(AgentState::Away));
        let duty = agents.standing(&one).unwrap().duty.clone();
        let expected = Duty::Away {
            reason: "bank".to_owned(),
            substitute: other.clone(),
            allowed_by: "wang".to_owned(),
        };
        assert_eq!(duty, expected);
        // Who stands in and leaves meanwhile stands in for nobody else.
        let back = says(&mut agents, &one, AgentCommand::Ready);
        assert_eq!(back, Ok(AgentState::Ready));
        says(&mut agents, &one, away(&other)).unwrap();
        let reason = "lunch".to_owned();
        says(&mut agents, &other, AgentCommand::AskBreak { reason }).unwrap();
        let allowed = says(&mut agents, &one, AgentCommand::AllowBreak);
        assert_eq!(allowed, Err(Unfit::NoSubstitute));
        let denied = says(&mut agents, &one, AgentCommand::DenyBreak);
        assert_eq!(denied, Ok(AgentState::Ready));
        assert!(!agents.asks_away(&one));
    }

    /// R265: whose phone is gone for too long is absent, and says so himself when he is back; who is
    /// away with leave, or in a call, is not absent.
    #[test]
    fn who_loses_the_phone_is_absent_unless_it_comes_back_or_there_is_leave() {
        let start = Instant::now();
        let minute = Duration::from_mins(1);
        let (mut agents, one, other) = two(start);
        let reason = "lunch".to_owned();
        says(&mut agents, &other, AgentCommand::AskBreak { reason }).unwrap();
        for id in [&one, &other] {
            agents.set_reach(id, Reach::Absent);
            agents.miss_phone(id, Some(start + minute));
        }
        agents.handle_timeout(start + minute / 2);
        assert_eq!(agents.state(&one), AgentState::Offline);
        assert_eq!(agents.poll_timeout(), Some(start + minute));
        agents.handle_timeout(start + minute);
        assert_eq!(agents.state(&one), AgentState::Absent);
        assert_eq!(agents.state(&other), AgentState::Break);
        assert_eq!(agents.poll_timeout(), None);
        agents.set_reach(&one, Reach::Reachable);
        assert_eq!(agents.state(&one), AgentState::Absent);
        assert!(!agents.is_ready(&one));
        let back = says(&mut agents, &one, AgentCommand::Ready);
        assert_eq!(back, Ok(AgentState::Ready));

        agents.set_reach(&one, Reach::Absent);
        agents.miss_phone(&one, Some(start + 2 * minute));
        agents.set_reach(&one, Reach::Reachable);
        agents.miss_phone(&one, None);
        agents.handle_timeout(start + 3 * minute);
        assert_eq!(agents.state(&one), AgentState::Ready);

        let call = CallId(uuid::Uuid::from_u128(7));
        agents.engage(&one, call, start);
        agents.miss_phone(&one, Some(start + 4 * minute));
        agents.handle_timeout(start + 4 * minute);
        assert_eq!(agents.state(&one), AgentState::Talking);
        agents.release(&one, call, start + 4 * minute);
        agents.handle_timeout(start + 5 * minute);
        assert_eq!(agents.state(&one), AgentState::Absent);
        assert_ne!(LOST, MISSED);
    }
}
