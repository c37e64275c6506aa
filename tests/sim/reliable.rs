//! Reliable provisional responses on both legs (RFC 3262).

use std::time::Duration;

use thirdring::call::event::{HangupParty, Outcome};
use thirdring::call::record::CallRecord;
use thirdring::rules::Grade;
use thirdring::sip::dialog::Dialog;
use thirdring::sip::{Message, Method, Request, Response};

use crate::desk::{AGENT, CALLER, Desk, sdp};

/// §3, §4: the caller requires it, so our 180 is numbered, repeated until the PRACK, and no more
/// after it.
#[test]
fn a_caller_that_requires_it_gets_a_180_that_is_repeated_until_its_prack() {
    let mut desk = Desk::new();
    let (invite, _) = ringing(&mut desk, "Require");
    let first = desk.response(CALLER, 180);
    desk.passes(Duration::from_millis(3_600));
    let again: Vec<_> = (0..3).map(|_| desk.response(CALLER, 180)).collect();
    assert!(again.iter().all(|repeat| *repeat == first), "{again:#?}");
    let mut caller = Dialog::uac(&invite, &first);
    prack(&mut desk, &mut caller, &first, |_| {});
    let ok = desk.response(CALLER, 200);
    assert_eq!(ok.cseq().method, Method::PRACK);
    desk.passes(Duration::from_secs(10));
    desk.none(CALLER, "180");
}

/// Without SDP in it, a 180 to a caller that only could have it reliably is the plain old one.
#[test]
fn a_caller_that_only_supports_it_gets_a_plain_180() {
    let mut desk = Desk::new();
    ringing(&mut desk, "Supported");
    let plain = desk.response(CALLER, 180);
    assert!(!plain.headers.has("RSeq") && !plain.headers.has("Require"));
}

/// §3: a PRACK that fits nothing is 481, and confirms nothing.
#[test]
fn a_prack_with_a_wrong_number_is_481() {
    let mut desk = Desk::new();
    let (invite, _) = ringing(&mut desk, "Require");
    let first = desk.response(CALLER, 180);
    let mut caller = Dialog::uac(&invite, &first);
    prack(&mut desk, &mut caller, &first, |prack| {
        prack.headers.set("RAck", "4000000000 1 INVITE");
    });
    desk.response(CALLER, 481);
    prack(&mut desk, &mut caller, &first, |prack| {
        prack.headers.remove("RAck");
    });
    desk.response(CALLER, 400);
    desk.passes(Duration::from_millis(600));
    desk.response(CALLER, 180);
}

/// §3: nobody confirms for 64*T1, so the INVITE is refused with a 5xx.
#[test]
fn a_caller_that_never_confirms_is_refused() {
    let mut desk = Desk::new();
    let (_, offered) = ringing(&mut desk, "Require");
    desk.passes(Duration::from_secs(33));
    desk.response(CALLER, 504);
    desk.request(AGENT, &Method::CANCEL);
    desk.answers(&offered, 487, "agent", AGENT, |_| {});
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Failed));
    desk.nothing_is_left();
}

/// §5: an INVITE without an offer gets ours in the 180, its answer comes in the PRACK, and our
/// 200 waits for that and says nothing more of the session.
#[test]
fn the_200_waits_for_the_prack_that_answers_our_offer() {
    let mut desk = Desk::new();
    let mut invite = desk.invite();
    invite.body.clear();
    invite.headers.remove("Content-Type");
    invite.headers.set("Require", "100rel");
    desk.hears(CALLER, invite.clone());
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 180, "agent", AGENT, |_| {});
    let offer = desk.response(CALLER, 180);
    assert!(!offer.body.is_empty(), "our offer is in the 180");
    desk.answers(&offered, 200, "agent", AGENT, |_| {});
    desk.none(CALLER, "200");

    let mut caller = Dialog::uac(&invite, &offer);
    prack(&mut desk, &mut caller, &offer, |prack| {
        prack.set_body("application/sdp", sdp(CALLER, "sendrecv"));
    });
    assert_eq!(desk.response(CALLER, 200).cseq().method, Method::PRACK);
    let ok = desk.response(CALLER, 200);
    assert_eq!(ok.cseq().method, Method::INVITE);
    assert!(ok.body.is_empty(), "{ok:?}");
    caller.update(&ok);
    desk.acks(&caller, 1, CALLER);
    desk.asks(&mut caller, Method::BYE, CALLER, |_| {});
    desk.request(AGENT, &Method::BYE);
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Answered));
    desk.nothing_is_left();
}

