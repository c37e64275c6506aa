//! What people write down about a call: notes from its first ring on (R065), the wrap-up (R029,
//! R085), and the calls that nobody has wrapped up.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::{When, time};
use super::caller::Caller;
use super::calls::{reason, storable, whose};
use super::extract::{Body, Params, Place};
use super::handling::{HandlingView, HandlingWish};
use super::page::{Cursor, Limit, Page};
use super::problem::FaultView;
use super::tie::{Tie, visible};
use super::{Api, ProblemDocument};
use crate::id::{AgentId, CallId};
use crate::queue::{AgentCommand, AgentState};
use crate::rules::policy::Action;
use crate::rules::{Fault, FieldValues, Handling, Timestamp};
use crate::store::{Note, NoteDraft, OpenWrapUp, WrapUp, WrapUpFilter, WrappedUp};
use crate::switch::Command;

/// One version of a call's note.
#[derive(Serialize, ToSchema)]
#[schema(as = Note)]
pub(super) struct NoteView {
    /// From 1; the highest counts.
    version: u32,
    /// When it was saved.
    #[schema(format = DateTime)]
    at: String,
    /// Who wrote it.
    author: String,
    /// The text; absent if it was erased.
    text: Option<String>,
    /// What was filled in of the line's form.
    #[schema(value_type = Object)]
    fields: Value,
    /// Why it was changed after the record was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<Note> for NoteView {
    fn from(note: Note) -> Self {
        Self {
            version: note.version,
            at: time(note.at),
            author: note.author,
            text: note.text,
            fields: serde_json::to_value(&note.fields).unwrap_or_default(),
            reason: note.reason,
        }
    }
}

/// What somebody has written so far.
#[derive(Deserialize, ToSchema)]
pub(super) struct Draft {
    /// The whole text.
    text: String,
    /// The line's form, as far as it is filled in.
    #[serde(default)]
    #[schema(value_type = Object)]
    fields: FieldValues,
    /// The version that the author had before him, 0 for none: if there is a later one, nothing is
    /// saved (409).
    #[serde(default)]
    base: Option<u32>,
    /// Why a record is changed that is closed already; without it nothing is saved then (409).
    #[serde(default)]
    reason: Option<String>,
}

/// The version that counts now.
#[derive(Serialize, ToSchema)]
pub(super) struct Saved {
    version: u32,
}

