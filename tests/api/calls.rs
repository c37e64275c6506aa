//! Calls: lists, one in full, numbers.

use axum::http::{Method, StatusCode};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use thirdring::call::EventKind;
use thirdring::call::event::{
    Circumstances, Direction, HangupParty, Origin, Outcome, TransferKind, TransferResult,
    TransferTarget,
};
use thirdring::rules::{Role, Timestamp};
use thirdring::store::{CustomerDraft, CustomerNumber};

use crate::fixture::{Database, Story};
use crate::site::{Office, Visitor, redacted};

const CALLS: &str = "/api/v1/calls";

/// A call with a bit of everything.
fn whole(n: u32, agent: &str) -> Story {
    let requested = EventKind::TransferRequested {
        transfer: 1,
        kind: TransferKind::Blind,
        by: agent.into(),
        target: TransferTarget::Agent("1002".into()),
        consult: None,
    };
    let ended = EventKind::TransferEnded {
        transfer: 1,
        result: TransferResult::Answered,
    };
    Story::new(n)
        .arrived()
        .purpose("repair")
        .ringing()
        .answered_by(agent, 6000)
        .then(9000, requested)
        .then(12_000, ended)
        .hung_up(20_000, HangupParty::Caller)
        .ended(20_000, Outcome::Answered)
        .sealed(21_000, Vec::new())
}

fn lost(n: u32) -> Story {
    Story::new(n)
        .arrived_on("orders", "01062345678", None)
        .ringing()
        .hung_up(8000, HangupParty::Caller)
        .ended(8000, Outcome::Abandoned)
}

async fn ids(visitor: &Visitor<'_>, query: &str) -> Vec<String> {
    let answer = visitor.get(&format!("{CALLS}{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
    let json = answer.json();
    let items = json["items"].as_array().unwrap().iter();
    items
        .map(|call| call["id"].as_str().unwrap().to_owned())
        .collect()
}

pub(crate) async fn listed(database: Database) {
    let office = Office::on(&database).await;
    let mut all = Vec::new();
    for n in 1..=3 {
        all.push(whole(n, "1001").store(&office.store).await.call.to_string());
    }
    all.push(lost(4).store(&office.store).await.call.to_string());
    let running = Story::new(5).arrived().ringing().store(&office.store).await;
    all.push(running.call.to_string());
    all.reverse();
    let visitor = office.supervisor().await;
    let page = visitor.get(&format!("{CALLS}?limit=2")).await.json();
    assert_json_snapshot!("calls_page", page);
    // Page by page, nothing twice and nothing left out.
    let mut seen = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        seen.extend(ids(&visitor, &query).await);
        let page = visitor.get(&format!("{CALLS}{query}")).await.json();
        let Value::String(next) = &page["next"] else {
            break;
        };
        query = format!("?limit=2&after={next}");
    }
    assert_eq!(seen, all);
    for (query, count) in [
        ("?line=orders", 1),
        ("?line=nowhere", 0),
        ("?line=%00", 0),
        ("?outcome=abandoned", 1),
        ("?grade=on_target", 3),
        ("?purpose=repair", 3),
        ("?agent=1001", 3),
        ("?agent=1002", 3),
        ("?agent=1003", 0),
        ("?from=2026-11-21T08:00:03Z", 3),
        ("?to=2026-11-21T16:00:03%2B08:00", 2),
        ("?after=00000000-0000-0000-0000-000000000007", 0),
    ] {
        assert_eq!(ids(&visitor, query).await.len(), count, "{query}");
    }
    for query in [
        "?limit=0",
        "?limit=501",
        "?limit=x",
        "?outcome=lost",
        "?from=yesterday",
        "?after=x",
    ] {
        visitor
            .get(&format!("{CALLS}{query}"))
            .await
            .is_problem(400);
    }
}

pub(crate) async fn shown(database: Database) {
    let office = Office::on(&database).await;
    let story = whole(1, "1001").store(&office.store).await;
    let visitor = office.supervisor().await;
    let path = format!("{CALLS}/{}", story.call);
    let answer = visitor.get(&path).await;
    assert!(!answer.text().contains("13800005678"), "{}", answer.text());
    // The projection whole is what the store's own tests look at.
    assert_eq!(
        answer.json()["record"]["sip_call_id"],
        format!("{}@192.0.2.1", story.call)
    );
    assert_json_snapshot!("call", redacted(answer.json(), &["record"]));
    let events = visitor.get(&format!("{path}/events")).await;
    assert!(!events.text().contains("13800005678"), "{}", events.text());
    assert_json_snapshot!("call_events", events.json());
    visitor.get(&format!("{CALLS}/x")).await.is_problem(400);
    let nobodys = "00000000-0000-0000-0000-000000000007";
    visitor
        .get(&format!("{CALLS}/{nobodys}"))
        .await
        .is_problem(404);
}

pub(crate) async fn revealed(database: Database) {
    let office = Office::on(&database).await;
    let story = whole(1, "1001").store(&office.store).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let path = format!("{CALLS}/{}/reveal", story.call);
    for reason in ["", "  ", &"x".repeat(501)] {
        agent
            .post(&path, &json!({ "reason": reason }))
            .await
            .is_problem(422);
    }
    let audited = office.store.audited(Some(story.call), 10).await.unwrap();
    assert!(audited.is_empty(), "nothing was revealed: {audited:?}");
    let answer = agent.post(&path, &json!({ "reason": "call back" })).await;
    assert_json_snapshot!("revealed", answer.json());
    let audited = office.store.audited(Some(story.call), 10).await.unwrap();
    let rows: Vec<_> = audited
        .iter()
        .map(|row| {
            (
                row.actor.as_str(),
                row.action.as_str(),
                row.purpose.as_str(),
            )
        })
        .collect();
    assert_eq!(rows, [("li.na", "number.reveal", "call back")]);
    // Without its audit row no number is given.
    database.execute("drop table audit").await.unwrap();
    let answer = agent.post(&path, &json!({ "reason": "once more" })).await;
    answer.is_problem(503);
    assert!(!answer.text().contains("13800005678"), "{}", answer.text());
}

pub(crate) async fn withheld(database: Database) {
    let office = Office::on(&database).await;
    let mut story = Story::new(1);
    let party = story.party(1, "13800005678", Some("王小明"));
    let arrived = EventKind::Arrived {
        direction: Direction::In,
        origin: Origin::External,
        caller: Some(party.id),
        dialled: "4001234567".to_owned(),
        line: Some("hotline".into()),
        trunk: Some("carrier".into()),
        sip_call_id: "x".to_owned(),
        callee: None,
        consult_of: None,
        circumstances: Circumstances {
            withheld: true,
            ..Circumstances::default()
        },
    };
    story = story.then(0, arrived);
    story.entries[0].parties.push(party);
    let story = story.ringing().store(&office.store).await;
    customer(&office, "13800005678").await;
    let visitor = office.supervisor().await;
    for path in [
        CALLS.to_owned(),
        format!("{CALLS}/{}", story.call),
        format!("{CALLS}/{}/events", story.call),
    ] {
        let answer = visitor.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK);
        for secret in ["5678", "王小明", "李先生"] {
            assert!(!answer.text().contains(secret), "{path}: {}", answer.text());
        }
    }
    let reveal = format!("{CALLS}/{}/reveal", story.call);
    let answer = visitor
        .post(&reveal, &json!({ "reason": "call back" }))
        .await;
    answer.is_problem(422);
    assert_eq!(answer.json()["code"], "withheld");
}

