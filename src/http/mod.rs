//! The HTTP interface: health, metrics, the API under `/api/v1`, and the console at `/`. Errors are
//! problem documents (RFC 9457). Who may do what is decided by [`crate::rules::policy`]; which route is for what
//! stands in [`rights`].

mod account;
mod agent_state;
mod agents;
mod api;
mod area_view;
mod audit;
mod bounds;
mod breaks;
mod calendars;
mod call_list;
mod call_now;
mod call_view;
mod caller;
mod callers;
mod calls;
mod campaigns;
mod chain;
mod codes;
mod commands;
mod conduct;
mod contacts;
mod customers;
mod deliveries;
mod desk;
mod directory;
mod emergency;
mod entry_view;
mod events;
mod export;
mod extract;
mod find;
mod forwards;
mod frames;
mod guard;
mod handling;
mod health;
mod hearing;
mod idempotency;
mod incidents;
mod known;
mod lines;
mod listener;
mod login;
mod markers;
mod matters;
mod messages;
mod openapi;
mod page;
mod phones;
mod presence;
mod problem;
mod prompts;
mod proxy;
mod quality;
mod range;
mod recordings;
mod relays;
mod report_text;
mod reports;
pub mod rights;
mod scrape;
mod scripts;
mod seats;
mod session;
mod set_up;
mod setup;
mod state;
mod statistics;
mod switches;
mod tasks;
mod throttle;
mod tie;
mod timeline;
mod tokens;
mod trace;
mod users;
mod visits;
mod vitals;
mod wrap_up;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt;

use bounds::{BoundedDoor, Bounds};

pub use api::document;
pub use desk::{Desk, Soon};
pub use health::{Check, Checks, Readiness};
pub use listener::Door;
pub use phones::ListenerView;
pub use problem::ProblemDocument;
pub use state::{AgentInfo, Api, BreakInfo, LineInfo, Parts, Site};
pub use vitals::{Condition, Sign, Vitals};

use crate::metrics::Metrics;

/// What the routes need.
#[derive(Clone)]
pub struct HttpState {
    /// The process's metrics.
    pub metrics: Metrics,
    /// Whoever knows whether calls can be taken.
    pub readiness: Arc<dyn Readiness>,
}

/// Serves until `shutdown` is over and the requests begun before it are answered.
///
/// # Errors
/// The listener broke.
pub async fn serve(
    door: Door,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let door = BoundedDoor::new(door, Bounds::default());
    // Tapped, so that axum knows the peers of a door of ours.
    axum::serve(door.tap_io(|_| {}), service)
        .with_graceful_shutdown(shutdown)
        .await
}

/// All routes: those for machines, those of the API, and the console.
pub fn router(state: HttpState, api: &Api) -> Router {
    health_routes(state)
        .merge(api::routes(api))
        .fallback(elsewhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(axum::middleware::from_fn_with_state(
            api.clone(),
            guard::secure_headers,
        ))
        .layer(axum::middleware::from_fn_with_state(
            api.clone(),
            proxy::see_through,
        ))
}

fn health_routes(state: HttpState) -> Router {
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(scrape::scrape))
        .with_state(state)
}

/// What is no route is the console's: its files, and the page for every path of its own.
async fn elsewhere(request: Request) -> Response {
    let response = crate::console::serve(&request);
    match response.status() {
        StatusCode::NOT_FOUND => {
            let detail = format!("there is nothing at {}", request.uri().path());
            ProblemDocument::new(StatusCode::NOT_FOUND, detail).into_response()
        }
        _ => response,
    }
}

async fn wrong_method(uri: Uri) -> ProblemDocument {
    let detail = format!("{} does not know this method", uri.path());
    ProblemDocument::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}

#[cfg(test)]
mod tests;
