//! How long phones ring: the rings that an attempt gets, alone and while another agent is ready.

use std::time::{Duration, Instant};

use super::attempt::Attempt;
use super::event::AttemptResult;
use super::ring::RingClock;
use super::{Call, Output};
use crate::rules::Moment;

impl Call {
    pub(super) fn attempts_deadline(&self) -> Option<Instant> {
        let line = self.line.as_ref()?;
        let (shared, last) = line.attempt_allowance();
        let running = self.attempts.iter().filter(|attempt| attempt.is_live());
        running
            .flat_map(|attempt| {
                // Asked once; an agent who becomes ready after that makes the switch look again.
                let due = attempt
                    .rings_since()
                    .filter(|_| !attempt.wanted.is_chosen() && !attempt.asked);
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
                if attempt.rings_since().is_some() {
                    let number = attempt.number;
                    self.end_attempt(number, AttemptResult::RingNoAnswer, None, now);
                } else {
                    self.tell_if_silent(index);
                    self.end_phone(index, AttemptResult::Unreachable, None, now);
                }
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

    /// How many phones ring to answer the call, or are about to.
    pub fn live_attempts(&self) -> usize {
        self.attempts
            .iter()
            .filter(|attempt| attempt.is_live() && !attempt.wanted.is_beside())
            .count()
    }

    /// Since when the caller hears it ring for somebody. A ring before the system's own answer (R010)
    /// was for nobody, once it is over.
    pub fn rings_since(&self) -> Option<Instant> {
        self.rang_for().map(RingClock::began)
    }

    /// The clock of what the caller hears, or has heard, ring for somebody.
    pub(super) fn rang_for(&self) -> Option<&RingClock> {
        let is_for_somebody =
            |ring: &&RingClock| ring.is_running() || self.attempts_made > 0 || !ring.is_by_itself();
        self.ring.as_ref().filter(is_for_somebody)
    }

    /// Another agent is ready: whoever has had the shared allowance of rings loses the call (R013).
    pub(super) fn pass_on(&mut self, now: Moment) {
        let Some(line) = self.line.clone() else {
            return;
        };
        let (shared, _) = line.attempt_allowance();
        for index in 0..self.attempts.len() {
            if is_due(&self.attempts[index], shared, now.instant) {
                let number = self.attempts[index].number;
                self.end_attempt(number, AttemptResult::RingNoAnswer, None, now);
            }
        }
    }
}

/// Rung for the shared allowance, and not because somebody wanted just this agent.
fn is_due(attempt: &Attempt, shared: Duration, now: Instant) -> bool {
    let rings_since = attempt
        .rings_since()
        .filter(|_| !attempt.wanted.is_chosen());
    rings_since.is_some_and(|since| since + shared <= now)
}
