//! How many agents must serve a queue's callers, by the time of the week (R018).

use jiff::Zoned;

use crate::rules::WeeklyHours;

/// A minimum for some hours of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MinimumAt {
    /// When; of several, the first that fits counts.
    pub hours: Vec<WeeklyHours>,
    /// How many.
    pub agents: usize,
}

impl MinimumAt {
    /// Whether it counts at this moment, in the site's zone.
    pub fn is_at(&self, here: &Zoned) -> bool {
        self.hours.iter().any(|hours| hours.cover(here))
    }
}
