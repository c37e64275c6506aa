//! Keeping sessions alive, and finding out that one is not (RFC 4028): our refreshes, by UPDATE
//! where the peer takes it, else by re-INVITE; and the end of a dialog whose peer is gone.

use std::time::{Duration, Instant};

use rand::RngExt;

use super::event::{HangupParty, Side};
use super::leg::{Change, Wire};
use super::media::MediaLeg;
use super::{Call, Output, Phase, request};
use crate::rules::Moment;
use crate::sdp::OfferAnswer;
use crate::sip::inspect::{allow, supported};
use crate::sip::session_timer::{self, Due, SHORTEST_S, SessionTimer};
use crate::sip::{Method, Request, Response, StatusCode};
use crate::sip::{MinSe, Reason, Refresher, SessionExpires};

/// Q.850: a timer has run out.
const TIMER_EXPIRY: u16 = 102;
/// Waits after a 491 are multiples of this (RFC 3261 §14.1).
const STEP: Duration = Duration::from_millis(10);
/// The longest session that a peer can talk us into, in seconds.
const LONGEST_S: u32 = 86_400;
/// While something else is being negotiated, a refresh waits so long.
const LATER: Duration = Duration::from_secs(1);

impl Call {
    /// Begins, or begins anew, what a 2xx of ours to the peer's request agrees on.
    pub(super) fn agree_on_timer(
        &mut self,
        leg: MediaLeg,
        request: &Request,
        response: &mut Response,
        now: Moment,
    ) {
        let ours_s = self.session_expires_s;
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let before = owner
            .timer
            .as_ref()
            .map(|timer| timer.agreement().refresher);
        let before = before.unwrap_or(session_timer::Side::Local);
        let agreement = session_timer::answer(&request.headers, ours_s, before);
        session_timer::write_answer(&agreement, &mut response.headers);
        owner.timer = Some(SessionTimer::start(agreement, now.instant));
    }

    pub(super) fn sessions_deadline(&self) -> Option<Instant> {
        if matches!(self.phase, Phase::Ended) {
            return None;
        }
        let legs = self.attempts.iter().map(|attempt| &attempt.leg);
        legs.chain([&self.caller])
            .filter(|leg| leg.wire == Wire::Up)
            .flat_map(|leg| {
                [
                    leg.timer.as_ref().map(SessionTimer::poll_timeout),
                    leg.retry_at,
                ]
            })
            .flatten()
            .min()
    }

    pub(super) fn sessions_due(&mut self, now: Moment) {
        if matches!(self.phase, Phase::Ended) {
            return;
        }
        let legs = self.attempts.iter_mut().map(|attempt| &mut attempt.leg);
        let mut due = Vec::new();
        for leg in legs.chain([&mut self.caller]) {
            if leg.wire != Wire::Up {
                continue;
            }
            let retry = leg.retry_at.take_if(|at| *at <= now.instant);
            let retry = retry.map(|_| Due::Refresh);
            let timer = leg.timer.as_mut();
            let session = timer.and_then(|timer| timer.handle_timeout(now.instant));
            due.extend(session.or(retry).map(|what| (leg.id, what)));
        }
        for (leg, what) in due {
            match what {
                Due::Refresh => self.refresh(leg, now),
                Due::Expired => {
                    let text = "nobody refreshed the session";
                    self.peer_is_gone(leg, StatusCode::REQUEST_TIMEOUT, text, now);
                }
            }
        }
    }

    /// Refreshes a leg's session; later, while something else is being negotiated.
    fn refresh(&mut self, leg: MediaLeg, now: Moment) {
        let mut rng = self.fork_rng();
        let Some(owner) = self.leg_mut(leg).filter(|owner| owner.wire == Wire::Up) else {
            return;
        };
        if owner.change.is_some() || owner.awaits_answer {
            owner.retry_at = Some(now.instant + LATER);
            return;
        }
        let Some(timer) = owner.timer else { return };
        let method = if owner.takes.update {
            Method::UPDATE
        } else {
            Method::INVITE
        };
        let hop = owner.hop.clone();
        let Some(dialog) = owner.dialog.as_mut() else {
            return;
        };
        let mut request = request::within(dialog, method.clone(), &hop, &mut rng);
        let headers = &mut request.headers;
        headers.push("Allow", allow());
        headers.push("Supported", supported());
        let refresher = match timer.agreement().refresher {
            session_timer::Side::Local => Refresher::Uac,
            session_timer::Side::Remote => Refresher::Uas,
        };
        let expires = SessionExpires {
            seconds: timer.agreement().interval_s,
            refresher: Some(refresher),
        };
        headers.push("Session-Expires", expires);
        if let Some(seconds) = owner.min_se_s {
            headers.push("Min-SE", MinSe { seconds });
        }
        if method == Method::INVITE
            && let Some(offer) = owner.session.as_mut().and_then(OfferAnswer::offer_again)
        {
            request::with_sdp(&mut request.headers, &mut request.body, offer);
        }
        owner.change = Some(Change {
            cseq: request.cseq().number,
            method,
        });
        self.emit(Output::Send(leg, request, hop));
    }

