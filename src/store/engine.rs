//! The two databases behind one type: how each is opened, and how a statement that both
//! understand is run on either.
//!
//! The drivers are native ones: sqlx's `Any` fails on booleans, UUIDs and timestamps.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Postgres, Sqlite, Transaction};

use super::pg_server::PgServer;
use super::{Error, Result};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How long SQLite waits for another process' lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long we wait for a connection before the database counts as away.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 8;

#[derive(Clone, Debug)]
pub(super) enum Engine {
    Sqlite {
        /// One connection: SQLite has one writer at a time, and it is this one.
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres {
        server: PgServer,
        /// As it may be shown.
        url: String,
    },
}

/// A transaction that may write.
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs one expression with `$connection` being the connection of a [`Tx`].
macro_rules! in_tx {
    ($tx:expr, $connection:ident => $body:expr) => {
        match $tx {
            $crate::store::engine::Tx::Sqlite(tx) => {
                let $connection = &mut **tx;
                $body
            }
            $crate::store::engine::Tx::Postgres(tx) => {
                let $connection = &mut **tx;
                $body
            }
        }
    };
}

/// Runs one expression with `$pool` being the pool that an [`Engine`] reads from.
macro_rules! on_readers {
    ($engine:expr, $pool:ident => $body:expr) => {
        match $engine {
            $crate::store::engine::Engine::Sqlite { readers: $pool, .. } => $body,
            $crate::store::engine::Engine::Postgres { server, .. } => {
                let $pool = &server.pool();
                $body
            }
        }
    };
}

pub(super) use {in_tx, on_readers};

impl Engine {
    /// SQLite is open then, with its tables up to date; a server may be away.
    pub(super) async fn connect(url: &str) -> Result<Self> {
        match url.split_once(':') {
            Some(("sqlite", _)) => Self::open_sqlite(url).await,
            Some(("postgres" | "postgresql", _)) => Self::of_server(url),
            _ => Err(Error::UnknownScheme(without_password(url))),
        }
    }

    async fn open_sqlite(url: &str) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|source| bad_url(url, &source))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        create_private(options.get_filename())?;
        let open = |source| Error::Open {
            url: without_password(url),
            source,
        };
        let pool = || {
            SqlitePoolOptions::new()
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
        };
        let writer = pool()
            .max_connections(1)
            .connect_with(options.clone())
            .await
            .map_err(open)?;
        migrate(url, SQLITE.run(&writer).await)?;
        let readers = pool()
            .max_connections(READERS)
            .connect_with(options.pragma("query_only", "on"))
            .await
            .map_err(open)?;
        Ok(Self::Sqlite { writer, readers })
    }

    fn of_server(url: &str) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|source| bad_url(url, &source))?
            .application_name("thirdring");
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT);
        Ok(Self::Postgres {
            server: PgServer::new(pool, options),
            url: without_password(url),
        })
    }

    /// Asks for a server, and brings its tables up to date.
    pub(super) async fn prepare(&self) -> Result<()> {
        let Self::Postgres { server, url } = self else {
            return Ok(());
        };
        let asked = server.ask(ACQUIRE_TIMEOUT).await;
        asked.map_err(|source| Error::Open {
            url: url.clone(),
            source,
        })?;
        migrate(url, POSTGRES.run(&server.pool()).await)
    }

    /// The same database, for those who may not write there yet.
    pub(super) fn closed(&self) -> Self {
        match self {
            // It was opened by who has opened it.
            Self::Sqlite { .. } => self.clone(),
            Self::Postgres { server, url } => Self::Postgres {
                server: server.closed(),
                url: url.clone(),
            },
        }
    }

    /// Lets everybody write who has this.
    pub(super) fn open_door(&self) {
        if let Self::Postgres { server, .. } = self {
            server.open_door();
        }
    }

    pub(super) fn is_open(&self) -> bool {
        match self {
            Self::Sqlite { .. } => true,
            Self::Postgres { server, .. } => server.is_open(),
        }
    }

    /// A transaction that holds SQLite's write lock from its start, so that it never fails for a
    /// lock half way.
    pub(super) async fn begin(&self) -> Result<Tx> {
        if !self.is_open() {
            return Err(Error::NotOpen);
        }
        Ok(match self {
            Self::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("begin immediate").await?),
            Self::Postgres { server, .. } => Tx::Postgres(server.pool().begin().await?),
        })
    }

    pub(super) async fn ping(&self) -> Result<()> {
        if !self.is_open() {
            return Err(Error::NotOpen);
        }
        on_readers!(self, pool => { sqlx::query("select 1").execute(pool).await?; });
        Ok(())
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres { server, .. } => server.pool().close().await,
        }
    }

    /// SQLite has no connection that could lead nowhere.
    pub(super) fn reconnect(&self) {
        if let Self::Postgres { server, .. } = self {
            server.reconnect();
        }
    }
}

impl Tx {
    pub(super) async fn rollback(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }

    pub(super) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

fn migrate(url: &str, outcome: std::result::Result<(), sqlx::migrate::MigrateError>) -> Result<()> {
    outcome.map_err(|source| Error::Migrate {
        url: without_password(url),
        source,
    })
}

fn bad_url(url: &str, source: &sqlx::Error) -> Error {
    Error::BadUrl {
        url: without_password(url),
        why: source.to_string(),
    }
}

/// Makes the file and its folder if they are missing. It holds telephone numbers: only we may
/// read it. SQLite gives its `-wal` and `-shm` files the same mode.
fn create_private(path: &Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if path.as_os_str().is_empty() || path.to_string_lossy().contains(":memory:") {
        return Ok(());
    }
    let create = || {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)
    };
    create().map(drop).map_err(|source| Error::File {
        path: path.display().to_string(),
        source,
    })
}

/// The URL as it may be shown: `postgres://user:***@host/name`, and no `password=` parameter.
fn without_password(url: &str) -> String {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let mut shown = match base.split_once("://") {
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((credentials, host)) => {
                let user = credentials.split(':').next().unwrap_or_default();
                let secret = if credentials.contains(':') {
                    ":***"
                } else {
                    ""
                };
                format!("{scheme}://{user}{secret}@{host}")
            }
            None => base.to_owned(),
        },
        None => base.to_owned(),
    };
    let kept = query
        .split('&')
        .filter(|parameter| !parameter.is_empty() && !parameter.starts_with("password="));
    for (n, parameter) in kept.enumerate() {
        shown.push(if n == 0 { '?' } else { '&' });
        shown.push_str(parameter);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("postgres://u:s3@h:5/d", "postgres://u:***@h:5/d"),
            (
                "postgres://u:s@3@h/d?sslmode=require",
                "postgres://u:***@h/d?sslmode=require",
            ),
            ("postgres://h/d?user=u&password=s3", "postgres://h/d?user=u"),
            ("postgres://u@h/d", "postgres://u@h/d"),
            ("sqlite:///var/lib/calls.db", "sqlite:///var/lib/calls.db"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
