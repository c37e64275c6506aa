//! Threat: SDP address tricks. A machine of the test's own, where every address there is can be
//! sent to and is seen: nothing goes anywhere but to those who have spoken to the service.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::Path;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use thirdring::sip::{Method, StatusCode};

use crate::capture::Capture;
use crate::loopback::{Network, sip};
use crate::namespace::is_inside;
use crate::patience::PATIENCE;
use crate::peer::Peer;
use crate::service::Service;
use crate::site::{Line, Site};
use crate::talk::{AGENT_HZ, CALLER_HZ, NUMBER, Talk};
use crate::tone::Law;

/// Where nobody's voice may be sent to.
const VICTIMS: [&str; 9] = [
    "169.254.169.254",
    "255.255.255.255",
    "224.0.0.1",
    "127.0.0.1",
    "0.1.2.3",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::1",
    "ff02::1",
];
/// Each message of RFC 4475 and RFC 5118 is sent so often, damaged anew each time.
const DAMAGES: u64 = 4;

fn hotline(site: Site) -> Service {
    let line = Line::new("hotline", NUMBER, &[1]);
    site.agent(1).line(&line).start()
}

/// Threat: SDP address tricks. In descriptions (of an offer, an answer, a call that is up), in
/// every header that names an address, and in the RFCs' torture messages.
#[test]
fn no_packet_goes_to_an_address_that_only_a_message_names() {
    if !is_inside("attack_addresses::no_packet_goes_to_an_address_that_only_a_message_names") {
        return;
    }
    let service = hotline(Site::on(Network::outside()).without_loopback());
    let network = service.network();
    let capture = Capture::start(service.folder(), (network.at(250), 9));
    let carrier = Shooter::bind(network.caller(2), network);
    let stranger = Shooter::bind(network.stranger(), network);
    // Each stranger sends less than the gate lets through at once.
    let strangers: Vec<_> = (90..).take(VICTIMS.len()).map(|n| network.at(n)).collect();
    for (victim, stranger) in VICTIMS.iter().zip(&strangers) {
        for shooter in [&carrier, &Shooter::bind(*stranger, network)] {
            for message in tricks(victim, network, shooter) {
                shooter.fire(&message);
            }
        }
    }
    let mut rng = StdRng::seed_from_u64(4475);
    for message in torture_messages() {
        for _ in 0..DAMAGES {
            carrier.fire(&damaged(&message, &mut rng));
        }
        stranger.fire(&damaged(&message, &mut rng));
    }
    for victim in VICTIMS {
        offered(victim, network);
        answered(victim, network);
    }
    let talk = Talk::answered(service);
    talk.both_hear();
    let talk = VICTIMS.into_iter().fold(talk, moved);
    talk.both_hear();
    let seen = capture.finish();
    let network = talk.service.network();
    let known = [
        network.service(),
        network.trunk(),
        network.caller(2),
        network.agent(1),
        network.stranger(),
    ];
    let known: BTreeSet<_> = known
        .into_iter()
        .chain(strangers)
        .map(IpAddr::from)
        .collect();
    let elsewhere: Vec<_> = seen.iter().filter(|(ip, _)| !known.contains(ip)).collect();
    assert!(elsewhere.is_empty(), "packets went to {elsewhere:?}");
    for ip in known {
        assert!(seen.contains_key(&ip), "nothing to {ip} in {seen:?}");
    }
    end(talk).stop();
}

