//! The table of routes by roles: every route that the router has, asked by every role for what is
//! its own, somebody else's, and nobody's.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};
use thirdring::call::event::{HangupParty, Outcome};
use thirdring::http::rights::{Need, need};
use thirdring::id::{CallId, EventId};
use thirdring::rules::WebhookKind;
use thirdring::rules::policy::{Action, Reach, reach};
use thirdring::rules::{DirectoryEntry, IncidentKind, Matter, Role, Timestamp};
use thirdring::store::{
    CampaignDraft, CustomerDraft, CustomerNumber, DeliveryFilter, Document, IncidentDraft, Marker,
    MessageDraft, NewDelivery, NewRelay, Store, StoredSession, StoredToken, TaskFilter, Written,
};
use uuid::Uuid;

use crate::fixture::{Database, Story};
use crate::site::{Office, PASSWORD, write_recording};

/// Whose thing a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Own,
    Foreign,
    Nobodys,
}

/// Routes that a person uses, and no program.
const PERSONS: [(&str, &str); 2] = [
    ("post", "/api/v1/tokens"),
    ("put", "/api/v1/account/password"),
];

/// How the paths of routes end that do something with a running call.
const COMMANDS: [&str; 25] = [
    "/talk",
    "/hold",
    "/record",
    "/release",
    "/wait",
    "/retrieve",
    "/mute",
    "/unmute",
    "/keys",
    "/transfer",
    "/consult",
    "/consult/complete",
    "/consult/cancel",
    "/consult/join",
    "/hang-up",
    "/park",
    "/pick-up",
    "/hand/raise",
    "/hand/lower",
    "/escalate",
    "/emergency",
    "/private",
    "/supervision",
    "/supervision/take-over",
    "/supervision/stop",
];

