//! Whose packets a leg hears, and where it sends: the rule of [`MediaSource`], as it goes.
//!
//! Where the rule leaves a choice, the source is fixed by the first packet from the very address
//! that the description names (behind a NAT: from the port), or by five packets of one stream in a
//! row from another one that the rule allows; of those five, nothing is heard. Once it is fixed,
//! nobody else is heard; only the address that the description names may still take its place, in
//! the first five seconds, and only then is the kernel told to drop everybody else.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::rtp::Packet;
use crate::sdp::{MediaSource, Stream};

/// So long a source may be learnt.
const OPEN_FOR: Duration = Duration::from_secs(5);
/// Packets in a row, before a source that the description does not name is believed: 100 ms.
const IN_A_ROW: u8 = 5;
/// A phone behind a NAT gets this long to speak from the port that it names, while somebody at its
/// address speaks from another.
const GRACE: Duration = Duration::from_millis(300);
/// Sources that may be on their way to be believed at once.
const CANDIDATES: usize = 4;

/// Where a leg's sockets are to be connected, so that the kernel drops what others send, and where
/// they send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aim {
    /// Where RTP comes from, once that is fixed.
    pub hear: Option<SocketAddr>,
    /// Where RTP goes, once that is known.
    pub send: Option<SocketAddr>,
    /// Where RTCP comes from, once that is fixed.
    pub hear_rtcp: Option<SocketAddr>,
    /// Where RTCP goes, once that is known.
    pub send_rtcp: Option<SocketAddr>,
}

#[derive(Debug)]
pub(super) struct Latch {
    rule: MediaSource,
    remote: SocketAddr,
    remote_rtcp: SocketAddr,
    opened_at: Instant,
    fixed: Option<SocketAddr>,
    fixed_rtcp: Option<SocketAddr>,
    /// The time to learn is over.
    is_closed: bool,
    candidates: Vec<Candidate>,
}

#[derive(Debug)]
struct Candidate {
    since: Instant,
    source: SocketAddr,
    ssrc: u32,
    next: u16,
    in_a_row: u8,
}

impl Latch {
    pub(super) fn new(rule: MediaSource, stream: &Stream, now: Instant) -> Self {
        let mut latch = Self {
            rule,
            remote: stream.remote,
            remote_rtcp: stream.remote_rtcp,
            opened_at: now,
            fixed: None,
            fixed_rtcp: None,
            is_closed: false,
            candidates: Vec::new(),
        };
        let is_known = !stream.remote.ip().is_unspecified();
        if latch.rule == MediaSource::Strict && is_known {
            latch.fix(stream.remote);
        }
        latch
    }

    /// Whether this latch is for the same rule and the same description of the peer.
    pub(super) fn fits(&self, rule: &MediaSource, stream: &Stream) -> bool {
        let described = (self.remote, self.remote_rtcp);
        self.rule == *rule && described == (stream.remote, stream.remote_rtcp)
    }

    /// Whether a packet from there could be heard; before it is read.
    pub(super) fn may_hear(&self, source: SocketAddr, now: Instant) -> bool {
        self.fixed == Some(source) || self.is_open(now) && self.allows(source.ip())
    }

    /// Whether a packet is heard.
    pub(super) fn hears(&mut self, packet: &Packet<'_>, source: SocketAddr, now: Instant) -> bool {
        self.is_closed = !self.is_open(now);
        if self.fixed == Some(source) {
            return true;
        }
        if !self.may_hear(source, now) {
            return false;
        }
        if self.is_named(source) {
            self.fix(source);
            return true;
        }
        if self.fixed.is_none() && self.has_proved(packet, source, now) {
            self.fix(source);
            return true;
        }
        false
    }

    /// Whether a report is heard: it comes from the peer's own address for it, or, where that is
    /// not known, from where its RTP comes from.
    pub(super) fn hears_rtcp(&mut self, source: SocketAddr) -> bool {
        if self.fixed_rtcp.is_none() && self.fixed.is_some_and(|fixed| fixed.ip() == source.ip()) {
            self.fixed_rtcp = Some(source);
        }
        self.fixed_rtcp == Some(source)
    }

    /// Where the sockets point.
    pub(super) fn aim(&self) -> Aim {
        let (send, send_rtcp) = match self.rule {
            MediaSource::Learnt { .. } => (self.fixed, self.fixed_rtcp),
            MediaSource::Strict | MediaSource::SameIp | MediaSource::Networks(_) => {
                (Some(self.remote), Some(self.remote_rtcp))
            }
        };
        let is_known = |at: &SocketAddr| !at.ip().is_unspecified();
        let is_final = |at: &SocketAddr| self.is_closed || self.is_named(*at);
        Aim {
            hear: self.fixed.filter(is_final),
            send: send.filter(is_known),
            hear_rtcp: self.fixed_rtcp,
            send_rtcp: send_rtcp.filter(is_known),
        }
    }

