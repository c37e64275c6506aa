//! Legs that are not heard although they should be, and a call that nobody is in any more.

use std::time::{Duration, Instant};

use super::doing::{Doing, HangUpReason};
use super::event::{EventKind, Side};
use super::media::{Audio, MediaCommand, MediaLeg};
use super::{Call, Phase};
use crate::rules::Moment;
use crate::sip::Reason;

/// Q.850: recovery on timer expiry.
const TIMER_EXPIRY: u16 = 102;

/// The caller says nothing.
#[derive(Debug)]
pub(super) struct Hush {
    /// When something is done about it.
    pub(super) due: Instant,
    was_warned: bool,
    /// Packets may come: it is over with a word only.
    is_wordless: bool,
}

/// Who has not said a word for so long since the talk began may be silent.
const WORDLESS_AFTER: Duration = Duration::from_secs(3);

impl Call {
    /// Who has not answered yet need not speak, so only a talk can fall silent.
    pub(super) fn fell_silent(&mut self, leg: MediaLeg, one_way: bool, now: Moment) {
        let side = self.leg_mut(leg).map(|owner| owner.side);
        if let Some(side) = side.filter(|_| self.talks() && self.takes_part(leg)) {
            self.hush_from(side, false, now);
            tracing::info!(parent: &self.span, ?side, one_way, "a leg is not heard");
            self.store(EventKind::FellSilent { side, one_way }, now);
        }
    }

    pub(super) fn heard_again(&mut self, leg: MediaLeg, silent_ms: u64, now: Moment) {
        let side = self.leg_mut(leg).map(|owner| owner.side);
        let hush = self.desk.as_ref().and_then(|desk| desk.hush.as_ref());
        let is_wordless = hush.is_some_and(|hush| hush.is_wordless);
        if side == Some(Side::Caller) && !is_wordless {
            self.forget_hush();
        }
        if let Some(side) = side.filter(|_| self.talks() && self.takes_part(leg)) {
            self.store(EventKind::HeardAgain { side, silent_ms }, now);
        }
    }

    /// Both ends are gone without a BYE: nobody shall stay connected, and billed.
    pub(super) fn peers_gone(&mut self, silent_ms: u64, now: Moment) {
        let is_held = self.caller.held || self.attempts.iter().any(|attempt| attempt.leg.held);
        if !self.connected || is_held || matches!(self.phase, Phase::Ended) {
            return;
        }
        let seconds = silent_ms / 1000;
        self.farewell = Some(Reason::q850(TIMER_EXPIRY));
        self.hang_up(&format!("no RTP and no RTCP for {seconds} s"), now);
    }

    /// X03: a caller of whom nothing comes is not listened to for ever, where the line says so.
    fn hush_from(&mut self, side: Side, is_wordless: bool, now: Moment) {
        let Some(wait) = self.manners().silent_end.filter(|_| side == Side::Caller) else {
            return;
        };
        let due = now.instant + wait;
        let hush = self.desk().hush.get_or_insert(Hush {
            due,
            was_warned: false,
            is_wordless,
        });
        hush.is_wordless |= is_wordless;
    }

    /// The caller and an agent hear each other from now on. Whether the caller says anything is
    /// listened for where the line ends silent calls, until the first word: who only listens after
    /// that is not silent.
    pub(super) fn heed_caller(&mut self) {
        let wants = self.manners().silent_end.is_some() && self.errand.is_line();
        if wants && !self.progress.has_spoken {
            self.order(MediaCommand::Heed {
                leg: self.caller.id,
                quiet_after: WORDLESS_AFTER,
                is_first_word: true,
            });
        }
    }

    /// Nothing is said on a leg, though packets may come.
    pub(super) fn fell_quiet(&mut self, leg: MediaLeg, now: Moment) {
        if leg != self.caller.id {
            return;
        }
        if self.is_taking_message() {
            self.message_falls_silent(now);
        } else if self.talks() && self.takes_part(leg) && !self.progress.has_spoken {
            self.hush_from(Side::Caller, true, now);
        }
    }

    /// Something is said on a leg.
    pub(super) fn spoke(&mut self, leg: MediaLeg) {
        if leg == self.caller.id && !self.is_taking_message() {
            self.progress.has_spoken = true;
            self.forget_hush();
        }
    }

    /// The caller speaks, or talks with nobody now: the media plane forgets the silence of those who
    /// are parted, and tells of it anew.
    pub(super) fn forget_hush(&mut self) {
        if let Some(desk) = &mut self.desk {
            desk.hush = None;
        }
    }

    /// Warns such a caller, then ends the call. Nobody is expected to speak while waiting.
    pub(super) fn hush_due(&mut self, now: Moment) {
        let manners = self.manners();
        let waits = self.is_apart() || !self.talks() || self.notice.is_some();
        let hush = self.desk.as_mut().and_then(|desk| desk.hush.as_mut());
        let (Some(hush), Some(wait)) =
            (hush.filter(|it| it.due <= now.instant), manners.silent_end)
        else {
            return;
        };
        hush.due = now.instant + wait;
        if waits {
            return;
        }
        let was_warned = std::mem::replace(&mut hush.was_warned, true);
        match manners.silent_warning.filter(|_| !was_warned) {
            Some(warning) => {
                self.play(self.caller.id, Audio::Prompt(warning));
                self.does(Doing::SilenceWarned, now);
            }
            None => self.hang_up_because(HangUpReason::SilentCall, now),
        }
    }

    fn talks(&self) -> bool {
        self.connected && matches!(self.phase, Phase::Talking)
    }
}
