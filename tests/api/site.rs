//! An API on a database of a test's own, and those who use it.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use serde_json::Value;
use tempfile::TempDir;
use thirdring::access::{Cost, Passwords, fingerprint};
use thirdring::archive::{Archive, Copies, CopySettings};
use thirdring::call::CallNow;
use thirdring::call::command::{Actor, Answer, Done, Refused};
use thirdring::config::{Config, Emergency};
use thirdring::http::{
    self, AgentInfo, Api, BreakInfo, Check, Checks, Condition, Desk, HttpState, LineInfo,
    ListenerView, Parts, Readiness, Sign, Site, Soon, Vitals,
};
use thirdring::id::{AgentId, CallId};
use thirdring::metrics::Metrics;
use thirdring::net::Live;
use thirdring::queue::AgentState;
use thirdring::rules::script::Template;
use thirdring::rules::{
    Code, Field, FieldKind, Form, LineRules, Role, Scope, ScreenPop, Script, Timestamp,
};
use thirdring::setup::Administration;
use thirdring::store::{DeskRules, Store, StoredToken, User};
use thirdring::switch::{
    AgentInView, AgentNow, Board, Command, LineInView, Overview, QueueNow, TrunkSnapshot, Waiter,
};
use tokio::sync::{broadcast, watch};
use tower::ServiceExt;
use uuid::Uuid;

use crate::fixture::Database;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The API and what it stands on.
pub(crate) struct Office {
    pub(crate) store: Store,
    pub(crate) desk: Arc<Switchboard>,
    pub(crate) passwords: Passwords,
    pub(crate) recordings: TempDir,
    pub(crate) setup: Administration,
    router: Router,
}

impl Office {
    pub(crate) async fn on(database: &Database) -> Self {
        Self::with(database, false).await
    }

    /// Served over HTTPS, as far as the router knows.
    pub(crate) async fn with(database: &Database, is_secure: bool) -> Self {
        Self::at(database, is_secure, site()).await
    }

    /// On a site that is changed like this.
    pub(crate) async fn changed(database: &Database, change: impl FnOnce(&mut Site)) -> Self {
        let mut site = site();
        change(&mut site);
        Self::at(database, false, site).await
    }

    async fn at(database: &Database, is_secure: bool, site: Site) -> Self {
        let store = database.store().await.with_desk(rules());
        store.keep_trees(Timestamp(1)).await.unwrap();
        let recordings = tempfile::tempdir().unwrap();
        let desk = Arc::new(Switchboard::new());
        let passwords = Passwords::new(Cost::LEAST).unwrap();
        let copies = CopySettings {
            url: format!("file://{}", recordings.path().join("copies").display()),
            ..CopySettings::default()
        };
        let archive = Archive::new(store.clone(), recordings.path().join("local"))
            .with_copies(Some(Copies::open(&copies).unwrap()));
        let setup = Administration::new(Arc::new(file(recordings.path())), store.clone());
        let api = Api::new(Parts {
            store: store.clone(),
            archive,
            desk: Arc::clone(&desk) as Arc<dyn Desk>,
            site: watch::channel(Arc::new(site)).1,
            setup: setup.clone(),
            passwords: passwords.clone(),
            vitals: Arc::new(Well),
            zone: jiff::tz::TimeZone::UTC,
            wallboard_names: false,
            trace: Some(recordings.path().join("trace")),
            is_secure,
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        });
        let state = HttpState {
            metrics: Metrics::install().unwrap(),
            readiness: Arc::new(Well),
        };
        Self {
            store,
            desk,
            passwords,
            recordings,
            setup,
            router: http::router(state, &api),
        }
    }

    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    pub(crate) fn local(&self) -> std::path::PathBuf {
        self.recordings.path().join("local")
    }

    pub(crate) async fn user(&self, name: &str, roles: &[Role], extension: Option<&str>) {
        let user = User {
            name: name.to_owned(),
            password: self.passwords.hash(PASSWORD).unwrap(),
            roles: roles.to_vec(),
            extension: extension.map(AgentId::from),
            disabled: false,
            created_at: Timestamp(1),
            password_at: Timestamp(1),
        };
        self.store.add_user(&user).await.unwrap();
    }

