//! One call's media: its legs, who hears whom, what is played, and the reports.
//!
//! A leg hears one continuous RTP stream, whatever its source: its partner, a prompt, a tone,
//! or another partner after a transfer. Payload passes untouched when both legs speak the same
//! law. Outputs go straight into a [`Sink`], from a buffer on the stack, which is warm for every packet:
//! this is the one machine of the core that runs hundreds of times a second for each call.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use rand::Rng;

use super::dtmf::Key;
use super::hearing::Patience;
use super::latch::Aim;
use super::leg::{self, Figures, Kind, Leg};
use super::play::{Playing, Source};
use super::rtcp::{self, WallClock};
use super::rtp::{HEADER_BYTES, MAX_PACKET_BYTES, Packet};
use super::{g711, hearing, ticks};
use crate::sdp::{Codec, MediaSource, Stream};

mod keys;
mod mixing;
mod presence;

/// A leg, by the number its owner gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegKey(pub u64);

/// A playing, by the number its owner gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlayKey(pub u64);

/// Which way a tapped packet went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// From the peer to us.
    Received,
    /// From us to the peer.
    Sent,
}

/// A packet as a recording sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Whose numbers these are.
    pub ssrc: u32,
    /// RTP sequence number.
    pub sequence: u16,
    /// RTP timestamp.
    pub timestamp: u32,
    /// The law of `audio`.
    pub codec: Codec,
    /// An octet a sample; empty for a telephone-event, which only takes up a number.
    pub audio: &'a [u8],
}

/// Where a session's outputs go.
pub trait Sink {
    /// Send this RTP packet to the leg's peer.
    fn rtp(&mut self, leg: LegKey, packet: &[u8]);
    /// Send this RTCP packet to the leg's peer.
    fn rtcp(&mut self, leg: LegKey, packet: &[u8]);
    /// A packet of a tapped leg.
    fn tapped(&mut self, leg: LegKey, way: Way, frame: Frame<'_>);
    /// A playing ended: how much of it went out, and whether that was all.
    fn played(&mut self, leg: LegKey, play: PlayKey, heard_ms: u64, complete: bool);
    /// Something about a leg's peer that is worth knowing; a sink that only moves packets passes
    /// it over.
    fn noticed(&mut self, _leg: LegKey, _notice: Notice) {}
}

/// What is noticed of a leg's peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Nothing comes, although it should.
    Silent {
        /// Whom the leg talks with is heard all the while.
        one_way: bool,
    },
    /// It is heard again.
    HeardAgain {
        /// How long it was not, in milliseconds.
        silent_ms: u64,
    },
    /// A key was pressed and let go.
    Key(Key),
    /// Nothing is said on a leg that is listened to, whether packets come or not.
    Quiet,
    /// Something is said there.
    Spoke,
    /// Neither RTP nor RTCP of anybody in the session: both ends are gone, or the network is.
    Gone {
        /// Since when, in milliseconds.
        silent_ms: u64,
    },
}

/// A leg on its way from one session to another.
#[derive(Debug)]
pub struct MovingLeg(Leg);

/// One call's media.
#[derive(Debug)]
pub struct Session {
    legs: Vec<Leg>,
    wall: WallClock,
    patience: Patience,
    /// When to look again whether everybody is there, once somebody should be.
    look_due: Option<Instant>,
    /// When it was last told that nobody is.
    told_gone_at: Option<Instant>,
    /// Somebody hears several at once.
    is_mixing: bool,
    /// A packet has made something due that was not before.
    is_hurried: bool,
}

impl Session {
    /// A session without legs. `wall` gives sender reports their wall time.
    pub fn new(wall: WallClock) -> Self {
        Self {
            legs: Vec::new(),
            wall,
            patience: Patience::default(),
            look_due: None,
            told_gone_at: None,
            is_mixing: false,
            is_hurried: false,
        }
    }

    /// How long peers may be silent.
    pub fn be_patient(&mut self, patience: Patience) {
        self.patience = patience;
    }

    /// Adds a leg that has no stream yet.
    pub fn add_leg(&mut self, key: LegKey, rng: &mut impl Rng) {
        self.legs.push(Leg::new(key, rng));
    }

    /// Removes a leg; a playing to it ends.
    pub fn remove_leg(&mut self, key: LegKey, sink: &mut impl Sink) -> Option<Figures> {
        self.unbridge(key);
        self.unmix(key);
        self.stop_play(key, sink);
        let index = self.legs.iter().position(|leg| leg.key == key)?;
        Some(self.legs.remove(index).figures())
    }

