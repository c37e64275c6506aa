//! Ringing phones until one answers.

use std::time::Instant;

use super::attempt::{self, Attempt, Callee, Destination, State, Wanted};
use super::event::{AttemptResult, EventKind, HangupParty, Side, TransferResult};
use super::flow::Sound;
use super::leg::{Leg, Ports, Wire};
use super::media::{MediaCommand, MediaLeg, preference};
use super::{Call, DialogName, Output, Phase, Release, request};
use crate::rules::Moment;
use crate::sdp::Direction;
use crate::sip::reliable::Arrival;
use crate::sip::{CSeq, Method, RAck, Reason, Response, SessionExpires, ids};
use rand::Rng;

/// What a loser of ring-all is told, so that its phone shows no missed call (RFC 3326).
pub(super) const ELSEWHERE: &str = "SIP;cause=200;text=\"Call completed elsewhere\"";

impl Call {
    /// Rings an agent's phones, or an outside number: their ports first, then the INVITEs.
    pub(super) fn offer(&mut self, phones: Vec<Destination>, wanted: Wanted, now: Moment) {
        let Some(callee) = phones.first().map(|phone| phone.callee.clone()) else {
            return;
        };
        let fits = match self.phase {
            Phase::Hunting => wanted != Wanted::Summons && !self.is_being_answered(),
            Phase::Talking => matches!(wanted, Wanted::Transfer(_)) || wanted.is_beside(),
            Phase::Summoning => wanted == Wanted::Summons,
            Phase::Preparing(_) | Phase::Announcing(_) | Phase::Dialogue(_) | Phase::Ended => false,
        };
        if !fits {
            return self.release(&callee, Release::Done);
        }
        let hears_nothing = matches!(self.progress.sound, Sound::Nothing);
        let rings = (self.rang_for().is_none() || hears_nothing) && self.answered_at.is_none();
        let answers = matches!(wanted, Wanted::Answer | Wanted::PickUp);
        if self.connected && rings && answers {
            self.ring_on(now);
        }
        self.attempts_made += 1;
        let number = self.attempts_made;
        for phone in phones {
            self.open_phone(number, phone, wanted, now);
        }
        if let Callee::Agent(agent) = callee {
            let offered = EventKind::Offered {
                attempt: number,
                agent,
            };
            self.store(offered, now);
        }
    }

    fn open_phone(&mut self, number: u32, to: Destination, wanted: Wanted, now: Moment) {
        let leg = Leg {
            srtp: to.srtp,
            ..Leg::new(MediaLeg(self.rng.next_u64()), Side::Agent, to.hop.clone())
        };
        self.order(MediaCommand::Open {
            call: self.id,
            leg: leg.id,
            local: self.place.address,
        });
        self.attempts.reserve_exact(1); // most calls ring one phone
        self.attempts.push(Attempt {
            number,
            leg,
            state: State::Opening { since: now.instant },
            invite: None,
            asked: false,
            wanted,
            destination: to,
            rang_since: None,
            hears_early: None,
            ended: None,
        });
    }

    /// The attempt's ports are there: out goes the INVITE.
    pub(super) fn invite_attempt(&mut self, leg: MediaLeg, now: Moment) {
        let codecs = preference(self.caller_codec);
        let Some(index) = self.attempt_index(leg) else {
            return;
        };
        let identity = self.presented_to(&self.attempts[index].destination.callee);
        let attempt = &mut self.attempts[index];
        if !matches!(attempt.state, State::Opening { .. }) {
            return;
        }
        let Some(session) = attempt.leg.session.as_mut() else {
            return;
        };
        if !session.is_possible() {
            tracing::warn!(parent: &self.span, "a phone that must have SRTP is not on TLS");
            return self.attempt_unreachable(leg, now);
        }
        let offer = session.offer(&codecs, Direction::SendRecv);
        let prefix = format!("{}-{}", self.id.leg_prefix(), attempt.number);
        let call_id = ids::new_call_id_after(&prefix, &mut self.rng);
        let to = &attempt.destination;
        let mut invite = request::invite(to, &identity, offer, call_id, &mut self.rng);
        let seconds = self.session_expires_s;
        let refresher = None;
        let expires = SessionExpires { seconds, refresher };
        invite.headers.push("Session-Expires", expires);
        attempt.state = State::Inviting {
            since: now.instant,
            heard: false,
        };
        attempt.invite = Some(invite.clone());
        let hop = attempt.leg.hop.clone();
        let name = DialogName {
            call_id: invite.call_id(),
            tag: invite.from_addr().tag().unwrap_or_default().to_owned(),
        };
        self.emit(Output::OwnDialog(leg, name));
        self.emit(Output::Send(leg, invite, hop));
    }

