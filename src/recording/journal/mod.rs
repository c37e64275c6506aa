//! The journal: what every running recording has got in the last seconds, in one file that is
//! made safe for all of them at once.
//!
//! Making 200 files safe takes longer than a commit may; making one safe does not. So the audio
//! goes twice to the disk: into each WAV, which the kernel writes back when it likes, and into
//! the journal, which is flushed every [`JournalSettings::commit_interval`]. After a crash
//! [`replay`] puts what the WAVs lack into them, by its place, as often as one likes.
//!
//! The journal is a row of segments. One goes when nobody needs it any more: all recordings with
//! audio in it are sealed, or their files are safe up to it ([`SettleJob`]). They go oldest first, so
//! that a mark "sealed" outlives the audio it is about.
//!
//! Nothing here waits for the disk but the kernel's `write`: the threads that flush are the
//! shell's.

mod record;
mod replay;
mod segment;
#[cfg(test)]
mod tests;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(super) use record::SegmentText;
pub(super) use replay::{replay, replay_segment};
use segment::Segment;

use super::file::part_path;
use super::{Error, Stereo};
use crate::id::CallId;

/// The journal's folder, in that of the recordings.
const FOLDER: &str = ".journal";
const FOLDER_MODE: u32 = 0o700;
/// What is worth a write of its own. More would cost memory for each call, and save nothing.
const WRITE_BYTES: usize = 256 * 1024;

/// How the journal is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalSettings {
    /// From one commit to the next. Default 400 ms: with 100 ms of reordering, 200 ms between
    /// writes and 100 ms for the disk that is less than a second.
    pub commit_interval: Duration,
    /// A segment that is larger is closed. Default 32 MiB.
    pub segment_bytes: u64,
    /// A segment that is older is closed. Default 30 s.
    pub segment_age: Duration,
    /// Closed segments that are larger together are got rid of by making their recordings' files
    /// safe. Default 128 MiB.
    pub settle_bytes: u64,
    /// The same for segments begun so long ago. Default 2 min.
    pub settle_age: Duration,
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self {
            commit_interval: Duration::from_millis(400),
            segment_bytes: 32 << 20,
            segment_age: Duration::from_secs(30),
            settle_bytes: 128 << 20,
            settle_age: Duration::from_mins(2),
        }
    }
}

/// The journal of all recordings that run.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    recordings: PathBuf,
    settings: JournalSettings,
    /// Records that are not written yet.
    buffer: Vec<u8>,
    current: Option<Segment>,
    /// Oldest first.
    closed: VecDeque<Segment>,
    next_number: u64,
    /// Files were made that their folder does not yet hold safely.
    has_new_files: bool,
    settling: Option<u64>,
    /// What is closed cannot be trusted: it is settled at once.
    is_doubtful: bool,
    settle_again_at: Option<Instant>,
}

/// What is to be flushed for everything written so far to be safe.
#[derive(Debug)]
pub struct CommitJob {
    /// The files.
    pub files: Vec<Arc<File>>,
    /// Their folder, if it has got new ones.
    pub folder: Option<PathBuf>,
}

/// Recordings whose files are to be made safe, so that the journal need not keep their audio.
#[derive(Debug)]
pub struct SettleJob {
    /// The files; one that is gone is sealed.
    pub parts: Vec<PathBuf>,
    /// The last segment that goes then.
    pub segment: u64,
}

impl Journal {
    /// Frames that one record holds.
    pub const MAX_FRAMES: usize = record::MAX_FRAMES;

    /// Opens the journal in a folder of recordings; what is there stays there.
    ///
    /// # Errors
    /// Its folder cannot be made or read.
    pub fn open(recordings: &Path, settings: JournalSettings) -> Result<Self, Error> {
        let folder = recordings.join(FOLDER);
        DirBuilder::new()
            .recursive(true)
            .mode(FOLDER_MODE)
            .create(&folder)
            .map_err(Error::io(&folder))?;
        sync_folder(recordings).map_err(Error::io(recordings))?;
        let segments = segment::list(&folder).map_err(Error::io(&folder))?;
        Ok(Self {
            folder,
            recordings: recordings.to_owned(),
            settings,
            buffer: Vec::new(),
            current: None,
            closed: VecDeque::new(),
            next_number: segments.last().map_or(1, |(number, _)| number + 1),
            has_new_files: false,
            settling: None,
            is_doubtful: false,
            settle_again_at: None,
        })
    }

    /// Notes audio of a recording, from frame `offset` on, at most [`MAX_FRAMES`](Self::MAX_FRAMES) of
    /// it; gives the same audio as it stands in a WAV file. It is on its way to the disk after the
    /// next [`write`](Self::write).
    pub fn append(
        &mut self,
        call: CallId,
        path: &Arc<str>,
        offset: u64,
        frames: &[Stereo],
        now: Instant,
    ) -> &[u8] {
        let segment = self.segment(now);
        if let Entry::Vacant(place) = segment.calls.entry(call) {
            place.insert(Arc::clone(path));
            record::push_open(&mut self.buffer, call, path);
        }
        let start = self.buffer.len() + record::HEADER;
        record::push_frames(&mut self.buffer, call, offset, frames);
        self.buffer.get(start..).unwrap_or_default()
    }

    /// A recording is safe under its final name.
    pub fn sealed(&mut self, call: CallId, now: Instant) {
        let segments = self.closed.iter_mut().chain(&mut self.current);
        let (mut was_here, mut is_needed) = (false, false);
        for segment in segments {
            was_here |= segment.calls.remove(&call).is_some();
            is_needed |= !segment.calls.is_empty();
        }
        // Where nobody else needs a segment, all of them go now.
        if was_here && is_needed {
            self.segment(now);
            record::push_sealed(&mut self.buffer, call);
        }
    }

