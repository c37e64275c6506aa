//! Messages for somebody who could not be reached (R183), and who has read them (R184).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::time;
use super::caller::Caller;
use super::calls::{storable, whose};
use super::extract::{Body, Params, Place};
use super::page::{Cursor, Limit, Page};
use super::tie::{Tie, visible};
use super::{Api, ProblemDocument};
use crate::id::{AgentId, CallId, TaskId};
use crate::rules::policy::{Action, Object};
use crate::rules::{DirectoryEntry, mask_number};
use crate::store::{Message, MessageDraft, MessageFilter, Registered};

/// How long a message may wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Urgency {
    /// Until somebody has time.
    #[default]
    Normal,
    /// Not at all.
    Urgent,
}

/// A message.
#[derive(Serialize, ToSchema)]
#[schema(as = Message)]
pub(super) struct MessageView {
    /// The message, and its task.
    id: Uuid,
    /// In which call it was left.
    call: Option<Uuid>,
    /// When it was taken.
    #[schema(format = DateTime)]
    taken_at: String,
    /// By whom.
    taken_by: String,
    /// The agent whom it is for.
    for_agent: Option<String>,
    /// The entry of the directory that it is for.
    for_entry: Option<Uuid>,
    /// What whoever it is for is called.
    for_name: String,
    /// Who left it; absent if erased.
    from_name: Option<String>,
    /// Where that person can be called: masked, but for whoever reads the message.
    number: Option<String>,
    /// What it says; absent if erased.
    text: Option<String>,
    /// How long it may wait.
    urgency: Urgency,
    /// The caller wanted to leave none.
    refused: bool,
    /// When it was first shown to whoever it is for.
    #[schema(format = DateTime)]
    delivered_at: Option<String>,
    /// When it was read.
    #[schema(format = DateTime)]
    read_at: Option<String>,
    /// By whom.
    read_by: Option<String>,
    /// When somebody was told that nobody has read it.
    #[schema(format = DateTime)]
    unread_told_at: Option<String>,
}

impl MessageView {
    /// With its number masked.
    fn of(message: Message) -> Self {
        let number = message.number.as_deref().map(mask_number);
        Self {
            number,
            ..Self::whole(message)
        }
    }

    fn whole(message: Message) -> Self {
        Self {
            id: message.id.0,
            call: message.call.map(|call| call.0),
            taken_at: time(message.taken_at),
            taken_by: message.taken_by,
            for_agent: message.for_agent.map(|agent| agent.0),
            for_entry: message.for_entry,
            for_name: message.for_name,
            from_name: message.from_name,
            number: message.number,
            text: message.text,
            urgency: if message.urgent {
                Urgency::Urgent
            } else {
                Urgency::Normal
            },
            refused: message.refused,
            delivered_at: message.delivered_at.map(time),
            read_at: message.read_at.map(time),
            read_by: message.read_by,
            unread_told_at: message.unread_told_at.map(time),
        }
    }
}

/// A message as somebody takes it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMessage {
    /// The agent whom it is for, by extension; or an `entry`.
    #[serde(default)]
    agent: Option<String>,
    /// The entry of the directory that it is for.
    #[serde(default)]
    entry: Option<Uuid>,
    /// Who leaves it.
    #[serde(default)]
    from: Option<String>,
    /// Where that person can be called; the caller's own number if nothing is said.
    #[serde(default)]
    number: Option<String>,
    /// What it says: at most 2,000 characters.
    #[serde(default)]
    text: Option<String>,
    /// `normal` or `urgent`.
    #[serde(default)]
    urgency: Urgency,
    /// The caller wants to leave none: that is kept, too.
    #[serde(default)]
    refused: bool,
}

/// Take a message for somebody who cannot be reached
///
/// It is a task of whoever it is for, who is told of it at once. A caller who wants to leave none is
/// kept as well: the form is filled in either way.
#[utoipa::path(post, path = "/api/v1/calls/{id}/messages", tag = "messages",
    request_body = NewMessage,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = CREATED, body = MessageView)))]
