//! Holds by order, mutes, and keys that are pressed to the caller.

use super::*;

/// R058: the caller hears music and the agent nothing, without a word to the carrier; the hold's
/// start, length and reason are on the row, and the desk is told when it is long.
#[test]
fn a_hold_by_order_is_ours_alone_and_stands_on_the_row() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.passes(seconds(5));
    let reason = Some("a question to the store".to_owned());
    desk.does(CallCommand::PutOnHold { reason });
    assert_eq!(desk.ears().hears(0), music());
    assert_eq!(desk.ears().hears(1), legs(&[]));
    let again = CallCommand::PutOnHold { reason: None };
    let answer = desk.about_call(agent("1001"), again);
    assert_eq!(answer, Err(Refused::WrongState));
    desk.attentions();
    desk.passes(seconds(30));
    let long = |held_ms, is_very_long| Attention::HoldIsLong {
        held_ms,
        is_very_long,
    };
    assert_eq!(desk.attentions(), [long(30_000, false)]);
    desk.passes(seconds(90));
    assert_eq!(desk.attentions(), [long(60_000, true)]);
    desk.does(CallCommand::Retrieve);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    for peer in [CALLER, AGENT] {
        desk.none(peer, "INVITE");
        desk.none(peer, "UPDATE");
    }
    let answer = desk.about_call(agent("1001"), CallCommand::Retrieve);
    assert_eq!(answer, Err(Refused::WrongState));
    desk.ends(&mut talk, &[AGENT]);
    let row = desk.first_row();
    assert_eq!((row.holds.count, row.holds.ms), (1, 120_000));
    let hold = row.desk.holds.first().expect("a hold");
    assert_eq!(hold.ms, Some(120_000));
    assert_eq!(hold.reason.as_deref(), Some("a question to the store"));
    assert!(hold.was_long);
}

/// R034: on a line without music a caller who waits hears a short tone now and then, so that the line
/// is not dead.
#[test]
fn a_caller_who_waits_without_music_hears_a_tone() {
    let mut desk = floor_with(|line| line.hold_music = None);
    let mut talk = desk.talk();
    desk.does(CallCommand::PutOnHold { reason: None });
    assert_eq!(desk.ears().hears(0), WAITING_TONE);
    desk.does(CallCommand::Retrieve);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    let invite = desk.request(SECOND, &Method::INVITE);
    assert_eq!(desk.ears().hears(0), WAITING_TONE);
    desk.answers(&invite, 486, "busy", SECOND, |_| {});
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.does(CallCommand::Park);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), WAITING_TONE);
    desk.ends(&mut talk, &[]);
}

/// R034: the caller is asked to wait before the music, and hears an apology after a long hold; after
/// a short one nobody apologises.
#[test]
fn the_caller_is_asked_to_wait_and_apologised_to_after_a_long_hold() {
    let mut desk = floor_with(|line| {
        line.manners.hold_prompt = Some(prompt("wait.wav"));
        line.manners.return_apology = Some("sorry.wav".to_owned());
    });
    let mut talk = desk.talk();
    let hold = || CallCommand::PutOnHold { reason: None };
    desk.does(hold());
    assert_eq!(desk.ears().hears(0), says("wait.wav"));
    desk.has_heard("wait.wav");
    assert_eq!(desk.ears().hears(0), music());
    desk.passes(seconds(29));
    desk.does(CallCommand::Retrieve);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.does(hold());
    desk.passes(seconds(30));
    desk.does(CallCommand::Retrieve);
    assert_eq!(desk.ears().hears(0), says("sorry.wav"));
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    desk.ends(&mut talk, &[AGENT]);
}

/// R034: the music comes although nobody has told that the prompt before it was over.
#[test]
fn the_music_comes_after_a_prompt_whose_end_is_not_told() {
    let mut desk = floor_with(|line| line.manners.hold_prompt = Some(prompt("wait.wav")));
    let mut talk = desk.talk();
    desk.does(CallCommand::PutOnHold { reason: None });
    desk.passes(seconds(7));
    assert_eq!(desk.ears().hears(0), says("wait.wav"), "it may be late");
    desk.passes(seconds(1));
    assert_eq!(desk.ears().hears(0), music());
    desk.does(CallCommand::Retrieve);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.ends(&mut talk, &[AGENT]);
}

/// R059: nobody hears an agent who is muted, who hears on; the time is on the row.
#[test]
fn a_muted_agent_hears_and_is_not_heard() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::Mute(true));
    assert_eq!(desk.ears().hears(0), legs(&[]));
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    desk.passes(seconds(7));
    desk.does(CallCommand::Mute(false));
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    let again = desk.about_call(agent("1001"), CallCommand::Mute(false));
    assert_eq!(again, Err(Refused::WrongState));
    desk.ends(&mut talk, &[AGENT]);
    let mutes = desk.first_row().desk.mutes;
    assert_eq!(mutes.first().and_then(|mute| mute.ms), Some(7_000));
}

/// R233: keys go to the caller, and only their number into the log.
#[test]
fn keys_are_pressed_to_the_caller_and_not_written_down() {
    let mut desk = floor();
    let mut talk = desk.talk();
    let press = |keys: &str| CallCommand::Press(keys.to_owned());
    for nothing in ["", "12a", "1 2", &"1".repeat(33)] {
        let answer = desk.about_call(agent("1001"), press(nothing));
        assert_eq!(answer, Err(Refused::Unusable));
    }
    desk.does(press("12#"));
    let caller = desk.ears().opened.first().copied();
    let pressed = desk.orders.iter().filter_map(|order| {
        if let MediaCommand::PressKey { leg, digit, .. } = order {
            Some((Some(*leg) == caller, *digit))
        } else {
            None
        }
    });
    let pressed: Vec<_> = pressed.collect();
    assert_eq!(pressed, [(true, '1'), (true, '2'), (true, '#')]);
    let (by, keys) = ("1001".to_owned(), None);
    let count = 3;
    assert!(desk.did(&Doing::KeysPressed { by, count, keys }));
    desk.ends(&mut talk, &[AGENT]);
}
