//! What one leg is sent: a single continuous RTP stream with an SSRC of ours, whoever is heard
//! on it. Payload type, sequence and timestamp of each source are mapped onto that stream.

use std::time::Instant;

use super::rtp::Packet;
use super::ticks;

/// Numbers further from the last ones than this are a restart of the source (RFC 3550 A.1).
const MAX_DROPOUT: i16 = 3000;
const MAX_MISORDER: i16 = -100;
/// A timestamp that runs this far off the clock was moved by the source: 2 s.
const MAX_CLOCK_JUMP: i64 = 16_000;

/// The numbers of a packet that we send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) marker: bool,
    pub(super) sequence: u16,
    pub(super) timestamp: u32,
}

/// One leg's outgoing stream.
#[derive(Debug)]
pub(super) struct Outgoing {
    ssrc: u32,
    /// The numbers of the very first packet (RFC 3550 §5.1: random).
    first_sequence: u16,
    first_timestamp: u32,
    /// The newest packet sent.
    last: Option<Sent>,
    source: Option<RelaySource>,
    /// The last packet was made here, so the next of our own continues it.
    is_playing: bool,
    packets: u64,
    octets: u64,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    sequence: u16,
    timestamp: u32,
    samples: u64,
    at: Instant,
}

/// How a relayed source's numbers become ours.
#[derive(Clone, Copy, Debug)]
struct RelaySource {
    ssrc: u32,
    sequence_offset: u16,
    timestamp_offset: u32,
    /// The newest packet of it.
    newest_sequence: u16,
    newest_timestamp: u32,
    newest_at: Instant,
    /// Packets since the source was taken on, saturating: none before the first is mapped.
    age: i16,
}

impl Outgoing {
    pub(super) fn new(ssrc: u32, first_sequence: u16, first_timestamp: u32) -> Self {
        Self {
            ssrc,
            first_sequence,
            first_timestamp,
            last: None,
            source: None,
            is_playing: false,
            packets: 0,
            octets: 0,
        }
    }

    pub(super) fn ssrc(&self) -> u32 {
        self.ssrc
    }

    pub(super) fn packets(&self) -> u64 {
        self.packets
    }

    pub(super) fn octets(&self) -> u64 {
        self.octets
    }

    /// Forgets whom the stream relays: the next packet starts a new talk spurt.
    pub(super) fn end_source(&mut self) {
        self.source = None;
        self.is_playing = false;
    }

    /// The RTP timestamp that belongs to `now`.
    pub(super) fn timestamp_at(&self, now: Instant) -> u32 {
        self.last.map_or(self.first_timestamp, |last| {
            let passed = ticks::samples(now.saturating_duration_since(last.at));
            last.timestamp.wrapping_add(ticks::wrapped(passed))
        })
    }

    /// The numbers for a relayed packet; `None` if it is from before its source was taken on.
    pub(super) fn map(&mut self, packet: &Packet<'_>, now: Instant) -> Option<Numbers> {
        let known = self.source.filter(|source| source.continues(packet, now));
        let is_new = known.is_none();
        let mut source = known.unwrap_or_else(|| {
            let (sequence, timestamp) = self.next(now);
            RelaySource {
                ssrc: packet.ssrc,
                sequence_offset: sequence.wrapping_sub(packet.sequence),
                timestamp_offset: timestamp.wrapping_sub(packet.timestamp),
                newest_sequence: packet.sequence,
                newest_timestamp: packet.timestamp,
                newest_at: now,
                age: 0,
            }
        });
        let step = ticks::sequence_step(source.newest_sequence, packet.sequence);
        if step < 0 && step.saturating_neg() > source.age {
            return None;
        }
        if step > 0 {
            source.age = source.age.saturating_add(step);
            source.newest_sequence = packet.sequence;
            source.newest_timestamp = packet.timestamp;
            source.newest_at = now;
        }
        self.source = Some(source);
        self.is_playing = false;
        Some(Numbers {
            marker: packet.marker || is_new,
            sequence: packet.sequence.wrapping_add(source.sequence_offset),
            timestamp: packet.timestamp.wrapping_add(source.timestamp_offset),
        })
    }

    /// Notes that a packet of the relayed source is not passed on: the peer shall see no gap.
    pub(super) fn skip(&mut self, packet: &Packet<'_>, now: Instant) {
        if let Some(source) = &mut self.source
            && source.continues(packet, now)
            && ticks::sequence_step(source.newest_sequence, packet.sequence) == 1
        {
            source.newest_sequence = packet.sequence;
            source.sequence_offset = source.sequence_offset.wrapping_sub(1);
        }
    }

    /// The numbers for a packet of our own.
    pub(super) fn next_played(&mut self, now: Instant) -> Numbers {
        let (sequence, timestamp) = match self.last {
            // Our own packets follow one another sample by sample, whenever they are sent.
            Some(last) if self.is_playing => (
                last.sequence.wrapping_add(1),
                last.timestamp.wrapping_add(ticks::wrapped(last.samples)),
            ),
            _ => self.next(now),
        };
        let marker = !self.is_playing;
        self.source = None;
        self.is_playing = true;
        Numbers {
            marker,
            sequence,
            timestamp,
        }
    }

    /// The numbers for the first packet of a telephone-event: it has the marker, and begins when it
    /// is sent (RFC 4733 §2.5.1.1).
    pub(super) fn first_of_event(&mut self, now: Instant) -> Numbers {
        let (sequence, timestamp) = self.next(now);
        self.end_source();
        Numbers {
            marker: true,
            sequence,
            timestamp,
        }
    }

