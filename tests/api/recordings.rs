//! Recordings: ranges, audits, copies.

use axum::http::{Method, StatusCode};
use insta::assert_json_snapshot;
use serde_json::json;
use thirdring::call::EventKind;
use thirdring::call::doing::{ConsultEnd, Doing, SuperviseMode};
use thirdring::call::event::{
    AttemptResult, GapCause, HangupParty, Outcome, RecordingGap, RecordingSummary, TransferTarget,
};
use thirdring::id::CallId;
use thirdring::rules::Role;

use crate::fixture::{Database, Story};
use crate::site::{Office, write_recording};

const SIZE: usize = 200_000;

/// A recorded call, with what is on the file.
async fn recorded(office: &Office, n: u32, agent: &str) -> (CallId, Vec<u8>) {
    let story = Story::new(n)
        .arrived()
        .ringing()
        .answered_by(agent, 3000)
        .hung_up(20_000, HangupParty::Caller)
        .ended(20_000, Outcome::Answered);
    let path = format!("2026/11/21/{}.wav", story.call);
    let recording = RecordingSummary {
        path: path.clone(),
        sha256: "ab".repeat(32),
        size_bytes: u64::try_from(SIZE).unwrap(),
        duration_ms: 10_000,
        gaps: vec![RecordingGap {
            channel: 0,
            from_ms: 20,
            length_ms: 40,
            cause: GapCause::Lost,
            concealed_ms: 0,
        }],
        ..RecordingSummary::default()
    };
    let story = story
        .sealed_as(21_000, recording)
        .store(&office.store)
        .await;
    (story.call, write_recording(&office.local(), &path, SIZE))
}

pub(crate) async fn listed(database: Database) {
    let office = Office::on(&database).await;
    let (own, _) = recorded(&office, 1, "1001").await;
    let (foreign, _) = recorded(&office, 2, "1002").await;
    let visitor = office.supervisor().await;
    let path = "/api/v1/recordings";
    assert_json_snapshot!("recordings", visitor.get(path).await.json());
    let page = visitor.get(&format!("{path}?limit=1")).await.json();
    assert_eq!(page["items"][0]["call"], foreign.to_string());
    let next = page["next"].as_str().unwrap();
    let page = visitor
        .get(&format!("{path}?limit=1&after={next}"))
        .await
        .json();
    assert_eq!(page["items"][0]["call"], own.to_string());
    for (query, count) in [
        ("?state=local", 2),
        ("?state=remote", 0),
        ("?held=true", 0),
        ("?line=hotline", 2),
        ("?line=orders", 0),
        ("?agent=1002", 1),
    ] {
        let page = visitor.get(&format!("{path}{query}")).await.json();
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{query}");
    }
    visitor
        .get(&format!("{path}?state=lost"))
        .await
        .is_problem(400);
    let shown = visitor.get(&format!("/api/v1/calls/{own}/recording")).await;
    assert_json_snapshot!("recording", shown.json());
    let peaks = visitor
        .get(&format!("/api/v1/calls/{own}/recording/peaks"))
        .await;
    assert_eq!(peaks.body, b"peaks");
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let page = agent.get(path).await.json();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    agent
        .get(&format!("/api/v1/calls/{foreign}/recording"))
        .await
        .is_problem(404);
    // A call without a recording.
    let silent = Story::new(3).arrived().store(&office.store).await.call;
    visitor
        .get(&format!("/api/v1/calls/{silent}/recording"))
        .await
        .is_problem(404);
}

