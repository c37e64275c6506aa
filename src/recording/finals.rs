//! Finished recordings looked at again: what a crash came in between their last rename and their
//! row. Which there are is told by names alone; what one of them is, by its manifest, as far as
//! that fits the file.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::seal::{Finished, Particulars, SealRules, sidecars};
use super::{Error, repair};
use crate::call::conduct::{Conduct, RecordingMark};
use crate::call::event::{RecordingGap, RecordingSummary};
use crate::id::CallId;

/// How much of a file is read at once.
const BLOCK_BYTES: usize = 64 * 1024;
/// Recordings lie in `YYYY/MM/DD`.
const DATE_DIGITS: [usize; 3] = [4, 2, 2];

/// A file with a final name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Final {
    /// Whose recording, by the file's name.
    pub call: CallId,
    /// Below the recordings folder.
    path: String,
}

/// The finished recordings of the newest `days` that have a folder.
///
/// # Errors
/// The folder cannot be read.
pub fn of_newest_days(folder: &Path, days: usize) -> Result<Vec<Final>, Error> {
    let mut dates = vec![String::new()];
    for digits in DATE_DIGITS {
        let mut deeper = Vec::new();
        for date in dates {
            for name in numbers(&folder.join(&date), digits)? {
                deeper.push(format!("{date}{name}/"));
            }
        }
        // The oldest of the newest lie in no more folders than that.
        deeper.sort_unstable();
        dates = deeper.split_off(deeper.len().saturating_sub(days));
    }
    let mut finals = Vec::new();
    for date in dates {
        for name in names(&folder.join(&date))? {
            let call = name.strip_suffix(".wav").and_then(|id| id.parse().ok());
            finals.extend(call.map(|call| Final {
                call,
                path: format!("{date}{name}"),
            }));
        }
    }
    finals.sort_unstable();
    Ok(finals)
}

impl Final {
    /// What the log is to say of it: what its manifest says, if that is of this very file;
    /// otherwise it is sealed once more.
    ///
    /// # Errors
    /// The file cannot be read, or sealed.
    pub fn summary(self, folder: &Path, rules: &SealRules) -> Result<RecordingSummary, Error> {
        let wav = folder.join(&self.path);
        let (sha256, size_bytes) = hash(&wav).map_err(Error::io(&wav))?;
        let known = Known::beside(&wav).filter(|(known, _)| {
            let file = &known.recording;
            (file.path.as_str(), file.sha256.as_str(), file.size_bytes)
                == (&self.path, &sha256, size_bytes)
        });
        let Some((known, manifest_sha256)) = known else {
            repair::mend(&wav)?;
            return Finished::again(folder, self.path).seal(Particulars::default(), rules);
        };
        Ok(RecordingSummary {
            path: self.path,
            sha256,
            size_bytes,
            duration_ms: known.duration_ms,
            gaps: known.gaps,
            marks: known.marks,
            conduct: known.conduct,
            manifest_sha256: Some(manifest_sha256),
        })
    }
}

/// What of a manifest the log keeps as well.
#[derive(Debug, Deserialize)]
struct Known {
    recording: FileFacts,
    duration_ms: u64,
    gaps: Vec<RecordingGap>,
    marks: Vec<RecordingMark>,
    conduct: Option<Box<Conduct>>,
}

#[derive(Debug, Deserialize)]
struct FileFacts {
    path: String,
    sha256: String,
    size_bytes: u64,
}

impl Known {
    /// The manifest beside a recording and its hash, if it can be read.
    fn beside(wav: &Path) -> Option<(Self, String)> {
        let [_, manifest] = sidecars(wav);
        let manifest = fs::read(manifest).ok()?;
        let known = serde_json::from_slice(&manifest).ok()?;
        Some((known, hex::encode(Sha256::digest(&manifest))))
    }
}

