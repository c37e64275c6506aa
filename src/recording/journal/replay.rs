//! Reading a journal back: the audio goes where it belongs in the unfinished files. Doing so twice
//! changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::record::{Record, Records};
use super::{folder_of, segment};
use crate::id::CallId;
use crate::recording::Error;
use crate::recording::file::{FILE_MODE, FOLDER_MODE, part_path};
use crate::recording::wav::{FRAME_BYTES, HEADER_BYTES};

/// What a journal held.
#[derive(Debug, Default)]
pub(in crate::recording) struct Replayed {
    /// The segments that were read.
    pub(in crate::recording) segments: Vec<PathBuf>,
    /// Segments with a torn or damaged record, and where: nothing behind it was read.
    pub(in crate::recording) broken: Vec<(PathBuf, u64)>,
    /// The unfinished files that audio was put into.
    pub(in crate::recording) parts: BTreeSet<PathBuf>,
    /// Recordings that their audio could not be put into.
    pub(in crate::recording) failed: BTreeMap<CallId, Error>,
}

/// Replays the journal of a folder of recordings.
///
/// # Errors
/// The journal cannot be read.
pub(in crate::recording) fn replay(recordings: &Path) -> Result<Replayed, Error> {
    let folder = folder_of(recordings);
    let segments = segment::list(&folder).map_err(Error::io(&folder))?;
    let mut replayed = Replayed {
        segments: segments.into_iter().map(|(_, path)| path).collect(),
        ..Replayed::default()
    };
    let mut sealed = BTreeSet::new();
    for path in &replayed.segments {
        let bytes = fs::read(path).map_err(Error::io(path))?;
        sealed.extend(Records::new(&bytes).filter_map(|record| match record {
            Record::Sealed { call } => Some(call),
            Record::Open { .. } | Record::Frames { .. } => None,
        }));
    }
    for path in replayed.segments.clone() {
        apply(&path, recordings, &sealed, &mut replayed)?;
    }
    Ok(replayed)
}

/// Replays a single segment, wherever it is.
///
/// # Errors
/// It cannot be read.
pub(in crate::recording) fn replay_segment(
    path: &Path,
    recordings: &Path,
) -> Result<Replayed, Error> {
    let mut replayed = Replayed::default();
    apply(path, recordings, &BTreeSet::new(), &mut replayed)?;
    Ok(replayed)
}

/// What a segment holds of one recording.
#[derive(Default)]
struct Audio<'a> {
    path: &'a str,
    frames: Vec<(u64, &'a [u8])>,
}

fn apply(
    segment: &Path,
    recordings: &Path,
    sealed: &BTreeSet<CallId>,
    replayed: &mut Replayed,
) -> Result<(), Error> {
    let bytes = fs::read(segment).map_err(Error::io(segment))?;
    let mut records = Records::new(&bytes);
    let mut audio: BTreeMap<CallId, Audio<'_>> = BTreeMap::new();
    for record in &mut records {
        match record {
            Record::Open { call, path } => audio.entry(call).or_default().path = path,
            Record::Frames { call, offset, pcm } => {
                audio.entry(call).or_default().frames.push((offset, pcm));
            }
            Record::Sealed { .. } => {}
        }
    }
    if let Some(at) = records.broken_at() {
        replayed.broken.push((segment.to_owned(), at));
    }
    for (call, audio) in audio {
        if sealed.contains(&call) || audio.frames.is_empty() {
            continue;
        }
        match put(recordings, &audio) {
            Ok(part) => replayed.parts.extend(part),
            Err(error) => {
                replayed.failed.insert(call, error);
            }
        }
    }
    Ok(())
}

/// Writes audio into its unfinished file; one that has its final name already is whole.
fn put(recordings: &Path, audio: &Audio<'_>) -> Result<Option<PathBuf>, Error> {
    let part = part_path(recordings, audio.path)?;
    if recordings.join(audio.path).exists() {
        return Ok(None);
    }
    if let Some(parent) = part.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(FOLDER_MODE)
            .create(parent)
            .map_err(Error::io(parent))?;
    }
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE)
        .open(&part)
        .map_err(Error::io(&part))?;
    for (offset, pcm) in &audio.frames {
        let place = offset.saturating_mul(FRAME_BYTES) + HEADER_BYTES;
        file.write_all_at(pcm, place).map_err(Error::io(&part))?;
    }
    Ok(Some(part))
}
