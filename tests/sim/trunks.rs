//! Trunks whose peers are down.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use thirdring::call::event::TransferResult;
use thirdring::rules::{Moment, Timestamp};
use thirdring::sip::{Flow, Method, Transport};
use thirdring::switch::{Input, Switch};

use crate::behaviour::{AgentHabit, CallerHabit};
use crate::desk::{AGENT, CALLER, Desk, OUTSIDE, sdp};
use crate::ms;
use crate::wire::Wire;
use crate::world::{EPOCH_US, Plan, SWITCH, World, site};

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

/// Threat: flood, memory. To the gate, a carrier that must show a certificate is a stranger, whatever
/// its address, until a connection of it has shown one, and again when that has ended. The control
/// is the same carrier without a name: its address is its proof.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
fn a_carrier_with_a_name_is_known_to_the_gate_by_its_connection() {
    const NAME: &str = "sip.carrier.example";
    let now = Moment {
        instant: Instant::now(),
        wall: Timestamp(EPOCH_US),
    };
    let flow = Flow {
        transport: Transport::Tls,
        local: SWITCH,
        peer: CALLER,
    };
    for name in [None, Some(NAME)] {
        let mut settings = site(&["1001"], None);
        for trunk in &mut settings.trunks {
            trunk.tls_name = name.map(str::to_owned);
        }
        let mut switch = Switch::new(settings, 7, [7; 32], now);
        let mut knows = |input: Option<Input>| {
            if let Some(input) = input {
                switch.handle_input(input, now);
            }
            let known = switch.take_acquaintance().expect("news for the gate");
            let mut networks = known.networks.iter();
            let by_address = networks.any(|network| network.contains(&CALLER.ip()));
            (by_address, known.peers.contains(&CALLER))
        };
        let is_placed = name.is_none();
        assert_eq!(knows(None), (is_placed, false));
        let names = vec!["sip.other.example".to_owned()];
        let connected = Input::Connected { flow, names };
        assert_eq!(knows(Some(connected)), (is_placed, is_placed));
        let names = vec![NAME.to_owned()];
        let connected = Input::Connected { flow, names };
        assert_eq!(knows(Some(connected)), (is_placed, true));
        assert_eq!(knows(Some(Input::Disconnected(flow))), (is_placed, false));
    }
}
