//! How often the caller has heard it ring, and when that became too often.

use std::time::{Duration, Instant};

use crate::rules::{Cadence, PickupProfile, RingCount};

/// Counts from the first 18x to the caller (RFC 3261 §21.1.2) to the answer by a person. Going
/// on to another agent does not restart it (R013).
#[derive(Clone, Debug)]
pub(crate) struct RingClock {
    cadence: Cadence,
    began: Instant,
    late_at: Option<Instant>,
}

impl RingClock {
    /// Starts counting at `now`.
    pub(crate) fn start(cadence: Cadence, profile: &PickupProfile, now: Instant) -> Self {
        Self {
            cadence,
            began: now,
            late_at: Some(now + Duration::from_millis(profile.late_from_ms)),
        }
    }

    /// Starts counting for a call that nobody grades.
    pub(crate) const fn ungraded(cadence: Cadence, now: Instant) -> Self {
        Self {
            cadence,
            began: now,
            late_at: None,
        }
    }

    /// `caller_ring_ms` at `now`.
    pub(crate) fn ring_ms(&self, now: Instant) -> u64 {
        let ringing = now.saturating_duration_since(self.began);
        u64::try_from(ringing.as_millis()).unwrap_or(u64::MAX)
    }

    /// Rings begun by `now`.
    pub(crate) fn rings(&self, now: Instant) -> RingCount {
        self.cadence.rings(self.ring_ms(now))
    }

    /// When an answer begins to be late.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.late_at
    }

    /// The rings begun when the answer becomes late; said once.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Option<RingCount> {
        self.late_at.filter(|late_at| *late_at <= now)?;
        self.late_at = None;
        Some(self.rings(now))
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use super::*;

    /// R001: the answer is late from the moment the fourth ring begins, and that is said once.
    #[test]
    fn target_is_missed_when_the_fourth_ring_begins() {
        let start = Instant::now();
        let profile = PickupProfile::named("within_3", Cadence::CHINA).unwrap();
        let mut clock = RingClock::start(Cadence::CHINA, &profile, start);

        assert_eq!(clock.poll_timeout(), Some(start + Duration::from_secs(15)));
        let just_before = start + Duration::from_millis(14_999);
        assert_eq!(clock.handle_timeout(just_before), None);
        let fourth = start + Duration::from_secs(15);
        assert_eq!(clock.handle_timeout(fourth), Some(RingCount(4)));
        assert_eq!(clock.poll_timeout(), None);
    }
}
