//! Answering a desk phone from elsewhere: a NOTIFY of the event `talk` or `hold` in the phone's own
//! dialog, which phones that advertise it in `Allow-Events` take without any subscription.

use super::attempt::{Callee, State};
use super::command::{Answer, Done, Refused};
use super::leg::Clicks;
use super::{Call, Output, request};
use crate::id::AgentId;
use crate::sip::{EventPackage, Method, Response, SubscriptionState};

impl Call {
    /// Whether a phone of the agent can be told to answer, or to take the caller back.
    pub fn hears_clicks(&self, agent: &AgentId) -> bool {
        self.clickable(agent).is_some()
    }

    /// Notes whether the phone takes such events.
    pub(super) fn note_events(&mut self, index: usize, response: &Response) {
        let leg = &mut self.attempts[index].leg;
        if response.headers.lists("Allow-Events", EventPackage::TALK) {
            leg.clicks = Clicks::Heard;
        }
    }

    /// Tells the agent's phone to answer, or to take the caller back; with `hold`, to put the
    /// caller on hold.
    pub(super) fn click(&mut self, agent: &AgentId, hold: bool) -> Answer {
        let index = self.clickable(agent).ok_or(Refused::PhoneCannot)?;
        let mut rng = self.fork_rng();
        let attempt = &mut self.attempts[index];
        let is_early = matches!(attempt.state, State::PickedUp { .. });
        if is_early || (hold && attempt.state != State::Talking) {
            return Err(Refused::WrongState);
        }
        let (leg, hop) = (attempt.leg.id, attempt.leg.hop.clone());
        let early = attempt.leg.early.first_mut().map(|fork| &mut fork.dialog);
        let dialog = attempt.leg.dialog.as_mut().or(early);
        let dialog = dialog.ok_or(Refused::WrongState)?;
        let mut notify = request::within(dialog, Method::NOTIFY, &hop, &mut rng);
        let event = if hold {
            EventPackage::HOLD
        } else {
            EventPackage::TALK
        };
        let state = SubscriptionState::Active { expires: None };
        notify.headers.push("Event", EventPackage::named(event));
        notify.headers.push("Subscription-State", state);
        self.emit(Output::Send(leg, notify, hop));
        Ok(Done::Accepted)
    }

    /// The agent's phone that rings or talks, and takes such events.
    fn clickable(&self, agent: &AgentId) -> Option<usize> {
        self.attempts.iter().position(|attempt| {
            let is_theirs = attempt.destination.callee == Callee::Agent(agent.clone());
            let is_there = matches!(
                attempt.state,
                State::Ringing { .. } | State::PickedUp { .. } | State::Talking
            );
            is_theirs && is_there && attempt.leg.clicks == Clicks::Heard
        })
    }
}
