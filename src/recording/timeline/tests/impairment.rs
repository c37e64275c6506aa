//! A seeded network between a speaker and the time line, and what the gap report has to say of
//! it: worked out from what the network did, not from what the time line saw.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;

/// Samples in a millisecond.
const MS: u64 = 8;
/// Below this, silence without loss is no gap (60 ms).
const SHORTEST_SILENCE: u64 = 60 * MS;
/// Reordered by less than the window, so that every packet still finds its place.
const MOST_DELAY_MS: u64 = 90;
/// No call of the test is longer.
const PACKETS: std::ops::Range<u32> = 100..700;

/// What one packet carries, and what becomes of it.
#[derive(Clone, Debug)]
struct Sent {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    /// Where its audio belongs, in samples since the recording began; it is sent when it ends.
    position: u64,
    samples: u64,
    /// Neither silence nor an event: 0 samples of audio for those.
    is_audio: bool,
    is_lost: bool,
    delay_ms: u64,
    is_twice: bool,
}

/// What the network is like.
#[derive(Clone, Copy, Debug)]
struct Weather {
    drop_percent: u32,
    burst_percent: u32,
    twice_percent: u32,
    delayed_percent: u32,
    restart_per_mille: u32,
    jump_per_mille: u32,
    silence_per_mille: u32,
    event_per_mille: u32,
}

impl Weather {
    fn of(rng: &mut StdRng) -> Self {
        let mut at_most = |most: u32| rng.random_range(0..=most);
        Self {
            drop_percent: at_most(12),
            burst_percent: at_most(3),
            twice_percent: at_most(8),
            delayed_percent: at_most(50),
            restart_per_mille: at_most(8),
            jump_per_mille: at_most(8),
            silence_per_mille: at_most(15),
            event_per_mille: at_most(10),
        }
    }
}

/// A talk as it left the speaker, and its fate.
fn talk(rng: &mut StdRng) -> Vec<Sent> {
    let weather = Weather::of(rng);
    let packet_ms = [10_u64, 20, 30, 40, 60][rng.random_range(0..5)];
    let samples = packet_ms * MS;
    let mut sequence: u16 = 65_500_u16.wrapping_add(rng.random_range(0..200));
    let mut timestamp: u32 = rng.random();
    let mut ssrc: u32 = rng.random();
    let mut position = rng.random_range(0..50) * MS;
    let mut burst = 0_u32;
    let mut steady = 0_u32;
    let mut talk = Vec::new();
    for _ in 0..rng.random_range(PACKETS) {
        // A stream that begins, or moves its clock, is placed by its arrival: what is lost or late
        // right there cannot be told from the move itself.
        let is_steady = steady >= 12;
        let per_mille = rng.random_range(0..1000);
        let mut threshold = 0;
        let mut is = |share: u32| {
            let from = threshold;
            threshold += share;
            is_steady && (from..threshold).contains(&per_mille)
        };
        if is(weather.restart_per_mille) {
            ssrc = rng.random();
            sequence = rng.random();
            timestamp = rng.random();
            (steady, burst) = (0, 0);
        } else if is(weather.jump_per_mille) {
            let jump = rng.random_range(20_000..1_000_000_000);
            timestamp = if rng.random() {
                timestamp.wrapping_add(jump)
            } else {
                timestamp.wrapping_sub(jump)
            };
            (steady, burst) = (0, 0);
        } else if is(weather.silence_per_mille) {
            let pause = rng.random_range(1..40) * samples;
            timestamp = timestamp.wrapping_add(u32::try_from(pause).unwrap());
            position += pause;
        }
        let is_audio = !is(weather.event_per_mille);
        if is_steady && burst == 0 && rng.random_range(0..100) < weather.burst_percent {
            burst = rng.random_range(2..30);
        }
        let may_suffer = steady >= 6;
        let is_lost = may_suffer
            && is_audio
            && (burst > 0 || rng.random_range(0..100) < weather.drop_percent);
        burst = burst.saturating_sub(1);
        let is_delayed = may_suffer && rng.random_range(0..100) < weather.delayed_percent;
        talk.push(Sent {
            ssrc,
            sequence,
            timestamp,
            position,
            samples,
            is_audio,
            is_lost,
            delay_ms: if is_delayed {
                rng.random_range(1..MOST_DELAY_MS)
            } else {
                0
            },
            is_twice: rng.random_range(0..100) < weather.twice_percent,
        });
        sequence = sequence.wrapping_add(1);
        timestamp = timestamp.wrapping_add(u32::try_from(samples).unwrap());
        position += samples;
        steady += 1;
    }
    // What is lost behind the last packet, nobody can know.
    if let Some(last) = talk.last_mut() {
        (last.is_lost, last.is_audio, last.delay_ms) = (false, true, 0);
    }
    talk
}

