//! Several phones an agent, phones that fall silent, and what outlives a restart.

use std::time::Duration;

use thirdring::call::EventKind;
use thirdring::call::event::AttemptResult;
use thirdring::phone::{Command, Event};
use thirdring::queue::AgentState;
use thirdring::sip::{Method, StatusCode};
use thirdring::switch::{KeepAlive, PhoneSettings};

use crate::office::Office;
use crate::world::at;

const RINGING: Command = Command::Ring(StatusCode::RINGING);

fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Nobody is asked anything, unless a phone said nothing to a call.
fn quiet() -> PhoneSettings {
    PhoneSettings {
        probe: Duration::ZERO,
        keep_alive: KeepAlive::Never,
        ..PhoneSettings::default()
    }
}

/// Agent 1001 with this many phones, and a call that rings them.
fn ringing(phones: u8) -> Office {
    let mut office = Office::new(quiet(), &["1001"]);
    for n in 0..phones {
        office.register("1001", at(100 + n, 5060), at(100 + n, 5060));
    }
    office.call();
    office
}

/// The attempt's one result in the log.
fn result(office: &Office) -> (AttemptResult, Option<u16>) {
    let log = office.only_call();
    let ends: Vec<_> = log
        .0
        .iter()
        .filter_map(|event| {
            if let EventKind::AttemptEnded { result, status, .. } = event.kind {
                Some((result, status))
            } else {
                None
            }
        })
        .collect();
    assert_eq!(ends.len(), 1, "{log:#?}");
    ends[0]
}

fn count(office: &Office, test: impl Fn(&EventKind) -> bool) -> usize {
    let log = office.only_call();
    log.0.iter().filter(|event| test(&event.kind)).count()
}

/// RFC 3261 §16.7: all phones ring, the first 200 has the call, the others learn that it was
/// completed elsewhere (RFC 3326). In the log that is one attempt.
#[test]
fn all_phones_of_an_agent_ring_and_the_first_to_answer_has_the_call() {
    let mut office = ringing(3);
    for phone in 1..=3 {
        assert_eq!(office.phones[phone].calls(), 1);
        office.command(phone, RINGING);
    }
    assert_eq!(office.agents(AgentState::Ringing), 1);
    office.command(2, Command::Answer);

    assert_eq!(result(&office), (AttemptResult::Answered, Some(200)));
    assert_eq!(
        count(&office, |kind| matches!(kind, EventKind::Offered { .. })),
        1
    );
    assert_eq!(
        count(&office, |kind| matches!(
            kind,
            EventKind::AgentRinging { .. }
        )),
        1
    );
    assert_eq!(office.agents(AgentState::Talking), 1);
    for phone in [1, 3] {
        let cancels = office.phones[phone].requests(&Method::CANCEL);
        assert_eq!(
            cancels[0].headers.get("Reason").as_deref(),
            Some("SIP;cause=200;text=\"Call completed elsewhere\"")
        );
    }
    assert!(office.phones[2].requests(&Method::CANCEL).is_empty());

    office.command(2, Command::HangUp);
    office.wait(secs(40));
    assert_eq!(office.agents(AgentState::Ready), 1);
    assert_eq!(office.switch_is_idle(), Ok(()));
}

#[test]
fn a_phone_that_is_busy_leaves_the_others_ringing() {
    let mut office = ringing(2);
    office.command(1, RINGING);
    office.command(2, Command::Reject(StatusCode::BUSY_HERE));
    office.wait(secs(4));
    assert_eq!(office.agents(AgentState::Ringing), 1);
    assert_eq!(
        count(&office, |kind| matches!(
            kind,
            EventKind::AttemptEnded { .. }
        )),
        0
    );
    office.command(1, Command::Answer);

    assert_eq!(result(&office), (AttemptResult::Answered, Some(200)));
    assert!(office.phones[0].events.contains(&Event::Answered));
}

/// RFC 3261 §16.7 step 5, §21.6.1: 603 speaks for the person.
#[test]
fn a_decline_at_one_phone_ends_all() {
    let mut office = ringing(2);
    office.command(1, RINGING);
    office.command(2, RINGING);
    office.command(2, Command::Reject(StatusCode::new(603)));

    assert_eq!(result(&office), (AttemptResult::Rejected, Some(603)));
    assert_eq!(office.phones[1].requests(&Method::CANCEL).len(), 1);
    assert_eq!(office.agents(AgentState::Ready), 1);
}

