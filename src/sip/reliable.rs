//! Reliable provisional responses: RFC 3262, both sides, pure.
//!
//! ```text
//! UAS: [`ReliableSender`]  --18x RSeq n--> repeated T1, 2*T1, ... until PRACK n; one at a time
//! UAC: [`ReliableReceiver`]  takes each RSeq once and in order; the user sends the PRACK
//! ```

use std::collections::VecDeque;
use std::time::Instant;

use super::message::Response;
use super::rack::RAck;
use super::rseq::RSeq;
use super::timers::{Backoff, PATIENCE};
use super::{Headers, Method};

/// The option tag (RFC 3262 §8.1).
pub const OPTION_TAG: &str = "100rel";

/// A peer that never confirms one response makes no more than these wait; what would be one
/// more is not sent, since the next ones say the same and newer things.
const MAX_WAITING: usize = 8;

/// What the sender wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this response, for the first time or again.
    Send(Response),
    /// No PRACK within 64*T1: the INVITE is to be refused with a 5xx (§3).
    Unconfirmed,
}

/// How a PRACK fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It confirms the response that is out.
    Confirms,
    /// It confirms nothing that is unconfirmed: 481 (§3).
    Nothing,
}

/// The reliable provisional responses to one INVITE, one outstanding at a time (§3).
#[derive(Debug)]
pub struct ReliableSender {
    invite_cseq: u32,
    last: u32,
    outstanding: Option<Outstanding>,
    waiting: VecDeque<Response>,
    outputs: VecDeque<Output>,
}

#[derive(Debug)]
struct Outstanding {
    rseq: RSeq,
    response: Response,
    /// `None` once a final response has gone out: repeats stop, the PRACK may still come (§3).
    repeat: Option<Backoff>,
    deadline: Instant,
}

impl ReliableSender {
    /// For the INVITE with this `CSeq` number. `first` is the first `RSeq`, from 1 to 2^31 - 1.
    pub fn new(invite_cseq: u32, first: u32) -> Self {
        Self {
            invite_cseq,
            last: (first & 0x7FFF_FFFF).max(1) - 1,
            outstanding: None,
            waiting: VecDeque::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Sends a provisional response above 100 reliably, after those before it are confirmed.
    pub fn send(&mut self, mut response: Response, now: Instant) {
        if self.outstanding.is_some() {
            if self.waiting.len() < MAX_WAITING {
                self.waiting.push_back(response);
            }
            return;
        }
        self.last += 1;
        let rseq = RSeq(self.last);
        response.headers.set("Require", OPTION_TAG);
        response.headers.set("RSeq", rseq);
        self.outputs.push_back(Output::Send(response.clone()));
        self.outstanding = Some(Outstanding {
            rseq,
            response,
            repeat: Some(Backoff::new(PATIENCE, now)),
            deadline: now + PATIENCE,
        });
    }

    /// Takes the `RAck` of a PRACK; the next response goes out if one waits.
    pub fn confirm(&mut self, rack: &RAck, now: Instant) -> Fit {
        let is_fit = self.outstanding.as_ref().is_some_and(|out| {
            out.rseq == rack.rseq
                && rack.cseq.number == self.invite_cseq
                && rack.cseq.method == Method::INVITE
        });
        if !is_fit {
            return Fit::Nothing;
        }
        self.outstanding = None;
        if let Some(next) = self.waiting.pop_front() {
            self.send(next, now);
        }
        Fit::Confirms
    }

    /// Whether a 2xx must wait: a session description is out, or about to go, unconfirmed (§3).
    pub fn holds_back_success(&self) -> bool {
        let out = self.outstanding.as_ref().map(|out| &out.response);
        out.into_iter()
            .chain(&self.waiting)
            .any(|response| !response.body.is_empty())
    }

    /// A final response goes out: nothing provisional follows it, and nothing is repeated (§3).
    pub fn finish(&mut self) {
        self.waiting.clear();
        if let Some(out) = &mut self.outstanding {
            out.repeat = None;
        }
    }

    /// Fires what is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        let Some(out) = &mut self.outstanding else {
            return;
        };
        if out.deadline <= now {
            if out.repeat.is_some() {
                self.outputs.push_back(Output::Unconfirmed);
            }
            self.outstanding = None;
            self.waiting.clear();
        } else if out.repeat.as_mut().is_some_and(|timer| timer.fire(now)) {
            self.outputs.push_back(Output::Send(out.response.clone()));
        }
    }

    /// The next output, oldest first. Drain it after every other call.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed; never for the sake of a
    /// PRACK that nothing depends on any more.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let out = self.outstanding.as_ref()?;
        out.repeat.map(|timer| timer.due().min(out.deadline))
    }
}

/// What a provisional response is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Not sent reliably: it is heard and not confirmed.
    Unreliable,
    /// New and next in order: it is heard, and confirmed by a PRACK with this number.
    Next(RSeq),
    /// A repeat, or one that has overtaken another: it is dropped, and not confirmed (§4).
    Dropped,
}

/// The reliable provisional responses of one early dialog, as they arrive (§4).
#[derive(Clone, Copy, Debug, Default)]
pub struct ReliableReceiver {
    last: Option<RSeq>,
}

