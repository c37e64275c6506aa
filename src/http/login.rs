//! Logging in: what axum-login asks of us, and where sessions are kept.

use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum_login::tower_sessions::cookie::SameSite;
use axum_login::tower_sessions::session::{Id, Record};
use axum_login::tower_sessions::{Expiry, SessionManagerLayer, SessionStore, session_store};
use axum_login::{AuthManagerLayer, AuthManagerLayerBuilder, AuthUser, AuthnBackend};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::access::{Passwords, fingerprint};
use crate::clock::Clock;
use crate::rules::Timestamp;
use crate::store::{self, Store, StoredSession, User};

/// A session that nobody has used for so long is over.
pub(super) const IDLE: Duration = Duration::from_mins(30);
/// No session is longer.
pub(super) const LONGEST: Duration = Duration::from_hours(12);
/// A session's last use is kept to this precision: reading writes nothing, as a rule.
pub(super) const SEEN: Duration = Duration::from_mins(1);
/// Passwords proved at once: each takes 19 MiB and a core.
const PROOFS_AT_ONCE: usize = 2;

/// Where a session keeps its own id.
pub(super) const SESSION_ID: &str = "thirdring.id";
/// Where it was begun from.
pub(super) const SESSION_SOURCE: &str = "thirdring.source";
/// With which program.
pub(super) const SESSION_AGENT: &str = "thirdring.user_agent";
/// Where axum-login keeps whose it is.
const LOGIN: &str = "axum-login.data";

/// Somebody who is logged in.
#[derive(Clone)]
pub(super) struct LoggedIn(pub(super) User, [u8; 32]);

impl LoggedIn {
    fn of(user: User) -> Self {
        let hash = Sha256::digest(user.password.as_bytes());
        Self(user, hash.into())
    }
}

impl fmt::Debug for LoggedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // axum-login writes it to its trace: no name, no hash.
        f.write_str("LoggedIn")
    }
}

impl AuthUser for LoggedIn {
    type Id = String;

    fn id(&self) -> String {
        self.0.name.clone()
    }

    /// A session ends with the password that it was begun with.
    fn session_auth_hash(&self) -> &[u8] {
        &self.1
    }
}

/// A name and a password.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) name: String,
    pub(super) password: String,
}

/// Proves passwords.
#[derive(Clone)]
pub(super) struct Backend {
    store: Store,
    passwords: Passwords,
    proving: Arc<Semaphore>,
}

impl Backend {
    pub(super) fn new(store: Store, passwords: Passwords) -> Self {
        let proving = Arc::new(Semaphore::new(PROOFS_AT_ONCE));
        Self {
            store,
            passwords,
            proving,
        }
    }

    /// Whether the password is the one that is kept, off the task's thread.
    pub(super) async fn proves(&self, password: String, kept: Option<String>) -> bool {
        // The semaphore is never closed; without a permit nothing would be proved.
        let Ok(_permit) = self.proving.acquire().await else {
            return false;
        };
        let passwords = self.passwords.clone();
        let proof =
            tokio::task::spawn_blocking(move || passwords.proves(&password, kept.as_deref()));
        proof.await.unwrap_or(false)
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Backend")
    }
}

impl AuthnBackend for Backend {
    type User = LoggedIn;
    type Credentials = Credentials;
    type Error = store::Error;

    /// The same work whether there is such a user or not.
    async fn authenticate(&self, asked: Credentials) -> Result<Option<LoggedIn>, store::Error> {
        // Postgres takes no NUL, and nobody is called so.
        let user = if asked.name.contains('\0') {
            None
        } else {
            self.store.user(&asked.name).await?
        };
        let user = user.filter(|user| !user.disabled);
        let kept = user.as_ref().map(|user| user.password.clone());
        let proved = self.proves(asked.password, kept).await;
        Ok(user.filter(|_| proved).map(LoggedIn::of))
    }

    async fn get_user(&self, name: &String) -> Result<Option<LoggedIn>, store::Error> {
        let user = self.store.user(name).await?;
        Ok(user.filter(|user| !user.disabled).map(LoggedIn::of))
    }
}

/// Sessions in the store.
#[derive(Clone, Debug)]
pub(super) struct Sessions {
    store: Store,
    clock: Clock,
}

/// What the trait's methods give.
type Kept<'a, T> = Pin<Box<dyn Future<Output = session_store::Result<T>> + Send + 'a>>;