    /// A token of a user's, with every scope.
    pub(crate) async fn token(&self, user: &str) -> Visitor<'_> {
        self.token_for(user, &Scope::ALL).await
    }

    pub(crate) async fn token_for(&self, user: &str, scopes: &[Scope]) -> Visitor<'_> {
        let secret = format!("test-{}", Uuid::from_u128(rand::random()));
        self.store
            .add_token(&StoredToken {
                id: Uuid::from_u128(rand::random()),
                secret: fingerprint(&secret),
                user: user.to_owned(),
                label: "test".to_owned(),
                scopes: scopes.to_vec(),
                created_at: Timestamp(1),
                expires_at: Timestamp(i64::MAX),
                used_at: None,
                revoked_at: None,
            })
            .await
            .unwrap();
        self.visitor()
            .with("authorization", &format!("Bearer {secret}"))
    }

    /// Somebody with a role that sees everything, as a program.
    pub(crate) async fn supervisor(&self) -> Visitor<'_> {
        self.user("supervisor", &[Role::Supervisor], None).await;
        self.token("supervisor").await
    }

    /// Somebody whom nobody knows.
    pub(crate) fn visitor(&self) -> Visitor<'_> {
        Visitor {
            office: self,
            headers: Vec::new(),
            from: IpAddr::from([192, 0, 2, 1]),
        }
    }

    pub(crate) async fn log_in(&self, name: &str) -> Visitor<'_> {
        let visitor = self.visitor();
        let body = serde_json::json!({ "name": name, "password": PASSWORD });
        let answer = visitor.post("/api/v1/session", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        visitor.with("cookie", &answer.cookie())
    }
}

/// Who asks.
#[derive(Clone)]
pub(crate) struct Visitor<'a> {
    office: &'a Office,
    headers: Vec<(String, String)>,
    from: IpAddr,
}

impl Visitor<'_> {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn from(mut self, from: [u8; 4]) -> Self {
        self.from = IpAddr::from(from);
        self
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Reply {
        let text = body.map(ToString::to_string);
        Reply::of(self.raw(method, path, text).await).await
    }

    /// With a body that is no text.
    pub(crate) async fn bytes(&self, method: Method, path: &str, body: Vec<u8>) -> Reply {
        Reply::of(self.request(method, path, Some(Body::from(body))).await).await
    }

    /// The answer with a body that is still to come.
    pub(crate) async fn raw(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Response<Body> {
        self.request(method, path, body.map(Body::from)).await
    }

    async fn request(&self, method: Method, path: &str, body: Option<Body>) -> Response<Body> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "desk.test");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if body.is_some() && !self.headers.iter().any(|(name, _)| name == "content-type") {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let mut request = request.body(body.unwrap_or_default()).unwrap();
        let peer = SocketAddr::new(self.from, 40_000);
        request.extensions_mut().insert(ConnectInfo(peer));
        self.office.router.clone().oneshot(request).await.unwrap()
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.unwrap().into(),
        }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// Name and value of the cookie that is set.
    pub(crate) fn cookie(&self) -> String {
        let cookie = self.header("set-cookie");
        cookie.split(';').next().unwrap().to_owned()
    }

    /// # Panics
    /// It is no problem document with this status.
    pub(crate) fn is_problem(&self, status: u16) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.json()["status"], status, "{}", self.text());
    }
}

