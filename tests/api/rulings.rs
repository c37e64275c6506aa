//! Teams and their chains, emergency contacts, what is flagged, and who calls again.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use thirdring::call::Attention;
use thirdring::call::doing::Doing;
use thirdring::call::event::{
    EventKind, HangupParty, Outcome, TransferKind, TransferResult, TransferTarget,
};
use thirdring::http::Site;
use thirdring::net::Live;
use thirdring::rules::{Level, Role, Rung, Stage, Team, Teams, Timestamp};
use thirdring::switch::News;
use tokio_stream::StreamExt;

use crate::fixture::{Database, MORNING, Story};
use crate::site::{Office, Visitor};

const DAY_US: i64 = 86_400_000_000;

/// 1001 is led by 1002 and managed by 1009.
fn led(site: &mut Site) {
    let rung = |level, who: &str| Rung {
        level,
        who: who.to_owned(),
    };
    site.teams = Teams(vec![Team {
        name: "early".to_owned(),
        agents: vec!["1001".to_owned()],
        chain: vec![
            rung(Level::ShiftLeader, "1002"),
            rung(Level::Manager, "1009"),
        ],
    }]);
}

fn answered_by(n: u32, agent: &str) -> Story {
    Story::new(n)
        .arrived()
        .ringing()
        .answered_by(agent, 2_000)
        .hung_up(20_000, HangupParty::Caller)
        .ended(20_000, Outcome::Answered)
}

async fn ids(visitor: &Visitor<'_>, path: &str) -> Vec<String> {
    let list = visitor.get(path).await.json();
    let items = list["items"].as_array().expect("items").iter();
    items
        .map(|item| item["id"].as_str().expect("an id").to_owned())
        .collect()
}

pub(crate) async fn set_up(database: Database) {
    let office = Office::changed(&database, led).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let chain = json!([
        { "level": "shift_leader", "agent": "1002", "name": "王强" },
        { "level": "manager", "agent": "1009", "name": "" },
    ]);
    let teams = agent.get("/api/v1/teams").await.json();
    let team = json!({ "name": "early", "agents": ["1001"], "chain": chain });
    assert_eq!(teams["items"], json!([team]));
    let own = agent.get("/api/v1/agents/1001/chain").await.json();
    assert_eq!(own, json!({ "team": "early", "chain": chain, "below": [] }));
    let lead = agent.get("/api/v1/agents/1002/chain").await.json();
    assert_eq!(lead["below"], json!(["1001"]));
    agent.get("/api/v1/agents/4711/chain").await.is_problem(404);
    let contacts = agent.get("/api/v1/emergency-contacts").await.json();
    let numbers: Vec<_> = contacts["items"]
        .as_array()
        .expect("contacts")
        .iter()
        .map(|it| {
            (
                it["name"].clone(),
                it["number"].clone(),
                it["label"].clone(),
            )
        })
        .collect();
    let contact =
        |name: &str, number: &str, label: &str| (json!(name), json!(number), json!(label));
    assert_eq!(
        numbers,
        [
            contact("police", "110", "报警"),
            contact("fire", "119", "火警"),
            contact("ambulance", "120", "急救"),
        ]
    );
}

pub(crate) async fn teams(database: Database) {
    let office = Office::changed(&database, |site| {
        led(site);
        // The shift leader's phone is none of the two that can talk.
        let team = &mut site.teams.0[0];
        "1009".clone_into(&mut team.chain[0].who);
    })
    .await;
    let own = answered_by(1, "1001").store(&office.store).await.call;
    let foreign = answered_by(2, "1002").store(&office.store).await.call;
    let lead = [Role::ShiftLeader];
    office.user("lead", &lead, Some("1009")).await;
    office.user("boss", &lead, None).await;
    office.user("desk", &[Role::Supervisor], Some("1009")).await;
    let (leader, boss) = (office.token("lead").await, office.token("boss").await);
    let supervisor = office.token("desk").await;
    let both = vec![foreign.to_string(), own.to_string()];
    // Whoever leads no team leads the whole shift, and a supervisor is bound to no team.
    for visitor in [&boss, &supervisor] {
        assert_eq!(ids(visitor, "/api/v1/calls").await, both);
    }
    assert_eq!(ids(&leader, "/api/v1/calls").await, [own.to_string()]);
    let of_own = ids(&leader, "/api/v1/calls?agent=1001").await;
    assert_eq!(of_own, [own.to_string()]);
    let of_foreign = ids(&leader, "/api/v1/calls?agent=1002").await;
    assert!(of_foreign.is_empty(), "{of_foreign:?}");
    let open = leader.get("/api/v1/wrap-ups").await.json();
    assert_eq!(open["items"].as_array().map(Vec::len), Some(1), "{open}");
    assert_eq!(open["items"][0]["call"], json!(own));
    let shown = async |visitor: &Visitor<'_>, call: &str| {
        visitor.get(&format!("/api/v1/calls/{call}")).await.status
    };
    let [own, foreign] = [own.to_string(), foreign.to_string()];
    assert_eq!(shown(&leader, &own).await, StatusCode::OK);
    assert_eq!(shown(&leader, &foreign).await, StatusCode::NOT_FOUND);
    assert_eq!(shown(&boss, &foreign).await, StatusCode::OK);
    // What goes on now, and whoever works.
    let (talk, other) = (Story::new(3).call, Story::new(4).call);
    office.desk.talks("1001", talk);
    office.desk.talks("1002", other);
    let listens = json!({ "mode": "listen" });
    for (call, status) in [(talk, 202), (other, 404)] {
        let path = format!("/api/v1/calls/{call}");
        let said = leader.post(&format!("{path}/supervision"), &listens).await;
        assert_eq!(said.status.as_u16(), status, "{}", said.text());
        let said = leader.post(&format!("{path}/park"), &Value::Null).await;
        assert_eq!(said.status.as_u16(), status, "{}", said.text());
    }
    let allows = json!({ "to": "allow_break" });
    for (agent, status) in [("1001", 202), ("1002", 404)] {
        let path = format!("/api/v1/agents/{agent}/state");
        let said = leader.post(&path, &allows).await;
        assert_eq!(said.status.as_u16(), status, "{}", said.text());
    }
}

