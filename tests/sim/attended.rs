//! Attended transfers: an agent asks a colleague, with the caller on hold, and joins the two.

use std::time::Duration;

use thirdring::call::EventKind;
use thirdring::call::event::{HangupParty, Outcome, TransferKind, TransferResult, TransferTarget};
use thirdring::id::CallId;
use thirdring::phone::Command;

use crate::behaviour::{AgentHabit, CallerHabit};
use crate::call_log::CallLog;
use crate::ms;
use crate::wire::Wire;
use crate::world::{Plan, World};

/// The first agent answers a caller, holds at 5 s and asks the second from 6 s on.
fn consulting(world: &mut World, colleague: AgentHabit, caller: CallerHabit) {
    world.agent("1001", AgentHabit::answers_after(ms(1_000)));
    world.agent("1002", colleague);
    world.caller(caller);
    world.presses("1001", ms(5_000), Command::Hold);
    world.presses("1001", ms(6_000), Command::Swap);
    let to = "1002".to_owned();
    world.presses("1001", ms(6_000), Command::Call { to });
}

fn consult_of(call: &CallLog) -> Option<CallId> {
    call.0.iter().find_map(|event| {
        if let EventKind::Arrived { consult_of, .. } = event.kind {
            consult_of
        } else {
            None
        }
    })
}

fn count(call: &CallLog, test: fn(&EventKind) -> bool) -> usize {
    call.0.iter().filter(|event| test(&event.kind)).count()
}

fn id(call: &CallLog) -> CallId {
    call.0.first().expect("an event").call
}

/// R086, R019: the customer's call goes on with whom the agent asked, in one recording; both rows
/// tell it; the agent is free for the next caller at once.
fn is_joined(calls: &[CallLog]) {
    let [customer, consult, ..] = calls else {
        panic!("two calls in {calls:#?}");
    };
    assert_eq!(consult_of(consult), Some(id(customer)));
    let asked = |consulted: Option<CallId>| {
        move |kind: &EventKind| {
            let EventKind::TransferRequested {
                kind,
                by,
                target,
                consult,
                ..
            } = kind
            else {
                return false;
            };
            (*kind, by.0.as_str()) == (TransferKind::Attended, "1001")
                && *target == TransferTarget::Agent("1002".into())
                && *consult == consulted
        }
    };
    assert!(customer.has(asked(Some(id(consult)))), "{customer:#?}");
    assert!(consult.has(asked(None)), "{consult:#?}");
    assert_eq!(customer.transfer_results(), [TransferResult::Answered]);
    assert_eq!(consult.transfer_results(), [TransferResult::Answered]);
    let into = id(customer);
    let merged =
        move |kind: &EventKind| matches!(kind, EventKind::Merged { into: to, .. } if *to == into);
    assert!(consult.has(merged));
    let sealed = |kind: &EventKind| matches!(kind, EventKind::RecordingSealed { .. });
    assert_eq!((count(customer, sealed), count(consult, sealed)), (1, 0));
}

#[test]
fn caller_is_joined_with_whom_the_agent_asked() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 201);
    let colleague = AgentHabit::answers_after(ms(2_000));
    consulting(&mut world, colleague, CallerHabit::talks(ms(30_000)));
    world.presses("1001", ms(12_000), Command::Join);
    // The next caller finds the transferor free, and the target not.
    world.caller(CallerHabit::talks(ms(3_000)).dials_at(ms(15_000)));
    world.run();

    let calls = world.calls();
    is_joined(&calls);
    let (customer, next) = (&calls[0], &calls[2]);
    assert_eq!(customer.hung_up_by(), Some(HangupParty::Caller));
    assert_eq!(customer.outcome(), Some(Outcome::Answered));
    assert_eq!(calls[1].outcome(), Some(Outcome::Answered));
    assert_eq!(
        count(customer, |kind| matches!(kind, EventKind::Held { .. })),
        1
    );
    assert_eq!(
        count(customer, |kind| matches!(kind, EventKind::Resumed { .. })),
        1
    );
    let by_first =
        |kind: &EventKind| matches!(kind, EventKind::Answered { agent, .. } if agent.0 == "1001");
    assert!(next.has(by_first), "{next:#?}");
    world.nothing_is_left();
}

/// Some phones send the REFER in the consultation and name the customer's dialog.
#[test]
fn the_refer_may_come_in_either_dialog() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 202);
    let colleague = AgentHabit::answers_after(ms(2_000));
    consulting(&mut world, colleague, CallerHabit::talks(ms(30_000)));
    world.presses("1001", ms(12_000), Command::Swap);
    world.presses("1001", ms(12_000), Command::Join);
    world.run();
    is_joined(&world.calls());
    world.nothing_is_left();
}

