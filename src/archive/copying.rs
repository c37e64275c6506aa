//! Copying recordings as they become due, and leaving old ones to their copies.

use std::time::Duration;

use super::copies::Copies;
use super::delete::SERVICE;
use super::keeper::before;
use super::{Archive, Result};
use crate::rules::Timestamp;
use crate::store::{AuditEntry, StoredFile};

/// The first retry of a copy comes after this, each further one after twice as long ...
const FIRST_RETRY: Duration = Duration::from_secs(30);
/// ... and at last every hour.
const DOUBLINGS: u32 = 7;
/// So many recordings are copied, or left to their copies, before it is looked again.
const AT_A_TIME: u32 = 64;

impl Archive {
    /// Copies what is due, one recording after the other; gives how many were tried.
    ///
    /// # Errors
    /// The database fails. A copy that fails is no error: it is due again later.
    pub async fn copy_due(&self, now: Timestamp) -> Result<usize> {
        let Some(copies) = &self.copies else {
            return Ok(0);
        };
        let due = self.store.to_copy(now, AT_A_TIME).await?;
        for file in &due {
            match copies.make(&self.folder, file).await {
                Ok(()) => {
                    if !self.store.copied(file.call, now).await? {
                        copies.remove(file).await?;
                        continue;
                    }
                    crate::metrics::recording_copied("copied");
                }
                Err(error) => self.copy_failed(file, &error.to_string(), now).await?,
            }
        }
        self.tell_of_backlog(now).await?;
        Ok(due.len())
    }

    /// Takes recordings off our disk that are old enough and whose copies are proved, once more,
    /// now. What is held stays on both.
    ///
    /// # Errors
    /// The database or the disk fails.
    pub async fn leave_due(&self, now: Timestamp) -> Result<()> {
        let Some(copies) = &self.copies else {
            return Ok(());
        };
        let Some(keep_local) = copies.keep_local else {
            return Ok(());
        };
        let old = self.store.to_leave(before(now, keep_local), AT_A_TIME);
        for file in old.await? {
            self.leave(copies, &file, now).await?;
        }
        Ok(())
    }

    async fn leave(&self, copies: &Copies, file: &StoredFile, now: Timestamp) -> Result<()> {
        if let Err(error) = copies.prove_wav(file).await {
            return self.copy_failed(file, &error.to_string(), now).await;
        }
        let (call, why) = (file.call, "the copy is proved and the file is old");
        let entry = AuditEntry::of_recording("recording.leave", call, SERVICE, why, now);
        self.store.leave_to_copy(call, &entry).await?;
        self.remove_local(file).await
    }

    async fn copy_failed(&self, file: &StoredFile, error: &str, now: Timestamp) -> Result<()> {
        tracing::warn!(call.id = %file.call, error, "a recording was not copied");
        crate::metrics::recording_copied("failed");
        let due = now.plus(FIRST_RETRY * 2_u32.pow(file.copy_tries.min(DOUBLINGS)));
        self.store.copy_failed(file.call, error, due).await?;
        Ok(())
    }

    async fn tell_of_backlog(&self, now: Timestamp) -> Result<()> {
        let backlog = self.store.copy_backlog().await?;
        let age_us = backlog.oldest.map_or(0, |oldest| now.0 - oldest.0);
        let oldest = Duration::from_micros(u64::try_from(age_us).unwrap_or(0));
        crate::metrics::copy_backlog(backlog.count, backlog.bytes, oldest);
        Ok(())
    }
}
