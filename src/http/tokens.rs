//! Tokens: what programs of a user's show instead of a session.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::time;
use super::caller::{Caller, Credential};
use super::extract::{Body, Place};
use super::page::Page;
use super::{Api, ProblemDocument};
use crate::access::{TokenSecret, fingerprint};
use crate::id::EventId;
use crate::rules::Scope;
use crate::store::{AuditEntry, StoredToken};

/// No token counts for longer.
const MOST_DAYS: u32 = 366;
/// Characters of a label.
const LABEL: usize = 100;

/// What a token is for.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewToken {
    /// What it is for, in its owner's words; up to 100 characters.
    #[schema(example = "wallboard")]
    label: String,
    /// What it may do of what the user may: `calls:read`, `calls:control`, `numbers:reveal`,
    /// `recordings:read`, `desk:read`, `wallboard:read`, `agents:control`, `audit:read`, `admin`.
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Scope>,
    /// For how many days it counts: 1 to 366.
    days: u32,
}

/// A token of a user's.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenView {
    /// What it is called.
    id: Uuid,
    /// What it is for.
    label: String,
    /// What it may do.
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Scope>,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// From when on it does not count any more.
    #[schema(format = DateTime)]
    expires_at: String,
    /// When it was last used, to the minute.
    #[schema(format = DateTime)]
    used_at: Option<String>,
    /// When it was taken back.
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
}

impl From<StoredToken> for TokenView {
    fn from(token: StoredToken) -> Self {
        Self {
            id: token.id,
            label: token.label,
            scopes: token.scopes,
            created_at: time(token.created_at),
            expires_at: time(token.expires_at),
            used_at: token.used_at.map(time),
            revoked_at: token.revoked_at.map(time),
        }
    }
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeToken {
    /// The token itself. It is shown this once.
    token: String,
    /// What is known of it from now on.
    #[serde(flatten)]
    view: TokenView,
}

/// My tokens
#[utoipa::path(get, path = "/api/v1/tokens", tag = "account",
    responses((status = OK, body = Page<TokenView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Page<TokenView>>, ProblemDocument> {
    let tokens = api.store.tokens_of(Some(&caller.name)).await?;
    Ok(Json(Page {
        items: tokens.into_iter().map(TokenView::from).collect(),
        next: None,
    }))
}

/// Make a token
///
/// A person makes tokens, a program does not.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "account", request_body = NewToken,
    responses((status = CREATED, body = MadeToken)))]
pub(super) async fn add(
    State(api): State<Api>,
    caller: Caller,
    Body(asked): Body<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), ProblemDocument> {
    if matches!(caller.credential, Credential::Token(_)) {
        let detail = "log in with a password: a token makes no tokens";
        return Err(ProblemDocument::new(StatusCode::FORBIDDEN, detail));
    }
    let label = asked.label.trim();
    if label.is_empty() || label.chars().count() > LABEL || label.contains('\0') {
        return Err(ProblemDocument::unfit(format!(
            "a label has 1 to {LABEL} characters"
        )));
    }
    if !(1..=MOST_DAYS).contains(&asked.days) {
        return Err(ProblemDocument::unfit(format!(
            "a token counts for 1 to {MOST_DAYS} days"
        )));
    }
    let now = api.now();
    let secret = TokenSecret::generate();
    let mut scopes = asked.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    let token = StoredToken {
        id: EventId::mint(now, &mut rand::rng()).0,
        secret: fingerprint(secret.reveal()),
        user: caller.name,
        label: label.to_owned(),
        scopes,
        created_at: now,
        expires_at: now.plus(Duration::from_hours(24 * u64::from(asked.days))),
        used_at: None,
        revoked_at: None,
    };
    let entry = AuditEntry::of_account("token.add", &token.user, token.id.to_string(), now);
    api.store.audit(&entry).await?;
    api.store.add_token(&token).await?;
    let made = MadeToken {
        token: secret.reveal().to_owned(),
        view: token.into(),
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Take one of my tokens back
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "account",
    params(("id" = Uuid, Path, description = "The token")),
    responses((status = NO_CONTENT, description = "It does not count any more")))]
pub(super) async fn revoke(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<StatusCode, ProblemDocument> {
    let now = api.now();
    if !api.store.revoke_token(id, Some(&caller.name), now).await? {
        return Err(ProblemDocument::absent());
    }
    let entry = AuditEntry::of_account("token.revoke", &caller.name, id.to_string(), now);
    api.store.audit(&entry).await?;
    api.has_revoked();
    Ok(StatusCode::NO_CONTENT)
}
