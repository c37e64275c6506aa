//! INVITE client transaction: RFC 3261 §17.1.1, as corrected by RFC 6026 §7.2.
//!
//! ```text
//! Calling --1xx--> Proceeding --2xx--> Accepted --M--> Terminated
//!    |  `--2xx--------------------------^ `-- every 2xx goes up
//!    |                 `--3xx-6xx--> Completed --D--> Terminated
//!    |  `--3xx-6xx--------------------^ `-- each repeat gets the ACK again
//!    `--B--> Terminated
//! ```

use std::collections::VecDeque;
use std::time::Instant;

use crate::sip::timers::{Backoff, PATIENCE, TIMER_D, lingering};

/// The states of figure 5 in RFC 6026.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The INVITE is out, nothing came back.
    Calling,
    /// A provisional response came.
    Proceeding,
    /// A 2xx came; the user acknowledges it.
    Accepted,
    /// A 3xx-6xx came; this transaction acknowledges it.
    Completed,
    /// Nothing more will happen.
    Terminated,
}

/// What reaches the transaction, from the peer or from the user above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A 1xx arrived.
    Provisional,
    /// A 2xx arrived.
    Success,
    /// A 3xx-6xx arrived; `ack` is the encoded ACK for it (RFC 3261 §17.1.1.3).
    Failure {
        /// What goes on the wire for this response and each of its repeats.
        ack: Vec<u8>,
    },
    /// A CANCEL was sent: the final response must come within 64*T1 (RFC 3261 §9.1).
    Cancelled,
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
    /// No answer in time (timer B, or after a CANCEL).
    TimedOut,
    /// The transport failed while the answer was awaited.
    TransportFailed,
}

/// One INVITE sent.
#[derive(Debug)]
pub struct InviteClient {
    state: State,
    reliable: bool,
    invite: Vec<u8>,
    ack: Vec<u8>,
    repeat: Option<Backoff>,
    expiry: Option<Instant>,
    outputs: VecDeque<Output>,
}

impl InviteClient {
    /// Sends the encoded INVITE.
    pub fn new(invite: Vec<u8>, reliable: bool, now: Instant) -> Self {
        Self {
            state: State::Calling,
            reliable,
            ack: Vec::new(),
            repeat: (!reliable).then(|| Backoff::new(PATIENCE, now)), // timer A
            expiry: Some(now + PATIENCE),                             // timer B
            outputs: VecDeque::from([Output::Transmit(invite.clone())]),
            invite,
        }
    }

    /// Where the transaction stands.
    pub const fn state(&self) -> State {
        self.state
    }

    /// The encoded request, as long as nothing was heard from the peer.
    pub fn unheard(&self) -> Option<&[u8]> {
        (self.state == State::Calling).then_some(&self.invite)
    }

    /// Moves the transaction by one input.
    pub fn handle_input(&mut self, input: Input, now: Instant) {
        use State::{Accepted, Calling, Completed, Proceeding, Terminated};

        self.state = match (self.state, input) {
            (Calling, Input::Provisional) => {
                self.repeat = None;
                self.expiry = None;
                self.invite = Vec::new(); // it is not sent again
                self.outputs.push_back(Output::PassUp);
                Proceeding
            }
            (Proceeding, Input::Provisional) => {
                self.outputs.push_back(Output::PassUp);
                Proceeding
            }
            (Calling | Proceeding, Input::Success) => {
                self.repeat = None;
                self.expiry = Some(now + PATIENCE); // timer M
                self.invite = Vec::new();
                self.outputs.push_back(Output::PassUp);
                Accepted
            }
            (Accepted, Input::Success) => {
                self.outputs.push_back(Output::PassUp);
                Accepted
            }
            (Calling | Proceeding, Input::Failure { ack }) => {
                self.repeat = None;
                self.expiry = Some(now + lingering(TIMER_D, self.reliable));
                self.ack.clone_from(&ack);
                self.outputs.push_back(Output::Transmit(ack));
                self.outputs.push_back(Output::PassUp);
                Completed
            }
            (Completed, Input::Failure { .. }) => {
                self.outputs.push_back(Output::Transmit(self.ack.clone()));
                Completed
            }
            (Proceeding, Input::Cancelled) => {
                self.expiry = self.expiry.or(Some(now + PATIENCE));
                Proceeding
            }
            (Calling | Proceeding | Completed, Input::TransportError) => {
                if self.state != Completed {
                    self.outputs.push_back(Output::TransportFailed);
                }
                self.terminate()
            }
            (Accepted | Completed | Terminated, Input::Provisional)
            | (Completed | Terminated, Input::Success)
            | (Accepted | Terminated, Input::Failure { .. } | Input::TransportError)
            | (Calling | Accepted | Completed | Terminated, Input::Cancelled) => self.state,
        };
    }

