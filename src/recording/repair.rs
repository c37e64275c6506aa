//! After a crash: unfinished files get the header that their length earns, are sealed under
//! their final names and reported, so that their calls' rows can say so.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::Error;
use super::file::PART;
use super::seal::{Finished, Particulars, SealRules};
use super::wav::{FRAME_BYTES, HEADER_BYTES};
use crate::call::event::RecordingSummary;
use crate::id::CallId;

/// Folders deeper than `YYYY/MM/DD` are not ours.
const MAX_DEPTH: u32 = 4;

/// What became of an unfinished file.
#[derive(Debug)]
pub enum Repair {
    /// It is sealed. Which audio is missing is not known; the end of the call is.
    Sealed {
        /// Whose recording, by the file's name.
        call: CallId,
        /// The file.
        recording: RecordingSummary,
    },
    /// It held no audio, or no recording's name, and was deleted or left alone.
    Dropped(PathBuf),
    /// It could not be repaired and was left as it is.
    Failed(Error),
}

/// Repairs every unfinished recording below `folder` and seals it by `rules`. To be called before any is begun.
///
/// # Errors
/// The folder itself cannot be read.
pub fn repair_all(folder: &Path, rules: &SealRules) -> Result<Vec<Repair>, Error> {
    let mut unfinished = Vec::new();
    find(folder, 0, &mut unfinished)?;
    unfinished.sort();
    let repaired = unfinished
        .into_iter()
        .map(|part| repair(folder, &part, rules).unwrap_or_else(Repair::Failed));
    Ok(repaired.collect())
}

fn find(folder: &Path, depth: u32, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::io(folder))? {
        let entry = entry.map_err(Error::io(folder))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(Error::io(&path))?;
        if kind.is_dir() && depth < MAX_DEPTH {
            find(&path, depth + 1, found)?;
        } else if kind.is_file() && call_of(&path).is_some() {
            found.push(path);
        }
    }
    Ok(())
}

/// `<call>.wav.part` names its call.
fn call_of(part: &Path) -> Option<CallId> {
    let name = part.file_name()?.to_str()?;
    name.strip_suffix(PART)?.strip_suffix(".wav")?.parse().ok()
}

fn repair(folder: &Path, part: &Path, rules: &SealRules) -> Result<Repair, Error> {
    let size = fs::metadata(part).map_err(Error::io(part))?.len();
    let frames = size.saturating_sub(HEADER_BYTES) / FRAME_BYTES;
    let (Some(call), true) = (call_of(part), frames > 0) else {
        fs::remove_file(part).map_err(Error::io(part))?;
        return Ok(Repair::Dropped(part.to_owned()));
    };
    mend_header(part, frames * FRAME_BYTES).map_err(Error::io(part))?;
    let recording = Finished::repaired(folder, part)?.seal(Particulars::default(), rules)?;
    Ok(Repair::Sealed { call, recording })
}

/// Cuts half a frame off the end, and writes the two lengths that a WAV's header holds: of the
/// RIFF chunk at byte 4, of the data at byte 40.
fn mend_header(part: &Path, data_bytes: u64) -> std::io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).open(part)?;
    file.set_len(HEADER_BYTES + data_bytes)?;
    let length = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    file.seek(SeekFrom::Start(4))?;
    file.write_all(&length(HEADER_BYTES - 8 + data_bytes))?;
    file.seek(SeekFrom::Start(HEADER_BYTES - 4))?;
    file.write_all(&length(data_bytes))?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::recording::{RecordingFile, read_audio};

    const CALL: CallId = CallId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001));

    /// What a crash leaves: audio behind a header that knows nothing of it.
    fn crashed(folder: &Path, name: &str, stray: &[u8]) -> PathBuf {
        let path = format!("2026/11/21/{name}.wav");
        let mut file = RecordingFile::create(folder, &path).unwrap();
        file.write(&[[7, -7]; 800]).unwrap();
        drop(file);
        let part = folder.join(format!("{path}{PART}"));
        let mut bytes = fs::read(&part).unwrap();
        bytes[40..44].copy_from_slice(&[0; 4]);
        bytes.extend_from_slice(&[1, 0, 2, 0, 3, 0, 4, 0]);
        bytes.extend_from_slice(stray);
        fs::write(&part, bytes).unwrap();
        part
    }

    #[test]
    fn an_unfinished_recording_is_sealed_with_all_its_audio() {
        let folder = tempfile::tempdir().unwrap();
        let part = crashed(folder.path(), &CALL.to_string(), &[9, 9, 9]);
        let repaired = repair_all(folder.path(), &SealRules::default()).unwrap();
        let [Repair::Sealed { call, recording }] = &repaired[..] else {
            panic!("{repaired:?}");
        };
        assert_eq!(*call, CALL);
        assert!(!part.exists());
        let audio = read_audio(&folder.path().join(&recording.path)).unwrap();
        assert_eq!(audio.channels[0].len(), 802);
        assert_eq!(audio.channels[1][799..], [-7, 2, 4]);
        assert_eq!(recording.size_bytes, 44 + 802 * 4);
        assert!(
            repair_all(folder.path(), &SealRules::default())
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn a_recording_that_never_began_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("{CALL}.wav");
        drop(RecordingFile::create(folder.path(), &name).unwrap());
        let repaired = repair_all(folder.path(), &SealRules::default()).unwrap();
        assert!(matches!(repaired[..], [Repair::Dropped(_)]));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn files_of_others_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let part = crashed(folder.path(), "holiday", &[]);
        assert!(
            repair_all(folder.path(), &SealRules::default())
                .unwrap()
                .is_empty()
        );
        assert!(part.exists());
    }
}
