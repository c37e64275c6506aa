//! Agents as they are now.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::extract::Place;
use super::page::Page;
use super::{Api, ProblemDocument};
use crate::switch::{AgentInView, Overview};

/// An agent now.
#[derive(Serialize, ToSchema)]
#[schema(as = Agent)]
pub(super) struct AgentView {
    /// The extension.
    id: String,
    /// Who it is.
    name: String,
    /// What the agent is doing: `offline`, `unreachable`, `ready`, `ringing`, `talking` ...
    state: String,
    /// The calls that the agent is in, or is being rung for.
    calls: Vec<Uuid>,
}

impl AgentView {
    fn of(agent: &AgentInView, api: &Api) -> Self {
        let info = api.site.agents.get(&agent.agent);
        Self {
            id: agent.agent.to_string(),
            name: info.map(|info| info.name.clone()).unwrap_or_default(),
            state: agent.state.as_str().to_owned(),
            calls: agent.calls.iter().map(|call| call.0).collect(),
        }
    }
}

/// Agents and what they are doing now
#[utoipa::path(get, path = "/api/v1/agents", tag = "desk",
    responses((status = OK, body = Page<AgentView>)))]
pub(super) async fn list(State(api): State<Api>) -> Result<Json<Page<AgentView>>, ProblemDocument> {
    let overview = overview(&api).await?;
    let agents = overview.agents.iter();
    Ok(Json(Page {
        items: agents.map(|agent| AgentView::of(agent, &api)).collect(),
        next: None,
    }))
}

/// One agent now
#[utoipa::path(get, path = "/api/v1/agents/{id}", tag = "desk",
    params(("id" = String, Path, description = "The extension")),
    responses((status = OK, body = AgentView)))]
pub(super) async fn show(
    State(api): State<Api>,
    Place(id): Place<String>,
) -> Result<Json<AgentView>, ProblemDocument> {
    let overview = overview(&api).await?;
    let agent = overview.agents.iter().find(|agent| agent.agent.0 == id);
    let agent = agent.ok_or_else(ProblemDocument::absent)?;
    Ok(Json(AgentView::of(agent, &api)))
}

/// How things stand.
pub(super) async fn overview(api: &Api) -> Result<Overview, ProblemDocument> {
    let overview = api.desk.overview().await;
    overview.ok_or_else(|| {
        ProblemDocument::new(StatusCode::SERVICE_UNAVAILABLE, "the service is stopping")
    })
}
