//! What a packet costs apart from the kernel: 20 ms of A-law from one leg to the other, read,
//! counted, mapped and written; and the same with both ways put on a recording's time line. Of
//! 1, 100, 1,000 and 5,000 streams one after the other, so that memory is as far away as it is in
//! a service. Before each group it says how often memory was allocated.

#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "criterion's macros write undocumented functions, and a bench may read the clock"
)]

use std::hint::black_box;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rand::SeedableRng;
use rand::rngs::StdRng;
use thirdring::media::rtcp::WallClock;
use thirdring::media::rtp::Packet;
use thirdring::media::{Frame, LegKey, PlayKey, Session, Sink, Way};
use thirdring::recording::{Stereo, Timeline};
use thirdring::sdp::{Codec, Direction, Stream};

const CALLER: LegKey = LegKey(1);
const AGENT: LegKey = LegKey(2);
const STREAMS: [usize; 4] = [1, 100, 1_000, 5_000];
const PACKET: Duration = Duration::from_millis(20);
/// A recording is brought up to date every 200 ms.
const PACKETS_A_WRITE: u16 = 10;
/// So many packets of each stream are sent before allocations are counted, and while they are.
const ROUNDS: u16 = 50;

/// One way of one call, and its recording.
struct Way1 {
    session: Session,
    timeline: Option<Timeline>,
    datagram: Vec<u8>,
    sequence: u16,
    now: Instant,
}

/// Where packets end; what is recorded goes on its time line.
struct End<'a> {
    timeline: Option<&'a mut Timeline>,
    now: Instant,
}

impl Sink for End<'_> {
    fn rtp(&mut self, _: LegKey, packet: &[u8]) {
        black_box(packet);
    }

    fn rtcp(&mut self, _: LegKey, packet: &[u8]) {
        black_box(packet);
    }

    fn tapped(&mut self, _: LegKey, way: Way, frame: Frame<'_>) {
        if let Some(timeline) = &mut self.timeline {
            timeline.handle_frame(way, &frame, self.now);
        }
    }

    fn played(&mut self, _: LegKey, _: PlayKey, _: u64, _: bool) {}
}

impl Way1 {
    fn new(agent: Codec, is_recorded: bool, now: Instant) -> Self {
        let mut session = Session::new(WallClock {
            read_at: now,
            unix_us: 0,
        });
        let mut rng = StdRng::seed_from_u64(1);
        for (key, codec) in [(CALLER, Codec::Pcma), (AGENT, agent)] {
            session.add_leg(key, &mut rng);
            session.connect(key, stream(codec), now);
        }
        session.bridge(CALLER, AGENT);
        session.tap(CALLER, is_recorded);
        let datagram = Packet {
            marker: false,
            payload_type: 8,
            sequence: 0,
            timestamp: 0,
            ssrc: 7,
            payload: &[0xD5; 160],
        }
        .to_bytes();
        Self {
            session,
            timeline: is_recorded.then(|| Timeline::new(now)),
            datagram,
            sequence: 0,
            now,
        }
    }

    fn next(&mut self, frames: &mut Vec<Stereo>) {
        self.sequence = self.sequence.wrapping_add(1);
        self.now += PACKET;
        let timestamp = u32::from(self.sequence) * 160;
        self.datagram[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        self.datagram[4..8].copy_from_slice(&timestamp.to_be_bytes());
        let mut end = End {
            timeline: self.timeline.as_mut(),
            now: self.now,
        };
        let datagram = black_box(&self.datagram);
        self.session
            .handle_rtp(CALLER, datagram, remote(), self.now, &mut end);
        if self.sequence.is_multiple_of(PACKETS_A_WRITE)
            && let Some(timeline) = &mut self.timeline
        {
            frames.clear();
            timeline.drain(self.now, frames);
            black_box(frames.len());
        }
    }
}

fn remote() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 9], 4000))
}

fn stream(codec: Codec) -> Stream {
    Stream {
        remote: remote(),
        remote_rtcp: remote(),
        codec,
        send_pt: codec.static_payload_type(),
        receive_pt: codec.static_payload_type(),
        send_event_pt: Some(101),
        receive_event_pt: Some(101),
        direction: Direction::SendRecv,
        ptime_ms: 20,
        srtp: None,
    }
}

fn packets(criterion: &mut Criterion, name: &str, agent: Codec, is_recorded: bool) {
    let mut group = criterion.benchmark_group(format!("media_path/{name}"));
    group.throughput(Throughput::Elements(1));
    for count in STREAMS {
        let start = Instant::now();
        let mut ways: Vec<_> = (0..count)
            .map(|_| Way1::new(agent, is_recorded, start))
            .collect();
        let mut frames = Vec::new();
        let mut rounds = || {
            for _ in 0..ROUNDS {
                for way in &mut ways {
                    way.next(&mut frames);
                }
            }
        };
        rounds();
        let allocations = allocation_counter::measure(rounds).count_total;
        let packets = count as u64 * u64::from(ROUNDS);
        println!("{name}, {count} streams: {allocations} allocations in {packets} packets");
        let mut next = 0;
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| {
                ways[next].next(&mut frames);
                next = (next + 1) % count;
            });
        });
        let figures = ways[0].session.figures(AGENT).expect("the leg");
        assert!(figures.sent > 0, "nothing was relayed");
    }
    group.finish();
}

fn media_path(criterion: &mut Criterion) {
    packets(criterion, "relayed", Codec::Pcma, false);
    packets(criterion, "transcoded", Codec::Pcmu, false);
    packets(criterion, "recorded", Codec::Pcma, true);
}

criterion_group!(benches, media_path);
criterion_main!(benches);