/// The value with what no two runs have alike left out.
pub(crate) fn redacted(mut value: Value, keys: &[&str]) -> Value {
    fn redact(value: &mut Value, keys: &[&str]) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    if keys.contains(&key.as_str()) && !value.is_null() {
                        *value = Value::String(format!("[{key}]"));
                    } else {
                        redact(value, keys);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| redact(item, keys)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    redact(&mut value, keys);
    value
}

/// A core that carries out whatever fits, and says so.
pub(crate) struct Switchboard {
    pub(crate) asked: Mutex<Vec<(Actor, Command)>>,
    pub(crate) refuses: Mutex<Option<Refused>>,
    pub(crate) overview: Mutex<Overview>,
    pub(crate) calls: Mutex<Vec<CallNow>>,
    pub(crate) board: Mutex<Board>,
    pub(crate) live: broadcast::Sender<Live>,
}

impl Switchboard {
    fn new() -> Self {
        Self {
            asked: Mutex::default(),
            refuses: Mutex::default(),
            overview: Mutex::new(overview()),
            calls: Mutex::default(),
            board: Mutex::new(board()),
            live: broadcast::Sender::new(64),
        }
    }

    /// Puts an agent into a call.
    pub(crate) fn talks(&self, agent: &str, call: CallId) {
        let mut overview = self.overview.lock().unwrap();
        let agent = overview.agents.iter_mut().find(|one| one.agent.0 == agent);
        let agent = agent.unwrap();
        agent.state = AgentState::Talking;
        agent.calls.push(call);
        let talks = agent.agent.clone();
        drop(overview);
        let mut board = self.board.lock().unwrap();
        let now = board.agents.get_mut(&talks).unwrap();
        (now.state, now.call) = (AgentState::Talking, Some(call));
    }

    /// An agent is at work after a call.
    pub(crate) fn works_after(&self, agent: &str, call: CallId) {
        let now = AgentNow {
            call: Some(call),
            shift: Some("早班".to_owned()),
            wrap_up_until: Some(Timestamp(1_795_248_060_000_000)),
            ..agent_now(agent, AgentState::WrapUp)
        };
        let mut overview = self.overview.lock().unwrap();
        let known = overview.agents.iter_mut().find(|one| one.agent.0 == agent);
        known.unwrap().state = AgentState::WrapUp;
        let mut board = self.board.lock().unwrap();
        board.agents.insert(now.agent.clone(), now);
    }
}

impl Desk for Switchboard {
    fn command(&self, by: Actor, command: Command) -> Soon<'_, Answer> {
        let known = match &command {
            Command::Call(call, _)
            | Command::Supervise { call, .. }
            | Command::PickUp(call)
            | Command::WrappedUp(call) => {
                let overview = self.overview.lock().unwrap();
                overview
                    .agents
                    .iter()
                    .any(|agent| agent.calls.contains(call))
            }
            Command::Queue(queue, _) => queue.0 == "hotline",
            Command::Line(line, _) => line.0 == "hotline",
            Command::Talk | Command::Hold | Command::Agent(..) | Command::Dial { .. } => true,
        };
        self.asked.lock().unwrap().push((by, command));
        let refused = *self.refuses.lock().unwrap();
        Box::pin(async move {
            match refused {
                Some(refused) => Err(refused),
                None if !known => Err(Refused::NoSuchCall),
                None => Ok(Done::Accepted),
            }
        })
    }

    fn live(&self) -> broadcast::Receiver<Live> {
        self.live.subscribe()
    }

    fn overview(&self) -> Soon<'_, Option<Overview>> {
        let overview = self.overview.lock().unwrap().clone();
        Box::pin(async { Some(overview) })
    }

    fn calls_now(&self) -> Soon<'_, Option<Vec<CallNow>>> {
        let calls = self.calls.lock().unwrap().clone();
        Box::pin(async { Some(calls) })
    }

    fn board(&self) -> Board {
        self.board.lock().unwrap().clone()
    }
}

struct Well;

impl Readiness for Well {
    fn checks(&self) -> Checks<'_> {
        let check = Check {
            name: "database",
            ready: true,
            vital: true,
        };
        Box::pin(async move { vec![check] })
    }
}

impl Vitals for Well {
    fn signs(&self) -> Soon<'_, Vec<Sign>> {
        let advice = "Make room";
        let disk = Sign::well("disk").named("recordings").with("free_bytes", 7);
        let disk = disk.ill(Condition::Degraded, "disk_low", advice);
        Box::pin(async { vec![Sign::well("database"), disk] })
    }
}

fn site() -> Site {
    let name = |name: &str| AgentInfo {
        name: name.to_owned(),
        ..AgentInfo::default()
    };
    let line = LineInfo {
        numbers: vec!["4001234567".to_owned()],
        agents: vec!["1001".into(), "1002".into()],
        announcements: vec!["storm.wav".to_owned()],
        queue: None,
        purposes: vec![Code {
            code: "repair".to_owned(),
            parent: None,
            name: "报修".to_owned(),
            name_en: Some("Repair".to_owned()),
            retired: false,
        }],
        passes_to_agents: true,
        passes_to: vec!["010".to_owned()],
        ..LineInfo::default()
    };
    Site {
        time_zone: "Asia/Shanghai".to_owned(),
        listeners: vec![ListenerView {
            transport: "udp".to_owned(),
            address: "192.0.2.1:5060".to_owned(),
            digest: vec!["MD5".to_owned()],
        }],
        breaks: vec![BreakInfo {
            reason: "用餐".to_owned(),
            longest: Duration::from_mins(45),
            at_once: false,
        }],
        breaks_need_leave: true,
        agents: [("1001".into(), name("李娜")), ("1002".into(), name("王强"))].into(),
        lines: [("hotline".into(), line)].into(),
        screen_pop: ScreenPop::parse("https://crm.test/?n={number}&a={agent}&c={customer}").ok(),
        lately: Duration::from_hours(7 * 24),
        emergencies: Emergency::all(&[]),
        ..Site::default()
    }
}