/// The notes of a call, every version
#[utoipa::path(get, path = "/api/v1/calls/{id}/notes", tag = "calls",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, body = Page<NoteView>)))]
pub(super) async fn notes(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<Page<NoteView>>, ProblemDocument> {
    visible(&api, &caller, Action::SeeCalls, id, Tie::Any).await?;
    let notes = api.store.notes(CallId(id)).await?;
    Ok(Json(Page {
        items: notes.into_iter().map(NoteView::from).collect(),
        next: None,
    }))
}

/// Save a note, from the first ring on
#[utoipa::path(put, path = "/api/v1/calls/{id}/note", tag = "calls", request_body = Draft,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, body = Saved)))]
pub(super) async fn save(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(draft): Body<Draft>,
) -> Result<Json<Saved>, ProblemDocument> {
    visible(&api, &caller, Action::WriteUpCall, id, Tie::Any).await?;
    storable_fields(&draft.fields)?;
    let why = draft.reason.as_deref().map(reason).transpose()?;
    let why = why.map(str::to_owned);
    let draft = NoteDraft {
        author: caller.name,
        text: draft.text,
        fields: draft.fields,
        base: draft.base,
    };
    let version = api
        .store
        .supplement_note(CallId(id), &draft, why.as_deref(), api.now())
        .await?;
    Ok(Json(Saved { version }))
}

/// What somebody says of a call when it is over.
#[derive(Deserialize, ToSchema)]
pub(super) struct Says {
    /// Why the caller rang: a code of the line's purposes.
    purpose: String,
    /// What came of it: a code of the line's outcomes.
    outcome: String,
    /// The note as it is to be; absent leaves it.
    #[serde(default)]
    note: Option<String>,
    /// The form; absent leaves it.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    fields: Option<FieldValues>,
    /// How the caller's matter is dealt with; absent leaves it (R117).
    #[serde(default)]
    handling: Option<HandlingWish>,
    /// Why something is changed that was said before; a record that is closed already is not changed
    /// without it (409).
    #[serde(default)]
    reason: Option<String>,
}

/// How far a call is wrapped up.
#[derive(Serialize, ToSchema)]
pub(super) struct WrapUpView {
    /// Purpose and outcome are said, and nothing is missing.
    complete: bool,
    /// The purpose that counts.
    purpose: Option<String>,
    /// The outcome that counts.
    outcome: Option<String>,
    /// The version of the note that counts; 0 for none.
    note: u32,
    /// How the caller's matter is dealt with.
    handling: Option<HandlingView>,
    /// The call is over and nothing was missing: what changes from now on, changes with a reason.
    closed: bool,
    /// Everything that keeps the record from being closed (R079, R093).
    missing: Vec<FaultView>,
}

impl WrapUpView {
    fn of(done: WrappedUp, missing: Vec<Fault>) -> Self {
        Self {
            complete: done.complete,
            purpose: done.purpose.map(|version| version.code),
            outcome: done.disposition.map(|version| version.code),
            note: done.note,
            handling: done.handling.as_ref().map(HandlingView::from),
            closed: done.closed,
            missing: missing.into_iter().map(FaultView::from).collect(),
        }
    }
}

/// How far a call is wrapped up
#[utoipa::path(get, path = "/api/v1/calls/{id}/wrap-up", tag = "calls",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, body = WrapUpView)))]
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<WrapUpView>, ProblemDocument> {
    visible(&api, &caller, Action::SeeCalls, id, Tie::Any).await?;
    let missing = api.store.missing(CallId(id)).await?;
    let done = api.store.wrapped_up(CallId(id)).await?;
    Ok(Json(WrapUpView::of(done, missing)))
}

/// Wrap a call up: why the caller rang, and what came of it
#[utoipa::path(put, path = "/api/v1/calls/{id}/wrap-up", tag = "calls", request_body = Says,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, body = WrapUpView)))]
pub(super) async fn wrap_up(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(says): Body<Says>,
) -> Result<Json<WrapUpView>, ProblemDocument> {
    let detail = visible(&api, &caller, Action::WriteUpCall, id, Tie::Any).await?;
    let why = says.reason.as_deref().map(reason).transpose()?;
    storable_fields(says.fields.as_ref().unwrap_or(&FieldValues::new()))?;
    let says = WrapUp {
        purpose: storable(&says.purpose),
        disposition: storable(&says.outcome),
        note: says.note,
        fields: says.fields,
        handling: says.handling.map(Handling::from),
        author: caller.name.clone(),
        reason: why.map(str::to_owned),
    };
    let done = api.store.wrap_up(CallId(id), &says, api.now()).await?;
    if done.complete {
        if detail.call.record.ended_at.is_none() {
            // It may have ended meanwhile: then whoever left it is at work after it.
            let command = Command::WrappedUp(CallId(id));
            let _ = api.desk.command(caller.actor(), command).await;
        }
        end_work_after(&api, &caller, CallId(id)).await;
    }
    Ok(Json(WrapUpView::of(done, Vec::new())))
}

/// Whoever is at work after this call has nothing more to do for it.
async fn end_work_after(api: &Api, caller: &Caller, call: CallId) {
    let agents = api.desk.board().agents;
    let at_work = agents
        .into_values()
        .filter(|agent| agent.state == AgentState::WrapUp && agent.call == Some(call));
    for agent in at_work {
        let command = Command::Agent(agent.agent, AgentCommand::EndWrapUp);
        // Its time may have been up meanwhile: then it has ended already.
        let _ = api.desk.command(caller.actor(), command).await;
    }
}

/// Postgres takes no NUL anywhere in a document.
fn storable_fields(fields: &FieldValues) -> Result<(), ProblemDocument> {
    fn has_nul(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains('\0'),
            Value::Array(items) => items.iter().any(has_nul),
            Value::Object(fields) => fields
                .iter()
                .any(|(name, value)| name.contains('\0') || has_nul(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
    let mut fields = fields.iter();
    if fields.any(|(name, value)| name.contains('\0') || has_nul(value)) {
        return Err(ProblemDocument::unfit("no text has a NUL in it"));
    }
    Ok(())
}

/// Which open wrap-ups a list is of.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OpenQuery {
    /// Of calls that ended at this moment or later, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<When>,
    /// Of calls that ended before this moment, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<When>,
    /// Of calls that this agent answered.
    agent: Option<String>,
    /// At most so many, 1 to 500; 50 if nothing is said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
    /// Only what comes after this: `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// A call that somebody still has to wrap up.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenWrapUp)]
pub(super) struct OpenView {
    /// Which call.
    call: Uuid,
    /// On which line.
    line: Option<String>,
    /// Who answered it first.
    agent: String,
    /// Since when it is over.
    #[schema(format = DateTime)]
    ended_at: String,
    /// Nobody has said why the caller rang.
    lacks_purpose: bool,
    /// Nobody has said what came of it.
    lacks_outcome: bool,
}

impl From<OpenWrapUp> for OpenView {
    fn from(open: OpenWrapUp) -> Self {
        Self {
            call: open.call.0,
            line: open.line.map(|line| line.0),
            agent: open.agent.0,
            ended_at: time(open.ended_at),
            lacks_purpose: open.lacks_purpose,
            lacks_outcome: open.lacks_disposition,
        }
    }
}

/// Calls that nobody has wrapped up, the one that ended first before the others
///
/// Whoever may see his own calls only gets these.
#[utoipa::path(get, path = "/api/v1/wrap-ups", tag = "calls", params(OpenQuery),
    responses((status = OK, body = Page<OpenView>)))]
pub(super) async fn open(
    State(api): State<Api>,
    caller: Caller,
    Params(query): Params<OpenQuery>,
) -> Result<Json<Page<OpenView>>, ProblemDocument> {
    let asked = query.agent.map(AgentId);
    let Some((agent, among)) = whose(&caller, Action::SeeCalls, asked).narrowed() else {
        return Ok(Json(Page::empty()));
    };
    let filter = WrapUpFilter {
        agent,
        among,
        from: query.from.map_or(Timestamp(i64::MIN), |from| from.0),
        before: query.to.map(|to| to.0),
        after: query.after.map(|Cursor(at, call)| (at, CallId(call))),
        limit: query.limit.with_next(),
    };
    let calls = api.store.open_wrap_ups(&filter).await?;
    let page = Page::of(calls, query.limit, |open| {
        Cursor(open.ended_at, open.call.0).to_string()
    });
    Ok(Json(Page {
        items: page.items.into_iter().map(OpenView::from).collect(),
        next: page.next,
    }))
}
