//! What a phone says and hears: speech into RTP, RTP into figures. Pure.

use std::sync::Arc;
use std::time::Instant;

use super::keypad::Keypad;
use crate::media::receiver::Receiver;
use crate::media::rtcp::SenderInfo;
use crate::media::rtp::Packet;
use crate::media::{g711, ticks};
use crate::sdp::{Codec, Stream};

/// A frame this loud is voice: mean square of samples, -40 dB below a full-scale sine.
const VOICE_POWER: f64 = FULL_SCALE_POWER * 1e-4;
/// Mean square of a full-scale sine.
const FULL_SCALE_POWER: f64 = 32_767.0 * 32_767.0 / 2.0;
/// The pause before a phone says its sentence again: 0.7 s.
const PAUSE_SAMPLES: usize = 5_600;

/// One talk's outgoing stream: a sentence again and again, with a pause between.
#[derive(Clone, Debug)]
pub(super) struct Mouth {
    speech: Arc<[i16]>,
    position: usize,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    packets: u32,
    octets: u32,
    keypad: Keypad,
}

impl Mouth {
    pub(super) fn new(speech: Arc<[i16]>, ssrc: u32, sequence: u16, timestamp: u32) -> Self {
        Self {
            speech,
            position: 0,
            ssrc,
            sequence,
            timestamp,
            packets: 0,
            octets: 0,
            keypad: Keypad::default(),
        }
    }

    /// Presses a key, which is heard instead of the voice.
    pub(super) fn press(&mut self, key: char) {
        self.keypad.press(key);
    }

    pub(super) const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// The next packet as the peer wants it; `None` while we are not to send.
    pub(super) fn next_packet(&mut self, stream: &Stream) -> Option<Vec<u8>> {
        let length = ticks::wrapped(u64::from(stream.ptime_ms.max(1)) * ticks::SAMPLES_PER_MS);
        let timestamp = self.timestamp;
        self.timestamp = timestamp.wrapping_add(length);
        if !stream.direction.sends() || stream.remote.ip().is_unspecified() {
            return None;
        }
        let stroke = stream.send_event_pt.and_then(|payload_type| {
            let stroke = self.keypad.next(timestamp, length)?;
            Some((payload_type, stroke))
        });
        let packet = if let Some((payload_type, stroke)) = stroke {
            let event = stroke.event.to_bytes();
            self.packet(payload_type, stroke.timestamp, stroke.is_first, &event)
        } else {
            let voice: Vec<u8> = (0..length).map(|_| self.octet(stream.codec)).collect();
            self.packet(stream.send_pt, timestamp, self.packets == 0, &voice)
        };
        Some(packet)
    }

    fn packet(
        &mut self,
        payload_type: u8,
        timestamp: u32,
        marker: bool,
        payload: &[u8],
    ) -> Vec<u8> {
        let packet = Packet {
            marker,
            payload_type,
            sequence: self.sequence,
            timestamp,
            ssrc: self.ssrc,
            payload,
        };
        self.sequence = self.sequence.wrapping_add(1);
        self.packets = self.packets.wrapping_add(1);
        let octets = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        self.octets = self.octets.wrapping_add(octets);
        packet.to_bytes()
    }

    /// For our sender report; `None` if nothing was sent.
    pub(super) fn sender_info(&self, ntp: u64) -> Option<SenderInfo> {
        (self.packets > 0).then_some(SenderInfo {
            ssrc: self.ssrc,
            ntp,
            rtp_timestamp: self.timestamp,
            packets: self.packets,
            octets: self.octets,
        })
    }

    fn octet(&mut self, codec: Codec) -> u8 {
        let sample = self.speech.get(self.position).copied().unwrap_or(0);
        self.position = (self.position + 1) % (self.speech.len() + PAUSE_SAMPLES);
        g711::encode(codec, sample)
    }
}

/// What a phone heard in one talk.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Heard {
    /// RTP packets received.
    pub packets: u64,
    /// Packets that never came (RFC 3550 A.3).
    pub lost: u64,
    /// Interarrival jitter in microseconds (RFC 3550 A.8).
    pub jitter_us: u64,
    /// Mean level in dB relative to a full-scale sine; `None` for silence.
    pub level_dbfs: Option<f64>,
    /// How long somebody spoke, in milliseconds.
    pub voice_ms: u64,
    /// RTCP reports received.
    pub reports: u64,
}

