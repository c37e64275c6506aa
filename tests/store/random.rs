//! Calls that no switch would ever make: any event after any other. What holds for them holds
//! for real ones.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use thirdring::call::doing::{ConsultEnd, Doing, HangUpReason, QualityOffer, SuperviseMode};
use thirdring::call::event::{
    AttemptResult, Circumstances, Direction, EmergencyMet, GapCause, HangupParty, HoursStamped,
    KeyResult, LegQuality, MenuAnswered, MessageEnded, MessageEnding, Origin, OutboundDecision,
    OutboundRefusal, Outcome, PromptPurpose, Prompted, RecordingGap, RecordingSummary, Ringback,
    Side, SurveyAnswered, SurveyCause, SurveyResult, SurveySource, SurveyStarted, TransferKind,
    TransferResult, TransferTarget,
};
use thirdring::call::{Entry, EventKind};
use thirdring::rules::{Cadence, Grade, Handling, Level, PickupProfile, Stage, Timestamp};

use crate::fixture::Story;

/// The events of `calls` random calls, mixed, each call's own in order.
pub(crate) fn entries(seed: u64, calls: u32) -> Vec<Entry> {
    let mut rng = StdRng::seed_from_u64(seed);
    let stories = (0..calls).map(|n| story(n, &mut rng));
    let mut queues: Vec<_> = stories.map(|s| s.entries.into_iter()).collect();
    let mut mixed = Vec::new();
    while !queues.is_empty() {
        let at = rng.random_range(0..queues.len());
        match queues[at].next() {
            Some(entry) => mixed.push(entry),
            None => drop(queues.swap_remove(at)),
        }
    }
    mixed
}

fn story(n: u32, rng: &mut StdRng) -> Story {
    let mut story = Story::new(n);
    if rng.random_ratio(9, 10) {
        story = story.arrived();
    }
    let mut ms = 0;
    for _ in 0..rng.random_range(1..30) {
        ms += rng.random_range(0..4_000);
        let kind = kind(rng, &story);
        story = story.then(ms, kind);
    }
    story
}

fn one<T: Copy>(rng: &mut impl Rng, of: &[T]) -> T {
    *of.choose(rng).unwrap()
}

fn text(rng: &mut impl Rng) -> String {
    one(rng, &["", "1001", "投诉", "a\0b", "'; --", "\u{202e}x"]).to_owned()
}