    /// Fires whatever is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.expiry.is_some_and(|due| due <= now) {
            if matches!(self.state, State::Calling | State::Proceeding) {
                self.outputs.push_back(Output::TimedOut);
            }
            self.state = self.terminate();
        } else if self.repeat.as_mut().is_some_and(|timer| timer.fire(now)) {
            self.outputs
                .push_back(Output::Transmit(self.invite.clone()));
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

    /// RFC 3261 §17.1.1.2: A doubles without bound, B ends it: seven INVITEs in all.
    #[test]
    fn an_invite_nobody_answers_is_sent_seven_times_and_times_out_after_32_seconds() {
        let start = Instant::now();
        let mut tx = InviteClient::new(b"INVITE".to_vec(), false, start);

        let log = run_out(&mut tx, start);

        let sent: Vec<_> = log
            .iter()
            .filter(|(_, output)| matches!(output, Output::Transmit(_)))
            .map(|(at, _)| at.as_millis())
            .collect();
        assert_eq!(sent, [0, 500, 1500, 3500, 7500, 15500, 31500]);
        assert_eq!(log.last(), Some(&(PATIENCE, Output::TimedOut)));
        assert_eq!(tx.state(), State::Terminated);
    }

    #[test]
    fn a_provisional_response_stops_the_repeats_and_the_clock() {
        let start = Instant::now();
        let mut tx = calling(start);

        tx.handle_input(Input::Provisional, start);
        tx.handle_input(Input::Provisional, start);

        assert_eq!(drain(&mut tx), [Output::PassUp, Output::PassUp]);
        assert_eq!(tx.state(), State::Proceeding);
        assert_eq!(tx.poll_timeout(), None);
    }

    #[test]
    fn every_repeat_of_a_refusal_gets_the_same_ack_but_goes_up_only_once() {
        let start = Instant::now();
        let mut tx = calling(start);

        tx.handle_input(failure(b"ACK"), start);
        assert_eq!(
            drain(&mut tx),
            [Output::Transmit(b"ACK".to_vec()), Output::PassUp]
        );
        tx.handle_input(failure(b"other"), start);
        tx.handle_input(Input::Provisional, start);
        tx.handle_input(Input::Success, start);
        assert_eq!(drain(&mut tx), [Output::Transmit(b"ACK".to_vec())]);

        assert_eq!(tx.poll_timeout(), Some(start + TIMER_D));
        assert_eq!(run_out(&mut tx, start), []);
        assert_eq!(tx.state(), State::Terminated);
    }

    #[test]
    fn a_refusal_after_ringing_is_acknowledged_too() {
        let start = Instant::now();
        let mut tx = calling(start);
        tx.handle_input(Input::Provisional, start);
        drain(&mut tx);

        tx.handle_input(failure(b"ACK"), start);

        assert_eq!(
            drain(&mut tx),
            [Output::Transmit(b"ACK".to_vec()), Output::PassUp]
        );
        assert_eq!(tx.state(), State::Completed);
    }

    /// RFC 6026 §7.2: repeats and forks of the 2xx go up until timer M.
    #[test]
    fn every_success_goes_up_until_timer_m() {
        let start = Instant::now();
        let mut tx = calling(start);

        tx.handle_input(Input::Success, start);
        tx.handle_input(Input::Success, start);
        tx.handle_input(failure(b"ACK"), start);
        tx.handle_input(Input::Provisional, start);

        assert_eq!(drain(&mut tx), [Output::PassUp, Output::PassUp]);
        assert_eq!(tx.state(), State::Accepted);
        assert_eq!(run_out(&mut tx, start), []);
        assert_eq!(tx.state(), State::Terminated);
    }

    /// RFC 3261 §9.1: 64*T1 after the CANCEL the transaction is given up.
    #[test]
    fn a_cancelled_call_that_stays_silent_times_out() {
        let start = Instant::now();
        let mut tx = calling(start);
        tx.handle_input(Input::Provisional, start);
        let cancelled = start + Duration::from_secs(7);
        tx.handle_input(Input::Cancelled, cancelled);
        tx.handle_input(Input::Provisional, cancelled);
        drain(&mut tx);

        assert_eq!(tx.poll_timeout(), Some(cancelled + PATIENCE));
        assert_eq!(run_out(&mut tx, cancelled), [(PATIENCE, Output::TimedOut)]);
    }

    #[test]
    fn a_transport_error_ends_the_call_at_once() {
        let start = Instant::now();
        let mut tx = calling(start);

        tx.handle_input(Input::TransportError, start);

        assert_eq!(drain(&mut tx), [Output::TransportFailed]);
        assert_eq!(tx.state(), State::Terminated);
        assert_eq!(tx.poll_timeout(), None);
    }

    #[test]
    fn over_a_reliable_transport_the_invite_is_sent_once() {
        let start = Instant::now();
        let mut tx = InviteClient::new(b"INVITE".to_vec(), true, start);

        assert_eq!(
            run_out(&mut tx, start),
            [
                (Duration::ZERO, Output::Transmit(b"INVITE".to_vec())),
                (PATIENCE, Output::TimedOut)
            ]
        );
    }

    fn calling(start: Instant) -> InviteClient {
        let mut tx = InviteClient::new(b"INVITE".to_vec(), false, start);
        assert_eq!(drain(&mut tx), [Output::Transmit(b"INVITE".to_vec())]);
        tx
    }

    fn failure(ack: &[u8]) -> Input {
        Input::Failure { ack: ack.to_vec() }
    }

    fn drain(tx: &mut InviteClient) -> Vec<Output> {
        std::iter::from_fn(|| tx.poll_output()).collect()
    }

    fn run_out(tx: &mut InviteClient, start: Instant) -> Vec<(Duration, Output)> {
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
