//! Non-INVITE server transaction: RFC 3261 §17.2.2, figure 8.
//!
//! ```text
//! Trying --1xx--> Proceeding --2xx-6xx--> Completed --J--> Terminated
//!    `--2xx-6xx-----------------------------^
//! ```

use std::collections::VecDeque;
use std::time::Instant;

use crate::sip::timers::{PATIENCE, lingering};

/// The states of figure 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The request went up, nothing was answered; its repeats are dropped.
    Trying,
    /// A provisional response was sent.
    Proceeding,
    /// A final response was sent; repeats of the request get it again.
    Completed,
    /// Nothing more will happen.
    Terminated,
}

/// What reaches the transaction, from the peer or from the user above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The peer sent the request again.
    Request,
    /// The user answers: status code and encoded message.
    Response(u16, Vec<u8>),
}

/// What the transaction wants done: put these bytes on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit(pub Vec<u8>);

/// One request other than INVITE and ACK received.
#[derive(Debug)]
pub struct Server {
    state: State,
    reliable: bool,
    last_response: Vec<u8>,
    expiry: Option<Instant>,
    outputs: VecDeque<Transmit>,
}

impl Server {
    /// The request has just arrived; nothing was answered yet.
    pub const fn new(reliable: bool) -> Self {
        Self {
            state: State::Trying,
            reliable,
            last_response: Vec::new(),
            expiry: None,
            outputs: VecDeque::new(),
        }
    }

    /// Where the transaction stands.
    pub const fn state(&self) -> State {
        self.state
    }

    /// Moves the transaction by one input.
    pub fn handle_input(&mut self, input: Input, now: Instant) {
        use State::{Completed, Proceeding, Terminated, Trying};

        self.state = match (self.state, input) {
            (Trying | Proceeding, Input::Response(code, bytes)) => {
                self.last_response = bytes;
                self.send_again();
                if code < 200 {
                    Proceeding
                } else {
                    self.expiry = Some(now + lingering(PATIENCE, self.reliable)); // timer J
                    Completed
                }
            }
            (Proceeding | Completed, Input::Request) => {
                self.send_again();
                self.state
            }
            (Trying | Terminated, Input::Request)
            | (Completed | Terminated, Input::Response(..)) => self.state,
        };
    }

    /// Fires whatever is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.expiry.is_some_and(|due| due <= now) {
            self.expiry = None;
            self.state = State::Terminated;
        }
    }

    /// The next output, oldest first. Drain it after every `handle_*`.
    pub fn poll_output(&mut self) -> Option<Transmit> {
        self.outputs.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed.
    pub const fn poll_timeout(&self) -> Option<Instant> {
        self.expiry
    }

    fn send_again(&mut self) {
        self.outputs.push_back(Transmit(self.last_response.clone()));
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_request_is_dropped_until_something_was_answered() {
        let start = Instant::now();
        let mut tx = Server::new(false);

        tx.handle_input(Input::Request, start);

        assert_eq!(drain(&mut tx), [] as [&str; 0]);
        assert_eq!(tx.state(), State::Trying);
    }

    #[test]
    fn a_repeated_request_gets_the_last_provisional_again() {
        let start = Instant::now();
        let mut tx = Server::new(false);
        tx.handle_input(response(100), start);
        tx.handle_input(response(182), start);

        tx.handle_input(Input::Request, start);

        assert_eq!(drain(&mut tx), ["100", "182", "182"]);
        assert_eq!(tx.state(), State::Proceeding);
    }

    #[test]
    fn a_repeated_request_gets_the_final_response_again_until_timer_j() {
        let start = Instant::now();
        let mut tx = Server::new(false);
        tx.handle_input(response(200), start);

        tx.handle_input(Input::Request, start);
        tx.handle_input(response(500), start);
        assert_eq!(
            drain(&mut tx),
            ["200", "200"],
            "only the first final counts"
        );

        assert_eq!(tx.poll_timeout(), Some(start + PATIENCE));
        tx.handle_timeout(start + PATIENCE);
        assert_eq!(tx.state(), State::Terminated);
        tx.handle_input(Input::Request, start + PATIENCE);
        assert_eq!(drain(&mut tx), [] as [&str; 0]);
    }

    #[test]
    fn a_final_response_after_a_provisional_one_completes_it() {
        let start = Instant::now();
        let mut tx = Server::new(false);
        tx.handle_input(response(100), start);

        tx.handle_input(response(404), start);

        assert_eq!(tx.state(), State::Completed);
    }

    #[test]
    fn over_a_reliable_transport_the_answer_ends_it() {
        let start = Instant::now();
        let mut tx = Server::new(true);
        tx.handle_input(response(200), start);
        tx.handle_timeout(start);

        assert_eq!(tx.state(), State::Terminated);
    }

    fn response(code: u16) -> Input {
        Input::Response(code, code.to_string().into_bytes())
    }

    fn drain(tx: &mut Server) -> Vec<String> {
        std::iter::from_fn(|| tx.poll_output())
            .map(|Transmit(bytes)| String::from_utf8(bytes).unwrap())
            .collect()
    }
}
