//! The folder on the local disk that keeps what the database may not have: entries that wait for
//! it, and which dialogs are open. One process at a time has it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder, ours until the last clone is gone. There are telephone numbers in it: only we may
/// read it.
#[derive(Clone, Debug)]
pub struct JournalFolder {
    path: PathBuf,
    _lock: Arc<File>,
}

impl JournalFolder {
    /// Makes the folder if it is missing, and takes it.
    ///
    /// # Errors
    ///
    /// It cannot be made, or another process has it.
    pub fn take(path: &Path) -> io::Result<Self> {
        let mut folder = DirBuilder::new();
        folder.recursive(true).mode(0o700).create(path)?;
        let mut open = OpenOptions::new();
        let open = open.create(true).append(true).mode(0o600);
        let lock = open.open(path.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::other("another thirdring has this folder"));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        Ok(Self {
            path: path.to_owned(),
            _lock: Arc::new(lock),
        })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it durable which files there are.
    pub(super) fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}
