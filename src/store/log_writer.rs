//! The task between the core and the database: it stores what the core asks for in groups, and
//! tells the core what is durable.
//!
//! A group is whatever waits when its turn comes: at once if there was none for a moment,
//! otherwise [`gather`](LogWriterConfig::gather) after the last one, because a commit costs more
//! than what is in it. While the database is away entries wait in the queue, in order; none is
//! dropped. Only when the queue is full does the core feel it.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::Store;
use crate::call::Entry;
use crate::id::EventId;

/// How the log is written.
#[derive(Clone, Copy, Debug)]
pub struct LogWriterConfig {
    /// Entries that may wait while the database is slow or away.
    pub queue: usize,
    /// Entries a transaction, at most.
    pub batch: usize,
    /// Left free between two transactions, for the next one's entries to come together.
    pub gather: Duration,
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
    database_up: watch::Receiver<bool>,
    stop: watch::Sender<bool>,
    in_hand: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

/// The database was away for so long that the log could not be finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} entries of the log could not be stored before the end")]
pub struct Unstored(pub usize);

impl LogWriter {
    /// Starts the task. The ids of what is durable go to `stored`, a group at a time and in
    /// order; the task waits while that channel is full.
    pub fn start(
        store: Store,
        config: LogWriterConfig,
        stored: mpsc::Sender<Vec<EventId>>,
    ) -> Self {
        let (entries, receiver) = mpsc::channel(config.queue);
        let (up, database_up) = watch::channel(true);
        let (stop, stopping) = watch::channel(false);
        let in_hand = Arc::new(AtomicUsize::new(0));
        let work = Work {
            store,
            config,
            stored,
            database_up: up,
            in_hand: Arc::clone(&in_hand),
        };
        Self {
            entries,
            database_up,
            stop,
            in_hand,
            task: tokio::spawn(work.run(receiver, stopping)),
        }
    }

    /// Where entries go. Whoever must not wait uses `try_send`; an error means that the queue is
    /// full, or that the log is being finished.
    pub fn entries(&self) -> mpsc::Sender<Entry> {
        self.entries.clone()
    }

    /// Whether the last transaction went well.
    pub fn database_up(&self) -> watch::Receiver<bool> {
        self.database_up.clone()
    }

    /// Entries that are not stored yet.
    pub fn waiting(&self) -> usize {
        let queued = self.entries.max_capacity() - self.entries.capacity();
        queued + self.in_hand.load(Ordering::Relaxed)
    }

    /// Takes no more entries, stores those that wait, and ends the task.
    ///
    /// # Errors
    ///
    /// If they could not be stored `within` this time.
    pub async fn finish(self, within: Duration) -> Result<(), Unstored> {
        let Self {
            entries,
            stop,
            in_hand,
            mut task,
            ..
        } = self;
        stop.send_replace(true);
        if tokio::time::timeout(within, &mut task).await.is_ok() {
            return Ok(());
        }
        let queued = entries.max_capacity() - entries.capacity();
        let unstored = Unstored(queued + in_hand.load(Ordering::Relaxed));
        task.abort();
        Err(unstored)
    }
}

struct Work {
    store: Store,
    config: LogWriterConfig,
    stored: mpsc::Sender<Vec<EventId>>,
    database_up: watch::Sender<bool>,
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
                return;
            }
            self.in_hand.store(received, Ordering::Relaxed);
            self.store_and_listen(&batch, &mut entries, &mut stopping)
                .await;
            self.in_hand.store(0, Ordering::Relaxed);
            let ids = batch.drain(..).map(|entry| entry.event.id).collect();
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
        batch: &[Entry],
        entries: &mut mpsc::Receiver<Entry>,
        stopping: &mut watch::Receiver<bool>,
    ) {
        let mut storing = pin!(self.store_batch(batch));
        loop {
            tokio::select! {
                () = &mut storing => return,
                _ = stopping.wait_for(|stop| *stop), if !entries.is_closed() => entries.close(),
            }
        }
    }

    /// Tries until it succeeds: the next batch must not be stored before this one.
    async fn store_batch(&self, batch: &[Entry]) {
        let mut pause = self.config.pause;
        loop {
            let cause =
                match tokio::time::timeout(self.config.timeout, self.store.record(batch)).await {
                    Ok(Ok(())) => break,
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => format!("no answer within {:?}", self.config.timeout),
                };
            if self.database_up.send_replace(false) {
                tracing::error!(%cause, "the database is away: the log waits in memory");
            } else {
                tracing::debug!(%cause, "the database is still away");
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(self.config.longest_pause);
        }
        if !self.database_up.send_replace(true) {
            tracing::info!("the database is back");
        }
    }
}
