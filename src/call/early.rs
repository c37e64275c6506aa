//! Early media (RFC 3261 §13.2.1, RFC 3960 §3): what the network of an outside number says before
//! anybody answers there. Its own ringing, an announcement, "the number you have dialled is not in
//! service": whoever called the number hears it, an agent who dialled it as well as a caller who
//! is passed on to it.
//!
//! A hotline's caller never hears what an agent's phone says before it is answered: rings are
//! counted from our own 18x on ([`super::ring`]), several phones ring at once, and the next one
//! may be rung in a moment. So it is for colleagues and for a transfer to an agent.

use super::attempt::{Attempt, Callee, Wanted};
use super::event::EventKind;
use super::leg::Fork;
use super::media::{MediaCommand, MediaLeg};
use super::{Call, Phase};
use crate::rules::Moment;
use crate::sdp::Stream;
use crate::sip::dialog::DialogId;
use crate::sip::{Response, StatusCode};

impl Call {
    /// A provisional response of a leg that we call may bring early media. The first fork that
    /// does is heard until the call is answered.
    pub(super) fn early_media(&mut self, index: usize, response: &Response, now: Moment) {
        if !self.lets_hear_early(&self.attempts[index]) {
            return;
        }
        let attempt = &mut self.attempts[index];
        let tag = DialogId::of_response(response).remote_tag;
        let is_its = |fork: &&Fork| fork.dialog.id().remote_tag == tag;
        let described = attempt.leg.early.iter().find(is_its);
        let described = described.map(|fork| fork.described.as_slice());
        let Some(session) = attempt.leg.session.as_mut() else {
            return;
        };
        // The 200 may come from another fork, with an answer of its own; the offer stands.
        let Some(Ok(stream)) = described
            .filter(|described| !described.is_empty())
            .map(|described| session.preview(described))
        else {
            return;
        };
        attempt.hears_early = Some(tag);
        let number = attempt.number;
        self.stream_early(index, stream);
        self.store(EventKind::EarlyMedia { attempt: number }, now);
        if self.connected {
            self.bridge_early();
        } else if self.ring.is_none() {
            self.alert(now);
        } else {
            self.tell_early(now);
        }
    }

    fn lets_hear_early(&self, attempt: &Attempt) -> bool {
        let is_outside = matches!(attempt.destination.callee, Callee::Number(_));
        let is_wanted = match attempt.wanted {
            Wanted::Transfer(_) => matches!(self.phase, Phase::Talking),
            Wanted::Answer => self.errand.dial().is_some() && !self.connected,
            Wanted::PickUp
            | Wanted::Return
            | Wanted::Consult(_)
            | Wanted::Supervise
            | Wanted::Summons => false,
        };
        is_outside && is_wanted && attempt.is_live() && attempt.hears_early.is_none()
    }

    fn stream_early(&mut self, index: usize, stream: Stream) {
        let owner = &mut self.attempts[index].leg;
        let leg = owner.id;
        owner.stream = Some(stream.clone());
        self.order(MediaCommand::Connect { leg, stream });
    }

    /// An UPDATE has moved a fork's media; if it is the one that is heard, it is heard from there.
    pub(super) fn early_media_moved(&mut self, leg: MediaLeg, tag: &str, stream: Stream) {
        if let Some(index) = self.attempt_index(leg)
            && self.attempts[index].hears_early.as_deref() == Some(tag)
        {
            self.stream_early(index, stream);
        }
    }

    /// 183 to the agent who dialled, with our answer (RFC 3261 §13.3.1.1). An INVITE without an
    /// offer has our offer already, or gets it now if that can be done reliably (RFC 3262 §5);
    /// otherwise the agent hears the callee from the 200 on.
    pub(super) fn tell_early(&mut self, now: Moment) {
        let heard = self.attempts.iter().find(|it| it.is_heard_early());
        let codec = heard.and_then(|it| it.leg.stream.as_ref());
        let codec = codec.map(|stream| stream.codec);
        let answer = if self.invite.body.is_empty() {
            None
        } else {
            self.answer_caller(codec)
        };
        self.progress_caller(StatusCode::SESSION_PROGRESS, answer, now);
        self.bridge_early();
    }

    /// Whether somebody who is called is heard before the answer.
    pub(super) fn hears_early(&self) -> bool {
        self.attempts.iter().any(Attempt::is_heard_early)
    }

    /// Lets the two hear each other: keys are pressed to such announcements, too.
    pub(super) fn bridge_early(&mut self) {
        let heard = self.attempts.iter().find(|it| it.is_heard_early());
        let Some(leg) = heard.map(|attempt| attempt.leg.id) else {
            return;
        };
        if self.caller.stream.is_some() {
            self.join(leg);
        }
    }
}
