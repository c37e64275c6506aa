//! One leg's media: its negotiated stream, what arrives on it, what it is sent, and its reports.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rand::Rng;

use super::latch::{Aim, Latch};
use super::play::Playing;
use super::receiver::Receiver;
use super::relay::Outgoing;
use super::rtcp::{self, ReceptionBlock, SenderInfo, Statement, WallClock};
use super::rtp::Packet;
use super::session::LegKey;
use super::ticks;
use crate::sdp::{Codec, MediaSource, Stream};

/// A leg's counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// RTP packets received from the peer.
    pub received: u64,
    /// RTP packets sent to the peer.
    pub sent: u64,
    /// Packets of the peer's that never came (RFC 3550 A.3).
    pub lost: u64,
    /// Interarrival jitter in microseconds (RFC 3550 A.8).
    pub jitter_us: u64,
    /// Datagrams from somebody else, dropped.
    pub foreign: u64,
    /// Datagrams that are not RTP or whose payload type was not agreed on, dropped.
    pub malformed: u64,
    /// Round-trip time by the peer's last report, in microseconds.
    pub round_trip_us: Option<u64>,
    /// Packets of ours that the peer says never came.
    pub lost_at_peer: u64,
}

/// What a received payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Audio(Codec),
    Event,
}

#[derive(Debug)]
pub(super) struct Leg {
    pub(super) key: LegKey,
    pub(super) stream: Option<Stream>,
    /// From where its packets may come.
    pub(super) rule: MediaSource,
    pub(super) latch: Option<Latch>,
    pub(super) partner: Option<LegKey>,
    pub(super) receiver: Receiver,
    pub(super) outgoing: Outgoing,
    pub(super) playing: Option<Playing>,
    pub(super) is_tapped: bool,
    pub(super) foreign: u64,
    pub(super) malformed: u64,
    /// When the next RTCP report is due.
    pub(super) report_due: Option<Instant>,
    reported_packets: u64,
    /// The peer's last sender report: its compact NTP time, and when it came.
    last_sender_report: Option<(u32, Instant)>,
    round_trip: Option<Duration>,
    lost_at_peer: u64,
    cname: String,
}

impl Leg {
    /// A new leg; SSRC, first sequence number, first timestamp and CNAME are random
    /// (RFC 3550 §5.1, §8; RFC 7022). The first number is of the lower half: a peer that misses the
    /// first packets must not miss the first turn of the SRTP counter (RFC 3711 §3.3.1).
    pub(super) fn new(key: LegKey, rng: &mut impl Rng) -> Self {
        let mut sequence = [0; 2];
        rng.fill_bytes(&mut sequence);
        let first = u16::from_le_bytes(sequence) >> 1;
        Self {
            key,
            stream: None,
            rule: MediaSource::default(),
            latch: None,
            partner: None,
            receiver: Receiver::default(),
            outgoing: Outgoing::new(rng.next_u32(), first, rng.next_u32()),
            playing: None,
            is_tapped: false,
            foreign: 0,
            malformed: 0,
            report_due: None,
            reported_packets: 0,
            last_sender_report: None,
            round_trip: None,
            lost_at_peer: 0,
            cname: format!("{:016x}", rng.next_u64()),
        }
    }

    pub(super) fn figures(&self) -> Figures {
        Figures {
            received: self.receiver.received(),
            sent: self.outgoing.packets(),
            lost: self.receiver.lost(),
            jitter_us: self.receiver.jitter_us(),
            foreign: self.foreign,
            malformed: self.malformed,
            round_trip_us: self
                .round_trip
                .map(|trip| u64::try_from(trip.as_micros()).unwrap_or(u64::MAX)),
            lost_at_peer: self.lost_at_peer,
        }
    }

    /// The stream, if it lets us send and we know where to.
    pub(super) fn sendable(&self) -> Option<&Stream> {
        let is_aimed = self.aim().send.is_some();
        let stream = self.stream.as_ref();
        stream.filter(|stream| stream.direction.sends() && is_aimed)
    }

    /// Where its sockets point.
    pub(super) fn aim(&self) -> Aim {
        self.latch.as_ref().map(Latch::aim).unwrap_or_default()
    }

    /// Takes a description of the peer.
    pub(super) fn connect(&mut self, stream: Stream, now: Instant) {
        let latch = self.latch.take();
        let latch = latch.filter(|latch| latch.fits(&self.rule, &stream));
        self.latch = latch.or_else(|| Some(Latch::new(self.rule.clone(), &stream, now)));
        self.stream = Some(stream);
    }

