//! Whatever the peer and the user do, in any order and at any time, a machine never panics and
//! is gone within 64*T1 + T4 of the last thing that happened.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{client, invite_client, invite_server, server};
use crate::sip::timers::{PATIENCE, T4};

/// One step: what happens, and how many milliseconds after the step before.
type Steps<I> = Vec<(u64, Option<I>)>;

proptest! {
    #[test]
    fn an_invite_server_always_ends(
        reliable: bool,
        steps in steps(prop_oneof![
            Just(invite_server::Input::Invite),
            Just(invite_server::Input::Ack),
            code().prop_map(|code| invite_server::Input::Response(code, vec![1])),
        ]),
    ) {
        let mut tx = invite_server::InviteServer::new(reliable);
        let mut now = start();
        let last = invite_server::Input::Response(487, vec![2]);
        for (gap, input) in steps.into_iter().chain([(0, Some(last))]) {
            now += Duration::from_millis(gap);
            match input {
                Some(input) => tx.handle_input(input, now),
                None => tx.handle_timeout(now),
            }
        }
        let limit = now + PATIENCE + T4;
        while let Some(due) = tx.poll_timeout() {
            now = now.max(due);
            tx.handle_timeout(now);
        }
        prop_assert_eq!(tx.state(), invite_server::State::Terminated);
        prop_assert!(now <= limit);
    }

    #[test]
    fn an_invite_client_always_ends(
        reliable: bool,
        steps in steps(prop_oneof![
            Just(invite_client::Input::Provisional),
            Just(invite_client::Input::Success),
            Just(invite_client::Input::Failure { ack: vec![2] }),
            Just(invite_client::Input::Cancelled),
        ]),
    ) {
        let mut now = start();
        let mut tx = invite_client::InviteClient::new(vec![1], reliable, now);
        for (gap, input) in steps.into_iter().chain([(0, Some(invite_client::Input::Cancelled))]) {
            now += Duration::from_millis(gap);
            match input {
                Some(input) => tx.handle_input(input, now),
                None => tx.handle_timeout(now),
            }
        }
        let limit = now + PATIENCE + T4;
        while let Some(due) = tx.poll_timeout() {
            now = now.max(due);
            tx.handle_timeout(now);
        }
        prop_assert_eq!(tx.state(), invite_client::State::Terminated);
        prop_assert!(now <= limit);
    }

    #[test]
    fn a_client_always_ends(
        reliable: bool,
        steps in steps(prop_oneof![
            Just(client::Input::Provisional),
            Just(client::Input::Final),
            Just(client::Input::TransportError),
        ]),
    ) {
        let mut now = start();
        let mut tx = client::Client::new(vec![1], reliable, now);
        for (gap, input) in steps {
            now += Duration::from_millis(gap);
            match input {
                Some(input) => tx.handle_input(input, now),
                None => tx.handle_timeout(now),
            }
        }
        let limit = now + PATIENCE + T4;
        while let Some(due) = tx.poll_timeout() {
            now = now.max(due);
            tx.handle_timeout(now);
        }
        prop_assert_eq!(tx.state(), client::State::Terminated);
        prop_assert!(now <= limit);
    }

    #[test]
    fn a_server_always_ends(
        reliable: bool,
        steps in steps(prop_oneof![
            Just(server::Input::Request),
            code().prop_map(|code| server::Input::Response(code, vec![1])),
        ]),
    ) {
        let mut tx = server::Server::new(reliable);
        let mut now = start();
        let last = server::Input::Response(500, vec![2]);
        for (gap, input) in steps.into_iter().chain([(0, Some(last))]) {
            now += Duration::from_millis(gap);
            match input {
                Some(input) => tx.handle_input(input, now),
                None => tx.handle_timeout(now),
            }
        }
        let limit = now + PATIENCE + T4;
        while let Some(due) = tx.poll_timeout() {
            now = now.max(due);
            tx.handle_timeout(now);
        }
        prop_assert_eq!(tx.state(), server::State::Terminated);
        prop_assert!(now <= limit);
    }
}

/// Up to twenty inputs, or plain timeouts, up to 40 s apart.
fn steps<I: std::fmt::Debug>(input: impl Strategy<Value = I>) -> impl Strategy<Value = Steps<I>> {
    prop::collection::vec((0_u64..40_000, prop::option::weighted(0.7, input)), 0..20)
}

fn code() -> impl Strategy<Value = u16> {
    100_u16..700
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
fn start() -> Instant {
    Instant::now()
}
