//! Tasks: callers to be called back (R185), messages to be heard (R184); who takes one on, tries it,
//! and what comes of it (R171).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::{PartyView, When, time};
use super::caller::Caller;
use super::calls::{Revealed, reason, storable};
use super::extract::{Body, Params, Place};
use super::page::{Cursor, Limit, Page};
use super::{Api, ProblemDocument};
use crate::id::TaskId;
use crate::rules::policy::{Action, Decision, Object};
use crate::store::{
    AuditEntry, Task, TaskAction, TaskCall, TaskDetail, TaskFilter, TaskKind, TaskResult,
    TaskState, TaskStep,
};

/// Which tasks a list is of.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TaskQuery {
    /// `call_back`, `message` or `follow_up`.
    #[param(value_type = Option<String>)]
    kind: Option<TaskKind>,
    /// `open`, `claimed` or `done`; all that are not done if nothing is said.
    #[param(value_type = Option<String>)]
    state: Option<TaskState>,
    /// Of this line.
    line: Option<String>,
    /// That this person has taken on.
    claimed_by: Option<String>,
    /// That were to be done before this moment and are not, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    due_before: Option<When>,
    /// At most so many, 1 to 500; 50 if nothing is said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
    /// Only what comes after this: `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// A task.
#[derive(Serialize, ToSchema)]
#[schema(as = Task)]
pub(super) struct TaskView {
    /// Its own id.
    id: Uuid,
    /// `call_back`, `message` or `follow_up` (a caller was not content).
    #[schema(value_type = String)]
    kind: TaskKind,
    /// `open`, `claimed` or `done`.
    #[schema(value_type = String)]
    state: TaskState,
    /// Why it was opened: the outcome of its first call.
    reason: String,
    /// The line that was called.
    line: Option<String>,
    /// Who called; absent if withheld or erased.
    caller: Option<PartyView>,
    /// How many calls it is about.
    calls: u32,
    /// When it was opened.
    #[schema(format = DateTime)]
    opened_at: String,
    /// When it is to be done.
    #[schema(format = DateTime)]
    due_at: Option<String>,
    /// Who has taken it on.
    claimed_by: Option<String>,
    /// Since when.
    #[schema(format = DateTime)]
    claimed_at: Option<String>,
    /// How often it was tried in vain.
    tries: u32,
    /// When last.
    #[schema(format = DateTime)]
    tried_at: Option<String>,
    /// Who has done it.
    done_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    done_at: Option<String>,
    /// What came of it: `reached`, `not_reached`, `refused`, `wrong_number` or `obsolete`.
    #[schema(value_type = Option<String>)]
    result: Option<TaskResult>,
}

impl TaskView {
    fn of(task: &Task) -> Self {
        Self {
            id: task.id.0,
            kind: task.kind,
            state: task.state,
            reason: task.reason.clone(),
            line: task.line.as_ref().map(ToString::to_string),
            caller: task.caller.as_ref().map(PartyView::of),
            calls: task.calls,
            opened_at: time(task.opened_at),
            due_at: task.due_at.map(time),
            claimed_by: task.claimed_by.clone(),
            claimed_at: task.claimed_at.map(time),
            tries: task.tries,
            tried_at: task.tried_at.map(time),
            done_by: task.done_by.clone(),
            done_at: task.done_at.map(time),
            result: task.result,
        }
    }
}

/// A task with its calls and what was done about it.
#[derive(Serialize, ToSchema)]
#[schema(as = TaskDetail)]
pub(super) struct TaskDetailView {
    /// The task.
    #[serde(flatten)]
    task: TaskView,
    /// Its calls, the first before the others.
    about: Vec<TaskCallView>,
    /// What was done about it, in order.
    steps: Vec<TaskStepView>,
}

