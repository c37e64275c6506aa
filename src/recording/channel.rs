//! One channel of a time line: packets are placed by their RTP timestamps, anchored at the
//! arrival of the first.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::call::event::GapCause;
use crate::media::{Frame, g711, ticks};

/// A packet placed further ahead than this has a wrong timestamp: 1 s.
const MAX_AHEAD: i64 = 8000;
/// So many packets in a row that find no place: the sender has moved its clock.
const MISFITS_TO_RESTART: u32 = 5;
/// Sequence numbers this far apart are a restart (RFC 3550 A.1).
const MAX_SEQUENCE_STEP: u16 = 3000;
/// A hole this short is the clock's correction, not missing audio: 2 ms.
const LONGEST_SEAM: u64 = 16;
/// Silence without loss is reported from here on: 60 ms; below it is jitter.
const SHORTEST_SILENCE: u64 = 480;
/// A report longer than this would not help anybody; later gaps widen the last one.
const MAX_GAPS: usize = 4096;
/// telephone-event packets remembered, so that they are not taken for loss.
const MAX_EVENTS: usize = 1024;

/// Packets over which the sender's clock is compared with ours: 5 s of 20 ms.
const DRIFT_PACKETS: u32 = 250;
/// Deviation that is corrected: 1 ms.
const DRIFT_TOLERANCE: i64 = 8;
/// So much later than the others the packet may have come that the stream is anchored at: 100 ms.
/// Such a delay is no drift: samples are not touched for it.
const MAX_ANCHOR_DELAY: i64 = 800;
/// A correction of at most so many samples is spread over the next packets, one every
/// [`DRIFT_SPACING`]: 1,000 ppm, ten times what two crystals differ by.
const MAX_DRIFT_STEP: i64 = 40;
const DRIFT_SPACING: u32 = 6;

/// A stretch of missing audio, in samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) from: u64,
    pub(super) length: u64,
    pub(super) cause: GapCause,
}

#[derive(Debug, Default)]
pub(super) struct Channel {
    anchor: Option<Anchor>,
    /// Packets that wait for their turn, by position and sequence number.
    waiting: BTreeMap<(i64, i64), Vec<i16>>,
    /// Samples whose place is settled, not yet taken.
    settled: VecDeque<i16>,
    /// Position behind the last settled sample.
    end: u64,
    last_sample: i16,
    /// Where the silence began that `settled` ends with.
    open_gap: Option<u64>,
    /// Sequence number of the packet settled last.
    last_sequence: Option<i64>,
    events: BTreeSet<i64>,
    gaps: Vec<Gap>,
    has_overflowed: bool,
    drift_samples: i64,
    late_packets: u64,
}

/// How a stream's numbers become positions.
#[derive(Debug)]
struct Anchor {
    ssrc: u32,
    /// Position = extended timestamp + offset.
    offset: i64,
    newest_timestamp: u32,
    newest_extended: i64,
    newest_sequence: u16,
    newest_sequence_extended: i64,
    misfits: u32,
    drift: Drift,
}

/// Follows the sender's clock: the packet that was delayed least in a while shows it, compared
/// with the one of the first while.
#[derive(Debug, Default)]
struct Drift {
    packets: u32,
    least_deviation: Option<i64>,
    /// The least deviation of the first while.
    at_first: Option<i64>,
    pending: i64,
}

impl Channel {
    pub(super) fn note_overflow(&mut self) {
        self.has_overflowed = true;
    }

    pub(super) fn drift_samples(&self) -> i64 {
        self.drift_samples
    }

    pub(super) fn late_packets(&self) -> u64 {
        self.late_packets
    }

