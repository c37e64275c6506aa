//! Calls whose matter is to be passed on and was not (R109).

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::time;
use super::caller::Caller;
use super::calls::{Whose, whose};
use super::extract::Params;
use super::page::Page;
use super::{Api, ProblemDocument};
use crate::id::{AgentId, CallId};
use crate::rules::Timestamp;
use crate::rules::policy::Action;
use crate::store::{Forwarding, Unforwarded};

/// How far back is looked: a month.
const BACK_US: i64 = 31 * 24 * 3_600_000_000;

/// How a call's matter was passed on first.
#[derive(Serialize, ToSchema)]
#[schema(as = Forwarding)]
pub(super) struct ForwardingView {
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// By what: `transfer`, `relay`, `message` or `task`.
    by: String,
    /// How long after the end of the call, in milliseconds; 0 while it went on.
    after_ms: u64,
}

impl From<Forwarding> for ForwardingView {
    fn from(forwarding: Forwarding) -> Self {
        Self {
            at: time(forwarding.at),
            by: forwarding.by,
            after_ms: forwarding.after_ms,
        }
    }
}

/// Counts how soon after the call its matter was passed on, if that was done for the first time at
/// `at`; what was passed on during the call was not waited for.
pub(super) async fn count(api: &Api, call: CallId, at: Timestamp) {
    match api.store.forwarding(call).await {
        Ok(Some(first)) if first.at == at && first.after_ms > 0 => {
            crate::metrics::matter_forwarded(&first.by, Duration::from_millis(first.after_ms));
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "how soon a matter was passed on is not counted"),
    }
}

/// A call whose matter is to be passed on and was not.
#[derive(Serialize, ToSchema)]
#[schema(as = Unforwarded)]
pub(super) struct UnforwardedView {
    /// Which.
    call: Uuid,
    /// Of which line.
    line: Option<String>,
    /// Who answered it first.
    agent: Option<String>,
    /// Since when it is over.
    #[schema(format = DateTime)]
    ended_at: String,
    /// By when it is to be passed on.
    #[schema(format = DateTime)]
    due_at: String,
    /// It should have been by now.
    is_overdue: bool,
}

impl UnforwardedView {
    fn of(open: Unforwarded, now: Timestamp) -> Self {
        Self {
            call: open.call.0,
            line: open.line.map(|line| line.0),
            agent: open.agent.map(|agent| agent.0),
            ended_at: time(open.ended_at),
            is_overdue: open.due_at < now,
            due_at: time(open.due_at),
        }
    }
}

/// Which calls.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ForwardQuery {
    /// Of calls that this agent answered.
    agent: Option<String>,
    /// Only those that should have been passed on by now.
    #[serde(default)]
    overdue: bool,
}

/// Calls of the last month whose matter is to be passed on and was not
///
/// The outcome says that it is; nobody was put through, sent the record, left a message, or given the
/// task. The one that ended first before the others.
#[utoipa::path(get, path = "/api/v1/forwards", tag = "calls", params(ForwardQuery),
    responses((status = OK, body = Page<UnforwardedView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(query): Params<ForwardQuery>,
) -> Result<Json<Page<UnforwardedView>>, ProblemDocument> {
    let among = match whose(&caller, Action::SeeCalls, query.agent.map(AgentId)) {
        Whose::Everybodys => None,
        Whose::Agents(agent) => Some(vec![agent]),
        Whose::Teams(agents) => Some(agents),
        Whose::Nobodys => return Ok(Json(Page::empty())),
    };
    let now = api.now();
    let since = Timestamp(now.0.saturating_sub(BACK_US));
    let open = api.store.unforwarded(since, among.as_deref()).await?;
    let views = open.into_iter().map(|open| UnforwardedView::of(open, now));
    Ok(Json(Page {
        items: views
            .filter(|view| view.is_overdue || !query.overdue)
            .collect(),
        next: None,
    }))
}
