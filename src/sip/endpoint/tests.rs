//! Two endpoints on one virtual clock, and a wire that may lose what a test tells it to.

mod pair;
mod properties;
mod stateless;
mod stream;

use std::time::Duration;

use pair::{Pair, T_END, tagged};

use super::*;
use crate::sip::dialog::Dialog;
use crate::sip::method::Method;
use crate::sip::status::StatusCode;
use crate::sip::timers::{PATIENCE, T1};

#[test]
fn a_call_is_set_up_and_taken_down_and_leaves_nothing() {
    let mut pair = Pair::new();
    let invite = pair.invite();
    let (tx, request) = pair.callee.request();
    assert_eq!(pair.caller.response(), 100);
    pair.respond(tx, tagged(&request, StatusCode::RINGING, "b"));
    assert_eq!(pair.caller.response(), 180);
    pair.respond(tx, tagged(&request, StatusCode::OK, "b"));
    let ok = pair.caller.last_response(200);

    let mut alice = Dialog::uac(&pair.sent, &ok);
    let ack = alice.ack(pair.sent.cseq().number);
    pair.acknowledge(invite, ack);
    let acknowledged = pair.callee.event();
    let mut bob = Dialog::uas(&request, "b");
    assert!(matches!(acknowledged, Event::Acknowledged { dialog, .. } if dialog == *bob.id()));

    let bye = bob.request(Method::BYE, &mut pair::rng(3));
    pair.callee_sends(bye);
    let (tx, bye) = pair.caller.request();
    assert_eq!(alice.accept_request(&bye), Ok(()));
    pair.caller_responds(tx, bye.respond(StatusCode::OK));
    assert_eq!(pair.callee.response(), 200);

    pair.run_for(T_END);
    pair.assert_over();
    assert_eq!(pair.count("INVITE"), 1);
    assert_eq!(pair.count("200 INVITE"), 1);
    assert_eq!(pair.count("ACK"), 1);
}

#[test]
fn an_invite_that_comes_twice_is_one_request_and_gets_the_last_answer_again() {
    let mut pair = Pair::new();
    pair.lose("100 INVITE", 1);
    pair.invite();
    let (tx, request) = pair.callee.request();

    pair.run_for(T1);
    assert_eq!(pair.count("INVITE"), 2);
    assert_eq!(pair.count("100 INVITE"), 2);
    assert_eq!(pair.callee.events.len(), 0);
    assert_eq!(pair.callee.endpoint.counts().repeated_requests, 1);

    pair.respond(tx, request.respond(StatusCode::BUSY_HERE));
    pair.run_for(T_END);
    pair.assert_over();
}

#[test]
fn a_lost_answer_is_repeated_after_t1() {
    let mut pair = Pair::new();
    pair.lose("200 INVITE", 1);
    let invite = pair.invite();
    pair.answer();
    assert_eq!(pair.caller.response(), 100);
    assert!(pair.caller.events.is_empty());

    pair.run_for(T1);
    let ok = pair.caller.last_response(200);
    pair.confirm(invite, &ok);
    assert!(matches!(pair.callee.event(), Event::Acknowledged { .. }));

    pair.run_for(T_END);
    pair.assert_over();
    assert_eq!(pair.count("200 INVITE"), 2);
}

#[test]
fn a_lost_ack_is_sent_again_for_the_repeated_answer_and_heard_once() {
    let mut pair = Pair::new();
    pair.lose("ACK", 2);
    let invite = pair.invite();
    pair.answer();
    let ok = pair.caller.last_response(200);
    pair.confirm(invite, &ok);

    pair.run_for(T_END);

    assert_eq!(pair.count("200 INVITE"), 3);
    assert_eq!(pair.count("ACK"), 3);
    assert!(matches!(pair.callee.event(), Event::Acknowledged { .. }));
    assert!(pair.callee.events.is_empty(), "one ACK is heard once");
    assert!(pair.caller.events.is_empty(), "one answer is heard once");
    pair.assert_over();
}

#[test]
fn an_ack_that_comes_twice_is_heard_once() {
    let mut pair = Pair::new();
    let invite = pair.invite();
    pair.answer();
    let ok = pair.caller.last_response(200);
    pair.confirm(invite, &ok);
    pair.confirm(invite, &ok);

    assert!(matches!(pair.callee.event(), Event::Acknowledged { .. }));
    assert!(pair.callee.events.is_empty());
    assert_eq!(pair.callee.endpoint.counts().stray_acks, 0);
}

