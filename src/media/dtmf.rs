//! Keys as RTP carries them: telephone-events (RFC 4733), told apart and put together again.

use std::time::{Duration, Instant};

use super::rtp::Packet;
use super::ticks;

/// Octets of a telephone-event's payload.
pub const EVENT_BYTES: usize = 4;
/// What phones send: -10 dBm0.
const VOLUME: u8 = 10;
/// An event whose end never came is over after this (RFC 4733 §2.5.2.2: a few packets).
const LOST_END: Duration = Duration::from_millis(200);
/// Nobody presses keys faster: what is begun sooner after the last one is not believed.
const FASTEST: Duration = Duration::from_millis(40);
/// A longer event goes on in another segment, with a timestamp of its own (§2.5.1.3).
const SEGMENT: u32 = 0xFFFF;

/// One packet's payload (§2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelephoneEvent {
    /// What: 0 to 15 are keys.
    pub event: u8,
    /// The key was let go.
    pub is_end: bool,
    /// So long so far, in samples.
    pub duration: u16,
}

impl TelephoneEvent {
    /// Reads a payload; `None` of what is shorter than an event.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let [event, flags, high, low] = *payload.first_chunk::<EVENT_BYTES>()?;
        Some(Self {
            event,
            is_end: flags & 0x80 != 0,
            duration: u16::from_be_bytes([high, low]),
        })
    }

    /// The payload.
    pub const fn to_bytes(self) -> [u8; EVENT_BYTES] {
        let [high, low] = self.duration.to_be_bytes();
        let flags = if self.is_end { 0x80 | VOLUME } else { VOLUME };
        [self.event, flags, high, low]
    }
}

const KEYS: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D',
];

/// The event of a key (§3.2).
pub fn event_of(digit: char) -> Option<u8> {
    let index = KEYS.iter().position(|key| *key == digit)?;
    u8::try_from(index).ok()
}

/// The key of an event.
pub fn digit_of(event: u8) -> Option<char> {
    KEYS.get(usize::from(event)).copied()
}

/// A key that was pressed and let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// `0` to `9`, `*`, `#`, `A` to `D`.
    pub digit: char,
    /// How long, in milliseconds.
    pub held_ms: u32,
}

/// What one leg's keys are.
#[derive(Debug, Default)]
pub(super) struct Keys {
    held: Option<Held>,
    /// Timestamp of the newest event that is over: its end is repeated.
    over: Option<u32>,
    begun_at: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    event: u8,
    /// Of the first packet, and of the present segment.
    timestamp: u32,
    segment: u32,
    duration: u32,
    heard_at: Instant,
}

impl Held {
    fn key(self) -> Option<Key> {
        let digit = digit_of(self.event)?;
        let ms = u64::from(self.duration) / ticks::SAMPLES_PER_MS;
        let held_ms = u32::try_from(ms).unwrap_or(u32::MAX);
        Some(Key { digit, held_ms })
    }
}

impl Keys {
    /// Takes a telephone-event; the key that is over by it. A lost end is made up for by the next
    /// event, so there may be two.
    pub(super) fn hear(&mut self, packet: &Packet<'_>, now: Instant) -> [Option<Key>; 2] {
        let Some(said) = TelephoneEvent::parse(packet.payload) else {
            return [None; 2];
        };
        let is_old = |newest: u32| ticks::timestamp_step(newest, packet.timestamp) <= 0;
        if self.over.is_some_and(is_old) {
            return [None; 2];
        }
        let mut first = None;
        let goes_on = self
            .held
            .as_mut()
            .is_some_and(|held| held.goes_on(said, packet));
        if !goes_on {
            if self.held.is_some_and(|held| is_old(held.timestamp)) {
                return [None; 2]; // overtaken by a newer one
            }
            first = self.let_go();
            let is_too_fast = |at| now.saturating_duration_since(at) < FASTEST;
            if digit_of(said.event).is_none() || self.begun_at.is_some_and(is_too_fast) {
                return [first, None];
            }
            self.begun_at = Some(now);
            self.held = Some(Held {
                event: said.event,
                timestamp: packet.timestamp,
                segment: packet.timestamp,
                duration: 0,
                heard_at: now,
            });
        }
        if let Some(held) = &mut self.held {
            let before = packet.timestamp.wrapping_sub(held.timestamp);
            held.duration = held.duration.max(before + u32::from(said.duration));
            held.heard_at = now;
        }
        let second = if said.is_end { self.let_go() } else { None };
        [first, second]
    }

