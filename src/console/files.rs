//! The embedded files, with what browsers may keep of them.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

/// What the build left: `index.html`, `icon.svg`, and `assets/` with a hash in each name.
#[derive(RustEmbed)]
#[folder = "$OUT_DIR/console"]
struct Files;

/// The page that all others are loaded by.
pub(super) const PAGE: &str = "index.html";
/// A file with a hash in its name is never another one: a year, as long as there is.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Any other is asked for again, and answered by 304 if it is the same.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The file's bytes.
pub(super) fn read(path: &str) -> Option<EmbeddedFile> {
    Files::get(path)
}

/// The answer with a file, if there is one; the page itself is not among them.
pub(super) fn answer(path: &str, headers: &HeaderMap) -> Option<Response> {
    if path == PAGE || path.rsplit_once('.').is_none_or(|(_, kind)| kind == "gz") {
        return None;
    }
    let plain = read(path)?;
    let packed = accepts_gzip(headers).then(|| read(&format!("{path}.gz")));
    let packed = packed.flatten();
    let is_packed = packed.is_some();
    let kind = HeaderValue::from_str(plain.metadata.mimetype()).ok()?;
    let file = packed.unwrap_or(plain);
    let tag =
        HeaderValue::from_str(&format!("\"{}\"", hex::encode(file.metadata.sha256_hash()))).ok()?;
    let known = headers.get(header::IF_NONE_MATCH);
    let mut response = if known == Some(&tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data).into_response()
    };
    let told = response.headers_mut();
    told.insert(header::CONTENT_TYPE, kind);
    told.insert(header::ETAG, tag);
    told.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let keep = if path.starts_with("assets/") {
        FOR_EVER
    } else {
        ASK_AGAIN
    };
    told.insert(header::CACHE_CONTROL, keep);
    if is_packed {
        told.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Some(response)
}

/// Whether the browser takes gzip (RFC 9110 §12.5.3).
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let is_refused = parts.any(|weight| {
            let weight = weight
                .strip_prefix("q=")
                .or_else(|| weight.strip_prefix("Q="));
            weight.is_some_and(|weight| weight.parse() == Ok(0.0_f32))
        });
        is_gzip && !is_refused
    })
}