#[expect(clippy::too_many_lines, reason = "one arm a kind of event")]
fn kind(rng: &mut StdRng, story: &Story) -> EventKind {
    let maybe = |rng: &mut StdRng| rng.random_bool(0.5).then(|| rng.random_range(0..50_000));
    let small = |rng: &mut StdRng| rng.random_range(1..5);
    let flag = rng.random_bool(0.5);
    let ms = rng.random_range(0..60_000);
    let side = one(rng, &[Side::Caller, Side::Agent]);
    let grade = one(
        rng,
        &[
            Grade::Early,
            Grade::OnTarget,
            Grade::Acceptable,
            Grade::Late,
            Grade::AbandonedLate,
        ],
    );
    match rng.random_range(0..39) {
        0 => EventKind::Arrived {
            direction: one(rng, &[Direction::In, Direction::Out, Direction::Internal]),
            origin: one(rng, &[Origin::External, Origin::Internal]),
            caller: None,
            dialled: text(rng),
            line: flag.then(|| "hotline".into()),
            trunk: None,
            sip_call_id: text(rng),
            callee: None,
            consult_of: flag.then_some(story.call),
            circumstances: Circumstances::default(),
        },
        1 => EventKind::Ringing {
            ringback: one(rng, &[Ringback::Network, Ringback::Local]),
            cadence: Cadence::CHINA,
            profile: PickupProfile::named(one(rng, &PickupProfile::NAMES), Cadence::CHINA).unwrap(),
        },
        2 => EventKind::Queued {
            position: small(rng),
        },
        3 => EventKind::Offered {
            attempt: small(rng),
            agent: text(rng).as_str().into(),
        },
        4 => EventKind::AgentRinging {
            attempt: small(rng),
        },
        5 => EventKind::AttemptEnded {
            attempt: small(rng),
            result: one(rng, &[AttemptResult::Answered, AttemptResult::Cancelled]),
            agent_ring_ms: maybe(rng),
            status: flag.then_some(486),
        },
        6 => EventKind::TargetMissed { rings: small(rng) },
        7 => EventKind::Answered {
            attempt: small(rng),
            agent: "1001".into(),
            caller_ring_ms: ms,
            rings: small(rng),
            grade,
            late: flag,
        },
        8 => EventKind::Connected,
        9 => EventKind::NoticeStarted {
            file: text(rng),
            sha256: text(rng),
            length_ms: ms,
        },
        10 => EventKind::NoticeEnded {
            heard_ms: ms,
            complete: flag,
        },
        11 => EventKind::AnnouncementStarted { file: text(rng) },
        12 => EventKind::AnnouncementEnded {
            heard_ms: ms,
            complete: flag,
        },
        13 => EventKind::Held { by: side },
        14 => EventKind::Resumed { by: side },
        15 => EventKind::MediaChanged {
            side,
            codec: text(rng),
        },
        16 => EventKind::TransferRequested {
            transfer: small(rng),
            kind: one(rng, &[TransferKind::Blind, TransferKind::Attended]),
            by: "1001".into(),
            target: if flag {
                TransferTarget::Agent(text(rng).as_str().into())
            } else if ms % 2 == 0 {
                TransferTarget::Line(text(rng).as_str().into())
            } else {
                TransferTarget::Number(story.party(9, "1", None).id)
            },
            consult: flag.then_some(story.call),
        },
        17 => EventKind::TransferEnded {
            transfer: small(rng),
            result: one(rng, &[TransferResult::Answered, TransferResult::Refused]),
        },
        18 => EventKind::PurposeSet {
            version: small(rng),
            code: text(rng),
            author: text(rng),
            reason: flag.then(|| text(rng)),
        },
        19 => EventKind::HungUp {
            party: one(
                rng,
                &[HangupParty::Caller, HangupParty::Agent, HangupParty::System],
            ),
            agent_first: flag,
            reason: flag.then(|| text(rng)),
        },
        20 => EventKind::MediaClosed {
            side,
            quality: LegQuality {
                received: rng.random(),
                sent: ms,
                lost: 0,
                jitter_us: ms,
                srtp_dropped: flag.then_some(ms),
                round_trip_us: flag.then_some(ms),
                mos_hundredths: flag.then_some(441),
                ..LegQuality::default()
            },
        },
        21 => EventKind::Ended {
            outcome: one(
                rng,
                &[Outcome::Answered, Outcome::Abandoned, Outcome::Interrupted],
            ),
            status: flag.then_some(480),
            grade: flag.then_some(grade),
            caller_ring_ms: maybe(rng),
            talk_ms: maybe(rng),
        },
        22 => EventKind::OutboundDecided {
            decision: OutboundDecision {
                emergency: rng.random_bool(0.1),
                by: "1001".into(),
                policy: flag.then(|| text(rng)),
                prefix: flag.then(|| text(rng)),
                trunk: flag.then(|| "carrier".into()),
                caller_id: flag.then(|| text(rng)),
                refused: (!flag).then_some(OutboundRefusal::PerMinute),
            },
        },
        23 => EventKind::Alerted {
            ringback: one(rng, &[Ringback::Network, Ringback::Local]),
        },
        24 => EventKind::Reached {
            attempt: small(rng),
            agent: flag.then(|| "1002".into()),
            ring_ms: ms,
        },
        25 => EventKind::Merged {
            into: story.call,
            by: "1001".into(),
        },
        26 => EventKind::HoursStamped(HoursStamped {
            calendar: text(rng),
            in_hours: flag,
            holiday: flag.then(|| text(rng)),
        }),
        27 => EventKind::EmergencyMet(EmergencyMet {
            by: text(rng),
            reason: flag.then(|| text(rng)),
        }),
        28 => EventKind::Rerouted {
            line: "sales".into(),
        },
        29 => EventKind::Prompted(Prompted {
            purpose: one(rng, &[PromptPurpose::Greeting, PromptPurpose::Waiting]),
            file: text(rng),
            heard_ms: ms,
            complete: flag,
        }),
        30 => EventKind::MenuAnswered(MenuAnswered {
            result: one(rng, &[KeyResult::Key, KeyResult::NoKey]),
            key: flag.then_some('7'),
        }),
        31 => EventKind::MessageStarted { start_ms: ms },
        32 => EventKind::MessageEnded(MessageEnded {
            start_ms: ms,
            length_ms: ms,
            ended_by: one(rng, &[MessageEnding::Key, MessageEnding::CallerLeft]),
        }),
        33 => EventKind::SurveyStarted(SurveyStarted {
            cause: one(rng, &[SurveyCause::Released, SurveyCause::AgentLeft]),
            agent: flag.then(|| "1001".into()),
        }),
        34 => EventKind::SurveyAnswered(SurveyAnswered {
            result: one(rng, &[SurveyResult::Answered, SurveyResult::Skipped]),
            score: flag.then_some(4),
            best: 5,
            agent: flag.then(|| "1001".into()),
            source: SurveySource::Keys,
        }),
        35 => EventKind::DispositionSet {
            version: small(rng),
            code: text(rng),
            author: text(rng),
            reason: flag.then(|| text(rng)),
        },
        36 if flag => EventKind::RecordClosed {
            author: text(rng),
            limit_ms: Some(ms),
        },
        36 => EventKind::NoteSaved {
            version: small(rng),
            author: text(rng),
            anonymous: rng.random(),
        },
        37 if flag => EventKind::HandlingSet {
            version: small(rng),
            handling: Handling::NotAccepted {
                unit: text(rng),
                written_by: Some(Timestamp(7)),
            },
            author: text(rng),
        },
        37 => EventKind::Doing(doing(rng, ms)),
        _ if flag => EventKind::RecordingFailed { reason: text(rng) },
        _ => EventKind::RecordingSealed {
            recording: RecordingSummary {
                path: text(rng),
                sha256: text(rng),
                size_bytes: rng.random(),
                duration_ms: ms,
                gaps: vec![RecordingGap {
                    channel: 0,
                    from_ms: ms,
                    length_ms: 20,
                    concealed_ms: 0,
                    cause: GapCause::Silence,
                }],
                ..RecordingSummary::default()
            },
        },
    }
}

