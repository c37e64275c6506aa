//! A call's events, and the stretches that they make.

use uuid::Uuid;

use super::*;
use crate::call::doing::Doing;
use crate::call::event::{
    Circumstances, Direction, EventKind, Origin, RecordingGap, RecordingSummary, Ringback,
};
use crate::id::{CallId, EventId};
use crate::rules::{Cadence, PickupProfile, Timestamp};

/// Milliseconds since the arrival.
fn line(kinds: impl IntoIterator<Item = (u64, EventKind)>) -> Timeline {
    let kinds = kinds.into_iter().enumerate();
    let events: Vec<_> = kinds
        .map(|(n, (ms, kind))| CallEvent {
            id: EventId(Uuid::from_u128(n as u128)),
            call: CallId(Uuid::from_u128(7)),
            at: Timestamp(1_000),
            offset_us: ms * 1000,
            kind,
        })
        .collect();
    Timeline::of(&events)
}

/// What happened, from and to in milliseconds, with its number.
fn told(line: &Timeline) -> Vec<(What, u64, Option<u64>, Option<u32>)> {
    let spans = line.spans.iter();
    spans
        .map(|span| {
            let to = span.to_us.map(|to| to / 1000);
            (span.what, span.from_us / 1000, to, span.n)
        })
        .collect()
}

fn only(line: &Timeline, what: What) -> Vec<(u64, Option<u64>, Option<u32>)> {
    let all = told(line).into_iter();
    all.filter(|(is, ..)| *is == what)
        .map(|(_, from, to, n)| (from, to, n))
        .collect()
}

fn arrived() -> (u64, EventKind) {
    let kind = EventKind::Arrived {
        direction: Direction::In,
        origin: Origin::External,
        caller: None,
        dialled: "4008001234".to_owned(),
        line: Some("hotline".into()),
        trunk: None,
        sip_call_id: "a@b".to_owned(),
        callee: None,
        consult_of: None,
        circumstances: Circumstances::default(),
    };
    (0, kind)
}

fn ringing() -> EventKind {
    EventKind::Ringing {
        ringback: Ringback::Network,
        cadence: Cadence::CHINA,
        profile: PickupProfile::within_3(Cadence::CHINA),
    }
}

fn offered(attempt: u32, agent: &str) -> EventKind {
    EventKind::Offered {
        attempt,
        agent: agent.into(),
    }
}

fn over(attempt: u32, result: AttemptResult) -> EventKind {
    EventKind::AttemptEnded {
        attempt,
        result,
        agent_ring_ms: None,
        status: None,
    }
}

fn answered(ring_ms: u64) -> EventKind {
    EventKind::Answered {
        attempt: 1,
        agent: "1001".into(),
        caller_ring_ms: ring_ms,
        rings: Cadence::CHINA.rings(ring_ms).0,
        grade: Grade::OnTarget,
        late: false,
    }
}

fn ended(outcome: Outcome) -> EventKind {
    EventKind::Ended {
        outcome,
        status: None,
        grade: None,
        caller_ring_ms: None,
        talk_ms: None,
    }
}

fn sealed(gaps: Vec<RecordingGap>) -> EventKind {
    let recording = RecordingSummary {
        gaps,
        ..RecordingSummary::default()
    };
    EventKind::RecordingSealed { recording }
}

/// R001: a ring begins each period, and the one in which a person answered ends with the answer.
#[test]
fn each_ring_has_its_place() {
    let line = line([
        arrived(),
        (100, offered(1, "1001")),
        (500, ringing()),
        (7_500, over(1, AttemptResult::Answered)),
        (7_500, answered(7_000)),
        (7_500, EventKind::Connected),
        (20_000, ended(Outcome::Answered)),
    ]);
    assert_eq!(
        only(&line, What::Ring),
        [(500, Some(5_500), Some(1)), (5_500, Some(7_500), Some(2))]
    );
    assert_eq!(only(&line, What::Attempt), [(100, Some(7_500), Some(1))]);
    assert_eq!(only(&line, What::Talk), [(7_500, Some(20_000), None)]);
    assert_eq!(line.ended_us, Some(20_000_000));
    assert_eq!(line.recording_from_us, None, "nothing was sealed");
}

