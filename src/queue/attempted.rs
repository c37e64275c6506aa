//! Whom a call has tried already.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::id::AgentId;

/// A phone that refused or could not be reached is left alone by the same call for this long.
pub(super) const REFUSAL_PAUSE: Duration = Duration::from_secs(10);

/// A phone that rang in vain is left alone by the same call for this long, so that its CANCEL is
/// done before another INVITE comes.
pub(super) const NO_ANSWER_PAUSE: Duration = Duration::from_secs(1);

/// What one call has already tried, so that it does not ring the same agent for ever.
#[derive(Clone, Debug, Default)]
pub struct Attempted {
    tries: BTreeMap<AgentId, Try>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Try {
    ended: u32,
    paused_until: Option<Instant>,
}

impl Attempted {
    /// An attempt at `agent` ended without an answer; `refused` also covers unreachable phones.
    pub fn note(&mut self, agent: &AgentId, refused: bool, now: Instant) {
        let tried = self.tries.entry(agent.clone()).or_default();
        tried.ended += 1;
        let pause = if refused {
            REFUSAL_PAUSE
        } else {
            NO_ANSWER_PAUSE
        };
        tried.paused_until = Some(now + pause);
    }

    /// When the next paused agent may be tried again, if one is.
    pub fn next_retry(&self, now: Instant) -> Option<Instant> {
        let pauses = self.tries.values().filter_map(|tried| tried.paused_until);
        pauses.filter(|until| *until > now).min()
    }

    pub(super) fn is_paused(&self, agent: &AgentId, now: Instant) -> bool {
        let tried = self.tries.get(agent).copied().unwrap_or_default();
        tried.paused_until.is_some_and(|until| until > now)
    }

    pub(super) fn ended(&self, agent: &AgentId) -> u32 {
        self.tries.get(agent).map_or(0, |tried| tried.ended)
    }
}
