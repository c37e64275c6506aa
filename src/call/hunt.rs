//! Ringing phones until one answers.

use std::time::Instant;

use super::attempt::{self, Attempt, Callee, Destination, State};
use super::event::{AttemptResult, EventKind, Side, TransferResult};
use super::leg::{Leg, Ports, Wire};
use super::media::{MediaCommand, MediaLeg, preference};
use super::{Call, DialogName, Output, Phase, Release, request};
use crate::rules::Moment;
use crate::sdp::Direction;
use crate::sip::{Method, Response};
use rand::Rng;

/// What a loser of ring-all is told, so that its phone shows no missed call (RFC 3326).
const ELSEWHERE: &str = "SIP;cause=200;text=\"Call completed elsewhere\"";

impl Call {
    /// Rings a phone: its ports first, then the INVITE.
    pub(super) fn offer(&mut self, to: Destination, transfer: Option<u32>, now: Moment) {
        let wanted = matches!(self.phase, Phase::Hunting)
            || (transfer.is_some() && matches!(self.phase, Phase::Talking));
        if !wanted {
            return self.release(&to.callee, Release::Done);
        }
        self.attempts_made += 1;
        let leg = Leg::new(MediaLeg(self.rng.next_u64()), Side::Agent, to.hop.clone());
        self.order(MediaCommand::Open {
            call: self.id,
            leg: leg.id,
            local: self.place.address,
        });
        let attempt = Attempt {
            number: self.attempts_made,
            leg,
            state: State::Opening { since: now.instant },
            invite: None,
            asked: false,
            transfer,
            destination: to,
        };
        let agent = match &attempt.destination.callee {
            Callee::Agent(agent) => Some(agent.clone()),
            Callee::Number(_) => None,
        };
        let number = attempt.number;
        self.attempts.push(attempt);
        if let Some(agent) = agent {
            let offered = EventKind::Offered {
                attempt: number,
                agent,
            };
            self.store(offered, now);
        }
    }

