//! Requests within a dialog: BYE, re-INVITE and UPDATE (hold, resume, a moved address, another
//! codec, a refreshed session), PRACK, REFER, and what we answer without doing anything.

use rand::RngExt;

use super::event::EventKind;
use super::leg::{Fork, Leg, Ports, Wire};
use super::media::{Audio, MediaCommand, MediaLeg, preference};
use super::{Call, Output, Phase, request};
use crate::rules::Moment;
use crate::sdp::{Direction, NegotiationError, Stream};
use crate::sip::endpoint::ServerTx;
use crate::sip::inspect::session;
use crate::sip::{Method, Request, Response, StatusCode};

/// The longest that a peer is told to wait before it asks again.
const LONGEST_RETRY_AFTER_S: u32 = 10;

/// What a caller hears who waits where there is no music.
const WAITING_TONE: Audio = Audio::Ringback {
    on_ms: 200,
    off_ms: 9_800,
};

impl Call {
    /// A request that belongs to one of our dialogs (RFC 3261 §12.2.2).
    pub(super) fn request(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request, now: Moment) {
        let unknown = StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST;
        let remote_tag = request.from_addr().tag().unwrap_or_default().to_owned();
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let is_early = owner.wire == Wire::Early;
        let is_gone = owner.wire == Wire::Gone;
        let is_caller = leg == self.caller.id;
        let dialog = self.leg_mut(leg).filter(|_| !is_gone);
        let Some(dialog) = dialog.and_then(|owner| owner.dialog_with(&remote_tag)) else {
            return self.respond(leg, tx, request, unknown);
        };
        if let Err(status) = dialog.accept_request(request) {
            return self.respond(leg, tx, request, status);
        }
        match request.method {
            // The caller may end its early dialog so (RFC 3261 §15), the phone may not.
            Method::BYE if is_early && is_caller => {
                self.respond(leg, tx, request, StatusCode::OK);
                self.cancelled(request, now);
            }
            Method::BYE if is_early => self.respond(leg, tx, request, unknown),
            Method::BYE => self.bye(leg, tx, request, now),
            Method::INVITE if is_early => self.refuse_second_invite(leg, tx, request),
            Method::INVITE => self.reinvite(leg, tx, request, now),
            Method::PRACK => self.prack(leg, tx, request, now),
            Method::UPDATE => self.update(leg, tx, request, now),
            Method::INFO => self.info(leg, tx, request, now),
            Method::REFER if !is_early => self.refer(leg, tx, request, now),
            Method::OPTIONS => self.respond(leg, tx, request, StatusCode::OK),
            Method::NOTIFY => self.respond(leg, tx, request, super::refer::unwanted(request)),
            Method::REFER => self.respond(leg, tx, request, StatusCode::FORBIDDEN),
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
    pub(super) fn refuse_for_now(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request) {
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
        if owner.awaits_answer || owner.has_pending(&Method::INVITE) {
            // Our own offer is still unanswered: glare (RFC 3261 §14.2).
            return self.respond(leg, tx, request, StatusCode::REQUEST_PENDING);
        }
        if owner.wire != Wire::Up {
            let unknown = StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST;
            return self.respond(leg, tx, request, unknown);
        }
        if let Some(offer) = session(&request.headers, &request.body) {
            return self.answer_offer(leg, tx, request, offer, now);
        }
        let Some(session) = owner.session.as_mut() else {
            return self.session_is_gone(leg, tx, request);
        };
        let codec = owner.stream.as_ref().map(|stream| stream.codec);
        let offer = session.offer(&preference(codec), Direction::SendRecv);
        owner.awaits_answer = true;
        self.accept_change(leg, tx, request, Some(offer), now);
    }

    /// Another dialog has taken this one's place, and its session; its BYE is on the way.
    fn session_is_gone(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request) {
        let gone = StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST;
        self.respond(leg, tx, request, gone);
    }

    /// UPDATE (RFC 3311 §5.2), before or after the answer to the INVITE.
    fn update(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request, now: Moment) {
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let is_early = owner.wire == Wire::Early;
        if !is_early && owner.wire != Wire::Up {
            let unknown = StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST;
            return self.respond(leg, tx, request, unknown);
        }
        let Some(offer) = session(&request.headers, &request.body) else {
            return self.accept_change(leg, tx, request, None, now);
        };
        let awaits_answer = owner.awaits_answer || owner.has_pending(&Method::INVITE);
        let is_caller = leg == self.caller.id;
        let confirmed = !self.success_waits();
        match (is_early, is_caller) {
            _ if awaits_answer => self.respond(leg, tx, request, StatusCode::REQUEST_PENDING),
            // Its first offer has no answer yet that it must have seen.
            (true, true) if !self.described_reliably || !confirmed => {
                self.refuse_for_now(leg, tx, request);
            }
            (true, false) => self.update_early(leg, tx, request, offer, now),
            (true, true) | (false, _) => self.answer_offer(leg, tx, request, offer, now),
        }
    }

    /// A phone that rings moves its media: where that goes counts once it answers.
    fn update_early(
        &mut self,
        leg: MediaLeg,
        tx: ServerTx,
        request: &Request,
        offer: &[u8],
        now: Moment,
    ) {
        let tag = request.from_addr().tag().unwrap_or_default().to_owned();
        let codecs = preference(self.caller_codec);
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let Leg { early, session, .. } = owner;
        let is_its = |fork: &&mut Fork| fork.dialog.id().remote_tag == tag;
        let fork = early.iter_mut().find(is_its).filter(|it| it.is_settled);
        let (Some(fork), Some(session)) = (fork, session) else {
            return self.respond(leg, tx, request, StatusCode::REQUEST_PENDING);
        };
        match session.answer(offer, &codecs) {
            Ok((answer, stream)) => {
                fork.updated = Some(stream.clone());
                self.accept_change(leg, tx, request, Some(answer), now);
                self.early_media_moved(leg, &tag, stream);
            }
            Err(mismatch) => self.refuse_change(leg, tx, request, &mismatch),
        }
    }

    /// Answers an offer within the dialog, if it can be met; the session is then another.
    pub(super) fn answer_offer(
        &mut self,
        leg: MediaLeg,
        tx: ServerTx,
        request: &Request,
        offer: &[u8],
        now: Moment,
    ) {
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let codec = owner.stream.as_ref().map(|stream| stream.codec);
        let Some(session) = owner.session.as_mut() else {
            return self.session_is_gone(leg, tx, request);
        };
        match session.answer(offer, &preference(codec)) {
            Ok((answer, stream)) => {
                self.accept_change(leg, tx, request, Some(answer), now);
                self.restream(leg, stream, now);
            }
            Err(mismatch) => self.refuse_change(leg, tx, request, &mismatch),
        }
    }

    fn accept_change(
        &mut self,
        leg: MediaLeg,
        tx: ServerTx,
        request: &Request,
        body: Option<Vec<u8>>,
        now: Moment,
    ) {
        let tag = self.local_tag.clone();
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let renews = matches!(request.method, Method::INVITE | Method::UPDATE);
        let is_up = owner.wire == Wire::Up;
        let remote_tag = request.from_addr().tag().unwrap_or_default().to_owned();
        if let Some(dialog) = owner.dialog_with(&remote_tag).filter(|_| renews) {
            dialog.refresh_target(&request.headers);
        }
        let mut response: Response = request::reply(request, StatusCode::OK, &tag, &owner.hop);
        if let Some(body) = body {
            request::with_sdp(&mut response.headers, &mut response.body, body);
        }
        if renews && is_up {
            self.agree_on_timer(leg, request, &mut response, now);
        }
        self.emit(Output::Respond(tx, response));
    }

    /// The session stays as it was (RFC 3261 §14.2).
    fn refuse_change(
        &mut self,
        leg: MediaLeg,
        tx: ServerTx,
        request: &Request,
        mismatch: &NegotiationError,
    ) {
        tracing::info!(parent: &self.span, error = %mismatch, "a change of the session is refused");
        self.respond(leg, tx, request, StatusCode::new(mismatch.status()));
    }

    /// Audio goes another way from now on.
    pub(super) fn restream(&mut self, leg: MediaLeg, stream: Stream, now: Moment) {
        // Whoever has passed the call on has no ports any more until the BYE.
        let Some(owner) = self.leg_mut(leg).filter(|it| it.ports == Ports::Open) else {
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
        // Whoever is beside the call holds nobody's call.
        let is_told = self.takes_part(leg) && !self.is_on_hold();
        if is_held != was_held && is_told {
            let turn = if is_held {
                EventKind::Held { by: side }
            } else {
                EventKind::Resumed { by: side }
            };
            self.store(turn, now);
            self.forget_hush();
            if Some(leg) == self.talking_leg() && !self.is_apart() {
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

    /// The line's music, to the caller.
    pub(super) fn hold_music(&mut self, is_held: bool) {
        if self.notice.is_some() {
            return;
        }
        let audio = self.waiting_audio().filter(|_| is_held);
        let plays = audio.is_some();
        if std::mem::replace(&mut self.sound.music, plays) == plays {
            return;
        }
        match audio {
            Some(audio) => {
                self.play(self.caller.id, audio);
            }
            None => self.order(MediaCommand::StopPlay {
                leg: self.caller.id,
            }),
        }
    }

    /// What a caller hears who waits: the line's music, or a short tone now and then, so that the
    /// line is not dead. A phone that holds the call by itself, and sends, plays something of its own.
    pub(super) fn waiting_audio(&self) -> Option<Audio> {
        if let Some(music) = self.line.as_ref()?.hold_music.clone() {
            return Some(Audio::Loop(music));
        }
        let is_parted = self.is_on_hold() || !matches!(self.phase, Phase::Talking);
        let talker = self.talking_leg();
        let mut phones = self.attempts.iter().map(|attempt| &attempt.leg);
        let stream = phones
            .find(|phone| Some(phone.id) == talker)
            .and_then(|phone| phone.stream.as_ref());
        let is_mute = stream.is_some_and(|stream| stream.direction == Direction::Inactive);
        (is_parted || is_mute).then_some(WAITING_TONE)
    }
}
