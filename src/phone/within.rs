//! Requests within a call, both ways: BYE, re-INVITE, REFER and its NOTIFY.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rand::RngExt;

use super::call::{Call, Phase, ReInvite, Refer};
use super::command::Event;
use super::user_agent::{Credentials, UserAgent};
use crate::sdp::Direction;
use crate::sip::dialog::DialogId;
use crate::sip::endpoint::{ClientTx, ServerTx};
use crate::sip::session_timer::Side;
use crate::sip::{EventPackage, Method, NameAddr, Request, Response, StatusCode, Uri};
use crate::sip::{Refresher, SessionExpires};

/// Who made the call waits this long before asking again, in milliseconds (RFC 3261 §14.1) ...
const RETRY_OF_CALLER_MS: std::ops::Range<u64> = 2_100..4_000;
/// ... and who was called this long, so that they do not meet twice.
const RETRY_OF_CALLEE_MS: std::ops::Range<u64> = 0..2_000;

/// While something else is asked, a refresh waits so long.
const LATER: Duration = Duration::from_secs(1);

impl UserAgent {
    /// A request with a To tag: it belongs to our call or to none (RFC 3261 §12.2.2).
    pub(super) fn handle_within(&mut self, tx: ServerTx, request: &Request, now: Instant) {
        let Some(call) = self.call_of(&DialogId::of_request(request)) else {
            let status = StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST;
            return self.respond(tx, request, status, now);
        };
        if let Some(Err(status)) = call.dialog.as_mut().map(|it| it.accept_request(request)) {
            return self.respond(tx, request, status, now);
        }
        match request.method {
            Method::BYE => self.peer_left(tx, request, now),
            Method::INVITE | Method::UPDATE => self.reinvited(tx, request, now),
            Method::PRACK => self.pracked(tx, request, now),
            Method::NOTIFY => self.notified(tx, request, now),
            Method::OPTIONS => self.respond(tx, request, StatusCode::OK, now),
            Method::Known(_) | Method::Other(_) => {
                self.respond(tx, request, StatusCode::METHOD_NOT_ALLOWED, now);
            }
        }
    }

    /// Ends the call in the way that its phase asks for.
    pub(super) fn hang_up(&mut self, now: Instant) {
        if self.call.is_none() {
            self.call = self.aside.0.take();
        }
        let Some(call) = self.call.as_mut() else {
            return;
        };
        match &mut call.phase {
            Phase::Calling { .. } => self.cancel(now),
            Phase::Alerting { .. } => self.reject(StatusCode::DECLINE, now),
            Phase::Answered { hang_up } => *hang_up = true,
            Phase::Up => self.leave(None, now),
        }
    }

    /// Ends the call by BYE because it cannot stand.
    pub(super) fn end_by_bye(&mut self, reason: &str, now: Instant) {
        self.leave(Some(reason.to_owned()), now);
    }

    fn leave(&mut self, reason: Option<String>, now: Instant) {
        if let Some((bye, destination)) = self.request(Method::BYE) {
            self.send(bye, destination, now);
        }
        self.drop_call(Event::Ended {
            by_peer: false,
            reason,
        });
    }

    fn peer_left(&mut self, tx: ServerTx, bye: &Request, now: Instant) {
        self.respond(tx, bye, StatusCode::OK, now);
        // A BYE may also end what is not answered yet; its INVITE still wants an answer (§15.1.2).
        self.reject(StatusCode::REQUEST_TERMINATED, now);
        if self.call.is_some() {
            self.drop_call(Event::Ended {
                by_peer: true,
                reason: bye.headers.get("Reason").map(String::from),
            });
        }
    }

