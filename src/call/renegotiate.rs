//! Requests within a dialog: BYE, re-INVITE (hold, resume, a moved address, another codec),
//! REFER, and what we answer without doing anything.

use rand::RngExt;

use super::event::EventKind;
use super::leg::Wire;
use super::media::{Audio, MediaCommand, MediaLeg, preference};
use super::{Call, Output, request};
use crate::rules::Moment;
use crate::sdp::{Direction, NegotiationError, Stream};
use crate::sip::endpoint::ServerTx;
use crate::sip::{Method, Request, Response, StatusCode};

/// The longest that a peer is told to wait before it asks again.
const LONGEST_RETRY_AFTER_S: u32 = 10;

impl Call {
    /// A request that belongs to one of our dialogs (RFC 3261 §12.2.2).
    pub(super) fn request(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request, now: Moment) {
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        if owner.wire == Wire::Gone {
            return self.respond(
                leg,
                tx,
                request,
                StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST,
            );
        }
        if owner.dialog.is_none() && leg == self.caller.id && request.method == Method::BYE {
            // The caller may end its early dialog so (RFC 3261 §15).
            self.respond(leg, tx, request, StatusCode::OK);
            return self.cancelled(request, now);
        }
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        // A dialog that is not confirmed has nothing to renegotiate (RFC 3261 §14.2).
        let Some(dialog) = owner.dialog.as_mut() else {
            if request.method == Method::INVITE {
                return self.refuse_second_invite(leg, tx, request);
            }
            let status = StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST;
            return self.respond(leg, tx, request, status);
        };
        if request.from_addr().tag().unwrap_or_default() != dialog.id().remote_tag {
            let status = StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST;
            return self.respond(leg, tx, request, status);
        }
        if let Err(status) = dialog.accept_request(request) {
            return self.respond(leg, tx, request, status);
        }
        match request.method {
            Method::BYE => self.bye(leg, tx, request, now),
            Method::INVITE => self.reinvite(leg, tx, request, now),
            Method::REFER => self.refer(leg, tx, request),
            Method::OPTIONS => self.respond(leg, tx, request, StatusCode::OK),
            Method::NOTIFY => self.respond(
                leg,
                tx,
                request,
                StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST,
            ),
            Method::Known(_) | Method::Other(_) => {
                self.respond(leg, tx, request, StatusCode::METHOD_NOT_ALLOWED);
            }
        }
    }

    /// Answers a request on a leg without a body.
    pub(super) fn respond(
        &mut self,
        leg: MediaLeg,
        tx: ServerTx,
        request: &Request,
        status: StatusCode,
    ) {
        let tag = self.local_tag.clone();
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let response = request::reply(request, status, &tag, &owner.hop);
        self.emit(Output::Respond(tx, response));
    }

    /// RFC 3261 §14.2: while the first INVITE has no final answer, a second one of the same side
    /// is told to come back, and one that crosses ours that it is pending.
    fn refuse_second_invite(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request) {
        if leg == self.caller.id {
            self.refuse_for_now(leg, tx, request);
        } else {
            self.respond(leg, tx, request, StatusCode::REQUEST_PENDING);
        }
    }

    /// 500 with a random Retry-After of up to 10 s (RFC 3261 §14.2, RFC 3311 §5.2).
    fn refuse_for_now(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request) {
        let tag = self.local_tag.clone();
        let wait_s = self.rng.random_range(0..=LONGEST_RETRY_AFTER_S);
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let status = StatusCode::SERVER_INTERNAL_ERROR;
        let mut response = request::reply(request, status, &tag, &owner.hop);
        response.headers.set("Retry-After", wait_s);
        self.emit(Output::Respond(tx, response));
    }

    fn reinvite(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request, now: Moment) {
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        if owner.awaits_answer {
            // Our own offer is still unanswered: glare (RFC 3261 §14.2).
            return self.respond(leg, tx, request, StatusCode::REQUEST_PENDING);
        }
        if owner.wire != Wire::Up {
            return self.respond(
                leg,
                tx,
                request,
                StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST,
            );
        }
        let Some(session) = owner.session.as_mut() else {
            return;
        };
        let codec = owner.stream.as_ref().map(|stream| stream.codec);
        if request.body.is_empty() {
            let offer = session.offer(&preference(codec), Direction::SendRecv);
            owner.awaits_answer = true;
            return self.accept_reinvite(leg, tx, request, offer);
        }
        match session.answer(&request.body, &preference(codec)) {
            Ok((answer, stream)) => {
                self.accept_reinvite(leg, tx, request, answer);
                self.restream(leg, stream, now);
            }
            Err(mismatch) => self.refuse_reinvite(leg, tx, request, &mismatch),
        }
    }

    fn accept_reinvite(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request, body: Vec<u8>) {
        let tag = self.local_tag.clone();
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        if let Some(dialog) = owner.dialog.as_mut() {
            dialog.refresh_target(&request.headers);
        }
        let mut response: Response = request::reply(request, StatusCode::OK, &tag, &owner.hop);
        request::with_sdp(&mut response.headers, &mut response.body, body);
        self.emit(Output::Respond(tx, response));
    }

    /// The session stays as it was (RFC 3261 §14.2).
    fn refuse_reinvite(
        &mut self,
        leg: MediaLeg,
        tx: ServerTx,
        request: &Request,
        mismatch: &NegotiationError,
    ) {
        tracing::info!(parent: &self.span, error = %mismatch, "re-INVITE refused");
        self.respond(leg, tx, request, StatusCode::new(mismatch.status()));
    }

    /// Audio goes another way from now on.
    fn restream(&mut self, leg: MediaLeg, stream: Stream, now: Moment) {
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let side = owner.side;
        let was_held = owner.held;
        let is_held = matches!(stream.direction, Direction::RecvOnly | Direction::Inactive);
        let moved = owner
            .stream
            .as_ref()
            .is_none_or(|old| old.remote != stream.remote || old.codec != stream.codec);
        let codec = stream.codec.name().to_owned();
        owner.held = is_held;
        owner.stream = Some(stream.clone());
        self.order(MediaCommand::Connect { leg, stream });
        if is_held != was_held {
            let turn = if is_held {
                EventKind::Held { by: side }
            } else {
                EventKind::Resumed { by: side }
            };
            self.store(turn, now);
            if Some(leg) == self.talking_leg() && self.transfer_target().is_none() {
                self.hold_music(is_held);
            }
        }
        if moved {
            self.store(EventKind::MediaChanged { side, codec }, now);
        }
    }

    /// A caller who is put on hold hears the line's music.
    pub(super) fn music_if_held(&mut self, agent: MediaLeg) {
        if self.leg_mut(agent).is_some_and(|owner| owner.held) {
            self.hold_music(true);
        }
    }

    fn hold_music(&mut self, is_held: bool) {
        let music = self.line.as_ref().and_then(|line| line.hold_music.clone());
        let (None, Some(music)) = (self.notice, music) else {
            return;
        };
        if is_held {
            self.play(self.caller.id, Audio::Loop(music));
        } else {
            self.order(MediaCommand::StopPlay {
                leg: self.caller.id,
            });
        }
    }
}
