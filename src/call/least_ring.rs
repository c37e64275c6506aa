//! No answer in a hurry (R010): a line's caller hears it ring for a while before our 200, whoever
//! answers: an agent, whose phone may answer by itself, or the system with a greeting.
//!
//! A phone that answers sooner is acknowledged and hears our ringing tone, nobody else is rung, and
//! to everybody the call still rings: what people at the desk may do with a call is refused, and so is
//! a second answer. The agent's and the caller's clocks are each their own: the attempt keeps when the
//! phone was picked up, the answer counts when the caller gets the 200.

use std::time::{Duration, Instant};

use super::attempt::{Callee, State};
use super::doing::Doing;
use super::event::AttemptResult;
use super::media::{Audio, MediaLeg};
use super::{Call, Output, Phase};
use crate::rules::Moment;

impl Call {
    /// Whether the caller is still to hear it ring before our 200; it rings from now on at the latest,
    /// and whatever waits goes on by itself.
    pub(super) fn must_ring_on(&mut self, now: Moment) -> bool {
        let line = self.line.as_ref().filter(|_| self.errand.is_line());
        let least_ms = line.map_or(0, |line| line.profile.min_ring_ms);
        if least_ms == 0 || self.connected {
            return false;
        }
        let rang = self.ring.is_some();
        self.alert(now); // a phone may answer without ever ringing, and the system does
        if let Some(ring) = self.ring.as_mut().filter(|_| !rang) {
            ring.begun_by_itself();
        }
        let began = self.ring.as_ref().map(super::ring::RingClock::began);
        let until = began.map(|began| began + Duration::from_millis(least_ms));
        self.ring_on_until = until.filter(|until| *until > now.instant);
        self.ring_on_until.is_some()
    }

    /// A phone has answered, and the caller is not connected yet: the others stop ringing.
    pub(super) fn pick_up_early(&mut self, index: usize, now: Moment) {
        let attempt = &mut self.attempts[index];
        attempt.state = State::PickedUp { at: now.instant };
        let (number, leg) = (attempt.number, attempt.leg.id);
        let by = match &attempt.destination.callee {
            Callee::Agent(agent) => Some(agent.clone()),
            Callee::Number(_) => None,
        };
        let attempt = number;
        self.does(Doing::PickedUpEarly { attempt, by }, now);
        for other in 0..self.attempts.len() {
            let attempt = &self.attempts[other];
            if other != index && attempt.is_live() && !attempt.wanted.is_beside() {
                self.end_phone(other, AttemptResult::Cancelled, None, now);
            }
        }
        self.emit(Output::StopWaiting);
        if let Some(cadence) = self.line.as_ref().map(|line| line.cadence) {
            let (on_ms, off_ms) = (cadence.on_ms, cadence.off_ms);
            self.play(leg, Audio::Ringback { on_ms, off_ms });
        }
    }

    /// The phone that was picked up before the caller had heard it ring for long enough.
    pub(super) fn picked_up_early(&self) -> Option<usize> {
        let mut attempts = self.attempts.iter();
        attempts.position(|attempt| matches!(attempt.state, State::PickedUp { .. }))
    }

    /// Whoever picked up hangs up before the caller is connected: the caller still hears it ring, and
    /// somebody else is to answer. True if it was that.
    pub(super) fn put_down(&mut self, leg: MediaLeg, now: Moment) -> bool {
        let early = self.picked_up_early();
        let Some(index) = early.filter(|index| self.attempts[*index].leg.id == leg) else {
            return false;
        };
        self.ring_on_until = None;
        // The queue has the call again before it hears who will not take it.
        if matches!(self.attempts[index].destination.callee, Callee::Agent(_)) {
            self.emit(Output::Wait);
        }
        self.hold_ends(leg, now);
        // Those that were ended for this one say nothing of how the agent's attempt ends.
        let number = self.attempts[index].number;
        let others = self.attempts.iter_mut().enumerate();
        for (_, other) in others.filter(|(at, other)| *at != index && other.number == number) {
            other.ended = None;
        }
        self.end_phone(index, AttemptResult::Rejected, None, now);
        true
    }

    pub(super) fn least_ring_deadline(&self) -> Option<Instant> {
        self.ring_on_until
    }

    /// The caller has heard it ring for long enough: whoever waits for that answers now.
    pub(super) fn least_ring_due(&mut self, now: Moment) {
        if self.ring_on_until.is_none_or(|until| until > now.instant) {
            return;
        }
        self.ring_on_until = None;
        if !matches!(self.phase, Phase::Hunting) {
            return;
        }
        match self.picked_up_early() {
            Some(index) => {
                self.silence(self.attempts[index].leg.id);
                self.won(index, now);
            }
            None => self.join_if_confirmed(now),
        }
    }

    /// Our 200 is on its way, and waits for the end of a ring or for a PRACK.
    pub(super) const fn is_being_answered(&self) -> bool {
        self.ring_on_until.is_some() || self.joining.is_some()
    }

    /// Whether the call is given up if it waits for much longer.
    pub(super) const fn may_be_given_up(&self) -> bool {
        matches!(self.phase, Phase::Hunting) && !self.is_being_answered()
    }
}
