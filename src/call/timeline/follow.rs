//! Which events begin a stretch of a call's time line, and which end it.

use super::rings::Rings;
use super::{How, Span, Timeline, What};
use crate::call::conduct::{MarkKind, RecordingMark};
use crate::call::doing::Doing;
use crate::call::event::{
    AttemptResult, CallEvent, EventKind, RecordingSummary, RecordingTurn, Side, TransferResult,
    TransferTarget,
};

/// The time line as it grows.
#[derive(Debug, Default)]
pub(super) struct Follow {
    line: Timeline,
    rings: Rings,
    /// The system has answered, and no person: the ring clock stands still in a queue.
    is_connected: bool,
    /// Somebody began the recording on a line that records on demand.
    is_demanded: bool,
    is_sealed: bool,
    last_us: u64,
}

impl Follow {
    pub(super) fn event(&mut self, event: &CallEvent) {
        let at = event.offset_us;
        self.last_us = self.last_us.max(at);
        self.record(&event.kind, at);
        self.ring(&event.kind, at);
        self.attempt(&event.kind, at);
        self.talk(&event.kind, at);
        self.speak(&event.kind, at);
        if let EventKind::Doing(doing) = &event.kind {
            self.doing(doing, at);
        }
    }

    pub(super) fn finish(mut self) -> Timeline {
        let end = self.line.ended_us;
        let rings = std::mem::take(&mut self.rings).spans(end.unwrap_or(self.last_us));
        self.line.spans.extend(rings);
        if let Some(end) = end {
            for span in &mut self.line.spans {
                // Whatever nobody has ended, the call's end has.
                span.to_us.get_or_insert(end.max(span.from_us));
            }
            if !self.is_sealed {
                self.line.recording_from_us = None;
            }
        }
        self.line
            .spans
            .sort_by_key(|span| (span.from_us, span.what));
        self.line
    }

    fn add(&mut self, span: Span) {
        self.line.spans.push(span);
    }

    /// The stretch of this kind that goes on.
    fn open(&mut self, wanted: impl Fn(&Span) -> bool) -> Option<&mut Span> {
        let mut spans = self.line.spans.iter_mut().rev();
        spans.find(|span| span.to_us.is_none() && wanted(span))
    }

    fn end(&mut self, what: What, at: u64) {
        self.end_of(at, |span| span.what == what);
    }

    fn end_as(&mut self, what: What, at: u64, how: How) {
        if let Some(span) = self.end_of(at, |span| span.what == what) {
            span.how = Some(how);
        }
    }

