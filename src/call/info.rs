//! INFO within a call (RFC 6086): digits of old phones; everything else is not for us.

use super::event::EventKind;
use super::leg::{Leg, Wire};
use super::media::{MediaCommand, MediaLeg};
use super::{Call, Output, Phase, request};
use crate::rules::Moment;
use crate::sip::dtmf::Key;
use crate::sip::endpoint::ServerTx;
use crate::sip::{Method, Request, StatusCode, dtmf};

impl Call {
    /// A key becomes an event of the call, and goes on to the other leg. An empty INFO is a question
    /// whether we are there (RFC 6086 §4.2.2); a package was never agreed on, so it is 469, and another body 415.
    pub(super) fn info(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request, now: Moment) {
        if request.headers.has("Info-Package") {
            let status = StatusCode::BAD_INFO_PACKAGE;
            return self.refuse_info(leg, tx, request, status, ("Recv-Info", ""));
        }
        if request.body.is_empty() {
            return self.respond(leg, tx, request, StatusCode::OK);
        }
        let content_type = request.headers.content_type().unwrap_or_default();
        if ![dtmf::RELAY_TYPE, dtmf::PLAIN_TYPE].contains(&content_type.as_str()) {
            let accept = format!("{}, {}", dtmf::RELAY_TYPE, dtmf::PLAIN_TYPE);
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return self.refuse_info(leg, tx, request, status, ("Accept", &accept));
        }
        let Some(key) = Key::of(&content_type, &request.body) else {
            return self.respond(leg, tx, request, StatusCode::BAD_REQUEST);
        };
        self.respond(leg, tx, request, StatusCode::OK);
        self.key_pressed(leg, key.digit, now);
        self.pass_key_on(leg, &content_type, key);
    }

    /// A key, by INFO or as a telephone-event: one event of the call for both.
    pub(super) fn key_pressed(&mut self, leg: MediaLeg, digit: char, now: Moment) {
        let is_logged = self.line.as_ref().is_some_and(|line| line.log_digits);
        let logged = is_logged.then_some(digit);
        if let Some(owner) = self.leg_mut(leg) {
            let by = owner.side;
            self.store(EventKind::DigitPressed { by, digit: logged }, now);
        }
        if leg == self.caller.id {
            self.dialogue_key(digit, now);
        }
    }

    /// Whoever the leg talks with is told of the key: as a telephone-event, if that was agreed on;
    /// else in the same form, if its phone takes that; else it hears the tones.
    fn pass_key_on(&mut self, leg: MediaLeg, content_type: &str, key: Key) {
        let talks = matches!(self.phase, Phase::Talking) && self.notice.is_none();
        let Some(agent) = self.talking_leg().filter(|_| talks) else {
            return;
        };
        let other = match leg {
            caller if caller == self.caller.id => agent,
            own if own == agent => self.caller.id,
            _ => return,
        };
        let is_bridged = !self.is_apart();
        let takes_events = |owner: &mut Leg| {
            let stream = owner.stream.as_ref();
            stream.is_some_and(|stream| stream.send_event_pt.is_some())
        };
        let events = self.leg_mut(other).is_some_and(takes_events);
        if is_bridged && (events || !self.leg_mut(other).is_some_and(|it| it.takes.info)) {
            return self.order(MediaCommand::PressKey {
                leg: other,
                digit: key.digit,
                held_ms: key.held_ms.unwrap_or(dtmf::USUAL_MS),
            });
        }
        let takes = |owner: &&mut Leg| owner.takes.info && owner.wire == Wire::Up;
        let Some(hop) = self.leg_mut(other).filter(takes).map(|it| it.hop.clone()) else {
            return;
        };
        if let Some(mut info) = self.within(other, Method::INFO).filter(|_| is_bridged) {
            info.set_body(content_type, key.body(content_type));
            self.emit(Output::Send(other, info, hop));
        }
    }

    fn refuse_info(
        &mut self,
        leg: MediaLeg,
        tx: ServerTx,
        request: &Request,
        status: StatusCode,
        (name, value): (&'static str, &str),
    ) {
        let tag = self.local_tag.clone();
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let mut response = request::reply(request, status, &tag, &owner.hop);
        response.headers.set(name, value);
        self.emit(Output::Respond(tx, response));
    }
}
