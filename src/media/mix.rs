//! What one leg hears of several: their audio on the leg's own clock, added up.
//!
//! Each source has a small buffer that its packets are written into by their timestamps, 40 ms
//! ahead of what is played out: jitter below that is not heard.

use std::time::{Duration, Instant};

use super::rtp::Packet;
use super::session::LegKey;
use super::{g711, ticks};
use crate::sdp::Codec;

/// How long audio waits for what was overtaken.
const DELAY: i64 = 40 * ticks::SAMPLES_PER_MS.cast_signed();
/// Audio further ahead than this has a wrong timestamp; it fits into the ring with the delay.
const MOST_AHEAD: i64 = 300 * ticks::SAMPLES_PER_MS.cast_signed();
/// Samples of a source's ring: 512 ms.
const RING: usize = 4096;
/// What was missed for longer than this is not made up for.
const LONGEST_CATCH_UP: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub(super) struct Mix {
    sources: Vec<Source>,
    /// Position 0.
    began: Instant,
    pub(super) due: Instant,
}

#[derive(Debug)]
struct Source {
    key: LegKey,
    ring: Box<[i16; RING]>,
    newest: Option<Newest>,
}

/// The packet that the next ones are placed by.
#[derive(Clone, Copy, Debug)]
struct Newest {
    ssrc: u32,
    timestamp: u32,
    position: i64,
}

impl Mix {
    pub(super) fn new(sources: &[LegKey], now: Instant) -> Self {
        let source = |key: &LegKey| Source {
            key: *key,
            ring: Box::new([0; RING]),
            newest: None,
        };
        Self {
            sources: sources.iter().map(source).collect(),
            began: now,
            due: now,
        }
    }

    /// A leg is not heard any more.
    pub(super) fn forget(&mut self, key: LegKey) {
        self.sources.retain(|source| source.key != key);
    }

    /// Takes in a packet of a leg.
    pub(super) fn put(&mut self, key: LegKey, packet: &Packet<'_>, law: Codec, now: Instant) {
        let clock = position(self.began, now);
        let played = position(self.began, self.due);
        let source = self.sources.iter_mut().find(|source| source.key == key);
        if let Some(source) = source {
            source.put(packet, law, clock, played);
        }
    }

    /// The next packet of the sum.
    pub(super) fn take(&mut self, out: &mut [i16], now: Instant) {
        let from = position(self.began, self.due);
        for (at, sample) in (from..).zip(out.iter_mut()) {
            let values = self.sources.iter_mut().map(|source| source.take(at));
            let sum: i32 = values.map(i32::from).sum();
            let loudest = sum.clamp(i32::from(i16::MIN), i32::from(i16::MAX));
            *sample = i16::try_from(loudest).unwrap_or_default();
        }
        self.due += ticks::duration(out.len() as u64);
        if now.saturating_duration_since(self.due) > LONGEST_CATCH_UP {
            self.due = now;
        }
    }
}

impl Source {
    fn put(&mut self, packet: &Packet<'_>, law: Codec, clock: i64, played: i64) {
        let follows = self.newest.filter(|newest| newest.ssrc == packet.ssrc);
        let step =
            follows.map(|it| i64::from(ticks::timestamp_step(it.timestamp, packet.timestamp)));
        let place = follows.zip(step).map(|(it, step)| it.position + step);
        let fits = |place: &i64| *place >= played && *place - played <= MOST_AHEAD;
        let place = match place.filter(fits) {
            Some(place) => place,
            // It was overtaken, and its turn is over.
            None if step.is_some_and(|step| step <= 0 && step > -MOST_AHEAD) => return,
            None => clock.max(played) + DELAY,
        };
        if step.is_none_or(|step| step > 0 || step <= -MOST_AHEAD) {
            self.newest = Some(Newest {
                ssrc: packet.ssrc,
                timestamp: packet.timestamp,
                position: place,
            });
        }
        let law = g711::linear_values(law);
        for (at, octet) in (place..).zip(packet.payload.iter().take(RING / 4)) {
            if let Some(sample) = self.ring.get_mut(index(at)) {
                *sample = law[usize::from(*octet)];
            }
        }
    }

    fn take(&mut self, at: i64) -> i16 {
        self.ring.get_mut(index(at)).map_or(0, std::mem::take)
    }
}

fn index(position: i64) -> usize {
    usize::try_from(position).map_or(0, |position| position % RING)
}

fn position(began: Instant, at: Instant) -> i64 {
    let samples = ticks::samples(at.saturating_duration_since(began));
    i64::try_from(samples).unwrap_or(i64::MAX)
}
