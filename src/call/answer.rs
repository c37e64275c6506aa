//! A person answers: the caller's 200, the recording's second 0, the notice, and then the talk.

use super::attempt::{Callee, State, Wanted};
use super::demand::Silent;
use super::event::{AttemptResult, EventKind, HangupParty};
use super::leg::{Bye, Fork, Ports, Takes, Wire};
use super::media::{Audio, MediaCommand, MediaLeg, PlayId, preference};
use super::provisional::Joining;
use super::{Call, Output, Phase, Recording, Talker, request};
use crate::rules::{Grade, Moment};
use crate::sdp::{Codec, Direction};
use crate::sip::dialog::{Dialog, DialogId};
use crate::sip::session_timer::{self, SessionTimer};
use crate::sip::{Method, Request, Response, StatusCode};

impl Call {
    /// A phone's 2xx. The first one wins the call; a late or a forked one is acknowledged and
    /// sent away (RFC 3261 §13.2.2.4).
    pub(super) fn accepted(&mut self, index: usize, response: &Response, now: Moment) {
        let attempt = &mut self.attempts[index];
        let leg = attempt.leg.id;
        let Some(invite) = attempt.invite.clone() else {
            return;
        };
        let fork = take_fork(&mut attempt.leg.early, response);
        let (mut dialog, early) = match fork {
            Some(fork) => {
                let mut dialog = fork.dialog;
                dialog.update(response);
                (dialog, (fork.updated, fork.described))
            }
            None => (Dialog::uac(&invite, response), (None, Vec::new())),
        };
        let ack = dialog.ack(invite.cseq().number);
        let hop = attempt.leg.hop.clone();
        let is_fork = attempt.leg.dialog.is_some();
        let wins = attempt.is_live() && !is_fork;
        let fits = wins.then(|| match attempt.leg.session.as_mut() {
            // What was settled reliably, or is not said again, stands (RFC 3262 §5).
            Some(session) => early.0.or_else(|| {
                let body = Some(&response.body).filter(|body| !body.is_empty());
                session.handle_answer(body.unwrap_or(&early.1)).ok()
            }),
            None => None,
        });
        self.emit(Output::Acknowledge(leg, ack, hop.clone()));

        if let Some(stream) = fits.flatten() {
            let attempt = &mut self.attempts[index];
            attempt.leg.dialog = Some(dialog);
            attempt.leg.wire = Wire::Up;
            attempt.leg.bye = Bye::Allowed;
            attempt.leg.stream = Some(stream.clone());
            attempt.leg.early.clear();
            attempt.leg.takes = Takes::of(&response.headers);
            let asked = invite.headers.session_expires();
            let asked_s = asked.map_or(self.session_expires_s, |asked| asked.seconds);
            let agreement = session_timer::answered(&response.headers, asked_s);
            attempt.leg.timer = Some(SessionTimer::start(agreement, now.instant));
            self.order(MediaCommand::Connect { leg, stream });
            self.won(index, now);
        } else {
            let bye = request::within(&mut dialog, Method::BYE, &hop, &mut self.rng);
            self.emit(Output::Send(leg, bye, hop));
            if !is_fork {
                self.attempts[index].leg.dialog = Some(dialog);
                self.attempts[index].leg.wire = Wire::Leaving;
            }
            if wins {
                tracing::warn!(parent: &self.span, "the phone's answer does not fit our offer");
                let status = Some(StatusCode::NOT_ACCEPTABLE_HERE);
                let leg = &mut self.attempts[index].leg;
                leg.ended(HangupParty::System, status, Vec::new());
                self.end_phone(index, AttemptResult::Rejected, Some(488), now);
            }
        }
    }

    /// Somebody has answered: the caller talks with them, once it has rung for long enough (R010).
    pub(super) fn won(&mut self, index: usize, now: Moment) {
        let attempt = &self.attempts[index];
        if attempt.wanted.is_beside() {
            return self.came_beside(index, now);
        }
        if attempt.wanted == Wanted::Summons {
            return self.summoned(index, now);
        }
        if self.must_ring_on(now) {
            return self.pick_up_early(index, now);
        }
        let attempt = &self.attempts[index];
        let (number, leg) = (attempt.number, attempt.leg.id);
        let passed_on = matches!(attempt.wanted, Wanted::Transfer(_)) || self.waits_elsewhere();
        let callee = attempt.destination.callee.clone();
        self.end_phone(index, AttemptResult::Answered, Some(200), now);
        self.attempts[index].state = State::Talking;
        if let Callee::Agent(agent) = &callee {
            self.emit(Output::AgentAnswered(agent.clone()));
        }
        let previous = self.talker.replace(Talker {
            leg,
            callee: callee.clone(),
        });
        self.cancel_rivals(now);
        self.fetched();
        self.emit(Output::StopWaiting);
        self.give_up_at = None;
        if self.connected && self.answered_at.is_some() {
            self.phase = Phase::Talking;
        }
        if passed_on {
            self.transferred(leg, previous, now);
        } else if self.connected && self.answered_at.is_some() {
            self.join(leg);
        } else {
            self.answered(number, callee, now);
            self.accept_caller(leg, now);
        }
        self.phase = Phase::Talking;
        self.dialogue_over();
    }

