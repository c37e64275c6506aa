//! What of a call is on its row.

use thirdring::call::EventKind;
use thirdring::call::event::{
    Circumstances, Direction, GapCause, HangupParty, Origin, Outcome, RecordingGap, TransferKind,
    TransferResult, TransferTarget,
};
use thirdring::id::CallId;
use thirdring::rules::Timestamp;
use thirdring::store::{CallFilter, Error, Store};

use crate::fixture::{Database, MORNING, Story};

async fn record(store: &Store, call: CallId) -> thirdring::call::record::CallRecord {
    store.call(call).await.unwrap().call.record
}

pub(crate) async fn every_call(database: Database) {
    let store = database.store().await;
    let unknown = EventKind::Arrived {
        direction: Direction::In,
        origin: Origin::External,
        caller: None,
        dialled: "999".to_owned(),
        line: None,
        trunk: Some("carrier".into()),
        sip_call_id: "x@y".to_owned(),
        callee: None,
        consult_of: None,
        circumstances: Circumstances::default(),
    };
    let stories = [
        Story::new(1)
            .arrived()
            .ringing()
            .answered(3_000)
            .ended(20_000, Outcome::Answered),
        Story::new(2)
            .arrived()
            .ringing()
            .ended(6_000, Outcome::Abandoned),
        Story::new(3)
            .then(0, unknown)
            .ended(1, Outcome::UnknownNumber),
        Story::new(4).arrived().ended(5, Outcome::Refused),
        Story::new(5)
            .arrived()
            .ringing()
            .ended(45_000, Outcome::NoAgent),
        Story::new(6)
            .arrived()
            .ended(900, Outcome::RecordingUnavailable),
        Story::new(7).arrived(),
    ];
    for story in &stories {
        story.clone().store(&store).await;
    }
    let calls = store.calls(&CallFilter::default()).await.unwrap();
    assert_eq!(calls.len(), stories.len());
    for (call, story) in calls.iter().rev().zip(&stories) {
        assert_eq!(call.record, story.record());
    }
}

pub(crate) async fn origin_and_line(database: Database) {
    let store = database.store().await;
    let internal = EventKind::Arrived {
        direction: Direction::Internal,
        origin: Origin::Internal,
        caller: None,
        dialled: "1002".to_owned(),
        line: Some("front_desk".into()),
        trunk: None,
        sip_call_id: "x@y".to_owned(),
        callee: None,
        consult_of: None,
        circumstances: Circumstances::default(),
    };
    let inside = Story::new(1).then(0, internal).store(&store).await;
    let outside = Story::new(2).arrived().store(&store).await;
    let inside = record(&store, inside.call).await;
    assert_eq!(inside.origin, Origin::Internal);
    assert_eq!(inside.line, Some("front_desk".into()));
    let outside = record(&store, outside.call).await;
    assert_eq!(outside.origin, Origin::External);
    assert_eq!(outside.line, Some("hotline".into()));
    assert_eq!(outside.trunk, Some("carrier".into()));
}

pub(crate) async fn hangup(database: Database) {
    let store = database.store().await;
    for (n, party) in [HangupParty::Caller, HangupParty::Agent, HangupParty::System]
        .into_iter()
        .enumerate()
    {
        let story = Story::new(u32::try_from(n).unwrap()).arrived().ringing();
        let story = story.answered(1_000).hung_up(9_000, party);
        let story = story.ended(9_001, Outcome::Answered).store(&store).await;
        let record = record(&store, story.call).await;
        assert_eq!(record.hangup_party, Some(party));
        assert_eq!(record.agent_first, party == HangupParty::Agent);
    }
}

pub(crate) async fn caller(database: Database) {
    let store = database.store().await;
    let story = Story::new(1)
        .arrived()
        .purpose("consultation")
        .store(&store)
        .await;
    let call = store.call(story.call).await.unwrap().call;
    assert_eq!(call.record.arrived_at, Timestamp(MORNING + 1_000_000));
    assert_eq!(call.record.purpose().unwrap().code, "consultation");
    let caller = call.caller().unwrap();
    assert_eq!(caller.name.as_deref(), Some("王小明"));
    assert_eq!(caller.number, "13800005678");
    assert_eq!(caller.e164.as_deref(), Some("+8613800005678"));
}

