//! Who asks: a person by a session, or a program by a token.

use std::collections::BTreeSet;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use axum_login::AuthSession;
use uuid::Uuid;

use super::login::{Backend, SESSION_ID};
use super::{Api, ProblemDocument, Site};
use crate::access::fingerprint;
use crate::call::command::Actor;
use crate::id::AgentId;
use crate::rules::policy::{Action, Decision, Object, Reach, is_of_the_team, may, reach};
use crate::rules::{Role, Scope, Timestamp};
use crate::store::User;

/// A token's last use is kept to this precision: reading writes nothing, as a rule.
const TOKEN_SEEN_US: i64 = 60_000_000;

/// What proves who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Credential {
    /// A session, by its id.
    Session(Uuid),
    /// A token, by its id.
    Token(Uuid),
}

/// Who asks.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// The user's name.
    pub(super) name: String,
    pub(super) roles: Vec<Role>,
    /// The agent whose phone is this person's.
    pub(super) extension: Option<AgentId>,
    /// Those whom a shift leader leads, whose things count as the own (R275); nobody for everybody else,
    /// and for a leader without a team, who leads the whole shift.
    pub(super) team: BTreeSet<AgentId>,
    /// What a program may do of that; `None`: the person himself.
    pub(super) scopes: Option<Vec<Scope>>,
    pub(super) credential: Credential,
}

impl Caller {
    fn of(user: User, scopes: Option<Vec<Scope>>, credential: Credential, site: &Site) -> Self {
        Self {
            team: team_of(&user, site),
            name: user.name,
            roles: user.roles,
            extension: user.extension,
            scopes,
            credential,
        }
    }

    /// What the policy says.
    pub(super) fn decide(&self, action: Action, object: Object) -> Decision {
        let decision = may(&self.roles, self.scopes.as_deref(), action, object);
        let is_bound = object == Object::Foreign && !self.reaches_all(action);
        if is_bound && decision == Decision::Allowed {
            Decision::Hidden
        } else {
            decision
        }
    }

    /// # Errors
    /// It is forbidden (403), or, being somebody else's, not there (404).
    pub(super) fn may(&self, action: Action, object: Object) -> Result<(), ProblemDocument> {
        match self.decide(action, object) {
            Decision::Allowed => Ok(()),
            Decision::Forbidden => Err(ProblemDocument::new(
                StatusCode::FORBIDDEN,
                format!("your roles or scopes do not include `{}`", action.as_str()),
            )),
            Decision::Hidden => Err(ProblemDocument::absent()),
        }
    }

    /// Whether the action reaches everybody's things.
    pub(super) fn reaches_all(&self, action: Action) -> bool {
        let has_team = !self.team.is_empty();
        let reaches = |role: &Role| {
            reach(*role, action) == Reach::All && !(has_team && is_of_the_team(*role, action))
        };
        self.roles.iter().any(reaches)
    }

    /// Whether it is a wallboard: it may see queues and agents, and nothing that is anybody's.
    pub(super) fn is_wallboard(&self) -> bool {
        let scopes = self.scopes.as_deref();
        scopes.is_some_and(|scopes| {
            scopes.contains(&Scope::WallboardRead) && !scopes.contains(&Scope::DeskRead)
        })
    }

    /// Whether an agent's things are the one's who asks.
    pub(super) fn is(&self, agent: &AgentId) -> bool {
        self.extension.as_ref() == Some(agent)
    }

    /// Whether an agent is of the team that the one who asks leads.
    pub(super) fn leads(&self, agent: &AgentId) -> bool {
        self.team.contains(agent)
    }

    /// Whether an agent's things count as the one's who asks.
    pub(super) fn has(&self, agent: &AgentId) -> bool {
        self.is(agent) || self.leads(agent)
    }

    /// Everybody whose things count as the one's who asks.
    pub(super) fn people(&self) -> impl Iterator<Item = &AgentId> {
        self.extension.iter().chain(&self.team)
    }

    /// As the core knows whoever asks: an agent by the phone, others by name.
    pub(super) fn actor(&self) -> Actor {
        match &self.extension {
            Some(agent) => Actor::Agent(agent.clone()),
            None => Actor::User(self.name.clone()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ProblemDocument;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ProblemDocument> {
        parts.extensions.get::<Self>().cloned().ok_or_else(unknown)
    }
}

/// Finds out who asks, and leaves it with the request. A token that does not count is an error,
/// whatever session comes along; nobody at all is none: some routes are for everybody.
pub(super) async fn recognise(
    State(api): State<Api>,
    auth: AuthSession<Backend>,
    mut request: Request,
    next: Next,
) -> Result<Response, ProblemDocument> {
    let caller = match request.headers().get(header::AUTHORIZATION) {
        Some(value) => {
            let token = value.to_str().ok().and_then(|value| {
                let (scheme, token) = value.split_once(' ')?;
                scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
            });
            let token = token.ok_or_else(unknown)?;
            Some(by_token(&api, token).await?)
        }
        None => by_session(&api, &auth).await?,
    };
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    Ok(next.run(request).await)
}

async fn by_token(api: &Api, token: &str) -> Result<Caller, ProblemDocument> {
    let now = api.now();
    let kept = api.store.token(&fingerprint(token), now).await?;
    let kept = kept.ok_or_else(unknown)?;
    let user = api.store.user(&kept.user).await?;
    let user = user.filter(|user| !user.disabled).ok_or_else(unknown)?;
    let Timestamp(seen) = kept.used_at.unwrap_or(Timestamp(i64::MIN));
    if now.0.saturating_sub(seen) > TOKEN_SEEN_US {
        api.store.token_used(kept.id, now).await?;
    }
    Ok(Caller::of(
        user,
        Some(kept.scopes),
        Credential::Token(kept.id),
        &api.site(),
    ))
}

async fn by_session(
    api: &Api,
    auth: &AuthSession<Backend>,
) -> Result<Option<Caller>, ProblemDocument> {
    let Some(user) = auth.user.clone() else {
        return Ok(None);
    };
    let id: Option<Uuid> = auth.session.get(SESSION_ID).await.map_err(|error| {
        tracing::error!(%error, "a session could not be read");
        ProblemDocument::away()
    })?;
    let site = api.site();
    Ok(id.map(|id| Caller::of(user.0, None, Credential::Session(id), &site)))
}

/// Those whom a shift leader leads.
pub(super) fn team_of(user: &User, site: &Site) -> BTreeSet<AgentId> {
    let leader = user.extension.as_ref();
    let leader = leader.filter(|_| user.roles.contains(&Role::ShiftLeader));
    let below = leader.map(|leader| site.teams.below(&leader.0));
    let below = below.into_iter().flatten();
    below.map(AgentId::from).collect()
}

fn unknown() -> ProblemDocument {
    let detail =
        "log in (POST /api/v1/session), or send a token that counts (Authorization: Bearer)";
    ProblemDocument::new(StatusCode::UNAUTHORIZED, detail)
}
