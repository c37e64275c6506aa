//! Sessions that are changed and kept alive: UPDATE (RFC 3311), session timers (RFC 4028), and
//! requests that cross (RFC 3261 §14).

use std::time::Duration;

use thirdring::call::EventKind;
use thirdring::call::event::HangupParty;
use thirdring::sip::dialog::Dialog;
use thirdring::sip::{Method, Reason, Request, Response};

use crate::desk::{AGENT, CALLER, Desk, sdp};

const HALF_TIME: Duration = Duration::from_mins(15);

/// RFC 3311 §5.2: hold and resume by UPDATE, and one without a body that changes nothing.
#[test]
fn an_update_holds_and_resumes() {
    let mut desk = Desk::new();
    let mut talk = desk.talk();
    for (direction, answer) in [("sendonly", "a=recvonly"), ("sendrecv", "a=sendrecv")] {
        desk.asks(&mut talk.agent, Method::UPDATE, AGENT, |update| {
            update.set_body("application/sdp", sdp(AGENT, direction));
        });
        let ok = desk.response(AGENT, 200);
        let body = String::from_utf8_lossy(&ok.body).into_owned();
        assert!(body.contains(answer) || answer == "a=sendrecv", "{body}");
        assert!(ok.headers.has("Contact"), "a target refresh");
    }
    desk.asks(&mut talk.caller, Method::UPDATE, CALLER, |_| {});
    assert!(desk.response(CALLER, 200).body.is_empty());
    let call = desk.only_call();
    assert!(call.has(|kind| matches!(kind, EventKind::Held { .. })));
    assert!(call.has(|kind| matches!(kind, EventKind::Resumed { .. })));
}

/// RFC 3311 §5.2: an UPDATE that cannot be met is 488, and nothing has changed.
#[test]
fn an_update_that_cannot_be_met_is_488() {
    let mut desk = Desk::new();
    let mut talk = desk.talk();
    let g729 = String::from_utf8(sdp(AGENT, "sendrecv")).expect("text");
    let g729 = g729.replace("RTP/AVP 8", "RTP/AVP 18").into_bytes();
    desk.asks(&mut talk.agent, Method::UPDATE, AGENT, |update| {
        update.set_body("application/sdp", g729);
    });
    desk.response(AGENT, 488);
    desk.asks(&mut talk.agent, Method::BYE, AGENT, |_| {});
    desk.response(AGENT, 200);
}

/// RFC 3311 §5.2: before the answer to the INVITE's own offer, an UPDATE with another is told to
/// come back; without one it is answered.
#[test]
fn an_early_update_with_an_offer_has_to_wait_for_the_first_answer() {
    let mut desk = Desk::new();
    let invite = desk.invite();
    desk.hears(CALLER, invite.clone());
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 180, "agent", AGENT, |_| {});
    let ringing = desk.response(CALLER, 180);
    let mut caller = Dialog::uac(&invite, &ringing);
    let offer = |update: &mut Request| {
        update.set_body("application/sdp", sdp(CALLER, "sendrecv"));
    };
    desk.asks(&mut caller, Method::UPDATE, CALLER, offer);
    let refusal = desk.response(CALLER, 500);
    assert!(refusal.headers.number("Retry-After") <= Some(10));
    desk.asks(&mut caller, Method::UPDATE, CALLER, |_| {});
    desk.response(CALLER, 200);

    // The phone has not answered our offer either: 491.
    let mut agent = Dialog::uas(&offered, "agent");
    desk.asks(&mut agent, Method::UPDATE, AGENT, offer);
    desk.response(AGENT, 491);
    desk.answers(&offered, 200, "agent", AGENT, |_| {});
    desk.response(CALLER, 200);
}

/// RFC 3311 §5.2, RFC 3262 §5: a phone that has answered reliably may move before it is answered.
#[test]
fn an_early_update_of_the_phone_counts_once_it_answers() {
    let mut desk = Desk::new();
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 183, "agent", AGENT, |response| {
        response.headers.set("Require", "100rel");
        response.headers.set("RSeq", "1");
        response.set_body("application/sdp", sdp(AGENT, "sendrecv"));
    });
    desk.request(AGENT, &Method::PRACK);
    let mut agent = Dialog::uas(&offered, "agent");
    desk.asks(&mut agent, Method::UPDATE, AGENT, |update| {
        let moved = String::from_utf8(sdp(AGENT, "sendrecv")).expect("text");
        let moved = moved.replace("audio 40000", "audio 41000").into_bytes();
        update.set_body("application/sdp", moved);
    });
    desk.response(AGENT, 200);
    desk.answers(&offered, 200, "agent", AGENT, |ok| ok.body.clear());
    desk.response(CALLER, 200);
    let is_moved = |order: &thirdring::call::media::MediaCommand| {
        matches!(order, thirdring::call::media::MediaCommand::Connect { stream, .. }
            if stream.remote.port() == 41_000)
    };
    assert!(desk.orders.iter().any(is_moved), "{:#?}", desk.orders);
}

