//! What comes of a phone that will not, or cannot: its refusal, its silence, and where it sends the
//! call instead.

use std::time::Duration;

use super::attempt::{self, Callee};
use super::event::{AttemptResult, HangupParty};
use super::leg::Wire;
use super::media::MediaLeg;
use super::{Call, Output, Phase};
use crate::rules::Moment;
use crate::sip::{Method, Response, SessionExpires, StatusCode};

/// Who asks to be left alone is so for five minutes at most.
const LONGEST_REST: Duration = Duration::from_mins(5);
/// So many 3xx are followed in one call.
const MOST_REDIRECTS: u32 = 5;

impl Call {
    /// RFC 3261 §21.5.4: an agent's only phone, or a carrier's peer, that is overloaded says for
    /// how long.
    pub(super) fn leave_alone(&mut self, index: usize, response: &Response) {
        let asked_s = response.headers.number("Retry-After");
        let asked_s = asked_s.filter(|_| response.status == StatusCode::SERVICE_UNAVAILABLE);
        let attempt = &self.attempts[index];
        if let (Some(asked_s), Some(_)) = (asked_s, &attempt.destination.trunk) {
            let wait = Duration::from_secs(asked_s.into()).min(LONGEST_REST);
            let peer = attempt.destination.hop.flow.peer;
            return self.emit(Output::TrunkBusy(peer, wait));
        }
        let phones = self.attempts.iter().filter(|a| a.number == attempt.number);
        let is_only_one = phones.count() == 1;
        if let (Some(asked_s), true) = (asked_s, is_only_one)
            && let Callee::Agent(agent) = &attempt.destination.callee
        {
            let wait = Duration::from_secs(asked_s.into()).min(LONGEST_REST);
            let agent = agent.clone();
            self.emit(Output::LeaveAlone(agent, wait));
        }
    }

    /// RFC 3261 §21.3: followed only where the line says so, and only so often. What is outside
    /// sends nobody anywhere, even where a phone has sent the caller there.
    pub(super) fn redirected(&mut self, index: usize, response: &Response) {
        let follows = self.line.as_ref().is_some_and(|line| line.follow_redirects);
        let is_hunting = matches!(self.phase, Phase::Hunting) && self.errand.is_line();
        let is_asked = response.status.is_redirection() && self.redirects < MOST_REDIRECTS;
        let attempt = &self.attempts[index];
        let is_bound = attempt.wanted.is_chosen() || attempt.destination.trunk.is_some();
        if !follows || !is_hunting || !is_asked || is_bound {
            return;
        }
        let uri = response.headers.contact().map(|contact| contact.uri);
        let number = uri.and_then(|uri| uri.number().or(uri.user_unescaped()));
        let callee = self.attempts[index].destination.callee.clone();
        if let (Some(number), Callee::Agent(agent)) = (number, callee) {
            self.redirects += 1;
            self.emit(Output::Redirected(agent, number));
        }
    }

    /// One phone's refusal leaves the agent's others ringing; a 6xx speaks for all (RFC 3261
    /// §16.7 step 5).
    pub(super) fn refused(&mut self, index: usize, status: StatusCode, now: Moment) {
        let result = attempt::result_of(status);
        let status = Some(status.as_u16());
        if attempt::is_global(status) {
            let number = self.attempts[index].number;
            self.end_attempt(number, result, status, now);
        } else {
            self.end_phone(index, result, status, now);
        }
    }

    /// A request of ours found no answer (RFC 3261 §8.1.3.1: as if it had been a 408).
    pub(super) fn timed_out(&mut self, leg: MediaLeg, method: &Method, now: Moment) {
        if *method == Method::BYE {
            return self.left(leg);
        }
        let change = self.leg_mut(leg).and_then(|owner| owner.change.as_ref());
        if change.is_some_and(|change| change.method == *method) {
            return self.change_timed_out(leg, now);
        }
        if *method == Method::INVITE
            && let Some(index) = self.attempt_index(leg)
        {
            let attempt = &mut self.attempts[index];
            attempt.leg.wire = Wire::Gone;
            let status = Some(StatusCode::REQUEST_TIMEOUT);
            attempt.leg.ended(HangupParty::System, status, Vec::new());
            if attempt.is_live() {
                self.tell_if_silent(index);
                self.end_phone(index, AttemptResult::Unreachable, None, now);
            } else {
                self.close_ports(leg);
            }
        }
    }

    pub(super) fn attempt_unreachable(&mut self, leg: MediaLeg, now: Moment) {
        if let Some(index) = self.attempt_index(leg) {
            self.attempts[index].leg.wire = Wire::Gone;
            if self.attempts[index].is_live() {
                self.end_phone(index, AttemptResult::Unreachable, None, now);
            }
        }
    }

    /// Whoever knows the registration hears that the phone did not say a word.
    pub(super) fn tell_if_silent(&mut self, index: usize) {
        let attempt = &self.attempts[index];
        if !attempt.is_silent() {
            return;
        }
        let peer = attempt.destination.hop.flow.peer;
        let trunk = attempt.destination.trunk.as_ref().map(|_| peer);
        let phone = attempt.destination.binding.map(Output::PhoneSilent);
        self.outputs
            .extend(phone.or(trunk.map(Output::TrunkSilent)));
    }

    /// RFC 4028 §7.1: a phone or trunk that wants longer sessions is asked again, once.
    pub(super) fn asks_longer(&mut self, index: usize, response: &Response) -> bool {
        let attempt = &mut self.attempts[index];
        let is_live = attempt.is_live();
        let is_422 = response.status == StatusCode::SESSION_INTERVAL_TOO_SMALL;
        let (Some(invite), Some(least)) = (&mut attempt.invite, response.headers.min_se()) else {
            return false;
        };
        if !is_422 || !is_live || invite.headers.has("Min-SE") {
            return false;
        }
        let mut cseq = invite.cseq();
        cseq.number += 1;
        invite.headers.set("CSeq", cseq);
        let seconds = least.seconds.max(self.session_expires_s);
        invite.headers.set("Min-SE", least);
        let refresher = None;
        let expires = SessionExpires { seconds, refresher };
        invite.headers.set("Session-Expires", expires);
        attempt.leg.early.clear();
        attempt.leg.min_se_s = Some(least.seconds);
        let (again, leg, hop) = (invite.clone(), attempt.leg.id, attempt.leg.hop.clone());
        self.emit(Output::Send(leg, again, hop));
        true
    }
}
