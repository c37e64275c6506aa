//! Entries of the log that wait on the local disk while the database is away.
//!
//! First in, first out, in segments: each is only ever appended to, and goes when all that is in it
//! has reached the database. An entry is durable when [`Backlog::append`] returns. What has been
//! drained is not written down: after a crash a segment is drained once more, which changes
//! nothing, because an event is stored once by its id.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use super::journal_folder::JournalFolder;
use super::journal_line;
use crate::call::{CallEvent, Entry, EventKind, Party};
use crate::id::{CallId, EventId};
use crate::rules::Timestamp;

/// A segment that has this many bytes gets no more: the next one begins.
const SEGMENT: u64 = 1 << 20;
/// How segments are called: `entries-00000001.journal`.
const PREFIX: &str = "entries-";
const SUFFIX: &str = ".journal";

/// Entries on the local disk, oldest first.
#[derive(Debug)]
pub struct Backlog {
    folder: JournalFolder,
    limit: u64,
    segments: VecDeque<Segment>,
    /// The last segment, if entries may be added to it.
    tail: Option<File>,
    next_number: u64,
    waiting: Arc<AtomicUsize>,
}

/// One file.
#[derive(Debug)]
struct Segment {
    path: PathBuf,
    /// Its whole lines; what is behind them was never acknowledged.
    bytes: u64,
    /// So much of it has reached the database.
    drained: u64,
    /// There are lines in it that cannot be read.
    is_damaged: bool,
}

/// The oldest entries.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) entries: Vec<Entry>,
    bytes: u64,
}

/// Why entries were not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// The configured size is reached.
    #[error("the journal is full: {0} bytes")]
    Full(u64),
    /// The disk.
    #[error("the journal cannot be written: {0}")]
    Disk(#[from] io::Error),
    /// An entry has no JSON form.
    #[error("an entry cannot be written as JSON: {0}")]
    Unwritable(#[from] serde_json::Error),
}

impl Backlog {
    /// Finds what an earlier run has left in the folder. It will take `limit` bytes at most.
    ///
    /// # Errors
    ///
    /// The folder cannot be read.
    pub fn open(folder: &JournalFolder, limit: u64) -> io::Result<Self> {
        let mut segments = VecDeque::new();
        let mut waiting = 0;
        let mut next_number = 1;
        let found = numbered(folder.path())?;
        let last = found.last().map(|(number, _)| *number);
        for (number, path) in found {
            next_number = number + 1;
            let (segment, entries) = Segment::scan(path, Some(number) == last)?;
            waiting += entries;
            if entries == 0 && !segment.is_damaged {
                fs::remove_file(&segment.path)?;
            } else {
                segments.push_back(segment);
            }
        }
        Ok(Self {
            folder: folder.clone(),
            limit,
            segments,
            tail: None,
            next_number,
            waiting: Arc::new(AtomicUsize::new(waiting)),
        })
    }

    /// A backlog of its own behind this one, for entries that must not go before these: this one
    /// is only emptied from now on. Both together take what one may.
    #[must_use]
    pub fn successor(&mut self) -> Self {
        self.tail = None;
        Self {
            folder: self.folder.clone(),
            limit: self.limit.saturating_sub(self.bytes()),
            segments: VecDeque::new(),
            tail: None,
            next_number: self.next_number,
            waiting: Arc::default(),
        }
    }

    /// How many entries wait.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    /// The same, for whoever has no part in it.
    pub(super) fn count(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.waiting)
    }

    /// Whether there is room for more.
    pub(super) fn has_room(&self) -> bool {
        self.bytes() < self.limit
    }

    fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// Makes these durable, behind all others. If that fails none of them is there.
    ///
    /// # Errors
    ///
    /// The journal is full, or the disk says no.
    pub fn append(&mut self, entries: &[Entry]) -> Result<(), NotKept> {
        let mut lines = Vec::new();
        for entry in entries {
            journal_line::write(&mut lines, &Line::of(entry))?;
        }
        let size = lines.len() as u64;
        if self.bytes() + size > self.limit {
            return Err(NotKept::Full(self.limit));
        }
        let written = self.tail().and_then(|(file, segment)| {
            let written = file.write_all(&lines).and_then(|()| file.sync_data());
            match written {
                Ok(()) => segment.bytes += size,
                // What there is of these lines is nobody's: they are given again.
                Err(_) => drop(file.set_len(segment.bytes)),
            }
            written
        });
        if let Err(error) = written {
            // After a failed sync nobody knows what of this file is on the disk.
            self.tail = None;
            return Err(error.into());
        }
        self.waiting.fetch_add(entries.len(), Ordering::Release);
        Ok(())
    }

    /// The file that is written to, a new one if need be.
    fn tail(&mut self) -> io::Result<(&mut File, &mut Segment)> {
        let is_full = |segment: &Segment| segment.bytes >= SEGMENT;
        if self.tail.is_none() || self.segments.back().is_none_or(is_full) {
            let name = format!("{PREFIX}{:08}{SUFFIX}", self.next_number);
            let path = self.folder.path().join(name);
            let mut create = OpenOptions::new();
            let file = create.append(true).create_new(true).mode(0o600);
            let file = file.open(&path)?;
            self.folder.sync()?;
            self.next_number += 1;
            self.tail = Some(file);
            self.segments.push_back(Segment {
                path,
                bytes: 0,
                drained: 0,
                is_damaged: false,
            });
        }
        let tail = self.tail.as_mut().zip(self.segments.back_mut());
        tail.ok_or_else(|| io::Error::other("the journal has no file"))
    }

    /// The oldest entries, `most` of them at most; `None` if none wait.
    pub(super) fn oldest(&self, most: usize) -> io::Result<Option<Chunk>> {
        let segment = self.segments.iter().find(|segment| segment.has_more());
        segment.map(|segment| segment.read(most)).transpose()
    }

    /// These have reached the database. A segment that could not be read in whole is kept for
    /// people to look at, under a name of its own.
    pub(super) fn drained(&mut self, chunk: &Chunk) -> io::Result<()> {
        self.waiting
            .fetch_sub(chunk.entries.len(), Ordering::Release);
        if let Some(segment) = self.segments.iter_mut().find(|segment| segment.has_more()) {
            segment.drained += chunk.bytes;
        }
        while let Some(segment) = self.segments.pop_front_if(|segment| !segment.has_more()) {
            if self.segments.is_empty() {
                self.tail = None;
            }
            if segment.is_damaged {
                fs::rename(&segment.path, segment.path.with_extension("damaged"))?;
            } else {
                fs::remove_file(&segment.path)?;
            }
        }
        if self.segments.is_empty() {
            self.waiting.store(0, Ordering::Release);
        }
        Ok(())
    }
}

