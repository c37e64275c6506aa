//! What browsers get, asked of the service as it is.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};

use super::*;

async fn ask(path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::builder().uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = serve(&request.body(Body::empty()).unwrap());
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    (parts.status, parts.headers, text)
}

const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

fn policy(headers: &HeaderMap) -> &str {
    headers["content-security-policy"].to_str().unwrap()
}

/// Threat: XSS from SIP headers.
#[tokio::test]
async fn the_page_runs_no_code_but_ours_and_each_has_a_nonce_of_its_own() {
    let (status, headers, page) = ask("/", &[BROWSER]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(headers["cache-control"], "no-store");
    let first = policy(&headers).to_owned();
    assert!(
        first.starts_with("default-src 'self'; object-src 'none'"),
        "{first}"
    );
    assert!(!first.contains("unsafe"), "{first}");
    let (_, nonce) = first.split_once("style-src 'self' 'nonce-").unwrap();
    let nonce = nonce.trim_end_matches('\'');
    assert!(nonce.len() >= 22, "{nonce}");
    assert!(!page.contains("CSP_NONCE"), "{page}");
    // The page that explains has no styles, and so no nonce.
    assert!(
        page.contains(nonce) || page.contains("setup-dev.sh"),
        "{page}"
    );
    let (_, headers, _) = ask("/", &[BROWSER]).await;
    assert_ne!(policy(&headers), first);
}

#[tokio::test]
async fn paths_of_screens_are_the_page_and_others_are_not_there() {
    let (status, _, page) = ask("/admin/users?x=1", &[BROWSER]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("<html"), "{page}");
    let absent = [
        ("/admin/users", ("accept", "application/json")),
        ("/assets/gone-1a2b.js", BROWSER),
        ("/api/v2/calls", BROWSER),
        ("/api", BROWSER),
    ];
    for (path, accept) in absent {
        assert_eq!(
            ask(path, &[accept]).await.0,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let post = Request::post("/").body(Body::empty()).unwrap();
    assert_eq!(serve(&post).status(), StatusCode::NOT_FOUND);
}

/// Threat: path traversal.
#[tokio::test]
async fn nothing_but_the_embedded_files_is_served() {
    for path in [
        "/../Cargo.toml",
        "/assets/../../../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "//etc/passwd",
    ] {
        let (status, _, text) = ask(path, &[]).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}: {text}");
    }
}

/// What is embedded depends on whether Node was there when this was built.
#[tokio::test]
async fn hashed_files_are_kept_for_ever_and_the_packed_ones_are_served_as_what_they_are() {
    let (_, _, page) = ask("/", &[BROWSER]).await;
    let Some((_, rest)) = page.split_once("src=\"/assets/") else {
        assert!(
            page.contains("setup-dev.sh"),
            "neither the console nor the page that explains"
        );
        return;
    };
    let path = format!("/assets/{}", rest.split('"').next().unwrap());
    let (status, headers, plain) = ask(&path, &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        headers["cache-control"],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(headers["content-type"], "text/javascript");
    assert!(headers.get("content-encoding").is_none());
    let (_, packed, bytes) = ask(&path, &[("accept-encoding", "br, gzip;q=0.5")]).await;
    assert_eq!(packed["content-encoding"], "gzip");
    assert_eq!(packed["content-type"], "text/javascript");
    assert!(bytes.len() < plain.len());
    let tag = packed["etag"].to_str().unwrap();
    let same = [("accept-encoding", "gzip"), ("if-none-match", tag)];
    assert_eq!(ask(&path, &same).await.0, StatusCode::NOT_MODIFIED);
    let (_, refused, _) = ask(&path, &[("accept-encoding", "gzip;q=0, br")]).await;
    assert!(refused.get("content-encoding").is_none());
    assert_eq!(
        ask(&format!("{path}.gz"), &[]).await.0,
        StatusCode::NOT_FOUND
    );
}
