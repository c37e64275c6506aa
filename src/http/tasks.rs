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
use super::tie::Tie;
use super::{Api, ProblemDocument};
use crate::id::{AgentId, TaskId};
use crate::rules::policy::{Action, Decision, Object};
use crate::store::{
    AuditEntry, CallBack, Task, TaskAction, TaskCall, TaskDetail, TaskFilter, TaskKind, TaskResult,
    TaskState, TaskStep,
};

/// Which tasks a list is of.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TaskQuery {
    /// `call_back`, `message`, `follow_up` or `relay`.
    #[param(value_type = Option<String>)]
    kind: Option<TaskKind>,
    /// `open`, `claimed` or `done`; all that are not done if nothing is said.
    #[param(value_type = Option<String>)]
    state: Option<TaskState>,
    /// Of this line.
    line: Option<String>,
    /// That this person has taken on.
    claimed_by: Option<String>,
    /// That are to be this agent's.
    assigned_to: Option<String>,
    /// Only those that were to be done by now.
    #[serde(default)]
    overdue: bool,
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
    /// `call_back`, `message` (left on the recording), `follow_up` (a caller was not content) or
    /// `relay` (for a colleague).
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
    /// The agent whose it is to be; absent: everybody's.
    assigned_to: Option<String>,
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
    pub(super) fn of(task: &Task) -> Self {
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
            assigned_to: task.assigned_to.as_ref().map(|agent| agent.0.clone()),
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
    /// `opened`, `added`, `assigned`, `claimed`, `released`, `tried`, `late`, `unread` or `done`.
    #[schema(value_type = String)]
    action: TaskAction,
    /// What came of it.
    #[schema(value_type = Option<String>)]
    result: Option<TaskResult>,
    /// In that person's words; absent if erased.
    remark: Option<String>,
    /// The agent whose it was to be from then on.
    assigned_to: Option<String>,
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
            assigned_to: step.assigned_to.map(|agent| agent.0),
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
    let overdue = query.overdue.then(|| api.now());
    let filter = TaskFilter {
        kind: query.kind,
        state: query.state,
        undone: query.state.is_none(),
        line: query.line.map(|line| storable(&line).as_str().into()),
        assigned_to: query.assigned_to.map(|agent| AgentId(storable(&agent))),
        number: None,
        claimed_by: query.claimed_by.map(|by| storable(&by)),
        due_before: query.due_before.map(|due| due.0).or(overdue),
        after: query.after.map(|Cursor(at, id)| (at, TaskId(id))),
        limit: Some(query.limit.with_next()),
    };
    let tasks = api.store.tasks(&filter).await?;
    let page = Page::of(tasks, query.limit, |task| {
        Cursor(task.opened_at, task.id.0).to_string()
    });
    Ok(Json(Page {
        items: page
            .items
            .iter()
            .filter(|task| is_shown(task, &caller))
            .map(TaskView::of)
            .collect(),
        next: page.next,
    }))
}

/// Whether whoever asks may see a task.
pub(super) fn is_shown(task: &Task, caller: &Caller) -> bool {
    caller.decide(Action::SeeCalls, object_of(task, caller)) == Decision::Allowed
}

/// A task is for everybody until it is to be somebody's, or somebody has taken it on.
fn object_of(task: &Task, caller: &Caller) -> Object {
    let whose = task.done_by.as_ref().or(task.claimed_by.as_ref());
    let is_own = match (whose, &task.assigned_to) {
        (Some(name), _) => *name == caller.name,
        (None, Some(agent)) => caller.has(agent),
        (None, None) => true,
    };
    Object::owned(is_own)
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

/// Whose it is to be.
#[derive(Deserialize, ToSchema)]
pub(super) struct Assign {
    /// The agent, by extension; `null`: everybody's.
    #[serde(default)]
    to: Option<String>,
    /// What is to be remembered of it, at most 2,000 bytes.
    #[serde(default)]
    remark: Option<String>,
}

/// Say whose a task is to be
///
/// Who had taken it on has it no more.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/assign", tag = "tasks", request_body = Assign,
    params(("id" = Uuid, Path, description = "The task")),
    responses((status = NO_CONTENT)))]
pub(super) async fn assign(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<Assign>,
) -> Result<StatusCode, ProblemDocument> {
    let to = known_agent(&api, asked.to)?;
    let (by, remark) = (&caller.name, asked.remark.as_deref());
    let now = api.now();
    api.store
        .assign_task(TaskId(id), to.as_ref(), by, remark, now)
        .await?;
    match api.store.task(TaskId(id)).await {
        Ok(task) => {
            for about in task.about {
                super::forwards::count(&api, about.call, now).await;
            }
        }
        Err(error) => tracing::warn!(%error, "how soon a matter was passed on is not counted"),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// An agent who is to do something.
fn known_agent(api: &Api, agent: Option<String>) -> Result<Option<AgentId>, ProblemDocument> {
    let agent = agent.map(AgentId);
    let site = api.site();
    let is_known = |agent: &AgentId| site.agents.contains_key(agent);
    if !agent.as_ref().is_none_or(is_known) {
        return Err(ProblemDocument::unfit("no agent has this extension"));
    }
    Ok(agent)
}

/// A call back that somebody asks for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCallBack {
    /// Who is to call back, by extension; whoever answered first if nothing is said (R123).
    #[serde(default)]
    to: Option<String>,
    /// By when, RFC 3339; as the line has it if nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<When>,
    /// What it is about, at most 2,000 bytes.
    #[serde(default)]
    remark: Option<String>,
}

/// A task that is there now.
#[derive(Serialize, ToSchema)]
pub(super) struct OpenedTask {
    /// The task.
    task: Uuid,
}

/// Have a call's caller called back
///
/// A number has one such task at a time: where it has one already, that is the answer.
#[utoipa::path(post, path = "/api/v1/calls/{id}/call-back", tag = "tasks",
    request_body = NewCallBack,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = CREATED, body = OpenedTask)))]
pub(super) async fn call_back(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<NewCallBack>,
) -> Result<(StatusCode, Json<OpenedTask>), ProblemDocument> {
    let detail = super::tie::visible(&api, &caller, Action::WriteUpCall, id, Tie::Any).await?;
    let to = known_agent(&api, asked.to)?;
    let wanted = CallBack {
        by: &caller.name,
        to: to.as_ref(),
        due_at: asked.due_at.map(|due| due.0),
        remark: asked.remark.as_deref(),
    };
    let call = detail.call.record.id;
    let task = api.store.ask_call_back(call, &wanted, api.now()).await?;
    Ok((StatusCode::CREATED, Json(OpenedTask { task: task.0 })))
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
