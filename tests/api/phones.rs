//! Desk phones, as an administrator sees them.

use axum::http::StatusCode;
use serde_json::json;
use thirdring::clock::Clock;
use thirdring::id::AgentId;
use thirdring::rules::{Role, Timestamp};
use thirdring::switch::{KeptBinding, KeptBindings};

use crate::fixture::Database;
use crate::site::Office;

/// A phone of the first agent's that is there, and one whose registration is over.
pub(crate) async fn listed(database: Database) {
    let office = Office::on(&database).await;
    office.user("ops", &[Role::Ops], None).await;
    office.user("agent", &[Role::Agent], Some("1001")).await;
    let Timestamp(now) = Clock.wall();
    let lasts = [("192.0.2.9:40000", 3_600_000_000), ("192.0.2.8:5060", -1)];
    let bindings = lasts.map(|(peer, lasts_us)| binding(peer, Timestamp(now + lasts_us)));
    let kept = KeptBindings {
        agent: AgentId::from("1001"),
        bindings: bindings.to_vec(),
        is_news: true,
    };
    office.store.keep_bindings(&[kept]).await.unwrap();
    let answer = office.token("ops").await.get("/api/v1/phones").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let told = answer.json();
    let listener = json!({ "transport": "udp", "address": "192.0.2.1:5060", "digest": ["MD5"] });
    assert_eq!(told["listeners"], json!([listener]));
    let phones = told["phones"].as_array().unwrap();
    assert_eq!(phones.len(), 1, "{told:#}");
    let phone = &phones[0];
    assert_eq!(phone["extension"], "1001");
    assert_eq!(phone["address"], "192.0.2.9:40000");
    assert_eq!(phone["transport"], "udp");
    assert_eq!(phone["behind_nat"], true);
    assert_eq!(phone["reachable"], false);
    // What a phone says to be is its own text, and stays text.
    assert_eq!(phone["user_agent"], "<b>phone</b>");
    let agent = office.token("agent").await;
    agent.get("/api/v1/phones").await.is_problem(403);
}

fn binding(peer: &str, expires_at: Timestamp) -> KeptBinding {
    KeptBinding {
        agent: AgentId::from("1001"),
        contact: format!("<sip:1001@{peer}>"),
        path: String::new(),
        transport: "UDP".to_owned(),
        local: "192.0.2.1:5060".to_owned(),
        peer: peer.to_owned(),
        is_behind_nat: true,
        call_id: "a84b4c76e66710".to_owned(),
        cseq: 1,
        instance: None,
        user_agent: Some("<b>phone</b>".to_owned()),
        registered_at: Timestamp(1),
        expires_at,
        is_reachable: false,
    }
}