pub(super) async fn take(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<NewMessage>,
) -> Result<(StatusCode, Json<MessageView>), ProblemDocument> {
    let detail = visible(&api, &caller, Action::WriteUpCall, id, Tie::Any).await?;
    let (for_agent, for_name) = addressee(&api, &asked).await?;
    let record = &detail.call.record;
    let shown = record.caller.filter(|_| !record.circumstances.withheld);
    let known = shown.and_then(|party| detail.call.parties.get(&party));
    let of_caller = || known.map(|party| party.number.clone());
    let is_left = !asked.refused;
    let draft = MessageDraft {
        for_agent,
        for_entry: asked.entry,
        for_name,
        from_name: asked.from,
        number: asked.number.or_else(|| of_caller().filter(|_| is_left)),
        text: asked.text,
        urgent: asked.urgency == Urgency::Urgent,
        refused: asked.refused,
    };
    let now = api.now();
    let taken = api
        .store
        .take_message(CallId(id), &draft, &caller.name, now);
    let taken = taken.await?;
    super::forwards::count(&api, CallId(id), now).await;
    Ok((StatusCode::CREATED, Json(MessageView::of(taken))))
}

/// Whom a message is for: the agent, if it is one, and the name.
async fn addressee(
    api: &Api,
    asked: &NewMessage,
) -> Result<(Option<AgentId>, String), ProblemDocument> {
    match (&asked.agent, asked.entry) {
        (Some(agent), None) => {
            let agent = AgentId(agent.clone());
            let site = api.site();
            let info = site.agents.get(&agent);
            let info = info.ok_or_else(|| ProblemDocument::unfit("no agent has this extension"))?;
            Ok((Some(agent), info.name.clone()))
        }
        (None, Some(entry)) => {
            let entry: Registered<DirectoryEntry> = api.store.registered_one(entry).await?;
            Ok((entry.document.agent.map(AgentId), entry.document.name))
        }
        _ => Err(ProblemDocument::unfit("name one of `agent`, `entry`")),
    }
}

/// Which messages a list is of.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct MessageQuery {
    /// For this agent; whoever sees his own only gets these.
    agent: Option<String>,
    /// That nobody has read.
    #[serde(default)]
    unread: bool,
    /// Left in this call.
    call: Option<Uuid>,
    /// At most so many, 1 to 500; 50 if nothing is said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
    /// Only what comes after this: `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// Messages, the one taken first before the others
///
/// What whoever it is for gets here is delivered.
#[utoipa::path(get, path = "/api/v1/messages", tag = "messages", params(MessageQuery),
    responses((status = OK, body = Page<MessageView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(query): Params<MessageQuery>,
) -> Result<Json<Page<MessageView>>, ProblemDocument> {
    let asked = query.agent.map(|agent| AgentId(storable(&agent)));
    let Some((for_agent, among)) = whose(&caller, Action::SeeCalls, asked).narrowed() else {
        return Ok(Json(Page::empty()));
    };
    let filter = MessageFilter {
        for_agent,
        among,
        unread: query.unread,
        call: query.call.map(CallId),
        after: query.after.map(|Cursor(at, id)| (at, TaskId(id))),
        limit: Some(query.limit.with_next()),
    };
    let messages = api.store.messages(&filter).await?;
    let page = Page::of(messages, query.limit, |message| {
        Cursor(message.taken_at, message.id.0).to_string()
    });
    let new = page.items.iter().filter(|it| it.delivered_at.is_none());
    let new = new.filter(|it| is_for(it, &caller)).map(|it| it.id);
    api.store
        .delivered(&new.collect::<Vec<_>>(), api.now())
        .await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(MessageView::of).collect(),
        next: page.next,
    }))
}

fn is_for(message: &Message, caller: &Caller) -> bool {
    message
        .for_agent
        .as_ref()
        .is_some_and(|agent| caller.is(agent))
}

/// Read a message, with the number to call
///
/// Whoever it is for has read it then; others who may see it have looked at it. Either way the audit
/// row is durable before the number is given.
#[utoipa::path(post, path = "/api/v1/messages/{id}/read", tag = "messages",
    params(("id" = Uuid, Path, description = "The message")),
    responses((status = OK, body = MessageView)))]
pub(super) async fn read(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<MessageView>, ProblemDocument> {
    let message = api.store.message(TaskId(id)).await?;
    let is_own = is_for(&message, &caller);
    let is_theirs = message.for_agent.as_ref();
    let is_theirs = is_theirs.is_some_and(|agent| caller.leads(agent));
    caller.may(Action::RevealNumber, Object::owned(is_own || is_theirs))?;
    // Where it is no agent's, whoever sees to it has read it.
    let is_read = is_own || message.for_agent.is_none();
    let read = api
        .store
        .read_message(message.id, &caller.name, is_read, api.now());
    Ok(Json(MessageView::whole(read.await?)))
}
