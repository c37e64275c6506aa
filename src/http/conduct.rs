//! Everything a person does with a running call: each a command of the core's, in a line or two.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::caller::Caller;
use super::calls::reason;
use super::commands::{Accepted, Answered, carry_out, may_with, refused, with_call};
use super::extract::{Body, Place};
use super::{Api, ProblemDocument, directory};
use crate::call::command::{CallCommand, PassTo, Refused};
use crate::call::doing::{HangUpReason, SuperviseMode};
use crate::id::{AgentId, CallId, LineId};
use crate::rules::policy::{Action, Object};
use crate::switch::Command;

/// Characters of a number, and of a record's name.
const NUMBER: usize = 64;

/// A command without anything to say.
macro_rules! plain {
    ($($(#[$doc:meta])* $name:ident $path:literal $action:ident $command:expr;)+) => {
        $(
            $(#[$doc])*
            #[utoipa::path(post, path = $path, tag = "commands",
                params(("id" = Uuid, Path, description = "The call")),
                responses((status = ACCEPTED, body = Accepted)))]
            pub(super) async fn $name(
                State(api): State<Api>,
                caller: Caller,
                Place(id): Place<Uuid>,
            ) -> Answered {
                with_call(&api, &caller, Action::$action, id, $command).await
            }
        )+
    };
}

plain! {
    /// Go back to the caller
    retrieve "/api/v1/calls/{id}/retrieve" ConductCall CallCommand::Retrieve;
    /// Be heard by nobody
    mute "/api/v1/calls/{id}/mute" ConductCall CallCommand::Mute(true);
    /// Be heard again
    unmute "/api/v1/calls/{id}/unmute" ConductCall CallCommand::Mute(false);
    /// Put the caller through to whoever was asked, and leave
    complete_consult "/api/v1/calls/{id}/consult/complete" ConductCall CallCommand::CompleteConsult;
    /// Ask nobody any more, and go back to the caller
    cancel_consult "/api/v1/calls/{id}/consult/cancel" ConductCall CallCommand::CancelConsult;
    /// Let caller, agent and whoever was asked hear each other
    join_three "/api/v1/calls/{id}/consult/join" ConductCall CallCommand::JoinThree;
    /// Let the caller wait for whoever fetches the call
    park "/api/v1/calls/{id}/park" ConductCall CallCommand::Park;
    /// Ask for help
    raise_hand "/api/v1/calls/{id}/hand/raise" ConductCall CallCommand::RaiseHand(true);
    /// Need no help any more
    lower_hand "/api/v1/calls/{id}/hand/lower" ConductCall CallCommand::RaiseHand(false);
    /// Take the agent's place in the call that one is beside
    take_over "/api/v1/calls/{id}/supervision/take-over" JoinIn CallCommand::TakeOver;
    /// Leave the call that one is beside as it is
    stop_supervising "/api/v1/calls/{id}/supervision/stop" ListenIn CallCommand::StopSupervising;
}

/// Why something is done.
#[derive(Default, Deserialize, ToSchema)]
pub(super) struct Why {
    /// In the person's words.
    #[serde(default)]
    reason: Option<String>,
}

impl Why {
    fn text(&self) -> Result<Option<String>, ProblemDocument> {
        let text = self.reason.as_deref().map(reason).transpose()?;
        Ok(text.map(str::to_owned))
    }
}

/// Let the caller wait, with music, without a word to the phone
#[utoipa::path(post, path = "/api/v1/calls/{id}/wait", tag = "commands", request_body = Why,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn wait(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(why): Body<Why>,
) -> Answered {
    let reason = why.text()?;
    let command = CallCommand::PutOnHold { reason };
    with_call(&api, &caller, Action::ConductCall, id, command).await
}

/// Mark the call as private and urgent
#[utoipa::path(post, path = "/api/v1/calls/{id}/private", tag = "commands", request_body = Why,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn mark_private(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(why): Body<Why>,
) -> Answered {
    let reason = why.text()?;
    let reason = reason.ok_or_else(|| ProblemDocument::unfit("say why the call is private"))?;
    let command = CallCommand::MarkPrivate { reason };
    with_call(&api, &caller, Action::ConductCall, id, command).await
}

/// Keys to press.
#[derive(Deserialize, ToSchema)]
pub(super) struct Keys {
    /// `0` to `9`, `*`, `#`, `A` to `D`, at most 32.
    #[schema(example = "1#")]
    keys: String,
}

/// Press keys to the caller, or to whoever is asked meanwhile
#[utoipa::path(post, path = "/api/v1/calls/{id}/keys", tag = "commands", request_body = Keys,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn press(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<Keys>,
) -> Answered {
    let command = CallCommand::Press(asked.keys);
    with_call(&api, &caller, Action::ConductCall, id, command).await
}

/// Whom to pass a caller to, or to ask: exactly one of these.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    /// An agent, by extension.
    #[serde(default)]
    agent: Option<String>,
    /// The agents of another line.
    #[serde(default)]
    line: Option<String>,
    /// A number as somebody dials it.
    #[serde(default)]
    number: Option<String>,
    /// An entry of the directory.
    #[serde(default)]
    entry: Option<Uuid>,
}

