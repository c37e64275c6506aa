//! Keeping users, over the API and by the command line.

use std::process::{Command, Output, Stdio};

use axum::http::{Method, StatusCode};
use insta::assert_json_snapshot;
use serde_json::json;
use thirdring::rules::Role;

use crate::fixture::Database;
use crate::site::{Office, PASSWORD, redacted};

const USERS: &str = "/api/v1/users";

pub(crate) async fn kept(database: Database) {
    let office = Office::on(&database).await;
    office.user("root", &[Role::Admin], None).await;
    let admin = office.token("root").await;
    let body = json!({
        "name": "li.na", "password": PASSWORD, "roles": ["agent", "qa"], "extension": "1001",
    });
    let added = admin.post(USERS, &body).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text());
    let changing = ["created_at", "password_at"];
    assert_json_snapshot!("user_added", redacted(added.json(), &changing));
    admin.post(USERS, &body).await.is_problem(409);
    for (key, value) in [
        ("name", json!("")),
        ("name", json!("a b")),
        ("name", json!("a\u{0}b")),
        ("password", json!("short")),
        ("roles", json!([])),
        ("roles", json!(["king"])),
        ("extension", json!("9999")),
    ] {
        let mut wrong = body.clone();
        wrong["name"] = json!("somebody");
        wrong[key] = value;
        admin.post(USERS, &wrong).await.is_problem(422);
    }
    let person = office.log_in("li.na").await;
    let path = format!("{USERS}/li.na");
    let change = json!({ "roles": ["supervisor"], "extension": null });
    let changed = admin.send(Method::PATCH, &path, Some(&change)).await;
    assert_json_snapshot!("user_changed", redacted(changed.json(), &changing));
    // Other roles count at once.
    assert_eq!(person.get("/api/v1/trunks").await.status, StatusCode::OK);
    let disable = json!({ "disabled": true });
    let disabled = admin.send(Method::PATCH, &path, Some(&disable)).await;
    assert_eq!(disabled.status, StatusCode::OK);
    person.get("/api/v1/session").await.is_problem(401);
    admin.get(&format!("{USERS}/nobody")).await.is_problem(404);
    let listed = admin.get(USERS).await;
    assert!(!listed.text().contains("argon2"), "{}", listed.text());
    let audit = admin.get("/api/v1/audit").await.json();
    assert_json_snapshot!("users_audited", redacted(audit, &["id", "at"]));
}

pub(crate) async fn commands(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("thirdring.toml");
    let config = format!(
        "[[sip.listener]]\naddress = \"127.0.0.1:5060\"\ndigest = [\"md5\"]\n[media]\n\
         address = \"127.0.0.1\"\nallow_loopback = true\n[database]\nurl = {:?}\n\
         [[agent]]\nextension = \"1001\"\npassword = \"pw\"\n",
        database.url
    );
    std::fs::write(&file, config).unwrap();
    let run = async |arguments: &'static [&str], input: &'static str| {
        let file = file.clone();
        let run = move || thirdring(&file, arguments, input);
        tokio::task::spawn_blocking(run).await.unwrap()
    };
    let add = [
        "user",
        "add",
        "li.na",
        "--role",
        "agent",
        "--extension",
        "1001",
        "--stdin",
    ];
    let added = run(&["user", "add", "root", "--role", "admin"], "").await;
    let (_, made) = added.trim().rsplit_once(": ").unwrap();
    assert_eq!(made.len(), 16, "{added}");
    let add: &'static [&str] = Box::leak(Box::new(add));
    run(add, "correct horse battery\n").await;
    let office = Office::on(&database).await;
    let person = office.log_in("li.na").await;
    let listed = run(&["user", "list"], "").await;
    for word in ["li.na", "root", "admin", "1001"] {
        assert!(listed.contains(word), "{listed}");
    }
    assert!(
        !run(&["user", "list", "--json"], "")
            .await
            .contains("argon2")
    );
    let arguments = &[
        "token",
        "add",
        "li.na",
        "--label",
        "overview",
        "--scope",
        "desk:read",
    ];
    let made = run(arguments, "").await;
    let (_, secret) = made.trim().rsplit_once(": ").unwrap();
    let program = office
        .visitor()
        .with("authorization", &format!("Bearer {secret}"));
    assert_eq!(program.get("/api/v1/queues").await.status, StatusCode::OK);
    let tokens = office.store.tokens_of(Some("li.na")).await.unwrap();
    let revoke: &'static [String; 1] = Box::leak(Box::new([tokens[0].id.to_string()]));
    let revoke = Box::leak(Box::new(["token", "revoke", revoke[0].as_str()]));
    run(revoke, "").await;
    program.get("/api/v1/queues").await.is_problem(401);
    // What is done beside the service counts there at once.
    run(&["user", "role", "li.na", "ops"], "").await;
    person.get("/api/v1/agents").await.is_problem(403);
    run(&["user", "disable", "li.na"], "").await;
    person.get("/api/v1/session").await.is_problem(401);
    run(&["user", "enable", "li.na"], "").await;
    run(
        &["user", "password", "li.na", "--stdin"],
        "another password\n",
    )
    .await;
    let body = json!({ "name": "li.na", "password": "another password" });
    let answer = office.visitor().post("/api/v1/session", &body).await;
    assert_eq!(answer.status, StatusCode::OK);
    let actions: Vec<_> = office.store.audited(None, 50).await.unwrap();
    let actions: Vec<_> = actions.iter().map(|entry| entry.action.as_str()).collect();
    for action in [
        "user.add",
        "token.add",
        "token.revoke",
        "user.role",
        "user.disable",
    ] {
        assert!(actions.contains(&action), "{actions:?}");
    }
}

/// What the program prints.
fn thirdring(config: &std::path::Path, arguments: &[&str], input: &str) -> String {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_thirdring"))
        .args(arguments)
        .arg("--config")
        .arg(config)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{arguments:?}: {error}");
    String::from_utf8(stdout).unwrap()
}
