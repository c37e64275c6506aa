//! What agents, and whoever leads the shift, say of an agent's state.

use std::time::Duration;

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::Caller;
use super::calls::reason;
use super::commands::{Accepted, Answered, carry_out, refused};
use super::extract::{Body, Place};
use super::{Api, ProblemDocument};
use crate::call::command::Refused;
use crate::id::AgentId;
use crate::queue::AgentCommand;
use crate::rules::policy::{Action, Object};
use crate::switch::Command;

/// What is asked of an agent's state.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "to", rename_all = "snake_case")]
pub(super) enum StateWish {
    /// Begin to work, at a phone that is registered.
    LogIn {
        /// For which shift.
        #[serde(default)]
        shift: Option<String>,
    },
    /// End the work.
    LogOut,
    /// Take calls from now on (示闲).
    Ready,
    /// Take none, but stay at the desk (示忙).
    Busy {
        /// Why.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Be away for a while (小休), when it is allowed.
    Break {
        /// Why.
        reason: String,
    },
    /// Leave the place for a while (外出), when somebody else has allowed it.
    Away {
        /// Why.
        reason: String,
        /// The extension of the colleague who stands in, who is at work.
        substitute: String,
    },
    /// Have more time for the work after the call.
    ExtendWrapUp {
        /// So many seconds more.
        seconds: u32,
    },
    /// Be done with the work after the call.
    EndWrapUp,
    /// Allow the break, or the absence, that was asked for.
    AllowBreak,
    /// Do not.
    DenyBreak,
}

impl StateWish {
    fn into_command(self) -> Result<AgentCommand, ProblemDocument> {
        let said = |text: String| reason(&text).map(str::to_owned);
        Ok(match self {
            Self::LogIn { shift } => AgentCommand::LogIn {
                shift: shift.map(said).transpose()?,
            },
            Self::LogOut => AgentCommand::LogOut,
            Self::Ready => AgentCommand::Ready,
            Self::Busy { reason } => AgentCommand::Busy {
                reason: reason.map(said).transpose()?,
            },
            Self::Break { reason } => AgentCommand::AskBreak {
                reason: said(reason)?,
            },
            Self::Away { reason, substitute } => AgentCommand::AskAway {
                reason: said(reason)?,
                substitute: AgentId(substitute),
            },
            Self::ExtendWrapUp { seconds } => {
                AgentCommand::ExtendWrapUp(Duration::from_secs(u64::from(seconds)))
            }
            Self::EndWrapUp => AgentCommand::EndWrapUp,
            Self::AllowBreak => AgentCommand::AllowBreak,
            Self::DenyBreak => AgentCommand::DenyBreak,
        })
    }

    /// What only somebody else may say.
    const fn is_a_leaders(&self) -> bool {
        matches!(self, Self::AllowBreak | Self::DenyBreak)
    }
}

/// Change an agent's state
///
/// One's own; anybody's for whoever leads the shift, who alone allows breaks. Who wants to be away
/// names a colleague who is at work, and is allowed it by somebody else.
#[utoipa::path(post, path = "/api/v1/agents/{id}/state", tag = "commands",
    request_body = StateWish,
    params(("id" = String, Path, description = "The extension")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn set(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<String>,
    Body(wish): Body<StateWish>,
) -> Answered {
    let agent = AgentId(id);
    caller.may(Action::SetAgent, Object::owned(caller.has(&agent)))?;
    if wish.is_a_leaders() && !caller.leads(&agent) {
        caller.may(Action::SetAgent, Object::Foreign)?;
    }
    if !api.site().agents.contains_key(&agent) {
        return Err(refused(Refused::NoSuchAgent));
    }
    let command = Command::Agent(agent, wish.into_command()?);
    carry_out(&api, caller.actor(), command).await
}
