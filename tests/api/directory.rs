//! The directory and who answers for what: kept in versions, with who can be reached now.

use axum::http::Method;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use thirdring::call::command::CallCommand;
use thirdring::call::command::PassTo;
use thirdring::rules::Role;
use thirdring::store::NoteDraft;
use thirdring::switch::Command;

use crate::fixture::{Database, Story};
use crate::site::{Office, Visitor, redacted};

const DIRECTORY: &str = "/api/v1/directory";
const MATTERS: &str = "/api/v1/matters";

async fn add(visitor: &Visitor<'_>, place: &str, body: &Value) -> String {
    let added = visitor.post(place, body).await;
    assert_eq!(added.status.as_u16(), 201, "{}", added.text());
    added.json()["id"].as_str().unwrap().to_owned()
}

fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

pub(crate) async fn kept(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office
        .user("lead", &[Role::ShiftLeader], Some("1002"))
        .await;
    let (agent, lead) = (office.token("li.na").await, office.token("lead").await);
    let li = json!({ "name": "李娜", "department": "客服部", "function": "前台", "agent": "1001" });
    let li = add(&lead, DIRECTORY, &li).await;
    let shop = json!({
        "name": "3 号店", "kind": "outside", "number": "01061234567", "mobile": "13800005678",
        "substitute": li,
    });
    let shop = add(&lead, DIRECTORY, &shop).await;
    // Whoever nobody has written down is there as well; who is ready is free.
    let all = agent.get(DIRECTORY).await.json();
    assert_json_snapshot!("directory", redacted(all.clone(), &["id", "substitute"]));
    for (query, found) in [
        ("q=ln", vec!["李娜"]),
        ("q=1002", vec!["王强"]),
        ("q=612", vec!["3 号店"]),
        ("department=%E5%AE%A2%E6%9C%8D%E9%83%A8", vec!["李娜"]),
        ("kind=outside", vec!["3 号店"]),
        ("idle=true", vec!["李娜", "hotline"]),
        ("q=nobody", vec![]),
    ] {
        let page = agent.get(&format!("{DIRECTORY}?{query}")).await.json();
        assert_eq!(names(&page), found, "{query}");
    }
    // Only those who keep it change it, and see where somebody is on the move.
    assert_eq!(all["items"][1]["mobile"], "138****5678");
    assert_eq!(
        lead.get(DIRECTORY).await.json()["items"][1]["mobile"],
        "13800005678"
    );
    let place = format!("{DIRECTORY}/{shop}");
    let entry = json!({ "name": "3 号店", "kind": "outside", "number": "01061234568" });
    let change = |base: u32| json!({ "base": base, "reason": "搬家", "entry": entry });
    let put = async |visitor: &Visitor<'_>, body: &Value| {
        visitor.send(Method::PUT, &place, Some(body)).await
    };
    put(&agent, &change(1)).await.is_problem(403);
    assert_eq!(put(&lead, &change(1)).await.json()["version"], 2);
    put(&lead, &change(1)).await.is_problem(409);
    for unfit in [
        json!({ "name": "x", "agent": "7777" }),
        json!({ "name": "x", "line": "nowhere" }),
        json!({ "name": "x", "substitute": uuid::Uuid::from_u128(7) }),
        json!({ "name": "x", "hours": ["always"] }),
        json!({ "name": "x", "number": "call me" }),
    ] {
        lead.post(DIRECTORY, &unfit).await.is_problem(422);
    }
    lead.delete(&format!("{place}?base=1"))
        .await
        .is_problem(409);
    assert_eq!(
        lead.delete(&format!("{place}?base=2"))
            .await
            .status
            .as_u16(),
        204
    );
    put(&lead, &change(3)).await.is_problem(404);
    let versions = lead.get(&format!("{place}/versions")).await.json();
    let said = versions["items"].as_array().unwrap().iter();
    let said: Vec<_> = said.map(|it| it["said"]["number"].clone()).collect();
    assert_eq!(
        said,
        [json!("01061234567"), json!("01061234568"), Value::Null]
    );
    assert_eq!(versions["items"][1]["reason"], "搬家");
}

