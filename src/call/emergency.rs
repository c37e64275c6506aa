//! One key, and the caller is put through to the police, the fire brigade or whoever else is set up for
//! emergencies: no policy of the line or the agent stands in the way (R281).

use super::Call;
use super::attention::Attention;
use super::command::{Actor, Answer, PassTo, Refused};
use super::doing::Doing;
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
        let done = self.pass_to(by, to, now)?;
        let called = Doing::EmergencyCalled {
            by: agent.clone(),
            contact: contact.clone(),
        };
        self.does(called, now);
        self.attend_to(Attention::Emergency { agent, contact });
        Ok(done)
    }
}