/// The control: where voice may go over loopback addresses, it does, and the capture sees it.
#[test]
fn the_capture_sees_voice_go_to_an_address_that_is_allowed() {
    if !is_inside("attack_addresses::the_capture_sees_voice_go_to_an_address_that_is_allowed") {
        return;
    }
    let service = hotline(Site::on(Network::outside()));
    let network = service.network();
    let capture = Capture::start(service.folder(), (network.at(250), 9));
    let mut caller = Peer::new(network.trunk(), network);
    let mut agent = Peer::new(network.agent(1), network);
    caller.dial(NUMBER, description("127.0.0.1"));
    agent.ring();
    let agent_to = agent.pick_up(agent.plain());
    caller.talk();
    let victim = crate::voice::Voice::bind(([127, 0, 0, 1], 40_000));
    let tone = agent.voice.speak(agent_to, Law::Pcma, AGENT_HZ);
    victim.hears(AGENT_HZ);
    drop(tone);
    let seen = capture.finish();
    let packets = seen.get(&"127.0.0.1".parse::<IpAddr>().unwrap());
    assert!(packets.is_some_and(|count| *count >= 10), "{seen:?}");
    caller.bye();
    agent.expect_bye();
    service.stop();
}

fn end(mut talk: Talk) -> Service {
    talk.tones.clear();
    talk.caller.bye();
    talk.agent.expect_bye();
    talk.service
}

/// An offer with a voice there is refused.
fn offered(victim: &str, network: &Network) {
    let mut caller = Peer::new(network.trunk(), network);
    caller.dial(NUMBER, description(victim));
    let refusal = caller.refusal();
    assert_eq!(refusal.status.as_u16(), 488, "{victim}");
    caller.ack_refusal(&refusal);
}

/// A phone that answers with a voice there is not connected.
fn answered(victim: &str, network: &Network) {
    let mut caller = Peer::new(network.trunk(), network);
    let mut agent = Peer::new(network.agent(1), network);
    caller.dial(NUMBER, caller.plain());
    agent.ring();
    agent.answer_invite(StatusCode::OK, description(victim));
    agent.request(&Method::ACK);
    agent.expect_bye();
    caller.cancel();
}

/// A party that moves its voice there, while both speak, is told no.
fn moved(mut talk: Talk, victim: &str) -> Talk {
    for peer in [&mut talk.caller, &mut talk.agent] {
        peer.send_reinvite(description(victim));
        let refusal = peer.expect_refusal(488);
        peer.ack_refusal(&refusal);
    }
    assert_eq!(talk.caller.voice.hears(AGENT_HZ).source, talk.caller_to);
    assert_eq!(talk.agent.voice.hears(CALLER_HZ).source, talk.agent_to);
    talk
}

/// A description whose voice, reports and candidates are all there.
fn description(victim: &str) -> Vec<u8> {
    let family = if victim.contains(':') { "IP6" } else { "IP4" };
    format!(
        "v=0\r\no=- 1 1 IN {family} {victim}\r\ns=-\r\nc=IN {family} {victim}\r\nt=0 0\r\n\
         m=audio 40000 RTP/AVP 8\r\na=rtcp:40001 IN {family} {victim}\r\n\
         a=candidate:1 1 UDP 1 {victim} 40000 typ host\r\na=sendrecv\r\n"
    )
    .into_bytes()
}

/// Requests that name the victim wherever a message can name an address, with a sound description.
fn tricks(victim: &str, network: &Network, from: &Shooter) -> Vec<String> {
    let victim = if victim.contains(':') {
        format!("[{victim}]")
    } else {
        victim.to_owned()
    };
    let own = from.socket.local_addr().unwrap();
    let service = network.signalling();
    let vias = [
        format!("{own};maddr={victim};ttl=1"),
        format!("{own};received={victim};rport=9"),
        format!("{victim}:9;rport"),
        format!("{victim}:9, SIP/2.0/UDP {victim}:9"),
    ];
    let methods = ["INVITE", "OPTIONS", "REGISTER", "REFER", "SUBSCRIBE", "BYE"];
    let mut requests = Vec::new();
    for via in &vias {
        for method in methods {
            let n = from.next();
            let uri = [format!("{victim};maddr={victim}"), service.to_string()];
            let uri = &uri[n % 2];
            requests.push(format!(
                "{method} sip:9999@{uri} SIP/2.0\r\nVia: SIP/2.0/UDP {via};branch=z9hG4bKt{n}\r\n\
                 From: <sip:1001@{victim}>;tag=t{n}\r\nTo: <sip:9999@{victim}>\r\n\
                 Call-ID: trick-{n}\r\nCSeq: 1 {method}\r\nMax-Forwards: 70\r\n\
                 Contact: <sip:1001@{victim}:9;maddr={victim}>\r\n\
                 Record-Route: <sip:{victim}:9;lr>\r\nRoute: <sip:{victim}:9;lr>\r\n\
                 Path: <sip:{victim}:9;lr>\r\nRefer-To: <sip:x@{victim}:9>\r\n\
                 Reply-To: <sip:x@{victim}:9>\r\nCall-Info: <http://{victim}/>;purpose=icon\r\n\
                 Alert-Info: <http://{victim}/>\r\nExpires: 60\r\nContent-Length: 0\r\n\r\n"
            ));
        }
    }
    requests
}

