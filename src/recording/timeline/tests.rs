#![expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::call::event::GapCause;
use crate::media::g711;
use crate::media::tone;
use crate::recording::repair::{Repair, repair_all};
use crate::recording::{
    Journal, JournalSettings, Particulars, RecordingFile, SealRules, read_audio,
};

mod impairment;

const SSRC: u32 = 77;

/// Loud in both laws, and the same value after decoding.
fn loud() -> u8 {
    g711::encode(CODEC, 8000)
}

const CODEC: crate::media::Codec = crate::media::Codec::Pcma;

struct Line {
    timeline: Timeline,
    start: Instant,
    out: Vec<Stereo>,
}

impl Line {
    fn new() -> Self {
        let start = Instant::now();
        Self {
            timeline: Timeline::new(start),
            start,
            out: Vec::new(),
        }
    }

    fn at(&self, micros: u64) -> Instant {
        self.start + Duration::from_micros(micros)
    }

    /// Packet `index` of 20 ms arrives at `micros`.
    fn packet(&mut self, way: Way, index: u32, micros: u64) {
        self.frame(
            way,
            SSRC,
            index,
            index.wrapping_mul(160),
            &[loud(); 160],
            micros,
        );
    }

    fn frame(
        &mut self,
        way: Way,
        ssrc: u32,
        index: u32,
        timestamp: u32,
        audio: &[u8],
        micros: u64,
    ) {
        let frame = Frame {
            ssrc,
            sequence: u16::try_from(index % 65_536).unwrap(),
            timestamp,
            codec: CODEC,
            audio,
        };
        let arrival = self.at(micros);
        self.timeline.handle_frame(way, &frame, arrival);
    }

    fn drain(&mut self, micros: u64) {
        let now = self.at(micros);
        self.timeline.drain(now, &mut self.out);
    }

    fn finish(mut self, micros: u64) -> (Vec<Stereo>, TimelineReport) {
        let end = self.at(micros);
        let report = self.timeline.finish(end, &mut self.out);
        (self.out, report)
    }
}

fn loud_samples(frames: &[Stereo], channel: usize) -> usize {
    frames.iter().filter(|frame| frame[channel] != 0).count()
}

fn of_channel(report: &TimelineReport, channel: u8) -> Vec<(u64, u64, GapCause)> {
    let gaps = report.gaps.iter().filter(|gap| gap.channel == channel);
    gaps.map(|gap| (gap.from_ms, gap.length_ms, gap.cause))
        .collect()
}

/// A network that stands still for `stall_ms` after packet 50 and then brings everything at once; the
/// file is written every 200 ms all the while.
fn stalled(stall_ms: u64) -> (Vec<Stereo>, TimelineReport) {
    let mut line = Line::new();
    let mut events: Vec<(u64, Option<u32>)> = (0..150)
        .map(|index| {
            let due = u64::from(index) * 20_000;
            let resumes = 1_000_000 + stall_ms * 1000;
            let is_held = (50..).contains(&index) && due < resumes;
            (if is_held { resumes } else { due }, Some(index))
        })
        .collect();
    events.extend((1..=15).map(|turn| (turn * 200_000 + 1, None)));
    events.sort_by_key(|(at, index)| (*at, index.is_none()));
    for (at, index) in events {
        match index {
            Some(index) => line.packet(Way::Received, index, at),
            None => line.drain(at),
        }
    }
    line.finish(3_000_000)
}

#[test]
fn what_a_network_brings_after_standing_still_for_a_moment_is_on_the_file() {
    for stall_ms in (0..=290).step_by(10) {
        let (out, report) = stalled(stall_ms);
        assert_eq!(loud_samples(&out, 0), 24_000, "{stall_ms} ms");
        assert_eq!(of_channel(&report, 0), [], "{stall_ms} ms");
    }
    // The control: nobody waits for ever.
    let (out, report) = stalled(600);
    assert!(loud_samples(&out, 0) < 24_000);
    assert_eq!(of_channel(&report, 0).len(), 1);
}

