//! What simulated people do.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use thirdring::phone::Extensions;

/// What an agent does when the phone rings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AgentHabit {
    pub(crate) reaction: Reaction,
    /// Hangs up first, so long after answering.
    pub(crate) leaves_after: Option<Duration>,
    /// Passes the call on to this number, so long after answering.
    pub(crate) passes_on: Option<(Duration, &'static str)>,
    /// Holds the caller so long after answering, and comes back so long after that.
    pub(crate) holds: Option<(Duration, Duration)>,
}

/// The first thing that happens to a phone that is called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reaction {
    /// It rings, and is answered so long after.
    Answers(Duration),
    /// It rings and rings.
    Rings,
    /// It refuses with this status.
    Refuses(u16),
    /// It says nothing.
    Dead,
}

impl AgentHabit {
    const fn of(reaction: Reaction) -> Self {
        Self {
            reaction,
            leaves_after: None,
            passes_on: None,
            holds: None,
        }
    }

    pub(crate) const fn answers_after(wait: Duration) -> Self {
        Self::of(Reaction::Answers(wait))
    }

    pub(crate) const fn passes_on(mut self, wait: Duration, to: &'static str) -> Self {
        self.passes_on = Some((wait, to));
        self
    }

    pub(crate) const fn leaves_after(mut self, wait: Duration) -> Self {
        self.leaves_after = Some(wait);
        self
    }

    pub(crate) const fn lets_it_ring() -> Self {
        Self::of(Reaction::Rings)
    }

    pub(crate) const fn refuses(status: u16) -> Self {
        Self::of(Reaction::Refuses(status))
    }

    pub(crate) const fn is_dead() -> Self {
        Self::of(Reaction::Dead)
    }

    pub(crate) fn random(rng: &mut StdRng) -> Self {
        let reaction = match rng.random_range(0..8) {
            0 => Reaction::Rings,
            1 => Reaction::Refuses([480, 486, 603, 500][rng.random_range(0..4)]),
            2 => Reaction::Dead,
            _ => Reaction::Answers(Duration::from_millis(rng.random_range(0..20_000))),
        };
        let leaves = rng.random_range(0..4) == 0;
        let leaves_after = leaves.then(|| Duration::from_millis(rng.random_range(0..15_000)));
        let passes = rng.random_range(0..3) == 0;
        let passes_on = passes.then(|| {
            let wait = Duration::from_millis(rng.random_range(0..10_000));
            // The fifth extension does not exist, the second outside number is forbidden.
            let numbers = [
                "1001",
                "1002",
                "1003",
                "1004",
                "1005",
                "01061234567",
                "02161234567",
            ];
            (wait, numbers[rng.random_range(0..numbers.len())])
        });
        Self {
            reaction,
            leaves_after,
            passes_on,
            holds: random_hold(rng),
        }
    }
}

/// What a caller does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallerHabit {
    /// Dials so long after the start.
    pub(crate) dials_at: Duration,
    /// Gives up so long after dialling, if not answered.
    pub(crate) gives_up_after: Option<Duration>,
    /// Hangs up so long after the answer.
    pub(crate) talks: Duration,
    /// Dials a number that is no line's.
    pub(crate) misdials: bool,
    /// Holds the agent so long after the answer, and comes back so long after that.
    pub(crate) holds: Option<(Duration, Duration)>,
}

impl CallerHabit {
    pub(crate) const fn talks(talks: Duration) -> Self {
        Self {
            dials_at: Duration::ZERO,
            gives_up_after: None,
            talks,
            misdials: false,
            holds: None,
        }
    }

    pub(crate) const fn gives_up_after(patience: Duration) -> Self {
        let talks = Duration::ZERO;
        Self {
            dials_at: Duration::ZERO,
            gives_up_after: Some(patience),
            talks,
            misdials: false,
            holds: None,
        }
    }

    pub(crate) const fn dials_at(mut self, at: Duration) -> Self {
        self.dials_at = at;
        self
    }

    pub(crate) fn random(rng: &mut StdRng) -> Self {
        let impatient = rng.random_range(0..3) == 0;
        let longest_ms = [20_000, 20_000, 20_000, 200_000][rng.random_range(0..4)];
        Self {
            dials_at: Duration::from_millis(rng.random_range(0..10_000)),
            gives_up_after: impatient.then(|| Duration::from_millis(rng.random_range(0..20_000))),
            talks: Duration::from_millis(rng.random_range(0..longest_ms)),
            misdials: rng.random_range(0..10) == 0,
            holds: random_hold(rng),
        }
    }
}

/// Often both sides hold at the same time, so that their requests cross.
fn random_hold(rng: &mut StdRng) -> Option<(Duration, Duration)> {
    let holds = rng.random_range(0..3) == 0;
    holds.then(|| {
        let wait = [1_000, rng.random_range(0..5_000)][rng.random_range(0..2)];
        let length = rng.random_range(0..3_000);
        (Duration::from_millis(wait), Duration::from_millis(length))
    })
}

/// What a phone can: anything, in any mixture.
pub(crate) fn random_extensions(rng: &mut StdRng) -> Extensions {
    let reliable = rng.random_range(0..2) == 0;
    Extensions {
        reliable,
        requires_reliable: reliable && rng.random_range(0..2) == 0,
        updates: rng.random_range(0..2) == 0,
        session_s: [None, Some(90), Some(300)][rng.random_range(0..3)],
    }
}
