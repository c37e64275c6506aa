//! Commands: what reaches the core, what it refuses, and what is carried out once.

use axum::http::StatusCode;
use insta::assert_json_snapshot;
use serde_json::json;
use thirdring::call::command::{Actor, CallCommand, Refused};
use thirdring::call::event::RecordingTurn;
use thirdring::rules::Role;
use thirdring::switch::Command;

use crate::fixture::{Database, Story};
use crate::site::Office;

pub(crate) async fn carried_out(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("lead", &[Role::ShiftLeader], None).await;
    let agent = office.token("li.na").await;
    let lead = office.token("lead").await;
    let (own, foreign) = (Story::new(1).call, Story::new(2).call);
    office.desk.talks("1001", own);
    office.desk.talks("1002", foreign);
    let by = Actor::Agent("1001".into());
    let done = agent
        .post(&format!("/api/v1/calls/{own}/hold"), &json!(null))
        .await;
    assert_eq!(done.status, StatusCode::ACCEPTED, "{}", done.text());
    assert_eq!(done.json(), json!({}));
    let pause = json!({ "turn": "pause", "reason": "card number" });
    let record = format!("/api/v1/calls/{own}/record");
    assert_eq!(
        agent.post(&record, &pause).await.status,
        StatusCode::ACCEPTED
    );
    assert_eq!(
        lead.post(&record, &pause).await.status,
        StatusCode::ACCEPTED
    );
    assert_eq!(
        agent
            .post("/api/v1/agents/1001/talk", &json!(null))
            .await
            .status,
        StatusCode::ACCEPTED
    );
    let paused = CallCommand::Record {
        turn: RecordingTurn::Paused,
        reason: Some("card number".to_owned()),
    };
    let asked = office.desk.asked.lock().unwrap().clone();
    let lead_name = Actor::User("lead".to_owned());
    assert_eq!(
        asked,
        [
            (by.clone(), Command::Call(own, CallCommand::Hold)),
            (by.clone(), Command::Call(own, paused.clone())),
            (lead_name, Command::Call(own, paused)),
            (by, Command::Talk),
        ]
    );
    // What may not be asked does not reach the core.
    agent
        .post(&format!("/api/v1/calls/{foreign}/hold"), &json!(null))
        .await
        .is_problem(404);
    agent
        .post("/api/v1/agents/1002/talk", &json!(null))
        .await
        .is_problem(404);
    agent
        .post(&record, &json!({ "turn": "pause" }))
        .await
        .is_problem(422);
    agent
        .post(&record, &json!({ "turn": "burn" }))
        .await
        .is_problem(422);
    assert_eq!(office.desk.asked.lock().unwrap().len(), 4);
    for (refused, status) in [
        (Refused::NoSuchCall, 404),
        (Refused::NotYours, 403),
        (Refused::WrongState, 409),
        (Refused::PhoneCannot, 409),
        (Refused::NotKept, 503),
        (Refused::Stopping, 503),
    ] {
        *office.desk.refuses.lock().unwrap() = Some(refused);
        let answer = agent.post(&record, &pause).await;
        answer.is_problem(status);
        if refused == Refused::WrongState {
            assert_json_snapshot!("refused", answer.json());
        }
    }
    for (path, name) in [
        ("agents", "agents"),
        ("agents/1001", "agent"),
        ("queues", "queues"),
        ("lines", "lines"),
        ("trunks", "trunks"),
    ] {
        let answer = lead.get(&format!("/api/v1/{path}")).await;
        assert_json_snapshot!(name, answer.json());
    }
}

pub(crate) async fn idempotent(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("wang", &[Role::ShiftLeader], None).await;
    let agent = office.token("li.na").await;
    let call = Story::new(1).call;
    office.desk.talks("1001", call);
    let record = format!("/api/v1/calls/{call}/record");
    let pause = json!({ "turn": "pause", "reason": "card number" });
    let asked = || office.desk.asked.lock().unwrap().len();
    let keyed = agent.clone().with("idempotency-key", "k-1");
    let first = keyed.post(&record, &pause).await;
    let again = keyed.post(&record, &pause).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text());
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(asked(), 1, "carried out once");
    let other = json!({ "turn": "resume" });
    let reused = keyed.post(&record, &other).await;
    reused.is_problem(422);
    assert_eq!(reused.json()["code"], "key_reused");
    // A key is its user's.
    let wang = office.token("wang").await.with("idempotency-key", "k-1");
    assert_eq!(
        wang.post(&record, &pause).await.status,
        StatusCode::ACCEPTED
    );
    assert_eq!(asked(), 2);
    // A refusal is an answer, and kept; what failed on our side can be tried again.
    *office.desk.refuses.lock().unwrap() = Some(Refused::WrongState);
    let keyed = agent.clone().with("idempotency-key", "k-2");
    keyed.post(&record, &pause).await.is_problem(409);
    *office.desk.refuses.lock().unwrap() = None;
    keyed.post(&record, &pause).await.is_problem(409);
    *office.desk.refuses.lock().unwrap() = Some(Refused::Stopping);
    let keyed = agent.clone().with("idempotency-key", "k-3");
    keyed.post(&record, &pause).await.is_problem(503);
    *office.desk.refuses.lock().unwrap() = None;
    assert_eq!(
        keyed.post(&record, &pause).await.status,
        StatusCode::ACCEPTED
    );
    // One whose end nobody knows is not carried out again.
    let open = "update idempotency set status = null, body = null";
    database.execute(open).await.unwrap();
    let answer = keyed.post(&record, &pause).await;
    answer.is_problem(409);
    assert_eq!(answer.json()["code"], "outcome_unknown");
    for key in ["", &"x".repeat(256)] {
        let keyed = agent.clone().with("idempotency-key", key);
        keyed.post(&record, &pause).await.is_problem(400);
    }
}
