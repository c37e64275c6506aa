//! Packets whose timestamps lead nowhere near their arrival. One is a stray; a row of them says
//! that the sender has moved its clock, and then none of them is lost.

use crate::media::{Codec, Frame};

/// So many in a row, and
const MOST: usize = 5;
/// over so long a time (40 ms), are a moved clock; fewer, or all at once, are packets that were
/// kept back on their way.
const LEAST_TIME: i64 = 320;

#[derive(Debug, Default)]
pub(super) struct Misfits {
    packets: Vec<Misfit>,
    octets: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Misfit {
    pub(super) timestamp: i64,
    pub(super) sequence: i64,
    pub(super) arrival: i64,
    pub(super) codec: Codec,
    length: usize,
}

impl Misfits {
    /// Keeps one; whether the sender has moved its clock.
    pub(super) fn keep(
        &mut self,
        frame: &Frame<'_>,
        timestamp: i64,
        sequence: i64,
        arrival: i64,
    ) -> bool {
        self.packets.push(Misfit {
            timestamp,
            sequence,
            arrival,
            codec: frame.codec,
            length: frame.audio.len(),
        });
        self.octets.extend_from_slice(frame.audio);
        let first = self.packets.first().map_or(arrival, |first| first.arrival);
        self.packets.len() >= MOST && arrival - first >= LEAST_TIME
    }

    /// More than a row are kept: the oldest is given up. Whether there was one.
    pub(super) fn shed(&mut self) -> bool {
        if self.packets.len() <= MOST {
            return false;
        }
        let oldest = self.packets.remove(0);
        self.octets.drain(..oldest.length);
        true
    }

    /// The first of the row.
    pub(super) fn first(&self) -> Option<&Misfit> {
        self.packets.first()
    }

    /// Each with its audio.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Misfit, &[u8])> {
        let mut start = 0;
        self.packets.iter().map(move |packet| {
            let end = start + packet.length;
            let audio = self.octets.get(start..end).unwrap_or_default();
            start = end;
            (packet, audio)
        })
    }

    /// Forgets them; how many they were.
    pub(super) fn clear(&mut self) -> u64 {
        let count = self.packets.len() as u64;
        self.packets.clear();
        self.octets.clear();
        count
    }
}
