//! How a stream's numbers become places on the time line, and how its clock is followed.

use crate::media::{Frame, ticks};

/// Sequence numbers this far apart are a restart (RFC 3550 A.1).
const MAX_SEQUENCE_STEP: u16 = 3000;
/// So long after a new stream has begun, packets of the one before it may come: 1 s.
const OVERLAP: i64 = 8000;
/// Each stream of a channel has a range of extended numbers of its own.
const STREAM_SHIFT: u32 = 32;
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

/// Whether two extended sequence numbers are of one stream: others say nothing of each other.
pub(super) fn are_of_one_stream(a: i64, b: i64) -> bool {
    a >> STREAM_SHIFT == b >> STREAM_SHIFT
}

/// One stream's numbers.
#[derive(Debug)]
pub(super) struct Anchor {
    ssrc: u32,
    began_at: i64,
    number: u32,
    /// Position = extended timestamp + offset.
    offset: i64,
    /// From which sequence number on that is so, and the offset before.
    moved: Option<(i64, i64)>,
    newest_timestamp: u32,
    newest_extended: i64,
    newest_sequence: u16,
    newest_sequence_extended: i64,
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

impl Anchor {
    /// The stream of a packet that lies where it arrived, the `number`th of its channel.
    pub(super) fn new(frame: &Frame<'_>, arrival: i64, number: u32) -> Self {
        let timestamp = i64::from(frame.timestamp);
        let sequence = i64::from(number) << STREAM_SHIFT | i64::from(frame.sequence);
        Self {
            ssrc: frame.ssrc,
            began_at: arrival,
            number,
            offset: arrival - timestamp,
            moved: None,
            newest_timestamp: frame.timestamp,
            newest_extended: timestamp,
            // One less: the first packet is the newest of its stream.
            newest_sequence: frame.sequence.wrapping_sub(1),
            newest_sequence_extended: sequence - 1,
            drift: Drift::default(),
        }
    }

    /// The anchor of a stream that another one follows.
    pub(super) fn next(&self, frame: &Frame<'_>, arrival: i64) -> Self {
        Self::new(frame, arrival, self.number.wrapping_add(1))
    }

    /// Whether what comes at `arrival` may still be from before this stream began.
    pub(super) fn is_young(&self, arrival: i64) -> bool {
        arrival - self.began_at < OVERLAP
    }

    pub(super) fn continues(&self, frame: &Frame<'_>) -> bool {
        let step = ticks::sequence_step(self.newest_sequence, frame.sequence);
        frame.ssrc == self.ssrc && step.unsigned_abs() <= MAX_SEQUENCE_STEP
    }

    /// The sequence number without its wraps, in a range of the stream's own, and whether it is the newest so far.
    pub(super) fn extend_sequence(&mut self, sequence: u16) -> (i64, bool) {
        let step = i64::from(ticks::sequence_step(self.newest_sequence, sequence));
        let extended = self.newest_sequence_extended + step;
        if step > 0 {
            self.newest_sequence = sequence;
            self.newest_sequence_extended = extended;
        }
        (extended, step > 0)
    }

    pub(super) fn extend_timestamp(&mut self, timestamp: u32, is_newest: bool) -> i64 {
        let step = i64::from(ticks::timestamp_step(self.newest_timestamp, timestamp));
        let extended = self.newest_extended + step;
        if is_newest {
            self.newest_timestamp = timestamp;
            self.newest_extended = extended;
        }
        extended
    }

    pub(super) fn position(&self, timestamp: i64, sequence: i64) -> i64 {
        let before = self.moved.filter(|(first, _)| sequence < *first);
        timestamp + before.map_or(self.offset, |(_, offset)| offset)
    }

    /// The sender has moved its clock: what has this timestamp lies there. What it sent before
    /// this number lies where it did.
    pub(super) fn move_to(&mut self, timestamp: i64, sequence: i64, position: i64) {
        self.moved = Some((sequence, self.offset));
        self.offset = position - timestamp;
        self.drift = Drift::default();
    }

    /// By how much the next packets lie later, given how much later than its place this one
    /// arrived.
    pub(super) fn follow(&mut self, deviation: i64) -> i64 {
        let correction = self.drift.correction(deviation);
        self.offset += correction;
        correction
    }
}

impl Drift {
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
