//! RTCP (RFC 3550 §6): our reports, built by the `rtcp` crate, and a reader of our own for
//! theirs, since the crate panics on malformed feedback packets.

use std::time::{Duration, Instant};

use rtcp::receiver_report::ReceiverReport;
use rtcp::reception_report::ReceptionReport;
use rtcp::sender_report::SenderReport;
use rtcp::source_description::{
    SdesType, SourceDescription, SourceDescriptionChunk, SourceDescriptionItem,
};
use webrtc_util::marshal::Marshal;

/// How often a leg reports (RFC 3550 §6.2: the minimum for small sessions).
pub const INTERVAL: Duration = Duration::from_secs(5);

const VERSION: u8 = 2;
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const BLOCK_BYTES: usize = 24;
/// Seconds from 1900, where NTP begins, to 1970.
const NTP_TO_UNIX_SECONDS: u64 = 2_208_988_800;

/// Wall time for sender reports: one reading of the clock, carried on by the monotonic one.
#[derive(Clone, Copy, Debug)]
pub struct WallClock {
    /// When the clock was read.
    pub read_at: Instant,
    /// What it said, in microseconds since 1970.
    pub unix_us: u64,
}

impl WallClock {
    /// NTP time: seconds since 1900 in the upper 32 bits, fractions in the lower.
    pub fn ntp(self, now: Instant) -> u64 {
        let passed = now.saturating_duration_since(self.read_at).as_micros();
        let unix_us = self.unix_us + u64::try_from(passed).unwrap_or(u64::MAX / 2);
        let seconds = unix_us / 1_000_000 + NTP_TO_UNIX_SECONDS;
        let fraction = ((unix_us % 1_000_000) << 32) / 1_000_000;
        (seconds << 32) | fraction
    }
}

/// The middle 32 bits of an NTP time: what LSR carries.
pub fn compact(ntp: u64) -> u32 {
    super::ticks::wrapped(ntp >> 16)
}

/// One report block (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceptionBlock {
    /// Whose packets it is about.
    pub ssrc: u32,
    /// Lost since the last report, in 256ths.
    pub fraction_lost: u8,
    /// Lost since the beginning, 24 bits.
    pub total_lost: u32,
    /// Highest sequence number with its cycles.
    pub highest_sequence: u32,
    /// Interarrival jitter in timestamp units.
    pub jitter: u32,
    /// Middle 32 bits of the last sender report's NTP time, 0 if there was none.
    pub last_sender_report: u32,
    /// Since then, in 65,536ths of a second.
    pub delay: u32,
}

/// What a sender report says about its sender (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderInfo {
    /// Who sends.
    pub ssrc: u32,
    /// Wall time of the report.
    pub ntp: u64,
    /// The same moment on the RTP clock.
    pub rtp_timestamp: u32,
    /// Packets sent, modulo 2^32.
    pub packets: u32,
    /// Payload octets sent, modulo 2^32.
    pub octets: u32,
}

/// Something a peer's RTCP told us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statement {
    /// The sender's part of a sender report.
    Sender(SenderInfo),
    /// A report block of a sender or receiver report.
    Block(ReceptionBlock),
}

/// Builds our report: SR if we send, else RR, and the CNAME that every compound packet needs
/// (§6.1).
pub fn report(
    ssrc: u32,
    sender: Option<SenderInfo>,
    block: Option<ReceptionBlock>,
    cname: &str,
) -> Vec<u8> {
    let reports = block.iter().map(to_crate).collect();
    let first = match sender {
        Some(info) => SenderReport {
            ssrc,
            ntp_time: info.ntp,
            rtp_time: info.rtp_timestamp,
            packet_count: info.packets,
            octet_count: info.octets,
            reports,
            ..SenderReport::default()
        }
        .marshal(),
        None => ReceiverReport {
            ssrc,
            reports,
            ..ReceiverReport::default()
        }
        .marshal(),
    };
    let description = SourceDescription {
        chunks: vec![SourceDescriptionChunk {
            source: ssrc,
            items: vec![SourceDescriptionItem {
                sdes_type: SdesType::SdesCname,
                text: cname.to_owned().into(),
            }],
        }],
    };
    let mut out = Vec::with_capacity(96);
    for packet in [first, description.marshal()].into_iter().flatten() {
        out.extend_from_slice(&packet);
    }
    out
}

/// Packets lost as a block has it: a peer that heard some twice may count below 0 (RFC 3550 §6.4.1).
pub fn lost(block: &ReceptionBlock) -> u32 {
    if block.total_lost & 0x80_0000 == 0 {
        block.total_lost
    } else {
        0
    }
}

/// Reads a compound packet: each statement of its sender and receiver reports. What does not
/// keep to its bounds ends the reading.
pub fn statements(datagram: &[u8]) -> impl Iterator<Item = Statement> + '_ {
    packets(datagram).flat_map(|(packet_type, count, body)| {
        let (info, blocks) = match packet_type {
            SENDER_REPORT => (sender_info(body), body.get(24..)),
            RECEIVER_REPORT => (None, body.get(4..)),
            _ => (None, None), // SDES, BYE, APP and feedback tell us nothing we use
        };
        let (blocks, _) = blocks.unwrap_or_default().as_chunks::<BLOCK_BYTES>();
        let blocks = blocks.iter().take(count).map(reception_block);
        info.map(Statement::Sender)
            .into_iter()
            .chain(blocks.map(Statement::Block))
    })
}