    /// A phone is learnt in the first seconds only; a gateway, which has its address from the
    /// configuration or the description, whenever it first speaks.
    fn is_open(&self, now: Instant) -> bool {
        let is_young = now.saturating_duration_since(self.opened_at) <= OPEN_FOR;
        match self.rule {
            MediaSource::Strict => false,
            MediaSource::Learnt { .. } => is_young,
            MediaSource::SameIp | MediaSource::Networks(_) => is_young || self.fixed.is_none(),
        }
    }

    /// Whether the description names this source, as far as a NAT lets it.
    fn is_named(&self, source: SocketAddr) -> bool {
        let is_learnt = matches!(self.rule, MediaSource::Learnt { .. });
        source == self.remote || is_learnt && source.port() == self.remote.port()
    }

    fn allows(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        match &self.rule {
            MediaSource::Strict => false,
            MediaSource::SameIp => ip == self.remote.ip().to_canonical(),
            MediaSource::Networks(networks) => networks.iter().any(|net| net.contains(&ip)),
            MediaSource::Learnt { from } => ip == from.to_canonical(),
        }
    }

    fn fix(&mut self, source: SocketAddr) {
        self.fixed = Some(source);
        self.fixed_rtcp = (source == self.remote).then_some(self.remote_rtcp);
        self.candidates.clear();
    }

