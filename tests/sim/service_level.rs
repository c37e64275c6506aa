//! A day of calls for two hundred agents, compared with what queueing theory expects of it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use thirdring::id::{AgentId, CallId, QueueId};
use thirdring::queue::service_level::{Impatient, Load};
use thirdring::queue::{Agents, Heard, QueueSettings, Queues, Reach, Strategy, Turn, Waiting};

const AGENTS: u32 = 200;
const HANDLE_S: f64 = 180.0;
/// Of the service level.
const WITHIN: Duration = Duration::from_secs(20);
/// The day begins without a call; what is counted begins an hour later.
const HOURS: usize = 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Arrives,
    GivesUp(u128),
    Ends(u128),
}

/// An hour's callers.
#[derive(Clone, Copy, Debug, Default)]
struct Hour {
    calls: f64,
    waited: f64,
    answered_in_time: f64,
    gave_up: f64,
}

struct Day {
    rng: StdRng,
    start: Instant,
    now: Instant,
    load: Load,
    patience_s: Option<f64>,
    agents: Agents,
    queues: Queues,
    waiting: Waiting,
    due: BinaryHeap<Reverse<(Instant, Happening)>>,
    arrived: BTreeMap<u128, Instant>,
    talks: BTreeMap<u128, (AgentId, Instant)>,
    hours: Vec<Hour>,
    /// What those were told who had to wait, and how long they did, in seconds.
    expected: f64,
    actual: f64,
    served_by: BTreeSet<AgentId>,
}

impl Day {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs one arbitrary start"
    )]
    fn new(strategy: Strategy, erlangs: f64, patience_s: Option<f64>, seed: u64) -> Self {
        let start = Instant::now();
        let mut agents = Agents::default();
        let ids: Vec<_> = (0..AGENTS).map(|n| AgentId(format!("{n}"))).collect();
        for id in &ids {
            agents.add(id.clone(), 1, Reach::Reachable, start);
        }
        let queue = QueueSettings::new(QueueId::from("hotline"), strategy, ids);
        let queues = Queues::new(&[queue], &BTreeMap::new(), &mut agents);
        Self {
            rng: StdRng::seed_from_u64(seed),
            start,
            now: start,
            load: Load {
                arrivals_per_s: erlangs / HANDLE_S,
                handle_s: HANDLE_S,
                agents: AGENTS,
            },
            patience_s,
            agents,
            queues,
            waiting: Waiting::default(),
            due: BinaryHeap::new(),
            arrived: BTreeMap::new(),
            talks: BTreeMap::new(),
            hours: vec![Hour::default(); HOURS + 1],
            expected: 0.0,
            actual: 0.0,
            served_by: BTreeSet::new(),
        }
    }

    /// An exponential time from now on.
    fn after(&mut self, mean_s: f64) -> Instant {
        let part: f64 = self.rng.random_range(0.0..1.0);
        self.now + Duration::from_secs_f64(-(1.0 - part).ln() * mean_s)
    }

    fn run(&mut self) {
        let end = self.start + Duration::from_hours(HOURS as u64 + 1);
        self.next_caller();
        while let Some(Reverse((at, what))) = self.due.pop() {
            self.now = at;
            match what {
                Happening::Arrives if at < end => {
                    self.arrives();
                    self.next_caller();
                }
                Happening::Arrives => {}
                Happening::GivesUp(n) => self.gives_up(n),
                Happening::Ends(n) => self.ends(n),
            }
            self.hunts();
        }
        assert!(self.waiting.is_empty() && self.agents.are_idle());
        assert!(self.talks.is_empty());
    }

    fn next_caller(&mut self) {
        let next = self.after(1.0 / self.load.arrivals_per_s);
        self.due.push(Reverse((next, Happening::Arrives)));
    }

    fn arrives(&mut self) {
        let n = self.arrived.len() as u64;
        let call = u128::from(n);
        self.arrived.insert(call, self.now);
        let turn = Turn {
            arrival: n,
            since: self.now,
            urgency: 0,
            is_last: false,
        };
        let queue = QueueId::from("hotline");
        self.waiting.join(id(call), turn, &queue);
        if let Some(patience_s) = self.patience_s {
            let end = self.after(patience_s);
            self.due.push(Reverse((end, Happening::GivesUp(call))));
        }
        self.hunts();
        let has_to_wait = self.waiting.place(id(call));
        self.hour(call).calls += 1.0;
        if let Some(place) = has_to_wait {
            self.hour(call).waited += 1.0;
            let told = self.queues.expected_wait(&queue, place, &self.agents);
            self.expected += told.unwrap_or_default().as_secs_f64();
        }
    }

    fn hour(&mut self, call: u128) -> &mut Hour {
        let since = self.arrived[&call].duration_since(self.start);
        let index = usize::try_from(since.as_secs() / 3600).expect("an hour");
        &mut self.hours[index.min(HOURS)]
    }

    fn gives_up(&mut self, call: u128) {
        if self.waiting.contains(id(call)) {
            self.waiting.leave(id(call));
            self.hour(call).gave_up += 1.0;
        }
    }

    fn ends(&mut self, call: u128) {
        let (agent, since) = self.talks.remove(&call).expect("a talk");
        self.agents.release(&agent, id(call), self.now);
        let took = self.now.duration_since(since);
        self.queues.handled(&QueueId::from("hotline"), took);
    }

    fn hunts(&mut self) {
        let heard = Heard {
            live: 0,
            rings_since: None,
            ring: Duration::from_secs(5),
        };
        loop {
            let Some(first) = self.waiting.calls().next() else {
                return;
            };
            let call = first.call;
            // Whoever is rung answers at once: the theory knows no ringing.
            let chosen = self.queues.choose(first, heard, &self.agents, self.now);
            let Some(choice) = chosen.into_iter().next() else {
                return;
            };
            assert!(self.queues.claim(&choice, call, &mut self.agents));
            self.agents.answered(&choice.agent, call, self.now);
            self.waiting.leave(call);
            self.is_answered(call.0.as_u128(), choice.agent);
        }
    }

    fn is_answered(&mut self, call: u128, agent: AgentId) {
        let waited = self.now.duration_since(self.arrived[&call]);
        self.actual += waited.as_secs_f64();
        if waited <= WITHIN {
            self.hour(call).answered_in_time += 1.0;
        }
        self.served_by.insert(agent.clone());
        self.talks.insert(call, (agent, self.now));
        let end = self.after(HANDLE_S);
        self.due.push(Reverse((end, Happening::Ends(call))));
    }

    /// A part of the calls, and its standard error by the hours.
    fn part(&self, of: impl Fn(&Hour) -> f64) -> (f64, f64) {
        let hours = &self.hours[1..];
        let calls: f64 = hours.iter().map(|hour| hour.calls).sum();
        let part = hours.iter().map(&of).sum::<f64>() / calls;
        let count = calls_of(hours.len());
        let mean = calls / count;
        let squares = hours.iter().map(|hour| {
            let off = (of(hour) - part * hour.calls) / mean;
            off * off
        });
        let error = (squares.sum::<f64>() / (count - 1.0) / count).sqrt();
        (part, error)
    }
}