    /// Whether anything is noted that the kernel does not have.
    pub fn has_unwritten(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Whether as much is noted as one write should take.
    pub fn wants_write(&self) -> bool {
        self.buffer.len() >= WRITE_BYTES
    }

    /// Hands everything noted to the kernel, as one write.
    ///
    /// # Errors
    /// The disk does not take it. These records are given up; the next begin a new segment.
    pub fn write(&mut self, now: Instant) -> Result<(), Error> {
        let Some(segment) = &mut self.current else {
            self.buffer.clear();
            return Ok(());
        };
        let mut written = Ok(());
        if !self.buffer.is_empty() {
            let is_new = segment.file.is_none();
            written = segment.write(&self.folder, &self.buffer);
            self.has_new_files |= is_new && segment.file.is_some();
            self.buffer.clear();
        }
        let age = now.saturating_duration_since(segment.begun);
        let is_full = segment.bytes >= self.settings.segment_bytes;
        if written.is_err() && segment.is_empty() {
            segment.calls.clear(); // and the next records are tried in it
        } else if is_full || age >= self.settings.segment_age || written.is_err() {
            self.close_current();
        }
        written.map_err(Error::io(&self.folder))
    }

    /// What a commit has to flush, together with these files; `None` if everything is safe.
    pub fn take_commit(&mut self, others: Vec<Arc<File>>) -> Option<CommitJob> {
        let segments = self.closed.iter_mut().chain(&mut self.current);
        let mut files = others;
        for segment in segments.filter(|segment| segment.is_dirty) {
            segment.is_dirty = false;
            files.extend(segment.file.clone());
        }
        let folder = std::mem::take(&mut self.has_new_files).then(|| self.folder.clone());
        (!files.is_empty() || folder.is_some()).then_some(CommitJob { files, folder })
    }

    /// Segments that nobody needs any more, to be deleted.
    pub fn take_obsolete(&mut self) -> Vec<PathBuf> {
        let mut obsolete = Vec::new();
        while let Some(oldest) = self.closed.front() {
            if !oldest.calls.is_empty() || self.settling.is_some_and(|last| oldest.number <= last) {
                break;
            }
            obsolete.push(segment::path(&self.folder, oldest.number));
            self.closed.pop_front();
        }
        obsolete
    }

    /// The same at the end, when nothing more is written: also the newest segment.
    pub fn take_unneeded(&mut self) -> Vec<PathBuf> {
        self.settling = None;
        self.close_current();
        self.take_obsolete()
    }

    /// Recordings to be made safe, if segments have piled up. One job at a time.
    pub fn take_settle(&mut self, now: Instant) -> Option<SettleJob> {
        let is_early = self.settle_again_at.is_some_and(|at| now < at);
        if self.settling.is_some() || is_early {
            return None;
        }
        let oldest = self.closed.front()?;
        let bytes: u64 = self.closed.iter().map(|segment| segment.bytes).sum();
        let age = now.saturating_duration_since(oldest.begun);
        let is_small = bytes < self.settings.settle_bytes && age < self.settings.settle_age;
        if is_small && !self.is_doubtful {
            return None;
        }
        let calls: BTreeMap<_, _> = self
            .closed
            .iter()
            .flat_map(|segment| segment.calls.iter())
            .collect();
        let parts = calls
            .into_values()
            .filter_map(|path| part_path(&self.recordings, path).ok());
        let segment = self.closed.back()?.number;
        self.settling = Some(segment);
        Some(SettleJob {
            parts: parts.collect(),
            segment,
        })
    }

    /// The files of a job are safe, or (not `done`) are not: then the journal keeps their audio
    /// and tries again in a while.
    pub fn settled(&mut self, segment: u64, done: bool, now: Instant) {
        self.settling = None;
        if !done {
            self.settle_again_at = Some(now + self.settings.settle_age / 8);
            return;
        }
        let through = self.closed.iter_mut();
        for segment in through.take_while(|closed| closed.number <= segment) {
            segment.calls.clear();
        }
        self.is_doubtful = false;
    }

    /// A commit failed: nobody knows what of it is on the disk, and the kernel tells of it once
    /// only. What follows begins a new segment, and the recordings' own files are made safe.
    pub fn commit_failed(&mut self) {
        self.close_current();
        self.is_doubtful = true;
    }

    /// Closes the segment that is written to, if nobody needs it: nothing is left of a journal
    /// when no recording runs.
    pub fn retire(&mut self) {
        let is_idle = self
            .current
            .as_ref()
            .is_some_and(|segment| segment.calls.is_empty());
        if is_idle && self.buffer.is_empty() {
            self.close_current();
        }
    }

    /// Bytes on the disk that are still needed.
    pub fn backlog_bytes(&self) -> u64 {
        let segments = self.closed.iter().chain(&self.current);
        segments.map(|segment| segment.bytes).sum()
    }

    fn segment(&mut self, now: Instant) -> &mut Segment {
        self.current.get_or_insert_with(|| {
            let number = self.next_number;
            self.next_number += 1;
            Segment::new(number, now)
        })
    }

    fn close_current(&mut self) {
        self.closed.extend(self.current.take());
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Where the journal of these recordings is.
pub(super) fn folder_of(recordings: &Path) -> PathBuf {
    recordings.join(FOLDER)
}
