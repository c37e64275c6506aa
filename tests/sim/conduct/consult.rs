//! Somebody is asked while the caller waits; and three who talk.

use super::*;

/// A talk in which 1001 asks 1002, who has answered.
fn consulting(desk: &mut Desk) -> (Talk, Dialog) {
    let talk = desk.talk();
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    assert_eq!(desk.ears().hears(0), music());
    assert_eq!(desk.ears().hears(1), RINGBACK);
    let second = desk.picks_up(SECOND);
    assert_eq!(desk.ears().hears(0), music());
    assert_eq!(desk.ears().hears(1), legs(&[2]));
    assert_eq!(desk.ears().hears(2), legs(&[1]));
    (talk, second)
}

/// R115: the agent asks a colleague while the caller hears music, and is back with the caller.
#[test]
fn a_consultation_is_cancelled_and_the_caller_is_back() {
    let mut desk = floor();
    let (mut talk, _) = consulting(&mut desk);
    desk.passes(seconds(9));
    desk.does(CallCommand::CancelConsult);
    desk.is_sent_away(SECOND);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    desk.ends(&mut talk, &[AGENT]);
    let row = desk.first_row();
    assert!(row.transfers.is_empty());
    assert_eq!((row.holds.count, row.holds.ms), (1, 9_000));
    let consult = row.desk.consults.first().expect("a consultation");
    assert!(consult.answered && consult.end.is_some());
}

/// R115, R103: the caller is passed on to who was asked: an attended transfer.
#[test]
fn a_consultation_is_completed() {
    let mut desk = floor();
    let (mut talk, _) = consulting(&mut desk);
    desk.does(CallCommand::CompleteConsult);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    assert_eq!(desk.ears().hears(2), legs(&[0]));
    desk.ends(&mut talk, &[SECOND]);
    let row = desk.first_row();
    let transfer = row.transfer().expect("a transfer");
    assert_eq!(transfer.result, Some(TransferResult::Answered));
    let kind = serde_json::to_value(transfer.kind).expect("JSON");
    assert_eq!(kind, "attended");
}

/// R115: completed before an answer: the caller hears the ringing, and then whoever is rung.
#[test]
fn a_consultation_is_completed_while_it_rings() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    desk.does(CallCommand::CompleteConsult);
    assert_eq!(desk.ears().hears(0), RINGBACK);
    desk.picks_up(SECOND);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    desk.ends(&mut talk, &[SECOND]);
}

/// R115: whoever is asked refuses, does not answer or hangs up: the agent is back with the caller.
#[test]
fn a_consultation_in_vain_ends_with_the_caller() {
    let mut desk = floor();
    let mut talk = desk.talk();
    let ask = || CallCommand::Consult(PassTo::Agent("1002".into()));
    desk.does(ask());
    let invite = desk.request(SECOND, &Method::INVITE);
    desk.answers(&invite, 486, "busy", SECOND, |_| {});
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.does(ask());
    let mut second = desk.picks_up(SECOND);
    desk.asks(&mut second, Method::BYE, SECOND, |_| {});
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    // Asked and taken back before an answer.
    desk.does(ask());
    let invite = desk.request(SECOND, &Method::INVITE);
    desk.answers(&invite, 180, "ringing", SECOND, |_| {});
    desk.does(CallCommand::CancelConsult);
    let cancel = desk.request(SECOND, &Method::CANCEL);
    desk.answers(&cancel, 200, "ringing", SECOND, |_| {});
    desk.answers(&invite, 487, "ringing", SECOND, |_| {});
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    let line = desk.about_call(
        agent("1001"),
        CallCommand::Consult(PassTo::Line("complaints".into())),
    );
    assert_eq!(line, Err(Refused::WrongState));
    desk.ends(&mut talk, &[AGENT]);
    assert_eq!(desk.first_row().desk.consults.len(), 3);
}

/// R115: three hear each other; apart again; and the agent leaves the other two.
#[test]
fn three_talk_and_one_leaves() {
    let mut desk = floor();
    let (mut talk, _) = consulting(&mut desk);
    desk.does(CallCommand::JoinThree);
    for (leg, others) in [(0, [1, 2]), (1, [0, 2]), (2, [0, 1])] {
        assert_eq!(desk.ears().hears(leg), legs(&others));
    }
    desk.does(CallCommand::PutOnHold { reason: None });
    assert_eq!(desk.ears().hears(0), music());
    assert_eq!(desk.ears().hears(1), legs(&[2]));
    desk.does(CallCommand::JoinThree);
    desk.does(CallCommand::CompleteConsult);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    assert_eq!(desk.ears().hears(2), legs(&[0]));
    desk.ends(&mut talk, &[SECOND]);
    assert!(desk.first_row().desk.consults.iter().all(|it| it.three));
}

/// R115: an agent who hangs up in a consultation leaves the caller to who was asked.
#[test]
fn who_hangs_up_in_a_consultation_passes_the_caller_on() {
    for is_answered in [true, false] {
        let mut desk = floor();
        let mut talk = if is_answered {
            consulting(&mut desk).0
        } else {
            let talk = desk.talk();
            desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
            talk
        };
        desk.asks(&mut talk.agent, Method::BYE, AGENT, |_| {});
        desk.none(CALLER, "BYE");
        if !is_answered {
            desk.picks_up(SECOND);
        }
        assert_eq!(desk.ears().hears(0), legs(&[2]));
        desk.ends(&mut talk, &[SECOND]);
    }
}

/// The caller hangs up in the middle: whoever is asked, rung or answered, is let go.
#[test]
fn a_caller_who_leaves_ends_a_consultation() {
    let mut desk = floor();
    let (mut talk, _) = consulting(&mut desk);
    desk.ends(&mut talk, &[AGENT, SECOND]);
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    let invite = desk.request(SECOND, &Method::INVITE);
    desk.answers(&invite, 180, "ringing", SECOND, |_| {});
    desk.asks(&mut talk.caller, Method::BYE, CALLER, |_| {});
    let cancel = desk.request(SECOND, &Method::CANCEL);
    desk.answers(&cancel, 200, "ringing", SECOND, |_| {});
    desk.answers(&invite, 487, "ringing", SECOND, |_| {});
    desk.is_sent_away(AGENT);
    desk.nothing_is_left();
}
