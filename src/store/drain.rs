//! Brings what waits on the local disk to the database, in order, as soon as that answers.

use std::sync::Arc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::backlog::{Backlog, Chunk, NotKept};
use super::health::Signals;
use super::log_writer::LogWriterConfig;
use super::{Result, Store};
use crate::call::Entry;

/// The backlog, between those who fill it and those who empty it. Its file is read and written
/// where waiting for a disk holds up nobody.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    backlog: Arc<Mutex<Backlog>>,
    filled: Arc<Notify>,
    count: Arc<std::sync::atomic::AtomicUsize>,
}

impl Shared {
    pub(super) fn new(backlog: Backlog) -> Self {
        Self {
            count: backlog.count(),
            backlog: Arc::new(Mutex::new(backlog)),
            filled: Arc::default(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count.load(std::sync::atomic::Ordering::Acquire) == 0
    }

    /// Makes a batch durable; gives it back.
    pub(super) async fn append(
        &self,
        batch: Vec<Entry>,
    ) -> (Vec<Entry>, std::result::Result<(), NotKept>) {
        let shared = self.clone();
        let appended = tokio::task::spawn_blocking(move || {
            let kept = shared.lock().append(&batch);
            (batch, kept)
        });
        match appended.await {
            Ok(appended) => {
                self.filled.notify_one();
                appended
            }
            Err(broken) => std::panic::resume_unwind(broken.into_panic()),
        }
    }

    async fn oldest(&self, most: usize) -> std::io::Result<Option<Chunk>> {
        let shared = self.clone();
        let reading = tokio::task::spawn_blocking(move || shared.lock().oldest(most));
        reading.await.map_err(std::io::Error::other)?
    }

    async fn drained(&self, chunk: Chunk) -> std::io::Result<()> {
        let shared = self.clone();
        let removing = tokio::task::spawn_blocking(move || shared.lock().drained(&chunk));
        removing.await.map_err(std::io::Error::other)?
    }

    fn lock(&self) -> MutexGuard<'_, Backlog> {
        // Whoever broke off in the middle has left a backlog that is true all the same: its
        // figures change after the disk has.
        self.backlog.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task.
pub(super) struct Drain {
    pub(super) store: Store,
    pub(super) backlog: Shared,
    pub(super) config: LogWriterConfig,
    pub(super) signals: Arc<Signals>,
}

impl Drain {
    /// Runs until nothing waits any more and no more entries come.
    pub(super) async fn run(self) {
        let mut finish = self.signals.finish();
        loop {
            self.empty().await;
            // Asked for first: what came before the end is seen, whatever was heard of first.
            let is_finished = *finish.borrow_and_update();
            if is_finished && self.backlog.is_empty() {
                return;
            }
            tokio::select! {
                () = self.backlog.filled.notified() => {}
                _ = finish.wait_for(|finished| *finished), if !is_finished => {}
            }
        }
    }

    async fn empty(&self) {
        let mut pause = self.config.pause;
        let mut entries = 0;
        loop {
            match self.step().await {
                Ok(Some(count)) => {
                    pause = self.config.pause;
                    entries += count;
                }
                Ok(None) => break,
                Err(cause) => {
                    self.signals.database_fails(&cause);
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(self.config.longest_pause);
                }
            }
        }
        if entries > 0 {
            tracing::info!(entries, "what waited on the local disk is in the database");
        }
    }

    /// Stores the oldest entries: how many; `None` if there are none.
    async fn step(&self) -> std::result::Result<Option<usize>, String> {
        let oldest = self.backlog.oldest(self.config.batch).await;
        let Some(chunk) = oldest.map_err(|error| format!("the journal: {error}"))? else {
            return Ok(None);
        };
        let recording = self.store.record(&chunk.entries);
        match tokio::time::timeout(self.config.timeout, recording).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) => {
                self.store.reconnect();
                return Err(format!("no answer within {:?}", self.config.timeout));
            }
        }
        self.signals.database_answers();
        self.signals.takes(true);
        let count = chunk.entries.len();
        let drained = self.backlog.drained(chunk).await;
        drained.map_err(|error| format!("the journal: {error}"))?;
        Ok(Some(count))
    }
}

impl Store {
    /// Stores what an earlier run has left on the local disk, oldest first; how many entries.
    ///
    /// # Errors
    ///
    /// If the database fails, or the disk.
    pub async fn catch_up(&self, backlog: &mut Backlog, batch: usize) -> Result<usize> {
        let mut entries = 0;
        while let Some(chunk) = backlog.oldest(batch)? {
            self.record(&chunk.entries).await?;
            entries += chunk.entries.len();
            backlog.drained(&chunk)?;
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::call::event::HangupParty;
    use crate::call::{CallEvent, EventKind};
    use crate::id::{CallId, EventId};
    use crate::rules::Timestamp;
    use crate::store::{JournalFolder, health};

    fn entry(n: u128) -> Entry {
        let event = CallEvent {
            id: EventId(Uuid::from_u128(n + 1)),
            call: CallId(Uuid::from_u128(1)),
            at: Timestamp(0),
            offset_us: 0,
            kind: EventKind::HungUp {
                party: HangupParty::System,
                agent_first: false,
                reason: None,
            },
        };
        Entry {
            event,
            parties: Vec::new(),
        }
    }

    /// Both pieces of news reach the task at once: there is more, and it was the last.
    #[tokio::test]
    async fn what_comes_right_before_the_end_is_drained() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("log.db").display());
        let store = Store::open(&url).await.unwrap();
        let journal = JournalFolder::take(&folder.path().join("journal")).unwrap();
        for n in 0..40 {
            let backlog = Backlog::open(&journal, 1 << 20).unwrap();
            let (signals, _health) = health::signals(Some(&backlog), true);
            let (signals, backlog) = (Arc::new(signals), Shared::new(backlog));
            let drain = Drain {
                store: store.clone(),
                backlog: backlog.clone(),
                config: LogWriterConfig::default(),
                signals: Arc::clone(&signals),
            };
            let task = tokio::spawn(drain.run());
            backlog.filled.notify_one();
            until_heard(&backlog).await;
            backlog.lock().append(&[entry(n)]).unwrap();
            backlog.filled.notify_one();
            signals.finished();
            task.await.unwrap();
            assert!(backlog.is_empty(), "try {n}");
        }
    }

    /// Whoever waits for the next news has taken the last.
    async fn until_heard(backlog: &Shared) {
        let heard = backlog.oldest(1).await;
        assert!(heard.unwrap().is_none());
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
}
