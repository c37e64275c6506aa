//! Waiting in an answered call.

use super::*;

/// R039, X02: a caller who rang in vain waits on in an answered call, with music and a word on the
/// place; that is no ring time.
#[test]
fn waiting_in_an_answered_call_is_no_ring_time() {
    let mut desk = desk(|line| {
        line.max_preanswer = Duration::from_secs(20);
        line.flow.unanswered = [Step::Queue(Duration::from_mins(5))].into();
        line.flow.waiting = Some(WaitingSound {
            music: Some("music.wav".to_owned()),
            announcement: Some(prompt("please-wait.wav")),
            every: Duration::from_secs(30),
            places: vec![prompt("you-are-next.wav")],
        });
    });
    let invite = dials(&mut desk);
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 486, "busy", AGENT, |_| {});
    desk.passes(Duration::from_secs(20));
    while let Some(again) = desk.next_request(AGENT, &Method::INVITE) {
        desk.answers(&again, 486, "busy", AGENT, |_| {});
    }
    let mut caller = confirms(&mut desk, &invite);
    let music = Audio::Loop("music.wav".to_owned());
    assert_eq!(playing(&desk).map(|it| it.2), Some(music.clone()));
    for _ in 0..2 {
        desk.passes(Duration::from_secs(30));
        while let Some(again) = desk.next_request(AGENT, &Method::INVITE) {
            desk.answers(&again, 486, "busy", AGENT, |_| {});
        }
        hears_prompt(&mut desk, "you-are-next.wav");
        assert_eq!(playing(&desk).map(|it| it.2), Some(music.clone()));
    }
    assert_eq!(said(&desk), ["you-are-next.wav", "you-are-next.wav"]);
    let place = |kind: &EventKind| matches!(kind, EventKind::PlaceTold { position: 1 });
    assert!(desk.only_call().has(place));
    let mut offered = desk.next_request(AGENT, &Method::INVITE);
    while offered.is_none() {
        desk.passes(Duration::from_secs(1));
        offered = desk.next_request(AGENT, &Method::INVITE);
    }
    let offered = offered.expect("the agent is rung again");
    desk.answers(&offered, 180, "agent", AGENT, |_| {});
    desk.answers(&offered, 200, "agent", AGENT, |_| {});
    let answered = kinds(&desk).into_iter().find_map(|kind| {
        if let EventKind::Answered { caller_ring_ms, .. } = kind {
            Some(caller_ring_ms)
        } else {
            None
        }
    });
    let ring_ms = answered.expect("an answer");
    assert!((19_000..=20_000).contains(&ring_ms), "{ring_ms} ms");
    leaves(&mut desk, &mut caller);
    let bye = desk.request(AGENT, &Method::BYE);
    desk.answers(&bye, 200, "agent", AGENT, |_| {});
    desk.nothing_is_left();
}

/// A caller who waits on in an answered call, of a line with this flow.
fn waits_on(change: impl FnOnce(&mut Line)) -> (Desk, Dialog) {
    let mut desk = desk(|line| {
        line.max_preanswer = Duration::from_secs(20);
        line.flow.unanswered = [Step::Queue(Duration::from_mins(5))].into();
        change(line);
    });
    let invite = dials(&mut desk);
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 486, "busy", AGENT, |_| {});
    desk.passes(Duration::from_secs(20));
    is_busy(&mut desk);
    let caller = confirms(&mut desk, &invite);
    (desk, caller)
}

/// The agent's phone refuses whatever has come.
fn is_busy(desk: &mut Desk) {
    while let Some(again) = desk.next_request(AGENT, &Method::INVITE) {
        desk.answers(&again, 486, "busy", AGENT, |_| {});
    }
}

