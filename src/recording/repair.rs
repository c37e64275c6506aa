//! After a crash: unfinished files get what the journal and the spool still hold of them, and the
//! header that their length earns; they are sealed under their final names and reported, so that
//! their calls' rows can say so.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::file::PART;
use super::seal::{Finished, Particulars, SealRules};
use super::wav::{FRAME_BYTES, HEADER_BYTES, header};
use super::{Error, journal, spool};
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

/// Repairs every unfinished recording below `folder`, with what the journal there and the second
/// spool hold of it, and seals it by `rules`. To be called before any is begun.
///
/// What could not be written stays in the journal or spool for the next start. Each repair is told
/// as soon as it is done.
///
/// # Errors
/// The folder, its journal or the spool cannot be read.
pub fn repair_all(
    folder: &Path,
    spool: Option<&Path>,
    rules: &SealRules,
    mut tell: impl FnMut(Repair),
) -> Result<(), Error> {
    let mut replayed = journal::replay(folder)?;
    for (segment, at) in &replayed.broken {
        let segment = segment.display();
        tracing::warn!(%segment, at, "the journal is torn here; what is behind is not read");
    }
    let spooled = spool.map_or(Ok(Vec::new()), spool::list)?;
    for (call, path) in &spooled {
        if let Err(error) = spool::join(path, folder) {
            replayed.failed.insert(*call, error);
        }
    }
    let mut unfinished = Vec::new();
    find(folder, 0, &mut unfinished)?;
    unfinished.sort();
    let mut is_whole = replayed.failed.is_empty();
    for part in unfinished {
        let is_failed = |call| replayed.failed.contains_key(&call);
        if call_of(&part).is_some_and(is_failed) {
            continue; // sealed, it would lack what is still to be put into it
        }
        let repair = repair(folder, &part, rules).unwrap_or_else(Repair::Failed);
        is_whole &= !matches!(repair, Repair::Failed(_));
        tell(repair);
    }
    if is_whole {
        clear(&replayed.segments, &spooled);
    }
    replayed
        .failed
        .into_values()
        .map(Repair::Failed)
        .for_each(tell);
    Ok(())
}

/// Deletes what nobody needs any more. A file that cannot be deleted is read again at the next
/// start, which changes nothing.
fn clear(segments: &[PathBuf], spooled: &[(CallId, PathBuf)]) {
    let spooled = spooled.iter().map(|(_, path)| path);
    for path in segments.iter().chain(spooled) {
        if let Err(error) = fs::remove_file(path) {
            tracing::warn!(path = %path.display(), %error, "a file of the journal stays behind");
        }
    }
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
    let (Some(call), true) = (call_of(part), frames_in(size) > 0) else {
        fs::remove_file(part).map_err(Error::io(part))?;
        return Ok(Repair::Dropped(part.to_owned()));
    };
    mend(part)?;
    let recording = Finished::repaired(folder, part)?.seal(Particulars::default(), rules)?;
    Ok(Repair::Sealed { call, recording })
}

/// Cuts half a frame off the end, and writes the header that is true.
pub(super) fn mend(part: &Path) -> Result<(), Error> {
    let mend = || {
        let file = OpenOptions::new().write(true).open(part)?;
        let frames = frames_in(file.metadata()?.len());
        file.set_len(HEADER_BYTES + frames * FRAME_BYTES)?;
        file.write_all_at(&header(frames), 0)?;
        file.sync_all()
    };
    mend().map_err(Error::io(part))
}

