//! Days as they are followed, and as they are read from rows.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

use super::*;
use crate::call::event::{
    AttemptResult, Circumstances, Direction, HoursStamped, Origin, Outcome, Ringback,
};
use crate::rules::{Cadence, Grade, PickupProfile};
use crate::statistics::Share;

const MORNING: i64 = 1_795_248_000_000_000;
const DAY_US: i64 = 86_400_000_000;

fn day() -> Day {
    Day::new(Timestamp(MORNING), Timestamp(MORNING + DAY_US))
}

/// A call as the log tells it.
struct Story {
    call: CallId,
    began: i64,
    events: Vec<CallEvent>,
}

impl Story {
    fn on(line: &str, n: u128) -> Self {
        Self::at(line, n, MORNING + i64::try_from(n).unwrap() * 1_000_000)
    }

    fn at(line: &str, n: u128, began: i64) -> Self {
        let story = Self {
            call: CallId(Uuid::from_u128(n + 1)),
            began,
            events: Vec::new(),
        };
        story.then(
            0,
            EventKind::Arrived {
                direction: Direction::In,
                origin: Origin::External,
                caller: None,
                dialled: "4008001234".to_owned(),
                line: Some(line.into()),
                trunk: None,
                sip_call_id: "a@b".to_owned(),
                callee: None,
                consult_of: None,
                circumstances: Circumstances::default(),
            },
        )
    }

    fn then(mut self, ms: u64, kind: EventKind) -> Self {
        let n = self.events.len() as u128;
        self.events.push(CallEvent {
            id: EventId(Uuid::from_u128(self.call.0.as_u128() << 40 | n)),
            call: self.call,
            at: Timestamp(self.began + i64::try_from(ms).unwrap() * 1000),
            offset_us: ms * 1000,
            kind,
        });
        self
    }

    fn rung(self, agent: &str) -> Self {
        let profile = PickupProfile::within_3(Cadence::CHINA);
        let (ringback, cadence) = (Ringback::Network, Cadence::CHINA);
        let ringing = EventKind::Ringing {
            ringback,
            cadence,
            profile,
        };
        let agent = agent.into();
        self.then(0, ringing)
            .then(0, EventKind::Offered { attempt: 1, agent })
            .then(0, EventKind::AgentRinging { attempt: 1 })
    }

    fn over(self, ms: u64, result: AttemptResult) -> Self {
        let ended = EventKind::AttemptEnded {
            attempt: 1,
            result,
            agent_ring_ms: Some(ms),
            status: None,
        };
        self.then(ms, ended)
    }

    fn answered(self, agent: &str, ms: u64) -> Self {
        let rings = Cadence::CHINA.rings(ms).0;
        let answered = EventKind::Answered {
            attempt: 1,
            agent: agent.into(),
            caller_ring_ms: ms,
            rings,
            grade: Grade::OnTarget,
            late: rings > 3,
        };
        self.rung(agent)
            .over(ms, AttemptResult::Answered)
            .then(ms, answered)
            .then(ms, EventKind::Connected)
    }

    fn ended(self, ms: u64, outcome: Outcome) -> Self {
        let is_answered = outcome == Outcome::Answered;
        let ended = EventKind::Ended {
            outcome,
            status: None,
            grade: None,
            caller_ring_ms: (!is_answered).then_some(ms),
            talk_ms: is_answered.then_some(ms / 2),
        };
        self.then(ms, ended)
    }

    fn record(&self) -> CallRecord {
        CallRecord::from_events(&self.events).unwrap()
    }
}

fn followed(stories: &[Story]) -> Day {
    let mut day = day();
    for event in stories.iter().flat_map(|story| &story.events) {
        day.apply(event);
    }
    day
}

fn calls(day: &Day, line: &str) -> Tally {
    let lines = day.lines();
    let found = lines.get(&LineId::from(line)).cloned();
    found.unwrap_or_default().calls
}

const fn share(numerator: u64, denominator: u64) -> Share {
    Share {
        numerator,
        denominator,
    }
}