/// Something that somebody at the desk does.
fn doing(rng: &mut StdRng, ms: u64) -> Doing {
    let (by, consult) = (text(rng), rng.random_range(1..4));
    let supervisor = text(rng).as_str().into();
    let mode = one(rng, &[SuperviseMode::Listen, SuperviseMode::Barge]);
    match rng.random_range(0..18) {
        0 => Doing::PutOnHold {
            by,
            reason: Some(text(rng)),
        },
        1 => Doing::Retrieved { by },
        2 => Doing::HoldIsLong {
            held_ms: ms,
            is_very_long: false,
        },
        3 => Doing::Muted { by },
        4 => Doing::Unmuted { by },
        5 => Doing::ConsultBegan {
            consult,
            by: "1001".into(),
            target: TransferTarget::Agent("1002".into()),
        },
        6 => Doing::ConsultEnded {
            consult,
            end: one(rng, &[ConsultEnd::Completed, ConsultEnd::Cancelled]),
            result: None,
        },
        7 => Doing::SupervisorCalled {
            by,
            supervisor,
            mode,
        },
        8 => Doing::SupervisorJoined { supervisor, mode },
        9 => Doing::SupervisorLeft { supervisor },
        10 => Doing::HangUpReason {
            by,
            reason: one(rng, &[HangUpReason::Abuse, HangUpReason::LineFault]),
        },
        11 => Doing::Escalated {
            by: "1001".into(),
            to: Some("1009".into()),
            level: Some(Level::Manager),
            urgent: true,
            skipped: vec!["1002".into()],
            reason: Some(by),
        },
        12 => Doing::EmergencyCalled {
            by: "1001".into(),
            contact: by,
        },
        13 => Doing::PassedOnOften {
            transfers: 3,
            limit: 2,
        },
        14 => Doing::StageIsLong {
            stage: one(rng, &[Stage::Talk, Stage::Hold]),
            limit_ms: ms,
        },
        15 => Doing::QualityOffered {
            by: "1001".into(),
            done: one(rng, &[QualityOffer::Transferred, QualityOffer::Declined]),
        },
        16 => Doing::PickedUpEarly {
            attempt: 1,
            by: Some("1001".into()),
        },
        _ => Doing::DialledFrom { record: by },
    }
}