    /// Puts a packet that arrived at position `arrival` in its place.
    pub(super) fn handle_frame(&mut self, frame: &Frame<'_>, arrival: u64) {
        let arrival = i64::try_from(arrival).unwrap_or(i64::MAX);
        let end = i64::try_from(self.end).unwrap_or(i64::MAX);
        let is_known = self
            .anchor
            .as_ref()
            .is_some_and(|anchor| anchor.continues(frame));
        if !is_known {
            self.anchor = Some(Anchor::new(frame, arrival));
            // Numbers of different streams say nothing about each other.
            self.last_sequence = None;
            self.events.clear();
        }
        let Some(anchor) = &mut self.anchor else {
            return;
        };
        let (sequence, is_newest) = anchor.extend_sequence(frame.sequence);
        if frame.audio.is_empty() {
            if self.events.len() < MAX_EVENTS {
                self.events.insert(sequence);
            }
            return;
        }
        let timestamp = anchor.extend_timestamp(frame.timestamp, is_newest);
        let length = i64::try_from(frame.audio.len()).unwrap_or(i64::MAX);
        let mut position = timestamp + anchor.offset;
        let is_late = position + length <= end;
        if is_late || position - arrival > MAX_AHEAD {
            anchor.misfits += u32::from(is_newest);
            if anchor.misfits < MISFITS_TO_RESTART {
                self.late_packets += 1;
                return;
            }
            anchor.offset = arrival - timestamp;
            anchor.drift = Drift::default();
            position = arrival;
        }
        if is_newest {
            anchor.misfits = 0;
            let correction = anchor.drift.correction(arrival - position);
            anchor.offset += correction;
            self.drift_samples += correction;
        }
        let law = g711::linear_values(frame.codec);
        let samples = frame.audio.iter().map(|octet| law[usize::from(*octet)]);
        self.waiting.insert((position, sequence), samples.collect());
    }

    /// Settles everything before `end`.
    pub(super) fn fill_to(&mut self, end: u64) {
        while let Some(entry) = self.waiting.first_entry() {
            let (position, sequence) = *entry.key();
            let position = u64::try_from(position).unwrap_or(0);
            if position >= end {
                break;
            }
            let samples = entry.remove();
            self.settle(position, sequence, &samples);
        }
        if self.end < end {
            self.open_gap.get_or_insert(self.end);
            self.silence_to(end);
        }
    }

    /// The next settled samples.
    pub(super) fn take(&mut self, count: usize) -> impl Iterator<Item = i16> + '_ {
        let count = count.min(self.settled.len());
        self.settled.drain(..count)
    }

    /// The gaps of a recording that ends at `end`.
    pub(super) fn take_gaps(&mut self, end: u64) -> Vec<Gap> {
        if let Some(from) = self.open_gap.take() {
            let cause = if self.has_overflowed {
                GapCause::Overflow
            } else {
                GapCause::Silence
            };
            self.report(from, end, cause);
        }
        std::mem::take(&mut self.gaps)
    }

    /// Writes a packet behind what is settled, after silence if it begins later.
    fn settle(&mut self, position: u64, sequence: i64, samples: &[i16]) {
        let hole = position.saturating_sub(self.end);
        if self.open_gap.is_none() && (1..=LONGEST_SEAM).contains(&hole) {
            let length = usize::try_from(hole).unwrap_or(0);
            self.settled
                .extend(std::iter::repeat_n(self.last_sample, length));
            self.end += hole;
        } else if hole > 0 {
            self.open_gap.get_or_insert(self.end);
            self.silence_to(position);
        }
        if let Some(from) = self.open_gap.take() {
            let cause = self.cause(from, sequence, samples.len());
            self.report(from, self.end, cause);
        }
        let skip = usize::try_from(self.end - position.min(self.end)).unwrap_or(usize::MAX);
        let rest = samples.get(skip..).unwrap_or_default();
        self.settled.extend(rest);
        self.end += rest.len() as u64;
        self.last_sample = rest.last().copied().unwrap_or(self.last_sample);
        self.last_sequence = self.last_sequence.max(Some(sequence));
        self.events = self.events.split_off(&sequence);
    }

    fn silence_to(&mut self, end: u64) {
        let length = usize::try_from(end - self.end).unwrap_or(0);
        self.settled.extend(std::iter::repeat_n(0, length));
        self.end = end;
        self.last_sample = 0;
    }

    /// Why there is a gap from `from` to the packet `sequence`: packets that never came explain
    /// it if they could have filled at least half of it.
    fn cause(&mut self, from: u64, sequence: i64, packet_samples: usize) -> GapCause {
        if std::mem::take(&mut self.has_overflowed) {
            return GapCause::Overflow;
        }
        let Some(before) = self.last_sequence.filter(|before| *before < sequence) else {
            return GapCause::Silence;
        };
        let missing = u64::try_from(sequence - before - 1).unwrap_or(0);
        let events = self.events.range(before + 1..sequence).count() as u64;
        let lost = missing.saturating_sub(events) * packet_samples as u64;
        if lost > 0 && lost * 2 >= self.end - from {
            GapCause::Lost
        } else {
            GapCause::Silence
        }
    }

    fn report(&mut self, from: u64, end: u64, cause: GapCause) {
        let length = end - from;
        let shortest = match cause {
            GapCause::Silence => SHORTEST_SILENCE,
            GapCause::Lost | GapCause::Overflow => LONGEST_SEAM,
        };
        if length < shortest {
            return;
        }
        let is_full = self.gaps.len() == MAX_GAPS;
        match self.gaps.last_mut() {
            Some(last) if is_full => last.length = end - last.from,
            _ => self.gaps.push(Gap {
                from,
                length,
                cause,
            }),
        }
    }
}

