//! The account of all packets: what was sent and has not come, what came twice or out of order, how
//! late it came, and what came to somebody else.

use serde::Serialize;

use super::marker::{Marker, Side};
use super::sequence::{Place, Sequence};

/// Delays are told apart to so many microseconds.
const STEP_US: u64 = 10;
/// Longer ones, over a second, are all counted alike.
const STEPS: usize = 100_000;

/// What became of the packets of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Sent by this side.
    pub sent: u64,
    /// Of those, come to the other end of the same call.
    pub received: u64,
    /// Sent and never come.
    pub lost: u64,
    /// Come once more.
    pub duplicated: u64,
    /// Come after one that was sent later.
    pub reordered: u64,
    /// Come to another call.
    pub astray: u64,
}

/// The delays of one direction, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Delays {
    /// Half of the packets took no longer.
    pub p50_us: u64,
    /// 99 of a hundred.
    pub p99_us: u64,
    /// 999 of a thousand.
    pub p999_us: u64,
    /// The longest, up to a second.
    pub max_us: u64,
}

/// The account of one direction.
#[derive(Debug)]
pub struct Tally {
    side: Side,
    calls: Vec<Sequence>,
    figures: Figures,
    delays: Vec<u64>,
}

impl Tally {
    /// An account of what `side` sends in so many calls.
    pub fn new(side: Side, calls: usize) -> Self {
        Self {
            side,
            calls: vec![Sequence::default(); calls],
            figures: Figures::default(),
            delays: vec![0; STEPS + 1],
        }
    }

    /// A packet goes out.
    pub fn sent(&mut self) {
        self.figures.sent += 1;
    }

    /// A packet has come to the end of `call` that hears `side`.
    pub fn received(&mut self, marker: &Marker, call: Option<u16>, now_us: u64) {
        let stream = self.calls.get_mut(usize::from(marker.call));
        let (Some(stream), true) = (stream, marker.side == self.side) else {
            self.figures.astray += 1;
            return;
        };
        if call.is_some_and(|call| call != marker.call) {
            self.figures.astray += 1;
            return;
        }
        match stream.take(marker.number) {
            Place::InOrder => self.figures.received += 1,
            Place::Overtaken => {
                self.figures.received += 1;
                self.figures.reordered += 1;
            }
            Place::Again => {
                self.figures.duplicated += 1;
                return;
            }
            Place::Nowhere => {
                self.figures.astray += 1;
                return;
            }
        }
        let delay = now_us.saturating_sub(marker.sent_us) / STEP_US;
        let step = usize::try_from(delay).map_or(STEPS, |step| step.min(STEPS));
        if let Some(count) = self.delays.get_mut(step) {
            *count += 1;
        }
    }

    /// The account so far.
    pub fn figures(&self) -> Figures {
        Figures {
            lost: self.figures.sent.saturating_sub(self.figures.received),
            ..self.figures
        }
    }

    /// The delays so far.
    pub fn delays(&self) -> Delays {
        Delays {
            p50_us: self.delay_of(500),
            p99_us: self.delay_of(990),
            p999_us: self.delay_of(999),
            max_us: self.delay_of(1000),
        }
    }

    /// The delay that so many of a thousand packets do not exceed.
    fn delay_of(&self, per_mille: u64) -> u64 {
        let wanted = (self.figures.received * per_mille).div_ceil(1000);
        let mut seen = 0;
        for (step, count) in (0_u64..).zip(&self.delays) {
            seen += count;
            if seen >= wanted && seen > 0 {
                return step * STEP_US;
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(call: u16, number: u32) -> Marker {
        Marker {
            side: Side::Caller,
            call,
            number,
            sent_us: u64::from(number) * 20_000,
        }
    }

    /// Every tenth packet is lost, one comes twice, two change places, one goes astray.
    #[test]
    fn what_became_of_each_packet_is_exact() {
        let mut tally = Tally::new(Side::Caller, 2);
        let mut order: Vec<u32> = (0..1000).collect();
        order.swap(201, 202);
        for number in order {
            tally.sent();
            if number % 10 == 9 {
                continue;
            }
            let marker = marker(1, number);
            let delay = if number < 990 { 1_000 } else { 30_000 };
            tally.received(&marker, Some(1), marker.sent_us + delay);
        }
        tally.received(&marker(1, 5), Some(1), 0);
        tally.received(&marker(1, 9), Some(0), 0);
        tally.received(&marker(7, 9), None, 0);
        assert_eq!(
            tally.figures(),
            Figures {
                sent: 1000,
                received: 900,
                lost: 100,
                duplicated: 1,
                reordered: 1,
                astray: 2,
            }
        );
        let delays = tally.delays();
        assert_eq!((delays.p50_us, delays.p99_us), (1_000, 1_000));
        assert_eq!((delays.p999_us, delays.max_us), (30_000, 30_000));
    }

    #[test]
    fn nothing_sent_is_nothing_lost() {
        let tally = Tally::new(Side::Agent, 1);
        assert_eq!(tally.figures(), Figures::default());
        assert_eq!(tally.delays(), Delays::default());
    }
}