    /// The stream, and whether a datagram from there could be its peer's; counted if it cannot.
    pub(super) fn stream_from(&mut self, source: SocketAddr, now: Instant) -> Option<Stream> {
        let latch = self.latch.as_ref();
        if latch.is_some_and(|latch| latch.may_hear(source, now)) {
            return self.stream.clone();
        }
        self.foreign += 1;
        None
    }

    /// Whether a packet is the peer's; counted if it is not.
    pub(super) fn hears(&mut self, packet: &Packet<'_>, source: SocketAddr, now: Instant) -> bool {
        let latch = self.latch.as_mut();
        let hears = latch.is_some_and(|latch| latch.hears(packet, source, now));
        self.foreign += u64::from(!hears);
        hears
    }

    /// Whether a report is the peer's; counted if it is not.
    pub(super) fn hears_rtcp(&mut self, source: SocketAddr) -> bool {
        let latch = self.latch.as_mut();
        let hears = latch.is_some_and(|latch| latch.hears_rtcp(source));
        self.foreign += u64::from(!hears);
        hears
    }

    /// The length of the packets that we make ourselves.
    pub(super) fn packet(&self) -> Duration {
        let ms = self.stream.as_ref().map_or(20, |s| s.ptime_ms);
        Duration::from_millis(u64::from(ms))
    }

    /// Takes in what the peer reports.
    pub(super) fn handle_report(&mut self, datagram: &[u8], wall: WallClock, now: Instant) {
        for statement in rtcp::statements(datagram) {
            match statement {
                Statement::Sender(info) => {
                    self.last_sender_report = Some((rtcp::compact(info.ntp), now));
                }
                Statement::Block(block) if block.ssrc == self.outgoing.ssrc() => {
                    self.lost_at_peer = u64::from(block.total_lost);
                    self.round_trip = round_trip(&block, wall, now).or(self.round_trip);
                }
                Statement::Block(_) => {}
            }
        }
    }

    /// Our report, if it is due.
    pub(super) fn take_report(&mut self, wall: WallClock, now: Instant) -> Option<Vec<u8>> {
        let due = self.report_due.filter(|due| *due <= now)?;
        self.report_due = Some((due + rtcp::INTERVAL).max(now));
        self.aim().send_rtcp?;
        let has_sent = self.outgoing.packets() > self.reported_packets;
        self.reported_packets = self.outgoing.packets();
        let sender = has_sent.then(|| SenderInfo {
            ssrc: self.outgoing.ssrc(),
            ntp: wall.ntp(now),
            rtp_timestamp: self.outgoing.timestamp_at(now),
            packets: ticks::wrapped(self.outgoing.packets()),
            octets: ticks::wrapped(self.outgoing.octets()),
        });
        let last = self.last_sender_report;
        let block = self.receiver.report().map(|block| ReceptionBlock {
            last_sender_report: last.map_or(0, |(compact, _)| compact),
            delay: last.map_or(0, |(_, at)| sixty_five_thousandths(now, at)),
            ..block
        });
        Some(rtcp::report(
            self.outgoing.ssrc(),
            sender,
            block,
            &self.cname,
        ))
    }
}

/// What the payload type stands for. A static type that the peer uses although the other law
/// was agreed on is still understood: it can mean one thing only.
pub(super) fn kind(stream: &Stream, payload_type: u8) -> Option<Kind> {
    if payload_type == stream.receive_pt {
        return Some(Kind::Audio(stream.codec));
    }
    if Some(payload_type) == stream.receive_event_pt {
        return Some(Kind::Event);
    }
    Codec::of_static_payload_type(payload_type).map(Kind::Audio)
}

/// RFC 3550 §6.4.1, figure 2: now - LSR - DLSR.
fn round_trip(block: &ReceptionBlock, wall: WallClock, now: Instant) -> Option<Duration> {
    if block.last_sender_report == 0 {
        return None;
    }
    let units = rtcp::compact(wall.ntp(now))
        .wrapping_sub(block.last_sender_report)
        .wrapping_sub(block.delay);
    // Clocks that disagree give a time from the past, which wraps round.
    (units < u32::MAX / 2).then(|| Duration::from_micros(u64::from(units) * 1_000_000 / 65_536))
}

fn sixty_five_thousandths(now: Instant, since: Instant) -> u32 {
    let micros = now.saturating_duration_since(since).as_micros();
    u32::try_from(micros * 65_536 / 1_000_000).unwrap_or(u32::MAX)
}