    /// The INVITE of a leg again, with credentials and the next number (RFC 3261 §22.2).
    pub(super) fn invite_again(&mut self, leg: MediaLeg, name: &'static str, credentials: String) {
        let Some(index) = self.attempt_index(leg) else {
            return;
        };
        let attempt = &mut self.attempts[index];
        let Some(invite) = attempt.invite.as_mut().filter(|_| attempt.ended.is_none()) else {
            return;
        };
        let cseq = CSeq {
            number: invite.cseq().number + 1,
            method: Method::INVITE,
        };
        invite.headers.set("CSeq", cseq);
        invite.headers.set(name, credentials);
        let again = Output::Send(leg, invite.clone(), attempt.leg.hop.clone());
        self.emit(again);
    }

    /// A response on some leg; what is not an INVITE's needs no more than the end of a BYE.
    pub(super) fn response(&mut self, leg: MediaLeg, response: &Response, now: Moment) {
        let cseq = response.cseq();
        let change = self.leg_mut(leg).and_then(|owner| owner.change.as_ref());
        if change.is_some_and(|it| (it.cseq, &it.method) == (cseq.number, &cseq.method)) {
            return self.change_answered(leg, response, now);
        }
        if cseq.method != Method::INVITE {
            if cseq.method == Method::BYE && response.status.is_final() {
                self.left(leg);
            }
            return;
        }
        let Some(index) = self.attempt_index(leg) else {
            return;
        };
        self.note_events(index, response);
        if response.status.is_success() {
            return self.accepted(index, response, now);
        }
        if response.status.is_final() && self.asks_longer(index, response) {
            return;
        }
        if !self.hears(index, response) {
            return;
        }
        if !response.status.is_final() {
            self.early_media(index, response, now);
        }
        let attempt = &mut self.attempts[index];
        if response.status.is_final() {
            attempt.leg.wire = Wire::Gone;
            let party = attempt.leg.party();
            let reasons = response.headers.reasons();
            attempt.leg.ended(party, Some(response.status), reasons);
            if attempt.is_live() {
                self.leave_alone(index, response);
                self.refused(index, response.status, now);
                self.redirected(index, response);
            } else {
                self.close_ports(leg);
            }
            return;
        }
        match attempt.state {
            State::Inviting { since, .. } if response.status.as_u16() == 100 => {
                attempt.state = State::Inviting { since, heard: true };
            }
            State::Inviting { .. } => self.phone_rings(index, now),
            State::Opening { .. }
            | State::Ringing { .. }
            | State::PickedUp { .. }
            | State::Talking
            | State::Cancelling
            | State::Over => {}
        }
    }

    /// Whether a response is to be heard. A reliable provisional one gets its PRACK (RFC 3262
    /// §4), in the early dialog of the fork that sent it; its repeats are dropped.
    fn hears(&mut self, index: usize, response: &Response) -> bool {
        let mut rng = self.fork_rng();
        let attempt = &mut self.attempts[index];
        let Some(invite) = &attempt.invite else {
            return true;
        };
        if response.status.is_final() || attempt.leg.wire != Wire::Early {
            return true;
        }
        let (leg, hop) = (attempt.leg.id, attempt.leg.hop.clone());
        match attempt.leg.hear_early(invite, response) {
            Some((_, Arrival::Dropped)) => return false,
            Some((fork, Arrival::Next(rseq))) => {
                let cseq = response.cseq();
                let mut prack = request::within(&mut fork.dialog, Method::PRACK, &hop, &mut rng);
                prack.headers.push("RAck", RAck { rseq, cseq });
                self.emit(Output::Send(leg, prack, hop));
            }
            Some((_, Arrival::Unreliable)) | None => {}
        }
        true
    }

