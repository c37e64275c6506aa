//! The stream of events.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Method, Response, StatusCode};
use serde_json::json;
use thirdring::call::EventKind;
use thirdring::call::event::{HangupParty, Outcome};
use thirdring::id::{AgentId, QueueId};
use thirdring::net::Live;
use thirdring::rules::{Role, Timestamp};
use thirdring::setup::Effect;
use thirdring::store::{CustomerDraft, CustomerNumber};
use thirdring::switch::{AgentNow, News, QueueNow};
use tokio_stream::StreamExt;

use crate::fixture::{Database, Story};
use crate::site::{Office, Visitor};

const EVENTS: &str = "/api/v1/events";

/// A stream that is being read.
struct Ear {
    stream: BodyDataStream,
    heard: String,
}

impl Ear {
    async fn open(visitor: &Visitor<'_>) -> Self {
        let response: Response<Body> = visitor.raw(Method::GET, EVENTS, None).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            stream: response.into_body().into_data_stream(),
            heard: String::new(),
        }
    }

    /// Reads until this was heard; gives everything up to now.
    async fn until(&mut self, text: &str) -> &str {
        while !self.heard.contains(text) {
            assert!(self.next().await, "over before {text:?}: {}", self.heard);
        }
        &self.heard
    }

    /// Whether there was more.
    async fn next(&mut self) -> bool {
        let next = tokio::time::timeout(Duration::from_secs(30), self.stream.next()).await;
        let Some(bytes) = next.expect("something within half a minute") else {
            return false;
        };
        self.heard
            .push_str(std::str::from_utf8(&bytes.unwrap()).unwrap());
        true
    }

    /// The ids of what was heard, in order.
    fn ids(&self) -> Vec<String> {
        let lines = self.heard.lines();
        let ids = lines.filter_map(|line| line.strip_prefix("id: "));
        ids.map(str::to_owned).collect()
    }
}

fn tell(office: &Office, story: &Story) {
    for entry in &story.entries {
        let _ = office.desk.live.send(Live::Entry(Arc::new(entry.clone())));
    }
}

fn ring(office: &Office, story: &Story, ring: u32) {
    let news = News::Ring {
        call: story.call,
        line: Some("hotline".into()),
        ring,
        apologise: ring > 3,
    };
    let _ = office.desk.live.send(Live::News(news));
}

pub(crate) async fn told(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let supervisor = office.supervisor().await;
    let mut wide = Ear::open(&supervisor).await;
    let mut narrow = Ear::open(&agent).await;
    let own = Story::new(1).arrived().ringing().answered_by("1001", 3000);
    let foreign = Story::new(2).arrived().ringing().answered_by("1002", 3000);
    tell(&office, &foreign);
    ring(&office, &foreign, 1);
    tell(&office, &own);
    ring(&office, &own, 2);
    let heard = wide.until("\"ring\":2").await;
    assert!(heard.starts_with("retry: 2000\n\n"), "{heard}");
    for text in [
        "event: call\ndata: {\"call\":",
        "\"caller\":{\"number\":\"138****5678\",\"name\":\"王小明\"}",
        "\"kind\":\"offered\",\"data\":{",
        "event: ring\ndata: {\"call\":",
        "\"line\":\"hotline\",\"ring\":1,\"apologise\":false}",
    ] {
        assert!(heard.contains(text), "{text}: {heard}");
    }
    assert!(!heard.contains("13800005678"), "{heard}");
    let ids = wide.ids();
    let heard = narrow.until("\"ring\":2").await.to_owned();
    assert!(heard.contains(&own.call.to_string()), "{heard}");
    assert!(!heard.contains(&foreign.call.to_string()), "{heard}");
    // Who comes back is told what he missed, and no more.
    let back = supervisor.clone().with("last-event-id", &ids[1]);
    let mut again = Ear::open(&back).await;
    again.until("\"ring\":2").await;
    assert_eq!(again.ids(), ids[2..]);
    // Who had something else last begins anew.
    let lost = supervisor.clone().with("last-event-id", "0-7");
    let mut anew = Ear::open(&lost).await;
    anew.until("event: reset\n").await;
    let over = Story::new(1)
        .hung_up(9000, HangupParty::Caller)
        .ended(9000, Outcome::Answered);
    tell(&office, &over);
    let heard = anew.until("\"kind\":\"ended\"").await;
    assert!(!heard.contains("\"ring\":2"), "{heard}");
    narrow.until("\"kind\":\"ended\"").await;
    // What happens to a task is told as well.
    let lost = Story::new(5).arrived().ringing();
    lost.ended(9_000, Outcome::Abandoned)
        .store(&office.store)
        .await;
    let heard = narrow.until("event: task\n").await;
    assert!(
        heard.contains("\"state\":\"open\",\"action\":\"opened\""),
        "{heard}"
    );
    // A core that was too fast for its listener: everybody begins anew.
    for n in 0..200 {
        ring(&office, &own, n);
    }
    wide.until("event: reset\n").await;
    office.user("ops", &[Role::Ops], None).await;
    office.token("ops").await.get(EVENTS).await.is_problem(403);
}