/// One talk's incoming stream.
#[derive(Debug, Default)]
pub(super) struct Ear {
    pub(super) receiver: Receiver,
    power: f64,
    samples: u64,
    voice_samples: u64,
    pub(super) reports: u64,
}

impl Ear {
    /// Takes a datagram of the RTP socket.
    pub(super) fn handle_datagram(&mut self, datagram: &[u8], stream: &Stream, now: Instant) {
        let Ok(packet) = Packet::parse(datagram) else {
            return;
        };
        if packet.payload_type != stream.receive_pt {
            return;
        }
        self.receiver.handle_packet(&packet, now);
        let values = g711::linear_values(stream.codec);
        let octets = packet.payload.iter();
        let power: f64 = octets
            .map(|octet| f64::from(values[usize::from(*octet)]).powi(2))
            .sum();
        let length = packet.payload.len() as u64;
        self.power += power;
        self.samples += length;
        if power > VOICE_POWER * as_f64(length) {
            self.voice_samples += length;
        }
    }

    pub(super) fn heard(&self) -> Heard {
        let mean = self.power / as_f64(self.samples.max(1));
        Heard {
            packets: self.receiver.received(),
            lost: self.receiver.lost(),
            jitter_us: self.receiver.jitter_us(),
            level_dbfs: (mean > 0.0).then(|| 10.0 * (mean / FULL_SCALE_POWER).log10()),
            voice_ms: self.voice_samples / ticks::SAMPLES_PER_MS,
            reports: self.reports,
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a level needs no more than 52 bits"
)]
const fn as_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sdp::Direction;

    fn stream(codec: Codec) -> Stream {
        let remote = "192.0.2.1:40000".parse().unwrap();
        Stream {
            remote,
            remote_rtcp: remote,
            codec,
            send_pt: codec.static_payload_type(),
            receive_pt: codec.static_payload_type(),
            send_event_pt: None,
            receive_event_pt: None,
            direction: Direction::SendRecv,
            ptime_ms: 20,
            srtp: None,
        }
    }

    /// A 400 Hz tone of half scale is -6 dB; the pause between its repeats is silence.
    #[test]
    fn what_one_phone_says_another_hears() {
        let tone: Vec<i16> = (0..8000)
            .map(|n| {
                let angle = f64::from(n) * std::f64::consts::TAU * 400.0 / 8000.0;
                #[expect(clippy::cast_possible_truncation, reason = "half scale fits")]
                let sample = (angle.sin() * 16_384.0) as i16;
                sample
            })
            .collect();
        for codec in Codec::ALL {
            let stream = stream(codec);
            let mut mouth = Mouth::new(tone.clone().into(), 1, 65_530, u32::MAX);
            let mut ear = Ear::default();
            let start = Instant::now();
            for n in 0..85 {
                let packet = mouth.next_packet(&stream).unwrap();
                if n != 7 {
                    ear.handle_datagram(&packet, &stream, start + Duration::from_millis(20) * n);
                }
            }
            let heard = ear.heard();
            assert_eq!((heard.packets, heard.lost), (84, 1));
            assert_eq!(heard.voice_ms, 980);
            let expected = -6.02 + 10.0 * (49.0_f64 / 84.0).log10();
            assert!(
                (heard.level_dbfs.unwrap() - expected).abs() < 0.1,
                "{heard:?}"
            );
        }
    }

    #[test]
    fn on_hold_nothing_is_said_but_time_goes_on() {
        let mut stream = stream(Codec::Pcma);
        let mut mouth = Mouth::new(Arc::from([1_i16]), 1, 0, 0);
        mouth.next_packet(&stream).unwrap();
        stream.direction = Direction::RecvOnly;
        assert_eq!(mouth.next_packet(&stream), None);
        stream.direction = Direction::SendRecv;
        let packet = mouth.next_packet(&stream).unwrap();
        let packet = Packet::parse(&packet).unwrap();
        assert_eq!((packet.sequence, packet.timestamp), (1, 320));
    }
}