    /// The agent is rung from the first 18x of any of their phones on.
    fn phone_rings(&mut self, index: usize, now: Moment) {
        let number = self.attempts[index].number;
        let rung = self.rung_since(number);
        let since = rung.unwrap_or(now.instant);
        let attempt = &mut self.attempts[index];
        attempt.state = State::Ringing { since };
        attempt.rang_since = Some(since);
        if rung.is_none() {
            let is_own = attempt.wanted == Wanted::Summons;
            self.store(EventKind::AgentRinging { attempt: number }, now);
            if !is_own {
                self.alert(now); // whoever calls is not rung
            }
        }
    }

    /// Ends a live phone's part, and tells it to stop if it may still ring. With the last phone of
    /// an agent the attempt is over.
    pub(super) fn end_phone(
        &mut self,
        index: usize,
        result: AttemptResult,
        status: Option<u16>,
        now: Moment,
    ) {
        let attempt = &mut self.attempts[index];
        attempt.ended = Some((result, status));
        let (number, leg) = (attempt.number, attempt.leg.id);
        let asked = attempt.invite.is_some() && attempt.leg.wire == Wire::Early;
        let is_up = attempt.leg.wire == Wire::Up;
        let rang_until = match attempt.state {
            State::PickedUp { at } => at,
            State::Opening { .. }
            | State::Inviting { .. }
            | State::Ringing { .. }
            | State::Talking
            | State::Cancelling
            | State::Over => now.instant,
        };
        if asked && result != AttemptResult::Answered {
            attempt.state = State::Cancelling;
        } else {
            attempt.state = State::Over;
            if result != AttemptResult::Answered && !is_up {
                attempt.leg.wire = Wire::Gone;
            }
        }
        if result != AttemptResult::Answered {
            if asked {
                let elsewhere = result == AttemptResult::Cancelled && self.has_answer(index);
                let reason = elsewhere.then(|| ELSEWHERE.parse::<Reason>().ok());
                let reasons = reason.flatten().into_iter().collect();
                let attempt = &mut self.attempts[index];
                attempt.leg.ended(HangupParty::System, None, reasons);
                self.emit(Output::Cancel(leg, elsewhere.then_some(ELSEWHERE)));
            } else if is_up {
                self.silence(leg);
                self.send_bye(leg);
            }
            self.close_ports(leg);
        }
        self.conclude(number, leg, rang_until, now);
    }

