//! Where a ready agent stands among others: what a group is sorted by.

use std::cmp::Reverse;
use std::time::Instant;

use super::Strategy;

/// What an agent brings along.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seniority {
    /// Since when the agent has had no call.
    pub(super) idle_since: Instant,
    /// Calls answered since midnight.
    pub(super) answered_today: u32,
}

/// A sort key: the lowest is rung first. Whatever the strategy does not look at is left out, so
/// that agents are not sorted anew for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    score: Reverse<u32>,
    answered_today: u32,
    idle_since: Option<Instant>,
    pub(super) position: u32,
}

impl Rank {
    pub(super) const fn at(position: u32) -> Self {
        Self {
            score: Reverse(0),
            answered_today: 0,
            idle_since: None,
            position,
        }
    }

    pub(super) fn new(strategy: Strategy, agent: Seniority, position: u32, score: u32) -> Self {
        let idle_since = Some(agent.idle_since);
        let place = Self::at(position);
        match strategy {
            Strategy::Linear | Strategy::RoundRobin => place,
            Strategy::RingAll | Strategy::LongestIdle => Self {
                idle_since,
                ..place
            },
            Strategy::FewestCalls => Self {
                answered_today: agent.answered_today,
                idle_since,
                ..place
            },
            Strategy::Skills => Self {
                score: Reverse(score),
                idle_since,
                ..place
            },
        }
    }
}
