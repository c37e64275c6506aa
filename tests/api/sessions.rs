//! Logging in and out, and everything that ends a session.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use insta::assert_json_snapshot;
use serde_json::json;
use thirdring::clock::Clock;
use thirdring::rules::{Role, Timestamp};

use crate::fixture::Database;
use crate::site::{Office, PASSWORD, redacted};

const SESSION: &str = "/api/v1/session";

pub(crate) async fn logs_in(database: Database) {
    let office = Office::with(&database, true).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let body = json!({ "name": "li.na", "password": PASSWORD });
    let answer = office.visitor().post(SESSION, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_json_snapshot!("logged_in", answer.json());
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-thirdring="), "{cookie}");
    for part in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    for part in ["Domain", "Max-Age", "Expires"] {
        assert!(!cookie.contains(part), "{cookie}");
    }
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'self';"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(
        answer
            .header("strict-transport-security")
            .starts_with("max-age=")
    );
    let person = office.visitor().with("cookie", &answer.cookie());
    let sessions = person.get("/api/v1/sessions").await.json();
    assert_json_snapshot!(
        "sessions",
        redacted(sessions, &["id", "created_at", "seen_at"])
    );
    assert_eq!(person.delete(SESSION).await.status, StatusCode::NO_CONTENT);
    person.get(SESSION).await.is_problem(401);
    let large = json!({ "name": "x".repeat(70_000), "password": PASSWORD });
    office.visitor().post(SESSION, &large).await.is_problem(413);
    office
        .visitor()
        .get("/api/v1/nothing")
        .await
        .is_problem(404);
    person
        .send(Method::PUT, SESSION, None)
        .await
        .is_problem(405);
}

pub(crate) async fn same_refusal(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], None).await;
    office.user("gone", &[Role::Agent], None).await;
    let disabled = thirdring::store::UserChange {
        disabled: Some(true),
        ..Default::default()
    };
    office.store.change_user("gone", &disabled).await.unwrap();
    let mut seen = Vec::new();
    for (name, password) in [
        ("li.na", "not her password"),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("na\0me", PASSWORD),
    ] {
        let before = office.passwords.proofs();
        let body = json!({ "name": name, "password": password });
        let answer = office.visitor().post(SESSION, &body).await;
        answer.is_problem(401);
        assert_eq!(answer.header("set-cookie"), "");
        assert_eq!(
            office.passwords.proofs(),
            before + 1,
            "the same work for {name:?}"
        );
        seen.push(answer.json());
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "{seen:?}");
}

pub(crate) async fn new_id(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], None).await;
    let chosen = "thirdring=AAAAAAAAAAAAAAAAAAAAAA";
    let body = json!({ "name": "li.na", "password": PASSWORD });
    let lured = office.visitor().with("cookie", chosen);
    let answer = lured.post(SESSION, &body).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_ne!(answer.cookie(), chosen);
    lured.get(SESSION).await.is_problem(401);
    // Logging in once more changes it as well, and ends the first.
    let first = office.visitor().with("cookie", &answer.cookie());
    let again = first.post(SESSION, &body).await;
    assert_ne!(again.cookie(), answer.cookie());
    let late = first.get(SESSION).await;
    late.is_problem(401);
    assert_eq!(late.header("set-cookie"), "", "the new cookie would go");
    let second = office.visitor().with("cookie", &again.cookie());
    assert_eq!(second.get(SESSION).await.status, StatusCode::OK);
}

pub(crate) async fn expires(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], None).await;
    let minutes = |count: u64| Duration::from_mins(count);
    // (begun so long ago, used so long ago, still counts)
    let cases = [
        (minutes(29), minutes(29), true),
        (minutes(31), minutes(31), false),
        (minutes(12 * 60 - 1), minutes(1), true),
        (minutes(12 * 60 + 1), minutes(1), false),
    ];
    for (begun, seen, counts) in cases {
        let person = office.log_in("li.na").await;
        let ago = |time: Duration| {
            let now = Clock.wall();
            Timestamp(now.0 - i64::try_from(time.as_micros()).unwrap())
        };
        let all = office
            .store
            .sessions_of("li.na", Timestamp(0), Timestamp(0))
            .await;
        let session = all.unwrap().pop().unwrap();
        office.store.end_session(&session.secret).await.unwrap();
        let aged = thirdring::store::StoredSession {
            created_at: ago(begun),
            seen_at: ago(seen),
            ..session
        };
        office.store.keep_session(&aged).await.unwrap();
        let answer = person.get(SESSION).await;
        assert_eq!(
            answer.status == StatusCode::OK,
            counts,
            "{begun:?} {seen:?}"
        );
        office.store.end_session(&aged.secret).await.unwrap();
    }
}

pub(crate) async fn revoked(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], None).await;
    let (here, there) = (office.log_in("li.na").await, office.log_in("li.na").await);
    let sessions = here.get("/api/v1/sessions").await.json();
    let other = sessions["items"].as_array().unwrap().iter();
    let other = other.filter(|session| session["current"] == false);
    let ids: Vec<_> = other
        .map(|session| session["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 1, "{sessions}");
    let ended = here.delete(&format!("/api/v1/sessions/{}", ids[0])).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    there.get(SESSION).await.is_problem(401);
    assert_eq!(here.get(SESSION).await.status, StatusCode::OK);
}

pub(crate) async fn password_change(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], None).await;
    let (here, there) = (office.log_in("li.na").await, office.log_in("li.na").await);
    let change = |old: &str, new: &str| json!({ "old": old, "new": new });
    let path = "/api/v1/account/password";
    let wrong = change("not her password", "another password");
    here.send(Method::PUT, path, Some(&wrong))
        .await
        .is_problem(422);
    let short = change(PASSWORD, "short");
    here.send(Method::PUT, path, Some(&short))
        .await
        .is_problem(422);
    let right = change(PASSWORD, "another password");
    let changed = here.send(Method::PUT, path, Some(&right)).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.text());
    here.get(SESSION).await.is_problem(401);
    there.get(SESSION).await.is_problem(401);
    let body = json!({ "name": "li.na", "password": "another password" });
    assert_eq!(
        office.visitor().post(SESSION, &body).await.status,
        StatusCode::OK
    );
}

