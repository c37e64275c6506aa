//! Handing a recording out (R191): who, when, what for and where to is durable before the first
//! byte goes.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::verify::copy;
use super::{Archive, Error, Result};
use crate::id::CallId;
use crate::rules::Timestamp;
use crate::store::{self, AuditEntry, FileState};

/// Who takes a recording out, and what for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// A user's name.
    pub by: &'a str,
    /// In that person's words.
    pub purpose: &'a str,
    /// Now.
    pub at: Timestamp,
}

impl Archive {
    /// Copies a recording to `to`, a file that must not be there yet. The audit row comes first:
    /// it stands whatever becomes of the copy, and without it there is none.
    ///
    /// # Errors
    /// Nothing is said about the purpose; the row cannot be written; there is no such recording;
    /// the copy cannot be written, or is not what was sealed: then it is taken away again.
    pub async fn export(&self, call: CallId, to: &Path, asked: Asked<'_>) -> Result<()> {
        if asked.purpose.trim().is_empty() {
            return Err(Error::NoPurpose);
        }
        let file = self.store.recording(call).await?;
        if matches!(file.state, FileState::Deleting | FileState::Deleted) {
            return Err(store::Error::NoRecording(call).into());
        }
        let action = "recording.export";
        let mut entry = AuditEntry::of_recording(action, call, asked.by, asked.purpose, asked.at);
        entry.detail = Some(format!("to {}", to.display()));
        self.store.audit(&entry).await?;
        let (from, to) = (self.folder.join(&file.path), to.to_owned());
        let copied = tokio::task::spawn_blocking(move || hand_out(&from, &to, &file.sha256));
        copied.await.map_err(|_| Error::Interrupted)?
    }
}

fn hand_out(from: &Path, to: &Path, sha256: &str) -> Result<()> {
    let mut source = File::open(from).map_err(Error::io(from))?;
    let mut target = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .map_err(Error::io(to))?;
    let copied = copy(&mut source, &mut target).and_then(|hash| {
        target.flush()?;
        target.sync_all()?;
        Ok(hash)
    });
    let wrong = match copied {
        Ok(hash) if hash == sha256 => return Ok(()),
        Ok(_) => Error::Differs(from.to_owned()),
        Err(error) => Error::io(to)(error),
    };
    if let Err(error) = std::fs::remove_file(to) {
        tracing::warn!(%error, "half a copy of a recording stays behind");
    }
    Err(wrong)
}
