//! Keys on the wire: telephone-events (RFC 4733), INFO (RFC 6086) and tones, whichever the other end
//! takes, and what the recording has of them.

use serde_json::Value;
use thirdring::sip::{Message, Method, StatusCode};

use crate::patience::until;
use crate::peer::Peer;
use crate::score::Score;
use crate::site::{Line, Site};
use crate::talk::{AGENT_HZ, CALLER_HZ, NUMBER, Talk};
use crate::tone::{Law, share_of_tone};
use crate::voice::{Packet, Voice};

/// The key that is pressed, its event (RFC 4733 §3.2) and its two tones (ITU-T Q.23).
const KEY: (&str, u8) = ("5", 5);
const ROW_HZ: u32 = 770;
const COLUMN_HZ: u32 = 1336;
/// The caller's payload type of telephone-events; the agent takes the one that it is offered.
const CALLERS_TYPE: u8 = 96;

/// PCMA, and telephone-events under this number.
fn with_keys(peer: &Peer, payload_type: u8) -> Vec<u8> {
    let text = String::from_utf8(peer.plain()).unwrap();
    let text = text.replace("RTP/AVP 8", &format!("RTP/AVP 8 {payload_type}"));
    let map = format!("a=rtpmap:{payload_type} telephone-event/8000\r\n");
    (text + &map).into_bytes()
}

fn callers(peer: &Peer) -> Vec<u8> {
    with_keys(peer, CALLERS_TYPE)
}

/// The number that the offer which rings gives them.
fn agents(peer: &Peer) -> Vec<u8> {
    with_keys(peer, offered_type(peer))
}

fn offered_type(peer: &Peer) -> u8 {
    let offer = String::from_utf8(peer.keep_invite().body).unwrap();
    let map = offer.lines().find_map(|line| {
        line.strip_prefix("a=rtpmap:")?
            .strip_suffix(" telephone-event/8000")
    });
    let map = map.unwrap_or_else(|| panic!("no telephone-event in {offer}"));
    map.parse().unwrap()
}

/// A talk of these two, who hear each other.
fn talk(
    headers: &[(&str, &str)],
    caller_says: impl Fn(&Peer) -> Vec<u8>,
    agent_says: impl Fn(&Peer) -> Vec<u8>,
) -> Talk {
    let line = Line::new("hotline", NUMBER, &[1]).with("log_digits", "true");
    let service = Site::new().agent(1).line(&line).start();
    let mut talk = Talk::between(service, headers, caller_says, agent_says);
    talk.tones = vec![
        talk.caller
            .voice
            .speak(talk.caller_to, Law::Pcma, CALLER_HZ),
        talk.agent.voice.speak(talk.agent_to, Law::Pcma, AGENT_HZ),
    ];
    talk.both_hear();
    talk
}

/// A tone, a key for 160 ms, and the tone again.
fn key_in_speech(payload_type: u8, hz: u32) -> Score {
    let score = Score::new(0x5EED).tone(Law::Pcma, hz, 200, 20);
    let score = score.key(payload_type, KEY.1, 160);
    score.tone(Law::Pcma, hz, 300, 20)
}

/// Waits for the last end of a key; the key's packets.
fn events(voice: &Voice, payload_type: u8) -> Vec<Packet> {
    until("the three ends of a key", || {
        let heard = voice.heard();
        let events = heard.into_iter();
        let events: Vec<_> = events
            .filter(|packet| packet.payload_type == payload_type)
            .collect();
        let is_end = |packet: &&Packet| packet.payload[1] & 0x80 != 0;
        (events.iter().filter(is_end).count() == 3).then_some(events)
    })
}

/// Whether these samples are the key's two tones, each half of it.
fn is_key(samples: &[i16]) -> bool {
    let [row, column] = [ROW_HZ, COLUMN_HZ].map(|hz| share_of_tone(samples, hz));
    (0.3..0.7).contains(&row) && (0.3..0.7).contains(&column)
}

/// How many milliseconds of this are the key's tones, by stretches of 20 ms.
fn key_ms(samples: &[i16]) -> usize {
    20 * samples.chunks_exact(160).filter(|it| is_key(it)).count()
}

/// Waits for this much of the key's tones in a row of packets from `from` on.
fn hears_tones(voice: &Voice, from: usize, ms: usize) -> Vec<Packet> {
    until("the tones of a key", || {
        let heard = voice.heard().split_off(from);
        let tones: Vec<_> = heard.into_iter().filter(|it| is_key(&it.samples)).collect();
        (20 * tones.len() >= ms).then_some(tones)
    })
}

/// The events of the row that tell of keys: who pressed which.
fn pressed(row: &Value) -> Vec<(&str, &str)> {
    let events = row["events"].as_array().unwrap().iter();
    let pressed = events.filter(|event| event["kind"] == "digit_pressed");
    pressed
        .map(|event| {
            let data = &event["data"];
            (
                data["by"].as_str().unwrap(),
                data["digit"].as_str().unwrap(),
            )
        })
        .collect()
}

