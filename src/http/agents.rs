//! Agents as they are now.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::time;
use super::caller::Caller;
use super::extract::Place;
use super::page::Page;
use super::{Api, ProblemDocument};
use crate::queue::AgentState;
use crate::switch::{AgentInView, Board, Overview};

/// An agent now.
#[derive(Serialize, ToSchema)]
#[schema(as = Agent)]
pub(super) struct AgentView {
    /// The extension.
    id: String,
    /// Who it is; empty for wallboards, unless names are to be shown there.
    name: String,
    /// What the agent is doing: `offline`, `unreachable`, `ready`, `ringing`, `talking` ...
    state: String,
    /// The calls that the agent is in, or is being rung for.
    calls: Vec<Uuid>,
    /// Why, where somebody said so.
    reason: Option<String>,
    /// Since when.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// The break, or the absence, that was asked for and that nobody has decided on.
    asks_break: Option<String>,
    /// When it was asked for.
    #[schema(format = DateTime)]
    asked_break_at: Option<String>,
    /// The agent who stands in, or is to stand in, for one who is away.
    substitute: Option<String>,
    /// The shift that the agent logged in for.
    shift: Option<String>,
    /// The call that the work is about that follows it.
    wraps_up: Option<Uuid>,
    /// When that work ends by itself.
    #[schema(format = DateTime)]
    wrap_up_until: Option<String>,
    /// When the break should be over, where its reason has a bound.
    #[schema(format = DateTime)]
    break_until: Option<String>,
    /// The break should be over by now.
    is_overdue: bool,
}

impl AgentView {
    fn of(agent: &AgentInView, api: &Api, board: &Board, caller: &Caller) -> Self {
        let site = api.site();
        let info = site.agents.get(&agent.agent);
        let info = info.filter(|_| api.wallboard_names || !caller.is_wallboard());
        // The board may be a moment older: it says why only of the state that it knows of.
        let now = board.agents.get(&agent.agent);
        let now = now.filter(|now| now.state == agent.state);
        let is_wrapping = agent.state == AgentState::WrapUp;
        Self {
            id: agent.agent.to_string(),
            name: info.map(|info| info.name.clone()).unwrap_or_default(),
            state: agent.state.as_str().to_owned(),
            calls: agent.calls.iter().map(|call| call.0).collect(),
            reason: now.and_then(|now| now.reason.clone()),
            since: now.map(|now| time(now.since)),
            asks_break: now.and_then(|now| now.asks_break.clone()),
            asked_break_at: now.and_then(|now| now.asked_break_at).map(time),
            substitute: now.and_then(|now| Some(now.substitute.as_ref()?.0.clone())),
            shift: now.and_then(|now| now.shift.clone()),
            wraps_up: now
                .filter(|_| is_wrapping)
                .and_then(|now| Some(now.call?.0)),
            wrap_up_until: now.and_then(|now| now.wrap_up_until).map(time),
            break_until: now.and_then(|now| now.break_until).map(time),
            is_overdue: now.is_some_and(|now| now.is_overdue(api.now())),
        }
    }
}

/// Agents and what they are doing now
#[utoipa::path(get, path = "/api/v1/agents", tag = "desk",
    responses((status = OK, body = Page<AgentView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Page<AgentView>>, ProblemDocument> {
    let overview = overview(&api).await?;
    let board = api.desk.board();
    let agents = overview.agents.iter();
    Ok(Json(Page {
        items: agents
            .map(|agent| AgentView::of(agent, &api, &board, &caller))
            .collect(),
        next: None,
    }))
}

/// One agent now
#[utoipa::path(get, path = "/api/v1/agents/{id}", tag = "desk",
    params(("id" = String, Path, description = "The extension")),
    responses((status = OK, body = AgentView)))]
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<String>,
) -> Result<Json<AgentView>, ProblemDocument> {
    let overview = overview(&api).await?;
    let agent = overview.agents.iter().find(|agent| agent.agent.0 == id);
    let agent = agent.ok_or_else(ProblemDocument::absent)?;
    let board = api.desk.board();
    Ok(Json(AgentView::of(agent, &api, &board, &caller)))
}

/// How things stand.
pub(super) async fn overview(api: &Api) -> Result<Overview, ProblemDocument> {
    let overview = api.desk.overview().await;
    overview.ok_or_else(|| {
        ProblemDocument::new(StatusCode::SERVICE_UNAVAILABLE, "the service is stopping")
    })
}