/// R001, R209: what the rates are of, and what is shown apart.
#[test]
fn rates_say_what_they_are_of() {
    let day = followed(&[
        Story::on("hotline", 1)
            .answered("1001", 4_000)
            .ended(60_000, Outcome::Answered),
        Story::on("hotline", 2)
            .answered("1001", 14_999)
            .ended(60_000, Outcome::Answered),
        Story::on("hotline", 3)
            .answered("1002", 15_001)
            .ended(60_000, Outcome::Answered),
        // Given up while the first ring lasted: shown apart.
        Story::on("hotline", 4)
            .rung("1001")
            .over(3_000, AttemptResult::Cancelled)
            .ended(3_000, Outcome::Abandoned),
        Story::on("hotline", 5)
            .rung("1001")
            .over(12_000, AttemptResult::Cancelled)
            .ended(12_000, Outcome::Abandoned),
        // It still rings.
        Story::on("hotline", 6).rung("1001"),
        Story::on("hotline", 7).ended(100, Outcome::Refused),
    ]);
    let tally = calls(&day, "hotline");
    assert_eq!((tally.received, tally.offered(), tally.waiting), (7, 6, 1));
    assert_eq!((tally.answered, tally.abandoned()), (3, 2));
    assert_eq!(
        (tally.abandoned_first_ring, tally.abandoned_ringing),
        (1, 1)
    );
    assert_eq!(tally.within_three_rings(), share(2, 4));
    assert_eq!(tally.within_fifteen_seconds(), share(2, 4));
    assert_eq!(tally.answer_rate(), share(3, 4));
    assert_eq!(tally.within_three_rings().permille(), Some(500));
    assert_eq!(tally.rings_answered[..4], [1, 0, 1, 1]);
    assert_eq!(tally.rings_abandoned[..3], [1, 0, 1]);
    assert_eq!(tally.answers.longest_ms(), Some(15_001));
    assert_eq!(calls(&day, "other"), Tally::default());
    assert_eq!(Share::default().permille(), None);
}

/// X02: whoever was answered by the system waited in the queue, not in the greeting.
#[test]
fn the_queue_of_an_answered_call_is_waiting() {
    let story = Story::on("hotline", 1)
        .then(100, EventKind::Connected)
        .then(5_000, EventKind::Queued { position: 1 });
    let rung = story.then(
        25_000,
        EventKind::Offered {
            attempt: 1,
            agent: "1001".into(),
        },
    );
    let answered = EventKind::Answered {
        attempt: 1,
        agent: "1001".into(),
        caller_ring_ms: 3_000,
        rings: 1,
        grade: Grade::OnTarget,
        late: false,
    };
    let day = followed(&[rung.then(28_000, answered)]);
    let tally = calls(&day, "hotline");
    assert_eq!(tally.answers.sum_ms(), 23_000);
    assert_eq!(tally.within_fifteen_seconds(), share(0, 1));
    assert_eq!(tally.within_three_rings(), share(1, 1));
}

/// R014: how an agent answers is told by the agent's own phone, in time and in rings.
#[test]
fn an_agents_answers_are_told_by_ring() {
    let day = followed(&[
        Story::on("hotline", 1).answered("1001", 2_000),
        Story::on("hotline", 2).answered("1001", 12_000),
        Story::on("hotline", 3).answered("1002", 2_000),
    ]);
    let lines = day.lines();
    let agent = &lines[&LineId::from("hotline")].agents[&AgentId::from("1001")];
    assert_eq!(agent.rings_answered[..4], [1, 0, 1, 0]);
    assert_eq!(agent.answers.histogram([5_000, 15_000]), ([1, 1], 0));
}

#[test]
fn where_callers_give_up_is_told_apart() {
    let queued = |n, ms| {
        Story::on("hotline", n)
            .rung("1001")
            .over(10_000, AttemptResult::RingNoAnswer)
            .then(10_000, EventKind::Queued { position: 1 })
            .ended(ms, Outcome::Abandoned)
    };
    let menu = Story::on("hotline", 2).then(100, EventKind::Connected);
    let hours = EventKind::HoursStamped(HoursStamped {
        calendar: "office".to_owned(),
        in_hours: false,
        holiday: None,
    });
    let night = Story::on("hotline", 3).then(0, hours);
    let day = followed(&[
        queued(1, 30_000),
        menu.ended(9_000, Outcome::Abandoned),
        night.ended(9_000, Outcome::Abandoned),
    ]);
    let tally = calls(&day, "hotline");
    assert_eq!((tally.abandoned_queue, tally.abandoned_dialogue), (1, 1));
    assert_eq!((tally.closed, tally.offered()), (1, 2));
}

