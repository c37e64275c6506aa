//! Tokens of programs.

use axum::http::StatusCode;
use insta::assert_json_snapshot;
use serde_json::json;
use thirdring::rules::{Role, Scope};

use crate::fixture::Database;
use crate::site::{Office, redacted};

const TOKENS: &str = "/api/v1/tokens";

pub(crate) async fn lifecycle(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let person = office.log_in("li.na").await;
    let body = json!({ "label": "wallboard", "scopes": ["desk:read", "calls:read"], "days": 30 });
    let made = person.post(TOKENS, &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let changing = [
        "id",
        "token",
        "created_at",
        "expires_at",
        "used_at",
        "revoked_at",
    ];
    assert_json_snapshot!("token_made", redacted(made.json(), &changing));
    let secret = made.json()["token"].as_str().unwrap().to_owned();
    let program = office
        .visitor()
        .with("authorization", &format!("Bearer {secret}"));
    assert_json_snapshot!("token_account", program.get("/api/v1/session").await.json());
    // It makes no tokens of its own, and is shown no more.
    program.post(TOKENS, &body).await.is_problem(403);
    let listed = person.get(TOKENS).await;
    assert!(!listed.text().contains(&secret));
    assert_json_snapshot!("tokens", redacted(listed.json(), &changing));
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("{TOKENS}/{id}");
    assert_eq!(person.delete(&path).await.status, StatusCode::NO_CONTENT);
    program.get("/api/v1/session").await.is_problem(401);
    person.delete(&path).await.is_problem(404);
    for body in [
        json!({ "label": "", "scopes": [], "days": 30 }),
        json!({ "label": "x", "scopes": [], "days": 0 }),
        json!({ "label": "x", "scopes": [], "days": 367 }),
        json!({ "label": "x", "scopes": ["everything"], "days": 1 }),
    ] {
        person.post(TOKENS, &body).await.is_problem(422);
    }
    for value in ["Bearer x", "Bearer", "Basic eDp5", ""] {
        let nobody = office.visitor().with("authorization", value);
        nobody.get("/api/v1/session").await.is_problem(401);
    }
}

pub(crate) async fn scopes(database: Database) {
    let office = Office::on(&database).await;
    office.user("boss", &[Role::Manager], None).await;
    let narrow = office.token_for("boss", &[Scope::DeskRead]).await;
    assert_eq!(narrow.get("/api/v1/queues").await.status, StatusCode::OK);
    for path in [
        "/api/v1/calls",
        "/api/v1/audit",
        "/api/v1/recordings",
        "/api/v1/users",
    ] {
        narrow.get(path).await.is_problem(403);
    }
    let wide = office.token("boss").await;
    assert_eq!(wide.get("/api/v1/audit").await.status, StatusCode::OK);
}
