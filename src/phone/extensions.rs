//! What a phone can beyond RFC 3261: reliable provisional responses, UPDATE, session timers.

use std::time::Instant;

use super::call::{Call, Phase};
use super::user_agent::UserAgent;
use crate::sip::endpoint::ServerTx;
use crate::sip::reliable::{self, Arrival, Fit, ReliableSender};
use crate::sip::session_timer::{self, Due, SessionTimer};
use crate::sip::{Method, RAck, Request, Response, SessionExpires, StatusCode};

/// The extensions that a phone has; none, unless told otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extensions {
    /// 100rel (RFC 3262): it rings reliably, and confirms what it is told.
    pub reliable: bool,
    /// It wants the provisional responses to its own calls reliably, or not at all.
    pub requires_reliable: bool,
    /// It changes sessions by UPDATE (RFC 3311), not by re-INVITE.
    pub updates: bool,
    /// It wants sessions of so many seconds (RFC 4028).
    pub session_s: Option<u32>,
}

impl Extensions {
    /// Says in a request or response what the phone can.
    pub(super) fn announce(self, headers: &mut crate::sip::Headers) {
        let mut tags = Vec::new();
        if self.reliable {
            tags.push(reliable::OPTION_TAG);
        }
        if self.session_s.is_some() {
            tags.push(session_timer::OPTION_TAG);
        }
        if !tags.is_empty() {
            headers.set("Supported", tags.join(", "));
        }
    }
}

impl UserAgent {
    /// What our own INVITE says of the extensions.
    pub(super) fn extend_invite(&self, invite: &mut Request) {
        let extensions = self.config.extensions;
        extensions.announce(&mut invite.headers);
        if extensions.requires_reliable {
            invite.headers.set("Require", reliable::OPTION_TAG);
        }
        if let Some(seconds) = extensions.session_s {
            let refresher = None;
            let expires = SessionExpires { seconds, refresher };
            invite.headers.set("Session-Expires", expires);
        }
    }

    /// Whether a provisional response to our call is to be heard; a reliable one is confirmed.
    pub(super) fn hears(&mut self, response: &Response, now: Instant) -> bool {
        let Some(call) = self.call.as_mut() else {
            return false;
        };
        let status = response.status.as_u16();
        match call.receiver.handle(status, &response.headers) {
            Arrival::Unreliable => true,
            Arrival::Dropped => false,
            Arrival::Next(rseq) => {
                if let Some((mut prack, destination)) = self.request(Method::PRACK) {
                    let cseq = response.cseq();
                    prack.headers.set("RAck", RAck { rseq, cseq });
                    self.send(prack, destination, now);
                }
                true
            }
        }
    }

    /// Sends a provisional response of ours reliably, if both ends can; false if not.
    pub(super) fn ring_reliably(&mut self, response: &Response, now: Instant) -> bool {
        let can = self.config.extensions.reliable;
        let Some(call) = self.call.as_mut() else {
            return false;
        };
        let Phase::Alerting { invite, .. } = &call.phase else {
            return false;
        };
        if !can || !invite.headers.lists("Supported", reliable::OPTION_TAG) {
            return false;
        }
        let number = invite.cseq().number;
        let sender = call
            .sender
            .get_or_insert_with(|| ReliableSender::new(number, 1));
        sender.send(response.clone(), now);
        self.send_reliable(now);
        true
    }

    /// The caller confirms that it heard us ring.
    pub(super) fn pracked(&mut self, tx: ServerTx, prack: &Request, now: Instant) {
        let rack = prack.headers.rack();
        let sender = self.call.as_mut().and_then(|call| call.sender.as_mut());
        let fit = sender
            .zip(rack)
            .map(|(sender, rack)| sender.confirm(&rack, now));
        let status = match fit {
            Some(Fit::Confirms) => StatusCode::OK,
            Some(Fit::Nothing) | None => StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST,
        };
        self.respond(tx, prack, status, now);
        self.send_reliable(now);
    }

    fn send_reliable(&mut self, now: Instant) {
        loop {
            let Some(call) = self.call.as_mut() else {
                return;
            };
            let output = call.sender.as_mut().and_then(ReliableSender::poll_output);
            let Phase::Alerting { tx, .. } = &call.phase else {
                return;
            };
            match output {
                Some(reliable::Output::Send(response)) => {
                    let tx = *tx;
                    self.endpoint.respond(tx, response, now);
                }
                Some(reliable::Output::Unconfirmed) => {
                    return self.reject(StatusCode::SERVER_TIME_OUT, now);
                }
                None => return,
            }
        }
    }

    /// Our answer to the peer's INVITE or UPDATE agrees on a session timer, if we have them.
    pub(super) fn agree_on_timer(
        &mut self,
        request: &Request,
        response: &mut Response,
        now: Instant,
    ) {
        let extensions = self.config.extensions;
        let (Some(ours_s), Some(call)) = (extensions.session_s, self.call.as_mut()) else {
            return;
        };
        extensions.announce(&mut response.headers);
        let before = call.timer.as_ref().map(|timer| timer.agreement().refresher);
        let before = before.unwrap_or(session_timer::Side::Remote);
        let agreement = session_timer::answer(&request.headers, ours_s, before);
        session_timer::write_answer(&agreement, &mut response.headers);
        call.timer = Some(SessionTimer::start(agreement, now));
    }

    /// The peer's answer to ours has agreed on one.
    pub(super) fn timer_agreed(&mut self, response: &Response, now: Instant) {
        let (Some(ours_s), Some(call)) = (self.config.extensions.session_s, self.call.as_mut())
        else {
            return;
        };
        let agreement = session_timer::answered(&response.headers, ours_s);
        call.timer = Some(SessionTimer::start(agreement, now));
    }

    pub(super) fn extensions_due(&mut self, now: Instant) {
        let Some(call) = self.call.as_mut() else {
            return;
        };
        if let Some(sender) = &mut call.sender {
            sender.handle_timeout(now);
        }
        let is_up = call.is_up();
        let timer = call.timer.as_mut().filter(|_| is_up);
        let due = timer.and_then(|timer| timer.handle_timeout(now));
        self.send_reliable(now);
        match due {
            Some(Due::Refresh) => self.refresh(now),
            Some(Due::Expired) => self.end_by_bye("nobody refreshed the session", now),
            None => {}
        }
    }
}

impl Call {
    /// When what the phone can beyond RFC 3261 next needs the clock.
    pub(super) fn extensions_deadline(&self) -> Option<Instant> {
        let ring = self.sender.as_ref().and_then(ReliableSender::poll_timeout);
        let session = self.timer.as_ref().filter(|_| self.is_up());
        let session = session.map(SessionTimer::poll_timeout);
        [ring, session].into_iter().flatten().min()
    }

    /// Both ends know that it stands.
    pub(super) const fn is_up(&self) -> bool {
        matches!(self.phase, Phase::Up)
    }
}