fn calls_of(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

fn id(call: u128) -> CallId {
    CallId(uuid::Uuid::from_u128(call))
}

/// Within four standard errors: what chance does once in some ten thousand days.
fn agrees((seen, error): (f64, f64), theory: f64) -> bool {
    (seen - theory).abs() <= 4.0 * error
}

/// Erlang C: everybody waits as long as it takes.
#[test]
fn a_day_of_patient_callers_has_the_service_level_of_erlang_c() {
    for strategy in [Strategy::LongestIdle, Strategy::FewestCalls] {
        let mut day = Day::new(strategy, 186.0, None, 41);
        day.run();
        let in_time = day.part(|hour| hour.answered_in_time);
        let waited = day.part(|hour| hour.waited);
        let load = day.load;
        assert!(agrees(in_time, load.answered_within(WITHIN)), "{in_time:?}");
        assert!(agrees(waited, load.waits()), "{waited:?}");
        // A test that can fail: it tells ten agents more or fewer.
        for agents in [AGENTS - 10, AGENTS + 10] {
            let other = Load { agents, ..load };
            assert!(!agrees(waited, other.waits()), "{agents}: {waited:?}");
        }
        // What callers were told is what they waited.
        let ratio = day.expected / day.actual;
        assert!((0.9..1.1).contains(&ratio), "{ratio}");
        assert_eq!(day.served_by.len(), AGENTS as usize, "{strategy:?}");
    }
}

/// Erlang A: more calls than agents, and callers who give up after a minute on average.
#[test]
fn a_day_of_impatient_callers_has_the_service_level_of_erlang_a() {
    let mut day = Day::new(Strategy::RoundRobin, 210.0, Some(60.0), 42);
    day.run();
    let theory = Impatient::new(day.load, 60.0);
    let in_time = day.part(|hour| hour.answered_in_time);
    let waited = day.part(|hour| hour.waited);
    let gave_up = day.part(|hour| hour.gave_up);
    assert!(
        agrees(in_time, theory.answered_within(WITHIN)),
        "{in_time:?}"
    );
    assert!(agrees(waited, theory.waits()), "{waited:?}");
    assert!(agrees(gave_up, theory.gives_up()), "{gave_up:?}");
    for agents in [AGENTS - 5, AGENTS + 5] {
        let other = Load { agents, ..day.load };
        let other = Impatient::new(other, 60.0).gives_up();
        assert!(!agrees(gave_up, other), "{agents}: {gave_up:?}");
    }
}
