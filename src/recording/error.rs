//! What can go wrong with a recording.

use std::io;
use std::path::{Path, PathBuf};

/// A recording could not be made, written, sealed or repaired.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The WAV layer said no.
    #[error("{}: {source}", path.display())]
    Wav {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: hound::Error,
    },
    /// A path that leads out of the recordings folder.
    #[error("{0:?} is not a path below the recordings folder")]
    Path(PathBuf),
    /// Longer than a WAV file may be.
    #[error("{}: the recording has reached its greatest length", .0.display())]
    TooLong(PathBuf),
}

impl Error {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn wav(path: &Path) -> impl FnOnce(hound::Error) -> Self + '_ {
        |source| {
            let path = path.to_owned();
            if let hound::Error::IoError(source) = source {
                Self::Io { path, source }
            } else {
                Self::Wav { path, source }
            }
        }
    }
}