#[test]
fn the_file_is_as_long_as_the_talk_whatever_arrives() {
    let mut line = Line::new();
    line.packet(Way::Received, 0, 1_000_000);
    let (out, report) = line.finish(3_000_000);
    assert_eq!(out.len(), 24_000);
    assert_eq!(report.duration_ms, 3000);
    assert_eq!(loud_samples(&out, 0), 160);
    assert_eq!(
        of_channel(&report, 0),
        [
            (0, 1000, GapCause::Silence),
            (1020, 1980, GapCause::Silence)
        ]
    );
    assert_eq!(of_channel(&report, 1), []);
}

/// While somebody leaves a message, and while a key is passed on, we send nothing: that is no gap.
#[test]
fn what_we_did_not_send_ourselves_is_no_gap_and_what_we_lost_is() {
    let mut line = Line::new();
    let mut send = |sequence: u32, place: u32, audio: &[u8]| {
        let micros = u64::from(place) * 20_000;
        line.frame(Way::Sent, SSRC, sequence, place * 160, audio, micros);
    };
    let audio = [loud(); 160];
    (0..50).for_each(|place| send(place, place, &audio));
    // Two seconds of nothing, a digit of 200 ms in three packets, and then a loss of three.
    (150..160).for_each(|place| send(place - 100, place, &audio));
    (60..63).for_each(|sequence| send(sequence, 160, &[]));
    (170..180).for_each(|place| send(place - 107, place, &audio));
    (183..200).for_each(|place| send(place - 107, place, &audio));
    let (_, report) = line.finish(4_000_000);
    assert_eq!(of_channel(&report, 1), [(3600, 60, GapCause::Lost)]);
}

#[test]
fn channels_do_not_mix_and_start_where_they_were_heard() {
    let mut line = Line::new();
    for index in 0..50 {
        line.packet(Way::Received, index, u64::from(index) * 20_000);
        line.packet(Way::Sent, index, 500_000 + u64::from(index) * 20_000);
    }
    let (out, _) = line.finish(1_500_000);
    assert!(
        out[..4000]
            .iter()
            .all(|frame| frame[0] != 0 && frame[1] == 0)
    );
    assert!(
        out[8000..]
            .iter()
            .all(|frame| frame[0] == 0 && frame[1] != 0)
    );
}

#[test]
fn reordered_packets_find_their_place() {
    let mut line = Line::new();
    for index in [0_u32, 2, 1, 3, 5, 6, 4, 7] {
        let audio = [g711::encode(CODEC, 1000 + i16::try_from(index).unwrap() * 1000); 160];
        line.frame(
            Way::Received,
            SSRC,
            index,
            index * 160,
            &audio,
            u64::from(index) * 20_000,
        );
    }
    let (out, report) = line.finish(160_000);
    assert!(of_channel(&report, 0).is_empty());
    let firsts: Vec<_> = out.chunks(160).map(|packet| packet[0][0]).collect();
    assert!(firsts.is_sorted(), "{firsts:?}");
}

#[test]
fn silence_suppression_is_silence_and_loss_is_loss() {
    let mut line = Line::new();
    for index in 0..10 {
        line.packet(Way::Received, index, u64::from(index) * 20_000);
    }
    // Numbers go on, time was skipped: the peer was silent for 400 ms.
    for index in 10..20 {
        let timestamp = (index + 20) * 160;
        line.frame(
            Way::Received,
            SSRC,
            index,
            timestamp,
            &[loud(); 160],
            u64::from(index + 20) * 20_000,
        );
    }
    // Number 20 never comes.
    for index in 21..30 {
        let timestamp = (index + 20) * 160;
        line.frame(
            Way::Received,
            SSRC,
            index,
            timestamp,
            &[loud(); 160],
            u64::from(index + 20) * 20_000,
        );
    }
    let (_, report) = line.finish(1_000_000);
    assert_eq!(
        of_channel(&report, 0),
        [(200, 400, GapCause::Silence), (800, 20, GapCause::Lost)]
    );
}

