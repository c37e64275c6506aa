//! A call's record is sent to a department, and read there (R092).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::{CallView, time};
use super::caller::Caller;
use super::events::push;
use super::extract::{Body, Params, Place};
use super::frames::Audience;
use super::page::{Cursor, Limit, Page};
use super::tie::{Tie, visible};
use super::{Api, ProblemDocument};
use crate::id::{AgentId, CallId, EventId, LineId};
use crate::rules::policy::{Action, Object};
use crate::rules::{DirectoryEntry, EntryKind};
use crate::store::{AuditEntry, NewRelay, RecordRelay, Registered, RelayFilter};

/// A record on its way to a department.
#[derive(Serialize, ToSchema)]
#[schema(as = RecordRelay)]
pub(super) struct RelayView {
    /// Its own id.
    id: Uuid,
    /// Whose record.
    call: Uuid,
    /// The entry of the directory that it is for.
    entry: Uuid,
    /// What that entry was called then.
    entry_name: String,
    /// When it was sent.
    #[schema(format = DateTime)]
    sent_at: String,
    /// By whom.
    sent_by: String,
    /// What there is to say with it; absent if erased.
    remark: Option<String>,
    /// How long after the end of the call, in milliseconds; 0 while it went on.
    after_ms: u64,
    /// When somebody of the department was first shown it.
    #[schema(format = DateTime)]
    delivered_at: Option<String>,
    /// When somebody there read it.
    #[schema(format = DateTime)]
    read_at: Option<String>,
    /// Who.
    read_by: Option<String>,
}

impl From<RecordRelay> for RelayView {
    fn from(relay: RecordRelay) -> Self {
        Self {
            id: relay.id.0,
            call: relay.call.0,
            entry: relay.entry,
            entry_name: relay.entry_name,
            sent_at: time(relay.sent_at),
            sent_by: relay.sent_by,
            remark: relay.remark,
            after_ms: relay.after_ms,
            delivered_at: relay.delivered_at.map(time),
            read_at: relay.read_at.map(time),
            read_by: relay.read_by,
        }
    }
}

/// Where a record goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SendRecord {
    /// The entry of the directory: a department, or somebody there.
    entry: Uuid,
    /// What there is to say with it: at most 2,000 characters.
    #[serde(default)]
    remark: Option<String>,
}

/// Send a call's record to a department
///
/// Those who belong to it find it in their inbox, and may read the record, its note and its form: an
/// event `relay` tells of each turn.
#[utoipa::path(post, path = "/api/v1/calls/{id}/relay", tag = "calls", request_body = SendRecord,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = CREATED, body = RelayView)))]
pub(super) async fn send(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<SendRecord>,
) -> Result<(StatusCode, Json<RelayView>), ProblemDocument> {
    visible(&api, &caller, Action::WriteUpCall, id, Tie::Any).await?;
    let entry = api
        .store
        .registered_one::<DirectoryEntry>(asked.entry)
        .await;
    let entry = entry.map_err(|error| {
        ProblemDocument::from(error).of_what_is_named(StatusCode::UNPROCESSABLE_ENTITY)
    })?;
    let new = NewRelay {
        call: CallId(id),
        entry: entry.id,
        entry_name: &entry.document.name,
        remark: asked.remark.as_deref(),
        by: &caller.name,
    };
    let now = api.now();
    let sent = api.store.relay_record(&new, now).await?;
    super::forwards::count(&api, CallId(id), now).await;
    tell(&api, &sent, "sent");
    Ok((StatusCode::CREATED, Json(sent.into())))
}

/// Which records a list is of.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RelayQuery {
    /// For this entry of the directory.
    entry: Option<Uuid>,
    /// That nobody has read.
    #[serde(default)]
    unread: bool,
    /// Of this call.
    call: Option<Uuid>,
    /// At most so many, 1 to 500; 50 if nothing is said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
    /// Only what comes after this: `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// Records that were sent to departments, the one sent first before the others