pub(crate) async fn every_route(database: Database) {
    let office = Office::on(&database).await;
    let calls = Calls::prepare(&office).await;
    office.user("agent-2", &[Role::Agent], Some("1002")).await;
    let routes = routes();
    assert!(routes.len() > 30, "{routes:?}");
    let mut wrong = Vec::new();
    for role in Role::ALL {
        let name = role.as_str();
        office.user(name, &[role], Some("1001")).await;
        let program = office.token(name).await;
        for (method, path) in &routes {
            let parsed = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let Some(need) = need(&parsed, path) else {
                panic!("{method} {path} has no row in the table of rights");
            };
            for whose in [Whose::Own, Whose::Foreign, Whose::Nobodys] {
                let place = calls.fill(path, whose, name, &office.store).await;
                let body = if path.ends_with("/merge") {
                    let from = customer(&office.store, "1001").await;
                    Some(json!({ "base": 1, "from": from, "reason": "test" }))
                } else if path.ends_with("/relay") {
                    let department = DirectoryEntry {
                        name: "工程部".to_owned(),
                        ..DirectoryEntry::default()
                    };
                    Some(json!({ "entry": entry_of(&office.store, department).await }))
                } else {
                    body(method, path)
                };
                // From all over: nobody is too fast.
                let answer = program
                    .clone()
                    .from(rand::random())
                    .raw(parsed.clone(), &place, body.map(|body| body.to_string()))
                    .await;
                let status = answer.status().as_u16();
                let expected = expected(need, role, method, path, whose);
                if !expected.contains(&status) {
                    wrong.push(format!(
                        "{role} {method} {path} ({whose:?}): {status}, not {expected:?}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // And nobody at all.
    for (method, path) in &routes {
        let parsed = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let is_open = need(&parsed, path) == Some(Need::Nothing);
        let place = calls.fill(path, Whose::Own, "nobody", &office.store).await;
        let body = body(method, path).map(|body| body.to_string());
        let answer = office.visitor().raw(parsed, &place, body).await;
        let refused = answer.status().as_u16() == 401;
        assert!(
            refused != is_open || *path == *"/api/v1/session",
            "{method} {path}"
        );
    }
}

/// What the policy says, as a status.
fn expected(need: Need, role: Role, method: &str, path: &str, whose: Whose) -> Vec<u16> {
    let done = vec![200, 201, 202, 204];
    let Need::Action(action) = need else {
        // To log in with a wrong name is nobody's right.
        return if path == "/api/v1/session" {
            vec![401, 429]
        } else {
            done
        };
    };
    let reach = reach(role, action);
    if reach == Reach::Nothing {
        return vec![403];
    }
    if PERSONS.contains(&(method, path)) {
        return vec![403];
    }
    if !path.contains('{') {
        return done;
    }
    // Whoever may do so says which version is meant, or sends a sound; others hear 403.
    if path.contains("/setup/{") || path.contains("/prompts/{") {
        return vec![200, 204, 404, 415, 422, 428];
    }
    // Sessions and tokens are everybody's own, users are whoever's; agents are seen by all.
    let by_owner = path.contains("/sessions/{") || path.contains("/tokens/{");
    // Lines are everybody's; a colleague's call is fetched because it is a colleague's.
    let is_everybodys = path.contains("/lines/") || path.ends_with("/pick-up");
    // A queue is nobody's own; somebody else's task may be seen, and stays his.
    if path.contains("/queues/") && reach == Reach::Own {
        return vec![404];
    }
    if path.contains("/tasks/") && whose == Whose::Foreign && reach == Reach::All {
        return vec![200, 204, 409];
    }
    // Nobody asks how his own calls were.
    if path.contains("/campaigns/") && reach == Reach::Own {
        return vec![404];
    }
    match whose {
        Whose::Nobodys => vec![404],
        Whose::Foreign if is_everybodys => done,
        Whose::Foreign if by_owner || reach == Reach::Own => vec![404],
        Whose::Own | Whose::Foreign => done,
    }
}

/// A body that fits.
fn body(method: &str, path: &str) -> Option<Value> {
    let unique = Uuid::from_u128(rand::random()).simple();
    Some(match (method, path) {
        ("post", "/api/v1/session") => json!({ "name": "nobody", "password": "nothing" }),
        ("put", "/api/v1/account/password") => json!({ "old": PASSWORD, "new": PASSWORD }),
        ("post", "/api/v1/tokens") => json!({ "label": "x", "scopes": [], "days": 1 }),
        ("post", "/api/v1/users") => json!({
            "name": format!("u{unique}"), "password": PASSWORD, "roles": ["agent"],
        }),
        ("patch", "/api/v1/users/{name}") | (_, "/api/v1/incidents/{id}/acknowledge") => json!({}),
        (
            _,
            "/api/v1/calls/{id}/reveal"
            | "/api/v1/calls/{id}/recording/download"
            | "/api/v1/calls/{id}/wait"
            | "/api/v1/calls/{id}/private"
            | "/api/v1/tasks/{id}/reveal"
            | "/api/v1/lines/{id}/restore"
            | "/api/v1/customers/{id}/reveal"
            | "/api/v1/customers/{id}/erase",
        ) => {
            json!({ "reason": "test" })
        }
        (_, "/api/v1/calls/export") => json!({ "reason": "test" }),
        (_, "/api/v1/agents/{id}/state") => json!({ "to": "ready" }),
        (_, "/api/v1/calls/{id}/record") => json!({ "turn": "pause", "reason": "card" }),
        (_, "/api/v1/calls/{id}/keys") => json!({ "keys": "1#" }),
        (_, "/api/v1/calls/{id}/transfer" | "/api/v1/calls/{id}/consult") => {
            json!({ "agent": "1002" })
        }
        (_, "/api/v1/calls/{id}/emergency") => json!({ "contact": "police" }),
        ("post", "/api/v1/calls/{id}/quality-desk") => json!({ "done": "number_told" }),
        (_, "/api/v1/calls/{id}/hang-up") => json!({ "reason": "caller_asked" }),
        (_, "/api/v1/calls/{id}/supervision") => json!({ "mode": "listen" }),
        (_, "/api/v1/dial") => json!({ "number": "13800005678", "record": "case 7" }),
        ("put", "/api/v1/calls/{id}/note") => {
            json!({ "text": format!("note {unique}"), "reason": "test" })
        }
        ("put", "/api/v1/calls/{id}/wrap-up") => {
            json!({ "purpose": "consultation", "outcome": "resolved", "reason": "test" })
        }
        ("post", "/api/v1/calls/{id}/find") => json!({ "agent": "1002" }),
        (_, "/api/v1/calls/{id}/messages") => {
            json!({ "agent": "1002", "text": "请回电", "from": "李先生" })
        }
        (_, "/api/v1/calls/{id}/call-back") => json!({ "remark": "later" }),
        (_, "/api/v1/tasks/{id}/assign") => json!({ "to": "1002" }),
        ("post", "/api/v1/calls/{id}/markers") => json!({ "at_ms": 1_000, "text": "here" }),
        (_, "/api/v1/tasks/{id}/try") => json!({ "remark": "busy" }),
        (_, "/api/v1/tasks/{id}/done") => json!({ "result": "reached" }),
        (_, "/api/v1/calls/{id}/major") => json!({ "reason": "x" }),
        ("post", "/api/v1/campaigns") => json!({
            "name": "x", "from": "2026-11-21T00:00:00Z", "to": "2026-11-22T00:00:00Z",
            "per_agent": 1,
        }),
        (_, "/api/v1/campaigns/{id}/answers") => json!({ "n": 1, "result": "refused" }),
        ("post", "/api/v1/contacts") => json!({
            "channel": "visit", "line": "hotline", "purpose": "consultation",
        }),
        ("post", "/api/v1/incidents") => json!({ "kind": "safety", "text": "x" }),
        (_, "/api/v1/incidents/{id}/escalate") => json!({ "to": "manager" }),
        (_, "/api/v1/lines/{id}/switch") => {
            json!({ "announcement": "storm.wav", "reason": "test" })
        }
        ("post", "/api/v1/customers") => {
            let number = format!("136{:08}", rand::random_range(0..100_000_000));
            json!({ "name": "王小明", "numbers": [{ "number": number }] })
        }
        ("patch", "/api/v1/customers/{id}") => json!({ "base": 1, "name": "王大明" }),
        ("post", "/api/v1/directory") => json!({ "name": "x" }),
        ("put", "/api/v1/directory/{id}") => json!({ "base": 1, "entry": { "name": "y" } }),
        ("post", "/api/v1/matters") => json!({ "name": "x", "department": "y" }),
        ("put", "/api/v1/matters/{id}") => {
            json!({ "base": 1, "matter": { "name": "y", "department": "z" } })
        }
        ("put", "/api/v1/queues/{id}/order") => json!({ "agents": ["1002", "1001"] }),
        ("post", "/api/v1/setup/check") => {
            json!({ "kind": "agent", "name": "1003", "document": { "password": "x" } })
        }
        ("put", "/api/v1/setup/{kind}/{name}") => json!({ "document": {} }),
        ("post", "/api/v1/setup/{kind}/{name}/restore") => json!({ "version": 0 }),
        _ => return None,
    })
}

/// Method and path of every route that the router has, by its own document.
pub(crate) fn routes() -> BTreeSet<(String, String)> {
    let document: Value = serde_json::from_str(&thirdring::http::document(false)).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let methods = [
        "get", "put", "post", "patch", "delete", "head", "options", "trace",
    ];
    let routes = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap();
        let known = item.keys().filter(|key| methods.contains(&key.as_str()));
        known.map(|method| (method.clone(), path.clone()))
    });
    routes.collect()
}

#[test]
fn every_row_of_the_table_is_a_route() {
    let routes = routes();
    for (method, path, _) in thirdring::http::rights::ROUTES {
        let route = (method.as_str().to_lowercase(), (*path).to_owned());
        assert!(routes.contains(&route), "{route:?} is no route");
    }
    assert_eq!(routes.len(), thirdring::http::rights::ROUTES.len());
}

/// R243: nobody, whatever the role, changes or deletes a call, its events, its recording or the audit by
/// the API: what there is to them can be read, and a recording taken away as a copy.
#[test]
fn no_route_changes_what_has_happened() {
    let has_happened = |path: &str| {
        let parts: Vec<_> = path.trim_start_matches("/api/v1/").split('/').collect();
        match parts[..] {
            ["calls" | "recordings" | "audit"] | ["calls", "{id}"] => true,
            ["calls", "{id}", part, ..] => matches!(part, "events" | "recording"),
            _ => false,
        }
    };
    let mut seen = 0;
    for (method, path) in routes().iter().filter(|(_, path)| has_happened(path)) {
        let is_copy = method == "post" && path.ends_with("/recording/download");
        assert!(method == "get" || is_copy, "{method} {path}");
        seen += 1;
    }
    assert!(seen >= 8, "{seen} routes were looked at");
}

#[test]
fn every_action_has_a_word_of_its_own() {
    let words: BTreeSet<_> = Action::ALL.into_iter().map(Action::as_str).collect();
    assert_eq!(words.len(), Action::ALL.len());
}

/// A call of agent 1001 and one of agent 1002, over and going on.
struct Calls {
    own: CallId,
    foreign: CallId,
    /// Of running calls, the core knows; of those that are over, the log.
    own_running: CallId,
    foreign_running: CallId,
}

impl Calls {
    async fn prepare(office: &Office) -> Self {
        let mut over = Vec::new();
        for (n, agent) in [(1, "1001"), (2, "1002")] {
            let story = Story::new(n)
                .arrived()
                .purpose("consultation")
                .ringing()
                .answered_by(agent, 3000)
                .hung_up(20_000, HangupParty::Caller)
                .ended(20_000, Outcome::Answered)
                .sealed(21_000, Vec::new());
            over.push(story.call);
            story.store(&office.store).await;
            let path = format!("2026/11/21/{}.wav", over.last().unwrap());
            write_recording(&office.local(), &path, 320_044);
        }
        let running = |n| Story::new(n).call;
        let calls = Self {
            own: over[0],
            foreign: over[1],
            own_running: running(3),
            foreign_running: running(4),
        };
        // A search for somebody is begun in a running call, and looked at in the log.
        office.desk.talks("1001", calls.own);
        office.desk.talks("1002", calls.foreign);
        office.desk.talks("1001", calls.own_running);
        office.desk.talks("1002", calls.foreign_running);
        calls
    }

    /// The path with what it names filled in.
    async fn fill(&self, path: &str, whose: Whose, user: &str, store: &Store) -> String {
        let absent = Uuid::from_u128(7).to_string();
        let is_command = COMMANDS.iter().any(|end| path.ends_with(end));
        let (own, foreign) = if path.contains("/calls/") {
            let calls = if is_command {
                [self.own_running, self.foreign_running]
            } else {
                [self.own, self.foreign]
            };
            (calls[0].to_string(), calls[1].to_string())
        } else if path.contains("/messages/{") {
            (message(store, "1001").await, message(store, "1002").await)
        } else if path.contains("/tasks/") {
            let own = task(store, path.ends_with("/release").then_some(user)).await;
            (own, task(store, Some("somebody")).await)
        } else if path.contains("/customers/{") {
            (customer(store, "1001").await, customer(store, "1002").await)
        } else if path.contains("/directory/{") {
            let entry = DirectoryEntry {
                name: "x".to_owned(),
                ..DirectoryEntry::default()
            };
            (
                entry_of(store, entry.clone()).await,
                entry_of(store, entry).await,
            )
        } else if path.contains("/matters/{") {
            let matter = Matter {
                name: "x".to_owned(),
                department: "y".to_owned(),
                ..Matter::default()
            };
            (
                entry_of(store, matter.clone()).await,
                entry_of(store, matter).await,
            )
        } else if path.contains("/campaigns/{") {
            (campaign(store).await, campaign(store).await)
        } else if path.contains("/reports/{") {
            (report(store).await, report(store).await)
        } else if path.contains("/relays/{") {
            let (own, foreign) = (self.own, self.foreign);
            (
                relay(store, own, user).await,
                relay(store, foreign, "somebody").await,
            )
        } else if path.contains("/incidents/{") {
            (
                incident(store, user).await,
                incident(store, "somebody").await,
            )
        } else if path.contains("/deliveries/") {
            (delivery(store).await, delivery(store).await)
        } else if ["/lines/", "/queues/", "/setup/"]
            .iter()
            .any(|it| path.contains(it))
        {
            ("hotline".to_owned(), "hotline".to_owned())
        } else if path.contains("/prompts/") {
            ("notice.wav".to_owned(), "notice.wav".to_owned())
        } else if path.contains("/agents/") {
            ("1001".to_owned(), "1002".to_owned())
        } else if path.contains("/users/") {
            ("agent".to_owned(), "agent".to_owned())
        } else if path.contains("/sessions/{") {
            (session(store, user).await, session(store, "agent-2").await)
        } else if path.contains("/tokens/{") {
            (token(store, user).await, token(store, "agent-2").await)
        } else {
            (String::new(), String::new())
        };
        let named = match whose {
            Whose::Own => own,
            Whose::Foreign => foreign,
            Whose::Nobodys => absent,
        };
        let path = path.replace("{id}", &named).replace("{name}", &named);
        let mut path = path.replace("{kind}", "line");
        let is_kept = path.contains("/directory/") || path.contains("/matters/");
        if is_kept && !path.ends_with("/versions") {
            // A removal names the version that it is of; who changes something names it elsewhere.
            return format!("{path}?base=1");
        }
        if path.contains("{marker}") {
            let call = named.parse().map(CallId).unwrap();
            path = path.replace("{marker}", &marker(store, call, user).await);
        }
        path
    }
}

/// A message for this agent.
async fn message(store: &Store, agent: &str) -> String {
    let story = Story::new(rand::random_range(1_000..100_000_000))
        .arrived()
        .ringing();
    let story = story.answered_by("1001", 3000).store(store).await;
    let draft = MessageDraft {
        for_agent: Some(agent.into()),
        for_name: "x".to_owned(),
        from_name: Some("y".to_owned()),
        text: Some("z".to_owned()),
        ..MessageDraft::default()
    };
    let taken = store.take_message(story.call, &draft, "test", Timestamp(1));
    taken.await.unwrap().id.to_string()
}

/// A call's record that this user has sent to some department.
async fn relay(store: &Store, call: CallId, user: &str) -> String {
    let new = NewRelay {
        call,
        entry: Uuid::from_u128(7),
        entry_name: "x",
        remark: None,
        by: user,
    };
    let sent = store.relay_record(&new, Timestamp(1)).await;
    sent.unwrap().id.to_string()
}

/// A campaign that asks about a call of an agent's who asks for nothing here.
async fn campaign(store: &Store) -> String {
    let n = rand::random_range(1_000..100_000_000);
    let number = format!("135{n:08}");
    let story = Story::new(n)
        .arrived_on("elsewhere", &number, None)
        .ringing();
    let story = story
        .answered_by("1009", 3000)
        .ended(9_000, Outcome::Answered);
    story.store(store).await;
    let draft = CampaignDraft {
        name: "x".to_owned(),
        line: Some("elsewhere".into()),
        from: Timestamp(0),
        to: Timestamp(i64::MAX),
        per_agent: 1,
        seed: 7,
        best: 5,
    };
    let begun = store.begin_campaign(&draft, "test", Timestamp(1)).await;
    begun.unwrap().id.to_string()
}

/// A report of some call.
async fn report(store: &Store) -> String {
    let n = rand::random_range(1_000..100_000_000);
    let story = Story::new(n).arrived().purpose("repair").store(store).await;
    let written = store.mark_major(story.call, "x", "test", Timestamp(1));
    written.await.unwrap().id.to_string()
}

/// An incident that this user has reported.
async fn incident(store: &Store, user: &str) -> String {
    let draft = IncidentDraft {
        kind: IncidentKind::Safety,
        call: None,
        text: "x".to_owned(),
        to: Role::Manager,
    };
    let reported = store.report_incident(&draft, user, Timestamp(1)).await;
    reported.unwrap().id.to_string()
}

/// A customer whose call this agent has answered.
async fn customer(store: &Store, agent: &str) -> String {
    let n = rand::random_range(1_000..100_000_000);
    let number = format!("137{n:08}");
    let story = Story::new(n).arrived_on("hotline", &number, None).ringing();
    let story = story.answered_by(agent, 3000);
    story.ended(9_000, Outcome::Answered).store(store).await;
    let draft = CustomerDraft {
        name: "王小明".to_owned(),
        numbers: vec![CustomerNumber {
            number,
            label: None,
        }],
        ..CustomerDraft::default()
    };
    let created = store.create_customer(&draft, "test", "test", Timestamp(1));
    created.await.unwrap().id.to_string()
}

async fn entry_of<T: Document>(store: &Store, document: T) -> String {
    let written = Written {
        by: "test",
        why: None,
        at: Timestamp(1),
    };
    let registered = store.register(document, &written).await.unwrap();
    registered.id.to_string()
}

/// A caller to be called back, whom somebody has taken on.
async fn task(store: &Store, by: Option<&str>) -> String {
    let n = rand::random_range(1_000..100_000_000);
    let number = format!("139{n:08}");
    let lost = Story::new(n).arrived_on("hotline", &number, None).ringing();
    let lost = lost.ended(9_000, Outcome::Abandoned).store(store).await;
    let tasks = store.tasks(&TaskFilter::default()).await.unwrap();
    let mut of_caller = tasks.into_iter().filter(|task| {
        let caller = task.caller.as_ref();
        caller.is_some_and(|caller| caller.number == number)
    });
    let id = of_caller
        .next()
        .unwrap_or_else(|| panic!("no task of {}", lost.call))
        .id;
    if let Some(by) = by {
        store.claim_task(id, by, Timestamp(1)).await.unwrap();
    }
    id.to_string()
}

/// A marker that a user has set in a call's recording; nobody's, if there is no such call.
async fn marker(store: &Store, call: CallId, user: &str) -> String {
    let marker = Marker {
        id: EventId(Uuid::from_u128(rand::random())),
        call,
        at_ms: 1_000,
        text: Some("here".to_owned()),
        author: user.to_owned(),
        set_at: Timestamp(1),
        removed: None,
    };
    // To set one in a call that there is not is refused, and so is what is asked for then.
    let _ = store.set_marker(&marker).await;
    marker.id.to_string()
}

/// A message that waits for another program.
async fn delivery(store: &Store) -> String {
    let new = NewDelivery {
        endpoint: "crm".to_owned(),
        kind: WebhookKind::CallEnded,
        event: Uuid::from_u128(rand::random()),
        call: None,
        body: "{}".to_owned(),
    };
    store.begin_telling().await.unwrap();
    let read = store.untold(0).await.unwrap().unwrap();
    store.tell(&read, &[new], Timestamp(1)).await.unwrap();
    let last = store.deliveries(&DeliveryFilter::default()).await.unwrap();
    last[0].id.to_string()
}

/// A session of a user's that nobody uses; of nobody's if there is no such user.
async fn session(store: &Store, user: &str) -> String {
    let id = Uuid::from_u128(rand::random());
    if store.user(user).await.unwrap().is_some() {
        let session = StoredSession {
            id,
            secret: id.to_string(),
            user: user.to_owned(),
            data: String::new(),
            source: None,
            user_agent: None,
            created_at: Timestamp(1),
            seen_at: Timestamp(1),
        };
        store.keep_session(&session).await.unwrap();
    }
    id.to_string()
}

async fn token(store: &Store, user: &str) -> String {
    let id = Uuid::from_u128(rand::random());
    if store.user(user).await.unwrap().is_some() {
        let token = StoredToken {
            id,
            secret: id.to_string(),
            user: user.to_owned(),
            label: String::new(),
            scopes: Vec::new(),
            created_at: Timestamp(1),
            expires_at: Timestamp(i64::MAX),
            used_at: None,
            revoked_at: None,
        };
        store.add_token(&token).await.unwrap();
    }
    id.to_string()
}
