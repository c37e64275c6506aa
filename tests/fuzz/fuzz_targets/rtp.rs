//! Any datagrams on a leg's two sockets: nothing panics, and whatever is relayed is a sound RTP
//! packet of one SSRC that carries what came in.

#![no_main]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use rand::SeedableRng;
use rand::rngs::StdRng;
use thirdring::media::rtcp::{self, WallClock};
use thirdring::media::rtp::Packet;
use thirdring::media::{Frame, LegKey, PlayKey, Session, Sink, Way};
use thirdring::sdp::{Codec, Direction, Stream};

const CALLER: LegKey = LegKey(1);
const AGENT: LegKey = LegKey(2);

/// Checks what is sent.
struct Check {
    ssrc: Option<u32>,
    longest: usize,
}

impl Sink for Check {
    fn rtp(&mut self, leg: LegKey, packet: &[u8]) {
        assert_eq!(leg, AGENT);
        let packet = Packet::parse(packet).expect("what we send is sound");
        assert_eq!(*self.ssrc.get_or_insert(packet.ssrc), packet.ssrc);
        assert!(packet.payload.len() <= self.longest);
    }

    fn rtcp(&mut self, _: LegKey, packet: &[u8]) {
        assert!(packet.len() >= 8);
        rtcp::statements(packet).for_each(drop);
    }

    fn tapped(&mut self, _: LegKey, _: Way, frame: Frame<'_>) {
        assert!(frame.audio.len() <= self.longest);
    }

    fn played(&mut self, _: LegKey, _: PlayKey, _: u64, _: bool) {}
}

fuzz_target!(|bytes: &[u8]| {
    let remote: SocketAddr = "192.0.2.9:4000".parse().expect("an address");
    let stream = |codec: Codec| Stream {
        remote,
        remote_rtcp: remote,
        codec,
        send_pt: codec.static_payload_type(),
        receive_pt: codec.static_payload_type(),
        send_event_pt: Some(96),
        receive_event_pt: Some(101),
        direction: Direction::SendRecv,
        ptime_ms: 20,
        srtp: None,
    };
    let mut now = Instant::now();
    let mut session = Session::new(WallClock {
        read_at: now,
        unix_us: 0,
    });
    let mut rng = StdRng::seed_from_u64(1);
    for (key, codec) in [(CALLER, Codec::Pcma), (AGENT, Codec::Pcmu)] {
        session.add_leg(key, &mut rng);
        session.connect(key, stream(codec), now);
    }
    session.bridge(CALLER, AGENT);
    session.tap(CALLER, true);
    let mut check = Check {
        ssrc: None,
        longest: bytes.len(),
    };

    // The first octet of each piece is its length: a sequence of datagrams, and the whole.
    session.handle_rtp(CALLER, bytes, remote, now, &mut check);
    session.handle_rtcp(CALLER, bytes, remote, now);
    let mut rest = bytes;
    while let Some((length, tail)) = rest.split_first() {
        let (datagram, tail) = tail.split_at(usize::from(*length).min(tail.len()));
        session.handle_rtp(CALLER, datagram, remote, now, &mut check);
        session.handle_rtcp(CALLER, datagram, remote, now);
        now += Duration::from_millis(u64::from(*length) * 4);
        session.handle_timeout(now, &mut check);
        rest = tail;
    }
});
