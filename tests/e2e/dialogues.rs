//! Dialogues of a caller with the system, over real sockets: after hours, menu, greeting, survey.
//! Prompts are tones, so that what was heard, and what is on the recording, can be told apart.

use std::net::SocketAddr;

use jiff::Timestamp;
use serde_json::Value;
use thirdring::sip::{Message, Method};

use crate::patience::until;
use crate::peer::Peer;
use crate::service::Service;
use crate::sipp::Sipp;
use crate::site::{Line, Site};
use crate::talk::{AGENT_HZ, CALLER_HZ, NUMBER};
use crate::tone::{Law, is_tone};

/// Half a second of a tone.
const HEARD: usize = 25;
/// The payload type of telephone-events in the test's own offers.
const EVENTS: u8 = 101;

const CLOSED: (&str, u32, u32) = ("closed.wav", 500, 1_500);
const LEAVE: (&str, u32, u32) = ("leave.wav", 700, 1_500);
const THANKS: (&str, u32, u32) = ("thanks.wav", 900, 1_000);
const GREETING: (&str, u32, u32) = ("greeting.wav", 550, 1_500);
const NOTICE: (&str, u32, u32) = ("notice.wav", 650, 1_500);
const MENU: (&str, u32, u32) = ("menu.wav", 750, 1_500);
const SURVEY: (&str, u32, u32) = ("survey.wav", 850, 1_500);

/// A calendar that is never open while this test runs: its only hours are in three days.
pub(crate) fn closed_calendar() -> String {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let later = Timestamp::now().to_zoned(zone) + jiff::Span::new().days(3);
    let day = later.strftime("%a").to_string().to_lowercase();
    format!("[[calendar]]\nname = \"office\"\nhours = [\"{day} 09:00-18:00\"]\n")
}

/// Waits until this tone was heard, at any time since the call began.
pub(crate) fn has_heard(peer: &Peer, hz: u32) {
    until(&format!("{hz} Hz"), || {
        let heard = peer.voice.heard();
        let mut runs = heard.windows(HEARD);
        let is_run = |run: &[crate::voice::Packet]| {
            run.iter().filter(|it| is_tone(&it.samples, hz)).count() == HEARD
        };
        runs.any(is_run).then_some(())
    });
}

/// A description that offers telephone-events too.
fn with_events(peer: &Peer) -> Vec<u8> {
    let body = String::from_utf8(peer.plain()).unwrap();
    let body = body.replace("RTP/AVP 8", &format!("RTP/AVP 8 {EVENTS}"));
    format!("{body}a=rtpmap:{EVENTS} telephone-event/8000\r\n").into_bytes()
}

/// Presses a key as a telephone-event (RFC 4733 §2.5): it begins, and ends three times over.
fn press(peer: &Peer, to: SocketAddr, digit: u8) {
    for (n, is_end) in [false, false, true, true, true].into_iter().enumerate() {
        let sequence = 60_000 + u16::try_from(n).unwrap();
        let marker = if n == 0 { 0x80 } else { 0 };
        let mut packet = vec![0x80, marker | EVENTS];
        packet.extend(sequence.to_be_bytes());
        packet.extend(7_000_000_u32.to_be_bytes());
        packet.extend(0x5EED_u32.to_be_bytes());
        let end = if is_end { 0x80 } else { 0 };
        // The volume is -10 dBm0.
        packet.extend([digit, end | 0x0A]);
        packet.extend(1_280_u16.to_be_bytes());
        peer.voice.send_raw(&packet, to);
    }
}

/// Presses a key by INFO.
pub(crate) fn press_by_info(peer: &mut Peer, digit: char) {
    let mut info = peer.within(Method::INFO);
    info.set_body("application/dtmf", digit.to_string().into_bytes());
    peer.send(&Message::Request(info));
    peer.response(&Method::INFO, 200);
}

/// What the row of the only call tells of its dialogues, as soon as `seen` finds it there.
fn dialogue(service: &Service, what: &str, seen: impl Fn(&Value) -> bool) {
    until(what, || {
        let rows = service.calls();
        let row = rows.first()?;
        seen(&row["dialogue"]).then_some(())
    });
}

