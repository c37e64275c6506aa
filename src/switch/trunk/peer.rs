//! One peer of a carrier, and whether it answers: OPTIONS at an interval, where any response
//! counts, and two silences in a row are too many.

use std::time::{Duration, Instant};

use crate::sip::Target;

/// A probe without an answer for so long is lost.
const PATIENCE: Duration = Duration::from_secs(4);
/// So many lost in a row, and the peer is down. With the longest interval, 50 s, and this many
/// times [`PATIENCE`] that is within the minute of R012.
const LOST: u8 = 2;

/// What is known of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// Nobody has asked it, or it has not answered yet.
    Unknown,
    /// It answers.
    Up,
    /// It does not.
    Down,
}

/// One peer.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) target: Target,
    pub(super) health: Health,
    /// It takes no calls until then: it answered one with 503 and `Retry-After`.
    pub(super) rests_until: Option<Instant>,
    /// `None`: it is not probed.
    interval: Option<Duration>,
    lost: u8,
    /// When the probe on its way is lost, or the next one is due.
    at: Instant,
    awaits: bool,
}

/// What has become of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// Send it an OPTIONS now.
    pub(super) probe: bool,
    /// Its health is another than before.
    pub(super) changed: bool,
}

impl Peer {
    pub(super) const fn new(target: Target, interval: Option<Duration>, now: Instant) -> Self {
        Self {
            target,
            health: Health::Unknown,
            rests_until: None,
            interval,
            lost: 0,
            at: now,
            awaits: false,
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.interval.map(|_| self.at)
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) -> Turn {
        let mut turn = Turn {
            probe: false,
            changed: false,
        };
        let Some(interval) = self.interval.filter(|_| self.at <= now) else {
            return turn;
        };
        if self.awaits {
            self.awaits = false;
            self.lost = self.lost.saturating_add(1);
            if self.lost >= LOST {
                turn.changed = self.becomes(Health::Down);
                self.at = now + interval;
                return turn;
            }
            // Whether it was the packet or the peer, the next one tells.
        }
        self.awaits = true;
        self.at = now + PATIENCE;
        turn.probe = true;
        turn
    }

    /// It has said something: whatever it was, it is there. True if that is news.
    pub(super) fn answered(&mut self, now: Instant) -> bool {
        let Some(interval) = self.interval else {
            return false;
        };
        self.lost = 0;
        if self.awaits {
            self.awaits = false;
            self.at = now + interval;
        }
        self.becomes(Health::Up)
    }

    /// A call found no answer there: ask at once.
    pub(super) fn suspect(&mut self, now: Instant) {
        if !self.awaits {
            self.at = now;
        }
    }

    fn becomes(&mut self, health: Health) -> bool {
        std::mem::replace(&mut self.health, health) != health
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(50);

    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs one arbitrary start"
    )]
    fn peer() -> (Peer, Instant) {
        let now = Instant::now();
        let target = "192.0.2.1:5060".parse().unwrap();
        (Peer::new(target, Some(INTERVAL), now), now)
    }

    /// The next timeout, and what it brings.
    fn next(peer: &mut Peer) -> (Instant, Turn) {
        let at = peer.poll_timeout().unwrap();
        (at, peer.handle_timeout(at))
    }

    /// R012: a peer that dies right after an answer is known to be down within the minute.
    #[test]
    fn a_silent_peer_is_down_within_a_minute() {
        let (mut peer, start) = peer();
        assert!(next(&mut peer).1.probe);
        assert!(peer.answered(start));
        let mut changed = None;
        for _ in 0..4 {
            let (at, turn) = next(&mut peer);
            if turn.changed {
                changed = Some(at - start);
                break;
            }
        }
        assert_eq!(peer.health, Health::Down);
        assert!(changed.unwrap() <= Duration::from_mins(1), "{changed:?}");
        // It is asked on, and one answer is enough.
        let (at, turn) = next(&mut peer);
        assert!(turn.probe);
        assert!(peer.answered(at));
        assert_eq!(peer.health, Health::Up);
    }

    #[test]
    fn one_lost_probe_is_no_outage() {
        let (mut peer, _) = peer();
        next(&mut peer);
        let (at, turn) = next(&mut peer);
        assert_eq!((turn.probe, turn.changed), (true, false));
        peer.answered(at);
        assert_eq!(
            (peer.health, peer.poll_timeout()),
            (Health::Up, Some(at + INTERVAL))
        );
    }

    #[test]
    fn a_late_answer_is_an_answer() {
        let (mut peer, _) = peer();
        for _ in 0..3 {
            next(&mut peer);
        }
        assert_eq!(peer.health, Health::Down);
        let before = peer.poll_timeout();
        assert!(peer.answered(before.unwrap().checked_sub(INTERVAL).unwrap()));
        assert_eq!(peer.poll_timeout(), before);
    }

    #[test]
    fn a_peer_that_is_not_probed_stays_unknown() {
        let (peer, start) = peer();
        let mut peer = Peer::new(peer.target, None, start);
        assert_eq!(peer.poll_timeout(), None);
        peer.suspect(start);
        assert!(!peer.handle_timeout(start).probe && !peer.answered(start));
        assert_eq!(peer.health, Health::Unknown);
    }
}