/// What the report has to say, in samples: (from, length, cause).
fn expected(talk: &[Sent], end: u64) -> Vec<(u64, u64, GapCause)> {
    let mut gaps = Vec::new();
    let mut covered = 0;
    let mut lost = 0;
    let mut before: Option<&Sent> = None;
    for sent in talk {
        if !sent.is_audio || sent.is_lost {
            lost += u64::from(sent.is_lost) * sent.samples;
            continue;
        }
        let length = sent.position - covered;
        let is_same = before.is_some_and(|before| before.ssrc == sent.ssrc);
        let is_loss = is_same && lost > 0 && lost * 2 >= length;
        let cause = if is_loss {
            GapCause::Lost
        } else {
            GapCause::Silence
        };
        if length > 0 && (is_loss || length >= SHORTEST_SILENCE) {
            gaps.push((covered, length, cause));
        }
        covered = sent.position + sent.samples;
        lost = 0;
        before = Some(sent);
    }
    if end - covered >= SHORTEST_SILENCE {
        gaps.push((covered, end - covered, GapCause::Silence));
    }
    gaps
}

/// What the report does say, of a talk that comes by this network.
fn reported(talk: &[Sent], end: u64) -> Vec<(u64, u64, GapCause)> {
    let (out, report) = recorded(talk, end, Timeline::new);
    let gaps: Vec<_> = report.gaps.iter().filter(|gap| gap.channel == 0).collect();
    let is_heard = |gap: &RecordingGap| within(&out, gap).iter().any(|frame| frame[0] != 0);
    assert!(
        !gaps.iter().any(|gap| gap.concealed_ms > 0 || is_heard(gap)),
        "a gap is silent in the file"
    );
    gaps.iter().map(|gap| in_samples(gap)).collect()
}

fn in_samples(gap: &RecordingGap) -> (u64, u64, GapCause) {
    (gap.from_ms * MS, gap.length_ms * MS, gap.cause)
}

/// The stretch of a file that a gap is.
fn within<'a>(out: &'a [Stereo], gap: &RecordingGap) -> &'a [Stereo] {
    let (from, length, _) = in_samples(gap);
    &out[usize::try_from(from).unwrap()..usize::try_from(from + length).unwrap()]
}

/// The file, and the report.
fn recorded(
    talk: &[Sent],
    end: u64,
    timeline: impl Fn(Instant) -> Timeline,
) -> (Vec<Stereo>, TimelineReport) {
    let start = Instant::now();
    let at = |samples: u64| start + ticks::duration(samples);
    let mut arrivals = Vec::new();
    for (index, sent) in talk.iter().enumerate().filter(|(_, sent)| !sent.is_lost) {
        let arrival = sent.position + sent.delay_ms * MS;
        arrivals.push((arrival, index));
        if sent.is_twice {
            arrivals.push((arrival + 15 * MS, index));
        }
    }
    arrivals.sort_unstable();
    let mut timeline = timeline(start);
    let mut out = Vec::new();
    let mut next_drain = 0;
    for (arrival, index) in arrivals {
        let sent = &talk[index];
        let samples = usize::try_from(sent.samples).unwrap();
        let audio = vec![loud(); if sent.is_audio { samples } else { 0 }];
        let frame = Frame {
            ssrc: sent.ssrc,
            sequence: sent.sequence,
            timestamp: sent.timestamp,
            codec: CODEC,
            audio: &audio,
        };
        timeline.handle_frame(Way::Received, &frame, at(arrival));
        if arrival >= next_drain {
            next_drain = arrival + 200 * MS;
            timeline.drain(at(arrival), &mut out);
        }
    }
    let report = timeline.finish(at(end), &mut out);
    assert_eq!(out.len() as u64, end, "the file is as long as the talk");
    assert_eq!(report.drift_samples, [0, 0], "the clock was right");
    (out, report)
}

