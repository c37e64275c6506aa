//! Logging in and out; one's own sessions.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_login::AuthSession;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::time;
use super::caller::{Caller, Credential, team_of};
use super::extract::{Body, Place};
use super::login::{
    Backend, Credentials, SESSION_AGENT, SESSION_ID, SESSION_SOURCE, limits, source,
};
use super::page::Page;
use super::{Api, ProblemDocument};
use crate::id::EventId;
use crate::rules::policy::{Action, Decision, Object};
use crate::store::{AuditEntry, StoredSession};

/// Characters of a program's name that a session keeps.
const AGENT_CHARACTERS: usize = 200;

/// Name and password.
#[derive(Deserialize, ToSchema)]
pub(super) struct LogIn {
    /// The user's name.
    #[schema(example = "li.na")]
    name: String,
    /// The password.
    password: String,
}

/// Who one is.
#[derive(Serialize, ToSchema)]
pub(super) struct Account {
    /// The user's name.
    name: String,
    /// What the user is.
    #[schema(value_type = Vec<String>)]
    roles: Vec<crate::rules::Role>,
    /// The agent whose phone is this user's.
    #[serde(skip_serializing_if = "Option::is_none")]
    extension: Option<String>,
    /// What a program's token allows of that; absent in a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    scopes: Option<Vec<crate::rules::Scope>>,
    /// What one may do, at least with one's own.
    may: Vec<&'static str>,
    /// The site's time zone, an IANA name: what people are shown is in it, what is sent is UTC.
    #[schema(example = "Asia/Shanghai")]
    time_zone: String,
}

impl Account {
    fn of(api: &Api, caller: Caller) -> Self {
        let may = Action::ALL
            .into_iter()
            .filter(|action| caller.decide(*action, Object::Own) == Decision::Allowed);
        Self {
            may: may.map(Action::as_str).collect(),
            name: caller.name,
            roles: caller.roles,
            extension: caller.extension.map(|extension| extension.0),
            scopes: caller.scopes,
            time_zone: api.site().time_zone.clone(),
        }
    }
}

/// A session of a user's.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    /// What it is called.
    id: Uuid,
    /// The address that it was begun from.
    source: Option<String>,
    /// The program that it was begun with.
    user_agent: Option<String>,
    /// When it was begun.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last used, to the minute.
    #[schema(format = DateTime)]
    seen_at: String,
    /// It is the one that asks.
    current: bool,
}

/// Log in
///
/// The answer carries the session's cookie. A wrong name and a wrong password look the same.
#[utoipa::path(post, path = "/api/v1/session", tag = "account", request_body = LogIn,
    responses((status = OK, body = Account, description = "Logged in; `Set-Cookie` has the session")),
    security(()))]
pub(super) async fn log_in(
    State(api): State<Api>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut auth: AuthSession<Backend>,
    headers: HeaderMap,
    Body(asked): Body<LogIn>,
) -> Result<Response, ProblemDocument> {
    let from = source(peer.ip());
    if let Some(too_many) = api.names.refuses(&asked.name, &from) {
        return Ok(too_many);
    }
    let credentials = Credentials {
        name: asked.name,
        password: asked.password,
    };
    let user = auth
        .authenticate(credentials.clone())
        .await
        .map_err(|error| away(&error))?;
    let Some(user) = user else {
        audit(&api, "session.refuse", &credentials.name, from).await?;
        tracing::warn!("somebody was refused who tried to log in");
        let detail = "name and password do not belong together";
        return Err(ProblemDocument::new(StatusCode::UNAUTHORIZED, detail).coded("wrong_password"));
    };
    audit(&api, "session.begin", &user.0.name, from.clone()).await?;
    let (begun, seen) = limits(api.now());
    api.store.forget_sessions(begun, seen).await?;
    // Whatever session there was ends: nobody knows the new one's id beforehand.
    auth.logout().await.map_err(|error| away(&error))?;
    auth.session
        .cycle_id()
        .await
        .map_err(|error| away(&error))?;
    let id = EventId::mint(api.now(), &mut rand::rng()).0;
    let session = auth.session.clone();
    let program = headers.get(header::USER_AGENT);
    let program = program.and_then(|value| value.to_str().ok());
    let program = program.map(|text| text.chars().take(AGENT_CHARACTERS).collect::<String>());
    let keep = async {
        session.insert(SESSION_ID, id).await?;
        session.insert(SESSION_SOURCE, from).await?;
        session.insert(SESSION_AGENT, program).await
    };
    keep.await.map_err(|error| away(&error))?;
    auth.login(&user).await.map_err(|error| away(&error))?;
    let caller = Caller {
        team: team_of(&user.0, &api.site()),
        name: user.0.name,
        roles: user.0.roles,
        extension: user.0.extension,
        scopes: None,
        credential: Credential::Session(id),
    };
    let account = Account::of(&api, caller);
    Ok(Json(account).into_response())
}

/// Who am I, and what may I do?
#[utoipa::path(get, path = "/api/v1/session", tag = "account",
    responses((status = OK, body = Account)))]
pub(super) async fn whoami(State(api): State<Api>, caller: Caller) -> Json<Account> {
    Json(Account::of(&api, caller))
}

/// Log out
#[utoipa::path(delete, path = "/api/v1/session", tag = "account",
    responses((status = NO_CONTENT, description = "The session is over")))]
pub(super) async fn log_out(
    State(api): State<Api>,
    mut auth: AuthSession<Backend>,
) -> Result<StatusCode, ProblemDocument> {
    auth.logout().await.map_err(|error| away(&error))?;
    api.has_revoked();
    Ok(StatusCode::NO_CONTENT)
}

/// My sessions
#[utoipa::path(get, path = "/api/v1/sessions", tag = "account",
    responses((status = OK, body = Page<SessionView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Page<SessionView>>, ProblemDocument> {
    let (begun, seen) = limits(api.now());
    let sessions = api.store.sessions_of(&caller.name, begun, seen).await?;
    let shown = sessions
        .into_iter()
        .map(|session: StoredSession| SessionView {
            id: session.id,
            source: session.source,
            user_agent: session.user_agent,
            created_at: time(session.created_at),
            seen_at: time(session.seen_at),
            current: caller.credential == Credential::Session(session.id),
        });
    Ok(Json(Page {
        items: shown.collect(),
        next: None,
    }))
}

/// End one of my sessions
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "account",
    params(("id" = Uuid, Path, description = "The session")),
    responses((status = NO_CONTENT, description = "It is over")))]
pub(super) async fn end(
    State(api): State<Api>,
    caller: Caller,
    Place(id): Place<Uuid>,
) -> Result<StatusCode, ProblemDocument> {
    if api.store.end_sessions_of(&caller.name, Some(id)).await? == 0 {
        return Err(ProblemDocument::absent());
    }
    api.has_revoked();
    Ok(StatusCode::NO_CONTENT)
}

async fn audit(api: &Api, action: &str, name: &str, from: String) -> Result<(), ProblemDocument> {
    let name: String = name.chars().take(AGENT_CHARACTERS).collect();
    let entry = AuditEntry::of_account(action, &name.replace('\0', ""), from, api.now());
    Ok(api.store.audit(&entry).await?)
}

fn away(error: &impl std::fmt::Display) -> ProblemDocument {
    tracing::error!(%error, "a session could not be begun or ended");
    ProblemDocument::away()
}