/// R016, R017, R186: outside the hours a caller leaves a message, which stands in the recording where
/// the row says; `#` ends it, and its sender hears so.
#[test]
fn after_hours_a_caller_leaves_a_message_that_is_recorded() {
    let line = Line::new("hotline", NUMBER, &[1])
        .with("calendar", "\"office\"")
        .with("after_hours", "[\"announcement:closed.wav\", \"message\"]")
        .with(
            "message",
            "{ prompt = \"leave.wav\", thanks = \"thanks.wav\" }",
        );
    let service = Site::new()
        .agent(1)
        .tones(&[CLOSED, LEAVE, THANKS])
        .section(&closed_calendar())
        .line(&line)
        .start();
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    caller.dial(NUMBER, with_events(&caller));
    let to = caller.talk();
    has_heard(&caller, CLOSED.1);
    has_heard(&caller, LEAVE.1);
    dialogue(&service, "the tone of the message", |it| {
        it["message"].is_object()
    });
    let speaking = caller.voice.speak(to, Law::Pcma, CALLER_HZ);
    until("two seconds of the message", || {
        (caller.voice.sent() >= 100).then_some(())
    });
    drop(speaking);
    // The stream that is heard is the one that spoke: a key by INFO belongs to it in any case.
    press_by_info(&mut caller, '#');
    has_heard(&caller, THANKS.1);
    caller.expect_bye();

    let row = service.only_call();
    assert_eq!(row["outcome"], "message", "{row:#}");
    assert!(row["answered_at"].is_null());
    assert_eq!(row["attempts"].as_array().map(Vec::len), Some(0));
    assert_eq!(row["dialogue"]["hours"]["in_hours"], false);
    let message = &row["dialogue"]["message"];
    assert_eq!(message["ended_by"], "key");
    let start = message["start_ms"].as_u64().unwrap();
    let length = message["length_ms"].as_u64().unwrap();
    assert!(length >= 1_900, "{length} ms");
    let wav = until("the recording", || {
        let row = service.show(row["id"].as_str().unwrap());
        row["recording"]
            .is_object()
            .then(|| service.recording(&row))
    });
    let (from, until) = wav.left.tone_span_ms(CALLER_HZ).expect("the message");
    assert!(
        start <= from + 100 && until <= start + length + 200,
        "{from} to {until} ms, said to be {start} and {length} more"
    );
    let (_, closed) = wav.right.tone_span_ms(CLOSED.1).expect("the announcement");
    let (leave_from, leave) = wav.right.tone_span_ms(LEAVE.1).expect("the prompt");
    let (thanks, _) = wav.right.tone_span_ms(THANKS.1).expect("the thanks");
    assert!(
        closed < leave_from && leave < start + 100,
        "{closed} {leave} {start}"
    );
    assert!(thanks + 100 >= start + length, "{thanks}");
    service.stop();
}

