//! Token buckets: how often something may happen.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

/// How often, and how many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// One becomes free each such time.
    pub every: Duration,
    /// So many may be taken at once, after a rest.
    pub burst: u32,
}

impl Rate {
    /// So many a second on the long run.
    pub const fn a_second(count: u32, burst: u32) -> Self {
        Self {
            every: Duration::from_nanos(1_000_000_000 / count as u64),
            burst,
        }
    }
}

/// One bucket: the moment at which it is full again says all about it (the "generic cell rate
/// algorithm", ITU-T I.371).
#[derive(Clone, Copy, Debug, Default)]
pub struct Bucket {
    full_at: Option<Instant>,
}

impl Bucket {
    /// Takes one, if there is one.
    pub fn take(&mut self, rate: Rate, now: Instant) -> bool {
        let full_at = self.full_at.map_or(now, |at| at.max(now));
        let after = full_at + rate.every;
        let is_free = after.saturating_duration_since(now) <= rate.every * rate.burst;
        if is_free {
            self.full_at = Some(after);
        }
        is_free
    }

    /// Takes one, if need be from those that are still to come: after such a wait it is there.
    pub fn take_ahead(&mut self, rate: Rate, now: Instant) -> Duration {
        let full_at = self.full_at.map_or(now, |at| at.max(now));
        let after = full_at + rate.every;
        self.full_at = Some(after);
        after
            .saturating_duration_since(now)
            .saturating_sub(rate.every * rate.burst)
    }
}

/// A bucket for everybody, in memory of one size: the sources share slots. Whoever floods can
/// empty the slot of one in thousands, drawn by lot; nobody can push another one out.
#[derive(Clone, Debug)]
pub(super) struct SharedBuckets {
    slots: Vec<Bucket>,
    seed: u64,
    rate: Rate,
}

/// How many slots: 128 KiB.
const SLOTS: usize = 8192;

impl SharedBuckets {
    /// Full buckets. `seed` is the lot by which sources share slots: nobody outside may know it.
    pub(super) fn new(rate: Rate, seed: u64) -> Self {
        Self {
            slots: vec![Bucket::default(); SLOTS],
            seed,
            rate,
        }
    }

    /// Takes one from whose bucket it is.
    pub(super) fn take(&mut self, whose: impl Hash, now: Instant) -> bool {
        let mut hasher = DefaultHasher::new();
        self.seed.hash(&mut hasher);
        whose.hash(&mut hasher);
        let slots = self.slots.len() as u64;
        let slot = usize::try_from(hasher.finish() % slots).unwrap_or(0);
        let bucket = self.slots.get_mut(slot);
        bucket.is_some_and(|bucket| bucket.take(self.rate, now))
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use super::*;

    const RATE: Rate = Rate::a_second(10, 3);

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::default();
        let mut taken = |ms: u64| {
            let now = start + Duration::from_millis(ms);
            std::iter::repeat_with(|| bucket.take(RATE, now))
                .take_while(|is| *is)
                .count()
        };
        assert_eq!(taken(0), 3);
        assert_eq!(taken(99), 0);
        assert_eq!(taken(100), 1);
        assert_eq!(taken(350), 2);
        assert_eq!(taken(60_000), 3, "a rest fills it and no more");
    }

    #[test]
    fn what_is_taken_ahead_is_waited_for() {
        let start = Instant::now();
        let mut bucket = Bucket::default();
        let waits: Vec<_> = (0..5).map(|_| bucket.take_ahead(RATE, start)).collect();
        assert_eq!(waits, [0, 0, 0, 100, 200].map(Duration::from_millis));
        let later = start + Duration::from_millis(250);
        let wait = bucket.take_ahead(RATE, later);
        assert_eq!(wait, Duration::from_millis(50));
    }

    /// Threat: flood, memory. However many sources there are, memory stays, and one that is
    /// still finds its own bucket full.
    #[test]
    fn a_crowd_neither_grows_the_buckets_nor_empties_a_strangers() {
        let now = Instant::now();
        let mut buckets = SharedBuckets::new(RATE, 7);
        let before = buckets.slots.capacity();
        for flooder in 0..200 {
            while buckets.take(flooder, now) {}
        }
        assert_eq!(buckets.slots.capacity(), before);
        let served = (1000..2000).filter(|one| buckets.take(one, now)).count();
        assert!(
            served > 950,
            "{served} of 1000 were served beside 200 who flood"
        );
    }
}
