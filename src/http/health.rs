//! `/healthz` (the process lives) and `/readyz` (it can take calls; `degraded` if something is
//! missing that it can do without for a while).

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use super::{HttpState, ProblemDocument};

/// How long all checks together may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Checks in the making.
pub type Checks<'a> = Pin<Box<dyn Future<Output = Vec<Check>> + Send + 'a>>;

/// Whoever knows whether the service can take calls.
pub trait Readiness: Send + Sync + 'static {
    /// Looks at everything that a call needs.
    fn checks(&self) -> Checks<'_>;
}

/// One thing that a call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// What: `database`, `listener`, `recordings`. Why it is not ready belongs in the log.
    pub name: &'static str,
    /// Whether it is there.
    pub ready: bool,
    /// Whether calls are refused without it.
    pub vital: bool,
}

#[derive(Serialize)]
pub(super) struct Ready {
    status: &'static str,
    checks: BTreeMap<&'static str, bool>,
}

pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

pub(super) async fn readyz(State(state): State<HttpState>) -> Result<Json<Ready>, ProblemDocument> {
    let checks = tokio::time::timeout(PATIENCE, state.readiness.checks()).await;
    let Ok(checks) = checks else {
        return Err(not_ready("the checks took too long", Vec::new()));
    };
    let failed = checks.iter().filter(|check| !check.ready && check.vital);
    let failed: Vec<_> = failed.map(|check| check.name).collect();
    if !failed.is_empty() {
        let detail = "calls cannot be taken now; the log says why";
        return Err(not_ready(detail, failed));
    }
    let whole = checks.iter().all(|check| check.ready);
    Ok(Json(Ready {
        status: if whole { "ready" } else { "degraded" },
        checks: checks
            .iter()
            .map(|check| (check.name, check.ready))
            .collect(),
    }))
}

fn not_ready(detail: &str, failed: Vec<&'static str>) -> ProblemDocument {
    ProblemDocument {
        failed,
        ..ProblemDocument::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }
}
