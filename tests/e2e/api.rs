//! A program at the desk: it is told of each ring, answers, and reads what came of the call, over the
//! real HTTP of a real service.

use std::io::{BufRead, BufReader, Read};
use std::time::Duration;

use serde_json::{Value, json};
use thirdring::access::{TokenSecret, fingerprint};
use thirdring::app::Service;
use thirdring::config::Config;
use thirdring::rules::{Role, Scope, Timestamp};
use thirdring::store::{StoredToken, User};
use uuid::Uuid;

use crate::patience::{PATIENCE, until};
use crate::peer::Peer;
use crate::sipp::Sipp;
use crate::site::{Line, Site};
use crate::talk::NUMBER;

/// R001: each ring is told as it begins; the phone answers when the program says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_program_is_told_of_each_ring_answers_and_hears_the_recording() {
    let site = Site::new().agent(1);
    let (folder, network) = site.line(&Line::new("hotline", NUMBER, &[1])).write();
    let config = Config::load(&folder.path().join("thirdring.toml")).unwrap();
    let service = Service::start(&config).await.unwrap();
    let desk = Desk {
        url: format!("http://{}/api/v1", service.addresses().http),
        token: token(&service).await,
    };
    let phone = Sipp::new("agent_is_clicked", network.agent(1))
        .start_at(folder.path(), network.signalling());
    let mut events = desk.events();
    let mut caller = Peer::new(network.trunk(), &network);
    caller.dial(NUMBER, caller.plain());
    caller.expect(180);
    let ring = events.until("ring", |data| data["ring"] == 2);
    let id = ring["call"].as_str().unwrap().to_owned();
    events.until("call", |data| data["kind"] == "agent_ringing");
    assert_eq!(desk.post("/agents/1001/talk", &json!(null)), 202);
    caller.talk();
    events.until("call", |data| {
        data["kind"] == "answered" && data["call"] == *id
    });
    let talking = desk.get("/agents/1001");
    assert_eq!(
        (&talking["state"], &talking["calls"]),
        (&json!("talking"), &json!([id]))
    );
    assert_eq!(desk.post(&format!("/calls/{id}/hold"), &json!(null)), 202);
    until("a hold", || {
        let call = desk.get(&format!("/calls/{id}"));
        (call["record"]["holds"]["by_agent"] == true).then_some(())
    });
    assert_eq!(desk.post(&format!("/calls/{id}/talk"), &json!(null)), 202);
    until("its end", || {
        let call = desk.get(&format!("/calls/{id}"));
        (call["record"]["holds"]["by_agent"] == false).then_some(())
    });
    caller.bye();
    phone.finish();
    let call = until("the row to be whole", || {
        let call = desk.get(&format!("/calls/{id}"));
        (!call["recorded_ms"].is_null()).then_some(call)
    });
    assert_eq!(
        (&call["outcome"], &call["answered_by"]),
        (&json!("answered"), &json!("1001"))
    );
    let recording = desk.get(&format!("/calls/{id}/recording"));
    let audio = desk.bytes(&format!("/calls/{id}/recording/audio"));
    assert_eq!(json!(audio.len()), recording["size_bytes"]);
    assert_eq!(audio[..4], *b"RIFF");
    // A command for a call that is over is refused.
    assert_eq!(desk.post(&format!("/calls/{id}/hold"), &json!(null)), 404);
    let entries = desk.get(&format!("/audit?call={id}"));
    assert_eq!(entries["items"][0]["action"], "recording.play");
    // The stream that is still open does not keep the service from stopping.
    service.stop(Duration::from_secs(5)).await.unwrap();
    assert!(events.is_over());
}

/// A token of somebody who may see everything, with the agent's phone.
async fn token(service: &Service) -> String {
    let user = User {
        name: "li.na".to_owned(),
        password: String::new(),
        roles: vec![Role::ShiftLeader, Role::Manager],
        extension: Some("1001".into()),
        disabled: false,
        created_at: Timestamp(1),
        password_at: Timestamp(1),
    };
    service.store().add_user(&user).await.unwrap();
    let secret = TokenSecret::generate();
    let token = StoredToken {
        id: Uuid::from_u128(1),
        secret: fingerprint(secret.reveal()),
        user: user.name,
        label: "test".to_owned(),
        scopes: Scope::ALL.to_vec(),
        created_at: Timestamp(1),
        expires_at: Timestamp(i64::MAX),
        used_at: None,
        revoked_at: None,
    };
    service.store().add_token(&token).await.unwrap();
    secret.reveal().to_owned()
}

/// What the program knows of the service.
struct Desk {
    url: String,
    token: String,
}

impl Desk {
    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    fn reader(&self, path: &str) -> impl Read + Send + use<> {
        // Nothing takes longer, so that a test that waits in vain ends.
        let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE));
        let agent = ureq::Agent::new_with_config(agent.build());
        let answer = agent
            .get(format!("{}{path}", self.url))
            .header("authorization", self.bearer())
            .call()
            .unwrap();
        answer.into_body().into_reader()
    }

    fn bytes(&self, path: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.reader(path).read_to_end(&mut bytes).unwrap();
        bytes
    }

    fn get(&self, path: &str) -> Value {
        serde_json::from_slice(&self.bytes(path)).unwrap()
    }

    /// The status.
    fn post(&self, path: &str, body: &Value) -> u16 {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build();
        let agent = ureq::Agent::new_with_config(agent);
        let request = agent.post(format!("{}{path}", self.url));
        let request = request.header("authorization", self.bearer());
        let request = request.header("content-type", "application/json");
        request.send(body.to_string()).unwrap().status().as_u16()
    }

    fn events(&self) -> Events {
        Events {
            lines: Box::new(BufReader::new(self.reader("/events"))),
            heard: Vec::new(),
        }
    }
}

/// A stream that is being read.
struct Events {
    lines: Box<dyn BufRead + Send>,
    heard: Vec<(String, Value)>,
}

impl Events {
    /// The data of the first event of this kind that fits, whenever it came.
    fn until(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let mut heard = self.heard.iter();
            if let Some((_, data)) = heard.find(|(name, data)| name == kind && fits(data)) {
                return data.clone();
            }
            self.hear();
        }
    }

    /// Reads one more event.
    fn hear(&mut self) {
        let mut kind = String::new();
        loop {
            let mut line = String::new();
            let read = self.lines.read_line(&mut line).unwrap();
            assert!(read > 0, "the stream is over: {:?}", self.heard);
            if let Some(name) = line.strip_prefix("event: ") {
                name.trim().clone_into(&mut kind);
            } else if let Some(data) = line.strip_prefix("data: ") {
                self.heard.push((kind, serde_json::from_str(data).unwrap()));
                return;
            }
        }
    }

    fn is_over(&mut self) -> bool {
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).is_ok()
    }
}