    /// The peer changes the session (RFC 3261 §14.2).
    fn reinvited(&mut self, tx: ServerTx, invite: &Request, now: Instant) {
        let codecs = self.config.codecs.clone();
        let Some(call) = self.call.as_mut() else {
            return;
        };
        let is_settled = matches!(call.phase, Phase::Up | Phase::Answered { .. });
        let is_update = invite.method == Method::UPDATE;
        let offers = !is_update || !invite.body.is_empty();
        let is_busy = call.reinvite.is_some() || call.awaits_answer || !is_settled;
        if offers && is_busy {
            return self.respond(tx, invite, StatusCode::REQUEST_PENDING, now);
        }
        let (body, started) = if !offers {
            (Vec::new(), None)
        } else if invite.body.is_empty() {
            call.awaits_answer = true;
            (call.session.offer(&codecs, call.direction), None)
        } else {
            match call
                .session
                .answer_within(&invite.body, &codecs, call.direction)
            {
                Ok((body, stream)) => (body, Some(stream)),
                Err(mismatch) => {
                    let status = StatusCode::new(mismatch.status());
                    return self.respond(tx, invite, status, now);
                }
            }
        };
        if let Some(dialog) = call.dialog.as_mut() {
            dialog.refresh_target(&invite.headers);
        }
        let direction = started.as_ref().map(|stream| stream.direction);
        let started = started.and_then(|stream| call.agree(stream));
        let mut response = self.response(invite, StatusCode::OK);
        if !body.is_empty() {
            response.set_body("application/sdp", body);
        }
        if is_settled {
            self.agree_on_timer(invite, &mut response, now);
        }
        self.endpoint.respond(tx, response, now);
        self.start_media(started);
        if let Some(direction) = direction {
            self.raise(Event::ReInvited { direction });
        }
    }

    /// How the transfer we asked for stands: the status line in the body (RFC 3515 §2.4.5).
    fn notified(&mut self, tx: ServerTx, notify: &Request, now: Instant) {
        let event = notify.headers.get("Event").unwrap_or_default();
        let package = event.split(';').next().map(str::trim);
        if let Some(EventPackage::TALK | EventPackage::HOLD) = package {
            self.respond(tx, notify, StatusCode::OK, now);
            return self.clicked(package == Some(EventPackage::HOLD), now);
        }
        if package != Some(EventPackage::REFER) {
            return self.respond(tx, notify, StatusCode::BAD_EVENT, now);
        }
        self.respond(tx, notify, StatusCode::OK, now);
        if let Some(status) = sipfrag_status(&notify.body) {
            self.raise(Event::Transferred(status));
        }
    }

    /// Somebody presses the phone's buttons from elsewhere.
    fn clicked(&mut self, hold: bool, now: Instant) {
        let is_ringing = |call: &Call| matches!(call.phase, Phase::Alerting { .. });
        if self.call.as_ref().is_some_and(is_ringing) {
            self.answer(now);
        } else {
            self.hold(hold, now);
        }
    }

    /// Passes the call on; one transfer at a time.
    pub(super) fn refer(&mut self, to: Uri, now: Instant) {
        let pending = self.call.as_ref().is_some_and(|call| call.refer.is_some());
        if self.is_up() && !pending {
            self.send_refer(to, None, now);
        }
    }

    fn send_refer(&mut self, to: Uri, credentials: Option<Credentials>, now: Instant) {
        let contact = self.contact();
        let Some((mut refer, destination)) = self.request(Method::REFER) else {
            return;
        };
        refer.headers.set("Refer-To", NameAddr::new(to.clone()));
        refer.headers.set("Contact", contact);
        let challenged = credentials.is_some();
        if let Some((name, value)) = credentials {
            refer.headers.set(name, value);
        }
        let tx = self.send(refer, destination, now);
        if let Some(call) = self.call.as_mut() {
            call.refer = Some(Refer { tx, to, challenged });
        }
    }

