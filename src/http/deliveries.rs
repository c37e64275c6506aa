//! What other programs were told by webhooks, and whether it reached them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::time;
use super::caller::Caller;
use super::calls::storable;
use super::extract::{Params, Place};
use super::page::{Cursor, Limit, Page};
use super::{Api, ProblemDocument};
use crate::id::DeliveryId;
use crate::store::{Delivery, DeliveryFilter};

/// Which messages a list is of.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DeliveryQuery {
    /// To this endpoint, by its name in the configuration.
    endpoint: Option<String>,
    /// `waiting`, `delivered` or `failed`.
    state: Option<String>,
    /// At most so many, 1 to 500; 50 if nothing is said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
    /// Only what comes after this: `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// A message to another program, and what came of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(super) struct DeliveryView {
    /// Its own id, the same at each try.
    id: Uuid,
    /// To whom.
    endpoint: String,
    /// Its type.
    kind: String,
    /// About which call.
    call: Option<Uuid>,
    /// When it was written.
    #[schema(format = DateTime)]
    created_at: String,
    /// `waiting`, `delivered` or `failed`.
    state: String,
    /// When it is tried next.
    #[schema(format = DateTime)]
    due_at: String,
    /// How often it was tried.
    tries: u32,
    /// The status of the last answer.
    status: Option<u16>,
    /// Why the last try failed.
    error: Option<String>,
    /// When it was delivered or given up.
    #[schema(format = DateTime)]
    ended_at: Option<String>,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id.0,
            endpoint: delivery.endpoint,
            kind: delivery.kind,
            call: delivery.call.map(|call| call.0),
            created_at: time(delivery.created_at),
            state: delivery.state,
            due_at: time(delivery.due_at),
            tries: delivery.tries,
            status: delivery.status,
            error: delivery.error,
            ended_at: delivery.ended_at.map(time),
        }
    }
}

/// Messages to other programs, newest first
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "webhooks", params(DeliveryQuery),
    responses((status = OK, body = Page<DeliveryView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    Params(query): Params<DeliveryQuery>,
) -> Result<Json<Page<DeliveryView>>, ProblemDocument> {
    let filter = DeliveryFilter {
        endpoint: query.endpoint.map(|endpoint| storable(&endpoint)),
        state: query.state.map(|state| storable(&state)),
        after: query.after.map(|Cursor(at, id)| (at, DeliveryId(id))),
        limit: Some(query.limit.with_next()),
    };
    let deliveries = api.store.deliveries(&filter).await?;
    let page = Page::of(deliveries, query.limit, |delivery| {
        Cursor(delivery.created_at, delivery.id.0).to_string()
    });
    Ok(Json(Page {
        items: page.items.into_iter().map(DeliveryView::from).collect(),
        next: page.next,
    }))
}

/// Send a message again, with the same id and the same text
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/replay", tag = "webhooks",
    params(("id" = Uuid, Path, description = "The message")),
    responses((status = NO_CONTENT)))]
pub(super) async fn replay(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<StatusCode, ProblemDocument> {
    let now = api.now();
    api.store.replay_delivery(DeliveryId(id), now).await?;
    tracing::info!(delivery = %id, by = caller.name, "a message is sent again");
    Ok(StatusCode::NO_CONTENT)
}
