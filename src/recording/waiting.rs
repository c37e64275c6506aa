//! Packets of one channel that wait until nothing can come before them any more: in order of
//! their places, their octets side by side in one buffer that is used again and again.

use std::collections::VecDeque;

use crate::media::{Codec, g711};

/// 320 ms: what waits between two writes of a file, which are 200 ms apart, and the window.
const USUAL_OCTETS: usize = 2560;
/// As many packets of 20 ms.
const USUAL_PACKETS: usize = 24;

#[derive(Debug, Default)]
pub(super) struct Waiting {
    packets: VecDeque<Packet>,
    /// A ring: octet `n` since the beginning is at `n` modulo its length.
    octets: Box<[u8]>,
    /// Octets that were ever put in.
    head: usize,
    /// Octets before this one are not needed.
    tail: usize,
}

/// A packet, without its audio.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet {
    /// Where its audio lies on the time line, in samples.
    pub(super) position: i64,
    pub(super) sequence: i64,
    codec: Codec,
    start: usize,
    length: usize,
    /// Some of it has been taken.
    pub(super) is_begun: bool,
}

impl Packet {
    pub(super) fn end(&self) -> i64 {
        self.position + signed(self.length)
    }
}

impl Waiting {
    /// Puts a packet in its place, unless another one is there already: a duplicate.
    pub(super) fn insert(&mut self, position: i64, sequence: i64, codec: Codec, audio: &[u8]) {
        let place = (position, sequence);
        let is_before = |packet: &&Packet| (packet.position, packet.sequence) < place;
        let after = self.packets.iter().rev().take_while(|it| !is_before(it));
        let index = self.packets.len() - after.count();
        let covers = |packet: &Packet| {
            packet.position <= position && packet.end() >= position + signed(audio.len())
        };
        let neighbours = [index.checked_sub(1), Some(index)].into_iter().flatten();
        if neighbours.filter_map(|at| self.packets.get(at)).any(covers) {
            return;
        }
        self.make_room(audio.len());
        let start = self.head;
        let at = start % self.octets.len();
        let until_edge = (self.octets.len() - at).min(audio.len());
        let (first, rest) = audio.split_at(until_edge);
        self.octets[at..at + until_edge].copy_from_slice(first);
        self.octets[..rest.len()].copy_from_slice(rest);
        self.head += audio.len();
        let packet = Packet {
            position,
            sequence,
            codec,
            start,
            length: audio.len(),
            is_begun: false,
        };
        if self.packets.is_empty() {
            self.packets.reserve(USUAL_PACKETS);
        }
        self.packets.insert(index, packet);
    }

    /// The hole that `at` lies in, of what follows on `from`: where it begins, and where the next
    /// packet does.
    pub(super) fn hole_at(&self, from: i64, at: i64) -> Option<(i64, i64)> {
        let mut covered = from;
        for packet in &self.packets {
            if packet.position > at {
                return (covered < at).then_some((covered, packet.position));
            }
            covered = covered.max(packet.end());
        }
        None
    }

    /// The packet that comes first.
    pub(super) fn first(&self) -> Option<&Packet> {
        self.packets.front()
    }

    /// The packet that comes last.
    pub(super) fn last(&self) -> Option<&Packet> {
        self.packets.back()
    }

    /// Leaves out the first samples of the first packet.
    pub(super) fn skip(&mut self, samples: usize) {
        let Some(packet) = self.packets.front_mut() else {
            return;
        };
        let samples = samples.min(packet.length);
        packet.position += signed(samples);
        packet.start += samples;
        packet.length -= samples;
        packet.is_begun = true;
        if packet.length == 0 {
            self.packets.pop_front();
        }
    }

    /// Takes samples of the first packet, as many as it has and `out` has room for; the last of
    /// them.
    pub(super) fn take<'a>(
        &mut self,
        mut out: impl ExactSizeIterator<Item = &'a mut i16>,
    ) -> Option<i16> {
        let packet = self.packets.front()?;
        let count = packet.length.min(out.len());
        let at = packet.start % self.octets.len();
        let until_edge = (self.octets.len() - at).min(count);
        let law = g711::linear_values(packet.codec);
        // One loop for each side of the edge: chained they would take twice as long.
        let (before, behind) = (
            &self.octets[at..at + until_edge],
            &self.octets[..count - until_edge],
        );
        for octets in [before, behind] {
            for (octet, sample) in octets.iter().zip(&mut out) {
                *sample = law[usize::from(*octet)];
            }
        }
        let last = behind.last().or(before.last());
        let last = last.map(|octet| law[usize::from(*octet)]);
        self.skip(count);
        last
    }

    fn make_room(&mut self, length: usize) {
        if self.head + length - self.tail <= self.octets.len() {
            return;
        }
        let needed = self.packets.iter().map(|packet| packet.start).min();
        self.tail = needed.unwrap_or(self.head);
        let least = self.head + length - self.tail;
        if least <= self.octets.len() {
            return;
        }
        let mut larger = vec![0; least.max(2 * self.octets.len()).max(USUAL_OCTETS)];
        let (before, after) = (self.octets.len(), larger.len());
        for at in self.tail..self.head {
            larger[at % after] = self.octets[at % before];
        }
        self.octets = larger.into_boxed_slice();
    }
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
