//! Calls that are not for the customer to end: private ones, silent ones, and those that an agent ends.

use super::*;

/// R047, R046: an agent who ends the talk says why; without a reason nothing happens.
#[test]
fn who_hangs_up_on_a_customer_says_why() {
    let mut desk = floor();
    let _talk = desk.talk();
    let without = desk.about_call(agent("1001"), CallCommand::HangUp(None));
    assert_eq!(without, Err(Refused::ReasonWanted));
    desk.none(CALLER, "BYE");
    desk.does(CallCommand::HangUp(Some(HangUpReason::SilentCall)));
    for peer in [CALLER, AGENT] {
        desk.is_sent_away(peer);
    }
    desk.nothing_is_left();
    let row = desk.first_row();
    assert!(row.agent_first);
    assert_eq!(row.desk.hang_up_reason, Some(HangUpReason::SilentCall));
    assert_eq!(row.hangup_reason.as_deref(), Some("silent call"));
}

/// R050, R051: a private call has its reason, is warned of before its bound and ended by it.
#[test]
fn a_private_call_is_bounded() {
    let mut desk = floor_with(|line| line.manners.private_calls = PrivateCalls::End);
    let _talk = desk.talk();
    let private = |reason: &str| CallCommand::MarkPrivate {
        reason: reason.to_owned(),
    };
    let without = desk.about_call(agent("1001"), private(" "));
    assert_eq!(without, Err(Refused::ReasonWanted));
    desk.does(private("the child is ill"));
    desk.attentions();
    desk.passes(seconds(150));
    let is_over = false;
    assert_eq!(desk.attentions(), [Attention::PrivateIsLong { is_over }]);
    desk.none(CALLER, "BYE");
    desk.passes(seconds(30));
    for peer in [CALLER, AGENT] {
        desk.is_sent_away(peer);
    }
    desk.nothing_is_left();
    let row = desk.first_row();
    assert!(row.desk.private.is_some_and(|private| private.is_over));
    assert_eq!(row.desk.hang_up_reason, Some(HangUpReason::PrivateCall));
    assert!(!row.agent_first);
}

/// R050: the bound is the agent's who has said that the call is private, and not a colleague's who
/// goes on with it.
#[test]
fn a_private_call_is_so_for_its_agent_only() {
    let mut desk = floor_with(|line| line.manners.private_calls = PrivateCalls::End);
    let mut talk = desk.talk();
    let reason = "the child is ill".to_owned();
    desk.does(CallCommand::MarkPrivate { reason });
    desk.does(CallCommand::Transfer(PassTo::Agent("1002".into())));
    desk.picks_up(SECOND);
    desk.is_sent_away(AGENT);
    desk.attentions();
    desk.passes(seconds(300));
    assert_eq!(desk.attentions(), []);
    desk.none(CALLER, "BYE");
    let reason = "my own child".to_owned();
    let private = CallCommand::MarkPrivate { reason };
    assert_eq!(
        desk.about_call(agent("1002"), private),
        Ok(Done::Accepted),
        "another agent, another private call"
    );
    desk.ends(&mut talk, &[SECOND]);
}

/// R049: by default there are none.
#[test]
fn private_calls_are_forbidden_by_default() {
    let mut desk = floor();
    let mut talk = desk.talk();
    let private = CallCommand::MarkPrivate {
        reason: "urgent".to_owned(),
    };
    let answer = desk.about_call(agent("1001"), private);
    assert_eq!(answer, Err(Refused::Forbidden));
    desk.ends(&mut talk, &[AGENT]);
}

