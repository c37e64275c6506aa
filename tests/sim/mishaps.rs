//! Connections that break, a service that is started again, a carrier that wants us registered.

use thirdring::call::EventKind;
use thirdring::call::event::{HangupParty, Outcome, Side};
use thirdring::phone::{Command, Event};
use thirdring::sip::Transport;

use crate::behaviour::{AgentHabit, CallerHabit};
use crate::call_log::CallLog;
use crate::ms;
use crate::wire::Wire;
use crate::world::{Plan, World};

fn ended_by_peer(world: &World, user: &str) -> usize {
    let ended = |event: &&&Event| matches!(event, Event::Ended { by_peer: true, .. });
    world.heard(user).iter().filter(ended).count()
}

/// RFC 3261 §18: a connection that breaks in a talk ends nothing. The phone is heard on its next
/// one, whether we have noticed the end of the first or not, and our BYE reaches it.
#[test]
fn a_talk_outlives_the_connection_of_its_phone() {
    for (breaks, is_heard_of) in [(false, false), (true, true), (true, false)] {
        let mut world = World::new(Plan::default(), Wire::perfect(), 501);
        world.by(Transport::Tcp);
        world.agent("1001", AgentHabit::answers_after(ms(1_000)));
        world.caller(CallerHabit::talks(ms(20_000)));
        if breaks {
            world.breaks("1001", ms(5_000), is_heard_of);
        }
        world.presses("1001", ms(8_000), Command::Hold);
        world.presses("1001", ms(10_000), Command::Resume);
        world.run();
        let call = world.only_call();
        assert!(call.has(|kind| matches!(kind, EventKind::Held { by: Side::Agent })));
        assert!(call.has(|kind| matches!(kind, EventKind::Resumed { by: Side::Agent })));
        assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
        assert_eq!(ended_by_peer(&world, "1001"), 1, "breaks: {breaks}");
        world.nothing_is_left();
    }
}

/// A phone whose connection breaks while nobody speaks with it is rung by the next call.
#[test]
fn a_phone_that_comes_back_by_another_connection_is_rung_there() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 502);
    world.by(Transport::Tcp);
    world.agent("1001", AgentHabit::answers_after(ms(1_000)));
    world.breaks("1001", ms(1_000), true);
    world.caller(CallerHabit::talks(ms(3_000)).dials_at(ms(5_000)));
    world.run();
    assert_eq!(world.only_call().outcome(), Some(Outcome::Answered));
    world.nothing_is_left();
}

/// Restart of this side: registrations are kept, calls are lost and say so, and the next caller is
/// put through at once. Whoever was left in a talk is told that it is over.
#[test]
fn a_service_that_is_started_again_has_its_phones_and_not_its_calls() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 503);
    world.agent("1001", AgentHabit::answers_after(ms(1_000)));
    world.agent("1002", AgentHabit::answers_after(ms(1_000)));
    world.caller(CallerHabit::talks(ms(40_000)));
    world.service_restarts(ms(5_000));
    world.caller(CallerHabit::talks(ms(3_000)).dials_at(ms(6_000)));
    world.run();
    let outcomes: Vec<_> = world.calls().iter().map(CallLog::outcome).collect();
    assert_eq!(
        outcomes,
        [Some(Outcome::Interrupted), Some(Outcome::Answered)]
    );
    world.nothing_is_left();
    assert_eq!(
        world.byes, 3,
        "to both ends of one talk, and to the next one's agent"
    );
}

/// The carrier wants a password: we are registered with it, also when its first peer is dead.
#[test]
fn we_are_registered_with_a_carrier_that_wants_it() {
    for (registers, dead_peer) in [(true, false), (true, true), (false, false)] {
        let plan = Plan {
            dead_peer,
            registers,
            ..Plan::default()
        };
        let mut world = World::new(plan, Wire::perfect(), 504);
        world.agent("1001", AgentHabit::answers_after(ms(1_000)));
        world.caller(CallerHabit::talks(ms(100_000)));
        world.run();
        assert_eq!(world.registrations() > 0, registers);
        world.nothing_is_left();
    }
}

/// R086: an agent goes on at another phone in the middle of a talk, whatever the wire does: the
/// caller notices nothing, and nothing is left.
#[test]
fn a_talk_that_is_taken_over_leaves_nothing_whatever_the_wire_does() {
    let mut taken = 0;
    for seed in 0..40 {
        let wire = [Wire::perfect(), Wire::bad()][usize::from(seed % 2 == 1)];
        let mut world = World::new(Plan::default(), wire, seed);
        world.agent("1001", AgentHabit::answers_after(ms(1_000)));
        world.agent("1001", AgentHabit::lets_it_ring());
        world.caller(CallerHabit::talks(ms(20_000)));
        // Often in the middle of the answer, and of its ACK.
        world.takes_over("1001", ms(900 + seed * 20));
        world.run();
        let call = world.only_call();
        assert_eq!(call.outcome(), Some(Outcome::Answered), "seed {seed}");
        assert_eq!(call.hung_up_by(), Some(HangupParty::Caller), "seed {seed}");
        taken += u32::from(call.has(|kind| matches!(kind, EventKind::TakenOver { .. })));
        world.nothing_is_left();
    }
    assert!(taken > 20, "only {taken} of 40 were taken over");
}