    /// Takes a leg out that another session will go on with: its stream to its peer is one.
    pub fn take_leg(&mut self, key: LegKey, sink: &mut impl Sink) -> Option<MovingLeg> {
        self.unbridge(key);
        self.stop_play(key, sink);
        let index = self.legs.iter().position(|leg| leg.key == key)?;
        let mut leg = self.legs.remove(index);
        leg.is_tapped = false;
        leg.mix = None;
        self.unmix(key);
        Some(MovingLeg(leg))
    }

    /// Goes on with a leg of another session, under a number of this one.
    pub fn put_leg(&mut self, leg: MovingLeg, key: LegKey) {
        let MovingLeg(mut leg) = leg;
        leg.key = key;
        self.legs.push(leg);
    }

    /// No legs are left.
    pub fn is_empty(&self) -> bool {
        self.legs.is_empty()
    }

    /// A leg's counts so far.
    pub fn figures(&self, key: LegKey) -> Option<Figures> {
        self.legs
            .iter()
            .find(|leg| leg.key == key)
            .map(Leg::figures)
    }

    /// From where a leg's packets may come, beginning with its next stream; strict without this.
    pub fn hear_from(&mut self, key: LegKey, rule: MediaSource) {
        if let Some(leg) = self.leg(key) {
            leg.rule = rule;
        }
    }

    /// Where a leg's sockets are to point; it changes when a source is learnt.
    pub fn aim(&self, key: LegKey) -> Aim {
        let leg = self.legs.iter().find(|leg| leg.key == key);
        leg.map(Leg::aim).unwrap_or_default()
    }

    /// Sets or replaces a leg's negotiated stream.
    pub fn connect(&mut self, key: LegKey, stream: Stream, now: Instant) {
        let due = self.look_due.unwrap_or(now + hearing::LOOK_EVERY);
        self.look_due = Some(due);
        let Some(leg) = self.leg(key) else {
            return;
        };
        if leg.stream.as_ref() == Some(&stream) {
            return;
        }
        leg.connect(stream, now);
        leg.hearing.expect(false, now);
        leg.report_due.get_or_insert(now + rtcp::INTERVAL);
        if let Some(playing) = &mut leg.playing {
            playing.start(now);
        }
        // Packets may have been withheld until now: neither end shall see that as loss.
        leg.outgoing.end_source();
        let partner = leg.partner;
        if let Some(partner) = partner.and_then(|key| self.leg(key)) {
            partner.outgoing.end_source();
        }
    }

    /// Lets two legs hear each other, and nobody else. A leg may hear itself: the echo test.
    pub fn bridge(&mut self, a: LegKey, b: LegKey) {
        if self.leg(a).is_none() || self.leg(b).is_none() {
            return;
        }
        self.unbridge(a);
        self.unbridge(b);
        for (from, to) in [(a, b), (b, a)] {
            if let Some(leg) = self.leg(from) {
                leg.partner = Some(to);
            }
        }
    }

    /// Takes a leg away from whom it hears.
    pub fn unbridge(&mut self, key: LegKey) {
        let partner = self.leg(key).and_then(|leg| leg.partner.take());
        for key in [Some(key), partner].into_iter().flatten() {
            if let Some(leg) = self.leg(key) {
                leg.partner = None;
                if leg.playing.is_none() {
                    leg.outgoing.end_source();
                }
            }
        }
    }

    /// Plays to a leg instead of what it hears, in place of what is being played. If the leg
    /// has no stream yet, the playing begins when it gets one.
    pub fn play(
        &mut self,
        key: LegKey,
        play: PlayKey,
        source: Source,
        now: Instant,
        sink: &mut impl Sink,
    ) {
        self.stop_play(key, sink);
        if let Some(leg) = self.leg(key) {
            leg.outgoing.end_source();
            let mut playing = Playing::new(play, source);
            if leg.stream.is_some() {
                playing.start(now);
            }
            leg.playing = Some(playing);
        }
    }

    /// Stops what is being played to a leg.
    pub fn stop_play(&mut self, key: LegKey, sink: &mut impl Sink) {
        if let Some(playing) = self.leg(key).and_then(|leg| leg.playing.take()) {
            sink.played(key, playing.key, playing.heard_ms(), playing.is_complete());
        }
    }

