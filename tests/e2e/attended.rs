//! Attended transfers with real sockets and files: who hears whom, and what is on the recording.

use std::time::Duration;

use thirdring::sip::{Host, Message, Method, NameAddr, Uri};

use crate::peer::{Peer, described};
use crate::service::Service;
use crate::site::{Line, Site};
use crate::tone::Law;

const NUMBER: &str = "4001234567";
const CALLER_HZ: u32 = 1000;
const FIRST_HZ: u32 = 440;
/// What the first agent says to the second only.
const ASIDE_HZ: u32 = 800;
const SECOND_HZ: u32 = 600;

fn site(keys: &[(&str, &str)]) -> Site {
    let mut line = Line::new("hotline", NUMBER, &[1]);
    for (key, value) in keys {
        line = line.with(key, value);
    }
    Site::new().agent(1).agent(2).line(&line)
}

/// A caller who talks to the first agent, and hears and is heard.
struct Desk {
    caller: Peer,
    first: Peer,
    second: Peer,
    /// Where the first agent's voice goes.
    to_first: std::net::SocketAddr,
    _speaking: crate::voice::Speaking,
}

fn desk(service: &Service) -> Desk {
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    let mut first = Peer::new(network.agent(1), network);
    let second = Peer::new(network.agent(2), network);
    caller.dial(NUMBER, caller.plain());
    first.ring();
    let to_first = first.pick_up(first.plain());
    let to_caller = caller.talk();
    let speaking = caller.voice.speak(to_caller, Law::Pcma, CALLER_HZ);
    first.voice.hears(CALLER_HZ);
    Desk {
        caller,
        first,
        second,
        to_first,
        _speaking: speaking,
    }
}

/// R086, R019, R188, R192: the customer's recording has both agents and nothing of what they said
/// among themselves; both rows tell the transfer, and so does `calls show`.
#[test]
fn a_customer_is_joined_with_whom_the_agent_asked() {
    let service = site(&[("hold_music", "\"recording-notice.wav\"")]).start();
    let mut desk = desk(&service);
    let talking = desk.first.voice.speak(desk.to_first, Law::Pcma, FIRST_HZ);
    desk.caller.voice.hears(FIRST_HZ);
    drop(talking);

    // The customer is put on hold, and hears the music; the agent asks a colleague.
    let held = desk.first.voice.description(&[Law::Pcma], "sendonly");
    desk.first.reinvite(held);
    let music_from = desk.caller.voice.count();
    desk.first.swap();
    desk.first.dial("1002", desk.first.plain());
    desk.second.ring();
    desk.first.expect(180);
    let to_second = desk.second.pick_up(desk.second.plain());
    let aside = described(&desk.first.expect(200).body);
    desk.first.ack(Vec::new());
    let asking = desk.first.voice.speak(aside, Law::Pcma, ASIDE_HZ);
    let answering = desk.second.voice.speak(to_second, Law::Pcma, SECOND_HZ);
    desk.second.voice.hears(ASIDE_HZ);
    desk.first.voice.hears(SECOND_HZ);
    let music = desk.caller.voice.heard();
    let is_silent = |packet: &crate::voice::Packet| crate::tone::is_silence(&packet.samples);
    assert!(
        !music[music_from..].iter().all(is_silent),
        "no music on hold"
    );

    // Then joins the two.
    let consult = desk.first.replaces();
    desk.first.swap();
    assert_eq!(desk.first.join(&consult), 200);
    drop(asking);
    desk.caller.voice.hears(SECOND_HZ);
    desk.second.voice.hears(CALLER_HZ);
    desk.first.expect_bye();
    desk.first.bye();
    desk.caller.bye();
    desk.second.expect_bye();
    drop(answering);

    let rows = service.ended(2);
    let (customer, consult) = (&rows[0], &rows[1]);
    let transfer = &customer["transfers"][0];
    assert_eq!(transfer["kind"], "attended");
    assert_eq!(transfer["by"], "1001");
    assert_eq!(transfer["target"]["agent"], "1002");
    assert_eq!(transfer["result"], "answered");
    assert_eq!(transfer["consult"], consult["id"]);
    assert!(transfer["ended_at"].as_i64() >= transfer["requested_at"].as_i64());
    assert_eq!(customer["holds"]["count"], 1);
    assert_eq!(customer["hangup_party"], "caller");
    assert_eq!(consult["consult_of"], customer["id"]);
    assert_eq!(consult["merged_into"], customer["id"]);
    assert_eq!(consult["transfers"][0]["kind"], "attended");
    assert_eq!(consult["direction"], "internal");
    assert_eq!(consult["outcome"], "answered");
    assert!(
        consult["recording"].is_null(),
        "a consultation is not recorded by default"
    );

    let wav = service.recording(customer);
    assert!(wav.left.tone_ms(CALLER_HZ) + 500 > wav.length_ms());
    let (_, first_to) = wav.right.tone_span_ms(FIRST_HZ).expect("the first agent");
    let (second_from, _) = wav.right.tone_span_ms(SECOND_HZ).expect("the second agent");
    assert!(first_to < second_from, "{first_to} ms, {second_from} ms");
    assert_eq!(
        wav.right.tone_ms(ASIDE_HZ),
        0,
        "what was said aside is on the recording"
    );
    assert_eq!(wav.left.tone_ms(ASIDE_HZ), 0);

    let (status, said) = service.command(&["calls", "show", consult["id"].as_str().unwrap()]);
    assert!(status.success(), "{said}");
    for told in ["attended", "1002", "consults", "merged"] {
        assert!(said.contains(told), "no {told} in\n{said}");
    }
    service.stop();
}