#[test]
fn a_digit_is_not_taken_for_loss() {
    let mut line = Line::new();
    for index in 0..5 {
        line.packet(Way::Received, index, u64::from(index) * 20_000);
    }
    for index in 5..15 {
        line.frame(
            Way::Received,
            SSRC,
            index,
            5 * 160,
            &[],
            u64::from(index) * 20_000,
        );
    }
    for index in 15..20 {
        line.packet(Way::Received, index, u64::from(index) * 20_000);
    }
    let (_, report) = line.finish(400_000);
    assert_eq!(of_channel(&report, 0), [(100, 200, GapCause::Silence)]);
}

#[test]
fn what_our_own_queue_dropped_is_called_so() {
    let mut line = Line::new();
    for index in 0..5 {
        line.packet(Way::Sent, index, u64::from(index) * 20_000);
    }
    line.timeline.note_overflow(Way::Sent);
    for index in 10..15 {
        line.packet(Way::Sent, index, u64::from(index) * 20_000);
    }
    let (_, report) = line.finish(300_000);
    assert_eq!(of_channel(&report, 1), [(100, 100, GapCause::Overflow)]);
}

#[test]
fn a_new_ssrc_is_placed_by_its_arrival() {
    let mut line = Line::new();
    for index in 0..10 {
        line.packet(Way::Received, index, u64::from(index) * 20_000);
    }
    for index in 0..10 {
        let timestamp = 3_000_000_000 + index * 160;
        line.frame(
            Way::Received,
            99,
            40_000 + index,
            timestamp,
            &[loud(); 160],
            200_000 + u64::from(index) * 20_000,
        );
    }
    let (out, report) = line.finish(400_000);
    assert!(of_channel(&report, 0).is_empty());
    assert_eq!(loud_samples(&out, 0), 3200);
}

#[test]
fn a_clock_that_jumps_is_followed_after_a_moment() {
    for jump in [1_000_000_u32, 0_u32.wrapping_sub(1_000_000)] {
        let mut line = Line::new();
        for index in 0..200_u32 {
            let moved = if index >= 100 { jump } else { 0 };
            let timestamp = (index * 160).wrapping_add(moved);
            let micros = u64::from(index) * 20_000;
            line.frame(
                Way::Received,
                SSRC,
                index,
                timestamp,
                &[loud(); 160],
                micros,
            );
            line.drain(micros);
        }
        let (out, report) = line.finish(4_000_000);
        assert_eq!(of_channel(&report, 0), []);
        assert_eq!(loud_samples(&out, 0), 32_000, "nothing is lost");
    }
}

/// A crystal 100 ppm off makes 0.72 s in two hours.
#[test]
fn a_clock_that_drifts_is_followed_without_gaps() {
    for (ppm, seconds) in [(100_i64, 7200_u32), (-100, 900)] {
        let mut line = Line::new();
        let packets = seconds * 50 / 3; // of 60 ms
        let audio = [loud(); 480];
        for index in 0..packets {
            let nominal = u64::from(index) * 60_000;
            let shift = i64::try_from(nominal).unwrap() * ppm / 1_000_000;
            let jitter = u64::from(index * 7919 % 13) * 1000;
            let micros = nominal.checked_add_signed(-shift).unwrap() + jitter;
            line.frame(
                Way::Received,
                SSRC,
                index,
                index.wrapping_mul(480),
                &audio,
                micros,
            );
            if index % 4 == 0 {
                line.drain(micros);
                line.out.clear();
            }
        }
        let (_, report) = line.finish(u64::from(seconds) * 1_000_000);
        let expected = -ppm * i64::from(seconds) * 8000 / 1_000_000;
        let drift = report.drift_samples[0];
        assert!((drift - expected).abs() < 200, "{drift} {expected}");
        let gaps = of_channel(&report, 0);
        assert!(gaps.len() <= 1, "only the end may be missing: {gaps:?}");
        assert!(
            gaps.iter()
                .all(|(from, _, _)| *from > u64::from(seconds) * 1000 - 1000),
            "{gaps:?}"
        );
    }
}

