//! Lines' codes and calendars' years, as administrators change them.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use thirdring::call::event::{HangupParty, Outcome};
use thirdring::rules::Role;

use crate::fixture::{Database, Story};
use crate::site::{Office, Reply, Visitor};

async fn put(visitor: &Visitor<'_>, path: &str, document: Value, version: u32) -> Reply {
    let visitor = visitor.clone().with("if-match", &format!("\"{version}\""));
    let body = json!({ "document": document, "reason": "调整" });
    visitor.send(Method::PUT, path, Some(&body)).await
}

/// R029, R085: a code that calls have is retired and not taken out; one that none has may go.
pub(crate) async fn retired(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let story = Story::new(1)
        .arrived()
        .ringing()
        .answered_by("1001", 3000)
        .hung_up(20_000, HangupParty::Caller)
        .ended(20_000, Outcome::Answered)
        .sealed(21_000, Vec::new());
    let call = story.store(&office.store).await.call;
    let says = json!({ "purpose": "consultation", "outcome": "resolved" });
    let path = format!("/api/v1/calls/{call}/wrap-up");
    let said = agent.send(Method::PUT, &path, Some(&says)).await;
    assert_eq!(said.status, StatusCode::OK, "{}", said.text());

    office.user("wang.fang", &[Role::Admin], None).await;
    let admin = office.token("wang.fang").await;
    let hotline = "/api/v1/setup/line/hotline";
    let line = |purposes: Value, outcomes: Value| {
        json!({
            "numbers": ["4001234567"], "agents": ["1001"],
            "purposes": purposes, "outcomes": outcomes,
        })
    };
    let repair = json!({ "code": "repair", "name": "报修" });
    let old = json!({ "code": "consultation", "name": "咨询", "retired": true });
    let done = json!({ "code": "resolved", "name": "已解决" });
    // Without what the call has it is refused, and both trees are told of.
    let other = json!({ "code": "other", "name": "其他" });
    let wanted = line(json!([repair]), json!([other]));
    let refused = put(&admin, hotline, wanted, 0).await;
    refused.is_problem(422);
    let faults = refused.json()["faults"].clone();
    let names: Vec<_> = faults
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(
        names,
        ["line[hotline].purposes", "line[hotline].outcomes"],
        "{faults}"
    );
    // The built-in codes that no call has may go.
    let wanted = line(json!([repair, old]), json!([done]));
    let kept = put(&admin, hotline, wanted, 0).await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.text());
    // A line does not begin with what nobody chooses.
    let mut begins = line(json!([repair, old]), json!([done]));
    begins["default_purpose"] = json!("consultation");
    put(&admin, hotline, begins, 1).await.is_problem(422);
    let kept = line(json!([old]), json!([done]));
    let gone = put(&admin, hotline, kept, 1).await;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.text());
}

/// R016: a year's days that are set up count, are shown with those of the files, and hold together.
pub(crate) async fn years(database: Database) {
    let office = Office::on(&database).await;
    office.user("wang.fang", &[Role::Admin], None).await;
    let admin = office.token("wang.fang").await;
    let office_calendar = "/api/v1/setup/calendar/office";
    let day = |from: &str, to: &str| {
        json!({
            "hours": ["mon-fri 09:00-18:00"],
            "years": [{ "year": 2027, "source": "通知", "holiday": [
                { "name": "元旦", "from": from, "to": to, "workdays": ["2027-01-09"] },
            ] }],
        })
    };
    let body = json!({ "document": day("2027-01-01", "2027-01-03") });
    let made = admin.send(Method::PUT, office_calendar, Some(&body)).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    let shown = admin.get("/api/v1/calendars").await.json();
    assert_eq!(
        shown["items"][0]["years"],
        json!([{ "year": 2027, "source": "通知", "of_file": false, "holidays": [
            { "name": "元旦", "from": "2027-01-01", "to": "2027-01-03", "workdays": ["2027-01-09"] },
        ] }])
    );
    for (from, to) in [("2027-01-03", "2027-01-01"), ("2026-12-31", "2027-01-01")] {
        let refused = put(&admin, office_calendar, day(from, to), 1).await;
        refused.is_problem(422);
        assert_eq!(
            refused.json()["faults"][0]["name"],
            "calendar[office].years[0]",
            "{}",
            refused.text()
        );
    }
}
