//! One's own password.

use axum::extract::State;
use axum::http::StatusCode;
use axum_login::AuthSession;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, Credential};
use super::extract::Body;
use super::login::Backend;
use super::users::hash;
use super::{Api, ProblemDocument};
use crate::store::{AuditEntry, UserChange};

/// The password as it is, and as it is to be.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewPassword {
    /// The password as it is.
    old: String,
    /// As it is to be: 10 to 256 characters.
    new: String,
}

/// Change my password
///
/// It ends all sessions of the user, this one as well: log in again.
#[utoipa::path(put, path = "/api/v1/account/password", tag = "account",
    request_body = NewPassword,
    responses((status = NO_CONTENT, description = "Changed; every session is over")))]
pub(super) async fn password(
    State(api): State<Api>,
    caller: Caller,
    auth: AuthSession<Backend>,
    Body(asked): Body<NewPassword>,
) -> Result<StatusCode, ProblemDocument> {
    if matches!(caller.credential, Credential::Token(_)) {
        let detail = "a program cannot change its user's password";
        return Err(ProblemDocument::new(StatusCode::FORBIDDEN, detail));
    }
    let user = api.store.user(&caller.name).await?;
    let kept = user.map(|user| user.password);
    if !auth.backend.proves(asked.old, kept).await {
        return Err(ProblemDocument::unfit("the old password is not right").coded("wrong_password"));
    }
    let hashed = hash(&api, asked.new).await?;
    let now = api.now();
    let entry = AuditEntry::of_account("user.password", &caller.name, String::new(), now);
    api.store.audit(&entry).await?;
    let change = UserChange {
        password: Some((hashed, now)),
        ..UserChange::default()
    };
    api.store.change_user(&caller.name, &change).await?;
    api.has_revoked();
    Ok(StatusCode::NO_CONTENT)
}
