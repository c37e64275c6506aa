//! What arrives on one leg, counted: RFC 3550 A.1 (sequence numbers), A.3 (loss) and A.8
//! (interarrival jitter).

use std::time::Instant;

use super::rtcp::ReceptionBlock;
use super::rtp::Packet;
use super::ticks;

/// A jump ahead of this many packets is a restart, not loss (A.1).
const MAX_DROPOUT: i32 = 3000;
/// A packet this much late is a restart, not reordering (A.1).
const MAX_MISORDER: i32 = 100;

/// The state of RFC 3550 A.1, for one peer. The peer's address is checked before a packet comes
/// here, so the probation that guards against strays is left out.
#[derive(Clone, Debug, Default)]
pub struct Receiver {
    current: Option<Source>,
    /// Totals of SSRCs that the peer has used before.
    past_expected: u64,
    past_received: u64,
}

#[derive(Clone, Debug)]
struct Source {
    ssrc: u32,
    started: Instant,
    base: u16,
    highest: u16,
    cycles: u32,
    /// What the next packet would be if the peer had restarted its numbers (A.1, `bad_seq`).
    suspect: Option<u16>,
    received: u64,
    expected_prior: u64,
    received_prior: u64,
    transit: Option<u32>,
    /// Jitter in timestamp units, times 16 (A.8).
    jitter_16: u32,
    last_timestamp: Option<u32>,
}

impl Receiver {
    /// Counts a packet.
    pub fn handle_packet(&mut self, packet: &Packet<'_>, now: Instant) {
        let is_same = self.current.as_ref().is_some_and(|s| s.ssrc == packet.ssrc);
        if !is_same {
            self.retire();
        }
        let source = self.current.get_or_insert_with(|| Source::new(packet, now));
        if source.update_sequence(packet.sequence) {
            source.received += 1;
            source.update_jitter(packet.timestamp, now);
        } else if source.suspect.is_none() {
            // Two packets in a row of new numbers: the peer has restarted.
            let started = Source::new(packet, now);
            self.retire();
            let source = self.current.insert(started);
            source.received = 1;
        }
    }

    /// Packets received, duplicates included.
    pub fn received(&self) -> u64 {
        self.past_received + self.current.as_ref().map_or(0, |s| s.received)
    }

    /// Packets expected and not received (A.3); duplicates never make it negative.
    pub fn lost(&self) -> u64 {
        let expected = self.past_expected + self.current.as_ref().map_or(0, Source::expected);
        expected.saturating_sub(self.received())
    }

    /// Interarrival jitter in microseconds (A.8).
    pub fn jitter_us(&self) -> u64 {
        let jitter = self.current.as_ref().map_or(0, |s| s.jitter_16);
        u64::from(jitter) * 1000 / (16 * ticks::SAMPLES_PER_MS)
    }

    /// The SSRC that the peer sends with.
    pub fn ssrc(&self) -> Option<u32> {
        self.current.as_ref().map(|s| s.ssrc)
    }

    /// What a reception report says now; starts the next interval of fraction lost (A.3).
    pub fn report(&mut self) -> Option<ReceptionBlock> {
        let source = self.current.as_mut()?;
        let expected = source.expected();
        let expected_interval = expected - source.expected_prior;
        let received_interval = source.received - source.received_prior;
        source.expected_prior = expected;
        source.received_prior = source.received;
        let lost_interval = expected_interval.saturating_sub(received_interval);
        let fraction = (lost_interval * 256)
            .checked_div(expected_interval)
            .unwrap_or(0);
        Some(ReceptionBlock {
            ssrc: source.ssrc,
            fraction_lost: u8::try_from(fraction).unwrap_or(u8::MAX),
            total_lost: u32::try_from(expected.saturating_sub(source.received))
                .unwrap_or(u32::MAX)
                .min(0x7F_FFFF), // 24 bits, signed
            highest_sequence: source.extended_highest(),
            jitter: source.jitter_16 >> 4,
            last_sender_report: 0,
            delay: 0,
        })
    }

    fn retire(&mut self) {
        if let Some(source) = self.current.take() {
            self.past_expected += source.expected();
            self.past_received += source.received;
        }
    }
}

impl Source {
    fn new(packet: &Packet<'_>, now: Instant) -> Self {
        Self {
            ssrc: packet.ssrc,
            started: now,
            base: packet.sequence,
            highest: packet.sequence,
            cycles: 0,
            suspect: None,
            received: 0,
            expected_prior: 0,
            received_prior: 0,
            transit: None,
            jitter_16: 0,
            last_timestamp: None,
        }
    }

