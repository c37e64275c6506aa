//! Calls that an agent makes by a click.

use super::*;

/// R042: a click rings the agent's phone, then the number, by the policy for what the phone dials;
/// then the call is one that the agent has made.
#[test]
fn a_click_rings_the_agent_and_then_the_number() {
    let mut desk = floor();
    let Ok(Done::Began(call)) = desk.ask(agent("1001"), dial("01061234567")) else {
        panic!("no call began");
    };
    desk.none(OUTSIDE, "INVITE");
    let mut own = desk.picks_up(AGENT);
    assert_eq!(desk.first_call(), call);
    let invite = desk.request(OUTSIDE, &Method::INVITE);
    desk.answers(&invite, 180, "them", OUTSIDE, |_| {});
    assert_eq!(desk.ears().hears(0), RINGBACK);
    desk.answers(&invite, 200, "them", OUTSIDE, |_| {});
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    // The customer is who waits.
    desk.does(CallCommand::PutOnHold { reason: None });
    assert_eq!(desk.ears().hears(1), WAITING_TONE);
    desk.does(CallCommand::Retrieve);
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    desk.asks(&mut own, Method::BYE, AGENT, |_| {});
    desk.is_sent_away(OUTSIDE);
    desk.nothing_is_left();
    let row = desk.first_row();
    let direction = serde_json::to_value(row.direction).expect("JSON");
    assert_eq!(direction, "out");
    assert_eq!(row.desk.dialled_from.as_deref(), Some("case-7"));
    assert_eq!(row.outbound.len(), 1);
    assert!(row.callee.is_some() && row.answered_at.is_some());
    assert!(!row.dialled.contains("61234567"), "{}", row.dialled);
}

/// R049, R052: what policy forbids is not rung for, and its refusal has a row; what is no number at all
/// has none.
#[test]
fn a_click_on_a_forbidden_number_is_refused_with_a_row() {
    let mut desk = floor();
    let answer = desk.ask(agent("1001"), dial("02161234567"));
    assert_eq!(answer, Err(Refused::Forbidden));
    desk.none(AGENT, "INVITE");
    desk.nothing_is_left();
    let row = desk.first_row();
    assert!(row.outbound.iter().any(|it| it.refused.is_some()));
    // R052: and what is denied, whatever else is allowed.
    let answer = desk.ask(agent("1001"), dial("01081234567"));
    assert_eq!(answer, Err(Refused::Forbidden));
    let denied = |kind: &EventKind| {
        let denied = Some(OutboundRefusal::Denied);
        matches!(kind, EventKind::OutboundDecided { decision } if decision.refused == denied)
    };
    assert!(CallLog(desk.events().to_vec()).has(denied));
    let count = desk.events().len();
    for number in ["", "sip:x", "1001", "4001234567"] {
        let answer = desk.ask(agent("1001"), dial(number));
        assert_eq!(answer, Err(Refused::Unusable), "{number}");
    }
    assert_eq!(
        desk.ask(user(), dial("01061234567")),
        Err(Refused::NoSuchAgent)
    );
    assert_eq!(desk.events().len(), count);
    desk.nothing_is_left();
}

/// R042: a colleague who is busy cannot be rung now, which is no matter of policy; whoever asked is
/// free at once.
#[test]
fn a_click_on_a_busy_colleague_is_not_called_forbidden() {
    let mut desk = floor();
    assert!(desk.ask(agent("1002"), dial("1009")).is_ok());
    let invite = desk.request(SECOND, &Method::INVITE);
    let answer = desk.ask(agent("1001"), dial("1002"));
    assert_eq!(answer, Err(Refused::Unavailable));
    desk.none(AGENT, "INVITE");
    assert!(desk.ask(agent("1001"), dial("01061234567")).is_ok());
    let own = desk.request(AGENT, &Method::INVITE);
    for (invite, peer) in [(invite, SECOND), (own, AGENT)] {
        desk.answers(&invite, 486, "busy", peer, |_| {});
    }
    desk.nothing_is_left();
}

/// R042: whom a click is for is rung once the agent has answered, and has no call until then: one agent,
/// one call, whoever is first.
#[test]
fn a_colleague_is_free_while_the_phone_of_whoever_clicked_still_rings() {
    let mut desk = floor();
    assert!(desk.ask(agent("1001"), dial("1002")).is_ok());
    desk.none(SECOND, "INVITE");
    // Somebody else is quicker.
    assert!(desk.ask(agent("1009"), dial("1002")).is_ok());
    let mut quick = desk.picks_up(LEADER);
    let rung = desk.request(SECOND, &Method::INVITE);
    desk.answers(&rung, 200, "second", SECOND, |_| {});
    // Who answers then finds the colleague in a call, and is let go.
    desk.picks_up(AGENT);
    desk.none(SECOND, "INVITE");
    desk.is_sent_away(AGENT);
    desk.asks(&mut quick, Method::BYE, LEADER, |_| {});
    desk.is_sent_away(SECOND);
    desk.nothing_is_left();
}

/// R042: the agent's phone refuses, or the number does: both are told of, and nothing is left.
#[test]
fn a_click_in_vain_ends_by_itself() {
    let mut desk = floor();
    assert!(desk.ask(agent("1001"), dial("01061234567")).is_ok());
    let invite = desk.request(AGENT, &Method::INVITE);
    desk.answers(&invite, 486, "busy", AGENT, |_| {});
    desk.none(OUTSIDE, "INVITE");
    desk.nothing_is_left();
    let mut desk = floor();
    assert!(desk.ask(agent("1001"), dial("01061234567")).is_ok());
    let twice = desk.ask(agent("1001"), dial("01061234568"));
    assert_eq!(twice, Err(Refused::WrongState));
    desk.picks_up(AGENT);
    let invite = desk.request(OUTSIDE, &Method::INVITE);
    desk.answers(&invite, 486, "busy", OUTSIDE, |_| {});
    desk.is_sent_away(AGENT);
    desk.nothing_is_left();
    let outcome = serde_json::to_value(desk.first_row().outcome).expect("JSON");
    assert_eq!(outcome, "not_reached");
}

/// R042: an agent who hangs up before the number answers takes it back.
#[test]
fn a_click_is_taken_back() {
    let mut desk = floor();
    assert!(desk.ask(agent("1001"), dial("01061234567")).is_ok());
    let mut own = desk.picks_up(AGENT);
    let invite = desk.request(OUTSIDE, &Method::INVITE);
    desk.answers(&invite, 180, "them", OUTSIDE, |_| {});
    desk.asks(&mut own, Method::BYE, AGENT, |_| {});
    let cancel = desk.request(OUTSIDE, &Method::CANCEL);
    desk.answers(&cancel, 200, "them", OUTSIDE, |_| {});
    desk.answers(&invite, 487, "them", OUTSIDE, |_| {});
    desk.nothing_is_left();
}