/// The agent need not wait for the colleague's answer.
#[test]
fn a_colleague_who_still_rings_answers_the_caller() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 203);
    let colleague = AgentHabit::answers_after(ms(9_000));
    consulting(&mut world, colleague, CallerHabit::talks(ms(30_000)));
    world.presses("1001", ms(10_000), Command::Join);
    world.run();
    let calls = world.calls();
    assert_eq!(calls[0].transfer_results(), [TransferResult::Answered]);
    assert_eq!(calls[0].hung_up_by(), Some(HangupParty::Caller));
    assert_eq!(calls[1].outcome(), Some(Outcome::NotReached));
    world.nothing_is_left();
}

/// R086: a colleague who is passed the caller while it rings and does not answer gives the caller
/// back.
#[test]
fn a_colleague_who_never_answers_gives_the_caller_back() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 204);
    let colleague = AgentHabit::lets_it_ring();
    consulting(&mut world, colleague, CallerHabit::talks(ms(60_000)));
    world.presses("1001", ms(10_000), Command::Join);
    world.run();
    let calls = world.calls();
    assert_eq!(calls[0].transfer_results(), [TransferResult::NoAnswer]);
    assert_eq!(calls[0].hung_up_by(), Some(HangupParty::Caller));
    world.nothing_is_left();
}

/// A busy colleague, or a consultation that is taken back, changes nothing for the caller.
#[test]
fn a_consultation_that_comes_to_nothing_leads_back_to_the_caller() {
    for (colleague, seed) in [
        (AgentHabit::refuses(486), 205),
        (AgentHabit::lets_it_ring(), 206),
    ] {
        let mut world = World::new(Plan::default(), Wire::perfect(), seed);
        consulting(&mut world, colleague, CallerHabit::talks(ms(30_000)));
        world.presses("1001", ms(9_000), Command::Cancel);
        world.presses("1001", ms(10_000), Command::Swap);
        world.presses("1001", ms(10_500), Command::Resume);
        world.run();
        let calls = world.calls();
        assert!(calls[0].transfer_results().is_empty());
        assert_eq!(
            count(&calls[0], |kind| matches!(kind, EventKind::Resumed { .. })),
            1
        );
        assert_eq!(calls[0].hung_up_by(), Some(HangupParty::Caller));
        assert_ne!(calls[1].outcome(), Some(Outcome::Answered));
        world.nothing_is_left();
    }
}

/// The customer leaves while the agent consults: the consultation goes on by itself.
#[test]
fn a_caller_who_leaves_meanwhile_ends_only_their_own_call() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 207);
    let colleague = AgentHabit::answers_after(ms(1_000)).leaves_after(ms(10_000));
    consulting(&mut world, colleague, CallerHabit::talks(ms(8_000)));
    world.presses("1001", ms(12_000), Command::Join);
    world.run();
    let calls = world.calls();
    assert!(calls[0].transfer_results().is_empty());
    assert_eq!(calls[0].hung_up_by(), Some(HangupParty::Caller));
    assert_eq!(calls[1].hung_up_by(), Some(HangupParty::Agent));
    assert!(!calls[1].has(|kind| matches!(kind, EventKind::Merged { .. })));
    world.nothing_is_left();
}

/// R086: over a bad wire, whenever anybody leaves, both calls have one end each, and nothing of
/// them is left: BYEs cross, REFERs are repeated, NOTIFYs are lost.
#[test]
fn attended_transfers_leave_nothing_over_whatever_the_wire_does() {
    let mut results = Vec::new();
    for seed in 0..crate::seeds() {
        let pick = |shift: u32, count: u64| {
            ((seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift) & 0xffff) % count
        };
        let wire = Wire {
            lost_per_mille: [0, 50, 200][usize::try_from(seed % 3).expect("small")],
            doubled_per_mille: 100,
            longest_delay: ms(pick(8, 300)),
        };
        let mut world = World::new(Plan::default(), wire, seed);
        let colleague = match pick(16, 5) {
            0 => AgentHabit::lets_it_ring(),
            1 => AgentHabit::answers_after(ms(1_000)).leaves_after(ms(pick(20, 9_000))),
            _ => AgentHabit::answers_after(ms(pick(24, 6_000))),
        };
        let talks = ms(3_000 + pick(28, 30_000));
        consulting(&mut world, colleague, CallerHabit::talks(talks));
        let join = Duration::from_secs(6) + ms(pick(32, 9_000));
        if pick(36, 2) == 0 {
            world.presses("1001", join, Command::Swap);
        }
        world.presses("1001", join, Command::Join);
        // Whatever is left on the phone is hung up, some of it right behind the REFER.
        let leaves = join + ms([100, 1_000, 20_000][usize::try_from(pick(40, 3)).expect("small")]);
        world.presses("1001", leaves, Command::HangUp);
        world.presses("1001", leaves + ms(50), Command::HangUp);
        for late in [60_000, 60_100, 80_000] {
            world.presses("1001", ms(late), Command::HangUp);
            world.presses("1002", ms(late), Command::HangUp);
        }
        world.run();
        world.nothing_is_left();
        for call in world.calls() {
            results.extend(call.transfer_results());
        }
    }
    assert!(results.contains(&TransferResult::Answered));
}
