//! Every change of every counter, accounted for by what the peers have seen on the wire.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use thirdring::sip::StatusCode;

use crate::peer::{Peer, Tally};
use crate::service::Service;
use crate::site::{Line, Site};
use crate::talk::{NUMBER, Talk};
use crate::tone::Law;

type Samples = BTreeMap<String, f64>;

/// Bounds of `thirdring_answer_seconds`.
const ANSWER_BOUNDS: [f64; 12] = [
    1.0, 2.0, 3.0, 5.0, 6.0, 10.0, 11.0, 15.0, 20.0, 25.0, 30.0, 60.0,
];
/// Bounds of `thirdring_agent_answer_seconds`.
const AGENT_ANSWER_BOUNDS: [f64; 7] = [1.0, 3.0, 5.0, 10.0, 15.0, 20.0, 25.0];
/// Bounds of `thirdring_rtp_jitter_seconds`.
const JITTER_BOUNDS: [f64; 9] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2];

/// R009, R014: an answered, an abandoned and an unknown call, and nothing in the counters that the
/// peers cannot explain.
#[test]
fn every_change_of_a_counter_is_accounted_for() {
    let line = Line::new("hotline", NUMBER, &[1, 2]).with("strategy", "\"ring_all\"");
    let service = Site::new().agent(1).agent(2).line(&line).start();
    let before = counters(&service);
    let mut wire = Wire::default();

    answered(&service, &mut wire);
    service.ended(1);
    abandoned(&service, &mut wire);
    service.ended(2);
    unknown(&service, &mut wire);
    let rows = service.ended(3);
    let row = settled(&service, rows[0]["id"].as_str().unwrap());

    let after = counters(&service);
    let mut changes: Samples = after
        .into_iter()
        .map(|(name, value)| {
            let change = value - before.get(&name).copied().unwrap_or(0.0);
            (name, change)
        })
        .filter(|(_, change)| *change != 0.0)
        .collect();
    for (name, change) in expected(&row, &wire) {
        let seen = changes.remove(&name).unwrap_or(0.0);
        assert!(
            (seen - change).abs() < 0.001,
            "{name}: {seen}, not {change}"
        );
    }
    assert!(changes.is_empty(), "unaccounted for: {changes:#?}");
    service.stop();
}

/// What the peers have seen.
#[derive(Default)]
struct Wire {
    messages: Tally,
    rtp_to_service: u64,
    rtp_from_service: u64,
}

impl Wire {
    fn add(&mut self, peer: &mut Peer) {
        peer.drain(Duration::from_millis(300));
        for (message, count) in peer.tally() {
            *self.messages.entry(message.clone()).or_default() += count;
        }
        self.rtp_to_service += peer.voice.sent();
        self.rtp_from_service += peer.voice.count() as u64;
    }
}

/// Two phones ring, one is picked up, half a second is spoken.
fn answered(service: &Service, wire: &mut Wire) {
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    let mut winner = Peer::new(network.agent(1), network);
    let mut loser = Peer::new(network.agent(2), network);
    caller.dial(NUMBER, caller.plain());
    winner.ring();
    loser.ring();
    let to = winner.pick_up(winner.plain());
    loser.expect_cancel();
    let caller_to = caller.talk();
    let tones = [
        caller.voice.speak(caller_to, Law::Pcma, 1000),
        winner.voice.speak(to, Law::Pcma, 440),
    ];
    caller.voice.hears(440);
    winner.voice.hears(1000);
    drop(tones);
    caller.bye();
    winner.expect_bye();
    for peer in [&mut caller, &mut winner, &mut loser] {
        wire.add(peer);
    }
}

/// One phone refuses, the other rings, and the caller gives up.
fn abandoned(service: &Service, wire: &mut Wire) {
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    let mut busy = Peer::new(network.agent(1), network);
    let mut phone = Peer::new(network.agent(2), network);
    caller.dial(NUMBER, caller.plain());
    phone.ring();
    caller.expect(180);
    busy.ring();
    busy.refuse(StatusCode::BUSY_HERE);
    caller.cancel();
    phone.expect_cancel();
    for peer in [&mut caller, &mut busy, &mut phone] {
        wire.add(peer);
    }
}

fn unknown(service: &Service, wire: &mut Wire) {
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    caller.dial("99999", caller.plain());
    let refusal = caller.expect_refusal(404);
    caller.ack_refusal(&refusal);
    wire.add(&mut caller);
}

/// The row once every leg has been closed.
fn settled(service: &Service, id: &str) -> Value {
    crate::patience::until("the legs to be closed", || {
        let row = service.show(id);
        let legs = row["media"].as_array().map_or(0, Vec::len);
        (legs == 3).then_some(row)
    })
}

