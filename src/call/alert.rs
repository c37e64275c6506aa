//! The caller hears it ring: 180, or 183 with our own tone, repeated so that nobody on the way
//! loses patience.

use std::time::Duration;

use super::event::{EventKind, Ringback};
use super::line::Line;
use super::ring::RingClock;
use super::{Call, Output, Phase, request};
use crate::rules::Moment;
use crate::sip::StatusCode;

/// A proxy on the way drops a call that is silent for 3 minutes (RFC 3261 §13.3.1.1, §16.7).
const REPEAT_ALERT: Duration = Duration::from_mins(1);

impl Call {
    /// The first 18x to the caller: the ring clock starts (R001).
    pub(super) fn alert(&mut self, now: Moment) {
        self.alert_at = None;
        if self.connected || self.ring.is_some() {
            return;
        }
        let Some(line) = self.line.clone() else {
            return;
        };
        let ringback = self.send_alert(&line, now);
        self.repeat_alert_at = Some(now.instant + REPEAT_ALERT);
        if !self.errand.is_line() {
            self.ring = Some(RingClock::ungraded(line.cadence, now.instant));
            self.store(EventKind::Alerted { ringback }, now);
            return self.ring_due(now);
        }
        self.start_ringing(ringback, &line, now);
    }

    /// The caller hears it ring from now on, and the clock runs. A caller has one clock (R013):
    /// where it stood still because something was said, it goes on.
    pub(super) fn start_ringing(&mut self, ringback: Ringback, line: &Line, now: Moment) {
        if let Some(clock) = &mut self.ring {
            clock.resume(now.instant);
            return self.ring_due(now);
        }
        self.ring = Some(RingClock::start(line.cadence, &line.profile, now.instant));
        let ringing = EventKind::Ringing {
            ringback,
            cadence: line.cadence,
            profile: line.profile.clone(),
        };
        self.store(ringing, now);
        self.ring_due(now);
    }

    /// 180, or 183 with our answer and our own tone; what of the two it was.
    fn send_alert(&mut self, line: &Line, now: Moment) -> Ringback {
        if self.hears_early() {
            self.tell_early(now);
            return Ringback::Network;
        }
        if self.is_ours() {
            self.play_ringback();
            return Ringback::Local;
        }
        if line.ringback == Ringback::Local
            && !self.invite.body.is_empty()
            && let Some(answer) = self.answer_caller(None)
        {
            self.progress_caller(StatusCode::SESSION_PROGRESS, Some(answer), now);
            self.play_ringback();
            return Ringback::Local;
        }
        self.progress_caller(StatusCode::RINGING, None, now);
        Ringback::Network
    }

    pub(super) fn alert_due(&mut self, now: Moment) {
        if matches!(self.phase, Phase::Hunting) && self.alert_at.is_some_and(|at| at <= now.instant)
        {
            self.alert(now);
        }
        if self.repeat_alert_at.is_some_and(|at| at <= now.instant) {
            self.repeat_alert_at = Some(now.instant + REPEAT_ALERT);
            let early_media = self.caller.stream.is_some();
            let status = if early_media {
                StatusCode::SESSION_PROGRESS
            } else {
                StatusCode::RINGING
            };
            self.progress_caller(status, None, now);
        }
        self.ring_due(now);
    }

    /// Tells of a ring as it begins, and of the moment when the answer begins to be late.
    fn ring_due(&mut self, now: Moment) {
        let is_answered = self.answered_at.is_some();
        let clock = self.ring.as_mut().filter(|_| !is_answered);
        let Some(due) = clock.map(|clock| clock.handle_timeout(now.instant)) else {
            return;
        };
        if !matches!(self.phase, Phase::Hunting) {
            return;
        }
        if let Some(ring) = due.ring {
            let (ring, apologise) = (ring.0, due.apologise);
            self.emit(Output::Ring { ring, apologise });
        }
        if let Some(rings) = due.missed {
            self.store(EventKind::TargetMissed { rings: rings.0 }, now);
        }
    }

    /// Sends the caller a provisional or final response to its INVITE.
    pub(super) fn respond_caller(&mut self, status: StatusCode, description: Option<Vec<u8>>) {
        self.respond_caller_with(status, description, &[]);
    }

    pub(super) fn respond_caller_with(
        &mut self,
        status: StatusCode,
        description: Option<Vec<u8>>,
        headers: &[(&'static str, String)],
    ) {
        let mut response = request::reply(&self.invite, status, &self.local_tag, &self.caller.hop);
        if let Some(description) = description {
            request::with_sdp(&mut response.headers, &mut response.body, description);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers.push("Retry-After", "2");
        }
        for (name, value) in headers {
            response.headers.set(name, value);
        }
        self.respond_invite(response);
    }
}
