//! The rings that a caller heard, each where it began.

use std::time::Duration;

use super::{Span, What};
use crate::rules::Cadence;

/// The ring clock of a call, as its events tell of it: it stands still while a caller who has been
/// answered by the system waits in a queue (X02).
#[derive(Clone, Debug, Default)]
pub(super) struct Rings {
    cadence: Option<Cadence>,
    /// When it ran: from, to.
    runs: Vec<(u64, u64)>,
    since_us: Option<u64>,
    /// Somebody has answered: whoever is rung afterwards is rung for a talk.
    is_over: bool,
}

impl Rings {
    pub(super) fn start(&mut self, cadence: Cadence, at_us: u64) {
        self.cadence = Some(cadence);
        self.since_us = Some(at_us);
    }

    pub(super) fn stop(&mut self, at_us: u64) {
        if let Some(since) = self.since_us.take() {
            self.runs.push((since, at_us));
        }
    }

    /// Somebody has answered: it never runs again.
    pub(super) fn end(&mut self, at_us: u64) {
        self.stop(at_us);
        self.is_over = true;
    }

    /// It runs again, if it ever ran.
    pub(super) fn resume(&mut self, at_us: u64) {
        if self.cadence.is_some() && self.since_us.is_none() && !self.is_over {
            self.since_us = Some(at_us);
        }
    }

    /// The rings up to `end_us`; of a call that goes on, up to the last one that is known.
    pub(super) fn spans(mut self, end_us: u64) -> Vec<Span> {
        self.stop(end_us);
        let Some(cadence) = self.cadence else {
            return Vec::new();
        };
        let period = us(cadence.period());
        let (mut spans, mut heard, mut n) = (Vec::new(), 0, 0);
        for (from, to) in self.runs {
            let length = to.saturating_sub(from);
            // A ring that begins with the very end is counted as begun (R001).
            while u64::from(n) * period <= heard + length {
                let at = from + u64::from(n) * period - heard;
                n += 1;
                let ring = Span::from(What::Ring, at).n(n);
                let to_us = Some((at + period).min(to));
                spans.push(Span { to_us, ..ring });
                if spans.len() == MOST {
                    return spans;
                }
            }
            heard += length;
        }
        spans
    }
}

/// Nobody draws more; a caller who hears so many has rung for a quarter of an hour.
const MOST: usize = 200;

fn us(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
