//! Calls that the phone makes: RFC 3261 §13.2 and §9.1.

use std::time::Instant;

use super::call::{Call, Phase};
use super::command::Event;
use super::user_agent::{ALLOW, UserAgent};
use crate::sdp::Direction;
use crate::sip::dialog::Dialog;
use crate::sip::endpoint::ClientTx;
use crate::sip::{Host, Method, NameAddr, Replaces, Request, Response, StatusCode, Uri, ids};

impl UserAgent {
    /// Calls a number, or takes the place of a dialog with it.
    pub(super) fn dial(&mut self, number: &str, replaces: Option<&Replaces>, now: Instant) {
        if self.call.is_some() {
            return;
        }
        let mut session = self.new_session();
        let offer = session.offer(&self.config.codecs, Direction::SendRecv);
        let server = self.config.server;
        let to = Uri::sip(Some(number), Host::Ip(server.ip()), Some(server.port()));
        let own_host = Host::Ip(self.config.sip.ip());
        let from = NameAddr::new(Uri::sip(Some(&self.config.user), own_host, None))
            .with_display(self.config.name.as_deref())
            .with_tag(&ids::new_tag(&mut self.rng));
        let mut invite = Request::new(Method::INVITE, to.clone());
        invite.headers.set("From", from);
        invite.headers.set("To", NameAddr::new(to));
        invite
            .headers
            .set("Call-ID", ids::new_call_id(&mut self.rng));
        invite.headers.set("CSeq", "1 INVITE");
        invite.headers.set("Contact", self.contact());
        invite.headers.set("Allow", ALLOW);
        self.extend_invite(&mut invite);
        if let Some(replaces) = replaces {
            invite.headers.set("Replaces", replaces);
        }
        invite.set_body("application/sdp", offer);

        let tx = self.send(invite.clone(), server, now);
        self.last_invite = Some((tx, invite.clone()));
        let phase = Phase::Calling {
            tx,
            invite,
            cancelled: false,
        };
        self.call = Some(Call::new(phase, session));
    }

    /// Takes the call back; it ends with 487, or with a BYE where the answer was faster.
    pub(super) fn cancel(&mut self, now: Instant) {
        if let Some(Call {
            phase: Phase::Calling { tx, cancelled, .. },
            ..
        }) = &mut self.call
        {
            *cancelled = true;
            let tx = *tx;
            self.endpoint.cancel(tx, None, now);
        }
    }

    pub(super) fn call_progressed(&mut self, tx: ClientTx, response: &Response, now: Instant) {
        let status = response.status;
        match status.as_u16() {
            100 => self.raise(Event::Trying),
            ..200 => self.call_rings(response, now),
            200..300 => self.call_answered(tx, response, now),
            401 | 407 if self.dial_again(response, now) => {}
            300.. => self.call_refused(status),
        }
    }

    /// Answers the challenge to our INVITE, once; a new request of the same call (RFC 3261
    /// §22.2).
    fn dial_again(&mut self, challenge: &Response, now: Instant) -> bool {
        let invite = match self.call.as_ref().map(|call| &call.phase) {
            Some(Phase::Calling { invite, .. }) if invite.cseq().number == 1 => invite.clone(),
            _ => return false,
        };
        let Some((name, value)) = self.credentials_for(challenge, &Method::INVITE, &invite.uri)
        else {
            return false;
        };
        let mut again = invite;
        again.headers.set("CSeq", "2 INVITE");
        again.headers.set(name, value);
        let next = self.send(again.clone(), self.config.server, now);
        self.last_invite = Some((next, again.clone()));
        let mut give_up = false;
        if let Some(Call {
            phase:
                Phase::Calling {
                    tx,
                    invite,
                    cancelled,
                },
            ..
        }) = &mut self.call
        {
            (*tx, *invite, give_up) = (next, again, *cancelled);
        }
        if give_up {
            self.endpoint.cancel(next, None, now);
        }
        true
    }

    fn call_rings(&mut self, response: &Response, now: Instant) {
        let Some(call) = self.call.as_mut() else {
            return;
        };
        if let Phase::Calling { invite, .. } = &call.phase
            && response.to_addr().tag().is_some()
        {
            let invite = invite.clone();
            call.learn_dialog(&invite, response);
        }
        if !self.hears(response, now) {
            return;
        }
        let Some(call) = self.call.as_mut() else {
            return;
        };
        let agreed = call.session.handle_answer(&response.body).ok();
        let early_media = agreed.is_some();
        let started = agreed.and_then(|stream| call.agree(stream));
        self.start_media(started);
        self.raise(Event::Ringing {
            status: response.status,
            early_media,
        });
    }

    fn call_answered(&mut self, tx: ClientTx, response: &Response, now: Instant) {
        let Some(call) = self.call.as_mut() else {
            return;
        };
        let Phase::Calling {
            invite, cancelled, ..
        } = &call.phase
        else {
            return;
        };
        let (invite, cancelled) = (invite.clone(), *cancelled);
        call.learn_dialog(&invite, response);
        call.phase = Phase::Up;
        // A 200 without a body repeats what its 183 said.
        let agreed = match (&call.stream, response.body.is_empty()) {
            (Some(stream), true) => Ok(stream.clone()),
            _ => call.session.handle_answer(&response.body),
        };
        let started = agreed.map(|stream| call.agree(stream));
        self.acknowledge(tx, invite.cseq().number);
        self.timer_agreed(response, now);
        match started {
            Ok(started) if !cancelled => {
                self.start_media(started);
                self.raise(Event::Answered);
            }
            Ok(_) => self.end_by_bye("answered while it was taken back", now),
            Err(mismatch) => self.end_by_bye(&mismatch.to_string(), now),
        }
    }

    pub(super) fn call_refused(&mut self, status: StatusCode) {
        self.drop_call(Event::Rejected(status));
    }

    /// Acknowledges the 2xx to our INVITE with this number.
    pub(super) fn acknowledge(&mut self, tx: ClientTx, cseq: u32) {
        let Some(dialog) = self.call.as_ref().and_then(|call| call.dialog.as_ref()) else {
            return;
        };
        let ack = dialog.ack(cseq);
        let destination = self.hop(dialog.destination());
        self.endpoint.acknowledge(tx, ack, destination);
    }

    /// A second phone answered behind a forking proxy: we have a call already, so it gets ACK
    /// and BYE (RFC 3261 §13.2.2.4).
    pub(super) fn decline_fork(&mut self, tx: ClientTx, response: &Response, now: Instant) {
        let Some((_, invite)) = self.last_invite.as_ref().filter(|(own, _)| *own == tx) else {
            return;
        };
        let mut fork = Dialog::uac(invite, response);
        let ack = fork.ack(invite.cseq().number);
        let destination = self.hop(fork.destination());
        self.endpoint.acknowledge(tx, ack, destination);
        let bye = fork.request(Method::BYE, &mut self.rng);
        self.send(bye, destination, now);
    }
}
