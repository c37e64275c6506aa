//! How the log is: whether the database answers, and what waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

use super::backlog::Backlog;

/// How the log is; cheap to clone.
#[derive(Clone, Debug)]
pub struct LogHealth {
    pub(super) database_up: watch::Receiver<bool>,
    takes: watch::Receiver<bool>,
    backlog: Arc<AtomicUsize>,
}

impl LogHealth {
    /// Whether the last transaction went well.
    pub fn is_database_up(&self) -> bool {
        *self.database_up.borrow()
    }

    /// Whether entries are durable while the database is away: the local disk takes them.
    pub fn has_journal(&self) -> bool {
        *self.takes.borrow()
    }

    /// Entries on the local disk that the database does not have yet.
    pub fn backlog(&self) -> usize {
        self.backlog.load(Ordering::Acquire)
    }
}

/// Where the log's tasks say how it is.
#[derive(Debug)]
pub(super) struct Signals {
    database_up: watch::Sender<bool>,
    takes: watch::Sender<bool>,
    finished: watch::Sender<bool>,
}

/// Where it is said, and where it is heard.
pub(super) fn signals(backlog: Option<&Backlog>, is_up: bool) -> (Signals, LogHealth) {
    let (up, database_up) = watch::channel(is_up);
    let (takes, taking) = watch::channel(backlog.is_some_and(Backlog::has_room));
    let signals = Signals {
        database_up: up,
        takes,
        finished: watch::Sender::new(false),
    };
    let health = LogHealth {
        database_up,
        takes: taking,
        backlog: backlog.map(Backlog::count).unwrap_or_default(),
    };
    (signals, health)
}

impl Signals {
    pub(super) fn database_answers(&self) {
        if !self.database_up.send_replace(true) {
            tracing::info!("the database is back");
        }
    }

    pub(super) fn database_fails(&self, cause: &str) {
        if self.database_up.send_replace(false) {
            tracing::error!(%cause, "the database is away: the log waits for it");
        } else {
            tracing::debug!(%cause, "the database is still away");
        }
    }

    /// Says whether the local disk takes entries; whether it did before.
    pub(super) fn takes(&self, takes: bool) -> bool {
        self.takes.send_replace(takes)
    }

    /// No more entries come.
    pub(super) fn finished(&self) {
        self.finished.send_replace(true);
    }

    pub(super) fn finish(&self) -> watch::Receiver<bool> {
        self.finished.subscribe()
    }
}
