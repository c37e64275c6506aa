//! Desk phones that register with a digest and answer with a tone: baresip by MD5, linphone by
//! SHA-256.

use std::time::Duration;

use serde_json::Value;

use crate::baresip::Baresip;
use crate::linphone::Linphone;
use crate::patience::until;
use crate::peer::Peer;
use crate::service::Service;
use crate::sipp::Sipp;
use crate::site::{Line, Site};
use crate::tone::Law;
use crate::wav::Wav;

const NUMBER: &str = "4001234567";
const PASSWORD: &str = "correct-horse-battery";
const CALLER_HZ: u32 = 1000;
const AGENT_HZ: u32 = 440;

fn service() -> Service {
    Site::new()
        .agent_with(1, &format!("password = \"{PASSWORD}\""))
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start()
}

fn phone(service: &Service) -> Baresip {
    Baresip::start(service, ("1001", PASSWORD), AGENT_HZ)
}

/// R188: each side is in its own channel and the file is as long as the talk.
#[test]
fn a_registered_phone_and_the_caller_are_each_in_their_own_channel() {
    let service = service();
    let phone = phone(&service);
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    caller.dial(NUMBER, caller.plain());
    let to = caller.talk();
    let tone = caller.voice.speak(to, Law::Pcma, CALLER_HZ);
    for _ in 0..20 {
        caller.voice.hears(AGENT_HZ);
    }
    drop(tone);
    caller.bye();
    let row = service.only_call();
    let wav = tones(&service, &row);
    let caller_sent = 20 * caller.voice.sent();
    let recorded = wav.left.tone_ms(CALLER_HZ);
    assert!(
        recorded.abs_diff(caller_sent) <= 60,
        "{recorded} of {caller_sent} ms"
    );
    drop(phone);
    service.stop();
}

/// RFC 8760: a phone that proves its password by SHA-256, where nothing else is offered, is called
/// and heard.
#[test]
fn a_phone_that_registers_by_sha_256_is_called_and_heard() {
    let service = Site::new()
        .digest("sha256")
        .agent_with(1, &format!("password = \"{PASSWORD}\""))
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start();
    let network = service.network();
    let phone = Linphone::start(&service, network.agent(1), ("1001", PASSWORD), AGENT_HZ);
    let proof = until("the proof that it was let in with", || {
        let log = phone.log();
        let mut lines = log.lines();
        lines
            .find(|line| line.starts_with("Authorization:"))
            .map(str::to_owned)
    });
    assert!(proof.contains("algorithm=SHA-256,"), "{proof}");
    let mut caller = Peer::new(network.trunk(), network);
    caller.dial(NUMBER, caller.plain());
    let to = caller.talk();
    let tone = caller.voice.speak(to, Law::Pcma, CALLER_HZ);
    for _ in 0..5 {
        caller.voice.hears(AGENT_HZ);
    }
    drop(tone);
    caller.bye();
    let row = service.only_call();
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["answered_by"], "1001");
    let wav = service.recording(&row);
    assert!(
        wav.left.tone_ms(CALLER_HZ) >= 300,
        "the caller is on record"
    );
    assert!(wav.right.tone_ms(AGENT_HZ) >= 300, "the agent is on record");
    drop(phone);
    service.stop();
}

/// A minute of talk without a packet lost by us, both ways on the file.
#[test]
fn a_minute_of_talk_loses_no_packet() {
    let service = service();
    let phone = phone(&service);
    let tone = service.folder().join("tone.al");
    std::fs::write(&tone, Law::Pcma.second_of(CALLER_HZ)).unwrap();
    let trunk = Sipp::new("caller_speaks", service.network().trunk())
        .dial(NUMBER)
        .with("tone", tone.display())
        .with("talk_ms", 60_000)
        .patience(Duration::from_mins(2))
        .start(&service);
    trunk.finish();
    let row = service.only_call();
    let wav = tones(&service, &row);
    assert!(wav.length_ms() >= 59_900, "{} ms", wav.length_ms());
    for track in [wav.left.tone_ms(CALLER_HZ), wav.right.tone_ms(AGENT_HZ)] {
        assert!(
            track + 500 >= wav.length_ms(),
            "{track} of {} ms",
            wav.length_ms()
        );
    }
    for leg in row["media"].as_array().unwrap() {
        assert_eq!(leg["lost"], 0, "{row:#}");
        assert!(leg["received"].as_u64() >= Some(2950), "{row:#}");
        assert!(leg["sent"].as_u64() >= Some(2950), "{row:#}");
    }
    drop(phone);
    service.stop();
}

/// The recording of a talk, which holds both tones and nothing else.
fn tones(service: &Service, row: &Value) -> Wav {
    assert_eq!(row["outcome"], "answered");
    let wav = service.recording(row);
    let talk_ms = row["talk_ms"].as_u64().unwrap();
    let length_ms = wav.length_ms();
    assert!(
        length_ms.abs_diff(talk_ms) <= 100,
        "{length_ms} of {talk_ms} ms"
    );
    for (track, own, other) in [
        (&wav.left, CALLER_HZ, AGENT_HZ),
        (&wav.right, AGENT_HZ, CALLER_HZ),
    ] {
        assert!(
            track.tone_ms(own) * 10 >= length_ms * 9,
            "{} ms",
            track.tone_ms(own)
        );
        assert_eq!(
            track.tone_ms(other),
            0,
            "a channel holds the other side's tone"
        );
        assert!(track.other_ms(own) <= 100, "{} ms", track.other_ms(own));
    }
    wav
}
