//! One leg's media: its negotiated stream, what arrives on it, what it is sent, and its reports.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rand::Rng;

use super::dialling::Dialling;
use super::dtmf::Keys;
use super::hearing::Hearing;
use super::latch::{Aim, Latch};
use super::mix::Mix;
use super::play::Playing;
use super::receiver::Receiver;
use super::relay::Outgoing;
use super::rtcp::{self, ReceptionBlock, SenderInfo, Statement, WallClock};
use super::rtp::Packet;
use super::session::LegKey;
use super::speaking::Speaking;
use super::{e_model, ticks};
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
    /// Packets of ours that never came, as the peer's last report has it.
    pub lost_at_peer: Option<u64>,
    /// Interarrival jitter of ours in microseconds, by the same report.
    pub jitter_at_peer_us: Option<u64>,
    /// The law of the stream.
    pub codec: Option<Codec>,
    /// The opinion that the E-model has of what came from the peer, in hundredths.
    pub mos_hundredths: Option<u16>,
    /// The same of what came to the peer, by its report.
    pub mos_at_peer_hundredths: Option<u16>,
    /// How long nothing came from the peer although it should have, in milliseconds.
    pub silent_ms: u64,
}

/// What a received payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Audio(Codec),
    /// A telephone-event (RFC 4733).
    Event,
    /// Comfort noise (RFC 3389): nothing to hear, and no audio until more comes.
    Noise,
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
    pub(super) hearing: Hearing,
    /// Listened to, whether its peer says anything.
    pub(super) speaking: Option<Speaking>,
    pub(super) outgoing: Outgoing,
    pub(super) playing: Option<Playing>,
    /// What it hears of several, instead of its partner.
    pub(super) mix: Option<Mix>,
    /// Keys on their way to the peer.
    pub(super) dialling: Option<Dialling>,
    /// Keys that the peer presses.
    pub(super) keys: Keys,
    pub(super) is_tapped: bool,
    pub(super) foreign: u64,
    pub(super) malformed: u64,
    /// When the next RTCP report is due.
    pub(super) report_due: Option<Instant>,
    reported_packets: u64,
    /// The peer's last sender report: its compact NTP time, and when it came.
    last_sender_report: Option<(u32, Instant)>,
    round_trip: Option<Duration>,
    at_peer: Option<AtPeer>,
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
            hearing: Hearing::default(),
            speaking: None,
            outgoing: Outgoing::new(rng.next_u32(), first, rng.next_u32()),
            playing: None,
            mix: None,
            dialling: None,
            keys: Keys::default(),
            is_tapped: false,
            foreign: 0,
            malformed: 0,
            report_due: None,
            reported_packets: 0,
            last_sender_report: None,
            round_trip: None,
            at_peer: None,
            cname: format!("{:016x}", rng.next_u64()),
        }
    }

    pub(super) fn figures(&self) -> Figures {
        let (received, lost) = (self.receiver.received(), self.receiver.lost());
        let (sent, jitter_us) = (self.outgoing.packets(), self.receiver.jitter_us());
        let round_trip_us = self.round_trip.map(micros);
        let mos = |lost, of, jitter_us| {
            opinion(
                lost,
                of,
                round_trip_us.unwrap_or(0),
                jitter_us,
                self.packet(),
            )
        };
        let at_peer = self.at_peer;
        Figures {
            received,
            sent,
            lost,
            jitter_us,
            foreign: self.foreign,
            malformed: self.malformed,
            round_trip_us,
            lost_at_peer: at_peer.map(|it| it.lost),
            jitter_at_peer_us: at_peer.map(|it| it.jitter_us),
            codec: self.stream.as_ref().map(|stream| stream.codec),
            mos_hundredths: mos(lost, received + lost, jitter_us).filter(|_| received > 0),
            mos_at_peer_hundredths: at_peer.and_then(|it| mos(it.lost, sent, it.jitter_us)),
            silent_ms: u64::try_from(self.hearing.silent().as_millis()).unwrap_or(u64::MAX),
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
                    self.at_peer = Some(AtPeer {
                        lost: u64::from(rtcp::lost(&block)),
                        jitter_us: u64::from(block.jitter) * 1000 / ticks::SAMPLES_PER_MS,
                    });
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
    match payload_type {
        COMFORT_NOISE => Some(Kind::Noise),
        _ => Codec::of_static_payload_type(payload_type).map(Kind::Audio),
    }
}

/// The static payload type of comfort noise at 8 kHz (RFC 3389 §4, RFC 3551 §6); phones send it
/// without having offered it.
const COMFORT_NOISE: u8 = 13;

/// What the peer reports of what we send.
#[derive(Clone, Copy, Debug)]
struct AtPeer {
    lost: u64,
    jitter_us: u64,
}

/// The E-model's opinion of a way on which `lost` of so many packets never came. The delay is half
/// the round trip, a packet, and the buffer of a phone that waits for twice the jitter.
fn opinion(
    lost: u64,
    of: u64,
    round_trip_us: u64,
    jitter_us: u64,
    packet: Duration,
) -> Option<u16> {
    let hundredths = lost.saturating_mul(10_000).checked_div(of)?;
    let loss_percent = f64::from(u32::try_from(hundredths).unwrap_or(u32::MAX)) / 100.0;
    let delay = round_trip_us / 2 + 2 * jitter_us + micros(packet);
    let milliseconds = f64::from(u32::try_from(delay).unwrap_or(u32::MAX)) / 1000.0;
    let score = e_model::opinion(e_model::rating(loss_percent, milliseconds));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an opinion is between 1 and 4.5"
    )]
    let hundredths = (score * 100.0).round() as u16;
    Some(hundredths)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// How coarsely peers count the delay since our last report: 10 ms, in the units of RFC 3550 §6.4.1.
