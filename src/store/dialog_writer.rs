//! The task that writes down which dialogs are open. Nobody waits for it: what comes after a pause
//! is written at once, and what comes within it together. What a crash finds unwritten is a BYE
//! that is not sent.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::dialogs::Dialogs;
use crate::call::DialogChange;

/// Changes that may wait for the task.
const QUEUE: usize = 16_384;
/// Changes that are written together, at most.
const GROUP: usize = 4096;
/// Left free after a group, for the next one's changes to come together.
const GATHER: Duration = Duration::from_millis(50);

/// The running task.
#[derive(Debug)]
pub struct DialogWriter {
    task: JoinHandle<()>,
}

impl DialogWriter {
    /// Starts the task; it ends when every sender is gone and all is written.
    pub fn start(dialogs: Dialogs) -> (Self, mpsc::Sender<DialogChange>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let task = tokio::spawn(run(dialogs, receiver));
        (Self { task }, sender)
    }

    /// Waits until the last changes are written.
    pub async fn finish(mut self, within: Duration) {
        if tokio::time::timeout(within, &mut self.task).await.is_err() {
            self.task.abort();
            tracing::error!("which dialogs are open was not written down: the disk hangs");
        }
    }
}

async fn run(mut dialogs: Dialogs, mut changes: mpsc::Receiver<DialogChange>) {
    let mut group = Vec::new();
    let mut fails = false;
    while changes.recv_many(&mut group, GROUP).await > 0 {
        let writing = tokio::task::spawn_blocking(move || {
            let written = dialogs.change(&group);
            (dialogs, group, written)
        });
        let written = match writing.await {
            Ok((same, written_group, written)) => {
                (dialogs, group) = (same, written_group);
                written
            }
            Err(broken) => std::panic::resume_unwind(broken.into_panic()),
        };
        group.clear();
        match written {
            Ok(()) if fails => {
                fails = false;
                tracing::info!("which dialogs are open is written down again");
            }
            Err(error) if !fails => {
                fails = true;
                tracing::error!(%error, alarm = "dialogs_unwritten", "which dialogs are open cannot be written down");
            }
            Ok(()) | Err(_) => {}
        }
        if !changes.is_closed() {
            tokio::time::sleep(GATHER).await;
        }
    }
}