    fn end_of(&mut self, at: u64, wanted: impl Fn(&Span) -> bool) -> Option<&mut Span> {
        let span = self.open(wanted)?;
        span.to_us = Some(at);
        Some(span)
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all other kinds of event say nothing of the recording"
    )]
    fn record(&mut self, kind: &EventKind, at: u64) {
        match kind {
            EventKind::Connected => {
                self.line.recording_from_us.get_or_insert(at);
            }
            EventKind::RecordingTurned { turn, by, .. } => match turn {
                RecordingTurn::Started if !self.is_demanded => {
                    // Second 0 is where it was begun.
                    self.is_demanded = true;
                    self.line.recording_from_us = Some(at);
                }
                RecordingTurn::Started | RecordingTurn::Resumed => {
                    self.end(What::RecordingOff, at);
                }
                RecordingTurn::Stopped | RecordingTurn::Paused => {
                    self.end(What::RecordingOff, at);
                    let off = Span::from(What::RecordingOff, at).who(by);
                    self.add(off.how(How::Recording(*turn)));
                }
            },
            EventKind::RecordingSealed { recording } => self.sealed(recording),
            _ => {}
        }
    }

    /// What only the file knows: where audio is missing.
    fn sealed(&mut self, recording: &RecordingSummary) {
        self.is_sealed = true;
        let Some(zero) = self.line.recording_from_us else {
            return;
        };
        let at = |ms: u64| zero.saturating_add(ms.saturating_mul(1000));
        for gap in &recording.gaps {
            let side = if gap.channel == 0 {
                Side::Caller
            } else {
                Side::Agent
            };
            let span = Span::point(What::Gap, at(gap.from_ms)).side(side);
            let span = span.how(How::Gap(gap.cause));
            self.add(Span {
                to_us: Some(at(gap.from_ms.saturating_add(gap.length_ms))),
                ..span
            });
        }
        self.silent_until_told(&recording.marks, zero);
    }

    /// Capture that began after the notice is a pause that nobody asked for (R190).
    fn silent_until_told(&mut self, marks: &[RecordingMark], zero: u64) {
        let [first, ..] = marks else { return };
        if first.what != MarkKind::Paused || first.at_ms > 0 {
            return;
        }
        let resumed = marks.iter().find(|mark| mark.what == MarkKind::Resumed);
        let to_us = resumed.map(|mark| zero.saturating_add(mark.at_ms.saturating_mul(1000)));
        self.add(Span {
            to_us,
            ..Span::from(What::RecordingOff, zero)
        });
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all other kinds of event change nothing in what the caller hears ringing"
    )]
    fn ring(&mut self, kind: &EventKind, at: u64) {
        match kind {
            EventKind::Arrived { .. } => self.add(Span::point(What::Arrival, at)),
            EventKind::Ringing { cadence, .. } => self.rings.start(*cadence, at),
            EventKind::TargetMissed { rings } => {
                self.add(Span::point(What::TargetMissed, at).n(*rings));
            }
            EventKind::Queued { .. } => {
                if self.is_connected {
                    self.rings.stop(at);
                }
                if self.open(|span| span.what == What::Queue).is_none() {
                    self.add(Span::from(What::Queue, at));
                }
            }
            EventKind::Offered { .. } => {
                self.rings.resume(at);
                self.end(What::Queue, at);
            }
            // Whoever answers, it rings no more.
            EventKind::Connected => {
                self.is_connected = true;
                self.rings.stop(at);
            }
            EventKind::Answered { .. } | EventKind::Reached { .. } => {
                self.rings.end(at);
                self.end(What::Queue, at);
            }
            EventKind::MessageStarted { .. } | EventKind::AnnouncementStarted { .. } => {
                self.rings.stop(at);
                self.end(What::Queue, at);
            }
            _ => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all other kinds of event are about no attempt and no transfer"
    )]
    fn attempt(&mut self, kind: &EventKind, at: u64) {
        match kind {
            EventKind::Offered { attempt, agent } => {
                self.add(Span::from(What::Attempt, at).n(*attempt).who(agent));
            }
            EventKind::AttemptEnded {
                attempt, result, ..
            } => {
                if *result == AttemptResult::Answered {
                    self.end(What::Park, at);
                }
                let is_it = |span: &Span| span.what == What::Attempt && span.n == Some(*attempt);
                if let Some(span) = self.end_of(at, is_it) {
                    span.how = Some(How::Attempt(*result));
                } else if *result != AttemptResult::Answered {
                    // A leg to an outside number was offered to nobody of ours.
                    let point = Span::point(What::Attempt, at).n(*attempt);
                    self.add(point.how(How::Attempt(*result)));
                }
            }
            EventKind::TransferRequested {
                transfer,
                kind,
                by,
                target,
                ..
            } => {
                let span = Span::from(What::Transfer, at).n(*transfer).who(by);
                self.add(span.whom(target).how(How::TransferKind(*kind)));
            }
            EventKind::TransferEnded { transfer, result } => {
                let is_it = |span: &Span| span.what == What::Transfer && span.n == Some(*transfer);
                let Some(span) = self.end_of(at, is_it) else {
                    return;
                };
                span.how = Some(How::Transfer(*result));
                let whom = span.whom.clone();
                if *result == TransferResult::Answered {
                    self.passed_on(whom.as_ref(), at);
                }
            }
            EventKind::TakenOver { side, agent } => {
                self.add(Span::point(What::TakenOver, at).side(*side).who(agent));
            }
            _ => {}
        }
    }

    /// Somebody else talks from now on.
    fn passed_on(&mut self, to: Option<&TransferTarget>, at: u64) {
        self.end(What::Talk, at);
        let mut talk = Span::from(What::Talk, at);
        talk.whom = to.cloned();
        if let Some(TransferTarget::Agent(agent)) = to {
            talk.who = Some(agent.to_string());
        }
        self.add(talk);
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all other kinds of event change nothing in who talks"
    )]
    fn talk(&mut self, kind: &EventKind, at: u64) {
        match kind {
            EventKind::Connected => self.add(Span::point(What::Connected, at)),
            EventKind::Answered { agent, grade, .. } => {
                let answer = Span::point(What::Answer, at).who(agent);
                self.add(answer.how(How::Grade(*grade)));
                self.add(Span::from(What::Talk, at).who(agent));
            }
            EventKind::Reached { agent, .. } => {
                let mut answer = Span::point(What::Answer, at);
                answer.who = agent.as_ref().map(ToString::to_string);
                self.add(answer);
                self.add(Span::from(What::Talk, at));
            }
            EventKind::Held { by } => self.add(Span::from(What::Hold, at).side(*by)),
            EventKind::Resumed { by } => {
                // A hold by order has its own end.
                let is_it = |span: &Span| {
                    span.what == What::Hold && span.side == Some(*by) && span.who.is_none()
                };
                self.end_of(at, is_it);
            }
            EventKind::FellSilent { side, .. } if self.silence(*side).is_none() => {
                self.add(Span::from(What::Silence, at).side(*side));
            }
            EventKind::HeardAgain { side, silent_ms } => {
                if let Some(span) = self.silence(*side) {
                    span.from_us = at.saturating_sub(silent_ms.saturating_mul(1000));
                    span.to_us = Some(at);
                }
            }
            EventKind::HungUp { party, .. } => {
                self.end(What::Talk, at);
                self.add(Span::point(What::HangUp, at).how(How::HangUp(*party)));
            }
            EventKind::Ended { outcome, .. } => {
                self.rings.stop(at);
                self.line.ended_us = Some(at);
                self.add(Span::point(What::End, at).how(How::Outcome(*outcome)));
            }
            _ => {}
        }
    }

    fn silence(&mut self, side: Side) -> Option<&mut Span> {
        self.open(|span| span.what == What::Silence && span.side == Some(side))
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "in all other kinds of event the system says nothing"
    )]
    fn speak(&mut self, kind: &EventKind, at: u64) {
        match kind {
            EventKind::NoticeStarted { .. } => self.add(Span::from(What::Notice, at)),
            EventKind::NoticeEnded { .. } => self.end(What::Notice, at),
            EventKind::AnnouncementStarted { .. } => {
                self.add(Span::from(What::Announcement, at));
            }
            EventKind::AnnouncementEnded { .. } => self.end(What::Announcement, at),
            EventKind::Prompted(prompted) => {
                let from = at.saturating_sub(prompted.heard_ms.saturating_mul(1000));
                let span = Span::from(What::Prompt, from).how(How::Prompt(prompted.purpose));
                self.add(Span {
                    to_us: Some(at),
                    ..span
                });
            }
            EventKind::MenuAnswered(menu) => {
                self.add(Span::point(What::Menu, at).how(How::Menu(menu.result)));
            }
            EventKind::MessageStarted { .. } => self.add(Span::from(What::Message, at)),
            EventKind::MessageEnded(ended) => {
                self.end_as(What::Message, at, How::Message(ended.ended_by));
            }
            EventKind::SurveyStarted(_) => {
                self.end(What::Talk, at);
                self.add(Span::from(What::Survey, at));
            }
            EventKind::SurveyAnswered(answered) => {
                self.end_as(What::Survey, at, How::Survey(answered.result));
            }
            _ => {}
        }
    }

    fn doing(&mut self, doing: &Doing, at: u64) {
        match doing {
            Doing::PutOnHold { by, .. } => {
                self.add(Span::from(What::Hold, at).side(Side::Agent).who(by));
            }
            Doing::Retrieved { .. } => {
                self.end_of(at, |span| span.what == What::Hold && span.who.is_some());
            }
            Doing::Muted { by } => self.add(Span::from(What::Mute, at).who(by)),
            Doing::Unmuted { .. } => self.end(What::Mute, at),
            Doing::ConsultBegan {
                consult,
                by,
                target,
            } => {
                let span = Span::from(What::Consult, at).n(*consult).who(by);
                self.add(span.whom(target));
            }
            Doing::ConsultEnded {
                consult,
                end,
                result,
            } => {
                self.end(What::ThreeWay, at);
                let is_it = |span: &Span| span.what == What::Consult && span.n == Some(*consult);
                if let Some(span) = self.end_of(at, is_it) {
                    let how = result.map_or(How::Consult(*end), How::Transfer);
                    span.how = Some(how);
                }
            }
            Doing::ThreeJoined { consult, by } => {
                self.add(Span::from(What::ThreeWay, at).n(*consult).who(by));
            }
            Doing::ThreeParted { .. } => self.end(What::ThreeWay, at),
            Doing::Parked { by } => self.add(Span::from(What::Park, at).who(by)),
            Doing::ParkEnded { .. } | Doing::PickUpAsked { .. } => {
                self.end(What::Park, at);
            }
            Doing::SupervisorJoined { supervisor, mode } => {
                let span = Span::from(What::Supervision, at).who(supervisor);
                self.add(span.how(How::Mode(*mode)));
            }
            Doing::SupervisorTurned { supervisor, mode } => {
                self.end(What::Supervision, at);
                let span = Span::from(What::Supervision, at).who(supervisor);
                self.add(span.how(How::Mode(*mode)));
            }
            Doing::SupervisorLeft { .. } | Doing::TookOver { .. } => {
                self.end(What::Supervision, at);
                if let Doing::TookOver { supervisor, .. } = doing {
                    self.end(What::Talk, at);
                    self.add(Span::from(What::Talk, at).who(supervisor));
                }
            }
            Doing::HandRaised { by, raised: true } => {
                self.add(Span::from(What::HandRaised, at).who(by));
            }
            Doing::HandRaised { raised: false, .. } => self.end(What::HandRaised, at),
            Doing::Escalated { by, .. } => self.add(Span::point(What::Escalated, at).who(by)),
            Doing::EmergencyCalled { by, .. } => self.add(Span::point(What::Emergency, at).who(by)),
            Doing::QualityOffered { by, done } => {
                let span = Span::point(What::QualityOffered, at).who(by);
                self.add(span.how(How::Quality(*done)));
            }
            Doing::PassedOnOften { transfers, .. } => {
                self.add(Span::point(What::PassedOnOften, at).n(*transfers));
            }
            Doing::MarkedPrivate { by, .. } => self.add(Span::point(What::Private, at).who(by)),
            Doing::StageIsLong { stage, .. } => {
                self.add(Span::point(What::StageLong, at).how(How::Stage(*stage)));
            }
            Doing::SilenceWarned => self.add(Span::point(What::SilenceWarned, at)),
            Doing::ConsultAnswered { .. }
            | Doing::HoldIsLong { .. }
            | Doing::KeysPressed { .. }
            | Doing::HangUpReason { .. }
            | Doing::SupervisorCalled { .. }
            | Doing::PrivateIsLong { .. }
            | Doing::PickedUpEarly { .. }
            | Doing::DialledFrom { .. } => {}
        }
    }
}
