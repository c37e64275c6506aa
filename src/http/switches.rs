//! Lines in an emergency (R279): switched to an announcement or another number by one command, and
//! back by another. And the order in which a queue's agents are rung (轮位, R015).

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::Caller;
use super::calls::reason;
use super::commands::{Accepted, Answered, carry_out};
use super::extract::{Body, Place};
use super::{Api, ProblemDocument};
use crate::id::{AgentId, LineId, QueueId};
use crate::rules::policy::{Action, Object};
use crate::switch::{Command, Diversion, LineCommand, QueueCommand};

/// Where a line's calls go from now on: exactly one of these.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Elsewhere {
    /// They hear this, by its file's name.
    #[serde(default)]
    announcement: Option<String>,
    /// They go to another line's number, or to an outside one.
    #[serde(default)]
    number: Option<String>,
    /// Why.
    reason: String,
}

/// Switch a line to its emergency plan
#[utoipa::path(post, path = "/api/v1/lines/{id}/switch", tag = "commands", request_body = Elsewhere,
    params(("id" = String, Path, description = "The line")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn switch(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<String>,
    Body(asked): Body<Elsewhere>,
) -> Answered {
    let why = reason(&asked.reason)?.to_owned();
    let to = match (asked.announcement, asked.number) {
        (Some(file), None) => Diversion::Announcement(file),
        (None, Some(number)) => Diversion::Number(number),
        _ => {
            return Err(ProblemDocument::unfit(
                "name either `announcement` or `number`",
            ));
        }
    };
    let reason = Some(why);
    let command = Command::Line(LineId(id), LineCommand::Switch { to, reason });
    carry_out(&api, caller.actor(), command).await
}

/// Why a line is served again.
#[derive(Deserialize, ToSchema)]
pub(super) struct Again {
    /// In the person's words.
    reason: String,
}

/// Serve a line's calls again
#[utoipa::path(post, path = "/api/v1/lines/{id}/restore", tag = "commands", request_body = Again,
    params(("id" = String, Path, description = "The line")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn restore(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<String>,
    Body(asked): Body<Again>,
) -> Answered {
    let reason = Some(reason(&asked.reason)?.to_owned());
    let command = Command::Line(LineId(id), LineCommand::Restore { reason });
    carry_out(&api, caller.actor(), command).await
}

/// In what order a queue's agents are rung.
#[derive(Deserialize, ToSchema)]
pub(super) struct Order {
    /// Each of the queue's agents, once.
    agents: Vec<String>,
}

/// Ring a queue's agents in another order (轮位)
#[utoipa::path(put, path = "/api/v1/queues/{id}/order", tag = "commands", request_body = Order,
    params(("id" = String, Path, description = "The queue")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn order(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<String>,
    Body(asked): Body<Order>,
) -> Answered {
    caller.may(Action::SetAgent, Object::Foreign)?;
    let agents = asked.agents.into_iter().map(AgentId).collect();
    let command = Command::Queue(QueueId(id), QueueCommand::Order(agents));
    carry_out(&api, caller.actor(), command).await
}
