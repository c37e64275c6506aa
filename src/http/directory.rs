//! The directory: agents, departments and others, whether they can be reached, and who keeps it up
//! to date (R112, R113).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::agents::overview;
use super::call_view::time;
use super::caller::Caller;
use super::calls::reason;
use super::entry_view::{EntryView, Showing};
use super::extract::{Body, Params, Place};
use super::page::Page;
use super::presence::Whereabouts;
use super::tie::{Tie, visible};
use super::{Api, ProblemDocument};
use crate::call::command::PassTo;
use crate::id::{AgentId, LineId};
use crate::rules::policy::{Action, Decision, Object};
use crate::rules::{DirectoryEntry, EntryKind};
use crate::store::{Registered, Written};

/// Whom a list is of.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DirectoryQuery {
    /// With this in the name, department, function or number, or at the beginning of the initials.
    q: Option<String>,
    /// Of this department.
    department: Option<String>,
    /// `person`, `department` or `outside`.
    #[param(value_type = Option<String>)]
    kind: Option<EntryKind>,
    /// Only who is free now.
    #[serde(default)]
    idle: bool,
    /// The call that somebody is looked for in: each entry says whether its caller may go there.
    call: Option<Uuid>,
}

/// The directory, with who can be reached now
///
/// Agents and lines of whom nothing more is written down are in it as well.
#[utoipa::path(get, path = "/api/v1/directory", tag = "directory", params(DirectoryQuery),
    responses((status = OK, body = Page<EntryView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(query): Params<DirectoryQuery>,
) -> Result<Json<Page<EntryView>>, ProblemDocument> {
    let line = match query.call {
        Some(call) => {
            let line = line_of(&api, &caller, call).await;
            line.map_err(|problem| problem.of_what_is_named(StatusCode::BAD_REQUEST))?
        }
        None => None,
    };
    let overview = overview(&api).await?;
    let showing = Showing {
        api: &api,
        whereabouts: &Whereabouts::of(&api, &overview),
        is_keeper: is_keeper(&caller),
        line: line.as_ref(),
    };
    let is_wanted = |entry: &DirectoryEntry| {
        let found = query.q.as_ref().is_none_or(|text| entry.is_found_by(text));
        let department = query.department.as_ref();
        found
            && query.kind.is_none_or(|kind| kind == entry.kind)
            && department.is_none_or(|wanted| entry.department.as_ref() == Some(wanted))
    };
    let written: Vec<Registered<DirectoryEntry>> = api.store.registered().await?;
    let others = unwritten(&api, &written);
    let written = written.iter().filter(|entry| is_wanted(&entry.document));
    let written = written.map(|entry| showing.registered(entry));
    let others = others.iter().filter(|entry| is_wanted(entry));
    let all = written.chain(others.map(|entry| showing.entry(entry)));
    Ok(Json(Page {
        items: all
            .filter(|entry| !query.idle || entry.presence().is_idle())
            .collect(),
        next: None,
    }))
}

pub(super) fn is_keeper(caller: &Caller) -> bool {
    caller.decide(Action::KeepDirectory, Object::Nothing) == Decision::Allowed
}

/// The line of a call that whoever asks has to do with.
async fn line_of(
    api: &Api,
    caller: &Caller,
    call: Uuid,
) -> Result<Option<LineId>, ProblemDocument> {
    let detail = visible(api, caller, Action::SeeCalls, call, Tie::Any).await?;
    Ok(detail.call.record.line.clone())
}

/// Agents and lines that no entry names.
pub(super) fn unwritten(api: &Api, written: &[Registered<DirectoryEntry>]) -> Vec<DirectoryEntry> {
    let is_agent = |agent: &AgentId| {
        let mut written = written.iter();
        written.any(|entry| entry.document.agent.as_ref() == Some(&agent.0))
    };
    let is_line = |line: &LineId| {
        let mut written = written.iter();
        written.any(|entry| entry.document.line.as_ref() == Some(&line.0))
    };
    let site = api.site();
    let agents = site.agents.iter().filter(|(agent, _)| !is_agent(agent));
    let agents = agents.map(|(agent, info)| DirectoryEntry {
        name: info.name.clone(),
        agent: Some(agent.0.clone()),
        ..DirectoryEntry::default()
    });
    let lines = site.lines.keys().filter(|line| !is_line(line));
    let lines = lines.map(|line| DirectoryEntry {
        name: line.0.clone(),
        kind: EntryKind::Department,
        line: Some(line.0.clone()),
        ..DirectoryEntry::default()
    });
    agents.chain(lines).collect()
}

/// An entry to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewEntry {
    /// What it is called: at most 100 characters.
    name: String,
    /// `person`, `department` or `outside`; a person if nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    kind: EntryKind,
    /// The department it belongs to.
    #[serde(default)]
    department: Option<String>,
    /// What it is there for.
    #[serde(default)]
    function: Option<String>,
    /// The agent whose phone it is, by extension.
    #[serde(default)]
    agent: Option<String>,
    /// The line whose agents answer for it.
    #[serde(default)]
    line: Option<String>,
    /// The number, as somebody dials it: digits only.
    #[serde(default)]
    number: Option<String>,
    /// The number on the move.
    #[serde(default)]
    mobile: Option<String>,
    /// When somebody is there: `mon-fri 09:00-17:30`.
    #[serde(default)]
    hours: Vec<String>,
    /// The entry that stands in for it.
    #[serde(default)]
    substitute: Option<Uuid>,
    /// The entry of whoever leads its group.
    #[serde(default)]
    leader: Option<Uuid>,
    /// The first letters of the name, where they are unusual.
    #[serde(default)]
    initials: Option<String>,
    /// What else is good to know.
    #[serde(default)]
    note: Option<String>,
}

