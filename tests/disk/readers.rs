//! Four programs that are none of ours, asked how long a WAV file is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const PYTHON: &str = "
import sys, wave
for name in sys.argv[1:]:
    with wave.open(name) as file:
        length = len(file.readframes(file.getnframes())) / 4
        print(length / file.getframerate())
";

/// The length of each file in seconds, as each of the readers says.
pub(crate) fn lengths(files: &[PathBuf]) -> BTreeMap<&'static str, Vec<f64>> {
    if files.is_empty() {
        return BTreeMap::new();
    }
    let sox = run("sox", &["--info", "-D"], files);
    let python = run("python3", &["-c", PYTHON], files);
    let sndfile = run("sndfile-info", &[], files);
    let sndfile = sndfile
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Duration"))
        .map(|line| clock(line.trim_start_matches([' ', ':'])))
        .collect();
    let ffprobe = files.iter().map(|file| {
        let show = "format=duration";
        let arguments = ["-v", "error", "-show_entries", show, "-of", "csv=p=0"];
        run("ffprobe", &arguments, &[file])
    });
    let ffprobe: String = ffprobe.collect();
    BTreeMap::from([
        ("sox", numbers(&sox)),
        ("python", numbers(&python)),
        ("libsndfile", sndfile),
        ("ffprobe", numbers(&ffprobe)),
    ])
}

/// Every reader reads every file, and they agree within half a second; `known` is what the lengths
/// should be, where somebody knows.
pub(crate) fn agree(files: &[PathBuf], known: Option<&[f64]>) {
    let lengths = lengths(files);
    for (reader, found) in &lengths {
        assert_eq!(found.len(), files.len(), "{reader} read {found:?}");
    }
    for (index, file) in files.iter().enumerate() {
        let found: Vec<_> = lengths.values().map(|found| found[index]).collect();
        let known = known.map(|known| known[index]);
        let least = found.iter().chain(&known).copied().fold(f64::MAX, f64::min);
        let most = found.iter().chain(&known).copied().fold(0.0, f64::max);
        assert!(most - least <= 0.5, "{}: {lengths:?}", file.display());
    }
}

fn run(program: &str, arguments: &[&str], files: &[impl AsRef<Path>]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .args(files.iter().map(AsRef::as_ref))
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn numbers(text: &str) -> Vec<f64> {
    text.split_whitespace()
        .map(|word| word.parse().unwrap())
        .collect()
}

/// `00:01:02.500` in seconds.
fn clock(text: &str) -> f64 {
    let parts = text.trim().split(':').map(|part| part.parse().unwrap());
    parts.fold(0.0, |seconds, part: f64| seconds * 60.0 + part)
}
