//! Places in a recording that somebody should listen to.

use axum::http::StatusCode;
use serde_json::json;
use thirdring::call::event::{HangupParty, Outcome};
use thirdring::rules::Role;
use thirdring::store::Store;

use crate::fixture::{Database, Story};
use crate::site::Office;

async fn recorded(n: u32, agent: &str, store: &Store) -> Story {
    Story::new(n)
        .arrived()
        .ringing()
        .answered_by(agent, 3000)
        .hung_up(20_000, HangupParty::Caller)
        .ended(20_000, Outcome::Answered)
        .sealed(21_000, Vec::new())
        .store(store)
        .await
}

pub(crate) async fn kept(database: Database) {
    let office = Office::on(&database).await;
    office.user("qa", &[Role::Qa], None).await;
    let qa = office.token("qa").await;
    let story = recorded(1, "1001", &office.store).await;
    let path = format!("/api/v1/calls/{}/markers", story.call);
    let late = qa
        .post(&path, &json!({ "at_ms": 9_000, "text": " 道歉 " }))
        .await;
    assert_eq!(late.status, StatusCode::CREATED, "{}", late.text());
    assert_eq!(late.json()["text"], "道歉");
    assert_eq!(late.json()["author"], "qa");
    let early = qa.post(&path, &json!({ "at_ms": 500 })).await.json();
    // The recording has ten seconds.
    let outside = qa.post(&path, &json!({ "at_ms": 10_001 })).await;
    outside.is_problem(422);
    assert_eq!(outside.json()["code"], "outside");
    let long = "长".repeat(2_000);
    qa.post(&path, &json!({ "at_ms": 1, "text": long }))
        .await
        .is_problem(413);
    let places = async |query: &str| {
        let list = qa.get(&format!("{path}{query}")).await.json();
        let items = list["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["at_ms"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        places("").await,
        [500, 9_000],
        "in the order of the recording"
    );
    let one = format!("{path}/{}", early["id"].as_str().unwrap());
    let gone = qa.delete(&one).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    qa.delete(&one).await.is_problem(404);
    assert_eq!(places("").await, [9_000]);
    // It stays, with who took it back.
    assert_eq!(places("?removed=true").await, [500, 9_000]);
    let all = qa.get(&format!("{path}?removed=true")).await.json();
    assert_eq!(all["items"][0]["removed_by"], "qa");
    for statement in [
        "delete from markers",
        "update markers set text = 'other'",
        "update markers set author = 'other'",
        "update markers set at_ms = 7",
        "update markers set removed_by = 'other' where removed_at is not null",
    ] {
        assert!(database.execute(statement).await.is_err(), "{statement}");
    }
    database
        .execute("update markers set text = null")
        .await
        .unwrap();
    assert_eq!(places("").await, [9_000], "a text can be erased");
}

pub(crate) async fn foreign(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("qa", &[Role::Qa], None).await;
    let (agent, qa) = (office.token("li.na").await, office.token("qa").await);
    let own = recorded(1, "1001", &office.store).await;
    let other = recorded(2, "1002", &office.store).await;
    let path = |story: &Story| format!("/api/v1/calls/{}/markers", story.call);
    let mark = json!({ "at_ms": 700, "text": "x" });
    agent.post(&path(&other), &mark).await.is_problem(404);
    agent.get(&path(&other)).await.is_problem(404);
    let mine = agent.post(&path(&own), &mark).await.json();
    let theirs = qa.post(&path(&own), &mark).await.json();
    let one =
        |marker: &serde_json::Value| format!("{}/{}", path(&own), marker["id"].as_str().unwrap());
    agent.delete(&one(&theirs)).await.is_problem(404);
    assert_eq!(
        agent.delete(&one(&mine)).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        qa.delete(&one(&theirs)).await.status,
        StatusCode::NO_CONTENT
    );
    // A marker is its own call's.
    let again = qa.post(&path(&own), &mark).await.json();
    let astray = format!("{}/{}", path(&other), again["id"].as_str().unwrap());
    qa.delete(&astray).await.is_problem(404);
}
