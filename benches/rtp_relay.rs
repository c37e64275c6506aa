//! What a packet costs in the relay's bookkeeping: 20 ms of A-law from one leg to the other,
//! read, counted, mapped and written, without sockets.

#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "criterion's macros write undocumented functions, and a bench may read the clock"
)]

use std::hint::black_box;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::SeedableRng;
use rand::rngs::StdRng;
use thirdring::media::rtcp::WallClock;
use thirdring::media::rtp::Packet;
use thirdring::media::{Frame, LegKey, PlayKey, Session, Sink, Way};
use thirdring::sdp::{Codec, Direction, Stream};

const CALLER: LegKey = LegKey(1);
const AGENT: LegKey = LegKey(2);

struct Nowhere;

impl Sink for Nowhere {
    fn rtp(&mut self, _: LegKey, packet: &[u8]) {
        black_box(packet);
    }

    fn rtcp(&mut self, _: LegKey, packet: &[u8]) {
        black_box(packet);
    }

    fn tapped(&mut self, _: LegKey, _: Way, frame: Frame<'_>) {
        black_box(frame);
    }

    fn played(&mut self, _: LegKey, _: PlayKey, _: u64, _: bool) {}
}

fn stream(remote: SocketAddr, codec: Codec) -> Stream {
    Stream {
        remote,
        remote_rtcp: remote,
        codec,
        send_pt: codec.static_payload_type(),
        receive_pt: codec.static_payload_type(),
        send_event_pt: Some(101),
        receive_event_pt: Some(101),
        direction: Direction::SendRecv,
        ptime_ms: 20,
    }
}

fn relay(criterion: &mut Criterion) {
    let remote = "192.0.2.9:4000".parse().expect("an address");
    let mut group = criterion.benchmark_group("rtp_relay");
    group.throughput(Throughput::Elements(1));
    for (name, agent, is_tapped) in [
        ("same_law", Codec::Pcma, false),
        ("same_law_recorded", Codec::Pcma, true),
        ("other_law", Codec::Pcmu, false),
    ] {
        let start = Instant::now();
        let mut session = Session::new(WallClock {
            read_at: start,
            unix_us: 0,
        });
        let mut rng = StdRng::seed_from_u64(1);
        for (key, codec) in [(CALLER, Codec::Pcma), (AGENT, agent)] {
            session.add_leg(key, &mut rng);
            session.connect(key, stream(remote, codec), start);
        }
        session.bridge(CALLER, AGENT);
        session.tap(CALLER, is_tapped);
        let mut datagram = Packet {
            marker: false,
            payload_type: 8,
            sequence: 0,
            timestamp: 0,
            ssrc: 7,
            payload: &[0xD5; 160],
        }
        .to_bytes();
        let (mut sequence, mut timestamp, mut now) = (0_u16, 0_u32, start);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                sequence = sequence.wrapping_add(1);
                timestamp = timestamp.wrapping_add(160);
                now += Duration::from_millis(20);
                datagram[2..4].copy_from_slice(&sequence.to_be_bytes());
                datagram[4..8].copy_from_slice(&timestamp.to_be_bytes());
                session.handle_rtp(CALLER, black_box(&datagram), remote, now, &mut Nowhere);
            });
        });
        let figures = session.figures(AGENT).expect("the leg");
        assert!(figures.sent > 0, "nothing was relayed");
    }
    group.finish();
}

criterion_group!(benches, relay);
criterion_main!(benches);
