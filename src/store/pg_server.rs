//! Connections to a Postgres server that can be exchanged for new ones: a server that stops, or a
//! path to it that swallows packets, leaves connections on which nothing ever comes again.

use std::sync::{Arc, PoisonError, RwLock};

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

/// A server; all clones share the connections.
#[derive(Clone, Debug)]
pub(super) struct PgServer(Arc<Server>);

#[derive(Debug)]
struct Server {
    pool: RwLock<PgPool>,
    connections: PgPoolOptions,
    options: PgConnectOptions,
}

impl PgServer {
    pub(super) async fn connect(
        connections: PgPoolOptions,
        options: PgConnectOptions,
    ) -> sqlx::Result<Self> {
        let pool = connections.clone().connect_with(options.clone()).await?;
        Ok(Self(Arc::new(Server {
            pool: RwLock::new(pool),
            connections,
            options,
        })))
    }

    /// The connections of now.
    pub(super) fn pool(&self) -> PgPool {
        let pool = self.0.pool.read();
        pool.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// New ones, made when they are wanted.
    pub(super) fn reconnect(&self) {
        let connections = self.0.connections.clone();
        let new = connections.connect_lazy_with(self.0.options.clone());
        let mut pool = self.0.pool.write().unwrap_or_else(PoisonError::into_inner);
        *pool = new;
    }
}
