//! The task that writes down what happens at the desk. Nobody waits for it, and the log of calls
//! goes before it: what comes within a moment is written in one transaction, in order. While the
//! database is away it waits here, the newest of it however long that takes; a crash in that time
//! leaves the desk as it was last written.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::Store;
use crate::switch::DeskEntry;

/// Entries that may be on their way to the task.
const QUEUE: usize = 4096;
/// Entries that are written together, at most.
const GROUP: usize = 1024;
/// Left free before a group is written, so that it comes together.
const GATHER: Duration = Duration::from_millis(100);
/// A transaction that takes longer has failed.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The pause after a failure.
const PAUSE: Duration = Duration::from_secs(2);
/// So many wait at most, some 300 bytes each; then the oldest are given up.
const MOST: usize = 100_000;

/// The running task.
#[derive(Debug)]
pub struct DeskWriter {
    database_up: watch::Receiver<bool>,
    task: JoinHandle<()>,
}

impl DeskWriter {
    /// Starts the task; it ends when every sender is gone and all is written.
    pub fn start(store: Store) -> (Self, mpsc::Sender<DeskEntry>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let (up, database_up) = watch::channel(true);
        let work = Work {
            store,
            waiting: VecDeque::new(),
            lost: 0,
            database_up: up,
        };
        let task = tokio::spawn(work.run(receiver));
        (Self { database_up, task }, sender)
    }

    /// Whether the last transaction went well.
    pub fn database_up(&self) -> watch::Receiver<bool> {
        self.database_up.clone()
    }

    /// Waits until the last entries are written; they are given up after `within`.
    pub async fn finish(mut self, within: Duration) {
        if tokio::time::timeout(within, &mut self.task).await.is_err() {
            self.task.abort();
            tracing::error!("what agents did last was not written down: the database is away");
        }
    }
}

struct Work {
    store: Store,
    waiting: VecDeque<DeskEntry>,
    lost: usize,
    database_up: watch::Sender<bool>,
}

impl Work {
    async fn run(mut self, mut entries: mpsc::Receiver<DeskEntry>) {
        let mut is_open = true;
        while is_open || !self.waiting.is_empty() {
            if self.waiting.is_empty() {
                let first = entries.recv().await;
                is_open = first.is_some();
                self.waiting.extend(first);
            }
            let fails = !*self.database_up.borrow();
            let pause = if fails { PAUSE } else { GATHER };
            is_open = is_open && self.gather(&mut entries, pause).await;
            if !is_open && fails {
                tokio::time::sleep(pause).await;
            }
            self.write().await;
        }
    }

    /// Takes in what comes for so long; whether more may come.
    async fn gather(&mut self, entries: &mut mpsc::Receiver<DeskEntry>, time: Duration) -> bool {
        let pause = tokio::time::sleep(time);
        tokio::pin!(pause);
        loop {
            tokio::select! {
                entry = entries.recv() => match entry {
                    Some(entry) => self.keep(entry),
                    None => return false,
                },
                () = &mut pause => return true,
            }
        }
    }

    fn keep(&mut self, entry: DeskEntry) {
        if self.waiting.len() == MOST {
            self.waiting.pop_front();
            self.lost += 1;
        }
        self.waiting.push_back(entry);
    }

    /// Writes the oldest of what waits; keeps it if that fails.
    async fn write(&mut self) {
        let count = self.waiting.len().min(GROUP);
        if count == 0 {
            return;
        }
        let group = &self.waiting.make_contiguous()[..count];
        let writing = self.store.record_desk(group);
        let cause = match tokio::time::timeout(TIMEOUT, writing).await {
            Ok(Ok(())) => {
                self.waiting.drain(..count);
                if !self.database_up.send_replace(true) {
                    let lost = std::mem::take(&mut self.lost);
                    tracing::info!(lost, "what agents do is written down again");
                }
                return;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {TIMEOUT:?}"),
        };
        if self.database_up.send_replace(false) {
            tracing::error!(%cause, "what agents do cannot be written down");
        }
    }
}
