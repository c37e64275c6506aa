//! Records that are sent to departments.

use serde_json::{Value, json};
use thirdring::call::event::Outcome;
use thirdring::rules::{DirectoryEntry, EntryKind, Role, Timestamp};
use thirdring::store::{NoteDraft, Written};

use crate::fixture::{Database, Story};
use crate::site::Office;

/// R092: a record goes to those of the department, who may read it though the call was not theirs; when it
/// came to their inbox and who read it stay, and looks of others are no reading.
pub(crate) async fn sent(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office
        .user("wang", &[Role::DeptHandler], Some("1002"))
        .await;
    office
        .user("zhao", &[Role::DeptHandler], Some("1009"))
        .await;
    let (agent, handler) = (office.token("li.na").await, office.token("wang").await);
    let stranger = office.token("zhao").await;
    let supervisor = office.supervisor().await;
    let written = Written {
        by: "test",
        why: None,
        at: Timestamp(1),
    };
    let department = DirectoryEntry {
        name: "工程部".to_owned(),
        kind: EntryKind::Department,
        ..DirectoryEntry::default()
    };
    let wang = DirectoryEntry {
        name: "王强".to_owned(),
        department: Some("工程部".to_owned()),
        agent: Some("1002".to_owned()),
        ..DirectoryEntry::default()
    };
    let entry = office
        .store
        .register(department, &written)
        .await
        .unwrap()
        .id;
    office.store.register(wang, &written).await.unwrap();
    let call = Story::new(1).arrived().ringing().answered_by("1001", 3000);
    let call = call.ended(20_000, Outcome::Answered).store(&office.store);
    let call = call.await.call;
    let note = NoteDraft {
        author: "li.na".to_owned(),
        text: "三楼漏水".to_owned(),
        ..NoteDraft::default()
    };
    office
        .store
        .save_note(call, &note, Timestamp(1))
        .await
        .unwrap();

    let path = format!("/api/v1/calls/{call}/relay");
    let nobody = json!({ "entry": uuid::Uuid::from_u128(7) });
    agent.post(&path, &nobody).await.is_problem(422);
    let sends = json!({ "entry": entry, "remark": "请尽快" });
    handler.post(&path, &sends).await.is_problem(404);
    let sent = agent.post(&path, &sends).await;
    assert_eq!(sent.status.as_u16(), 201, "{}", sent.text());
    let sent = sent.json();
    assert_eq!(
        (&sent["delivered_at"], &sent["read_at"]),
        (&Value::Null, &Value::Null)
    );
    assert!(sent["after_ms"].as_u64().unwrap() > 0, "{sent}");

    // Who looks on delivers nothing; those of the department do.
    let of = |page: Value| page["items"].as_array().unwrap().clone();
    assert_eq!(
        of(stranger.get("/api/v1/relays").await.json()),
        [Value::Null; 0]
    );
    let seen = of(supervisor.get("/api/v1/relays").await.json());
    assert_eq!(seen[0]["delivered_at"], Value::Null);
    of(handler.get("/api/v1/relays?unread=true").await.json());
    let own = of(agent.get("/api/v1/relays").await.json());
    assert!(own[0]["delivered_at"].is_string(), "{own:?}");

    let read = format!("/api/v1/relays/{}/read", sent["id"].as_str().unwrap());
    stranger.post(&read, &json!({})).await.is_problem(404);
    let looked = supervisor.post(&read, &json!({})).await.json();
    assert_eq!(looked["relay"]["read_at"], Value::Null, "{looked}");
    let had = handler.post(&read, &json!({})).await.json();
    assert_eq!(had["relay"]["read_by"], "wang", "{had}");
    assert_eq!(had["note"], "三楼漏水");
    assert_eq!(had["record"]["caller"]["number"], "138****5678");
    let unread = of(handler.get("/api/v1/relays?unread=true").await.json());
    assert_eq!(unread, [Value::Null; 0]);
    let audit = office.store.audited(None, 100).await.unwrap();
    let reads = audit.iter().filter(|entry| entry.action == "relay.read");
    assert_eq!(reads.count(), 2);
}

/// R109: a matter that is said to be passed on is open until it is, and what it took is on the call's row.
pub(crate) async fn forwarded(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let supervisor = office.supervisor().await;
    // An hour ago, and two days ago: without a calendar a day is what it may take.
    let now = jiff::Timestamp::now().as_microsecond();
    let mut calls = Vec::new();
    for (n, ago_h) in [(1, 48), (2, 1), (3, 1)] {
        let began = Timestamp(now - ago_h * 3_600_000_000);
        let story = Story::at(n, began)
            .arrived()
            .ringing()
            .answered_by("1001", 3000);
        let story = story
            .ended(20_000, Outcome::Answered)
            .store(&office.store)
            .await;
        let outcome = if n == 3 { "resolved" } else { "transferred" };
        let says = json!({ "purpose": "consultation", "outcome": outcome });
        let path = format!("/api/v1/calls/{}/wrap-up", story.call);
        let said = agent
            .send(axum::http::Method::PUT, &path, Some(&says))
            .await;
        assert_eq!(said.status.as_u16(), 200, "{}", said.text());
        calls.push(story.call);
    }
    let open = async |query: &str| -> Vec<(String, bool)> {
        let page = supervisor
            .get(&format!("/api/v1/forwards{query}"))
            .await
            .json();
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|item| {
                let call = item["call"].as_str().unwrap().to_owned();
                (call, item["is_overdue"].as_bool().unwrap())
            })
            .collect()
    };
    let [late, fresh] = [calls[0].to_string(), calls[1].to_string()];
    assert_eq!(
        open("").await,
        [(late.clone(), true), (fresh.clone(), false)]
    );
    assert_eq!(open("?overdue=true").await, [(late.clone(), true)]);
    assert_eq!(open("?agent=1002").await, []);
    let written = Written {
        by: "test",
        why: None,
        at: Timestamp(1),
    };
    let department = DirectoryEntry {
        name: "工程部".to_owned(),
        ..DirectoryEntry::default()
    };
    let entry = office
        .store
        .register(department, &written)
        .await
        .unwrap()
        .id;
    let row = agent.get(&format!("/api/v1/calls/{late}")).await.json();
    assert_eq!(row["forwarded"], Value::Null);
    let relay = format!("/api/v1/calls/{late}/relay");
    agent.post(&relay, &json!({ "entry": entry })).await;
    assert_eq!(open("").await, [(fresh, false)]);
    let metrics = thirdring::metrics::Metrics::install().unwrap().render();
    let counted = "thirdring_forward_after_seconds_bucket{by=\"relay\",le=\"259200\"}";
    assert!(metrics.contains(counted), "{metrics}");
    let row = agent.get(&format!("/api/v1/calls/{late}")).await.json();
    assert_eq!(row["forwarded"]["by"], "relay");
    let after_h = row["forwarded"]["after_ms"].as_u64().unwrap() / 3_600_000;
    assert!((47..72).contains(&after_h), "{row}");
}
