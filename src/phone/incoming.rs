//! Calls that come in: RFC 3261 §13.3.

use std::time::Instant;

use super::call::{Call, Phase};
use super::command::Event;
use super::user_agent::UserAgent;
use crate::sdp::Direction;
use crate::sip::dialog::{Dialog, DialogId};
use crate::sip::endpoint::ServerTx;
use crate::sip::{Request, StatusCode, ids};

impl UserAgent {
    /// A new INVITE: busy if there is a call already, else the phone may ring.
    pub(super) fn incoming(&mut self, tx: ServerTx, invite: &Request, now: Instant) {
        if self.call.is_some() {
            return self.respond(tx, invite, StatusCode::BUSY_HERE, now);
        }
        let from = invite.from_addr();
        let number = from.uri.number().or_else(|| from.uri.user_unescaped());
        let tag = ids::new_tag(&mut self.rng);
        let session = self.new_session();
        let phase = Phase::Alerting {
            tx,
            invite: invite.clone(),
            tag: tag.clone(),
        };
        let mut call = Call::new(phase, session);
        call.dialog = Some(Dialog::uas(invite, &tag));
        self.call = Some(call);
        self.raise(Event::Incoming {
            from: number.filter(|number| number != "anonymous"),
            name: from.display,
        });
    }

    /// Tells the caller that it rings here.
    pub(super) fn ring(&mut self, status: StatusCode, now: Instant) {
        if status.is_provisional() {
            self.answer_with(status, Vec::new(), now);
        }
    }

    /// 200 with our answer, or with our offer where the INVITE brought none.
    pub(super) fn answer(&mut self, now: Instant) {
        let Some(call) = self.call.as_mut() else {
            return;
        };
        let Phase::Alerting { invite, .. } = &call.phase else {
            return;
        };
        let codecs = &self.config.codecs;
        let (body, started) = if invite.body.is_empty() {
            call.awaits_answer = true;
            (call.session.offer(codecs, Direction::SendRecv), None)
        } else {
            match call.session.answer(&invite.body, codecs) {
                Ok((body, stream)) => (body, call.agree(stream)),
                Err(mismatch) => return self.reject(StatusCode::new(mismatch.status()), now),
            }
        };
        self.answer_with(StatusCode::OK, body, now);
        if let Some(call) = self.call.as_mut() {
            call.phase = Phase::Answered { hang_up: false };
            if let Some(dialog) = call.dialog.as_mut() {
                dialog.confirm();
            }
        }
        self.start_media(started);
        self.raise(Event::Answered);
    }

    pub(super) fn reject(&mut self, status: StatusCode, now: Instant) {
        let is_alerting = self
            .call
            .as_ref()
            .is_some_and(|call| matches!(call.phase, Phase::Alerting { .. }));
        if is_alerting && status.as_u16() >= 300 {
            self.answer_with(status, Vec::new(), now);
            self.drop_call(Event::Ended {
                by_peer: false,
                reason: Some(format!("refused with {status}")),
            });
        }
    }

    /// The caller took it back.
    pub(super) fn cancelled(&mut self, tx: ServerTx, cancel: &Request, now: Instant) {
        let is_ours = self.call.as_ref().is_some_and(
            |call| matches!(&call.phase, Phase::Alerting { tx: own, .. } if *own == tx),
        );
        if is_ours {
            self.answer_with(StatusCode::REQUEST_TERMINATED, Vec::new(), now);
            let reason = cancel.headers.get("Reason").map(String::from);
            self.drop_call(Event::Ended {
                by_peer: true,
                reason,
            });
        }
    }

    /// The ACK of a 200 of ours, to the INVITE or to a re-INVITE.
    pub(super) fn acknowledged(&mut self, dialog: &DialogId, ack: &Request, now: Instant) {
        let Some(call) = self.call_of(dialog) else {
            return;
        };
        let mut hang_up = false;
        if let Phase::Answered { hang_up: wanted } = call.phase {
            hang_up = wanted;
            call.phase = Phase::Up;
        }
        if call.awaits_answer {
            call.awaits_answer = false;
            match call.session.handle_answer(&ack.body) {
                Ok(stream) => {
                    let started = call.agree(stream);
                    self.start_media(started);
                }
                Err(mismatch) => return self.end_by_bye(&mismatch.to_string(), now),
            }
        }
        if hang_up {
            self.hang_up(now);
        }
    }

    /// The peer never acknowledged our 200 (RFC 3261 §13.3.1.4).
    pub(super) fn ack_missing(&mut self, dialog: &DialogId, now: Instant) {
        if self.call_of(dialog).is_some() {
            self.end_by_bye("no ACK", now);
        }
    }

    /// Answers the INVITE that rings here.
    fn answer_with(&mut self, status: StatusCode, body: Vec<u8>, now: Instant) {
        let Some(Call {
            phase: Phase::Alerting { tx, invite, tag },
            ..
        }) = &self.call
        else {
            return;
        };
        let (tx, invite) = (*tx, invite.clone());
        let mut response = self.response(&invite, status);
        response.set_to_tag(tag);
        if !body.is_empty() {
            response.set_body("application/sdp", body);
        }
        if status.is_provisional() && self.ring_reliably(&response, now) {
            return;
        }
        if let Some(sender) = self.call.as_mut().and_then(|call| call.sender.as_mut()) {
            sender.finish();
        }
        if status.is_success() {
            self.agree_on_timer(&invite, &mut response, now);
        }
        self.endpoint.respond(tx, response, now);
    }
}
