//! How often the caller has heard it ring, each ring as it begins, and when that became too often.

use std::time::{Duration, Instant};

use crate::rules::{Cadence, PickupProfile, RingCount};

/// Counts from the first 18x to the caller (RFC 3261 §21.1.2) to the answer by a person. Going
/// on to another agent does not restart it (R013).
#[derive(Clone, Debug)]
pub(crate) struct RingClock {
    cadence: Cadence,
    began: Instant,
    late_at: Option<Instant>,
    /// From then on whoever answers apologises.
    apology_at: Option<Instant>,
    /// Rings that have been told of.
    told: u32,
    /// The caller hears it ring no more, since then.
    stopped: Option<Instant>,
    /// It was begun only so that the system's own answer is in no hurry (R010).
    is_by_itself: bool,
}

/// What a moment brings to a caller who hears it ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    /// A ring begins.
    pub ring: Option<RingCount>,
    /// Whoever answers from now on apologises.
    pub apologise: bool,
    /// The answer is late from now on, after so many rings; said once.
    pub missed: Option<RingCount>,
}

impl RingClock {
    /// Starts counting at `now`.
    pub(crate) fn start(cadence: Cadence, profile: &PickupProfile, now: Instant) -> Self {
        Self {
            cadence,
            began: now,
            late_at: Some(now + Duration::from_millis(profile.late_from_ms)),
            apology_at: Some(now + Duration::from_millis(profile.apology_from_ms)),
            told: 0,
            stopped: None,
            is_by_itself: false,
        }
    }

    /// Starts counting for a call that nobody grades.
    pub(crate) const fn ungraded(cadence: Cadence, now: Instant) -> Self {
        Self {
            cadence,
            began: now,
            late_at: None,
            apology_at: None,
            told: 0,
            stopped: None,
            is_by_itself: false,
        }
    }

    /// It was begun for nobody yet.
    pub(crate) fn begun_by_itself(&mut self) {
        self.is_by_itself = true;
    }

    /// Whether it was begun for nobody.
    pub(crate) const fn is_by_itself(&self) -> bool {
        self.is_by_itself
    }

    /// Since when the caller hears it ring, or would, had the clock never stood still.
    pub(crate) const fn began(&self) -> Instant {
        self.began
    }

    /// The caller hears it ring.
    pub(crate) const fn is_running(&self) -> bool {
        self.stopped.is_none()
    }

    /// The caller hears something else from now on (X02): the clock stands still.
    pub(crate) fn stop(&mut self, now: Instant) {
        self.stopped.get_or_insert(now);
    }

    /// The caller hears it ring again: the clock goes on from where it stood (R013).
    pub(crate) fn resume(&mut self, now: Instant) {
        let Some(stopped) = self.stopped.take() else {
            return;
        };
        let stood = now.saturating_duration_since(stopped);
        self.began += stood;
        for due in [&mut self.late_at, &mut self.apology_at] {
            *due = due.map(|at| at + stood);
        }
    }

    /// `caller_ring_ms` at `now`.
    pub(crate) fn ring_ms(&self, now: Instant) -> u64 {
        let now = self.stopped.unwrap_or(now);
        let ringing = now.saturating_duration_since(self.began);
        u64::try_from(ringing.as_millis()).unwrap_or(u64::MAX)
    }

    /// Rings begun by `now`.
    pub(crate) fn rings(&self, now: Instant) -> RingCount {
        self.cadence.rings(self.ring_ms(now))
    }

    /// The ring that was told of last; 0 before the first.
    pub(crate) const fn told(&self) -> u32 {
        self.told
    }

    /// When the next ring begins, or an answer begins to be late.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        if self.stopped.is_some() {
            return None;
        }
        let next_ring = self.began.checked_add(self.cadence.period() * self.told);
        [next_ring, self.late_at].into_iter().flatten().min()
    }

    /// What begins at `now`: a ring is said once, and so is that the answer is late.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Due {
        let rings = self.rings(now);
        let ring = (rings.0 > self.told).then_some(rings);
        self.told = rings.0;
        let missed = self.late_at.take_if(|late_at| *late_at <= now);
        Due {
            ring,
            apologise: self.apology_at.is_some_and(|at| at <= now),
            missed: missed.map(|_| rings),
        }
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

        let just_before = start + Duration::from_millis(14_999);
        assert_eq!(clock.handle_timeout(just_before).missed, None);
        let fourth = start + Duration::from_secs(15);
        assert_eq!(clock.poll_timeout(), Some(fourth));
        assert_eq!(clock.handle_timeout(fourth).missed, Some(RingCount(4)));
        assert_eq!(clock.handle_timeout(fourth).missed, None);
    }

    /// R013, X02: a clock that stood still goes on with the rings, and the bound, that it had.
    #[test]
    fn a_clock_goes_on_from_where_it_stood() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let profile = PickupProfile::named("within_3", Cadence::CHINA).unwrap();
        let mut clock = RingClock::start(Cadence::CHINA, &profile, start);
        clock.handle_timeout(at(10));
        clock.stop(at(12));
        assert_eq!(
            (clock.ring_ms(at(99)), clock.poll_timeout()),
            (12_000, None)
        );
        clock.resume(at(100));
        assert_eq!(clock.ring_ms(at(101)), 13_000);
        assert_eq!(clock.poll_timeout(), Some(at(103)));
        assert_eq!(clock.handle_timeout(at(102)).missed, None);
        let due = clock.handle_timeout(at(103));
        assert_eq!((due.missed, due.apologise), (Some(RingCount(4)), true));
        clock.resume(at(110));
        assert_eq!(clock.ring_ms(at(110)), 22_000, "it runs");
    }

    /// R001: each ring is told when it begins, and from `apology_from` on who answers apologises.
    #[test]
    fn each_ring_is_told_as_it_begins() {
        let start = Instant::now();
        let profile = PickupProfile::named("within_3", Cadence::CHINA).unwrap();
        let mut clock = RingClock::start(Cadence::CHINA, &profile, start);
        let mut told = Vec::new();
        while let Some(at) = clock
            .poll_timeout()
            .filter(|at| *at <= start + 4 * Cadence::CHINA.period())
        {
            let due = clock.handle_timeout(at);
            let ms = at.duration_since(start).as_millis();
            told.push((ms, due.ring.map(|ring| ring.0), due.apologise));
        }
        let expected = [
            (0, Some(1), false),
            (5_000, Some(2), false),
            (10_000, Some(3), false),
            (15_000, Some(4), true),
            (20_000, Some(5), true),
        ];
        assert_eq!(told, expected);
    }
}
