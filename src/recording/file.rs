//! One recording's file while it is written: `.part` behind its final name. What becomes of it
//! then is in [`super::seal`].

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

use super::seal::Finished;
use super::wav::{FRAME_BYTES, HEADER_BYTES, MAX_FRAMES, header, push_pcm};
use super::{Error, Stereo};

/// What an unfinished file's name ends with.
pub(super) const PART: &str = ".part";
/// Only the service reads recordings: they are handed out through it, with an audit row.
pub(super) const FILE_MODE: u32 = 0o600;
pub(super) const FOLDER_MODE: u32 = 0o700;

/// A recording that is being written.
#[derive(Debug)]
pub struct RecordingFile {
    folder: PathBuf,
    /// Path below the folder, as the log has it.
    path: String,
    part: PathBuf,
    file: File,
    frames: u64,
}

impl RecordingFile {
    /// Creates `folder/path` with `.part` behind it, and the header in it.
    ///
    /// # Errors
    /// The path leads out of the folder, or the file cannot be made.
    pub fn create(folder: &Path, path: &str) -> Result<Self, Error> {
        let part = part_path(folder, path)?;
        if let Some(parent) = part.parent() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(FOLDER_MODE)
                .create(parent)
                .map_err(Error::io(parent))?;
        }
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(FILE_MODE)
            .open(&part)
            .map_err(Error::io(&part))?;
        // A file without a header is no WAV.
        file.write_all_at(&header(0), 0).map_err(Error::io(&part))?;
        Ok(Self {
            folder: folder.to_owned(),
            path: path.to_owned(),
            part,
            file,
            frames: 0,
        })
    }

    /// Appends frames; afterwards the header is true and everything is in the kernel's hands.
    ///
    /// # Errors
    /// The disk is full or failing, or the recording has reached 12 hours.
    pub fn write(&mut self, frames: &[Stereo]) -> Result<(), Error> {
        let mut pcm = Vec::new();
        push_pcm(&mut pcm, frames);
        self.write_pcm(&pcm)
    }

    /// Appends frames that are PCM16 of both channels in turn already. Two system calls: the audio,
    /// and then the header, which thus never promises what is not there. After an error the file
    /// is as it was before, as far as its header tells.
    ///
    /// # Errors
    /// The disk is full or failing, or the recording has reached 12 hours.
    pub fn write_pcm(&mut self, pcm: &[u8]) -> Result<(), Error> {
        let frames = self.frames + pcm.len() as u64 / FRAME_BYTES;
        if frames > MAX_FRAMES {
            return Err(Error::TooLong(self.part.clone()));
        }
        if frames == self.frames {
            return Ok(());
        }
        let end = HEADER_BYTES + self.frames * FRAME_BYTES;
        let written = self.file.write_all_at(pcm, end);
        written
            .and_then(|()| self.file.write_all_at(&header(frames), 0))
            .map_err(Error::io(&self.part))?;
        self.frames = frames;
        Ok(())
    }

    /// Frames written.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Ends the writing. Half a write that an error left behind the audio is cut off.
    ///
    /// # Errors
    /// The disk is failing.
    pub fn finish(self) -> Result<Finished, Error> {
        let length = HEADER_BYTES + self.frames * FRAME_BYTES;
        let trim = |found: u64| (found > length).then(|| self.file.set_len(length));
        let found = self.file.metadata().map(|meta| meta.len());
        found
            .and_then(|found| trim(found).unwrap_or(Ok(())))
            .map_err(Error::io(&self.part))?;
        Ok(self.leave())
    }

    /// Ends the writing without touching the file: its disk has failed, and the rest is elsewhere.
    pub fn leave(self) -> Finished {
        Finished::new(self.folder, self.path, self.part)
    }

    /// Deletes the file: nothing was recorded.
    ///
    /// # Errors
    /// The file cannot be deleted.
    pub fn discard(self) -> Result<(), Error> {
        fs::remove_file(&self.part).map_err(Error::io(&self.part))
    }
}

/// `folder/path.part`, if `path` leads down and nowhere else.
pub(super) fn part_path(folder: &Path, path: &str) -> Result<PathBuf, Error> {
    let relative = Path::new(path);
    let is_below = relative
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    if !is_below || path.is_empty() {
        return Err(Error::Path(relative.to_owned()));
    }
    Ok(folder.join(format!("{path}{PART}")))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::recording::{Particulars, SealRules};

    #[test]
    fn a_recording_is_part_until_it_is_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let path = "2026/11/21/a.wav";
        let mut file = RecordingFile::create(folder.path(), path).unwrap();
        let part = folder.path().join("2026/11/21/a.wav.part");
        file.write(&vec![[100, -100]; 8000]).unwrap();
        assert!(part.exists());
        let mode = part.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        let finished = file.finish().unwrap();
        finished
            .seal(Particulars::default(), &SealRules::default())
            .unwrap();
        assert!(!part.exists());
        assert!(folder.path().join(path).exists());
    }

    #[test]
    fn a_discarded_recording_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = RecordingFile::create(folder.path(), "b.wav").unwrap();
        file.discard().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_path_that_leads_elsewhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["../x.wav", "/etc/x.wav", "", "a/../../x.wav"] {
            let result = RecordingFile::create(folder.path(), path);
            assert!(matches!(result, Err(Error::Path(_))), "{path}");
        }
    }

    #[test]
    fn two_recordings_never_share_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let _first = RecordingFile::create(folder.path(), "c.wav").unwrap();
        assert!(RecordingFile::create(folder.path(), "c.wav").is_err());
    }
}
