//! Whether the service can take calls: its database, its signalling and its recordings.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::http::{Check, Checks, Readiness};
use crate::net::{Handle, RecorderHealth};
use crate::store::{LogHealth, Store};

/// A database that takes longer does not answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// The parts that a call needs.
pub(super) struct Parts {
    pub(super) store: Store,
    pub(super) health: LogHealth,
    pub(super) signalling: Handle,
    recordings: PathBuf,
    pub(super) recorder: Arc<RecorderHealth>,
}

impl Parts {
    pub(super) const fn new(
        store: Store,
        health: LogHealth,
        signalling: Handle,
        recordings: PathBuf,
        recorder: Arc<RecorderHealth>,
    ) -> Self {
        Self {
            store,
            health,
            signalling,
            recordings,
            recorder,
        }
    }
}

impl Readiness for Parts {
    fn checks(&self) -> Checks<'_> {
        Box::pin(async move {
            let check = |name, ready| Check {
                name,
                ready,
                vital: true,
            };
            // With a journal calls are taken without the database.
            let database = Check {
                vital: !self.health.has_journal(),
                ..check("database", self.database_answers().await)
            };
            let recordings = tokio::fs::metadata(&self.recordings).await;
            let writable = recordings.is_ok_and(|folder| !folder.permissions().readonly());
            vec![
                database,
                check("listener", self.signalling.takes_calls()),
                check("recordings", writable),
                check("recorder", self.recorder.keeps_up(Clock.now())),
            ]
        })
    }
}

impl Parts {
    /// It is not asked while the log knows that it is away: each question would take a connection
    /// that leads nowhere.
    async fn database_answers(&self) -> bool {
        if !self.health.is_database_up() {
            return false;
        }
        match tokio::time::timeout(PATIENCE, self.store.ping()).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the database does not answer");
                false
            }
            Err(_) => {
                tracing::warn!("the database does not answer in time");
                self.store.reconnect();
                false
            }
        }
    }
}
