//! Wall time as a value: the core is handed it, it never reads a clock.

use std::fmt;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.
///
/// Shown as RFC 3339 with microseconds. Durations are never computed from two of these: a wall
/// clock may jump. They come from monotonic offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Microseconds since the Unix epoch.
    pub const fn unix_us(self) -> i64 {
        self.0
    }

    /// Milliseconds since the Unix epoch; a moment before it counts as the epoch.
    pub fn unix_ms(self) -> u64 {
        u64::try_from(self.0 / 1000).unwrap_or(0)
    }

    /// This moment, `later` afterwards.
    #[must_use]
    pub fn plus(self, later: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(later.as_micros()).unwrap_or(i64::MAX)),
        )
    }

    /// This moment, `earlier` before.
    #[must_use]
    pub fn minus(self, earlier: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(earlier.as_micros()).unwrap_or(i64::MAX)),
        )
    }

    /// The calendar's view, for printing and for working-time arithmetic.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.to_jiff())
    }
}

/// Now, on both clocks: durations come from `instant`, dates from `wall`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The monotonic clock.
    pub instant: Instant,
    /// The wall clock.
    pub wall: Timestamp,
}

impl Moment {
    /// Microseconds since `earlier`, by the monotonic clock.
    pub fn us_since(self, earlier: Self) -> u64 {
        let passed = self.instant.saturating_duration_since(earlier.instant);
        u64::try_from(passed.as_micros()).unwrap_or(u64::MAX)
    }

    /// Milliseconds since `earlier`, by the monotonic clock.
    pub fn ms_since(self, earlier: Self) -> u64 {
        self.us_since(earlier) / 1000
    }
}
