//! A fault of the program in one call's step: that call ends, and no other is touched.

use std::time::Duration;

use thirdring::call::EventKind;
use thirdring::call::command::{Refused, Ticket};
use thirdring::call::event::{HangupParty, Outcome};
use thirdring::call::media::MediaEvent;
use thirdring::sip::Method;
use thirdring::sip::dialog::Dialog;
use thirdring::switch::Input;

use crate::behaviour::{AgentHabit, CallerHabit};
use crate::call_log::CallLog;
use crate::desk::{AGENT, CALLER, Desk};
use crate::ms;
use crate::wire::Wire;
use crate::world::{Plan, World};

const CALLS: usize = 20;
/// Which of them fails, from 0.
const FAILS: usize = 6;

/// Twenty calls at once, each answered after three seconds and ended by its caller after twenty; a
/// fault in one of them so long after they have begun.
fn twenty(seed: u64, fault: Option<Duration>) -> World {
    let mut world = World::new(Plan::default(), Wire::perfect(), seed);
    for n in 1..=CALLS {
        world.agent(
            &format!("{}", 1000 + n),
            AgentHabit::answers_after(ms(3_000)),
        );
    }
    for n in 0..CALLS {
        let dials = ms(u64::try_from(n).expect("a few") * 10);
        world.caller(CallerHabit::talks(ms(20_000)).dials_at(dials));
    }
    if let Some(fault) = fault {
        world.fails_in(FAILS, fault);
    }
    world.run();
    world.nothing_is_left();
    world
}

fn outcomes(world: &World) -> Vec<Option<Outcome>> {
    world.calls().iter().map(CallLog::outcome).collect()
}

/// Threat: a panic in one call. In call 7 of 20 while it rings, and while its people talk: both its
/// ends are told, its agent, ports, file and dialogs are free, its row says so, and the other 19 go
/// on to their ends.
#[test]
fn a_fault_in_one_call_ends_that_call_alone() {
    for (seed, fault) in [(901, ms(1_500)), (902, ms(10_000))] {
        let world = twenty(seed, Some(fault));
        let mut expected = vec![Some(Outcome::Answered); CALLS];
        expected[FAILS] = Some(Outcome::Interrupted);
        assert_eq!(outcomes(&world), expected, "a fault after {fault:?}");
        assert_eq!(world.calls_broken(), 1);
        let refused = (Ticket(1), Err(Refused::NoSuchCall));
        assert_eq!(world.answers, [refused], "whoever asked for it is answered");
        for (n, call) in world.calls().iter().enumerate() {
            let party = if n == FAILS {
                HangupParty::System
            } else {
                HangupParty::Caller
            };
            assert_eq!(call.hung_up_by(), Some(party), "call {n}");
            let sealed = call.has(|kind| matches!(kind, EventKind::RecordingSealed { .. }));
            let has_talked = n != FAILS || fault > ms(4_000);
            assert_eq!(sealed, has_talked, "call {n}");
        }
    }
}

/// The control: without the fault all twenty end as their callers want.
#[test]
fn without_a_fault_all_calls_end_by_their_callers() {
    let world = twenty(903, None);
    assert_eq!(outcomes(&world), [Some(Outcome::Answered); CALLS]);
    assert_eq!(world.calls_broken(), 0);
}

/// Threat: a panic in one call. Whoever has no answer yet gets one, and the phone is taken back.
#[test]
fn a_caller_without_an_answer_is_answered_with_500() {
    let mut desk = Desk::new();
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.fails();
    desk.answers(&offered, 180, "agent", AGENT, |_| {});
    desk.response(CALLER, 500);
    desk.request(AGENT, &Method::CANCEL);
    desk.answers(&offered, 487, "agent", AGENT, |_| {});
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Interrupted));
    desk.nothing_is_left();
}

/// Threat: a panic in one call, in the step of a request: that has its answer, and the other end
/// its BYE.
#[test]
fn the_request_that_fails_is_answered_as_well() {
    let mut desk = Desk::new();
    let mut talk = desk.talk();
    desk.fails();
    desk.asks(&mut talk.caller, Method::INFO, CALLER, |_| {});
    desk.response(CALLER, 500);
    for peer in [CALLER, AGENT] {
        let bye = desk.request(peer, &Method::BYE);
        let reason = bye.headers.get("Reason").expect("a reason");
        assert!(reason.starts_with("Q.850;cause=41"), "{reason}");
        desk.answers(&bye, 200, "peer", peer, |_| {});
    }
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Interrupted));
    desk.nothing_is_left();
}

/// Threat: a panic in one call that has ended: its row has its end already.
#[test]
fn a_fault_after_the_end_ends_no_row_twice() {
    let mut desk = Desk::new();
    let mut talk = desk.talk();
    desk.asks(&mut talk.caller, Method::BYE, CALLER, |_| {});
    desk.response(CALLER, 200);
    let bye = desk.request(AGENT, &Method::BYE);
    desk.fails();
    desk.answers(&bye, 200, "agent", AGENT, |_| {});
    let call = desk.only_call();
    let ends = call.0.iter();
    let ends = ends.filter(|event| matches!(event.kind, EventKind::Ended { .. }));
    assert_eq!(ends.count(), 1);
    assert_eq!(call.outcome(), Some(Outcome::Answered));
    desk.nothing_is_left();
}

/// Threat: a panic in one call's media: the call ends with it.
#[test]
fn a_call_whose_media_is_broken_ends() {
    let mut desk = Desk::new();
    desk.talk();
    let call = desk.only_call().0.first().expect("an event").call;
    desk.tells(Input::Media(MediaEvent::Broke { call }));
    for peer in [CALLER, AGENT] {
        let bye = desk.request(peer, &Method::BYE);
        desk.answers(&bye, 200, "peer", peer, |_| {});
    }
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Interrupted));
    desk.nothing_is_left();
}

/// RFC 3261 §15: also then no BYE goes out before the ACK of our 200.
#[test]
fn a_fault_before_the_ack_is_told_after_it() {
    let mut desk = Desk::new();
    let invite = desk.invite();
    desk.hears(CALLER, invite.clone());
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 200, "agent", AGENT, |_| {});
    let ok = desk.response(CALLER, 200);
    let mut agent = Dialog::uas(&offered, "agent");
    agent.confirm();
    desk.fails();
    desk.asks(&mut agent, Method::INFO, AGENT, |_| {});
    let bye = desk.request(AGENT, &Method::BYE);
    desk.answers(&bye, 200, "agent", AGENT, |_| {});
    desk.none(CALLER, "BYE");
    let caller = Dialog::uac(&invite, &ok);
    desk.acks(&caller, 1, CALLER);
    let bye = desk.request(CALLER, &Method::BYE);
    desk.answers(&bye, 200, "caller", CALLER, |_| {});
    desk.nothing_is_left();
}