/// A call that a task is about.
#[derive(Serialize, ToSchema)]
#[schema(as = TaskCall)]
struct TaskCallView {
    /// Which.
    call: Uuid,
    /// When it ended.
    #[schema(format = DateTime)]
    at: String,
    /// How.
    reason: String,
    /// Where in its recording the message begins, in milliseconds.
    start_ms: Option<u64>,
    /// How long the message is.
    length_ms: Option<u64>,
}

impl From<TaskCall> for TaskCallView {
    fn from(call: TaskCall) -> Self {
        Self {
            call: call.call.0,
            at: time(call.at),
            reason: call.reason,
            start_ms: call.start_ms,
            length_ms: call.length_ms,
        }
    }
}

/// What somebody has done about a task.
#[derive(Serialize, ToSchema)]
#[schema(as = TaskStep)]
struct TaskStepView {
    /// From 1.
    n: u32,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Who.
    actor: String,
    /// `opened`, `added`, `claimed`, `released`, `tried` or `done`.
    #[schema(value_type = String)]
    action: TaskAction,
    /// What came of it.
    #[schema(value_type = Option<String>)]
    result: Option<TaskResult>,
    /// In that person's words; absent if erased.
    remark: Option<String>,
}

impl From<TaskStep> for TaskStepView {
    fn from(step: TaskStep) -> Self {
        Self {
            n: step.n,
            at: time(step.at),
            actor: step.actor,
            action: step.action,
            result: step.result,
            remark: step.remark,
        }
    }
}

/// Tasks that are not done, the one opened first before the others
///
/// Whoever may see his own only gets those that nobody has taken on, and his own: a page of his may
/// have fewer items than were asked for, and a `next` all the same.
#[utoipa::path(get, path = "/api/v1/tasks", tag = "tasks", params(TaskQuery),
    responses((status = OK, body = Page<TaskView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(query): Params<TaskQuery>,
) -> Result<Json<Page<TaskView>>, ProblemDocument> {
    let filter = TaskFilter {
        kind: query.kind,
        state: query.state,
        undone: query.state.is_none(),
        line: query.line.map(|line| storable(&line).as_str().into()),
        claimed_by: query.claimed_by.map(|by| storable(&by)),
        due_before: query.due_before.map(|due| due.0),
        after: query.after.map(|Cursor(at, id)| (at, TaskId(id))),
        limit: Some(query.limit.with_next()),
    };
    let tasks = api.store.tasks(&filter).await?;
    let page = Page::of(tasks, query.limit, |task| {
        Cursor(task.opened_at, task.id.0).to_string()
    });
    let is_shown = |task: &&Task| {
        let object = object_of(task, &caller);
        caller.decide(Action::SeeCalls, object) == Decision::Allowed
    };
    Ok(Json(Page {
        items: page
            .items
            .iter()
            .filter(is_shown)
            .map(TaskView::of)
            .collect(),
        next: page.next,
    }))
}

/// A task is for everybody until somebody has taken it on.
fn object_of(task: &Task, caller: &Caller) -> Object {
    let whose = task.done_by.as_ref().or(task.claimed_by.as_ref());
    Object::owned(whose.is_none_or(|name| *name == caller.name))
}

/// A task that the one who asks may do this with.
async fn visible(
    api: &Api,
    caller: &Caller,
    action: Action,
    id: Uuid,
) -> Result<TaskDetail, ProblemDocument> {
    let detail = api.store.task(TaskId(id)).await?;
    caller.may(action, object_of(&detail.task, caller))?;
    Ok(detail)
}

/// A task, its calls, and what was done about it
#[utoipa::path(get, path = "/api/v1/tasks/{id}", tag = "tasks",
    params(("id" = Uuid, Path, description = "The task")),
    responses((status = OK, body = TaskDetailView)))]
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<TaskDetailView>, ProblemDocument> {
    let detail = visible(&api, &caller, Action::SeeCalls, id).await?;
    Ok(Json(TaskDetailView {
        task: TaskView::of(&detail.task),
        about: detail.about.into_iter().map(Into::into).collect(),
        steps: detail.steps.into_iter().map(Into::into).collect(),
    }))
}

