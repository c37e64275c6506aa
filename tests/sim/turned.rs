//! An agent passes on a customer whom the agent has called (R086).

use thirdring::call::EventKind;
use thirdring::call::event::{HangupParty, OutboundRefusal, Outcome, TransferKind, TransferResult};
use thirdring::phone::Command;
use thirdring::sip::Method;
use thirdring::sip::dialog::Dialog;

use crate::behaviour::AgentHabit;
use crate::call_log::CallLog;
use crate::desk::{AGENT, Desk, OUTSIDE};
use crate::ms;
use crate::wire::Wire;
use crate::world::{Plan, World};

const CUSTOMER: &str = "01061234567";

fn world(customer: AgentHabit, colleague: AgentHabit, seed: u64) -> World {
    let mut world = World::new(Plan::default(), Wire::perfect(), seed);
    world.agent("1001", AgentHabit::lets_it_ring());
    world.agent("1002", colleague);
    world.outside(customer);
    let to = CUSTOMER.to_owned();
    world.presses("1001", ms(0), Command::Call { to });
    world
}

fn refer(to: &str) -> Command {
    Command::Refer { to: to.to_owned() }
}

fn kinds(call: &CallLog) -> Vec<TransferKind> {
    let asked = call.0.iter().filter_map(|event| {
        if let EventKind::TransferRequested { kind, .. } = event.kind {
            Some(kind)
        } else {
            None
        }
    });
    asked.collect()
}

fn turns(call: &CallLog) -> usize {
    let turns = call
        .0
        .iter()
        .filter(|event| event.kind == EventKind::Turned);
    turns.count()
}

/// R086: one call, one recording; the agent is gone, and who hangs up is told rightly.
#[test]
fn a_customer_whom_the_agent_called_is_passed_on() {
    let customer = AgentHabit::answers_after(ms(1_000)).leaves_after(ms(20_000));
    let mut world = world(customer, AgentHabit::answers_after(ms(2_000)), 401);
    world.presses("1001", ms(5_000), refer("1002"));
    world.run();
    let call = world.only_call();
    assert_eq!(call.transfer_results(), [TransferResult::Answered]);
    assert_eq!((kinds(&call), turns(&call)), (vec![TransferKind::Blind], 1));
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller), "the customer");
    assert_eq!(call.outcome(), Some(Outcome::Answered));
    let sealed = |kind: &EventKind| matches!(kind, EventKind::RecordingSealed { .. });
    assert!(call.has(sealed));
    world.nothing_is_left();
}

/// Who took the call over and hangs up first is an agent who did (R046); who made it is not.
#[test]
fn an_agent_who_hangs_up_first_is_told_from_one_who_made_the_call() {
    for (passes, first) in [(true, true), (false, false)] {
        let customer = AgentHabit::answers_after(ms(1_000));
        let colleague = AgentHabit::answers_after(ms(1_000)).leaves_after(ms(5_000));
        let mut world = world(customer, colleague, 402);
        if passes {
            world.presses("1001", ms(5_000), refer("1002"));
        } else {
            world.presses("1001", ms(5_000), refer("1009"));
            world.presses("1001", ms(15_000), Command::HangUp);
        }
        world.run();
        let call = world.only_call();
        let ended = |kind: &EventKind| matches!(kind, EventKind::HungUp { agent_first, .. } if *agent_first == first);
        assert!(call.has(ended), "{call:#?}");
        world.nothing_is_left();
    }
}

/// A colleague who does not answer gives the customer back, and the agent may try again, or leave
/// while it rings: then the customer is not left alone on the line.
#[test]
fn a_transfer_that_fails_gives_the_customer_back() {
    let customer = AgentHabit::answers_after(ms(1_000));
    let mut world = world(customer, AgentHabit::refuses(486), 403);
    world.presses("1001", ms(5_000), refer("1002"));
    world.presses("1001", ms(8_000), refer("1002"));
    world.presses("1001", ms(12_000), Command::HangUp);
    world.run();
    let call = world.only_call();
    assert_eq!(call.transfer_results(), [TransferResult::Refused; 2]);
    assert_eq!(
        (turns(&call), call.hung_up_by()),
        (1, Some(HangupParty::Agent))
    );
    world.nothing_is_left();

    let customer = AgentHabit::answers_after(ms(1_000));
    let mut world = self::world(customer, AgentHabit::lets_it_ring(), 404);
    world.presses("1001", ms(5_000), refer("1002"));
    world.presses("1001", ms(7_000), Command::HangUp);
    world.run();
    let call = world.only_call();
    assert_eq!(call.transfer_results(), [TransferResult::NoAnswer]);
    assert_eq!(call.hung_up_by(), Some(HangupParty::System));
    world.nothing_is_left();
}

