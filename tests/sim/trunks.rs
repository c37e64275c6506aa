//! Trunks whose peers are down.

use thirdring::call::event::TransferResult;

use crate::behaviour::{AgentHabit, CallerHabit};
use crate::ms;
use crate::wire::Wire;
use crate::world::{Plan, World};

/// A call passed on to an outside number, by a trunk whose first peer may be dead.
fn passed_on(dead_peer: bool, seed: u64) -> World {
    let plan = Plan {
        dead_peer,
        ..Plan::default()
    };
    let mut world = World::new(plan, Wire::perfect(), seed);
    let first = AgentHabit::answers_after(ms(1_000)).passes_on(ms(3_000), "01061234567");
    world.agent("1001", first);
    world.outside(AgentHabit::answers_after(ms(2_000)).leaves_after(ms(4_000)));
    world.caller(CallerHabit::talks(ms(60_000)));
    world.run();
    world
}

/// R086: a peer that says nothing for 4 s is passed over; nothing of the call to it is left. The
/// control is the same call by a trunk whose only peer answers: it ends 4 s earlier.
#[test]
fn a_dead_peer_costs_four_seconds_and_no_call() {
    let ends = [false, true].map(|dead| {
        let world = passed_on(dead, 71);
        let call = world.only_call();
        assert_eq!(call.transfer_results(), [TransferResult::Answered]);
        world.nothing_is_left();
        let last = call.0.iter().map(|event| event.offset_us).max();
        last.expect("a call has events")
    });
    let later = ends[1].saturating_sub(ends[0]);
    assert!(later.abs_diff(4_000_000) < 100_000, "{ends:?}");
}