pub(crate) async fn throttled(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], None).await;
    let body = json!({ "name": "li.na", "password": "a wrong password" });
    // Whoever guesses one name's password from one address ...
    let mut refused = 0;
    for _ in 0..40 {
        let answer = office.visitor().post(SESSION, &body).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            answer.is_problem(429);
            assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
            refused += 1;
        }
    }
    assert!(refused > 0, "one name may be tried for ever");
    // ... does not keep the owner out at another.
    let own = json!({ "name": "li.na", "password": PASSWORD });
    let elsewhere = office.visitor().from([198, 51, 100, 1]);
    assert_eq!(elsewhere.post(SESSION, &own).await.status, StatusCode::OK);
    // One address has a bound whatever is tried; what is no name and password costs no hash.
    let mut refused = 0;
    for _ in 0..400 {
        let answer = office.visitor().post(SESSION, &json!({})).await;
        refused += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(refused > 0, "one address may try for ever");
    // Somebody else elsewhere is not kept out.
    office.user("wang", &[Role::Agent], None).await;
    let body = json!({ "name": "wang", "password": PASSWORD });
    let other = office.visitor().from([203, 0, 113, 9]);
    assert_eq!(other.post(SESSION, &body).await.status, StatusCode::OK);
}

pub(crate) async fn foreign_page(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], None).await;
    let person = office.log_in("li.na").await;
    let body = json!({ "label": "x", "scopes": [], "days": 1 });
    let tokens = "/api/v1/tokens";
    for (name, value) in [
        ("origin", "https://evil.test"),
        ("origin", "null"),
        ("origin", "https://desk.test:8443"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let lured = person.clone().with(name, value);
        let answer = lured.post(tokens, &body).await;
        answer.is_problem(403);
        assert_eq!(answer.json()["code"], "foreign_origin");
        // Looking changes nothing, and the cookie's SameSite keeps it from foreign pages.
        assert_eq!(lured.get(SESSION).await.status, StatusCode::OK);
    }
    for (name, value) in [
        ("origin", "https://desk.test"),
        ("sec-fetch-site", "same-origin"),
        ("accept", "*/*"),
    ] {
        let answer = person.clone().with(name, value).post(tokens, &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    }
    // Logging somebody in from a foreign page is no less.
    let log_in = json!({ "name": "li.na", "password": PASSWORD });
    let lured = office.visitor().with("origin", "https://evil.test");
    lured.post(SESSION, &log_in).await.is_problem(403);
}

pub(crate) async fn secrets(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], None).await;
    let body = json!({ "name": "li.na", "password": PASSWORD });
    let answer = office.visitor().post(SESSION, &body).await;
    let cookie = answer.cookie();
    let secret = cookie.split_once('=').unwrap().1;
    let all = office
        .store
        .sessions_of("li.na", Timestamp(0), Timestamp(0))
        .await;
    let kept = all.unwrap().pop().unwrap();
    assert!(!format!("{kept:?}").contains(secret), "{kept:?}");
    let user = office.store.user("li.na").await.unwrap().unwrap();
    assert!(user.password.starts_with("$argon2id$"));
    assert!(!kept.data.contains(&user.password));
    assert!(!kept.data.contains(PASSWORD));
}

/// Behind a proxy the audit, the rate limits and the cookie go by who really asks; what anybody else
/// says of himself is not believed.
pub(crate) async fn behind_a_proxy(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let body = json!({ "name": "li.na", "password": PASSWORD });
    let by_way = |from: [u8; 4]| {
        let visitor = office.visitor().from(from);
        let visitor = visitor.with("x-forwarded-for", "1.2.3.4, 192.0.2.7");
        visitor.with("x-forwarded-proto", "https")
    };
    let proxied = by_way([10, 0, 0, 2]);
    let answer = proxied.post("/api/v1/session", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-thirdring="), "{cookie}");
    assert!(cookie.contains("; Secure"), "{cookie}");
    assert_eq!(
        answer.header("strict-transport-security"),
        "max-age=31536000"
    );
    let person = by_way([10, 0, 0, 2]).with("cookie", &answer.cookie());
    let sessions = person.get("/api/v1/sessions").await.json();
    assert_eq!(sessions["items"][0]["source"], "192.0.2.7", "{sessions}");
    // A cookie that did not come by HTTPS is not the session's.
    let bare = answer.cookie().replace("__Host-", "");
    let other = by_way([10, 0, 0, 2]).with("cookie", &bare);
    other.get("/api/v1/session").await.is_problem(401);
    assert_eq!(
        person.delete("/api/v1/session").await.status,
        StatusCode::NO_CONTENT
    );

    let stranger = by_way([203, 0, 113, 9]);
    let answer = stranger.post("/api/v1/session", &body).await;
    assert!(answer.cookie().starts_with("thirdring="), "{answer:?}");
    let person = stranger.with("cookie", &answer.cookie());
    let sessions = person.get("/api/v1/sessions").await.json();
    assert_eq!(sessions["items"][0]["source"], "203.0.113.9", "{sessions}");
    let twice = by_way([10, 0, 0, 2]).with("forwarded", "for=1.2.3.4");
    twice.post("/api/v1/session", &body).await.is_problem(400);
}
