//! An agent ends the talk by an order: with the reason that is wanted while the customer is still
//! there (R047).

use super::Call;
use super::command::{Actor, Answer, Done, Refused};
use super::doing::{Doing, HangUpReason};
use super::event::HangupParty;
use crate::rules::Moment;

impl Call {
    /// Hangs up for everybody. Who has called may do so without a reason; who was called, and
    /// whoever else, says why.
    pub(super) fn hang_up_by(
        &mut self,
        by: &Actor,
        reason: Option<HangUpReason>,
        now: Moment,
    ) -> Answer {
        if !self.connected || self.is_over() {
            return Err(Refused::WrongState);
        }
        let is_author = by.agent().is_some() && by.agent() == self.author.as_ref();
        let talks = by.agent().is_none_or(|by| self.talking_agent() == Some(by));
        if !talks && !is_author {
            return Err(Refused::NotYours);
        }
        if reason.is_none() && !is_author {
            return Err(Refused::ReasonWanted);
        }
        if let Some(reason) = reason {
            let by = by.name().to_owned();
            self.does(Doing::HangUpReason { by, reason }, now);
        }
        let party = match by.agent() {
            Some(_) if is_author && !self.is_turned() => HangupParty::Caller,
            Some(_) => HangupParty::Agent,
            None => HangupParty::System,
        };
        let reason = reason.map(|reason| reason.as_str().to_owned());
        self.end_connected(party, reason, now);
        Ok(Done::Accepted)
    }

    /// We end the call for one of the reasons that an agent could have had.
    pub(super) fn hang_up_because(&mut self, reason: HangUpReason, now: Moment) {
        let by = Actor::System.name().to_owned();
        self.does(Doing::HangUpReason { by, reason }, now);
        self.hang_up(reason.as_str(), now);
    }
}