impl Anchor {
    fn new(frame: &Frame<'_>, arrival: i64) -> Self {
        let timestamp = i64::from(frame.timestamp);
        Self {
            ssrc: frame.ssrc,
            offset: arrival - timestamp,
            newest_timestamp: frame.timestamp,
            newest_extended: timestamp,
            newest_sequence: frame.sequence,
            // One less: the first packet is the newest of its stream.
            newest_sequence_extended: i64::from(frame.sequence) - 1,
            misfits: 0,
            drift: Drift::default(),
        }
        .before_first()
    }

    fn before_first(mut self) -> Self {
        self.newest_sequence = self.newest_sequence.wrapping_sub(1);
        self
    }

    fn continues(&self, frame: &Frame<'_>) -> bool {
        let step = ticks::sequence_step(self.newest_sequence, frame.sequence);
        frame.ssrc == self.ssrc && step.unsigned_abs() <= MAX_SEQUENCE_STEP
    }

    /// The sequence number without its wraps, and whether it is the newest so far.
    fn extend_sequence(&mut self, sequence: u16) -> (i64, bool) {
        let step = i64::from(ticks::sequence_step(self.newest_sequence, sequence));
        let extended = self.newest_sequence_extended + step;
        if step > 0 {
            self.newest_sequence = sequence;
            self.newest_sequence_extended = extended;
        }
        (extended, step > 0)
    }

    fn extend_timestamp(&mut self, timestamp: u32, is_newest: bool) -> i64 {
        let step = i64::from(ticks::timestamp_step(self.newest_timestamp, timestamp));
        let extended = self.newest_extended + step;
        if is_newest {
            self.newest_timestamp = timestamp;
            self.newest_extended = extended;
        }
        extended
    }
}

impl Drift {
    /// By how much the next packets shall lie later, given how much later than its place this
    /// one arrived.
    fn correction(&mut self, deviation: i64) -> i64 {
        let least = self.least_deviation.map_or(deviation, |l| l.min(deviation));
        self.least_deviation = Some(least);
        self.packets += 1;
        if self.packets >= DRIFT_PACKETS {
            let at_first = least.clamp(-MAX_ANCHOR_DELAY, 0);
            let drifted = least - *self.at_first.get_or_insert(at_first);
            self.pending = if drifted.abs() > DRIFT_TOLERANCE {
                drifted.clamp(-MAX_DRIFT_STEP, MAX_DRIFT_STEP)
            } else {
                0
            };
            self.packets = 0;
            self.least_deviation = None;
        }
        if self.pending == 0 || !self.packets.is_multiple_of(DRIFT_SPACING) {
            return 0;
        }
        let step = self.pending.signum();
        self.pending -= step;
        step
    }
}
