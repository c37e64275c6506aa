//! Whose timer is due next, for any number of timers.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::time::Instant;

/// At most one due time a key, in order. Everything is O(log n) or better.
#[derive(Debug)]
pub(super) struct Agenda<K> {
    order: BTreeSet<(Instant, K)>,
    armed: HashMap<K, Instant>,
}

impl<K> Default for Agenda<K> {
    fn default() -> Self {
        Self {
            order: BTreeSet::new(),
            armed: HashMap::new(),
        }
    }
}

impl<K: Copy + Ord + Hash> Agenda<K> {
    /// Sets, moves or clears the due time of `key`.
    pub(super) fn arm(&mut self, key: K, due: Option<Instant>) {
        let before = match due {
            Some(due) => self.armed.insert(key, due),
            None => self.armed.remove(&key),
        };
        if before != due {
            if let Some(before) = before {
                self.order.remove(&(before, key));
            }
            if let Some(due) = due {
                self.order.insert((due, key));
            }
        }
    }

    /// The earliest due time.
    pub(super) fn next(&self) -> Option<Instant> {
        self.order.first().map(|(due, _)| *due)
    }

    /// Takes out the earliest key that is due at `now`.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<K> {
        let (due, key) = *self.order.first()?;
        if due > now {
            return None;
        }
        self.arm(key, None);
        Some(key)
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn keys_come_out_in_the_order_of_their_last_due_time() {
        let start = Instant::now();
        let at = |seconds| Some(start + Duration::from_secs(seconds));
        let mut agenda = Agenda::default();
        agenda.arm('a', at(3));
        agenda.arm('b', at(2));
        agenda.arm('c', at(1));
        agenda.arm('a', at(1));
        agenda.arm('c', None);

        assert_eq!(agenda.next(), at(1));
        assert_eq!(agenda.pop_due(start), None);
        let now = start + Duration::from_secs(9);
        assert_eq!(agenda.pop_due(now), Some('a'));
        assert_eq!(agenda.pop_due(now), Some('b'));
        assert_eq!(agenda.pop_due(now), None);
        assert_eq!(agenda.next(), None);
    }
}
