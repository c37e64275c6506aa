//! Lines, queues, agents and prompts that are set up by the API.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use thirdring::rules::{Role, SetupKind};

use crate::fixture::Database;
use crate::site::{Office, Reply, Visitor, redacted};

async fn admin(office: &Office) -> Visitor<'_> {
    office.user("wang.fang", &[Role::Admin], None).await;
    office.token("wang.fang").await
}

async fn put(visitor: &Visitor<'_>, path: &str, document: Value, base: Option<u32>) -> Reply {
    let body = json!({ "document": document, "reason": "新号码" });
    let visitor = match base {
        Some(version) => visitor.clone().with("if-match", &format!("\"{version}\"")),
        None => visitor.clone(),
    };
    visitor.send(Method::PUT, path, Some(&body)).await
}

fn sales() -> Value {
    json!({ "numbers": ["4007654321"], "agents": ["1002"] })
}

/// Each change is a version, and none goes over what its author has not seen.
pub(crate) async fn versions(database: Database) {
    let office = Office::on(&database).await;
    let admin = admin(&office).await;
    let sales_line = "/api/v1/setup/line/sales";
    let made = put(&admin, sales_line, sales(), None).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    assert_eq!(made.header("etag"), "\"1\"");
    insta::assert_json_snapshot!("setup_section", redacted(made.json(), &["at"]));

    // It is there: whoever changes it says what was seen.
    put(&admin, sales_line, sales(), None).await.is_problem(428);
    let other = json!({ "numbers": ["4007654322"], "agents": ["1002"] });
    let changed = put(&admin, sales_line, other.clone(), Some(1)).await;
    assert_eq!(changed.header("etag"), "\"2\"", "{}", changed.text());
    put(&admin, sales_line, sales(), Some(1))
        .await
        .is_problem(412);

    // What the file says is version 0, and goes the same way.
    let hotline = "/api/v1/setup/line/hotline";
    assert_eq!(admin.get(hotline).await.header("etag"), "\"0\"");
    let document = json!({ "numbers": ["4001234567"], "agents": ["1001"] });
    let changed = put(&admin, hotline, document, Some(0)).await;
    assert_eq!(changed.json()["version"], 1);

    let out = admin.clone().with("if-match", "\"2\"");
    let gone = out.delete(&format!("{sales_line}?reason=x")).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text());
    admin.get(sales_line).await.is_problem(404);
    let again = json!({ "version": 2, "reason": "还要" });
    let again = admin.post(&format!("{sales_line}/restore"), &again).await;
    assert_eq!(again.json()["version"], 4, "{}", again.text());
    assert_eq!(again.json()["document"]["numbers"], other["numbers"]);

    let versions = admin.get(&format!("{sales_line}/versions")).await.json();
    let told = versions["items"].as_array().unwrap().iter();
    let told: Vec<_> = told
        .map(|one| (one["version"].clone(), one["document"].is_null()))
        .collect();
    let expected = [(4, false), (3, true), (2, false), (1, false)];
    assert_eq!(
        told,
        expected.map(|(version, is_out)| (json!(version), is_out))
    );

    let state = admin.get("/api/v1/setup").await.json();
    insta::assert_json_snapshot!("setup_state", redacted(state, &["since"]));
    let audit = office.store.audit_page(None, None, 10).await.unwrap();
    let audit: Vec<_> = audit
        .iter()
        .map(|entry| (entry.action.as_str(), entry.detail.clone().unwrap()))
        .collect();
    let expected = [
        ("setup.put", "line sales, version 4"),
        ("setup.remove", "line sales, version 3"),
        ("setup.put", "line hotline, version 1"),
        ("setup.put", "line sales, version 2"),
        ("setup.put", "line sales, version 1"),
    ];
    assert_eq!(
        audit,
        expected.map(|(action, detail)| (action, detail.to_owned()))
    );
}

/// What does not fit is refused with everything that is wrong, and nothing is taken.
pub(crate) async fn refused(database: Database) {
    let office = Office::on(&database).await;
    let admin = admin(&office).await;
    let bad = json!({ "numbers": ["4001234567"], "agents": ["1009"], "notice": "none.wav" });
    let wrong = put(&admin, "/api/v1/setup/line/sales", bad.clone(), None).await;
    wrong.is_problem(422);
    insta::assert_json_snapshot!("setup_unfit", wrong.json());
    let trial = json!({ "kind": "line", "name": "sales", "document": bad });
    admin
        .post("/api/v1/setup/check", &trial)
        .await
        .is_problem(422);
    let fits = json!({ "kind": "line", "name": "sales", "document": sales() });
    let fits = admin.post("/api/v1/setup/check", &fits).await;
    assert_eq!(fits.status, StatusCode::NO_CONTENT, "{}", fits.text());

    for (path, document) in [
        // Others name them.
        ("line/hotline", json!({ "numbers": ["1"], "agents": [] })),
        ("line/x", json!({ "nunbers": ["1"], "agents": ["1001"] })),
        (
            "line/x",
            json!({ "name": "y", "numbers": ["1"], "agents": ["1001"] }),
        ),
        (
            "line/x",
            json!({ "numbers": ["4009"], "agents": ["1001"], "notice": "a\u{0}.wav" }),
        ),
        (
            "line/x",
            json!({ "numbers": ["4009"], "agents": ["1001"], "notice": "../../x.wav" }),
        ),
        // No file of the machine is read that the file's own calendars do not name.
        (
            "calendar/x",
            json!({ "hours": ["mon-fri 09:00-18:00"], "holidays": "/etc" }),
        ),
        ("agent/1003", json!({ "name": "nobody" })),
        ("queue/hotline", json!({ "agents": ["1001"] })),
    ] {
        let base = (path == "line/hotline").then_some(0);
        let refused = put(&admin, &format!("/api/v1/setup/{path}"), document, base).await;
        refused.is_problem(422);
        assert_ne!(refused.json()["faults"], Value::Null, "{path}");
    }
    let used = admin.clone().with("if-match", "\"0\"");
    used.delete("/api/v1/setup/agent/1001")
        .await
        .is_problem(422);
    admin.get("/api/v1/setup/trunk").await.is_problem(404);
    assert_eq!(office.store.setup_revision().await.unwrap(), 0);
}

