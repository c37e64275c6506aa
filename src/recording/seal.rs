//! Sealing: a finished recording is read once, and everything that is to be known of it is
//! computed on the way. Then it gets its final name, after what stands beside it has got its own:
//! whatever has a final name is whole, and a WAV with a final name has its peaks and its manifest.
//! A crash in between leaves the `.part`, which is sealed again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::Error;
use super::analysis::Analysis;
use super::file::{FILE_MODE, PART};
use super::manifest::Manifest;
use super::pause;
use super::wav::{FRAME_BYTES, HEADER_BYTES};
use crate::call::conduct::RecordingMark;
use crate::call::event::{RecordingGap, RecordingSummary};
use crate::media::ticks;
use crate::rules::Timestamp;

/// How much of a file is read at once: whole frames.
const BLOCK_BYTES: usize = 64 * 1024;
/// What the peaks' file name ends with, instead of `.wav`.
const PEAKS: &str = "peaks";
/// What the manifest's file name ends with, instead of `.wav`.
const MANIFEST: &str = "json";

/// What conduct is measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealRules {
    /// Below this many dBFS an agent's speech is too quiet (R054).
    pub level_from_dbfs: i32,
    /// Above this many dBFS it is too loud.
    pub level_to_dbfs: i32,
    /// How long an agent may say nothing (R056).
    pub silence: Duration,
}

impl Default for SealRules {
    fn default() -> Self {
        Self {
            level_from_dbfs: -35,
            level_to_dbfs: -10,
            silence: Duration::from_secs(10),
        }
    }
}

/// What is known of a recording besides its audio.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Particulars {
    /// The wall time of second 0; not known of a recording that a crash cut off.
    pub started_at: Option<Timestamp>,
    /// Missing audio, in order.
    pub gaps: Vec<RecordingGap>,
    /// What happened on the way, in order.
    pub marks: Vec<RecordingMark>,
}

/// A recording that is written, but not yet safe under its final name.
#[derive(Clone, Debug)]
pub struct Finished {
    folder: PathBuf,
    path: String,
    part: PathBuf,
}

impl Finished {
    pub(super) fn new(folder: PathBuf, path: String, part: PathBuf) -> Self {
        Self { folder, path, part }
    }

    /// A file that a crash left behind, and that has been repaired.
    pub(super) fn repaired(folder: &Path, part: &Path) -> Result<Self, Error> {
        let outside = || Error::Path(part.to_owned());
        let relative = part.strip_prefix(folder).map_err(|_| outside())?;
        let relative = relative.to_str().ok_or_else(outside)?;
        let path = relative.strip_suffix(PART).ok_or_else(outside)?;
        Ok(Self::new(
            folder.to_owned(),
            path.to_owned(),
            part.to_owned(),
        ))
    }

    /// A file that has its final name, whose manifest does not fit it.
    pub(super) fn again(folder: &Path, path: String) -> Self {
        let part = folder.join(&path);
        Self::new(folder.to_owned(), path, part)
    }

    /// Makes the file safe: to disk, hashed and measured in one reading, its peaks and manifest
    /// beside it, and under its final name, in this order (R192).
    ///
    /// # Errors
    /// The disk is full or failing; the `.part` stays, and can be sealed later.
    pub fn seal(
        self,
        particulars: Particulars,
        rules: &SealRules,
    ) -> Result<RecordingSummary, Error> {
        let sealed = self.folder.join(&self.path);
        let mut file = File::open(&self.part).map_err(Error::io(&self.part))?;
        file.sync_all().map_err(Error::io(&self.part))?;
        let (sha256, size_bytes, analysis) = read(&mut file).map_err(Error::io(&self.part))?;
        let frames = size_bytes.saturating_sub(HEADER_BYTES) / FRAME_BYTES;
        let duration_ms = frames / ticks::SAMPLES_PER_MS;
        let pauses = pause::pauses(&particulars.marks, duration_ms);
        let (conduct, peaks) = analysis.finish(rules, &pauses);
        let mut recording = RecordingSummary {
            path: self.path,
            sha256,
            size_bytes,
            duration_ms,
            gaps: pause::unexplained(particulars.gaps, &pauses),
            marks: particulars.marks,
            conduct: Some(Box::new(conduct)),
            manifest_sha256: None,
        };
        write_whole(&beside(&sealed, PEAKS), &peaks)?;
        let manifest = Manifest::of(&recording, particulars.started_at, frames, &peaks);
        let manifest = manifest.to_json();
        write_whole(&beside(&sealed, MANIFEST), &manifest)?;
        recording.manifest_sha256 = Some(hex::encode(Sha256::digest(&manifest)));
        let parent = sealed.parent().unwrap_or(&self.folder);
        sync_folder(parent)?;
        fs::rename(&self.part, &sealed).map_err(Error::io(&sealed))?;
        sync_folder(parent)?;
        Ok(recording)
    }
}

/// The files that stand beside a recording: its peaks and its manifest.
pub fn sidecars(wav: &Path) -> [PathBuf; 2] {
    [beside(wav, PEAKS), beside(wav, MANIFEST)]
}

fn beside(wav: &Path, extension: &str) -> PathBuf {
    wav.with_extension(extension)
}

/// SHA-256 in lower-case hex, the size, and what the audio shows.
fn read(file: &mut File) -> io::Result<(String, u64, Analysis)> {
    let mut hasher = Sha256::new();
    let mut analysis = Analysis::default();
    let mut buffer = vec![0; BLOCK_BYTES];
    let mut size = 0_u64;
    let mut header = usize::try_from(HEADER_BYTES).unwrap_or(0);
    loop {
        let count = fill(file, &mut buffer)?;
        let read = buffer.get(..count).unwrap_or_default();
        if read.is_empty() {
            return Ok((hex::encode(hasher.finalize()), size, analysis));
        }
        hasher.update(read);
        size += count as u64;
        analysis.handle_frames(read.get(header..).unwrap_or_default());
        header = 0;
    }
}

/// Reads until the buffer is full or the file ends, so that no frame is cut in two.
fn fill(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A file that is there whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    let unfinished = PathBuf::from(name);
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(FILE_MODE)
            .open(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    if let Err(source) = write() {
        // What is left of it would only take room on a disk that has none; it may be gone already.
        let _ = fs::remove_file(&unfinished);
        return Err(Error::io(path)(source));
    }
    fs::rename(&unfinished, path).map_err(Error::io(path))
}

/// A rename is on disk when its folder is.
fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(Error::io(folder))
}

#[cfg(test)]
mod tests;