/// RFC 3261 §13.3.1.4: T1 doubling to T2, 64*T1 in all.
#[test]
fn an_answer_that_is_never_acknowledged_is_repeated_ten_times_and_reported() {
    let mut pair = Pair::new();
    pair.invite();
    let tx = pair.answer();

    pair.run_for(T_END);

    assert_eq!(pair.count("200 INVITE"), 11);
    let missing = pair.callee.event();
    assert!(matches!(missing, Event::AckMissing { tx: whose, .. } if whose == tx));
    assert_eq!(pair.callee.last_event_at, PATIENCE);
    pair.assert_over();
}

#[test]
fn a_refusal_is_acknowledged_without_the_user() {
    let mut pair = Pair::new();
    pair.lose("ACK", 1);
    pair.invite();
    let (tx, request) = pair.callee.request();
    pair.respond(tx, request.respond(StatusCode::BUSY_HERE));
    pair.caller.last_response(486);

    pair.run_for(T_END);

    assert_eq!(pair.count("486 INVITE"), 2);
    assert_eq!(pair.count("ACK"), 2);
    assert!(pair.callee.events.is_empty());
    assert!(pair.caller.events.is_empty());
    pair.assert_over();
    assert_eq!(pair.callee.endpoint.counts().missing_acks, 0);
}

#[test]
fn all_answers_to_one_request_have_the_same_to_tag() {
    let mut pair = Pair::new();
    pair.invite();
    let (tx, request) = pair.callee.request();
    pair.respond(tx, request.respond(StatusCode::RINGING));
    pair.respond(tx, request.respond(StatusCode::BUSY_HERE));

    pair.caller.response();
    let ringing = pair.caller.last_response(180);
    let busy = pair.caller.last_response(486);
    assert!(ringing.to_addr().tag().is_some());
    assert_eq!(ringing.to_addr().tag(), busy.to_addr().tag());
}

#[test]
fn a_call_taken_back_ends_with_487() {
    let mut pair = Pair::new();
    let invite = pair.invite();
    let (tx, request) = pair.callee.request();
    assert_eq!(pair.caller.response(), 100);

    pair.cancel(invite, Some("SIP;cause=200"));
    let Event::Cancelled { tx: whose, cancel } = pair.callee.event() else {
        panic!("no CANCEL was heard");
    };
    assert_eq!(whose, tx);
    assert_eq!(
        cancel.headers.get("Reason").as_deref(),
        Some("SIP;cause=200")
    );
    assert_eq!(cancel.uri, request.uri);
    pair.respond(tx, request.respond(StatusCode::REQUEST_TERMINATED));
    assert_eq!(pair.caller.response(), 487);

    pair.run_for(T_END);
    pair.assert_over();
    assert_eq!(pair.count("200 CANCEL"), 1);
}

#[test]
fn a_lost_200_to_a_cancel_does_not_cancel_twice() {
    let mut pair = Pair::new();
    pair.lose("200 CANCEL", 2);
    let invite = pair.invite();
    let (tx, request) = pair.callee.request();
    pair.cancel(invite, None);
    assert!(matches!(pair.callee.event(), Event::Cancelled { .. }));
    pair.respond(tx, request.respond(StatusCode::REQUEST_TERMINATED));

    pair.run_for(T_END);

    assert_eq!(pair.count("200 CANCEL"), 3);
    assert!(pair.callee.events.is_empty());
    pair.assert_over();
}

/// RFC 3261 §9.1.
#[test]
fn a_cancel_waits_for_the_first_provisional_response() {
    let mut pair = Pair::new();
    pair.lose("100 INVITE", 1);
    let invite = pair.invite();
    pair.cancel(invite, None);
    assert_eq!(pair.count("CANCEL"), 0);

    pair.run_for(T1);

    assert_eq!(pair.count("CANCEL"), 1);
    let (tx, request) = pair.callee.request();
    assert!(matches!(pair.callee.event(), Event::Cancelled { .. }));
    pair.respond(tx, request.respond(StatusCode::REQUEST_TERMINATED));
    pair.run_for(T_END);
    pair.assert_over();
}