/// A line may want consultations recorded: in a file of their own.
#[test]
fn a_consultation_is_recorded_where_the_line_says_so() {
    let service = site(&[("record_consult", "\"required\"")]).start();
    let mut desk = desk(&service);
    let held = desk.first.voice.description(&[Law::Pcma], "sendonly");
    desk.first.reinvite(held);
    desk.first.swap();
    desk.first.dial("1002", desk.first.plain());
    desk.second.ring();
    let to_second = desk.second.pick_up(desk.second.plain());
    desk.first.expect(200);
    desk.first.ack(Vec::new());
    let answering = desk.second.voice.speak(to_second, Law::Pcma, SECOND_HZ);
    desk.first.voice.hears(SECOND_HZ);
    desk.first.bye();
    desk.second.expect_bye();
    drop(answering);
    desk.first.swap();
    desk.first.bye();
    desk.caller.expect_bye();
    let rows = service.ended(2);
    let aside = service.recording(&rows[1]);
    assert!(aside.right.tone_ms(SECOND_HZ) >= 100);
    assert_eq!(service.recording(&rows[0]).right.tone_ms(SECOND_HZ), 0);
    service.stop();
}

/// Nobody moves a call that is not theirs: a REFER outside of any dialog, one from the trunk, and
/// one that names somebody else's dialog, tags and all. The agent's own REFER is the control, in
/// [`a_customer_is_joined_with_whom_the_agent_asked`].
#[test]
fn a_refer_of_anybody_else_is_refused() {
    let service = site(&[]).start();
    let mut desk = desk(&service);
    let to = Uri::sip(
        Some("1002"),
        Host::Ip(service.network().service().into()),
        None,
    );

    let mut from_trunk = desk.caller.within(Method::REFER);
    from_trunk
        .headers
        .push("Refer-To", NameAddr::new(to.clone()));
    desk.caller.send(&Message::Request(from_trunk.clone()));
    desk.caller.response(&Method::REFER, 403);

    let mut outside = desk.first.within(Method::REFER);
    outside.headers.push("Refer-To", NameAddr::new(to));
    let mut stranger = outside.to_addr();
    stranger.params.remove("tag");
    outside.headers.set("To", stranger);
    outside
        .headers
        .set("Call-ID", "of no dialog".replace(' ', "-"));
    desk.first.send(&Message::Request(outside));
    desk.first.response(&Method::REFER, 403);

    // The second agent has a call of its own, and knows every tag of the first one's.
    desk.second.dial("*43", desk.second.plain());
    desk.second.expect(200);
    desk.second.ack(Vec::new());
    let not_theirs = desk.first.replaces();
    let mut unknown = not_theirs.clone();
    unknown.from_tag.push('x');
    assert_eq!(desk.second.join(&unknown), 481);
    assert_eq!(desk.second.join(&not_theirs), 403);
    desk.second.bye();

    desk.first.voice.hears(CALLER_HZ);
    desk.first.drain(Duration::from_millis(100));
    desk.caller.bye();
    desk.first.expect_bye();
    let rows = service.ended(2);
    assert!(
        rows.iter()
            .all(|row| row["transfers"].as_array().is_some_and(Vec::is_empty))
    );
    service.stop();
}
