//! A segment: one file of the journal, and whose audio is in it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::record::MAGIC;
use crate::id::CallId;

const FILE_MODE: u32 = 0o600;

#[derive(Debug)]
pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) begun: Instant,
    /// Length on the disk.
    pub(super) bytes: u64,
    /// The recordings that still need it, with their paths.
    pub(super) calls: BTreeMap<CallId, Arc<str>>,
    /// None until something is written.
    pub(super) file: Option<Arc<File>>,
    /// Written to since it was last made safe.
    pub(super) is_dirty: bool,
}

impl Segment {
    pub(super) fn new(number: u64, begun: Instant) -> Self {
        Self {
            number,
            begun,
            bytes: 0,
            calls: BTreeMap::new(),
            file: None,
            is_dirty: false,
        }
    }

    /// No record stands in it.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes <= MAGIC.len() as u64
    }

    /// Appends whole records. What an error leaves behind is a torn record: nothing may follow it.
    pub(super) fn write(&mut self, folder: &Path, records: &[u8]) -> io::Result<()> {
        let file = if let Some(file) = &self.file {
            file
        } else {
            let file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(FILE_MODE)
                .open(path(folder, self.number))?;
            self.file.insert(Arc::new(file))
        };
        if self.bytes == 0 {
            file.write_all_at(MAGIC, 0)?;
            self.bytes = MAGIC.len() as u64;
        }
        file.write_all_at(records, self.bytes)?;
        self.bytes += records.len() as u64;
        self.is_dirty = true;
        Ok(())
    }
}

/// `00000017`: the order of the names is the order of the segments.
pub(super) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:08}"))
}

/// The segments in a folder, oldest first; other files are none of ours.
pub(super) fn list(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().filter(|name| name.len() >= 8);
        if let Some(number) = number.and_then(|name| name.parse().ok()) {
            found.push((number, entry.path()));
        }
    }
    found.sort_unstable();
    Ok(found)
}