pub(crate) async fn skipped(database: Database) {
    let office = Office::changed(&database, led).await;
    for (name, extension) in [("wang", "1002"), ("zhao", "1003")] {
        office.user(name, &[Role::Agent], Some(extension)).await;
    }
    let told = Attention::Escalated {
        agent: "1001".into(),
        to: Some("1009".into()),
        level: Some(Level::Manager),
        urgent: true,
        skipped: vec!["1002".into()],
    };
    let call = Story::new(1).call;
    let mut streams = Vec::new();
    for name in ["wang", "zhao"] {
        let visitor = office.token(name).await;
        let response = visitor.raw(Method::GET, "/api/v1/events", None).await;
        streams.push(response.into_body().into_data_stream());
    }
    for stream in &mut streams {
        let first = stream.next().await.expect("a greeting").expect("octets");
        assert!(first.starts_with(b"retry"));
    }
    let _ = office.desk.live.send(Live::News(News::Attention {
        call,
        line: Some("hotline".into()),
        what: told,
    }));
    // Whatever follows is told to everybody at the desk: nobody waits for what never comes.
    let line = thirdring::switch::LineSwitch {
        line: "hotline".into(),
        to: None,
        by: "test".to_owned(),
        reason: None,
        at: Timestamp(1),
    };
    let _ = office.desk.live.send(Live::News(News::Line(line)));
    for (stream, is_told) in streams.iter_mut().zip([true, false]) {
        let mut heard = String::new();
        while !heard.contains("event: line") {
            let next = tokio::time::timeout(Duration::from_secs(30), stream.next()).await;
            let bytes = next.expect("something").expect("a frame").expect("octets");
            heard.push_str(std::str::from_utf8(&bytes).expect("text"));
        }
        let is_there =
            heard.contains("\"what\":\"escalated\"") && heard.contains("\"skipped\":[\"1002\"]");
        assert_eq!(is_there, is_told, "{heard}");
    }
}

fn passed_on(story: Story, transfer: u32, at_ms: u64) -> Story {
    let requested = EventKind::TransferRequested {
        transfer,
        kind: TransferKind::Blind,
        by: "1001".into(),
        target: TransferTarget::Agent("1002".into()),
        consult: None,
    };
    let ended = EventKind::TransferEnded {
        transfer,
        result: TransferResult::Answered,
    };
    story.then(at_ms, requested).then(at_ms + 1_000, ended)
}

