//! Teams, the chain above an agent, and the one key that asks the next one of it (R067, R116, R275).

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::caller::Caller;
use super::calls::reason;
use super::commands::{Accepted, Answered, with_call};
use super::extract::{Perhaps, Place};
use super::page::Page;
use super::{Api, ProblemDocument, Site};
use crate::call::Escalation;
use crate::call::command::CallCommand;
use crate::id::AgentId;
use crate::rules::policy::Action;
use crate::rules::{Level, Rung, Team};

/// Somebody above.
#[derive(Serialize, ToSchema)]
#[schema(as = Rung)]
struct RungView {
    /// `shift_leader`, `supervisor`, `manager` or `director`.
    #[schema(value_type = String)]
    level: Level,
    /// The extension.
    agent: String,
    /// Who it is.
    name: String,
}

impl RungView {
    fn of(rung: &Rung, site: &Site) -> Self {
        let info = site.agents.get(&AgentId(rung.who.clone()));
        Self {
            level: rung.level,
            agent: rung.who.clone(),
            name: info.map(|info| info.name.clone()).unwrap_or_default(),
        }
    }
}

/// A team.
#[derive(Serialize, ToSchema)]
#[schema(as = Team)]
pub(super) struct TeamView {
    /// Its name.
    name: String,
    /// Its agents, by extension.
    agents: Vec<String>,
    /// Whoever is above them, the lowest first.
    chain: Vec<RungView>,
}

impl TeamView {
    fn of(team: &Team, site: &Site) -> Self {
        let chain = team.chain.iter();
        Self {
            name: team.name.clone(),
            agents: team.agents.clone(),
            chain: chain.map(|rung| RungView::of(rung, site)).collect(),
        }
    }
}

/// The teams, with whoever is above them
#[utoipa::path(get, path = "/api/v1/teams", tag = "desk",
    responses((status = OK, body = Page<TeamView>)))]
pub(super) async fn teams(State(api): State<Api>) -> Json<Page<TeamView>> {
    let site = api.site();
    let teams = site.teams.0.iter();
    Json(Page {
        items: teams.map(|team| TeamView::of(team, &site)).collect(),
        next: None,
    })
}

/// Whoever is above somebody.
#[derive(Serialize, ToSchema)]
#[schema(as = Chain)]
pub(super) struct ChainView {
    /// The team; absent if the agent is in none.
    team: Option<String>,
    /// The next one first.
    chain: Vec<RungView>,
    /// Everybody who is below, where the agent leads a team.
    below: BTreeSet<String>,
}

/// The chain of whoever is above an agent
#[utoipa::path(get, path = "/api/v1/agents/{id}/chain", tag = "desk",
    params(("id" = String, Path, description = "The extension")),
    responses((status = OK, body = ChainView)))]
pub(super) async fn chain(
    State(api): State<Api>,
    Place(id): Place<String>,
) -> Result<Json<ChainView>, ProblemDocument> {
    let site = api.site();
    if !site.agents.contains_key(&AgentId(id.clone())) {
        return Err(ProblemDocument::absent());
    }
    let above = site.teams.above(&id);
    let below = site.teams.below(&id).into_iter().map(str::to_owned);
    Ok(Json(ChainView {
        team: site.teams.of(&id).map(|team| team.name.clone()),
        chain: above.iter().map(|rung| RungView::of(rung, &site)).collect(),
        below: below.collect(),
    }))
}

/// How far up to go.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Escalate {
    /// `shift_leader`, `supervisor`, `manager` or `director`; the next one in the agent's chain if
    /// nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    level: Option<Level>,
    /// It cannot wait: levels may be skipped, and whoever is skipped is told.
    #[serde(default)]
    urgent: bool,
    /// Why.
    #[serde(default)]
    reason: Option<String>,
}

/// Ask the next one in the agent's chain into the call
///
/// Without a body the next one. A level further up is for urgent matters only (409 `skips_level`);
/// whoever is skipped is told by the event `attention` and by the webhook `call.escalated`.
#[utoipa::path(post, path = "/api/v1/calls/{id}/escalate", tag = "commands",
    request_body = Option<Escalate>,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn escalate(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Perhaps(asked): Perhaps<Escalate>,
) -> Answered {
    let why = asked.reason.as_deref().map(reason).transpose()?;
    let command = CallCommand::Escalate(Escalation {
        level: asked.level,
        urgent: asked.urgent,
        reason: why.map(str::to_owned),
    });
    with_call(&api, &caller, Action::ConductCall, id, command).await
}