/// X02: in a queue that a caller waits in who was answered by the system, no ring is heard.
/// A colleague who is asked during the talk rings for the agent: the caller hears none of it.
#[test]
fn nobody_hears_a_ring_during_the_talk() {
    let line = line([
        arrived(),
        (0, ringing()),
        (1_000, offered(1, "1001")),
        (6_000, answered(6_000)),
        (20_000, offered(2, "1002")),
        (90_000, ended(Outcome::Answered)),
    ]);
    let begun: Vec<_> = only(&line, What::Ring).iter().map(|ring| ring.0).collect();
    assert_eq!(begun, [0, 5_000]);
}

#[test]
fn rings_stand_still_in_the_queue_of_an_answered_call() {
    let line = line([
        arrived(),
        (100, EventKind::Connected),
        (3_000, ringing()),
        (3_000, offered(1, "1001")),
        (10_000, over(1, AttemptResult::RingNoAnswer)),
        (10_000, EventKind::Queued { position: 1 }),
        (60_000, offered(2, "1002")),
        (66_000, ended(Outcome::Abandoned)),
    ]);
    assert_eq!(
        only(&line, What::Ring),
        [
            (3_000, Some(8_000), Some(1)),
            (8_000, Some(10_000), Some(2)),
            (63_000, Some(66_000), Some(3))
        ]
    );
    assert_eq!(only(&line, What::Queue), [(10_000, Some(60_000), None)]);
    let attempts = only(&line, What::Attempt);
    assert_eq!(
        attempts[1],
        (60_000, Some(66_000), Some(2)),
        "the end ends it"
    );
}

#[test]
fn a_call_that_goes_on_has_open_stretches() {
    let line = line([
        arrived(),
        (500, ringing()),
        (500, offered(1, "1001")),
        (6_000, EventKind::AgentRinging { attempt: 1 }),
    ]);
    assert_eq!(only(&line, What::Attempt), [(500, None, Some(1))]);
    assert_eq!(only(&line, What::Ring).len(), 2, "as far as is known");
    assert_eq!(line.ended_us, None);
}

/// R189, R192: gaps and pauses stand where the recording has them.
#[test]
fn what_is_missing_on_the_recording_has_its_place() {
    let gap = RecordingGap {
        channel: 1,
        from_ms: 2_000,
        length_ms: 300,
        concealed_ms: 0,
        cause: GapCause::Lost,
    };
    let turned = |turn| EventKind::RecordingTurned {
        turn,
        by: "1001".to_owned(),
        reason: None,
    };
    let line = line([
        arrived(),
        (500, ringing()),
        (4_000, answered(3_500)),
        (4_000, EventKind::Connected),
        (9_000, turned(RecordingTurn::Paused)),
        (12_000, turned(RecordingTurn::Resumed)),
        (20_000, ended(Outcome::Answered)),
        (20_500, sealed(vec![gap])),
    ]);
    assert_eq!(line.recording_from_us, Some(4_000_000));
    assert_eq!(only(&line, What::Gap), [(6_000, Some(6_300), None)]);
    assert_eq!(
        only(&line, What::RecordingOff),
        [(9_000, Some(12_000), None)]
    );
}

/// R189: on a line that records on demand, second 0 is where somebody first asked for it.
#[test]
fn a_recording_on_demand_begins_where_it_was_asked_for() {
    let turned = |turn| EventKind::RecordingTurned {
        turn,
        by: "1001".to_owned(),
        reason: None,
    };
    let line = line([
        arrived(),
        (4_000, answered(3_500)),
        (4_000, EventKind::Connected),
        (9_000, turned(RecordingTurn::Started)),
        (12_000, turned(RecordingTurn::Stopped)),
        (15_000, turned(RecordingTurn::Started)),
        (20_000, ended(Outcome::Answered)),
        (20_500, sealed(Vec::new())),
    ]);
    assert_eq!(line.recording_from_us, Some(9_000_000));
    assert_eq!(
        only(&line, What::RecordingOff),
        [(12_000, Some(15_000), None)]
    );
}

