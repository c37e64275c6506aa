//! Capture files in the classic format (pcap 2.4).

use std::time::Duration;

use pcap_file::pcap::{PcapHeader, PcapPacket, PcapParser, PcapWriter};
use pcap_file::{DataLink, Endianness, PcapResult};

use super::packet;
use super::passage::Passage;
use crate::rules::Timestamp;

/// The octets before the first packet.
pub(super) const HEADER: usize = 24;
/// The octets that a packet takes beside its message, at most: the record's head (16), the link
/// layer (16), IPv6 (40), UDP (8).
pub(super) const AROUND_MESSAGE: usize = 80;
/// No packet is longer: the link layer, and the largest IPv6 packet.
const SNAPLEN: u32 = 16 + 40 + 65_535;

/// A whole capture file of these messages.
pub fn to_pcap(passages: &[Passage]) -> Vec<u8> {
    // Writing into memory fails for no message: its size and time are within the format's bounds.
    written(passages).unwrap_or_default()
}

fn written(passages: &[Passage]) -> PcapResult<Vec<u8>> {
    let header = PcapHeader {
        snaplen: SNAPLEN,
        datalink: DataLink::LINUX_SLL,
        endianness: Endianness::native(),
        ..PcapHeader::default()
    };
    let sizes = passages
        .iter()
        .map(|passage| passage.octets.len() + AROUND_MESSAGE);
    let octets = Vec::with_capacity(HEADER + sizes.sum::<usize>());
    let mut writer = PcapWriter::with_header(octets, header)?;
    for passage in passages {
        let Some(packet) = packet::packet(passage) else {
            continue;
        };
        let length = u32::try_from(packet.len()).unwrap_or(SNAPLEN);
        let at = Duration::from_micros(u64::try_from(passage.at.unix_us()).unwrap_or(0));
        writer.write_packet(&PcapPacket::new(at, length, &packet))?;
    }
    Ok(writer.into_writer())
}

/// The messages of a capture file. What a crash has left of a last packet is passed over, and so
/// is whatever is not ours.
pub(super) fn read(file: &[u8]) -> Vec<Passage> {
    let Ok((mut rest, parser)) = PcapParser::new(file) else {
        return Vec::new();
    };
    let mut passages = Vec::new();
    while let Ok((after, packet)) = parser.next_packet(rest) {
        let at = i64::try_from(packet.timestamp.as_micros()).unwrap_or(i64::MAX);
        passages.extend(packet::passage(Timestamp(at), &packet.data));
        rest = after;
    }
    passages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Way;

    fn passages() -> Vec<Passage> {
        let passage = |second: i64, octets: &[u8]| Passage {
            at: Timestamp(1_790_000_000_000_000 + second * 1_000_000 + 123_456),
            way: Way::Out,
            local: "192.0.2.10:5060".parse().unwrap(),
            peer: "203.0.113.1:5060".parse().unwrap(),
            octets: octets.to_vec(),
        };
        vec![passage(0, b"INVITE"), passage(1, b""), passage(2, b"BYE")]
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(read(&to_pcap(&passages())), passages());
    }

    #[test]
    fn two_files_are_one_without_the_second_header() {
        let all = passages();
        let (first, second) = all.split_at(1);
        let mut file = to_pcap(first);
        file.extend(&to_pcap(second)[HEADER..]);
        assert_eq!(file, to_pcap(&all));
    }

    #[test]
    fn a_file_that_ends_anywhere_gives_the_whole_packets_before() {
        let all = passages();
        let file = to_pcap(&all);
        let mut seen = 0;
        for end in 0..=file.len() {
            let read = read(&file[..end]);
            assert_eq!(read, all[..read.len()]);
            seen = seen.max(read.len());
            assert!(read.len() >= seen);
        }
        assert_eq!(seen, 3);
    }
}
