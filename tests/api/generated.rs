//! Requests made from the served document, fitting and broken ones: each gets an answer that the
//! document knows, errors are problem documents, and nothing of ours ever fails.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};
use thirdring::call::event::{HangupParty, Outcome};
use thirdring::rules::Role;
use thirdring::store::UserChange;

use crate::fixture::{Database, Story};
use crate::site::{Office, Reply, Visitor, write_recording};

/// What the requests are drawn by.
const SEED: u64 = 20_261_122;
/// Requests to each operation.
const EACH: usize = 20;

/// Texts that trouble parsers and databases.
const TROUBLE: [&str; 14] = [
    "",
    " ",
    "0",
    "-1",
    "999999999999999999999",
    "null",
    "true",
    "a\u{0}b",
    "'; drop table users--",
    "../../etc/passwd",
    "王小明",
    "\u{202e}x",
    "%00",
    "00000000-0000-0000-0000-000000000000",
];

pub(crate) async fn everything(database: Database) {
    let mut random = StdRng::seed_from_u64(SEED);
    let office = Office::on(&database).await;
    let all = [Role::Agent, Role::Manager, Role::Admin, Role::Supervisor];
    office.user("tester", &all, Some("1001")).await;
    let story = Story::new(1)
        .arrived()
        .ringing()
        .answered(3000)
        .hung_up(20_000, HangupParty::Caller)
        .ended(20_000, Outcome::Answered)
        .sealed(21_000, Vec::new())
        .store(&office.store)
        .await;
    write_recording(
        &office.local(),
        &format!("2026/11/21/{}.wav", story.call),
        320_044,
    );
    office.desk.talks("1001", story.call);
    let document = office.visitor().get("/api/v1/openapi.json").await.json();
    let known = [
        "li.na",
        "1001",
        "tester",
        "hotline",
        &story.call.to_string(),
    ]
    .map(str::to_owned);
    let maker = Maker {
        document: &document,
        known: &known,
    };
    let mut seen = BTreeMap::<(String, u16), usize>::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        // It has no end; its own tests read it.
        if path == "/api/v1/events" {
            continue;
        }
        for (name, operation) in item.as_object().unwrap() {
            let method = Method::from_bytes(name.to_uppercase().as_bytes()).unwrap();
            for _ in 0..EACH {
                // Whatever a request may have taken away is there again.
                let restored = UserChange {
                    roles: Some(all.to_vec()),
                    extension: Some(Some("1001".into())),
                    disabled: Some(false),
                    ..UserChange::default()
                };
                office.store.change_user("tester", &restored).await.unwrap();
                let visitor = office.token("tester").await.from(random.random());
                let place = maker.place(path, operation, &mut random);
                let body = maker.body(operation, &mut random);
                let shown = format!("{method} {place} {body:?}");
                let answer = send(&visitor, &method, &place, body).await;
                check(&shown, operation, &answer);
                let status = answer.status.as_u16();
                *seen.entry((format!("{name} {path}"), status)).or_default() += 1;
            }
        }
    }
    // The generator is worth something only if it meets both kinds.
    let count = |wanted: fn(u16) -> bool| {
        let met = seen.iter().filter(|((_, status), _)| wanted(*status));
        met.map(|(_, count)| count).sum::<usize>()
    };
    assert!(count(|status| status < 300) > 200, "{seen:?}");
    assert!(count(|status| status >= 400) > 300, "{seen:?}");
}

async fn send(visitor: &Visitor<'_>, method: &Method, place: &str, body: Option<String>) -> Reply {
    let response = visitor.raw(method.clone(), place, body).await;
    let (parts, body) = response.into_parts();
    Reply {
        status: parts.status,
        headers: parts.headers,
        body: axum::body::to_bytes(body, usize::MAX).await.unwrap().into(),
    }
}

/// # Panics
/// The answer is none that the document knows.
fn check(shown: &str, operation: &Value, answer: &Reply) {
    let status = answer.status;
    assert!(
        !status.is_server_error(),
        "{shown}: {} {}",
        status,
        answer.text()
    );
    let documented = operation["responses"].get(status.as_str());
    assert!(
        documented.is_some(),
        "{shown}: {status} is not documented: {}",
        answer.text()
    );
    if status.is_client_error() {
        answer.is_problem(status.as_u16());
        return;
    }
    if status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
        assert!(answer.body.is_empty(), "{shown}");
        return;
    }
    let content = documented.unwrap()["content"].as_object();
    let content = content.unwrap_or_else(|| panic!("{shown}: no content is documented"));
    let media_type = answer.header("content-type");
    assert!(
        content.contains_key(media_type),
        "{shown}: {media_type} is not documented"
    );
}

