//! The task between the core and the database: it makes durable what the core asks for, in groups,
//! and tells the core what is.
//!
//! A group is whatever waits when its turn comes: at once if there was none for a moment,
//! otherwise [`gather`](LogWriterConfig::gather) after the last one, because a commit costs more
//! than what is in it. While the database is away, or slower than
//! [`patience`](LogWriterConfig::patience), groups go to the [`Backlog`] on the local disk, which
//! [`Drain`](super::drain) empties. Only when that is full as well do entries wait in the queue, in
//! order, and does the core feel it. None is ever dropped.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::backlog::Backlog;
use super::drain::{Drain, Shared};
use super::health::{LogHealth, Signals};
use super::{Store, health};
use crate::call::Entry;
use crate::clock::Clock;
use crate::id::EventId;

/// How the log is written.
#[derive(Clone, Copy, Debug)]
pub struct LogWriterConfig {
    /// Entries that may wait in memory.
    pub queue: usize,
    /// Entries a transaction, at most.
    pub batch: usize,
    /// Left free between two transactions, for the next one's entries to come together.
    pub gather: Duration,
    /// A group that is not in the database by then goes to the local disk, if there is a backlog.
    pub patience: Duration,
    /// A transaction that takes longer has failed.
    pub timeout: Duration,
    /// The first pause after a failure; it doubles with each further one.
    pub pause: Duration,
    /// The longest pause between two tries.
    pub longest_pause: Duration,
}

impl Default for LogWriterConfig {
    fn default() -> Self {
        Self {
            queue: 65_536,
            batch: 512,
            gather: Duration::from_millis(20),
            patience: Duration::from_millis(400),
            timeout: Duration::from_secs(15),
            pause: Duration::from_millis(50),
            longest_pause: Duration::from_secs(2),
        }
    }
}

/// The running task.
#[derive(Debug)]
pub struct LogWriter {
    entries: mpsc::Sender<Entry>,
    health: LogHealth,
    signals: Arc<Signals>,
    stop: watch::Sender<bool>,
    in_hand: Arc<AtomicUsize>,
    task: JoinHandle<()>,
    drain: Option<JoinHandle<()>>,
}

/// The database was away for so long that the log could not be finished, and the local disk did
/// not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} entries of the log could not be stored before the end")]
pub struct Unstored(pub usize);

impl LogWriter {
    /// Starts the task. The ids of what is durable go to `stored`, a group at a time and in
    /// order; the task waits while that channel is full. Without a backlog nothing is durable
    /// while the database is away.
    pub fn start(
        store: Store,
        backlog: Option<Backlog>,
        config: LogWriterConfig,
        stored: mpsc::Sender<Vec<EventId>>,
    ) -> Self {
        let (entries, receiver) = mpsc::channel(config.queue);
        let (stop, stopping) = watch::channel(false);
        let in_hand = Arc::new(AtomicUsize::new(0));
        let (signals, health) = health::signals(backlog.as_ref(), store.is_open());
        let signals = Arc::new(signals);
        let backlog = backlog.map(Shared::new);
        let drain = backlog.clone().map(|backlog| {
            let drain = Drain {
                store: store.clone(),
                backlog,
                config,
                signals: Arc::clone(&signals),
            };
            tokio::spawn(drain.run())
        });
        let work = Work {
            store,
            backlog,
            config,
            stored,
            signals: Arc::clone(&signals),
            in_hand: Arc::clone(&in_hand),
        };
        Self {
            entries,
            health,
            signals,
            stop,
            in_hand,
            task: tokio::spawn(work.run(receiver, stopping)),
            drain,
        }
    }

    /// Where entries go. Whoever must not wait uses `try_send`; an error means that the queue is
    /// full, or that the log is being finished.
    pub fn entries(&self) -> mpsc::Sender<Entry> {
        self.entries.clone()
    }

    /// How the log is.
    pub fn health(&self) -> LogHealth {
        self.health.clone()
    }

    /// What to call when somebody else has found the database to be back.
    pub fn database_is_back(&self) -> impl FnOnce() + Send + use<> {
        let signals = Arc::clone(&self.signals);
        move || signals.database_answers()
    }

    /// Whether the last transaction went well.
    pub fn database_up(&self) -> watch::Receiver<bool> {
        self.health.database_up.clone()
    }

    /// Entries that are not durable yet.
    pub fn waiting(&self) -> usize {
        let queued = self.entries.max_capacity() - self.entries.capacity();
        queued + self.in_hand.load(Ordering::Relaxed)
    }

