//! What can go wrong with a sealed recording.

use std::io;
use std::path::{Path, PathBuf};

use crate::store;

/// A recording could not be verified, handed out, copied or deleted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store said no: among others, because the recording is held.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Nobody gets a recording without saying what for.
    #[error("say what for: a purpose must not be empty")]
    NoPurpose,
    /// What was read is not what was sealed.
    #[error("{}: not what was sealed; `thirdring recordings verify` tells more", .0.display())]
    Differs(PathBuf),
    /// No object store is named so, or no file of it.
    #[error("`{0}` names no place for copies: write file:///folder or s3://bucket/prefix")]
    CopyUrl(String),
    /// The object store said no.
    #[error("the copies: {0}")]
    Copies(#[from] object_store::Error),
    /// What the object store gives back is not what it was given.
    #[error("the copy {0} is not what was sealed")]
    CopyDiffers(String),
    /// The recording is with the copies, and these are not configured.
    #[error("the recording has a copy, but there is no [recording.copy] that says where")]
    NoCopies,
    /// A task of ours broke.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