fn expected(row: &Value, wire: &Wire) -> Samples {
    let mut samples = Samples::new();
    let mut add = |name: &str, labels: &str, value: f64| {
        let name = if labels.is_empty() {
            name.to_owned()
        } else {
            format!("{name}{{{labels}}}")
        };
        *samples.entry(name).or_default() += value;
    };
    add(
        "thirdring_calls_total",
        r#"line="hotline",outcome="answered""#,
        1.0,
    );
    add(
        "thirdring_calls_total",
        r#"line="hotline",outcome="abandoned""#,
        1.0,
    );
    add(
        "thirdring_calls_total",
        r#"line="none",outcome="unknown_number""#,
        1.0,
    );
    add(
        "thirdring_abandoned_total",
        r#"line="hotline",stage="ringing""#,
        1.0,
    );
    add(
        "thirdring_answers_total",
        r#"line="hotline",grade="on_target""#,
        1.0,
    );
    add(
        "thirdring_answer_rings_total",
        r#"line="hotline",rings="1""#,
        1.0,
    );
    for (result, count) in [("answered", 1.0), ("cancelled", 2.0), ("rejected", 1.0)] {
        add(
            "thirdring_agent_rings_total",
            &format!("result=\"{result}\""),
            count,
        );
    }
    let answer_s = number(&row["caller_ring_ms"]) / 1000.0;
    add(
        "thirdring_answer_seconds_sum",
        r#"line="hotline""#,
        answer_s,
    );
    add("thirdring_answer_seconds_count", r#"line="hotline""#, 1.0);
    for bound in ANSWER_BOUNDS.iter().filter(|bound| **bound >= answer_s) {
        add(
            "thirdring_answer_seconds_bucket",
            &format!("line=\"hotline\",le=\"{bound}\""),
            1.0,
        );
    }
    add(
        "thirdring_answer_seconds_bucket",
        r#"line="hotline",le="+Inf""#,
        1.0,
    );

    phones_and_queues(row, answer_s, &mut add);

    for ((method, way, code), count) in &wire.messages {
        let labels = format!("method=\"{method}\",direction=\"{way}\",code=\"{code}\"");
        #[expect(clippy::cast_precision_loss, reason = "a few messages")]
        add("thirdring_sip_messages_total", &labels, *count as f64);
    }
    #[expect(clippy::cast_precision_loss, reason = "a few packets")]
    for (way, count) in [("in", wire.rtp_to_service), ("out", wire.rtp_from_service)] {
        let labels = format!("direction=\"{way}\"");
        add("thirdring_rtp_packets_total", &labels, count as f64);
    }
    let legs = row["media"].as_array().unwrap().iter();
    for leg in legs.filter(|leg| number(&leg["received"]) > 0.0) {
        let jitter_s = number(&leg["jitter_us"]) / 1e6;
        add("thirdring_rtp_jitter_seconds_sum", "", jitter_s);
        add("thirdring_rtp_jitter_seconds_count", "", 1.0);
        for bound in JITTER_BOUNDS.iter().filter(|bound| **bound >= jitter_s) {
            add(
                "thirdring_rtp_jitter_seconds_bucket",
                &format!("le=\"{bound}\""),
                1.0,
            );
        }
        add("thirdring_rtp_jitter_seconds_bucket", r#"le="+Inf""#, 1.0);
    }
    add("thirdring_recordings_total", r#"result="sealed""#, 1.0);
    let gaps = row["recording"]["gaps"].as_array().unwrap().iter();
    let lost = gaps.filter(|gap| gap["cause"] != "silence");
    let gaps_ms: f64 = lost.map(|gap| number(&gap["length_ms"])).sum();
    add(
        "thirdring_recording_gap_seconds_total",
        "",
        (gaps_ms / 1000.0).floor(),
    );
    samples
}

/// R014: the same answer counts for the queue as the caller heard it, and for the agent as the agent's
/// own phone rang.
fn phones_and_queues(row: &Value, answer_s: f64, add: &mut impl FnMut(&str, &str, f64)) {
    let mut attempts = row["attempts"].as_array().unwrap().iter();
    let answered = attempts.find(|attempt| attempt["result"] == "answered");
    let answered = answered.unwrap();
    let agent = format!("agent=\"{}\"", answered["agent"].as_str().unwrap());
    let phone_s = number(&answered["agent_ring_ms"]) / 1000.0;
    let queue = r#"queue="hotline""#.to_owned();
    for (name, labels, seconds, bounds) in [
        ("queue", queue, answer_s, ANSWER_BOUNDS.as_slice()),
        ("agent", agent, phone_s, AGENT_ANSWER_BOUNDS.as_slice()),
    ] {
        let metric = format!("thirdring_{name}_answer_seconds");
        add(&format!("{metric}_sum"), &labels, seconds);
        add(&format!("{metric}_count"), &labels, 1.0);
        for bound in bounds.iter().filter(|bound| **bound >= seconds) {
            let labels = format!("{labels},le=\"{bound}\"");
            add(&format!("{metric}_bucket"), &labels, 1.0);
        }
        add(
            &format!("{metric}_bucket"),
            &format!("{labels},le=\"+Inf\""),
            1.0,
        );
        let rings = format!("thirdring_{name}_answer_rings_total");
        add(&rings, &format!("{labels},rings=\"1\""), 1.0);
    }
}

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

/// Counters and histograms, which only ever grow.
fn counters(service: &Service) -> Samples {
    let grows = |name: &String| {
        let name = name.split('{').next().unwrap_or_default();
        ["_total", "_count", "_sum", "_bucket"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let samples = service.metrics();
    samples
        .into_iter()
        .filter(|(name, _)| grows(name))
        .collect()
}

/// Gauges tell what is: during a talk one call and one talking agent, afterwards none.
#[test]
fn gauges_follow_a_call_up_and_down() {
    let talk = Talk::start();
    let up = |service: &Service| {
        (
            service.metric("thirdring_calls_active"),
            sample(service, r#"thirdring_agents{state="talking"}"#),
        )
    };
    crate::patience::until("the gauges to rise", || {
        (up(&talk.service) == (1.0, 1.0)).then_some(())
    });
    assert!(sample(&talk.service, "thirdring_db_up") > 0.0);
    let (service, _) = talk.end();
    crate::patience::until("the gauges to fall", || {
        (up(&service) == (0.0, 0.0)).then_some(())
    });
    service.stop();
}

fn sample(service: &Service, name: &str) -> f64 {
    service.metrics().get(name).copied().unwrap_or(0.0)
}
