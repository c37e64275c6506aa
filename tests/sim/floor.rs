//! Queues, agents and waiting callers alone, without a phone: whatever happens in whatever order, no
//! agent is double-booked or stuck, no caller is lost, and every call ends once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use thirdring::id::{AgentId, CallId, QueueId};
use thirdring::queue::{
    AgentCommand, AgentState, Agents, Attempted, Heard, Joining, MOST_URGENT, Overflow,
    QueueSettings, Queues, Reach, Strategy, Turn, Waiting, When,
};

use crate::seeds;

/// What the test itself knows of a call.
#[derive(Debug, Default)]
struct Known {
    /// Agents whose phones ring for it.
    rings: BTreeSet<AgentId>,
    talks: Option<AgentId>,
    outcome: Option<&'static str>,
}

struct Floor {
    seed: u64,
    rng: StdRng,
    now: Instant,
    agents: Agents,
    queues: Queues,
    waiting: Waiting,
    ids: Vec<AgentId>,
    one_by_one: BTreeMap<QueueId, bool>,
    members: BTreeMap<QueueId, Vec<AgentId>>,
    calls: BTreeMap<CallId, Known>,
    reach: BTreeMap<AgentId, Reach>,
    rests: BTreeMap<AgentId, Instant>,
    answers: u32,
}