    /// The numbers for the next packet of a telephone-event, which all have the timestamp of the
    /// first.
    pub(super) fn next_of_event(&mut self, timestamp: u32) -> Numbers {
        let last = self.last.map_or(self.first_sequence, |last| last.sequence);
        self.source = None;
        Numbers {
            marker: false,
            sequence: last.wrapping_add(1),
            timestamp,
        }
    }

    /// Notes a packet as sent, with its length in samples.
    pub(super) fn note_sent(
        &mut self,
        numbers: Numbers,
        octets: usize,
        samples: u64,
        now: Instant,
    ) {
        self.packets += 1;
        self.octets += octets as u64;
        let is_newest = self
            .last
            .is_none_or(|last| ticks::sequence_step(last.sequence, numbers.sequence) > 0);
        if is_newest {
            self.last = Some(Sent {
                sequence: numbers.sequence,
                timestamp: numbers.timestamp,
                samples,
                at: now,
            });
        }
    }

    /// Where the stream goes on when its source changes: the next number, and the timestamp of
    /// the time that has passed, but never inside the packet sent last.
    fn next(&self, now: Instant) -> (u16, u32) {
        let Some(last) = self.last else {
            return (self.first_sequence, self.first_timestamp);
        };
        let passed = ticks::samples(now.saturating_duration_since(last.at));
        let step = passed.max(last.samples);
        (
            last.sequence.wrapping_add(1),
            last.timestamp.wrapping_add(ticks::wrapped(step)),
        )
    }
}

impl RelaySource {
    /// Whether the packet's numbers follow from what this source sent before.
    fn continues(&self, packet: &Packet<'_>, now: Instant) -> bool {
        let step = ticks::sequence_step(self.newest_sequence, packet.sequence);
        let moved = i64::from(ticks::timestamp_step(
            self.newest_timestamp,
            packet.timestamp,
        ));
        let passed = ticks::samples(now.saturating_duration_since(self.newest_at));
        let passed = i64::try_from(passed).unwrap_or(i64::MAX);
        packet.ssrc == self.ssrc
            && (MAX_MISORDER..=MAX_DROPOUT).contains(&step)
            && (moved - passed).abs() < MAX_CLOCK_JUMP
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use std::time::Duration;

    use super::*;

    const PACKET: Duration = Duration::from_millis(20);

    fn packet(ssrc: u32, sequence: u16, timestamp: u32) -> Packet<'static> {
        Packet {
            marker: false,
            payload_type: 8,
            sequence,
            timestamp,
            ssrc,
            payload: &[0; 160],
        }
    }

    fn send(out: &mut Outgoing, packet: &Packet<'_>, now: Instant) -> Option<(bool, u16, u32)> {
        let numbers = out.map(packet, now)?;
        out.note_sent(numbers, 160, 160, now);
        Some((numbers.marker, numbers.sequence, numbers.timestamp))
    }

    #[test]
    fn a_source_keeps_its_gaps_and_its_order() {
        let now = Instant::now();
        let mut out = Outgoing::new(1, 65_535, u32::MAX - 159);
        assert_eq!(
            send(&mut out, &packet(9, 10, 1600), now),
            Some((true, 65_535, u32::MAX - 159))
        );
        assert_eq!(
            send(&mut out, &packet(9, 13, 2080), now + 3 * PACKET),
            Some((false, 2, 320))
        );
        assert_eq!(
            send(&mut out, &packet(9, 12, 1920), now + 3 * PACKET),
            Some((false, 1, 160))
        );
    }

    #[test]
    fn packets_from_before_the_switch_are_dropped() {
        let now = Instant::now();
        let mut out = Outgoing::new(1, 0, 0);
        send(&mut out, &packet(9, 10, 1600), now);
        assert_eq!(send(&mut out, &packet(9, 9, 1440), now), None);
    }

    #[test]
    fn another_source_continues_the_stream_with_a_marker() {
        let now = Instant::now();
        let mut out = Outgoing::new(1, 100, 1000);
        send(&mut out, &packet(9, 10, 1600), now);
        // The second source starts 3 s later: its timestamps say nothing about ours.
        let later = now + Duration::from_secs(3);
        assert_eq!(
            send(&mut out, &packet(8, 5, 77), later),
            Some((true, 101, 25_000))
        );
        assert_eq!(
            send(&mut out, &packet(8, 6, 237), later + PACKET),
            Some((false, 102, 25_160))
        );
    }

    #[test]
    fn our_own_packets_follow_sample_by_sample() {
        let now = Instant::now();
        let mut out = Outgoing::new(1, 100, 1000);
        send(&mut out, &packet(9, 10, 1600), now);
        // Played at once after a relayed packet: never inside it.
        let first = out.next_played(now);
        out.note_sent(first, 160, 160, now);
        assert_eq!(
            (first.marker, first.sequence, first.timestamp),
            (true, 101, 1160)
        );
        let second = out.next_played(now + Duration::from_millis(23));
        assert_eq!(
            (second.marker, second.sequence, second.timestamp),
            (false, 102, 1320)
        );
    }

    #[test]
    fn a_skipped_packet_leaves_no_gap() {
        let now = Instant::now();
        let mut out = Outgoing::new(1, 0, 0);
        send(&mut out, &packet(9, 10, 0), now);
        out.skip(&packet(9, 11, 160), now + PACKET);
        let next = send(&mut out, &packet(9, 12, 320), now + 2 * PACKET);
        assert_eq!(next, Some((false, 1, 320)));
    }

    #[test]
    fn a_source_that_moves_its_clock_is_taken_on_anew() {
        let now = Instant::now();
        let mut out = Outgoing::new(1, 0, 0);
        send(&mut out, &packet(9, 10, 0), now);
        let next = send(&mut out, &packet(9, 11, 4_000_000), now + PACKET);
        assert_eq!(next, Some((true, 1, 160)));
    }
}
