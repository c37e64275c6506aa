//! What is asked of running calls and of agents' phones. The core carries it out or refuses; what
//! it refuses becomes a problem in one place ([`refused`]).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::agents::overview;
use super::caller::Caller;
use super::calls::reason;
use super::extract::{Body, Place};
use super::{Api, ProblemDocument};
use crate::call::command::{Actor, CallCommand, Done, Refused};
use crate::call::event::RecordingTurn;
use crate::id::{AgentId, CallId};
use crate::rules::policy::{Action, Object};
use crate::switch::Command;

/// What came of a command: it is done, or on its way; events tell.
#[derive(Serialize, ToSchema)]
pub(super) struct Accepted {
    /// The call that has begun by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<Uuid>,
}

/// What a command's handler gives.
pub(super) type Answered = Result<(StatusCode, Json<Accepted>), ProblemDocument>;

/// Has a command carried out.
pub(super) async fn carry_out(api: &Api, by: Actor, command: Command) -> Answered {
    let done = api.desk.command(by, command).await.map_err(refused)?;
    let call = match done {
        Done::Accepted => None,
        Done::Began(call) => Some(call.0),
    };
    Ok((StatusCode::ACCEPTED, Json(Accepted { call })))
}

/// Has something done with a running call.
pub(super) async fn with_call(
    api: &Api,
    caller: &Caller,
    action: Action,
    id: Uuid,
    command: CallCommand,
) -> Answered {
    let call = CallId(id);
    may_with(api, caller, action, call).await?;
    carry_out(api, caller.actor(), Command::Call(call, command)).await
}

/// # Errors
/// The one who asks may not do this with a running call.
pub(super) async fn may_with(
    api: &Api,
    caller: &Caller,
    action: Action,
    call: CallId,
) -> Result<(), ProblemDocument> {
    // Whoever may do it with every call needs not be in this one.
    let own = caller.reaches_all(action) || {
        let agents = overview(api).await?.agents;
        let mut own = agents.iter().filter(|agent| caller.has(&agent.agent));
        own.any(|agent| agent.calls.contains(&call))
    };
    caller.may(action, Object::owned(own))
}

/// The problem that a refusal is to a client.
pub(super) fn refused(refused: Refused) -> ProblemDocument {
    let (status, code) = match refused {
        Refused::NoSuchCall => (StatusCode::NOT_FOUND, "no_such_call"),
        Refused::NoSuchAgent => (StatusCode::NOT_FOUND, "no_such_agent"),
        Refused::NoSuchLine => (StatusCode::NOT_FOUND, "no_such_line"),
        Refused::NoSuchQueue => (StatusCode::NOT_FOUND, "no_such_queue"),
        Refused::NoSuchTarget => (StatusCode::UNPROCESSABLE_ENTITY, "no_such_target"),
        Refused::NoPhone => (StatusCode::CONFLICT, "no_phone"),
        Refused::NotYours => (StatusCode::FORBIDDEN, "not_yours"),
        Refused::WrongState => (StatusCode::CONFLICT, "wrong_state"),
        Refused::PhoneCannot => (StatusCode::CONFLICT, "phone_cannot"),
        Refused::Unavailable => (StatusCode::CONFLICT, "unavailable"),
        Refused::ReasonWanted => (StatusCode::UNPROCESSABLE_ENTITY, "reason_wanted"),
        Refused::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
        Refused::SkipsLevel => (StatusCode::CONFLICT, "skips_level"),
        Refused::Unusable => (StatusCode::UNPROCESSABLE_ENTITY, "unusable"),
        Refused::NotKept => (StatusCode::SERVICE_UNAVAILABLE, "not_kept"),
        Refused::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
    };
    ProblemDocument::new(status, refused.to_string()).coded(code)
}

/// Have my phone answer, or take the caller back
#[utoipa::path(post, path = "/api/v1/calls/{id}/talk", tag = "commands",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn talk(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Answered {
    with_call(&api, &caller, Action::ConductCall, id, CallCommand::Talk).await
}

/// Have my phone put the caller on hold
#[utoipa::path(post, path = "/api/v1/calls/{id}/hold", tag = "commands",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn hold(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Answered {
    with_call(&api, &caller, Action::ConductCall, id, CallCommand::Hold).await
}

/// Let the caller go to the survey: the agent leaves, and that is no hang-up
#[utoipa::path(post, path = "/api/v1/calls/{id}/release", tag = "commands",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn release(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Answered {
    with_call(&api, &caller, Action::ConductCall, id, CallCommand::Release).await
}

/// What to do with the recording of a running call.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RecordTurn {
    /// On a line that records on demand: begin.
    Start,
    /// On such a line: no more.
    Stop,
    /// Silence on the file, while a number of a card is told, say.
    Pause,
    /// Audio again.
    Resume,
}

/// What to do with the recording, and why.
#[derive(Deserialize, ToSchema)]
pub(super) struct Record {
    turn: RecordTurn,
    /// Why; needed for a pause.
    #[serde(default)]
    reason: Option<String>,
}

/// Start, stop, pause or resume the recording
#[utoipa::path(post, path = "/api/v1/calls/{id}/record", tag = "commands", request_body = Record,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn record(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<Record>,
) -> Answered {
    let why = asked.reason.as_deref().map(reason).transpose()?;
    let turn = match asked.turn {
        RecordTurn::Start => RecordingTurn::Started,
        RecordTurn::Stop => RecordingTurn::Stopped,
        RecordTurn::Pause if why.is_none() => {
            return Err(ProblemDocument::unfit("say why the recording is paused"));
        }
        RecordTurn::Pause => RecordingTurn::Paused,
        RecordTurn::Resume => RecordingTurn::Resumed,
    };
    let reason = why.map(str::to_owned);
    let command = CallCommand::Record { turn, reason };
    with_call(&api, &caller, Action::ConductCall, id, command).await
}

/// Have an agent's phone answer, or take the caller back, whichever call it is in
#[utoipa::path(post, path = "/api/v1/agents/{id}/talk", tag = "commands",
    params(("id" = String, Path, description = "The extension")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn agent_talk(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<String>,
) -> Answered {
    for_agent(&api, &caller, Action::ConductCall, id, Command::Talk).await
}

/// Have an agent's phone put the caller on hold
#[utoipa::path(post, path = "/api/v1/agents/{id}/hold", tag = "commands",
    params(("id" = String, Path, description = "The extension")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn agent_hold(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<String>,
) -> Answered {
    for_agent(&api, &caller, Action::ConductCall, id, Command::Hold).await
}

/// Has something done for an agent, as if that agent asked.
pub(super) async fn for_agent(
    api: &Api,
    caller: &Caller,
    action: Action,
    id: String,
    command: Command,
) -> Answered {
    let agent = AgentId(id);
    caller.may(action, Object::owned(caller.has(&agent)))?;
    if !api.site().agents.contains_key(&agent) {
        return Err(refused(Refused::NoSuchAgent));
    }
    carry_out(api, Actor::Agent(agent), command).await
}