/// Makes requests.
struct Maker<'a> {
    document: &'a Value,
    /// Values that name something that is there.
    known: &'a [String],
}

impl Maker<'_> {
    fn place(&self, path: &str, operation: &Value, random: &mut StdRng) -> String {
        let mut place = path.to_owned();
        let mut query = Vec::new();
        let none = Vec::new();
        let parameters = operation["parameters"].as_array().unwrap_or(&none);
        for parameter in parameters {
            let name = parameter["name"].as_str().unwrap();
            let text = self.text(&parameter["schema"], random);
            if parameter["in"] == "path" {
                // An empty part is another path.
                let text = if text.is_empty() {
                    "x".to_owned()
                } else {
                    text
                };
                place = place.replace(&format!("{{{name}}}"), &escaped(&text));
            } else if parameter["in"] == "query" && random.random_bool(0.4) {
                query.push(format!("{name}={}", escaped(&text)));
            }
        }
        if !query.is_empty() {
            place = format!("{place}?{}", query.join("&"));
        }
        place
    }

    /// A parameter's text: fitting, known, or trouble.
    fn text(&self, schema: &Value, random: &mut StdRng) -> String {
        match random.random_range(0..3) {
            0 => {
                let value = self.value(schema, random);
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            }
            1 => self.known.choose(random).unwrap().clone(),
            _ => (*TROUBLE.choose(random).unwrap()).to_owned(),
        }
    }

    /// A body: fitting, with something wrong, or no JSON at all.
    fn body(&self, operation: &Value, random: &mut StdRng) -> Option<String> {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_null() {
            return None;
        }
        let mut body = self.value(schema, random);
        Some(match random.random_range(0..10) {
            0 => String::new(),
            1 => "{".to_owned(),
            2 => json!([1, 2]).to_string(),
            3..=6 => {
                spoil(&mut body, random);
                body.to_string()
            }
            _ => body.to_string(),
        })
    }

    /// A value that a schema allows.
    fn value(&self, schema: &Value, random: &mut StdRng) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self.document.pointer(&reference[1..]).unwrap();
            return self.value(target, random);
        }
        if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            return self.value(choices.choose(random).unwrap(), random);
        }
        if let Some(words) = schema["enum"].as_array() {
            return words.choose(random).unwrap().clone();
        }
        let kind = schema["type"]
            .as_array()
            .map_or(&schema["type"], |kinds| kinds.choose(random).unwrap());
        match kind.as_str() {
            Some("object") => {
                let fields = schema["properties"].as_object();
                let fields = fields.into_iter().flatten();
                let made = fields.map(|(name, field)| (name.clone(), self.value(field, random)));
                Value::Object(made.collect::<Map<_, _>>())
            }
            Some("array") => {
                let count = random.random_range(0..3);
                (0..count)
                    .map(|_| self.value(&schema["items"], random))
                    .collect()
            }
            Some("integer" | "number") => json!(random.random_range(0..600)),
            Some("boolean") => json!(random.random_bool(0.5)),
            Some("string") => self.string(schema, random),
            _ => Value::Null,
        }
    }

    fn string(&self, schema: &Value, random: &mut StdRng) -> Value {
        let words = [
            "repair",
            "agent",
            "admin",
            "desk:read",
            "a good long password",
        ];
        match schema["format"].as_str() {
            Some("uuid") => json!(uuid::Uuid::from_u128(random.random())),
            Some("date-time") => json!("2026-11-21T08:00:00Z"),
            _ if random.random_bool(0.5) => json!(words.choose(random).unwrap()),
            _ => json!(self.known.choose(random).unwrap()),
        }
    }
}

/// Makes something wrong with a body.
fn spoil(body: &mut Value, random: &mut StdRng) {
    let Value::Object(fields) = body else {
        return;
    };
    let names: Vec<_> = fields.keys().cloned().collect();
    let Some(name) = names.choose(random) else {
        return;
    };
    match random.random_range(0..4) {
        0 => {
            fields.remove(name);
        }
        1 => {
            fields.insert(name.clone(), json!({ "nested": [null] }));
        }
        2 => {
            fields.insert(name.clone(), json!(-1));
        }
        _ => {
            fields.insert(name.clone(), json!(TROUBLE.choose(random).unwrap()));
        }
    }
}

/// Percent-encoded, every byte that is no letter or digit.
fn escaped(text: &str) -> String {
    let bytes = text.bytes().map(|byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    bytes.collect()
}
