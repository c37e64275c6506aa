//! RTP packets (RFC 3550 §5.1): a view of what came in, and the writing of what goes out.
//!
//! The `rtp` crate writes our headers. It does not read the wire: version 0.17.2 panics on a
//! 20-byte datagram whose header extension lies about its length, so everything a peer sends is
//! read by [`Packet::parse`], which checks every bound itself.

use rtp::header::Header;
use webrtc_util::marshal::Marshal;

/// Length of the header that we write: no CSRC, no extension.
pub const HEADER_BYTES: usize = 12;
/// The largest packet that we relay: what fits an Ethernet frame.
pub const MAX_PACKET_BYTES: usize = 1500;

const VERSION: u8 = 2;

/// Why a datagram is not an RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPacket {
    /// Shorter than its header claims to be.
    #[error("the packet is too short")]
    TooShort,
    /// Longer than we relay.
    #[error("the packet is too long")]
    TooLong,
    /// Not version 2.
    #[error("not version 2")]
    Version,
    /// The padding is longer than the payload, or zero.
    #[error("the padding is wrong")]
    Padding,
}

/// A view of a received RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The first packet of a talk spurt.
    pub marker: bool,
    /// What the payload is, as SDP numbered it.
    pub payload_type: u8,
    /// Rises by one a packet.
    pub sequence: u16,
    /// Rises by one a sample.
    pub timestamp: u32,
    /// Who sent it.
    pub ssrc: u32,
    /// What is left when CSRCs, extension and padding are taken away.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a datagram.
    ///
    /// # Errors
    /// The datagram is not a whole RTP packet of version 2.
    pub fn parse(datagram: &'a [u8]) -> Result<Self, BadPacket> {
        if datagram.len() > MAX_PACKET_BYTES {
            return Err(BadPacket::TooLong);
        }
        let Some((fixed, mut rest)) = datagram.split_first_chunk::<HEADER_BYTES>() else {
            return Err(BadPacket::TooShort);
        };
        let [first, second, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3] = *fixed;
        if first >> 6 != VERSION {
            return Err(BadPacket::Version);
        }
        let csrc_bytes = usize::from(first & 0x0F) * 4;
        rest = rest.get(csrc_bytes..).ok_or(BadPacket::TooShort)?;
        if first & 0x10 != 0 {
            let Some(([_, _, high, low], extended)) = rest.split_first_chunk::<4>() else {
                return Err(BadPacket::TooShort);
            };
            let extension_bytes = usize::from(u16::from_be_bytes([*high, *low])) * 4;
            rest = extended.get(extension_bytes..).ok_or(BadPacket::TooShort)?;
        }
        if first & 0x20 != 0 {
            let padding = rest.last().copied().map_or(0, usize::from);
            let payload_bytes = rest.len().checked_sub(padding);
            match payload_bytes {
                Some(length) if padding > 0 => rest = &rest[..length],
                _ => return Err(BadPacket::Padding),
            }
        }
        Ok(Self {
            marker: second & 0x80 != 0,
            payload_type: second & 0x7F,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([c0, c1, c2, c3]),
            payload: rest,
        })
    }

    /// Writes the header of this packet to the front of `out` and returns where the payload
    /// begins; the payload is the caller's to put there. `None` if `out` is too small.
    pub fn write_header(&self, out: &mut [u8]) -> Option<usize> {
        let header = Header {
            version: VERSION,
            marker: self.marker,
            payload_type: self.payload_type,
            sequence_number: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
            ..Header::default()
        };
        header.marshal_to(out).ok()
    }

    /// The packet's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![0; HEADER_BYTES];
        self.write_header(&mut out);
        out.extend_from_slice(self.payload);
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use webrtc_util::marshal::Unmarshal;

    use super::*;

    fn fixture(name: &str) -> Vec<u8> {
        std::fs::read(format!("proto-fixtures/rtp/{name}")).unwrap()
    }

    #[test]
    fn the_twenty_bytes_that_panic_the_rtp_crate_are_just_a_packet_without_payload() {
        let datagram = fixture("extension-overrun.bin");
        assert_eq!(datagram.len(), 20);
        let view = Packet::parse(&datagram).unwrap();
        assert!(view.payload.is_empty());

        let crate_panics = std::panic::catch_unwind(|| {
            let _ = Header::unmarshal(&mut datagram.as_slice());
        });
        assert!(crate_panics.is_err(), "the crate was mended: see DESIGN §6");
    }

    #[test]
    fn csrcs_extension_and_padding_are_taken_away() {
        let view = fixture("csrc-extension-padding.bin");
        let view = Packet::parse(&view).unwrap();
        assert_eq!(view.payload, [0xD5; 160]);
        assert_eq!((view.payload_type, view.sequence), (8, 4711));
        assert_eq!((view.timestamp, view.ssrc), (0x0102_0304, 0xCAFE_BABE));
        assert!(view.marker);
    }

    #[test]
    fn lies_about_lengths_are_seen() {
        let packet = |first: u8, rest: &[u8]| {
            let mut bytes = vec![first, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1];
            bytes.extend_from_slice(rest);
            bytes
        };
        let cases = [
            (packet(0x80, &[])[..11].to_vec(), BadPacket::TooShort),
            (packet(0x40, &[]), BadPacket::Version),
            (packet(0x81, &[0; 3]), BadPacket::TooShort),
            (packet(0x90, &[0; 3]), BadPacket::TooShort),
            (
                packet(0x90, &[0xBE, 0xDE, 0, 1, 0, 0, 0]),
                BadPacket::TooShort,
            ),
            (packet(0xA0, &[]), BadPacket::Padding),
            (packet(0xA0, &[0, 0, 0]), BadPacket::Padding),
            (packet(0xA0, &[0, 0, 4]), BadPacket::Padding),
            (packet(0x80, &[0; 1500]), BadPacket::TooLong),
        ];
        for (bytes, error) in cases {
            assert_eq!(Packet::parse(&bytes), Err(error), "{bytes:?}");
        }
        assert_eq!(
            Packet::parse(&packet(0xA0, &[7, 0, 2])).unwrap().payload,
            [7]
        );
    }

    proptest! {
        #[test]
        fn no_datagram_breaks_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Packet::parse(&bytes);
        }

        #[test]
        fn what_we_write_is_read_alike_by_us_and_by_the_crate(
            marker: bool, payload_type in 0..128_u8, sequence: u16, timestamp: u32, ssrc: u32,
            payload in proptest::collection::vec(any::<u8>(), 0..480),
        ) {
            let packet = Packet { marker, payload_type, sequence, timestamp, ssrc, payload: &payload };
            let bytes = packet.to_bytes();
            prop_assert_eq!(Packet::parse(&bytes), Ok(packet));
            let theirs = rtp::packet::Packet::unmarshal(&mut bytes.as_slice()).unwrap();
            prop_assert_eq!(theirs.header.sequence_number, sequence);
            prop_assert_eq!(theirs.header.timestamp, timestamp);
            prop_assert_eq!(&theirs.payload[..], &payload[..]);
        }
    }
}
