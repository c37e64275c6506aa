//! Calls: one call in full, its events, and a number in full for those who need it.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::{CallDetailView, EventView};
use super::caller::Caller;
use super::extract::{Body, Place};
use super::page::Page;
use super::tie::{Tie, visible};
use super::{Api, ProblemDocument};
use crate::call::Party;
use crate::id::{AgentId, CallId, PartyId};
use crate::rules::policy::Action;
use crate::store::{AuditEntry, CallDetail, KnownCaller};

/// Characters of a reason.
const REASON: usize = 500;

/// Whose things a list is to be of.
pub(super) enum Whose {
    /// Whoever's.
    Everybodys,
    /// This agent's.
    Agents(AgentId),
    /// Those of the ones whom a shift leader leads, and the own (R275).
    Teams(Vec<AgentId>),
    /// There are none that the one who asks may see.
    Nobodys,
}

/// Whose things a list is to be of, if those of `asked` are asked for: whoever may see his own only
/// gets these.
pub(super) fn whose(caller: &Caller, action: Action, asked: Option<AgentId>) -> Whose {
    let asked = asked.map(|agent| AgentId(storable(&agent.0)));
    if caller.reaches_all(action) {
        return asked.map_or(Whose::Everybodys, Whose::Agents);
    }
    if !caller.team.is_empty() {
        return match asked {
            Some(agent) if caller.has(&agent) => Whose::Agents(agent),
            Some(_) => Whose::Nobodys,
            None => Whose::Teams(caller.people().cloned().collect()),
        };
    }
    match &caller.extension {
        Some(own) if asked.is_none_or(|agent| agent == *own) => Whose::Agents(own.clone()),
        Some(_) | None => Whose::Nobodys,
    }
}

impl Whose {
    /// One agent, or any of several, for a list's filter; `None` if there is nothing to be listed.
    pub(super) fn narrowed(self) -> Option<(Option<AgentId>, Vec<AgentId>)> {
        match self {
            Self::Everybodys => Some((None, Vec::new())),
            Self::Agents(agent) => Some((Some(agent), Vec::new())),
            Self::Teams(agents) => Some((None, agents)),
            Self::Nobodys => None,
        }
    }
}

/// Postgres takes no NUL in a text, and nothing has one in its name.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// One call
#[utoipa::path(get, path = "/api/v1/calls/{id}", tag = "calls",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, body = CallDetailView)))]
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<CallDetailView>, ProblemDocument> {
    let detail = visible(&api, &caller, Action::SeeCalls, id, Tie::Any).await?;
    let customer = known_caller(&api, &detail).await?;
    let forwarded = api.store.forwarding(CallId(id)).await?;
    Ok(Json(CallDetailView::of(&detail, customer, forwarded)))
}

/// Who calls, as far as we know, and the caller lets us.
pub(super) async fn known_caller(
    api: &Api,
    detail: &CallDetail,
) -> Result<Option<KnownCaller>, ProblemDocument> {
    let record = &detail.call.record;
    let caller = record.caller.filter(|_| !record.circumstances.withheld);
    let Some(party) = caller.and_then(|id| detail.call.parties.get(&id)) else {
        return Ok(None);
    };
    let mut known = api.store.known_callers([party]).await?;
    Ok(known.remove(&party.id))
}

/// The events of a call, in order
#[utoipa::path(get, path = "/api/v1/calls/{id}/events", tag = "calls",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, body = Page<EventView>)))]
pub(super) async fn events(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<Page<EventView>>, ProblemDocument> {
    let detail = visible(&api, &caller, Action::SeeCalls, id, Tie::Any).await?;
    Ok(Json(Page {
        items: detail.events.iter().map(EventView::of).collect(),
        next: None,
    }))
}

/// Whose number, and what for.
#[derive(Deserialize, ToSchema)]
pub(super) struct Reveal {
    /// Who of the call's `parties`; the caller if nothing is said.
    #[serde(default)]
    party: Option<Uuid>,
    /// What for; it stands in the audit.
    #[schema(example = "call back")]
    reason: String,
}

/// A number in full.
#[derive(Serialize, ToSchema)]
pub(super) struct Revealed {
    /// As it was received.
    number: String,
    /// As it is called from anywhere (E.164).
    e164: Option<String>,
    /// The name that it was shown with.
    name: Option<String>,
}

impl Revealed {
    pub(super) fn of(party: &Party) -> Self {
        Self {
            number: party.number.clone(),
            e164: party.e164.clone(),
            name: party.name.clone(),
        }
    }
}

/// See a number in full
///
/// The audit row is durable before the number is given. A number that its caller withholds is given
/// to nobody, nor that of a caller who wants to stay unknown (R083).
#[utoipa::path(post, path = "/api/v1/calls/{id}/reveal", tag = "calls", request_body = Reveal,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, body = Revealed)))]
pub(super) async fn reveal(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<Reveal>,
) -> Result<Json<Revealed>, ProblemDocument> {
    let detail = visible(&api, &caller, Action::RevealNumber, id, Tie::Served).await?;
    let reason = reason(&asked.reason)?;
    let record = &detail.call.record;
    let party = asked.party.map(PartyId).or(record.caller);
    if record.circumstances.withheld && party == record.caller {
        return Err(ProblemDocument::unfit("the caller withholds the number").coded("withheld"));
    }
    if record.write_up.anonymous && party == record.caller {
        let why = "the caller wants to stay unknown";
        return Err(ProblemDocument::unfit(why).coded("anonymous"));
    }
    let party = party.and_then(|party| detail.call.parties.get(&party));
    let party = party.ok_or_else(ProblemDocument::absent)?;
    let now = api.now();
    let mut entry = AuditEntry::of_recording("number.reveal", record.id, &caller.name, reason, now);
    entry.detail = Some(format!("party {}", party.id));
    api.store.audit(&entry).await?;
    Ok(Json(Revealed::of(party)))
}

/// # Errors
/// It says nothing, or too much.
pub(super) fn reason(text: &str) -> Result<&str, ProblemDocument> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > REASON || text.contains('\0') {
        let detail = format!("say what for, in 1 to {REASON} characters");
        return Err(ProblemDocument::unfit(detail));
    }
    Ok(text)
}