    /// Writes the attempt's one result down and frees the agent, once: when a phone has answered,
    /// or when none of them can any more.
    fn conclude(&mut self, number: u32, last: MediaLeg, rang_until: Instant, now: Moment) {
        let phones = || self.attempts.iter().filter(|a| a.number == number);
        let answered = |a: &Attempt| a.ended.is_some_and(|(r, _)| r == AttemptResult::Answered);
        let was_answered = phones().any(|a| a.leg.id != last && answered(a));
        let answers = phones().any(|a| a.leg.id == last && answered(a));
        if was_answered || (!answers && phones().any(Attempt::is_live)) {
            return;
        }
        let Some((result, status)) = attempt::result_of_all(phones().filter_map(|a| a.ended))
        else {
            return;
        };
        let Some(first) = phones().next() else { return };
        if attempt::may_go_elsewhere(result, status)
            && let [next, further @ ..] = first.destination.further.as_slice()
        {
            let mut next = next.clone();
            next.further = further.to_vec();
            let wanted = first.wanted;
            if phones().any(|phone| phone.hears_early.is_some()) {
                self.play_ringback(); // it was silent while another network spoke
            }
            return self.offer(vec![next], wanted, now);
        }
        let (callee, wanted) = (first.destination.callee.clone(), first.wanted);
        let agent_ring_ms = self.rung_since(number).map(|since| {
            let rung = rang_until.saturating_duration_since(since);
            u64::try_from(rung.as_millis()).unwrap_or(u64::MAX)
        });
        if matches!(callee, Callee::Agent(_)) {
            let ended = EventKind::AttemptEnded {
                attempt: number,
                result,
                agent_ring_ms,
                status,
            };
            self.store(ended, now);
        }
        let (release, failure) = match result {
            AttemptResult::Answered => return,
            AttemptResult::RingNoAnswer => (Release::RingNoAnswer, TransferResult::NoAnswer),
            AttemptResult::Rejected => (Release::Refused, TransferResult::Refused),
            AttemptResult::Unreachable => (Release::Refused, TransferResult::Unreachable),
            AttemptResult::Cancelled => (Release::Done, TransferResult::CallerLeft),
        };
        self.release(&callee, release);
        match wanted {
            Wanted::Transfer(_) => self.transfer_failed(failure, now),
            Wanted::Consult(consult) => self.consult_failed(consult, failure, now),
            Wanted::Supervise => self.supervisor_gone(now),
            Wanted::Return => self.returned_in_vain(now),
            Wanted::Summons => self.summoned_in_vain(status, now),
            Wanted::Answer | Wanted::PickUp if result == AttemptResult::Cancelled => {}
            Wanted::Answer | Wanted::PickUp => {
                self.not_reached(status, now);
                self.pick_up_in_vain(now);
                if matches!(callee, Callee::Number(_)) && self.errand.is_line() {
                    self.no_way(now);
                }
            }
        }
    }

    /// Somebody has answered what this phone is rung for.
    fn has_answer(&self, index: usize) -> bool {
        let attempt = &self.attempts[index];
        if !attempt.wanted.is_beside() {
            return self.talker.is_some() || self.picked_up_early().is_some();
        }
        let mut phones = self.attempts.iter().filter(|a| a.number == attempt.number);
        phones.any(|a| {
            a.ended
                .is_some_and(|(result, _)| result == AttemptResult::Answered)
        })
    }

    /// When the agent of an attempt began to be rung.
    pub(super) fn rung_since(&self, number: u32) -> Option<Instant> {
        let phones = self.attempts.iter().filter(|a| a.number == number);
        phones.filter_map(|phone| phone.rang_since).min()
    }

    /// Ends whatever still rings of an attempt.
    pub(super) fn end_attempt(
        &mut self,
        number: u32,
        result: AttemptResult,
        status: Option<u16>,
        now: Moment,
    ) {
        for index in 0..self.attempts.len() {
            let attempt = &self.attempts[index];
            if attempt.number == number && attempt.is_live() {
                self.end_phone(index, result, status, now);
            }
        }
    }

    /// Ends what still rings to answer the caller; who supervises or is asked rings on.
    pub(super) fn cancel_rivals(&mut self, now: Moment) {
        for index in 0..self.attempts.len() {
            let attempt = &self.attempts[index];
            if attempt.is_live() && !attempt.wanted.is_beside() {
                self.end_phone(index, AttemptResult::Cancelled, None, now);
            }
        }
    }

    /// Ends every live attempt; who has answered is not live any more.
    pub(super) fn cancel_attempts(&mut self, now: Moment) {
        for index in 0..self.attempts.len() {
            if self.attempts[index].is_live() {
                self.end_phone(index, AttemptResult::Cancelled, None, now);
            }
        }
    }

    pub(super) fn release(&mut self, callee: &Callee, because: Release) {
        if let Callee::Agent(agent) = callee {
            let agent = agent.clone();
            self.emit(Output::AgentReleased { agent, because });
        }
    }

    /// Closes a leg's ports; what is still being opened is closed when it is there.
    pub(super) fn close_ports(&mut self, id: MediaLeg) {
        let Some(leg) = self.leg_mut(id) else { return };
        match leg.ports {
            Ports::Open => {
                leg.ports = Ports::Closing;
                self.order(MediaCommand::Close { leg: id });
            }
            Ports::Opening => leg.ports = Ports::Closing,
            Ports::Closing | Ports::Closed => {}
        }
    }
}
