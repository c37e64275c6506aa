//! An agent asks somebody while the caller waits (R115), in the same call: whoever is asked has a leg
//! of its own, which the caller does not hear and the recording does not have. Then the caller is
//! passed on to it, comes back to the agent, or all three talk.

use super::attempt::{Callee, Destination, Wanted};
use super::command::{Actor, Answer, Done, PassTo, Refused};
use super::doing::{ConsultEnd, Doing};
use super::event::{TransferKind, TransferResult};
use super::media::MediaLeg;
use super::{Call, Output, Phase, Release, Talker};
use crate::id::AgentId;
use crate::rules::Moment;

/// Somebody who is asked.
#[derive(Debug)]
pub(super) struct Consult {
    number: u32,
    by: AgentId,
    /// Who, once that is resolved.
    callee: Option<Callee>,
    /// The leg, once somebody has answered.
    pub(super) leg: Option<MediaLeg>,
}

impl Call {
    /// Asks somebody; the caller is put on hold for it.
    pub(super) fn consult(&mut self, by: &Actor, whom: PassTo, now: Moment) -> Answer {
        let (leg, agent) = self.acting(by, now)?;
        let holds_itself = self.leg_mut(leg).is_some_and(|owner| owner.held);
        let is_free = self.is_settled() && self.notice.is_none() && !holds_itself;
        let is_person = match &whom {
            PassTo::Agent(whom) => *whom != agent,
            PassTo::Number(_) => true,
            PassTo::Line(_) => false,
        };
        if !is_free || !is_person {
            return Err(Refused::WrongState);
        }
        let desk = self.desk();
        desk.consults_made += 1;
        desk.consult = Some(Consult {
            number: desk.consults_made,
            by: agent,
            callee: None,
            leg: None,
        });
        if !self.is_on_hold() {
            self.begin_hold(by.name(), None, now);
            self.say_please_wait(now);
        }
        self.arrange();
        self.emit(Output::Resolve(whom));
        Ok(Done::Accepted)
    }

    /// Whether the agent wants to ask somebody, and the switch is still to say where that one is.
    pub fn is_to_ask(&self) -> bool {
        let consult = self.desk.as_ref().and_then(|desk| desk.consult.as_ref());
        consult.is_some_and(|consult| consult.callee.is_none())
    }

    /// Who asks somebody meanwhile.
    pub(super) fn consulter(&self) -> Option<&AgentId> {
        let consult = self.desk.as_ref()?.consult.as_ref()?;
        Some(&consult.by)
    }

    pub(super) fn is_consulting(&self) -> bool {
        self.consulter().is_some()
    }

    /// The consultation whose other end has answered.
    pub(super) fn consult_answered(&self) -> Option<u32> {
        let consult = self.desk.as_ref()?.consult.as_ref()?;
        consult.leg.map(|_| consult.number)
    }

    /// The switch says where whoever is to be asked is, and whether they may be. False if nobody
    /// is to be asked.
    pub(super) fn consult_to(
        &mut self,
        callee: &Callee,
        phones: Result<Vec<Destination>, TransferResult>,
        now: Moment,
    ) -> bool {
        let consult = self.desk.as_mut().and_then(|desk| desk.consult.as_mut());
        let Some(consult) = consult.filter(|consult| consult.callee.is_none()) else {
            return false;
        };
        consult.callee = Some(callee.clone());
        let (number, by) = (consult.number, consult.by.clone());
        let (target, parties) = self.target_of(callee, now);
        let began = Doing::ConsultBegan {
            consult: number,
            by,
            target,
        };
        self.store_with(super::EventKind::Doing(began), parties, now);
        match phones {
            Ok(phones) => self.offer(phones, Wanted::Consult(number), now),
            Err(result) => self.consult_failed(number, result, now),
        }
        true
    }

    /// Whoever is asked, or supervises, has answered.
    pub(super) fn came_beside(&mut self, index: usize, now: Moment) {
        let attempt = &self.attempts[index];
        let (number, leg, wanted) = (attempt.number, attempt.leg.id, attempt.wanted);
        let callee = attempt.destination.callee.clone();
        self.end_phone(index, super::event::AttemptResult::Answered, Some(200), now);
        self.attempts[index].state = super::attempt::State::Talking;
        self.end_attempt(number, super::event::AttemptResult::Cancelled, None, now);
        if let Callee::Agent(agent) = callee {
            self.emit(Output::AgentAnswered(agent));
        }
        if let Wanted::Consult(consult) = wanted {
            if let Some(own) = &mut self.desk().consult {
                own.leg = Some(leg);
            }
            self.does(Doing::ConsultAnswered { consult }, now);
        } else {
            self.supervisor_came(leg, now);
        }
        self.arrange();
    }

    /// Nobody could be asked: the agent is back with the caller.
    pub(super) fn consult_failed(&mut self, number: u32, result: TransferResult, now: Moment) {
        let consult = self.desk.as_mut().and_then(|desk| desk.consult.as_ref());
        if consult.is_none_or(|consult| consult.number != number) {
            return;
        }
        self.end_consult(ConsultEnd::TargetLeft, Some(result), now);
        self.back_to_caller("system", now);
    }