const COARSEST: u32 = 655;

/// RFC 3550 §6.4.1, figure 2: now - LSR - DLSR.
fn round_trip(block: &ReceptionBlock, wall: WallClock, now: Instant) -> Option<Duration> {
    if block.last_sender_report == 0 {
        return None;
    }
    let units = rtcp::compact(wall.ntp(now))
        .wrapping_sub(block.last_sender_report)
        .wrapping_sub(block.delay);
    // A peer that counts milliseconds has answered before it was asked, by a little; clocks that
    // disagree give another time from the past.
    if units.wrapping_neg() <= COARSEST {
        return Some(Duration::ZERO);
    }
    (units < u32::MAX / 2).then(|| Duration::from_micros(u64::from(units) * 1_000_000 / 65_536))
}

fn sixty_five_thousandths(now: Instant, since: Instant) -> u32 {
    let micros = now.saturating_duration_since(since).as_micros();
    u32::try_from(micros * 65_536 / 1_000_000).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use super::*;

    /// RFC 3550 §6.4.1, figure 2. A peer whose clock ticks in milliseconds says that it has waited
    /// for longer than it has.
    #[test]
    fn the_round_trip_is_never_before_the_question() {
        let now = Instant::now();
        let wall = WallClock {
            read_at: now,
            unix_us: 1_700_000_000_000_000,
        };
        let sent = rtcp::compact(wall.ntp(now));
        let heard_at = now + Duration::from_millis(100);
        let trip = |delay_ms: u32| {
            let block = ReceptionBlock {
                ssrc: 1,
                fraction_lost: 0,
                total_lost: 0,
                highest_sequence: 0,
                jitter: 0,
                last_sender_report: sent,
                delay: delay_ms * 65_536 / 1000,
            };
            round_trip(&block, wall, heard_at).map(|trip| trip.as_millis())
        };
        assert!(matches!(trip(60), Some(39 | 40)));
        assert_eq!(trip(102), Some(0));
        assert_eq!(trip(200), None);
    }
}
