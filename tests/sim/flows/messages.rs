//! After hours, and messages that callers leave.

use super::*;

fn message() -> MessageRules {
    MessageRules {
        prompt: prompt("leave-a-message.wav"),
        longest: Duration::from_mins(3),
        silence: Duration::from_secs(10),
        thanks: Some(prompt("thanks.wav")),
    }
}

fn after_hours(line: &mut Line) {
    line.flow = Flow {
        calendar: Some("office".to_owned()),
        after_hours: Some([announce("closed.wav"), Step::Message].into()),
        message: Some(message()),
        ..Flow::default()
    };
}

/// R016, R017, R186: outside the hours the call is taken all the same: an announcement, a message in
/// the call's own recording, and no phone rings. An announcement is no answer by a person.
#[test]
fn after_hours_the_caller_leaves_a_message() {
    let mut desk = Desk::with(|all| {
        settings(all, after_hours);
        with_hours(all, "mon-fri 09:00-18:00");
    });
    is_picked_up(&mut desk);
    desk.none(CALLER, "180");
    hears_prompt(&mut desk, "closed.wav");
    hears_prompt(&mut desk, "leave-a-message.wav");
    hears_out(&mut desk, &Audio::Beep);
    desk.passes(Duration::from_secs(20));
    presses(&mut desk, '5');
    assert!(!plays(&desk, "thanks.wav"), "another key is no end");
    presses(&mut desk, '#');
    hears_prompt(&mut desk, "thanks.wav");
    is_let_go(&mut desk);

    let call = desk.only_call();
    assert_eq!(call.outcome(), Some(Outcome::Message));
    assert!(!call.has(|kind| matches!(kind, EventKind::Answered { .. })));
    assert!(!call.has(|kind| matches!(kind, EventKind::Offered { .. })));
    let stamped = |kind: &EventKind| {
        matches!(kind, EventKind::HoursStamped(hours)
            if !hours.in_hours && hours.calendar == "office" && hours.holiday.is_none())
    };
    assert!(call.has(stamped));
    let ended = kinds(&desk).into_iter().find_map(|kind| {
        if let EventKind::MessageEnded(ended) = kind {
            Some(ended)
        } else {
            None
        }
    });
    let ended = ended.expect("a message");
    assert_eq!((ended.start_ms, ended.length_ms), (9_000, 20_000));
    assert_eq!(ended.ended_by, MessageEnding::Key);
    assert_eq!(recorder(&desk), ["start", "close"]);
    desk.none(AGENT, "INVITE");
    desk.nothing_is_left();
}

/// R016: the control: in hours the same line rings its agents, and the call is stamped so.
#[test]
fn in_hours_the_same_line_rings() {
    let mut desk = Desk::with(|all| {
        settings(all, after_hours);
        with_hours(all, "sat 08:00-09:00");
    });
    let invite = dials(&mut desk);
    let mut agent = is_answered(&mut desk, AGENT, Duration::from_secs(2));
    confirms(&mut desk, &invite);
    let in_hours = |kind: &EventKind| matches!(kind, EventKind::HoursStamped(it) if it.in_hours);
    assert!(desk.only_call().has(in_hours));
    desk.asks(&mut agent, Method::BYE, AGENT, |_| {});
    is_let_go(&mut desk);
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Answered));
    desk.nothing_is_left();
}

/// R186: a message is over when the caller says nothing any more, though packets come; the silence is
/// no part of it, and who has said nothing at all has left none.
#[test]
fn a_message_ends_when_nothing_is_said_any_more() {
    for (after, outcome) in [(30, Outcome::Message), (10, Outcome::NoAgent)] {
        let mut desk = desk(|line| {
            line.max_preanswer = Duration::from_secs(2);
            line.flow.unanswered = [Step::Message].into();
            line.flow.message = Some(message());
        });
        let invite = dials(&mut desk);
        desk.passes(Duration::from_secs(2));
        confirms(&mut desk, &invite);
        hears_prompt(&mut desk, "leave-a-message.wav");
        hears_out(&mut desk, &Audio::Beep);
        let heeded = desk.orders.iter().find_map(|order| {
            let MediaCommand::Heed {
                leg, quiet_after, ..
            } = order
            else {
                return None;
            };
            Some((*leg, *quiet_after))
        });
        let (leg, quiet_after) = heeded.expect("somebody listens");
        assert_eq!(quiet_after, Duration::from_secs(10));
        desk.passes(Duration::from_secs(after));
        desk.tells(Input::Media(MediaEvent::FellQuiet { leg }));
        hears_prompt(&mut desk, "thanks.wav");
        is_let_go(&mut desk);
        let call = desk.only_call();
        assert_eq!(call.outcome(), Some(outcome));
        let is_ended = |kind: &EventKind| {
            matches!(kind, EventKind::MessageEnded(ended)
                if ended.ended_by == MessageEnding::Silence
                    && ended.length_ms == (after - 10) * 1000)
        };
        assert!(call.has(is_ended));
        desk.nothing_is_left();
    }
}