    /// The attempt's ports are there: out goes the INVITE.
    pub(super) fn invite_attempt(&mut self, leg: MediaLeg, now: Moment) {
        let codecs = preference(self.caller_codec);
        let Some(index) = self.attempt_index(leg) else {
            return;
        };
        let attempt = &mut self.attempts[index];
        if !matches!(attempt.state, State::Opening { .. }) {
            return;
        }
        let Some(session) = attempt.leg.session.as_mut() else {
            return;
        };
        let offer = session.offer(&codecs, Direction::SendRecv);
        let invite = request::invite(&attempt.destination, &self.identity, offer, &mut self.rng);
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

    /// A response on some leg; what is not an INVITE's needs no more than the end of a BYE.
    pub(super) fn response(&mut self, leg: MediaLeg, response: &Response, now: Moment) {
        if response.cseq().method != Method::INVITE {
            if response.cseq().method == Method::BYE && response.status.is_final() {
                self.left(leg);
            }
            return;
        }
        let Some(index) = self.attempt_index(leg) else {
            return;
        };
        if response.status.is_success() {
            return self.accepted(index, response, now);
        }
        let attempt = &mut self.attempts[index];
        if response.status.is_final() {
            attempt.leg.wire = Wire::Gone;
            let status = response.status;
            if attempt.is_live() {
                self.end_attempt(
                    index,
                    attempt::result_of(status),
                    Some(status.as_u16()),
                    now,
                );
            } else {
                self.close_ports(leg);
            }
            return;
        }
        match attempt.state {
            State::Inviting { since, .. } if response.status.as_u16() == 100 => {
                attempt.state = State::Inviting { since, heard: true };
            }
            State::Inviting { .. } => {
                attempt.state = State::Ringing { since: now.instant };
                let number = attempt.number;
                self.store(EventKind::AgentRinging { attempt: number }, now);
                self.alert(now);
            }
            State::Opening { .. }
            | State::Ringing { .. }
            | State::Talking
            | State::Cancelling
            | State::Over => {}
        }
    }

    /// A request of ours found no answer (RFC 3261 §8.1.3.1: as if it had been a 408).
    pub(super) fn timed_out(&mut self, leg: MediaLeg, method: &Method, now: Moment) {
        if *method == Method::BYE {
            return self.left(leg);
        }
        if *method == Method::INVITE
            && let Some(index) = self.attempt_index(leg)
        {
            self.attempts[index].leg.wire = Wire::Gone;
            if self.attempts[index].is_live() {
                self.end_attempt(index, AttemptResult::Unreachable, None, now);
            } else {
                self.close_ports(leg);
            }
        }
    }

    pub(super) fn attempt_unreachable(&mut self, leg: MediaLeg, now: Moment) {
        if let Some(index) = self.attempt_index(leg) {
            self.attempts[index].leg.wire = Wire::Gone;
            if self.attempts[index].is_live() {
                self.end_attempt(index, AttemptResult::Unreachable, None, now);
            }
        }
    }

    /// Ends a live attempt, frees the agent, and tells its phone to stop if it may still ring.
    pub(super) fn end_attempt(
        &mut self,
        index: usize,
        result: AttemptResult,
        status: Option<u16>,
        now: Moment,
    ) {
        let attempt = &mut self.attempts[index];
        let agent_ring_ms = attempt.ring_ms(now.instant);
        let leg = attempt.leg.id;
        let asked = attempt.invite.is_some() && attempt.leg.wire == Wire::Early;
        if asked && result != AttemptResult::Answered {
            attempt.state = State::Cancelling;
        } else {
            attempt.state = State::Over;
            if result != AttemptResult::Answered {
                attempt.leg.wire = Wire::Gone;
            }
        }
        let number = attempt.number;
        let callee = attempt.destination.callee.clone();
        let transfer = attempt.transfer;
        let ended = EventKind::AttemptEnded {
            attempt: number,
            result,
            agent_ring_ms,
            status,
        };
        if matches!(callee, Callee::Agent(_)) {
            self.store(ended, now);
        }
        if result == AttemptResult::Answered {
            return;
        }
        if asked {
            let elsewhere = result == AttemptResult::Cancelled && self.talker.is_some();
            self.emit(Output::Cancel(leg, elsewhere.then_some(ELSEWHERE)));
        }
        self.close_ports(leg);
        self.release(
            &callee,
            match result {
                AttemptResult::RingNoAnswer => Release::RingNoAnswer,
                AttemptResult::Rejected | AttemptResult::Unreachable => Release::Refused,
                AttemptResult::Cancelled | AttemptResult::Answered => Release::Done,
            },
        );
        if transfer.is_some() {
            self.transfer_failed(
                match result {
                    AttemptResult::RingNoAnswer => TransferResult::NoAnswer,
                    AttemptResult::Rejected => TransferResult::Refused,
                    AttemptResult::Unreachable => TransferResult::Unreachable,
                    AttemptResult::Cancelled | AttemptResult::Answered => {
                        TransferResult::CallerLeft
                    }
                },
                now,
            );
        }
    }

    /// Ends every live attempt but the winner's.
    pub(super) fn cancel_attempts(&mut self, except: Option<u32>, now: Moment) {
        for index in 0..self.attempts.len() {
            let attempt = &self.attempts[index];
            if attempt.is_live() && Some(attempt.number) != except {
                self.end_attempt(index, AttemptResult::Cancelled, None, now);
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

    pub(super) fn attempts_deadline(&self) -> Option<Instant> {
        let line = self.line.as_ref()?;
        let (shared, last) = line.attempt_allowance();
        let running = self.attempts.iter().filter(|attempt| attempt.is_live());
        running
            .flat_map(|attempt| {
                // Asked once; an agent who becomes ready after that makes the switch look again.
                let due = attempt
                    .rings_since()
                    .filter(|_| attempt.transfer.is_none() && !attempt.asked);
                let due = due.map(|since| since + shared);
                [attempt.deadline(last), due]
            })
            .flatten()
            .min()
    }

    pub(super) fn attempts_due(&mut self, now: Moment) {
        let Some(line) = self.line.clone() else {
            return;
        };
        let (shared, last) = line.attempt_allowance();
        let mut ask = false;
        for index in 0..self.attempts.len() {
            let attempt = &mut self.attempts[index];
            if attempt.deadline(last).is_some_and(|at| at <= now.instant) {
                let result = if attempt.rings_since().is_some() {
                    AttemptResult::RingNoAnswer
                } else {
                    AttemptResult::Unreachable
                };
                self.end_attempt(index, result, None, now);
            } else if is_due(attempt, shared, now.instant) && !attempt.asked {
                attempt.asked = true;
                ask = true;
            }
        }
        if ask {
            self.emit(Output::AttemptDue);
        }
    }

    /// Whether some phone has had the rings that it gets while another agent is ready.
    pub fn has_attempt_due(&self, now: Instant) -> bool {
        let Some(line) = &self.line else { return false };
        let (shared, _) = line.attempt_allowance();
        self.attempts
            .iter()
            .any(|attempt| is_due(attempt, shared, now))
    }

    /// How many phones ring for the call, or are about to.
    pub fn live_attempts(&self) -> usize {
        self.attempts
            .iter()
            .filter(|attempt| attempt.is_live())
            .count()
    }

    /// Another agent is ready: whoever has had the shared allowance of rings loses the call (R013).
    pub(super) fn pass_on(&mut self, now: Moment) {
        let Some(line) = self.line.clone() else {
            return;
        };
        let (shared, _) = line.attempt_allowance();
        for index in 0..self.attempts.len() {
            if is_due(&self.attempts[index], shared, now.instant) {
                self.end_attempt(index, AttemptResult::RingNoAnswer, None, now);
            }
        }
    }
}

/// Rung for the shared allowance, and not because of a transfer.
fn is_due(attempt: &Attempt, shared: std::time::Duration, now: Instant) -> bool {
    let rings_since = attempt.rings_since().filter(|_| attempt.transfer.is_none());
    rings_since.is_some_and(|since| since + shared <= now)
}
