//! Recordings that are started, stopped, paused and resumed in the middle of a talk, and what the
//! notice has to do with it.

use std::sync::Arc;
use std::time::Duration;

use thirdring::call::command::{Actor, CallCommand, Ticket};
use thirdring::call::event::{EventKind, RecordingTurn};
use thirdring::call::media::{Audio, MediaCommand, MediaEvent};
use thirdring::call::{Line, Prompt, RecordPolicy};
use thirdring::id::CallId;
use thirdring::sip::Method;
use thirdring::switch::{Command, Input};

use crate::desk::{AGENT, CALLER, Desk, Talk};

/// A desk whose line is changed so.
fn desk(change: impl FnOnce(&mut Line)) -> Desk {
    Desk::with(|settings| {
        let line = settings.lines.first_mut().expect("a line");
        let mut changed = (**line).clone();
        change(Arc::make_mut(&mut changed.line));
        *line = Arc::new(changed);
    })
}

fn notice() -> Prompt {
    Prompt {
        name: "notice.wav".to_owned(),
        sha256: "0".repeat(64),
        length_ms: 3_000,
    }
}

fn id(desk: &Desk) -> CallId {
    desk.only_call().0.first().expect("an event").call
}

fn ask(desk: &mut Desk, turn: RecordingTurn) {
    let reason = Some("the card's number".to_owned());
    let command = Command::Call(id(desk), CallCommand::Record { turn, reason });
    let li = Actor::User("li".to_owned());
    desk.tells(Input::Command(Ticket(1), li, command));
    assert_eq!(desk.answers.len(), 1, "each command is answered once");
    let _ = desk.answers.pop();
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks at a few kinds and passes over all others"
)]
/// The end of what is being played as the notice.
fn heard(desk: &mut Desk, heard_ms: u64, complete: bool) {
    let play = desk.orders.iter().rev().find_map(|order| match order {
        MediaCommand::Play {
            leg,
            play,
            audio: Audio::Prompt(name),
        } if name == "notice.wav" => Some((*leg, *play)),
        _ => None,
    });
    let (leg, play) = play.expect("the notice is played");
    desk.tells(Input::Media(MediaEvent::Played {
        leg,
        play,
        heard_ms,
        complete,
    }));
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks at a few kinds and passes over all others"
)]
/// What the recorder was told, in order.
fn recorder(desk: &Desk) -> Vec<&'static str> {
    let told = desk.orders.iter().filter_map(|order| match order {
        MediaCommand::OpenRecording { .. } => Some("open"),
        MediaCommand::StartRecording { .. } => Some("start"),
        MediaCommand::SilenceRecording { silent: true, .. } => Some("silence"),
        MediaCommand::SilenceRecording { silent: false, .. } => Some("audio"),
        MediaCommand::CloseRecording { .. } => Some("close"),
        _ => None,
    });
    told.collect()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks at a few kinds and passes over all others"
)]
/// What the log says was done with the recording.
fn turns(desk: &Desk) -> Vec<RecordingTurn> {
    let events = desk.only_call().0.into_iter();
    let turns = events.filter_map(|event| match event.kind {
        EventKind::RecordingTurned { turn, by, reason } => {
            assert_eq!(by, "li");
            assert_eq!(reason.as_deref(), Some("the card's number"));
            Some(turn)
        }
        _ => None,
    });
    turns.collect()
}

fn hang_up(desk: &mut Desk, talk: &mut Talk) {
    desk.asks(&mut talk.caller, Method::BYE, CALLER, |_| {});
    let bye = desk.request(AGENT, &Method::BYE);
    desk.answers(&bye, 200, "agent", AGENT, |_| {});
}

fn is_sealed(desk: &Desk) -> bool {
    let call = desk.only_call();
    call.has(|kind| matches!(kind, EventKind::RecordingSealed { .. }))
}

/// R189: nothing is recorded until somebody asks; each start and stop is an event.
#[test]
fn on_demand_the_recording_starts_stops_and_starts_again() {
    let mut desk = desk(|line| line.record = RecordPolicy::OnDemand);
    let mut talk = desk.talk();
    assert_eq!(recorder(&desk), ["open"]);
    let asked = [
        RecordingTurn::Started,
        RecordingTurn::Stopped,
        RecordingTurn::Started,
    ];
    for turn in asked {
        desk.passes(Duration::from_secs(2));
        ask(&mut desk, turn);
    }
    assert_eq!(recorder(&desk), ["open", "start", "silence", "audio"]);
    assert_eq!(turns(&desk), asked);
    hang_up(&mut desk, &mut talk);
    assert!(is_sealed(&desk));
    desk.nothing_is_left();
}

