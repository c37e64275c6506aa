//! Users, for those who keep them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::call_view::time;
use super::caller::Caller;
use super::extract::{Body, Place};
use super::page::Page;
use super::{Api, ProblemDocument};
use crate::id::AgentId;
use crate::rules::Role;
use crate::store::{AuditEntry, User, UserChange};

/// Characters of a user's name.
const NAME: usize = 64;

/// Somebody who may use the API.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserView {
    /// What the person logs in as.
    name: String,
    /// What the person is.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    /// The agent whose phone is this person's.
    extension: Option<String>,
    /// May not log in, and no session or token of theirs counts.
    disabled: bool,
    /// Since when there is such a user.
    #[schema(format = DateTime)]
    created_at: String,
    /// When the password was last set.
    #[schema(format = DateTime)]
    password_at: String,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            name: user.name,
            roles: user.roles,
            extension: user.extension.map(|extension| extension.0),
            disabled: user.disabled,
            created_at: time(user.created_at),
            password_at: time(user.password_at),
        }
    }
}

/// A user to be.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewUser {
    /// What the person logs in as: 1 to 64 letters, digits, and any of `.-_@`.
    #[schema(example = "li.na")]
    name: String,
    /// 10 to 256 characters.
    password: String,
    /// What the person is: any of `agent`, `trainee`, `shift_leader`, `supervisor`, `qa`,
    /// `dept_handler`, `manager`, `auditor`, `admin`, `ops`.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    /// The agent whose phone is this person's.
    #[serde(default)]
    extension: Option<String>,
}

/// What is to change of a user; what is absent stays.
#[derive(Deserialize, ToSchema)]
pub(super) struct ChangeUser {
    /// A new password. It ends the user's sessions.
    #[serde(default)]
    password: Option<String>,
    /// Other roles.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    roles: Option<Vec<Role>>,
    /// Another extension; `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    extension: Extension,
    /// Whether the user is disabled. It ends the user's sessions.
    #[serde(default)]
    disabled: Option<bool>,
}

/// What is to become of an extension.
#[derive(Default)]
enum Extension {
    /// Nothing is said: it stays.
    #[default]
    Same,
    /// It is this, or none (`null`).
    Is(Option<String>),
}

impl<'de> Deserialize<'de> for Extension {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::deserialize(from).map(Self::Is)
    }
}

/// Users, by name
#[utoipa::path(get, path = "/api/v1/users", tag = "users",
    responses((status = OK, body = Page<UserView>)))]
pub(super) async fn list(State(api): State<Api>) -> Result<Json<Page<UserView>>, ProblemDocument> {
    let users = api.store.users().await?;
    Ok(Json(Page {
        items: users.into_iter().map(UserView::from).collect(),
        next: None,
    }))
}

/// Add a user
#[utoipa::path(post, path = "/api/v1/users", tag = "users", request_body = NewUser,
    responses((status = CREATED, body = UserView)))]
pub(super) async fn add(
    State(api): State<Api>,
    caller: Caller,
    Body(asked): Body<NewUser>,
) -> Result<(StatusCode, Json<UserView>), ProblemDocument> {
    check_name(&asked.name)?;
    check_roles(&asked.roles)?;
    let now = api.now();
    let user = User {
        password: hash(&api, asked.password).await?,
        name: asked.name,
        roles: asked.roles,
        extension: extension(&api, asked.extension)?,
        disabled: false,
        created_at: now,
        password_at: now,
    };
    let entry = AuditEntry::of_account("user.add", &caller.name, user.name.clone(), now);
    api.store.audit(&entry).await?;
    api.store.add_user(&user).await?;
    Ok((StatusCode::CREATED, Json(user.into())))
}

/// One user
#[utoipa::path(get, path = "/api/v1/users/{name}", tag = "users",
    params(("name" = String, Path, description = "The user's name")),
    responses((status = OK, body = UserView)))]
pub(super) async fn show(
    State(api): State<Api>,
    Place(name): Place<String>,
) -> Result<Json<UserView>, ProblemDocument> {
    Ok(Json(find(&api, &name).await?.into()))
}

/// Change a user
#[utoipa::path(patch, path = "/api/v1/users/{name}", tag = "users", request_body = ChangeUser,
    params(("name" = String, Path, description = "The user's name")),
    responses((status = OK, body = UserView)))]
pub(super) async fn change(
    State(api): State<Api>,
    caller: Caller,
    Place(name): Place<String>,
    Body(asked): Body<ChangeUser>,
) -> Result<Json<UserView>, ProblemDocument> {
    find(&api, &name).await?;
    if let Some(roles) = &asked.roles {
        check_roles(roles)?;
    }
    let now = api.now();
    let password = match asked.password {
        Some(password) => Some((hash(&api, password).await?, now)),
        None => None,
    };
    let change = UserChange {
        password,
        roles: asked.roles,
        extension: match asked.extension {
            Extension::Is(number) => Some(extension(&api, number)?),
            Extension::Same => None,
        },
        disabled: asked.disabled,
    };
    let entry = AuditEntry::of_account("user.change", &caller.name, name.clone(), now);
    api.store.audit(&entry).await?;
    api.store.change_user(&name, &change).await?;
    api.has_revoked();
    Ok(Json(find(&api, &name).await?.into()))
}

/// End all sessions of a user
#[utoipa::path(delete, path = "/api/v1/users/{name}/sessions", tag = "users",
    params(("name" = String, Path, description = "The user's name")),
    responses((status = NO_CONTENT, description = "They are over")))]
pub(super) async fn end_sessions(
    State(api): State<Api>,
    caller: Caller,
    Place(name): Place<String>,
) -> Result<StatusCode, ProblemDocument> {
    find(&api, &name).await?;
    let entry = AuditEntry::of_account("user.end_sessions", &caller.name, name.clone(), api.now());
    api.store.audit(&entry).await?;
    api.store.end_sessions_of(&name, None).await?;
    api.has_revoked();
    Ok(StatusCode::NO_CONTENT)
}

async fn find(api: &Api, name: &str) -> Result<User, ProblemDocument> {
    if name.contains('\0') {
        return Err(ProblemDocument::absent());
    }
    let user = api.store.user(name).await?;
    user.ok_or_else(ProblemDocument::absent)
}

fn check_name(name: &str) -> Result<(), ProblemDocument> {
    let fits = |c: char| c.is_alphanumeric() || ".-_@".contains(c);
    if name.is_empty() || name.chars().count() > NAME || !name.chars().all(fits) {
        return Err(ProblemDocument::unfit(format!(
            "a name has 1 to {NAME} letters, digits, or any of .-_@"
        )));
    }
    Ok(())
}

fn check_roles(roles: &[Role]) -> Result<(), ProblemDocument> {
    if roles.is_empty() {
        return Err(ProblemDocument::unfit("a user has at least one role"));
    }
    Ok(())
}

fn extension(api: &Api, number: Option<String>) -> Result<Option<AgentId>, ProblemDocument> {
    let agent = number.map(AgentId);
    match &agent {
        Some(known) if !api.site().agents.contains_key(known) => {
            Err(ProblemDocument::unfit("no agent has this extension"))
        }
        _ => Ok(agent),
    }
}

/// Hashes a password, off the task's thread.
pub(super) async fn hash(api: &Api, password: String) -> Result<String, ProblemDocument> {
    let passwords = api.passwords.clone();
    let hashing = tokio::task::spawn_blocking(move || passwords.hash(&password));
    let hashed = hashing.await.map_err(|_| ProblemDocument::away())?;
    hashed.map_err(|error| ProblemDocument::unfit(error.to_string()))
}