#[test]
fn holds_by_order_and_by_the_phone_are_told_apart() {
    let hold = Doing::PutOnHold {
        by: "1001".to_owned(),
        reason: None,
    };
    let back = Doing::Retrieved {
        by: "1001".to_owned(),
    };
    let line = line([
        arrived(),
        (4_000, answered(3_500)),
        (5_000, EventKind::Held { by: Side::Agent }),
        (6_000, EventKind::Doing(hold)),
        (7_000, EventKind::Resumed { by: Side::Agent }),
        (8_000, EventKind::Doing(back)),
        (9_000, ended(Outcome::Answered)),
    ]);
    assert_eq!(
        only(&line, What::Hold),
        [(5_000, Some(7_000), None), (6_000, Some(8_000), None)]
    );
}

/// R086: whom a transfer reached talks from then on.
#[test]
fn a_transfer_changes_who_talks() {
    let requested = EventKind::TransferRequested {
        transfer: 1,
        kind: TransferKind::Blind,
        by: "1001".into(),
        target: TransferTarget::Agent("1002".into()),
        consult: None,
    };
    let reached = EventKind::TransferEnded {
        transfer: 1,
        result: TransferResult::Answered,
    };
    let line = line([
        arrived(),
        (4_000, answered(3_500)),
        (10_000, requested),
        (13_000, reached),
        (19_000, ended(Outcome::Answered)),
    ]);
    let talks = line.spans.iter().filter(|span| span.what == What::Talk);
    let talks: Vec<_> = talks
        .map(|span| (span.who.as_deref(), span.from_us, span.to_us))
        .collect();
    assert_eq!(
        talks,
        [
            (Some("1001"), 4_000_000, Some(13_000_000)),
            (Some("1002"), 13_000_000, Some(19_000_000))
        ]
    );
    let transfer = line.spans.iter().find(|span| span.what == What::Transfer);
    let how = transfer.and_then(|span| span.how);
    assert_eq!(how, Some(How::Transfer(TransferResult::Answered)));
}

/// R281, R108, R119, R023: what was done for the caller beside the talk is seen on the axis.
#[test]
fn what_somebody_should_know_later_has_its_place() {
    let by = || "1001".into();
    let contact = "police".to_owned();
    let done = QualityOffer::NumberTold;
    let (stage, limit_ms) = (Stage::Talk, 4_000);
    let (transfers, limit) = (3, 2);
    let doings = [
        Doing::EmergencyCalled { by: by(), contact },
        Doing::QualityOffered { by: by(), done },
        Doing::PassedOnOften { transfers, limit },
        Doing::StageIsLong { stage, limit_ms },
    ];
    let doings = doings.into_iter().map(EventKind::Doing);
    let line = line([arrived()].into_iter().chain((5_000..).zip(doings)));
    let told: Vec<_> = line.spans.iter().skip(1).collect();
    let what: Vec<_> = told.iter().map(|span| (span.what, span.n)).collect();
    let wanted = [
        (What::Emergency, None),
        (What::QualityOffered, None),
        (What::PassedOnOften, Some(3)),
        (What::StageLong, None),
    ];
    assert_eq!(what, wanted);
    assert!(told.iter().all(|span| span.to_us == Some(span.from_us)));
    let who: Vec<_> = told.iter().map(|span| span.who.as_deref()).collect();
    assert_eq!(who, [Some("1001"), Some("1001"), None, None]);
    assert_eq!(told[1].how, Some(How::Quality(QualityOffer::NumberTold)));
    assert_eq!(told[3].how, Some(How::Stage(Stage::Talk)));
}

#[test]
fn nothing_is_an_empty_line() {
    assert_eq!(line([]), Timeline::default());
}