/// R189: a call that nobody wanted recorded leaves no recording.
#[test]
fn on_demand_without_a_demand_there_is_no_recording() {
    let mut desk = desk(|line| line.record = RecordPolicy::OnDemand);
    let mut talk = desk.talk();
    hang_up(&mut desk, &mut talk);
    assert_eq!(recorder(&desk), ["open", "close"]);
    assert!(!is_sealed(&desk));
    desk.nothing_is_left();
}

/// R189: where everything is recorded nobody starts or stops that, but it can be paused.
#[test]
fn a_recording_is_paused_and_resumed() {
    let mut desk = desk(|line| line.record = RecordPolicy::Required);
    let mut talk = desk.talk();
    for turn in [
        RecordingTurn::Stopped,
        RecordingTurn::Started,
        RecordingTurn::Resumed,
        RecordingTurn::Paused,
        RecordingTurn::Paused,
        RecordingTurn::Resumed,
        RecordingTurn::Paused,
    ] {
        ask(&mut desk, turn);
    }
    let told = ["open", "start", "silence", "audio", "silence"];
    assert_eq!(recorder(&desk), told);
    let (paused, resumed) = (RecordingTurn::Paused, RecordingTurn::Resumed);
    assert_eq!(turns(&desk), [paused, resumed, paused]);
    // A pause that nobody ends is over with the call.
    hang_up(&mut desk, &mut talk);
    assert!(is_sealed(&desk));
    ask(&mut desk, RecordingTurn::Resumed);
    assert_eq!(turns(&desk).len(), 3);
    desk.nothing_is_left();
}

/// R189: what is off stays off, whoever asks.
#[test]
fn a_line_without_recording_is_not_recorded() {
    let mut desk = desk(|line| line.record = RecordPolicy::Off);
    let mut talk = desk.talk();
    ask(&mut desk, RecordingTurn::Started);
    ask(&mut desk, RecordingTurn::Resumed);
    assert!(recorder(&desk).is_empty());
    assert!(turns(&desk).is_empty());
    hang_up(&mut desk, &mut talk);
    desk.nothing_is_left();
}

/// R189, R190: when recording begins on demand the caller is told first; who has heard nothing of
/// it is not recorded.
#[test]
fn on_demand_the_caller_is_told_then() {
    let line = |line: &mut Line| {
        line.record = RecordPolicy::OnDemand;
        line.notice = Some(notice());
    };
    for complete in [true, false] {
        let mut desk = desk(line);
        let mut talk = desk.talk();
        let started = |kind: &EventKind| matches!(kind, EventKind::NoticeStarted { .. });
        assert!(!desk.only_call().has(started), "nobody is recorded yet");
        ask(&mut desk, RecordingTurn::Started);
        assert!(desk.only_call().has(started));
        // Not while they are being told.
        ask(&mut desk, RecordingTurn::Stopped);
        heard(&mut desk, if complete { 3_000 } else { 0 }, complete);
        let failed = |kind: &EventKind| matches!(kind, EventKind::RecordingFailed { .. });
        assert_eq!(desk.only_call().has(failed), !complete);
        let closed = recorder(&desk).contains(&"close");
        assert_eq!(closed, !complete);
        hang_up(&mut desk, &mut talk);
        desk.nothing_is_left();
    }
}

/// R190: by default the notice is the first thing on the recording.
#[test]
fn capture_begins_with_the_notice() {
    let mut desk = desk(|line| line.notice = Some(notice()));
    let mut talk = desk.talk();
    heard(&mut desk, 3_000, true);
    assert_eq!(recorder(&desk), ["open", "start"]);
    hang_up(&mut desk, &mut talk);
    desk.nothing_is_left();
}

/// R190: or it begins after it; until then there is silence on the file.
#[test]
fn capture_begins_after_the_notice() {
    let mut desk = desk(|line| {
        line.notice = Some(notice());
        line.capture_after_notice = true;
    });
    let mut talk = desk.talk();
    assert_eq!(recorder(&desk), ["open", "start", "silence"]);
    heard(&mut desk, 3_000, true);
    assert_eq!(recorder(&desk), ["open", "start", "silence", "audio"]);
    hang_up(&mut desk, &mut talk);
    assert!(is_sealed(&desk));
    desk.nothing_is_left();
}

/// R190: a caller who was not told all of it is not recorded, and the call goes on.
#[test]
fn who_is_not_told_is_not_recorded() {
    let mut desk = desk(|line| {
        line.notice = Some(notice());
        line.capture_after_notice = true;
    });
    let mut talk = desk.talk();
    heard(&mut desk, 1_000, false);
    assert_eq!(recorder(&desk), ["open", "start", "silence", "close"]);
    let failed = |kind: &EventKind| matches!(kind, EventKind::RecordingFailed { .. });
    assert!(desk.only_call().has(failed));
    desk.none(CALLER, "BYE");
    hang_up(&mut desk, &mut talk);
    desk.nothing_is_left();
}
