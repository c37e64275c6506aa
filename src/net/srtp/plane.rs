//! Encrypted legs through the media plane, with real sockets on loopback.

use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use uuid::Uuid;

use super::*;
use crate::call::media::{MediaCommand, MediaEvent, MediaLeg};
use crate::clock::Clock;
use crate::id::CallId;
use crate::net::bench::{Bench, Phone};

const CALLER: MediaLeg = MediaLeg(1);
const AGENT: MediaLeg = MediaLeg(2);
const COLLEAGUE: MediaLeg = MediaLeg(3);
const PATIENCE: Duration = Duration::from_secs(20);

fn call(number: u64) -> CallId {
    CallId(Uuid::from_u64_pair(8, number))
}

/// A leg and its phone, who have keys if a `lot` is given.
fn open(bench: &Bench, call: CallId, leg: MediaLeg, lot: Option<u64>) -> Phone {
    let mut phone = bench.open(call, leg);
    key(bench, leg, &mut phone, lot);
    phone
}

/// Tells both of new keys.
fn key(bench: &Bench, leg: MediaLeg, phone: &mut Phone, lot: Option<u64>) {
    let suite = SrtpSuite::AesCm128HmacSha1_80;
    let keys = lot.map(|lot| {
        let mut rng = StdRng::seed_from_u64(lot);
        let send = MasterKey::mint(suite, &mut rng);
        let receive = MasterKey::mint(suite, &mut rng);
        SrtpKeys {
            suite,
            send,
            receive,
        }
    });
    let theirs = keys.as_ref().map(|keys| SrtpKeys {
        suite,
        send: keys.receive.clone(),
        receive: keys.send.clone(),
    });
    phone.srtp.set(0, theirs.as_ref());
    let mut stream = phone.stream();
    stream.srtp = keys.map(Arc::new);
    bench.send(MediaCommand::Connect { leg, stream });
}

/// Each speaks until the other hears it.
fn hear_each_other(a: &mut Phone, b: &mut Phone) {
    for (from, to, octet) in [(0, 1, 0x11), (1, 0, 0x22)] {
        let ends = [&mut *a, &mut *b];
        let deadline = Clock.now() + PATIENCE;
        loop {
            ends[from].say(&[octet; 160]);
            std::thread::sleep(Duration::from_millis(5));
            if ends[to]
                .take()
                .iter()
                .any(|heard| heard[..] == [octet; 160])
            {
                break;
            }
            assert!(Clock.now() < deadline, "{octet:#x} is not heard");
        }
    }
}

/// An encrypted leg and one in clear; then new keys in mid-call; then the leg goes on in another
/// call, as in an attended transfer, with an encrypted colleague: its counters go with it.
#[test]
fn an_encrypted_leg_is_rekeyed_and_adopted_by_another_call() {
    let bench = Bench::start("127.0.0.58");
    let mut caller = open(&bench, call(1), CALLER, Some(1));
    let mut agent = open(&bench, call(1), AGENT, None);
    bench.send(MediaCommand::Bridge {
        a: CALLER,
        b: AGENT,
    });
    hear_each_other(&mut caller, &mut agent);
    key(&bench, CALLER, &mut caller, Some(2));
    hear_each_other(&mut caller, &mut agent);

    let mut colleague = open(&bench, call(2), COLLEAGUE, Some(3));
    let (a, b) = (CALLER, COLLEAGUE);
    bench.send(MediaCommand::Adopt {
        call: call(2),
        leg: a,
    });
    bench.send(MediaCommand::Bridge { a, b });
    hear_each_other(&mut caller, &mut colleague);

    bench.send(MediaCommand::Close { leg: CALLER });
    bench.send(MediaCommand::Close { leg: AGENT });
    let mut closed = Vec::new();
    while closed.len() < 2 {
        if let MediaEvent::Closed { leg, quality } = bench.report() {
            closed.push((leg, quality.srtp_dropped.is_some()));
        }
    }
    closed.sort_unstable(); // they are legs of two threads
    assert_eq!(closed, [(CALLER, true), (AGENT, false)]);
}
