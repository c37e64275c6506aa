//! How the recorder is doing, for those who may not wait for it: a disk that hangs holds its
//! threads fast, and they cannot tell.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A recorder that is behind by more takes no new recording, and the service is not ready.
const MOST_LAG: Duration = Duration::from_secs(5);

/// What the recorder's threads leave here for others to read. Times are microseconds since
/// `start`; 0 is none.
#[derive(Debug)]
pub struct RecorderHealth {
    start: Instant,
    /// The recorder thread has been at work on one order since then.
    busy_since: AtomicU64,
    /// The oldest audio that is written and that no commit has taken in hand.
    written_since: AtomicU64,
    /// The same of the commit that goes on.
    committing_since: AtomicU64,
    backlog_bytes: AtomicU64,
}

impl RecorderHealth {
    pub(super) fn new(start: Instant) -> Self {
        Self {
            start,
            busy_since: AtomicU64::new(0),
            written_since: AtomicU64::new(0),
            committing_since: AtomicU64::new(0),
            backlog_bytes: AtomicU64::new(0),
        }
    }

    /// How old the oldest audio is that is not safe on the disk.
    pub fn lag(&self, now: Instant) -> Duration {
        let now = self.micros(now);
        let since = [
            &self.busy_since,
            &self.written_since,
            &self.committing_since,
        ];
        let since = since
            .into_iter()
            .map(|since| since.load(Ordering::Relaxed))
            .filter(|since| *since > 0);
        let oldest = since.min().unwrap_or(now);
        Duration::from_micros(now.saturating_sub(oldest))
    }

    /// Whether new recordings can be begun.
    pub fn keeps_up(&self, now: Instant) -> bool {
        self.lag(now) <= MOST_LAG
    }

    /// Bytes of the journal.
    pub fn backlog_bytes(&self) -> u64 {
        self.backlog_bytes.load(Ordering::Relaxed)
    }

    pub(super) fn busy(&self, now: Instant) {
        self.busy_since.store(self.micros(now), Ordering::Relaxed);
    }

    pub(super) fn idle(&self) {
        self.busy_since.store(0, Ordering::Relaxed);
    }

    /// Audio of this moment was written.
    pub(super) fn written(&self, at: Instant, backlog_bytes: u64) {
        let at = self.micros(at);
        // Only what is newest is not yet in a commit's hands, unless there is something older.
        let _ = self
            .written_since
            .compare_exchange(0, at, Ordering::Relaxed, Ordering::Relaxed);
        self.backlog_bytes.store(backlog_bytes, Ordering::Relaxed);
    }

    /// Nothing is written that is not safe.
    pub(super) fn safe(&self) {
        self.written_since.store(0, Ordering::Relaxed);
    }

    /// A commit of all that is written begins; there is one at a time.
    pub(super) fn committing(&self, now: Instant) {
        let since = self.written_since.swap(0, Ordering::Relaxed);
        let since = if since > 0 { since } else { self.micros(now) };
        self.committing_since.store(since, Ordering::Relaxed);
    }

    pub(super) fn is_committing(&self) -> bool {
        self.committing_since.load(Ordering::Relaxed) > 0
    }

    pub(super) fn committed(&self) {
        self.committing_since.store(0, Ordering::Relaxed);
    }

    fn micros(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.start).as_micros();
        u64::try_from(since).unwrap_or(u64::MAX).max(1)
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
    fn a_commit_that_hangs_shows_beside_what_is_written_meanwhile() {
        let start = Instant::now();
        let at = |s| start + Duration::from_secs(s);
        let health = RecorderHealth::new(start);
        assert_eq!(health.lag(at(100)), Duration::ZERO);
        health.written(at(100), 7);
        health.committing(at(100));
        health.written(at(101), 9);
        health.written(at(104), 11);
        assert_eq!(health.lag(at(105)), Duration::from_secs(5));
        assert!(health.keeps_up(at(105)) && !health.keeps_up(at(106)));
        health.committed();
        assert_eq!(health.lag(at(106)), Duration::from_secs(5));
        health.committing(at(106));
        assert!(health.is_committing());
        health.committed();
        assert_eq!(health.lag(at(106)), Duration::ZERO);
        assert_eq!(health.backlog_bytes(), 11);
        health.written(at(110), 11);
        health.safe();
        assert_eq!(health.lag(at(120)), Duration::ZERO);
    }

    #[test]
    fn a_recorder_that_is_stuck_falls_behind() {
        let start = Instant::now();
        let health = RecorderHealth::new(start);
        health.busy(start + Duration::from_secs(1));
        assert!(!health.keeps_up(start + Duration::from_secs(7)));
        health.idle();
        assert!(health.keeps_up(start + Duration::from_secs(7)));
    }
}
