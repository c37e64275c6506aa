#![expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]

use std::time::Duration;

use super::*;

fn call(n: u128) -> CallId {
    CallId(uuid::Uuid::from_u128(n))
}

fn one(reach: Reach, now: Instant) -> (Agents, AgentId) {
    let mut agents = Agents::default();
    let id = AgentId::from("1001");
    agents.add(id.clone(), 1, reach, now);
    (agents, id)
}

#[test]
fn agent_is_claimed_by_one_call_at_a_time() {
    let start = Instant::now();
    let (mut agents, id) = one(Reach::Reachable, start);
    assert!(agents.claim(&id, call(1)));
    assert!(!agents.claim(&id, call(2)));
    assert!(!agents.claim_for_colleague(&id, call(2)));
    assert_eq!(agents.state(&id), AgentState::Ringing);
    agents.release(&id, call(1), start);
    assert!(agents.claim(&id, call(2)));
}

#[test]
fn who_was_only_rung_keeps_the_idle_place() {
    let start = Instant::now();
    let later = start + Duration::from_secs(9);
    let (mut agents, id) = one(Reach::Reachable, start);

    agents.claim(&id, call(1));
    assert_eq!(agents.release(&id, call(1), later), None);
    assert_eq!(agents.idle_since(&id), Some(start));

    agents.claim(&id, call(2));
    agents.answered(&id, call(2), start);
    assert_eq!(agents.state(&id), AgentState::Talking);
    assert_eq!(agents.release(&id, call(2), later), Some(start));
    assert_eq!(agents.idle_since(&id), Some(later));
}

#[test]
fn unreachable_agent_is_offline_and_cannot_be_claimed() {
    let (mut agents, id) = one(Reach::Absent, Instant::now());
    assert!(!agents.claim(&id, call(1)));
    assert_eq!(agents.counts()[&AgentState::Offline], 1);
    agents.set_reach(&id, Reach::Silent);
    assert!(!agents.claim(&id, call(1)));
    assert_eq!(agents.counts()[&AgentState::Unreachable], 1);
    agents.set_reach(&id, Reach::Reachable);
    assert_eq!(agents.state(&id), AgentState::Ready);
}

/// R251, X18: the gate is absolute, whoever asks; a colleague may ring a trainee all the same.
#[test]
fn trainee_gets_no_customer() {
    let start = Instant::now();
    let (mut agents, id) = one(Reach::Reachable, start);
    agents.set_trainee(&id);
    let group = agents.form(Strategy::RingAll, &[(id.clone(), 1)]);
    assert_eq!(agents.order(group).count(), 0);
    assert!(!agents.claim(&id, call(1)));
    assert!(agents.claim_for_colleague(&id, call(1)));
}

#[test]
fn the_work_after_a_call_ends_by_itself_and_only_then_is_the_agent_free() {
    let start = Instant::now();
    let (mut agents, id) = one(Reach::Reachable, start);
    let until = start + Duration::from_secs(30);
    agents.wrap_up(&id, call(1), start, until);
    assert_eq!(agents.state(&id), AgentState::WrapUp);
    assert!(!agents.claim(&id, call(2)));
    assert_eq!(agents.poll_timeout(), Some(until));
    assert!(!agents.handle_timeout(start + Duration::from_secs(29)));
    assert!(agents.handle_timeout(until));
    assert_eq!(agents.state(&id), AgentState::Ready);
    assert_eq!(agents.idle_since(&id), Some(until));
    assert_eq!(agents.poll_timeout(), None);
}

#[test]
fn changes_are_told_once_with_their_call() {
    let start = Instant::now();
    let (mut agents, id) = one(Reach::Absent, start);
    assert!(agents.take_changes().is_empty());
    agents.set_reach(&id, Reach::Reachable);
    agents.claim(&id, call(1));
    let told = agents.take_changes();
    let [(who, told)] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!((who, told.state), (&id, AgentState::Ringing));
    assert_eq!(told.call, Some(call(1)));
    assert!(agents.take_changes().is_empty());
    agents.release(&id, call(1), start);
    assert_eq!(agents.take_changes()[0].1.state, AgentState::Ready);
}

/// A restart changes nothing of what was said, and tells what is different.
#[test]
fn who_was_on_a_break_is_after_a_restart() {
    let start = Instant::now();
    let (mut before, id) = one(Reach::Reachable, start);
    let lunch = crate::queue::AgentCommand::AskBreak {
        reason: "lunch".to_owned(),
    };
    before.obey(&id, lunch, "1001", None, false, start).unwrap();
    let told = before.take_changes().remove(0).1;

    let (mut after, _) = one(Reach::Absent, start);
    after.restore(&id, told);
    assert_eq!(after.state(&id), AgentState::Break);
    assert!(after.take_changes().is_empty());
    // What is read later than something was said does not undo it.
    let busy = crate::queue::AgentCommand::Busy { reason: None };
    after.obey(&id, busy, "1001", None, false, start).unwrap();
    let old = Told::default();
    after.restore(&id, old);
    assert_eq!(after.state(&id), AgentState::Offline);
    after.set_reach(&id, Reach::Reachable);
    assert_eq!(after.state(&id), AgentState::Busy);
}

#[test]
fn a_broken_call_frees_everybody_in_it() {
    let start = Instant::now();
    let (mut agents, id) = one(Reach::Reachable, start);
    agents.claim(&id, call(1));
    agents.release_all(call(2), start);
    assert!(!agents.are_idle());
    agents.release_all(call(1), start);
    assert!(agents.are_idle() && agents.is_ready(&id));
}
