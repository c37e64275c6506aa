//! Quality management, offered to a caller who complains (R108).

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::caller::Caller;
use super::commands::{Accepted, Answered, with_call};
use super::extract::{Body, Params, Place};
use super::tie::{Tie, visible};
use super::{Api, ProblemDocument};
use crate::call::command::CallCommand;
use crate::call::doing::QualityOffer;
use crate::rules::CodeTree;
use crate::rules::policy::Action;

/// The purpose of calls that quality management is offered in, with its kinds.
const COMPLAINT: &str = "complaint";

/// What else is known of a call.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OfferQuery {
    /// Why the caller rings, if it is not written down yet.
    purpose: Option<String>,
}

/// Quality management, as far as it is to be offered in a call.
#[derive(Serialize, ToSchema)]
pub(super) struct QualityView {
    /// The caller complains, and the line has somebody for that.
    offered: bool,
    /// What it is called.
    name: Option<String>,
    /// The number to be read out.
    number: Option<String>,
    /// The caller can be put through.
    can_transfer: bool,
    /// What was done: `transferred`, `number_told` or `declined`; absent: nothing yet.
    #[schema(value_type = Option<String>)]
    done: Option<QualityOffer>,
}

/// Whom a caller who complains is offered
#[utoipa::path(get, path = "/api/v1/calls/{id}/quality-desk", tag = "calls",
    params(("id" = Uuid, Path, description = "The call"), OfferQuery),
    responses((status = OK, body = QualityView)))]
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Params(query): Params<OfferQuery>,
) -> Result<Json<QualityView>, ProblemDocument> {
    let detail = visible(&api, &caller, Action::SeeCalls, id, Tie::Any).await?;
    let record = &detail.call.record;
    let site = api.site();
    let line = record.line.as_ref().and_then(|line| site.lines.get(line));
    let desk = line.and_then(|line| line.quality_desk.as_ref());
    let written = record.purpose().map(|purpose| purpose.code.clone());
    let rules = record.line.as_ref().and_then(|line| {
        let rules = api.store.desk()?;
        rules.lines.get(line).cloned()
    });
    let tree = rules.map_or_else(CodeTree::purposes, |rules| rules.purposes);
    let purpose = query.purpose.or(written);
    let complains = purpose.is_some_and(|purpose| tree.is_a(&purpose, COMPLAINT));
    let desk = desk.filter(|_| complains);
    Ok(Json(QualityView {
        offered: desk.is_some(),
        name: desk.map(|desk| desk.name.clone()),
        number: desk.and_then(|desk| desk.number.clone()),
        can_transfer: desk.is_some_and(|desk| desk.agent.is_some() || desk.line.is_some()),
        done: record.desk.quality,
    }))
}

/// What was agreed with the caller.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Offered {
    /// `transferred`: the caller is put through now; `number_told` or `declined`.
    #[schema(value_type = String)]
    done: QualityOffer,
}

/// Put a caller who complains through to quality management, or write down what was done instead
#[utoipa::path(post, path = "/api/v1/calls/{id}/quality-desk", tag = "commands",
    request_body = Offered, params(("id" = Uuid, Path, description = "The call")),
    responses((status = ACCEPTED, body = Accepted)))]
pub(super) async fn offer(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<Offered>,
) -> Answered {
    let command = CallCommand::OfferQuality(asked.done);
    with_call(&api, &caller, Action::ConductCall, id, command).await
}
