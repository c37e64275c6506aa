//! The folder of prompts: WAV files that lines play by their names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Error;
use crate::config::{Config, Problem};
use crate::recording::PromptLibrary;

/// The largest file that is taken: some five minutes of the best a studio delivers.
pub const LONGEST_PROMPT: usize = 32 * 1024 * 1024;
/// The longest name of a file.
const LONGEST_NAME: usize = 100;

/// The folder of prompts.
#[derive(Clone, Debug)]
pub struct Prompts {
    folder: PathBuf,
}

/// One file there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptFile {
    /// Its name, as lines write it.
    pub name: String,
    /// Its size.
    pub size_bytes: u64,
    /// When it was written, Unix seconds.
    pub written_s: u64,
}

impl Prompts {
    /// The folder that a configuration names.
    pub fn of(config: &Config) -> Self {
        Self {
            folder: config.media.prompts.clone(),
        }
    }

    /// Every WAV file there, by name.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn list(&self) -> Result<Vec<PromptFile>, Error> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !metadata.is_file() || !is_name(&name) {
                continue;
            }
            let since = metadata.modified().ok();
            let since = since.and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
            files.push(PromptFile {
                name,
                size_bytes: metadata.len(),
                written_s: since.map_or(0, |since| since.as_secs()),
            });
        }
        files.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(files)
    }

    /// Where a prompt lies.
    ///
    /// # Errors
    /// It is no name of a prompt, or there is none.
    pub fn path(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.place(name).map_err(|_| Error::Unknown)?;
        if path.is_file() {
            Ok(path)
        } else {
            Err(Error::Unknown)
        }
    }

    /// Puts a WAV file there, in the place of one that has its name; gives how long it plays, in
    /// milliseconds. What cannot be played is not taken.
    ///
    /// # Errors
    /// It is no name, or cannot be played; or the folder cannot be written.
    pub fn put(&self, name: &str, wav: &[u8]) -> Result<u64, Error> {
        let path = self.place(name)?;
        fs::create_dir_all(&self.folder)?;
        let mut file = tempfile_in(&self.folder)?;
        let written = file.1.write_all(wav).and_then(|()| file.1.sync_all());
        let taken = written.map_err(Error::from).and_then(|()| {
            let mut library = PromptLibrary::default();
            let loaded = library.load(name, &file.0);
            let length_ms = loaded.map(|loaded| loaded.length_ms);
            let length_ms = length_ms.map_err(|_| {
                let what = "it is no WAV file that can be played: one or two channels at 4000 to \
                            192000 Hz, and some sound in it";
                Error::Prompt(what.to_owned())
            })?;
            fs::rename(&file.0, &path)?;
            Ok(length_ms)
        });
        if taken.is_err() {
            // What is left of it plays nowhere.
            let _ = fs::remove_file(&file.0);
        }
        taken
    }

    /// Takes a prompt away that no line of `config` plays.
    ///
    /// # Errors
    /// Some line does, or there is none.
    pub fn remove(&self, name: &str, config: &Config) -> Result<(), Error> {
        let path = self.path(name)?;
        let lines = lines_that_play(name, config);
        if !lines.is_empty() {
            return Err(Error::PromptInUse(lines.join(", ")));
        }
        Ok(fs::remove_file(path)?)
    }

    fn place(&self, name: &str) -> Result<PathBuf, Error> {
        if is_name(name) {
            Ok(self.folder.join(name))
        } else {
            Err(Error::PromptName)
        }
    }
}

/// The lines that play a prompt.
pub(super) fn lines_that_play(name: &str, config: &Config) -> Vec<String> {
    let lines = config.lines.iter();
    let plays = |line: &&crate::config::Line| line.prompts().any(|(_, file)| file == name);
    lines
        .filter(plays)
        .map(|line| format!("line `{}`", line.name))
        .collect()
}

/// A name that stays in its folder, hides nothing, and looks alike everywhere.
fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let is_wav = Path::new(name)
        .extension()
        .is_some_and(|it| it.eq_ignore_ascii_case("wav"));
    is_wav && !name.starts_with('.') && name.len() <= LONGEST_NAME && name.chars().all(is_plain)
}

/// A new file that no list shows.
fn tempfile_in(folder: &Path) -> Result<(PathBuf, fs::File), Error> {
    let path = folder.join(format!(".{:032x}.part", rand::random::<u128>()));
    let file = fs::File::options()
        .write(true)
        .create_new(true)
        .open(&path)?;
    Ok((path, file))
}

/// Reads every prompt that some line names, also those in folders of the folder.
///
/// # Errors
/// Every line's prompt that cannot be played.
pub fn load(config: &Config) -> Result<PromptLibrary, Vec<Problem>> {
    let mut library = PromptLibrary::default();
    let mut found = Vec::new();
    let mut unfit = BTreeMap::new();
    for (index, line) in config.lines.iter().enumerate() {
        for (key, name) in line.prompts() {
            if library.prompt(name).is_some() {
                continue;
            }
            let what = match unfit.get(name) {
                Some(what) => String::clone(what),
                None => match library.load(name, &config.prompt_path(name)) {
                    Ok(_) => continue,
                    Err(error) => error.to_string(),
                },
            };
            unfit.insert(name.to_owned(), what.clone());
            let key = format!("line[{index}].{key}");
            found.push(config.problem(&key, what, "make it with `sox IN OUT.wav`"));
        }
    }
    if found.is_empty() {
        Ok(library)
    } else {
        Err(found)
    }
}

/// What is wrong with the prompts of one line that is set up.
pub fn problems(config: &Config, lines: &BTreeSet<&str>) -> Vec<Problem> {
    let mut found = Vec::new();
    for (index, line) in config.lines.iter().enumerate() {
        for (key, name) in line.prompts().filter(|_| lines.contains(&*line.name)) {
            let path = config.prompt_path(name);
            if let Err(error) = PromptLibrary::default().load(name, &path) {
                let key = format!("line[{index}].{key}");
                let cure = "send it to the folder of prompts first, or write one that is there";
                found.push(config.problem(&key, error.to_string(), cure));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RELIABILITY: no name leads out of the folder, or to a file that nobody sees.
    #[test]
    fn a_name_stays_in_its_folder() {
        for name in ["notice.wav", "欢迎-1.WAV", "a.b_c.wav"] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            ".wav",
            "..wav",
            "../notice.wav",
            "a/b.wav",
            "a\\b.wav",
            "notice.mp3",
            "no tice.wav",
            "notice.wav\0",
            "notice.wav/",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }
}
