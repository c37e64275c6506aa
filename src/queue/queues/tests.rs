#![expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]

use super::*;
use crate::queue::{Reach, Turn, Waiting};

const CALL: CallId = CallId(uuid::Uuid::from_u128(7));
const SILENCE: Heard = Heard {
    live: 0,
    rings_since: None,
    ring: Duration::from_secs(5),
};

fn call(n: u128) -> CallId {
    CallId(uuid::Uuid::from_u128(n))
}

fn ids<const N: usize>(names: [&str; N]) -> Vec<AgentId> {
    names.map(AgentId::from).into()
}

fn hotline() -> QueueId {
    QueueId::from("hotline")
}

/// A queue of three; the third has been idle for longest.
struct Floor {
    agents: Agents,
    queues: Queues,
    start: Instant,
    waiting: Waiting,
}

impl Floor {
    fn new(strategy: Strategy) -> Self {
        Self::with(strategy, |_| {})
    }

    fn with(strategy: Strategy, change: impl FnOnce(&mut QueueSettings)) -> Self {
        let start = Instant::now();
        let mut agents = Agents::default();
        let list = ids(["1001", "1002", "1003", "1004", "1005"]);
        for (n, id) in (0..).zip(&list) {
            let idle_since = start + Duration::from_secs(10 - n);
            agents.add(id.clone(), 1, Reach::Reachable, idle_since);
        }
        let mut queue = QueueSettings::new(hotline(), strategy, list[..3].to_vec());
        change(&mut queue);
        let other = QueueId::from("other");
        let other = QueueSettings::new(other, Strategy::Linear, ids(["1005", "1004"]));
        let skilled = |levels: &[(&str, u32)]| -> Skills {
            let levels = levels.iter();
            levels.map(|(skill, n)| ((*skill).to_owned(), *n)).collect()
        };
        let skills = [
            ("1001", skilled(&[("repair", 1), ("english", 5)])),
            ("1002", skilled(&[("repair", 4)])),
            ("1004", skilled(&[("english", 1)])),
        ];
        let skills = skills.map(|(id, has)| (AgentId::from(id), has)).into();
        let queues = Queues::new(&[queue, other], &skills, &mut agents);
        let mut waiting = Waiting::default();
        waiting.join(CALL, turn(start), &hotline());
        Self {
            agents,
            queues,
            start,
            waiting,
        }
    }

    /// Whom the call would ring so long after its arrival.
    fn rings_after(&self, heard: Heard, wait: Duration) -> Vec<String> {
        let waiting = self.waiting.get(CALL).unwrap();
        let now = self.start + wait;
        let chosen = self.queues.choose(waiting, heard, &self.agents, now);
        chosen.into_iter().map(|choice| choice.agent.0).collect()
    }

    fn rings(&self) -> Vec<String> {
        self.rings_after(SILENCE, Duration::from_mins(1))
    }

    /// A call comes, is answered by whoever is rung, and ends after so long.
    fn is_served(&mut self, n: u128, length: Duration) -> String {
        let now = self.start + Duration::from_mins(1);
        self.waiting.join(call(n), turn(now), &hotline());
        let waiting = self.waiting.get(call(n)).unwrap();
        let chosen = self.queues.choose(waiting, SILENCE, &self.agents, now);
        let choice = chosen.first().expect("somebody");
        assert!(self.queues.claim(choice, call(n), &mut self.agents));
        self.agents.answered(&choice.agent, call(n), now);
        self.waiting.leave(call(n));
        self.agents.release(&choice.agent, call(n), now + length);
        choice.agent.0.clone()
    }

    fn tried(&mut self, agent: &str) {
        let entry = self.waiting.entry(CALL).unwrap();
        entry
            .attempted
            .note(&AgentId::from(agent), false, self.start);
    }
}

fn turn(since: Instant) -> Turn {
    Turn {
        arrival: 0,
        since,
        urgency: 0,
        is_last: false,
    }
}

#[test]
fn longest_idle_rings_one_agent_the_longest_without_a_call() {
    let floor = Floor::new(Strategy::LongestIdle);
    assert_eq!(floor.rings(), ["1003"]);
    let while_ringing = Heard { live: 1, ..SILENCE };
    assert!(floor.rings_after(while_ringing, Duration::ZERO).is_empty());
}

#[test]
fn ring_all_rings_everybody_who_is_ready() {
    let mut floor = Floor::new(Strategy::RingAll);
    floor.agents.claim(&AgentId::from("1002"), call(1));
    assert_eq!(floor.rings(), ["1003", "1001"]);
}

