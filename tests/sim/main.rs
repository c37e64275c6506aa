//! A switch, its agents and its callers on one virtual clock, over a wire that loses, delays and
//! reorders by a seed. Whatever happens: every call has exactly one end, and nothing is left over.

#![allow(clippy::expect_used, reason = "a test may stop at the first surprise")]

mod absence;
mod asides;
mod attended;
mod behaviour;
mod breaks;
mod call_log;
mod click;
mod conduct;
mod demand;
mod desk;
mod dialled;
mod early;
mod endings;
mod extended;
mod faults;
mod floor;
mod flows;
mod least_ring;
mod mishaps;
mod office;
mod refusals;
mod registrations;
mod reliable;
mod renewals;
mod replaced;
mod service_level;
mod sessions;
mod staffing;
mod states;
mod told;
mod trunks;
mod turned;
mod wire;
mod world;

use std::collections::BTreeSet;
use std::time::Duration;

use thirdring::call::EventKind;
use thirdring::call::event::{AttemptResult, HangupParty, Outcome, TransferResult};
use thirdring::queue::Strategy;
use thirdring::rules::Grade;

use behaviour::{AgentHabit, CallerHabit};
use wire::Wire;
use world::{Plan, World};

/// `THIRDRING_SEEDS` raises it for a long run.
fn seeds() -> u64 {
    std::env::var("THIRDRING_SEEDS").map_or(200, |count| count.parse().expect("a number of seeds"))
}

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// R001, R046: a call that is answered in ring 2 and ended by its caller.
#[test]
fn call_is_answered_in_ring_two_and_ended_by_the_caller() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 1);
    world.agent("1001", AgentHabit::answers_after(ms(6_000)));
    world.caller(CallerHabit::talks(ms(20_000)));
    world.run();

    let call = world.only_call();
    let EventKind::Answered {
        rings,
        grade,
        caller_ring_ms,
        ..
    } = call.answered()
    else {
        panic!("no answer in {call:#?}");
    };
    assert_eq!(
        (*rings, *grade, *caller_ring_ms),
        (2, Grade::OnTarget, 6_000)
    );
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
    assert_eq!(call.outcome(), Some(Outcome::Answered));
    world.nothing_is_left();
}

/// R013: an agent who does not answer loses the call after two rings while another is ready; the
/// caller's clock runs on.
#[test]
fn unanswered_call_goes_to_the_next_agent_without_a_new_clock() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 2);
    world.agent("1001", AgentHabit::lets_it_ring());
    world.agent("1002", AgentHabit::answers_after(ms(3_000)));
    world.caller(CallerHabit::talks(ms(5_000)));
    world.run();

    let call = world.only_call();
    let results = call.attempt_results();
    assert_eq!(
        results,
        [AttemptResult::RingNoAnswer, AttemptResult::Answered]
    );
    let EventKind::Answered {
        rings,
        caller_ring_ms,
        ..
    } = call.answered()
    else {
        panic!("no answer in {call:#?}");
    };
    assert_eq!((*rings, *caller_ring_ms), (3, 13_000));
    world.nothing_is_left();
}

/// R006: the only agent's phone rings five times, not two, before the attempt ends.
#[test]
fn only_agent_is_rung_five_times_before_the_attempt_ends() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 3);
    world.agent("1001", AgentHabit::answers_after(ms(24_000)));
    world.caller(CallerHabit::talks(ms(1_000)));
    world.run();

    let call = world.only_call();
    assert_eq!(call.attempt_results(), [AttemptResult::Answered]);
    let EventKind::Answered {
        rings, grade, late, ..
    } = call.answered()
    else {
        panic!("no answer in {call:#?}");
    };
    assert_eq!((*rings, *grade, *late), (5, Grade::Late, true));
    world.nothing_is_left();
}

/// R009: nobody free is no reason to refuse; the caller rings on, and has a row when nobody came.
#[test]
fn caller_for_whom_nobody_is_free_rings_on_until_max_preanswer() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 4);
    world.caller(CallerHabit::talks(ms(1_000)));
    world.run();

    let call = world.only_call();
    assert_eq!(call.outcome(), Some(Outcome::NoAgent));
    assert!(call.has(|kind| matches!(kind, EventKind::Queued { position: 1 })));
    assert!(call.has(|kind| matches!(
        kind,
        EventKind::Ended {
            status: Some(480),
            ..
        }
    )));
    world.nothing_is_left();
}

