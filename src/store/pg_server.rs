//! Connections to a Postgres server that can be exchanged for new ones: a server that stops, or a
//! path to it that swallows packets, leaves connections on which nothing ever comes again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{Connection, Error};

/// A server; all clones share the connections.
#[derive(Clone, Debug)]
pub(super) struct PgServer {
    server: Arc<Server>,
    is_open: Arc<AtomicBool>,
}

#[derive(Debug)]
struct Server {
    pool: RwLock<PgPool>,
    connections: PgPoolOptions,
    options: PgConnectOptions,
}

impl PgServer {
    /// Connections are made when they are wanted.
    pub(super) fn new(connections: PgPoolOptions, options: PgConnectOptions) -> Self {
        let pool = connections.clone().connect_lazy_with(options.clone());
        Self {
            server: Arc::new(Server {
                pool: RwLock::new(pool),
                connections,
                options,
            }),
            is_open: Arc::new(AtomicBool::new(true)),
        }
    }

    /// The same server, for those who may not write there yet.
    pub(super) fn closed(&self) -> Self {
        Self {
            server: Arc::clone(&self.server),
            is_open: Arc::default(),
        }
    }

    pub(super) fn open_door(&self) {
        self.is_open.store(true, Ordering::Release);
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    /// Whether it answers. The pool would go on asking a server that is not there.
    pub(super) async fn ask(&self, patience: Duration) -> sqlx::Result<()> {
        let asking = async {
            let connection = PgConnection::connect_with(&self.server.options).await?;
            connection.close().await
        };
        let asked = tokio::time::timeout(patience, asking).await;
        asked.unwrap_or(Err(Error::PoolTimedOut))
    }

    /// The connections of now.
    pub(super) fn pool(&self) -> PgPool {
        let pool = self.server.pool.read();
        pool.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// New ones, made when they are wanted.
    pub(super) fn reconnect(&self) {
        let connections = self.server.connections.clone();
        let new = connections.connect_lazy_with(self.server.options.clone());
        let mut pool = self
            .server
            .pool
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *pool = new;
    }
}
