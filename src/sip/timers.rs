//! The timers of RFC 3261 (table 4 in appendix A) and of RFC 6026 §7.1.
//!
//! | timer | value | meaning |
//! |---|---|---|
//! | A | T1, doubling | INVITE request again |
//! | B | 64*T1 | INVITE without any answer |
//! | D | 32 s, 0 when reliable | wait for repeats of a 3xx-6xx |
//! | E | T1, doubling up to T2 | other request again |
//! | F | 64*T1 | other request without a final answer |
//! | G | T1, doubling up to T2 | 3xx-6xx to an INVITE again |
//! | H | 64*T1 | wait for the ACK |
//! | I | T4, 0 when reliable | wait for repeats of the ACK |
//! | J | 64*T1, 0 when reliable | wait for repeats of a request |
//! | K | T4, 0 when reliable | wait for repeats of a response |
//! | L | 64*T1 | wait for repeats of an answered INVITE |
//! | M | 64*T1 | wait for repeated and forked 2xx |
//!
//! Timer C belongs to proxies; this is none.

use std::time::{Duration, Instant};

/// Round-trip estimate (RFC 3261 §17.1.1.1).
pub const T1: Duration = Duration::from_millis(500);
/// Longest gap between repeats of a non-INVITE request or a final response (RFC 3261 §17.1.2.1).
pub const T2: Duration = Duration::from_secs(4);
/// How long a message may live in the network (RFC 3261 §17.1.2.1).
pub const T4: Duration = Duration::from_secs(5);

/// How long any transaction waits for its peer: timers B, F, H, J, L and M (RFC 3261 appendix A).
pub const PATIENCE: Duration = T1.saturating_mul(64);
/// Timer D over an unreliable transport (RFC 3261 §17.1.1.2: at least 32 s).
pub const TIMER_D: Duration = Duration::from_secs(32);

/// `wait` over an unreliable transport, nothing over a reliable one: timers D, I, J and K.
pub const fn lingering(wait: Duration, reliable: bool) -> Duration {
    if reliable { Duration::ZERO } else { wait }
}

/// A repeat that first comes after T1 and whose gap doubles: timers A, E and G, and the
/// repeats of a 2xx (RFC 3261 §13.3.1.4).
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    due: Instant,
    gap: Duration,
    longest: Duration,
}

impl Backoff {
    /// Starts at `now`; gaps grow up to `longest`.
    pub fn new(longest: Duration, now: Instant) -> Self {
        Self {
            due: now + T1,
            gap: T1,
            longest,
        }
    }

    /// When the next repeat is due.
    pub const fn due(&self) -> Instant {
        self.due
    }

    /// Whether a repeat is due at `now`; if so, the next one is scheduled.
    pub fn fire(&mut self, now: Instant) -> bool {
        if now < self.due {
            return false;
        }
        self.gap = (self.gap * 2).min(self.longest);
        self.due = now + self.gap;
        true
    }

    /// Makes every gap after the next repeat the longest one (RFC 3261 §17.1.2.2: timer E is
    /// T2 once a provisional response came).
    pub const fn slow_down(&mut self) {
        self.gap = self.longest;
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
    fn gaps_double_from_t1_and_stop_at_the_longest() {
        let start = Instant::now();
        let mut backoff = Backoff::new(T2, start);

        let mut seconds = Vec::new();
        for _ in 0..6 {
            let due = backoff.due();
            assert!(backoff.fire(due));
            seconds.push((due - start).as_secs_f32());
        }

        assert_eq!(seconds, [0.5, 1.5, 3.5, 7.5, 11.5, 15.5]);
    }

    #[test]
    fn nothing_is_repeated_before_it_is_due() {
        let start = Instant::now();
        let mut backoff = Backoff::new(T2, start);

        assert!(!backoff.fire(start + T1 / 2));
        assert_eq!(backoff.due(), start + T1);
    }
}