/// R046: the caller leaves while our 200 still waits for its PRACK.
#[test]
fn a_caller_may_leave_while_the_200_waits() {
    for leaves in ["caller", "agent"] {
        let mut desk = Desk::new();
        let mut invite = desk.invite();
        invite.body.clear();
        invite.headers.remove("Content-Type");
        invite.headers.set("Require", "100rel");
        desk.hears(CALLER, invite.clone());
        let offered = desk.request(AGENT, &Method::INVITE);
        desk.answers(&offered, 180, "agent", AGENT, |_| {});
        desk.answers(&offered, 200, "agent", AGENT, |_| {});
        if leaves == "caller" {
            let mut cancel = invite.clone();
            cancel.method = Method::CANCEL;
            cancel.headers.set("CSeq", "1 CANCEL");
            desk.hears(CALLER, cancel);
            desk.response(CALLER, 487);
            desk.request(AGENT, &Method::BYE);
        } else {
            let mut agent = Dialog::uas(&offered, "agent");
            desk.asks(&mut agent, Method::BYE, AGENT, |_| {});
            desk.response(CALLER, 480);
        }
        desk.nothing_is_left();
    }
}

/// §5: an offer in a PRACK, where the first one has its answer, is answered in its 200.
#[test]
fn an_offer_in_a_prack_is_answered() {
    let mut desk = Desk::with(|settings| {
        for line in &mut settings.lines {
            let line = std::sync::Arc::make_mut(line);
            let inner = std::sync::Arc::make_mut(&mut line.line);
            inner.ringback = thirdring::call::event::Ringback::Local;
        }
    });
    let (invite, offered) = ringing(&mut desk, "Supported");
    let early = desk.response(CALLER, 183);
    assert!(early.headers.has("RSeq"), "it has SDP: {early:?}");
    let mut caller = Dialog::uac(&invite, &early);
    prack(&mut desk, &mut caller, &early, |prack| {
        prack.set_body("application/sdp", sdp(CALLER, "recvonly"));
    });
    let ok = desk.response(CALLER, 200);
    let answer = String::from_utf8_lossy(&ok.body).into_owned();
    assert!(answer.contains("a=sendonly"), "{answer}");
    desk.answers(&offered, 200, "agent", AGENT, |_| {});
    assert!(desk.response(CALLER, 200).body.is_empty());
}

/// §4: the phone's reliable 180 gets our PRACK, once, however often it comes.
#[test]
fn a_phone_that_rings_reliably_gets_one_prack() {
    let mut desk = Desk::new();
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    let offered = desk.request(AGENT, &Method::INVITE);
    assert!(offered.headers.lists("Supported", "100rel"));
    let reliable = |rseq: u32| {
        move |response: &mut Response| {
            response.headers.set("Require", "100rel");
            response.headers.set("RSeq", rseq);
        }
    };
    desk.answers(&offered, 180, "agent", AGENT, reliable(7));
    let prack = desk.request(AGENT, &Method::PRACK);
    let rack = prack.headers.get("RAck").expect("a RAck").into_owned();
    assert_eq!(rack, "7 1 INVITE");
    desk.answers(&prack, 200, "agent", AGENT, |_| {});
    desk.answers(&offered, 180, "agent", AGENT, reliable(7));
    desk.answers(&offered, 180, "agent", AGENT, reliable(9));
    desk.none(AGENT, "PRACK");
    desk.answers(&offered, 180, "agent", AGENT, reliable(8));
    desk.request(AGENT, &Method::PRACK);
    // What was said reliably is not said again in the 200.
    desk.answers(&offered, 183, "agent", AGENT, |response| {
        reliable(9)(response);
        response.set_body("application/sdp", sdp(AGENT, "sendrecv"));
    });
    desk.answers(&offered, 200, "agent", AGENT, |ok| ok.body.clear());
    desk.request(AGENT, &Method::ACK);
    desk.response(CALLER, 200);
}

