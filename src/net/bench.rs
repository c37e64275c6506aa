//! For tests: the media plane, and phones that speak to it over real sockets on loopback.

use std::collections::VecDeque;
use std::f64::consts::TAU;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::watch;

use super::leg_sockets::Half;
use super::srtp::SrtpLegs;
use super::{MediaPlane, MediaSettings, Patience, RecordingSettings, Report};
use crate::call::event::RecordingSummary;
use crate::call::media::{MediaCommand, MediaEvent, MediaLeg};
use crate::clock::Clock;
use crate::id::CallId;
use crate::media::g711;
use crate::media::rtp::{HEADER_BYTES, Packet};
use crate::recording::PromptLibrary;
use crate::sdp::{Codec, Direction, Stream};

/// What comes in milliseconds on an idle machine comes within this.
const DEADLINE: Duration = Duration::from_secs(20);
/// Shorter than usual, so that a test need not wait.
const PATIENCE: Patience = Patience {
    silent: Duration::from_secs(1),
    dead: Some(Duration::from_secs(2)),
};

/// The plane, what it reports, and where it records to.
pub(super) struct Bench {
    pub(super) plane: MediaPlane,
    pub(super) reports: Receiver<MediaEvent>,
    pub(super) folder: TempDir,
    local: IpAddr,
}

impl Bench {
    /// Each test has an address of its own, so that ports never clash.
    pub(super) fn start(local: &str) -> Self {
        Self::failing(local, |_| false)
    }

    /// The same, with a program that fails in the step in which it has such news.
    pub(super) fn failing(local: &str, fails: fn(&MediaEvent) -> bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (sender, reports) = sync_channel(10_000);
        let settings = MediaSettings {
            tos: 0xB8,
            ports: 42_000..=42_999,
            recording: RecordingSettings::new(folder.path().to_owned()),
            prompts: watch::channel(PromptLibrary::default()).1,
            patience: PATIENCE,
            seed: 3,
            threads: NonZeroUsize::new(2).unwrap(),
            calls_a_thread: 1,
            is_pinned: false,
        };
        let report: Report = Arc::new(move |event| {
            assert!(!fails(&event), "a fault");
            sender.try_send(event).unwrap();
        });
        Self {
            plane: MediaPlane::start(&settings, &report).unwrap(),
            reports,
            folder,
            local: local.parse().unwrap(),
        }
    }

    pub(super) fn send(&self, command: MediaCommand) {
        let mut commands = VecDeque::from([command]);
        self.plane.handle().send(&mut commands).unwrap();
        assert!(commands.is_empty(), "there is room");
    }

    /// The next report.
    pub(super) fn report(&self) -> MediaEvent {
        self.reports.recv_timeout(DEADLINE).unwrap()
    }

    /// Opens a leg for a phone of its own, which nobody has told of it yet.
    pub(super) fn open(&self, call: CallId, leg: MediaLeg) -> Phone {
        let local = self.local;
        self.send(MediaCommand::Open { call, leg, local });
        loop {
            if let MediaEvent::Opened {
                leg: opened,
                address,
            } = self.report()
            {
                assert_eq!((opened, address.ip()), (leg, local));
                return Phone::new(local, address);
            }
        }
    }

    /// Opens a leg, and tells it of its phone.
    pub(super) fn connect(&self, call: CallId, leg: MediaLeg) -> Phone {
        let phone = self.open(call, leg);
        let stream = phone.stream();
        self.send(MediaCommand::Connect { leg, stream });
        phone
    }

    /// The recording, once it is sealed; what else is told meanwhile is of no interest.
    pub(super) fn sealed(&self) -> RecordingSummary {
        loop {
            if let MediaEvent::RecordingSealed { recording, .. } = self.report() {
                return recording;
            }
        }
    }
}

/// A phone: one socket, keys if it is given any, and numbers of its own.
pub(super) struct Phone {
    socket: UdpSocket,
    pub(super) to: SocketAddr,
    pub(super) srtp: SrtpLegs,
    sequence: u16,
}

impl Phone {
    pub(super) fn new(local: IpAddr, to: SocketAddr) -> Self {
        let socket = UdpSocket::bind((local, 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self {
            socket,
            to,
            srtp: SrtpLegs::default(),
            sequence: 0,
        }
    }

    pub(super) fn stream(&self) -> Stream {
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
            srtp: None,
        }
    }

    /// Sends the next 20 ms of a tone.
    pub(super) fn speak(&mut self, hertz: f64) {
        let first = u32::from(self.sequence) * 160;
        let payload: Vec<_> = (first..first + 160)
            .map(|n| {
                let angle = TAU * hertz * f64::from(n) / 8000.0;
                #[expect(clippy::cast_possible_truncation, reason = "well within 16 bits")]
                let sample = (8000.0 * angle.sin()) as i16;
                g711::encode(Codec::Pcma, sample)
            })
            .collect();
        self.say(&payload);
    }

    /// Sends the next 20 ms.
    pub(super) fn say(&mut self, payload: &[u8]) {
        let packet = Packet {
            marker: self.sequence == 0,
            payload_type: 8,
            sequence: self.sequence,
            timestamp: u32::from(self.sequence) * 160,
            ssrc: 5,
            payload,
        };
        let packet = packet.to_bytes();
        let sealed = self.srtp.seal(0, Half::Rtp, &packet).unwrap();
        self.socket.send_to(&sealed, self.to).unwrap();
        self.sequence += 1;
    }

    /// The payloads that have come since it was asked last, of packets that it can read.
    pub(super) fn take(&mut self) -> Vec<Vec<u8>> {
        let mut buffer = [0; 2048];
        let mut payloads = Vec::new();
        while let Ok((length, _)) = self.socket.recv_from(&mut buffer) {
            let opened = self.srtp.open(0, Half::Rtp, &buffer[..length]);
            payloads.extend(opened.map(|packet| packet[HEADER_BYTES..].to_vec()));
        }
        payloads
    }

    /// The same, as samples in a row.
    pub(super) fn take_samples(&mut self) -> Vec<i16> {
        let octets = self.take().concat().into_iter();
        octets
            .map(|octet| g711::decode(Codec::Pcma, octet))
            .collect()
    }

    /// How many packets have come since it was asked last.
    pub(super) fn heard(&mut self) -> usize {
        self.take().len()
    }

    /// How many packets have come once `count` of them have; fewer only if they never come.
    pub(super) fn hears(&mut self, count: usize) -> usize {
        let deadline = Clock.now() + DEADLINE;
        let mut heard = self.heard();
        while heard < count && Clock.now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
            heard += self.heard();
        }
        heard
    }
}