fn run(seed: u64) -> (Vec<Sent>, u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let talk = talk(&mut rng);
    let last = talk.last().map_or(0, |last| last.position + last.samples);
    (talk, last + rng.random_range(0..400) * MS)
}

/// R188; the promise "gap report": it equals the injected loss, in place, length and cause, for
/// drops, bursts, duplicates, reordering, new SSRCs, wrapping numbers, moved clocks, suppressed
/// silence and telephone-events, at every packet length. `THIRDRING_GAP_SEEDS` makes it longer.
#[test]
fn the_gap_report_equals_the_injected_impairment() {
    let seeds = std::env::var("THIRDRING_GAP_SEEDS").ok();
    let seeds = seeds.map_or(500, |text| text.parse().unwrap());
    let mut causes = [0_usize; 2];
    for seed in 0..seeds {
        let (talk, end) = run(seed);
        let expected = expected(&talk, end);
        let reported = reported(&talk, end);
        let differ = reported.iter().zip(&expected).find(|(a, b)| a != b);
        if let Some((reported, expected)) = differ {
            let near = |sent: &&Sent| sent.position.abs_diff(expected.0) <= 6 * sent.samples;
            let near: Vec<_> = talk.iter().filter(near).collect();
            panic!("seed {seed}: {reported:?} is not {expected:?}: {near:#?}");
        }
        assert_eq!(reported.len(), expected.len(), "seed {seed}");
        for (_, _, cause) in expected {
            causes[usize::from(cause == GapCause::Lost)] += 1;
        }
    }
    assert!(causes.iter().all(|count| *count > 500), "{causes:?}");
}

/// R188: with concealment the report is the same, but for saying which losses are filled: of up to
/// 60 ms, wholly or not at all, and most of them. Beside those the file is the same.
#[test]
fn what_is_concealed_is_said_and_nothing_else_is_touched() {
    let seeds = std::env::var("THIRDRING_GAP_SEEDS").ok();
    let seeds = seeds.map_or(200, |text| text.parse().unwrap());
    let (mut short, mut filled) = (0, 0);
    for seed in 0..seeds {
        let (talk, end) = run(seed);
        let (mut silent, without) = recorded(&talk, end, Timeline::new);
        let (out, with) = recorded(&talk, end, |start| Timeline::new(start).concealing());
        assert_eq!(without.gaps.len(), with.gaps.len(), "seed {seed}");
        let gaps = without.gaps.iter().zip(&with.gaps);
        for (before, gap) in gaps.filter(|(_, gap)| gap.channel == 0) {
            let (from, length, cause) = in_samples(gap);
            assert_eq!(in_samples(before), (from, length, cause), "seed {seed}");
            let is_short = cause == GapCause::Lost && gap.length_ms <= 60;
            short += usize::from(is_short);
            let is_heard = within(&out, gap).iter().any(|frame| frame[0] != 0);
            assert_eq!(is_heard, gap.concealed_ms > 0, "seed {seed}: {gap:?}");
            if is_heard {
                filled += 1;
                assert!(is_short, "seed {seed}: {gap:?}");
                assert_eq!(gap.concealed_ms, gap.length_ms, "seed {seed}");
                let from = usize::try_from(from).unwrap();
                let made_up = within(&out, gap);
                silent[from..from + made_up.len()].copy_from_slice(made_up);
            }
        }
        assert!(silent == out, "seed {seed}: what was received is changed");
    }
    assert!(filled * 2 > short && short > 500, "{filled} of {short}");
}

/// The control: a packet that is lost without being injected, and one that is not lost although it
/// should be, are seen in the report.
#[test]
fn a_gap_too_many_or_too_few_is_seen() {
    let mut seen = 0;
    for seed in 0..50 {
        let (talk, end) = run(seed);
        let truth = expected(&talk, end);
        let Some(index) = talk.iter().rposition(|sent| sent.is_lost) else {
            continue;
        };
        let mut other = talk.clone();
        other[index].is_lost = false;
        assert_ne!(reported(&other, end), truth, "seed {seed}: one too few");
        let heard = |sent: &Sent| sent.is_audio && !sent.is_lost;
        let index = talk.windows(3).position(|three| {
            three.iter().all(heard) && three.iter().all(|sent| sent.ssrc == three[0].ssrc)
        });
        if let Some(index) = index {
            let mut other = talk.clone();
            other[index + 1].is_lost = true;
            assert_ne!(reported(&other, end), truth, "seed {seed}: one too many");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}