/// Threat: a phone's password is shown to nobody, and is not kept.
pub(crate) async fn passwords(database: Database) {
    let office = Office::on(&database).await;
    let admin = admin(&office).await;
    let path = "/api/v1/setup/agent/1003";
    let new = json!({ "name": "赵敏", "password": "open sesame" });
    let made = put(&admin, path, new, None).await;
    assert_eq!(
        made.json()["document"]["has_password"],
        true,
        "{}",
        made.text()
    );
    // Who writes back what was read changes no password.
    let mut read = admin.get(path).await.json()["document"].clone();
    read["name"] = json!("赵敏敏");
    put(&admin, path, read, Some(1)).await;
    let kept = office
        .store
        .setup_versions(SetupKind::Agent, "1003")
        .await
        .unwrap();
    let passwords: Vec<_> = kept
        .iter()
        .map(|version| version.section.document.as_ref().unwrap()["password"].clone())
        .collect();
    assert_eq!(passwords[0], passwords[1]);
    assert!(passwords[0]["SHA-256"].is_string());
    let all = admin.get("/api/v1/setup/agent").await.text();
    let history = admin.get(&format!("{path}/versions")).await.text();
    for text in [format!("{kept:?}"), all, history, made.text()] {
        assert!(!text.contains("sesame"), "{text}");
        assert!(!text.contains("secret-100"), "{text}");
    }
}

/// Two who change different things at once that do not go together: one of them is refused.
pub(crate) async fn at_once(database: Database) {
    let office = Office::on(&database).await;
    let admin = admin(&office).await;
    let agent = json!({ "name": "赵敏", "password": "x" });
    put(&admin, "/api/v1/setup/agent/1003", agent, None).await;
    let out = admin.clone().with("if-match", "\"1\"");
    let line = json!({ "numbers": ["4007654321"], "agents": ["1003"] });
    let (gone, used) = tokio::join!(
        out.delete("/api/v1/setup/agent/1003"),
        put(&admin, "/api/v1/setup/line/sales", line, None)
    );
    let statuses = (gone.status.as_u16(), used.status.as_u16());
    assert!(matches!(statuses, (204, 422) | (422, 200)), "{statuses:?}");
}

/// Prompts are sent, listed, heard by ranges, and taken away when no line plays them.
pub(crate) async fn prompts(database: Database) {
    let office = Office::on(&database).await;
    let admin = admin(&office).await;
    let wav = wav(8000);
    let sound = admin.clone().with("content-type", "audio/wav");
    let send = async |name: &str, body: &[u8]| {
        // The router's body is made of text elsewhere; here it is bytes.
        sound
            .bytes(
                Method::PUT,
                &format!("/api/v1/prompts/{name}"),
                body.to_vec(),
            )
            .await
    };
    let taken = send("notice.wav", &wav).await;
    assert_eq!(
        taken.json(),
        json!({ "name": "notice.wav", "length_ms": 1000 })
    );
    send("notice.wav", b"RIFF, not").await.is_problem(422);
    for name in [
        "%2e%2e%2fnotice.wav",
        ".notice.wav",
        "notice.mp3",
        "a%00.wav",
    ] {
        send(name, &wav).await.is_problem(422);
    }
    let text = admin
        .send(Method::PUT, "/api/v1/prompts/x.wav", Some(&json!({})))
        .await;
    text.is_problem(415);

    let list = admin.get("/api/v1/prompts").await.json();
    assert_eq!(list["items"][0]["name"], "notice.wav");
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let heard = admin.get("/api/v1/prompts/notice.wav/audio").await;
    assert_eq!(
        (heard.header("content-type"), heard.body == wav),
        ("audio/wav", true)
    );
    let part = admin.clone().with("range", "bytes=44-47");
    let part = part.get("/api/v1/prompts/notice.wav/audio").await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.body, wav[44..48]);
    let outside = admin.clone().with("range", "bytes=999999-");
    outside
        .get("/api/v1/prompts/notice.wav/audio")
        .await
        .is_problem(416);

    let line = json!({ "numbers": ["4007654321"], "agents": ["1001"], "notice": "notice.wav" });
    put(&admin, "/api/v1/setup/line/sales", line, None).await;
    admin
        .delete("/api/v1/prompts/notice.wav")
        .await
        .is_problem(409);
    let out = admin.clone().with("if-match", "\"1\"");
    out.delete("/api/v1/setup/line/sales").await;
    let gone = admin.delete("/api/v1/prompts/notice.wav").await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text());
    admin
        .get("/api/v1/prompts/notice.wav/audio")
        .await
        .is_problem(404);
}

/// Mono PCM16 at 8 kHz, so many samples.
fn wav(samples: u32) -> Vec<u8> {
    let size = samples * 2;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + size).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    for value in [1_u16, 1] {
        wav.extend(value.to_le_bytes());
    }
    wav.extend(8000_u32.to_le_bytes());
    wav.extend(16_000_u32.to_le_bytes());
    for value in [2_u16, 16] {
        wav.extend(value.to_le_bytes());
    }
    wav.extend(b"data");
    wav.extend(size.to_le_bytes());
    for n in 0..samples {
        let level: i16 = if n % 20 < 10 { 4000 } else { -4000 };
        wav.extend(level.to_le_bytes());
    }
    wav
}
