//! Lines that greet before a phone rings.

use super::*;

fn greets(line: &mut Line) {
    line.notice = Some(prompt("notice.wav"));
    line.flow.greeting = Some(Greeting {
        external: Some(prompt("greeting.wav")),
        ..Greeting::default()
    });
}

/// R001, R190, X02: greeted first, the caller hears greeting and notice; the ring clock starts with
/// our own tone, and nobody is told twice of the recording.
#[test]
fn greeted_first_rings_count_from_our_own_tone() {
    let mut desk = desk(greets);
    let mut caller = is_picked_up(&mut desk);
    desk.none(CALLER, "180");
    hears_prompt(&mut desk, "greeting.wav");
    desk.none(AGENT, "INVITE");
    hears_prompt(&mut desk, "notice.wav");
    let tone = Audio::Ringback {
        on_ms: 1_000,
        off_ms: 4_000,
    };
    assert_eq!(playing(&desk).map(|it| it.2), Some(tone));
    is_answered(&mut desk, AGENT, Duration::from_secs(6));
    let answered = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::Answered {
                caller_ring_ms: 6_000,
                rings: 2,
                ..
            }
        )
    };
    assert!(desk.only_call().has(answered), "{:#?}", kinds(&desk));
    let log = kinds(&desk);
    let notices = |kind: &&EventKind| matches!(kind, EventKind::NoticeStarted { .. });
    assert_eq!(log.iter().filter(notices).count(), 1);
    let connected = |kind: &&EventKind| **kind == EventKind::Connected;
    assert_eq!(log.iter().filter(connected).count(), 1);
    assert_eq!(playing(&desk), None, "they hear each other");
    leaves(&mut desk, &mut caller);
    let bye = desk.request(AGENT, &Method::BYE);
    desk.answers(&bye, 200, "agent", AGENT, |_| {});
    assert_eq!(said(&desk), ["greeting.wav"]);
    assert_eq!(recorder(&desk), ["start", "close"]);
    desk.nothing_is_left();
}

/// R013, X02: another line does not start the caller's clock again in an answered call: it stands
/// still while something is said, and goes on with our own tone.
#[test]
fn an_answered_call_has_one_ring_clock() {
    let mut desk = desk(|line| {
        greets(line);
        line.max_preanswer = Duration::from_secs(10);
        line.flow.unanswered = [announce("busy.wav"), Step::Line(LineId::from("sales"))].into();
    });
    let mut caller = is_picked_up(&mut desk);
    hears_prompt(&mut desk, "greeting.wav");
    hears_prompt(&mut desk, "notice.wav");
    rings_in_vain(&mut desk, Duration::from_secs(10));
    hears_prompt(&mut desk, "busy.wav");
    assert_eq!(playing(&desk).map(|it| it.2), Some(ringing_tone()));
    is_answered(&mut desk, OTHER, Duration::from_secs(6));
    let answered = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::Answered {
                caller_ring_ms: 16_000,
                rings: 4,
                late: true,
                ..
            }
        )
    };
    assert!(desk.only_call().has(answered), "{:#?}", kinds(&desk));
    let log = kinds(&desk);
    let ringing = |kind: &&EventKind| matches!(kind, EventKind::Ringing { .. });
    assert_eq!(log.iter().filter(ringing).count(), 1);
    let missed = |kind: &&EventKind| matches!(kind, EventKind::TargetMissed { .. });
    assert_eq!(log.iter().filter(missed).count(), 1);
    leaves(&mut desk, &mut caller);
    let bye = desk.request(OTHER, &Method::BYE);
    desk.answers(&bye, 200, "agent", OTHER, |_| {});
    desk.nothing_is_left();
}

/// R009: who hangs up in the greeting has been answered by nobody.
#[test]
fn who_leaves_in_the_greeting_was_not_answered() {
    let mut desk = desk(greets);
    let mut caller = is_picked_up(&mut desk);
    desk.passes(Duration::from_secs(1));
    leaves(&mut desk, &mut caller);
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Abandoned));
    let answered = |kind: &EventKind| matches!(kind, EventKind::Answered { .. });
    assert!(!desk.only_call().has(answered));
    desk.nothing_is_left();
}

/// A prompt whose end is never told keeps nobody.
#[test]
fn a_prompt_whose_end_is_not_told_is_passed_over() {
    let mut desk = desk(greets);
    let mut caller = is_picked_up(&mut desk);
    desk.passes(Duration::from_secs(8));
    desk.none(AGENT, "INVITE");
    desk.passes(Duration::from_secs(8));
    desk.request(AGENT, &Method::INVITE);
    leaves(&mut desk, &mut caller);
    let cancel = desk.next_request(AGENT, &Method::CANCEL);
    assert!(cancel.is_some() || desk.only_call().outcome().is_some());
    desk.passes(Duration::from_mins(2));
}

/// R019, R026, R027, R043: inside by inside, outside by the hour, and on a holiday by its name.
#[test]
fn the_greeting_fits_caller_hour_and_holiday() {
    let greeting = Greeting {
        external: Some(prompt("outside.wav")),
        internal: Some(prompt("inside.wav")),
        morning: Some((12, prompt("morning.wav"))),
        holidays: BTreeMap::from([("春节".to_owned(), prompt("new-year.wav"))]),
    };
    let at = |hour, holiday: Option<&str>| Hours {
        open: true,
        holiday: holiday.map(str::to_owned),
        hour,
    };
    let fits = |origin, hours: Option<Hours>| {
        let fitting = greeting.fitting(origin, hours.as_ref());
        fitting
            .map(|prompt| prompt.name.clone())
            .unwrap_or_default()
    };
    assert_eq!(fits(Origin::External, None), "outside.wav");
    assert_eq!(fits(Origin::External, Some(at(11, None))), "morning.wav");
    assert_eq!(fits(Origin::External, Some(at(12, None))), "outside.wav");
    assert_eq!(
        fits(Origin::External, Some(at(9, Some("春节")))),
        "new-year.wav"
    );
    assert_eq!(
        fits(Origin::External, Some(at(13, Some("元旦")))),
        "outside.wav"
    );
    assert_eq!(
        fits(Origin::Internal, Some(at(9, Some("春节")))),
        "inside.wav"
    );
}
