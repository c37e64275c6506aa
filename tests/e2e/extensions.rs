//! Extensions of SIP with SIPp's trunks and phones: PRACK both ways, UPDATE, keys by INFO, and
//! what is refused with a reason. Session timers take minutes: `tests/sim` has them.

use serde_json::Value;

use crate::service::Service;
use crate::sipp::{Sipp, play};
use crate::site::{Line, Site};

const NUMBER: &str = "4001234567";

/// RFC 3262, RFC 4028, RFC 6086, RFC 3311: a trunk that requires reliable provisional responses;
/// a wrong PRACK is 481, the right one 200; a key by INFO is an event, a hold by UPDATE a hold.
/// R233: which key it was is not kept, unless the line wants it.
#[test]
fn a_trunk_that_requires_prack_gets_it_and_sends_keys_and_updates() {
    let service = hotline();
    let network = service.network();
    let phone = Sipp::new("agent", network.agent(1));
    let caller = Sipp::new("caller_pracks", network.trunk()).dial(NUMBER);
    let row = play(&service, phone, caller);
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["holds"]["count"], 1);
    let events = row["events"].as_array().unwrap().iter();
    let digits: Vec<_> = events
        .filter(|event| event["kind"] == "digit_pressed")
        .map(|event| event["data"]["digit"].as_str())
        .collect();
    assert_eq!(digits, [None]);
    service.stop();
}

/// RFC 3262 §4, §5: a phone that rings reliably gets its PRACK, and the answer that it gave then
/// counts.
#[test]
fn a_phone_that_rings_reliably_is_pracked() {
    let service = hotline();
    let network = service.network();
    let phone = Sipp::new("agent_rings_reliably", network.agent(1));
    let caller = Sipp::new("caller", network.trunk()).dial(NUMBER);
    let row = play(&service, phone, caller);
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["hangup_party"], "caller");
    let ends: Vec<_> = row["legs"].as_array().unwrap().iter().map(end).collect();
    assert_eq!(ends, [("agent", "system"), ("caller", "caller")]);
    service.stop();
}

/// RFC 3261 §8.2.2.3, §16.3, RFC 4028 §9: no hop left, an unknown extension, a session too short.
#[test]
fn what_is_refused_is_refused_with_a_reason() {
    let service = hotline();
    for (status, hops, asks, tells) in [
        (483, 0, "Subject: x", "Too Many Hops"),
        (420, 70, "Require: x-own", "Unsupported: x-own"),
        (
            422,
            70,
            "Supported: timer\nSession-Expires: 60",
            "Min-SE: 90",
        ),
    ] {
        let trunk = Sipp::new("caller_refused_because", service.network().trunk())
            .dial(NUMBER)
            .with("status", status)
            .with("hops", hops)
            .with("asks", asks)
            .with("tells", tells)
            .start(&service);
        trunk.finish();
    }
    service.stop();
}

/// RFC 4028 §7.4, §9: a caller keeps its session alive by UPDATE and by re-INVITE, each granted as
/// asked; one that is too short is 422 and changes nothing.
#[test]
fn a_session_is_refreshed_by_update_and_invite() {
    let service = hotline();
    let network = service.network();
    let phone = Sipp::new("agent", network.agent(1));
    let caller = Sipp::new("caller_refreshes", network.trunk()).dial(NUMBER);
    let row = play(&service, phone, caller);
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["holds"]["count"], 0);
    assert_eq!(row["hangup_party"], "caller");
    service.stop();
}

/// RFC 3327 §5.3: a phone that registered by a proxy is called by that proxy.
#[test]
fn a_phone_that_registered_by_a_proxy_is_called_by_it() {
    const PASSWORD: &str = "correct-horse-battery";
    let service = Site::new()
        .agent_with(1, &format!("password = \"{PASSWORD}\""))
        .line(&Line::new("hotline", NUMBER, &[1]))
        .sip("phone_probe = \"0s\"")
        .start();
    let network = service.network();
    let (proxy, phone) = (network.agent(2), network.agent(3));
    let of_proxy = |scenario: &'static str| {
        Sipp::new(scenario, proxy)
            .with("user", "1001")
            .with("password", PASSWORD)
            .with("phone", format!("{phone}:5060"))
            .with("proxy", format!("{proxy}:5060"))
    };
    of_proxy("phone_registers_by_proxy")
        .start(&service)
        .finish();
    let behind = of_proxy("agent_behind_proxy").start(&service);
    let trunk = Sipp::new("caller", network.trunk())
        .dial(NUMBER)
        .start(&service);
    trunk.finish();
    behind.finish();
    assert_eq!(service.only_call()["outcome"], "answered");
    service.stop();
}

/// RFC 3261 §13.2.2.4: where a proxy forks, the first answer is the call; a later one is
/// acknowledged and ended, and the call goes on.
#[test]
fn a_second_answer_to_one_invite_is_ended() {
    let service = hotline();
    let network = service.network();
    let phone = Sipp::new("agent_forks", network.agent(1));
    let caller = Sipp::new("caller", network.trunk())
        .dial(NUMBER)
        .with("talk_ms", 1500);
    let row = play(&service, phone, caller);
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["hangup_party"], "caller");
    service.stop();
}

/// RFC 3261 §16.3: an INVITE of ours that comes back to us is 482, and rings nobody. R009: it has
/// its row.
#[test]
fn an_invite_of_ours_that_comes_back_is_482() {
    let service = hotline();
    let network = service.network();
    let phone = Sipp::new("agent_loops", network.agent(1))
        .dial(NUMBER)
        .start(&service);
    let trunk = Sipp::new("caller_leaves", network.trunk())
        .dial(NUMBER)
        .with("ring_ms", 1500)
        .start(&service);
    phone.finish();
    trunk.finish();
    let mut rows = service.ended(2);
    rows.sort_by_key(|row| row["status"].as_u64());
    assert_eq!(rows[0]["status"], 482);
    assert_eq!(rows[0]["outcome"], "refused");
    assert!(rows[0]["attempts"].as_array().is_some_and(Vec::is_empty));
    assert_eq!(rows[1]["outcome"], "abandoned");
    service.stop();
}

/// RFC 3261 §8.2.2.2: the INVITE that has come by another way is 482.
#[test]
fn an_invite_that_comes_by_two_ways_is_482() {
    let service = hotline();
    let trunk = Sipp::new("caller_merges", service.network().trunk())
        .dial(NUMBER)
        .start(&service);
    trunk.finish();
    service.stop();
}

fn hotline() -> Service {
    Site::new()
        .agent(1)
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start()
}

fn end(leg: &Value) -> (&str, &str) {
    (
        leg["side"].as_str().unwrap_or_default(),
        leg["party"].as_str().unwrap_or_default(),
    )
}