/// R188: the sender's clock is right, only its first packet was on its way for longer. What was
/// sent is recorded sample for sample.
#[test]
fn a_first_packet_that_was_delayed_is_no_drift() {
    let mut line = Line::new();
    for index in 0..1500 {
        let delay = if index == 0 { 90_000 } else { 2000 };
        line.packet(Way::Sent, index, u64::from(index) * 20_000 + delay);
        line.drain(u64::from(index) * 20_000);
    }
    let (out, report) = line.finish(31_000_000);
    assert_eq!(report.drift_samples, [0, 0]);
    assert_eq!(loud_samples(&out, 1), 1500 * 160);
    // Two ways that are shifted by more than that are brought together again.
    let mut line = Line::new();
    for index in 0..1500 {
        let delay = if index == 0 { 104_000 } else { 1000 };
        line.packet(Way::Sent, index, u64::from(index) * 20_000 + delay);
    }
    assert_eq!(line.finish(31_000_000).1.drift_samples, [0, -24]);
}

#[test]
fn a_tone_stays_in_its_channel_from_time_line_to_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = RecordingFile::create(folder.path(), "tone.wav").unwrap();
    let mut line = Line::new();
    for index in 0..100_u32 {
        let first = u64::from(index) * 160;
        let audio: Vec<_> = (first..first + 160)
            .map(|n| g711::encode(CODEC, tone::ringback(n, 10_000, 0)))
            .collect();
        let micros = u64::from(index) * 20_000;
        line.frame(Way::Sent, SSRC, index, index * 160, &audio, micros);
        line.drain(micros);
        file.write(&line.out).unwrap();
        line.out.clear();
    }
    let (rest, report) = line.finish(2_000_000);
    file.write(&rest).unwrap();
    let particulars = Particulars {
        gaps: report.gaps,
        ..Particulars::default()
    };
    let summary = file
        .finish()
        .unwrap()
        .seal(particulars, &SealRules::default())
        .unwrap();
    assert_eq!(summary.duration_ms, 2000);

    let audio = read_audio(&folder.path().join("tone.wav")).unwrap();
    assert!(audio.channels[0].iter().all(|sample| *sample == 0));
    for (n, sample) in (0..).zip(&audio.channels[1]) {
        let sent = g711::decode(CODEC, g711::encode(CODEC, tone::ringback(n, 10_000, 0)));
        assert_eq!(*sample, sent, "sample {n}: G.711 to PCM16 loses nothing");
    }
}

/// A tone of which packets 20, 21, 40 to 43 and the end are lost, given out as the recorder does it.
fn lossy_tone(mut line: Line) -> (Vec<Stereo>, TimelineReport) {
    for index in 0..60_u32 {
        let first = u64::from(index) * 160;
        let audio: Vec<_> = (first..first + 160)
            .map(|n| g711::encode(CODEC, tone::ringback(n, 10_000, 0)))
            .collect();
        let micros = u64::from(index) * 20_000;
        if !matches!(index, 20 | 21 | 40..=43) {
            line.frame(Way::Received, SSRC, index, index * 160, &audio, micros);
        }
        if index % 10 == 0 {
            line.drain(micros);
        }
    }
    line.finish(1_300_000)
}

#[test]
fn short_losses_are_filled_and_long_ones_are_not() {
    let mut line = Line::new();
    line.timeline = line.timeline.concealing();
    let (out, report) = lossy_tone(line);
    let left = report.gaps.iter().filter(|gap| gap.channel == 0);
    let told: Vec<_> = left
        .map(|gap| (gap.from_ms, gap.length_ms, gap.concealed_ms))
        .collect();
    assert_eq!(told, [(400, 40, 40), (800, 80, 0), (1200, 100, 0)]);
    // 450 Hz go on through the loss; its second half has faded, but is there.
    let [first, second] = [400, 420].map(|ms| loud_samples(&out[ms * 8..][..160], 0));
    assert!(first > 150 && second > 140, "{first} {second}");
    assert_eq!(loud_samples(&out[800 * 8..880 * 8], 0), 0);
    let (silent, _) = lossy_tone(Line::new());
    assert_eq!(loud_samples(&silent[400 * 8..440 * 8], 0), 0);
    let edges = |out: &[Stereo]| [&out[..400 * 8], &out[440 * 8..]].concat();
    assert!(edges(&out) == edges(&silent), "what came is untouched");
}

