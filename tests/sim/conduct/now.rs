//! How running calls stand, for those who watch the floor.

use thirdring::call::{Beside, CallNow, CallState};
use thirdring::rules::Timestamp;

use super::*;

/// The only call that goes on.
fn only(desk: &Desk) -> CallNow {
    let mut calls = desk.calls_now();
    assert_eq!(calls.len(), 1, "{calls:?}");
    calls.remove(0)
}

fn state(desk: &Desk) -> CallState {
    only(desk).state
}

/// R066: whoever looks at the floor, however late, sees who is rung and since when, which ring it is,
/// who talks, holds, asks for help, and who is beside the call; and nothing of a call that is over.
#[test]
fn the_floor_shows_how_each_call_stands() {
    let mut desk = floor();
    assert_eq!(desk.calls_now(), []);
    let invite = desk.invite();
    desk.hears(CALLER, invite.clone());
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 180, "agent", AGENT, |_| {});
    let began = only(&desk);
    assert_eq!(
        (began.state, began.agent, began.rung, began.ring),
        (CallState::Ringing, None, vec!["1001".into()], Some(1))
    );
    assert!(!began.can_be_supervised);
    desk.passes(seconds(6));
    let later = only(&desk);
    assert_eq!((later.ring, later.since), (Some(2), began.since));
    desk.answers(&offered, 200, "agent", AGENT, |_| {});
    let ok = desk.response(CALLER, 200);
    let mut caller = Dialog::uac(&invite, &ok);
    desk.acks(&caller, 1, CALLER);
    let talks = only(&desk);
    assert_eq!(
        (talks.state, talks.agent, talks.rung, talks.ring),
        (CallState::Talking, Some("1001".into()), Vec::new(), None)
    );
    assert_eq!(talks.since, began.since.plus(seconds(6)));
    assert!(talks.can_be_supervised);
    assert_eq!((talks.hand, talks.beside), (None, None));

    desk.passes(seconds(2));
    let now = talks.since.plus(seconds(2));
    desk.does(CallCommand::PutOnHold { reason: None });
    let held = only(&desk);
    assert_eq!((held.state, held.since), (CallState::Held, now));
    desk.does(CallCommand::Retrieve);
    desk.does(CallCommand::Mute(true));
    desk.does(CallCommand::RaiseHand(true));
    desk.passes(seconds(3));
    let asks = only(&desk);
    assert_eq!((asks.state, asks.is_muted), (CallState::Talking, true));
    let hand = asks.hand.map(|hand| (hand.agent, hand.at));
    assert_eq!(hand, Some(("1001".into(), now)));
    supervised(&mut desk, now);
    desk.asks(&mut caller, Method::BYE, CALLER, |_| {});
    assert_eq!(desk.calls_now(), []);
    for peer in [LEADER, AGENT] {
        desk.is_sent_away(peer);
    }
    desk.nothing_is_left();
}

/// The shift leader comes beside the only call, whose hand went up then.
fn supervised(desk: &mut Desk, hand_at: Timestamp) {
    let beside = |is_there, mode| {
        Some(Beside {
            agent: "1009".into(),
            mode,
            is_there,
        })
    };
    assert_eq!(desk.supervise(LISTEN), Ok(Done::Accepted));
    let rung = only(desk);
    assert_eq!(rung.beside, beside(false, LISTEN));
    assert!(!rung.can_be_supervised);
    // Help is on its way, and not there yet.
    assert_eq!(rung.hand.map(|hand| hand.at), Some(hand_at));
    desk.picks_up(LEADER);
    let there = only(desk);
    assert_eq!((there.beside, there.hand), (beside(true, LISTEN), None));
    let whisper = CallCommand::TurnSupervision(WHISPER);
    assert_eq!(desk.about_call(agent("1009"), whisper), Ok(Done::Accepted));
    assert_eq!(only(desk).beside, beside(true, WHISPER));
}

/// A call that waits to be fetched says so, and so does one that is on its way to a colleague.
#[test]
fn the_floor_shows_where_a_caller_waits() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::Transfer(PassTo::Agent("1002".into())));
    let passed = only(&desk);
    assert_eq!(passed.state, CallState::PassedOn);
    assert_eq!(passed.rung, [AgentId::from("1002")]);
    let invite = desk.request(SECOND, &Method::INVITE);
    desk.answers(&invite, 486, "busy", SECOND, |_| {});
    assert_eq!(state(&desk), CallState::Talking);
    desk.does(CallCommand::Park);
    desk.is_sent_away(AGENT);
    let parked = only(&desk);
    assert_eq!((parked.state, parked.agent), (CallState::Parked, None));
    desk.ends(&mut talk, &[]);
}
