//! Lines, their queues, and trunks, as they are now.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::agents::overview;
use super::call_view::time;
use super::page::Page;
use super::{Api, ProblemDocument};
use crate::queue::AgentState;
use crate::rules::Code;
use crate::switch::{Board, Diversion, LineSwitch, QueueNow, Waiter};

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
    /// What its callers can be made to hear in an emergency, by the files' names.
    announcements: Vec<String>,
    /// Calls that are open.
    calls: usize,
    /// Its calls go elsewhere, as somebody wanted it in an emergency; absent as a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    switched: Option<SwitchedView>,
}

/// Where the calls of a line go that was switched in an emergency: to one of these.
#[derive(Serialize, ToSchema)]
#[schema(as = Switched)]
struct SwitchedView {
    /// They hear this, by its file's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    announcement: Option<String>,
    /// They go to this number.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// Who switched it.
    by: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl SwitchedView {
    fn of(turn: LineSwitch) -> Option<Self> {
        let (announcement, number) = match turn.to? {
            Diversion::Announcement(file) => (Some(file), None),
            Diversion::Number(number) => (None, Some(number)),
        };
        Some(Self {
            announcement,
            number,
            by: turn.by,
            at: time(turn.at),
            reason: turn.reason,
        })
    }
}

/// A purpose to choose.
#[derive(Serialize, ToSchema)]
struct PurposeChoice {
    /// Its code.
    code: String,
    /// What people call it.
    name: String,
    /// What people call it in English.
    name_en: Option<String>,
}

impl From<Code> for PurposeChoice {
    fn from(purpose: Code) -> Self {
        Self {
            code: purpose.code,
            name: purpose.name,
            name_en: purpose.name_en,
        }
    }
}

/// Lines
#[utoipa::path(get, path = "/api/v1/lines", tag = "desk",
    responses((status = OK, body = Page<LineView>)))]
pub(super) async fn lines(State(api): State<Api>) -> Result<Json<Page<LineView>>, ProblemDocument> {
    let overview = overview(&api).await?;
    let site = api.site();
    let lines = overview.lines.into_iter().map(|line| {
        let info = site.lines.get(&line.line).cloned().unwrap_or_default();
        let purposes = info.purposes.into_iter();
        LineView {
            id: line.line.0,
            numbers: info.numbers,
            agents: info.agents.into_iter().map(|agent| agent.0).collect(),
            purposes: purposes.map(PurposeChoice::from).collect(),
            announcements: info.announcements,
            calls: line.calls,
            switched: line.switched.and_then(SwitchedView::of),
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
    /// Its name: a line's, where the line has a queue of its own.
    id: String,
    /// Callers who wait for somebody.
    waiting: usize,
    /// They, the first to be served first.
    callers: Vec<WaiterView>,
    /// Since when the one waits who has waited for longest.
    #[schema(format = DateTime)]
    longest: Option<String>,
    /// Its agents in the order of their list.
    order: Vec<String>,
    /// Its agents, by what they are doing.
    agents: BTreeMap<String, usize>,
    /// Its agents who could take a call now.
    ready: usize,
    /// Its agents who serve callers, free or not.
    staffed: usize,
    /// How many fewer than there must be.
    missing: usize,
}

/// A caller who waits.
#[derive(Serialize, ToSchema)]
#[schema(as = Waiter)]
struct WaiterView {
    /// Which call.
    call: Uuid,
    /// The place in the queue; 1 is next.
    place: u32,
    /// How long it will be, in seconds, as far as that can be told.
    expected_s: Option<u64>,
}

impl From<&Waiter> for WaiterView {
    fn from(waiter: &Waiter) -> Self {
        Self {
            call: waiter.call.0,
            place: waiter.place,
            expected_s: waiter.expected.map(|time| time.as_secs()),
        }
    }
}

impl QueueView {
    fn of(queue: &QueueNow, board: &Board) -> Self {
        let states = queue.order.iter().filter_map(|agent| {
            let agent = board.agents.get(agent)?;
            Some(agent.state)
        });
        let mut agents = BTreeMap::<String, usize>::new();
        for state in states.clone() {
            *agents.entry(state.as_str().to_owned()).or_default() += 1;
        }
        Self {
            id: queue.queue.to_string(),
            waiting: queue.waiting.len(),
            callers: queue.waiting.iter().map(WaiterView::from).collect(),
            longest: queue.longest.map(time),
            order: queue.order.iter().map(ToString::to_string).collect(),
            agents,
            ready: states.filter(|state| *state == AgentState::Ready).count(),
            staffed: queue.staffed,
            missing: queue.missing,
        }
    }
}

/// Queues now
#[utoipa::path(get, path = "/api/v1/queues", tag = "desk",
    responses((status = OK, body = Page<QueueView>)))]
pub(super) async fn queues(State(api): State<Api>) -> Json<Page<QueueView>> {
    let board = api.desk.board();
    let queues = board.queues.values();
    Json(Page {
        items: queues.map(|queue| QueueView::of(queue, &board)).collect(),
        next: None,
    })
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
