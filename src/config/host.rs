//! What a configuration names on this machine: folders that can be written, files that can be read.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Config, Problem, year_days};

pub(super) fn problems(config: &Config) -> Vec<Problem> {
    let mut found = Vec::new();
    let folder = &config.recording.folder;
    found.extend(folder_problem(config, "recording.folder", folder));
    if let Some(spool) = &config.recording.spool {
        found.extend(folder_problem(config, "recording.spool", spool));
    }
    if config.trace.is_on() {
        found.extend(folder_problem(config, "trace.folder", &config.trace.folder));
    }
    let journal = &config.database.journal;
    found.extend(folder_problem(config, "database.journal", journal));
    if let Some(file) = config.database.sqlite_file()
        && let Some(folder) = file.parent()
    {
        found.extend(folder_problem(config, "database.url", folder));
    }
    for (index, listener) in config.sip.listeners.iter().enumerate() {
        let files = [
            ("certificate", &listener.certificate),
            ("key", &listener.key),
            ("client_ca", &listener.client_ca),
        ];
        for (name, file) in files {
            if let Some(file) = file {
                let key = format!("sip.listener[{index}].{name}");
                found.extend(pem_problem(config, &key, file, name == "key"));
            }
        }
    }
    for (index, calendar) in config.calendars.iter().enumerate() {
        let files = match calendar.files() {
            Ok(files) => files,
            Err(error) => {
                let what = format!("the folder cannot be read: {error}");
                let cure = "name a folder with the files of years; `deploy/calendars` has one";
                found.push(config.problem(&format!("calendar[{index}].holidays"), what, cure));
                continue;
            }
        };
        for error in files.iter().filter_map(|file| year_days(file).err()) {
            let cure = "correct it, or take it out of the folder";
            found.push(config.problem(
                &format!("calendar[{index}].holidays"),
                error.to_string(),
                cure,
            ));
        }
    }
    for (index, line) in config.lines.iter().enumerate() {
        for (key, name) in line.prompts() {
            let key = format!("line[{index}].{key}");
            found.extend(prompt_problem(config, &key, name));
        }
    }
    found
}

/// Makes the folder if it is missing and proves that a file can be written into it.
fn folder_problem(config: &Config, key: &str, folder: &Path) -> Option<Problem> {
    let shown = folder.display();
    if let Err(error) = fs::create_dir_all(folder) {
        let what = format!("folder {shown} cannot be made: {error}");
        let cure = "name a folder that this user may make, or make it by hand";
        return Some(config.problem(key, what, cure));
    }
    let probe = folder.join(format!(".thirdring-{}", std::process::id()));
    let written = fs::write(&probe, b"thirdring").and_then(|()| fs::remove_file(&probe));
    let listed = fs::read_dir(folder).map(|_| ());
    let error = written.and(listed).err()?;
    let what = format!("folder {shown} cannot be read and written: {error}");
    Some(config.problem(key, what, "let this user read and write it (chown, chmod)"))
}

/// A PEM file must be there, and a key must be a secret.
fn pem_problem(config: &Config, key: &str, file: &Path, is_secret: bool) -> Option<Problem> {
    let shown = file.display();
    let mode = match fs::File::open(file).and_then(|file| file.metadata()) {
        Ok(metadata) => metadata.permissions().mode() & 0o777,
        Err(error) => {
            let what = format!("{shown} cannot be read: {error}");
            let cure = "put a PEM file there that this user may read";
            return Some(config.problem(key, what, cure));
        }
    };
    let is_open = is_secret && mode & 0o077 != 0;
    is_open.then(|| {
        let what =
            format!("{shown} can be read or written by others than its owner (mode {mode:o})");
        config.problem(key, what, "let its owner alone read it (chmod 600)")
    })
}

fn prompt_problem(config: &Config, key: &str, name: &str) -> Option<Problem> {
    let path = config.prompt_path(name);
    let shown = path.display();
    let read = fs::File::open(&path).and_then(|file| {
        if file.metadata()?.is_file() {
            Ok(())
        } else {
            Err(io::Error::other("it is no file"))
        }
    });
    let error = read.err()?;
    let what = format!("prompt file {shown} cannot be read: {error}");
    let cure = "put a WAV file there (any rate, mono or stereo), or correct `media.prompts`";
    Some(config.problem(key, what, cure))
}