pub(crate) async fn caught_up(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let supervisor = office.supervisor().await;
    let number = CustomerNumber {
        number: "13800005678".to_owned(),
        label: None,
    };
    let draft = CustomerDraft {
        name: "李先生".to_owned(),
        numbers: vec![number],
        ..CustomerDraft::default()
    };
    let created = office
        .store
        .create_customer(&draft, "test", "test", Timestamp(1));
    created.await.unwrap();
    let mut wide = Ear::open(&supervisor).await;
    let mut narrow = Ear::open(&agent).await;
    // It rings before it is known whose phone does.
    let story = Story::new(1).arrived().ringing();
    tell(&office, &story);
    wide.until("\"customer\":{").await;
    ring(&office, &story, 1);
    let heard = wide.until("\"ring\":1").await;
    let known = heard.split("event: ring").nth(1).unwrap();
    assert!(known.contains("李先生"), "{heard}");
    let offered = EventKind::Offered {
        attempt: 1,
        agent: "1001".into(),
    };
    let offer = Story::new(1).then(100, offered);
    tell(&office, &offer);
    let heard = narrow.until("\"ring\":1").await;
    assert!(heard.contains("event: caller\n"), "{heard}");
    assert!(
        heard.contains("李先生") && heard.contains("138****5678"),
        "{heard}"
    );
    // Who was told before is not told again.
    ring(&office, &story, 2);
    let heard = wide.until("\"ring\":2").await;
    assert_eq!(heard.matches("\"ring\":1").count(), 1, "{heard}");
    let heard = narrow.until("\"ring\":2").await;
    assert_eq!(heard.matches("event: ring").count(), 2, "{heard}");
}

pub(crate) async fn revoked(database: Database) {
    let office = Office::on(&database).await;
    office.user("boss", &[Role::Manager], None).await;
    let person = office.log_in("boss").await;
    let mut ear = Ear::open(&person).await;
    ear.until("retry").await;
    let other = office.log_in("boss").await;
    let mut stays = Ear::open(&other).await;
    assert_eq!(
        person.delete("/api/v1/session").await.status,
        StatusCode::NO_CONTENT
    );
    while ear.next().await {}
    let story = Story::new(1).arrived();
    tell(&office, &story);
    stays.until("arrived").await;
    assert!(!ear.heard.contains("arrived"), "{}", ear.heard);
    // What is done beside the service, by the command line, is noticed as well.
    let all = Timestamp(0);
    for session in office.store.sessions_of("boss", all, all).await.unwrap() {
        office.store.end_session(&session.secret).await.unwrap();
    }
    while stays.next().await {}
}