/// Take a task on that nobody has
#[utoipa::path(post, path = "/api/v1/tasks/{id}/claim", tag = "tasks",
    params(("id" = Uuid, Path, description = "The task")),
    responses((status = NO_CONTENT)))]
pub(super) async fn claim(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<StatusCode, ProblemDocument> {
    visible(&api, &caller, Action::WriteUpCall, id).await?;
    api.store
        .claim_task(TaskId(id), &caller.name, api.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a task back: one's own; anybody's for whoever may write up every call
#[utoipa::path(post, path = "/api/v1/tasks/{id}/release", tag = "tasks",
    params(("id" = Uuid, Path, description = "The task")),
    responses((status = NO_CONTENT)))]
pub(super) async fn release(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<StatusCode, ProblemDocument> {
    visible(&api, &caller, Action::WriteUpCall, id).await?;
    api.store
        .release_task(TaskId(id), &caller.name, api.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is to be remembered of it.
#[derive(Default, Deserialize, ToSchema)]
pub(super) struct Remarked {
    /// In the person's words, at most 2,000 bytes.
    #[serde(default)]
    remark: Option<String>,
}

/// A task was tried in vain, and is to be tried again
#[utoipa::path(post, path = "/api/v1/tasks/{id}/try", tag = "tasks", request_body = Remarked,
    params(("id" = Uuid, Path, description = "The task")),
    responses((status = NO_CONTENT)))]
pub(super) async fn tried(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(said): Body<Remarked>,
) -> Result<StatusCode, ProblemDocument> {
    visible(&api, &caller, Action::WriteUpCall, id).await?;
    let (by, remark) = (&caller.name, said.remark.as_deref());
    api.store
        .try_task(TaskId(id), by, remark, api.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How a task ended.
#[derive(Deserialize, ToSchema)]
pub(super) struct Finished {
    /// `reached`, `not_reached`, `refused`, `wrong_number` or `obsolete`.
    #[schema(value_type = String)]
    result: TaskResult,
    /// In the person's words, at most 2,000 bytes.
    #[serde(default)]
    remark: Option<String>,
}

/// A task is done
#[utoipa::path(post, path = "/api/v1/tasks/{id}/done", tag = "tasks", request_body = Finished,
    params(("id" = Uuid, Path, description = "The task")),
    responses((status = NO_CONTENT)))]
pub(super) async fn done(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(said): Body<Finished>,
) -> Result<StatusCode, ProblemDocument> {
    visible(&api, &caller, Action::WriteUpCall, id).await?;
    let (by, remark) = (&caller.name, said.remark.as_deref());
    api.store
        .finish_task(TaskId(id), by, said.result, remark, api.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What for.
#[derive(Deserialize, ToSchema)]
pub(super) struct WhatFor {
    /// It stands in the audit.
    #[schema(example = "call back")]
    reason: String,
}

/// See the number of whoever is to be called back
///
/// The audit row is durable before the number is given.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/reveal", tag = "tasks", request_body = WhatFor,
    params(("id" = Uuid, Path, description = "The task")),
    responses((status = OK, body = Revealed)))]
pub(super) async fn reveal(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<WhatFor>,
) -> Result<Json<Revealed>, ProblemDocument> {
    let detail = visible(&api, &caller, Action::RevealNumber, id).await?;
    let why = reason(&asked.reason)?;
    let party = detail.task.caller.ok_or_else(ProblemDocument::absent)?;
    let call = detail.about.last().ok_or_else(ProblemDocument::absent)?;
    let now = api.now();
    let mut entry = AuditEntry::of_recording("number.reveal", call.call, &caller.name, why, now);
    entry.detail = Some(format!("party {}, task {id}", party.id));
    api.store.audit(&entry).await?;
    Ok(Json(Revealed::of(&party)))
}
