//! `/metrics`, for Prometheus.

use axum::extract::State;
use axum::http::{HeaderName, header};

use super::HttpState;

/// Prometheus' text format, version 0.0.4.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn scrape(
    State(state): State<HttpState>,
) -> ([(HeaderName, &'static str); 1], String) {
    (
        [(header::CONTENT_TYPE, TEXT_FORMAT)],
        state.metrics.render(),
    )
}
