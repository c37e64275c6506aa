//! Notes, purposes and outcomes, and the calls that lack them.

use axum::http::{Method, StatusCode};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use thirdring::call::command::Actor;
use thirdring::call::event::{HangupParty, Outcome};
use thirdring::id::CallId;
use thirdring::queue::AgentCommand;
use thirdring::rules::Role;
use thirdring::switch::Command;

use crate::fixture::{Database, Story};
use crate::site::{Office, Reply, Visitor, redacted, rules_with};

/// A call that this agent had.
async fn call(office: &Office, n: u32, agent: &str) -> CallId {
    let story = Story::new(n)
        .arrived()
        .ringing()
        .answered_by(agent, 3000)
        .hung_up(20_000, HangupParty::Caller)
        .ended(20_000, Outcome::Answered)
        .sealed(21_000, Vec::new());
    story.store(&office.store).await.call
}

async fn put(visitor: &Visitor<'_>, call: CallId, what: &str, body: &Value) -> Reply {
    let path = format!("/api/v1/calls/{call}/{what}");
    visitor.send(Method::PUT, &path, Some(body)).await
}

pub(crate) async fn notes(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let own = call(&office, 1, "1001").await;
    let foreign = call(&office, 2, "1002").await;
    let first = json!({ "text": "漏水", "base": 0 });
    let answer = put(&agent, own, "note", &first).await;
    assert_eq!(
        (answer.status, answer.json()),
        (StatusCode::OK, json!({ "version": 1 }))
    );
    // The same again is no new version, and whoever has not seen the last one writes nothing.
    let again = put(&agent, own, "note", &json!({ "text": "漏水" })).await;
    assert_eq!(again.json(), json!({ "version": 1 }));
    let stale = put(&agent, own, "note", &json!({ "text": "另写", "base": 0 })).await;
    stale.is_problem(409);
    assert_eq!(stale.json()["code"], "note_changed");
    let whole = json!({ "text": "三楼漏水", "fields": { "place": "三楼" }, "base": 1 });
    assert_eq!(
        put(&agent, own, "note", &whole).await.json(),
        json!({ "version": 2 })
    );
    let unfit = put(
        &agent,
        own,
        "note",
        &json!({ "text": "", "fields": { "floor": 3 } }),
    )
    .await;
    unfit.is_problem(422);
    assert_json_snapshot!("unfit", unfit.json());
    let nul = json!({ "text": "", "fields": { "place": "a\u{0}b" } });
    put(&agent, own, "note", &nul).await.is_problem(422);
    let long = json!({ "text": "x".repeat(20_001) });
    put(&agent, own, "note", &long).await.is_problem(413);
    put(&agent, foreign, "note", &first).await.is_problem(404);
    agent
        .get(&format!("/api/v1/calls/{foreign}/notes"))
        .await
        .is_problem(404);
    let notes = agent
        .get(&format!("/api/v1/calls/{own}/notes"))
        .await
        .json();
    assert_json_snapshot!("notes", redacted(notes, &["at"]));
}

pub(crate) async fn wrapped_up(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let own = call(&office, 1, "1001").await;
    let other = call(&office, 2, "1001").await;
    let path = format!("/api/v1/calls/{own}/wrap-up");
    assert_json_snapshot!("not_yet", agent.get(&path).await.json());
    // At work after another call, too: that goes on.
    office.desk.works_after("1001", other);
    let says = json!({ "purpose": "repair.leak", "outcome": "fixed" });
    let unfit = put(&agent, own, "wrap-up", &says).await;
    unfit.is_problem(422);
    assert_json_snapshot!("wrap_up_unfit", unfit.json());
    let says = json!({
        "purpose": "repair.leak", "outcome": "resolved", "note": "已关总阀",
        "fields": { "place": "三楼" },
    });
    let done = put(&agent, own, "wrap-up", &says).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    assert_json_snapshot!("wrapped_up", done.json());
    assert_eq!(*office.desk.asked.lock().unwrap(), []);
    // Whoever is at work after this very call is not any more.
    let says = json!({ "purpose": "consultation", "outcome": "resolved" });
    let done = put(&agent, other, "wrap-up", &says).await;
    assert_eq!(done.json()["complete"], true, "{}", done.text());
    let ended = Command::Agent("1001".into(), AgentCommand::EndWrapUp);
    let by = Actor::Agent("1001".into());
    assert_eq!(*office.desk.asked.lock().unwrap(), [(by, ended)]);
    // Wrapped up while it goes on, a call leaves no work for after it.
    let running = Story::new(3).arrived().ringing().answered_by("1001", 3000);
    let running = running.store(&office.store).await.call;
    let done = put(&agent, running, "wrap-up", &says).await;
    assert_eq!(done.json()["complete"], true, "{}", done.text());
    let asked = office.desk.asked.lock().unwrap().last().cloned();
    let by = Actor::Agent("1001".into());
    assert_eq!(asked, Some((by, Command::WrappedUp(running))));
    // What was said stands beside what is said anew.
    let anew = json!({ "purpose": "repair.leak", "outcome": "callback", "reason": "还在漏" });
    assert_eq!(
        put(&agent, own, "wrap-up", &anew).await.json()["outcome"],
        "callback"
    );
    let shown = agent.get(&format!("/api/v1/calls/{own}")).await.json();
    assert_eq!(shown["record"]["dispositions"].as_array().unwrap().len(), 2);
    let codes = agent.get("/api/v1/lines/hotline/codes").await.json();
    let code = |list: &str, code: &str| {
        let codes = codes[list].as_array().unwrap();
        codes.iter().any(|known| known["code"] == code)
    };
    assert!(
        code("purposes", "repair.leak") && code("outcomes", "callback"),
        "{codes}"
    );
    assert_json_snapshot!("form", codes["fields"]);
    let past = "/api/v1/lines/hotline/codes?at=2026-11-21T08:00:00Z";
    assert_eq!(agent.get(past).await.json(), codes);
    let before = "/api/v1/lines/hotline/codes?at=1960-01-01T00:00:00Z";
    agent.get(before).await.is_problem(404);
    agent
        .get("/api/v1/lines/nothing/codes")
        .await
        .is_problem(404);
}

