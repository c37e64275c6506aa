//! Finding a colleague whom a caller wants (R182): the caller waits, the colleague is rung, and where
//! that is in vain it is said what else can be offered (R111).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::agents::overview;
use super::caller::Caller;
use super::commands::refused;
use super::conduct::Target;
use super::directory::{is_keeper, target_of, unwritten};
use super::entry_view::{EntryView, Showing};
use super::extract::{Body, Place};
use super::presence::Whereabouts;
use super::tie::{Tie, visible};
use super::{Api, ProblemDocument};
use crate::call::command::{CallCommand, PassTo, Refused};
use crate::call::doing::ConsultEnd;
use crate::call::event::TransferTarget;
use crate::call::record::desk::Consult;
use crate::id::CallId;
use crate::rules::DirectoryEntry;
use crate::rules::policy::{Action, Object};
use crate::store::Registered;
use crate::switch::{Command, Overview};

/// How far the search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FindStage)]
enum Stage {
    /// The caller waits, and the colleague's phone rings.
    Ringing,
    /// The colleague has answered.
    Talking,
    /// The colleague cannot be reached: take a message.
    Unavailable,
    /// Nobody has been looked for.
    None,
    /// It is over: the caller has been put through, or has hung up.
    Over,
}

/// A colleague who is looked for.
#[derive(Serialize, ToSchema)]
pub(super) struct Search {
    /// How far it is.
    stage: Stage,
    /// Who is looked for, as the directory has it; absent for a number that it does not have.
    whom: Option<EntryView>,
    /// What to offer where the colleague cannot be reached (R111).
    instead: Option<Instead>,
}

/// What can be offered to a caller whose colleague cannot be reached.
#[derive(Serialize, ToSchema)]
struct Instead {
    /// Whoever stands in.
    substitute: Option<EntryView>,
    /// Whoever leads the group (组长).
    leader: Option<EntryView>,
    /// A message for the colleague: `POST /api/v1/calls/{id}/messages`, filled in or refused.
    message: bool,
    /// A call back: `POST /api/v1/calls/{id}/call-back`.
    call_back: bool,
}

/// Find the colleague whom a caller wants: the caller waits, and the colleague is rung
///
/// Whoever is away is not rung: the answer says at once what else to offer. What comes of it stands
/// in `GET` of the same, and in the call's events.
#[utoipa::path(post, path = "/api/v1/calls/{id}/find", tag = "commands", request_body = Target,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Search)))]
pub(super) async fn begin(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(target): Body<Target>,
) -> Result<(StatusCode, Json<Search>), ProblemDocument> {
    let (call, overview) = (CallId(id), overview(&api).await?);
    let mut in_it = overview
        .agents
        .iter()
        .filter(|one| one.calls.contains(&call));
    let is_own = in_it.clone().any(|one| caller.has(&one.agent));
    caller.may(
        Action::ConductCall,
        Object::owned(is_own || caller.reaches_all(Action::ConductCall)),
    )?;
    if in_it.next().is_none() {
        return Err(refused(Refused::NoSuchCall));
    }
    let whom = target.into_target(&api).await?;
    let finder = Finder::on(&api, &caller, &overview).await?;
    let is_away = finder
        .find(&whom)
        .is_some_and(|view| !view.presence().may_answer());
    let stage = if is_away {
        Stage::Unavailable
    } else {
        let command = Command::Call(call, CallCommand::Consult(whom.clone()));
        match api.desk.command(caller.actor(), command).await {
            Ok(_) => Stage::Ringing,
            Err(Refused::Unavailable) => Stage::Unavailable,
            Err(why) => return Err(refused(why)),
        }
    };
    Ok((StatusCode::ACCEPTED, Json(finder.search(stage, &whom))))
}

/// What has come of the last search in a call
#[utoipa::path(get, path = "/api/v1/calls/{id}/find", tag = "commands",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = OK, body = Search)))]
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<Search>, ProblemDocument> {
    let detail = visible(&api, &caller, Action::SeeCalls, id, Tie::Any).await?;
    let consult = detail.call.record.desk.consults.last();
    let Some(consult) = consult else {
        return Ok(Json(Search {
            stage: Stage::None,
            whom: None,
            instead: None,
        }));
    };
    let overview = overview(&api).await?;
    let finder = Finder::on(&api, &caller, &overview).await?;
    let whom = match &consult.target {
        TransferTarget::Agent(agent) => PassTo::Agent(agent.clone()),
        TransferTarget::Line(line) => PassTo::Line(line.clone()),
        TransferTarget::Number(party) => {
            let party = detail.call.parties.get(party);
            PassTo::Number(party.map(|party| party.number.clone()).unwrap_or_default())
        }
    };
    Ok(Json(finder.search(stage(consult), &whom)))
}

fn stage(consult: &Consult) -> Stage {
    match (consult.end, consult.answered) {
        (None, false) => Stage::Ringing,
        (None, true) => Stage::Talking,
        (Some(ConsultEnd::TargetLeft | ConsultEnd::Cancelled), false) => Stage::Unavailable,
        (Some(_), _) => Stage::Over,
    }
}

/// Looks somebody up.
struct Finder<'a> {
    api: &'a Api,
    whereabouts: Whereabouts<'a>,
    is_keeper: bool,
    entries: Vec<Registered<DirectoryEntry>>,
}

impl<'a> Finder<'a> {
    async fn on(
        api: &'a Api,
        caller: &Caller,
        overview: &Overview,
    ) -> Result<Self, ProblemDocument> {
        Ok(Self {
            api,
            whereabouts: Whereabouts::of(api, overview),
            is_keeper: is_keeper(caller),
            entries: api.store.registered().await?,
        })
    }

    fn showing(&self) -> Showing<'_> {
        Showing {
            api: self.api,
            whereabouts: &self.whereabouts,
            is_keeper: self.is_keeper,
            line: None,
        }
    }

    fn entry(&self, whom: &PassTo) -> Option<&Registered<DirectoryEntry>> {
        let mut entries = self.entries.iter();
        entries.find(|entry| target_of(&entry.document).as_ref() == Some(whom))
    }

    /// Whoever it is, as the directory has it.
    fn find(&self, whom: &PassTo) -> Option<EntryView> {
        if let Some(entry) = self.entry(whom) {
            return Some(self.showing().registered(entry));
        }
        let others = unwritten(self.api, &self.entries);
        let mut others = others.iter();
        let found = others.find(|entry| target_of(entry).as_ref() == Some(whom))?;
        Some(self.showing().entry(found))
    }

    fn search(&self, stage: Stage, whom: &PassTo) -> Search {
        let instead = (stage == Stage::Unavailable).then(|| self.instead(whom));
        Search {
            stage,
            whom: self.find(whom),
            instead,
        }
    }

    fn instead(&self, whom: &PassTo) -> Instead {
        let said = self.entry(whom).map(|entry| &entry.document);
        let view = |id: Option<Uuid>| {
            let entry = self.entries.iter().find(|entry| Some(entry.id) == id)?;
            Some(self.showing().registered(entry))
        };
        Instead {
            substitute: view(said.and_then(|said| said.substitute)),
            leader: view(said.and_then(|said| said.leader)),
            message: true,
            call_back: true,
        }
    }
}