pub(crate) async fn ranges(database: Database) {
    let office = Office::on(&database).await;
    let (call, bytes) = recorded(&office, 1, "1001").await;
    let visitor = office.supervisor().await;
    let path = format!("/api/v1/calls/{call}/recording/audio");
    let whole = visitor.get(&path).await;
    assert_eq!(whole.status, StatusCode::OK);
    assert_eq!(whole.body, bytes);
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(whole.header("content-type"), "audio/wav");
    assert_eq!(whole.header("content-length"), SIZE.to_string());
    let etag = whole.header("etag").to_owned();
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=10-99", 10, 100),
        ("bytes=65530-131080", 65_530, 131_081),
        ("bytes=199999-", 199_999, SIZE),
        ("bytes=-5", SIZE - 5, SIZE),
        ("bytes=5-9999999", 5, SIZE),
    ] {
        let part = visitor.clone().with("range", range).get(&path).await;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT, "{range}");
        let content = format!("bytes {from}-{}/{SIZE}", to - 1);
        assert_eq!(part.header("content-range"), content);
        assert_eq!(part.header("content-length"), (to - from).to_string());
        assert_eq!(part.body, bytes[from..to], "{range}");
    }
    let outside = visitor.clone().with("range", "bytes=200000-");
    let answer = outside.get(&path).await;
    answer.is_problem(416);
    assert_eq!(answer.header("content-range"), format!("bytes */{SIZE}"));
    let strange = visitor.clone().with("range", "bytes=0-1,5-6");
    assert_eq!(strange.get(&path).await.body.len(), SIZE);
    let head = visitor.clone().with("range", "bytes=0-9");
    let head = head.send(Method::HEAD, &path, None).await;
    assert_eq!(head.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(head.header("content-length"), "10");
    assert_eq!(head.body, b"");
    let known = visitor
        .clone()
        .with("if-none-match", &etag)
        .get(&path)
        .await;
    assert_eq!(
        (known.status, known.body.len()),
        (StatusCode::NOT_MODIFIED, 0)
    );
    let part = visitor.clone().with("range", "bytes=0-9");
    let same = part.clone().with("if-range", &etag).get(&path).await;
    assert_eq!(same.body.len(), 10);
    let other = part.with("if-range", "\"other\"").get(&path).await;
    assert_eq!((other.status, other.body.len()), (StatusCode::OK, SIZE));
}

pub(crate) async fn audited(database: Database) {
    let office = Office::on(&database).await;
    let (call, bytes) = recorded(&office, 1, "1001").await;
    let visitor = office.supervisor().await;
    let path = format!("/api/v1/calls/{call}/recording/audio");
    let rows = async || {
        let rows = office.store.audited(Some(call), 50).await.unwrap();
        let rows = rows
            .into_iter()
            .map(|row| (row.action, row.actor, row.purpose));
        rows.collect::<Vec<_>>()
    };
    visitor.send(Method::HEAD, &path, None).await;
    assert_eq!(rows().await, [], "a head is no play");
    for range in ["bytes=0-99", "bytes=100-199", "bytes=200-"] {
        visitor.clone().with("range", range).get(&path).await;
    }
    let play = (
        "recording.play".to_owned(),
        "supervisor".to_owned(),
        String::new(),
    );
    assert_eq!(
        rows().await,
        std::slice::from_ref(&play),
        "its pieces are one play"
    );
    visitor.get(&path).await;
    assert_eq!(
        rows().await,
        [play.clone(), play.clone()],
        "from the beginning: once more"
    );
    // Who begins in the middle has begun.
    office.user("qa", &[Role::Qa], None).await;
    let qa = office.token("qa").await;
    qa.clone().with("range", "bytes=500-").get(&path).await;
    assert_eq!(rows().await.len(), 3);
    let download = format!("/api/v1/calls/{call}/recording/download");
    qa.post(&download, &json!({ "reason": " " }))
        .await
        .is_problem(422);
    qa.post(&download, &json!({})).await.is_problem(422);
    assert_eq!(rows().await.len(), 3, "nothing was taken out");
    let taken = qa
        .post(&download, &json!({ "reason": "complaint 117" }))
        .await;
    assert_eq!(taken.body, bytes);
    let name = format!("attachment; filename=\"{call}.wav\"");
    assert_eq!(taken.header("content-disposition"), name);
    let last = rows().await.pop().unwrap();
    let row = (
        "recording.download".to_owned(),
        "qa".to_owned(),
        "complaint 117".to_owned(),
    );
    assert_eq!(last, row);
    // Without its audit row no byte goes out.
    database.execute("drop table audit").await.unwrap();
    for answer in [
        visitor.get(&path).await,
        qa.post(&download, &json!({ "reason": "complaint 118" }))
            .await,
    ] {
        answer.is_problem(503);
    }
}

pub(crate) async fn from_the_copy(database: Database) {
    let office = Office::on(&database).await;
    let (call, bytes) = recorded(&office, 1, "1001").await;
    let visitor = office.supervisor().await;
    let copies = office.recordings.path().join("copies");
    std::fs::remove_dir(&copies).unwrap();
    std::fs::rename(office.local(), &copies).unwrap();
    let path = format!("/api/v1/calls/{call}/recording");
    // Neither here nor, as far as anybody knows, there.
    visitor.get(&format!("{path}/audio")).await.is_problem(503);
    let left = "update recording_files set state = 'remote', copied_at = 1";
    database.execute(left).await.unwrap();
    let whole = visitor.get(&format!("{path}/audio")).await;
    assert_eq!(whole.body, bytes);
    let part = visitor.clone().with("range", "bytes=65530-65600");
    let part = part.get(&format!("{path}/audio")).await;
    assert_eq!(part.body, bytes[65_530..=65_600]);
    assert_eq!(visitor.get(&format!("{path}/peaks")).await.body, b"peaks");
    for (state, code) in [("missing", "missing"), ("deleted", "deleted")] {
        let change: &'static str =
            Box::leak(format!("update recording_files set state = '{state}'").into_boxed_str());
        database.execute(change).await.unwrap();
        let answer = visitor.get(&format!("{path}/audio")).await;
        answer.is_problem(404);
        assert_eq!(answer.json()["code"], code);
    }
}

