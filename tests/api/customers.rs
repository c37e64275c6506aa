//! Customers by the API: who is kept, how, and what of them is shown to whom.

use insta::assert_json_snapshot;
use serde_json::{Value, json};
use thirdring::call::EventKind;
use thirdring::call::event::{Direction, HangupParty, Outcome};
use thirdring::rules::Role;
use thirdring::store::NoteDraft;

use crate::fixture::{Database, Story};
use crate::site::{Office, Visitor, redacted};

const CUSTOMERS: &str = "/api/v1/customers";

async fn add(visitor: &Visitor<'_>, name: &str, number: &str) -> String {
    let body = json!({ "name": name, "numbers": [{ "number": number }] });
    let added = visitor.post(CUSTOMERS, &body).await;
    assert_eq!(added.status.as_u16(), 201, "{}", added.text());
    added.json()["id"].as_str().unwrap().to_owned()
}

fn names(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["name"].as_str().unwrap()).collect()
}

/// What was done with customers, the last first.
async fn audited(office: &Office) -> Vec<String> {
    let audited = office.store.audited(None, 100).await.unwrap();
    let of_customers = audited.iter().rev().map(|entry| entry.action.clone());
    of_customers
        .filter(|action| action.starts_with("customer.") || action == "number.reveal")
        .collect()
}

pub(crate) async fn kept(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let asked = json!({
        "name": "王小明", "form": "先生", "level": "大客户", "level_reason": "年度合同",
        "kind": "业主", "organisation": "阳光物业", "address": "3 栋 501", "note": "喜欢上午接电话",
        "numbers": [{ "number": "138 0000 5678", "label": "手机" }, { "number": "010-61234567" }],
    });
    let added = agent.post(CUSTOMERS, &asked).await;
    let keys = ["id", "created_at", "changed_at"];
    assert_json_snapshot!("customer", redacted(added.json(), &keys));
    let place = format!("{CUSTOMERS}/{}", added.json()["id"].as_str().unwrap());

    // By number however it is written, by a part of the name or the organisation, page by page.
    add(&agent, "李四", "13900005678").await;
    for query in [
        "number=%2B8613800005678",
        "q=%E5%B0%8F%E6%98%8E",
        "q=%E7%89%A9%E4%B8%9A",
    ] {
        let found = agent.get(&format!("{CUSTOMERS}?{query}")).await.json();
        assert_eq!(names(&found), ["王小明"], "{query}");
    }
    let first = agent.get(&format!("{CUSTOMERS}?limit=1")).await.json();
    let next = first["next"].as_str().unwrap();
    let second = agent
        .get(&format!("{CUSTOMERS}?limit=1&after={next}"))
        .await
        .json();
    assert_eq!(
        (names(&first), names(&second)),
        (vec!["李四"], vec!["王小明"])
    );
    assert_eq!(second["next"], Value::Null);

    // One number goes, another comes; who has not seen the change is told so.
    let change = json!({
        "base": 1, "form": "", "level": "普通", "remove": [2],
        "add": [{ "number": "13700005678", "label": "办公室" }], "reason": "客户来电更新",
    });
    let changed = agent
        .send(axum::http::Method::PATCH, &place, Some(&change))
        .await;
    assert_eq!(changed.status.as_u16(), 200, "{}", changed.text());
    let again = agent
        .send(axum::http::Method::PATCH, &place, Some(&change))
        .await;
    again.is_problem(409);
    let shown = agent.get(&place).await.json();
    assert_eq!(
        (&shown["version"], &shown["form"]),
        (&json!(2), &Value::Null)
    );
    let numbers = json!([
        { "n": 1, "number": "138****5678", "label": "手机" },
        { "n": 2, "number": "137****5678", "label": "办公室" },
    ]);
    assert_eq!(shown["numbers"], numbers);
    let versions = agent.get(&format!("{place}/versions")).await.json();
    assert_eq!(
        versions["items"][0]["file"]["level"], "大客户",
        "{versions}"
    );
    assert_eq!(versions["items"][1]["author"], "li.na");
    let taken = json!({ "name": "x", "numbers": [{ "number": "13700005678" }] });
    agent.post(CUSTOMERS, &taken).await.is_problem(409);
    for unfit in [
        json!({ "name": "", "numbers": [{ "number": "13100005678" }] }),
        json!({ "name": "x", "numbers": [] }),
        json!({ "name": "x", "numbers": [{ "number": "nobody" }] }),
    ] {
        agent.post(CUSTOMERS, &unfit).await.is_problem(422);
    }
    // Every look is kept.
    let audited = audited(&office).await;
    let looks = audited
        .iter()
        .filter(|action| *action == "customer.list")
        .count();
    assert_eq!(looks, 5, "{audited:?}");
    assert!(audited.contains(&"customer.view".to_owned()), "{audited:?}");
}

