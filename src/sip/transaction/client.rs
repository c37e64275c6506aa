//! Non-INVITE client transaction: RFC 3261 §17.1.2, figure 6.
//!
//! ```text
//! Trying --1xx--> Proceeding --2xx-6xx--> Completed --K--> Terminated
//!    | `--2xx-6xx---------------------------^
//!    `--F--> Terminated  <--F--' (from Proceeding as well)
//! ```

use std::collections::VecDeque;
use std::time::Instant;

use crate::sip::timers::{Backoff, PATIENCE, T2, T4, lingering};

/// The states of figure 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The request is out, nothing came back.
    Trying,
    /// A provisional response came.
    Proceeding,
    /// A final response came; its repeats are absorbed.
    Completed,
    /// Nothing more will happen.
    Terminated,
}

/// What reaches the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A 1xx arrived.
    Provisional,
    /// A 2xx-6xx arrived.
    Final,
    /// The transport could not send.
    TransportError,
}

/// What the transaction wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Put these bytes on the wire.
    Transmit(Vec<u8>),
    /// Hand the response that was just put in to the user.
    PassUp,
    /// No final response within 64*T1 (timer F).
    TimedOut,
    /// The transport failed while the answer was awaited.
    TransportFailed,
}

/// One request other than INVITE and ACK sent.
#[derive(Debug)]
pub struct Client {
    state: State,
    reliable: bool,
    request: Vec<u8>,
    repeat: Option<Backoff>,
    expiry: Option<Instant>,
    outputs: VecDeque<Output>,
}

impl Client {
    /// Sends the encoded request.
    pub fn new(request: Vec<u8>, reliable: bool, now: Instant) -> Self {
        Self {
            state: State::Trying,
            reliable,
            repeat: (!reliable).then(|| Backoff::new(T2, now)), // timer E
            expiry: Some(now + PATIENCE),                       // timer F
            outputs: VecDeque::from([Output::Transmit(request.clone())]),
            request,
        }
    }

    /// Where the transaction stands.
    pub const fn state(&self) -> State {
        self.state
    }

    /// The encoded request, as long as nothing was heard from the peer.
    pub fn unheard(&self) -> Option<&[u8]> {
        (self.state == State::Trying).then_some(&self.request)
    }

    /// Moves the transaction by one input.
    pub fn handle_input(&mut self, input: Input, now: Instant) {
        use State::{Completed, Proceeding, Terminated, Trying};

        self.state = match (self.state, input) {
            (Trying | Proceeding, Input::Provisional) => {
                if let Some(timer) = &mut self.repeat {
                    timer.slow_down();
                }
                self.outputs.push_back(Output::PassUp);
                Proceeding
            }
            (Trying | Proceeding, Input::Final) => {
                self.repeat = None;
                self.expiry = Some(now + lingering(T4, self.reliable)); // timer K
                self.outputs.push_back(Output::PassUp);
                Completed
            }
            (Trying | Proceeding, Input::TransportError) => {
                self.outputs.push_back(Output::TransportFailed);
                self.terminate()
            }
            (Completed | Terminated, Input::Provisional | Input::Final | Input::TransportError) => {
                self.state
            }
        };
    }

