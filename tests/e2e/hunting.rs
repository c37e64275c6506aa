//! Phones that do not answer, and the next one.

use std::net::UdpSocket;

use serde_json::Value;

use crate::loopback::sip;
use crate::service::Service;
use crate::sipp::Sipp;
use crate::site::{Line, Site};

const NUMBER: &str = "4001234567";

fn two_agents() -> Site {
    Site::new()
        .agent(1)
        .agent(2)
        .line(&Line::new("hotline", NUMBER, &[1, 2]))
}

/// R013: whoever does not answer for two rings loses the call to the next agent, and the caller's
/// clock runs on.
#[test]
fn a_call_goes_on_to_the_next_agent_and_the_clock_runs_on() {
    let service = two_agents().start();
    let network = service.network();
    let first = Sipp::new("agent_rings", network.agent(1))
        .with("reason", "CANCEL")
        .start(&service);
    let second = Sipp::new("agent", network.agent(2)).start(&service);
    let row = call(&service);
    first.finish();
    second.finish();
    assert_eq!(
        attempts(&row),
        [("1001", "ring_no_answer"), ("1002", "answered")]
    );
    let rang_ms = row["attempts"][0]["agent_ring_ms"].as_u64().unwrap();
    assert!((1900..3000).contains(&rang_ms), "{rang_ms} ms");
    assert_eq!(row["answered_by"], "1002");
    assert_eq!(row["rings"], 3);
    assert!(row["caller_ring_ms"].as_u64() > Some(2400), "{row:#}");
    assert_eq!(row["grade"], "on_target");
    service.stop();
}

/// R013: a busy phone is passed over.
#[test]
fn a_busy_phone_is_passed_over() {
    passed_over(486);
}

/// R013: a phone that declines is passed over.
#[test]
fn a_phone_that_declines_is_passed_over() {
    passed_over(603);
}

fn passed_over(status: u16) {
    let service = two_agents().start();
    let network = service.network();
    let first = Sipp::new("agent_refuses", network.agent(1))
        .with("status", status)
        .start(&service);
    let second = Sipp::new("agent", network.agent(2)).start(&service);
    let row = call(&service);
    first.finish();
    second.finish();
    assert_eq!(attempts(&row), [("1001", "rejected"), ("1002", "answered")]);
    assert_eq!(row["attempts"][0]["status"], status);
    service.stop();
}

/// Nothing listens there: the kernel says so, or two seconds do.
#[test]
fn a_phone_that_is_switched_off_is_unreachable() {
    let service = two_agents().start();
    let second = Sipp::new("agent", service.network().agent(2)).start(&service);
    let row = call(&service);
    second.finish();
    assert_eq!(
        attempts(&row),
        [("1001", "unreachable"), ("1002", "answered")]
    );
    service.stop();
}

/// A phone that is there and says nothing for two seconds.
#[test]
fn a_phone_that_says_nothing_is_unreachable() {
    let site = two_agents();
    let silent = UdpSocket::bind(sip(site.network().agent(1))).unwrap();
    let service = site.start();
    let second = Sipp::new("agent", service.network().agent(2)).start(&service);
    let row = call(&service);
    second.finish();
    assert_eq!(
        attempts(&row),
        [("1001", "unreachable"), ("1002", "answered")]
    );
    drop(silent);
    service.stop();
}

/// RFC 3326: the losers' phones show no missed call.
#[test]
fn everybody_rings_and_the_losers_are_told_that_it_was_answered_elsewhere() {
    let line = Line::new("hotline", NUMBER, &[1, 2, 3]).with("strategy", "\"ring_all\"");
    let service = Site::new().agent(1).agent(2).agent(3).line(&line).start();
    let network = service.network();
    let losers = [1, 3].map(|n| {
        Sipp::new("agent_rings", network.agent(n))
            .with("reason", "Reason: *SIP *;cause=200")
            .start(&service)
    });
    let winner = Sipp::new("agent", network.agent(2)).start(&service);
    let row = call(&service);
    winner.finish();
    for loser in losers {
        loser.finish();
    }
    let mut results = attempts(&row);
    results.sort_unstable();
    let expected = [
        ("1001", "cancelled"),
        ("1002", "answered"),
        ("1003", "cancelled"),
    ];
    assert_eq!(results, expected);
    service.stop();
}

/// RFC 3261 §9.1: the 200 of a phone crosses our CANCEL. It is acknowledged and sent away, and
/// the caller is with the next agent.
#[test]
fn a_phone_that_answers_as_it_is_cancelled_is_sent_away() {
    let service = two_agents().start();
    let network = service.network();
    let first = Sipp::new("agent_answers_too_late", network.agent(1)).start(&service);
    let second = Sipp::new("agent", network.agent(2)).start(&service);
    let row = call(&service);
    first.finish();
    second.finish();
    assert_eq!(
        attempts(&row),
        [("1001", "ring_no_answer"), ("1002", "answered")]
    );
    assert_eq!(row["answered_by"], "1002");
    service.stop();
}

/// RFC 3261 §9.1, the caller's way: the phone answers as the caller's CANCEL reaches it.
#[test]
fn a_phone_that_answers_a_caller_who_has_left_is_sent_away() {
    let service = Site::new()
        .agent(1)
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start();
    let network = service.network();
    let phone = Sipp::new("agent_answers_too_late", network.agent(1)).start(&service);
    let trunk = Sipp::new("caller_leaves", network.trunk())
        .dial(NUMBER)
        .start(&service);
    trunk.finish();
    phone.finish();
    let row = service.only_call();
    assert_eq!(row["outcome"], "abandoned");
    assert_eq!(attempts(&row), [("1001", "cancelled")]);
    service.stop();
}

/// One call that is answered in the end.
fn call(service: &Service) -> Value {
    let trunk = Sipp::new("caller", service.network().trunk())
        .dial(NUMBER)
        .start(service);
    trunk.finish();
    let row = service.only_call();
    assert_eq!(row["outcome"], "answered", "{row:#}");
    row
}

fn attempts(row: &Value) -> Vec<(&str, &str)> {
    let attempts = row["attempts"].as_array().unwrap().iter();
    attempts
        .map(|attempt| {
            let text = |key: &str| attempt[key].as_str().unwrap_or("?");
            (text("agent"), text("result"))
        })
        .collect()
}