/// R009: first come, first served; who waits is answered when the agent is free again.
#[test]
fn waiting_callers_are_answered_in_the_order_of_their_arrival() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 5);
    world.agent("1001", AgentHabit::answers_after(ms(1_000)));
    for n in 0..3 {
        world.caller(CallerHabit::talks(ms(5_000)).dials_at(ms(100 * n)));
    }
    world.run();

    let answers: Vec<_> = world
        .calls()
        .iter()
        .map(call_log::CallLog::answered_at_us)
        .collect();
    assert_eq!(answers.len(), 3);
    assert!(answers.iter().all(Option::is_some), "{answers:?}");
    assert!(answers.is_sorted(), "{answers:?}");
    world.nothing_is_left();
}

#[test]
fn losers_of_ring_all_are_cancelled() {
    let plan = Plan {
        strategy: Strategy::RingAll,
        ..Plan::default()
    };
    let mut world = World::new(plan, Wire::perfect(), 6);
    world.agent("1001", AgentHabit::lets_it_ring());
    world.agent("1002", AgentHabit::answers_after(ms(2_000)));
    world.agent("1003", AgentHabit::lets_it_ring());
    world.caller(CallerHabit::talks(ms(2_000)));
    world.run();

    let call = world.only_call();
    let count = |result| {
        call.attempt_results()
            .iter()
            .filter(|r| **r == result)
            .count()
    };
    assert_eq!(count(AttemptResult::Answered), 1);
    assert_eq!(count(AttemptResult::Cancelled), 2);
    world.nothing_is_left();
}

/// R009, R046: a caller who gives up leaves a row, a grade and nothing else.
#[test]
fn caller_gives_up_in_ring_two() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 7);
    world.agent("1001", AgentHabit::lets_it_ring());
    world.caller(CallerHabit::gives_up_after(ms(7_000)));
    world.run();

    let call = world.only_call();
    assert_eq!(call.outcome(), Some(Outcome::Abandoned));
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
    let ended = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::Ended {
                grade: Some(Grade::AbandonedInTime),
                ..
            }
        )
    };
    assert!(call.has(ended));
    world.nothing_is_left();
}

#[test]
fn phone_that_refuses_is_passed_over() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 8);
    world.agent("1001", AgentHabit::refuses(486));
    world.agent("1002", AgentHabit::answers_after(ms(1_000)));
    world.caller(CallerHabit::talks(ms(1_000)));
    world.run();
    let results = world.only_call().attempt_results();
    assert_eq!(results, [AttemptResult::Rejected, AttemptResult::Answered]);
    world.nothing_is_left();
}

#[test]
fn phone_that_is_silent_is_unreachable_after_two_seconds() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 9);
    world.agent("1001", AgentHabit::is_dead());
    world.agent("1002", AgentHabit::answers_after(ms(1_000)));
    world.caller(CallerHabit::talks(ms(1_000)));
    world.run();
    let call = world.only_call();
    assert_eq!(
        call.attempt_results(),
        [AttemptResult::Unreachable, AttemptResult::Answered]
    );
    world.nothing_is_left();
}

/// R086: a call passed on is one call, with the transfer's target and result on it.
#[test]
fn call_is_passed_on_to_another_agent() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 10);
    let first = AgentHabit::answers_after(ms(1_000)).passes_on(ms(3_000), "1002");
    world.agent("1001", first);
    world.agent("1002", AgentHabit::answers_after(ms(2_000)));
    world.caller(CallerHabit::talks(ms(20_000)));
    world.run();

    let call = world.only_call();
    assert!(call.has(|kind| matches!(
        kind,
        EventKind::TransferEnded {
            result: TransferResult::Answered,
            ..
        }
    )));
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
    assert_eq!(call.outcome(), Some(Outcome::Answered));
    world.nothing_is_left();
}

/// R086: a transfer to nobody leaves caller and agent together.
#[test]
fn transfer_to_an_unknown_extension_changes_nothing() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 11);
    let first = AgentHabit::answers_after(ms(1_000)).passes_on(ms(3_000), "1005");
    world.agent("1001", first);
    world.caller(CallerHabit::talks(ms(20_000)));
    world.run();

    let call = world.only_call();
    assert!(call.has(|kind| matches!(
        kind,
        EventKind::TransferEnded {
            result: TransferResult::Forbidden,
            ..
        }
    )));
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
    world.nothing_is_left();
}

/// R086: an outside number, by the line's policy; who hangs up there is no agent (R046).
#[test]
fn call_is_passed_on_to_an_outside_number() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 12);
    let first = AgentHabit::answers_after(ms(1_000)).passes_on(ms(3_000), "01061234567");
    world.agent("1001", first);
    world.outside(AgentHabit::answers_after(ms(8_000)).leaves_after(ms(4_000)));
    world.caller(CallerHabit::talks(ms(60_000)));
    world.run();

    let call = world.only_call();
    assert_eq!(call.transfer_results(), [TransferResult::Answered]);
    assert!(call.has(|kind| matches!(
        kind,
        EventKind::HungUp {
            party: HangupParty::Agent,
            agent_first: false,
            ..
        }
    )));
    world.nothing_is_left();
}