impl ReliableReceiver {
    /// Judges a provisional response by its headers.
    pub fn handle(&mut self, status: u16, headers: &Headers) -> Arrival {
        let is_reliable = status > 100 && headers.lists("Require", OPTION_TAG);
        let Some(rseq) = headers.rseq().filter(|_| is_reliable) else {
            return Arrival::Unreliable;
        };
        let is_next = self
            .last
            .is_none_or(|last| last.0.checked_add(1) == Some(rseq.0));
        if !is_next {
            return Arrival::Dropped;
        }
        self.last = Some(rseq);
        Arrival::Next(rseq)
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sip::{CSeq, StatusCode};

    /// §3: T1, then doubling without the bound of T2, for 64*T1; then the INVITE is refused.
    #[test]
    fn an_unconfirmed_response_is_repeated_six_times_in_32_seconds() {
        let start = Instant::now();
        let mut sender = ReliableSender::new(1, 1);
        sender.send(ringing(""), start);
        let mut log = drain(&mut sender, start, start);
        while let Some(due) = sender.poll_timeout() {
            sender.handle_timeout(due);
            log.extend(drain(&mut sender, due, start));
        }
        let seconds: Vec<_> = log.iter().map(|(at, _)| at.as_secs_f32()).collect();
        assert_eq!(seconds, [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 32.0]);
        assert_eq!(log.last().map(|(_, what)| what.as_str()), Some("refuse"));
    }

    #[test]
    fn one_is_out_at_a_time_and_the_next_follows_the_prack() {
        let start = Instant::now();
        let mut sender = ReliableSender::new(7, 41);
        sender.send(ringing(""), start);
        sender.send(ringing(""), start);
        assert_eq!(sent(&mut sender, start), ["41"]);
        assert_eq!(sender.confirm(&rack(41, 7), start), Fit::Confirms);
        assert_eq!(sent(&mut sender, start), ["42"]);
        assert_eq!(sender.confirm(&rack(42, 7), start), Fit::Confirms);
        assert_eq!(sender.poll_timeout(), None);
    }

    /// §3: a PRACK that matches nothing is 481; so is the repeat of one that did.
    #[test]
    fn a_prack_that_matches_nothing_confirms_nothing() {
        let start = Instant::now();
        let mut sender = ReliableSender::new(7, 1);
        assert_eq!(sender.confirm(&rack(1, 7), start), Fit::Nothing);
        sender.send(ringing(""), start);
        let mut bye = rack(1, 7);
        bye.cseq.method = Method::BYE;
        for wrong in [rack(2, 7), rack(1, 8), bye] {
            assert_eq!(sender.confirm(&wrong, start), Fit::Nothing, "{wrong}");
        }
        assert_eq!(sender.confirm(&rack(1, 7), start), Fit::Confirms);
        assert_eq!(sender.confirm(&rack(1, 7), start), Fit::Nothing);
    }

    #[test]
    fn only_a_description_that_is_unconfirmed_holds_a_success_back() {
        let start = Instant::now();
        let mut sender = ReliableSender::new(1, 1);
        sender.send(ringing(""), start);
        assert!(!sender.holds_back_success());
        sender.send(ringing("v=0"), start);
        assert!(sender.holds_back_success());
        sender.confirm(&rack(1, 1), start);
        assert!(sender.holds_back_success());
        sender.confirm(&rack(2, 1), start);
        assert!(!sender.holds_back_success());
    }

    #[test]
    fn after_the_final_response_repeats_stop_and_a_late_prack_still_fits() {
        let start = Instant::now();
        let mut sender = ReliableSender::new(1, 1);
        sender.send(ringing(""), start);
        sender.send(ringing(""), start);
        sent(&mut sender, start);
        sender.finish();
        assert_eq!(sender.poll_timeout(), None);
        assert_eq!(sender.confirm(&rack(1, 1), start), Fit::Confirms);
        assert_eq!(sent(&mut sender, start), Vec::<String>::new());
    }

    /// §4: in order, each once.
    #[test]
    fn responses_are_taken_in_order_and_once() {
        let mut receiver = ReliableReceiver::default();
        let judged: Vec<_> = [5, 5, 7, 6, 7, 4]
            .map(|rseq| {
                let mut response = ringing("");
                response.headers.set("Require", "100rel");
                response.headers.set("RSeq", rseq);
                receiver.handle(180, &response.headers)
            })
            .into();
        let next = |n| Arrival::Next(RSeq(n));
        let dropped = Arrival::Dropped;
        assert_eq!(
            judged,
            [next(5), dropped, dropped, next(6), next(7), dropped]
        );
    }

    #[test]
    fn a_response_without_the_tag_or_the_number_is_unreliable() {
        let mut receiver = ReliableReceiver::default();
        let mut response = ringing("");
        response.headers.set("RSeq", "1");
        assert_eq!(receiver.handle(180, &response.headers), Arrival::Unreliable);
        response.headers.set("Require", "100rel");
        assert_eq!(receiver.handle(100, &response.headers), Arrival::Unreliable);
        response.headers.remove("RSeq");
        assert_eq!(receiver.handle(180, &response.headers), Arrival::Unreliable);
    }

    fn ringing(body: &str) -> Response {
        let mut response = Response::new(StatusCode::RINGING);
        response.body = body.as_bytes().to_vec();
        response
    }

    fn rack(rseq: u32, number: u32) -> RAck {
        let method = Method::INVITE;
        RAck {
            rseq: RSeq(rseq),
            cseq: CSeq { number, method },
        }
    }

    fn sent(sender: &mut ReliableSender, now: Instant) -> Vec<String> {
        let log = drain(sender, now, now);
        log.into_iter().map(|(_, what)| what).collect()
    }

    fn drain(sender: &mut ReliableSender, now: Instant, start: Instant) -> Vec<(Duration, String)> {
        let outputs = std::iter::from_fn(|| sender.poll_output());
        outputs
            .map(|output| match output {
                Output::Send(response) => {
                    assert!(response.headers.lists("Require", "100rel"));
                    let rseq = response.headers.rseq().unwrap();
                    (now - start, rseq.to_string())
                }
                Output::Unconfirmed => (now - start, "refuse".to_owned()),
            })
            .collect()
    }
}
