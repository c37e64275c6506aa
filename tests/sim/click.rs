//! A desk phone that is answered, held and taken back from elsewhere (NOTIFY `Event: talk`).

use thirdring::call::EventKind;
use thirdring::call::command::{Actor, Done, Refused, Ticket};
use thirdring::call::event::{HangupParty, Side};
use thirdring::id::AgentId;
use thirdring::switch::{Command, Input};

use crate::behaviour::{AgentHabit, CallerHabit};
use crate::ms;
use crate::wire::Wire;
use crate::world::{Plan, World};

/// R001: the answer counts when the phone gives it; hold and resume stand on the time line.
#[test]
fn a_phone_is_answered_held_and_taken_back_by_a_click() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 301);
    world.agent("1001", AgentHabit::lets_it_ring());
    world.caller(CallerHabit::talks(ms(20_000)));
    let agent = AgentId::from("1001");
    world.tells(ms(6_000), clicks(&agent, Command::Talk));
    world.tells(ms(10_000), clicks(&agent, Command::Hold));
    world.tells(ms(14_000), clicks(&agent, Command::Talk));
    world.run();

    let call = world.only_call();
    let answered = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::Answered {
                caller_ring_ms: 6_000,
                ..
            }
        )
    };
    assert!(call.has(answered), "{call:#?}");
    assert!(call.has(|kind| matches!(kind, EventKind::Held { by: Side::Agent })));
    assert!(call.has(|kind| matches!(kind, EventKind::Resumed { by: Side::Agent })));
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
    assert_eq!(world.answers, vec![(Ticket(1), Ok(Done::Accepted)); 3]);
    world.nothing_is_left();
}

/// The control: nobody clicks, and nobody answers.
#[test]
fn a_phone_that_nobody_clicks_rings_on() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 302);
    world.agent("1001", AgentHabit::lets_it_ring());
    world.caller(CallerHabit::talks(ms(20_000)));
    world.tells(ms(6_000), clicks(&AgentId::from("1002"), Command::Talk));
    world.run();
    assert!(
        !world
            .only_call()
            .has(|kind| matches!(kind, EventKind::Answered { .. }))
    );
    assert_eq!(world.answers, [(Ticket(1), Err(Refused::PhoneCannot))]);
    world.nothing_is_left();
}

fn clicks(agent: &AgentId, command: Command) -> Input {
    Input::Command(Ticket(1), Actor::Agent(agent.clone()), command)
}
