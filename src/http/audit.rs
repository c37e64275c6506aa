//! Who did what.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::time;
use super::extract::Params;
use super::page::{Limit, Page};
use super::{Api, ProblemDocument};
use crate::id::{CallId, EventId};
use crate::store::AuditEntry;

/// Which entries a list is of.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// With this call only.
    call: Option<Uuid>,
    /// At most so many, 1 to 500; 50 if nothing is said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
    /// Only those after this entry in the list: `next` of the page before.
    after: Option<Uuid>,
}

/// One thing that somebody did.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(super) struct EntryView {
    /// Its own id.
    id: Uuid,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Who: a user's name, or `thirdring`.
    actor: String,
    /// What: `recording.play`, say.
    action: String,
    /// With which call.
    call: Option<Uuid>,
    /// What for, in that person's words.
    purpose: String,
    /// What else there is to say.
    detail: Option<String>,
}

impl From<AuditEntry> for EntryView {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id.0,
            at: time(entry.at),
            actor: entry.actor,
            action: entry.action,
            call: entry.call.map(|call| call.0),
            purpose: entry.purpose,
            detail: entry.detail,
        }
    }
}

/// What was done, the latest first
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(AuditQuery),
    responses((status = OK, body = Page<EntryView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    Params(query): Params<AuditQuery>,
) -> Result<Json<Page<EntryView>>, ProblemDocument> {
    let (call, before) = (query.call.map(CallId), query.after.map(EventId));
    let entries = api
        .store
        .audit_page(call, before, query.limit.with_next())
        .await?;
    let page = Page::of(entries, query.limit, |entry| entry.id.to_string());
    Ok(Json(Page {
        items: page.items.into_iter().map(EntryView::from).collect(),
        next: page.next,
    }))
}
