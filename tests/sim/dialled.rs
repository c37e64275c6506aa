//! Calls that agents make: to colleagues, to outside numbers by policy, and to the echo test.

use std::time::Duration;

use thirdring::call::event::{Direction, HangupParty, OutboundRefusal, Outcome};
use thirdring::call::{EventKind, RecordPolicy};
use thirdring::id::{AgentId, TrunkId};
use thirdring::phone::Command;
use thirdring::switch::{Limits, OutboundSettings};

use crate::behaviour::{AgentHabit, CallerHabit};
use crate::call_log::CallLog;
use crate::ms;
use crate::wire::Wire;
use crate::world::{Plan, World};

pub(crate) const ECHO: &str = "*43";
const ALLOWED: &str = "01061234567";

/// The first agent may call Beijing, but not in a row, and not the whole day.
pub(crate) fn policies(agents: &[AgentId]) -> Vec<OutboundSettings> {
    vec![OutboundSettings {
        name: "beijing".to_owned(),
        agents: agents.first().cloned().into_iter().collect(),
        prefixes: vec!["010".to_owned()],
        deny: vec!["01081".to_owned()],
        trunk: TrunkId::from("carrier"),
        caller_id: Some("01087654321".to_owned()),
        record: RecordPolicy::Required,
        limits: Limits {
            per_minute: 3,
            ..Limits::default()
        },
    }]
}

fn dials(number: &str) -> Command {
    Command::Call {
        to: number.to_owned(),
    }
}

fn direction(call: &CallLog) -> Option<Direction> {
    call.0.iter().find_map(|event| {
        if let EventKind::Arrived { direction, .. } = event.kind {
            Some(direction)
        } else {
            None
        }
    })
}

fn refusals(world: &World) -> Vec<Option<OutboundRefusal>> {
    let calls = world.calls();
    let events = calls.iter().flat_map(|call| &call.0);
    let decisions = events.filter_map(|event| {
        if let EventKind::OutboundDecided { decision } = &event.kind {
            Some(decision.refused)
        } else {
            None
        }
    });
    decisions.collect()
}

/// R009, and threat: toll fraud, open relay: an allowed call has its row, its times, its recording
/// and the decision that let it out.
#[test]
fn an_outside_number_is_called_by_policy() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 101);
    world.agent("1001", AgentHabit::lets_it_ring());
    world.outside(AgentHabit::answers_after(ms(4_000)));
    world.presses("1001", ms(0), dials(ALLOWED));
    world.presses("1001", ms(20_000), Command::HangUp);
    world.run();

    let call = world.only_call();
    assert_eq!(direction(&call), Some(Direction::Out));
    assert_eq!(call.outcome(), Some(Outcome::Answered));
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
    assert!(call.has(|kind| matches!(
        kind,
        EventKind::Reached {
            agent: None,
            ring_ms: 4_000,
            ..
        }
    )));
    assert!(call.has(|kind| matches!(kind, EventKind::RecordingSealed { .. })));
    assert!(
        !call.has(|kind| matches!(kind, EventKind::Ringing { .. })),
        "nobody grades it"
    );
    let decided = |kind: &EventKind| {
        let EventKind::OutboundDecided { decision } = kind else {
            return false;
        };
        let trunk = decision.trunk.as_ref().map(|trunk| trunk.0.as_str());
        decision.by.0 == "1001"
            && decision.policy.as_deref() == Some("beijing")
            && decision.prefix.as_deref() == Some("010")
            && trunk == Some("carrier")
            && decision.refused.is_none()
    };
    assert!(call.has(decided), "{call:#?}");
    let dialled = call.0.iter().find_map(|event| {
        if let EventKind::Arrived {
            dialled, callee, ..
        } = &event.kind
        {
            Some((dialled.clone(), callee.is_some()))
        } else {
            None
        }
    });
    let (dialled, is_party) = dialled.expect("an arrival");
    assert!(
        is_party && dialled != ALLOWED,
        "a number is a party, not {dialled}"
    );
    world.nothing_is_left();
}

/// The status of the other leg is told in the phone's own terms, and the row has it.
#[test]
fn a_busy_outside_number_is_busy_to_the_agent() {
    for (said, told) in [(486, 486), (404, 404), (603, 603), (503, 480), (500, 480)] {
        let mut world = World::new(Plan::default(), Wire::perfect(), 102);
        world.agent("1001", AgentHabit::lets_it_ring());
        world.outside(AgentHabit::refuses(said));
        world.presses("1001", ms(0), dials(ALLOWED));
        world.run();
        let call = world.only_call();
        assert_eq!(call.outcome(), Some(Outcome::NotReached));
        let ended = |kind: &EventKind| matches!(kind, EventKind::Ended { status, .. } if *status == Some(told));
        assert!(call.has(ended), "{said}: {call:#?}");
        world.nothing_is_left();
    }
}