/// A call of this number, answered by this agent.
async fn served(office: &Office, n: u32, number: &str, agent: &str) -> Story {
    let story = Story::new(n).arrived_on("hotline", number, None).ringing();
    story
        .answered_by(agent, 3000)
        .hung_up(20_000, HangupParty::Caller)
        .ended(20_000, Outcome::Answered)
        .store(&office.store)
        .await
}

pub(crate) async fn revealed(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("wang", &[Role::Agent], Some("1002")).await;
    office.user("qa", &[Role::Qa], None).await;
    let (agent, other) = (office.token("li.na").await, office.token("wang").await);
    let id = add(&agent, "王小明", "13800005678").await;
    let place = format!("{CUSTOMERS}/{id}");
    let reveal = format!("{place}/reveal");
    let why = json!({ "reason": "call back" });
    // Nobody's caller yet.
    agent.post(&reveal, &why).await.is_problem(404);
    served(&office, 1, "13800005678", "1001").await;
    served(&office, 2, "13800005678", "1001").await;
    agent
        .post(&reveal, &json!({ "reason": " " }))
        .await
        .is_problem(422);
    let shown = agent.post(&reveal, &why).await;
    assert_eq!(
        shown.json()["numbers"],
        json!(["13800005678"]),
        "{}",
        shown.text()
    );
    other.post(&reveal, &why).await.is_problem(404);
    assert_eq!(audited(&office).await[0], "number.reveal");
    // The calls, newest first and page by page; what they were about, but no number.
    let calls = other.get(&format!("{place}/calls?limit=1")).await.json();
    assert_eq!(calls["items"][0]["answered_by"], "1001", "{calls}");
    let next = calls["next"].as_str().unwrap();
    let rest = other
        .get(&format!("{place}/calls?limit=1&after={next}"))
        .await
        .json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!(rest["next"], Value::Null);
    office.token("qa").await.get(&place).await.is_problem(403);
}

pub(crate) async fn merged(database: Database) {
    let office = Office::on(&database).await;
    let boss = office.supervisor().await;
    let kept = add(&boss, "王小明", "13800005678").await;
    let gone = add(&boss, "王先生", "13900005678").await;
    served(&office, 1, "13900005678", "1001").await;
    let merge = |base: u32, from: &str| json!({ "base": base, "from": from, "reason": "同一人" });
    let place = format!("{CUSTOMERS}/{kept}");
    let merging = format!("{place}/merge");
    boss.post(&merging, &merge(1, &kept)).await.is_problem(422);
    boss.post(&merging, &merge(7, &gone)).await.is_problem(409);
    let merged = boss.post(&merging, &merge(1, &gone)).await;
    assert_eq!(merged.status.as_u16(), 200, "{}", merged.text());
    assert_eq!(merged.json()["numbers"].as_array().unwrap().len(), 2);
    // The other is in no list, leads to the one that goes on, and is changed no more.
    assert_eq!(names(&boss.get(CUSTOMERS).await.json()), ["王小明"]);
    let other = format!("{CUSTOMERS}/{gone}");
    assert_eq!(boss.get(&other).await.json()["merged_into"], kept.as_str());
    let change = json!({ "base": 2, "name": "x", "add": [{ "number": "13100005678" }] });
    let refused = boss
        .send(axum::http::Method::PATCH, &other, Some(&change))
        .await;
    refused.is_problem(404);
    boss.post(&merging, &merge(2, &gone)).await.is_problem(404);
    let calls = boss.get(&format!("{place}/calls")).await.json();
    assert_eq!(calls["items"].as_array().unwrap().len(), 1, "{calls}");
    // Erased, neither is known any more.
    let erased = boss
        .post(&format!("{place}/erase"), &json!({ "reason": "本人要求" }))
        .await;
    assert_eq!(erased.json()["parties"], 1, "{}", erased.text());
    boss.get(&place).await.is_problem(404);
    boss.get(&other).await.is_problem(404);
}

