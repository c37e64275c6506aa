//! When a leg's next packet is to be looked for.
//!
//! Most senders are in step: a packet every 20 ms, to the millisecond. Once a leg has shown that
//! it is, nobody needs to tell of its packets: its socket is read when the next one is due. That
//! saves the kernel's part in telling, which is a tenth of what a packet costs. A leg that falls
//! out of step is watched again.

use std::time::{Duration, Instant};

/// How often sockets are drained while audio flows. Packet lengths of 10 to 60 ms are whole
/// multiples of it.
pub(super) const TICK: Duration = Duration::from_micros(2500);
/// A packet that comes so much earlier or later after the one before than that one did is out of
/// step: others may have come with it.
const OUT_OF_STEP: Duration = Duration::from_millis(6);
/// Of packets in step, every so many-th one is looked for a tick early, and others behind it: so
/// neither a clock that runs faster than ours nor a packet that came twice is waited for.
const LOOK_AFTER: u32 = 16;
/// So many packets in step show the sender's interval.
const PROOF: u32 = 16;
/// After two packets at once so many are followed by a look for more: some senders pack them.
const WARY: u32 = 256;
/// So far the mean of them may be from a whole number of ticks.
const MEAN_ERROR: Duration = Duration::from_micros(400);
/// The longest interval, in ticks: 60 ms.
pub(super) const LONGEST_TICKS: u32 = 24;
/// So many looks in vain in a row, and the leg is out of step.
const MISSES: u32 = 2;

/// One leg's pace.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Option<Instant>,
    interval: Duration,
    /// Packets in step, since...
    in_step: u32,
    /// ...when.
    since: Option<Instant>,
    /// The interval in ticks, while the leg is looked after by the clock.
    ticks: Option<u32>,
    misses: u32,
    /// Packets that are still to be followed by a look for more.
    wary: u32,
    has_looked_early: bool,
}

/// What to do after a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// There may be more: read on.
    Read,
    /// It came alone; wait for news of the socket.
    Wait,
    /// It came alone; look for the next one in so many ticks.
    Look(u32),
}

impl Pace {
    /// A packet was read.
    pub(super) fn handle_packet(&mut self, now: Instant) -> Next {
        let before = self.last.replace(now).unwrap_or(now);
        let interval = now.saturating_duration_since(before);
        let change = interval.abs_diff(std::mem::replace(&mut self.interval, interval));
        self.misses = 0;
        self.has_looked_early = false;
        if change >= OUT_OF_STEP || interval.is_zero() {
            let is_with_another = interval.is_zero() && self.since.is_some();
            self.wary = self.wary.max(if is_with_another { WARY } else { PROOF });
            self.in_step = 0;
            self.since = Some(now);
            return Next::Read;
        }
        self.wary = self.wary.saturating_sub(1);
        self.in_step += 1;
        let is_look = self.wary > 0 || self.in_step.is_multiple_of(LOOK_AFTER);
        if self.ticks.is_none() && self.in_step >= PROOF {
            self.ticks = self.mean_ticks(now);
        }
        match self.ticks {
            _ if is_look => Next::Read,
            Some(ticks) => Next::Look(self.next_look(ticks)),
            None => Next::Wait,
        }
    }

    /// Nothing more was there. When to look again, if the leg is looked after by the clock.
    pub(super) fn handle_empty(&mut self) -> Option<u32> {
        let ticks = self.ticks?;
        Some(self.next_look(ticks))
    }

    /// Nothing was there when a packet was due. When to look again; `None` is: no more, the leg
    /// has to be watched.
    pub(super) fn handle_miss(&mut self) -> Option<u32> {
        let is_early = self.is_look_next() && !std::mem::replace(&mut self.has_looked_early, true);
        self.misses += u32::from(!is_early);
        if self.misses < MISSES {
            return Some(1);
        }
        self.stop();
        None
    }

    /// The leg is looked after by the clock no longer.
    pub(super) fn stop(&mut self) {
        *self = Self::default();
    }