fn torture_messages() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto-fixtures");
    let index = std::fs::read_to_string(folder.join("index.tsv")).unwrap();
    let files = index
        .lines()
        .skip(1)
        .filter_map(|line| line.split('\t').next());
    files
        .map(|file| std::fs::read(folder.join(file)).unwrap())
        .collect()
}

/// A message with a victim in it wherever a name of a host was, and perhaps some octets changed.
fn damaged(message: &[u8], rng: &mut StdRng) -> Vec<u8> {
    let mut octets = message.to_vec();
    let victim = VICTIMS[rng.random_range(..VICTIMS.len())].as_bytes();
    let hosts: [&[u8]; 6] = [
        b"example.com",
        b"example.net",
        b"example.org",
        b"192.0.2.1",
        b"192.0.2.2",
        b"[2001:db8::9:1]",
    ];
    for host in hosts {
        if rng.random_bool(0.7) {
            octets = replaced(&octets, host, victim);
        }
    }
    for _ in 0..rng.random_range(0..3) {
        let at = rng.random_range(..octets.len());
        octets[at] = rng.random();
    }
    octets
}

fn replaced(octets: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut rest = octets;
    let mut result = Vec::new();
    while let Some(at) = rest.windows(old.len()).position(|window| window == old) {
        result.extend_from_slice(&rest[..at]);
        result.extend_from_slice(new);
        rest = &rest[at + old.len()..];
    }
    result.extend_from_slice(rest);
    result
}

/// Somebody who sends whatever he likes, and sees that the service has read it.
struct Shooter {
    socket: UdpSocket,
    service: SocketAddr,
    fired: std::cell::Cell<usize>,
    is_known: bool,
}

impl Shooter {
    fn bind(ip: std::net::Ipv4Addr, network: &Network) -> Self {
        let socket = UdpSocket::bind(sip(ip)).unwrap();
        Self {
            socket,
            service: network.signalling(),
            fired: std::cell::Cell::new(0),
            is_known: ip == network.caller(2),
        }
    }

    fn next(&self) -> usize {
        self.fired.set(self.fired.get() + 1);
        self.fired.get()
    }

    /// Sends; one that is known also waits until an OPTIONS behind the message is answered.
    fn fire(&self, message: &(impl AsRef<[u8]> + ?Sized)) {
        self.socket.send_to(message.as_ref(), self.service).unwrap();
        if !self.is_known {
            return;
        }
        let (n, own) = (self.next(), self.socket.local_addr().unwrap());
        let call_id = format!("after-{n}@here");
        let question = format!(
            "OPTIONS sip:{} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKa{n}\r\n\
             From: <sip:a@{own}>;tag=a{n}\r\nTo: <sip:{own}>\r\nCall-ID: {call_id}\r\n\
             CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
            self.service
        );
        self.socket.set_read_timeout(Some(PATIENCE)).unwrap();
        self.socket
            .send_to(question.as_bytes(), self.service)
            .unwrap();
        let mut buffer = vec![0; 65_536];
        loop {
            let (length, _) = self
                .socket
                .recv_from(&mut buffer)
                .expect("the service is there");
            let answer = String::from_utf8_lossy(&buffer[..length]);
            if answer.contains(&call_id) {
                return;
            }
        }
    }
}
