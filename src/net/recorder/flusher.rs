//! The threads that wait for the disk, so that nobody else has to: one commits the journal, one
//! makes files safe that the journal no longer needs to keep, and deletes old segments.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::health::RecorderHealth;
use super::{Note, spawn};
use crate::recording::{CommitJob, SettleJob};

/// A commit goes on while the next one waits.
const COMMITS: usize = 1;
/// Deletions and settlings that may wait.
const CHORES: usize = 64;

/// What the second thread does.
#[derive(Debug)]
pub(super) enum Chore {
    Settle(SettleJob),
    Delete(Vec<PathBuf>),
}

/// The recorder's ends.
pub(super) struct Flushers {
    pub(super) commits: SyncSender<CommitJob>,
    pub(super) chores: SyncSender<Chore>,
}

/// Starts both; they end when the recorder does.
pub(super) fn start(
    health: &Arc<RecorderHealth>,
    notes: &SyncSender<Note>,
) -> io::Result<(Flushers, [JoinHandle<()>; 2])> {
    let (commits, jobs) = sync_channel(COMMITS);
    let (chores, waiting) = sync_channel(CHORES);
    let committer = spawn("journal", {
        let (health, notes) = (Arc::clone(health), notes.clone());
        move || commit_all(&jobs, &health, &notes)
    })?;
    let settler = spawn("settler", {
        let notes = notes.clone();
        move || do_all(&waiting, &notes)
    })?;
    Ok((Flushers { commits, chores }, [committer, settler]))
}

fn commit_all(jobs: &Receiver<CommitJob>, health: &RecorderHealth, notes: &SyncSender<Note>) {
    for job in jobs {
        let committed = commit(&job);
        health.committed();
        if let Err(error) = committed {
            crate::metrics::recorder_fault("journal");
            tracing::error!(%error, "the journal cannot be made safe");
            // A full queue means that the recorder has enough to think about.
            let _ = notes.try_send(Note::CommitFailed);
        }
    }
}

fn commit(job: &CommitJob) -> io::Result<()> {
    let files = job.files.iter().map(|file| file.sync_data());
    let flushed = files.fold(Ok(()), Result::and);
    let folder = job.folder.as_deref().map_or(Ok(()), sync_folder);
    flushed.and(folder)
}

fn do_all(chores: &Receiver<Chore>, notes: &SyncSender<Note>) {
    for chore in chores {
        match chore {
            Chore::Settle(job) => {
                let settled = settle(&job.parts);
                let done = settled.is_ok();
                if let Err(error) = settled {
                    crate::metrics::recorder_fault("file");
                    tracing::error!(%error, "recordings cannot be made safe; the journal keeps them");
                }
                let segment = job.segment;
                if notes.send(Note::Settled { segment, done }).is_err() {
                    return; // nobody needs to know any more
                }
            }
            Chore::Delete(paths) => delete(&paths),
        }
    }
}

/// Makes files safe, and the folders that they are named in. A file that is gone is sealed.
fn settle(parts: &[PathBuf]) -> io::Result<()> {
    let mut folders: Vec<&Path> = Vec::new();
    for part in parts {
        match File::open(part) {
            Ok(file) => file.sync_data()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        }
        // A file is there when its year, month and day are.
        folders.extend(part.ancestors().skip(1).take(4));
    }
    folders.sort_unstable();
    folders.dedup();
    folders.into_iter().try_for_each(sync_folder)
}

fn delete(paths: &[PathBuf]) {
    for path in paths {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(path = %path.display(), %error, "a segment of the journal stays behind");
            }
            Ok(()) | Err(_) => {}
        }
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