pub(crate) async fn open(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let desk = office.supervisor().await;
    let first = call(&office, 1, "1001").await;
    let second = call(&office, 2, "1002").await;
    let third = call(&office, 3, "1001").await;
    let calls = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|item| item["call"].as_str().unwrap().to_owned())
            .collect()
    };
    let [first, second, third_name] = [first, second, third].map(|call| call.to_string());
    let page = desk.get("/api/v1/wrap-ups?limit=2").await.json();
    assert_eq!(calls(&page), [first.clone(), second]);
    let next = page["next"].as_str().unwrap();
    let page = desk
        .get(&format!("/api/v1/wrap-ups?limit=2&after={next}"))
        .await
        .json();
    assert_eq!(
        (calls(&page), &page["next"]),
        (vec![third_name.clone()], &Value::Null)
    );
    let page = agent.get("/api/v1/wrap-ups").await.json();
    assert_eq!(calls(&page), [first.clone(), third_name]);
    let says = json!({ "purpose": "consultation", "outcome": "resolved" });
    put(&agent, third, "wrap-up", &says).await;
    let page = agent.get("/api/v1/wrap-ups").await.json();
    assert_eq!(calls(&page), [first]);
    assert_json_snapshot!(
        "open_wrap_up",
        redacted(page["items"][0].clone(), &["call"])
    );
    assert_eq!(
        calls(&agent.get("/api/v1/wrap-ups?agent=1002").await.json()),
        [""; 0]
    );
    agent.get("/api/v1/wrap-ups?after=x").await.is_problem(400);
}

/// R117: what the caller was told is asked for, checked, shown and looked for.
pub(crate) async fn handled(database: Database) {
    let office = Office::on(&database).await;
    let mut rules = rules_with("步步高");
    for line in rules.lines.values_mut() {
        line.handling = true;
    }
    office.store.set_desk(rules);
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let own = call(&office, 1, "1001").await;
    let other = call(&office, 2, "1001").await;
    let says = |handling: Value| {
        let mut says = json!({ "purpose": "consultation", "outcome": "resolved" });
        if !handling.is_null() {
            says["handling"] = handling;
        }
        says
    };
    let unsaid = put(&agent, own, "wrap-up", &says(Value::Null)).await;
    unsaid.is_problem(422);
    assert_eq!(unsaid.json()["faults"][0]["about"], "handling");
    let path = format!("/api/v1/calls/{own}/wrap-up");
    let missing = agent.get(&path).await.json();
    assert_eq!(missing["missing"][2]["about"], "handling", "{missing}");
    for unfit in [
        json!({ "as": "accepted" }),
        json!({ "as": "accepted", "due_at": "2020-01-01T00:00:00Z" }),
        json!({ "as": "not_accepted", "unit": "" }),
        json!({ "as": "no_longer_accepted", "reason": " " }),
        json!({ "as": "postponed" }),
    ] {
        put(&agent, own, "wrap-up", &says(unfit))
            .await
            .is_problem(422);
    }
    let told =
        json!({ "as": "not_accepted", "unit": "供电局", "written_by": "2199-01-01T00:00:00Z" });
    let done = put(&agent, own, "wrap-up", &says(told)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    let shown = json!({
        "as": "not_accepted", "unit": "供电局", "due_at": "2199-01-01T00:00:00.000000Z", "reason": null,
    });
    assert_eq!(done.json()["handling"], shown);
    // What the same says again is no new version, and needs no reason.
    let same = put(&agent, own, "wrap-up", &says(Value::Null)).await;
    assert_eq!(same.json()["handling"], shown, "{}", same.text());
    let accepted = json!({ "as": "accepted", "due_at": "2199-01-01T00:00:00Z" });
    put(&agent, own, "wrap-up", &says(accepted.clone()))
        .await
        .is_problem(409);
    let mut again = says(accepted.clone());
    again["reason"] = json!("供电局已转回");
    put(&agent, own, "wrap-up", &again).await;
    let row = agent.get(&format!("/api/v1/calls/{own}")).await.json();
    assert_eq!(row["handling"]["as"], "accepted");
    assert_eq!(row["record"]["write_up"]["handled"]["version"], 2);
    put(&agent, other, "wrap-up", &says(json!({ "as": "answered" }))).await;
    let listed = agent.get("/api/v1/calls?handling=accepted").await.json();
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{listed}");
    assert_eq!(items[0]["id"], own.to_string());
    agent
        .get("/api/v1/calls?handling=postponed")
        .await
        .is_problem(400);
    assert!(office.store.rebuild().await.unwrap().differences.is_empty());
}
