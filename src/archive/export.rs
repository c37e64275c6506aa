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
use crate::store::{self, AuditEntry, FileState, StoredFile};

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
        if file.state == FileState::Remote {
            return self.hand_out_copy(&file, to).await;
        }
        let (from, to) = (self.folder.join(&file.path), to.to_owned());
        let copied = tokio::task::spawn_blocking(move || hand_out(&from, &to, &file.sha256));
        copied.await.map_err(|_| Error::Interrupted)?
    }
}

impl Archive {
    /// From the copy, where that is all there is.
    async fn hand_out_copy(&self, file: &StoredFile, to: &Path) -> Result<()> {
        let copies = self.copies.as_ref().ok_or(Error::NoCopies)?;
        let mut target = create(to)?;
        let read = copies.read(file, |part| target.write_all(part).map_err(Error::io(to)));
        let wrong = match read.await {
            Ok(hash) if hash == file.sha256 => {
                return target.sync_all().map_err(Error::io(to));
            }
            Ok(_) => Error::CopyDiffers(file.path.clone()),
            Err(error) => error,
        };
        take_away(to);
        Err(wrong)
    }
}

/// A file that was not there.
fn create(to: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create_new(true).mode(0o600);
    options.open(to).map_err(Error::io(to))
}

fn take_away(to: &Path) {
    if let Err(error) = std::fs::remove_file(to) {
        tracing::warn!(%error, "half a copy of a recording stays behind");
    }
}

fn hand_out(from: &Path, to: &Path, sha256: &str) -> Result<()> {
    let mut source = File::open(from).map_err(Error::io(from))?;
    let mut target = create(to)?;
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
    take_away(to);
    Err(wrong)
}
