//! A call that an agent makes from a record, by a click (R042): the agent's own phone is rung first,
//! and whoever answers there takes the place that a phone's own INVITE would have made. Then the
//! number is called as if the phone had dialled it: by the same decision, with the same row.

use super::attempt::{State, Wanted};
use super::errand::Errand;
use super::event::{AttemptResult, Outcome, Side};
use super::{Call, Output, Phase, request};
use crate::rules::Moment;
use crate::sip::{Host, Method, NameAddr, Request, StatusCode, Uri};

impl Call {
    /// Whether nobody has sent us an INVITE for it: the agent who calls was called.
    pub(super) const fn is_ours(&self) -> bool {
        self.invite_tx.is_none()
    }

    /// The agent's phones are still to be rung.
    pub(super) fn is_summoning(&self) -> bool {
        let dial = self.errand.dial();
        dial.is_some_and(|dial| !dial.summons.is_empty())
    }

    /// The row is durable: the agent's phones ring.
    pub(super) fn summon(&mut self, now: Moment) {
        let Errand::Dial(dial) = &mut self.errand else {
            return;
        };
        let phones = std::mem::take(&mut dial.summons);
        self.phase = Phase::Summoning;
        self.offer(phones, Wanted::Summons, now);
    }

    /// The agent has answered: that leg is the caller's, and the number is called.
    pub(super) fn summoned(&mut self, index: usize, now: Moment) {
        let number = self.attempts[index].number;
        self.end_phone(index, AttemptResult::Answered, Some(200), now);
        self.end_attempt(number, AttemptResult::Cancelled, None, now);
        let attempt = &mut self.attempts[index];
        std::mem::swap(&mut attempt.leg, &mut self.caller);
        (self.caller.side, attempt.leg.side) = (Side::Caller, Side::Agent);
        attempt.state = State::Over;
        attempt.invite = None;
        // Nothing is left to be said of its session but in the dialog.
        self.caller.described = Some(Vec::new());
        let stream = self.caller.stream.as_ref();
        self.caller_codec = stream.map(|stream| stream.codec);
        if let Some(author) = self.author.clone() {
            self.emit(Output::AgentAnswered(author));
        }
        self.prepare_summoned(now);
    }

    /// The agent's phone was not answered.
    pub(super) fn summoned_in_vain(&mut self, status: Option<u16>, now: Moment) {
        if matches!(self.phase, Phase::Summoning) {
            let status = status.map_or(StatusCode::TEMPORARILY_UNAVAILABLE, StatusCode::new);
            self.end_unanswered(status, Outcome::NotReached, None, now);
        }
    }
}

/// The INVITE that the agent's phone would have sent: what the rest of a call looks up in it.
pub fn invite_of(agent: &str, number: &str, call_id: &str, host: &Host, tag: &str) -> Request {
    let uri = |user: &str| Uri::sip(Some(user), host.clone(), None);
    let mut request = Request::new(Method::INVITE, uri(number));
    let mut from = NameAddr::new(uri(agent));
    from.set_tag(tag);
    let headers = &mut request.headers;
    headers.push("From", from);
    headers.push("To", NameAddr::new(uri(number)));
    headers.push("Call-ID", call_id);
    headers.push("CSeq", "1 INVITE");
    request::with_sdp(&mut request.headers, &mut request.body, b"v=0\r\n".to_vec());
    request
}
