//! Who ended what: BYEs and CANCELs that cross, and what the log says of each leg (R046).

use std::time::Duration;

use thirdring::call::EventKind;
use thirdring::call::event::{HangupParty, Outcome};
use thirdring::sip::dialog::Dialog;
use thirdring::sip::{Method, Request};

use crate::desk::{AGENT, CALLER, Desk};

fn end(side: &str, party: &str, status: Option<u16>, cause: Option<u16>) -> Ends {
    (side.to_owned(), party.to_owned(), status, cause)
}

type Ends = (String, String, Option<u16>, Option<u16>);

/// R046, RFC 3326: the caller hangs up with a cause, which the phone is told in our own words.
#[test]
fn the_cause_of_a_bye_is_kept_and_passed_on() {
    let mut desk = Desk::new();
    let mut talk = desk.talk();
    desk.asks(&mut talk.caller, Method::BYE, CALLER, |bye| {
        bye.headers
            .set("Reason", "Q.850;cause=27;text=\"from <elsewhere>\"");
    });
    desk.response(CALLER, 200);
    let bye = desk.request(AGENT, &Method::BYE);
    let reason = bye.headers.get("Reason").expect("a reason");
    assert_eq!(reason, "Q.850;cause=27;text=\"Destination out of order\"");
    desk.answers(&bye, 200, "agent", AGENT, |_| {});

    let call = desk.only_call();
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
    assert_eq!(
        desk.leg_ends(),
        [
            end("Agent", "System", None, Some(27)),
            end("Caller", "Caller", None, Some(27))
        ]
    );
    desk.nothing_is_left();
}

/// R046: both sides hang up at once. The first to reach us counts, each BYE gets its 200.
#[test]
fn byes_that_cross_are_both_answered_and_the_first_counts() {
    let mut desk = Desk::new();
    let mut talk = desk.talk();
    desk.asks(&mut talk.agent, Method::BYE, AGENT, |_| {});
    let ours = desk.request(CALLER, &Method::BYE);
    desk.asks(&mut talk.caller, Method::BYE, CALLER, |_| {});
    desk.response(CALLER, 200);
    // The caller, who has left, knows nothing of our BYE any more.
    desk.answers(&ours, 481, "caller", CALLER, |_| {});
    desk.response(AGENT, 200);

    assert_eq!(desk.only_call().hung_up_by(), Some(HangupParty::Agent));
    assert_eq!(desk.leg_ends().len(), 2, "each leg ends once");
    desk.nothing_is_left();
}

/// RFC 3261 §9.1: a CANCEL that meets our 200 changes nothing; the BYE after it ends the call.
#[test]
fn a_cancel_after_our_200_leaves_the_call_to_a_bye() {
    let mut desk = Desk::new();
    let (invite, mut caller) = answered(&mut desk);
    cancel(&mut desk, &invite);
    desk.response(CALLER, 200);
    desk.none(CALLER, "487");
    desk.none(AGENT, "BYE");
    desk.acks(&caller, 1, CALLER);
    desk.asks(&mut caller, Method::BYE, CALLER, |_| {});
    desk.response(CALLER, 200);
    desk.request(AGENT, &Method::BYE);
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Answered));
    desk.nothing_is_left();
}

/// RFC 3261 §9.1, §15: our CANCEL crosses the phone's 200, which gets its ACK and then a BYE.
#[test]
fn a_cancel_of_ours_that_crosses_a_200_is_followed_by_a_bye() {
    let mut desk = Desk::new();
    let invite = desk.invite();
    desk.hears(CALLER, invite.clone());
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 180, "agent", AGENT, |_| {});
    cancel(&mut desk, &invite);
    desk.response(CALLER, 487);
    desk.request(AGENT, &Method::CANCEL);
    desk.answers(&offered, 200, "agent", AGENT, |_| {});
    desk.request(AGENT, &Method::ACK);
    let bye = desk.request(AGENT, &Method::BYE);
    desk.answers(&bye, 200, "agent", AGENT, |_| {});

    let call = desk.only_call();
    assert_eq!(call.outcome(), Some(Outcome::Abandoned));
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
    assert_eq!(
        desk.leg_ends(),
        [
            end("Agent", "System", None, None),
            end("Caller", "Caller", Some(487), None)
        ]
    );
    desk.nothing_is_left();
}

/// RFC 3261 §15: who called may leave before its ACK; our 200 stops being of any use.
#[test]
fn a_bye_before_the_ack_ends_the_call() {
    let mut desk = Desk::new();
    let (_, mut caller) = answered(&mut desk);
    desk.asks(&mut caller, Method::BYE, CALLER, |_| {});
    desk.response(CALLER, 200);
    desk.request(AGENT, &Method::BYE);
    assert_eq!(desk.only_call().hung_up_by(), Some(HangupParty::Caller));
    desk.nothing_is_left();
}

