//! The media plane with real sockets on loopback.

use std::f64::consts::TAU;
use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::*;
use crate::call::conduct::MarkKind;
use crate::call::event::{RecordingGap, RecordingSummary};
use crate::call::media::{Audio, MediaLeg, PlayId};
use crate::id::CallId;
use crate::net::bench::{Bench, Phone};
use crate::recording::read_audio;

mod faults;
mod mixing;

const CALLER: MediaLeg = MediaLeg(1);
const AGENT: MediaLeg = MediaLeg(2);
const PATH: &str = "2026/11/21/call.wav";

fn call(number: u64) -> CallId {
    CallId(Uuid::from_u64_pair(7, number))
}

/// A caller and an agent that hear each other.
fn bridged(bench: &Bench) -> (Phone, Phone) {
    let caller = bench.connect(call(1), CALLER);
    let agent = bench.connect(call(1), AGENT);
    bench.send(MediaCommand::Bridge {
        a: CALLER,
        b: AGENT,
    });
    (caller, agent)
}

fn open_recording(bench: &Bench) {
    bench.send(MediaCommand::OpenRecording {
        call: call(1),
        leg: CALLER,
        path: PATH.to_owned(),
    });
    assert_eq!(bench.report(), MediaEvent::RecordingReady { call: call(1) });
}

/// The share of a channel's power that is at `hertz`.
fn share(samples: &[i16], hertz: f64) -> f64 {
    let (mut real, mut imaginary, mut total) = (0.0, 0.0, 0.0);
    for (index, sample) in (0_u32..).zip(samples) {
        let angle = TAU * hertz * f64::from(index) / 8000.0;
        let value = f64::from(*sample);
        real += value * angle.cos();
        imaginary += value * angle.sin();
        total += value * value;
    }
    let length = f64::from(u32::try_from(samples.len()).unwrap());
    2.0 * (real * real + imaginary * imaginary) / (length * total)
}

/// One speaks until the other hears it: before the bridge stands, nobody does.
fn until_heard(speaker: &mut Phone, listener: &mut Phone) {
    listener.heard();
    let deadline = Clock.now() + Duration::from_secs(5);
    while listener.heard() == 0 {
        assert!(Clock.now() < deadline, "nothing was heard");
        speaker.speak(400.0);
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Does something every 20 ms, on time.
fn every_packet(count: u32, mut act: impl FnMut(u32)) {
    let start = Clock.now();
    for index in 0..count {
        let due: Instant = start + Duration::from_millis(20) * index;
        std::thread::sleep(due.saturating_duration_since(Clock.now()));
        act(index);
    }
}

fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { files(&path) } else { 1 })
        .sum()
}

#[test]
fn two_tones_are_relayed_and_recorded_each_in_its_channel() {
    let bench = Bench::start("127.0.0.41");
    let (mut caller, mut agent) = bridged(&bench);
    open_recording(&bench);
    bench.send(MediaCommand::StartRecording { call: call(1) });
    let start = Clock.now();
    every_packet(100, |_| {
        caller.speak(400.0);
        agent.speak(1000.0);
    });
    assert_eq!(caller.hears(100), 100);
    assert_eq!(agent.hears(100), 100);
    bench.send(MediaCommand::CloseRecording { call: call(1) });
    let talk = Clock.now() - start;
    let summary = bench.sealed();
    assert_eq!(summary.path, PATH);
    let talk_ms = u64::try_from(talk.as_millis()).unwrap();
    assert!(summary.duration_ms.abs_diff(talk_ms) <= 100, "{summary:?}");
    assert!(summary.gaps.is_empty(), "{:?}", summary.gaps);

    let audio = read_audio(&bench.folder.path().join(PATH)).unwrap();
    let [left, right] = &audio.channels[..] else {
        panic!("stereo");
    };
    let tone = |samples: &[i16]| samples[1600..14_400].to_vec();
    assert!(share(&tone(left), 400.0) > 0.98);
    assert!(share(&tone(right), 1000.0) > 0.98);

    for leg in [CALLER, AGENT] {
        bench.send(MediaCommand::Close { leg });
        let MediaEvent::Closed {
            leg: closed,
            quality,
        } = bench.report()
        else {
            panic!("the leg is closed");
        };
        assert_eq!(closed, leg);
        assert_eq!(
            (quality.received, quality.sent, quality.lost),
            (100, 100, 0)
        );
    }
    let stats = bench.plane.handle().stats();
    assert_eq!(
        (stats.rtp_received, stats.rtp_sent, stats.legs_open),
        (200, 200, 0)
    );
    bench.plane.stop();
}

