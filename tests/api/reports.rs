//! Reports to those who answer for the hotline.

use std::time::Duration;

use serde_json::{Value, json};
use thirdring::call::event::Outcome;
use thirdring::id::CallId;
use thirdring::rules::{Role, Timestamp};
use thirdring::store::TopicRules;

use crate::fixture::{Database, MORNING, Story};
use crate::site::{Office, Visitor};

const REPORTS: &str = "/api/v1/reports";

/// Call number `n`, that many minutes into the morning, about this.
async fn call(office: &Office, agent: &Visitor<'_>, n: u32, purpose: &str) -> CallId {
    let began = Timestamp(MORNING + i64::from(n) * 60_000_000);
    let story = Story::at(n, began)
        .arrived()
        .purpose("consultation")
        .ringing();
    let story = story
        .answered_by("1001", 3000)
        .ended(9_000, Outcome::Answered);
    let call = story.store(&office.store).await.call;
    let says = json!({ "purpose": purpose, "outcome": "resolved", "fields": { "place": "x" } });
    let path = format!("/api/v1/calls/{call}/wrap-up");
    let said = agent
        .send(axum::http::Method::PUT, &path, Some(&says))
        .await;
    assert_eq!(said.status.as_u16(), 200, "{}", said.text());
    call
}

/// R110: so many calls of one topic within the window are a report, once; what is only supposed, what is
/// older, and other topics do not count.
pub(crate) async fn counted(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("boss", &[Role::Manager], None).await;
    let (agent, boss) = (office.token("li.na").await, office.token("boss").await);
    let rules = TopicRules {
        purposes: vec!["repair.leak".to_owned(), "consultation".to_owned()],
        threshold: 3,
        window: Duration::from_hours(1),
    };
    let at = |minute: i64| Timestamp(MORNING + minute * 60_000_000);
    for n in [1, 70, 71] {
        call(&office, &agent, n, "repair.leak").await;
    }
    call(&office, &agent, 72, "repair.urgent").await;
    // Nobody has said what these are about.
    for n in 80..90 {
        let story = Story::at(n, at(i64::from(n)))
            .arrived()
            .purpose("consultation");
        story.store(&office.store).await;
    }
    let none = office.store.report_topics(&rules, at(90)).await.unwrap();
    assert_eq!(none, 0, "two within the hour");
    let third = call(&office, &agent, 91, "repair.leak").await;
    let written = office.store.report_topics(&rules, at(92)).await.unwrap();
    assert_eq!(written, 1);
    let again = office.store.report_topics(&rules, at(93)).await.unwrap();
    assert_eq!(again, 0, "it is reported already");
    let page = boss.get(REPORTS).await.json();
    let report = &page["items"][0];
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "{page}");
    let told = (&report["topic"], &report["cause"], &report["count"]);
    assert_eq!(told, (&json!("repair.leak"), &json!("count"), &json!(3)));
    assert_eq!(report["calls"][0], third.to_string());
    agent.get(REPORTS).await.is_problem(403);
}

/// R110: one word of an agent, and those who answer for the hotline have it in writing.
pub(crate) async fn major(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("boss", &[Role::Manager], None).await;
    let (agent, boss) = (office.token("li.na").await, office.token("boss").await);
    let own = call(&office, &agent, 1, "complaint").await;
    let path = format!("/api/v1/calls/{own}/major");
    agent
        .post(&path, &json!({ "reason": " " }))
        .await
        .is_problem(422);
    let marked = agent
        .post(&path, &json!({ "reason": "多户停水 <b>" }))
        .await;
    assert_eq!(marked.status.as_u16(), 201, "{}", marked.text());
    let id = marked.json()["id"].clone();
    let again = agent
        .post(&path, &json!({ "reason": "再说一次" }))
        .await
        .json();
    assert_eq!(again["id"], id, "a call has one such report");
    let report = format!("{REPORTS}/{}", id.as_str().unwrap());
    let shown = boss.get(&report).await.json();
    assert_eq!(
        (&shown["by"], &shown["cause"]),
        (&json!("li.na"), &json!("major"))
    );
    let markdown = boss.get(&format!("{report}/markdown")).await;
    assert_eq!(
        markdown.header("content-type"),
        "text/markdown; charset=utf-8"
    );
    assert!(markdown.text().contains("多户停水"), "{}", markdown.text());
    let html = boss.get(&format!("{report}/html")).await;
    assert!(html.header("content-disposition").starts_with("attachment"));
    assert!(
        html.text().contains("多户停水 &lt;b&gt;"),
        "{}",
        html.text()
    );
    boss.get(&format!("{REPORTS}/{}", uuid::Uuid::from_u128(7)))
        .await
        .is_problem(404);
    let silent = Story::new(9).arrived().ringing().answered_by("1001", 3000);
    let silent = silent.store(&office.store).await.call;
    let path = format!("/api/v1/calls/{silent}/major");
    let unsaid = agent.post(&path, &json!({ "reason": "x" })).await;
    unsaid.is_problem(422);
    assert_ne!(shown["calls"], Value::Null);
}
