//! The console's page, with the policy that it is loaded under (Content Security Policy Level 3).
//!
//! Scripts and everything else come from here. Ant Design writes style elements while it runs: they
//! carry a nonce that is another one with each answer, so that no other style does anything.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::files::{PAGE, read};

/// What stands in the page where the nonce belongs.
const PLACE_OF_NONCE: &str = "CSP_NONCE";
/// What the page may load, without its styles. Sounds may be made by the page itself.
const POLICY: &str = "default-src 'self'; object-src 'none'; media-src 'self' blob:; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// The page, never kept: the next one has another nonce.
pub(super) fn answer() -> Response {
    let Some(page) = read(PAGE) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let nonce = STANDARD.encode(rand::random::<[u8; 16]>());
    let page = String::from_utf8_lossy(&page.data).replace(PLACE_OF_NONCE, &nonce);
    let policy = format!("{POLICY}; style-src 'self' 'nonce-{nonce}'");
    let mut response = page.into_response();
    let headers = response.headers_mut();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, html);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Base64 is no control character: it always fits.
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
