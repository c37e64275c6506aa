//! The day's figures: kept in memory as the log goes on, read from the rows at the start, told to
//! those who follow events at most once a second.

mod follow;
pub(super) mod purposes;
mod view;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::caller::Caller;
use super::calls::storable;
use super::extract::Params;
use super::{Api, ProblemDocument};
use crate::id::{LineId, QueueId};
use crate::rules::policy::{Action, Decision, Object};

pub(super) use follow::Figures;
use view::StatisticsView;

/// Which figures.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct StatisticsQuery {
    /// Of this line only.
    line: Option<String>,
    /// Of the lines of this queue only.
    queue: Option<String>,
}

/// The day's figures, so far
///
/// Of calls that arrived since midnight in the site's time zone, by line, by queue and, for those who
/// may see everybody's calls, by agent; others see their own. An event `statistics` tells of lines and
/// queues whenever they change, at most once a second.
#[utoipa::path(get, path = "/api/v1/statistics/today", tag = "desk", params(StatisticsQuery),
    responses((status = OK, body = StatisticsView)))]
pub(super) async fn today(
    State(api): State<Api>,
    caller: Caller,
    Params(query): Params<StatisticsQuery>,
) -> Result<Json<StatisticsView>, ProblemDocument> {
    let line = query.line.map(|line| LineId(storable(&line)));
    let queue = query.queue.map(|queue| QueueId(storable(&queue)));
    let snapshot = api.figures.snapshot();
    let mut lines = snapshot.lines;
    lines.retain(|id, _| {
        let is_line = line.as_ref().is_none_or(|wanted| wanted == id);
        is_line
            && queue
                .as_ref()
                .is_none_or(|wanted| *wanted == api.queue_of(id))
    });
    let sees_all = caller.decide(Action::SeeCalls, Object::Foreign) == Decision::Allowed;
    let view = StatisticsView::of(&api, snapshot.from, snapshot.is_whole, &lines);
    Ok(Json(view.with_agents(&lines, |agent| {
        sees_all
            || caller.has(agent)
                && caller.decide(Action::SeeCalls, Object::Own) == Decision::Allowed
    })))
}
