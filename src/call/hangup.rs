//! Who ended the call, and the end of everything that belongs to it.

use super::attempt::{Callee, State};
use super::errand::Errand;
use super::event::{EventKind, HangupParty, Outcome};
use super::leg::{Bye, Ending, Wire};
use super::media::{MediaCommand, MediaLeg};
use super::{Call, Output, Phase, Recording, Release, arrive, request};
use crate::rules::{Grade, Moment};
use crate::sip::endpoint::ServerTx;
use crate::sip::{Method, Reason, Request, StatusCode};

impl Call {
    /// A peer's BYE. The first one tells who hung up (R046); one that crosses ours changes nothing.
    pub(super) fn bye(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request, now: Moment) {
        self.respond(leg, tx, request, StatusCode::OK);
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let was_up = owner.wire == Wire::Up;
        let party = owner.party();
        owner.wire = Wire::Gone;
        owner.ended(party, None, request.headers.reasons());
        self.close_ports(leg);
        if !was_up || matches!(self.phase, Phase::Ended) || self.goes_on_without(leg, now) {
            return;
        }
        let reason = reason_of(request);
        self.farewell = passed_on(&request.headers.reasons());
        // A dialog whose place another has taken ends nothing but itself.
        if leg == self.caller.id || self.talking_leg() == Some(leg) {
            if self.asks_after_hang_up(leg, reason.as_deref(), now) {
                return;
            }
            self.end_connected(party, reason, now);
        }
    }

    /// Whether the call goes on although this leg's peer has left: it was in nobody's place, or
    /// somebody else takes it.
    pub(super) fn goes_on_without(&mut self, leg: MediaLeg, now: Moment) -> bool {
        if let Some(index) = self.attempt_index(leg)
            && self.attempts[index].wanted.is_beside()
        {
            self.attempts[index].state = State::Over;
        }
        self.put_down(leg, now)
            || self.transferor_left(leg, now)
            || self.consult_left(leg, now)
            || self.supervisor_left(leg, now)
    }

