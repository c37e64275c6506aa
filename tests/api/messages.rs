//! A colleague is looked for, and a message taken where that is in vain.

use serde_json::{Value, json};
use thirdring::call::command::{CallCommand, PassTo, Refused};
use thirdring::rules::Role;
use thirdring::switch::Command;

use crate::fixture::{Database, Story};
use crate::site::{Office, Visitor};

const MESSAGES: &str = "/api/v1/messages";

async fn talking(office: &Office) -> Story {
    let story = Story::new(1).arrived().ringing().answered_by("1001", 3000);
    let story = story.store(&office.store).await;
    office.desk.talks("1001", story.call);
    story
}

async fn entry(boss: &Visitor<'_>, entry: &Value) -> String {
    let added = boss.post("/api/v1/directory", entry).await;
    added.json()["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn found(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("wang", &[Role::Agent], Some("1002")).await;
    let boss = office.supervisor().await;
    let agent = office.token("li.na").await;
    let story = talking(&office).await;
    let find = format!("/api/v1/calls/{}/find", story.call);
    assert_eq!(agent.get(&find).await.json()["stage"], "none");
    // Who is off is not rung: the leader, a message or a call back is offered at once.
    let leader = entry(&boss, &json!({ "name": "组长", "number": "01061234567" })).await;
    let wang = json!({ "name": "王强", "agent": "1002", "leader": leader });
    let wang = entry(&boss, &wang).await;
    let away = agent.post(&find, &json!({ "entry": wang })).await;
    assert_eq!(away.status.as_u16(), 202, "{}", away.text());
    let away = away.json();
    assert_eq!(away["stage"], "unavailable", "{away}");
    assert_eq!(away["whom"]["presence"]["state"], "away");
    assert_eq!(away["instead"]["leader"]["name"], "组长");
    assert_eq!(away["instead"]["message"], true);
    assert!(office.desk.asked.lock().unwrap().is_empty());
    // Whom nobody has written down may answer: the caller waits, and it rings there.
    let number = json!({ "number": "01061234567" });
    let rings = agent.post(&find, &number).await.json();
    assert_eq!(
        (&rings["stage"], &rings["instead"]),
        (&json!("ringing"), &Value::Null)
    );
    let asked = office.desk.asked.lock().unwrap().pop().unwrap().1;
    let whom = PassTo::Number("01061234567".to_owned());
    assert_eq!(asked, Command::Call(story.call, CallCommand::Consult(whom)));
    *office.desk.refuses.lock().unwrap() = Some(Refused::Unavailable);
    let busy = agent.post(&find, &number).await.json();
    assert_eq!(busy["stage"], "unavailable", "{busy}");
    *office.desk.refuses.lock().unwrap() = Some(Refused::Forbidden);
    agent.post(&find, &number).await.is_problem(403);
    office
        .token("wang")
        .await
        .post(&find, &number)
        .await
        .is_problem(404);
}

pub(crate) async fn taken(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("wang", &[Role::Agent], Some("1002")).await;
    office.user("lead", &[Role::ShiftLeader], None).await;
    let (agent, wang) = (office.token("li.na").await, office.token("wang").await);
    let lead = office.token("lead").await;
    let story = talking(&office).await;
    let form = format!("/api/v1/calls/{}/messages", story.call);
    // Filled in or refused: nothing in between.
    for unfit in [
        json!({ "agent": "1002" }),
        json!({ "agent": "7777", "text": "x" }),
        json!({ "text": "x" }),
        json!({ "agent": "1002", "text": "x", "number": "nobody" }),
    ] {
        agent.post(&form, &unfit).await.is_problem(422);
    }
    let refused = agent
        .post(&form, &json!({ "agent": "1002", "refused": true }))
        .await;
    assert_eq!(refused.status.as_u16(), 201, "{}", refused.text());
    let said = json!({
        "agent": "1002", "from": "李先生", "text": "请回电", "urgency": "urgent",
    });
    let taken = agent.post(&form, &said).await;
    assert_eq!(taken.status.as_u16(), 201, "{}", taken.text());
    let taken = taken.json();
    // The caller's own number is where to call, if nothing else was said.
    assert_eq!(
        (&taken["number"], &taken["urgency"]),
        (&json!("138****5678"), &json!("urgent"))
    );
    assert_eq!(taken["delivered_at"], Value::Null);
    let id = taken["id"].as_str().unwrap();

    // It is the colleague's, and nobody else's; whoever leads sees it, too.
    let read = format!("{MESSAGES}/{id}/read");
    agent.post(&read, &json!(null)).await.is_problem(404);
    agent
        .get(&format!("/api/v1/tasks/{id}"))
        .await
        .is_problem(404);
    let unread = format!("{MESSAGES}?unread=true");
    assert_eq!(agent.get(&unread).await.json()["items"], json!([]));
    let looked = lead.post(&read, &json!(null)).await.json();
    assert_eq!(
        (&looked["number"], &looked["read_at"]),
        (&json!("13800005678"), &Value::Null)
    );
    let listed = wang.get(&unread).await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed["items"][0]["number"], "138****5678");
    let mine = wang.post(&read, &json!(null)).await.json();
    assert!(
        mine["delivered_at"].is_string() && mine["read_at"].is_string(),
        "{mine}"
    );
    assert_eq!(
        (&mine["read_by"], &mine["text"]),
        (&json!("wang"), &json!("请回电"))
    );
    assert_eq!(wang.get(&unread).await.json()["items"], json!([]));
    let of_call = lead
        .get(&format!("{MESSAGES}?call={}", story.call))
        .await
        .json();
    let refusals = of_call["items"].as_array().unwrap().iter();
    let refusals: Vec<_> = refusals.map(|it| it["refused"].clone()).collect();
    assert_eq!(refusals, [json!(true), json!(false)], "{of_call}");
}

pub(crate) async fn reassigned(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("wang", &[Role::Agent], Some("1002")).await;
    office.user("lead", &[Role::ShiftLeader], None).await;
    let (agent, wang) = (office.token("li.na").await, office.token("wang").await);
    let lead = office.token("lead").await;
    let story = talking(&office).await;
    let ask = format!("/api/v1/calls/{}/call-back", story.call);
    let asked = json!({ "remark": "查到后回电", "due_at": "2026-11-20T09:00:00+08:00" });
    let task = agent.post(&ask, &asked).await.json()["task"]
        .as_str()
        .unwrap()
        .to_owned();
    let place = format!("/api/v1/tasks/{task}");
    // Whose answer it was, and so nobody else's.
    let shown = agent.get(&place).await.json();
    assert_eq!(
        (&shown["assigned_to"], &shown["kind"]),
        (&json!("1001"), &json!("call_back"))
    );
    wang.get(&place).await.is_problem(404);
    let late = lead
        .get("/api/v1/tasks?overdue=true&assigned_to=1001")
        .await
        .json();
    assert_eq!(late["items"][0]["id"], task.as_str(), "{late}");
    let assign = format!("{place}/assign");
    agent
        .post(&assign, &json!({ "to": "1002" }))
        .await
        .is_problem(403);
    lead.post(&assign, &json!({ "to": "7777" }))
        .await
        .is_problem(422);
    assert_eq!(
        lead.post(&assign, &json!({ "to": "1002" }))
            .await
            .status
            .as_u16(),
        204
    );
    agent.get(&place).await.is_problem(404);
    let steps = wang.get(&place).await.json()["steps"].clone();
    let actions: Vec<_> = steps
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["action"].clone())
        .collect();
    assert_eq!(actions, ["opened", "assigned", "assigned"], "{steps}");
}