impl Target {
    pub(super) async fn into_target(self, api: &Api) -> Result<PassTo, ProblemDocument> {
        match (self.agent, self.line, self.number, self.entry) {
            (Some(agent), None, None, None) => Ok(PassTo::Agent(AgentId(agent))),
            (None, Some(line), None, None) => Ok(PassTo::Line(LineId(line))),
            (None, None, Some(number), None) if number.chars().count() <= NUMBER => {
                Ok(PassTo::Number(number))
            }
            (None, None, None, Some(entry)) => directory::target(api, entry).await,
            _ => Err(ProblemDocument::unfit(
                "name one of `agent`, `line`, `number`, `entry`",
            )),
        }
    }
}

/// Pass the caller on without asking first
#[utoipa::path(post, path = "/api/v1/calls/{id}/transfer", tag = "commands", request_body = Target,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn transfer(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(target): Body<Target>,
) -> Answered {
    let command = CallCommand::Transfer(target.into_target(&api).await?);
    with_call(&api, &caller, Action::ConductCall, id, command).await
}

/// Ask somebody while the caller waits
#[utoipa::path(post, path = "/api/v1/calls/{id}/consult", tag = "commands", request_body = Target,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn consult(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(target): Body<Target>,
) -> Answered {
    let command = CallCommand::Consult(target.into_target(&api).await?);
    with_call(&api, &caller, Action::ConductCall, id, command).await
}

/// Why the talk ends.
#[derive(Deserialize, ToSchema)]
pub(super) struct HangUp {
    /// `line_fault`, `silent_call`, `abuse`, `wrong_number`, `transferred`, `caller_asked`,
    /// `private_call` or `walk_in` (somebody stands at the desk: a task to call back is opened, and
    /// the agent has it); only who has called needs none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    reason: Option<HangUpReason>,
}

/// Hang up
#[utoipa::path(post, path = "/api/v1/calls/{id}/hang-up", tag = "commands", request_body = HangUp,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn hang_up(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<HangUp>,
) -> Answered {
    let command = CallCommand::HangUp(asked.reason);
    with_call(&api, &caller, Action::ConductCall, id, command).await
}

/// Fetch a call that rings at a colleague's, or is parked
#[utoipa::path(post, path = "/api/v1/calls/{id}/pick-up", tag = "commands",
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn pick_up(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Answered {
    own_phone(&caller)?;
    carry_out(&api, caller.actor(), Command::PickUp(CallId(id))).await
}

/// How to be beside a call.
#[derive(Deserialize, ToSchema)]
pub(super) struct Beside {
    /// `listen` (heard by nobody), `whisper` (by the agent) or `barge` (by both).
    #[schema(value_type = String)]
    mode: SuperviseMode,
}

/// Listen to a call, whisper to its agent, or speak with both
///
/// The phone of the one who asks is rung; who is beside the call already goes on in another way.
#[utoipa::path(post, path = "/api/v1/calls/{id}/supervision", tag = "commands",
    request_body = Beside,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn supervise(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<Beside>,
) -> Answered {
    let action = match asked.mode {
        SuperviseMode::Listen => Action::ListenIn,
        SuperviseMode::Whisper | SuperviseMode::Barge => Action::JoinIn,
    };
    if caller.team.is_empty() {
        caller.may(action, Object::Foreign)?;
    } else {
        may_with(&api, &caller, action, CallId(id)).await?;
    }
    let supervisor = own_phone(&caller)?;
    let command = Command::Supervise {
        call: CallId(id),
        supervisor,
        mode: asked.mode,
    };
    carry_out(&api, caller.actor(), command).await
}

/// Go on beside a call in another way
#[utoipa::path(patch, path = "/api/v1/calls/{id}/supervision", tag = "commands",
    request_body = Beside,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn turn_supervision(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<Beside>,
) -> Answered {
    let action = match asked.mode {
        SuperviseMode::Listen => Action::ListenIn,
        SuperviseMode::Whisper | SuperviseMode::Barge => Action::JoinIn,
    };
    let command = CallCommand::TurnSupervision(asked.mode);
    with_call(&api, &caller, action, id, command).await
}

/// A number out of a record.
#[derive(Deserialize, ToSchema)]
pub(super) struct Dial {
    /// The number.
    number: String,
    /// The record, as whoever keeps it names it.
    record: String,
}

/// Call a number out of a record: the phone of the one who asks is rung first
#[utoipa::path(post, path = "/api/v1/dial", tag = "commands", request_body = Dial,
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn dial(
    State(api): State<Api>,
    caller: Caller,
    Body(asked): Body<Dial>,
) -> Answered {
    own_phone(&caller)?;
    let is_short = |text: &str| !text.trim().is_empty() && text.chars().count() <= NUMBER;
    if !is_short(&asked.number) || !is_short(&asked.record) {
        return Err(ProblemDocument::unfit(
            "name a number, and the record that it is from",
        ));
    }
    let command = Command::Dial {
        number: asked.number,
        record: asked.record,
    };
    carry_out(&api, caller.actor(), command).await
}

/// The phone of the one who asks.
fn own_phone(caller: &Caller) -> Result<AgentId, ProblemDocument> {
    caller
        .extension
        .clone()
        .ok_or_else(|| refused(Refused::NoSuchAgent))
}