    /// Nothing of it is left on the wire, or is about to be.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Ended)
    }

    /// The caller's CANCEL, before any 200 of ours.
    pub(super) fn cancelled(&mut self, cancel: &Request, now: Moment) {
        if self.connected || matches!(self.phase, Phase::Ended) {
            return;
        }
        let reason = reason_of(cancel);
        let status = StatusCode::REQUEST_TERMINATED;
        let reasons = cancel.headers.reasons();
        self.caller
            .ended(HangupParty::Caller, Some(status), reasons);
        let hung_up = EventKind::HungUp {
            party: HangupParty::Caller,
            agent_first: false,
            reason,
        };
        self.store(hung_up, now);
        self.respond_caller(status, None);
        self.end_unanswered(status, Outcome::Abandoned, Some(()), now);
    }

    /// We end a connected call.
    pub(super) fn hang_up(&mut self, reason: &str, now: Moment) {
        self.end_connected(HangupParty::System, Some(reason.to_owned()), now);
    }

    /// The service stops.
    pub(super) fn stop(&mut self, now: Moment) {
        if matches!(self.phase, Phase::Ended) {
            return;
        }
        let reason = Some("the service stops".to_owned());
        self.farewell = Some(Reason::q850(TEMPORARY_FAILURE));
        if self.connected {
            self.end_with(HangupParty::System, reason, Outcome::Interrupted, now);
        } else {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            self.respond_caller(status, None);
            self.end_unanswered(status, Outcome::Interrupted, None, now);
        }
    }

    pub(super) fn end_connected(
        &mut self,
        party: HangupParty,
        reason: Option<String>,
        now: Moment,
    ) {
        self.cut_dialogue(party, now);
        let is_given_up = self.progress.is_given_up;
        let outcome = if self.answered_at.is_some() {
            Outcome::Answered
        } else if self.errand == Errand::Echo {
            Outcome::Echo
        } else if self.progress.has_message {
            Outcome::Message
        } else if matches!(self.phase, Phase::Announcing(_))
            || (is_given_up && self.progress.is_announced)
        {
            Outcome::Announcement
        } else if is_given_up {
            Outcome::NoAgent
        } else {
            Outcome::Abandoned
        };
        self.end_with(party, reason, outcome, now);
    }

    pub(super) fn end_with(
        &mut self,
        party: HangupParty,
        reason: Option<String>,
        outcome: Outcome,
        now: Moment,
    ) {
        self.cut_dialogue(party, now);
        let talks_to_agent = matches!(
            self.talker.as_ref().map(|talker| &talker.callee),
            Some(Callee::Agent(_))
        );
        let is_author = self.author.is_some() && self.talking_agent() == self.author.as_ref();
        let hung_up = EventKind::HungUp {
            party,
            // Who has made the call may end it (R046).
            agent_first: talks_to_agent && party == HangupParty::Agent && !is_author,
            reason,
        };
        self.store(hung_up, now);
        // Somebody answered, and our 200 was still waiting for a PRACK.
        let status = (!self.connected).then_some(StatusCode::TEMPORARILY_UNAVAILABLE);
        if let Some(status) = status {
            self.respond_caller(status, None);
            self.caller.wire = Wire::Gone;
            self.caller
                .ended(HangupParty::System, Some(status), Vec::new());
        }
        let talk_over = self.progress.talk_over.unwrap_or(now);
        let talk_ms = self.answered_at.map(|it| talk_over.ms_since(it));
        let ring = self.rang_for().filter(|_| self.answered_at.is_none());
        let caller_ring_ms = ring.map(|ring| ring.ring_ms(now.instant));
        let abandoned = caller_ring_ms.filter(|_| outcome == Outcome::Abandoned);
        let grade = abandoned.zip(self.line.as_ref());
        let ended = EventKind::Ended {
            outcome,
            status: status.map(StatusCode::as_u16),
            grade: grade.map(|(ring_ms, line)| line.profile.grade_abandoned(ring_ms)),
            caller_ring_ms,
            talk_ms,
        };
        self.close_all(ended, now);
    }

    /// Ends a call that was answered with `status` instead of a 200. An abandoned one is graded by when its caller gave up.
    pub(super) fn end_unanswered(
        &mut self,
        status: StatusCode,
        outcome: Outcome,
        abandoned: Option<()>,
        now: Moment,
    ) {
        // An agent's phone that we have called gets a BYE like any other.
        if !self.is_ours() {
            self.caller.wire = Wire::Gone;
            self.caller
                .ended(HangupParty::System, Some(status), Vec::new());
        }
        if matches!(
            outcome,
            Outcome::NoAgent | Outcome::Interrupted | Outcome::RecordingUnavailable
        ) {
            let hung_up = EventKind::HungUp {
                party: HangupParty::System,
                agent_first: false,
                reason: Some(status.reason().to_owned()),
            };
            self.store(hung_up, now);
        }
        // Whoever leaves between the agent's 200 and ours has not spoken with anybody, and has
        // been answered in time or late all the same: that grade stands (R001).
        let unanswered = self.answered_at.is_none();
        let ring = self.ring.as_ref().filter(|_| unanswered);
        let caller_ring_ms = ring.map(|ring| ring.ring_ms(now.instant));
        let graded = abandoned.filter(|()| self.errand.is_line() && unanswered);
        let grade = graded
            .and(self.line.as_ref())
            .map(|line| -> Grade { line.profile.grade_abandoned(caller_ring_ms.unwrap_or(0)) });
        let ended = EventKind::Ended {
            outcome,
            status: Some(status.as_u16()),
            grade,
            caller_ring_ms,
            talk_ms: None,
        };
        self.close_all(ended, now);
    }

    /// Stops every phone, dialog, port and file of the call.
    fn close_all(&mut self, ended: EventKind, now: Moment) {
        self.phase = Phase::Ended;
        self.alert_at = None;
        self.repeat_alert_at = None;
        self.give_up_at = None;
        self.ring_on_until = None;
        self.dialogue_over();
        self.ring = None;
        self.forget_at = Some(now.instant + arrive::FORGET);
        self.emit(Output::StopWaiting);
        self.drop_dial();
        self.clear_desk(now);
        if let Some(talker) = self.talker.take() {
            self.release(&talker.callee, Release::Done);
        }
        self.cancel_attempts(now);
        self.transfer_failed(super::event::TransferResult::CallerLeft, now);
        let talking: Vec<_> = self
            .attempts
            .iter_mut()
            .map(|attempt| {
                if attempt.state == State::Talking {
                    attempt.state = State::Over;
                }
                attempt.leg.id
            })
            .chain([self.caller.id])
            .collect();
        for leg in talking {
            self.send_bye(leg);
            self.silence(leg);
            self.close_ports(leg);
        }
        self.tell_leg_ends(now);
        self.store(ended, now);
        self.close_recording();
        tracing::info!(parent: &self.span, "call ended");
    }

    /// Writes down how legs ended that have, each once.
    pub(super) fn tell_leg_ends(&mut self, now: Moment) {
        let attempts = self.attempts.iter_mut();
        let legs = attempts.map(|attempt| (Some(attempt.number), &mut attempt.leg));
        let mut ends = Vec::new();
        for (attempt, leg) in legs.chain([(None, &mut self.caller)]) {
            let Ending::New(end) = &leg.ending else {
                continue;
            };
            let reasons: Vec<_> = end.reasons.iter().map(ToString::to_string).collect();
            let text: String = reasons.join(", ").chars().take(LONGEST_REASON).collect();
            ends.push(EventKind::LegEnded {
                side: leg.side,
                // A caller's former phone was never rung.
                attempt: attempt.filter(|number| *number > 0),
                party: end.party,
                status: end.status.map(StatusCode::as_u16),
                cause: end.reasons.iter().find_map(Reason::q850_cause),
                reason: (!text.is_empty()).then_some(text),
            });
            leg.ending = Ending::Told;
        }
        for end in ends {
            self.store(end, now);
        }
    }

    /// A file that was begun is sealed; one that never started is dropped.
    pub(super) fn close_recording(&mut self) {
        self.recording = match self.recording {
            Recording::Running | Recording::Silent(_) => Recording::Closing,
            Recording::Opening | Recording::Ready => Recording::Off,
            Recording::Off | Recording::Closing | Recording::Left | Recording::Closed => return,
        };
        self.order(MediaCommand::CloseRecording { call: self.id });
    }

    /// The next request in a leg's dialog.
    pub(super) fn within(&mut self, leg: MediaLeg, method: Method) -> Option<Request> {
        let mut rng = self.fork_rng();
        let owner = self.leg_mut(leg)?;
        let hop = owner.hop.clone();
        let dialog = owner.dialog.as_mut()?;
        Some(request::within(dialog, method, &hop, &mut rng))
    }

    /// Says BYE on a dialog that is up; if our 2xx has no ACK yet, once it has (RFC 3261 §15).
    pub(super) fn send_bye(&mut self, leg: MediaLeg) {
        let reason = self.farewell.clone();
        let Some(owner) = self.leg_mut(leg).filter(|owner| owner.wire == Wire::Up) else {
            return;
        };
        let reason = reason.unwrap_or_else(|| Reason::q850(NORMAL_CLEARING));
        owner.ended(HangupParty::System, None, vec![reason.clone()]);
        if owner.bye != Bye::Allowed {
            owner.bye = Bye::Wanted;
            return;
        }
        owner.wire = Wire::Leaving;
        let hop = owner.hop.clone();
        if let Some(mut bye) = self.within(leg, Method::BYE) {
            bye.headers.push("Reason", reason);
            self.emit(Output::Send(leg, bye, hop));
        }
    }

    /// The BYE that we sent was answered, or never will be.
    pub(super) fn left(&mut self, leg: MediaLeg) {
        if let Some(owner) = self
            .leg_mut(leg)
            .filter(|owner| owner.wire == Wire::Leaving)
        {
            owner.wire = Wire::Gone;
            self.close_ports(leg);
        }
    }
}

/// What the other leg is told of a leg's end: the cause of Q.850, in our own words.
fn passed_on(reasons: &[Reason]) -> Option<Reason> {
    let cause = reasons.iter().find_map(Reason::q850_cause)?;
    Some(Reason::q850(cause)).filter(|_| cause <= LAST_CAUSE)
}

/// Q.850: somebody hung up.
const NORMAL_CLEARING: u16 = 16;
/// Q.850: it is our fault, and will pass.
pub(super) const TEMPORARY_FAILURE: u16 = 41;
/// Causes of Q.850 have seven bits.
const LAST_CAUSE: u16 = 127;

/// A peer's `Reason` (RFC 3326), no longer than a log line should be.
fn reason_of(request: &Request) -> Option<String> {
    let reason = request.headers.get("Reason")?;
    Some(reason.chars().take(LONGEST_REASON).collect())
}

/// So much of a peer's words goes into the log.
const LONGEST_REASON: usize = 200;
