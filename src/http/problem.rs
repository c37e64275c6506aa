//! Errors of the HTTP interface as problem documents (RFC 9457).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A problem document. Its texts are ours: nothing a database or library said reaches a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProblemDocument {
    /// What kind of problem: `about:blank` means that the status says it all (§4.2.1).
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status's own phrase.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong this time, and what to do.
    pub detail: String,
    /// Names of what is not well, for `/readyz`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<&'static str>,
}

impl ProblemDocument {
    /// A problem that its status explains, with a sentence about this case.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            failed: Vec::new(),
        }
    }
}

impl IntoResponse for ProblemDocument {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let media_type = HeaderValue::from_static("application/problem+json");
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
        response
    }
}
