//! Callers who are passed on by an order: to a colleague, outside, to another line.

use super::*;

/// R103, R086: passed on to a colleague by order: the caller hears ringing, then the colleague; who
/// passed the call on is free at once.
#[test]
fn a_transfer_by_order_is_the_transfer_of_a_phone() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::Transfer(PassTo::Agent("1002".into())));
    assert_eq!(desk.ears().hears(0), RINGBACK);
    desk.picks_up(SECOND);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    desk.ends(&mut talk, &[SECOND]);
    let row = desk.first_row();
    let transfer = row.transfer().expect("a transfer");
    assert_eq!(transfer.result, Some(TransferResult::Answered));
    assert_eq!(transfer.by, AgentId::from("1001"));
}

/// R086: what fails comes back to the sender, who may still have the caller on hold.
#[test]
fn a_transfer_by_order_that_fails_comes_back() {
    let mut desk = floor();
    let mut talk = desk.talk();
    for held in [false, true] {
        if held {
            desk.does(CallCommand::PutOnHold { reason: None });
        }
        desk.does(CallCommand::Transfer(PassTo::Agent("1002".into())));
        let invite = desk.request(SECOND, &Method::INVITE);
        desk.answers(&invite, 486, "busy", SECOND, |_| {});
        let expected = if held { music() } else { legs(&[1]) };
        assert_eq!(desk.ears().hears(0), expected);
    }
    desk.does(CallCommand::Retrieve);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.none(AGENT, "BYE");
    let nobody = CallCommand::Transfer(PassTo::Number("139000".to_owned()));
    desk.does(nobody);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.ends(&mut talk, &[AGENT]);
    let transfers = desk.first_row().transfers;
    let results: Vec<_> = transfers.iter().filter_map(|it| it.result).collect();
    let refused = TransferResult::Refused;
    assert_eq!(results, [refused, refused, TransferResult::Forbidden]);
}

/// R103: to an outside number by the line's policy, whose decision is in the log before the INVITE.
#[test]
fn a_transfer_by_order_outside_has_its_decision() {
    let mut desk = floor();
    let mut talk = desk.talk();
    let number = PassTo::Number("01061234567".to_owned());
    desk.does(CallCommand::Transfer(number));
    let allowed = |kind: &EventKind| matches!(kind, EventKind::OutboundDecided { decision } if decision.refused.is_none());
    assert!(CallLog(desk.events().to_vec()).has(allowed));
    desk.picks_up(OUTSIDE);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    desk.ends(&mut talk, &[OUTSIDE]);
}

/// R103: to a department: the caller waits with music for its agents, and the agent is free.
#[test]
fn a_transfer_to_another_line_waits_for_its_agents() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.passes(seconds(3));
    desk.does(CallCommand::Transfer(PassTo::Line("complaints".into())));
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), music());
    desk.picks_up(SECOND);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    desk.ends(&mut talk, &[SECOND]);
    let row = desk.first_row();
    let transfer = row.transfer().expect("a transfer");
    assert_eq!(transfer.result, Some(TransferResult::Answered));
    let target = serde_json::to_value(&transfer.target).expect("JSON");
    assert_eq!(target, serde_json::json!({ "line": "complaints" }));
    // The caller's own clock was not started again.
    let answers = desk.events().iter();
    let answers = answers.filter(|event| matches!(event.kind, EventKind::Answered { .. }));
    assert_eq!(answers.count(), 1);
    assert_eq!(row.answered_by, Some("1001".into()));
}

/// R086: nobody of that line answers: the caller goes back to the sender, by that phone.
#[test]
fn a_transfer_to_a_line_in_vain_goes_back_to_the_sender() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::Transfer(PassTo::Line("complaints".into())));
    desk.is_sent_away(AGENT);
    let invite = desk.request(SECOND, &Method::INVITE);
    desk.answers(&invite, 486, "busy", SECOND, |_| {});
    // It is tried again now and then.
    let deadline = seconds(45);
    for _ in 0..4 {
        desk.passes(deadline / 4);
        if let Some(invite) = desk.next_request(SECOND, &Method::INVITE) {
            desk.answers(&invite, 486, "busy", SECOND, |_| {});
        }
    }
    assert_eq!(desk.ears().hears(0), RINGBACK);
    desk.picks_up(AGENT);
    let back = desk.ears().opened.len() - 1;
    assert_eq!(desk.ears().hears(0), legs(&[back]));
    desk.ends(&mut talk, &[AGENT]);
    let transfer = desk.first_row().transfers.remove(0);
    assert_eq!(transfer.result, Some(TransferResult::NoAnswer));
}

/// A line that there is not, or transfers that the line forbids, change nothing.
#[test]
fn a_transfer_to_no_line_changes_nothing() {
    let mut desk = floor();
    let mut talk = desk.talk();
    let to = PassTo::Line(LineId::from("nowhere"));
    desk.does(CallCommand::Transfer(to));
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.none(AGENT, "BYE");
    desk.ends(&mut talk, &[AGENT]);
    let transfer = desk.first_row().transfers.remove(0);
    assert_eq!(transfer.result, Some(TransferResult::Unreachable));
}
