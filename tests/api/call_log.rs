//! The log of calls: what it is narrowed by, and who takes it out.

use axum::http::StatusCode;
use serde_json::{Value, json};
use thirdring::call::event::{HangupParty, Outcome};
use thirdring::id::CallId;
use thirdring::rules::{Role, Timestamp};
use thirdring::store::NoteDraft;

use crate::fixture::{Database, Story};
use crate::site::{Office, Visitor};

const EXPORT: &str = "/api/v1/calls/export";

async fn call(office: &Office, n: u32, agent: &str, number: &str, purpose: &str) -> CallId {
    let story = Story::new(n)
        .arrived_on("hotline", number, None)
        .purpose(purpose)
        .ringing()
        .answered_by(agent, 3000)
        .hung_up(20_000, HangupParty::Caller)
        .ended(20_000, Outcome::Answered);
    story.store(&office.store).await.call
}

async fn found(visitor: &Visitor<'_>, query: &str) -> Vec<String> {
    let answer = visitor.get(&format!("/api/v1/calls?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
    let json = answer.json();
    let items = json["items"].as_array().unwrap().iter();
    items
        .map(|call| call["id"].as_str().unwrap().to_owned())
        .collect()
}

pub(crate) async fn narrowed(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("qa", &[Role::Qa], None).await;
    let own = call(&office, 1, "1001", "13800005678", "repair.leak")
        .await
        .to_string();
    let other = call(&office, 2, "1002", "13800005678", "complaint")
        .await
        .to_string();
    let desk = office.supervisor().await;
    assert_eq!(found(&desk, "category=repair").await, [own.as_str()]);
    assert_eq!(found(&desk, "purpose=repair").await, [""; 0]);
    assert_eq!(
        found(&desk, "direction=in&hangup_party=caller").await.len(),
        2
    );
    assert_eq!(found(&desk, "flags=late,unclosed").await, [""; 0]);
    assert_eq!(found(&desk, "flags=unclosed&transferred=no").await.len(), 2);
    assert_eq!(found(&desk, "transferred=yes").await, [""; 0]);
    assert_eq!(
        found(&desk, "sort=talk&way=asc&limit=1").await,
        [own.as_str()]
    );
    let both = [other, own.clone()];
    assert_eq!(found(&desk, "number=138-0000-5678").await, both);
    desk.get("/api/v1/calls?flags=blue").await.is_problem(400);
    desk.get("/api/v1/calls?transferred=perhaps")
        .await
        .is_problem(400);
    let long = format!("/api/v1/calls?text={}", "x".repeat(201));
    desk.get(&long).await.is_problem(422);
    // A number is looked for by those who may see it, among the calls that they see.
    let agent = office.token("li.na").await;
    assert_eq!(found(&agent, "number=13800005678").await, [own]);
    let qa = office.token("qa").await;
    assert_eq!(found(&qa, "text=nothing").await, [""; 0]);
    qa.get("/api/v1/calls?number=13800005678")
        .await
        .is_problem(403);
}

/// R232: a right of its own, a reason, and an audit row before the first byte.
pub(crate) async fn taken_out(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("manager", &[Role::Manager], None).await;
    let first = call(&office, 1, "1001", "13800005678", "repair").await;
    call(&office, 2, "1002", "01062345678", "complaint").await;
    let fields = json!({ "name": "=HYPERLINK(1)", "contact": "13900001111", "request": "漏水" });
    let draft = NoteDraft {
        author: "li.na".to_owned(),
        text: "三楼\n\"漏水\"".to_owned(),
        fields: serde_json::from_value(fields).unwrap(),
        base: None,
    };
    office
        .store
        .save_note(first, &draft, Timestamp(1))
        .await
        .unwrap();
    let agent = office.token("li.na").await;
    let manager = office.token("manager").await;
    agent
        .post(EXPORT, &json!({ "reason": "月报" }))
        .await
        .is_problem(403);
    manager
        .post(EXPORT, &json!({ "reason": " " }))
        .await
        .is_problem(422);
    let audited = async || {
        let entries = office.store.audited(None, 100).await.unwrap().into_iter();
        let entries = entries.filter(|entry| entry.action == "calls.export");
        entries
            .map(|entry| (entry.actor, entry.purpose))
            .collect::<Vec<_>>()
    };
    assert_eq!(audited().await, []);
    let sheet = manager.post(EXPORT, &json!({ "reason": "月报" })).await;
    assert_eq!(sheet.status, StatusCode::OK, "{}", sheet.text());
    assert_eq!(sheet.header("content-type"), "text/csv");
    assert_eq!(audited().await, [("manager".to_owned(), "月报".to_owned())]);
    let text = sheet.text();
    assert!(text.starts_with("\u{feff}id,arrived_at,line,"), "{text}");
    assert!(text.contains("2026-11-21T16:00:01.000+08:00"), "{text}");
    assert!(text.contains("\"三楼\n\"\"漏水\"\"\""), "{text}");
    assert!(text.contains("'=HYPERLINK(1)"), "{text}");
    for number in ["13800005678", "13900001111", "01062345678"] {
        assert!(!text.contains(number), "{number} is in {text}");
    }
    assert!(
        text.contains("138****5678") && text.contains("139****1111"),
        "{text}"
    );
    // As JSON, in full, and only some.
    let asked = json!({
        "reason": "对账", "format": "json", "numbers": true, "filter": { "purpose": "repair" },
    });
    let sheet = manager.post(EXPORT, &asked).await;
    assert_eq!(sheet.header("content-type"), "application/json");
    let rows: Value = sheet.json();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["caller"], "13800005678");
    assert_eq!(rows[0]["request"], "漏水");
    // Without its row in the audit no byte goes out.
    database.execute("drop table audit").await.unwrap();
    let body = json!({ "reason": "月报" });
    manager.post(EXPORT, &body).await.is_problem(503);
}