    /// Fires whatever is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.expiry.is_some_and(|due| due <= now) {
            if self.state != State::Completed {
                self.outputs.push_back(Output::TimedOut);
            }
            self.state = self.terminate();
        } else if self.repeat.as_mut().is_some_and(|timer| timer.fire(now)) {
            self.outputs
                .push_back(Output::Transmit(self.request.clone()));
        }
    }

    /// The next output, oldest first. Drain it after every `handle_*`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let repeat = self.repeat.map(|timer| timer.due());
        [repeat, self.expiry].into_iter().flatten().min()
    }

    const fn terminate(&mut self) -> State {
        self.repeat = None;
        self.expiry = None;
        State::Terminated
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
    use crate::sip::timers::T1;

    /// RFC 3261 §17.1.2.1: "For the default values of T1 and T2, this results in intervals of
    /// 500 ms, 1 s, 2 s, 4 s, 4 s, 4 s, etc."
    #[test]
    fn a_request_nobody_answers_is_sent_eleven_times_and_times_out_after_32_seconds() {
        let start = Instant::now();
        let mut tx = Client::new(b"BYE".to_vec(), false, start);

        let log = run_out(&mut tx, start);

        assert_eq!(log.len(), 11 + 1);
        assert_eq!(log[4].0, Duration::from_millis(7500));
        assert_eq!(log[5].0, Duration::from_millis(11500));
        assert_eq!(log.last(), Some(&(PATIENCE, Output::TimedOut)));
        assert_eq!(tx.state(), State::Terminated);
    }

    #[test]
    fn after_a_provisional_response_the_repeats_come_every_t2() {
        let start = Instant::now();
        let mut tx = trying(start);
        tx.handle_input(Input::Provisional, start);
        assert_eq!(drain(&mut tx), [Output::PassUp]);
        assert_eq!(tx.state(), State::Proceeding);

        let log = run_out(&mut tx, start);

        assert_eq!(log[0].0, T1);
        assert_eq!(log[1].0, T1 + T2);
        assert_eq!(log[2].0, T1 + 2 * T2);
        assert_eq!(log.last(), Some(&(PATIENCE, Output::TimedOut)));
    }

    #[test]
    fn a_final_response_goes_up_once_and_its_repeats_are_absorbed_for_t4() {
        let start = Instant::now();
        let mut tx = trying(start);

        tx.handle_input(Input::Final, start);
        tx.handle_input(Input::Final, start);
        tx.handle_input(Input::Provisional, start);

        assert_eq!(drain(&mut tx), [Output::PassUp]);
        assert_eq!(tx.state(), State::Completed);
        assert_eq!(tx.poll_timeout(), Some(start + T4));
        assert_eq!(run_out(&mut tx, start), []);
        assert_eq!(tx.state(), State::Terminated);
    }

    #[test]
    fn a_final_response_after_a_provisional_one_completes_it() {
        let start = Instant::now();
        let mut tx = trying(start);
        tx.handle_input(Input::Provisional, start);

        tx.handle_input(Input::Final, start);

        assert_eq!(drain(&mut tx), [Output::PassUp, Output::PassUp]);
        assert_eq!(tx.state(), State::Completed);
    }

    #[test]
    fn a_transport_error_ends_it_at_once_but_not_after_the_answer() {
        let start = Instant::now();
        let mut tx = trying(start);
        tx.handle_input(Input::TransportError, start);
        assert_eq!(drain(&mut tx), [Output::TransportFailed]);
        assert_eq!(tx.poll_timeout(), None);

        let mut tx = trying(start);
        tx.handle_input(Input::Final, start);
        tx.handle_input(Input::TransportError, start);
        assert_eq!(drain(&mut tx), [Output::PassUp]);
        assert_eq!(tx.state(), State::Completed);
    }

    #[test]
    fn over_a_reliable_transport_the_answer_ends_it() {
        let start = Instant::now();
        let mut tx = Client::new(b"BYE".to_vec(), true, start);
        assert_eq!(tx.poll_timeout(), Some(start + PATIENCE));

        tx.handle_input(Input::Final, start);
        tx.handle_timeout(start);

        assert_eq!(tx.state(), State::Terminated);
    }

    fn trying(start: Instant) -> Client {
        let mut tx = Client::new(b"BYE".to_vec(), false, start);
        assert_eq!(drain(&mut tx), [Output::Transmit(b"BYE".to_vec())]);
        tx
    }

    fn drain(tx: &mut Client) -> Vec<Output> {
        std::iter::from_fn(|| tx.poll_output()).collect()
    }

    fn run_out(tx: &mut Client, start: Instant) -> Vec<(Duration, Output)> {
        let mut log: Vec<_> = drain(tx)
            .into_iter()
            .map(|output| (Duration::ZERO, output))
            .collect();
        while let Some(due) = tx.poll_timeout() {
            tx.handle_timeout(due);
            log.extend(drain(tx).into_iter().map(|output| (due - start, output)));
        }
        log
    }
}
