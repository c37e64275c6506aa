//! Whether a recording is still what was sealed (R192): its file is read and hashed again.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Archive, Error, Result};
use crate::id::CallId;
use crate::rules::Timestamp;
use crate::store::FileState;

const BLOCK_BYTES: usize = 64 * 1024;

impl Archive {
    /// Reads a recording and writes down in what condition it is; one that is not on our disk is
    /// left as it is.
    ///
    /// # Errors
    /// The database fails, or the disk lets nobody look.
    pub async fn verify(&self, call: CallId, now: Timestamp) -> Result<FileState> {
        let file = self.store.recording(call).await?;
        let on_disk = [FileState::Local, FileState::Missing, FileState::Damaged];
        if !on_disk.contains(&file.state) {
            return Ok(file.state);
        }
        let path = self.folder.join(&file.path);
        let looked = tokio::task::spawn_blocking(move || {
            look(&path, &file.sha256, file.size_bytes).map_err(Error::io(&path))
        });
        let state = looked.await.map_err(|_| Error::Interrupted)??;
        self.store.verified(call, state, now).await?;
        crate::metrics::recording_verified(state.as_str());
        if state != FileState::Local {
            tracing::error!(
                alarm = "recording_damaged",
                call.id = %call,
                state = state.as_str(),
                "a recording is not what was sealed"
            );
        }
        Ok(state)
    }
}

/// In what condition a WAV is. A disk that cannot read what it has counts as damage.
fn look(wav: &Path, sha256: &str, size_bytes: u64) -> io::Result<FileState> {
    let mut file = match File::open(wav) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(FileState::Missing),
        Err(error) => return Err(error),
    };
    let is_whole = file.metadata()?.len() == size_bytes
        && copy(&mut file, &mut io::sink()).is_ok_and(|hash| hash == sha256);
    Ok(if is_whole {
        FileState::Local
    } else {
        FileState::Damaged
    })
}

/// Copies everything and gives the SHA-256 of it, lower-case hex.
pub(super) fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BLOCK_BYTES];
    loop {
        let count = match from.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else {
            return Ok(hex::encode(hasher.finalize()));
        };
        hasher.update(read);
        to.write_all(read)?;
    }
}
