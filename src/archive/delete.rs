//! Deleting a recording: the one way there is. The store is asked first, under a lock that setting
//! a hold needs as well, so that what is held stays (R193); the audit row comes with its answer.
//! A crash in between leaves the state `deleting`, and the keeper goes on from there.

use std::io;
use std::path::{Path, PathBuf};

use super::{Archive, Error, Result};
use crate::id::CallId;
use crate::recording::sidecars;
use crate::rules::Timestamp;
use crate::store::{AuditEntry, StoredFile};

/// Who the service is in the audit, for what it does by itself.
pub(super) const SERVICE: &str = "thirdring";

impl Archive {
    /// Deletes a recording because somebody says so.
    ///
    /// # Errors
    /// It is held; nothing is said about the purpose; the database or the disk fails.
    pub async fn purge(&self, call: CallId, by: &str, purpose: &str, at: Timestamp) -> Result<()> {
        if purpose.trim().is_empty() {
            return Err(Error::NoPurpose);
        }
        let entry = AuditEntry::of_recording("recording.purge", call, by, purpose, at);
        self.delete(call, &entry).await
    }

    /// Deletes a recording because its time is over.
    pub(super) async fn expire(&self, call: CallId, at: Timestamp) -> Result<()> {
        let purpose = "the line's retention is over";
        let entry = AuditEntry::of_recording("recording.expire", call, SERVICE, purpose, at);
        self.delete(call, &entry).await
    }

    async fn delete(&self, call: CallId, entry: &AuditEntry) -> Result<()> {
        let file = self.store.recording(call).await?;
        if file.copied_at.is_some() && self.copies.is_none() {
            return Err(Error::NoCopies);
        }
        self.store.begin_deleting(call, entry).await?;
        self.finish_deleting(&file).await
    }

    /// Removes the audio and what was drawn from it; the row and the manifest, which say what
    /// there was, stay.
    pub(super) async fn finish_deleting(&self, file: &StoredFile) -> Result<()> {
        match &self.copies {
            Some(copies) => copies.remove(file).await?,
            None if file.copied_at.is_some() => return Err(Error::NoCopies),
            None => {}
        }
        self.remove_local(file).await?;
        self.store.deleted(file.call).await?;
        tracing::info!(call.id = %file.call, "a recording was deleted");
        Ok(())
    }

    pub(super) async fn remove_local(&self, file: &StoredFile) -> Result<()> {
        let wav = self.folder.join(&file.path);
        let removed = tokio::task::spawn_blocking(move || remove(wav));
        removed.await.map_err(|_| Error::Interrupted)?
    }
}

fn remove(wav: PathBuf) -> Result<()> {
    let [peaks, _manifest] = sidecars(&wav);
    for path in [peaks, wav] {
        remove_file(&path).map_err(Error::io(&path))?;
    }
    Ok(())
}

/// What is not there need not be removed.
fn remove_file(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
