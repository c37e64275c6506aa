//! Calls that agents make: out by policy, refused by policy, and the echo test, with real sockets
//! and files.

use serde_json::Value;
use thirdring::sip::StatusCode;

use crate::patience::until;
use crate::peer::{Peer, described};
use crate::service::Service;
use crate::site::Site;
use crate::tone::Law;

const AGENT: (&str, &str) = ("1001", "a long secret");
const ALLOWED: &str = "01061234567";
const AGENT_HZ: u32 = 440;
const OUTSIDE_HZ: u32 = 1000;
const COLLEAGUE_HZ: u32 = 600;

/// An agent who may call Beijing, three times a minute, one number after another.
fn site(limits: &str) -> Site {
    let site = Site::new();
    let contact = crate::loopback::sip(site.network().agent(1));
    let keys = format!("contact = \"{contact}\"\npassword = \"{}\"", AGENT.1);
    site.agent_with(1, &keys).section(&format!(
        "[[outbound]]\nname = \"beijing\"\nagents = [\"1001\"]\nprefixes = [\"010\"]\n\
         trunk = \"carrier\"\ncaller_id = \"01087654321\"\n{limits}\n"
    ))
}

/// R009, R188, R192, and threat: toll fraud, open relay: the call has a row that tells who let it
/// out, both parties, how long it rang, and a recording with both voices.
#[test]
fn an_allowed_call_is_made_recorded_and_told() {
    let service = site("").start();
    let mut agent = Peer::new(service.network().agent(1), service.network());
    let mut outside = Peer::new(service.network().trunk(), service.network());
    agent.dial_as(AGENT, ALLOWED);
    let invite = outside.ring();
    assert_eq!(invite.uri.user_unescaped().as_deref(), Some(ALLOWED));
    let from = invite.from_addr().uri.user_unescaped();
    assert_eq!(
        from.as_deref(),
        Some("01087654321"),
        "our number is presented"
    );
    agent.expect(180);
    let to_outside = outside.pick_up(outside.plain());
    let to_agent = agent.talk();
    let speaking = agent.voice.speak(to_agent, Law::Pcma, AGENT_HZ);
    let answering = outside.voice.speak(to_outside, Law::Pcma, OUTSIDE_HZ);
    agent.voice.hears(OUTSIDE_HZ);
    outside.voice.hears(AGENT_HZ);
    agent.bye();
    outside.expect_bye();
    drop((speaking, answering));

    let row = service.only_call();
    assert_eq!(row["direction"], "out");
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["hangup_party"], "caller");
    assert!(row["grade"].is_null(), "nobody grades it");
    assert!(row["caller_ring_ms"].is_u64() && row["ringing_at"].is_i64());
    let callee = row["callee"].as_str().unwrap();
    assert_eq!(row["parties"][callee]["number"], ALLOWED);
    assert_ne!(row["dialled"], ALLOWED, "a number is a party's");
    let decision = &row["outbound"][0];
    assert_eq!(decision["by"], "1001");
    assert_eq!(decision["policy"], "beijing");
    assert_eq!(decision["prefix"], "010");
    assert_eq!(decision["trunk"], "carrier");
    assert!(decision["refused"].is_null());
    let wav = service.recording(&row);
    assert!(wav.left.tone_ms(AGENT_HZ) >= 100, "left is who dialled");
    assert!(
        wav.right.tone_ms(OUTSIDE_HZ) >= 100,
        "right is who was called"
    );

    let (status, said) = service.command(&["calls", "show", row["id"].as_str().unwrap()]);
    assert!(status.success(), "{said}");
    for told in [
        "out, internal",
        "allowed to 1001 by policy beijing, prefix 010, trunk carrier",
    ] {
        assert!(said.contains(told), "no {told} in\n{said}");
    }
    assert!(!said.contains(ALLOWED), "unmasked in\n{said}");
    service.stop();
}