pub(crate) async fn flagged(database: Database) {
    let office = Office::on(&database).await;
    let doing = |story: Story, ms, doing| story.then(ms, EventKind::Doing(doing));
    let begun = |n| Story::new(n).arrived().ringing().answered_by("1001", 2_000);
    let ended = |story: Story| story.ended(60_000, Outcome::Answered);
    let plain = ended(begun(1));
    let long = Doing::StageIsLong {
        stage: Stage::Talk,
        limit_ms: 30_000,
    };
    let long = ended(doing(begun(2), 40_000, long));
    let held = Doing::StageIsLong {
        stage: Stage::Hold,
        limit_ms: 5_000,
    };
    let held = ended(doing(begun(3), 9_000, held));
    let mut often = begun(4);
    for n in 1..=3 {
        often = passed_on(often, n, 5_000 * u64::from(n));
    }
    let often = ended(doing(
        often,
        16_000,
        Doing::PassedOnOften {
            transfers: 3,
            limit: 2,
        },
    ));
    let emergency = Doing::EmergencyCalled {
        by: "1001".into(),
        contact: "ambulance".to_owned(),
    };
    let emergency = ended(doing(begun(5), 9_000, emergency));
    let mut calls = Vec::new();
    for story in [plain, long, held, often, emergency] {
        calls.push(story.store(&office.store).await.call.to_string());
    }
    let desk = office.supervisor().await;
    let flagged = async |flag: &str| ids(&desk, &format!("/api/v1/calls?flags={flag}")).await;
    assert_eq!(flagged("talk_long").await, [calls[1].clone()]);
    assert_eq!(flagged("passed_on_often").await, [calls[3].clone()]);
    assert_eq!(flagged("emergency").await, [calls[4].clone()]);
    let both = [calls[2].clone(), calls[1].clone()];
    assert_eq!(flagged("stage_exceeded").await, both);
    let row = desk
        .get(&format!("/api/v1/calls/{}", calls[3]))
        .await
        .json();
    assert_eq!(row["transfers_count"], 3);
    // Answered 2.5 s after the arrival, passed on 5 s after it.
    assert_eq!(row["passed_on_after_ms"], 2_500);
    assert_eq!(row["passed_on_often"], true);
    assert_eq!(row["transfers"][1]["after_ms"], 7_500);
    assert_eq!(row["emergency"], false);
    let sheet = json!({ "format": "json", "reason": "monthly report" });
    let sheet = desk.post("/api/v1/calls/export", &sheet).await.json();
    let rows = sheet.as_array().expect("rows");
    let of = |call: &str| rows.iter().find(|row| row["id"] == call).expect("a row");
    assert_eq!(of(&calls[3])["transfers"], 3);
    assert_eq!(of(&calls[3])["transferred_after_ms"], 2_500);
    assert_eq!(of(&calls[3])["passed_on_often"], true);
    assert_eq!(of(&calls[0])["transferred_after_ms"], Value::Null);
    assert_eq!(of(&calls[4])["emergency"], true);
    assert_eq!(of(&calls[1])["talk_long"], true);
}

pub(crate) async fn lately(database: Database) {
    let office = Office::on(&database).await;
    let now = Timestamp(MORNING + 30 * DAY_US);
    let days_ago = |days: i64| Timestamp(now.0 - days * DAY_US);
    let called = |n, at, purpose: &str| Story::at(n, at).arrived().purpose(purpose);
    for story in [
        called(1, days_ago(9), "complaint"),
        called(2, days_ago(6), "repair"),
        called(3, days_ago(5), "consultation"),
        called(4, days_ago(1), "repair"),
        called(6, Timestamp(now.0 + DAY_US), "repair"),
        Story::at(7, days_ago(1)).arrived_on("hotline", "13900001111", None),
    ] {
        story.store(&office.store).await;
    }
    let call = called(5, now, "repair").store(&office.store).await.call;
    let desk = office.supervisor().await;
    let card = desk
        .get(&format!("/api/v1/calls/{call}/caller"))
        .await
        .json();
    let lately = &card["lately"];
    assert_eq!(lately["calls"], 3, "{card}");
    let purposes = json!([
        { "purpose": "repair", "calls": 2 },
        { "purpose": "consultation", "calls": 1 },
    ]);
    assert_eq!(lately["purposes"], purposes);
}

pub(crate) async fn by_purpose(database: Database) {
    let office = Office::on(&database).await;
    let outcome = |code: &str| EventKind::DispositionSet {
        version: 1,
        code: code.to_owned(),
        author: "li.na".to_owned(),
        reason: None,
    };
    // The talks are half as long as the calls.
    for (n, purpose, ms, came) in [
        (1, "repair", 20_000, "resolved"),
        (2, "repair", 60_000, "out_of_scope"),
        (3, "consultation", 10_000, "resolved"),
    ] {
        let story = Story::new(n).arrived().purpose(purpose).ringing();
        let story = story
            .answered_by("1001", 2_000)
            .ended(ms, Outcome::Answered);
        story.then(ms, outcome(came)).store(&office.store).await;
    }
    // Nobody talked here.
    let lost = Story::new(4).arrived().purpose("repair").ringing();
    lost.ended(9_000, Outcome::Abandoned)
        .store(&office.store)
        .await;
    let desk = office.supervisor().await;
    let (from, to) = (Timestamp(MORNING), Timestamp(MORNING + DAY_US));
    let figures = async |line: &str| {
        let path = format!("/api/v1/statistics/purposes?from={from}&to={to}{line}");
        desk.get(&path).await.json()
    };
    let all = figures("").await;
    let purposes = all["purposes"].as_array().expect("purposes");
    let [asked, repairs] = purposes.as_slice() else {
        panic!("two purposes: {all}");
    };
    assert_eq!(
        (&asked["purpose"], &asked["calls"]),
        (&json!("consultation"), &json!(1))
    );
    assert_eq!(
        (&repairs["purpose"], &repairs["calls"]),
        (&json!("repair"), &json!(2))
    );
    assert_eq!(repairs["talk_time"]["mean_ms"], 20_000);
    assert_eq!(repairs["talk_time"]["p95_ms"], 30_000);
    assert_eq!(
        all["outcomes"],
        json!([
            { "outcome": "resolved", "calls": 2 },
            { "outcome": "out_of_scope", "calls": 1 },
        ])
    );
    assert_eq!(figures("&line=sales").await["purposes"], json!([]));
}
