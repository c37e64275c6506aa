//! Everything a person does during a call, as it reaches the core.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use thirdring::call::Escalation;
use thirdring::call::command::{Actor, CallCommand, PassTo, Refused};
use thirdring::call::doing::{HangUpReason, QualityOffer, SuperviseMode};
use thirdring::rules::{Level, Role};
use thirdring::switch::Command;

use crate::fixture::{Database, Story};
use crate::site::{Office, Visitor};

/// Asks for something with a call; its status.
async fn ask(visitor: &Visitor<'_>, call: &str, what: &str, body: &Value) -> u16 {
    let path = format!("/api/v1/calls/{call}/{what}");
    let answer = visitor.post(&path, body).await;
    answer.status.as_u16()
}

/// What an agent asks, and what the core is told.
fn asked() -> Vec<(&'static str, Value, CallCommand)> {
    let reason = || Some("查资料".to_owned());
    let agent = || PassTo::Agent("1002".into());
    vec![
        (
            "wait",
            json!({ "reason": "查资料" }),
            CallCommand::PutOnHold { reason: reason() },
        ),
        ("wait", json!({}), CallCommand::PutOnHold { reason: None }),
        ("retrieve", json!(null), CallCommand::Retrieve),
        ("mute", json!(null), CallCommand::Mute(true)),
        ("unmute", json!(null), CallCommand::Mute(false)),
        (
            "keys",
            json!({ "keys": "1#" }),
            CallCommand::Press("1#".to_owned()),
        ),
        (
            "transfer",
            json!({ "agent": "1002" }),
            CallCommand::Transfer(agent()),
        ),
        (
            "transfer",
            json!({ "line": "repairs" }),
            CallCommand::Transfer(PassTo::Line("repairs".into())),
        ),
        (
            "consult",
            json!({ "number": "8001" }),
            CallCommand::Consult(PassTo::Number("8001".to_owned())),
        ),
        (
            "consult/complete",
            json!(null),
            CallCommand::CompleteConsult,
        ),
        ("consult/cancel", json!(null), CallCommand::CancelConsult),
        ("consult/join", json!(null), CallCommand::JoinThree),
        (
            "hang-up",
            json!({ "reason": "abuse" }),
            CallCommand::HangUp(Some(HangUpReason::Abuse)),
        ),
        ("hang-up", json!({}), CallCommand::HangUp(None)),
        ("park", json!(null), CallCommand::Park),
        ("hand/raise", json!(null), CallCommand::RaiseHand(true)),
        ("hand/lower", json!(null), CallCommand::RaiseHand(false)),
        (
            "escalate",
            json!(null),
            CallCommand::Escalate(Escalation::default()),
        ),
        (
            "escalate",
            json!({ "level": "manager", "urgent": true, "reason": "漏气" }),
            CallCommand::Escalate(Escalation {
                level: Some(Level::Manager),
                urgent: true,
                reason: Some("漏气".to_owned()),
            }),
        ),
        (
            "emergency",
            json!({ "contact": "ambulance" }),
            CallCommand::Emergency("ambulance".to_owned()),
        ),
        (
            "quality-desk",
            json!({ "done": "transferred" }),
            CallCommand::OfferQuality(QualityOffer::Transferred),
        ),
        (
            "private",
            json!({ "reason": "家里急事" }),
            CallCommand::MarkPrivate {
                reason: "家里急事".to_owned(),
            },
        ),
    ]
}