/// R086, R188, R192: the customer whom an agent has called is passed on to a colleague. The row and
/// the recording go on: the agents are its left channel, the customer is its right one.
#[test]
fn a_customer_who_was_called_is_passed_on() {
    let service = site("").agent(2).start();
    let network = service.network();
    let mut agent = Peer::new(network.agent(1), network);
    let mut colleague = Peer::new(network.agent(2), network);
    let mut outside = Peer::new(network.trunk(), network);
    agent.dial_as(AGENT, ALLOWED);
    outside.ring();
    let to_outside = outside.pick_up(outside.plain());
    let to_agent = agent.talk();
    let speaking = agent.voice.speak(to_agent, Law::Pcma, AGENT_HZ);
    let answering = outside.voice.speak(to_outside, Law::Pcma, OUTSIDE_HZ);
    agent.voice.hears(OUTSIDE_HZ);
    outside.voice.hears(AGENT_HZ);

    agent.pass_on("1002");
    let rung = colleague.ring();
    let shown = rung.from_addr().uri.user_unescaped();
    assert_eq!(shown.as_deref(), Some(ALLOWED), "the customer's number");
    let to_colleague = colleague.pick_up(colleague.plain());
    assert_eq!(agent.passed_on(), 200);
    agent.expect_bye();
    drop(speaking);
    let speaking = colleague.voice.speak(to_colleague, Law::Pcma, COLLEAGUE_HZ);
    outside.voice.hears(COLLEAGUE_HZ);
    colleague.voice.hears(OUTSIDE_HZ);
    outside.bye();
    colleague.expect_bye();
    drop((speaking, answering));

    let row = service.only_call();
    assert_eq!(row["direction"], "out");
    assert_eq!(row["transfers"][0]["kind"], "blind");
    assert_eq!(row["transfers"][0]["by"], "1001");
    assert_eq!(row["transfers"][0]["target"]["agent"], "1002");
    assert_eq!(row["transfers"][0]["result"], "answered");
    assert_eq!(row["hangup_party"], "caller", "the customer's side");
    let wav = service.recording(&row);
    for hz in [AGENT_HZ, COLLEAGUE_HZ] {
        assert!(wav.left.tone_ms(hz) >= 100, "{hz} Hz on the left");
        assert!(wav.right.tone_ms(hz) <= 40, "{hz} Hz on the right");
    }
    assert!(wav.right.tone_ms(OUTSIDE_HZ) >= 100);
    assert!(wav.left.tone_ms(OUTSIDE_HZ) <= 40);
    service.stop();
}

/// RFC 3960 §3: what the other network says before anybody answers is heard by who dialled, and
/// has no place on the recording, which begins with the answer (R188).
#[test]
fn an_announcement_before_the_answer_is_heard() {
    let service = site("").start();
    let mut agent = Peer::new(service.network().agent(1), service.network());
    let mut outside = Peer::new(service.network().trunk(), service.network());
    agent.dial_as(AGENT, ALLOWED);
    let offer = described(&outside.ring().body);
    outside.answer_invite(StatusCode::SESSION_PROGRESS, outside.plain());
    let early = agent.expect(183).body;
    let announcing = outside.voice.speak(offer, Law::Pcma, OUTSIDE_HZ);
    agent.voice.hears(OUTSIDE_HZ);
    drop(announcing);
    outside.pick_up(outside.plain());
    let answer = agent.expect(200);
    assert_eq!(answer.body, early, "the 200 says what the 183 said");
    agent.ack(Vec::new());
    let answering = outside.voice.speak(offer, Law::Pcma, AGENT_HZ);
    agent.voice.hears(AGENT_HZ);
    agent.bye();
    outside.expect_bye();
    drop(answering);

    let row = service.only_call();
    assert_eq!(row["outcome"], "answered");
    let wav = service.recording(&row);
    assert!(wav.right.tone_ms(AGENT_HZ) >= 100);
    assert!(wav.right.tone_ms(OUTSIDE_HZ) <= 40, "the announcement");
    service.stop();
}

