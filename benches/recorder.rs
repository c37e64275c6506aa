//! What recording costs: 200 and 1,000 calls for 20 s of their time, as the recorder thread does it:
//! packets to the time line, each call's turn every 200 ms to the journal and its WAV, a commit
//! every 400 ms, and the sealing. A table in plain text:
//!
//! - `commit`: one flush of the journal (fdatasync), median and most, in real time;
//! - `journal`: writing what a turn of all calls has to the journal, per call-second;
//! - `WAV`: the two writes to each file, per call-second;
//! - `packet`: all of the recorder's work but flushing, per packet;
//! - `sealed`: flush, hash and rename, per second of WAV;
//! - `allocations`: of the recorder's work, per call-second;
//! - `memory`: what the process grew by, per call.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench reads the clock, prints, and may stop at the first surprise"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use thirdring::id::CallId;
use thirdring::media::{Frame, Way};
use thirdring::recording::{
    Journal, JournalSettings, Particulars, RecordingFile, SealRules, Stereo, Timeline,
};
use thirdring::sdp::Codec;

/// Call time that is recorded.
const SECONDS: u32 = 20;
const PACKET_MS: u32 = 20;
/// Packets of one way between two writes of a call.
const TURNS: u32 = 10;
/// Packets of one way between two commits.
const COMMIT: u32 = 20;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

/// The system's allocator, counted.
struct Counted;

#[expect(unsafe_code, reason = "an allocator is unsafe by its trait")]
// SAFETY: every call is handed to the system's allocator as it is.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counted = Counted;

struct Call {
    id: CallId,
    path: Arc<str>,
    file: RecordingFile,
    timeline: Timeline,
}

/// Where the time went.
#[derive(Default)]
struct Spent {
    packets: Duration,
    journal: Duration,
    wav: Duration,
    commits: Vec<Duration>,
    allocations: u64,
}

fn main() {
    // Cargo hands its own options on, such as --bench.
    println!(
        "{:>6} {:>12} {:>12} {:>13} {:>11} {:>12} {:>12} {:>12} {:>10}",
        "calls",
        "commit ms",
        "most ms",
        "journal us/cs",
        "WAV us/cs",
        "packet ns",
        "sealed us/s",
        "allocs/cs",
        "KiB/call"
    );
    for calls in [200, 1000] {
        measure(calls);
    }
}

fn measure(count: usize) {
    // Below the build's folder, so that it is a real disk where /tmp is memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let before = memory_kib();
    let start = Instant::now();
    let mut calls: Vec<_> = (0..count).map(|n| call(folder.path(), n, start)).collect();
    let mut journal = Journal::open(folder.path(), JournalSettings::default()).expect("a journal");
    let mut spent = Spent::default();
    for tick in 0..SECONDS * 1000 / PACKET_MS {
        let now = start + Duration::from_millis(u64::from(tick * PACKET_MS));
        turn(&mut calls, &mut journal, tick, now, &mut spent);
    }
    let grown = memory_kib().saturating_sub(before);
    let sealing = Instant::now();
    for call in calls {
        let finished = call.file.finish().expect("the file");
        finished
            .seal(Particulars::default(), &SealRules::default())
            .expect("the file");
    }
    let sealing = sealing.elapsed();
    print(count, &mut spent, sealing, grown);
}

fn call(folder: &Path, n: usize, start: Instant) -> Call {
    let path = format!("2026/11/22/{n}.wav");
    Call {
        id: CallId(uuid::Uuid::from_u128(n as u128)),
        file: RecordingFile::create(folder, &path).expect("a file"),
        path: path.into(),
        timeline: Timeline::new(start),
    }
}

/// 20 ms of all calls; a tenth of them have their turn to be written.
fn turn(calls: &mut [Call], journal: &mut Journal, tick: u32, now: Instant, spent: &mut Spent) {
    let allocations = ALLOCATIONS.load(Ordering::Relaxed);
    let begun = Instant::now();
    for call in calls.iter_mut() {
        for (way, ssrc) in [(Way::Received, 1), (Way::Sent, 2)] {
            let frame = Frame {
                ssrc,
                sequence: u16::try_from(tick).expect("a short bench"),
                timestamp: tick * 160,
                codec: Codec::Pcma,
                audio: &[0x35; 160],
            };
            call.timeline.handle_frame(way, &frame, now);
        }
    }
    spent.packets += begun.elapsed();
    let mut frames: Vec<Stereo> = Vec::with_capacity(4096);
    let turns = calls.iter_mut().enumerate();
    let due = turns.filter(|(n, _)| n % TURNS as usize == (tick % TURNS) as usize);
    for (_, call) in due {
        let begun = Instant::now();
        frames.clear();
        call.timeline.drain(now, &mut frames);
        let drained = Instant::now();
        let offset = call.file.frames();
        let pcm = journal.append(call.id, &call.path, offset, &frames, now);
        let noted = Instant::now();
        call.file.write_pcm(pcm).expect("room on the disk");
        spent.packets += drained - begun;
        spent.journal += noted - drained;
        spent.wav += noted.elapsed();
    }
    let begun = Instant::now();
    journal.write(now).expect("room on the disk");
    spent.journal += begun.elapsed();
    spent.allocations += ALLOCATIONS.load(Ordering::Relaxed) - allocations;
    if tick.is_multiple_of(COMMIT)
        && let Some(job) = journal.take_commit(Vec::new())
    {
        let begun = Instant::now();
        for file in job.files {
            file.sync_data().expect("a working disk");
        }
        spent.commits.push(begun.elapsed());
    }
}

fn print(calls: usize, spent: &mut Spent, sealing: Duration, grown_kib: u64) {
    let call_seconds = calls as f64 * f64::from(SECONDS);
    let packets = call_seconds * f64::from(2000 / PACKET_MS);
    let per_call_second = |time: Duration| time.as_secs_f64() * 1e6 / call_seconds;
    spent.commits.sort_unstable();
    let ms = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    let work = spent.packets + spent.journal + spent.wav;
    println!(
        "{calls:>6} {:>12.2} {:>12.2} {:>13.2} {:>11.2} {:>12.0} {:>12.1} {:>12.2} {:>10.1}",
        ms(spent.commits.get(spent.commits.len() / 2)),
        ms(spent.commits.last()),
        per_call_second(spent.journal),
        per_call_second(spent.wav),
        work.as_secs_f64() * 1e9 / packets,
        per_call_second(sealing),
        spent.allocations as f64 / call_seconds,
        grown_kib as f64 / calls as f64,
    );
}

/// The memory that this process has now, without the page cache.
fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let amount = line.and_then(|line| line.trim().strip_suffix(" kB"));
    amount
        .and_then(|amount| amount.trim().parse().ok())
        .expect("a number")
}