fn frames_in(size: u64) -> u64 {
    size.saturating_sub(HEADER_BYTES) / FRAME_BYTES
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use uuid::Uuid;

    use super::*;
    use crate::recording::{Journal, JournalSettings, RecordingFile, SpoolFile, read_audio};

    const CALL: CallId = CallId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001));

    fn repaired_in(folder: &Path, spool: Option<&Path>) -> Result<Vec<Repair>, Error> {
        let mut repairs = Vec::new();
        let tell = |repair| repairs.push(repair);
        repair_all(folder, spool, &SealRules::default(), tell)?;
        Ok(repairs)
    }

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
        let repaired = repaired_in(folder.path(), None).unwrap();
        let [Repair::Sealed { call, recording }] = &repaired[..] else {
            panic!("{repaired:?}");
        };
        assert_eq!(*call, CALL);
        assert!(!part.exists());
        let audio = read_audio(&folder.path().join(&recording.path)).unwrap();
        assert_eq!(audio.channels[0].len(), 802);
        assert_eq!(audio.channels[1][799..], [-7, 2, 4]);
        assert_eq!(recording.size_bytes, 44 + 802 * 4);
        assert!(repaired_in(folder.path(), None).unwrap().is_empty());
    }

    #[test]
    fn a_recording_that_never_began_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("{CALL}.wav");
        drop(RecordingFile::create(folder.path(), &name).unwrap());
        let repaired = repaired_in(folder.path(), None).unwrap();
        assert!(matches!(repaired[..], [Repair::Dropped(_)]));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs one arbitrary start"
    )]
    fn what_only_journal_and_spool_hold_is_in_the_sealed_file() {
        let folder = tempfile::tempdir().unwrap();
        let spool = folder.path().join("spool");
        let path = format!("2026/11/22/{CALL}.wav");
        let settings = JournalSettings::default();
        let mut journal = Journal::open(folder.path(), settings).unwrap();
        let now = Instant::now();
        journal.append(CALL, &path.as_str().into(), 0, &[[1, 2]; 300], now);
        journal.write(now).unwrap();
        let mut spooled = SpoolFile::create(&spool, CALL, &path).unwrap();
        spooled.append(300, &vec![[3, 4]; 9000]).unwrap();

        let repaired = repaired_in(folder.path(), Some(&spool)).unwrap();
        let [Repair::Sealed { call, recording }] = &repaired[..] else {
            panic!("{repaired:?}");
        };
        assert_eq!(*call, CALL);
        let audio = read_audio(&folder.path().join(&recording.path)).unwrap();
        assert_eq!(audio.channels[0].len(), 9300);
        assert_eq!(audio.channels[0][299..301], [1, 3]);
        assert_eq!(audio.channels[1][299..301], [2, 4]);
        assert!(!spooled.path().exists());
        let left = fs::read_dir(folder.path().join(".journal")).unwrap();
        assert_eq!(left.count(), 0);
        assert!(repaired_in(folder.path(), Some(&spool)).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_joined_stays_for_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let spool = folder.path().join("spool");
        let path = format!("2026/11/22/{CALL}.wav");
        let mut file = RecordingFile::create(folder.path(), &path).unwrap();
        file.write(&[[7, -7]; 800]).unwrap();
        let mut spooled = SpoolFile::create(&spool, CALL, &path).unwrap();
        spooled.append(800, &[[3, 4]; 80]).unwrap();
        let part = folder.path().join(format!("{path}{PART}"));
        let aside = folder.path().join("aside");
        fs::rename(&part, &aside).unwrap();
        fs::create_dir(&part).unwrap(); // nobody can write there

        let repaired = repaired_in(folder.path(), Some(&spool)).unwrap();
        assert!(matches!(repaired[..], [Repair::Failed(_)]), "{repaired:?}");
        fs::remove_dir(&part).unwrap();
        fs::rename(&aside, &part).unwrap();
        let repaired = repaired_in(folder.path(), Some(&spool)).unwrap();
        let [Repair::Sealed { recording, .. }] = &repaired[..] else {
            panic!("{repaired:?}");
        };
        assert_eq!(recording.duration_ms, 110);
    }

    #[test]
    fn files_of_others_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let part = crashed(folder.path(), "holiday", &[]);
        assert!(repaired_in(folder.path(), None).unwrap().is_empty());
        assert!(part.exists());
    }
}