    fn end_consult(
        &mut self,
        end: ConsultEnd,
        result: Option<TransferResult>,
        now: Moment,
    ) -> Option<Consult> {
        let consult = self.desk.as_mut().and_then(|desk| desk.consult.take())?;
        let ended = Doing::ConsultEnded {
            consult: consult.number,
            end,
            result,
        };
        self.does(ended, now);
        Some(consult)
    }

    fn back_to_caller(&mut self, by: &str, now: Moment) {
        if matches!(self.phase, Phase::Talking) && self.is_on_hold() {
            self.retrieve_for(by, now);
        } else {
            self.arrange();
        }
    }

    /// The agent asks no longer, and is back with the caller.
    pub(super) fn cancel_consult(&mut self, by: &Actor, now: Moment) -> Answer {
        self.acting(by, now)?;
        let consult = self.end_consult(ConsultEnd::Cancelled, None, now);
        let consult = consult.ok_or(Refused::WrongState)?;
        self.let_go(&consult, now);
        self.back_to_caller(by.name(), now);
        Ok(Done::Accepted)
    }

    /// Somebody else goes on with the caller: nobody is asked any more.
    pub(super) fn abandon_consult(&mut self, now: Moment) {
        if let Some(consult) = self.end_consult(ConsultEnd::Cancelled, None, now) {
            self.let_go(&consult, now);
        }
    }

    /// Whoever is asked, or rung to be, is so no longer.
    fn let_go(&mut self, consult: &Consult, now: Moment) {
        match consult.leg {
            Some(leg) => self.dismiss(leg),
            None => self.cancel_wanted(Wanted::Consult(consult.number), now),
        }
    }

    /// Caller, agent and whoever is asked hear each other.
    pub(super) fn join_three(&mut self, by: &Actor, now: Moment) -> Answer {
        self.acting(by, now)?;
        let consult = self.consult_answered().filter(|_| self.is_on_hold());
        let consult = consult.ok_or(Refused::WrongState)?;
        self.end_hold(by.name(), now);
        let by = by.name().to_owned();
        self.does(Doing::ThreeJoined { consult, by }, now);
        self.arrange();
        Ok(Done::Accepted)
    }

    /// The agent leaves the caller with whoever is asked: an attended transfer. If they still
    /// ring, the caller hears that.
    pub(super) fn complete_consult(&mut self, by: &Actor, now: Moment) -> Answer {
        let (leg, _) = self.acting(by, now)?;
        if !self.is_consulting() {
            return Err(Refused::WrongState);
        }
        self.pass_on_to_asked(leg, now);
        Ok(Done::Accepted)
    }

    fn pass_on_to_asked(&mut self, transferor: MediaLeg, now: Moment) {
        let consult = self.end_consult(ConsultEnd::Completed, None, now);
        let Some(Consult {
            number,
            by,
            callee: Some(callee),
            leg,
        }) = consult
        else {
            return;
        };
        let transfer = self.begin_transfer(transferor, by.clone(), number.to_string());
        let kind = TransferKind::Attended;
        self.store_transfer(transfer, kind, by, &callee, None, now);
        for attempt in &mut self.attempts {
            if attempt.wanted == Wanted::Consult(number) {
                attempt.wanted = Wanted::Transfer(transfer);
            }
        }
        if let Some(leg) = leg {
            let previous = self.talker.replace(Talker { leg, callee });
            self.transferred(leg, previous, now);
        } else {
            self.end_hold("system", now);
            self.play_ringback();
            self.arrange();
        }
    }

    /// The BYE of whoever asks or is asked. True if the call goes on for it.
    pub(super) fn consult_left(&mut self, leg: MediaLeg, now: Moment) -> bool {
        let consult = self.desk.as_ref().and_then(|desk| desk.consult.as_ref());
        let Some(consult) = consult else { return false };
        if consult.leg == Some(leg) {
            let callee = consult.callee.clone();
            self.end_consult(ConsultEnd::TargetLeft, None, now);
            if let Some(callee) = callee {
                self.release(&callee, Release::Done);
            }
            self.back_to_caller("system", now);
            return true;
        }
        // An agent who hangs up has passed the caller on: nobody is left alone by it.
        if self.talking_leg() != Some(leg) {
            return false;
        }
        self.pass_on_to_asked(leg, now);
        if self.talking_leg() == Some(leg) {
            self.transferor_left(leg, now);
        }
        true
    }

    /// The call is over.
    pub(super) fn consult_over(&mut self, now: Moment) {
        let Some(consult) = self.end_consult(ConsultEnd::CallerLeft, None, now) else {
            return;
        };
        if let (Some(_), Some(callee)) = (consult.leg, consult.callee) {
            self.release(&callee, Release::Done);
        }
    }

    /// Ends whatever still rings for this.
    pub(super) fn cancel_wanted(&mut self, wanted: Wanted, now: Moment) {
        for index in 0..self.attempts.len() {
            let attempt = &self.attempts[index];
            if attempt.wanted == wanted && attempt.is_live() {
                self.end_phone(index, super::event::AttemptResult::Cancelled, None, now);
            }
        }
    }
}