/// R015: each call goes on behind whoever was rung last, by the list's order, whoever is idle for
/// how long; who is not free is passed over.
#[test]
fn round_robin_goes_round_in_the_order_of_the_list() {
    let mut floor = Floor::new(Strategy::RoundRobin);
    let served: Vec<_> = (1..=4)
        .map(|n| floor.is_served(n, Duration::ZERO))
        .collect();
    assert_eq!(served, ["1001", "1002", "1003", "1001"]);
    floor.agents.claim(&AgentId::from("1002"), call(9));
    assert_eq!(floor.is_served(5, Duration::ZERO), "1003");
}

/// R015: the duty lead sees the order and puts it into another.
#[test]
fn the_order_is_edited_as_a_whole() {
    let mut floor = Floor::new(Strategy::RoundRobin);
    floor.is_served(1, Duration::ZERO);
    let Floor { queues, agents, .. } = &mut floor;
    for wrong in [ids(["1003", "1001", "1001"]), ids(["1003", "1001", "1004"])] {
        assert!(!queues.reorder(&hotline(), &wrong, agents), "{wrong:?}");
    }
    assert!(!queues.reorder(&hotline(), &ids(["1003", "1001"]), agents));
    let order = ids(["1003", "1001", "1002"]);
    assert!(queues.reorder(&hotline(), &order, agents));
    assert!(queues.order(&hotline(), agents).eq(&order));
    let served: Vec<_> = (2..=5)
        .map(|n| floor.is_served(n, Duration::ZERO))
        .collect();
    assert_eq!(served, ["1003", "1001", "1002", "1003"]);
}

#[test]
fn linear_begins_at_the_beginning_each_time() {
    let mut floor = Floor::new(Strategy::Linear);
    let served: Vec<_> = (1..=3)
        .map(|n| floor.is_served(n, Duration::ZERO))
        .collect();
    assert_eq!(served, ["1001", "1001", "1001"]);
    floor.agents.claim(&AgentId::from("1001"), call(9));
    assert_eq!(floor.rings(), ["1002"]);
}

#[test]
fn fewest_calls_counts_those_of_the_day() {
    let mut floor = Floor::new(Strategy::FewestCalls);
    // Idle times decide among equals; the last one talks for longest, and yet is next.
    for (n, who) in (1..).zip(["1003", "1002", "1001", "1003"]) {
        let length = Duration::from_secs(n);
        assert_eq!(floor.is_served(u128::from(n), length), who);
    }
    assert_eq!(floor.rings(), ["1002"]);
    floor.agents.begin_day();
    // Nobody has answered yet today: 1002 was free first.
    assert_eq!(floor.rings(), ["1002"]);
    floor.is_served(9, Duration::ZERO);
    assert_eq!(floor.rings(), ["1001"]);
}

/// R114: the skills that a queue asks for decide, each by its weight; who has none of them is never
/// rung.
#[test]
fn skills_are_weighed() {
    let asks = |weights: &[(&str, u32)]| {
        let weights: Skills = weights
            .iter()
            .map(|(skill, weight)| ((*skill).to_owned(), *weight))
            .collect();
        Floor::with(Strategy::Skills, |queue| queue.skills = weights)
    };
    let mut floor = asks(&[("repair", 3), ("english", 1)]);
    assert_eq!(floor.rings(), ["1002"]); // 12 against 8
    floor.agents.claim(&AgentId::from("1002"), call(9));
    assert_eq!(floor.rings(), ["1001"]);
    floor.agents.claim(&AgentId::from("1001"), call(8));
    assert!(floor.rings().is_empty());
    assert_eq!(asks(&[("repair", 1), ("english", 1)]).rings(), ["1001"]);
}

/// R013: whoever did not answer comes after those who have not been tried, by every strategy.
#[test]
fn who_did_not_answer_is_tried_last() {
    for strategy in [
        Strategy::LongestIdle,
        Strategy::RoundRobin,
        Strategy::FewestCalls,
        Strategy::Linear,
    ] {
        let mut floor = Floor::new(strategy);
        let first = floor.rings().remove(0);
        floor.tried(&first);
        let second = floor.rings().remove(0);
        floor.tried(&second);
        let third = floor.rings().remove(0);
        floor.tried(&third);
        let mut all = [first.clone(), second, third];
        all.sort();
        assert_eq!(all, ["1001", "1002", "1003"], "{strategy:?}");
        assert_eq!(floor.rings(), [first], "{strategy:?}");
    }
}

