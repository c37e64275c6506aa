//! An agent who has called a customer passes the customer on. A call has one side that stays through
//! every transfer, its caller; so the two sides change places: the customer is the caller's side
//! from now on, and the agent is whoever speaks with it.
//!
//! Ports, dialogs and streams stay with their legs. The recording follows the customer, with its
//! channels the other way round: what was on the left is still the agents' side.

use super::attempt::{Callee, State};
use super::event::{EventKind, Side};
use super::media::{MediaCommand, MediaLeg};
use super::request::Identity;
use super::{Call, Phase, Recording, Talker};
use crate::rules::Moment;

impl Call {
    /// Whether this leg is an agent's who has called somebody outside, and speaks with them.
    pub fn has_called_out(&self, leg: MediaLeg) -> bool {
        let talker = self.talker.as_ref();
        let is_outside = talker.is_some_and(|talker| matches!(talker.callee, Callee::Number(_)));
        let is_author = leg == self.caller.id && self.author.is_some() && !self.turned;
        is_author && is_outside && self.connected && matches!(self.phase, Phase::Talking)
    }

    /// Whether the sides of the call have changed places.
    pub const fn is_turned(&self) -> bool {
        self.turned
    }

    /// Lets the two sides change places.
    pub fn turn_round(&mut self, now: Moment) {
        let Some(author) = self.author.clone() else {
            return;
        };
        let customer = self.talking_leg();
        let Some(index) = customer.and_then(|leg| self.attempt_index(leg)) else {
            return;
        };
        let holds = self.holds_now();
        for by in &holds {
            self.store(EventKind::Resumed { by: *by }, now);
        }
        self.store(EventKind::Turned, now);
        let attempt = &mut self.attempts[index];
        std::mem::swap(&mut attempt.leg, &mut self.caller);
        (self.caller.side, attempt.leg.side) = (Side::Caller, Side::Agent);
        attempt.destination.callee = Callee::Agent(author.clone());
        attempt.destination.trunk = None;
        attempt.destination.binding = None;
        attempt.invite = None;
        attempt.state = State::Talking;
        self.talker = Some(Talker {
            leg: attempt.leg.id,
            callee: Callee::Agent(author),
        });
        self.turned = true;
        let stream = self.caller.stream.as_ref();
        self.caller_codec = stream.map(|stream| stream.codec);
        let is_open = match self.recording {
            Recording::Opening | Recording::Ready | Recording::Running | Recording::Silent(_) => {
                true
            }
            Recording::Off | Recording::Closing | Recording::Left | Recording::Closed => false,
        };
        if is_open {
            let (call, leg) = (self.id, self.caller.id);
            self.order(MediaCommand::RecordMirrored { call, leg });
        }
        for by in holds {
            let by = match by {
                Side::Caller => Side::Agent,
                Side::Agent => Side::Caller,
            };
            self.store(EventKind::Held { by }, now);
        }
    }

    fn holds_now(&self) -> Vec<Side> {
        let talking = self.talking_leg();
        let legs = self.attempts.iter().map(|attempt| &attempt.leg);
        let legs = legs.filter(|leg| Some(leg.id) == talking);
        let held = legs.chain([&self.caller]).filter(|leg| leg.held);
        held.map(|leg| leg.side).collect()
    }

    /// Who an agent is told calls, once the customer is passed on.
    pub(super) fn customer(&self) -> Option<Identity> {
        let number = self.errand.dial()?.callee.clone();
        number
            .filter(|_| self.turned || self.is_ours())
            .map(|number| Identity {
                number: Some(number),
                ..Identity::default()
            })
    }
}
