//! INVITE server transaction: RFC 3261 §17.2.1, as corrected by RFC 6026 §7.1.
//!
//! ```text
//! Proceeding --2xx--> Accepted --L--> Terminated
//!     |                  `-- ACK goes up to the dialog
//!     `--3xx-6xx--> Completed --ACK--> Confirmed --I--> Terminated
//!                      `--H--> Terminated (no ACK)
//! ```

use std::collections::VecDeque;
use std::time::Instant;

use crate::sip::timers::{Backoff, PATIENCE, T2, T4, lingering};

/// The states of figure 7 in RFC 6026.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Provisional responses only.
    Proceeding,
    /// A 2xx was sent; the endpoint repeats it.
    Accepted,
    /// A 3xx-6xx was sent; this transaction repeats it.
    Completed,
    /// The ACK for a 3xx-6xx arrived.
    Confirmed,
    /// Nothing more will happen.
    Terminated,
}

/// What reaches the transaction, from the peer or from the user above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The peer sent the INVITE again.
    Invite,
    /// The peer acknowledged a final response.
    Ack,
    /// The user answers: status code and encoded message.
    Response(u16, Vec<u8>),
}

/// What the transaction wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Put these bytes on the wire.
    Transmit(Vec<u8>),
    /// Hand the ACK of a 2xx to the dialog.
    AckForSuccess,
    /// No ACK within 64*T1 (timer H).
    TimedOut,
}

/// One INVITE received.
#[derive(Debug)]
pub struct InviteServer {
    state: State,
    reliable: bool,
    last_response: Vec<u8>,
    repeat: Option<Backoff>,
    expiry: Option<Instant>,
    outputs: VecDeque<Output>,
}

