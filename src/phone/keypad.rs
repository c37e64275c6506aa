//! Keys that a phone presses, as telephone-events in the stream of its voice (RFC 4733 §2.5). Pure.

use std::collections::VecDeque;

use crate::media::dtmf::{TelephoneEvent, event_of};

/// A key is held for so many packets, ...
const HELD: u32 = 8;
/// ... and its end is said twice again (§2.5.1.4).
const REPEATS: u32 = 2;

/// Keys that are still to be heard, and the one that is held.
#[derive(Clone, Debug, Default)]
pub(super) struct Keypad {
    waiting: VecDeque<u8>,
    held: Option<Held>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    event: u8,
    /// Where in the stream it began; all its packets have this timestamp.
    timestamp: u32,
    packets: u32,
}

/// One packet of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stroke {
    pub(super) event: TelephoneEvent,
    pub(super) timestamp: u32,
    pub(super) is_first: bool,
}

impl Keypad {
    /// Presses a key; what no telephone has is not pressed.
    pub(super) fn press(&mut self, key: char) {
        self.waiting.extend(event_of(key));
    }

    /// What goes out instead of voice at `timestamp`, for `length` samples; `None` while no key is
    /// held.
    pub(super) fn next(&mut self, timestamp: u32, length: u32) -> Option<Stroke> {
        let mut held = match self.held.take() {
            Some(held) => held,
            None => Held {
                event: self.waiting.pop_front()?,
                timestamp,
                packets: 0,
            },
        };
        held.packets += 1;
        let samples = held.packets.min(HELD).saturating_mul(length);
        let stroke = Stroke {
            event: TelephoneEvent {
                event: held.event,
                is_end: held.packets >= HELD,
                duration: u16::try_from(samples).unwrap_or(u16::MAX),
            },
            timestamp: held.timestamp,
            is_first: held.packets == 1,
        };
        self.held = (held.packets < HELD + REPEATS).then_some(held);
        Some(stroke)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4733 §2.5.1: one timestamp, a growing duration, the end said three times.
    #[test]
    fn a_key_is_one_event_whose_end_is_repeated() {
        let mut keypad = Keypad::default();
        keypad.press('x');
        assert_eq!(keypad.next(0, 160), None);
        keypad.press('#');
        let strokes: Vec<_> = (1..).map_while(|n| keypad.next(n * 160, 160)).collect();
        assert_eq!(strokes.len(), 10);
        assert!(strokes.iter().all(|it| it.timestamp == 160));
        assert!(strokes.iter().all(|it| it.event.event == 11));
        let first: Vec<_> = strokes.iter().map(|it| it.is_first).collect();
        assert!(first[0] && !first[1..].contains(&true));
        let durations: Vec<_> = strokes.iter().map(|it| it.event.duration).collect();
        assert_eq!(durations[..3], [160, 320, 480]);
        assert_eq!(durations[7..], [1_280; 3]);
        let ends = strokes.iter().filter(|it| it.event.is_end).count();
        assert_eq!(ends, 3);
    }
}
