//! Reports of what has to be known higher up at once (R120).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::time;
use super::caller::Caller;
use super::events::push;
use super::extract::{Body, Params, Place};
use super::frames::Audience;
use super::page::{Cursor, Limit, Page};
use super::tie::{Tie, visible};
use super::{Api, ProblemDocument};
use crate::id::{CallId, EventId};
use crate::rules::policy::{Action, Object};
use crate::rules::{IncidentKind, Role};
use crate::store::{Incident, IncidentDraft, IncidentFilter, IncidentStep};

/// An incident.
#[derive(Serialize, ToSchema)]
#[schema(as = Incident)]
pub(super) struct IncidentView {
    /// Its own id.
    id: Uuid,
    /// `grave_error`, `leak`, `safety` or `beyond_remit`.
    #[schema(value_type = String)]
    kind: IncidentKind,
    /// In which call.
    call: Option<Uuid>,
    /// What there is to say of it; absent if erased.
    text: Option<String>,
    /// When it was reported.
    #[schema(format = DateTime)]
    reported_at: String,
    /// By whom.
    reported_by: String,
    /// Who was told of it last: `shift_leader`, `supervisor` or `manager`.
    #[schema(value_type = String)]
    recipient: Role,
    /// When.
    #[schema(format = DateTime)]
    escalated_at: String,
    /// When one of those said that they know.
    #[schema(format = DateTime)]
    acknowledged_at: Option<String>,
    /// Who.
    acknowledged_by: Option<String>,
}

impl From<Incident> for IncidentView {
    fn from(incident: Incident) -> Self {
        Self {
            id: incident.id.0,
            kind: incident.kind,
            call: incident.call.map(|call| call.0),
            text: incident.text,
            reported_at: time(incident.reported_at),
            reported_by: incident.reported_by,
            recipient: incident.recipient,
            escalated_at: time(incident.escalated_at),
            acknowledged_at: incident.acknowledged_at.map(time),
            acknowledged_by: incident.acknowledged_by,
        }
    }
}

/// An incident, with what was done about it.
#[derive(Serialize, ToSchema)]
#[schema(as = IncidentDetail)]
pub(super) struct IncidentDetailView {
    #[serde(flatten)]
    incident: IncidentView,
    /// What was done, in order.
    steps: Vec<StepView>,
}

/// What was done about an incident.
#[derive(Serialize, ToSchema)]
#[schema(as = IncidentStep)]
struct StepView {
    /// From 1.
    n: u32,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Who.
    actor: String,
    /// `escalated` or `acknowledged`.
    action: String,
    /// To whom it was escalated.
    #[schema(value_type = Option<String>)]
    recipient: Option<Role>,
    /// In that person's words.
    remark: Option<String>,
}

impl From<IncidentStep> for StepView {
    fn from(step: IncidentStep) -> Self {
        Self {
            n: step.n,
            at: time(step.at),
            actor: step.actor,
            action: step.action,
            recipient: step.recipient,
            remark: step.remark,
        }
    }
}

/// What has happened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewIncident {
    /// `grave_error`, `leak`, `safety` or `beyond_remit`.
    #[schema(value_type = String)]
    kind: IncidentKind,
    /// In which call, if it was in one.
    #[serde(default)]
    call: Option<Uuid>,
    /// What there is to say of it: at most 4,000 characters.
    text: String,
    /// Who is to hear of it: `shift_leader`, `supervisor` or `manager`; nobody lower than the kind
    /// asks for, who is the one if nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    to: Option<Role>,
}

/// Report an incident
///
/// It is escalated at once: those who lead at that level are told by an event `incident`.
#[utoipa::path(post, path = "/api/v1/incidents", tag = "incidents", request_body = NewIncident,
    responses((status = CREATED, body = IncidentView)))]
pub(super) async fn report(
    State(api): State<Api>,
    caller: Caller,
    Body(asked): Body<NewIncident>,
) -> Result<(StatusCode, Json<IncidentView>), ProblemDocument> {
    if let Some(call) = asked.call {
        let seen = visible(&api, &caller, Action::SeeCalls, call, Tie::Any).await;
        seen.map_err(|problem| problem.of_what_is_named(StatusCode::UNPROCESSABLE_ENTITY))?;
    }
    let least = asked.kind.recipient();
    let to = asked.to.unwrap_or(least);
    if to.rank() < least.rank() {
        let detail = format!("this is for `{}`, or higher up", least.as_str());
        return Err(ProblemDocument::unfit(detail));
    }
    let draft = IncidentDraft {
        kind: asked.kind,
        call: asked.call.map(CallId),
        text: asked.text,
        to,
    };
    let reported = api.store.report_incident(&draft, &caller.name, api.now());
    let reported = reported.await?;
    tell(&api, &reported, "escalated");
    Ok((StatusCode::CREATED, Json(reported.into())))
}

