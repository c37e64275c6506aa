//! The second spool: where a recording goes on when its own disk fails it.
//!
//! A spool file has the form of a journal's segment, so that joining it to its recording is what
//! replaying is after a crash.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::{FILE_MODE, FOLDER_MODE};
use super::journal::{self, SegmentText};
use super::{Error, Stereo, repair};
use crate::id::CallId;

/// What a spool file's name ends with.
const SPOOL: &str = ".spool";

/// The rest of a recording, in another place.
#[derive(Debug)]
pub struct SpoolFile {
    call: CallId,
    path: PathBuf,
    file: Arc<File>,
    bytes: u64,
    text: SegmentText,
}

impl SpoolFile {
    /// Begins the spool of a recording whose own path is `recording`.
    ///
    /// # Errors
    /// The spool cannot be written either.
    pub fn create(folder: &Path, call: CallId, recording: &str) -> Result<Self, Error> {
        let path = folder.join(format!("{call}{SPOOL}"));
        DirBuilder::new()
            .recursive(true)
            .mode(FOLDER_MODE)
            .create(folder)
            .map_err(Error::io(folder))?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(FILE_MODE)
            .open(&path)
            .map_err(Error::io(&path))?;
        let mut spool = Self {
            call,
            path,
            file: Arc::new(file),
            bytes: 0,
            text: SegmentText::begin(call, recording),
        };
        spool.write()?;
        Ok(spool)
    }

    /// Adds audio, from frame `offset` of the recording on.
    ///
    /// # Errors
    /// The spool is failing as well.
    pub fn append(&mut self, offset: u64, frames: &[Stereo]) -> Result<(), Error> {
        self.text.frames(self.call, offset, frames);
        self.write()
    }

    /// What is to be flushed for it to be safe.
    pub fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write(&mut self) -> Result<(), Error> {
        let written = self.file.write_all_at(self.text.bytes(), self.bytes);
        let length = self.text.bytes().len() as u64;
        self.text.clear();
        written.map_err(Error::io(&self.path))?;
        self.bytes += length;
        Ok(())
    }
}

/// Puts what a spool file holds into its recording's unfinished file, and makes that file's header
/// true. The spool file stays until the recording is safe.
///
/// # Errors
/// The spool cannot be read, or the recording not be written.
pub fn join(spool: &Path, recordings: &Path) -> Result<(), Error> {
    let replayed = journal::replay_segment(spool, recordings)?;
    if let Some(error) = replayed.failed.into_values().next() {
        return Err(error);
    }
    replayed
        .parts
        .iter()
        .try_for_each(|part| repair::mend(part))
}

/// The spool files in a folder, with their recordings' calls.
///
/// # Errors
/// The folder cannot be read.
pub(super) fn list(folder: &Path) -> Result<Vec<(CallId, PathBuf)>, Error> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Error::io(folder))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(Error::io(folder))?;
        let name = entry.file_name();
        let call = name.to_str().and_then(|name| name.strip_suffix(SPOOL));
        if let Some(call) = call.and_then(|name| name.parse().ok()) {
            found.push((call, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}
