//! The desk of a running service: people with phones, who work by the API alone.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use thirdring::access::{TokenSecret, fingerprint};
use thirdring::rules::{Role, Scope, Timestamp};
use thirdring::store::{Store, StoredToken, User};
use uuid::Uuid;

use crate::baresip::{Answers, Baresip};
use crate::patience::{PATIENCE, until};
use crate::service::Service;
use crate::site::Site;

/// What every phone registers with.
const PASSWORD: &str = "correct-horse-battery";
/// Who leads the shift.
pub(crate) const LEADER: &str = "1003";

/// A service, two agents (1001, 1002) and who leads the shift (1003), each with a registered phone's
/// account and a token.
pub(crate) struct Desk {
    pub(crate) service: Service,
    tokens: BTreeMap<&'static str, String>,
}

impl Desk {
    /// Starts the service of this site, whose agents are added here.
    pub(crate) fn open(site: Site) -> Self {
        let account = format!("password = \"{PASSWORD}\"");
        let site = (1..=3).fold(site, |site, n| site.agent_with(n, &account));
        let service = site.start();
        let url = format!("sqlite:{}", service.folder().join("log.db").display());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let people = [
            ("1001", Role::Agent),
            ("1002", Role::Agent),
            (LEADER, Role::ShiftLeader),
        ];
        let tokens = runtime.block_on(async {
            let store = Store::open(&url).await.unwrap();
            let mut tokens = BTreeMap::new();
            for (n, (extension, role)) in (1..).zip(people) {
                tokens.insert(extension, employ(&store, n, extension, role).await);
            }
            store.close().await;
            tokens
        });
        Self { service, tokens }
    }

    /// An agent's phone, once it can be rung.
    pub(crate) fn phone(&self, extension: &str, hz: u32) -> Baresip {
        self.phone_that(extension, hz, Answers::Itself)
    }

    /// The same, which answers so.
    pub(crate) fn phone_that(&self, extension: &str, hz: u32, answers: Answers) -> Baresip {
        let phone = Baresip::desk(&self.service, (extension, PASSWORD), hz, answers);
        self.agent_is(extension, "ready");
        phone
    }

    /// Waits until an agent is in this state.
    pub(crate) fn agent_is(&self, extension: &str, state: &str) {
        until(&format!("{extension} to be {state}"), || {
            let agent = self.get(&format!("/agents/{extension}"));
            (agent["state"] == state).then_some(())
        });
    }

    /// The newest call.
    pub(crate) fn call(&self) -> String {
        until("a call", || {
            let calls = self.get("/calls");
            calls["items"][0]["id"].as_str().map(str::to_owned)
        })
    }

    /// Waits until the newest call's record tells something.
    pub(crate) fn tells(&self, what: &str, tells: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/calls/{}", self.call());
        until(what, || {
            let record = self.get(&path)["record"].take();
            tells(&record).then_some(record)
        })
    }

    /// What somebody does with the newest call is accepted.
    pub(crate) fn does(&self, who: &str, what: &str, body: &Value) {
        let path = format!("/calls/{}/{what}", self.call());
        assert_eq!(self.send(who, "POST", &path, body), 202, "{who}: {path}");
    }

    /// The status of a request of somebody's.
    pub(crate) fn send(&self, who: &str, method: &str, path: &str, body: &Value) -> u16 {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(self.url(path))
            .header("authorization", self.bearer(who))
            .header("content-type", "application/json")
            .body(body.to_string())
            .unwrap();
        agent().run(request).unwrap().status().as_u16()
    }

    /// What there is to see for who leads the shift.
    pub(crate) fn get(&self, path: &str) -> Value {
        let request = agent().get(self.url(path));
        let request = request.header("authorization", self.bearer(LEADER));
        let mut response = request.call().unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}"))
    }

    fn url(&self, path: &str) -> String {
        let service = self.service.network().service();
        format!("http://{service}:8080/api/v1{path}")
    }

    fn bearer(&self, who: &str) -> String {
        format!("Bearer {}", self.tokens[who])
    }
}

/// A client that waits for nothing without end.
fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false);
    ureq::Agent::new_with_config(config.build())
}

async fn employ(store: &Store, n: u128, extension: &str, role: Role) -> String {
    let user = User {
        name: format!("user-{extension}"),
        password: String::new(),
        roles: vec![role],
        extension: Some(extension.into()),
        disabled: false,
        created_at: Timestamp(1),
        password_at: Timestamp(1),
    };
    store.add_user(&user).await.unwrap();
    let secret = TokenSecret::generate();
    let token = StoredToken {
        id: Uuid::from_u128(n),
        secret: fingerprint(secret.reveal()),
        user: user.name,
        label: "test".to_owned(),
        scopes: Scope::ALL.to_vec(),
        created_at: Timestamp(1),
        expires_at: Timestamp(i64::MAX),
        used_at: None,
        revoked_at: None,
    };
    store.add_token(&token).await.unwrap();
    secret.reveal().to_owned()
}

/// A body that says nothing.
pub(crate) fn nothing() -> Value {
    json!(null)
}