pub(crate) async fn targets(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let boss = office.supervisor().await;
    let agent = office.token("li.na").await;
    let wang = json!({ "name": "王强", "agent": "1002", "department": "工程部" });
    let wang = add(&boss, DIRECTORY, &wang).await;
    let duty = json!({ "name": "工程值班", "kind": "department", "number": "01061234567" });
    let duty = add(&boss, DIRECTORY, &duty).await;
    let abroad = json!({ "name": "厂家", "kind": "outside", "number": "0085212345678" });
    let abroad = add(&boss, DIRECTORY, &abroad).await;
    let leak = json!({
        "name": "漏水", "purposes": ["repair.leak"], "keywords": ["水管"], "department": "工程部",
        "contacts": [wang], "substitute": duty, "say": "马上为您转接工程部",
    });
    let leak = add(&boss, MATTERS, &leak).await;
    let repair = json!({
        "name": "维修", "purposes": ["repair"], "department": "厂家", "contacts": [abroad],
        "out_of_scope": true,
    });
    add(&boss, MATTERS, &repair).await;
    add(
        &boss,
        MATTERS,
        &json!({ "name": "发票", "department": "财务部", "keywords": ["发票"] }),
    )
    .await;
    let story = Story::new(1).arrived().ringing().answered_by("1001", 3000);
    let story = story.store(&office.store).await;
    let place = format!("/api/v1/calls/{}/targets", story.call);
    // Nothing is known yet.
    assert_eq!(agent.get(&place).await.json()["items"], json!([]));
    let found = agent
        .get(&format!("{place}?purpose=repair.leak"))
        .await
        .json();
    let items = found["items"].as_array().unwrap();
    let matters: Vec<_> = items
        .iter()
        .map(|it| it["matter"]["name"].clone())
        .collect();
    assert_eq!(matters, ["漏水", "维修"], "{found}");
    // 1002 is off, so the one who stands in is who to turn to; the carrier may be dialled there,
    // and nobody abroad.
    assert_eq!(items[0]["contacts"][0]["presence"]["state"], "away");
    assert_eq!(items[0]["nobody_is_there"], true);
    assert_eq!(items[0]["substitute"]["can_be_target"], true);
    assert_eq!(items[1]["contacts"][0]["can_be_target"], false);
    assert_eq!(items[1]["matter"]["out_of_scope"], true);
    // By what is written down, as it is written.
    let note = NoteDraft {
        author: "li.na".to_owned(),
        text: "要开发票".to_owned(),
        ..NoteDraft::default()
    };
    let at = thirdring::rules::Timestamp(1);
    office.store.save_note(story.call, &note, at).await.unwrap();
    let found = agent.get(&place).await.json();
    assert_eq!(
        found["items"][0]["matter"]["department"], "财务部",
        "{found}"
    );
    for (query, names_found) in [
        ("purpose=repair.leak", vec!["漏水", "维修"]),
        ("q=fp", vec!["发票"]),
        ("q=%E6%B0%B4%E7%AE%A1", vec!["漏水"]),
    ] {
        let page = agent.get(&format!("{MATTERS}?{query}")).await.json();
        assert_eq!(names(&page), names_found, "{query}");
    }
    // Each change is a version of its own.
    let matter = json!({ "name": "漏水", "department": "物业部", "contacts": [duty] });
    let change = json!({ "base": 1, "matter": matter, "reason": "分工调整" });
    let changed = boss
        .send(Method::PUT, &format!("{MATTERS}/{leak}"), Some(&change))
        .await;
    assert_eq!(changed.json()["version"], 2, "{}", changed.text());
    let versions = boss.get(&format!("{MATTERS}/{leak}/versions")).await.json();
    assert_eq!(versions["items"][0]["said"]["department"], "工程部");
    assert_eq!(versions["items"][1]["said"]["department"], "物业部");
    assert_eq!(
        boss.get(MATTERS).await.json()["items"][0]["department"],
        "物业部"
    );
}

/// R103: an entry is whoever it names.
pub(crate) async fn passed_on(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let boss = office.supervisor().await;
    let agent = office.token("li.na").await;
    let entries = [
        (
            json!({ "name": "a", "agent": "1002" }),
            PassTo::Agent("1002".into()),
        ),
        (
            json!({ "name": "b", "line": "hotline" }),
            PassTo::Line("hotline".into()),
        ),
        (
            json!({ "name": "c", "mobile": "13800005678" }),
            PassTo::Number("13800005678".to_owned()),
        ),
    ];
    let story = Story::new(1).arrived().ringing().answered_by("1001", 3000);
    let story = story.store(&office.store).await;
    office.desk.talks("1001", story.call);
    for (entry, whom) in entries {
        let entry = add(&boss, DIRECTORY, &entry).await;
        let place = format!("/api/v1/calls/{}/transfer", story.call);
        let passed = agent.post(&place, &json!({ "entry": entry })).await;
        assert_eq!(passed.status.as_u16(), 202, "{}", passed.text());
        let asked = office.desk.asked.lock().unwrap().pop().unwrap().1;
        assert_eq!(
            asked,
            Command::Call(story.call, CallCommand::Transfer(whom))
        );
    }
    let nobody = add(&boss, DIRECTORY, &json!({ "name": "d" })).await;
    let place = format!("/api/v1/calls/{}/consult", story.call);
    agent
        .post(&place, &json!({ "entry": nobody }))
        .await
        .is_problem(422);
    let unknown = json!({ "entry": uuid::Uuid::from_u128(7) });
    agent.post(&place, &unknown).await.is_problem(404);
    let both = json!({ "entry": nobody, "agent": "1002" });
    agent.post(&place, &both).await.is_problem(422);
}
