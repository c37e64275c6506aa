//! Calls among phones that know more than RFC 3261, and among phones that forget.

use thirdring::call::EventKind;
use thirdring::call::event::{HangupParty, Outcome};
use thirdring::phone::{Command, Extensions};

use crate::behaviour::{AgentHabit, CallerHabit};
use crate::ms;
use crate::wire::Wire;
use crate::world::{Plan, World};

const ALL: Extensions = Extensions {
    reliable: true,
    requires_reliable: true,
    updates: true,
    session_s: Some(90),
};

/// RFC 3262, RFC 3311, RFC 4028: with everything on both legs, a long talk with holds of both
/// sides at once ends as its caller wants, whatever the wire does.
#[test]
fn a_talk_with_every_extension_is_a_talk() {
    for (seed, wire) in (0..20).flat_map(|seed| [(seed, Wire::perfect()), (seed, Wire::bad())]) {
        let mut world = World::new(Plan::default(), wire, seed);
        world.sessions_of(90);
        world.can(ALL);
        world.agent("1001", AgentHabit::answers_after(ms(3_000)));
        world.caller(CallerHabit::talks(ms(200_000)));
        for user in ["1001", "13812345678"] {
            world.presses(user, ms(20_000), Command::Hold);
            world.presses(user, ms(24_000), Command::Resume);
        }
        world.run();
        let call = world.only_call();
        assert_eq!(call.outcome(), Some(Outcome::Answered), "seed {seed}");
        assert_eq!(
            call.hung_up_by(),
            Some(HangupParty::Caller),
            "seed {seed}: {call:#?}"
        );
        let count = |test: fn(&EventKind) -> bool| call.0.iter().filter(|e| test(&e.kind)).count();
        let held = count(|kind| matches!(kind, EventKind::Held { .. }));
        let resumed = count(|kind| matches!(kind, EventKind::Resumed { .. }));
        assert_eq!((held, resumed), (2, 2), "seed {seed}");
        world.nothing_is_left();
    }
}

/// RFC 4028 §10, RFC 3261 §12.2.1.2: a phone that loses its power in a talk knows nothing of the
/// call any more. Our refresh finds that out, and the other side is sent away.
#[test]
fn a_phone_that_forgets_everything_ends_the_call_by_the_session_timer() {
    for user in ["1001", "13812345678"] {
        let mut world = World::new(Plan::default(), Wire::perfect(), 1);
        world.sessions_of(90);
        world.agent("1001", AgentHabit::answers_after(ms(1_000)));
        world.caller(CallerHabit::talks(ms(600_000)));
        world.restarts(user, ms(10_000));
        world.run();
        let call = world.only_call();
        assert_eq!(call.hung_up_by(), Some(HangupParty::System), "{user}");
        let forgotten = |kind: &EventKind| {
            matches!(
                kind,
                EventKind::LegEnded {
                    status: Some(481),
                    cause: Some(102),
                    ..
                }
            )
        };
        assert!(call.has(forgotten), "{user}: {call:#?}");
        world.nothing_is_left();
    }
}

/// The control of it: without a timer that runs out in time, the talk goes on with nobody there.
#[test]
fn without_a_short_session_nobody_notices_so_soon() {
    let mut world = World::new(Plan::default(), Wire::perfect(), 1);
    world.sessions_of(1800);
    world.agent("1001", AgentHabit::answers_after(ms(1_000)));
    world.caller(CallerHabit::talks(ms(300_000)));
    world.restarts("1001", ms(10_000));
    world.run();
    let call = world.only_call();
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
    world.nothing_is_left();
}