/// R047: a caller of whom nothing comes is warned, and then the system ends the call; one who is
/// heard again is not.
#[test]
fn a_silent_call_is_ended_by_the_system() {
    for is_heard_again in [false, true] {
        let mut desk = floor_with(|line| {
            line.manners.silent_end = Some(seconds(20));
            line.manners.silent_warning = Some("hello.wav".to_owned());
        });
        let mut talk = desk.talk();
        let leg = desk.ears().opened.first().copied().expect("a leg");
        let one_way = true;
        desk.tells(Input::Media(MediaEvent::FellSilent { leg, one_way }));
        desk.passes(seconds(20));
        assert_eq!(desk.ears().hears(0), says("hello.wav"));
        if is_heard_again {
            let silent_ms = 23_000;
            desk.tells(Input::Media(MediaEvent::HeardAgain { leg, silent_ms }));
            desk.passes(seconds(60));
            desk.none(CALLER, "BYE");
            desk.ends(&mut talk, &[AGENT]);
            continue;
        }
        desk.none(CALLER, "BYE");
        desk.passes(seconds(20));
        for peer in [CALLER, AGENT] {
            desk.is_sent_away(peer);
        }
        desk.nothing_is_left();
        let row = desk.first_row();
        assert_eq!(row.desk.hang_up_reason, Some(HangUpReason::SilentCall));
        assert!(row.desk.silence_warned && !row.agent_first);
    }
}

/// R047: a caller whose phone sends nothing but silence is silent, too, until the first word; who has
/// said one and then listens is not.
#[test]
fn a_caller_who_never_says_a_word_is_silent_though_packets_come() {
    for speaks in [false, true] {
        let mut desk = floor_with(|line| line.manners.silent_end = Some(seconds(20)));
        let mut talk = desk.talk();
        let leg = desk.ears().opened.first().copied().expect("a leg");
        let is_heeded = desk.orders.iter().any(|order| {
            matches!(order, MediaCommand::Heed { leg: heeded, is_first_word: true, .. }
                if *heeded == leg)
        });
        assert!(is_heeded, "{:?}", desk.orders);
        desk.tells(Input::Media(MediaEvent::FellQuiet { leg }));
        // That packets come again is no word.
        let silent_ms = 3_000;
        desk.tells(Input::Media(MediaEvent::HeardAgain { leg, silent_ms }));
        if speaks {
            desk.passes(seconds(19));
            desk.tells(Input::Media(MediaEvent::Spoke { leg }));
            desk.tells(Input::Media(MediaEvent::FellQuiet { leg }));
            desk.passes(seconds(60));
            desk.none(CALLER, "BYE");
            desk.ends(&mut talk, &[AGENT]);
            continue;
        }
        desk.passes(seconds(40));
        for peer in [CALLER, AGENT] {
            desk.is_sent_away(peer);
        }
        desk.nothing_is_left();
        let reason = desk.first_row().desk.hang_up_reason;
        assert_eq!(reason, Some(HangUpReason::SilentCall));
    }
}

/// R047: a line that does not end silent calls listens to nobody.
#[test]
fn nobody_is_listened_to_without_a_rule_for_silent_calls() {
    let mut desk = floor();
    let mut talk = desk.talk();
    let heeds = |order: &MediaCommand| matches!(order, MediaCommand::Heed { .. });
    assert!(!desk.orders.iter().any(heeds));
    desk.ends(&mut talk, &[AGENT]);
}

/// R047: a caller who is heard again while the call is parked, or who was silent with another agent,
/// is not hung up on.
#[test]
fn a_caller_who_was_silent_before_is_not_hung_up_on() {
    for is_heard in [true, false] {
        let mut desk = floor_with(|line| line.manners.silent_end = Some(seconds(20)));
        let mut talk = desk.talk();
        let leg = desk.ears().opened.first().copied().expect("a leg");
        let one_way = true;
        desk.tells(Input::Media(MediaEvent::FellSilent { leg, one_way }));
        desk.does(CallCommand::Park);
        desk.is_sent_away(AGENT);
        if is_heard {
            let silent_ms = 9_000;
            desk.tells(Input::Media(MediaEvent::HeardAgain { leg, silent_ms }));
        }
        let call = desk.first_call();
        let fetched = desk.ask(agent("1009"), Command::PickUp(call));
        assert_eq!(fetched, Ok(Done::Accepted));
        desk.picks_up(LEADER);
        desk.passes(seconds(60));
        desk.none(CALLER, "BYE");
        desk.ends(&mut talk, &[LEADER]);
    }
}