impl From<NewEntry> for DirectoryEntry {
    fn from(new: NewEntry) -> Self {
        Self {
            name: new.name,
            kind: new.kind,
            department: new.department,
            function: new.function,
            agent: new.agent,
            line: new.line,
            number: new.number,
            mobile: new.mobile,
            hours: new.hours,
            substitute: new.substitute,
            leader: new.leader,
            initials: new.initials,
            note: new.note,
        }
    }
}

/// An entry anew.
#[derive(Deserialize, ToSchema)]
pub(super) struct ChangeEntry {
    /// The version that was changed.
    base: u32,
    /// Why.
    #[serde(default)]
    reason: Option<String>,
    /// What it says from now on, all of it.
    entry: NewEntry,
}

/// What was written down.
#[derive(Serialize, ToSchema)]
pub(super) struct WrittenVersion {
    /// Its own id.
    id: Uuid,
    /// Which version this is, from 1.
    version: u32,
}

impl WrittenVersion {
    pub(super) const fn of<T>(written: &Registered<T>) -> Self {
        Self {
            id: written.id,
            version: written.version,
        }
    }
}

/// Write an entry down
#[utoipa::path(post, path = "/api/v1/directory", tag = "directory", request_body = NewEntry,
    responses((status = CREATED, body = WrittenVersion)))]
pub(super) async fn add(
    State(api): State<Api>,
    caller: Caller,
    Body(asked): Body<NewEntry>,
) -> Result<(StatusCode, Json<WrittenVersion>), ProblemDocument> {
    let entry = DirectoryEntry::from(asked);
    check(&api, &entry).await?;
    let written = api.store.register(entry, &by(&caller, None, &api)).await?;
    Ok((StatusCode::CREATED, Json(WrittenVersion::of(&written))))
}

/// Change an entry: a new version
#[utoipa::path(put, path = "/api/v1/directory/{id}", tag = "directory", request_body = ChangeEntry,
    params(("id" = Uuid, Path, description = "The entry")),
    responses((status = OK, body = WrittenVersion)))]
pub(super) async fn change(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<ChangeEntry>,
) -> Result<Json<WrittenVersion>, ProblemDocument> {
    let why = asked.reason.as_deref().map(reason).transpose()?;
    let entry = DirectoryEntry::from(asked.entry);
    check(&api, &entry).await?;
    let written = by(&caller, why, &api);
    let changed = api.store.register_anew(id, asked.base, entry, &written);
    Ok(Json(WrittenVersion::of(&changed.await?)))
}

/// The version that is meant, and why it goes.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Removal {
    /// The version that was seen last.
    pub(super) base: u32,
    /// Why.
    pub(super) reason: Option<String>,
}

/// Remove an entry; its versions stay
#[utoipa::path(delete, path = "/api/v1/directory/{id}", tag = "directory",
    params(("id" = Uuid, Path, description = "The entry"), Removal),
    responses((status = NO_CONTENT)))]