/// Threat: toll fraud, open relay: what the policy does not allow gets 403, a row, a warning and a
/// count, and no packet to the trunk; the same phone's next, allowed call is the control.
#[test]
fn a_forbidden_prefix_is_refused_and_counted() {
    let service = site("").start();
    let mut agent = Peer::new(service.network().agent(1), service.network());
    let mut outside = Peer::new(service.network().trunk(), service.network());
    agent.dial_as(AGENT, "0013125550100");
    let refused = agent.expect_refusal(403);
    agent.ack_refusal(&refused);
    let row = service.only_call();
    assert_eq!(
        (&row["outcome"], &row["status"]),
        (&Value::from("refused"), &Value::from(403))
    );
    assert_eq!(row["outbound"][0]["refused"], "prefix");
    assert_eq!(refusals(&service, "prefix"), Some(1.0));
    assert!(service.log().contains("call to an outside number refused"));
    assert!(!service.log().contains("0013125550100"));

    agent.dial_as(AGENT, ALLOWED);
    let invite = outside.ring();
    assert_eq!(
        invite.uri.user_unescaped().as_deref(),
        Some(ALLOWED),
        "the first that came"
    );
    outside.refuse(StatusCode::BUSY_HERE);
    let busy = agent.expect_refusal(486);
    agent.ack_refusal(&busy);
    let rows = service.ended(2);
    assert_eq!(rows[1]["outcome"], "not_reached");
    assert_eq!(rows[1]["status"], 486);
    service.stop();
}

/// Threat: toll fraud, open relay: each limit refuses the first call that is over it, and says so
/// in its row and its metric.
#[test]
fn each_limit_refuses_what_is_over_it() {
    let limits = [
        ("per_minute = 1", "per_minute", ["0101", "0103"]),
        ("per_day = 1", "per_day", ["0101", "0103"]),
        ("sequential = 1", "sequential", ["01011", "01012"]),
        ("time_per_day = \"1ms\"", "duration", ["0101", "0103"]),
    ];
    for (limit, reason, numbers) in limits {
        let service = site(limit).start();
        let mut agent = Peer::new(service.network().agent(1), service.network());
        let mut outside = Peer::new(service.network().trunk(), service.network());
        agent.dial_as(AGENT, numbers[0]);
        outside.ring();
        agent.expect(180);
        outside.refuse(StatusCode::BUSY_HERE);
        let busy = agent.expect_refusal(486);
        agent.ack_refusal(&busy);
        over_the_limit(&service, &mut agent, numbers[1], reason);
        service.stop();
    }
}

/// Threat: toll fraud, open relay: the second call while the first is open.
#[test]
fn calls_open_at_once_are_limited() {
    let service = site("concurrent = 1").start();
    let mut agent = Peer::new(service.network().agent(1), service.network());
    let mut outside = Peer::new(service.network().trunk(), service.network());
    agent.dial_as(AGENT, ALLOWED);
    outside.ring();
    agent.expect(180);
    let first = agent.keep_invite();
    agent.dial_as(AGENT, "01061234577");
    let refused = agent.expect_refusal(403);
    agent.ack_refusal(&refused);
    until("the refusal to be counted", || {
        (refusals(&service, "concurrent") == Some(1.0)).then_some(())
    });
    agent.restore_invite(first);
    agent.cancel();
    outside.expect_cancel();
    let rows = service.ended(2);
    assert_eq!(rows[1]["outbound"][0]["refused"], "concurrent");
    service.stop();
}

fn over_the_limit(service: &Service, agent: &mut Peer, number: &str, reason: &str) {
    agent.dial_as(AGENT, number);
    let refused = agent.expect_refusal(403);
    agent.ack_refusal(&refused);
    let rows = service.ended(2);
    assert_eq!(rows[1]["outbound"][0]["refused"], reason);
    assert_eq!(refusals(service, reason), Some(1.0), "{reason}");
}

fn refusals(service: &Service, reason: &str) -> Option<f64> {
    let name = format!("thirdring_outbound_refused_total{{reason=\"{reason}\"}}");
    service.metrics().get(&name).copied()
}

/// The echo test: the agent hears himself, and the call has a row and no recording.
#[test]
fn the_echo_test_lets_an_agent_hear_himself() {
    let service = site("").start();
    let mut agent = Peer::new(service.network().agent(1), service.network());
    agent.dial("*43", agent.plain());
    let answer = agent.expect(200);
    agent.ack(Vec::new());
    let speaking = agent
        .voice
        .speak(described(&answer.body), Law::Pcma, AGENT_HZ);
    let echoed = agent.voice.hears(AGENT_HZ);
    assert_eq!(echoed.source, described(&answer.body));
    agent.bye();
    drop(speaking);
    let row = service.only_call();
    assert_eq!(row["outcome"], "echo");
    assert_eq!(row["direction"], "internal");
    assert!(row["recording"].is_null() && row["recording_failure"].is_null());
    service.stop();
}