#[test]
fn an_answer_that_crosses_the_cancel_is_raised_and_can_be_acknowledged() {
    let mut pair = Pair::new();
    pair.lose("CANCEL", 1);
    let invite = pair.invite();
    pair.cancel(invite, None);
    pair.answer();

    pair.caller.response();
    let ok = pair.caller.last_response(200);
    pair.confirm(invite, &ok);
    assert!(matches!(pair.callee.event(), Event::Acknowledged { .. }));

    pair.run_for(T_END);
    assert!(
        pair.callee.events.is_empty(),
        "the late CANCEL changes nothing"
    );
    pair.assert_over();
}

#[test]
fn a_cancelled_call_whose_peer_falls_silent_times_out() {
    let mut pair = Pair::new();
    let invite = pair.invite();
    assert_eq!(pair.caller.response(), 100);
    pair.lose("487 INVITE", usize::MAX);
    pair.cancel(invite, None);
    let (tx, request) = pair.callee.request();
    pair.respond(tx, request.respond(StatusCode::REQUEST_TERMINATED));

    pair.run_for(T_END);

    assert_eq!(pair.caller.event(), Event::TimedOut { tx: invite });
    assert_eq!(pair.caller.last_event_at, PATIENCE);
    pair.assert_over();
}

#[test]
fn a_call_nobody_hears_times_out_after_64_t1() {
    let mut pair = Pair::new();
    pair.lose("INVITE", usize::MAX);
    let invite = pair.invite();

    pair.run_for(T_END);

    assert_eq!(pair.caller.event(), Event::TimedOut { tx: invite });
    assert_eq!(pair.caller.last_event_at, PATIENCE);
    assert_eq!(pair.count("INVITE"), 7);
    pair.assert_over();
}

/// RFC 3261 §13.2.2.4: each fork that answers makes a dialog of its own.
#[test]
fn a_second_fork_that_answers_is_raised_and_each_keeps_its_own_ack() {
    let mut pair = Pair::new();
    let invite = pair.invite();
    let (tx, request) = pair.callee.request();
    pair.caller.response();
    pair.respond(tx, tagged(&request, StatusCode::OK, "first"));
    let first = pair.caller.last_response(200);
    pair.confirm(invite, &first);

    let second = tagged(&request, StatusCode::OK, "second");
    pair.inject_to_caller(&second.to_bytes());
    let heard = pair.caller.last_response(200);
    assert_eq!(heard.to_addr().tag(), Some("second"));
    pair.inject_to_caller(&second.to_bytes());
    assert!(pair.caller.events.is_empty(), "its repeat is not raised");
    pair.confirm(invite, &heard);

    let acks = pair.count("ACK");
    pair.inject_to_caller(&second.to_bytes());
    pair.inject_to_caller(&first.to_bytes());
    assert_eq!(pair.count("ACK"), acks + 2);
    let tags: Vec<_> = pair
        .acks()
        .map(|ack| ack.to_addr().tag().map(str::to_owned))
        .collect();
    assert_eq!(
        tags[acks..],
        [Some("second".to_owned()), Some("first".to_owned())]
    );
}

#[test]
fn a_request_that_cannot_be_sent_has_failed_at_once() {
    let mut pair = Pair::new();
    let invite = pair.invite();
    let transmit = pair.last_transmit("INVITE");

    pair.caller.endpoint.handle_send_error(&transmit, pair.now);
    pair.settle();

    pair.caller.response();
    assert_eq!(pair.caller.event(), Event::TransportFailed { tx: invite });
}

#[test]
fn ten_thousand_requests_end_in_order_and_leave_nothing() {
    let mut now = Pair::new().now;
    let mut endpoint = Endpoint::new(EndpointConfig::default(), pair::rng(1));
    let (local, peer) = ("192.0.2.1:5060", "192.0.2.2:5060");
    for number in 0..10_000 {
        now += Duration::from_micros(100);
        endpoint.send(
            pair::request(Method::OPTIONS, number),
            Flow::udp(local.parse().unwrap(), peer.parse().unwrap()),
            now,
        );
    }
    assert_eq!(endpoint.counts().client_transactions, 10_000);

    let mut timed_out = Vec::new();
    while let Some(due) = endpoint.poll_timeout() {
        endpoint.handle_timeout(due);
        while let Some(output) = endpoint.poll_output() {
            if let Output::Event(Event::TimedOut { tx }) = output {
                timed_out.push(tx);
            }
        }
    }

    assert_eq!(timed_out.len(), 10_000);
    assert!(timed_out.is_sorted());
    assert!(endpoint.is_idle());
}