/// The journal and the WAV hold the same, what is made up too: a file that a crash has taken all of
/// is put together again as it was.
#[test]
fn what_is_made_up_is_in_the_journal_as_in_the_file() {
    let mut line = Line::new();
    line.timeline = line.timeline.concealing();
    let now = line.start;
    let (out, _) = lossy_tone(line);
    let folder = tempfile::tempdir().unwrap();
    let call = crate::id::CallId(uuid::Uuid::from_u64_pair(9, 1));
    let path = format!("2026/11/22/{call}.wav");
    let mut journal = Journal::open(folder.path(), JournalSettings::default()).unwrap();
    for (number, frames) in (0..).zip(out.chunks(1600)) {
        journal.append(call, &path.as_str().into(), number * 1600, frames, now);
    }
    journal.write(now).unwrap();
    let mut repaired = Vec::new();
    let tell = |repair| repaired.push(repair);
    repair_all(folder.path(), None, &SealRules::default(), tell).unwrap();
    assert!(
        matches!(repaired[..], [Repair::Sealed { .. }]),
        "{repaired:?}"
    );
    let audio = read_audio(&folder.path().join(path)).unwrap();
    let left: Vec<_> = out.iter().map(|frame| frame[0]).collect();
    assert!(audio.channels[0] == left);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Loss, duplicates and reordering of up to 80 ms: the file is as long as the talk, and the
    /// gap list is exactly the loss.
    #[test]
    fn the_gap_list_is_the_loss(
        fates in proptest::collection::vec((0..100_u8, 0..80_u64), 50..400),
        first_sequence: u16,
        first_timestamp: u32,
    ) {
        let mut line = Line::new();
        let last = fates.len() - 1;
        let mut arrivals = Vec::new();
        let mut lost = Vec::new();
        for (index, (fate, delay_ms)) in fates.iter().enumerate() {
            let is_edge = index == 0 || index == last;
            if *fate < 10 && !is_edge {
                lost.push(index as u64);
                continue;
            }
            // The first packet anchors the time line, so it is not delayed itself.
            let delay = if index == 0 { 0 } else { delay_ms * 1000 };
            let micros = index as u64 * 20_000 + delay;
            arrivals.push((micros, index));
            if *fate >= 90 {
                arrivals.push((micros + 15_000, index));
            }
        }
        arrivals.sort_unstable();
        for (micros, index) in arrivals {
            let index = u32::try_from(index).unwrap();
            let sequence = u32::from(first_sequence) + index;
            let timestamp = first_timestamp.wrapping_add(index * 160);
            line.frame(Way::Received, SSRC, sequence, timestamp, &[loud(); 160], micros);
            line.drain(micros);
        }
        let talk_us = fates.len() as u64 * 20_000;
        let (out, report) = line.finish(talk_us);

        prop_assert!(out.len().abs_diff(fates.len() * 160) <= 160);
        let missing: u64 = report.gaps.iter().filter(|g| g.channel == 0).map(|g| g.length_ms).sum();
        let adjusted: u64 = report.drift_samples[0].unsigned_abs() / 8;
        prop_assert!(missing.abs_diff(lost.len() as u64 * 20) <= adjusted + 1, "{missing} {lost:?}");
        for gap in report.gaps.iter().filter(|g| g.channel == 0) {
            prop_assert_eq!(gap.cause, GapCause::Lost);
            prop_assert!(lost.contains(&((gap.from_ms + 10) / 20)), "{:?} {:?}", gap, lost);
        }
    }

    #[test]
    fn no_numbers_break_the_time_line(
        packets in proptest::collection::vec((0..3_u32, any::<u16>(), any::<u32>(), 0..400_usize, 0..50_000_u64), 0..200),
    ) {
        let mut line = Line::new();
        let mut micros = 0;
        for (ssrc, sequence, timestamp, length, step) in packets {
            micros += step;
            let audio = vec![loud(); length];
            line.frame(Way::Sent, ssrc, u32::from(sequence), timestamp, &audio, micros);
            line.drain(micros);
        }
        let (out, _) = line.finish(micros);
        prop_assert_eq!(out.len() as u64, micros * 8 / 1000);
    }
}