    /// Counts the packets of a stream that follow one another.
    fn has_proved(&mut self, packet: &Packet<'_>, source: SocketAddr, now: Instant) -> bool {
        let same = |one: &&mut Candidate| one.source == source && one.ssrc == packet.ssrc;
        let next = packet.sequence.wrapping_add(1);
        let is_learnt = matches!(self.rule, MediaSource::Learnt { .. });
        let grace = if is_learnt { GRACE } else { Duration::ZERO };
        if let Some(candidate) = self.candidates.iter_mut().find(same) {
            let follows = candidate.next == packet.sequence;
            candidate.in_a_row = if follows {
                candidate.in_a_row.saturating_add(1)
            } else {
                1
            };
            candidate.next = next;
            let waited = now.saturating_duration_since(candidate.since);
            return candidate.in_a_row >= IN_A_ROW && waited >= grace;
        }
        if self.candidates.len() >= CANDIDATES {
            self.candidates.remove(0);
        }
        self.candidates.push(Candidate {
            since: now,
            source,
            ssrc: packet.ssrc,
            next,
            in_a_row: 1,
        });
        false
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use super::*;
    use crate::sdp::{Codec, Direction};

    const SDP: &str = "192.168.1.5:4000";
    const NAT: &str = "198.51.100.1";

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn stream(remote: &str) -> Stream {
        let remote = at(remote);
        Stream {
            remote,
            remote_rtcp: SocketAddr::new(remote.ip(), remote.port() + 1),
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

    fn packet(ssrc: u32, sequence: u16) -> Packet<'static> {
        Packet {
            marker: false,
            payload_type: 8,
            sequence,
            timestamp: u32::from(sequence) * 160,
            ssrc,
            payload: &[0; 160],
        }
    }

    /// How many of these packets, one each 20 ms, are heard.
    fn heard(latch: &mut Latch, from: &str, ssrc: u32, numbers: &[u16], start: Instant) -> usize {
        let packets = numbers.iter().zip(0..);
        let heard = packets.filter(|(number, n)| {
            let now = start + Duration::from_millis(20) * *n;
            latch.hears(&packet(ssrc, **number), at(from), now)
        });
        heard.count()
    }

    /// 400 ms of a stream.
    fn row() -> Vec<u16> {
        (0..20).map(|n| 65_530_u16.wrapping_add(n)).collect()
    }

    /// Threat: RTP bleed and injection.
    #[test]
    fn strict_hears_the_address_of_the_description_only() {
        let now = Instant::now();
        let mut latch = Latch::new(MediaSource::Strict, &stream(SDP), now);
        for stranger in ["192.168.1.5:4002", "192.168.1.6:4000"] {
            assert_eq!(heard(&mut latch, stranger, 1, &row(), now), 0, "{stranger}");
            assert!(!latch.hears_rtcp(at(stranger)));
        }
        assert_eq!(heard(&mut latch, SDP, 1, &row(), now), 20);
        let aim = latch.aim();
        assert_eq!((aim.hear, aim.send), (Some(at(SDP)), Some(at(SDP))));
        assert!(latch.hears_rtcp(at("192.168.1.5:4001")));
    }

    /// Threat: RTP bleed and injection. A gateway that speaks from another port or another
    /// address: it is sent to where it wants to be, and who comes second is not heard.
    #[test]
    fn an_asymmetric_gateway_is_heard_and_sent_to_where_it_listens() {
        let now = Instant::now();
        let networks = MediaSource::Networks(["203.0.113.0/28".parse().unwrap()].into());
        for (rule, gateway) in [
            (MediaSource::SameIp, "192.168.1.5:4444"),
            (networks, "203.0.113.9:4444"),
        ] {
            let mut latch = Latch::new(rule, &stream(SDP), now);
            assert_eq!(heard(&mut latch, "192.0.2.66:4444", 9, &row(), now), 0);
            let late = now + Duration::from_mins(1);
            assert_eq!(heard(&mut latch, gateway, 1, &row(), late), 16);
            let aim = latch.aim();
            assert_eq!((aim.hear, aim.send), (Some(at(gateway)), Some(at(SDP))));
            let second = gateway.replace("4444", "4446");
            assert_eq!(heard(&mut latch, &second, 2, &row(), late), 0);
        }
    }

    /// Threat: RTP bleed and injection. A phone behind a NAT is learnt from the address of its
    /// signalling, in five seconds, and then kept.
    #[test]
    fn a_phone_behind_a_nat_is_learnt_and_kept() {
        let now = Instant::now();
        let from = NAT.parse().unwrap();
        let mut latch = Latch::new(MediaSource::Learnt { from }, &stream(SDP), now);
        assert_eq!(latch.aim(), Aim::default(), "nothing is sent into the dark");
        assert_eq!(heard(&mut latch, "192.0.2.66:7000", 9, &row(), now), 0);
        let phone = "198.51.100.1:61000";
        assert_eq!(heard(&mut latch, phone, 1, &row(), now), 5);
        let aim = latch.aim();
        assert_eq!(
            (aim.send, aim.hear),
            (Some(at(phone)), None),
            "it may yet give way"
        );
        assert_eq!(heard(&mut latch, "198.51.100.1:7000", 2, &row(), now), 0);
        assert!(latch.hears_rtcp(at("198.51.100.1:61001")));
        assert!(!latch.hears_rtcp(at("198.51.100.1:7001")));
        let later = now + Duration::from_secs(6);
        assert_eq!(heard(&mut latch, phone, 1, &[14, 15], later), 2);
        assert_eq!(latch.aim().hear, Some(at(phone)));
        assert_eq!(heard(&mut latch, "198.51.100.1:4000", 2, &row(), later), 0);
    }

    /// Threat: RTP bleed and injection. Who sprays from the phone's own address is believed late
    /// and only if his packets follow one another, and gives way to the port that the phone names.
    #[test]
    fn a_sprayer_behind_the_same_nat_gives_way() {
        let now = Instant::now();
        let from = NAT.parse().unwrap();
        let (phone, sprayer) = ("198.51.100.1:4000", "198.51.100.1:7000");
        let mut latch = Latch::new(MediaSource::Learnt { from }, &stream(SDP), now);
        let wild: Vec<_> = row().into_iter().rev().collect();
        assert_eq!(heard(&mut latch, sprayer, 9, &wild, now), 0);
        assert_eq!(heard(&mut latch, sprayer, 8, &row()[..15], now), 0);
        assert_eq!(heard(&mut latch, phone, 1, &row(), now), 20);
        assert_eq!(heard(&mut latch, sprayer, 8, &row()[15..], now), 0);

        let mut latch = Latch::new(MediaSource::Learnt { from }, &stream(SDP), now);
        assert_eq!(heard(&mut latch, sprayer, 8, &row(), now), 5);
        assert_eq!(heard(&mut latch, phone, 1, &row(), now), 20);
        assert_eq!(latch.aim().send, Some(at(phone)));
    }

    #[test]
    fn after_five_seconds_nobody_is_learnt() {
        let now = Instant::now();
        let from = NAT.parse().unwrap();
        let mut latch = Latch::new(MediaSource::Learnt { from }, &stream(SDP), now);
        let late = now + Duration::from_millis(5_001);
        assert_eq!(heard(&mut latch, "198.51.100.1:61000", 1, &row(), late), 0);
    }
}
