//! Lines that are switched in an emergency, and queues whose order is changed.

use axum::http::{Method, StatusCode};
use serde_json::json;
use thirdring::call::command::Actor;
use thirdring::rules::{Role, Timestamp};
use thirdring::switch::{Command, Diversion, LineCommand, LineSwitch, QueueCommand};

use crate::fixture::Database;
use crate::site::Office;

pub(crate) async fn turned(database: Database) {
    let office = Office::on(&database).await;
    let desk = office.supervisor().await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let switch = "/api/v1/lines/hotline/switch";
    let number = json!({ "number": "4007654321", "reason": "停电" });
    let announcement = json!({ "announcement": "storm.wav", "reason": "台风" });
    let again = json!({ "reason": "来电" });
    for (path, body) in [
        (switch, &number),
        (switch, &announcement),
        ("/api/v1/lines/hotline/restore", &again),
    ] {
        let answer = desk.post(path, body).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
        agent.post(path, body).await.is_problem(403);
    }
    let order = "/api/v1/queues/hotline/order";
    let agents = json!({ "agents": ["1002", "1001"] });
    let answer = desk.send(Method::PUT, order, Some(&agents)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    agent
        .send(Method::PUT, order, Some(&agents))
        .await
        .is_problem(404);
    let line = |command| Command::Line("hotline".into(), command);
    let to = |to, reason: &str| {
        let reason = Some(reason.to_owned());
        line(LineCommand::Switch { to, reason })
    };
    let expected = [
        to(Diversion::Number("4007654321".to_owned()), "停电"),
        to(Diversion::Announcement("storm.wav".to_owned()), "台风"),
        line(LineCommand::Restore {
            reason: Some("来电".to_owned()),
        }),
        Command::Queue(
            "hotline".into(),
            QueueCommand::Order(vec!["1002".into(), "1001".into()]),
        ),
    ];
    let by = Actor::User("supervisor".to_owned());
    let expected = expected.map(|command| (by.clone(), command));
    assert_eq!(*office.desk.asked.lock().unwrap(), expected);
    // Whoever looks at the lines sees it.
    office.desk.overview.lock().unwrap().lines[0].switched = Some(LineSwitch {
        line: "hotline".into(),
        to: Some(Diversion::Announcement("storm.wav".to_owned())),
        by: "supervisor".to_owned(),
        at: Timestamp(0),
        reason: Some("台风".to_owned()),
    });
    let lines = desk.get("/api/v1/lines").await.json();
    let switched = json!({
        "announcement": "storm.wav", "by": "supervisor", "at": "1970-01-01T00:00:00.000000Z",
        "reason": "台风",
    });
    assert_eq!(lines["items"][0]["switched"], switched, "{lines}");
    for unfit in [
        json!({ "reason": "x" }),
        json!({ "number": "1", "announcement": "a.wav", "reason": "x" }),
        json!({ "number": "4007654321", "reason": " " }),
    ] {
        desk.post(switch, &unfit).await.is_problem(422);
    }
    desk.post("/api/v1/lines/nothing/restore", &again)
        .await
        .is_problem(404);
}

/// Whoever leads the shift need not wait for somebody who sets lines up, and is told what can be said.
pub(crate) async fn led(database: Database) {
    let office = Office::on(&database).await;
    office
        .user("lead", &[Role::ShiftLeader], Some("1002"))
        .await;
    let lead = office.log_in("lead").await;
    let lines = lead.get("/api/v1/lines").await.json();
    assert_eq!(lines["items"][0]["announcements"], json!(["storm.wav"]));
    let reason = "台风";
    let storm = json!({ "announcement": "storm.wav", "reason": reason });
    for (what, body) in [("switch", storm), ("restore", json!({ "reason": reason }))] {
        let path = format!("/api/v1/lines/hotline/{what}");
        let answer = lead.post(&path, &body).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    }
    let reason = Some(reason.to_owned());
    let to = Diversion::Announcement("storm.wav".to_owned());
    let expected = [
        LineCommand::Switch {
            to,
            reason: reason.clone(),
        },
        LineCommand::Restore { reason },
    ];
    let by = Actor::Agent("1002".into());
    let expected = expected.map(|command| (by.clone(), Command::Line("hotline".into(), command)));
    assert_eq!(*office.desk.asked.lock().unwrap(), expected);
    // What else belongs to setting up stays with those who do.
    lead.get("/api/v1/setup").await.is_problem(403);
}