impl Segment {
    const fn has_more(&self) -> bool {
        self.drained < self.bytes
    }

    /// What is in a file, and how many entries. The last file may end in what a crash has torn,
    /// which was never acknowledged; anywhere else a line that cannot be read is damage.
    fn scan(path: PathBuf, is_last: bool) -> io::Result<(Self, usize)> {
        let mut reader = BufReader::new(File::open(&path)?);
        let (mut place, mut whole, mut entries) = (0, 0, 0);
        let mut is_damaged = false;
        let mut line = Vec::new();
        let mut has_torn = false;
        while reader.read_until(b'\n', &mut line)? > 0 {
            place += line.len() as u64;
            if line.ends_with(b"\n") && journal_line::read::<Line>(&line).is_some() {
                whole = place;
                entries += 1;
                is_damaged |= has_torn;
            } else {
                has_torn = true;
            }
            line.clear();
        }
        is_damaged |= has_torn && !is_last;
        if is_damaged {
            tracing::error!(path = %path.display(), alarm = "journal_damaged", "lines of the journal cannot be read; the file is kept");
        }
        let segment = Self {
            path,
            bytes: whole,
            drained: 0,
            is_damaged,
        };
        Ok((segment, entries))
    }

    fn read(&self, most: usize) -> io::Result<Chunk> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.drained))?;
        let mut reader = BufReader::new(file.take(self.bytes - self.drained));
        let mut chunk = Chunk {
            entries: Vec::new(),
            bytes: 0,
        };
        let mut line = Vec::new();
        while chunk.entries.len() < most && reader.read_until(b'\n', &mut line)? > 0 {
            chunk.bytes += line.len() as u64;
            let read = journal_line::read::<Line>(&line);
            chunk.entries.extend(read.map(Line::into_entry));
            line.clear();
        }
        if chunk.bytes == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(chunk)
    }
}

/// The segments of a folder, oldest first.
fn numbered(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder)? {
        let file = file?;
        let name = file.file_name();
        let name = name.to_str().unwrap_or_default();
        let number = name.strip_prefix(PREFIX);
        let number = number.and_then(|rest| rest.strip_suffix(SUFFIX));
        if let Some(number) = number.and_then(|digits| digits.parse().ok()) {
            found.push((number, file.path()));
        }
    }
    found.sort();
    Ok(found)
}

/// An entry as a line has it. The tables' form is not used: a flattened kind is read by way of a
/// copy.
#[derive(Serialize, Deserialize)]
struct Line {
    id: EventId,
    call: CallId,
    at: Timestamp,
    offset_us: u64,
    event: EventKind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parties: Vec<Party>,
}

impl Line {
    fn of(entry: &Entry) -> Self {
        let event = &entry.event;
        Self {
            id: event.id,
            call: event.call,
            at: event.at,
            offset_us: event.offset_us,
            event: event.kind.clone(),
            parties: entry.parties.clone(),
        }
    }

    fn into_entry(self) -> Entry {
        Entry {
            event: CallEvent {
                id: self.id,
                call: self.call,
                at: self.at,
                offset_us: self.offset_us,
                kind: self.event,
            },
            parties: self.parties,
        }
    }
}
