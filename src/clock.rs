//! The only reader of the operating system's clocks. The core is handed both readings as values.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::rules::Timestamp;

/// The machine's two clocks: one that only goes forward, one that says what time it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock;

impl Clock {
    /// The monotonic clock, which all durations and timers come from.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads it"
    )]
    pub fn now(self) -> Instant {
        Instant::now()
    }

    /// The wall clock: UTC in microseconds. It may jump, so no duration is computed from it.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads it"
    )]
    pub fn wall(self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let micros = since_epoch.map_or(0, |elapsed| elapsed.as_micros());
        Timestamp(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_time_is_after_this_was_written_and_monotonic_time_does_not_go_back() {
        let first = Clock.now();
        assert!(Clock.now() >= first);
        assert!(Clock.wall() > Timestamp(1_750_000_000_000_000));
    }
}