/// RFC 4733 §2.5.1: a key goes through as it came, under the number that the other end agreed to:
/// one timestamp, the marker first, its length, three ends. It is one event of the call, and
/// silence on the file.
#[test]
fn a_key_goes_through_as_a_telephone_event() {
    let mut talk = talk(&[], callers, agents);
    let agents_type = offered_type(&talk.agent);
    talk.tones.remove(0);
    key_in_speech(CALLERS_TYPE, CALLER_HZ).perform(&talk.caller.voice, talk.caller_to);
    let events = events(&talk.agent.voice, agents_type);
    assert_eq!(events.len(), 10, "seven while it is held, three ends");
    let stamps = events.windows(2);
    assert!(
        stamps
            .into_iter()
            .all(|two| two[0].timestamp == two[1].timestamp)
    );
    let markers: Vec<_> = events.iter().map(|event| event.marker).collect();
    assert_eq!(markers[..2], [true, false]);
    let last = &events[9].payload;
    assert_eq!((last[0], &last[2..]), (KEY.1, &[0x05, 0x00][..]), "160 ms");
    let between = &talk.agent.voice.heard();
    let other = between
        .iter()
        .filter(|it| ![8, agents_type].contains(&it.payload_type));
    assert_eq!(other.count(), 0, "nothing under the caller's number");
    let (service, row) = talk.end();
    assert_eq!(pressed(&row), [("caller", KEY.0)]);
    let wav = service.recording(&row);
    let left = wav.left.between(0, wav.length_ms());
    assert_eq!(key_ms(left), 0, "an event is no sound");
    service.stop();
}

/// Who takes no telephone-events hears the tones, as long as the key was held, within one stream;
/// what the caller hears is on the file (R188).
#[test]
fn who_takes_no_telephone_events_hears_the_tones() {
    let mut talk = talk(&[], Peer::plain, agents);
    let agents_type = offered_type(&talk.agent);
    talk.tones.pop();
    let from = talk.caller.voice.count();
    key_in_speech(agents_type, AGENT_HZ).perform(&talk.agent.voice, talk.agent_to);
    let tones = hears_tones(&talk.caller.voice, from, 160);
    assert!(tones.iter().all(|packet| packet.payload_type == 8));
    let all = talk.caller.voice.heard();
    let is_next = |two: &[Packet]| two[1].sequence == two[0].sequence.wrapping_add(1);
    assert!(all.windows(2).all(is_next), "no number is left out");
    let (service, row) = talk.end();
    assert_eq!(pressed(&row), [("agent", KEY.0)]);
    let wav = service.recording(&row);
    let recorded = key_ms(wav.right.between(0, wav.length_ms()));
    // Where the key lies between two stretches of 20 ms, both are something else.
    assert!((120..=160).contains(&recorded), "{recorded} ms");
    assert_eq!(key_ms(wav.left.between(0, wav.length_ms())), 0);
    service.stop();
}

/// A phone sends INFO; `Signal` and `Duration` of `application/dtmf-relay`.
fn send_info(peer: &mut Peer) {
    let mut info = peer.within(Method::INFO);
    let body = format!("Signal={}\r\nDuration=160\r\n", KEY.0);
    info.set_body("application/dtmf-relay", body.into_bytes());
    peer.send(&Message::Request(info));
    peer.response(&Method::INFO, 200);
}

/// A key by INFO reaches whoever agreed on telephone-events as one of those.
#[test]
fn a_key_by_info_becomes_a_telephone_event() {
    let mut talk = talk(&[], callers, Peer::plain);
    send_info(&mut talk.agent);
    let events = events(&talk.caller.voice, CALLERS_TYPE);
    let last = &events.last().unwrap().payload;
    assert_eq!((last[0], &last[2..]), (KEY.1, &[0x05, 0x00][..]), "160 ms");
    assert!(events[0].marker);
    talk.both_hear();
    let (service, row) = talk.end();
    assert_eq!(pressed(&row), [("agent", KEY.0)]);
    service.stop();
}

/// Who takes none, but says that it takes INFO, gets one of ours.
#[test]
fn a_key_by_info_becomes_an_info_of_ours() {
    let allow = [("Allow", "INVITE, ACK, BYE, CANCEL, INFO")];
    let mut talk = talk(&allow, Peer::plain, Peer::plain);
    send_info(&mut talk.agent);
    let info = talk.caller.request(&Method::INFO);
    let response = info.respond(StatusCode::OK);
    talk.caller.send(&Message::Response(response));
    assert_eq!(
        info.headers.content_type().as_deref(),
        Some("application/dtmf-relay")
    );
    let said = String::from_utf8(info.body).unwrap();
    assert_eq!(said, format!("Signal={}\r\nDuration=160\r\n", KEY.0));
    let (service, row) = talk.end();
    assert_eq!(pressed(&row), [("agent", KEY.0)]);
    service.stop();
}

/// And who takes neither hears the tones.
#[test]
fn a_key_by_info_becomes_tones_where_nothing_else_is_taken() {
    let mut talk = talk(&[], Peer::plain, Peer::plain);
    let from = talk.caller.voice.count();
    send_info(&mut talk.agent);
    let tones = hears_tones(&talk.caller.voice, from, 160);
    assert!(tones.iter().all(|packet| packet.payload_type == 8));
    talk.both_hear();
    let (service, row) = talk.end();
    let wav = service.recording(&row);
    let recorded = key_ms(wav.right.between(0, wav.length_ms()));
    assert!((120..=160).contains(&recorded), "{recorded} ms");
    service.stop();
}