/// Rung, and answered.
fn asked(story: Story, attempt: u32, agent: &str) -> Story {
    let offered = EventKind::Offered {
        attempt,
        agent: agent.into(),
    };
    let ended = EventKind::AttemptEnded {
        attempt,
        result: AttemptResult::Answered,
        agent_ring_ms: Some(500),
        status: Some(200),
    };
    story.then(6_000, offered).then(7_000, ended)
}

/// Whoever was only asked, or listened in, has no caller's number and no caller's voice of it; once
/// the caller was handed over, it is another's call as well.
pub(crate) async fn beside(database: Database) {
    let office = Office::on(&database).await;
    let doing = EventKind::Doing;
    let answered = Story::new(1).arrived().ringing().answered_by("1001", 3000);
    let began = Doing::ConsultBegan {
        consult: 1,
        by: "1001".into(),
        target: TransferTarget::Agent("1002".into()),
    };
    let story = asked(answered.then(6_000, doing(began)), 2, "1002");
    let story = story.then(7_000, doing(Doing::ConsultAnswered { consult: 1 }));
    let called = Doing::SupervisorCalled {
        by: "1009".to_owned(),
        supervisor: "1009".into(),
        mode: SuperviseMode::Listen,
    };
    let story = asked(story.then(7_000, doing(called)), 3, "1009");
    let joined = Doing::SupervisorJoined {
        supervisor: "1009".into(),
        mode: SuperviseMode::Listen,
    };
    let story = story.then(7_000, doing(joined));
    let path = format!("2026/11/21/{}.wav", story.call);
    write_recording(&office.local(), &path, SIZE);
    let recording = RecordingSummary {
        path,
        sha256: "ab".repeat(32),
        size_bytes: u64::try_from(SIZE).unwrap(),
        duration_ms: 10_000,
        ..RecordingSummary::default()
    };
    let story = story.sealed_as(21_000, recording);
    let story = story.store(&office.store).await;
    for (name, extension) in [("li.na", "1001"), ("wang", "1002"), ("zhao", "1009")] {
        office.user(name, &[Role::Agent], Some(extension)).await;
    }
    let call = format!("/api/v1/calls/{}", story.call);
    let why = json!({ "reason": "call back" });
    let may = async |name: &str| {
        let visitor = office.token(name).await;
        let seen = visitor.get(&call).await.status;
        let audio = visitor.get(&format!("{call}/recording/audio")).await.status;
        let number = visitor.post(&format!("{call}/reveal"), &why).await.status;
        [seen, audio, number]
    };
    let (yes, no) = (StatusCode::OK, StatusCode::NOT_FOUND);
    assert_eq!(may("li.na").await, [yes, yes, yes]);
    assert_eq!(may("wang").await, [yes, no, no], "was asked");
    assert_eq!(may("zhao").await, [yes, no, no], "listened");
    let own = async |name: &str| {
        let list = office.token(name).await.get("/api/v1/recordings").await;
        list.json()["items"].as_array().map(Vec::len)
    };
    assert_eq!(own("li.na").await, Some(1));
    assert_eq!(own("wang").await, Some(0), "was asked");
    assert_eq!(own("zhao").await, Some(0), "listened");

    let completed = Doing::ConsultEnded {
        consult: 1,
        end: ConsultEnd::Completed,
        result: None,
    };
    let took_over = Doing::TookOver {
        supervisor: "1009".into(),
        from: "1002".into(),
    };
    let story = story.then(22_000, doing(completed));
    let story = story.then(23_000, doing(took_over));
    story.store(&office.store).await;
    assert_eq!(may("wang").await, [yes, yes, yes], "was handed the caller");
    assert_eq!(may("zhao").await, [yes, yes, yes], "took over");
    assert_eq!(own("wang").await, Some(1), "was handed the caller");
    assert_eq!(own("zhao").await, Some(1), "took over");
}
