//! What a call is for: a line's agents, somebody whom an agent dialled, or the echo test.

use super::attempt::{Destination, Wanted};
use super::event::{Direction, EventKind, Origin, OutboundDecision, Outcome};
use super::media::MediaCommand;
use super::request::Identity;
use super::{Call, Output, Phase};
use crate::id::AgentId;
use crate::rules::Moment;
use crate::sip::StatusCode;

/// What a call is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Whoever answers the line.
    Line,
    /// Somebody whom an agent dialled.
    Dial(Box<Dial>),
    /// The caller hears himself.
    Echo,
}

/// Somebody dialled: an agent, or an outside number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dial {
    /// Where they are; an agent is claimed. Empty for a call that is refused.
    pub phones: Vec<Destination>,
    /// The agent's own phones, which are rung first for a call that is made by a click; the agent is
    /// claimed.
    pub summons: Vec<Destination>,
    /// The colleague whom a click is for: claimed once the agent has answered, and free until then.
    pub colleague: Option<AgentId>,
    /// The record whose number is called by a click (R042).
    pub record: Option<String>,
    /// The outside number.
    pub callee: Option<String>,
    /// Who we say calls, if not the agent's extension.
    pub presents: Option<Identity>,
    /// What allowed or forbade the call, if it goes outside.
    pub decision: Option<OutboundDecision>,
}

impl Errand {
    pub(super) const fn is_line(&self) -> bool {
        matches!(self, Self::Line)
    }

    pub(super) const fn dial(&self) -> Option<&Dial> {
        match self {
            Self::Dial(dial) => Some(dial),
            Self::Line | Self::Echo => None,
        }
    }

    /// Who asked for the call.
    pub(super) fn direction(&self, origin: Origin) -> Direction {
        let is_outbound = self.dial().is_some_and(|dial| dial.callee.is_some());
        match origin {
            Origin::External => Direction::In,
            Origin::Internal if is_outbound => Direction::Out,
            Origin::Internal => Direction::Internal,
        }
    }
}

impl Call {
    /// Who the phones that are rung are told calls: outside, our own number.
    pub(super) fn presented_to(&self, callee: &super::Callee) -> Identity {
        match callee {
            super::Callee::Agent(_) => self.customer().unwrap_or_else(|| self.presented()),
            super::Callee::Number(_) => self.presented(),
        }
    }

    fn presented(&self) -> Identity {
        let dial = self.errand.dial();
        let presents = dial.and_then(|dial| dial.presents.clone());
        presents.unwrap_or_else(|| self.identity.clone())
    }

    /// Rings whom the agent dialled.
    pub(super) fn dial(&mut self, now: Moment) {
        let Errand::Dial(dial) = &mut self.errand else {
            return;
        };
        if let Some(colleague) = dial.colleague.take() {
            return self.emit(Output::Fetch(colleague));
        }
        let phones = std::mem::take(&mut dial.phones);
        self.offer(phones, Wanted::Answer, now);
    }

    /// The phones of the colleague whom a click is for, who is claimed now; or why that cannot be.
    pub(super) fn ring_colleague(
        &mut self,
        phones: Result<Vec<Destination>, StatusCode>,
        now: Moment,
    ) {
        match phones {
            Ok(phones) => self.offer(phones, Wanted::Answer, now),
            Err(status) => self.not_reached(Some(status.as_u16()), now),
        }
    }

    /// Whom the agent dialled has answered: no profile grades that.
    pub(super) fn reached(&mut self, attempt: u32, callee: &super::Callee, now: Moment) {
        self.alert(now); // a phone may answer without ever ringing
        let ring = self.ring.as_ref();
        let ring_ms = ring.map_or(0, |ring| ring.ring_ms(now.instant));
        let agent = match callee {
            super::Callee::Agent(agent) => Some(agent.clone()),
            super::Callee::Number(_) => None,
        };
        tracing::info!(parent: &self.span, ring_ms, "dialled call answered");
        self.answered_at = Some(now);
        let reached = EventKind::Reached {
            attempt,
            agent,
            ring_ms,
        };
        self.store(reached, now);
    }

    /// Nobody is left to be rung: the agent hears why, in the callee's own status where that
    /// means the same on this leg.
    pub(super) fn not_reached(&mut self, status: Option<u16>, now: Moment) {
        let unreached = matches!(self.phase, Phase::Hunting) && !self.connected;
        if !unreached || self.errand.dial().is_none() || self.live_attempts() > 0 {
            return;
        }
        let told = told(status);
        let reason = status.filter(|status| *status != told.as_u16());
        let reason = reason.map(|status| ("Reason", format!("SIP;cause={status}")));
        self.respond_caller_with(told, None, reason.as_slice());
        self.end_unanswered(told, Outcome::NotReached, None, now);
    }

    /// The echo test: answered, and let hear himself.
    pub(super) fn echo(&mut self, now: Moment) {
        self.phase = Phase::Talking;
        self.send_ok(self.caller_codec, now);
        self.order(MediaCommand::Bridge {
            a: self.caller.id,
            b: self.caller.id,
        });
    }

    /// Whoever was to be rung, and now is not, is free again.
    pub(super) fn drop_dial(&mut self) {
        if let Errand::Dial(dial) = &mut self.errand
            && let Some(phone) = std::mem::take(&mut dial.phones).first()
        {
            self.release(&phone.callee, super::Release::Done);
        }
    }

    /// Before an agent's own call, the decision that let it out or kept it in.
    pub(super) fn store_decision(&mut self, now: Moment) {
        let dial = self.errand.dial();
        if let Some(decision) = dial.and_then(|dial| dial.decision.clone()) {
            self.store(EventKind::OutboundDecided { decision }, now);
        }
    }
}

/// What the agent's phone is told of a refusal by the other leg. A failure of the trunk is no
/// failure of ours, and its challenges are not for the phone (RFC 3261 §21).
fn told(status: Option<u16>) -> StatusCode {
    match status {
        Some(status @ (404 | 410 | 480 | 484 | 486 | 488 | 600 | 603 | 604 | 606)) => {
            StatusCode::new(status)
        }
        Some(403) => StatusCode::FORBIDDEN,
        _ => StatusCode::TEMPORARILY_UNAVAILABLE,
    }
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn a_callees_own_status_passes_and_a_trunks_trouble_does_not() {
        let heard = |status| told(status).as_u16();
        assert_eq!(heard(Some(486)), 486);
        assert_eq!(heard(Some(404)), 404);
        assert_eq!(heard(Some(603)), 603);
        assert_eq!(heard(Some(407)), 480);
        assert_eq!(heard(Some(503)), 480);
        assert_eq!(heard(None), 480);
    }
}
