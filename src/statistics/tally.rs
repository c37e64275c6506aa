//! The figures of many calls.

use super::facts::{End, Facts, Stage};
use super::times::Times;

/// Columns of the histogram of rings; the last one is of all calls that heard more.
pub const RING_COLUMNS: usize = 8;
/// 三声接起率 counts answers within so many rings (R001).
const RINGS: u32 = 3;
/// 15秒接通率 counts answers within so many milliseconds.
const SOON_MS: u64 = 15_000;

/// The figures of many calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Everybody who called in.
    pub received: u64,
    /// Nobody has answered yet.
    pub waiting: u64,
    /// Answered by a person.
    pub answered: u64,
    /// Given up while the first ring lasted.
    pub abandoned_first_ring: u64,
    /// Given up while it rang.
    pub abandoned_ringing: u64,
    /// Given up in the queue.
    pub abandoned_queue: u64,
    /// Given up while the system spoke.
    pub abandoned_dialogue: u64,
    /// Stayed, and no person came.
    pub unserved: u64,
    /// Left a message.
    pub messages: u64,
    /// Called while the line was closed.
    pub closed: u64,
    /// Wanted no person.
    pub refused: u64,
    /// Answered within three rings.
    pub within_rings: u64,
    /// Answered within 15 seconds.
    pub within_15_s: u64,
    /// How long callers waited for the answer.
    pub answers: Times,
    /// How long callers waited, answered or not.
    pub waits: Times,
    /// How long they talked.
    pub talks: Times,
    /// Answered in ring 1, 2 ...
    pub rings_answered: [u64; RING_COLUMNS],
    /// Given up in ring 1, 2 ...
    pub rings_abandoned: [u64; RING_COLUMNS],
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// So many ...
    pub numerator: u64,
    /// ... of so many.
    pub denominator: u64,
}

impl Share {
    /// In thousandths, rounded down: a promise is not kept by rounding. `None` of none.
    pub fn permille(self) -> Option<u64> {
        self.numerator
            .saturating_mul(1000)
            .checked_div(self.denominator)
    }
}

impl Tally {
    /// One more call.
    pub fn add(&mut self, facts: &Facts) {
        self.received += 1;
        let place = match facts.end {
            End::Waiting => &mut self.waiting,
            End::Answered => &mut self.answered,
            End::Abandoned(Stage::FirstRing) => &mut self.abandoned_first_ring,
            End::Abandoned(Stage::Ringing) => &mut self.abandoned_ringing,
            End::Abandoned(Stage::Queue) => &mut self.abandoned_queue,
            End::Abandoned(Stage::Dialogue) => &mut self.abandoned_dialogue,
            End::Unserved => &mut self.unserved,
            End::Message => &mut self.messages,
            End::Closed => &mut self.closed,
            End::Refused => &mut self.refused,
        };
        *place += 1;
        self.within_rings += u64::from(facts.answered_within(RINGS));
        self.within_15_s += u64::from(facts.answered_within_ms(SOON_MS));
        match facts.end {
            End::Answered => {
                self.answers.add(facts.waited_ms);
                self.waits.add(facts.waited_ms);
                count_ring(&mut self.rings_answered, facts.rings);
            }
            End::Abandoned(_) => {
                self.waits.add(facts.waited_ms);
                count_ring(&mut self.rings_abandoned, facts.rings);
            }
            End::Unserved => self.waits.add(facts.waited_ms),
            End::Waiting | End::Message | End::Closed | End::Refused => {}
        }
        if let Some(talk_ms) = facts.talk_ms.filter(|_| facts.end == End::Answered) {
            self.talks.add(talk_ms);
        }
    }

    /// All calls of `other` as well.
    pub fn merge(&mut self, other: &Self) {
        for (mine, others) in [
            (&mut self.received, other.received),
            (&mut self.waiting, other.waiting),
            (&mut self.answered, other.answered),
            (&mut self.abandoned_first_ring, other.abandoned_first_ring),
            (&mut self.abandoned_ringing, other.abandoned_ringing),
            (&mut self.abandoned_queue, other.abandoned_queue),
            (&mut self.abandoned_dialogue, other.abandoned_dialogue),
            (&mut self.unserved, other.unserved),
            (&mut self.messages, other.messages),
            (&mut self.closed, other.closed),
            (&mut self.refused, other.refused),
            (&mut self.within_rings, other.within_rings),
            (&mut self.within_15_s, other.within_15_s),
        ] {
            *mine += others;
        }
        self.answers.merge(&other.answers);
        self.waits.merge(&other.waits);
        self.talks.merge(&other.talks);
        for (mine, others) in self.rings_answered.iter_mut().zip(other.rings_answered) {
            *mine += others;
        }
        for (mine, others) in self.rings_abandoned.iter_mut().zip(other.rings_abandoned) {
            *mine += others;
        }
    }

    /// Callers who gave up.
    pub const fn abandoned(&self) -> u64 {
        self.abandoned_first_ring
            + self.abandoned_ringing
            + self.abandoned_queue
            + self.abandoned_dialogue
    }

    /// Calls that wanted a person.
    pub const fn offered(&self) -> u64 {
        self.waiting + self.answered + self.abandoned() + self.unserved + self.messages
    }

    /// Of the calls that were offered and are decided, but for those given up while the first ring
    /// lasted (R209).
    const fn decided(&self) -> u64 {
        self.offered() - self.waiting - self.abandoned_first_ring
    }

    /// 接听率: answered by a person.
    pub const fn answer_rate(&self) -> Share {
        Share {
            numerator: self.answered,
            denominator: self.decided(),
        }
    }

    /// 三声接起率: answered within three rings.
    pub const fn within_three_rings(&self) -> Share {
        Share {
            numerator: self.within_rings,
            denominator: self.decided(),
        }
    }

    /// 15秒接通率: answered within 15 seconds.
    pub const fn within_fifteen_seconds(&self) -> Share {
        Share {
            numerator: self.within_15_s,
            denominator: self.decided(),
        }
    }
}

/// Who heard no ring stands in none.
pub(super) fn count_ring(columns: &mut [u64; RING_COLUMNS], rings: Option<u32>) {
    let Some(rings) = rings.filter(|rings| *rings > 0) else {
        return;
    };
    let column = usize::try_from(rings - 1).unwrap_or(usize::MAX);
    if let Some(column) = columns.get_mut(column.min(RING_COLUMNS - 1)) {
        *column += 1;
    }
}