/// A talk whose middle is something secret, in another tone; its summary and the caller's channel.
fn talk_with_a_secret(local: &str, is_kept_off: bool) -> (RecordingSummary, Vec<i16>) {
    let bench = Bench::start(local);
    let (mut caller, mut agent) = bridged(&bench);
    open_recording(&bench);
    bench.send(MediaCommand::StartRecording { call: call(1) });
    let mut peers = Vec::new();
    every_packet(90, |index| {
        if is_kept_off && matches!(index, 30 | 60) {
            let silent = index == 30;
            bench.send(MediaCommand::SilenceRecording {
                call: call(1),
                silent,
            });
            // Orders are carried out in their order: when this one is, so is that.
            peers.push(bench.connect(call(2), MediaLeg(100 + u64::from(index))));
        }
        let is_secret = (30..60).contains(&index);
        caller.speak(if is_secret { 1700.0 } else { 400.0 });
        agent.speak(1000.0);
    });
    assert_eq!(agent.hears(90), 90, "the agent hears it all");
    bench.send(MediaCommand::CloseRecording { call: call(1) });
    let summary = bench.sealed();
    let audio = read_audio(&bench.folder.path().join(PATH)).unwrap();
    bench.plane.stop();
    (summary, audio.channels[0].clone())
}

/// R189: what is said in a pause is not on the file; the place is marked, and is no gap.
#[test]
fn a_pause_is_silence_with_a_mark() {
    let (summary, left) = talk_with_a_secret("127.0.0.55", true);
    assert!(share(&left, 1700.0) < 0.001, "{}", share(&left, 1700.0));
    let marks: Vec<_> = summary.marks.iter().map(|mark| &mark.what).collect();
    assert_eq!(marks, [&MarkKind::Paused, &MarkKind::Resumed]);
    let [from, to] = [0, 1].map(|n| summary.marks[n].at_ms);
    let in_pause = |gap: &&RecordingGap| gap.from_ms >= from && gap.from_ms + gap.length_ms <= to;
    assert_eq!(summary.gaps.iter().find(in_pause), None);
    // Before and after it everything is there; how exactly it is placed is the time line's matter.
    let (before, after) = left.split_at(usize::try_from(from + to).unwrap() * 8 / 2);
    assert!(share(before, 400.0) > 0.1, "{}", share(before, 400.0));
    assert!(share(after, 400.0) > 0.05, "{}", share(after, 400.0));

    // The control: without the pause it is all there.
    let (summary, left) = talk_with_a_secret("127.0.0.56", false);
    assert!(share(&left, 1700.0) > 0.05, "{}", share(&left, 1700.0));
    assert!(summary.marks.is_empty());
}

#[test]
fn a_foreign_source_is_not_heard() {
    let bench = Bench::start("127.0.0.42");
    let (mut caller, mut agent) = bridged(&bench);
    let mut stranger = Phone::new("127.0.0.43".parse().unwrap(), caller.to);
    caller.speak(400.0); // once it is relayed, the leg is connected
    assert_eq!(agent.hears(1), 1);
    every_packet(5, |_| stranger.speak(400.0));
    caller.speak(400.0); // what came before it has been dealt with when this is heard
    assert_eq!(agent.hears(1), 1);
    bench.plane.stop();
}

#[test]
fn a_call_that_was_not_answered_leaves_no_file() {
    let bench = Bench::start("127.0.0.44");
    let _peer = bench.connect(call(1), CALLER);
    open_recording(&bench);
    assert_eq!(files(bench.folder.path()), 1);
    bench.send(MediaCommand::CloseRecording { call: call(1) });
    bench.send(MediaCommand::Close { leg: CALLER });
    assert!(matches!(bench.report(), MediaEvent::Closed { .. }));
    let folder = bench.folder;
    bench.plane.stop();
    assert_eq!(files(folder.path()), 0);
}

#[test]
fn stopping_seals_what_is_being_recorded() {
    let bench = Bench::start("127.0.0.45");
    let (mut caller, _agent) = bridged(&bench);
    open_recording(&bench);
    bench.send(MediaCommand::StartRecording { call: call(1) });
    every_packet(10, |_| caller.speak(400.0));
    bench.plane.stop();
    let reports: Vec<_> = bench.reports.try_iter().collect();
    assert!(
        reports
            .iter()
            .any(|report| matches!(report, MediaEvent::RecordingSealed { .. })),
        "{reports:?}"
    );
}