    /// Taps a leg: its packets, both ways, go to [`Sink::tapped`] too.
    pub fn tap(&mut self, key: LegKey, is_tapped: bool) {
        if let Some(leg) = self.leg(key) {
            leg.is_tapped = is_tapped;
        }
    }

    /// Takes in a datagram from a leg's RTP socket.
    pub fn handle_rtp(
        &mut self,
        key: LegKey,
        datagram: &[u8],
        source: SocketAddr,
        now: Instant,
        sink: &mut impl Sink,
    ) {
        let Some(leg) = self.legs.iter_mut().find(|leg| leg.key == key) else {
            return;
        };
        let Some(stream) = leg.stream_from(source, now) else {
            return;
        };
        let (direction, codec) = (stream.direction, stream.codec);
        let kind = |packet: &Packet<'_>| leg::kind(&stream, packet.payload_type);
        let parsed = Packet::parse(datagram).map(|packet| (packet, kind(&packet)));
        let Ok((packet, kind)) = parsed else {
            leg.malformed += 1;
            return;
        };
        if !leg.hears(&packet, source, now) {
            return;
        }
        leg.receiver.handle_packet(&packet, now);
        leg.hearing.note_rtp(kind == Some(Kind::Noise), now);
        leg.malformed += u64::from(kind.is_none());
        if !direction.receives() {
            return;
        }
        leg.listens(kind, packet.payload, now);
        if leg.is_tapped {
            let (codec, audio) = match kind {
                Some(Kind::Audio(codec)) => (codec, packet.payload),
                Some(Kind::Event | Kind::Noise) | None => (codec, &[][..]),
            };
            sink.tapped(key, Way::Received, frame(&packet, codec, audio));
        }
        let is_event = kind == Some(Kind::Event);
        let pressed = if is_event {
            leg.keys.hear(&packet, now)
        } else {
            [None; 2]
        };
        let partner = leg.partner;
        for pressed in pressed.into_iter().flatten() {
            self.pressed(key, pressed, now, sink);
        }
        if self.is_mixing {
            self.mix_in(key, &packet, kind, now);
        }
        let Some(partner) = partner else {
            return;
        };
        let partner = self.legs.iter_mut().find(|leg| leg.key == partner);
        if let Some(partner) = partner
            && partner.playing.is_none()
            && partner.dialling.is_none()
            && partner.mix.is_none()
        {
            let mut buffer = [0; MAX_PACKET_BYTES];
            relay(partner, &packet, kind, now, &mut buffer, sink);
        }
    }

    /// Takes in a datagram from a leg's RTCP socket.
    pub fn handle_rtcp(&mut self, key: LegKey, datagram: &[u8], source: SocketAddr, now: Instant) {
        let wall = self.wall;
        let Some(leg) = self.leg(key) else {
            return;
        };
        if leg.hears_rtcp(source) {
            leg.hearing.note_rtcp(now);
            leg.handle_report(datagram, wall, now);
        }
    }

    /// Sends what is due: packets of prompts and tones, and reports.
    pub fn handle_timeout(&mut self, now: Instant, sink: &mut impl Sink) {
        let mut buffer = [0; MAX_PACKET_BYTES];
        for leg in &mut self.legs {
            keys::dial_due(leg, now, &mut buffer, sink);
            mixing::mix_due(leg, now, &mut buffer, sink);
            play_due(leg, now, &mut buffer, sink);
            if let Some(report) = leg.take_report(self.wall, now) {
                sink.rtcp(leg.key, &report);
            }
        }
        self.look_if_due(now, sink);
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let playing = |leg: &Leg| leg.playing.as_ref().and_then(Playing::due);
        let legs = self.legs.iter();
        let dialling = |leg: &Leg| leg.dialling.as_ref().map(|it| it.due);
        let mixing = |leg: &Leg| leg.mix.as_ref().map(|it| it.due);
        legs.flat_map(|leg| {
            let own = dialling(leg).or_else(|| playing(leg));
            [
                own,
                mixing(leg).filter(|_| leg.stream.is_some()),
                leg.report_due,
            ]
        })
        .chain([self.look_due])
        .flatten()
        .min()
    }

    /// Whether a packet since the last question has made something due that was not before, so that
    /// [`poll_timeout`](Self::poll_timeout) is to be asked again: most packets do not.
    pub fn take_hurry(&mut self) -> bool {
        std::mem::take(&mut self.is_hurried)
    }

    fn leg(&mut self, key: LegKey) -> Option<&mut Leg> {
        self.legs.iter_mut().find(|leg| leg.key == key)
    }
}