#[test]
fn an_attempt_is_over_when_the_last_phone_has_refused() {
    let mut office = ringing(2);
    office.command(1, Command::Reject(StatusCode::BUSY_HERE));
    assert_eq!(office.agents(AgentState::Ringing), 1);
    office.command(2, Command::Reject(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(result(&office), (AttemptResult::Rejected, Some(486)));
    assert_eq!(office.agents(AgentState::Ready), 1);
}

/// R006: rings are counted from the first 18x of any of the agent's phones.
#[test]
fn phones_that_ring_in_vain_stop_together_after_five_rings() {
    let mut office = ringing(2);
    office.command(1, RINGING);
    office.wait(secs(3));
    office.command(2, RINGING);
    office.wait(secs(22));
    assert_eq!(result(&office), (AttemptResult::RingNoAnswer, None));
    for phone in [1, 2] {
        assert_eq!(office.phones[phone].requests(&Method::CANCEL).len(), 1);
    }
}

#[test]
fn two_phones_that_are_picked_up_at_once_leave_one_talk() {
    let mut office = ringing(2);
    office.command(1, RINGING);
    office.command(2, RINGING);
    office.phones[2].is_deaf = true; // its CANCEL does not arrive
    office.command(1, Command::Answer);
    office.phones[2].is_deaf = false;
    office.command(2, Command::Answer);

    assert_eq!(result(&office), (AttemptResult::Answered, Some(200)));
    assert_eq!(office.phones[2].requests(&Method::BYE).len(), 1);
    assert!(office.phones[1].requests(&Method::BYE).is_empty());
}

#[test]
fn the_call_follows_the_path_that_the_registration_made() {
    let mut office = Office::new(quiet(), &["1001"]);
    let phone = office.register("1001", at(100, 5060), at(100, 5060));
    office.call();
    assert!(
        !office.phones[phone].requests(&Method::INVITE)[0]
            .headers
            .has("Route")
    );

    let mut office = Office::new(quiet(), &["1001"]);
    let phone = office.register_by("1001", at(100, 5060), at(90, 5060), "<sip:192.0.2.90;lr>");
    office.call();
    let invite = office.phones[phone].requests(&Method::INVITE)[0];
    assert_eq!(
        invite.headers.get("Route").as_deref(),
        Some("<sip:192.0.2.90;lr>")
    );
    assert_eq!(invite.uri.to_string(), "sip:1001@192.0.2.100:5060");
}

/// A phone that says nothing to a call is not rung again until it answers a question.
#[test]
fn a_phone_that_says_nothing_to_a_call_is_skipped_until_it_answers() {
    let mut office = Office::new(quiet(), &["1001", "1002"]);
    let phone = office.register("1001", at(100, 5060), at(100, 5060));
    office.phones[phone].is_deaf = true;
    office.call();
    office.wait(secs(3));
    assert_eq!(
        office.only_call().attempt_results(),
        [AttemptResult::Unreachable]
    );
    assert_eq!(office.agents(AgentState::Unreachable), 1);
    assert_eq!(office.agents(AgentState::Offline), 1);
    office.command(0, Command::Cancel);

    office.call();
    office.wait(secs(20));
    let invites = office.phones[phone].requests(&Method::INVITE);
    let first = invites[0].call_id();
    assert!(
        invites.iter().all(|it| it.call_id() == first),
        "it is skipped"
    );
    office.phones[phone].is_deaf = false;
    office.wait(secs(31));
    assert_eq!(office.agents(AgentState::Unreachable), 0);
    let invites = office.phones[phone].requests(&Method::INVITE);
    let is_rung = invites.iter().any(|invite| invite.call_id() != first);
    assert!(is_rung, "for whoever still waits");
}

#[test]
fn a_silent_phone_that_registers_again_is_rung_again() {
    let mut office = Office::new(quiet(), &["1001"]);
    let phone = office.register("1001", at(100, 5060), at(100, 5060));
    office.phones[phone].is_deaf = true;
    office.call();
    office.wait(secs(3));
    assert_eq!(office.agents(AgentState::Unreachable), 1);
    office.renew(phone);
    assert_eq!(office.agents(AgentState::Ready), 1);
}

#[test]
fn a_phone_that_misses_two_probes_is_unreachable_and_one_that_answers_is_not() {
    let settings = PhoneSettings {
        probe: secs(60),
        keep_alive: KeepAlive::Never,
        ..PhoneSettings::default()
    };
    let mut office = Office::new(settings, &["1001", "1002"]);
    let gone = office.register("1001", at(100, 5060), at(100, 5060));
    let there = office.register("1002", at(101, 5060), at(101, 5060));
    office.phones[gone].is_deaf = true;
    office.wait(secs(60 + 16));
    assert_eq!(office.agents(AgentState::Unreachable), 1);
    assert_eq!(office.agents(AgentState::Ready), 1);
    office.wait(secs(600));
    assert_eq!(office.agents(AgentState::Ready), 1);
    assert!(office.phones[there].requests(&Method::OPTIONS).len() >= 10);
    assert!(
        !office.all_kept()[0].is_reachable,
        "a restart does not forget it"
    );

    office.phones[gone].is_deaf = false;
    office.wait(secs(31));
    assert_eq!(office.agents(AgentState::Ready), 2);
    assert!(office.all_kept()[0].is_reachable);
}

#[test]
fn a_phone_behind_a_nat_is_asked_every_25_seconds_and_others_are_not() {
    for (keep_alive, asked) in [
        (KeepAlive::Nat, [4, 0]),
        (KeepAlive::All, [4, 4]),
        (KeepAlive::Never, [0, 0]),
    ] {
        let settings = PhoneSettings {
            keep_alive,
            ..quiet()
        };
        let mut office = Office::new(settings, &["1001"]);
        let private = "10.0.0.5:5060".parse().expect("an address");
        let hidden = office.register("1001", private, at(100, 40_000));
        let plain = office.register("1001", at(101, 5060), at(101, 5060));
        office.wait(secs(100));
        let heard = [hidden, plain].map(|n| office.phones[n].requests(&Method::OPTIONS).len());
        assert_eq!(heard, asked, "{keep_alive:?}");
        // Calls go to where the REGISTER came from, by the name that the phone gave itself.
        office.call();
        let invite = office.phones[hidden].requests(&Method::INVITE)[0];
        assert_eq!(invite.uri.to_string(), "sip:1001@10.0.0.5:5060");
    }
}

#[test]
fn phones_that_came_together_are_not_asked_together() {
    let agents: Vec<_> = (1000..1200).map(|n| n.to_string()).collect();
    let agents: Vec<_> = agents.iter().map(String::as_str).collect();
    let mut office = Office::new(PhoneSettings::default(), &agents);
    for (agent, n) in agents.iter().zip(0_u16..) {
        office.register(agent, at(100, 10_000 + n), at(100, 10_000 + n));
    }
    let start = office.now;
    office.wait(secs(60));
    let mut in_second = [0; 60];
    for phone in &office.phones[1..] {
        assert_eq!(phone.requests(&Method::OPTIONS).len(), 1);
        let (when, _) = phone.heard[0];
        let second = (when - start).as_secs();
        in_second[usize::try_from(second).expect("a small number")] += 1;
    }
    let most = in_second.into_iter().max();
    assert!(most <= Some(12), "of 200 a minute, {most:?} in one second");
}

/// Restart of this side: the phone is rung without registering again. Without what was kept,
/// nobody is.
#[test]
fn after_a_restart_a_call_rings_the_phone_that_was_registered_before() {
    for is_kept in [true, false] {
        let mut office = Office::new(quiet(), &["1001"]);
        let private = "10.0.0.5:5060".parse().expect("an address");
        let phone = office.register("1001", private, at(100, 40_000));
        let kept = if is_kept {
            office.all_kept()
        } else {
            Vec::new()
        };
        office.restart(kept, secs(30));
        office.call();
        office.wait(secs(5));
        assert_eq!(office.phones[phone].calls(), usize::from(is_kept));
    }
}

#[test]
fn a_registration_that_ended_while_we_were_away_is_not_taken_up() {
    let mut office = Office::new(quiet(), &["1001"]);
    office.register("1001", at(100, 5060), at(100, 5060));
    office.restart(office.all_kept(), secs(3601));
    assert_eq!(office.agents(AgentState::Offline), 1);
    assert_eq!(office.all_kept(), [], "and its row goes");
}

#[test]
fn the_registration_of_who_is_no_agent_any_more_is_forgotten() {
    let mut office = Office::new(quiet(), &["1001"]);
    office.register("1001", at(100, 5060), at(100, 5060));
    let mut kept = office.all_kept();
    kept[0].agent = "1009".into();
    office.restart(kept, secs(1));
    assert_eq!(office.agents(AgentState::Offline), 1);
    assert_eq!(office.kept[&"1009".into()], []);
}

/// The connection that a phone registered by ends with the process that held it. A phone that can
/// be connected to is rung all the same.
#[test]
fn a_phone_that_had_a_connection_is_unreachable_until_it_comes_back() {
    for (own, transport, state) in [
        ("10.0.0.5:5060", "TCP", AgentState::Unreachable),
        ("192.0.2.100:5060", "TLS", AgentState::Offline), // no such listener any more
        ("192.0.2.100:5060", "TCP", AgentState::Ready),
    ] {
        let mut office = Office::new(quiet(), &["1001"]);
        let phone = office.register("1001", own.parse().expect("an address"), at(100, 40_000));
        let mut kept = office.all_kept();
        transport.clone_into(&mut kept[0].transport);
        office.restart(kept, secs(1));
        assert_eq!(office.agents(state), 1, "{own} {transport}");
        office.renew(phone);
        assert_eq!(office.agents(AgentState::Ready), 1);
        assert_eq!(office.all_kept().len(), 1);
    }
}

/// Threat: database away. Registrations that can be read only after some time: a phone that has
/// registered since counts by what it said last, the others are there again, and all are kept.
#[test]
fn registrations_that_are_read_late_are_added_to_those_of_now() {
    let mut office = Office::new(quiet(), &["1001"]);
    let first = office.register("1001", at(100, 5060), at(100, 5060));
    office.register("1001", at(101, 5060), at(101, 5060));
    let kept = office.all_kept();
    assert_eq!(kept.len(), 2);
    office.restart(Vec::new(), secs(1));
    assert_eq!(office.agents(AgentState::Ready), 0);
    office.renew(first);
    assert_eq!(office.agents(AgentState::Ready), 1);
    office.reads_late(kept);
    assert_eq!(office.all_kept().len(), 2, "{:#?}", office.all_kept());
    office.call();
    let rung = office.phones.iter();
    let rung = rung.filter(|phone| !phone.requests(&Method::INVITE).is_empty());
    assert_eq!(rung.count(), 2, "both phones ring");
}

/// Threat: clock jump. Registrations live by the monotonic clock; what is kept is written again in
/// the new time, and is right by it after a restart.
#[test]
fn a_clock_that_is_set_neither_ends_nor_prolongs_a_registration() {
    for jump_s in [3600, -3600] {
        let mut office = Office::new(quiet(), &["1001"]);
        office.register("1001", at(100, 5060), at(100, 5060));
        let before = office.all_kept()[0].expires_at;
        office.wait(secs(60));
        office.clock_set_us = jump_s * 1_000_000;
        office.call(); // anything that happens shows the new time

        assert_eq!(
            office.agents(AgentState::Ringing),
            1,
            "it is still registered"
        );
        let after = office.all_kept()[0].expires_at;
        assert_eq!(after.unix_us() - before.unix_us(), jump_s * 1_000_000);
        office.restart(office.all_kept(), secs(60));
        assert_eq!(office.agents(AgentState::Ready), 1);
        office.forget_phone_timers();
        office.wait(secs(3600 - 121));
        assert_eq!(office.agents(AgentState::Ready), 1);
        office.wait(secs(1));
        assert_eq!(
            office.agents(AgentState::Offline),
            1,
            "it ends when it would have ended"
        );
    }
}

/// A clock that was set back while we were away keeps nobody for longer than any registration.
#[test]
fn no_registration_outlives_the_longest_one_granted() {
    let mut office = Office::new(quiet(), &["1001"]);
    office.register("1001", at(100, 5060), at(100, 5060));
    let kept = office.all_kept();
    office.clock_set_us = -86_400_000_000;
    office.restart(kept, secs(1));
    assert_eq!(office.agents(AgentState::Ready), 1);
    office.forget_phone_timers();
    office.wait(secs(3600));
    assert_eq!(office.agents(AgentState::Offline), 1);
}

#[test]
fn a_refresh_is_kept_but_is_no_news() {
    let mut office = Office::new(quiet(), &["1001"]);
    let phone = office.register("1001", at(100, 5060), at(100, 5060));
    assert_eq!(office.keepings, [true]);
    office.wait(secs(1800));
    assert_eq!(office.keepings, [true, false]);
    let left = office.all_kept()[0].expires_at.unix_us() - office.wall_us();
    assert_eq!(left, 3_600_000_000);
    office.command(phone, Command::Unregister);
    assert_eq!(office.keepings, [true, false, true]);
    assert_eq!(office.all_kept(), []);
}

/// Threat: flood, memory. A connection on which nothing comes is kept for a phone that has
/// registered, as long as it has, and for nobody else.
#[test]
fn a_quiet_connection_is_kept_for_a_registered_phone_only() {
    let mut office = Office::new(quiet(), &["1001"]);
    let phone = at(100, 5060);
    assert!(!office.needs_connection(phone));
    office.register("1001", phone, phone);
    assert!(office.needs_connection(phone));
    assert!(!office.needs_connection(at(101, 5060)), "a stranger");
    office.forget_phone_timers();
    office.wait(secs(3601));
    assert!(!office.needs_connection(phone), "it has gone");
}