pub(crate) async fn transfer(database: Database) {
    let store = database.store().await;
    let story = Story::new(1).arrived().ringing().answered(2_000);
    let outside = story.party(2, "13900001111", None);
    let to_agent = EventKind::TransferRequested {
        transfer: 1,
        kind: TransferKind::Blind,
        by: "1001".into(),
        target: TransferTarget::Agent("1002".into()),
        consult: None,
    };
    let no_answer = EventKind::TransferEnded {
        transfer: 1,
        result: TransferResult::NoAnswer,
    };
    let to_number = EventKind::TransferRequested {
        transfer: 2,
        kind: TransferKind::Attended,
        by: "1001".into(),
        target: TransferTarget::Number(outside.id),
        consult: Some(story.call),
    };
    let answered = EventKind::TransferEnded {
        transfer: 2,
        result: TransferResult::Answered,
    };
    let mut story = story.then(5_000, to_agent).then(9_000, no_answer);
    story = story.then(10_000, to_number);
    story
        .entries
        .last_mut()
        .unwrap()
        .parties
        .push(outside.clone());
    let to_line = EventKind::TransferRequested {
        transfer: 3,
        kind: TransferKind::Blind,
        by: "1002".into(),
        target: TransferTarget::Line("complaints".into()),
        consult: None,
    };
    let story = story.then(12_000, answered).then(13_000, to_line);
    let story = story.store(&store).await;

    let call = store.call(story.call).await.unwrap().call;
    assert_eq!(call.record, story.record());
    assert_eq!(call.parties.get(&outside.id), Some(&outside));
    let [first, second, third] = call.record.transfers.as_slice() else {
        panic!("three transfers")
    };
    assert_eq!(third.target, TransferTarget::Line("complaints".into()));
    assert_eq!(first.kind, TransferKind::Blind);
    assert_eq!(first.target, TransferTarget::Agent("1002".into()));
    assert_eq!(first.result, Some(TransferResult::NoAnswer));
    assert_eq!(first.requested_at, Timestamp(MORNING + 6_000_000));
    assert_eq!(second.target, TransferTarget::Number(outside.id));
    assert_eq!(second.result, Some(TransferResult::Answered));
    assert_eq!(second.ended_at, Some(Timestamp(MORNING + 13_000_000)));
}

pub(crate) async fn recording(database: Database) {
    let store = database.store().await;
    let gap = RecordingGap {
        channel: 1,
        from_ms: 1_500,
        length_ms: 40,
        concealed_ms: 0,
        cause: GapCause::Lost,
    };
    let story = Story::new(1).arrived().ringing().answered(1_000);
    let story = story.ended(12_000, Outcome::Answered).store(&store).await;
    // The seal comes when the call is long over and no longer in memory.
    let mut sealed = story.clone().sealed(12_300, vec![gap]);
    let seal = sealed.entries.pop().unwrap();
    store.record(&[seal]).await.unwrap();
    let recording = record(&store, story.call).await.recording.unwrap();
    assert_eq!(recording.sha256, "ab".repeat(32));
    assert_eq!(
        (recording.size_bytes, recording.duration_ms),
        (320_044, 10_000)
    );
    assert_eq!(recording.gaps, [gap]);
    let hashed =
        "update recordings set path = path where length(sha256) = 64 and size_bytes = 320044";
    assert_eq!(database.execute(hashed).await.unwrap(), 1);
}

pub(crate) async fn unfinished(database: Database) {
    let store = database.store().await;
    let cut_off = Story::new(1)
        .arrived()
        .ringing()
        .answered(1_000)
        .store(&store)
        .await;
    Story::new(2)
        .arrived()
        .ended(9, Outcome::Refused)
        .store(&store)
        .await;
    let early = Story::new(3).arrived().store(&store).await;
    store.close().await;
    let unfinished = database.store().await.unfinished_calls().await.unwrap();
    assert_eq!(unfinished, [cut_off.record(), early.record()]);
    assert_eq!(unfinished[0].last_offset_us, 1_500_000);
}

pub(crate) async fn control_characters(database: Database) {
    let store = database.store().await;
    let mut story = Story::new(1).arrived_on("hotline", "138\0'\"\\ \u{202e}", Some("a\0b\r\n"));
    let reason = EventKind::HungUp {
        party: HangupParty::Caller,
        agent_first: false,
        reason: Some("\0\u{1}\\u0000 'drop table calls'".to_owned()),
    };
    story = story.then(5, reason).store(&store).await;
    let call = store.call(story.call).await.unwrap();
    assert_eq!(
        call.call.caller().unwrap().number,
        "138\u{fffd}'\"\\ \u{202e}"
    );
    let reason = call.call.record.hangup_reason.unwrap();
    assert_eq!(reason, "\u{fffd}\u{1}\\u0000 'drop table calls'");
    assert!(store.rebuild().await.unwrap().differences.is_empty());
}

pub(crate) async fn unknown(database: Database) {
    let store = database.store().await;
    let nobody = Story::new(1).call;
    let error = store.call(nobody).await.unwrap_err();
    assert!(matches!(error, Error::UnknownCall(call) if call == nobody));
}
