//! Encrypted legs through the media plane, with real sockets on loopback.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use uuid::Uuid;

use super::*;
use crate::call::media::{MediaCommand, MediaEvent, MediaLeg};
use crate::clock::Clock;
use crate::id::CallId;
use crate::net::{MediaPlane, MediaSettings, Patience, RecordingSettings, Report};
use crate::recording::PromptLibrary;
use crate::sdp::{Codec, Direction, Stream};

const CALLER: MediaLeg = MediaLeg(1);
const AGENT: MediaLeg = MediaLeg(2);
const COLLEAGUE: MediaLeg = MediaLeg(3);
const PATIENCE: Duration = Duration::from_secs(20);

fn call(number: u64) -> CallId {
    CallId(Uuid::from_u64_pair(8, number))
}

struct Bench {
    plane: MediaPlane,
    reports: Receiver<MediaEvent>,
    local: IpAddr,
}

impl Bench {
    fn start(local: &str, folder: &Path) -> Self {
        let (sender, reports) = sync_channel(1_000);
        let settings = MediaSettings {
            tos: 0,
            ports: 42_000..=42_999,
            recording: RecordingSettings::new(folder.to_owned()),
            prompts: PromptLibrary::default(),
            patience: Patience::default(),
            seed: 5,
            threads: NonZeroUsize::new(2).unwrap(),
            calls_a_thread: 1,
            is_pinned: false,
        };
        let report: Report = Arc::new(move |event| sender.try_send(event).unwrap());
        Self {
            plane: MediaPlane::start(&settings, &report).unwrap(),
            reports,
            local: local.parse().unwrap(),
        }
    }

    fn send(&self, command: MediaCommand) {
        let mut commands = [command].into();
        self.plane.handle().send(&mut commands).unwrap();
    }

    /// A leg and its peer, who have keys if a `lot` is given.
    fn open(&self, call: CallId, leg: MediaLeg, lot: Option<u64>) -> Peer {
        let local = self.local;
        self.send(MediaCommand::Open { call, leg, local });
        let address = loop {
            if let MediaEvent::Opened { address, .. } = self.reports.recv_timeout(PATIENCE).unwrap()
            {
                break address;
            }
        };
        let mut peer = Peer::new(local, address);
        self.key(leg, &mut peer, lot);
        peer
    }

    /// Tells both of new keys.
    fn key(&self, leg: MediaLeg, peer: &mut Peer, lot: Option<u64>) {
        let suite = SrtpSuite::AesCm128HmacSha1_80;
        let keys = lot.map(|lot| {
            let mut rng = StdRng::seed_from_u64(lot);
            let send = MasterKey::mint(suite, &mut rng);
            let receive = MasterKey::mint(suite, &mut rng);
            SrtpKeys {
                suite,
                send,
                receive,
            }
        });
        let theirs = keys.as_ref().map(|keys| SrtpKeys {
            suite,
            send: keys.receive.clone(),
            receive: keys.send.clone(),
        });
        peer.srtp.set(0, theirs.as_ref());
        let stream = peer.stream(keys);
        self.send(MediaCommand::Connect { leg, stream });
    }
}

/// A phone.
struct Peer {
    socket: UdpSocket,
    to: SocketAddr,
    srtp: SrtpLegs,
    sequence: u16,
}

impl Peer {
    fn new(local: IpAddr, to: SocketAddr) -> Self {
        let socket = UdpSocket::bind((local, 0)).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_millis(5)))
            .unwrap();
        Self {
            socket,
            to,
            srtp: SrtpLegs::default(),
            sequence: 0,
        }
    }

    fn stream(&self, keys: Option<SrtpKeys>) -> Stream {
        let remote = self.socket.local_addr().unwrap();
        Stream {
            remote,
            remote_rtcp: SocketAddr::new(remote.ip(), 9),
            codec: Codec::Pcma,
            send_pt: 8,
            receive_pt: 8,
            send_event_pt: None,
            receive_event_pt: None,
            direction: Direction::SendRecv,
            ptime_ms: 20,
            srtp: keys.map(Arc::new),
        }
    }

    fn speak(&mut self, octet: u8) {
        self.sequence += 1;
        let packet = crate::media::rtp::Packet {
            marker: false,
            payload_type: 8,
            sequence: self.sequence,
            timestamp: u32::from(self.sequence) * 160,
            ssrc: 77,
            payload: &[octet; 160],
        };
        let packet = packet.to_bytes();
        let sealed = self.srtp.seal(0, Half::Rtp, &packet).unwrap();
        self.socket.send_to(&sealed, self.to).unwrap();
    }

    /// The payload's octet of the next packet that can be read, if one comes soon.
    fn hears(&mut self) -> Option<u8> {
        let mut buffer = [0; 2048];
        let (length, _) = self.socket.recv_from(&mut buffer).ok()?;
        let opened = self.srtp.open(0, Half::Rtp, &buffer[..length])?;
        opened.get(12).copied()
    }
}

/// Speaks until the other hears it.
fn hear_each_other(a: &mut Peer, b: &mut Peer) {
    for (from, to, octet) in [(0, 1, 0x11), (1, 0, 0x22)] {
        let ends = [&mut *a, &mut *b];
        let deadline = Clock.now() + PATIENCE;
        loop {
            ends[from].speak(octet);
            if ends[to].hears() == Some(octet) {
                break;
            }
            assert!(Clock.now() < deadline, "{octet:#x} is not heard");
        }
    }
}

/// An encrypted leg and one in clear; then new keys in mid-call; then the leg goes on in another
/// call, as in an attended transfer, with an encrypted colleague: its counters go with it.
#[test]
fn an_encrypted_leg_is_rekeyed_and_adopted_by_another_call() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start("127.0.0.58", folder.path());
    let mut caller = bench.open(call(1), CALLER, Some(1));
    let mut agent = bench.open(call(1), AGENT, None);
    bench.send(MediaCommand::Bridge {
        a: CALLER,
        b: AGENT,
    });
    hear_each_other(&mut caller, &mut agent);
    bench.key(CALLER, &mut caller, Some(2));
    hear_each_other(&mut caller, &mut agent);

    let mut colleague = bench.open(call(2), COLLEAGUE, Some(3));
    let (a, b) = (CALLER, COLLEAGUE);
    bench.send(MediaCommand::Adopt {
        call: call(2),
        leg: a,
    });
    bench.send(MediaCommand::Bridge { a, b });
    hear_each_other(&mut caller, &mut colleague);

    bench.send(MediaCommand::Close { leg: CALLER });
    bench.send(MediaCommand::Close { leg: AGENT });
    let mut closed = Vec::new();
    while closed.len() < 2 {
        if let MediaEvent::Closed { leg, quality } = bench.reports.recv_timeout(PATIENCE).unwrap() {
            closed.push((leg, quality.srtp_dropped.is_some()));
        }
    }
    closed.sort_unstable(); // they are legs of two threads
    assert_eq!(closed, [(CALLER, true), (AGENT, false)]);
}
