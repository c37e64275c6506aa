//! Who may act in a call, and turn its recording.

use super::*;

/// Nobody acts in a call of somebody else, nor where nobody talks.
#[test]
fn only_who_talks_acts() {
    let mut desk = floor();
    let mut talk = desk.talk();
    for command in [
        CallCommand::PutOnHold { reason: None },
        CallCommand::Mute(true),
        CallCommand::Park,
        CallCommand::HangUp(Some(HangUpReason::Abuse)),
        CallCommand::Transfer(PassTo::Agent("1009".into())),
        CallCommand::RaiseHand(true),
    ] {
        let answer = desk.about_call(agent("1002"), command);
        assert_eq!(answer, Err(Refused::NotYours));
    }
    for command in [
        CallCommand::TakeOver,
        CallCommand::StopSupervising,
        CallCommand::TurnSupervision(BARGE),
        CallCommand::CompleteConsult,
        CallCommand::CancelConsult,
        CallCommand::JoinThree,
    ] {
        let answer = desk.about_call(agent("1001"), command);
        assert_eq!(answer, Err(Refused::WrongState));
    }
    desk.ends(&mut talk, &[AGENT]);
    let late = desk.about_call(agent("1001"), CallCommand::Park);
    assert_eq!(late, Err(Refused::NoSuchCall));
}

/// R189: of all agents only who talks with the caller turns the recording; a user with the right to
/// it does so at any time.
#[test]
fn only_who_talks_turns_the_recording() {
    let mut desk = floor_with(|line| line.record = RecordPolicy::OnDemand);
    let mut talk = desk.talk();
    let record = |turn| CallCommand::Record { turn, reason: None };
    assert_eq!(
        desk.about_call(agent("1002"), record(RecordingTurn::Started)),
        Err(Refused::NotYours),
        "a stranger"
    );
    desk.does(record(RecordingTurn::Started));
    let stopped = || record(RecordingTurn::Stopped);
    assert_eq!(desk.supervise(LISTEN), Ok(Done::Accepted));
    let rung = desk.request(LEADER, &Method::INVITE);
    let answer = desk.about_call(agent("1009"), stopped());
    assert_eq!(answer, Err(Refused::NotYours), "is only rung");
    desk.picks_up_with(LEADER, &rung);
    let answer = desk.about_call(agent("1009"), stopped());
    assert_eq!(answer, Err(Refused::NotYours), "only listens");
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    desk.picks_up(SECOND);
    let answer = desk.about_call(agent("1002"), stopped());
    assert_eq!(answer, Err(Refused::NotYours), "is only asked");
    assert_eq!(desk.about_call(user(), stopped()), Ok(Done::Accepted));
    desk.ends(&mut talk, &[AGENT, SECOND, LEADER]);
}

/// R189: who has made the call is in the talk, too.
#[test]
fn who_called_out_turns_the_recording() {
    let mut desk = floor();
    let began = desk.ask(agent("1001"), dial("01061234567"));
    assert!(matches!(began, Ok(Done::Began(_))));
    let mut own = desk.picks_up(AGENT);
    desk.picks_up(OUTSIDE);
    let turn = RecordingTurn::Paused;
    desk.does(CallCommand::Record { turn, reason: None });
    desk.asks(&mut own, Method::BYE, AGENT, |_| {});
    desk.is_sent_away(OUTSIDE);
    desk.nothing_is_left();
}
