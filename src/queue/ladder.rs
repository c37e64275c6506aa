//! Who else joins when a caller has waited for so long: a queue's ladder of overflow.

use std::time::{Duration, Instant};

use crate::id::{AgentId, QueueId};

/// One step of a queue's ladder. Who has joined stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overflow {
    /// When it is climbed.
    pub when: When,
    /// Who joins.
    pub whom: Joining,
}

/// When a step of the ladder is climbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The caller has waited for so long, from the arrival on.
    After(Duration),
    /// The caller has heard it ring so often, to the end of the last ring.
    Rings(u32),
}

/// Who joins a queue's own agents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joining {
    /// These, in the order of the queue's strategy.
    Agents(Vec<AgentId>),
    /// Those of another queue, in the order of that one's strategy. Its own ladder is left alone.
    Queue(QueueId),
}

/// What a caller who waits has heard.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    /// Phones that ring for the call now, or are about to.
    pub live: usize,
    /// Since when the caller hears it ring.
    pub rings_since: Option<Instant>,
    /// How long one ring lasts.
    pub ring: Duration,
}

/// Where the ring clock has not begun it is looked at again so soon.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

impl When {
    /// When that is, for a call that has waited since then; `None` as long as nobody can know.
    pub(super) fn due(self, since: Instant, heard: Heard) -> Option<Instant> {
        match self {
            Self::After(wait) => Some(since + wait),
            Self::Rings(rings) => {
                let began = heard.rings_since?;
                Some(began + heard.ring.saturating_mul(rings))
            }
        }
    }

    /// When to look again: only if the step is not climbed yet.
    pub(super) fn next(self, since: Instant, heard: Heard, now: Instant) -> Option<Instant> {
        let due = self.due(since, heard).unwrap_or(now + LOOK_AGAIN);
        (due > now).then_some(due)
    }
}