    /// A challenge is answered once; accepted ones are told of by NOTIFY.
    pub(super) fn refer_answered(&mut self, response: &Response, now: Instant) {
        let status = response.status;
        if status.is_provisional() {
            return;
        }
        if status.is_success() {
            if let Some(call) = self.call.as_mut() {
                call.refer = None;
            }
            return;
        }
        let refer = self.call.as_ref().and_then(|call| call.refer.clone());
        let again = refer.filter(|refer| !refer.challenged).and_then(|refer| {
            let credentials = self.challenged_within(response, &Method::REFER)?;
            Some((refer.to, credentials))
        });
        match again {
            Some((to, credentials)) => self.send_refer(to, Some(credentials), now),
            None => self.refer_refused(status),
        }
    }

    pub(super) fn refer_refused(&mut self, status: StatusCode) {
        if let Some(call) = self.call.as_mut() {
            call.refer = None;
            self.raise(Event::Transferred(status));
        }
    }

    /// The answer to a challenge that a request within the call got.
    fn challenged_within(&mut self, challenge: &Response, method: &Method) -> Option<Credentials> {
        let dialog = self.call.as_ref()?.dialog.as_ref()?;
        let uri = dialog.remote_target().clone();
        self.credentials_for(challenge, method, &uri)
    }

    pub(super) fn hold(&mut self, hold: bool, now: Instant) {
        if let Some(call) = self.call.as_mut() {
            call.direction = if hold {
                Direction::SendOnly
            } else {
                Direction::SendRecv
            };
            self.reinvite(None, now);
        }
    }

    pub(super) fn move_media(&mut self, local: SocketAddr, now: Instant) {
        self.config.media = local;
        if let Some(call) = self.call.as_mut() {
            call.move_to(local);
            self.reinvite(None, now);
        }
    }

    /// Says again what the session is (RFC 4028 §7.4); later, if something else is being asked.
    pub(super) fn refresh(&mut self, now: Instant) {
        let is_busy = |call: &Call| call.reinvite.is_some() || call.awaits_answer;
        match self.call.as_mut() {
            Some(call) if is_busy(call) => call.retry_at = Some(now + LATER),
            Some(_) => self.reinvite(None, now),
            None => {}
        }
    }

    /// Asks for the session that the call wants now; one question at a time.
    fn reinvite(&mut self, credentials: Option<Credentials>, now: Instant) {
        let codecs = self.config.codecs.clone();
        let contact = self.contact();
        let is_free = |call: &Call| call.reinvite.is_none() && !call.awaits_answer;
        if !self.is_up() || !self.call.as_ref().is_some_and(is_free) {
            return;
        }
        let extensions = self.config.extensions;
        let method = if extensions.updates {
            Method::UPDATE
        } else {
            Method::INVITE
        };
        let Some((mut invite, destination)) = self.request(method.clone()) else {
            return;
        };
        let Some(call) = self.call.as_mut() else {
            return;
        };
        invite.headers.set("Contact", contact);
        extensions.announce(&mut invite.headers);
        if let Some(timer) = &call.timer {
            let expires = SessionExpires {
                seconds: timer.agreement().interval_s,
                refresher: Some(match timer.agreement().refresher {
                    Side::Local => Refresher::Uac,
                    Side::Remote => Refresher::Uas,
                }),
            };
            invite.headers.set("Session-Expires", expires);
        }
        let offer = call.session.offer(&codecs, call.direction);
        invite.set_body("application/sdp", offer);
        let challenged = credentials.is_some();
        if let Some((name, value)) = credentials {
            invite.headers.set(name, value);
        }
        let cseq = invite.cseq().number;
        let tx = self.send(invite, destination, now);
        if let Some(call) = self.call.as_mut() {
            call.retry_at = None;
            call.reinvite = Some(ReInvite {
                tx,
                method,
                cseq,
                challenged,
            });
        }
    }

    pub(super) fn reinvite_of(&self, tx: ClientTx) -> Option<ReInvite> {
        let reinvite = self.call.as_ref()?.reinvite.clone();
        reinvite.filter(|reinvite| reinvite.tx == tx)
    }

