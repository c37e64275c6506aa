//! Two channels on one time line, from arrival instants and RTP timestamps.
//!
//! The RTP timestamp says where a packet lies relative to its neighbours, the arrival says where
//! the whole stream lies in time. Packets wait [`WINDOW_MS`] for those that overtook them; what
//! has not come by then is silence, or for a short loss what [`super::conceal`] makes up, and a line
//! in the gap report.

use std::time::Instant;

use super::channel::{Channel, Lane};
use crate::call::event::RecordingGap;
use crate::media::{Frame, Way, ticks};

/// How long a packet may be overtaken by later ones and still find its place.
pub(super) const WINDOW_MS: u64 = 100;
/// So much longer the file may wait until a row of packets shows whether its sender has moved its
/// clock: five packets of 60 ms.
const LONGEST_WAIT_MS: u64 = 300;

/// So much longer the file waits for a stream that has just stopped: a network that stands still for
/// a moment brings everything afterwards, and it is no gap then.
const LONGEST_STALL_MS: u64 = 200;

/// The caller's channel: where a peer fell silent is worth a line there. What we ourselves did not
/// send, while a message was taken or a key was passed on, is missing to nobody.
const RECEIVED: u8 = 0;

/// One sample of each channel: left the caller, right what the caller was sent.
pub type Stereo = [i16; 2];

/// What the time line knows besides the samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimelineReport {
    /// Missing audio, in order of time.
    pub gaps: Vec<RecordingGap>,
    /// Samples put in (or, negative, left out) to follow each sender's clock.
    pub drift_samples: [i64; 2],
    /// Packets that came too late to find their place.
    pub late_packets: u64,
    /// Length in milliseconds.
    pub duration_ms: u64,
}

/// The time line of one recording.
#[derive(Debug)]
pub struct Timeline {
    /// Second 0.
    start: Instant,
    channels: [Channel; 2],
    /// Frames given out.
    written: u64,
}

impl Timeline {
    /// A time line whose second 0 is `start`.
    pub fn new(start: Instant) -> Self {
        Self {
            start,
            channels: [Channel::default(), Channel::default()],
            written: 0,
        }
    }

    /// Short losses are filled with what might have been there, and the report says how much of
    /// each gap is; without this they are silent.
    #[must_use]
    pub fn concealing(mut self) -> Self {
        self.channels.iter_mut().for_each(Channel::conceal);
        self
    }

    /// Puts a packet in its place.
    pub fn handle_frame(&mut self, way: Way, frame: &Frame<'_>, arrival: Instant) {
        if arrival < self.start {
            return;
        }
        let arrival = self.position(arrival);
        self.channel(way).handle_frame(frame, arrival);
    }

    /// Notes that packets of this channel were thrown away on our side before they came here:
    /// the next gap is ours.
    pub fn note_overflow(&mut self, way: Way) {
        self.channel(way).note_overflow();
    }

    /// Gives out everything that can no longer change.
    pub fn drain(&mut self, now: Instant, out: &mut Vec<Stereo>) {
        let window = WINDOW_MS * ticks::SAMPLES_PER_MS;
        let end = self.position(now).saturating_sub(window);
        let undecided = self.channels.iter().filter_map(Channel::undecided_from);
        let undecided = held_back(undecided.min(), end, LONGEST_WAIT_MS);
        let awaited = self.channels.iter().filter_map(Channel::awaited_from);
        let awaited = held_back(awaited.min(), end, LONGEST_STALL_MS);
        let end = undecided.min(awaited);
        let unfilled = self.channels.iter().filter_map(|it| it.unfilled_from(end));
        self.give_out(unfilled.min().unwrap_or(end), out);
    }

    /// Gives out the rest, up to `end`, and the report.
    pub fn finish(mut self, end: Instant, out: &mut Vec<Stereo>) -> TimelineReport {
        let end = self.position(end).max(self.written);
        for channel in &mut self.channels {
            channel.decide();
        }
        self.give_out(end, out);
        let mut gaps = Vec::new();
        for (number, channel) in (0..).zip(&mut self.channels) {
            let missing = channel.take_gaps(end).into_iter();
            let missing = missing.filter(|gap| number == RECEIVED || !gap.was_never_sent());
            gaps.extend(missing.map(|gap| RecordingGap {
                channel: number,
                from_ms: gap.from / ticks::SAMPLES_PER_MS,
                length_ms: gap.length.div_ceil(ticks::SAMPLES_PER_MS),
                concealed_ms: gap.concealed.div_ceil(ticks::SAMPLES_PER_MS),
                cause: gap.cause,
            }));
        }
        gaps.sort_by_key(|gap| (gap.from_ms, gap.channel));
        let [left, right] = &self.channels;
        TimelineReport {
            gaps,
            drift_samples: [left.drift_samples(), right.drift_samples()],
            late_packets: left.late_packets() + right.late_packets(),
            duration_ms: end / ticks::SAMPLES_PER_MS,
        }
    }

    fn give_out(&mut self, end: u64, out: &mut Vec<Stereo>) {
        if end <= self.written {
            return;
        }
        let before = out.len();
        let count = usize::try_from(end - self.written).unwrap_or(usize::MAX);
        out.resize(before + count, [0, 0]);
        for (number, channel) in self.channels.iter_mut().enumerate() {
            let lane = Lane {
                frames: &mut out[before..],
                number,
                start: i64::try_from(self.written).unwrap_or(i64::MAX),
            };
            channel.give_out(end, lane);
        }
        self.written = end;
    }

    fn channel(&mut self, way: Way) -> &mut Channel {
        let [left, right] = &mut self.channels;
        match way {
            Way::Received => left,
            Way::Sent => right,
        }
    }

    fn position(&self, at: Instant) -> u64 {
        ticks::samples(at.saturating_duration_since(self.start))
    }
}

/// Where giving out ends that would go to `end`, if nothing behind `from` is to be given out for so
/// long.
fn held_back(from: Option<u64>, end: u64, longest_ms: u64) -> u64 {
    let longest = longest_ms * ticks::SAMPLES_PER_MS;
    from.map_or(end, |from| from.clamp(end.saturating_sub(longest), end))
}

#[cfg(test)]
mod tests;