/// R039: the music goes on although nobody has told that the announcement was over.
#[test]
fn music_follows_an_announcement_whose_end_is_not_told() {
    let (mut desk, mut caller) = waits_on(|line| {
        line.flow.waiting = Some(WaitingSound {
            music: Some("music.wav".to_owned()),
            announcement: Some(prompt("please-wait.wav")),
            every: Duration::from_secs(30),
            places: Vec::new(),
        });
    });
    desk.passes(Duration::from_secs(30));
    is_busy(&mut desk);
    assert!(plays(&desk, "please-wait.wav"));
    desk.passes(Duration::from_secs(8));
    is_busy(&mut desk);
    let music = Audio::Loop("music.wav".to_owned());
    assert_eq!(playing(&desk).map(|it| it.2), Some(music));
    // And the next announcement comes in its time.
    desk.passes(Duration::from_secs(30));
    is_busy(&mut desk);
    assert!(plays(&desk, "please-wait.wav"));
    leaves(&mut desk, &mut caller);
    desk.nothing_is_left();
}

/// R039: a line that says nothing of those who wait does not leave them in silence.
#[test]
fn who_waits_on_a_plain_line_hears_the_music_of_a_hold_or_a_tone() {
    let music = Audio::Loop("music.wav".to_owned());
    let (mut desk, mut caller) = waits_on(|line| line.hold_music = Some("music.wav".to_owned()));
    assert_eq!(playing(&desk).map(|it| it.2), Some(music));
    leaves(&mut desk, &mut caller);
    desk.nothing_is_left();
    let (mut desk, mut caller) = waits_on(|line| line.hold_music = None);
    let tone = playing(&desk).map(|it| it.2);
    assert!(matches!(tone, Some(Audio::Ringback { .. })), "{tone:?}");
    leaves(&mut desk, &mut caller);
    desk.nothing_is_left();
}

/// R039: on a line with music for who waits, too, an announcement is followed by the ringing tone, or
/// by the music as long as nobody can be rung, and not by silence.
#[test]
fn after_an_announcement_the_caller_is_not_left_in_silence() {
    for is_free in [true, false] {
        let mut desk = desk(|line| {
            line.max_preanswer = Duration::from_secs(10);
            line.flow.unanswered = [announce("busy.wav"), Step::Agents].into();
            line.flow.waiting = Some(WaitingSound {
                music: Some("music.wav".to_owned()),
                announcement: None,
                every: Duration::from_secs(30),
                places: Vec::new(),
            });
        });
        let invite = dials(&mut desk);
        if is_free {
            rings_in_vain(&mut desk, Duration::from_secs(10));
        } else {
            let offered = desk.request(AGENT, &Method::INVITE);
            desk.answers(&offered, 180, "agent", AGENT, |_| {});
            desk.passes(Duration::from_secs(9));
            desk.answers(&offered, 486, "agent", AGENT, |_| {});
            let agent = AgentId::from("1001");
            let busy = Command::Agent(agent.clone(), AgentCommand::Busy { reason: None });
            desk.tells(Input::Command(Ticket(1), Actor::Agent(agent), busy));
            assert_eq!(desk.answers.pop().map(|it| it.1), Some(Ok(Done::Accepted)));
            desk.passes(Duration::from_secs(1));
        }
        let mut caller = confirms(&mut desk, &invite);
        hears_prompt(&mut desk, "busy.wav");
        if !is_free {
            desk.none(AGENT, "INVITE");
            let music = Audio::Loop("music.wav".to_owned());
            assert_eq!(playing(&desk).map(|it| it.2), Some(music));
            leaves(&mut desk, &mut caller);
            desk.nothing_is_left();
            continue;
        }
        assert_eq!(playing(&desk).map(|it| it.2), Some(ringing_tone()));
        is_answered(&mut desk, AGENT, Duration::from_secs(2));
        let answered = |kind: &EventKind| {
            matches!(
                kind,
                EventKind::Answered {
                    caller_ring_ms: 12_000,
                    ..
                }
            )
        };
        assert!(desk.only_call().has(answered), "{:#?}", kinds(&desk));
        leaves(&mut desk, &mut caller);
        let bye = desk.request(AGENT, &Method::BYE);
        desk.answers(&bye, 200, "agent", AGENT, |_| {});
        desk.nothing_is_left();
    }
}
