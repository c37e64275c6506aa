//! What a user agent refuses before it asks what is wanted: merged and looped requests, no hops
//! left, unknown extensions; and requests that cross ours.

use thirdring::call::event::Outcome;
use thirdring::sip::dialog::Dialog;
use thirdring::sip::{Method, Request};

use crate::desk::{AGENT, CALLER, Desk, sdp};

/// RFC 3261 §8.2.2.2: the same request by another way is 482, and the first one rings on.
#[test]
fn a_request_that_comes_by_two_ways_is_served_once() {
    let mut desk = Desk::new();
    let first = desk.invite();
    desk.hears(CALLER, first.clone());
    let mut second = first.clone();
    desk.dress(&mut second, CALLER);
    desk.hears(CALLER, second);
    desk.response(CALLER, 482);

    // Its repeat is no merge, and neither is the next request of the same caller.
    desk.hears(CALLER, first);
    desk.none(CALLER, "482");
    desk.request(AGENT, &Method::INVITE);
    desk.none(AGENT, "INVITE");
    let mut options = desk.invite();
    options.method = Method::OPTIONS;
    options.headers.set("CSeq", "1 OPTIONS");
    desk.hears(CALLER, options);
    desk.response(CALLER, 200);
}

/// RFC 3261 §16.3: our own INVITE, back at our door, goes no further round.
#[test]
fn our_own_invite_that_comes_back_is_a_loop() {
    let mut desk = Desk::new();
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    let mut ours = desk.request(AGENT, &Method::INVITE);
    ours.headers.set("Max-Forwards", "69");
    desk.dress(&mut ours, CALLER);
    desk.hears(CALLER, ours);
    desk.response(CALLER, 482);
}

/// RFC 3261 §16.3, §11: a call without a hop left is 483; a question to us ends here anyway.
#[test]
fn a_call_without_a_hop_left_is_483_and_options_are_answered() {
    let mut desk = Desk::new();
    let mut invite = desk.invite();
    invite.headers.set("Max-Forwards", "0");
    desk.hears(CALLER, invite.clone());
    desk.response(CALLER, 483);
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Refused));

    let mut options = invite;
    options.method = Method::OPTIONS;
    options.headers.set("CSeq", "2 OPTIONS");
    desk.dress(&mut options, CALLER);
    desk.hears(CALLER, options);
    let answer = desk.response(CALLER, 200);
    for (name, token) in [("Allow", "INVITE"), ("Accept", "application/sdp")] {
        assert!(answer.headers.lists(name, token), "{answer:?}");
    }
}

/// RFC 3261 §8.2.2.3: only what we do not know is named.
#[test]
fn an_unknown_extension_is_420_and_named() {
    let mut desk = Desk::new();
    let mut invite = desk.invite();
    invite.headers.set("Require", "precondition, x-own");
    desk.hears(CALLER, invite);
    let refusal = desk.response(CALLER, 420);
    assert_eq!(
        refusal.headers.list("Unsupported"),
        ["precondition", "x-own"]
    );
    desk.none(AGENT, "INVITE");
}

/// RFC 3261 §8.2.1: a known method that is not served is 405, with those that are.
#[test]
fn a_method_that_is_not_served_is_405_with_those_that_are() {
    let mut desk = Desk::new();
    let mut talk = desk.talk();
    desk.asks(&mut talk.caller, Method::MESSAGE, CALLER, |_| {});
    let refusal = desk.response(CALLER, 405);
    assert!(refusal.headers.lists("Allow", "BYE"), "{refusal:?}");
}

/// RFC 3261 §14.2: a second INVITE of the caller's, before its first is answered, is told to come
/// back; one of the phone's that crosses ours is 491.
#[test]
fn an_invite_within_an_unanswered_one_is_refused_for_now() {
    let mut desk = Desk::new();
    let invite = desk.invite();
    desk.hears(CALLER, invite.clone());
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 180, "agent", AGENT, |_| {});
    let ringing = desk.response(CALLER, 180);

    let mut caller = Dialog::uac(&invite, &ringing);
    let offer = |request: &mut Request| {
        request.set_body("application/sdp", sdp(CALLER, "sendonly"));
    };
    desk.asks(&mut caller, Method::INVITE, CALLER, offer);
    let refusal = desk.response(CALLER, 500);
    let retry_after = refusal.headers.number("Retry-After").expect("a time");
    assert!(retry_after <= 10, "{retry_after}");

    let mut agent = Dialog::uas(&offered, "agent");
    desk.asks(&mut agent, Method::INVITE, AGENT, offer);
    desk.response(AGENT, 491);

    // Neither has hurt the call.
    desk.answers(&offered, 200, "agent", AGENT, |_| {});
    desk.response(CALLER, 200);
}
