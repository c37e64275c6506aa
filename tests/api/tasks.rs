//! Tasks: whose they are, and what is done about them.

use axum::http::StatusCode;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use thirdring::call::event::Outcome;
use thirdring::rules::Role;
use thirdring::store::TaskFilter;

use crate::fixture::{Database, Story};
use crate::site::{Office, Visitor, redacted};

/// Somebody who reached nobody; the task.
async fn lost(office: &Office, n: u32, number: &str) -> String {
    let story = Story::new(n).arrived_on("hotline", number, None).ringing();
    story
        .ended(9_000, Outcome::Abandoned)
        .store(&office.store)
        .await;
    let tasks = office.store.tasks(&TaskFilter::default()).await.unwrap();
    tasks.last().unwrap().id.to_string()
}

async fn does(visitor: &Visitor<'_>, task: &str, what: &str, body: &Value) -> u16 {
    let path = format!("/api/v1/tasks/{task}/{what}");
    visitor.post(&path, body).await.status.as_u16()
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

pub(crate) async fn taken_on(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let task = lost(&office, 1, "13800005678").await;
    assert_eq!(does(&agent, &task, "claim", &json!(null)).await, 204);
    assert_eq!(does(&agent, &task, "claim", &json!(null)).await, 409);
    assert_eq!(does(&agent, &task, "release", &json!(null)).await, 204);
    assert_eq!(does(&agent, &task, "release", &json!(null)).await, 409);
    assert_eq!(
        does(&agent, &task, "try", &json!({ "remark": "无人接听" })).await,
        204
    );
    let long = json!({ "remark": "x".repeat(2_001) });
    assert_eq!(does(&agent, &task, "try", &long).await, 413);
    // The number is for whoever calls back, and the look at it is kept.
    let reveal = format!("/api/v1/tasks/{task}/reveal");
    agent
        .post(&reveal, &json!({ "reason": "" }))
        .await
        .is_problem(422);
    let revealed = agent.post(&reveal, &json!({ "reason": "call back" })).await;
    assert_eq!(
        revealed.json()["number"],
        "13800005678",
        "{}",
        revealed.text()
    );
    office.user("audits", &[Role::Auditor], None).await;
    let auditor = office.token("audits").await;
    let audit = auditor.get("/api/v1/audit").await.json();
    assert_eq!(audit["items"][0]["action"], "number.reveal", "{audit}");
    assert_eq!(
        does(&agent, &task, "done", &json!({ "result": "lost" })).await,
        422
    );
    let reached = json!({ "result": "reached", "remark": "已答复" });
    assert_eq!(does(&agent, &task, "done", &reached).await, 204);
    assert_eq!(does(&agent, &task, "done", &reached).await, 409);
    let shown = agent.get(&format!("/api/v1/tasks/{task}")).await;
    assert_eq!(shown.status, StatusCode::OK);
    let keys = ["id", "call", "at", "claimed_at", "tried_at", "done_at"];
    assert_json_snapshot!("task", redacted(shown.json(), &keys));
}

pub(crate) async fn owned(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("wang", &[Role::Agent], Some("1002")).await;
    office.user("lead", &[Role::ShiftLeader], None).await;
    let agent = office.token("li.na").await;
    let other = office.token("wang").await;
    let lead = office.token("lead").await;
    let mut tasks = Vec::new();
    for n in 1..=3 {
        tasks.push(lost(&office, n, &format!("1380000567{n}")).await);
    }
    assert_eq!(ids(&agent.get("/api/v1/tasks").await.json()), tasks);
    assert_eq!(does(&other, &tasks[1], "claim", &json!(null)).await, 204);
    // What a colleague has taken on is not there for others; whoever leads sees it, and may free it.
    let page = agent.get("/api/v1/tasks?limit=2").await.json();
    assert_eq!(ids(&page), tasks[..1]);
    let next = page["next"].as_str().unwrap();
    let page = agent
        .get(&format!("/api/v1/tasks?limit=2&after={next}"))
        .await
        .json();
    assert_eq!(
        (ids(&page), &page["next"]),
        (tasks[2..].to_vec(), &Value::Null)
    );
    agent
        .get(&format!("/api/v1/tasks/{}", tasks[1]))
        .await
        .is_problem(404);
    let reached = json!({ "result": "reached" });
    for (what, body) in [
        ("claim", &json!(null)),
        ("release", &json!(null)),
        ("try", &json!({})),
        ("done", &reached),
        ("reveal", &json!({ "reason": "call back" })),
    ] {
        assert_eq!(does(&agent, &tasks[1], what, body).await, 404, "{what}");
    }
    assert_eq!(
        ids(&lead.get("/api/v1/tasks?state=claimed").await.json()),
        tasks[1..2]
    );
    assert_eq!(does(&lead, &tasks[1], "done", &reached).await, 409);
    assert_eq!(does(&lead, &tasks[1], "release", &json!(null)).await, 204);
    assert_eq!(does(&agent, &tasks[1], "done", &reached).await, 204);
    assert_eq!(ids(&lead.get("/api/v1/tasks").await.json()).len(), 2);
    assert_eq!(
        ids(&lead.get("/api/v1/tasks?state=done").await.json()),
        tasks[1..2]
    );
    lead.get("/api/v1/tasks?state=lost").await.is_problem(400);
}