    pub(super) fn reinvite_answered(
        &mut self,
        reinvite: &ReInvite,
        response: &Response,
        now: Instant,
    ) {
        let status = response.status;
        if status.is_provisional() {
            return;
        }
        if !status.is_success() {
            let credentials = if reinvite.challenged {
                None
            } else {
                self.challenged_within(response, &reinvite.method)
            };
            if credentials.is_none() {
                return self.reinvite_failed(status, now);
            }
            if let Some(call) = self.call.as_mut() {
                call.reinvite = None;
            }
            return self.reinvite(credentials, now);
        }
        let Some(call) = self.call.as_mut() else {
            return;
        };
        call.reinvite = None;
        if let Some(dialog) = call.dialog.as_mut() {
            dialog.refresh_target(&response.headers);
        }
        let agreed = call.session.handle_answer(&response.body);
        let started = agreed.map(|stream| call.agree(stream));
        if reinvite.method == Method::INVITE {
            self.acknowledge(reinvite.tx, reinvite.cseq);
        }
        self.timer_agreed(response, now);
        match started {
            Ok(started) => {
                self.start_media(started);
                self.raise(Event::ReInviteAnswered(status));
            }
            Err(mismatch) => self.end_by_bye(&mismatch.to_string(), now),
        }
    }

    /// The session stays as it was; after 491 we ask again, and 408 or 481 end the call
    /// (RFC 3261 §14.1).
    pub(super) fn reinvite_failed(&mut self, status: StatusCode, now: Instant) {
        let Some(call) = self.call.as_mut() else {
            return;
        };
        call.reinvite = None;
        if status == StatusCode::REQUEST_PENDING {
            let made_by_us = self
                .last_invite
                .as_ref()
                .map(|(_, invite)| invite.call_id());
            let own_id = call.dialog.as_ref().map(|dialog| &dialog.id().call_id);
            let wait = if made_by_us.as_ref() == own_id {
                RETRY_OF_CALLER_MS
            } else {
                RETRY_OF_CALLEE_MS
            };
            let wait = Duration::from_millis(self.rng.random_range(wait));
            call.retry_at = Some(now + wait);
            return;
        }
        if let Some(timer) = &mut call.timer {
            timer.refused(now);
        }
        self.raise(Event::ReInviteAnswered(status));
        let ends_dialog = [
            StatusCode::REQUEST_TIMEOUT,
            StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST,
        ];
        if ends_dialog.contains(&status) {
            self.end_by_bye(&format!("re-INVITE failed with {status}"), now);
        }
    }

    pub(super) fn reinvite_timeout(&mut self, now: Instant) {
        let due = |call: &Call| call.retry_at.is_some_and(|at| at <= now);
        if self.call.as_ref().is_some_and(due) {
            if let Some(call) = self.call.as_mut() {
                call.retry_at = None;
            }
            self.reinvite(None, now);
        }
    }

    fn is_up(&self) -> bool {
        self.call
            .as_ref()
            .is_some_and(|call| matches!(call.phase, Phase::Up))
    }

    /// The next request of the call's dialog, and where it goes.
    pub(super) fn request(&mut self, method: Method) -> Option<(Request, SocketAddr)> {
        let dialog = self.call.as_mut()?.dialog.as_mut()?;
        let request = dialog.request(method, &mut self.rng);
        let destination = dialog.destination().clone();
        Some((request, self.hop(&destination)))
    }
}

/// The status of a `message/sipfrag` (RFC 3420) that begins with a status line.
fn sipfrag_status(body: &[u8]) -> Option<StatusCode> {
    let line = body
        .split(|octet| *octet == b'\r' || *octet == b'\n')
        .next()?;
    let mut words = std::str::from_utf8(line).ok()?.split_whitespace();
    let version = words.next()?;
    let code = words.next()?.parse().ok()?;
    (version == "SIP/2.0" && (100..700).contains(&code)).then(|| StatusCode::new(code))
}