    /// Takes no more entries, stores those that wait, and ends the task. What is on the local disk
    /// and cannot be drained `within` this time waits there for the next start.
    ///
    /// # Errors
    ///
    /// If some could not be made durable `within` this time.
    pub async fn finish(self, within: Duration) -> Result<(), Unstored> {
        let Self {
            entries,
            health,
            signals: _,
            stop,
            in_hand,
            mut task,
            drain,
        } = self;
        let began = Clock.now();
        stop.send_replace(true);
        if tokio::time::timeout(within, &mut task).await.is_err() {
            let queued = entries.max_capacity() - entries.capacity();
            let unstored = Unstored(queued + in_hand.load(Ordering::Relaxed));
            task.abort();
            return Err(unstored);
        }
        if let Some(mut drain) = drain
            && tokio::time::timeout(left(began, within), &mut drain)
                .await
                .is_err()
        {
            drain.abort();
            let entries = health.backlog();
            tracing::warn!(
                entries,
                "the database is away: entries of the log wait on the local disk"
            );
        }
        Ok(())
    }
}

/// What is left of `within`.
fn left(began: Instant, within: Duration) -> Duration {
    within.saturating_sub(Clock.now().saturating_duration_since(began))
}

struct Work {
    store: Store,
    backlog: Option<Shared>,
    config: LogWriterConfig,
    stored: mpsc::Sender<Vec<EventId>>,
    signals: Arc<Signals>,
    in_hand: Arc<AtomicUsize>,
}

impl Work {
    async fn run(self, mut entries: mpsc::Receiver<Entry>, mut stopping: watch::Receiver<bool>) {
        let mut batch = Vec::with_capacity(self.config.batch);
        loop {
            let received = tokio::select! {
                received = entries.recv_many(&mut batch, self.config.batch) => received,
                _ = stopping.wait_for(|stop| *stop), if !entries.is_closed() => {
                    entries.close();
                    continue;
                }
            };
            if received == 0 {
                // Nothing more comes: the drain may end once it is done.
                self.signals.finished();
                return;
            }
            self.in_hand.store(received, Ordering::Relaxed);
            let ids = batch.iter().map(|entry| entry.event.id).collect();
            batch = self
                .store_and_listen(batch, &mut entries, &mut stopping)
                .await;
            self.in_hand.store(0, Ordering::Relaxed);
            batch.clear();
            // Nobody listens any more when the core has stopped before us.
            let _ = self.stored.send(ids).await;
            // A full group shows that more are waiting than the pause would bring together.
            if received < self.config.batch {
                tokio::select! {
                    () = tokio::time::sleep(self.config.gather) => {}
                    _ = stopping.wait_for(|stop| *stop) => {}
                }
            }
        }
    }

    /// Stores a batch; when it is time to finish meanwhile, no more entries are taken.
    async fn store_and_listen(
        &self,
        batch: Vec<Entry>,
        entries: &mut mpsc::Receiver<Entry>,
        stopping: &mut watch::Receiver<bool>,
    ) -> Vec<Entry> {
        let mut storing = pin!(self.store_batch(batch));
        loop {
            tokio::select! {
                batch = &mut storing => return batch,
                _ = stopping.wait_for(|stop| *stop), if !entries.is_closed() => entries.close(),
            }
        }
    }

    /// Tries until the batch is durable, here or there: the next one must not be stored before
    /// this one. What the backlog has not passed on yet goes before it as well.
    async fn store_batch(&self, mut batch: Vec<Entry>) -> Vec<Entry> {
        let mut pause = self.config.pause;
        let mut patience = match self.backlog {
            Some(_) => self.config.patience,
            None => self.config.timeout,
        };
        loop {
            if self.is_direct() && self.try_database(&batch, patience).await {
                return batch;
            }
            if let Some(backlog) = &self.backlog {
                let kept;
                (batch, kept) = backlog.append(batch).await;
                match kept {
                    Ok(()) => {
                        self.signals.takes(true);
                        return batch;
                    }
                    Err(error) => {
                        if self.signals.takes(false) {
                            tracing::error!(%error, alarm = "journal_refuses", "the log waits in memory: new calls are refused");
                        }
                        // There is only the database: it gets all the time that it needs.
                        patience = self.config.timeout;
                    }
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(self.config.longest_pause);
        }
    }

    /// Nothing waits on the local disk that must go before.
    fn is_direct(&self) -> bool {
        self.backlog.as_ref().is_none_or(Shared::is_empty)
    }

    async fn try_database(&self, batch: &[Entry], patience: Duration) -> bool {
        let cause = match tokio::time::timeout(patience, self.store.record(batch)).await {
            Ok(Ok(())) => {
                self.signals.database_answers();
                return true;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {patience:?}"),
        };
        self.signals.database_fails(&cause);
        false
    }
}