/// A prompt's audio, shared by all who play it.
impl From<Arc<super::Prompt>> for Source {
    fn from(prompt: Arc<super::Prompt>) -> Self {
        Self::Prompt(prompt)
    }
}

fn frame<'a>(packet: &Packet<'_>, codec: Codec, audio: &'a [u8]) -> Frame<'a> {
    Frame {
        ssrc: packet.ssrc,
        sequence: packet.sequence,
        timestamp: packet.timestamp,
        codec,
        audio,
    }
}

/// Passes a packet on to `to`, in the terms of its stream.
fn relay(
    to: &mut Leg,
    packet: &Packet<'_>,
    kind: Option<Kind>,
    now: Instant,
    buffer: &mut [u8],
    sink: &mut impl Sink,
) {
    let Some(stream) = to.sendable() else {
        return;
    };
    let codec = stream.codec;
    let payload_type = match kind {
        Some(Kind::Audio(_)) => Some(stream.send_pt),
        Some(Kind::Event) => stream.send_event_pt,
        // What a peer was not asked whether it takes is not passed on to it.
        Some(Kind::Noise) | None => None,
    };
    let (Some(payload_type), Some(kind)) = (payload_type, kind) else {
        to.outgoing.skip(packet, now);
        return;
    };
    let Some(numbers) = to.outgoing.map(packet, now) else {
        return;
    };
    let sent = Packet {
        marker: numbers.marker,
        payload_type,
        sequence: numbers.sequence,
        timestamp: numbers.timestamp,
        ssrc: to.outgoing.ssrc(),
        payload: packet.payload,
    };
    let end = HEADER_BYTES + packet.payload.len();
    let Some(out) = buffer.get_mut(..end) else {
        return; // longer than parse() lets through
    };
    let (header, payload) = out.split_at_mut(HEADER_BYTES);
    sent.write_header(header);
    match kind {
        Kind::Audio(law) if law != codec => g711::transcode(packet.payload, law, payload),
        Kind::Audio(_) | Kind::Event | Kind::Noise => payload.copy_from_slice(packet.payload),
    }
    let samples = match kind {
        Kind::Audio(_) => payload.len(),
        Kind::Event | Kind::Noise => 0,
    };
    if to.is_tapped {
        sink.tapped(to.key, Way::Sent, frame(&sent, codec, &payload[..samples]));
    }
    sink.rtp(to.key, out);
    let octets = packet.payload.len();
    to.outgoing.note_sent(numbers, octets, samples as u64, now);
}

/// Sends the packets of a playing that are due, and ends it when it is over.
fn play_due(leg: &mut Leg, now: Instant, buffer: &mut [u8], sink: &mut impl Sink) {
    let packet_length = leg.packet();
    let samples = usize::try_from(ticks::samples(packet_length)).unwrap_or(160);
    let is_aimed = leg.aim().send.is_some();
    if leg.dialling.is_some() {
        return;
    }
    while let Some(playing) = &mut leg.playing {
        if playing.take_due(packet_length, now).is_none() {
            return;
        }
        if playing.is_over() {
            sink.played(
                leg.key,
                playing.key,
                playing.heard_ms(),
                playing.is_complete(),
            );
            leg.playing = None;
            return;
        }
        let Some(stream) = &leg.stream else {
            return;
        };
        let codec = stream.codec;
        let payload_type = stream.send_pt;
        let can_send = stream.direction.sends() && is_aimed;
        let Some(out) = buffer.get_mut(..HEADER_BYTES + samples) else {
            return; // ptime is at most 60 ms
        };
        let (header, payload) = out.split_at_mut(HEADER_BYTES);
        playing.fill(codec, payload);
        if !can_send {
            leg.outgoing.end_source();
            continue;
        }
        playing.note_heard(samples as u64);
        let numbers = leg.outgoing.next_played(now);
        let packet = Packet {
            marker: numbers.marker,
            payload_type,
            sequence: numbers.sequence,
            timestamp: numbers.timestamp,
            ssrc: leg.outgoing.ssrc(),
            payload: &[],
        };
        packet.write_header(header);
        if leg.is_tapped {
            sink.tapped(leg.key, Way::Sent, frame(&packet, codec, payload));
        }
        sink.rtp(leg.key, out);
        leg.outgoing
            .note_sent(numbers, samples, samples as u64, now);
    }
}

#[cfg(test)]
mod tests;
