//! Re-INVITEs of either side, and where the RTP goes before and after.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::peer::{Peer, described, says};
use crate::site::{Line, Site};
use crate::talk::{AGENT_HZ, CALLER_HZ, NUMBER, Talk};
use crate::tone::Law;
use crate::voice::Voice;

/// RFC 3264 §8.4: `sendonly` is answered `recvonly`; the phone on hold gets nothing, and the
/// caller nothing of its tone, until `sendrecv` brings both back.
#[test]
fn hold_and_resume_stop_and_restart_the_audio() {
    let mut talk = Talk::start();
    let port = talk.agent_to;
    let hold = talk.agent.voice.description(&[Law::Pcma], "inactive");
    let answer = talk.agent.reinvite(hold);
    assert!(says(&answer, "a=inactive"), "{answer:?}");
    assert_eq!(described(&answer), port, "our port stays");
    talk.agent.voice.falls_silent(Duration::from_millis(500));
    talk.caller.voice.falls_silent(Duration::from_millis(500));

    let resume = talk.agent.plain();
    let answer = talk.agent.reinvite(resume);
    assert!(!says(&answer, "a=inactive"), "{answer:?}");
    talk.both_hear();
    let (service, row) = talk.end();
    assert_eq!(row["holds"]["count"], 1);
    assert!(row["holds"]["ms"].as_u64() >= Some(1000), "{row:#}");
    service.stop();
}

/// The caller's side may hold as well: by `sendonly`, and by the address 0.0.0.0 of RFC 2543.
#[test]
fn a_trunk_may_hold_by_sendonly_and_by_no_address() {
    let mut talk = Talk::start();
    let sendonly = talk.caller.voice.description(&[Law::Pcma], "sendonly");
    let nowhere = Ipv4Addr::UNSPECIFIED.into();
    let nowhere = talk
        .caller
        .voice
        .description_at(nowhere, &[Law::Pcma], "sendrecv");
    for hold in [sendonly, nowhere] {
        let answer = talk.caller.reinvite(hold);
        assert!(!says(&answer, "a=sendrecv"), "{answer:?}");
        talk.caller.voice.falls_silent(Duration::from_millis(500));
        let resume = talk.caller.plain();
        talk.caller.reinvite(resume);
        talk.both_hear();
    }
    let (service, row) = talk.end();
    assert_eq!(row["holds"]["count"], 2);
    service.stop();
}

/// The RTP goes to the new address, and no longer to the old one.
#[test]
fn a_phone_that_moves_takes_its_audio_along() {
    let mut talk = Talk::start();
    let network = talk.service.network();
    let elsewhere = Voice::bind((network.agent(7), 41_000));
    let moved = elsewhere.description(&[Law::Pcma], "sendrecv");
    let answer = talk.agent.reinvite(moved);
    let to = described(&answer);
    assert_eq!(to, talk.agent_to, "our port stays");
    assert_eq!(elsewhere.hears(CALLER_HZ).source, to);
    talk.agent.voice.falls_silent(Duration::from_millis(500));

    // Only the new address is listened to.
    talk.tones.pop();
    let tone = elsewhere.speak(to, Law::Pcma, 600);
    talk.caller.voice.hears(600);
    drop(tone);
    let (service, row) = talk.end();
    let events = row["events"].as_array().unwrap().iter();
    let changes = events.filter(|event| event["kind"] == "media_changed");
    assert_eq!(changes.count(), 1, "{row:#}");
    assert_eq!(row["holds"]["count"], 0);
    service.stop();
}

/// PCMA on one leg, PCMU on the other from then on: each hears the other all the same.
#[test]
fn a_phone_that_changes_its_codec_is_understood() {
    let mut talk = Talk::start();
    let pcmu = talk.agent.voice.description(&[Law::Pcmu], "sendrecv");
    let answer = talk.agent.reinvite(pcmu);
    assert!(!answer.is_empty());
    talk.tones.pop();
    let heard = talk.agent.voice.hears(CALLER_HZ);
    assert_eq!(heard.payload_type, Law::Pcmu.payload_type());
    let tone = talk.agent.voice.speak(talk.agent_to, Law::Pcmu, AGENT_HZ);
    let heard = talk.caller.voice.hears(AGENT_HZ);
    assert_eq!(heard.payload_type, Law::Pcma.payload_type());
    drop(tone);
    let (service, _) = talk.end();
    service.stop();
}

/// RFC 3264 §6: a re-INVITE that cannot be met is 488, and the talk goes on as it was.
#[test]
fn a_renegotiation_that_cannot_be_met_changes_nothing() {
    let mut talk = Talk::start();
    let text = String::from_utf8(talk.agent.plain()).unwrap();
    let g729 = text.replace("RTP/AVP 8", "RTP/AVP 18").into_bytes();
    talk.agent.send_reinvite(g729);
    let refusal = talk.agent.expect_refusal(488);
    talk.agent.ack_refusal(&refusal);
    talk.both_hear();
    let (service, _) = talk.end();
    service.stop();
}

/// RFC 3261 §14.2: a re-INVITE while an offer of ours awaits its answer is 491, and the talk
/// goes on once the answer is there.
#[test]
fn glare_is_491_and_the_first_offer_is_finished() {
    let service = Site::new()
        .agent(1)
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start();
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    let mut agent = Peer::new(network.agent(1), network);
    caller.dial(NUMBER, Vec::new());
    agent.ring();
    let agent_to = agent.pick_up(agent.plain());
    let offer = caller.expect(200);
    let caller_to = described(&offer.body);

    let first = caller.keep_invite();
    caller.send_reinvite(caller.plain());
    let refusal = caller.expect_refusal(491);
    caller.ack_refusal(&refusal);
    caller.restore_invite(first);
    caller.ack(caller.plain());

    let tones = [
        caller.voice.speak(caller_to, Law::Pcma, CALLER_HZ),
        agent.voice.speak(agent_to, Law::Pcma, AGENT_HZ),
    ];
    caller.voice.hears(AGENT_HZ);
    agent.voice.hears(CALLER_HZ);
    drop(tones);
    caller.bye();
    agent.expect_bye();
    assert_eq!(service.only_call()["outcome"], "answered");
    service.stop();
}

/// The stream that a peer is sent is one stream, whatever happens on the other leg: one SSRC, no
/// jump of the sequence (RFC 3550 §5.1).
#[test]
fn the_caller_gets_one_continuous_stream_through_a_hold() {
    let mut talk = Talk::start();
    let hold = talk.agent.voice.description(&[Law::Pcma], "inactive");
    talk.agent.reinvite(hold);
    talk.caller.voice.falls_silent(Duration::from_millis(300));
    let resume = talk.agent.plain();
    talk.agent.reinvite(resume);
    talk.both_hear();
    let heard = talk.caller.voice.heard();
    let (service, _) = talk.end();
    assert!(heard.windows(2).all(|two| {
        two[0].ssrc == two[1].ssrc && two[1].sequence == two[0].sequence.wrapping_add(1)
    }));
    assert!(
        heard
            .windows(2)
            .all(|two| { two[1].timestamp.wrapping_sub(two[0].timestamp) < 0x8000_0000 })
    );
    service.stop();
}
