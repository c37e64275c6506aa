//! Keys that we press for somebody, towards one leg: as telephone-events (RFC 4733) where the leg
//! takes them, else as the tones of ITU-T Q.23.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::dtmf::{self, TelephoneEvent};
use super::{ticks, tone};

/// So long is the shortest key that everybody hears (ITU-T Q.24 asks for 40 ms), and the longest.
const SHORTEST: u64 = 50 * ticks::SAMPLES_PER_MS;
const LONGEST: u64 = 5000 * ticks::SAMPLES_PER_MS;
/// Between two keys.
const PAUSE: Duration = Duration::from_millis(60);
/// The end is said three times (RFC 4733 §2.5.1.4).
const ENDS: u8 = 3;
/// More keys than anybody dials.
const MOST_KEYS: usize = 64;

#[derive(Debug)]
pub(super) struct Dialling {
    keys: VecDeque<(u8, u64)>,
    /// What was sent of the first key, in samples.
    sent: u64,
    ends: u8,
    pub(super) due: Instant,
    /// When the first key began, and its RTP timestamp.
    pub(super) begun: Option<(Instant, u32)>,
}

/// The next packet of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Event { said: TelephoneEvent, is_last: bool },
    Tone { digit: char, from: u64 },
}

impl Dialling {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            keys: VecDeque::new(),
            sent: 0,
            ends: 0,
            due: now,
            begun: None,
        }
    }

    /// One more key; `false` if it is none, or there are too many.
    pub(super) fn press(&mut self, digit: char, held_ms: u32) -> bool {
        let Some(event) = dtmf::event_of(digit).filter(|_| self.keys.len() < MOST_KEYS) else {
            return false;
        };
        let held = u64::from(held_ms) * ticks::SAMPLES_PER_MS;
        self.keys.push_back((event, held.clamp(SHORTEST, LONGEST)));
        true
    }

    pub(super) fn is_over(&self) -> bool {
        self.keys.is_empty()
    }

    /// What to send now, in packets of so many samples.
    pub(super) fn next(&mut self, takes_events: bool, samples: u64, now: Instant) -> Option<Step> {
        let (event, held) = *self.keys.front()?;
        let digit = dtmf::digit_of(event)?;
        if self.sent == 0 {
            self.due = self.due.max(now); // it was pressed between two looks
        }
        self.due += ticks::duration(samples);
        let from = self.sent;
        self.sent = (self.sent + samples).min(held.max(samples));
        let is_over = self.sent >= held;
        if !takes_events {
            if is_over {
                self.finish();
            }
            return Some(Step::Tone { digit, from });
        }
        self.ends += u8::from(is_over);
        let is_last = self.ends == ENDS;
        let said = TelephoneEvent {
            event,
            is_end: is_over,
            duration: u16::try_from(self.sent).unwrap_or(u16::MAX),
        };
        if is_last {
            self.finish();
        }
        Some(Step::Event { said, is_last })
    }

    fn finish(&mut self) {
        self.keys.pop_front();
        self.sent = 0;
        self.ends = 0;
        self.due += PAUSE;
    }
}

/// A packet of a key's tone.
pub(super) fn tones(digit: char, from: u64, out: &mut [i16]) {
    for (position, sample) in (from..).zip(out) {
        *sample = tone::key(digit, position);
    }
}
