//! Peers that go without a word, and those that are only silent.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::service::Service;
use crate::site::{Line, Site};
use crate::talk::{NUMBER, Talk};

/// A line with one agent, and less patience than usual.
fn site(keys: &'static str) -> Site {
    Site::new()
        .agent(1)
        .line(&Line::new("hotline", NUMBER, &[1]))
        .media_keys(keys)
}

const SHORT: &str = "silent_after = \"1s\"\nrtp_timeout = \"2s\"";

fn talk(service: Service) -> Talk {
    let talk = Talk::answered(service);
    talk.both_hear();
    talk
}

/// Threat: partition, dead peer. Neither sends anything any more: BYE both ways, by the system,
/// and the row says why (R046, R055).
#[test]
fn a_call_that_both_have_left_without_a_word_is_ended() {
    let mut talk = talk(site(SHORT).start());
    talk.tones.clear();
    talk.caller.expect_bye();
    talk.agent.expect_bye();
    let row = talk.service.only_call();
    assert_eq!(row["hangup_party"], "system");
    let reason = row["hangup_reason"].as_str().unwrap_or_default().to_owned();
    assert!(reason.starts_with("no RTP and no RTCP for 2"), "{reason}");
    assert_eq!(row["outcome"], "answered");
    let silences = row["silences"].as_array().map_or(0, Vec::len);
    assert_eq!(silences, 2, "{row:#}");
    talk.service.stop();
}

/// The control: a call on hold is not ended, and one that sends comfort noise is not either.
#[test]
fn a_call_on_hold_and_one_with_comfort_noise_go_on() {
    let mut talk = talk(site(SHORT).start());
    talk.tones.clear();
    let hold = talk
        .agent
        .voice
        .description(&[crate::tone::Law::Pcma], "inactive");
    talk.agent.reinvite(hold);
    let until = Instant::now() + Duration::from_secs(4);
    while Instant::now() < until {
        talk.caller.drain(Duration::from_millis(200));
    }
    let resume = talk.agent.plain();
    talk.agent.reinvite(resume);
    // Comfort noise (RFC 3389): payload type 13, one packet in a second.
    let mut noise = vec![0x80, 13, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 9, 78];
    for _ in 0..4 {
        talk.caller.voice.send_raw(&noise, talk.caller_to);
        noise[3] += 1;
        talk.caller.drain(Duration::from_secs(1));
    }
    let (service, row) = talk.end();
    assert_eq!(row["hangup_party"], "caller");
    assert_eq!(row["holds"]["count"], 1);
    service.stop();
}

/// R055: the agent is not heard while the caller is: written down, counted, and heard again.
#[test]
fn one_way_audio_is_written_down_and_counted() {
    let mut talk = talk(site("silent_after = \"1s\"").start());
    drop(talk.tones.pop());
    let one_way = |row: &Value| row["silences"][0]["one_way"] == true;
    crate::patience::until("one-way audio is counted", || {
        let counted = talk.service.metric("thirdring_one_way_calls_total");
        (counted >= 1.0).then_some(())
    });
    let tone = talk
        .agent
        .voice
        .speak(talk.agent_to, crate::tone::Law::Pcma, 440);
    talk.tones.push(tone);
    talk.both_hear();
    talk.caller.drain(Duration::from_secs(1));
    let (service, row) = talk.end();
    assert!(one_way(&row), "{row:#}");
    assert_eq!(row["silences"][0]["side"], "agent");
    assert!(
        row["silences"][0]["silent_ms"].as_u64() > Some(500),
        "{row:#}"
    );
    let media = row["media"].as_array().unwrap();
    let quality = media.iter().find(|leg| leg["side"] == "caller").unwrap();
    assert_eq!(quality["codec"], "PCMA");
    assert!(quality["mos_hundredths"].as_u64() > Some(400), "{row:#}");
    service.stop();
}
