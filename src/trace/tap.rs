//! The signalling loop's end: it hands messages over and never waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

use super::passage::Passage;

/// Messages that may wait for the disk: more than half a second's at a thousand calls a second.
const MESSAGES: usize = 16_384;
/// What they may hold together, in octets.
const OCTETS: usize = 32_000_000;

/// Takes messages for the trace; when there is no room they are dropped and counted.
#[derive(Debug)]
pub struct Tap {
    queue: SyncSender<Passage>,
    waiting: Arc<AtomicUsize>,
    octets: usize,
}

/// The other end.
#[derive(Debug)]
pub(super) struct Outlet {
    queue: Receiver<Passage>,
    waiting: Arc<AtomicUsize>,
}

/// A queue between two threads.
pub(super) fn tap() -> (Tap, Outlet) {
    bounded(MESSAGES, OCTETS)
}

fn bounded(messages: usize, octets: usize) -> (Tap, Outlet) {
    let (sender, receiver) = sync_channel(messages);
    let waiting = Arc::new(AtomicUsize::new(0));
    let tap = Tap {
        queue: sender,
        waiting: Arc::clone(&waiting),
        octets,
    };
    let outlet = Outlet {
        queue: receiver,
        waiting,
    };
    (tap, outlet)
}

impl Tap {
    /// Whether messages of this method are kept. Registrations and probes belong to no call;
    /// there are many of them, and they would push the calls out.
    pub fn wants(&self, method: &str) -> bool {
        !matches!(method, "REGISTER" | "OPTIONS")
    }

    /// Takes a message, if there is room.
    pub fn keep(&self, passage: Passage) {
        let octets = passage.octets.len();
        // Only this thread adds, so the sum cannot pass the bound between the two calls.
        let fits = self.waiting.load(Ordering::Relaxed) + octets <= self.octets;
        if fits {
            self.waiting.fetch_add(octets, Ordering::Relaxed);
            if self.queue.try_send(passage).is_ok() {
                return;
            }
            self.waiting.fetch_sub(octets, Ordering::Relaxed);
        }
        crate::metrics::trace_dropped(1);
    }
}

impl Outlet {
    /// Whatever waits now; `false` beside it when nothing more will come.
    pub(super) fn drain(&self) -> (Vec<Passage>, bool) {
        let mut passages = Vec::new();
        loop {
            match self.queue.try_recv() {
                Ok(passage) => {
                    let octets = passage.octets.len();
                    self.waiting.fetch_sub(octets, Ordering::Relaxed);
                    passages.push(passage);
                }
                Err(TryRecvError::Empty) => return (passages, true),
                Err(TryRecvError::Disconnected) => return (passages, false),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Metrics, Way};
    use crate::rules::Timestamp;

    fn passage(length: usize) -> Passage {
        Passage {
            at: Timestamp(0),
            way: Way::In,
            local: "192.0.2.10:5060".parse().unwrap(),
            peer: "203.0.113.1:5060".parse().unwrap(),
            octets: vec![b'x'; length],
        }
    }

    fn dropped(metrics: &Metrics) -> u64 {
        let page = metrics.render();
        let mut lines = page.lines();
        let value =
            lines.find_map(|line| line.strip_prefix("thirdring_trace_dropped_messages_total "));
        value.map_or(0, |value| value.parse().unwrap())
    }

    #[test]
    fn a_full_queue_drops_and_counts_and_an_emptied_one_takes_again() {
        let metrics = Metrics::install().unwrap();
        for (messages, octets, length, taken) in [(3, 1000, 10, 3), (100, 1000, 300, 3)] {
            let before = dropped(&metrics);
            let (tap, outlet) = bounded(messages, octets);
            for _ in 0..5 {
                tap.keep(passage(length));
            }
            assert_eq!(outlet.drain().0.len(), taken);
            assert_eq!(dropped(&metrics) - before, 2);
            tap.keep(passage(length));
            assert_eq!(outlet.drain(), (vec![passage(length)], true));
            drop(tap);
            assert_eq!(outlet.drain(), (vec![], false));
        }
    }

    #[test]
    fn registrations_and_probes_are_not_kept() {
        let (tap, _outlet) = tap();
        let wanted = |method| tap.wants(method);
        assert!(["INVITE", "ACK", "BYE", "OTHER"].into_iter().all(wanted));
        assert!(!["REGISTER", "OPTIONS"].into_iter().any(wanted));
    }
}