/// R086: the agent asks a colleague first, and joins the two; the REFER may come in either dialog.
#[test]
fn a_customer_is_joined_with_a_colleague_who_was_asked() {
    for (swaps, seed) in [(false, 405), (true, 406)] {
        let customer = AgentHabit::answers_after(ms(1_000)).leaves_after(ms(30_000));
        let mut world = world(customer, AgentHabit::answers_after(ms(1_000)), seed);
        world.presses("1001", ms(5_000), Command::Hold);
        world.presses("1001", ms(6_000), Command::Swap);
        let to = "1002".to_owned();
        world.presses("1001", ms(6_000), Command::Call { to });
        if swaps {
            world.presses("1001", ms(12_000), Command::Swap);
        }
        world.presses("1001", ms(12_000), Command::Join);
        world.run();
        let calls = world.calls();
        let customers = &calls[0];
        assert_eq!(customers.transfer_results(), [TransferResult::Answered]);
        assert_eq!(kinds(customers), [TransferKind::Attended]);
        assert_eq!(customers.hung_up_by(), Some(HangupParty::Caller));
        assert!(calls[1].has(|kind| matches!(kind, EventKind::Merged { .. })));
        let count = |test: fn(&EventKind) -> bool| {
            customers.0.iter().filter(|event| test(&event.kind)).count()
        };
        let held = count(|kind| matches!(kind, EventKind::Held { .. }));
        assert_eq!(
            held,
            count(|kind| matches!(kind, EventKind::Resumed { .. }))
        );
        world.nothing_is_left();
    }
}

/// Threat: toll fraud, open relay: two outside numbers are not joined, and a transfer outside needs
/// what dialling that number would need.
#[test]
fn a_customer_is_passed_on_outside_by_the_agents_own_policy_only() {
    let customer = AgentHabit::answers_after(ms(1_000)).leaves_after(ms(20_000));
    let mut world = world(customer, AgentHabit::lets_it_ring(), 407);
    world.presses("1001", ms(5_000), refer("0013125550100"));
    world.run();
    let call = world.only_call();
    assert_eq!(call.transfer_results(), [TransferResult::Forbidden]);
    let refused = |kind: &EventKind| {
        matches!(kind, EventKind::OutboundDecided { decision }
            if decision.refused == Some(OutboundRefusal::Prefix))
    };
    assert!(call.has(refused));
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
    world.nothing_is_left();
}

/// Threat: toll fraud, open relay: an address alone does not pass on a customer whom its agent has
/// called; the password does.
#[test]
fn passing_on_a_customer_who_was_called_needs_the_password() {
    let mut desk = Desk::new();
    let (invite, offered) = desk.dials("01061234567");
    desk.answers(&offered, 200, "outside", OUTSIDE, |_| {});
    let ok = desk.response(AGENT, 200);
    let mut dialog = Dialog::uac(&invite, &ok);
    desk.acks(&dialog, invite.cseq().number, AGENT);
    desk.asks(&mut dialog, Method::REFER, AGENT, |refer| {
        let to = "<sip:01069999999@192.0.2.1>";
        refer.headers.set("Refer-To", to);
    });
    desk.response(AGENT, 401);
    desk.none(OUTSIDE, "INVITE");
    let mut refer = desk.within(&mut dialog, Method::REFER, AGENT);
    let to = "<sip:01069999999@192.0.2.1>";
    refer.headers.set("Refer-To", to);
    refer.headers.set("Contact", format!("<sip:1001@{AGENT}>"));
    desk.proves(AGENT, &mut refer, "1001");
    desk.response(AGENT, 202);
    desk.request(OUTSIDE, &Method::INVITE);
}