pub(super) async fn remove(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Params(asked): Params<Removal>,
) -> Result<StatusCode, ProblemDocument> {
    let why = asked.reason.as_deref().map(reason).transpose()?;
    let written = by(&caller, why, &api);
    let removed = api
        .store
        .unregister::<DirectoryEntry>(id, asked.base, &written);
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A version of something that is kept.
#[derive(Serialize, ToSchema)]
pub(super) struct KeptVersion {
    /// From 1.
    pub(super) version: u32,
    /// When it was written.
    #[schema(format = DateTime)]
    pub(super) at: String,
    /// By whom.
    pub(super) author: String,
    /// Why.
    pub(super) reason: Option<String>,
    /// What it said; absent: it was removed.
    #[schema(value_type = Option<Object>)]
    pub(super) said: Option<serde_json::Value>,
}

/// Every version of an entry, the first before the others
#[utoipa::path(get, path = "/api/v1/directory/{id}/versions", tag = "directory",
    params(("id" = Uuid, Path, description = "The entry")),
    responses((status = OK, body = Page<KeptVersion>)))]
pub(super) async fn versions(
    State(api): State<Api>,
    Place(id): Place<Uuid>,
) -> Result<Json<Page<KeptVersion>>, ProblemDocument> {
    history::<DirectoryEntry>(&api, id).await
}

/// Every version of something that is kept.
pub(super) async fn history<T: crate::store::Document>(
    api: &Api,
    id: Uuid,
) -> Result<Json<Page<KeptVersion>>, ProblemDocument> {
    let versions = api.store.register_versions::<T>(id).await?;
    if versions.is_empty() {
        return Err(ProblemDocument::absent());
    }
    let items = versions.into_iter().map(|version| KeptVersion {
        version: version.version,
        at: time(version.at),
        author: version.author,
        reason: version.reason,
        said: version
            .document
            .and_then(|said| serde_json::to_value(said).ok()),
    });
    Ok(Json(Page {
        items: items.collect(),
        next: None,
    }))
}

/// Who writes now.
pub(super) fn by<'a>(caller: &'a Caller, why: Option<&'a str>, api: &Api) -> Written<'a> {
    Written {
        by: &caller.name,
        why,
        at: api.now(),
    }
}

/// Whether everything that the entry names is there.
async fn check(api: &Api, entry: &DirectoryEntry) -> Result<(), ProblemDocument> {
    let site = api.site();
    let known = |agent: &String| site.agents.contains_key(&AgentId(agent.clone()));
    if !entry.agent.as_ref().is_none_or(known) {
        return Err(ProblemDocument::unfit("no agent has this extension"));
    }
    let known = |line: &String| site.lines.contains_key(&LineId(line.clone()));
    if !entry.line.as_ref().is_none_or(known) {
        return Err(ProblemDocument::unfit("there is no such line"));
    }
    are_entries(api, entry.substitute.iter().chain(&entry.leader)).await
}

/// # Errors
/// One of these is no entry.
pub(super) async fn are_entries(
    api: &Api,
    ids: impl Iterator<Item = &Uuid>,
) -> Result<(), ProblemDocument> {
    for id in ids {
        if api
            .store
            .registered_one::<DirectoryEntry>(*id)
            .await
            .is_err()
        {
            let detail = format!("the directory has no entry {id}");
            return Err(ProblemDocument::unfit(detail));
        }
    }
    Ok(())
}

/// Whom an entry means to the core.
///
/// # Errors
/// There is no such entry, or it has nothing that could be rung.
pub(super) async fn target(api: &Api, id: Uuid) -> Result<PassTo, ProblemDocument> {
    let entry: Registered<DirectoryEntry> = api.store.registered_one(id).await?;
    target_of(&entry.document)
        .ok_or_else(|| ProblemDocument::unfit("the entry has no phone, line or number"))
}

/// Whom an entry means to the core, if it can be rung.
pub(super) fn target_of(entry: &DirectoryEntry) -> Option<PassTo> {
    if let Some(agent) = &entry.agent {
        return Some(PassTo::Agent(AgentId(agent.clone())));
    }
    if let Some(line) = &entry.line {
        return Some(PassTo::Line(LineId(line.clone())));
    }
    let number = entry.number.as_ref().or(entry.mobile.as_ref());
    number.cloned().map(PassTo::Number)
}
