//! From packets to a stereo WAV: one minute of talk both ways, by the time line alone and with
//! the file. The throughput's elements are seconds of recording.

#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "criterion's macros write undocumented functions, and a bench may read the clock"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use thirdring::media::{Frame, Way};
use thirdring::recording::{RecordingFile, Stereo, Timeline};
use thirdring::sdp::Codec;

const SECONDS: u32 = 60;
/// The file is brought up to date every 200 ms.
const PACKETS_A_WRITE: u32 = 10;

/// Both ways of the talk, and what is to be done with each 200 ms of it.
fn talk(mut write: impl FnMut(&[Stereo])) {
    let start = Instant::now();
    let mut timeline = Timeline::new(start);
    let mut frames = Vec::new();
    let mut now = start;
    for index in 0..SECONDS * 50 {
        now = start + Duration::from_millis(20) * index;
        for (way, ssrc) in [(Way::Received, 1), (Way::Sent, 2)] {
            let frame = Frame {
                ssrc,
                sequence: u16::try_from(index).expect("a minute"),
                timestamp: index * 160,
                codec: Codec::Pcma,
                audio: &[0x35; 160],
            };
            timeline.handle_frame(way, black_box(&frame), now);
        }
        if index % PACKETS_A_WRITE == 0 {
            timeline.drain(now, &mut frames);
            write(&frames);
            frames.clear();
        }
    }
    timeline.finish(now, &mut frames);
    write(&frames);
}

fn record(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut group = criterion.benchmark_group("recording");
    group.throughput(Throughput::Elements(u64::from(SECONDS)));
    group.bench_function("timeline", |bencher| {
        bencher.iter(|| {
            talk(|frames| {
                black_box(frames.len());
            });
        });
    });
    group.bench_function("timeline_to_wav", |bencher| {
        bencher.iter_batched(
            || RecordingFile::create(folder.path(), "bench.wav").expect("a file"),
            |mut file| {
                talk(|frames| file.write(frames).expect("room on the disk"));
                file.discard().expect("the file");
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, record);
criterion_main!(benches);
