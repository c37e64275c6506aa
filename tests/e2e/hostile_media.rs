//! What may come to an RTP port from the peer's own address.

use std::net::UdpSocket;

use crate::talk::Talk;

/// A packet of 20 bytes whose header extension says it is longer than the packet: the `rtp` crate
/// alone panics on it.
const SHORT_EXTENSION: [u8; 20] = [
    0x90, 8, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4, 0xbe, 0xde, 0, 1, 0x1f, 0, 0, 0,
];

/// Threat: RTCP/DTMF/SRTP tricks. Short and lying packets, an RTCP BYE among them.
#[test]
fn a_call_goes_on_through_malformed_packets() {
    let talk = Talk::start();
    for (peer, to) in [(&talk.caller, talk.caller_to), (&talk.agent, talk.agent_to)] {
        for packet in malformed_rtp() {
            peer.voice.send_raw(&packet, to);
        }
        let mut control = peer.voice.address();
        control.set_port(control.port() + 1);
        let control = UdpSocket::bind(control).unwrap();
        let mut control_to = to;
        control_to.set_port(to.port() + 1);
        for packet in malformed_rtcp() {
            control.send_to(&packet, control_to).unwrap();
        }
    }
    talk.both_hear();
    assert!(!talk.service.log().contains("panicked"));
    let (service, row) = talk.end();
    assert!(row["recording"]["sha256"].is_string(), "{row:#}");
    service.stop();
}

fn malformed_rtp() -> Vec<Vec<u8>> {
    let mut packets = vec![SHORT_EXTENSION.to_vec()];
    // Two-byte extensions (RFC 8285 §4.3), an extension without its length, 15 CSRCs in 12 bytes,
    // padding longer than the packet, other versions.
    let mut two_byte = SHORT_EXTENSION;
    two_byte[12..14].copy_from_slice(&[0x10, 0x00]);
    two_byte[16..18].copy_from_slice(&[1, 255]);
    packets.push(two_byte.to_vec());
    packets.push(SHORT_EXTENSION[..14].to_vec());
    packets.push(with_first(0x8f)[..12].to_vec());
    packets.push([&with_first(0xa0)[..12], &[0xd5, 0xff]].concat());
    packets.extend([0x00, 0x40, 0xc0].map(|first| with_first(first).to_vec()));
    packets.extend((0..12).map(|length| SHORT_EXTENSION[..length].to_vec()));
    packets.push(vec![0xff; 1500]);
    packets.push(b"INVITE sip:nobody@nowhere SIP/2.0\r\n\r\n".to_vec());
    packets
}

fn with_first(first: u8) -> [u8; 20] {
    let mut packet = SHORT_EXTENSION;
    packet[0] = first;
    packet
}

/// Feedback (RFC 4585) and reports whose counts and lengths lie.
fn malformed_rtcp() -> Vec<Vec<u8>> {
    let types = [200, 201, 202, 203, 204, 205, 206, 207];
    let mut packets: Vec<_> = types
        .iter()
        .flat_map(|kind| {
            [0x80, 0x81, 0x8f, 0x9f, 0xbf].map(|first| vec![first, *kind, 0, 1, 0, 0, 0, 1])
        })
        .collect();
    packets.extend(types.map(|kind| vec![0x81, kind, 0xff, 0xff]));
    packets.extend((0..8).map(|length| vec![0x81; length]));
    packets
}