pub(crate) async fn shown_on_ring(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("wang", &[Role::Agent], Some("1002")).await;
    let agent = office.token("li.na").await;
    for n in 1..=7 {
        served(&office, n, "13800005678", "1002").await;
    }
    add(&agent, "王小明", "13800005678").await;
    let offered = EventKind::Offered {
        attempt: 1,
        agent: "1001".into(),
    };
    let rings = Story::new(20)
        .arrived_on("hotline", "13800005678", None)
        .ringing();
    let rings = rings.then(100, offered).store(&office.store).await;
    let note = NoteDraft {
        author: "wang".to_owned(),
        text: "电梯故障".to_owned(),
        ..NoteDraft::default()
    };
    let at = thirdring::rules::Timestamp(1);
    office.store.save_note(rings.call, &note, at).await.unwrap();
    let card = format!("/api/v1/calls/{}/caller", rings.call);
    let shown = agent.get(&card).await.json();
    assert_eq!(shown["customer"]["name"], "王小明", "{shown}");
    assert_eq!(shown["caller"]["number"], "138****5678");
    assert_eq!(shown["contacts"].as_array().unwrap().len(), 5, "{shown}");
    assert_eq!(shown["note"]["text"], "电梯故障");
    assert_eq!(audited(&office).await[0], "customer.view");
    office.token("wang").await.get(&card).await.is_problem(404);
    // Who withholds the number is nobody we know.
    let mut withheld = Story::new(21).arrived().ringing();
    if let EventKind::Arrived { circumstances, .. } = &mut withheld.entries[0].event.kind {
        circumstances.withheld = true;
    }
    let offered = EventKind::Offered {
        attempt: 1,
        agent: "1001".into(),
    };
    let withheld = withheld.then(100, offered).store(&office.store).await;
    let shown = agent
        .get(&format!("/api/v1/calls/{}/caller", withheld.call))
        .await
        .json();
    assert_eq!(shown["withheld"], true);
    let hidden = (&shown["caller"], &shown["customer"], &shown["contacts"]);
    assert_eq!(hidden, (&Value::Null, &Value::Null, &json!([])), "{shown}");
    // From the call itself, whose number nobody need type; but not of that one.
    let from = |story: &Story| json!({ "name": "赵六", "call": story.call });
    agent
        .post(CUSTOMERS, &from(&withheld))
        .await
        .is_problem(422);
    agent.post(CUSTOMERS, &from(&rings)).await.is_problem(409);
}

/// R223: whom an agent has called is served again, too; and what was written down of it is erased
/// with the customer.
pub(crate) async fn called(database: Database) {
    let office = Office::on(&database).await;
    let supervisor = office.supervisor().await;
    served(&office, 1, "13800005678", "1002").await;
    let mut out = Story::new(2).arrived_on("hotline", "13800005678", None);
    let arrived = &mut out.entries[0].event.kind;
    if let EventKind::Arrived {
        direction,
        caller,
        callee,
        ..
    } = arrived
    {
        *direction = Direction::Out;
        *callee = caller.take();
    }
    let out = out.ended(9_000, Outcome::Answered).store(&office.store);
    let out = out.await;
    let note = NoteDraft {
        author: "wang".to_owned(),
        text: "回访".to_owned(),
        ..NoteDraft::default()
    };
    let at = thirdring::rules::Timestamp(1);
    office.store.save_note(out.call, &note, at).await.unwrap();
    let customer = add(&supervisor, "王小明", "13800005678").await;
    let calls = format!("{CUSTOMERS}/{customer}/calls");
    let calls = supervisor.get(&calls).await.json();
    let items = calls["items"].as_array().unwrap().iter();
    let directions: Vec<_> = items.map(|item| item["direction"].clone()).collect();
    assert_eq!(directions, [json!("out"), json!("in")], "{calls}");
    let id = thirdring::id::CustomerId(customer.parse().unwrap());
    let erased = office.store.erase_customer(id, "wang", "request", at);
    assert_eq!(erased.await.unwrap().notes, 1);
}