impl Sessions {
    pub(super) const fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    async fn keep(&self, record: &Record) -> session_store::Result<()> {
        let Some(user) = user_of(record) else {
            // Nobody has logged in: there is nothing to keep.
            return Ok(());
        };
        let now = self.clock.wall();
        let text = |key: &str| {
            let value = record.data.get(key)?;
            value.as_str().map(str::to_owned)
        };
        let id = text(SESSION_ID).and_then(|id| id.parse().ok());
        let session = StoredSession {
            id: id.unwrap_or_else(Uuid::nil),
            secret: secret(&record.id),
            user,
            data: encode(record)?,
            source: text(SESSION_SOURCE),
            user_agent: text(SESSION_AGENT),
            created_at: now,
            seen_at: now,
        };
        self.store
            .keep_session(&session)
            .await
            .map_err(|error| away(&error))
    }

    async fn find(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let now = self.clock.wall();
        let (begun, seen) = limits(now);
        let secret = secret(id);
        let kept = self.store.session(&secret, begun, seen).await;
        let Some(kept) = kept.map_err(|error| away(&error))? else {
            return Ok(None);
        };
        if kept.seen_at < ago(now, SEEN) {
            self.store
                .session_seen(&secret, now)
                .await
                .map_err(|error| away(&error))?;
        }
        decode(&kept.data, *id).map(Some)
    }
}

/// The moments after which a session must have been begun, and used, to count at `now`.
pub(super) fn limits(now: Timestamp) -> (Timestamp, Timestamp) {
    (ago(now, LONGEST), ago(now, IDLE))
}

pub(super) fn ago(now: Timestamp, time: Duration) -> Timestamp {
    let us = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
    Timestamp(now.0.saturating_sub(us))
}

impl SessionStore for Sessions {
    fn create<'life0, 'life1, 'async_trait>(
        &'life0 self,
        record: &'life1 mut Record,
    ) -> Kept<'async_trait, ()>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        // 128 random bits meet no others.
        Box::pin(self.keep(record))
    }

    fn save<'life0, 'life1, 'async_trait>(
        &'life0 self,
        record: &'life1 Record,
    ) -> Kept<'async_trait, ()>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(self.keep(record))
    }

    fn load<'life0, 'life1, 'async_trait>(
        &'life0 self,
        id: &'life1 Id,
    ) -> Kept<'async_trait, Option<Record>>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(self.find(id))
    }

    fn delete<'life0, 'life1, 'async_trait>(&'life0 self, id: &'life1 Id) -> Kept<'async_trait, ()>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async {
            self.store
                .end_session(&secret(id))
                .await
                .map_err(|error| away(&error))
        })
    }
}

/// The layer that reads and writes the session's cookie. Its name has the prefix that browsers
/// take from HTTPS only.
pub(super) fn layer(
    backend: Backend,
    sessions: Sessions,
    is_secure: bool,
) -> AuthManagerLayer<Backend, Sessions> {
    let manager = SessionManagerLayer::new(sessions)
        .with_name(cookie_name(is_secure))
        .with_secure(is_secure)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd);
    AuthManagerLayerBuilder::new(backend, manager).build()
}

/// What the session's cookie is called.
pub(super) const fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure {
        "__Host-thirdring"
    } else {
        "thirdring"
    }
}

/// Where a visitor comes from, as a session keeps it.
pub(super) fn source(address: IpAddr) -> String {
    address.to_canonical().to_string()
}

fn user_of(record: &Record) -> Option<String> {
    let login = record.data.get(LOGIN)?;
    login.get("user_id")?.as_str().map(str::to_owned)
}

fn secret(id: &Id) -> String {
    fingerprint(&id.to_string())
}

/// The record without its id, which is the cookie's secret.
fn encode(record: &Record) -> session_store::Result<String> {
    let nameless = Record {
        id: Id(0),
        ..record.clone()
    };
    serde_json::to_string(&nameless)
        .map_err(|error| session_store::Error::Encode(error.to_string()))
}

fn decode(text: &str, id: Id) -> session_store::Result<Record> {
    let record: Result<Record, _> = serde_json::from_str(text);
    let record = record.map_err(|error| session_store::Error::Decode(error.to_string()))?;
    Ok(Record { id, ..record })
}

fn away(error: &store::Error) -> session_store::Error {
    tracing::error!(%error, "a session could not be kept or found");
    session_store::Error::Backend("the database does not answer".to_owned())
}
