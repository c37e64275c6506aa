//! Threat: kill -9 in a call. `THIRDRING_KILLS` says how often; 20 without it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::alone;
use crate::calls::{Calls, missing, row_of, site};
use crate::marked::Missing;
use crate::patience::until;
use crate::readers;

/// Calls that are up at a kill.
const CALLS: u8 = 4;
/// Services that are killed side by side.
const SIDE_BY_SIDE: u32 = 4;
/// The promise.
const MOST_LOST: Duration = Duration::from_millis(500);

/// Threat: kill -9 in a call. The service is killed at random moments: at most half a second of
/// each call's audio is lost, all of it at the end; no row is; each file is as long for four
/// readers, also when it is copied while it is written.
#[test]
fn a_killed_service_loses_half_a_second_at_most_and_no_row() {
    let _alone = alone();
    let kills: u32 = std::env::var("THIRDRING_KILLS").map_or(20, |kills| kills.parse().unwrap());
    let workers: Vec<_> = (0..SIDE_BY_SIDE)
        .map(|worker| {
            let kills = kills / SIDE_BY_SIDE + u32::from(worker < kills % SIDE_BY_SIDE);
            std::thread::spawn(move || kill_again_and_again(u64::from(worker), kills))
        })
        .collect();
    let lost = workers.into_iter().flat_map(|it| it.join().unwrap());
    let lost: Vec<_> = lost.collect();
    let most = lost.iter().max().unwrap();
    eprintln!(
        "{} recordings of {kills} kills: at most {most:?} lost",
        lost.len() / 2
    );
}

/// What each channel of each recording lost.
fn kill_again_and_again(seed: u64, kills: u32) -> Vec<Duration> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut service = site(CALLS, &[]).start();
    let mut lost = Vec::new();
    for kill in 1..=kills {
        let (calls, voices) = Calls::talk(&service, CALLS);
        voices.wait_for(rng.random_range(10..100));
        let copies = copies(service.folder(), kill);
        voices.wait_for(rng.random_range(1..20));
        service.crash_and_restart();
        let (heard, _) = voices.finish();
        drop(calls);
        let all = usize::try_from(kill).unwrap() * usize::from(CALLS);
        let rows = until("the rows to be complete", || {
            let rows = service.calls();
            (rows.iter().filter(|row| !row["outcome"].is_null()).count() == all).then_some(rows)
        });
        let newest = &rows[all - usize::from(CALLS)..];
        let mut files = Vec::new();
        for (n, heard) in (1..=CALLS).zip(heard.chunks(2)) {
            let row = row_of(newest, n);
            assert_eq!(row["outcome"], "interrupted", "{row:#}");
            let path = service.recording_path(row);
            for missing in missing(&path, &heard[0], &heard[1]) {
                assert_eq!(missing.middle, 0, "{missing:?} in {row:#}");
                assert!(missing.end <= MOST_LOST, "{missing:?} in {row:#}");
                lost.push(missing.end);
            }
            files.push(path);
        }
        let known: Vec<_> = files.iter().map(|file| seconds(file)).collect();
        readers::agree(&files, Some(&known));
        readers::agree(&copies, None);
    }
    service.stop();
    lost
}

/// Copies of all files as they are now, while they are written.
fn copies(folder: &Path, kill: u32) -> Vec<PathBuf> {
    let to = folder.join(format!("copies-{kill}"));
    std::fs::create_dir(&to).unwrap();
    let mut parts = Vec::new();
    find_parts(&folder.join("recordings"), &mut parts);
    assert_eq!(parts.len(), usize::from(CALLS));
    let copy = |part: PathBuf| {
        let copy = to.join(part.file_stem().unwrap());
        std::fs::copy(&part, &copy).unwrap();
        copy
    };
    parts.into_iter().map(copy).collect()
}

fn find_parts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find_parts(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "part")
        {
            found.push(path);
        }
    }
}

/// By the size.
fn seconds(file: &Path) -> f64 {
    let bytes = u32::try_from(file.metadata().unwrap().len()).unwrap();
    f64::from(bytes - 44) / 32_000.0
}

/// The control: what is written at the end only is gone, and the same check sees it.
#[test]
fn a_writer_that_flushes_at_the_end_loses_more() {
    const WRITER: &str = "
import sys, time, wave
frames = []
with wave.open(sys.argv[1], 'wb') as file:
    file.setparams((2, 2, 8000, 0, 'NONE', ''))
    print('writing', flush=True)
    while sys.stdin.readline():
        frames.append(bytes(640))
    file.writeframes(b''.join(frames))
";
    let _alone = alone();
    let mut service = site(1, &[]).start();
    let (calls, voices) = Calls::talk(&service, 1);
    let path = service.folder().join("control.wav");
    let mut writer = Command::new("python3")
        .args(["-c", WRITER])
        .arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = [0; 8];
    std::io::Read::read_exact(writer.stdout.as_mut().unwrap(), &mut said).unwrap();
    for _ in 0..10 {
        voices.wait_for(5);
        std::io::Write::write_all(writer.stdin.as_mut().unwrap(), b"20 ms\n").unwrap();
    }
    writer.kill().unwrap();
    writer.wait().unwrap();
    service.crash_and_restart();
    let (heard, _) = voices.finish();
    drop(calls);
    // What a reader finds in such a file is nothing, or no file at all.
    let kept = hound::WavReader::open(&path).map_or(0, |reader| reader.duration());
    assert_eq!(kept, 0);
    let Missing { end, .. } = heard[0].missing_in(&[].into());
    assert!(end > MOST_LOST, "{end:?}");
}
