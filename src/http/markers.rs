//! Places in a recording that somebody should listen to, with a word on why.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::time;
use super::caller::Caller;
use super::extract::{Body, Params, Place};
use super::page::Page;
use super::tie::{Tie, visible};
use super::{Api, ProblemDocument};
use crate::id::{CallId, EventId};
use crate::rules::policy::{Action, Object};
use crate::store::Marker;

/// Where no recording says how long it is, nothing is later than this.
const DAY_MS: u64 = 24 * 3_600_000;

/// A place in a recording.
#[derive(Serialize, ToSchema)]
#[schema(as = Marker)]
pub(super) struct MarkerView {
    /// Its own id.
    id: Uuid,
    /// Where, in milliseconds of the recording.
    at_ms: u64,
    /// What there is to hear; absent if it was erased.
    text: Option<String>,
    /// Who says so.
    author: String,
    /// Since when.
    #[schema(format = DateTime)]
    set_at: String,
    /// Who took it back.
    removed_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    removed_at: Option<String>,
}

impl From<Marker> for MarkerView {
    fn from(marker: Marker) -> Self {
        let (removed_by, removed_at) = marker.removed.unzip();
        Self {
            id: marker.id.0,
            at_ms: marker.at_ms,
            text: marker.text,
            author: marker.author,
            set_at: time(marker.set_at),
            removed_by,
            removed_at: removed_at.map(time),
        }
    }
}

/// Which markers.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct MarkerQuery {
    /// Those that were taken back as well.
    #[serde(default)]
    removed: bool,
}

/// A call's markers, in the order of the recording
#[utoipa::path(get, path = "/api/v1/calls/{id}/markers", tag = "recordings",
    params(("id" = Uuid, Path, description = "The call"), MarkerQuery),
    responses((status = OK, body = Page<MarkerView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Params(query): Params<MarkerQuery>,
) -> Result<Json<Page<MarkerView>>, ProblemDocument> {
    visible(&api, &caller, Action::PlayRecording, id, Tie::Served).await?;
    let markers = api.store.markers(CallId(id)).await?.into_iter();
    let shown = markers.filter(|marker| query.removed || marker.removed.is_none());
    Ok(Json(Page {
        items: shown.map(MarkerView::from).collect(),
        next: None,
    }))
}

/// A new marker.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewMarker {
    /// Where, in milliseconds of the recording.
    at_ms: u64,
    /// What there is to hear; up to 4,000 bytes.
    #[serde(default)]
    #[schema(example = "here the customer says what is broken")]
    text: String,
}

/// Mark a place in a recording
#[utoipa::path(post, path = "/api/v1/calls/{id}/markers", tag = "recordings", request_body = NewMarker,
    params(("id" = Uuid, Path, description = "The call")),
    responses((status = CREATED, body = MarkerView)))]
pub(super) async fn set(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
    Body(asked): Body<NewMarker>,
) -> Result<(StatusCode, Json<MarkerView>), ProblemDocument> {
    let detail = visible(&api, &caller, Action::MarkRecording, id, Tie::Served).await?;
    let recording = detail.call.record.recording.as_ref();
    let most = recording.map_or(DAY_MS, |file| file.duration_ms);
    if asked.at_ms > most {
        let detail = format!("the recording has {most} ms");
        return Err(ProblemDocument::unfit(detail).coded("outside"));
    }
    let now = api.now();
    let marker = Marker {
        id: EventId::mint(now, &mut rand::rng()),
        call: CallId(id),
        at_ms: asked.at_ms,
        text: Some(asked.text.trim().to_owned()),
        author: caller.name,
        set_at: now,
        removed: None,
    };
    api.store.set_marker(&marker).await?;
    Ok((StatusCode::CREATED, Json(marker.into())))
}

/// Take a marker back
///
/// Whoever may mark his own calls only takes back what he has set himself. The marker stays, with
/// who took it back.
#[utoipa::path(delete, path = "/api/v1/calls/{id}/markers/{marker}", tag = "recordings",
    params(("id" = Uuid, Path, description = "The call"),
        ("marker" = Uuid, Path, description = "The marker")),
    responses((status = NO_CONTENT, description = "It does not stand any more")))]
pub(super) async fn remove(
    State(api): State<Api>,
    caller: Caller,
    Place((id, marker)): Place<(Uuid, Uuid)>,
) -> Result<StatusCode, ProblemDocument> {
    visible(&api, &caller, Action::MarkRecording, id, Tie::Served).await?;
    let markers = api.store.markers(CallId(id)).await?;
    let mut standing = markers.into_iter().filter(|one| one.removed.is_none());
    let found = standing.find(|one| one.id.0 == marker);
    let found = found.ok_or_else(ProblemDocument::absent)?;
    let is_own = found.author == caller.name;
    caller.may(Action::MarkRecording, Object::owned(is_own))?;
    if !api
        .store
        .remove_marker(found.id, &caller.name, api.now())
        .await?
    {
        return Err(ProblemDocument::absent());
    }
    Ok(StatusCode::NO_CONTENT)
}