impl InviteServer {
    /// The INVITE has just arrived; nothing was answered yet.
    pub const fn new(reliable: bool) -> Self {
        Self {
            state: State::Proceeding,
            reliable,
            last_response: Vec::new(),
            repeat: None,
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
        use State::{Accepted, Completed, Confirmed, Proceeding, Terminated};

        self.state = match (self.state, input) {
            (Proceeding, Input::Response(code, bytes)) => {
                match code {
                    ..200 => {
                        self.respond(bytes);
                        Proceeding
                    }
                    200..300 => {
                        self.pass(bytes);
                        self.expiry = Some(now + PATIENCE); // timer L
                        Accepted
                    }
                    300.. => {
                        self.respond(bytes);
                        if !self.reliable {
                            self.repeat = Some(Backoff::new(T2, now)); // timer G
                        }
                        self.expiry = Some(now + PATIENCE); // timer H
                        Completed
                    }
                }
            }
            (Proceeding | Completed, Input::Invite) => {
                self.send_again();
                self.state
            }
            (Accepted, Input::Response(200..300, bytes)) => {
                self.pass(bytes);
                Accepted
            }
            (Accepted, Input::Ack) => {
                self.outputs.push_back(Output::AckForSuccess);
                Accepted
            }
            (Completed, Input::Ack) => {
                self.repeat = None;
                self.expiry = Some(now + lingering(T4, self.reliable)); // timer I
                Confirmed
            }
            (Accepted | Confirmed | Terminated, Input::Invite)
            | (Proceeding | Confirmed | Terminated, Input::Ack)
            | (Accepted | Completed | Confirmed | Terminated, Input::Response(..)) => self.state,
        };
    }

    /// Fires whatever is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.expiry.is_some_and(|due| due <= now) {
            if self.state == State::Completed {
                self.outputs.push_back(Output::TimedOut);
            }
            self.repeat = None;
            self.expiry = None;
            self.state = State::Terminated;
        } else if self.repeat.as_mut().is_some_and(|timer| timer.fire(now)) {
            self.send_again();
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

    fn respond(&mut self, bytes: Vec<u8>) {
        self.last_response = bytes;
        self.send_again();
    }

    /// Sends what only the endpoint repeats.
    fn pass(&mut self, bytes: Vec<u8>) {
        self.last_response = Vec::new();
        self.outputs.push_back(Output::Transmit(bytes));
    }

    fn send_again(&mut self) {
        if !self.last_response.is_empty() {
            self.outputs
                .push_back(Output::Transmit(self.last_response.clone()));
        }
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

    /// RFC 3261 §17.2.1: G doubles from T1 up to T2 until H, at 64*T1.
    #[test]
    fn busy_without_ack_is_repeated_ten_times_in_32_seconds() {
        let start = Instant::now();
        let mut tx = InviteServer::new(false);
        tx.handle_input(response(486), start);

        let log = run_out(&mut tx, start);

        assert_eq!(
            log.last(),
            Some(&(Duration::from_secs(32), Output::TimedOut))
        );
        assert_eq!(log.len(), 11 + 1);
        assert_eq!(tx.state(), State::Terminated);
    }

    #[test]
    fn a_repeated_invite_gets_the_last_provisional_again() {
        let start = Instant::now();
        let mut tx = InviteServer::new(false);
        tx.handle_input(Input::Invite, start);
        assert_eq!(tx.poll_output(), None, "nothing to repeat yet");

        tx.handle_input(response(100), start);
        tx.handle_input(response(180), start);
        drain(&mut tx);
        tx.handle_input(Input::Invite, start);

        assert_eq!(drain(&mut tx), [Output::Transmit(b"180".to_vec())]);
        assert_eq!(tx.poll_timeout(), None);
    }

    #[test]
    fn a_repeated_invite_after_a_refusal_gets_the_refusal_again() {
        let start = Instant::now();
        let mut tx = InviteServer::new(false);
        tx.handle_input(response(486), start);
        drain(&mut tx);

        tx.handle_input(Input::Invite, start);

        assert_eq!(drain(&mut tx), [Output::Transmit(b"486".to_vec())]);
    }

    #[test]
    fn the_ack_of_a_refusal_stops_the_repeats_and_ends_it_after_t4() {
        let start = Instant::now();
        let mut tx = InviteServer::new(false);
        tx.handle_input(response(486), start);
        tx.handle_input(Input::Ack, start + Duration::from_secs(1));
        drain(&mut tx);

        assert_eq!(tx.state(), State::Confirmed);
        tx.handle_input(Input::Ack, start + Duration::from_secs(2));
        tx.handle_input(Input::Invite, start + Duration::from_secs(2));
        assert_eq!(run_out(&mut tx, start), []);
        assert_eq!(tx.state(), State::Terminated);
    }

    /// RFC 6026 §7.1: the 2xx lives on in Accepted, where INVITEs are absorbed and ACKs go up.
    #[test]
    fn an_answered_invite_absorbs_repeats_and_hands_up_the_ack_until_timer_l() {
        let start = Instant::now();
        let mut tx = InviteServer::new(false);
        tx.handle_input(response(200), start);
        assert_eq!(drain(&mut tx), [Output::Transmit(b"200".to_vec())]);

        tx.handle_input(Input::Invite, start);
        assert_eq!(drain(&mut tx), []);
        tx.handle_input(response(200), start);
        assert_eq!(drain(&mut tx), [Output::Transmit(b"200".to_vec())]);
        tx.handle_input(response(486), start);
        assert_eq!(drain(&mut tx), [], "no refusal after an answer");
        tx.handle_input(Input::Ack, start);
        assert_eq!(drain(&mut tx), [Output::AckForSuccess]);
        assert_eq!(tx.poll_timeout(), Some(start + PATIENCE));
        assert_eq!(run_out(&mut tx, start), []);
        assert_eq!(tx.state(), State::Terminated);
    }

    #[test]
    fn over_a_reliable_transport_a_refusal_is_sent_once_and_ends_with_its_ack() {
        let start = Instant::now();
        let mut tx = InviteServer::new(true);
        tx.handle_input(response(486), start);
        drain(&mut tx);
        assert_eq!(tx.poll_timeout(), Some(start + PATIENCE));

        tx.handle_input(Input::Ack, start);
        tx.handle_timeout(start);

        assert_eq!(tx.state(), State::Terminated);
    }

    fn response(code: u16) -> Input {
        Input::Response(code, code.to_string().into_bytes())
    }

    fn drain(tx: &mut InviteServer) -> Vec<Output> {
        std::iter::from_fn(|| tx.poll_output()).collect()
    }

    fn run_out(tx: &mut InviteServer, start: Instant) -> Vec<(Duration, Output)> {
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
