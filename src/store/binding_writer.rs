//! The task that writes registrations down. Nobody waits for it, and the log of calls goes before
//! it: what has changed is gathered for a moment and written in one transaction, an agent's last
//! state once.
//!
//! A refresh changes nothing but the expiry and may wait a little longer. A crash in that time
//! costs a phone what its last refresh added, never a whole registration: its row still says what
//! the refresh before had granted.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::Store;
use crate::clock::Clock;
use crate::id::AgentId;
use crate::switch::KeptBindings;

/// How the registrations are written.
#[derive(Clone, Copy, Debug)]
pub struct BindingWriterConfig {
    /// Agents' states that may wait for the task.
    pub queue: usize,
    /// A phone that came, moved or left is written after this.
    pub news_within: Duration,
    /// A refresh is written after this.
    pub refreshes_within: Duration,
    /// A transaction that takes longer has failed.
    pub timeout: Duration,
    /// The pause after a failure.
    pub pause: Duration,
}

impl Default for BindingWriterConfig {
    fn default() -> Self {
        Self {
            queue: 4096,
            news_within: Duration::from_millis(100),
            refreshes_within: Duration::from_secs(5),
            timeout: Duration::from_secs(15),
            pause: Duration::from_secs(2),
        }
    }
}

/// The running task.
#[derive(Debug)]
pub struct BindingWriter {
    database_up: watch::Receiver<bool>,
    task: JoinHandle<()>,
}

impl BindingWriter {
    /// Starts the task; it ends when every sender is gone and all is written.
    pub fn start(store: Store, config: BindingWriterConfig) -> (Self, mpsc::Sender<KeptBindings>) {
        let (sender, receiver) = mpsc::channel(config.queue);
        let (up, database_up) = watch::channel(true);
        let work = Work {
            store,
            config,
            waiting: BTreeMap::new(),
            database_up: up,
        };
        let task = tokio::spawn(work.run(receiver));
        (Self { database_up, task }, sender)
    }

    /// Whether the last transaction went well.
    pub fn database_up(&self) -> watch::Receiver<bool> {
        self.database_up.clone()
    }

    /// Waits until the last registrations are written; they are given up after `within`.
    pub async fn finish(mut self, within: Duration) {
        if tokio::time::timeout(within, &mut self.task).await.is_err() {
            self.task.abort();
            tracing::error!("registrations were not written down: the database is away");
        }
    }
}

struct Work {
    store: Store,
    config: BindingWriterConfig,
    waiting: BTreeMap<AgentId, KeptBindings>,
    database_up: watch::Sender<bool>,
}

impl Work {
    async fn run(mut self, mut news: mpsc::Receiver<KeptBindings>) {
        let mut write_at: Option<Instant> = None;
        loop {
            // Without anything to write, this time is never looked at.
            let at = write_at.unwrap_or_else(|| Clock.now());
            tokio::select! {
                kept = news.recv() => {
                    let Some(kept) = kept else { break };
                    let within = if kept.is_news {
                        self.config.news_within
                    } else {
                        self.config.refreshes_within
                    };
                    let due = Clock.now() + within;
                    write_at = Some(write_at.map_or(due, |at| at.min(due)));
                    self.waiting.insert(kept.agent.clone(), kept);
                }
                () = tokio::time::sleep_until(at.into()), if write_at.is_some() => {
                    let written = self.write().await;
                    write_at = (!written).then(|| Clock.now() + self.config.pause);
                }
            }
        }
        while !self.write().await {
            tokio::time::sleep(self.config.pause).await;
        }
    }

    /// Writes what waits; keeps it if that fails.
    async fn write(&mut self) -> bool {
        if self.waiting.is_empty() {
            return true;
        }
        let storing = self.store.keep_bindings(self.waiting.values());
        let cause = match tokio::time::timeout(self.config.timeout, storing).await {
            Ok(Ok(())) => {
                self.waiting.clear();
                self.database_up.send_replace(true);
                return true;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {:?}", self.config.timeout),
        };
        if self.database_up.send_replace(false) {
            tracing::error!(%cause, "registrations cannot be written down");
        }
        false
    }
}
