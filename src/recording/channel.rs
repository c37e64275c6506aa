//! One channel of a time line: packets are placed by their RTP timestamps, anchored at the
//! arrival of the first.

use super::anchor::{self, Anchor};
use super::conceal::{self, Continuation, Heard};
use super::misfits::Misfits;
use super::timeline::Stereo;
use super::waiting::{Packet, Waiting};
use crate::call::event::GapCause;
use crate::media::Frame;

/// A packet placed further ahead than this has a wrong timestamp: 400 ms, more than packets of one
/// stream are delayed by differently.
const MAX_AHEAD: i64 = 3200;
/// A hole this short is the clock's correction, not missing audio: 2 ms.
const LONGEST_SEAM: i64 = 16;
/// Silence without loss is reported from here on: 60 ms; below it is jitter.
const SHORTEST_SILENCE: i64 = 480;
/// A report longer than this would not help anybody; later gaps widen the last one.
const MAX_GAPS: usize = 4096;
/// Packets without audio (telephone-events, comfort noise) remembered, so that they are not taken
/// for loss.
const MAX_EVENTS: usize = 1024;

/// A stretch of missing audio, in samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) from: u64,
    pub(super) length: u64,
    /// So much of it is not silent, but made up.
    pub(super) concealed: u64,
    pub(super) cause: GapCause,
}

impl Gap {
    /// Nobody sent anything: it is silence, as it was.
    pub(super) const fn was_never_sent(&self) -> bool {
        self.concealed == 0 && !self.cause.is_loss()
    }
}

#[derive(Debug, Default)]
pub(super) struct Channel {
    anchor: Option<Anchor>,
    /// The stream before that one: packets that were overtaken by the new one belong there.
    past: Option<Anchor>,
    waiting: Waiting,
    misfits: Misfits,
    /// Position behind the last sample given out.
    end: i64,
    last_sample: i16,
    /// Where the silence began that was given out last.
    open_gap: Option<i64>,
    /// What short losses are filled from; without it they stay silent.
    heard: Option<Heard>,
    /// What the present gap is filled with.
    made_up: Option<Continuation>,
    /// How much of the present gap was filled.
    concealed: u64,
    /// Sequence number of the packet given out last.
    last_sequence: Option<i64>,
    /// Sequence numbers of packets without audio.
    events: Vec<i64>,
    gaps: Vec<Gap>,
    has_overflowed: bool,
    drift_samples: i64,
    late_packets: u64,
}

