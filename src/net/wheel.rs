//! Which legs are due at which tick: what [`super::pace`] asks for, in a ring of buckets.

use std::time::{Duration, Instant};

use super::pace::{LONGEST_TICKS, TICK};
use crate::call::media::MediaLeg;

/// More than the longest interval.
const BUCKETS: usize = 32;
const _: () = assert!(BUCKETS > LONGEST_TICKS as usize);

/// A leg and its slot, which another leg may have by the time that it is due.
pub(super) type Entry = (usize, MediaLeg);

#[derive(Debug)]
pub(super) struct Wheel {
    start: Instant,
    /// The tick that was dealt with last.
    tick: u64,
    buckets: [Vec<Entry>; BUCKETS],
    count: usize,
}

impl Wheel {
    pub(super) fn new(start: Instant) -> Self {
        Self {
            start,
            tick: 0,
            buckets: Default::default(),
            count: 0,
        }
    }

    /// The leg is due in so many ticks, which are at most [`LONGEST_TICKS`].
    pub(super) fn push(&mut self, entry: Entry, ticks: u32) {
        let bucket = self.bucket(self.tick + u64::from(ticks));
        self.buckets[bucket].push(entry);
        self.count += 1;
    }

    /// The legs of the next tick that has come; `None` if it has not come yet. The list is to be
    /// given back.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Vec<Entry>> {
        let reached = self.ticks_at(now);
        if self.count == 0 {
            self.tick = self.tick.max(reached);
        }
        if self.tick >= reached {
            return None;
        }
        self.tick += 1;
        let bucket = self.bucket(self.tick);
        let due = std::mem::take(&mut self.buckets[bucket]);
        self.count -= due.len();
        Some(due)
    }

    /// Takes a list back, so that its room is used again.
    pub(super) fn give_back(&mut self, mut list: Vec<Entry>) {
        list.clear();
        let bucket = self.bucket(self.tick);
        let newcomers = std::mem::replace(&mut self.buckets[bucket], list);
        self.buckets[bucket].extend(newcomers);
    }

    /// No leg is due ever.
    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The first tick after `now`.
    pub(super) fn next_tick(&self, now: Instant) -> Instant {
        let micros = u64::try_from(TICK.as_micros()).unwrap_or(u64::MAX);
        let passed = micros.saturating_mul(self.ticks_at(now) + 1);
        self.start + Duration::from_micros(passed)
    }

    fn ticks_at(&self, now: Instant) -> u64 {
        let passed = now.saturating_duration_since(self.start).as_micros();
        u64::try_from(passed / TICK.as_micros()).unwrap_or(u64::MAX)
    }

    fn bucket(&self, tick: u64) -> usize {
        usize::try_from(tick).unwrap_or(0) % self.buckets.len()
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use super::*;

    #[test]
    fn legs_come_in_the_tick_that_they_were_put_in() {
        let start = Instant::now();
        let mut wheel = Wheel::new(start);
        wheel.push((1, MediaLeg(1)), 8);
        wheel.push((2, MediaLeg(2)), 1);
        let mut seen = Vec::new();
        for tick in 1..=9 {
            while let Some(due) = wheel.take_due(start + TICK * tick) {
                seen.extend(due.iter().map(|(slot, _)| (tick, *slot)));
                wheel.give_back(due);
            }
        }
        assert_eq!(seen, [(1, 2), (8, 1)]);
        assert!(wheel.is_empty());
    }

    #[test]
    fn ticks_that_were_slept_through_are_made_up_for() {
        let start = Instant::now();
        let mut wheel = Wheel::new(start);
        wheel.push((1, MediaLeg(1)), 2);
        let mut looks = 0;
        while let Some(due) = wheel.take_due(start + TICK * 10) {
            for entry in &due {
                looks += 1;
                wheel.push(*entry, 4); // relative to its own tick, not to now
            }
            wheel.give_back(due);
        }
        assert_eq!(looks, 3); // ticks 2, 6 and 10
        assert!(!wheel.is_empty());
    }

    /// A 32-bit count of ticks would be full after 124 days.
    #[test]
    fn the_next_tick_is_after_now() {
        let start = Instant::now();
        let wheel = Wheel::new(start);
        let year = start + Duration::from_hours(24 * 365);
        for now in [start, start + TICK / 2, start + TICK * 7, year] {
            let next = wheel.next_tick(now);
            assert!(next > now && next <= now + TICK);
        }
    }
}