/// RFC 3261 §13.2.2.4, RFC 3262 §4: each fork has its own early dialog and its own numbers; the
/// second 200 gets ACK and BYE.
#[test]
fn each_fork_gets_its_own_prack_and_the_second_200_a_bye() {
    let mut desk = Desk::new();
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    let offered = desk.request(AGENT, &Method::INVITE);
    for (tag, rseq) in [("desk", 5), ("mobile", 900)] {
        desk.answers(&offered, 180, tag, AGENT, |response| {
            response.headers.set("Require", "100rel");
            response.headers.set("RSeq", rseq);
        });
        let prack = desk.request(AGENT, &Method::PRACK);
        assert_eq!(prack.to_addr().tag(), Some(tag));
        let rack = prack.headers.get("RAck").expect("a RAck").into_owned();
        assert_eq!(rack, format!("{rseq} 1 INVITE"));
    }
    desk.answers(&offered, 200, "mobile", AGENT, |_| {});
    assert_eq!(
        desk.request(AGENT, &Method::ACK).to_addr().tag(),
        Some("mobile")
    );
    desk.answers(&offered, 200, "desk", AGENT, |_| {});
    assert_eq!(
        desk.request(AGENT, &Method::ACK).to_addr().tag(),
        Some("desk")
    );
    let bye = desk.request(AGENT, &Method::BYE);
    assert_eq!(bye.to_addr().tag(), Some("desk"));
    desk.none(AGENT, "BYE");
}

/// A caller that states 100rel in this header; the agent's phone rings.
fn ringing(desk: &mut Desk, header: &str) -> (Request, Request) {
    let mut invite = desk.invite();
    invite.headers.set(header, "100rel");
    desk.hears(CALLER, invite.clone());
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 180, "agent", AGENT, |_| {});
    (invite, offered)
}

fn prack(
    desk: &mut Desk,
    caller: &mut Dialog,
    confirmed: &Response,
    change: impl FnOnce(&mut Request),
) -> Message {
    let rseq = confirmed.headers.rseq().expect("an RSeq");
    let request = desk.asks(caller, Method::PRACK, CALLER, |prack| {
        let cseq = confirmed.cseq();
        prack.headers.set("RAck", format!("{rseq} {cseq}"));
        change(prack);
    });
    request.into()
}

/// R001: the agent has answered, and the caller leaves while our 200 waits for a PRACK. Nobody has
/// spoken, so the call is abandoned; that, when and by whom it was answered stands in its row, and
/// so does the grade of that answer.
#[test]
fn a_caller_who_leaves_before_our_200_was_answered_and_has_not_spoken() {
    for agent_answers in [true, false] {
        let mut desk = Desk::new();
        let mut invite = desk.invite();
        invite.body.clear(); // so that our 180 carries an offer, whose answer the 200 waits for
        invite.headers.remove("Content-Type");
        invite.headers.set("Require", "100rel");
        desk.hears(CALLER, invite.clone());
        let offered = desk.request(AGENT, &Method::INVITE);
        desk.answers(&offered, 180, "agent", AGENT, |_| {});
        desk.response(CALLER, 180);
        desk.passes(Duration::from_secs(2));
        if agent_answers {
            desk.answers(&offered, 200, "agent", AGENT, |_| {});
        }
        let mut cancel = invite.clone();
        cancel.method = Method::CANCEL;
        cancel.headers.set("CSeq", "1 CANCEL");
        cancel.headers.remove("Require");
        desk.hears(CALLER, cancel);
        desk.response(CALLER, 487);
        if agent_answers {
            desk.request(AGENT, &Method::BYE);
        }
        let call = desk.only_call();
        let row = CallRecord::from_events(&call.0).expect("a row");
        assert_eq!(row.outcome, Some(Outcome::Abandoned));
        assert_eq!(row.hangup_party, Some(HangupParty::Caller));
        assert_eq!((row.status, row.talk_ms), (Some(487), None));
        assert_eq!(row.answered_by.is_some(), agent_answers);
        let grade = if agent_answers {
            Grade::OnTarget
        } else {
            Grade::AbandonedInTime
        };
        assert_eq!((row.grade, row.caller_ring_ms), (Some(grade), Some(2_000)));
    }
}