    /// What the peer says to our refresh.
    pub(super) fn change_answered(&mut self, leg: MediaLeg, response: &Response, now: Moment) {
        let status = response.status;
        if status.is_provisional() {
            return;
        }
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let Some(change) = owner.change.take() else {
            return;
        };
        match status {
            _ if status.is_success() => self.refreshed(leg, &change, response, now),
            StatusCode::REQUEST_TIMEOUT | StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST => {
                self.peer_is_gone(leg, status, "the peer does not know the call", now);
            }
            StatusCode::REQUEST_PENDING => {
                let wait = self.glare_wait(leg);
                if let Some(owner) = self.leg_mut(leg) {
                    owner.retry_at = Some(now.instant + wait);
                }
            }
            StatusCode::SESSION_INTERVAL_TOO_SMALL => self.lengthen(leg, response, now),
            _ => {
                if let Some(timer) = &mut owner.timer {
                    timer.refused(now.instant);
                }
            }
        }
    }

    fn refreshed(&mut self, leg: MediaLeg, change: &Change, response: &Response, now: Moment) {
        let ours_s = self.session_expires_s;
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let asked_s = owner.timer.map_or(ours_s, |it| it.agreement().interval_s);
        let agreement = session_timer::answered(&response.headers, asked_s);
        owner.timer = Some(SessionTimer::start(agreement, now.instant));
        let hop = owner.hop.clone();
        let Some(dialog) = owner.dialog.as_mut() else {
            return;
        };
        dialog.refresh_target(&response.headers);
        if change.method != Method::INVITE {
            return;
        }
        let ack = dialog.ack(change.cseq);
        let agreed = owner
            .session
            .as_mut()
            .map(|session| session.handle_answer(&response.body));
        self.emit(Output::Acknowledge(leg, ack, hop));
        match agreed {
            Some(Ok(stream)) => self.restream(leg, stream, now),
            Some(Err(mismatch)) => {
                tracing::warn!(parent: &self.span, error = %mismatch, "the answer to our refresh does not fit");
            }
            None => {}
        }
    }

    /// RFC 4028 §7.1: the peer, or somebody on the way, wants a longer session.
    fn lengthen(&mut self, leg: MediaLeg, response: &Response, now: Moment) {
        let Some(owner) = self.leg_mut(leg) else {
            return;
        };
        let Some(timer) = &mut owner.timer else {
            return;
        };
        let least_s = response.headers.min_se().map_or(0, |min| min.seconds);
        let mut agreement = *timer.agreement();
        if (SHORTEST_S..=LONGEST_S).contains(&least_s) && least_s > agreement.interval_s {
            agreement.interval_s = least_s;
            *timer = SessionTimer::start(agreement, now.instant);
            owner.min_se_s = Some(least_s);
            self.refresh(leg, now);
        } else {
            timer.refused(now.instant);
        }
    }

    /// Our refresh found no answer (RFC 3261 §12.2.1.2).
    pub(super) fn change_timed_out(&mut self, leg: MediaLeg, now: Moment) {
        if let Some(owner) = self.leg_mut(leg) {
            owner.change = None;
            let text = "the peer does not answer";
            self.peer_is_gone(leg, StatusCode::REQUEST_TIMEOUT, text, now);
        }
    }

    /// A dialog without a peer ends: with the call, if it was one of the two that talk.
    fn peer_is_gone(&mut self, leg: MediaLeg, status: StatusCode, why: &str, now: Moment) {
        let Some(owner) = self.leg_mut(leg).filter(|owner| owner.wire == Wire::Up) else {
            return;
        };
        owner.timer = None;
        owner.retry_at = None;
        let side = owner.side;
        let reason = Reason::q850(TIMER_EXPIRY);
        owner.ended(HangupParty::System, Some(status), vec![reason.clone()]);
        tracing::info!(parent: &self.span, ?side, sip.status = status.as_u16(), why, "a leg is dead");
        if leg == self.caller.id || self.talking_leg() == Some(leg) {
            self.farewell = Some(reason);
            let whose = match side {
                Side::Caller => "the caller's leg",
                Side::Agent => "the agent's leg",
            };
            self.hang_up(&format!("{whose}: {why}"), now);
        } else {
            self.send_bye(leg);
            let is_early = self.picked_up_early();
            let is_early = is_early.is_some_and(|index| self.attempts[index].leg.id == leg);
            if is_early || !self.takes_part(leg) {
                self.close_ports(leg);
                self.goes_on_without(leg, now);
            }
        }
    }

    /// RFC 3261 §14.1: who chose the Call-ID waits 2.1 s to 4 s, the other up to 2 s, so that
    /// they do not meet again.
    fn glare_wait(&mut self, leg: MediaLeg) -> Duration {
        let steps = if leg == self.caller.id {
            0..=200
        } else {
            210..=400
        };
        STEP * self.rng.random_range::<u32, _>(steps)
    }
}
