//! The day's figures, and the wallboard that shows them.

use std::sync::Arc;
use std::time::Duration;

use axum::body::BodyDataStream;
use axum::http::{Method, StatusCode};
use serde_json::Value;
use thirdring::call::event::{HangupParty, Outcome};
use thirdring::net::Live;
use thirdring::rules::{Role, Scope, Timestamp};
use tokio_stream::StreamExt;

use crate::fixture::{Database, Story};
use crate::site::{Office, Visitor};

const TODAY: &str = "/api/v1/statistics/today";

/// Half a minute is more than any machine needs.
const PATIENCE: u32 = 300;

/// A moment of today that stays today while the test runs: not at midnight.
async fn now() -> Timestamp {
    loop {
        let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
        let is_late = now.hour() == 23 && now.minute() >= 58;
        let is_early = now.hour() == 0 && now.minute() == 0;
        if !is_late && !is_early {
            return Timestamp(now.timestamp().as_microsecond() - 60_000_000);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// The figures as soon as they are whole and so many have called in.
async fn figures(visitor: &Visitor<'_>, query: &str, received: u64) -> Value {
    let mut last = Value::Null;
    for _ in 0..PATIENCE {
        last = visitor
            .clone()
            .from(rand::random())
            .get(&format!("{TODAY}{query}"))
            .await
            .json();
        if last["whole"] == true && last["total"]["received"] == received {
            return last;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not {received} calls: {last}");
}

fn answered(n: u32, at: Timestamp, agent: &str, ring_ms: u64) -> Story {
    Story::at(n, at)
        .arrived()
        .ringing()
        .answered_by(agent, ring_ms)
        .hung_up(ring_ms + 9_000, HangupParty::Caller)
        .ended(ring_ms + 9_000, Outcome::Answered)
}

fn tell(office: &Office, story: &Story) {
    for entry in &story.entries {
        let _ = office.desk.live.send(Live::Entry(Arc::new(entry.clone())));
    }
}

async fn hears(stream: &mut BodyDataStream, text: &str) -> String {
    let mut heard = String::new();
    while !heard.contains(text) {
        let next = tokio::time::timeout(Duration::from_secs(30), stream.next()).await;
        let bytes = next
            .expect("something within half a minute")
            .unwrap()
            .unwrap();
        heard.push_str(std::str::from_utf8(&bytes).unwrap());
    }
    heard
}

pub(crate) async fn followed(database: Database) {
    let at = now().await;
    let office = Office::on(&database).await;
    let supervisor = office.supervisor().await;
    figures(&supervisor, "", 0).await;
    let response = supervisor.raw(Method::GET, "/api/v1/events", None).await;
    let mut stream = response.into_body().into_data_stream();
    hears(&mut stream, "retry").await;
    let stories = [
        answered(1, at, "1001", 4_000),
        answered(2, at, "1002", 16_000),
        Story::at(3, at)
            .arrived()
            .ringing()
            .ended(9_500, Outcome::Abandoned),
        Story::at(4, at).arrived().ringing(),
        Story::at(5, at)
            .arrived_on("sales", "13900001111", None)
            .ringing(),
    ];
    for story in stories {
        let story = story.store(&office.store).await;
        tell(&office, &story);
    }
    let followed = figures(&supervisor, "", 5).await;
    let total = &followed["total"];
    assert_eq!(
        (&total["answered"], &total["waiting"]),
        (&2.into(), &2.into())
    );
    assert_eq!(total["within_three_rings"]["numerator"], 1);
    assert_eq!(total["within_three_rings"]["denominator"], 3);
    assert_eq!(total["within_three_rings"]["permille"], 333);
    assert_eq!(total["within_fifteen_seconds"]["numerator"], 1);
    assert_eq!(total["abandoned"]["total"], 1);
    assert_eq!(total["longest_wait_ms"], 16_000);
    assert_eq!(followed["lines"].as_array().map(Vec::len), Some(2));
    assert_eq!(followed["agents"][0]["agent"], "1001");
    // R014: each answer is in one column of the line's, the queue's and the agent's histograms.
    for figures in [total, &followed["lines"][0], &followed["queues"][0]] {
        let below = |column: &&Value| column["count"] == 1;
        let columns = figures["answer_histogram"].as_array().unwrap();
        let columns: Vec<_> = columns.iter().filter(below).collect();
        assert_eq!(columns.len(), 2, "{figures}");
        assert_eq!(columns[0]["below_ms"], 5_000);
        assert_eq!(columns[1]["below_ms"], 20_000);
    }
    let agents = followed["agents"].as_array().unwrap();
    assert_eq!(agents[1]["rings"][3]["answered"], 1, "{agents:?}");
    assert_eq!(agents[1]["ring_histogram"][7]["count"], 1, "{agents:?}");
    let heard = hears(&mut stream, "\"received\":5").await;
    assert!(heard.contains("event: statistics\n"), "{heard}");
    assert!(!heard.contains("\"agents\""), "{heard}");
    // What is read from the rows alone, after a restart, is the same.
    let restarted = Office::on(&database).await;
    let again = restarted.token("supervisor").await;
    assert_eq!(figures(&again, "", 5).await, followed);
    // And it goes on with the calls that were open.
    let over = Story::at(4, at)
        .arrived()
        .ringing()
        .ended(20_500, Outcome::Abandoned);
    let last = over.entries.last().unwrap().clone();
    restarted
        .store
        .record(std::slice::from_ref(&last))
        .await
        .unwrap();
    let _ = restarted.desk.live.send(Live::Entry(Arc::new(last)));
    let mut open = Value::Null;
    for _ in 0..PATIENCE {
        open = figures(&again, "", 5).await["total"]["waiting"].clone();
        if open == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(open, 1);
    // By line and by queue.
    let sales = figures(&again, "?line=sales", 1).await;
    assert_eq!(sales["lines"].as_array().map(Vec::len), Some(1));
    figures(&again, "?queue=hotline", 4).await;
    figures(&again, "?queue=nothing", 0).await;
    // An agent sees nobody else's figures.
    restarted.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = restarted.token("li.na").await;
    let seen = figures(&agent, "", 5).await;
    assert_eq!(seen["agents"].as_array().map(Vec::len), Some(1), "{seen}");
}

pub(crate) async fn wallboard(database: Database) {
    let office = Office::on(&database).await;
    // Whoever made the token takes calls too: the board is told nothing of them.
    office
        .user("boss", &[Role::Manager, Role::Agent], Some("1001"))
        .await;
    let board = office.token_for("boss", &[Scope::WallboardRead]).await;
    let boss = office.token("boss").await;
    for path in [TODAY, "/api/v1/queues", "/api/v1/lines", "/api/v1/agents"] {
        assert_eq!(board.get(path).await.status, StatusCode::OK, "{path}");
    }
    for path in [
        "/api/v1/calls",
        "/api/v1/tasks",
        "/api/v1/recordings",
        "/api/v1/users",
        "/api/v1/audit",
        "/api/v1/trunks",
        "/api/v1/health",
        "/api/v1/wrap-ups",
    ] {
        board.get(path).await.is_problem(403);
    }
    let body = serde_json::json!({ "to": "ready" });
    board
        .post("/api/v1/agents/1001/state", &body)
        .await
        .is_problem(403);
    let agents = board.get("/api/v1/agents").await.json();
    assert_eq!(agents["items"][0]["name"], "");
    assert_eq!(agents["items"][0]["state"], "ready");
    let named = boss.get("/api/v1/agents").await.json();
    assert_eq!(named["items"][0]["name"], "李娜");
    let response = board.raw(Method::GET, "/api/v1/events", None).await;
    assert_eq!(response.status(), StatusCode::OK);
    let mut stream = response.into_body().into_data_stream();
    hears(&mut stream, "retry").await;
    let at = now().await;
    tell(&office, &answered(1, at, "1001", 4_000));
    let heard = hears(&mut stream, "\"received\":1").await;
    assert!(!heard.contains("event: call"), "{heard}");
    assert!(!heard.contains("138****5678"), "{heard}");
}