/// RFC 4028 §9: less than 90 s is 422 with what we take; the call has a row all the same.
#[test]
fn a_session_that_is_too_short_is_422() {
    let mut desk = Desk::new();
    let mut invite = desk.invite();
    invite.headers.set("Supported", "timer");
    invite.headers.set("Session-Expires", "60");
    desk.hears(CALLER, invite.clone());
    let refusal = desk.response(CALLER, 422);
    assert_eq!(refusal.headers.min_se().map(|min| min.seconds), Some(90));
}

/// RFC 4028 §9, §10: a caller that refreshes is told so, and ended when it does not.
#[test]
fn a_caller_that_does_not_refresh_is_sent_away() {
    let mut desk = Desk::new();
    let invite = |invite: &mut Request| {
        invite.headers.set("Supported", "timer");
        invite.headers.set("Session-Expires", "300;refresher=uac");
    };
    let mut talk = desk.talk_with(invite, |_| {});
    desk.passes(Duration::from_secs(267));
    desk.none(CALLER, "BYE");
    // A refresh in time begins it anew.
    desk.asks(&mut talk.caller, Method::UPDATE, CALLER, |update| {
        update.headers.set("Supported", "timer");
        update.headers.set("Session-Expires", "300;refresher=uac");
    });
    let ok = desk.response(CALLER, 200);
    let said = ok.headers.get("Session-Expires").expect("it").into_owned();
    assert_eq!(said, "300;refresher=uac");
    assert!(ok.headers.lists("Require", "timer"));
    desk.passes(Duration::from_secs(267));
    desk.none(CALLER, "BYE");
    desk.passes(Duration::from_secs(2));
    let bye = desk.request(CALLER, &Method::BYE);
    let reason = bye.headers.reasons();
    assert_eq!(reason.first().and_then(Reason::q850_cause), Some(102));
    desk.answers(&bye, 200, "caller", CALLER, |_| {});
    let bye = desk.request(AGENT, &Method::BYE);
    desk.answers(&bye, 200, "agent", AGENT, |_| {});
    assert_eq!(desk.only_call().hung_up_by(), Some(HangupParty::System));
    desk.nothing_is_left();
}

/// RFC 4028 §7.4, §10: we refresh at half time, by UPDATE where the peer takes it, else by a
/// re-INVITE that says what we said before.
#[test]
fn we_refresh_at_half_time() {
    let mut desk = Desk::new();
    desk.talk_with(
        |_| {},
        |ok| {
            ok.headers.set("Allow", "INVITE, ACK, BYE, UPDATE");
            ok.headers.set("Supported", "timer");
            ok.headers.set("Session-Expires", "1800;refresher=uac");
        },
    );
    desk.passes(HALF_TIME);
    let update = desk.request(AGENT, &Method::UPDATE);
    assert!(update.body.is_empty());
    let expires = update.headers.get("Session-Expires").expect("it");
    assert_eq!(expires, "1800;refresher=uac");
    desk.answers(&update, 200, "agent", AGENT, |ok| {
        ok.headers.set("Session-Expires", "1800;refresher=uac");
    });

    let reinvite = desk.request(CALLER, &Method::INVITE);
    let body = String::from_utf8_lossy(&reinvite.body).into_owned();
    assert!(
        body.contains("m=audio") && body.contains("IN IP4"),
        "{body}"
    );
    desk.answers(&reinvite, 200, "caller", CALLER, |_| {});
    desk.request(CALLER, &Method::ACK);
    desk.passes(HALF_TIME);
    desk.request(AGENT, &Method::UPDATE);
    desk.request(CALLER, &Method::INVITE);
    let call = desk.only_call();
    assert!(!call.has(|kind| matches!(kind, EventKind::MediaChanged { .. })));
}

