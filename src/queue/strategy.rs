//! Which agents a waiting call rings now.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::Agents;
use crate::id::{AgentId, CallId};

/// How a line spreads its calls over its agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Every ready agent at once; the first to answer has the call.
    RingAll,
    /// One at a time, the one longest without a call first.
    LongestIdle,
}

/// A phone that refused or could not be reached is left alone by the same call for this long.
const REFUSAL_PAUSE: Duration = Duration::from_secs(10);

/// A phone that rang in vain is left alone by the same call for this long, so that its CANCEL is
/// done before another INVITE comes.
const NO_ANSWER_PAUSE: Duration = Duration::from_secs(1);

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

    fn is_paused(&self, agent: &AgentId, now: Instant) -> bool {
        let tried = self.tries.get(agent).copied().unwrap_or_default();
        tried.paused_until.is_some_and(|until| until > now)
    }

    fn ended(&self, agent: &AgentId) -> u32 {
        self.tries.get(agent).map_or(0, |tried| tried.ended)
    }
}

impl Strategy {
    /// The agents of `pool` to ring now for `call`, which has tried `attempted` and is ringing
    /// `ringing` of them; empty when the call has to wait.
    ///
    /// Whom the call has tried least comes first, then whom no call has occupied longest.
    pub fn choose<'a>(
        self,
        pool: &'a [AgentId],
        agents: &Agents,
        call: CallId,
        attempted: &Attempted,
        ringing: usize,
        now: Instant,
    ) -> Vec<&'a AgentId> {
        let mut ready: Vec<_> = pool
            .iter()
            .filter(|agent| may_ring(agent, agents, call, attempted, now))
            .collect();
        ready.sort_by_key(|agent| (attempted.ended(agent), agents.idle_since(agent)));
        match self {
            Self::RingAll => ready,
            Self::LongestIdle if ringing > 0 => Vec::new(),
            Self::LongestIdle => ready.into_iter().take(1).collect(),
        }
    }

    /// Whether some agent other than those being rung could take the call now.
    pub fn has_alternative(
        pool: &[AgentId],
        agents: &Agents,
        call: CallId,
        attempted: &Attempted,
        now: Instant,
    ) -> bool {
        pool.iter()
            .any(|agent| may_ring(agent, agents, call, attempted, now))
    }
}

/// Ready, not in the call already, and not being left alone.
fn may_ring(
    agent: &AgentId,
    agents: &Agents,
    call: CallId,
    attempted: &Attempted,
    now: Instant,
) -> bool {
    let is_left_alone = attempted.is_paused(agent, now) || agents.rests(agent, now);
    agents.is_ready_for(agent, call) && !is_left_alone
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use super::*;
    use crate::queue::Reach;

    const CALL: CallId = CallId(uuid::Uuid::from_u128(7));

    fn desk(start: Instant) -> (Vec<AgentId>, Agents) {
        let pool: Vec<_> = ["1001", "1002", "1003"].map(AgentId::from).into();
        let mut agents = Agents::default();
        for (n, id) in pool.iter().enumerate() {
            let idle_since = start + Duration::from_secs(10 - n as u64);
            agents.add(id.clone(), 1, Reach::Reachable, idle_since);
        }
        (pool, agents)
    }

    #[test]
    fn longest_idle_rings_one_agent_the_longest_without_a_call() {
        let start = Instant::now();
        let (pool, agents) = desk(start);
        let tried = Attempted::default();
        let now = start + Duration::from_mins(1);

        let chosen = Strategy::LongestIdle.choose(&pool, &agents, CALL, &tried, 0, now);
        assert_eq!(chosen, [&AgentId::from("1003")]);
        let while_ringing = Strategy::LongestIdle.choose(&pool, &agents, CALL, &tried, 1, now);
        assert!(while_ringing.is_empty());
    }

    #[test]
    fn ring_all_rings_everybody_who_is_ready() {
        let start = Instant::now();
        let (pool, mut agents) = desk(start);
        agents.claim(&pool[1], CallId(uuid::Uuid::nil()));
        let chosen =
            Strategy::RingAll.choose(&pool, &agents, CALL, &Attempted::default(), 0, start);
        assert_eq!(chosen, [&AgentId::from("1003"), &AgentId::from("1001")]);
    }

    /// R013: whoever did not answer comes after those who have not been tried.
    #[test]
    fn who_did_not_answer_is_tried_last() {
        let start = Instant::now();
        let (pool, agents) = desk(start);
        let mut tried = Attempted::default();
        tried.note(&pool[2], false, start);
        let later = start + NO_ANSWER_PAUSE;
        let chosen = Strategy::LongestIdle.choose(&pool, &agents, CALL, &tried, 0, later);
        assert_eq!(chosen, [&AgentId::from("1002")]);
    }

    #[test]
    fn phone_that_refused_is_left_alone_for_ten_seconds() {
        let start = Instant::now();
        let (pool, agents) = desk(start);
        let pool = &pool[..1];
        let mut tried = Attempted::default();
        tried.note(&pool[0], true, start);

        let at = |seconds| {
            let now = start + Duration::from_secs(seconds);
            Strategy::LongestIdle
                .choose(pool, &agents, CALL, &tried, 0, now)
                .len()
        };
        assert_eq!((at(9), at(10)), (0, 1));
        assert_eq!(tried.next_retry(start), Some(start + REFUSAL_PAUSE));
    }
}
