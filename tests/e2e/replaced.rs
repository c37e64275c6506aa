//! A talk that goes on at another phone of the agent (RFC 3891), with real sockets and files.

use thirdring::sip::Method;

use crate::loopback::sip;
use crate::peer::Peer;
use crate::site::{Line, Site};
use crate::tone::Law;

const NUMBER: &str = "4001234567";
const AGENT: (&str, &str) = ("1001", "a long secret");
const CALLER_HZ: u32 = 1000;
const FIRST_HZ: u32 = 440;
const OTHER_HZ: u32 = 600;

/// R086, R188, R192: the caller hears the agent at the new phone, the first phone is sent away, and
/// one recording has both. Without the agent's password nothing moves: the control.
#[test]
fn a_talk_goes_on_at_another_phone() {
    let site = Site::new().tcp().line(&Line::new("hotline", NUMBER, &[1]));
    let contact = sip(site.network().agent(1));
    let keys = format!("contact = \"{contact}\"\npassword = \"{}\"", AGENT.1);
    let service = site.agent_with(1, &keys).start();
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    let mut first = Peer::new(network.agent(1), network);
    let mut other = Peer::beside(&first, network);
    caller.dial(NUMBER, caller.plain());
    first.ring();
    let to_first = first.pick_up(first.plain());
    let to_caller = caller.talk();
    let calling = caller.voice.speak(to_caller, Law::Pcma, CALLER_HZ);
    let talking = first.voice.speak(to_first, Law::Pcma, FIRST_HZ);
    first.voice.hears(CALLER_HZ);
    caller.voice.hears(FIRST_HZ);

    let replaces = first.replaces().to_string();
    let wanted = [("Replaces", replaces.as_str()), ("Require", "replaces")];
    other.dial_as_with(("1001", "guessed"), "1001", &wanted);
    let refused = other.expect_refusal(401);
    other.ack_refusal(&refused);

    other.dial_as_with(AGENT, "1001", &wanted);
    let to_other = other.talk();
    first.expect_bye();
    drop(talking);
    let talking = other.voice.speak(to_other, Law::Pcma, OTHER_HZ);
    other.voice.hears(CALLER_HZ);
    caller.voice.hears(OTHER_HZ);
    caller.bye();
    other.request(&Method::BYE);
    drop((calling, talking));

    let row = service.only_call();
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["hangup_party"], "caller");
    assert_eq!(row["answered_by"], "1001");
    let wav = service.recording(&row);
    for hz in [FIRST_HZ, OTHER_HZ] {
        assert!(wav.right.tone_ms(hz) >= 100, "{hz} Hz is on the recording");
    }
    service.stop();
}
