//! Whose a voice message is.

use axum::http::StatusCode;
use serde_json::{Value, json};
use thirdring::call::EventKind;
use thirdring::call::event::{MessageEnded, MessageEnding, Outcome, RecordingSummary};
use thirdring::rules::Role;
use thirdring::store::{TaskFilter, TaskKind};

use crate::fixture::{Database, Story};
use crate::site::{Office, write_recording};

const SIZE: usize = 1_000;

/// R184: whoever has taken a message on hears it, and it stands in the audit; nobody else of those
/// who hear their own calls only does.
pub(crate) async fn messages(database: Database) {
    let office = Office::on(&database).await;
    let ended = MessageEnded {
        start_ms: 3_200,
        length_ms: 12_000,
        ended_by: MessageEnding::Key,
    };
    let story = Story::new(1)
        .arrived()
        .then(3_300, EventKind::Connected)
        .then(6_500, EventKind::MessageStarted { start_ms: 3_200 })
        .then(18_500, EventKind::MessageEnded(ended))
        .ended(19_000, Outcome::Message);
    let path = format!("2026/11/21/{}.wav", story.call);
    let recording = RecordingSummary {
        path: path.clone(),
        sha256: "ab".repeat(32),
        size_bytes: u64::try_from(SIZE).unwrap(),
        duration_ms: 16_000,
        ..RecordingSummary::default()
    };
    let call = story
        .sealed_as(20_000, recording)
        .store(&office.store)
        .await
        .call;
    let bytes = write_recording(&office.local(), &path, SIZE);
    let filter = TaskFilter {
        kind: Some(TaskKind::Message),
        ..TaskFilter::default()
    };
    let task = office.store.tasks(&filter).await.unwrap()[0].id;

    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office
        .user("wang.qiang", &[Role::Agent], Some("1002"))
        .await;
    let (agent, other) = (
        office.token("li.na").await,
        office.token("wang.qiang").await,
    );
    let audio = format!("/api/v1/calls/{call}/recording/audio");
    agent.get(&audio).await.is_problem(404);
    let claim = format!("/api/v1/tasks/{task}/claim");
    let claimed = agent.post(&claim, &Value::Null).await;
    assert_eq!(claimed.status, StatusCode::NO_CONTENT);
    let heard = agent.get(&audio).await;
    assert_eq!((heard.status, heard.body), (StatusCode::OK, bytes));
    other.get(&audio).await.is_problem(404);
    // Heard is not taken out.
    let take = json!({ "reason": "keep" });
    let take = agent
        .post(&format!("/api/v1/calls/{call}/recording/download"), &take)
        .await;
    take.is_problem(403);
    let audit = office.store.audit_page(None, None, 10).await.unwrap();
    let plays: Vec<_> = audit
        .iter()
        .filter(|entry| entry.action == "recording.play")
        .map(|entry| entry.actor.as_str())
        .collect();
    assert_eq!(plays, ["li.na"]);
    // Who gives it back hears it no more.
    let release = format!("/api/v1/tasks/{task}/release");
    agent.post(&release, &Value::Null).await;
    agent.get(&audio).await.is_problem(404);
}