/// The configuration file that all this is of.
fn file(folder: &Path) -> Config {
    let text = "[[sip.listener]]\naddress = \"192.0.2.1:5060\"\n\
         [media]\naddress = \"192.0.2.1\"\nprompts = \"prompts\"\n\
         [[agent]]\nextension = \"1001\"\nname = \"李娜\"\npassword = \"secret-1001\"\n\
         [[agent]]\nextension = \"1002\"\nname = \"王强\"\npassword = \"secret-1002\"\n\
         [[line]]\nname = \"hotline\"\nnumbers = [\"4001234567\"]\nagents = [\"1001\", \"1002\"]\n";
    std::fs::create_dir_all(folder.join("prompts")).unwrap();
    Config::parse(text, &folder.join("thirdring.toml")).unwrap()
}

/// What the hotline asks for: the place of a repair, and why the caller rang, and what came of it.
fn rules() -> DeskRules {
    rules_with("步步高")
}

/// The same, of a company of this name.
pub(crate) fn rules_with(company: &str) -> DeskRules {
    let place = Field {
        name: "place".to_owned(),
        label: "地址".to_owned(),
        label_en: None,
        kind: FieldKind::Text,
        choices: Vec::new(),
        choice_names: Vec::new(),
        required: true,
        purposes: vec!["repair".to_owned()],
    };
    let rules = LineRules {
        form: Form::with_standard(vec![place]),
        script: Script {
            template: Template::Mall,
            company: company.to_owned(),
            department: "总台".to_owned(),
            ..Script::default()
        },
        ..LineRules::default()
    };
    DeskRules {
        lines: [("hotline".into(), rules)].into(),
        has_webhooks: false,
    }
}

fn agent_now(agent: &str, state: AgentState) -> AgentNow {
    AgentNow {
        agent: agent.into(),
        state,
        reason: None,
        since: Timestamp(1_795_248_000_000_000),
        call: None,
        asks_break: None,
        asked_break_at: None,
        substitute: None,
        shift: None,
        wrap_up_until: None,
        break_until: None,
    }
}

fn board() -> Board {
    let hotline = QueueNow {
        queue: "hotline".into(),
        order: ["1001".into(), "1002".into()].into(),
        waiting: vec![Waiter {
            call: CallId(Uuid::from_u128(9)),
            place: 1,
            expected: Some(Duration::from_secs(40)),
        }],
        longest: Some(Timestamp(1_795_248_000_000_000)),
        staffed: 1,
        missing: 1,
    };
    let agents = [("1001", AgentState::Ready), ("1002", AgentState::Offline)];
    let agents = agents.map(|(agent, state)| (agent.into(), agent_now(agent, state)));
    Board {
        agents: agents.into(),
        queues: [("hotline".into(), hotline)].into(),
    }
}

fn overview() -> Overview {
    let agent = |id: &str, state| AgentInView {
        agent: id.into(),
        state,
        calls: Vec::new(),
    };
    Overview {
        agents: vec![
            agent("1001", AgentState::Ready),
            agent("1002", AgentState::Offline),
        ],
        lines: vec![LineInView {
            line: "hotline".into(),
            calls: 2,
            waiting: 1,
            switched: None,
        }],
        trunks: vec![(
            "carrier".into(),
            TrunkSnapshot {
                calls: 2,
                channels_free: Some(28),
                up: Some(true),
            },
        )],
        registrations: 1,
    }
}

/// Writes a recording's file, and gives what is in it.
pub(crate) fn write_recording(folder: &Path, path: &str, size: usize) -> Vec<u8> {
    let bytes: Vec<u8> = (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let file = folder.join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, &bytes).unwrap();
    std::fs::write(file.with_extension("peaks"), b"peaks").unwrap();
    bytes
}