/// R021: who has come by, or written, is a contact of its channel, of a purpose of the line's; what was said
/// goes with the customer.
pub(crate) async fn came_by(database: Database) {
    const CONTACTS: &str = "/api/v1/contacts";
    let office = Office::on(&database).await;
    let supervisor = office.supervisor().await;
    let customer = add(&supervisor, "王小明", "13800005678").await;
    let visit = |change: Value| {
        let mut visit = json!({
            "channel": "visit", "line": "hotline", "purpose": "consultation",
            "customer": customer, "text": "来访咨询", "at": "2026-11-20T08:00:00Z",
        });
        for (key, value) in change.as_object().unwrap() {
            visit[key] = value.clone();
        }
        visit
    };
    for unfit in [
        json!({ "channel": "phone" }),
        json!({ "channel": "pigeon" }),
        json!({ "purpose": "nothing" }),
        json!({ "at": "2999-01-01T00:00:00Z" }),
        json!({ "customer": uuid::Uuid::from_u128(7) }),
    ] {
        supervisor
            .post(CONTACTS, &visit(unfit))
            .await
            .is_problem(422);
    }
    let kept = supervisor.post(CONTACTS, &visit(json!({}))).await;
    assert_eq!(kept.status.as_u16(), 201, "{}", kept.text());
    let letter = json!({ "channel": "letter", "customer": null, "at": "2026-11-19T08:00:00Z" });
    supervisor.post(CONTACTS, &visit(letter)).await;
    let channels = |page: Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|item| item["channel"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = supervisor.get(CONTACTS).await.json();
    assert_eq!(channels(all), ["letter", "visit"]);
    let visits = supervisor
        .get(&format!("{CONTACTS}?channel=visit"))
        .await
        .json();
    assert_eq!(channels(visits), ["visit"]);
    let story = served(&office, 1, "13800005678", "1002").await;
    let call = supervisor
        .get(&format!("/api/v1/calls/{}", story.call))
        .await
        .json();
    assert_eq!(call["channel"], "phone");
    let erase = format!("{CUSTOMERS}/{customer}/erase");
    supervisor
        .post(&erase, &json!({ "reason": "request" }))
        .await;
    let left = supervisor
        .get(&format!("{CONTACTS}?channel=visit"))
        .await
        .json();
    assert_eq!(left["items"][0]["text"], Value::Null, "{left}");
}

pub(crate) async fn page(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("audits", &[Role::Auditor], None).await;
    let agent = office.token("li.na").await;
    let story = served(&office, 1, "13800005678", "1001").await;
    let pop = format!("/api/v1/calls/{}/screen-pop", story.call);
    let url = agent.get(&pop).await.json()["url"].clone();
    assert_eq!(url, "https://crm.test/?n=%2B8613800005678&a=1001&c=");
    assert_eq!(audited(&office).await, ["number.reveal"]);
    let id = add(&agent, "王小明", "13800005678").await;
    // Who may not see the number gets none, and no row says he did.
    let auditor = office.token("audits").await;
    let url = auditor.get(&pop).await.json()["url"].clone();
    let masked = "%2B86138%2A%2A%2A%2A5678";
    assert_eq!(url, format!("https://crm.test/?n={masked}&a=1001&c={id}"));
    assert_eq!(audited(&office).await, ["customer.create", "number.reveal"]);
}