impl Floor {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs one arbitrary start"
    )]
    fn new(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let now = Instant::now();
        let mut agents = Agents::default();
        let ids: Vec<_> = (0..rng.random_range(1..=6))
            .map(|n| AgentId(format!("100{n}")))
            .collect();
        let mut skills = BTreeMap::new();
        for id in &ids {
            agents.add(id.clone(), 1, Reach::Reachable, now);
            let level = rng.random_range(0..3);
            skills.insert(id.clone(), [("repair".to_owned(), level)].into());
        }
        let mut settings = Vec::new();
        for name in ["hotline", "sales"] {
            let strategy = Strategy::ALL[rng.random_range(0..6)];
            let some = |rng: &mut StdRng| -> Vec<_> {
                let picked = ids.iter().filter(|_| rng.random_range(0..3) > 0);
                picked.cloned().collect()
            };
            let when = [When::After(Duration::from_secs(20)), When::Rings(2)];
            let when = when[rng.random_range(0..2)];
            let whom = match rng.random_range(0..2) {
                0 => Joining::Agents(some(&mut rng)),
                _ => Joining::Queue(QueueId::from("sales")),
            };
            let list = some(&mut rng);
            settings.push(QueueSettings {
                skills: [("repair".to_owned(), 1)].into(),
                overflow: vec![Overflow { when, whom }],
                ..QueueSettings::new(QueueId::from(name), strategy, list)
            });
        }
        let queues = Queues::new(&settings, &skills, &mut agents);
        let named = |queue: &QueueSettings| (queue.id.clone(), queue.strategy.is_one_by_one());
        let members = settings.iter().map(|queue| {
            let order = queues.order(&queue.id, &agents).cloned().collect();
            (queue.id.clone(), order)
        });
        Self {
            seed,
            rng,
            now,
            one_by_one: settings.iter().map(named).collect(),
            members: members.collect(),
            queues,
            waiting: Waiting::default(),
            reach: ids
                .iter()
                .map(|id| (id.clone(), Reach::Reachable))
                .collect(),
            rests: BTreeMap::new(),
            ids,
            agents,
            calls: BTreeMap::new(),
            answers: 0,
        }
    }

    fn any_agent(&mut self) -> AgentId {
        self.ids[self.rng.random_range(0..self.ids.len())].clone()
    }

    /// A call of which this holds.
    fn any_call(&mut self, holds: impl Fn(&Known) -> bool) -> Option<CallId> {
        let mut some = self.calls.iter().filter(|(_, known)| holds(known));
        let count = some.clone().count();
        let pick = self.rng.random_range(0..count.max(1));
        some.nth(pick).map(|(call, _)| *call)
    }

    fn heard(&self, call: CallId) -> Heard {
        let since = self.waiting.get(call).map(|waiting| waiting.since);
        Heard {
            live: self.calls[&call].rings.len(),
            rings_since: since,
            ring: Duration::from_secs(5),
        }
    }

    /// As the switch does it: each who waits, in order.
    fn hunts(&mut self) {
        let calls: Vec<_> = self.waiting.calls().map(|waiting| waiting.call).collect();
        for call in calls {
            let heard = self.heard(call);
            let waiting = self.waiting.get(call).expect("it waits");
            for choice in self.queues.choose(waiting, heard, &self.agents, self.now) {
                if self.queues.claim(&choice, call, &mut self.agents) {
                    let known = self.calls.get_mut(&call).expect("a call");
                    assert!(known.rings.insert(choice.agent), "seed {}", self.seed);
                }
            }
        }
    }

    fn arrives(&mut self) {
        let n = self.calls.len() as u64 + 1;
        let call = CallId(uuid::Uuid::from_u128(u128::from(n)));
        self.calls.insert(call, Known::default());
        self.joins(call, n);
    }

    fn joins(&mut self, call: CallId, arrival: u64) {
        let turn = Turn {
            arrival,
            since: self.now,
            urgency: self.rng.random_range(0..=MOST_URGENT),
            is_last: self.rng.random_range(0..9) == 0,
        };
        let queue = ["hotline", "sales"][self.rng.random_range(0..2)];
        self.waiting.join(call, turn, &QueueId::from(queue));
    }

    /// Nobody answers there, or the phone refuses.
    fn stops_ringing(&mut self, call: CallId, refused: bool) {
        let known = self.calls.get_mut(&call).expect("a call");
        let Some(agent) = known.rings.pop_first() else {
            return;
        };
        self.agents.release(&agent, call, self.now);
        let waiting = self.waiting.entry(call).expect("it waits");
        waiting.attempted.note(&agent, refused, self.now);
        if !refused && self.rng.random_range(0..2) == 0 {
            self.agents.missed(&agent, Some(2));
        }
    }

    fn is_answered(&mut self, call: CallId) {
        let known = self.calls.get_mut(&call).expect("a call");
        let Some(agent) = known.rings.pop_last() else {
            return;
        };
        self.agents.answered(&agent, call, self.now);
        known.talks = Some(agent);
        for loser in std::mem::take(&mut known.rings) {
            self.agents.release(&loser, call, self.now);
        }
        self.waiting.leave(call);
        self.answers += 1;
    }

    fn ends(&mut self, call: CallId, outcome: &'static str) {
        let known = self.calls.get_mut(&call).expect("a call");
        let first = known.outcome.replace(outcome);
        assert_eq!(first, None, "seed {}: {call} ends twice", self.seed);
        for agent in std::mem::take(&mut known.rings) {
            self.agents.release(&agent, call, self.now);
        }
        self.waiting.leave(call);
        if let Some(agent) = known.talks.take() {
            let talked = self.agents.release(&agent, call, self.now);
            assert!(talked.is_some(), "seed {}", self.seed);
            if self.rng.random_range(0..2) == 0 {
                let until = self.now + Duration::from_secs(self.rng.random_range(1..30));
                self.agents.wrap_up(&agent, call, self.now, until);
            }
        }
    }

    /// The agent leaves the caller, who comes back to the queue.
    fn comes_back(&mut self, call: CallId) {
        let known = self.calls.get_mut(&call).expect("a call");
        if let Some(agent) = known.talks.take() {
            self.agents.release(&agent, call, self.now);
            let arrival = u64::try_from(call.0.as_u128()).expect("a small number");
            self.joins(call, arrival);
        }
    }

    fn says(&mut self) {
        let agent = self.any_agent();
        let command = match self.rng.random_range(0..10) {
            0 => AgentCommand::LogOut,
            1 => AgentCommand::Busy { reason: None },
            2 => AgentCommand::AskBreak {
                reason: "tea".to_owned(),
            },
            3 => AgentCommand::AllowBreak,
            4 => AgentCommand::ExtendWrapUp(Duration::from_secs(20)),
            5 => AgentCommand::EndWrapUp,
            6 | 7 => AgentCommand::LogIn { shift: None },
            _ => AgentCommand::Ready,
        };
        let asks_first = self.rng.random_range(0..2) == 0;
        // What does not fit is refused.
        let _ = self
            .agents
            .obey(&agent, command, "wang", None, asks_first, self.now);
    }

    fn passes(&mut self) {
        self.now += Duration::from_millis(self.rng.random_range(0..12_000));
        self.agents.handle_timeout(self.now);
    }

    fn step(&mut self) {
        let waits = |known: &Known| known.outcome.is_none() && known.talks.is_none();
        let talks = |known: &Known| known.talks.is_some();
        let rings = |known: &Known| !known.rings.is_empty();
        match self.rng.random_range(0..14) {
            0..=2 => self.arrives(),
            3 | 4 => self.says(),
            5 => {
                let agent = self.any_agent();
                let reach = [Reach::Absent, Reach::Silent, Reach::Reachable];
                let reach = reach[self.rng.random_range(0..3)];
                self.agents.set_reach(&agent, reach);
                self.reach.insert(agent, reach);
            }
            6 => {
                let agent = self.any_agent();
                let until = self.now + Duration::from_secs(self.rng.random_range(1..60));
                self.agents.rest(&agent, until);
                self.rests.insert(agent, until);
            }
            7 => {
                let refused = self.rng.random_range(0..2) == 0;
                if let Some(call) = self.any_call(rings) {
                    self.stops_ringing(call, refused);
                }
            }
            8 | 9 => {
                if let Some(call) = self.any_call(rings) {
                    self.is_answered(call);
                }
            }
            10 => {
                if let Some(call) = self.any_call(talks) {
                    self.ends(call, "answered");
                }
            }
            11 => {
                if let Some(call) = self.any_call(waits) {
                    self.ends(call, "abandoned");
                }
            }
            12 => {
                if let Some(call) = self.any_call(talks) {
                    self.comes_back(call);
                }
            }
            _ => self.passes(),
        }
        self.hunts();
        self.holds();
    }

    /// What must hold whenever a hunt is over.
    fn holds(&self) {
        let seed = self.seed;
        for id in &self.ids {
            let has = self
                .calls
                .iter()
                .filter(|(_, known)| known.rings.contains(id) || known.talks.as_ref() == Some(id));
            let has: Vec<_> = has.map(|(call, _)| *call).collect();
            assert!(
                has.len() <= 1,
                "seed {seed}: {id} is double-booked: {has:?}"
            );
            assert!(
                self.agents.calls_of(id).eq(has.clone()),
                "seed {seed}: {id}"
            );
            let is_talking = has
                .first()
                .is_some_and(|call| self.calls[call].talks.is_some());
            let state = self.agents.state(id);
            assert_eq!(
                state == AgentState::Talking,
                is_talking,
                "seed {seed}: {id}"
            );
            let is_rung = !has.is_empty() && !is_talking;
            assert_eq!(state == AgentState::Ringing, is_rung, "seed {seed}: {id}");
            let is_free = state == AgentState::Ready;
            assert_eq!(
                self.agents.is_ready(id),
                is_free,
                "seed {seed}: {id} is stuck"
            );
            assert!(
                !is_free || self.reach[id] == Reach::Reachable,
                "seed {seed}: {id}"
            );
        }
        for (call, known) in &self.calls {
            let waits = known.outcome.is_none() && known.talks.is_none();
            assert_eq!(
                self.waiting.contains(*call),
                waits,
                "seed {seed}: {call} is lost"
            );
        }
        self.nobody_waits_beside_a_free_agent();
        for queue in self.members.keys() {
            let members = self.members[queue].iter();
            let serving = members.filter(|id| self.agents.state(id).is_staffed());
            let staffing = self.queues.staffing(queue, &self.agents);
            assert_eq!(staffing.staffed, serving.count(), "seed {seed}: {queue}");
            let places = self
                .waiting
                .calls_in(queue)
                .map(|it| self.waiting.place(it.call));
            let counted = (1..=self.waiting.count(queue)).map(|n| u32::try_from(n).ok());
            assert!(places.eq(counted), "seed {seed}: {queue}");
        }
    }

    fn nobody_waits_beside_a_free_agent(&self) {
        for waiting in self.waiting.calls() {
            let is_rung = !self.calls[&waiting.call].rings.is_empty();
            if is_rung && self.one_by_one[&waiting.queue] {
                continue;
            }
            let is_tried = waiting.attempted.next_retry(self.now).is_some();
            for id in &self.members[&waiting.queue] {
                let rests = self.rests.get(id).is_some_and(|until| *until > self.now);
                let is_free = self.agents.is_ready_for(id, waiting.call);
                assert!(
                    !is_free || rests || is_tried,
                    "seed {}: {id} is free and {waiting:?} waits",
                    self.seed
                );
            }
        }
    }

    /// Everybody hangs up.
    fn closes(&mut self) {
        let calls: Vec<_> = self.calls.keys().copied().collect();
        for call in calls {
            if self.calls[&call].outcome.is_none() {
                self.ends(call, "closed");
            }
        }
        self.now += Duration::from_hours(2);
        self.agents.handle_timeout(self.now);
        self.holds();
        assert!(self.waiting.is_empty() && self.agents.are_idle());
        assert_eq!(self.agents.poll_timeout(), None, "seed {}", self.seed);
        assert!(self.calls.values().all(|known| known.outcome.is_some()));
        let nobody = Attempted::default();
        assert_eq!(nobody.next_retry(self.now), None);
    }
}

/// R009, R013: under any order of events no agent is double-booked or stuck, no caller is lost, and
/// every call ends exactly once.
#[test]
fn nobody_is_double_booked_stuck_or_lost_in_whatever_order_things_happen() {
    let mut answers = 0;
    for seed in 0..seeds() {
        let mut floor = Floor::new(seed);
        for _ in 0..200 {
            floor.step();
        }
        floor.closes();
        answers += floor.answers;
    }
    // What never happens proves nothing.
    assert!(u64::from(answers) > seeds(), "{answers} answers");
}