#[test]
fn an_agent_has_figures_of_each_line() {
    let day = followed(&[
        Story::on("hotline", 1)
            .answered("1001", 4_000)
            .ended(60_000, Outcome::Answered),
        Story::on("sales", 2)
            .answered("1001", 2_000)
            .ended(20_000, Outcome::Answered),
        Story::on("sales", 3)
            .rung("1001")
            .over(20_000, AttemptResult::RingNoAnswer)
            .ended(21_000, Outcome::NoAgent),
    ]);
    let lines = day.lines();
    let of = |line: &str| lines[&LineId::from(line)].agents[&AgentId::from("1001")].clone();
    let (hotline, sales) = (of("hotline"), of("sales"));
    assert_eq!(
        (hotline.offered, hotline.answered, hotline.missed),
        (1, 1, 0)
    );
    assert_eq!((sales.offered, sales.answered, sales.missed), (2, 1, 1));
    assert_eq!(hotline.talks.sum_ms(), 30_000);
}

#[test]
fn a_call_counts_on_the_day_it_arrived() {
    let evening = Story::at("hotline", 1, MORNING - 1).answered("1001", 2_000);
    let night = Story::at("hotline", 2, MORNING + DAY_US - 1);
    let tomorrow = Story::at("hotline", 3, MORNING + DAY_US);
    let mut day = followed(&[
        evening.ended(9_000, Outcome::Answered),
        night.ended(9_000, Outcome::Abandoned),
        tomorrow.ended(9_000, Outcome::Abandoned),
    ]);
    assert_eq!(calls(&day, "hotline").received, 1);
    day.add_row(&Story::at("hotline", 4, MORNING - 1).record());
    assert_eq!(calls(&day, "hotline").received, 1);
}

/// A call of which anything may be known, up to anywhere.
fn random_story(n: u128, random: &mut StdRng) -> Story {
    let line = *["hotline", "sales"].choose(random).unwrap();
    let agent = *["1001", "1002", "1003"].choose(random).unwrap();
    let ms = random.random_range(100..40_000);
    let story = Story::on(line, n);
    let greeted = random.random_bool(0.3);
    let story = if greeted {
        story.then(0, EventKind::Connected)
    } else {
        story
    };
    match random.random_range(0..6) {
        0 => story,
        1 => story.rung(agent),
        2 => story.answered(agent, ms),
        3 => story
            .answered(agent, ms)
            .ended(ms + 30_000, Outcome::Answered),
        4 => story
            .rung(agent)
            .over(ms, AttemptResult::Cancelled)
            .ended(ms, Outcome::Abandoned),
        _ => story
            .rung(agent)
            .over(ms, AttemptResult::RingNoAnswer)
            .then(ms, EventKind::Queued { position: 1 })
            .ended(
                ms + 9_000,
                *[Outcome::Abandoned, Outcome::NoAgent]
                    .choose(random)
                    .unwrap(),
            ),
    }
}

/// What is followed event by event, in whatever order calls take turns, is what the rows say; and
/// so is what was half read from rows and half followed.
#[test]
fn a_day_that_was_followed_is_the_day_that_is_read() {
    for seed in 0..200 {
        let mut random = StdRng::seed_from_u64(seed);
        let stories: Vec<_> = (0..40).map(|n| random_story(n, &mut random)).collect();
        let mut turns: Vec<usize> = Vec::new();
        for (n, story) in stories.iter().enumerate() {
            turns.extend(std::iter::repeat_n(n, story.events.len()));
        }
        rand::seq::SliceRandom::shuffle(&mut turns[..], &mut random);
        let mut next = vec![0; stories.len()];
        let mut told = Vec::new();
        for n in turns {
            told.push(stories[n].events[next[n]].clone());
            next[n] += 1;
        }

        let mut followed = day();
        for event in &told {
            followed.apply(event);
        }
        let mut read = day();
        for story in &stories {
            let record = story.record();
            if record.outcome.is_some() {
                read.add_row(&record);
            } else {
                read.add_open(&story.events);
            }
        }
        assert_eq!(followed.lines(), read.lines(), "seed {seed}");

        // Read in the middle, with the last events told once more.
        let middle = random.random_range(0..told.len());
        let late = random.random_range(0..=middle);
        let mut both = day();
        for story in &stories {
            let of_it = told[..middle]
                .iter()
                .filter(|event| event.call == story.call);
            let events: Vec<_> = of_it.cloned().collect();
            let Some(record) = CallRecord::from_events(&events) else {
                continue;
            };
            if record.outcome.is_some() {
                both.add_row(&record);
            } else {
                both.add_open(&events);
            }
        }
        for event in &told[late..] {
            both.apply(event);
        }
        assert_eq!(both.lines(), read.lines(), "seed {seed}");
    }
}
