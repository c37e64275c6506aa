//! Legs that are not heard although they should be, and a call that nobody is in any more.

use super::event::EventKind;
use super::media::MediaLeg;
use super::{Call, Phase};
use crate::rules::Moment;
use crate::sip::Reason;

/// Q.850: recovery on timer expiry.
const TIMER_EXPIRY: u16 = 102;

impl Call {
    /// Who has not answered yet need not speak, so only a talk can fall silent.
    pub(super) fn fell_silent(&mut self, leg: MediaLeg, one_way: bool, now: Moment) {
        let side = self.leg_mut(leg).map(|owner| owner.side);
        if let Some(side) = side.filter(|_| self.talks()) {
            tracing::info!(parent: &self.span, ?side, one_way, "a leg is not heard");
            self.store(EventKind::FellSilent { side, one_way }, now);
        }
    }

    pub(super) fn heard_again(&mut self, leg: MediaLeg, silent_ms: u64, now: Moment) {
        let side = self.leg_mut(leg).map(|owner| owner.side);
        if let Some(side) = side.filter(|_| self.talks()) {
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

    fn talks(&self) -> bool {
        self.connected && matches!(self.phase, Phase::Talking)
    }
}
