//! A supervisor beside a call: listens, whispers to the agent, or speaks with both; changes from one
//! to another in place; takes the call over, or leaves it as it was. What is whispered is neither
//! heard by the caller nor on the recording, which has what the caller was sent.

use super::attempt::{Callee, Destination, Wanted};
use super::command::{Actor, Answer, Done, Refused};
use super::doing::{Doing, SuperviseMode};
use super::media::MediaLeg;
use super::{Call, Phase, Release, Talker};
use crate::id::AgentId;
use crate::rules::Moment;

/// Who is beside the call, or rung to be.
#[derive(Debug)]
pub(super) struct Supervisor {
    agent: AgentId,
    mode: SuperviseMode,
    leg: Option<MediaLeg>,
}

/// A supervisor, as those see it who watch the floor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Who.
    pub agent: AgentId,
    /// What the supervisor does, or is rung to do.
    pub mode: SuperviseMode,
    /// The supervisor has answered.
    pub is_there: bool,
}

impl Call {
    /// Who supervises the call, or is rung to.
    pub(super) fn beside(&self) -> Option<Beside> {
        let supervisor = self.desk.as_ref()?.supervisor.as_ref()?;
        Some(Beside {
            agent: supervisor.agent.clone(),
            mode: supervisor.mode,
            is_there: supervisor.leg.is_some(),
        })
    }

    /// Who supervises the call, or is rung to.
    pub fn supervisor(&self) -> Option<&AgentId> {
        let supervisor = self.desk.as_ref()?.supervisor.as_ref()?;
        Some(&supervisor.agent)
    }

    /// Whether somebody may come beside it now.
    pub fn can_be_supervised(&self) -> bool {
        matches!(self.phase, Phase::Talking) && self.connected && self.supervisor().is_none()
    }

    pub(super) fn supervising(&self) -> Option<(MediaLeg, SuperviseMode)> {
        let supervisor = self.desk.as_ref()?.supervisor.as_ref()?;
        Some((supervisor.leg?, supervisor.mode))
    }

    /// Rings the supervisor's phones, which are claimed.
    pub(super) fn supervise(
        &mut self,
        by: &Actor,
        agent: AgentId,
        mode: SuperviseMode,
        phones: Vec<Destination>,
        now: Moment,
    ) {
        if !self.can_be_supervised() {
            return self.release(&Callee::Agent(agent), Release::Done);
        }
        // Whoever supervises is beside the agent, and not beside the customer whom the agent called.
        if self.has_called_out(self.caller.id) {
            self.turn_round(now);
        }
        let called = Doing::SupervisorCalled {
            by: by.name().to_owned(),
            supervisor: agent.clone(),
            mode,
        };
        self.does(called, now);
        let leg = None;
        self.desk().supervisor = Some(Supervisor { agent, mode, leg });
        self.offer(phones, Wanted::Supervise, now);
    }

    pub(super) fn supervisor_came(&mut self, leg: MediaLeg, now: Moment) {
        let Some(supervisor) = &mut self.desk().supervisor else {
            return;
        };
        supervisor.leg = Some(leg);
        let (agent, mode) = (supervisor.agent.clone(), supervisor.mode);
        let joined = Doing::SupervisorJoined {
            supervisor: agent,
            mode,
        };
        self.does(joined, now);
        self.lower_hand(now);
    }

    /// The supervisor, asking for something; or somebody who asks it for the supervisor.
    fn supervisor_asked(&mut self, by: &Actor) -> Result<&mut Supervisor, Refused> {
        let supervisor = self.desk.as_mut().and_then(|desk| desk.supervisor.as_mut());
        let supervisor = supervisor.ok_or(Refused::WrongState)?;
        match by.agent() {
            Some(by) if *by != supervisor.agent => Err(Refused::NotYours),
            Some(_) | None => Ok(supervisor),
        }
    }

