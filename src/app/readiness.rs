//! Whether the service can take calls: its database, its signalling and its recordings.

use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::Clock;
use crate::http::{Check, Checks, Readiness};
use crate::net::{Handle, RecorderHealth};
use crate::store::Store;

/// The parts that a call needs.
pub(super) struct Parts {
    store: Store,
    signalling: Handle,
    recordings: PathBuf,
    recorder: Arc<RecorderHealth>,
}

impl Parts {
    pub(super) const fn new(
        store: Store,
        signalling: Handle,
        recordings: PathBuf,
        recorder: Arc<RecorderHealth>,
    ) -> Self {
        Self {
            store,
            signalling,
            recordings,
            recorder,
        }
    }
}

impl Readiness for Parts {
    fn checks(&self) -> Checks<'_> {
        Box::pin(async move {
            let check = |name, ready| Check { name, ready };
            let database = self.store.ping().await;
            if let Err(error) = &database {
                tracing::warn!(%error, "the database does not answer");
            }
            let recordings = tokio::fs::metadata(&self.recordings).await;
            let writable = recordings.is_ok_and(|folder| !folder.permissions().readonly());
            vec![
                check("database", database.is_ok()),
                check("listener", self.signalling.takes_calls()),
                check("recordings", writable),
                check("recorder", self.recorder.keeps_up(Clock.now())),
            ]
        })
    }
}