#[test]
fn phone_that_refused_is_left_alone_for_ten_seconds() {
    let mut floor = Floor::with(Strategy::LongestIdle, |queue| queue.agents.truncate(1));
    let (start, id) = (floor.start, AgentId::from("1001"));
    let entry = floor.waiting.entry(CALL).unwrap();
    entry.attempted.note(&id, true, start);
    let retry = entry.attempted.next_retry(start);
    assert_eq!(retry, Some(start + Duration::from_secs(10)));
    let at = |seconds| {
        floor
            .rings_after(SILENCE, Duration::from_secs(seconds))
            .len()
    };
    assert_eq!((at(9), at(10)), (0, 1));
}

#[test]
fn phone_that_asked_for_it_is_left_alone_by_everybody() {
    let mut floor = Floor::new(Strategy::LongestIdle);
    let until = floor.start + Duration::from_secs(30);
    floor.agents.rest(&AgentId::from("1003"), until);
    let at = |seconds| floor.rings_after(SILENCE, Duration::from_secs(seconds));
    assert_eq!(at(29), ["1002"]);
    assert_eq!(at(30), ["1003"]);
    assert_eq!(floor.agents.next_rested(floor.start), Some(until));
    assert_eq!(floor.agents.next_rested(until), None);
}

fn climbs(when: When, whom: Joining) -> Floor {
    Floor::with(Strategy::LongestIdle, |queue| {
        queue.agents.truncate(1);
        queue.overflow = vec![Overflow { when, whom }];
    })
}

/// R009: after some time others join, and the caller keeps the place among all who wait.
#[test]
fn others_join_after_a_time() {
    let after = When::After(Duration::from_secs(20));
    let mut floor = climbs(after, Joining::Agents(ids(["1004", "1002"])));
    floor.agents.claim(&AgentId::from("1001"), call(9));
    let at = |floor: &Floor, seconds| floor.rings_after(SILENCE, Duration::from_secs(seconds));
    assert!(at(&floor, 19).is_empty());
    assert_eq!(at(&floor, 20), ["1004"]);
    let waiting = floor.waiting.get(CALL).unwrap();
    let next = floor.queues.next_step(waiting, SILENCE, floor.start);
    assert_eq!(next, Some(floor.start + Duration::from_secs(20)));
    let later = floor.start + Duration::from_secs(20);
    assert_eq!(floor.queues.next_step(waiting, SILENCE, later), None);
    // The queue's own agents come first when they are free.
    floor
        .agents
        .release(&AgentId::from("1001"), call(9), floor.start);
    assert_eq!(at(&floor, 20), ["1001"]);
}

/// R013: rings are those that the caller hears; another queue's agents join in its own order.
#[test]
fn another_queue_joins_after_so_many_rings() {
    let mut floor = climbs(When::Rings(3), Joining::Queue(QueueId::from("other")));
    floor.agents.claim(&AgentId::from("1001"), call(9));
    let heard = Heard {
        rings_since: Some(floor.start + Duration::from_secs(1)),
        ..SILENCE
    };
    let at = |heard, seconds| floor.rings_after(heard, Duration::from_secs(seconds));
    assert!(at(heard, 15).is_empty());
    assert_eq!(at(heard, 16), ["1005"]);
    assert!(at(SILENCE, 60).is_empty());
    let waiting = floor.waiting.get(CALL).unwrap();
    let next = |heard| floor.queues.next_step(waiting, heard, floor.start);
    assert_eq!(next(heard), Some(floor.start + Duration::from_secs(16)));
    assert_eq!(next(SILENCE), Some(floor.start + Duration::from_secs(1)));
}

#[test]
fn ring_all_rings_those_who_joined_once_each() {
    let mut floor = Floor::with(Strategy::RingAll, |queue| {
        let when = When::After(Duration::from_secs(5));
        let whom = Joining::Agents(ids(["1002", "1004"]));
        queue.overflow = vec![Overflow { when, whom }];
    });
    floor.tried("1003");
    let rung = floor.rings();
    assert_eq!(rung, ["1002", "1001", "1004", "1003"]);
}

/// R018: who serves callers counts, whether free or not; who is away does not.
#[test]
fn missing_agents_are_counted() {
    let mut floor = Floor::with(Strategy::LongestIdle, |queue| queue.minimum = 3);
    let missing = |floor: &Floor| floor.queues.staffing(&hotline(), &floor.agents).missing();
    assert_eq!(missing(&floor), 0);
    floor.agents.claim(&AgentId::from("1001"), call(1));
    assert_eq!(missing(&floor), 0);
    floor
        .agents
        .set_reach(&AgentId::from("1002"), Reach::Absent);
    floor
        .agents
        .set_reach(&AgentId::from("1003"), Reach::Silent);
    assert_eq!(missing(&floor), 2);
    floor
        .agents
        .set_reach(&AgentId::from("1003"), Reach::Reachable);
    assert_eq!(missing(&floor), 1);
}