    /// Fixes how long it rang and what that is worth, at the agent's 200.
    fn answered(&mut self, attempt: u32, callee: Callee, now: Moment) {
        if !self.errand.is_line() {
            return self.reached(attempt, &callee, now);
        }
        let Callee::Agent(agent) = callee else {
            return self.reached(attempt, &callee, now);
        };
        self.alert(now); // a phone may answer without ever ringing
        let (Some(line), Some(ring)) = (&self.line, &self.ring) else {
            return;
        };
        let caller_ring_ms = ring.ring_ms(now.instant);
        let grade = line.profile.grade(caller_ring_ms);
        let answered = EventKind::Answered {
            attempt,
            agent,
            caller_ring_ms,
            rings: ring.rings(now.instant).0,
            grade,
            late: grade == Grade::Late,
        };
        tracing::info!(parent: &self.span, caller_ring_ms, grade = grade.as_str(), "call answered");
        self.answered_at = Some(now);
        self.store(answered, now);
    }

    /// Our 200 to the caller, and what comes next; it may have to wait for a PRACK.
    fn accept_caller(&mut self, leg: MediaLeg, now: Moment) {
        if self.connected {
            self.tell_of_recording(leg, now);
        } else if self.success_waits() {
            self.joining = Some(Joining::Person(leg));
        } else {
            self.connect_caller(leg, now);
        }
    }

    pub(super) fn connect_caller(&mut self, leg: MediaLeg, now: Moment) {
        let stream = self.leg_mut(leg).and_then(|owner| owner.stream.as_ref());
        let codec = stream.map(|stream| stream.codec);
        self.send_ok(codec, now);
        self.tell_of_recording(leg, now);
    }

    /// Our 200 to the caller, with our answer, or our offer if the INVITE had none.
    pub(super) fn send_ok(&mut self, codec: Option<Codec>, now: Moment) {
        let description = if self.described_reliably {
            None // said and confirmed
        } else if self.invite.body.is_empty() {
            self.caller.awaits_answer = true;
            let session = self.caller.session.as_mut();
            session.map(|session| session.offer(&preference(codec), Direction::SendRecv))
        } else {
            self.answer_caller(codec)
        };
        self.order(MediaCommand::StopPlay {
            leg: self.caller.id,
        });
        let mut response = request::reply(
            &self.invite,
            StatusCode::OK,
            &self.local_tag,
            &self.caller.hop,
        );
        if let Some(description) = description {
            request::with_sdp(&mut response.headers, &mut response.body, description);
        }
        if !self.is_ours() {
            let invite = self.invite.clone();
            self.agree_on_timer(self.caller.id, &invite, &mut response, now);
            if let Some(dialog) = self.caller.dialog.as_mut() {
                dialog.confirm();
            }
            self.caller.wire = Wire::Up;
        }
        self.connected = true;
        self.repeat_alert_at = None;
        self.alert_at = None;
        if self.recording == Recording::Ready && !self.records_on_demand() {
            self.start_recording(now);
        }
        self.respond_invite(response);
        self.store(EventKind::Connected, now);
    }

    /// Second 0 of the recording is now.
    pub(super) fn start_recording(&mut self, now: Moment) {
        self.recording = Recording::Running;
        self.progress.recording_since = Some(now);
        self.order(MediaCommand::StartRecording { call: self.id });
    }

    /// Our answer to the caller's offer. Made once: a 183 that carried it is repeated by the 200.
    pub(super) fn answer_caller(&mut self, codec: Option<Codec>) -> Option<Vec<u8>> {
        if let Some(description) = &self.caller.described {
            return Some(description.clone());
        }
        let session = self.caller.session.as_mut()?;
        let (description, stream) = session.answer(&self.invite.body, &preference(codec)).ok()?;
        self.caller.described = Some(description.clone());
        self.caller.stream = Some(stream.clone());
        self.order(MediaCommand::Connect {
            leg: self.caller.id,
            stream,
        });
        Some(description)
    }

    /// The notice to the caller, a beep to the agent meanwhile (R190); without a notice, or
    /// without a recording, they talk at once.
    pub(super) fn tell_of_recording(&mut self, agent: MediaLeg, now: Moment) {
        if !self.has_untold_notice() {
            return self.join(agent);
        }
        if self
            .line
            .as_ref()
            .is_some_and(|line| line.capture_after_notice)
        {
            self.capture_after_notice();
        }
        self.play_notice(now);
        self.play(agent, Audio::Beep);
    }