/// R186: a message ends by hanging up, and is cut where it is too long; who hangs up at once has
/// left none.
#[test]
fn a_message_ends_by_hanging_up_or_when_it_is_long_enough() {
    for (length, outcome, ending) in [
        (
            Duration::from_secs(30),
            Outcome::Message,
            MessageEnding::CallerLeft,
        ),
        (
            Duration::from_millis(400),
            Outcome::Abandoned,
            MessageEnding::CallerLeft,
        ),
        (
            Duration::from_mins(3),
            Outcome::Message,
            MessageEnding::Longest,
        ),
    ] {
        let mut desk = desk(|line| {
            line.max_preanswer = Duration::from_secs(2);
            line.flow.unanswered = [Step::Message].into();
            line.flow.message = Some(MessageRules {
                thanks: None,
                ..message()
            });
        });
        let invite = dials(&mut desk);
        desk.passes(Duration::from_secs(2));
        let mut caller = confirms(&mut desk, &invite);
        hears_prompt(&mut desk, "leave-a-message.wav");
        hears_out(&mut desk, &Audio::Beep);
        desk.passes(length);
        if ending == MessageEnding::Longest {
            is_let_go(&mut desk);
        } else {
            leaves(&mut desk, &mut caller);
        }
        assert_eq!(desk.only_call().outcome(), Some(outcome));
        let ended = |kind: &EventKind| {
            matches!(kind, EventKind::MessageEnded(ended) if ended.ended_by == ending
                && u128::from(ended.length_ms) == length.as_millis())
        };
        assert!(desk.only_call().has(ended), "{:#?}", kinds(&desk));
        desk.nothing_is_left();
    }
}

/// R190: where capture begins after the notice, nothing of a message's prompt is on the recording,
/// and a caller who did not hear it is not recorded.
#[test]
fn a_message_is_recorded_from_when_the_caller_knows() {
    for told in [true, false] {
        let mut desk = desk(|line| {
            line.max_preanswer = Duration::from_secs(2);
            line.capture_after_notice = true;
            line.notice = Some(prompt("notice.wav"));
            line.flow.unanswered = [Step::Message].into();
            line.flow.message = Some(message());
        });
        let invite = dials(&mut desk);
        desk.passes(Duration::from_secs(2));
        let mut caller = confirms(&mut desk, &invite);
        let (leg, play, _) = playing(&desk).expect("the prompt");
        desk.tells(Input::Media(MediaEvent::Played {
            leg,
            play,
            heard_ms: 1_000,
            complete: told,
        }));
        if told {
            assert_eq!(recorder(&desk), ["start", "silence", "audio"]);
            leaves(&mut desk, &mut caller);
        } else {
            assert_eq!(recorder(&desk), ["start", "silence", "close"]);
            is_let_go(&mut desk);
        }
        let started = |kind: &EventKind| matches!(kind, EventKind::MessageStarted { .. });
        assert!(!desk.only_call().has(started), "the tone has not sounded");
        desk.nothing_is_left();
    }
}

/// R017: an agent on call is rung first; only who is not answered there leaves a message.
#[test]
fn after_hours_the_agent_on_call_is_rung() {
    let on_call = LineId::from("hotline/after_hours-1");
    for answers in [true, false] {
        let mut desk = Desk::with(|all| {
            settings(all, |line| {
                after_hours(line);
                line.flow.after_hours = Some([Step::Line(on_call.clone())].into());
            });
            with_hours(all, "mon-fri 09:00-18:00");
            let own = all.lines.first().expect("the line").clone();
            let mut post = (*own.line).clone();
            post.id = on_call.clone();
            post.max_preanswer = Duration::from_secs(10);
            post.flow = Flow {
                unanswered: [Step::Message].into(),
                message: Some(message()),
                ..Flow::default()
            };
            all.lines.push(Arc::new(LineSettings {
                line: Arc::new(post),
                numbers: Vec::new(),
                agents: vec![AgentId::from("1002")],
                ..(*own).clone()
            }));
        });
        let invite = dials(&mut desk);
        desk.none(AGENT, "INVITE");
        if answers {
            is_answered(&mut desk, OTHER, Duration::from_secs(3));
            let mut caller = confirms(&mut desk, &invite);
            leaves(&mut desk, &mut caller);
            let bye = desk.request(OTHER, &Method::BYE);
            desk.answers(&bye, 200, "agent", OTHER, |_| {});
            assert_eq!(desk.only_call().outcome(), Some(Outcome::Answered));
        } else {
            let offered = desk.request(OTHER, &Method::INVITE);
            desk.answers(&offered, 486, "agent", OTHER, |_| {});
            desk.passes(Duration::from_secs(10));
            let mut caller = confirms(&mut desk, &invite);
            assert!(plays(&desk, "leave-a-message.wav"));
            leaves(&mut desk, &mut caller);
        }
        let sent_on = EventKind::Rerouted {
            line: on_call.clone(),
        };
        assert!(desk.only_call().has(|kind| *kind == sent_on));
        desk.nothing_is_left();
    }
}
