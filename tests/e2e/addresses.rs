//! Addresses: IPv6, and one that the peers know us by from outside a NAT.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use thirdring::phone::{Dial, Line as Phone, LineConfig, Manner, Script, Seen, Sighting, Then};
use tokio::sync::mpsc;

use crate::peer::Peer;
use crate::site::{Line, Site};
use crate::talk::NUMBER;

const PASSWORD: &str = "correct-horse-battery";

/// Signalling and voice over `::1`, with a phone that registers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_goes_through_over_ipv6() {
    let port = UdpSocket::bind("[::1]:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let server = SocketAddr::new("::1".parse().unwrap(), port);
    let service = Site::new()
        .agent_with(1, &format!("password = \"{PASSWORD}\""))
        .listener(&format!("address = \"{server}\""))
        .media("::1")
        .section("[[trunk]]\nname = \"six\"\naddresses = [\"::1\"]\n")
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start();
    let (watch, mut sightings) = mpsc::channel(64);
    let phone = |user: &str, script: Script| LineConfig {
        speech: Arc::from(vec![8_000; 800]),
        script,
        ..LineConfig::new(user, server.ip(), server)
    };
    let answers = Script::agent([Manner::Answer {
        after: Duration::from_millis(100),
        then: Then::Stay,
    }]);
    let agent = LineConfig {
        registration: Some((PASSWORD.to_owned(), Duration::from_mins(2))),
        ..phone("1001", answers)
    };
    let agent = Phone::start(agent, watch.clone()).await.unwrap();
    seen(&mut sightings, |sighting| {
        let text = format!("{:?}", sighting.seen);
        text.contains("Registered")
    })
    .await;
    let dials = Script::caller(Dial {
        to: NUMBER.to_owned(),
        give_up: None,
        then: Then::HangUp {
            after: Duration::from_secs(1),
        },
    });
    let caller = Phone::start(phone("13800138000", dials), watch)
        .await
        .unwrap();
    let mut heard = 0;
    while heard < 2 {
        let sighting = seen(&mut sightings, |it| matches!(it.seen, Seen::Heard(_))).await;
        if let Seen::Heard(figures) = sighting.seen {
            assert!(figures.packets >= 20, "{}: {figures:?}", sighting.phone);
            heard += 1;
        }
    }
    drop(sightings);
    caller.stop().await;
    agent.stop().await;
    assert_eq!(service.only_call()["outcome"], "answered");
    service.stop();
}

/// Via and Contact name what the peer can reach: the trunk's own address for us before the
/// listener's.
#[test]
fn peers_are_told_the_advertised_address() {
    let site = Site::new()
        .agent(1)
        .trunk("advertised = \"203.0.113.9:5090\"")
        .advertised("203.0.113.8:5080");
    let service = site.line(&Line::new("hotline", NUMBER, &[1])).start();
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    let mut agent = Peer::new(network.agent(1), network);
    caller.dial(NUMBER, caller.plain());
    let invite = agent.ring();
    let via = invite.top_via().to_string();
    assert!(via.starts_with("SIP/2.0/UDP 203.0.113.8:5080;"), "{via}");
    let contact = invite.headers.contacts().remove(0).to_string();
    assert_eq!(contact, "<sip:thirdring@203.0.113.8:5080>");
    agent.pick_up(agent.plain());
    let answer = caller.expect(200);
    let contact = answer.headers.contacts().remove(0).to_string();
    assert_eq!(contact, "<sip:thirdring@203.0.113.9:5090>");
    caller.ack(Vec::new());
    caller.bye();
    agent.expect_bye();
    service.stop();
}

async fn seen(
    sightings: &mut mpsc::Receiver<Sighting>,
    wanted: impl Fn(&Sighting) -> bool,
) -> Sighting {
    let look = async {
        loop {
            let sighting = sightings.recv().await.expect("the phones are there");
            if wanted(&sighting) {
                return sighting;
            }
        }
    };
    tokio::time::timeout(crate::patience::PATIENCE, look)
        .await
        .expect("it is seen in time")
}
