//! What is let in, what is refused, and what is refused without a trace.

use crate::peer::Peer;
use crate::sipp::{Sipp, play};
use crate::site::{Line, Site};

const NUMBER: &str = "4001234567";

fn hotline() -> Site {
    Site::new()
        .agent(1)
        .line(&Line::new("hotline", NUMBER, &[1]))
}

/// R009: a number that is not ours is a row too.
#[test]
fn an_unknown_number_is_404_and_a_row() {
    let service = hotline().start();
    let trunk = Sipp::new("caller_refused", service.network().trunk())
        .dial("99999")
        .with("status", 404)
        .start(&service);
    trunk.finish();
    let row = service.only_call();
    assert_eq!(row["outcome"], "unknown_number");
    assert_eq!(row["status"], 404);
    assert_eq!(row["dialled"], "99999");
    assert!(row["line"].is_null(), "{row:#}");
    service.stop();
}

/// R009, RFC 3264 §6: nobody is rung for a call that could not be heard; it is a row.
#[test]
fn an_offer_without_a_codec_in_common_is_488_and_a_row() {
    const G729: &str =
        "v=0\no=- 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\nm=audio 40000 RTP/AVP 18";
    let service = hotline().start();
    let trunk = Sipp::new("caller_refused", service.network().trunk())
        .dial(NUMBER)
        .with("sdp", G729)
        .with("status", 488)
        .start(&service);
    trunk.finish();
    let row = service.only_call();
    assert_eq!(row["outcome"], "refused");
    assert_eq!(row["status"], 488);
    assert_eq!(row["attempts"].as_array().map(Vec::len), Some(0));
    service.stop();
}

/// RFC 3261 §13.2.1: an INVITE without a description; the offer is in our 200, the answer in the
/// ACK.
#[test]
fn a_late_offer_is_answered_in_the_ack() {
    let service = hotline().start();
    let network = service.network();
    let phone = Sipp::new("agent", network.agent(1));
    let caller = Sipp::new("caller_offers_late", network.trunk()).dial(NUMBER);
    let row = play(&service, phone, caller);
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["hangup_party"], "caller");
    service.stop();
}

/// R244: an INVITE from an address that nobody configured rings nothing and leaves no row.
#[test]
fn a_stranger_is_refused_without_a_row() {
    let service = hotline().start();
    let network = service.network();
    let mut phone = Peer::new(network.agent(1), network);
    let mut stranger = Peer::new(network.stranger(), network);
    stranger.dial(NUMBER, stranger.plain());
    let refusal = stranger.expect_refusal(403);
    stranger.ack_refusal(&refusal);

    let trunk = Sipp::new("caller_refused", network.trunk())
        .dial("99999")
        .with("status", 404)
        .start(&service);
    trunk.finish();
    let row = service.only_call();
    assert_eq!(row["dialled"], "99999", "the stranger left a row");
    phone.drain(std::time::Duration::from_millis(100));
    assert!(phone.tally().is_empty(), "the stranger rang a phone");
    service.stop();
}

/// Threat: flood, memory. There are no more calls than ports for their voices; one more is told 503
/// and is a row, and once a call has ended there is room again.
#[test]
fn a_call_that_has_no_ports_is_503_and_a_row() {
    let service = hotline().ports("20000-20003").start();
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    let mut agent = Peer::new(network.agent(1), network);
    let mut other = Peer::new(network.caller(2), network);
    for ended in [2, 3] {
        caller.dial(NUMBER, caller.plain());
        agent.ring();
        agent.pick_up(agent.plain());
        caller.talk();
        if ended == 2 {
            other.dial(NUMBER, other.plain());
            let refusal = other.expect_refusal(503);
            other.ack_refusal(&refusal);
            assert!(refusal.headers.has("Retry-After"));
        }
        caller.bye();
        agent.expect_bye();
        caller.forget_dialog();
        service.ended(ended);
    }
    let outcomes: Vec<_> = service
        .calls()
        .iter()
        .map(|row| row["outcome"].clone())
        .collect();
    assert_eq!(outcomes, ["answered", "failed", "answered"]);
    service.stop();
}

/// R019: a call from a phone of ours is internal.
#[test]
fn a_call_from_an_agents_phone_is_internal() {
    let service = Site::new()
        .agent(1)
        .agent(2)
        .line(&Line::new("front-desk", "8000", &[1]))
        .start();
    let network = service.network();
    let phone = Sipp::new("agent", network.agent(1));
    let caller = Sipp::new("caller", network.agent(2))
        .dial("8000")
        .with("caller", "1002");
    let row = play(&service, phone, caller);
    assert_eq!(row["origin"], "internal");
    assert_eq!(row["outcome"], "answered");
    assert!(row["trunk"].is_null(), "{row:#}");
    service.stop();
}