/// RFC 3261 §15: the phone leaves before the caller's ACK has come. Our BYE to the caller waits
/// for it.
#[test]
fn our_bye_waits_for_the_ack_of_our_200() {
    let mut desk = Desk::new();
    let invite = desk.invite();
    desk.hears(CALLER, invite.clone());
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 200, "agent", AGENT, |_| {});
    let ok = desk.response(CALLER, 200);
    let mut agent = Dialog::uas(&offered, "agent");
    desk.asks(&mut agent, Method::BYE, AGENT, |_| {});
    desk.none(CALLER, "BYE");
    let caller = Dialog::uac(&invite, &ok);
    desk.acks(&caller, 1, CALLER);
    desk.request(CALLER, &Method::BYE);
    assert_eq!(desk.only_call().hung_up_by(), Some(HangupParty::Agent));
    desk.nothing_is_left();
}

/// RFC 3261 §15: the caller may end an early dialog by BYE; the INVITE ends with 487.
#[test]
fn a_bye_in_the_early_dialog_takes_the_call_back() {
    let mut desk = Desk::new();
    let invite = desk.invite();
    desk.hears(CALLER, invite.clone());
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 180, "agent", AGENT, |_| {});
    let ringing = desk.response(CALLER, 180);
    let mut caller = Dialog::uac(&invite, &ringing);
    desk.asks(&mut caller, Method::BYE, CALLER, |_| {});
    desk.response(CALLER, 200);
    desk.response(CALLER, 487);
    desk.request(AGENT, &Method::CANCEL);
    desk.answers(&offered, 487, "agent", AGENT, |_| {});
    let call = desk.only_call();
    assert_eq!(call.outcome(), Some(Outcome::Abandoned));
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
    desk.nothing_is_left();
}

/// RFC 3326, RFC 6432: a phone's refusal stands on its leg with status and cause.
#[test]
fn a_refusal_is_kept_with_status_and_cause() {
    let mut desk = Desk::new();
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 486, "agent", AGENT, |busy| {
        busy.headers.set("Reason", "Q.850;cause=17");
    });
    desk.passes(Duration::from_mins(1));
    assert_eq!(
        desk.leg_ends().first(),
        Some(&end("Agent", "Agent", Some(486), Some(17)))
    );
}

/// R192: a disk needs longer to seal a recording than its call can wait. The row is told all the
/// same, once, and its time is counted on from the arrival.
#[test]
fn a_recording_that_is_sealed_when_its_call_is_gone_is_told_to_its_row() {
    let mut desk = Desk::new();
    desk.seals = false;
    let mut talk = desk.talk();
    desk.asks(&mut talk.caller, Method::BYE, CALLER, |_| {});
    desk.response(CALLER, 200);
    let bye = desk.request(AGENT, &Method::BYE);
    desk.answers(&bye, 200, "agent", AGENT, |_| {});
    desk.passes(Duration::from_secs(110));
    assert_eq!(desk.calls_open(), 0, "the call is gone");
    let told = |desk: &Desk| {
        let call = desk.only_call();
        let sealed = call.0.into_iter();
        let sealed = sealed.filter(|event| matches!(event.kind, EventKind::RecordingSealed { .. }));
        sealed.map(|event| event.offset_us).collect::<Vec<_>>()
    };
    assert!(told(&desk).is_empty());
    desk.seals_late();
    let offsets = told(&desk);
    assert_eq!(offsets.len(), 1);
    assert!(offsets[0] >= 110_000_000, "{offsets:?}");
    desk.nothing_is_left();
}

/// A call that was answered, its 200 not yet acknowledged.
fn answered(desk: &mut Desk) -> (Request, Dialog) {
    let invite = desk.invite();
    desk.hears(CALLER, invite.clone());
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 180, "agent", AGENT, |_| {});
    desk.answers(&offered, 200, "agent", AGENT, |_| {});
    let ok = desk.response(CALLER, 200);
    let caller = Dialog::uac(&invite, &ok);
    (invite, caller)
}

fn cancel(desk: &mut Desk, invite: &Request) {
    let mut cancel = invite.clone();
    cancel.method = Method::CANCEL;
    cancel.headers.set("CSeq", "1 CANCEL");
    cancel.body.clear();
    cancel.headers.remove("Content-Type");
    desk.hears(CALLER, cancel);
}
