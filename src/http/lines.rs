//! Lines, their queues, and trunks, as they are now.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::agents::overview;
use super::page::Page;
use super::{Api, ProblemDocument};
use crate::queue::AgentState;

/// A line as it is set up, with what goes on there.
#[derive(Serialize, ToSchema)]
#[schema(as = Line)]
pub(super) struct LineView {
    /// Its name.
    id: String,
    /// The numbers that callers dial; a `*` at the end stands for any more digits.
    numbers: Vec<String>,
    /// Who answers.
    agents: Vec<String>,
    /// What callers ring for.
    purposes: Vec<PurposeChoice>,
    /// Calls that are open.
    calls: usize,
}

/// A purpose to choose.
#[derive(Serialize, ToSchema)]
struct PurposeChoice {
    /// Its code.
    code: String,
    /// What people call it.
    name: String,
}

/// Lines
#[utoipa::path(get, path = "/api/v1/lines", tag = "desk",
    responses((status = OK, body = Page<LineView>)))]
pub(super) async fn lines(State(api): State<Api>) -> Result<Json<Page<LineView>>, ProblemDocument> {
    let overview = overview(&api).await?;
    let lines = overview.lines.into_iter().map(|line| {
        let info = api.site.lines.get(&line.line).cloned().unwrap_or_default();
        let purposes = info.purposes.into_iter();
        LineView {
            id: line.line.0,
            numbers: info.numbers,
            agents: info.agents.into_iter().map(|agent| agent.0).collect(),
            purposes: purposes
                .map(|(code, name)| PurposeChoice { code, name })
                .collect(),
            calls: line.calls,
        }
    });
    Ok(Json(Page {
        items: lines.collect(),
        next: None,
    }))
}

/// A queue now.
#[derive(Serialize, ToSchema)]
#[schema(as = Queue)]
pub(super) struct QueueView {
    /// The line whose queue it is.
    id: String,
    /// Callers who wait for somebody.
    waiting: usize,
    /// Agents of the line, by what they are doing.
    agents: std::collections::BTreeMap<String, usize>,
    /// Agents of the line who could take a call now.
    ready: usize,
}

/// Queues now
#[utoipa::path(get, path = "/api/v1/queues", tag = "desk",
    responses((status = OK, body = Page<QueueView>)))]
pub(super) async fn queues(
    State(api): State<Api>,
) -> Result<Json<Page<QueueView>>, ProblemDocument> {
    let overview = overview(&api).await?;
    let queues = overview.lines.iter().map(|line| {
        let info = api.site.lines.get(&line.line);
        let members = info.map_or(&[][..], |info| &info.agents);
        let mut view = QueueView {
            id: line.line.to_string(),
            waiting: line.waiting,
            agents: std::collections::BTreeMap::new(),
            ready: 0,
        };
        for agent in overview
            .agents
            .iter()
            .filter(|one| members.contains(&one.agent))
        {
            *view
                .agents
                .entry(agent.state.as_str().to_owned())
                .or_default() += 1;
            view.ready += usize::from(agent.state == AgentState::Ready);
        }
        view
    });
    Ok(Json(Page {
        items: queues.collect(),
        next: None,
    }))
}

/// A trunk now.
#[derive(Serialize, ToSchema)]
#[schema(as = Trunk)]
pub(super) struct TrunkView {
    /// Its name.
    id: String,
    /// Whether calls come and go by it; absent while nobody knows.
    up: Option<bool>,
    /// Calls that it carries.
    calls: usize,
    /// How many more it may carry; absent without a bound.
    channels_free: Option<usize>,
}

/// Trunks now
#[utoipa::path(get, path = "/api/v1/trunks", tag = "desk",
    responses((status = OK, body = Page<TrunkView>)))]
pub(super) async fn trunks(
    State(api): State<Api>,
) -> Result<Json<Page<TrunkView>>, ProblemDocument> {
    let overview = overview(&api).await?;
    let trunks = overview.trunks.into_iter().map(|(id, trunk)| TrunkView {
        id: id.0,
        up: trunk.up,
        calls: trunk.calls,
        channels_free: trunk.channels_free,
    });
    Ok(Json(Page {
        items: trunks.collect(),
        next: None,
    }))
}