/// (packet type, count, body without the 4-byte header) of each packet in the compound.
fn packets(mut rest: &[u8]) -> impl Iterator<Item = (u8, usize, &[u8])> {
    std::iter::from_fn(move || {
        let ([first, packet_type, high, low], after) = rest.split_first_chunk::<4>()?;
        if first >> 6 != VERSION {
            return None;
        }
        let bytes = usize::from(u16::from_be_bytes([*high, *low])) * 4;
        let (body, next) = after.split_at_checked(bytes)?;
        rest = next;
        Some((*packet_type, usize::from(first & 0x1F), body))
    })
}

fn sender_info(body: &[u8]) -> Option<SenderInfo> {
    let word = |index| word(body, index);
    Some(SenderInfo {
        ssrc: word(0)?,
        ntp: (u64::from(word(1)?) << 32) | u64::from(word(2)?),
        rtp_timestamp: word(3)?,
        packets: word(4)?,
        octets: word(5)?,
    })
}

fn reception_block(bytes: &[u8; BLOCK_BYTES]) -> ReceptionBlock {
    let word = |index| word(bytes, index).unwrap_or_default();
    ReceptionBlock {
        ssrc: word(0),
        fraction_lost: bytes[4],
        total_lost: word(1) & 0x00FF_FFFF,
        highest_sequence: word(2),
        jitter: word(3),
        last_sender_report: word(4),
        delay: word(5),
    }
}

fn word(bytes: &[u8], index: usize) -> Option<u32> {
    let (words, _) = bytes.as_chunks::<4>();
    words.get(index).copied().map(u32::from_be_bytes)
}

fn to_crate(block: &ReceptionBlock) -> ReceptionReport {
    ReceptionReport {
        ssrc: block.ssrc,
        fraction_lost: block.fraction_lost,
        total_lost: block.total_lost,
        last_sequence_number: block.highest_sequence,
        jitter: block.jitter,
        last_sender_report: block.last_sender_report,
        delay: block.delay,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BLOCK: ReceptionBlock = ReceptionBlock {
        ssrc: 0x2222_2222,
        fraction_lost: 12,
        total_lost: 7,
        highest_sequence: 5000,
        jitter: 33,
        last_sender_report: 0x1234_5678,
        delay: 65_536,
    };
    const INFO: SenderInfo = SenderInfo {
        ssrc: 0x1111_1111,
        ntp: 0xE000_0000_8000_0000,
        rtp_timestamp: 160,
        packets: 10,
        octets: 1600,
    };

    fn read(datagram: &[u8]) -> Vec<Statement> {
        statements(datagram).collect()
    }

    fn fixture(name: &str) -> Vec<u8> {
        std::fs::read(format!("proto-fixtures/rtp/{name}")).unwrap()
    }

    #[test]
    fn a_sender_report_is_read() {
        let expected = [Statement::Sender(INFO), Statement::Block(BLOCK)];
        assert_eq!(read(&fixture("sr-sdes.rtcp")), expected);
        assert_eq!(read(&fixture("sr-count-lies.rtcp")), expected);
    }

    #[test]
    fn our_reports_are_read_back() {
        let sent = report(INFO.ssrc, Some(INFO), Some(BLOCK), "thirdring");
        assert_eq!(
            read(&sent),
            [Statement::Sender(INFO), Statement::Block(BLOCK)]
        );
        let sent = report(INFO.ssrc, None, Some(BLOCK), "thirdring");
        assert_eq!(read(&sent), [Statement::Block(BLOCK)]);
        assert_eq!(sent.len() % 4, 0);
        let is_cname = |window: &[u8]| window == b"thirdring";
        assert!(sent.windows(9).any(is_cname), "a CNAME is mandatory");
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs one arbitrary start"
    )]
    fn ntp_counts_from_1900() {
        let read_at = Instant::now();
        let clock = WallClock {
            read_at,
            unix_us: 1_500_000,
        };
        let ntp = clock.ntp(read_at + Duration::from_secs(1));
        assert_eq!(ntp >> 32, NTP_TO_UNIX_SECONDS + 2);
        assert_eq!(ntp & 0xFFFF_FFFF, 1 << 31);
        assert_eq!(compact(0x1111_2222_3333_4444), 0x2222_3333);
    }

    proptest! {
        #[test]
        fn no_datagram_breaks_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }

        #[test]
        fn a_cut_report_breaks_nothing(length in 0..76_usize, flip in 0..60_usize, with: u8) {
            let mut bytes = fixture("sr-sdes.rtcp");
            bytes[flip] = with;
            bytes.truncate(length);
            let _ = read(&bytes);
        }
    }
}