pub(crate) async fn foreign(database: Database) {
    let office = Office::on(&database).await;
    let own = Story::new(1).arrived().ringing().answered_by("1001", 3000);
    let own = own.store(&office.store).await.call;
    let foreign = Story::new(2).arrived().ringing().answered_by("1002", 3000);
    let foreign = foreign.store(&office.store).await.call;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    assert_eq!(ids(&agent, "").await, [own.to_string()]);
    assert_eq!(ids(&agent, "?agent=1002").await, [""; 0]);
    let shown = agent.get(&format!("{CALLS}/{foreign}")).await;
    let absent = "00000000-0000-0000-0000-000000000007";
    let nothing = agent.get(&format!("{CALLS}/{absent}")).await;
    shown.is_problem(404);
    assert_eq!(shown.json(), nothing.json(), "an id tells nothing");
    // Without a phone nothing is one's own.
    office.user("desk", &[Role::Agent], None).await;
    let phoneless = office.token("desk").await;
    assert_eq!(ids(&phoneless, "").await, [""; 0]);
}

/// A phone rings before the row of its call says so: the switch's word is enough to see the call and
/// to write on it, but not to have its caller's number.
pub(crate) async fn rung(database: Database) {
    let office = Office::on(&database).await;
    let story = Story::new(1).arrived().store(&office.store).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let path = format!("{CALLS}/{}", story.call);
    agent.get(&path).await.is_problem(404);
    office.desk.talks("1001", story.call);
    assert_eq!(agent.get(&path).await.status, StatusCode::OK);
    let text = json!({ "text": "催修" });
    let note = agent
        .send(Method::PUT, &format!("{path}/note"), Some(&text))
        .await;
    assert_eq!(note.status, StatusCode::OK, "{}", note.text());
    let why = json!({ "reason": "call back" });
    let reveal = agent.post(&format!("{path}/reveal"), &why).await;
    reveal.is_problem(404);
}

/// Somebody whom we know by name.
async fn customer(office: &Office, number: &str) {
    let number = CustomerNumber {
        number: number.to_owned(),
        label: None,
    };
    let draft = CustomerDraft {
        name: "李先生".to_owned(),
        form: Some("先生".to_owned()),
        level: Some("大客户".to_owned()),
        numbers: vec![number],
        ..CustomerDraft::default()
    };
    let created = office
        .store
        .create_customer(&draft, "test", "test", Timestamp(1));
    created.await.unwrap();
}

pub(crate) async fn known(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    // It rings, and nobody has answered yet.
    let story = Story::new(1).arrived().ringing();
    let rung = EventKind::Offered {
        attempt: 1,
        agent: "1001".into(),
    };
    let story = story.then(100, rung).store(&office.store).await;
    let path = format!("{CALLS}/{}", story.call);
    assert_eq!(agent.get(&path).await.json()["customer"], json!(null));
    customer(&office, "138 0000 5678").await;
    let mut shown = agent.get(&path).await.json()["customer"].clone();
    assert!(shown["id"].take().is_string());
    let known = json!({ "id": null, "name": "李先生", "form": "先生", "level": "大客户" });
    assert_eq!(shown, known);
}