impl Channel {
    /// Fills short losses from now on.
    pub(super) fn conceal(&mut self) {
        self.heard.get_or_insert_default();
    }

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
        if self.anchor.as_ref().is_none_or(|it| !it.continues(frame)) {
            if self.was_overtaken(frame, arrival) {
                return;
            }
            let before = self.anchor.take();
            let next = before.as_ref().map(|it| it.next(frame, arrival));
            self.anchor = next.or_else(|| Some(Anchor::new(frame, arrival, 0)));
            self.past = before;
            self.late_packets += self.misfits.clear();
        }
        let Some(anchor) = &mut self.anchor else {
            return;
        };
        let (sequence, is_newest) = anchor.extend_sequence(frame.sequence);
        if frame.audio.is_empty() {
            return self.remember(sequence);
        }
        let timestamp = anchor.extend_timestamp(frame.timestamp, is_newest);
        let position = anchor.position(timestamp, sequence);
        let length = i64::try_from(frame.audio.len()).unwrap_or(i64::MAX);
        let is_late = position + length <= self.end;
        if !is_late && position - arrival <= MAX_AHEAD {
            if is_newest {
                self.late_packets += self.misfits.clear();
                self.drift_samples += anchor.follow(arrival - position);
            }
            self.waiting
                .insert(position, sequence, frame.codec, frame.audio);
        } else if !is_newest {
            self.late_packets += 1;
        } else if self.misfits.keep(frame, timestamp, sequence, arrival) {
            self.follow_jump();
        } else if self.misfits.shed() {
            self.late_packets += 1;
        }
    }

    /// A packet of the stream before the present one, which has only just begun: it goes where it
    /// would have gone. Whether it is one.
    fn was_overtaken(&mut self, frame: &Frame<'_>, arrival: i64) -> bool {
        let is_young = self.anchor.as_ref().is_some_and(|it| it.is_young(arrival));
        let past = self
            .past
            .as_mut()
            .filter(|it| is_young && it.continues(frame));
        let Some(past) = past else {
            return false;
        };
        let (sequence, is_newest) = past.extend_sequence(frame.sequence);
        if frame.audio.is_empty() {
            self.remember(sequence);
            return true;
        }
        let timestamp = past.extend_timestamp(frame.timestamp, is_newest);
        let position = past.position(timestamp, sequence);
        let length = i64::try_from(frame.audio.len()).unwrap_or(i64::MAX);
        if position - arrival > MAX_AHEAD {
            return false;
        }
        if position + length <= self.end {
            self.late_packets += 1;
        } else {
            self.waiting
                .insert(position, sequence, frame.codec, frame.audio);
        }
        true
    }

    fn remember(&mut self, sequence: i64) {
        if self.events.len() < MAX_EVENTS && !self.events.contains(&sequence) {
            self.events.push(sequence);
        }
    }

    /// Where packets may lie whose place is not known yet: nothing behind it is to be given out.
    pub(super) fn undecided_from(&self) -> Option<u64> {
        let first = self.misfits.first()?;
        u64::try_from(first.arrival).ok()
    }

    /// Where a short hole begins that lies on both sides of `end`, so that what it is may still change:
    /// nothing of it is to be given out, if it may be filled.
    pub(super) fn unfilled_from(&self, end: u64) -> Option<u64> {
        self.heard.as_ref()?;
        let end = i64::try_from(end).unwrap_or(i64::MAX);
        let (from, to) = self.waiting.hole_at(self.end, end)?;
        let is_begun = self.open_gap.is_some() && from == self.end;
        let length = usize::try_from(to - from).unwrap_or(usize::MAX);
        let from = u64::try_from(from).ok()?;
        (!is_begun && length <= conceal::LONGEST).then_some(from)
    }

    /// How far the audio of a stream goes that has brought some until now: what follows may only be
    /// on its way.
    pub(super) fn awaited_from(&self) -> Option<u64> {
        let end = match self.waiting.last() {
            Some(packet) => packet.end(),
            None if self.open_gap.is_none() && self.anchor.is_some() => self.end,
            None => return None,
        };
        u64::try_from(end).ok()
    }

    /// No more comes: what has found no place lies where it arrived.
    pub(super) fn decide(&mut self) {
        self.follow_jump();
    }

    /// The sender has moved its clock: its packets lie from where the first of them arrived.
    fn follow_jump(&mut self) {
        let (Some(anchor), Some(first)) = (&mut self.anchor, self.misfits.first()) else {
            return;
        };
        anchor.move_to(first.timestamp, first.sequence, first.arrival);
        for (packet, audio) in self.misfits.iter() {
            let position = anchor.position(packet.timestamp, packet.sequence);
            self.waiting
                .insert(position, packet.sequence, packet.codec, audio);
        }
        self.misfits.clear();
    }

    /// Gives out everything before `end`; `out` begins where the last one ended, and is silent.
    pub(super) fn give_out(&mut self, end: u64, mut out: Lane<'_>) {
        let end = i64::try_from(end).unwrap_or(i64::MAX);
        while let Some(packet) = self.waiting.first().copied() {
            let hole = packet.position - self.end;
            if self.open_gap.is_none() && (1..=LONGEST_SEAM).contains(&hole) {
                self.go_on(packet.position.min(end), &mut out);
            }
            if self.open_gap.is_none() && (self.end + 1..=end).contains(&packet.position) {
                self.conceal_before(&packet);
            }
            if packet.position >= end {
                break;
            }
            if packet.position > self.end {
                self.pass(packet.position, &mut out);
            }
            if !packet.is_begun {
                self.begin(&packet);
            }
            if packet.position < self.end {
                let known = usize::try_from(self.end - packet.position).unwrap_or(usize::MAX);
                self.waiting.skip(known);
            }
            if packet.end() > self.end {
                let to = packet.end().min(end);
                if let Some(last) = self.waiting.take(out.between(self.end, to)) {
                    self.last_sample = last;
                }
                if let Some(heard) = &mut self.heard {
                    heard.note(out.between(self.end, to).map(|sample| *sample));
                }
                self.end = to;
                if to == end {
                    break;
                }
            }
        }
        if self.end < end {
            self.pass(end, &mut out);
        }
    }

    /// The gaps of a recording that ends at `end`.
    pub(super) fn take_gaps(&mut self, end: u64) -> Vec<Gap> {
        if let Some(from) = self.open_gap.take() {
            let cause = if self.has_overflowed {
                GapCause::Overflow
            } else {
                GapCause::Silence
            };
            let end = i64::try_from(end).unwrap_or(i64::MAX);
            self.report(from, end, cause);
        }
        std::mem::take(&mut self.gaps)
    }

    /// A hole that the clock's correction made: the last sample goes on.
    fn go_on(&mut self, to: i64, out: &mut Lane<'_>) {
        for sample in out.between(self.end, to) {
            *sample = self.last_sample;
        }
        self.end = self.end.max(to);
    }

    /// Before this packet something is missing. It is filled if that is a loss, and a short one:
    /// wholly or not at all. What is not known to be one when it is given out stays silent.
    fn conceal_before(&mut self, packet: &Packet) {
        let length = usize::try_from(packet.position - self.end).unwrap_or(usize::MAX);
        if length <= conceal::LONGEST
            && let Some(heard) = &self.heard
            && self.cause(self.end, packet.position, packet) != GapCause::Silence
        {
            self.made_up = heard.go_on();
        }
    }

    /// Silence; whether it is a gap, and of which kind, the next packet tells.
    fn pass(&mut self, to: i64, out: &mut Lane<'_>) {
        self.open_gap.get_or_insert(self.end);
        if let Some(made_up) = &mut self.made_up {
            for (sample, made_up) in out.between(self.end, to).zip(made_up) {
                *sample = made_up;
                self.concealed += 1;
            }
        }
        if let Some(heard) = &mut self.heard {
            match self.made_up {
                Some(_) => heard.note(out.between(self.end, to).map(|sample| *sample)),
                None => heard.forget(),
            }
        }
        self.end = to;
        self.last_sample = 0;
    }

    /// The next packet has come: it says what the gap before it was.
    fn begin(&mut self, packet: &Packet) {
        if let Some(from) = self.open_gap.take() {
            let cause = self.cause(from, self.end, packet);
            self.has_overflowed = false;
            self.report(from, self.end, cause);
        }
        self.made_up = None;
        self.last_sequence = self.last_sequence.max(Some(packet.sequence));
        if !self.events.is_empty() {
            self.events.retain(|event| *event >= packet.sequence);
        }
    }

    /// Why there is a gap between these places, before this packet: packets that never came explain
    /// it if they could have filled at least half of it.
    fn cause(&self, from: i64, to: i64, packet: &Packet) -> GapCause {
        if self.has_overflowed {
            return GapCause::Overflow;
        }
        let between = |before: &i64| {
            *before < packet.sequence && anchor::are_of_one_stream(*before, packet.sequence)
        };
        let Some(before) = self.last_sequence.filter(between) else {
            return GapCause::Silence;
        };
        let events = self.events.iter();
        let events = events.filter(|event| (before + 1..packet.sequence).contains(event));
        let events = i64::try_from(events.count()).unwrap_or(i64::MAX);
        let missing = (packet.sequence - before - 1 - events).max(0);
        let lost = missing.saturating_mul(packet.end() - packet.position);
        if lost > 0 && lost * 2 >= to - from {
            GapCause::Lost
        } else {
            GapCause::Silence
        }
    }

    fn report(&mut self, from: i64, end: i64, cause: GapCause) {
        let concealed = std::mem::take(&mut self.concealed);
        let shortest = match cause {
            _ if concealed > 0 => 1,
            GapCause::Silence => SHORTEST_SILENCE,
            GapCause::Lost | GapCause::Overflow => LONGEST_SEAM,
        };
        let (Ok(from), Ok(length)) = (u64::try_from(from), u64::try_from(end - from)) else {
            return;
        };
        if length < shortest.unsigned_abs() {
            return;
        }
        let is_full = self.gaps.len() == MAX_GAPS;
        match self.gaps.last_mut() {
            Some(last) if is_full => {
                last.length = from + length - last.from;
                last.concealed += concealed;
            }
            _ => self.gaps.push(Gap {
                from,
                length,
                concealed,
                cause,
            }),
        }
    }
}

/// One channel of the frames that are given out.
#[derive(Debug)]
pub(super) struct Lane<'a> {
    /// The frames of both channels.
    pub(super) frames: &'a mut [Stereo],
    /// Which channel.
    pub(super) number: usize,
    /// Position of the first frame.
    pub(super) start: i64,
}

impl Lane<'_> {
    fn between(&mut self, from: i64, to: i64) -> impl ExactSizeIterator<Item = &mut i16> {
        let index = |position: i64| usize::try_from(position - self.start).unwrap_or(0);
        let (from, to) = (index(from), index(to));
        let frames = self.frames.get_mut(from..to).unwrap_or_default();
        let number = self.number;
        frames.iter_mut().map(move |frame| &mut frame[number])
    }
}
