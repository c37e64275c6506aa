//! Whether those who should be heard are: silent legs, one-way audio, and a session that both its
//! peers have left without a word.

use std::time::{Duration, Instant};

use super::{LegKey, Notice, Session, Sink};
use crate::media::hearing::{Change, LOOK_EVERY};
use crate::media::leg::{Kind, Leg};
use crate::media::speaking::{Said, Speaking};
use crate::sdp::Direction;

impl Session {
    pub(super) fn look_if_due(&mut self, now: Instant, sink: &mut impl Sink) {
        if self.look_due.is_none_or(|due| due > now) {
            return;
        }
        self.look_due = Some(now + LOOK_EVERY);
        for index in 0..self.legs.len() {
            let partner = self.partner_of(index);
            let is_partner_heard = partner.is_some_and(|partner| {
                let is_itself = Some(partner.key) == self.legs.get(index).map(|leg| leg.key);
                !is_itself && partner.hearing.is_heard(self.patience, now)
            });
            let is_expected = partner.is_some_and(talks);
            let patience = self.patience;
            let Some(leg) = self.legs.get_mut(index) else {
                return;
            };
            let is_expected = is_expected && talks(leg);
            leg.hearing.expect(is_expected, now);
            let lost_end = leg.keys.handle_timeout(now);
            let change = leg.hearing.look(patience, now);
            let one_way = leg.hearing.turns_one_way(is_partner_heard);
            match change {
                Some(Change::HeardAgain { silent_ms }) => {
                    sink.noticed(leg.key, Notice::HeardAgain { silent_ms });
                }
                Some(Change::FellSilent) => sink.noticed(leg.key, Notice::Silent { one_way }),
                None if one_way => sink.noticed(leg.key, Notice::Silent { one_way }),
                None => {}
            }
            let key = leg.key;
            match leg.speaking.as_mut().and_then(|it| it.look(now)) {
                Some(Said::Nothing) => sink.noticed(key, Notice::Quiet),
                Some(Said::Something) => sink.noticed(key, Notice::Spoke),
                None => {}
            }
            if let Some(pressed) = lost_end {
                self.pressed(key, pressed, now, sink);
            }
        }
        self.look_for_the_end(now, sink);
    }

    /// Nobody who should be here has given a sign of life for too long. Somebody who holds the
    /// other, or is held, may well say nothing.
    fn look_for_the_end(&mut self, now: Instant, sink: &mut impl Sink) {
        let Some(limit) = self.patience.dead else {
            return;
        };
        let bridged = |leg: &&Leg| leg.partner.is_some();
        if self.legs.iter().filter(bridged).any(|leg| !talks(leg)) {
            return;
        }
        // Who was heard while something was played to him has to go on being there.
        let is_alone = |leg: &Leg| leg.playing.is_some() && talks(leg) && leg.hearing.was_heard();
        let present = |leg: &&Leg| leg.partner.is_some() || is_alone(leg);
        let last = self.legs.iter().filter(present);
        let last: Option<(Option<Instant>, LegKey)> =
            last.map(|leg| (leg.hearing.alive_at(), leg.key)).max();
        let Some((Some(alive_at), leg)) = last else {
            return;
        };
        let since = Some(alive_at).max(self.told_gone_at).unwrap_or(alive_at);
        if now.saturating_duration_since(since) < limit {
            return;
        }
        self.told_gone_at = Some(now);
        let silent = now.saturating_duration_since(alive_at);
        let silent_ms = u64::try_from(silent.as_millis()).unwrap_or(u64::MAX);
        sink.noticed(leg, Notice::Gone { silent_ms });
    }

    /// Listens to a leg from now on, and tells when nothing has been said for so long, and when
    /// something is said again. With `is_first_word` only until its first word, which is told.
    pub fn heed(&mut self, key: LegKey, quiet_after: Duration, is_first_word: bool, now: Instant) {
        self.look_due.get_or_insert(now + LOOK_EVERY);
        if let Some(leg) = self.leg(key) {
            leg.speaking = Some(Speaking::new(quiet_after, is_first_word, now));
        }
    }

    fn partner_of(&self, index: usize) -> Option<&Leg> {
        let partner = self.legs.get(index)?.partner?;
        self.legs.iter().find(|leg| leg.key == partner)
    }
}

impl Leg {
    /// What comes of the peer, if somebody wants to know whether anything is said.
    pub(super) fn listens(&mut self, kind: Option<Kind>, payload: &[u8], now: Instant) {
        let Some(speaking) = &mut self.speaking else {
            return;
        };
        match kind {
            Some(Kind::Audio(codec)) => speaking.hears(codec, payload, now),
            Some(Kind::Event) => speaking.sees_key(now),
            Some(Kind::Noise) | None => {}
        }
    }
}

/// Audio goes both ways on the leg: it neither holds nor is on hold.
fn talks(leg: &Leg) -> bool {
    let stream = leg.stream.as_ref();
    stream.is_some_and(|stream| stream.direction == Direction::SendRecv)
}
