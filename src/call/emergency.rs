//! One key, and the caller is put through to the police, the fire brigade or whoever else is set up for
//! emergencies: no policy of the line or the agent stands in the way (R281).

use super::Call;
use super::attention::Attention;
use super::command::{Actor, Answer, PassTo, Refused};
use super::doing::Doing;
use crate::id::AgentId;
use crate::rules::Moment;

impl Call {
    /// Puts the caller through to an emergency contact, who is at `to`. If nobody answers there, the
    /// caller is back with the agent, as after any transfer.
    pub(super) fn call_emergency(
        &mut self,
        by: &Actor,
        contact: String,
        to: PassTo,
        now: Moment,
    ) -> Answer {
        let (_, agent) = self.acting(by, now)?;
        if !self.is_settled() {
            return Err(Refused::WrongState);
        }
        // A contact's number is told of as it is looked up, whoever asks for it.
        let is_number = matches!(to, PassTo::Number(_));
        let done = self.pass_to(by, to, now)?;
        if !is_number {
            self.tell_emergency(agent, contact, now);
        }
        Ok(done)
    }

    /// The transfer on its way goes to this emergency contact's number: by one key, by another order, or
    /// by the REFER of a phone.
    pub(super) fn goes_to_emergency(&mut self, contact: String, now: Moment) {
        let transfer = self.transfer.as_ref().filter(|transfer| !transfer.done);
        if let Some(agent) = transfer.map(|transfer| transfer.by.clone()) {
            self.tell_emergency(agent, contact, now);
        }
    }

    fn tell_emergency(&mut self, agent: AgentId, contact: String, now: Moment) {
        let called = Doing::EmergencyCalled {
            by: agent.clone(),
            contact: contact.clone(),
        };
        self.does(called, now);
        self.attend_to(Attention::Emergency { agent, contact });
    }
}