#[test]
fn a_folder_that_cannot_be_written_fails_the_recording() {
    let bench = Bench::start("127.0.0.46");
    std::fs::write(bench.folder.path().join("2026"), "in the way").unwrap();
    bench.send(MediaCommand::OpenRecording {
        call: call(1),
        leg: CALLER,
        path: PATH.to_owned(),
    });
    let MediaEvent::RecordingFailed { reason, .. } = bench.report() else {
        panic!("it fails");
    };
    assert!(reason.contains("2026"), "{reason}");
    bench.plane.stop();
}

#[test]
fn an_unknown_prompt_ends_at_once_and_a_tone_when_it_is_stopped() {
    let bench = Bench::start("127.0.0.47");
    let mut peer = bench.connect(call(1), CALLER);
    bench.send(MediaCommand::Play {
        leg: CALLER,
        play: PlayId(1),
        audio: Audio::Prompt("nobody".to_owned()),
    });
    let played = |play, heard_ms, complete| MediaEvent::Played {
        leg: CALLER,
        play: PlayId(play),
        heard_ms,
        complete,
    };
    assert_eq!(bench.report(), played(1, 0, false));
    bench.send(MediaCommand::Play {
        leg: CALLER,
        play: PlayId(2),
        audio: Audio::Beep,
    });
    assert_eq!(bench.report(), played(2, 200, true));
    assert_eq!(peer.heard(), 10);
    bench.plane.stop();
}

#[test]
fn without_ports_a_leg_is_not_opened() {
    let bench = Bench::start("127.0.0.48");
    bench.send(MediaCommand::Open {
        call: call(1),
        leg: CALLER,
        local: "192.0.2.1".parse().unwrap(), // not ours
    });
    assert_eq!(bench.report(), MediaEvent::OpenFailed { leg: CALLER });
    bench.send(MediaCommand::Close { leg: CALLER });
    let silence = bench.reports.recv_timeout(Duration::from_millis(50));
    assert_eq!(silence, Err(RecvTimeoutError::Timeout));
    bench.plane.stop();
}

/// With one call a thread, calls 1 and 2 live on different ones. Orders that are given before the
/// leg has arrived are carried out when it has.
#[test]
fn a_leg_goes_on_in_a_call_of_another_thread_and_back() {
    let bench = Bench::start("127.0.0.50");
    let colleague = MediaLeg(3);
    let (mut caller, mut agent) = bridged(&bench);
    let mut third = bench.connect(call(2), colleague);
    for turn in 0..20 {
        let (call, partner) = match turn % 2 {
            0 => (call(2), colleague),
            _ => (call(1), AGENT),
        };
        bench.send(MediaCommand::Adopt { call, leg: CALLER });
        bench.send(MediaCommand::Bridge {
            a: CALLER,
            b: partner,
        });
        let peer = if turn % 2 == 0 {
            &mut third
        } else {
            &mut agent
        };
        until_heard(&mut caller, peer);
        until_heard(peer, &mut caller);
    }
    bench.send(MediaCommand::Close { leg: CALLER });
    let MediaEvent::Closed { leg, quality } = bench.report() else {
        panic!("the leg is closed");
    };
    assert_eq!(leg, CALLER);
    assert!(quality.sent >= 20, "{quality:?}");
    bench.plane.stop();
}

#[test]
fn ten_calls_of_ten_seconds_lose_nothing() {
    let bench = Bench::start("127.0.0.49");
    let mut peers = Vec::new();
    for number in 0..10 {
        let legs = [MediaLeg(2 * number), MediaLeg(2 * number + 1)];
        let [a, b] = legs.map(|leg| bench.connect(call(number), leg));
        let [a_leg, b_leg] = legs;
        bench.send(MediaCommand::Bridge { a: a_leg, b: b_leg });
        peers.extend([a, b]);
    }
    let mut heard = vec![0; peers.len()];
    every_packet(500, |_| {
        for (peer, heard) in peers.iter_mut().zip(&mut heard) {
            peer.speak(400.0);
            *heard += peer.heard();
        }
    });
    for (peer, heard) in peers.iter_mut().zip(&mut heard) {
        *heard += peer.hears(500 - *heard);
    }
    assert_eq!(heard, vec![500; peers.len()]);
    let stats = bench.plane.handle().stats();
    assert_eq!((stats.rtp_sent, stats.send_failures), (10_000, 0));
    bench.plane.stop();
}
