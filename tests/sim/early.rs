//! What an outside number's network says before anybody answers there (RFC 3960 §3), and who
//! hears it.

use std::net::SocketAddr;

use thirdring::call::EventKind;
use thirdring::call::event::TransferResult;
use thirdring::call::media::{MediaCommand, MediaLeg};
use thirdring::sip::dialog::Dialog;
use thirdring::sip::{Method, Request};

use crate::desk::{AGENT, CALLER, Desk, OUTSIDE, sdp};

const NUMBER: &str = "01061234567";

/// Whom the last order lets hear each other, by the number of bridges so far.
fn bridges(desk: &Desk) -> Vec<(MediaLeg, MediaLeg)> {
    let bridge = |order: &MediaCommand| {
        if let MediaCommand::Bridge { a, b } = order {
            Some((*a, *b))
        } else {
            None
        }
    };
    desk.orders.iter().filter_map(bridge).collect()
}

/// Where the legs' media was sent, in the order of the orders.
fn connected(desk: &Desk) -> Vec<SocketAddr> {
    let remote = |order: &MediaCommand| {
        if let MediaCommand::Connect { stream, .. } = order {
            Some(stream.remote)
        } else {
            None
        }
    };
    desk.orders.iter().filter_map(remote).collect()
}

/// A talk whose agent passes the caller on to an outside number; the INVITE to it.
fn passed_on(desk: &mut Desk) -> (Dialog, Request) {
    let mut talk = desk.talk();
    desk.asks(&mut talk.agent, Method::REFER, AGENT, |refer| {
        let to = format!("<sip:{NUMBER}@192.0.2.1>");
        refer.headers.set("Refer-To", to);
        refer.headers.set("Contact", format!("<sip:x@{AGENT}>"));
    });
    desk.response(AGENT, 202);
    let offered = desk.request(OUTSIDE, &Method::INVITE);
    desk.orders.clear();
    (talk.agent, offered)
}

/// R086: a caller who is passed on to an outside number hears what its network says; if that comes
/// to nothing, caller and agent are together again.
#[test]
fn a_caller_who_is_passed_on_hears_the_other_network() {
    let mut desk = Desk::new();
    let (_, offered) = passed_on(&mut desk);
    let media = SocketAddr::new(OUTSIDE.ip(), 40_000);
    desk.answers(&offered, 183, "outside", OUTSIDE, |progress| {
        progress.set_body("application/sdp", sdp(OUTSIDE, "sendrecv"));
    });
    assert_eq!(connected(&desk), [media]);
    let heard = bridges(&desk);
    assert_eq!(heard.len(), 1, "{:?}", desk.orders);
    desk.answers(&offered, 180, "outside", OUTSIDE, |_| {});
    assert_eq!(bridges(&desk), heard, "and goes on hearing it");

    desk.answers(&offered, 404, "outside", OUTSIDE, |_| {});
    let ends = bridges(&desk);
    assert_eq!(ends.len(), 2);
    assert_ne!(ends[0].1, ends[1].1, "the agent's leg again");
    let call = desk.only_call();
    assert_eq!(call.transfer_results(), [TransferResult::Refused]);
    assert!(call.has(|kind| matches!(kind, EventKind::EarlyMedia { attempt: 2 })));
}

/// The control of it: a network that only says that it rings gives the caller our own tone.
#[test]
fn without_a_description_the_caller_hears_our_own_ringing() {
    let mut desk = Desk::new();
    let (_, offered) = passed_on(&mut desk);
    desk.answers(&offered, 183, "outside", OUTSIDE, |_| {});
    assert_eq!(bridges(&desk), []);
    desk.answers(&offered, 200, "outside", OUTSIDE, |_| {});
    assert_eq!(bridges(&desk).len(), 1);
    assert!(
        !desk
            .only_call()
            .has(|kind| matches!(kind, EventKind::EarlyMedia { .. }))
    );
}

/// The answer may come from another fork than the one that was heard.
#[test]
fn the_fork_that_answers_is_the_one_that_is_heard_then() {
    let mut desk = Desk::new();
    let (_, offered) = passed_on(&mut desk);
    let [first, second] = [62, 63].map(|host| crate::world::at(host, 5060));
    for (tag, place) in [("first", first), ("second", second)] {
        desk.answers(&offered, 183, tag, OUTSIDE, |progress| {
            progress.set_body("application/sdp", sdp(place, "sendrecv"));
        });
    }
    let ip = |heard: &[SocketAddr]| heard.iter().map(SocketAddr::ip).collect::<Vec<_>>();
    assert_eq!(ip(&connected(&desk)), [first.ip()]);
    desk.answers(&offered, 200, "second", OUTSIDE, |answer| {
        answer.set_body("application/sdp", sdp(second, "sendrecv"));
    });
    assert_eq!(ip(&connected(&desk)), [first.ip(), second.ip()]);
}

/// RFC 3261 §13.3.1.1: an agent who dials an outside number gets its early media by 183 with our
/// answer; no 180 comes after that, and the 200 says the same again.
#[test]
fn an_agent_who_dials_hears_the_other_network() {
    let mut desk = Desk::new();
    let (_, offered) = desk.dials(NUMBER);
    desk.answers(&offered, 183, "outside", OUTSIDE, |progress| {
        progress.set_body("application/sdp", sdp(OUTSIDE, "sendrecv"));
    });
    let progress = desk.response(AGENT, 183);
    assert!(!progress.body.is_empty());
    assert_eq!(bridges(&desk).len(), 1, "{:?}", desk.orders);
    desk.answers(&offered, 180, "outside", OUTSIDE, |_| {});
    desk.none(AGENT, "180");
    desk.answers(&offered, 200, "outside", OUTSIDE, |_| {});
    assert_eq!(desk.response(AGENT, 200).body, progress.body);
}

/// The usual order of a mobile network: 180 first, and then the caller's own ringing by 183.
#[test]
fn early_media_may_come_after_a_plain_180() {
    let mut desk = Desk::new();
    let (_, offered) = desk.dials(NUMBER);
    desk.answers(&offered, 180, "outside", OUTSIDE, |_| {});
    assert!(desk.response(AGENT, 180).body.is_empty());
    assert_eq!(bridges(&desk), []);
    desk.answers(&offered, 183, "outside", OUTSIDE, |progress| {
        progress.set_body("application/sdp", sdp(OUTSIDE, "sendrecv"));
    });
    assert!(!desk.response(AGENT, 183).body.is_empty());
    assert_eq!(bridges(&desk).len(), 1);
    desk.answers(&offered, 486, "outside", OUTSIDE, |_| {});
    desk.response(AGENT, 486);
}

/// R001: what an agent's phone says before it is answered is nothing for a hotline's caller, whose
/// rings are counted from our own 180.
#[test]
fn a_hotlines_caller_hears_nothing_of_an_agents_phone() {
    let mut desk = Desk::new();
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 183, "agent", AGENT, |progress| {
        progress.set_body("application/sdp", sdp(AGENT, "sendrecv"));
    });
    assert!(desk.response(CALLER, 180).body.is_empty());
    desk.none(CALLER, "183");
    assert_eq!((bridges(&desk), connected(&desk)), (Vec::new(), Vec::new()));
    let plays = desk.orders.iter();
    let mut plays = plays.filter(|order| matches!(order, MediaCommand::Play { .. }));
    assert_eq!(plays.next(), None, "the caller's own network rings");
}
