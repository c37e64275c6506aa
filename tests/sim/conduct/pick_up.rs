//! Calls that are picked up at a colleague's phone, parked and fetched.

use super::*;

/// What an agent has dialled and rings outside is nobody else's.
#[test]
fn a_call_that_rings_outside_is_not_picked_up() {
    let mut desk = floor();
    let Ok(Done::Began(call)) = desk.ask(agent("1001"), dial("01061234567")) else {
        panic!("no call began");
    };
    desk.picks_up(AGENT);
    let invite = desk.request(OUTSIDE, &Method::INVITE);
    desk.answers(&invite, 180, "them", OUTSIDE, |_| {});
    let picked_up = desk.ask(agent("1002"), Command::PickUp(call));
    assert_eq!(picked_up, Err(Refused::WrongState));
    desk.none(SECOND, "INVITE");
}

/// A call that rings at a colleague's phone is answered by another agent (代接).
#[test]
fn a_colleagues_call_is_picked_up() {
    let mut desk = floor();
    let invite = desk.invite();
    desk.hears(CALLER, invite.clone());
    let rung = desk.request(AGENT, &Method::INVITE);
    desk.answers(&rung, 180, "agent", AGENT, |_| {});
    let call = desk.first_call();
    assert_eq!(
        desk.ask(user(), Command::PickUp(call)),
        Err(Refused::NoSuchAgent)
    );
    assert_eq!(
        desk.ask(agent("1002"), Command::PickUp(call)),
        Ok(Done::Accepted)
    );
    desk.picks_up(SECOND);
    let cancel = desk.request(AGENT, &Method::CANCEL);
    desk.answers(&cancel, 200, "agent", AGENT, |_| {});
    desk.answers(&rung, 487, "agent", AGENT, |_| {});
    let ok = desk.response(CALLER, 200);
    let mut caller = Dialog::uac(&invite, &ok);
    desk.acks(&caller, 1, CALLER);
    let again = desk.ask(agent("1009"), Command::PickUp(call));
    assert_eq!(again, Err(Refused::WrongState));
    desk.asks(&mut caller, Method::BYE, CALLER, |_| {});
    desk.is_sent_away(SECOND);
    desk.nothing_is_left();
    let row = desk.first_row();
    assert_eq!(row.answered_by, Some("1002".into()));
    assert_eq!(row.desk.picked_up_by, [AgentId::from("1002")]);
}

/// A parked call waits with music; whoever fetches it has it.
#[test]
fn a_parked_call_is_fetched() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::Park);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), music());
    let call = desk.first_call();
    assert_eq!(
        desk.ask(agent("1002"), Command::PickUp(call)),
        Ok(Done::Accepted)
    );
    let invite = desk.request(SECOND, &Method::INVITE);
    desk.answers(&invite, 486, "busy", SECOND, |_| {});
    assert_eq!(desk.ears().hears(0), music());
    assert_eq!(
        desk.ask(agent("1009"), Command::PickUp(call)),
        Ok(Done::Accepted)
    );
    desk.picks_up(LEADER);
    assert_eq!(desk.ears().hears(0), legs(&[3]));
    desk.passes(seconds(120));
    desk.none(AGENT, "INVITE");
    desk.ends(&mut talk, &[LEADER]);
}

/// A parked call that nobody fetches goes back to who parked it, and then to the line.
#[test]
fn a_parked_call_that_nobody_fetches_goes_back() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::Park);
    desk.is_sent_away(AGENT);
    desk.passes(seconds(60));
    assert_eq!(desk.ears().hears(0), RINGBACK);
    let invite = desk.request(AGENT, &Method::INVITE);
    desk.answers(&invite, 486, "busy", AGENT, |_| {});
    // The line's agents: the same one, later.
    desk.picks_up(AGENT);
    let back = desk.ears().opened.len() - 1;
    assert_eq!(desk.ears().hears(0), legs(&[back]));
    desk.ends(&mut talk, &[AGENT]);
    assert_eq!(desk.first_row().desk.parks, 1);
}
