//! Who hears the sum of several: a supervisor who listens, whispers or joins, and a conference of
//! three.
//!
//! A bridge of two stays what it is: only a leg that hears several at once is sent a sum, on its
//! own clock, and only for it anything is decoded. The recording has what its leg was sent, so
//! what is whispered to another leg is not on it.

use std::time::Instant;

use super::{LegKey, Session, Sink};
use crate::media::leg::{Kind, Leg};
use crate::media::mix::Mix;
use crate::media::rtp::Packet;
use crate::media::{g711, ticks};

impl Session {
    /// Lets a leg hear all of these at once, instead of what its bridge says; of nobody, what its
    /// bridge says again.
    pub fn mix(&mut self, key: LegKey, hears: &[LegKey], now: Instant) {
        let is_here = |wanted: &LegKey| self.legs.iter().any(|leg| leg.key == *wanted);
        let sources: Vec<_> = hears
            .iter()
            .filter(|source| **source != key && is_here(source))
            .copied()
            .collect();
        if let Some(leg) = self.leg(key) {
            leg.outgoing.end_source();
            leg.mix = (!sources.is_empty()).then(|| Mix::new(&sources, now));
        }
        self.count_mixes();
    }

    /// A packet for those who hear its leg among others.
    pub(super) fn mix_in(
        &mut self,
        key: LegKey,
        packet: &Packet<'_>,
        kind: Option<Kind>,
        now: Instant,
    ) {
        let Some(Kind::Audio(law)) = kind else {
            return;
        };
        for leg in &mut self.legs {
            if let Some(mix) = &mut leg.mix {
                mix.put(key, packet, law, now);
            }
        }
    }

    /// A leg has left.
    pub(super) fn unmix(&mut self, key: LegKey) {
        for leg in &mut self.legs {
            if let Some(mix) = &mut leg.mix {
                mix.forget(key);
            }
        }
        self.count_mixes();
    }

    fn count_mixes(&mut self) {
        self.is_mixing = self.legs.iter().any(|leg| leg.mix.is_some());
    }
}

/// Sends the packets of a sum that are due. What is played to the leg goes before.
pub(super) fn mix_due(leg: &mut Leg, now: Instant, buffer: &mut [u8], sink: &mut impl Sink) {
    let length = usize::try_from(ticks::samples(leg.packet())).unwrap_or(0);
    let length = length.min(super::keys::MOST_SAMPLES);
    let is_taken = leg.playing.is_some() || leg.dialling.is_some();
    let Some(codec) = leg.stream.as_ref().map(|stream| stream.codec) else {
        return;
    };
    while let Some(mix) = leg.mix.as_mut().filter(|mix| mix.due <= now) {
        let mut samples = [0; super::keys::MOST_SAMPLES];
        let mut octets = [0; super::keys::MOST_SAMPLES];
        mix.take(&mut samples[..length], now);
        if is_taken || leg.sendable().is_none() {
            continue;
        }
        for (octet, sample) in octets.iter_mut().zip(samples) {
            *octet = g711::encode(codec, sample);
        }
        let numbers = leg.outgoing.next_played(now);
        super::keys::send(leg, numbers, &octets[..length], now, buffer, sink);
    }
}