///
/// Whoever may see his own only gets those of his departments, which are delivered by that, and those
/// that he has sent.
#[utoipa::path(get, path = "/api/v1/relays", tag = "calls", params(RelayQuery),
    responses((status = OK, body = Page<RelayView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(query): Params<RelayQuery>,
) -> Result<Json<Page<RelayView>>, ProblemDocument> {
    let inboxes = inboxes(&api, &caller).await?;
    let sees_all = caller.reaches_all(Action::SeeCalls);
    let filter = RelayFilter {
        entries: (!sees_all).then(|| inboxes.clone()),
        or_sent_by: Some(caller.name.clone()),
        entry: query.entry,
        unread: query.unread,
        call: query.call.map(CallId),
        after: query.after.map(|Cursor(at, id)| (at, EventId(id))),
        limit: query.limit.with_next(),
    };
    let relays = api.store.record_relays(&filter).await?;
    let page = Page::of(relays, query.limit, |relay| {
        Cursor(relay.sent_at, relay.id.0).to_string()
    });
    let new = page
        .items
        .iter()
        .filter(|relay| relay.delivered_at.is_none() && inboxes.contains(&relay.entry));
    let new: Vec<_> = new.map(|relay| relay.id).collect();
    api.store.relays_shown(&new, None, api.now()).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(RelayView::from).collect(),
        next: page.next,
    }))
}

/// A record as the department gets it.
#[derive(Serialize, ToSchema)]
pub(super) struct SentRecord {
    /// How it came there.
    relay: RelayView,
    /// The call's row; numbers are masked.
    record: CallView,
    /// What was written down of it.
    note: Option<String>,
    /// What was filled in of the line's form.
    #[schema(value_type = Object)]
    fields: Value,
}

/// Read a record that was sent
///
/// Somebody of the department has read it then; others who may see it have looked at it. Either way
/// the audit row is durable before the record is given.
#[utoipa::path(post, path = "/api/v1/relays/{id}/read", tag = "calls",
    params(("id" = Uuid, Path, description = "What was sent")),
    responses((status = OK, body = SentRecord)))]
pub(super) async fn read(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<SentRecord>, ProblemDocument> {
    let relay = api.store.record_relay(EventId(id)).await?;
    let is_theirs = inboxes(&api, &caller).await?.contains(&relay.entry);
    let is_own = is_theirs || relay.sent_by == caller.name;
    caller.may(Action::SeeCalls, Object::owned(is_own))?;
    let now = api.now();
    let detail = format!("relay {id}");
    let mut entry = AuditEntry::of_account("relay.read", &caller.name, detail, now);
    entry.call = Some(relay.call);
    api.store.audit(&entry).await?;
    let was_unread = relay.read_at.is_none() && is_theirs;
    if was_unread {
        let reader = Some(caller.name.as_str());
        api.store.relays_shown(&[relay.id], reader, now).await?;
    }
    let relay = api.store.record_relay(relay.id).await?;
    if was_unread {
        tell(&api, &relay, "read");
    }
    let call = api.store.call(relay.call).await?.call;
    let note = api.store.note(relay.call).await?;
    let fields = note.as_ref().map(|note| note.fields.clone());
    Ok(Json(SentRecord {
        relay: relay.into(),
        record: CallView::of(&call),
        note: note.and_then(|note| note.text),
        fields: Value::Object(fields.unwrap_or_default()),
    }))
}

/// The entries of the directory whose inbox is the one's who asks: his own, his lines', and those of
/// the department that he belongs to.
async fn inboxes(api: &Api, caller: &Caller) -> Result<Vec<Uuid>, ProblemDocument> {
    let Some(own) = &caller.extension else {
        return Ok(Vec::new());
    };
    let entries: Vec<Registered<DirectoryEntry>> = api.store.registered().await?;
    let site = api.site();
    let is_person = |entry: &DirectoryEntry| entry.agent.as_deref() == Some(own.0.as_str());
    let departments = entries.iter().filter(|entry| is_person(&entry.document));
    let departments: Vec<_> = departments
        .filter_map(|entry| entry.document.department.clone())
        .collect();
    let serves = |line: &String| {
        let line = site.lines.get(&LineId(line.clone()));
        line.is_some_and(|line| line.agents.iter().any(|agent: &AgentId| agent == own))
    };
    let theirs = entries.iter().filter(|entry| {
        let document = &entry.document;
        let is_department = document.kind == EntryKind::Department;
        is_person(document)
            || document.line.as_ref().is_some_and(serves)
            || is_department && departments.contains(&document.name)
    });
    Ok(theirs.map(|entry| entry.id).collect())
}

/// What happens to a record, as readers get it.
#[derive(Serialize)]
struct RelayFrame<'a> {
    relay: Uuid,
    call: Uuid,
    entry: Uuid,
    action: &'a str,
}

fn tell(api: &Api, relay: &RecordRelay, action: &str) {
    let text = RelayFrame {
        relay: relay.id.0,
        call: relay.call.0,
        entry: relay.entry,
        action,
    };
    let frames = api.hub.frames();
    push(&frames, "relay", &text, Audience::Staff);
    frames.tell();
}