/// Threat: toll fraud, open relay: no policy, no prefix, no call; and the agent who may is the
/// control.
#[test]
fn what_no_policy_allows_is_refused_before_any_leg() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 103);
    world.agent("1001", AgentHabit::lets_it_ring());
    world.agent("1002", AgentHabit::lets_it_ring());
    world.outside(AgentHabit::answers_after(ms(1_000)));
    world.presses("1001", ms(0), dials("0013125550100"));
    world.presses("1002", ms(0), dials(ALLOWED));
    world.presses("1001", ms(10_000), dials(ALLOWED));
    world.presses("1001", ms(20_000), Command::HangUp);
    world.run();

    let mut refused = refusals(&world);
    refused.sort_by_key(|refusal| refusal.map(OutboundRefusal::as_str));
    let expected = [
        None,
        Some(OutboundRefusal::NoPolicy),
        Some(OutboundRefusal::Prefix),
    ];
    assert_eq!(refused, expected);
    let outcomes: Vec<_> = world.calls().iter().map(CallLog::outcome).collect();
    let count = |wanted| outcomes.iter().filter(|one| **one == Some(wanted)).count();
    assert_eq!((count(Outcome::Refused), count(Outcome::Answered)), (2, 1));
    world.nothing_is_left();
}

/// Threat: toll fraud, open relay: the fourth call within a minute is one too many.
#[test]
fn calls_in_a_row_are_refused_from_the_limit_on() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 104);
    world.agent("1001", AgentHabit::lets_it_ring());
    world.outside(AgentHabit::refuses(486));
    for (n, number) in ["0101", "0103", "0105", "0107"].into_iter().enumerate() {
        let after = Duration::from_secs(5) * u32::try_from(n).expect("few");
        world.presses("1001", after, dials(number));
    }
    world.presses("1001", ms(61_000), dials("0109"));
    world.run();
    let expected = [None, None, None, Some(OutboundRefusal::PerMinute), None];
    assert_eq!(refusals(&world), expected);
    world.nothing_is_left();
}

/// R019: an agent calls a colleague: internal, of no line, and both are busy meanwhile.
#[test]
fn a_colleague_is_called_by_extension() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 105);
    world.agent("1001", AgentHabit::lets_it_ring());
    world.agent("1002", AgentHabit::answers_after(ms(2_000)));
    world.presses("1001", ms(0), dials("1002"));
    world.caller(CallerHabit::gives_up_after(ms(6_000)).dials_at(ms(5_000)));
    world.presses("1001", ms(20_000), Command::HangUp);
    world.run();

    let calls = world.calls();
    assert_eq!(direction(&calls[0]), Some(Direction::Internal));
    assert_eq!(calls[0].outcome(), Some(Outcome::Answered));
    let reached = |kind: &EventKind| matches!(kind, EventKind::Reached { agent: Some(agent), .. } if agent.0 == "1002");
    assert!(calls[0].has(reached));
    assert!(!calls[0].has(|kind| matches!(kind, EventKind::RecordingSealed { .. })));
    assert_eq!(calls[1].outcome(), Some(Outcome::Abandoned));
    assert!(calls[1].attempt_results().is_empty(), "nobody was free");
    world.nothing_is_left();
}

#[test]
fn the_echo_test_answers_and_has_a_row() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 106);
    world.agent("1001", AgentHabit::lets_it_ring());
    world.presses("1001", ms(0), dials(ECHO));
    world.presses("1001", ms(5_000), Command::HangUp);
    world.run();
    let call = world.only_call();
    assert_eq!(call.outcome(), Some(Outcome::Echo));
    assert!(call.has(|kind| matches!(kind, EventKind::Connected)));
    world.nothing_is_left();
}

/// Over a bad wire, an agent's own calls leave nothing behind either.
#[test]
fn agents_calls_leave_nothing_over_whatever_the_wire_does() {
    let mut ends = Vec::new();
    for seed in 0..crate::seeds() {
        let wire = Wire {
            lost_per_mille: [0, 50, 200][usize::try_from(seed % 3).expect("small")],
            doubled_per_mille: 100,
            longest_delay: ms(300),
        };
        let mut world = World::new(Plan::default(), wire, seed);
        world.agent("1001", AgentHabit::lets_it_ring());
        world.agent("1002", AgentHabit::answers_after(ms(seed % 7 * 1_000)));
        world.outside(AgentHabit::answers_after(ms(seed % 5 * 1_500)));
        let number = [ALLOWED, "1002", ECHO, "02012345"][usize::try_from(seed % 4).expect("small")];
        world.presses("1001", ms(0), dials(number));
        world.presses("1001", ms(seed % 11 * 1_000), Command::HangUp);
        world.caller(CallerHabit::talks(ms(3_000)));
        world.run();
        world.nothing_is_left();
        ends.extend(world.calls().iter().filter_map(CallLog::outcome));
    }
    for outcome in [Outcome::Answered, Outcome::Echo, Outcome::Refused] {
        assert!(ends.contains(&outcome), "no call ended as {outcome:?}");
    }
}
