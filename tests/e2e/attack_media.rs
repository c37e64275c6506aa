//! Threat: RTP bleed and injection. An attacker sprays both ports of a call from before its first
//! word to its last: from an address of his own, and from another port of a party's address.

use std::time::Duration;

use crate::loopback::Network;
use crate::peer::Peer;
use crate::rtpengine::Rtpengine;
use crate::service::Service;
use crate::site::{Line, Site};
use crate::sprayer::{SPRAY_HZ, Sprayer};
use crate::talk::{AGENT_HZ, CALLER_HZ, NUMBER};
use crate::tone::{Law, is_tone};
use crate::voice::{Speaking, Voice};

/// Before anybody speaks, the attacker is there.
const AHEAD: Duration = Duration::from_millis(100);
const TALK: Duration = Duration::from_secs(2);

fn hotline(agent: &str) -> Service {
    let site = Site::new();
    let contact = format!("contact = \"{}:5060\"\n{agent}", site.network().agent(1));
    site.agent_with(1, &contact)
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start()
}

/// Threat: RTP bleed and injection.
#[test]
fn a_sprayed_call_bleeds_nothing_and_takes_in_nothing() {
    let injected = sprayed_call(&hotline(""));
    assert_eq!(injected, 0);
}

/// Threat: RTP bleed and injection. As strict as it can be for a phone behind a NAT.
#[test]
fn a_sprayed_call_of_a_phone_behind_a_nat_takes_in_five_packets_at_most() {
    let injected = sprayed_call(&hotline("nat = true"));
    assert!(injected <= 5, "{injected} packets");
}

/// A call whose four ports are sprayed; how many packets of the sprayer either party has heard.
fn sprayed_call(service: &Service) -> usize {
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    let mut agent = Peer::new(network.agent(1), network);
    caller.dial(NUMBER, caller.plain());
    agent.ring();
    let agent_to = agent.pick_up(agent.plain());
    let caller_to = caller.talk();
    let targets = [caller_to, agent_to];
    let sprayers = sprayers(network, &targets);
    std::thread::sleep(AHEAD);
    let tones = [
        caller.voice.speak(caller_to, Law::Pcma, CALLER_HZ),
        agent.voice.speak(agent_to, Law::Pcma, AGENT_HZ),
    ];
    caller.voice.hears(AGENT_HZ);
    agent.voice.hears(CALLER_HZ);
    std::thread::sleep(TALK);
    for sprayer in sprayers {
        let (sent, got) = sprayer.finish();
        assert!(sent > 500, "only {sent} datagrams were sprayed");
        assert_eq!(got, 0, "packets bled");
    }
    drop(tones);
    caller.bye();
    agent.expect_bye();
    let row = service.only_call();
    let wav = service.recording(&row);
    for track in [&wav.left, &wav.right] {
        assert_eq!(track.tone_ms(SPRAY_HZ), 0, "the recording holds the spray");
    }
    assert!(wav.left.tone_ms(CALLER_HZ) >= 1500 && wav.right.tone_ms(AGENT_HZ) >= 1500);
    sprayed(&caller.voice) + sprayed(&agent.voice)
}

/// From elsewhere, and from the addresses of the caller and of the phone.
fn sprayers(network: &Network, targets: &[std::net::SocketAddr]) -> Vec<Sprayer> {
    let places = [network.stranger(), network.trunk(), network.agent(1)];
    let sprayers = places.map(|ip| Sprayer::start((ip, 7000), targets));
    sprayers.into_iter().collect()
}

fn sprayed(voice: &Voice) -> usize {
    let heard = voice.heard();
    let of_sprayer = heard
        .iter()
        .filter(|packet| is_tone(&packet.samples, SPRAY_HZ));
    of_sprayer.count()
}

/// Threat: RTP bleed and injection. A phone whose description names an address behind its NAT is
/// heard, and hears, where its voice really comes from; nothing goes to the address it names.
#[test]
fn a_phone_behind_a_nat_talks_from_where_its_signalling_comes_from() {
    let service = hotline("nat = true");
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    let mut agent = Peer::new(network.agent(1), network);
    let named = Voice::bind((network.agent(9), 40_000));
    caller.dial(NUMBER, caller.plain());
    agent.ring();
    let inner = agent
        .voice
        .description_at(network.agent(9).into(), &[Law::Pcma], "sendrecv");
    let agent_to = agent.pick_up(inner);
    let caller_to = caller.talk();
    let _tones = [
        caller.voice.speak(caller_to, Law::Pcma, CALLER_HZ),
        agent.voice.speak(agent_to, Law::Pcma, AGENT_HZ),
    ];
    caller.voice.hears(AGENT_HZ);
    agent.voice.hears(CALLER_HZ);
    assert_eq!(named.count(), 0, "packets went into the dark");
    caller.bye();
    agent.expect_bye();
    service.only_call();
    service.stop();
}

/// The control: the same sprayers, at a media proxy that is not told from where media may come.
#[test]
fn the_same_sprayers_make_another_proxy_bleed() {
    let network = Network::claim();
    let mut engine = Rtpengine::start(network.service(), network.agent(9));
    let caller = Voice::bind((network.trunk(), 40_000));
    let agent = Voice::bind((network.agent(1), 40_000));
    let agent_to = engine.describe("offer", &caller.description(&[Law::Pcma], "sendrecv"));
    let caller_to = engine.describe("answer", &agent.description(&[Law::Pcma], "sendrecv"));
    let sprayers = sprayers(&network, &[caller_to, agent_to]);
    std::thread::sleep(AHEAD);
    let _tones: [Speaking; 2] = [
        caller.speak(caller_to, Law::Pcma, CALLER_HZ),
        agent.speak(agent_to, Law::Pcma, AGENT_HZ),
    ];
    std::thread::sleep(TALK);
    let bled: usize = sprayers.into_iter().map(|sprayer| sprayer.finish().1).sum();
    let injected = sprayed(&caller) + sprayed(&agent);
    assert!(bled > 0 && injected > 0, "{bled} bled, {injected} injected");
}
