//! Who rings next, with 500 agents and 200 callers who wait: from the moment an agent is free to the
//! agent claimed for a caller, everybody who waits having been looked at. Limit: 1 ms.

#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "criterion's macros write undocumented functions, and a bench may stop at the first surprise"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use thirdring::id::{AgentId, CallId, QueueId};
use thirdring::queue::{
    Agents, Heard, Joining, Overflow, QueueSettings, Queues, Reach, Strategy, Turn, Waiting, When,
};

const AGENTS: u32 = 500;
const CALLS: u64 = 200;
const QUEUES: u64 = 4;

struct Floor {
    now: Instant,
    agents: Agents,
    queues: Queues,
    waiting: Waiting,
    ids: Vec<AgentId>,
}

fn call(n: u64) -> CallId {
    CallId(uuid::Uuid::from_u128(u128::from(n)))
}

impl Floor {
    /// Everybody is in some call; each queue has all agents, and another queue's join later.
    #[expect(
        clippy::disallowed_methods,
        reason = "a benchmark needs one arbitrary start"
    )]
    fn new(strategy: Strategy) -> Self {
        let now = Instant::now();
        let mut agents = Agents::default();
        let ids: Vec<_> = (0..AGENTS).map(|n| AgentId(n.to_string())).collect();
        for id in &ids {
            agents.add(id.clone(), 1, Reach::Reachable, now);
        }
        let name = |n: u64| QueueId(format!("queue {}", n % QUEUES));
        let settings: Vec<_> = (0..QUEUES)
            .map(|n| QueueSettings {
                skills: [("repair".to_owned(), 1)].into(),
                overflow: vec![Overflow {
                    when: When::After(Duration::from_secs(20)),
                    whom: Joining::Queue(name(n + 1)),
                }],
                ..QueueSettings::new(name(n), strategy, ids.clone())
            })
            .collect();
        let skills = ids
            .iter()
            .map(|id| (id.clone(), [("repair".to_owned(), 3)].into()));
        let skills: BTreeMap<_, _> = skills.collect();
        let queues = Queues::new(&settings, &skills, &mut agents);
        let mut waiting = Waiting::default();
        for n in 0..CALLS {
            let turn = Turn {
                arrival: n,
                since: now,
                urgency: 0,
                is_last: false,
            };
            waiting.join(call(n), turn, &name(n));
            // Each has rung some agents in vain.
            let entry = waiting.entry(call(n)).expect("it waits");
            for id in ids.iter().take(10) {
                entry.attempted.note(id, false, now);
            }
        }
        for (n, id) in (1_000..).zip(&ids) {
            agents.claim(id, call(n));
            agents.answered(id, call(n), now);
        }
        Self {
            now: now + Duration::from_secs(30),
            agents,
            queues,
            waiting,
            ids,
        }
    }

    /// As the switch does it: everybody who waits, in order.
    fn hunts(&mut self) -> usize {
        let heard = Heard {
            live: 0,
            rings_since: None,
            ring: Duration::from_secs(5),
        };
        let mut rung = 0;
        let calls: Vec<_> = self.waiting.calls().map(|waiting| waiting.call).collect();
        for call in calls {
            let waiting = self.waiting.get(call).expect("it waits");
            for choice in self.queues.choose(waiting, heard, &self.agents, self.now) {
                rung += usize::from(self.queues.claim(&choice, call, &mut self.agents));
            }
            black_box(self.queues.next_step(waiting, heard, self.now));
            black_box(waiting.attempted.next_retry(self.now));
        }
        rung
    }

    /// The agent is free, is rung for the first who waits, and has a call again.
    fn serves(&mut self, n: usize) {
        let id = self.ids[n % self.ids.len()].clone();
        let has: Vec<_> = self.agents.calls_of(&id).collect();
        for call in has {
            self.agents.release(&id, call, self.now);
        }
        assert_eq!(self.hunts(), 1);
    }
}

fn ring_decision(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ring_decision of 500 agents and 200 waiting calls");
    for strategy in Strategy::ALL {
        let mut floor = Floor::new(strategy);
        let mut n = 0;
        group.bench_function(format!("one is free, {strategy:?}"), |bencher| {
            bencher.iter(|| {
                n += 1;
                floor.serves(n);
            });
        });
    }
    let mut floor = Floor::new(Strategy::LongestIdle);
    group.bench_function("nobody is free", |bencher| {
        bencher.iter(|| assert_eq!(floor.hunts(), 0));
    });
    group.finish();
}

criterion_group!(benches, ring_decision);
criterion_main!(benches);
