//! The thread that makes finished recordings safe under their final names: hashing a long call
//! takes longer than others can wait. What a sick disk does not take is tried again for a while.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use super::{Note, failed};
use crate::call::media::MediaEvent;
use crate::clock::Clock;
use crate::id::CallId;
use crate::net::media_plane::Report;
use crate::recording::{Error, Finished, Particulars, SealRules, spool};

/// Between two tries.
const RETRY: Duration = Duration::from_secs(5);
/// Tries: a minute of them. Later the call is forgotten, and the file waits for the next start.
const TRIES: u32 = 12;
/// Nothing to try again: as long as one likes.
const IDLE: Duration = Duration::from_hours(1);

/// A recording that is written.
#[derive(Debug)]
pub(super) struct SealJob {
    pub(super) call: CallId,
    pub(super) finished: Finished,
    pub(super) particulars: Particulars,
    /// Where the rest of it is, if its own disk failed it.
    pub(super) spool: Option<PathBuf>,
}

/// Seals what comes until nothing comes any more.
pub(super) struct Sealer {
    pub(super) recordings: PathBuf,
    pub(super) rules: SealRules,
    pub(super) notes: SyncSender<Note>,
    pub(super) report: Report,
}

impl Sealer {
    pub(super) fn run(self, jobs: &Receiver<SealJob>) {
        let mut again: Vec<(SealJob, u32)> = Vec::new();
        let mut retry_at = None;
        loop {
            let wait = retry_at.map_or(IDLE, |at: Instant| {
                at.saturating_duration_since(Clock.now())
            });
            match jobs.recv_timeout(wait) {
                Ok(job) => again.extend(self.seal(job, 0)),
                Err(RecvTimeoutError::Timeout) => {
                    let due = std::mem::take(&mut again);
                    again.extend(
                        due.into_iter()
                            .filter_map(|(job, tries)| self.seal(job, tries)),
                    );
                    retry_at = None;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if again.is_empty() {
                retry_at = None;
            } else {
                retry_at.get_or_insert_with(|| Clock.now() + RETRY);
            }
        }
        for (job, _) in again {
            self.seal(job, TRIES); // the last chance before the next start
        }
        let _ = self.notes.send(Note::SealerDone);
    }

    /// Seals a recording; gives it back if it is to be tried again.
    fn seal(&self, job: SealJob, tries: u32) -> Option<(SealJob, u32)> {
        match seal(&job, &self.recordings, &self.rules) {
            Ok(event) => {
                (self.report)(event);
                if self.notes.send(Note::Sealed(job.call)).is_err() {
                    tracing::debug!("the recorder is gone");
                }
                None
            }
            Err(error) if tries < TRIES => {
                tracing::error!(call.id = %job.call, %error, "a recording cannot be sealed; it is tried again");
                crate::metrics::recorder_fault("file");
                Some((job, tries + 1))
            }
            Err(error) => {
                (self.report)(failed(job.call, &error));
                None
            }
        }
    }
}

fn seal(job: &SealJob, recordings: &Path, rules: &SealRules) -> Result<MediaEvent, Error> {
    if let Some(spool) = &job.spool {
        spool::join(spool, recordings)?;
    }
    let recording = job.finished.clone().seal(job.particulars.clone(), rules)?;
    if let Some(spool) = &job.spool
        && let Err(error) = std::fs::remove_file(spool)
    {
        tracing::warn!(path = %spool.display(), %error, "a spool file stays behind");
    }
    Ok(MediaEvent::RecordingSealed {
        call: job.call,
        recording,
    })
}
