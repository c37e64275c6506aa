//! Trunks whose peers are down.

use std::net::SocketAddr;
use std::time::Duration;

use thirdring::call::event::TransferResult;
use thirdring::sip::Method;

use crate::behaviour::{AgentHabit, CallerHabit};
use crate::desk::{AGENT, Desk, OUTSIDE, sdp};
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

/// The second peer of the trunk.
const SECOND: SocketAddr = crate::world::at(61, 5060);

/// The agent dials; whom the trunk's INVITE goes to first, and the status it gives.
fn dialled(desk: &mut Desk, first: SocketAddr, status: u16, retry_after: Option<u32>) {
    let mut invite = desk.new_request(&Method::INVITE, AGENT, "1001", "01061234567");
    invite.set_body("application/sdp", sdp(AGENT, "sendrecv"));
    desk.proves(AGENT, &mut invite, "1001");
    let offered = desk.request(first, &Method::INVITE);
    desk.answers(&offered, status, "x", first, |busy| {
        if let Some(seconds) = retry_after {
            busy.headers.set("Retry-After", seconds);
        }
    });
}

/// RFC 3261 §21.5.4: a carrier's peer that is overloaded is left alone for as long as it says, but
/// for five minutes at most. The control is a 503 that says nothing.
#[test]
fn a_peer_that_is_overloaded_is_left_alone_for_as_long_as_it_says() {
    for (asked, wait_s) in [(Some(70), 70), (Some(86_400), 300), (None, 0)] {
        let mut desk = Desk::with(|settings| {
            for trunk in &mut settings.trunks {
                trunk.peers.push(SECOND.into());
            }
        });
        dialled(&mut desk, OUTSIDE, 503, asked);
        let offered = desk.request(SECOND, &Method::INVITE);
        desk.answers(&offered, 486, "x", SECOND, |_| {});
        if wait_s > 0 {
            desk.passes(Duration::from_secs(wait_s - 1));
            dialled(&mut desk, SECOND, 486, None);
            desk.none(OUTSIDE, "INVITE");
            desk.passes(Duration::from_secs(1));
        }
        dialled(&mut desk, OUTSIDE, 486, None);
        desk.nothing_is_left();
    }
}
