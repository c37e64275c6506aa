//! Keys: those that a peer presses, and those that we press for it on the other side.

use std::time::Instant;

use super::{LegKey, Notice, Session, Sink, frame};
use crate::media::dialling::{self, Dialling, Step};
use crate::media::dtmf::{EVENT_BYTES, Key};
use crate::media::g711;
use crate::media::leg::Leg;
use crate::media::relay::Numbers;
use crate::media::rtp::{HEADER_BYTES, Packet};
use crate::media::ticks;

/// The longest packet of our own: 60 ms.
pub(super) const MOST_SAMPLES: usize = 480;

impl Session {
    /// Presses a key towards a leg's peer, after those that are being pressed. What it hears
    /// otherwise waits.
    pub fn press(&mut self, key: LegKey, digit: char, held_ms: u32, now: Instant) {
        if let Some(leg) = self.leg(key).filter(|leg| leg.stream.is_some()) {
            let mut dialling = leg.dialling.take().unwrap_or_else(|| Dialling::new(now));
            dialling.press(digit, held_ms);
            leg.dialling = Some(dialling).filter(|it| !it.is_over());
        }
    }

    /// A peer has pressed a key. Whom it talks with is sent the event by the relay, or, where it
    /// takes none, the tones.
    pub(super) fn pressed(
        &mut self,
        key: LegKey,
        pressed: Key,
        now: Instant,
        sink: &mut impl Sink,
    ) {
        sink.noticed(key, Notice::Key(pressed));
        let partner = self.leg(key).and_then(|leg| leg.partner);
        let partner = partner.filter(|partner| *partner != key);
        let Some(partner) = partner.and_then(|key| self.leg(key)) else {
            return;
        };
        let stream = partner.stream.as_ref();
        if stream.is_some_and(|stream| stream.send_event_pt.is_none()) && partner.playing.is_none()
        {
            let partner = partner.key;
            self.press(partner, pressed.digit, pressed.held_ms, now);
            self.is_hurried = true;
        }
    }
}

/// Sends the packets of keys that are due.
pub(super) fn dial_due(leg: &mut Leg, now: Instant, buffer: &mut [u8], sink: &mut impl Sink) {
    let samples = ticks::samples(leg.packet());
    while let Some(dialling) = leg.dialling.as_mut().filter(|it| it.due <= now) {
        let takes_events = leg
            .stream
            .as_ref()
            .is_some_and(|it| it.send_event_pt.is_some());
        let begun = dialling.begun.take();
        let step = dialling.next(takes_events, samples, now);
        match step {
            Some(Step::Event { said, is_last }) => {
                let numbers = match begun {
                    None => leg.outgoing.first_of_event(now),
                    Some((_, timestamp)) => leg.outgoing.next_of_event(timestamp),
                };
                let at = begun.map_or(now, |(at, _)| at);
                send(leg, numbers, &said.to_bytes(), at, buffer, sink);
                if let Some(dialling) = &mut leg.dialling {
                    dialling.begun = Some((at, numbers.timestamp)).filter(|_| !is_last);
                }
                if is_last {
                    leg.outgoing.end_source();
                }
            }
            Some(Step::Tone { digit, from }) => send_tone(leg, digit, from, now, buffer, sink),
            None => {}
        }
        if leg.dialling.as_ref().is_some_and(Dialling::is_over) {
            leg.dialling = None;
            if let Some(playing) = &mut leg.playing {
                playing.resume(now);
            }
        }
    }
}

fn send_tone(
    leg: &mut Leg,
    digit: char,
    from: u64,
    now: Instant,
    buffer: &mut [u8],
    sink: &mut impl Sink,
) {
    let Some(codec) = leg.stream.as_ref().map(|stream| stream.codec) else {
        return;
    };
    let length = usize::try_from(ticks::samples(leg.packet())).unwrap_or(0);
    let mut samples = [0; MOST_SAMPLES];
    let mut octets = [0; MOST_SAMPLES];
    let length = length.min(MOST_SAMPLES);
    dialling::tones(digit, from, &mut samples[..length]);
    for (octet, sample) in octets.iter_mut().zip(samples) {
        *octet = g711::encode(codec, sample);
    }
    let numbers = leg.outgoing.next_played(now);
    send(leg, numbers, &octets[..length], now, buffer, sink);
}

/// Sends an event, or audio: what is longer than an event. The recording has audio as it went out,
/// and silence for an event.
pub(super) fn send(
    leg: &mut Leg,
    numbers: Numbers,
    payload: &[u8],
    began: Instant,
    buffer: &mut [u8],
    sink: &mut impl Sink,
) {
    let is_event = payload.len() == EVENT_BYTES;
    let Some(stream) = leg.sendable() else {
        return;
    };
    let (codec, payload_type) = match stream.send_event_pt.filter(|_| is_event) {
        Some(event) => (stream.codec, event),
        None => (stream.codec, stream.send_pt),
    };
    let packet = Packet {
        marker: numbers.marker,
        payload_type,
        sequence: numbers.sequence,
        timestamp: numbers.timestamp,
        ssrc: leg.outgoing.ssrc(),
        payload: &[],
    };
    let Some(out) = buffer.get_mut(..HEADER_BYTES + payload.len()) else {
        return;
    };
    packet.write_header(out);
    out[HEADER_BYTES..].copy_from_slice(payload);
    if leg.is_tapped {
        let audio = if is_event { &[] } else { payload };
        sink.tapped(leg.key, super::Way::Sent, frame(&packet, codec, audio));
    }
    sink.rtp(leg.key, out);
    let samples = match payload {
        [_, _, high, low] => u64::from(u16::from_be_bytes([*high, *low])),
        audio => audio.len() as u64,
    };
    leg.outgoing
        .note_sent(numbers, payload.len(), samples, began);
}