/// R086: a transferor who leaves before the target answers takes nothing along.
#[test]
fn transferor_may_leave_before_the_target_answers() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 13);
    let first = AgentHabit::answers_after(ms(1_000))
        .passes_on(ms(3_000), "1002")
        .leaves_after(ms(4_000));
    world.agent("1001", first);
    world.agent("1002", AgentHabit::answers_after(ms(6_000)));
    world.caller(CallerHabit::talks(ms(30_000)));
    world.run();

    let call = world.only_call();
    assert_eq!(call.transfer_results(), [TransferResult::Answered]);
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
    world.nothing_is_left();
}

/// R009: if the target then does not answer, the line's agents are rung again.
#[test]
fn caller_left_alone_by_a_failed_transfer_is_rung_through_again() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 14);
    let first = AgentHabit::answers_after(ms(1_000))
        .passes_on(ms(3_000), "1002")
        .leaves_after(ms(4_000));
    world.agent("1001", first);
    world.agent("1002", AgentHabit::lets_it_ring());
    world.caller(CallerHabit::talks(ms(60_000)));
    world.run();

    let call = world.only_call();
    assert_eq!(call.transfer_results()[0], TransferResult::NoAnswer);
    let answered = |result: &&AttemptResult| **result == AttemptResult::Answered;
    assert!(call.attempt_results().iter().filter(answered).count() >= 2);
    world.nothing_is_left();
}

/// R009, R046: over a bad wire, with agents and callers of every habit, each call has one row,
/// one end, and one person at most; no transaction, dialog, port or timer stays. Phones and the
/// carrier lose their power, connections break, the service is started again; agents go on at
/// other phones, call out, and pass on whom they called; lines greet, ask, take messages and
/// surveys, and callers press whatever keys they like; people at the desk hold, ask, park, pick up,
/// supervise and hang up at any time, and each order is answered once.
#[test]
fn nothing_is_left_over_whatever_the_wire_does() {
    let mut ends = Vec::new();
    let mut transfers = Vec::new();
    let mut leg_ends = Vec::new();
    let (mut taken_over, mut turned, mut registered, mut orders) = (0, 0, 0, 0);
    let (mut messages, mut menus, mut surveys) = (0, 0, 0);
    let mut doings = BTreeSet::new();
    for seed in 0..seeds() {
        let mut world = World::random(seed);
        world.run();
        world.nothing_is_left();
        orders += world.all_is_answered();
        registered += world.registrations();
        for call in world.calls() {
            ends.extend(call.outcome());
            transfers.extend(call.transfer_results());
            leg_ends.extend(call.leg_end_statuses());
            taken_over += u32::from(call.has(|kind| matches!(kind, EventKind::TakenOver { .. })));
            doings.extend(call.doings());
            turned += u32::from(call.has(|kind| *kind == EventKind::Turned));
            messages += u32::from(call.has(|kind| matches!(kind, EventKind::MessageEnded(_))));
            menus += u32::from(call.has(|kind| matches!(kind, EventKind::MenuAnswered(_))));
            surveys += u32::from(call.has(|kind| matches!(kind, EventKind::SurveyAnswered(_))));
        }
    }
    // What never happens proves nothing.
    let wanted = [
        "put_on_hold",
        "consult_answered",
        "three_joined",
        "supervisor_joined",
        "parked",
        "pick_up_asked",
        "dialled_from",
        "hang_up_reason",
        "picked_up_early",
    ];
    let never = wanted.iter().filter(|doing| !doings.contains(**doing));
    let never: Vec<_> = never.collect();
    assert!(never.is_empty(), "nobody did {never:?} by {orders} orders");
    assert!(
        taken_over > 0 && turned > 0 && registered > 0,
        "{taken_over} calls taken over, {turned} turned round, {registered} registrations"
    );
    assert!(
        messages > 0 && menus > 0 && surveys > 0,
        "{messages} messages, {menus} menus, {surveys} surveys"
    );
    for outcome in [
        Outcome::Answered,
        Outcome::Announcement,
        Outcome::Message,
        Outcome::Abandoned,
        Outcome::NoAgent,
        Outcome::UnknownNumber,
        Outcome::Interrupted,
    ] {
        assert!(ends.contains(&outcome), "no call ended as {outcome:?}");
    }
    for status in [481, 487] {
        assert!(leg_ends.contains(&status), "no leg ended with {status}");
    }
    for result in [TransferResult::Answered, TransferResult::Forbidden] {
        assert!(transfers.contains(&result), "no transfer was {result:?}");
    }
}