/// Which incidents a list is of.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct IncidentQuery {
    /// Only those that nobody has acknowledged.
    #[serde(default)]
    open: bool,
    /// At most so many, 1 to 500; 50 if nothing is said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
    /// Only what comes after this: `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// Incidents, the one reported first before the others
///
/// Whoever may see his own only gets those that he has reported.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "incidents", params(IncidentQuery),
    responses((status = OK, body = Page<IncidentView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(query): Params<IncidentQuery>,
) -> Result<Json<Page<IncidentView>>, ProblemDocument> {
    let sees_all = caller.reaches_all(Action::ReportIncident);
    let filter = IncidentFilter {
        reported_by: (!sees_all).then(|| caller.name.clone()),
        open: query.open,
        after: query.after.map(|Cursor(at, id)| (at, EventId(id))),
        limit: query.limit.with_next(),
    };
    let incidents = api.store.incidents(&filter).await?;
    let page = Page::of(incidents, query.limit, |incident| {
        Cursor(incident.reported_at, incident.id.0).to_string()
    });
    Ok(Json(Page {
        items: page.items.into_iter().map(IncidentView::from).collect(),
        next: page.next,
    }))
}

/// One incident, and what was done about it
#[utoipa::path(get, path = "/api/v1/incidents/{id}", tag = "incidents",
    params(("id" = Uuid, Path, description = "The incident")),
    responses((status = OK, body = IncidentDetailView)))]
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<Json<IncidentDetailView>, ProblemDocument> {
    let (incident, steps) = api.store.incident(EventId(id)).await?;
    let is_own = incident.reported_by == caller.name;
    caller.may(Action::ReportIncident, Object::owned(is_own))?;
    Ok(Json(IncidentDetailView {
        incident: incident.into(),
        steps: steps.into_iter().map(StepView::from).collect(),
    }))
}

/// To whom, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IncidentEscalation {
    /// `shift_leader`, `supervisor` or `manager`.
    #[schema(value_type = String)]
    to: Role,
    /// In the person's words: at most 4,000 characters.
    #[serde(default)]
    remark: Option<String>,
}

/// Pass an incident on to somebody else who leads
#[utoipa::path(post, path = "/api/v1/incidents/{id}/escalate", tag = "incidents",
    request_body = IncidentEscalation,
    params(("id" = Uuid, Path, description = "The incident")),
    responses((status = OK, body = IncidentView)))]
pub(super) async fn escalate(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<IncidentEscalation>,
) -> Result<Json<IncidentView>, ProblemDocument> {
    if asked.to.rank().is_none() {
        let detail = "incidents go to `shift_leader`, `supervisor` or `manager`";
        return Err(ProblemDocument::unfit(detail));
    }
    let (remark, by) = (asked.remark.as_deref(), &caller.name);
    let passed = api
        .store
        .escalate_incident(EventId(id), asked.to, remark, by, api.now())
        .await?;
    tell(&api, &passed, "escalated");
    Ok(Json(passed.into()))
}

/// What there is to say.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Acknowledge {
    /// In the person's words: at most 4,000 characters.
    #[serde(default)]
    remark: Option<String>,
}

/// Say that one knows of an incident
#[utoipa::path(post, path = "/api/v1/incidents/{id}/acknowledge", tag = "incidents",
    request_body = Acknowledge,
    params(("id" = Uuid, Path, description = "The incident")),
    responses((status = OK, body = IncidentView)))]
pub(super) async fn acknowledge(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(said): Body<Acknowledge>,
) -> Result<Json<IncidentView>, ProblemDocument> {
    let (remark, by) = (said.remark.as_deref(), &caller.name);
    let known = api
        .store
        .acknowledge_incident(EventId(id), remark, by, api.now())
        .await?;
    tell(&api, &known, "acknowledged");
    Ok(Json(known.into()))
}

/// An incident, as readers get it.
#[derive(Serialize)]
struct IncidentFrame<'a> {
    incident: Uuid,
    kind: &'static str,
    action: &'a str,
    recipient: &'static str,
}

/// Those to whom it was escalated are told.
fn tell(api: &Api, incident: &Incident, action: &str) {
    let text = IncidentFrame {
        incident: incident.id.0,
        kind: incident.kind.as_str(),
        action,
        recipient: incident.recipient.as_str(),
    };
    let frames = api.hub.frames();
    push(
        &frames,
        "incident",
        &text,
        Audience::Role(incident.recipient),
    );
    frames.tell();
}