    /// Whether the leg is looked after by the clock.
    pub(super) const fn is_looked_after(&self) -> bool {
        self.ticks.is_some()
    }

    fn next_look(&self, ticks: u32) -> u32 {
        (ticks - u32::from(self.is_look_next())).max(1)
    }

    fn is_look_next(&self) -> bool {
        (self.in_step + 1).is_multiple_of(LOOK_AFTER)
    }

    /// The sender's interval in ticks, if it is a whole number of them.
    fn mean_ticks(&self, now: Instant) -> Option<u32> {
        let passed = now.saturating_duration_since(self.since?);
        let mean = passed / self.in_step;
        let ticks = (1..=LONGEST_TICKS).min_by_key(|ticks| mean.abs_diff(TICK * *ticks))?;
        (mean.abs_diff(TICK * ticks) < MEAN_ERROR).then_some(ticks)
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use super::*;

    /// Feeds packets that lie so far apart, and returns what to do after each.
    fn paced(pace: &mut Pace, now: &mut Instant, apart: Duration, count: u32) -> Vec<Next> {
        let packets = (0..count).map(|_| {
            *now += apart;
            pace.handle_packet(*now)
        });
        packets.collect()
    }

    #[test]
    fn a_leg_in_step_is_looked_after_in_its_own_interval() {
        for (ms, ticks) in [(10, 4), (20, 8), (30, 12), (40, 16), (60, 24)] {
            let (mut pace, mut now) = (Pace::default(), Instant::now());
            let apart = Duration::from_millis(ms);
            let all = paced(&mut pace, &mut now, apart, 40);
            assert!(!all[..16].iter().any(|next| matches!(next, Next::Look(_))));
            assert!(pace.is_looked_after(), "{ms} ms");
            assert!(all[18..].contains(&Next::Look(ticks)), "{all:?}");
            // Before every sixteenth packet it is looked for a tick early, and more behind it.
            let early = all.iter().position(|n| *n == Next::Look(ticks - 1));
            assert_eq!(all[early.unwrap() + 1], Next::Read);
        }
    }

    #[test]
    fn a_leg_that_is_no_clockwork_stays_watched() {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        for ms in [20, 28, 12, 20, 35, 5, 20].repeat(10) {
            paced(&mut pace, &mut now, Duration::from_millis(ms), 1);
        }
        assert!(!pace.is_looked_after());
        paced(&mut pace, &mut now, Duration::from_micros(21_250), 40);
        assert!(!pace.is_looked_after(), "between two ticks");
    }

    #[test]
    fn a_burst_is_read_to_its_end() {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        paced(&mut pace, &mut now, Duration::from_millis(20), 30);
        let late = paced(&mut pace, &mut now, Duration::from_millis(60), 1);
        assert_eq!(late, [Next::Read]);
        assert_eq!(pace.handle_packet(now), Next::Read);
        assert_eq!(pace.handle_empty(), Some(8));
    }

    /// Some gateways send two packets of 20 ms every 40 ms.
    #[test]
    fn packets_in_pairs_are_read_in_pairs() {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        let mut unread = 0;
        for _ in 0..200 {
            now += Duration::from_millis(40);
            unread += 2;
            while unread > 0 && pace.handle_packet(now) == Next::Read {
                unread -= 1;
            }
            assert_eq!(unread, 0);
        }
    }

    #[test]
    fn two_looks_in_vain_end_it() {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        paced(&mut pace, &mut now, Duration::from_millis(20), 30);
        assert_eq!(pace.handle_miss(), Some(1));
        assert_eq!(pace.handle_miss(), None);
        assert!(!pace.is_looked_after());
    }

    #[test]
    fn an_early_look_in_vain_is_no_sign() {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        let twenty = Duration::from_millis(20);
        paced(&mut pace, &mut now, twenty, 17);
        while paced(&mut pace, &mut now, twenty, 1) != [Next::Look(7)] {}
        assert_eq!(pace.handle_miss(), Some(1));
        assert_eq!(pace.handle_miss(), Some(1));
        assert_eq!(pace.handle_miss(), None);
    }
}