    /// A key whose end was lost.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Option<Key> {
        let is_over = |held: &Held| now.saturating_duration_since(held.heard_at) >= LOST_END;
        self.held.filter(is_over).and_then(|_| self.let_go())
    }

    fn let_go(&mut self) -> Option<Key> {
        let held = self.held.take()?;
        self.over = Some(held.segment);
        held.key()
    }
}

impl Held {
    /// Whether a packet is of this very press.
    fn goes_on(&mut self, said: TelephoneEvent, packet: &Packet<'_>) -> bool {
        let is_next = packet.timestamp == self.segment.wrapping_add(SEGMENT) && !packet.marker;
        if is_next && said.event == self.event {
            self.segment = packet.timestamp;
        }
        packet.timestamp == self.segment && said.event == self.event
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use super::*;

    /// Feeds (timestamp, event, duration, end) one each 20 ms; what was pressed.
    fn pressed(packets: &[(u32, u8, u16, bool)]) -> Vec<(char, u32)> {
        let mut now = Instant::now();
        let mut keys = Keys::default();
        let mut pressed = Vec::new();
        for (timestamp, event, duration, is_end) in packets {
            let (event, duration, is_end) = (*event, *duration, *is_end);
            let payload = TelephoneEvent {
                event,
                is_end,
                duration,
            }
            .to_bytes();
            let packet = Packet {
                marker: false,
                payload_type: 101,
                sequence: 0,
                timestamp: *timestamp,
                ssrc: 1,
                payload: &payload,
            };
            pressed.extend(keys.hear(&packet, now).into_iter().flatten());
            now += Duration::from_millis(20);
        }
        pressed.extend(keys.handle_timeout(now + LOST_END));
        pressed.iter().map(|key| (key.digit, key.held_ms)).collect()
    }

    const FIVE: [(u32, u8, u16, bool); 6] = [
        (1000, 5, 160, false),
        (1000, 5, 320, false),
        (1000, 5, 480, false),
        (1000, 5, 640, true),
        (1000, 5, 640, true),
        (1000, 5, 640, true),
    ];

    #[test]
    fn a_key_is_one_key_whatever_is_lost_of_it() {
        assert_eq!(pressed(&FIVE), [('5', 80)]);
        assert_eq!(pressed(&FIVE[2..]), [('5', 80)], "the beginning");
        assert_eq!(pressed(&FIVE[5..]), [('5', 80)], "all but the last");
        assert_eq!(pressed(&FIVE[..3]), [('5', 60)], "the end");
        assert_eq!(pressed(&[]), []);
        let turned = [FIVE[1], FIVE[0], FIVE[3], FIVE[2]];
        assert_eq!(pressed(&turned), [('5', 80)], "reordered");
    }

    #[test]
    fn two_keys_are_two_even_if_they_are_the_same() {
        let second = FIVE.map(|(_, event, duration, end)| (5000, event, duration, end));
        let both: Vec<_> = FIVE.into_iter().chain(second).collect();
        assert_eq!(pressed(&both), [('5', 80), ('5', 80)]);
        let without_end: Vec<_> = FIVE[..3].iter().copied().chain(second).collect();
        assert_eq!(pressed(&without_end), [('5', 60), ('5', 80)]);
    }

    #[test]
    fn a_key_held_for_long_is_one_key() {
        let long = [
            (1000, 11, 0xFFFF, false),
            (1000 + 0xFFFF, 11, 400, false),
            (1000 + 0xFFFF, 11, 800, true),
            (1000 + 0xFFFF, 11, 800, true),
        ];
        assert_eq!(pressed(&long), [('#', 8291)]);
    }

    #[test]
    fn what_is_no_key_and_what_is_too_fast_is_none() {
        assert_eq!(
            pressed(&[(1000, 16, 160, true), (3000, 255, 160, true)]),
            []
        );
        let flood: Vec<_> = (1..50).map(|n| (n * 1000, 1, 160, true)).collect();
        assert!(pressed(&flood).len() <= 25, "25 in a second at most");
        assert_eq!(TelephoneEvent::parse(&[1, 2, 3]), None);
    }

    #[test]
    fn every_key_has_its_event() {
        for digit in KEYS {
            assert_eq!(event_of(digit).and_then(digit_of), Some(digit));
        }
        assert_eq!((event_of('*'), event_of('D')), (Some(10), Some(15)));
        assert_eq!((event_of('e'), digit_of(16)), (None, None));
    }
}