    /// The supervisor goes on in another way.
    pub(super) fn turn_supervisor(
        &mut self,
        by: &Actor,
        mode: SuperviseMode,
        now: Moment,
    ) -> Answer {
        let supervisor = self.supervisor_asked(by)?;
        if supervisor.mode == mode {
            return Err(Refused::WrongState);
        }
        supervisor.mode = mode;
        let supervisor = supervisor.agent.clone();
        self.does(Doing::SupervisorTurned { supervisor, mode }, now);
        self.arrange();
        Ok(Done::Accepted)
    }

    /// The supervisor leaves; the call goes on.
    pub(super) fn stop_supervising(&mut self, by: &Actor, now: Moment) -> Answer {
        let leg = self.supervisor_asked(by)?.leg;
        match leg {
            Some(leg) => {
                self.dismiss(leg);
                self.supervisor_gone(now);
            }
            None => self.cancel_wanted(Wanted::Supervise, now),
        }
        Ok(Done::Accepted)
    }

    /// The supervisor is not, or will not be, beside the call.
    pub(super) fn supervisor_gone(&mut self, now: Moment) {
        let supervisor = self.desk.as_mut().and_then(|desk| desk.supervisor.take());
        if let Some(supervisor) = supervisor {
            let supervisor = supervisor.agent;
            self.does(Doing::SupervisorLeft { supervisor }, now);
            self.arrange();
        }
    }

    /// The supervisor takes the agent's place, who is free.
    pub(super) fn take_over_call(&mut self, by: &Actor, now: Moment) -> Answer {
        let leg = self.supervisor_asked(by)?.leg.ok_or(Refused::WrongState)?;
        let is_passing = self.transfer_target().is_some();
        if !matches!(self.phase, Phase::Talking) || is_passing || self.notice.is_some() {
            return Err(Refused::WrongState);
        }
        self.replace_agent(leg, now);
        Ok(Done::Accepted)
    }

    fn replace_agent(&mut self, leg: MediaLeg, now: Moment) {
        let supervisor = self.desk.as_mut().and_then(|desk| desk.supervisor.take());
        let Some(supervisor) = supervisor.map(|supervisor| supervisor.agent) else {
            return;
        };
        self.abandon_consult(now);
        self.end_hold("system", now);
        self.new_agent(now);
        let callee = Callee::Agent(supervisor.clone());
        let previous = self.talker.replace(Talker { leg, callee });
        self.forget_private();
        if let Some(index) = self.attempt_index(leg) {
            self.attempts[index].wanted = Wanted::PickUp;
        }
        if let Some(Talker { leg, callee }) = previous {
            self.dismiss(leg);
            if let Callee::Agent(from) = callee {
                self.does(Doing::TookOver { supervisor, from }, now);
            }
        }
        self.join(leg);
    }

    /// The BYE of a supervisor; or of an agent, while the supervisor speaks with the caller, who
    /// then goes on alone. True if the call goes on for it.
    pub(super) fn supervisor_left(&mut self, leg: MediaLeg, now: Moment) -> bool {
        let Some((own, mode)) = self.supervising() else {
            return false;
        };
        if own == leg {
            let agent = self.supervisor().cloned();
            if let Some(agent) = agent {
                self.release(&Callee::Agent(agent), Release::Done);
            }
            self.supervisor_gone(now);
            return true;
        }
        let goes_on = self.talking_leg() == Some(leg)
            && mode == SuperviseMode::Barge
            && self.notice.is_none()
            && !self.is_apart();
        if goes_on {
            self.replace_agent(own, now);
        }
        goes_on
    }

    /// The call is over.
    pub(super) fn supervision_over(&mut self, now: Moment) {
        let supervisor = self.desk.as_mut().and_then(|desk| desk.supervisor.take());
        let Some(Supervisor { agent, leg, .. }) = supervisor else {
            return;
        };
        if leg.is_some() {
            self.release(&Callee::Agent(agent.clone()), Release::Done);
        }
        self.does(Doing::SupervisorLeft { supervisor: agent }, now);
    }
}