    /// A.1's `update_seq`: whether the packet counts. If not, `suspect` says whether it is the
    /// first of strange numbers (kept) or the second in a row (cleared: a restart).
    fn update_sequence(&mut self, sequence: u16) -> bool {
        let step = i32::from(ticks::sequence_step(self.highest, sequence));
        if (0..MAX_DROPOUT).contains(&step) {
            if sequence < self.highest {
                self.cycles += 1;
            }
            self.highest = sequence;
        } else if step <= -MAX_MISORDER || step >= MAX_DROPOUT {
            let is_second = self.suspect == Some(sequence);
            self.suspect = (!is_second).then(|| sequence.wrapping_add(1));
            return false;
        }
        self.suspect = None;
        true
    }

    fn update_jitter(&mut self, timestamp: u32, now: Instant) {
        // Packets of one talk spurt's start or of one event share a timestamp: no new sample.
        if self.last_timestamp.replace(timestamp) == Some(timestamp) {
            return;
        }
        let arrival = ticks::samples(now.saturating_duration_since(self.started));
        let transit = ticks::wrapped(arrival).wrapping_sub(timestamp);
        if let Some(last) = self.transit.replace(transit) {
            let difference = ticks::timestamp_step(last, transit).unsigned_abs();
            // A clock that was moved says nothing about the network.
            if difference < crate::sdp::Codec::CLOCK_RATE {
                self.jitter_16 += difference;
                self.jitter_16 -= (self.jitter_16 - difference + 8) >> 4;
            }
        }
    }

    fn extended_highest(&self) -> u32 {
        (self.cycles << 16) | u32::from(self.highest)
    }

    fn expected(&self) -> u64 {
        let highest = (u64::from(self.cycles) << 16) + u64::from(self.highest);
        (highest + 1).saturating_sub(u64::from(self.base))
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

    fn packet(sequence: u16, timestamp: u32, ssrc: u32) -> Packet<'static> {
        Packet {
            marker: false,
            payload_type: 8,
            sequence,
            timestamp,
            ssrc,
            payload: &[],
        }
    }

    /// Feeds sequence numbers 20 ms apart.
    fn received(sequences: impl IntoIterator<Item = u16>) -> Receiver {
        let mut now = Instant::now();
        let mut receiver = Receiver::default();
        for sequence in sequences {
            receiver.handle_packet(&packet(sequence, u32::from(sequence) * 160, 1), now);
            now += Duration::from_millis(20);
        }
        receiver
    }

    #[test]
    fn loss_is_counted_across_the_wrap_of_sequence_numbers() {
        let receiver = received((65_000..=u16::MAX).chain(0..500).filter(|s| s % 10 != 3));
        assert_eq!(receiver.received(), 536 + 500 - 54 - 50);
        assert_eq!(receiver.lost(), 54 + 50);
    }

    #[test]
    fn reordering_is_no_loss_and_duplicates_never_make_it_negative() {
        assert_eq!(received([1, 3, 2, 5, 4, 6]).lost(), 0);
        let receiver = received([1, 1, 1, 2]);
        assert_eq!((receiver.received(), receiver.lost()), (4, 0));
    }

    #[test]
    fn a_single_stray_number_is_not_believed_but_two_in_a_row_are_a_restart() {
        let receiver = received([1, 2, 40_000, 3, 4]);
        assert_eq!((receiver.received(), receiver.lost()), (4, 0));
        let receiver = received([1, 2, 40_000, 40_001, 40_002]);
        assert_eq!((receiver.received(), receiver.lost()), (4, 0));
    }

    #[test]
    fn a_new_ssrc_keeps_the_totals() {
        let now = Instant::now();
        let mut receiver = Receiver::default();
        for (sequence, ssrc) in [(10, 1), (12, 1), (900, 2), (901, 2)] {
            receiver.handle_packet(&packet(sequence, 0, ssrc), now);
        }
        assert_eq!((receiver.received(), receiver.lost()), (4, 1));
    }

    /// A.8: with |D| constant, J tends to |D|.
    #[test]
    fn jitter_tends_to_the_difference_of_transit_times() {
        let start = Instant::now();
        let mut receiver = Receiver::default();
        for index in 0..400_u16 {
            let late = Duration::from_millis(u64::from(index % 2) * 10);
            let now = start + Duration::from_millis(20) * u32::from(index) + late;
            receiver.handle_packet(&packet(index, u32::from(index) * 160, 1), now);
        }
        let jitter = receiver.jitter_us();
        assert!((9_000..=10_100).contains(&jitter), "{jitter}");
    }

    #[test]
    fn a_report_states_the_fraction_lost_since_the_last_one() {
        let mut receiver = received((0..100).filter(|s| s % 4 != 1));
        let block = receiver.report().unwrap();
        assert_eq!((block.fraction_lost, block.total_lost), (64, 25));
        assert_eq!(block.highest_sequence, 99);
        assert_eq!(receiver.report().unwrap().fraction_lost, 0);
    }
}
