//! The calls that go on, and how each stands.

use axum::http::StatusCode;
use serde_json::{Value, json};
use thirdring::call::doing::{Doing, SuperviseMode};
use thirdring::call::event::{HangupParty, Outcome};
use thirdring::call::{Beside, CallNow, CallState, EventKind, Hand};
use thirdring::id::CallId;
use thirdring::rules::{Role, Timestamp};

use crate::fixture::{Database, Story};
use crate::site::{Office, Visitor};

const RUNNING: &str = "/api/v1/calls?running=yes";

fn now(call: CallId, agent: &str) -> CallNow {
    CallNow {
        call,
        state: CallState::Talking,
        since: Timestamp(3_000_000),
        agent: Some(agent.into()),
        rung: Vec::new(),
        ring: None,
        is_muted: false,
        hand: None,
        beside: None,
        can_be_supervised: true,
    }
}

async fn items(visitor: &Visitor<'_>, path: &str) -> Vec<Value> {
    let answer = visitor.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["items"].as_array().unwrap().clone()
}

pub(crate) async fn listed(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office
        .user("lead", &[Role::ShiftLeader], Some("1009"))
        .await;
    let over = Story::new(1)
        .arrived()
        .ringing()
        .answered_by("1001", 3000)
        .hung_up(9000, HangupParty::Caller)
        .ended(9000, Outcome::Answered);
    let over = over.store(&office.store).await.call;
    let escalated = EventKind::Doing(Doing::Escalated {
        by: "1001".into(),
        to: None,
        level: None,
        urgent: false,
        skipped: Vec::new(),
        reason: None,
    });
    let talk = Story::new(2)
        .arrived()
        .ringing()
        .answered_by("1001", 3000)
        .then(5000, escalated);
    let talk = talk.store(&office.store).await.call;
    let other = Story::new(3).arrived().ringing().answered_by("1002", 3000);
    let other = other.store(&office.store).await.call;
    // Its row does not know yet that it is over: the switch does.
    Story::new(4).arrived().ringing().store(&office.store).await;
    let hand = Hand {
        agent: "1001".into(),
        at: Timestamp(5_000_000),
    };
    let beside = Beside {
        agent: "1009".into(),
        mode: SuperviseMode::Listen,
        is_there: false,
    };
    *office.desk.calls.lock().unwrap() = vec![
        CallNow {
            hand: Some(hand),
            beside: Some(beside),
            can_be_supervised: false,
            ..now(talk, "1001")
        },
        now(other, "1002"),
    ];
    let lead = office.log_in("lead").await;
    let floor = items(&lead, RUNNING).await;
    let ids: Vec<_> = floor.iter().map(|call| call["id"].clone()).collect();
    assert_eq!(ids, [other, talk].map(|call| json!(call.to_string())));
    assert_eq!(floor[1]["caller"]["number"], "138****5678");
    let expected = json!({
        "state": "talking", "since": "1970-01-01T00:00:03.000000Z", "agent": "1001", "rung": [],
        "ring": null, "is_muted": false, "is_escalated": true, "is_private": false,
        "hand": { "agent": "1001", "at": "1970-01-01T00:00:05.000000Z" },
        "beside": { "agent": "1009", "mode": "listen", "is_there": false },
        "can_be_supervised": false,
    });
    assert_eq!(floor[1]["now"], expected);
    // An agent sees no more of it than of other calls.
    let agent = office.log_in("li.na").await;
    let own = items(&agent, RUNNING).await;
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["id"], json!(talk.to_string()));
    let ended = items(&lead, "/api/v1/calls?running=no").await;
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0]["id"], json!(over.to_string()));
    assert_eq!(ended[0].get("now"), None);
    // Elsewhere it is not said.
    let all = items(&lead, "/api/v1/calls").await;
    assert!(all.len() == 4 && all.iter().all(|call| call.get("now").is_none()));
}
