//! A message as a packet of a capture file, and back.
//!
//! The link layer is Linux "cooked" capture, since that one says which way a packet went. Above
//! it stand IP and UDP with the real addresses, whatever the message was carried by: a message
//! that came over TCP or TLS is a datagram here, in clear, and its Via tells the truth.

use std::net::{IpAddr, SocketAddr};

use etherparse::{
    LinkSlice, LinuxSllPacketType, NetSlice, PacketBuilder, SlicedPacket, TransportSlice,
};

use super::passage::Passage;
use crate::metrics::Way;
use crate::rules::Timestamp;

/// What IP's length field leaves for a message, after the headers of IPv6 and UDP; a longer one,
/// which only a connection can carry, is cut.
const LARGEST: usize = 65_535 - 40 - 8;
/// Routers that the packet could pass (RFC 1700's value); nobody forwards it.
const TIME_TO_LIVE: u8 = 64;

/// The packet; `None` if the message cannot be written as one, which its size rules out.
pub(super) fn packet(passage: &Passage) -> Option<Vec<u8>> {
    let direction = match passage.way {
        Way::In => LinuxSllPacketType::HOST,
        Way::Out => LinuxSllPacketType::OUTGOING,
    };
    let (from, to) = passage.ends();
    let link = PacketBuilder::linux_sll(direction, 0, [0; 8]);
    let ip = match (from.ip().to_canonical(), to.ip().to_canonical()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => link.ipv4(from.octets(), to.octets(), TIME_TO_LIVE),
        (from, to) => link.ipv6(v6(from), v6(to), TIME_TO_LIVE),
    };
    let builder = ip.udp(from.port(), to.port());
    let payload = passage.octets.get(..LARGEST).unwrap_or(&passage.octets);
    let mut packet = Vec::with_capacity(builder.size(payload.len()));
    builder.write(&mut packet, payload).ok()?;
    Some(packet)
}

fn v6(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

/// The message in a packet; `None` if the packet is none of ours.
pub(super) fn passage(at: Timestamp, packet: &[u8]) -> Option<Passage> {
    let packet = SlicedPacket::from_linux_sll(packet).ok()?;
    let Some(LinkSlice::LinuxSll(link)) = &packet.link else {
        return None;
    };
    let (from, to): (IpAddr, IpAddr) = match packet.net? {
        NetSlice::Ipv4(ip) => {
            let header = ip.header();
            (
                header.source_addr().into(),
                header.destination_addr().into(),
            )
        }
        NetSlice::Ipv6(ip) => {
            let header = ip.header();
            (
                header.source_addr().into(),
                header.destination_addr().into(),
            )
        }
        NetSlice::Arp(_) => return None,
    };
    let Some(TransportSlice::Udp(udp)) = packet.transport else {
        return None;
    };
    let from = SocketAddr::new(from.to_canonical(), udp.source_port());
    let to = SocketAddr::new(to.to_canonical(), udp.destination_port());
    let (way, local, peer) = if link.packet_type() == LinuxSllPacketType::OUTGOING {
        (Way::Out, from, to)
    } else {
        (Way::In, to, from)
    };
    Some(Passage {
        at,
        way,
        local,
        peer,
        octets: udp.payload().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(way: Way, local: &str, peer: &str, octets: Vec<u8>) -> Passage {
        let passage = Passage {
            at: Timestamp(1_000_001),
            way,
            local: local.parse().unwrap(),
            peer: peer.parse().unwrap(),
            octets,
        };
        let read = super::passage(passage.at, &packet(&passage).unwrap()).unwrap();
        assert_eq!(
            (read.way, read.local, read.peer),
            (way, passage.local, passage.peer)
        );
        read
    }

    #[test]
    fn a_packet_tells_both_ends_and_the_way() {
        for way in [Way::In, Way::Out] {
            for (local, peer) in [
                ("192.0.2.10:5060", "203.0.113.1:5070"),
                ("[2001:db8::10]:5060", "[2001:db8::1]:5061"),
            ] {
                let read = there_and_back(way, local, peer, b"BYE".to_vec());
                assert_eq!(read.octets, b"BYE");
            }
        }
    }

    #[test]
    fn a_message_longer_than_a_datagram_is_cut() {
        let long = vec![b'x'; 70_000];
        let read = there_and_back(Way::In, "[2001:db8::10]:5060", "[2001:db8::1]:5060", long);
        assert_eq!(read.octets.len(), LARGEST);
    }

    #[test]
    fn what_is_no_packet_of_ours_is_nothing() {
        for octets in [&b""[..], &[0; 16], &[0xFF; 200]] {
            assert_eq!(passage(Timestamp(0), octets), None);
        }
    }
}
