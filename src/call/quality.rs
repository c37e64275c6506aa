//! Quality management is offered to a caller who complains: put through, or told its number (R108).

use super::Call;
use super::command::{Actor, Answer, Done, Refused};
use super::doing::{Doing, QualityOffer};
use crate::rules::Moment;

impl Call {
    /// Does what was agreed with the caller, and writes it down.
    pub(super) fn offer_quality(&mut self, by: &Actor, done: QualityOffer, now: Moment) -> Answer {
        let (_, agent) = self.acting(by, now)?;
        let desk = self.manners().quality_desk.ok_or(Refused::NoSuchTarget)?;
        let answer = match done {
            QualityOffer::Transferred => {
                let to = desk.to.ok_or(Refused::NoSuchTarget)?;
                self.pass_to(by, to, now)?
            }
            QualityOffer::NumberTold => {
                desk.number.ok_or(Refused::NoSuchTarget)?;
                Done::Accepted
            }
            QualityOffer::Declined => Done::Accepted,
        };
        self.does(Doing::QualityOffered { by: agent, done }, now);
        Ok(answer)
    }
}