/// R001, R190, X02: greeted first, the caller hears greeting, notice and menu, presses a key as a
/// telephone-event, and is rung through; the recording's right channel has all of it in order, and
/// rings count from our own tone. Afterwards the caller is asked how it was (R218).
#[test]
fn greeting_menu_talk_and_survey_are_one_call() {
    let line = Line::new("hotline", NUMBER, &[1])
        .in_real_time()
        .with("notice", "\"notice.wav\"")
        .with("greeting", "{ external = \"greeting.wav\" }")
        .with(
            "menu",
            "{ prompt = \"menu.wav\", wait = \"30s\", keys = { \"1\" = [\"agents\"], \"2\" = [\"message\"] } }",
        )
        .with("message", "{ prompt = \"leave.wav\" }")
        .with(
            "survey",
            "{ prompt = \"survey.wav\", wait = \"30s\", after_hang_up = true, thanks = \"thanks.wav\" }",
        );
    let service = Site::new()
        .agent(1)
        .tones(&[GREETING, NOTICE, MENU, LEAVE, SURVEY, THANKS])
        .line(&line)
        .start();
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    let mut agent = Peer::new(network.agent(1), network);
    caller.dial(NUMBER, with_events(&caller));
    let to = caller.talk();
    has_heard(&caller, GREETING.1);
    has_heard(&caller, NOTICE.1);
    has_heard(&caller, MENU.1);
    press(&caller, to, 1);
    agent.ring();
    has_heard(&caller, 450);
    let agent_to = agent.pick_up(agent.plain());
    let agent_tone = agent.voice.speak(agent_to, Law::Pcma, AGENT_HZ);
    caller.voice.hears(AGENT_HZ);
    drop(agent_tone);
    agent.bye();
    has_heard(&caller, SURVEY.1);
    press_by_info(&mut caller, '4');
    has_heard(&caller, THANKS.1);
    caller.expect_bye();

    let row = service.only_call();
    assert_eq!(row["outcome"], "answered", "{row:#}");
    assert_eq!(row["ringback"], "local");
    let menu = &row["dialogue"]["menus"][0];
    assert_eq!(
        (&menu["result"], &menu["key"]),
        (&"key".into(), &"1".into())
    );
    let survey = &row["dialogue"]["survey"];
    assert_eq!(survey["result"], "answered");
    assert_eq!((&survey["score"], &survey["best"]), (&4.into(), &5.into()));
    assert_eq!(survey["agent"], "1001");
    let ring_ms = row["caller_ring_ms"].as_u64().unwrap();
    let connected_ms = millis_between(&row, "connected_at", "answered_at");
    assert!(
        ring_ms + 3_000 < connected_ms,
        "{ring_ms} of {connected_ms} ms"
    );

    let wav = service.recording(&row);
    let heard = [
        GREETING.1, NOTICE.1, MENU.1, 450, AGENT_HZ, SURVEY.1, THANKS.1,
    ];
    let spans = heard.map(|hz| {
        wav.right
            .tone_span_ms(hz)
            .unwrap_or_else(|| panic!("{hz} Hz"))
    });
    let starts: Vec<_> = spans.iter().map(|(from, _)| *from).collect();
    assert!(starts.is_sorted(), "{starts:?}");
    let (_, said) = service.command(&["calls", "show", row["id"].as_str().unwrap()]);
    for fact in [
        "greeting: greeting.wav",
        "key 1",
        "answered 4 of 5, about 1001",
    ] {
        assert!(said.contains(fact), "no {fact} in {said}");
    }
    service.stop();
}

fn millis_between(row: &Value, from: &str, to: &str) -> u64 {
    let at = |key: &str| row[key].as_i64().unwrap();
    u64::try_from((at(to) - at(from)) / 1000).unwrap()
}

/// A trunk of SIPp's presses a key by INFO in the middle of the menu, and is sent to an announcement.
#[test]
fn a_key_by_info_leads_through_the_menu() {
    let line = Line::new("hotline", NUMBER, &[1]).with(
        "menu",
        "{ prompt = \"menu.wav\", keys = { \"3\" = [\"announcement:closed.wav\"] } }",
    );
    let service = Site::new()
        .agent(1)
        .tones(&[MENU, CLOSED])
        .line(&line)
        .start();
    let trunk = Sipp::new("caller_presses", service.network().trunk())
        .dial(NUMBER)
        .with("key", 3)
        .start(&service);
    trunk.finish();
    let row = service.only_call();
    assert_eq!(row["outcome"], "announcement", "{row:#}");
    assert_eq!(row["announcement"]["file"], "closed.wav");
    assert_eq!(row["dialogue"]["menus"][0]["key"], "3");
    service.stop();
}

/// R009, R186: nobody has answered in time; the caller leaves a message and hangs up.
#[test]
fn an_unanswered_caller_leaves_a_message() {
    let line = Line::new("hotline", NUMBER, &[1])
        .with("max_preanswer", "\"2s\"")
        .with("unanswered", "[\"message\"]")
        .with("message", "{ prompt = \"leave.wav\" }");
    let service = Site::new()
        .agent_with(1, "password = \"never-used-in-this-test\"")
        .tones(&[LEAVE])
        .line(&line)
        .start();
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    caller.dial(NUMBER, caller.plain());
    caller.expect(180);
    let to = caller.talk();
    has_heard(&caller, LEAVE.1);
    dialogue(&service, "the tone of the message", |it| {
        it["message"].is_object()
    });
    let speaking = caller.voice.speak(to, Law::Pcma, CALLER_HZ);
    until("two seconds of the message", || {
        (caller.voice.sent() >= 100).then_some(())
    });
    drop(speaking);
    caller.bye();
    let row = service.only_call();
    assert_eq!(row["outcome"], "message", "{row:#}");
    assert_eq!(row["dialogue"]["message"]["ended_by"], "caller_left");
    assert!(row["caller_ring_ms"].as_u64() >= Some(900), "{row:#}");
    service.stop();
}