    /// Whether the caller is recorded, and has not yet been told so.
    pub(super) fn has_untold_notice(&self) -> bool {
        let has_notice = self.line.as_ref().is_some_and(|it| it.notice.is_some());
        let is_running = matches!(
            self.recording,
            Recording::Running | Recording::Silent(Silent::Untold)
        );
        has_notice && is_running && !self.progress.is_told
    }

    pub(super) fn play_notice(&mut self, now: Moment) {
        let prompt = self.line.as_ref().and_then(|line| line.notice.clone());
        let Some(prompt) = prompt else { return };
        let play = self.play(self.caller.id, Audio::Prompt(prompt.name.clone()));
        self.notice = Some(play);
        let started = EventKind::NoticeStarted {
            file: prompt.name,
            sha256: prompt.sha256,
            length_ms: prompt.length_ms,
        };
        self.store(started, now);
    }

    pub(super) fn notice_ended(&mut self, heard_ms: u64, complete: bool, now: Moment) {
        self.notice = None;
        self.store(EventKind::NoticeEnded { heard_ms, complete }, now);
        self.progress.is_told = true;
        if matches!(self.phase, Phase::Talking | Phase::Dialogue(_)) {
            self.capture_if_told(heard_ms, complete, now);
        }
        if matches!(self.phase, Phase::Dialogue(_)) {
            return self.notice_over(now);
        }
        let transferring = self.transfer_target().is_some();
        if let (Phase::Talking, false, Some(leg)) = (&self.phase, transferring, self.talking_leg())
        {
            self.join(leg);
        }
    }

    /// Lets the caller and a leg hear each other, instead of what is being played to them.
    ///
    /// A notice is heard to its end first, and a caller whom that leg holds hears the music.
    pub(super) fn join(&mut self, leg: MediaLeg) {
        if self.notice.is_some() {
            return;
        }
        self.order(MediaCommand::StopPlay {
            leg: self.caller.id,
        });
        self.bridge(self.caller.id, leg);
        self.sound.music = false;
        self.music_if_held(leg);
        self.arrange();
    }

    /// Stops what is being played to a leg, if its ports are open.
    pub(super) fn silence(&mut self, leg: MediaLeg) {
        if self
            .leg_mut(leg)
            .is_some_and(|owner| owner.ports == Ports::Open)
        {
            self.order(MediaCommand::StopPlay { leg });
        }
    }

    pub(super) fn play(&mut self, leg: MediaLeg, audio: Audio) -> PlayId {
        let play = self.new_play();
        self.order(MediaCommand::Play { leg, play, audio });
        play
    }

    /// Our own 450 Hz tone in the line's cadence.
    pub(super) fn play_ringback(&mut self) {
        let Some(cadence) = self.line.as_ref().map(|line| line.cadence) else {
            return;
        };
        let (on_ms, off_ms) = (cadence.on_ms, cadence.off_ms);
        self.sound.music = false;
        self.play(self.caller.id, Audio::Ringback { on_ms, off_ms });
    }

    /// The ACK of a 2xx; it may bring the answer to an offer of ours (RFC 3264 §4).
    pub(super) fn acknowledged(&mut self, leg: MediaLeg, ack: &Request, now: Moment) {
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        if std::mem::replace(&mut owner.bye, Bye::Allowed) == Bye::Wanted {
            return self.send_bye(leg);
        }
        if !std::mem::take(&mut owner.awaits_answer) || owner.ports != Ports::Open {
            return;
        }
        let answer = owner
            .session
            .as_mut()
            .map(|session| session.handle_answer(&ack.body));
        if let Some(Ok(stream)) = answer {
            owner.stream = Some(stream.clone());
            self.order(MediaCommand::Connect { leg, stream });
        } else {
            tracing::warn!(parent: &self.span, "the ACK brought no usable answer");
            self.hang_up("no usable answer in the ACK", now);
        }
    }

    /// A peer that never acknowledges our 200 is not there (RFC 3261 §13.3.1.4).
    pub(super) fn ack_missing(&mut self, leg: MediaLeg, now: Moment) {
        let owner = self.leg_mut(leg);
        let bye = owner.map(|owner| std::mem::replace(&mut owner.bye, Bye::Allowed));
        if bye == Some(Bye::Wanted) {
            return self.send_bye(leg);
        }
        let is_party = leg == self.caller.id || Some(leg) == self.talking_leg();
        if is_party && !matches!(self.phase, Phase::Ended) {
            self.hang_up("no ACK for our 200", now);
        }
    }
}

/// The early dialog that a 2xx confirms.
fn take_fork(early: &mut Vec<Fork>, response: &Response) -> Option<Fork> {
    let id = DialogId::of_response(response);
    let index = early.iter().position(|fork| *fork.dialog.id() == id)?;
    Some(early.swap_remove(index))
}