/// SHA-256 in lower-case hex, and the size.
fn hash(wav: &Path) -> io::Result<(String, u64)> {
    let mut file = File::open(wav)?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK_BYTES];
    let mut size = 0;
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok((hex::encode(hasher.finalize()), size)),
            Ok(count) => {
                hasher.update(block.get(..count).unwrap_or_default());
                size += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Names of so many digits.
fn numbers(folder: &Path, digits: usize) -> Result<Vec<String>, Error> {
    let mut names = names(folder)?;
    names.retain(|name| name.len() == digits && name.bytes().all(|byte| byte.is_ascii_digit()));
    Ok(names)
}

fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = fs::read_dir(folder).map_err(Error::io(folder))?;
    let names = entries.map(|entry| Ok(entry.map_err(Error::io(folder))?.file_name()));
    let names: Result<Vec<_>, Error> = names.collect();
    let names = names?.into_iter().map(std::ffi::OsString::into_string);
    Ok(names.filter_map(Result::ok).collect())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::call::event::GapCause;
    use crate::recording::RecordingFile;

    fn call(n: u128) -> CallId {
        CallId(Uuid::from_u128(
            0x0192_0000_0000_7000_8000_0000_0000_0000 + n,
        ))
    }

    fn sealed(folder: &Path, date: &str, call: CallId) -> RecordingSummary {
        let mut file = RecordingFile::create(folder, &format!("{date}/{call}.wav")).unwrap();
        file.write(&vec![[900, -900]; 8000]).unwrap();
        let particulars = Particulars {
            gaps: vec![RecordingGap {
                channel: 0,
                from_ms: 100,
                length_ms: 5,
                concealed_ms: 0,
                cause: GapCause::Lost,
            }],
            ..Particulars::default()
        };
        let finished = file.finish().unwrap();
        finished.seal(particulars, &SealRules::default()).unwrap()
    }

    fn only(folder: &Path) -> Final {
        let mut found = of_newest_days(folder, 1).unwrap();
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    #[test]
    fn only_the_newest_days_are_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let dates = ["2025/12/30", "2025/12/31", "2026/01/01", "2026/01/10"];
        for (n, date) in (0..).zip(dates) {
            sealed(folder.path(), date, call(n));
        }
        fs::write(folder.path().join("2026/01/10/holiday.wav"), "not ours").unwrap();
        fs::create_dir(folder.path().join(".journal")).unwrap();
        let calls = |days| {
            let found = of_newest_days(folder.path(), days).unwrap();
            let calls = found.iter().map(|found| found.call);
            calls.collect::<Vec<_>>()
        };
        assert_eq!(calls(3), [call(1), call(2), call(3)]);
        assert_eq!(calls(1), [call(3)]);
        assert_eq!(calls(100).len(), 4);
    }

    #[test]
    fn what_the_manifest_says_is_what_was_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let summary = sealed(folder.path(), "2026/01/10", call(1));
        let found = only(folder.path());
        let again = found.summary(folder.path(), &SealRules::default()).unwrap();
        assert_eq!(again, summary);
        assert_eq!(again.gaps.len(), 1);
    }

    /// R192: the log never says of a file what is not so.
    #[test]
    fn a_manifest_that_does_not_fit_is_not_believed() {
        for spoil in [
            |wav: &Path| fs::remove_file(wav.with_extension("json")).unwrap(),
            |wav: &Path| fs::write(wav.with_extension("json"), b"{}").unwrap(),
            |wav: &Path| {
                let mut bytes = fs::read(wav).unwrap();
                bytes[100] ^= 1;
                fs::write(wav, bytes).unwrap();
            },
        ] {
            let folder = tempfile::tempdir().unwrap();
            let summary = sealed(folder.path(), "2026/01/10", call(1));
            let wav = folder.path().join(&summary.path);
            spoil(&wav);
            let found = only(folder.path());
            let again = found.summary(folder.path(), &SealRules::default()).unwrap();
            let (sha256, size) = hash(&wav).unwrap();
            assert_eq!((&again.sha256, again.size_bytes), (&sha256, size));
            assert_eq!(again.gaps, [], "nobody knows them any more");
            let manifest = fs::read(wav.with_extension("json")).unwrap();
            let manifest = hex::encode(Sha256::digest(&manifest));
            assert_eq!(again.manifest_sha256, Some(manifest));
            // The manifest fits again.
            let found = only(folder.path());
            let third = found.summary(folder.path(), &SealRules::default()).unwrap();
            assert_eq!(third, again);
        }
    }
}
