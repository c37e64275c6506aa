//! Contacts that are no calls (R021): visits, letters, chats.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::{When, time};
use super::caller::Caller;
use super::calls::storable;
use super::extract::{Body, Params};
use super::page::{Cursor, Limit, Page};
use super::{Api, ProblemDocument};
use crate::id::{CustomerId, EventId, LineId};
use crate::rules::Channel;
use crate::store::{ContactDraft, ContactFilter, OtherContact};

/// A contact that was no call.
#[derive(Serialize, ToSchema)]
#[schema(as = OtherContact)]
pub(super) struct OtherContactView {
    /// Its own id.
    id: Uuid,
    /// `visit`, `letter`, `email`, `chat`, `web` or `fax`.
    #[schema(value_type = String)]
    channel: Channel,
    /// When it was.
    #[schema(format = DateTime)]
    at: String,
    /// The line whose purposes it has.
    line: String,
    /// Why somebody turned to us.
    purpose: String,
    /// Which customer.
    customer: Option<Uuid>,
    /// What there is to say of it; absent if erased.
    text: Option<String>,
    /// When it was registered.
    #[schema(format = DateTime)]
    registered_at: String,
    /// By whom.
    registered_by: String,
}

impl From<OtherContact> for OtherContactView {
    fn from(contact: OtherContact) -> Self {
        Self {
            id: contact.id.0,
            channel: contact.channel,
            at: time(contact.at),
            line: contact.line.0,
            purpose: contact.purpose,
            customer: contact.customer.map(|customer| customer.0),
            text: contact.text,
            registered_at: time(contact.registered_at),
            registered_by: contact.registered_by,
        }
    }
}

/// A contact that was no call.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewContact {
    /// `visit`, `letter`, `email`, `chat`, `web` or `fax`.
    #[schema(value_type = String)]
    channel: Channel,
    /// When it was, RFC 3339; now if nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<When>,
    /// The line whose purposes it has.
    line: String,
    /// Why somebody turned to us: a code of the line's purposes.
    purpose: String,
    /// Which customer, if we know.
    #[serde(default)]
    customer: Option<Uuid>,
    /// What there is to say of it: at most 4,000 characters.
    #[serde(default)]
    text: String,
}

/// Register a contact that was no call
#[utoipa::path(post, path = "/api/v1/contacts", tag = "contacts", request_body = NewContact,
    responses((status = CREATED, body = OtherContactView)))]
pub(super) async fn register(
    State(api): State<Api>,
    caller: Caller,
    Body(asked): Body<NewContact>,
) -> Result<(StatusCode, Json<OtherContactView>), ProblemDocument> {
    let now = api.now();
    let draft = ContactDraft {
        channel: asked.channel,
        at: asked.at.map_or(now, |at| at.0),
        line: LineId(storable(&asked.line)),
        purpose: storable(&asked.purpose),
        customer: asked.customer.map(CustomerId),
        text: asked.text,
    };
    let registered = api.store.register_contact(&draft, &caller.name, now).await;
    let registered = registered.map_err(|error| {
        ProblemDocument::from(error).of_what_is_named(StatusCode::UNPROCESSABLE_ENTITY)
    })?;
    Ok((StatusCode::CREATED, Json(registered.into())))
}

/// Which contacts a list is of.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ContactQuery {
    /// `visit`, `letter`, `email`, `chat`, `web` or `fax`.
    #[param(value_type = Option<String>)]
    channel: Option<Channel>,
    /// At this moment or later, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<When>,
    /// Before this moment, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<When>,
    /// Of this customer.
    customer: Option<Uuid>,
    /// At most so many, 1 to 500; 50 if nothing is said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
    /// Only what comes after this: `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// Contacts that were no calls, the first one before the others
#[utoipa::path(get, path = "/api/v1/contacts", tag = "contacts", params(ContactQuery),
    responses((status = OK, body = Page<OtherContactView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    Params(query): Params<ContactQuery>,
) -> Result<Json<Page<OtherContactView>>, ProblemDocument> {
    let filter = ContactFilter {
        channel: query.channel,
        from: query.from.map(|from| from.0),
        to: query.to.map(|to| to.0),
        customer: query.customer.map(CustomerId),
        after: query.after.map(|Cursor(at, id)| (at, EventId(id))),
        limit: query.limit.with_next(),
    };
    let contacts = api.store.other_contacts(&filter).await?;
    let page = Page::of(contacts, query.limit, |contact| {
        Cursor(contact.at, contact.id.0).to_string()
    });
    Ok(Json(Page {
        items: page.items.into_iter().map(Into::into).collect(),
        next: page.next,
    }))
}
