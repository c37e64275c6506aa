//! The console: a browser's screens for agents, supervisors, quality and administrators, written in
//! TypeScript in `web/`, made by `build.rs` and embedded here. It uses the public API only.
//!
//! Every path that is no file is the console's own page: its router knows what is meant.

mod files;
mod page;

use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What the console's page is answered for; everything else is not found.
pub fn serve(request: &Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::NOT_FOUND.into_response();
    }
    if let Some(file) = files::answer(path, request.headers()) {
        return file;
    }
    if is_page(path, request.headers()) {
        return page::answer();
    }
    StatusCode::NOT_FOUND.into_response()
}

/// Whether somebody who goes to this path by a browser is to see the console.
fn is_page(path: &str, headers: &axum::http::HeaderMap) -> bool {
    // A file that a build before this one had is gone, and so are typing errors in the API's paths.
    let is_elsewhere = path.starts_with("assets/") || path == "api" || path.starts_with("api/");
    let accepts = headers.get(header::ACCEPT);
    let accepts = accepts.and_then(|value| value.to_str().ok());
    !is_elsewhere && accepts.is_some_and(|types| types.contains("text/html"))
}

#[cfg(test)]
mod tests;
