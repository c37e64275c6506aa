//! REFER from an agent's phone, and the NOTIFYs that tell it how the transfer stands (RFC 3515).

use super::command::PassTo;
use super::leg::Wire;
use super::media::MediaLeg;
use super::transfer::{TRANSFEROR_LEAVES, Transfer};
use super::{Call, Output, Phase, request};
use crate::rules::Moment;
use crate::sip::endpoint::ServerTx;
use crate::sip::{EventPackage, Refer, Request, StatusCode};

impl Call {
    /// REFER: whoever speaks with the caller may pass the caller on, and so may an agent whom they
    /// have called; an agent's own call may be joined with the one that it was made for. One
    /// transfer at a time.
    pub(super) fn refer(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request, now: Moment) {
        let Ok(refer) = Refer::of(request) else {
            return self.respond(leg, tx, request, StatusCode::BAD_REQUEST);
        };
        if let Some(status) = self.refer_refusal(leg, &refer) {
            return self.respond(leg, tx, request, status);
        }
        let (by, number) = (self.agent_on(leg).cloned(), refer.number());
        let Some(by) = by else {
            return self.respond(leg, tx, request, StatusCode::FORBIDDEN);
        };
        if number.is_none() && refer.replaces.is_none() {
            return self.respond(leg, tx, request, StatusCode::BAD_REQUEST);
        }
        if refer.replaces.is_none() && self.has_called_out(leg) {
            self.turn_round(now);
        }
        self.accept_refer(leg, tx, request, refer.subscribes);
        self.send_earlier_transferor_away();
        self.transfers_made += 1;
        let asked_for = number.unwrap_or_default();
        let subscription = refer.subscribes.then(|| match self.transfers_made {
            // The first REFER of a dialog may go unnamed, and old phones expect it so (§2.4.6).
            1 => EventPackage::named(EventPackage::REFER),
            _ => EventPackage::of_refer(request.cseq().number),
        });
        self.transfer = Some(Transfer {
            number: self.transfers_made,
            by,
            transferor: leg,
            subscription,
            asked_for: asked_for.clone(),
            leaves_within: TRANSFEROR_LEAVES,
            queue: None,
            done: false,
            leave_at: None,
            failed_at: None,
        });
        self.notify_transferor(StatusCode::TRYING);
        self.emit(match refer.replaces {
            Some(replaces) => Output::ResolveReplaces(leg, replaces),
            None => Output::Resolve(PassTo::Number(asked_for)),
        });
    }

    fn refer_refusal(&self, leg: MediaLeg, refer: &Refer) -> Option<StatusCode> {
        let pending = self
            .transfer
            .as_ref()
            .is_some_and(|transfer| !transfer.done)
            || self.is_consulting();
        let is_own =
            leg == self.caller.id && (refer.replaces.is_some() || self.has_called_out(leg));
        let talks = matches!(self.phase, Phase::Talking);
        if !talks || !(is_own || self.talking_leg() == Some(leg)) {
            Some(StatusCode::FORBIDDEN)
        } else {
            pending.then_some(StatusCode::REQUEST_PENDING)
        }
    }

    /// 202; a phone that wants no subscription hears that it gets none (RFC 4488 §4).
    fn accept_refer(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request, subscribes: bool) {
        let tag = self.local_tag.clone();
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let mut response = request::reply(request, StatusCode::ACCEPTED, &tag, &owner.hop);
        if !subscribes {
            response.headers.push("Refer-Sub", "false");
        }
        self.emit(Output::Respond(tx, response));
    }

    /// Whoever passed the call on before, and has not left by now, has nothing to wait for.
    pub(super) fn send_earlier_transferor_away(&mut self) {
        let before = self.transfer.take();
        if let Some(before) = before.filter(|before| before.leave_at.is_some()) {
            self.send_bye(before.transferor);
        }
    }

    /// The dialog that the REFER named is none that the call could be joined with.
    pub(super) fn refer_failed(&mut self, status: StatusCode) {
        let Some(transfer) = self.transfer.as_mut().filter(|transfer| !transfer.done) else {
            return;
        };
        transfer.done = true;
        let status_code = status.as_u16();
        tracing::info!(parent: &self.span, sip.status = status_code, "transfer refused");
        self.notify_transferor(status);
    }

    /// Tells the transferor how the transfer stands (RFC 3515 §2.4.5).
    pub(super) fn notify_transferor(&mut self, status: StatusCode) {
        let Some(transfer) = &self.transfer else {
            return;
        };
        let Some(event) = transfer.subscription.clone() else {
            return;
        };
        let leg = transfer.transferor;
        let mut rng = self.fork_rng();
        let Some(owner) = self.leg_mut(leg).filter(|owner| owner.wire == Wire::Up) else {
            return;
        };
        let hop = owner.hop.clone();
        if let Some(notify) = request::notify(owner, &event, status, &mut rng) {
            self.emit(Output::Send(leg, notify, hop));
        }
    }
}

/// What an inbound NOTIFY gets: we have subscribed to nothing (RFC 6665 §4.1.3), and know no other
/// package than REFER's.
pub fn unwanted(notify: &Request) -> StatusCode {
    let event = notify.headers.get("Event").and_then(|it| it.parse().ok());
    match event {
        Some(EventPackage { name, .. }) if name == EventPackage::REFER => {
            StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST
        }
        Some(_) | None => StatusCode::BAD_EVENT,
    }
}