/// RFC 3261 §12.2.1.2: a peer that has forgotten the call, or is not there any more, ends it.
#[test]
fn a_peer_that_has_forgotten_the_call_ends_it() {
    for restarted in [true, false] {
        let mut desk = Desk::new();
        desk.talk();
        desk.passes(HALF_TIME);
        let agents = desk.request(AGENT, &Method::INVITE);
        desk.answers(&agents, 200, "agent", AGENT, |_| {});
        let refresh = desk.request(CALLER, &Method::INVITE);
        if restarted {
            desk.answers(&refresh, 481, "caller", CALLER, |_| {});
        } else {
            desk.passes(Duration::from_secs(33));
        }
        let bye = desk.request(AGENT, &Method::BYE);
        desk.answers(&bye, 200, "agent", AGENT, |_| {});
        let status = if restarted { 481 } else { 408 };
        let caller = (
            "Caller".to_owned(),
            "System".to_owned(),
            Some(status),
            Some(102),
        );
        assert!(desk.leg_ends().contains(&caller), "{:?}", desk.leg_ends());
        assert_eq!(desk.only_call().hung_up_by(), Some(HangupParty::System));
        desk.nothing_is_left();
    }
}

/// A refusal of our refresh shows that the peer is there: the talk goes on.
#[test]
fn a_refused_refresh_hurts_nothing() {
    let mut desk = Desk::new();
    desk.talk();
    for _ in 0..3 {
        desk.passes(HALF_TIME);
        for (peer, tag) in [(AGENT, "agent"), (CALLER, "caller")] {
            let refresh = desk.request(peer, &Method::INVITE);
            desk.answers(&refresh, 488, tag, peer, |_| {});
        }
    }
    desk.none(AGENT, "BYE");
    desk.none(CALLER, "BYE");
}

/// RFC 4028 §7.1: a refresh that is too short for somebody is sent again, longer.
#[test]
fn a_refresh_that_is_too_short_is_asked_again() {
    let mut desk = Desk::new();
    desk.talk();
    desk.passes(HALF_TIME);
    let refresh = desk.request(CALLER, &Method::INVITE);
    desk.answers(&refresh, 422, "caller", CALLER, |response| {
        response.headers.set("Min-SE", "3600");
    });
    let again = desk.request(CALLER, &Method::INVITE);
    let expires = again.headers.session_expires().map(|it| it.seconds);
    assert_eq!(expires, Some(3600));
    assert_eq!(again.headers.min_se().map(|it| it.seconds), Some(3600));
}

/// RFC 4028 §7.1: so is an INVITE.
#[test]
fn an_invite_of_ours_that_is_too_short_is_sent_again() {
    let mut desk = Desk::new();
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    let offered = desk.request(AGENT, &Method::INVITE);
    let longer = |response: &mut Response| response.headers.set("Min-SE", "3600");
    desk.answers(&offered, 422, "agent", AGENT, longer);
    let again = desk.request(AGENT, &Method::INVITE);
    assert_eq!(again.call_id(), offered.call_id());
    assert_eq!(again.cseq().number, 2);
    let expires = again.headers.session_expires().map(|it| it.seconds);
    assert_eq!(expires, Some(3600));
    desk.answers(&again, 200, "agent", AGENT, |_| {});
    desk.request(AGENT, &Method::ACK);
    desk.response(CALLER, 200);
}

/// RFC 3261 §14.1, §14.2: a re-INVITE that crosses ours is 491; ours, when it gets a 491, is sent
/// again: after at most 2 s where the peer chose the Call-ID, after 2.1 s to 4 s where we did.
#[test]
fn changes_that_cross_are_491_and_come_again() {
    let mut desk = Desk::new();
    let mut talk = desk.talk();
    desk.passes(HALF_TIME);
    let to_agent = desk.request(AGENT, &Method::INVITE);
    let to_caller = desk.request(CALLER, &Method::INVITE);
    for (peer, dialog) in [(AGENT, &mut talk.agent), (CALLER, &mut talk.caller)] {
        let offer = |request: &mut Request| {
            request.set_body("application/sdp", sdp(peer, "sendrecv"));
        };
        desk.asks(dialog, Method::INVITE, peer, offer);
        desk.response(peer, 491);
        desk.asks(dialog, Method::UPDATE, peer, offer);
        desk.response(peer, 491);
        // Without an offer there is nothing that could cross (RFC 3311 §5.2).
        desk.asks(dialog, Method::UPDATE, peer, |_| {});
        desk.response(peer, 200);
    }
    desk.answers(&to_agent, 491, "agent", AGENT, |_| {});
    desk.answers(&to_caller, 491, "caller", CALLER, |_| {});
    desk.passes(Duration::from_millis(2_001));
    desk.request(CALLER, &Method::INVITE);
    desk.none(AGENT, "INVITE");
    desk.passes(Duration::from_secs(2));
    desk.request(AGENT, &Method::INVITE);
}