/// Whoever follows events is here: the session does not end for want of use. One person cannot take
/// everybody's places, and a place that is left is free.
pub(crate) async fn seated(database: Database) {
    let office = Office::on(&database).await;
    office.user("boss", &[Role::Manager], None).await;
    let person = office.log_in("boss").await;
    let all = Timestamp(0);
    let idle = office.store.sessions_of("boss", all, all).await.unwrap();
    let mut ears = vec![Ear::open(&person).await];
    let long_ago = Timestamp(idle[0].seen_at.0 - 29 * 60_000_000);
    let secret = &idle[0].secret;
    office.store.session_seen(secret, long_ago).await.unwrap();
    let is_kept = async {
        loop {
            let sessions = office.store.sessions_of("boss", all, all).await.unwrap();
            if sessions[0].seen_at >= idle[0].seen_at {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let is_kept = tokio::time::timeout(Duration::from_mins(1), is_kept).await;
    is_kept.expect("a session that is in use stays");
    while ears.len() < 20 {
        ears.push(Ear::open(&person).await);
    }
    let refused = person.raw(Method::GET, EVENTS, None).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        refused.headers()["content-type"],
        "application/problem+json"
    );
    let wait = refused.headers()["retry-after"].to_str().unwrap();
    assert!(wait.parse::<u32>().unwrap() > 0, "{wait}");
    let other = office.supervisor().await;
    Ear::open(&other).await.until("retry").await;
    ears.pop();
    Ear::open(&person).await.until("retry").await;
}

/// Another lead's hand at the hunting order, and since when a break is waited for.
pub(crate) async fn floor(database: Database) {
    let office = Office::on(&database).await;
    office
        .user("lead", &[Role::ShiftLeader], Some("1009"))
        .await;
    let lead = office.token("lead").await;
    let mut ear = Ear::open(&lead).await;
    let board = office.desk.board.lock().unwrap().clone();
    let hotline = QueueNow {
        order: ["1002".into(), "1001".into()].into(),
        ..board.queues[&QueueId::from("hotline")].clone()
    };
    let wish = AgentNow {
        asks_break: Some("用餐".to_owned()),
        asked_break_at: Some(Timestamp(0)),
        ..board.agents[&AgentId::from("1001")].clone()
    };
    for news in [News::Queue(hotline), News::Agent(wish)] {
        let _ = office.desk.live.send(Live::News(news));
    }
    ear.until("\"queue\":\"hotline\",\"order\":[\"1002\",\"1001\"]")
        .await;
    ear.until("\"asks_break\":\"用餐\",\"asked_break_at\":\"1970-01-01T00:00:00.000000Z\"")
        .await;
}

/// Whoever has a page open reads again what was set up anew; what is refused is told of, too.
pub(crate) async fn set_up(database: Database) {
    let office = Office::on(&database).await;
    office.user("wang.fang", &[Role::Admin], None).await;
    let admin = office.token("wang.fang").await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let mut ear = Ear::open(&office.token("li.na").await).await;
    ear.until("retry").await;
    let sales = json!({ "document": { "numbers": ["4007654321"], "agents": ["1002"] } });
    let put = Method::PUT;
    let made = admin.send(put, "/api/v1/setup/line/sales", Some(&sales));
    assert_eq!(made.await.status, StatusCode::OK);
    let since = Timestamp(1);
    let effect = |refused| Effect {
        revision: 1,
        since,
        refused,
    };
    office.setup.effects().say(effect(None));
    let heard = ear.until("event: setup\n").await;
    let told = "{\"revision\":1,\"in_effect\":true,\"sections\":\
                [{\"kind\":\"line\",\"name\":\"sales\",\"version\":1}]}";
    assert!(heard.contains(told), "{heard}");
    office.setup.effects().say(effect(Some((2, Vec::new()))));
    ear.until("{\"revision\":2,\"in_effect\":false,\"sections\":[]}")
        .await;
}

/// R120: whoever leads at the level that it was escalated to hears of it, and nobody lower.
pub(crate) async fn escalated(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("boss", &[Role::Manager], None).await;
    let (agent, boss) = (office.token("li.na").await, office.token("boss").await);
    let mut low = Ear::open(&agent).await;
    let mut high = Ear::open(&boss).await;
    let leak = json!({ "kind": "leak", "text": "secret words" });
    agent.post("/api/v1/incidents", &leak).await;
    let heard = high.until("event: incident\n").await;
    assert!(heard.contains("\"action\":\"escalated\""), "{heard}");
    assert!(!heard.contains("secret words"), "{heard}");
    tell(
        &office,
        &Story::new(1).arrived().ringing().answered_by("1001", 3000),
    );
    let heard = low.until("\"kind\":\"answered\"").await;
    assert!(!heard.contains("event: incident"), "{heard}");
}