pub(crate) async fn commanded(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office
        .user("lead", &[Role::ShiftLeader], Some("1002"))
        .await;
    let agent = office.token("li.na").await;
    let lead = office.token("lead").await;
    let call = Story::new(1).call;
    office.desk.talks("1001", call);
    let id = call.to_string();
    let by = Actor::Agent("1001".into());
    let mut expected = Vec::new();
    for (what, body, command) in asked() {
        assert_eq!(ask(&agent, &id, what, &body).await, 202, "{what} {body}");
        expected.push((by.clone(), Command::Call(call, command)));
    }
    let dial = json!({ "number": "13800005678", "record": "case 7" });
    let answer = agent.post("/api/v1/dial", &dial).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let (number, record) = ("13800005678".to_owned(), "case 7".to_owned());
    expected.push((by, Command::Dial { number, record }));
    // The shift leader is beside the call, and takes it over.
    let by = Actor::Agent("1002".into());
    assert_eq!(
        ask(&lead, &id, "supervision", &json!({ "mode": "listen" })).await,
        202
    );
    let supervisor = "1002".into();
    let mode = SuperviseMode::Listen;
    expected.push((
        by.clone(),
        Command::Supervise {
            call,
            supervisor,
            mode,
        },
    ));
    let path = format!("/api/v1/calls/{id}/supervision");
    let answer = lead
        .send(Method::PATCH, &path, Some(&json!({ "mode": "whisper" })))
        .await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let turned = CallCommand::TurnSupervision(SuperviseMode::Whisper);
    expected.push((by.clone(), Command::Call(call, turned)));
    for (what, command) in [
        ("supervision/take-over", CallCommand::TakeOver),
        ("supervision/stop", CallCommand::StopSupervising),
    ] {
        assert_eq!(ask(&lead, &id, what, &json!(null)).await, 202, "{what}");
        expected.push((by.clone(), Command::Call(call, command)));
    }
    assert_eq!(ask(&lead, &id, "pick-up", &json!(null)).await, 202);
    expected.push((by, Command::PickUp(call)));
    assert_eq!(*office.desk.asked.lock().unwrap(), expected);
}

pub(crate) async fn forbidden(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("qa", &[Role::Qa], Some("1002")).await;
    office.user("desk", &[Role::Supervisor], None).await;
    let agent = office.token("li.na").await;
    let qa = office.token("qa").await;
    let desk = office.token("desk").await;
    let (own, foreign) = (Story::new(1).call, Story::new(2).call);
    office.desk.talks("1001", own);
    office.desk.talks("1002", foreign);
    let (own, foreign) = (own.to_string(), foreign.to_string());
    for (what, body, _) in asked() {
        assert_eq!(ask(&agent, &foreign, what, &body).await, 404, "{what}");
    }
    let listen = json!({ "mode": "listen" });
    let whisper = json!({ "mode": "whisper" });
    assert_eq!(ask(&agent, &foreign, "supervision", &listen).await, 403);
    // Whoever may listen may not speak, and nobody is beside a call without a phone.
    assert_eq!(ask(&qa, &own, "supervision", &whisper).await, 403);
    assert_eq!(ask(&desk, &own, "supervision", &listen).await, 404);
    assert_eq!(ask(&desk, &own, "pick-up", &json!(null)).await, 404);
    let unfit = [
        ("transfer", json!({})),
        ("transfer", json!({ "agent": "1002", "line": "repairs" })),
        ("consult", json!({ "number": "1".repeat(65) })),
        ("hang-up", json!({ "reason": "tired" })),
        ("private", json!({})),
        ("private", json!({ "reason": "  " })),
        ("wait", json!({ "reason": "x".repeat(501) })),
    ];
    for (what, body) in unfit {
        assert_eq!(ask(&agent, &own, what, &body).await, 422, "{what} {body}");
    }
    for (number, record) in [("", "case 7"), ("13800005678", " ")] {
        let dial = json!({ "number": number, "record": record });
        agent.post("/api/v1/dial", &dial).await.is_problem(422);
    }
    assert_eq!(*office.desk.asked.lock().unwrap(), []);
    // What the core refuses is a problem, each with its own word.
    let refusals = [
        (Refused::NoSuchTarget, 422, "no_such_target"),
        (Refused::ReasonWanted, 422, "reason_wanted"),
        (Refused::Unusable, 422, "unusable"),
        (Refused::Forbidden, 403, "forbidden"),
        (Refused::Unavailable, 409, "unavailable"),
    ];
    for (refused, status, code) in refusals {
        *office.desk.refuses.lock().unwrap() = Some(refused);
        let path = format!("/api/v1/calls/{own}/transfer");
        let answer = agent.post(&path, &json!({ "agent": "1002" })).await;
        answer.is_problem(status);
        assert_eq!(answer.json()["code"], code);
    }
}
