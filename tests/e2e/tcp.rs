//! Calls over TCP: streams cut anyhow, connections that die, large requests, peers that hold
//! connections for nothing.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use thirdring::sip::{Message, Method};

use crate::patience::{PATIENCE, until};
use crate::peer::Peer;
use crate::service::Service;
use crate::site::{Line, Site};
use crate::talk::{AGENT_HZ, CALLER_HZ, NUMBER};
use crate::tone::Law;
use crate::wire::connect_blocking;

fn hotline(site: Site) -> Service {
    site.line(&Line::new("hotline", NUMBER, &[1])).start()
}

/// A phone that is called over TCP.
fn by_tcp(site: Site) -> Site {
    let contact = crate::loopback::sip(site.network().agent(1));
    site.agent_with(1, &format!("contact = \"tcp:{contact}\""))
        .tcp()
}

/// Caller and agent over TCP, both heard, the caller hangs up.
#[test]
fn a_call_goes_through_over_tcp_on_both_legs() {
    let service = hotline(by_tcp(Site::new()));
    let network = service.network();
    let mut caller = Peer::by_tcp(network.trunk(), network);
    let mut agent = Peer::by_tcp(network.agent(1), network);
    caller.dial(NUMBER, caller.plain());
    let invite = agent.ring();
    let contact = invite.headers.contacts().remove(0).to_string();
    assert!(contact.contains(";transport=tcp"), "{contact}");
    let via = invite.top_via().to_string();
    assert!(via.starts_with("SIP/2.0/TCP "), "{via}");
    let agent_to = agent.pick_up(agent.plain());
    let caller_to = caller.talk();
    let _caller = caller.voice.speak(caller_to, Law::Pcma, CALLER_HZ);
    let _agent = agent.voice.speak(agent_to, Law::Pcma, AGENT_HZ);
    caller.voice.hears(AGENT_HZ);
    agent.voice.hears(CALLER_HZ);
    caller.bye();
    agent.expect_bye();
    let row = service.only_call();
    assert_eq!(row["outcome"], "answered");
    assert_eq!(
        agent.streams().accepted(),
        1,
        "one connection serves the call"
    );
    service.stop();
}

/// The caller's router reboots in mid-call: its re-INVITE comes by a new connection, and so do our
/// own requests from then on.
#[test]
fn a_caller_that_reconnects_in_mid_call_is_followed() {
    let service = hotline(Site::new().agent(1).tcp());
    let network = service.network();
    let mut caller = Peer::by_tcp(network.trunk(), network);
    let mut agent = Peer::new(network.agent(1), network);
    caller.dial(NUMBER, caller.plain());
    agent.ring();
    agent.pick_up(agent.plain());
    caller.talk();
    caller.streams().stop_listening();
    caller.streams().cut();
    caller.reinvite(caller.plain());
    agent.bye();
    caller.expect_bye();
    let row = service.only_call();
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["hangup_party"], "agent");
    service.stop();
}

/// The same without a word of the caller: we come to where it listens, by its own address.
#[test]
fn a_caller_whose_connection_is_gone_is_called_where_it_listens() {
    let service = hotline(Site::new().agent(1).tcp());
    let network = service.network();
    let mut caller = Peer::by_tcp(network.trunk(), network);
    let mut agent = Peer::new(network.agent(1), network);
    caller.dial(NUMBER, caller.plain());
    agent.ring();
    caller.streams().cut();
    agent.pick_up(agent.plain());
    caller.talk();
    assert_eq!(
        caller.streams().accepted(),
        1,
        "the 200 came by a new connection"
    );
    caller.streams().cut();
    agent.bye();
    caller.expect_bye();
    assert_eq!(service.only_call()["outcome"], "answered");
    service.stop();
}

/// Octet by octet, with keep-alives before and between, then joined: each message is heard once.
#[test]
fn messages_that_trickle_in_or_come_joined_are_heard() {
    let service = hotline(Site::new().agent(1).tcp());
    let network = service.network();
    let trunk = network.trunk();
    let mut stream = connect_blocking(trunk, network.signalling());
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"\r\n\r\n").unwrap();
    assert_eq!(read(&mut stream, 2), b"\r\n", "a keep-alive is answered");
    for octet in options(&service, 1) {
        stream.write_all(&[octet]).unwrap();
    }
    assert_eq!(answers(&mut stream, 1), [(200, "call-1".to_owned())]);
    let mut joined = options(&service, 2);
    joined.extend(b"\r\n");
    joined.extend(options(&service, 3));
    let (begin, end) = joined.split_at(joined.len() - 7);
    stream.write_all(begin).unwrap();
    assert_eq!(answers(&mut stream, 1), [(200, "call-2".to_owned())]);
    stream.write_all(end).unwrap();
    assert_eq!(answers(&mut stream, 1), [(200, "call-3".to_owned())]);
    service.stop();
}

/// Threat: flood, memory. A peer that sends half a header, or more connections than it may have,
/// is cut off; others are not.
#[test]
fn a_connection_that_never_finishes_a_message_is_closed_and_others_go_on() {
    let site = Site::new()
        .agent(1)
        .tcp()
        .sip("max_connections_per_source = 4");
    let service = hotline(site);
    let network = service.network();
    let mut good = connect_blocking(network.trunk(), network.signalling());
    good.set_read_timeout(Some(PATIENCE)).unwrap();
    good.write_all(&options(&service, 1)).unwrap();
    assert_eq!(answers(&mut good, 1).len(), 1);
    let mut slow: Vec<_> = (0..6)
        .map(|_| connect_blocking(network.stranger(), network.signalling()))
        .collect();
    for stream in &mut slow {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // One that has no room is closed at once, and says so by a reset.
        let _ = stream.write_all(b"OPTIONS sip:x SIP/2.0\r\nVia: ");
    }
    for stream in &mut slow {
        assert!(is_closed(stream), "it is closed, and nothing was said");
    }
    good.write_all(&options(&service, 2)).unwrap();
    assert_eq!(answers(&mut good, 1), [(200, "call-2".to_owned())]);
    until("room for the stranger again", || {
        let mut again = connect_blocking(network.stranger(), network.signalling());
        again.set_read_timeout(Some(PATIENCE)).unwrap();
        let sent = again.write_all(&options(&service, 3));
        let mut said = [0; 16];
        let read = sent.and_then(|()| again.read_exact(&mut said));
        (read.is_ok() && said.starts_with(b"SIP/2.0 403")).then_some(())
    });
    service.stop();
}

/// Opens a connection, and waits for its end.
pub(crate) fn is_closed_when_idle(service: &Service) {
    let network = service.network();
    let mut stream = connect_blocking(network.trunk(), network.signalling());
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    assert!(is_closed(&mut stream), "it is closed, and nothing was said");
}

/// RFC 3261 §18.1.1: where the phone listens on TCP, a large INVITE goes there; where it does not,
/// it goes as a datagram after all.
#[test]
fn a_large_invite_goes_by_tcp_and_as_a_datagram_where_that_is_refused() {
    for listens in [true, false] {
        let service = hotline(Site::new().agent(1).tcp());
        let network = service.network();
        let mut caller = Peer::new(network.trunk(), network);
        let mut by_udp = Peer::new(network.agent(1), network);
        let mut by_tcp = listens.then(|| Peer::beside(&by_udp, network));
        // A display name that makes our INVITE to the agent as large.
        caller.dial_named(&"A".repeat(1400), NUMBER, caller.plain());
        let agent = by_tcp.as_mut().unwrap_or(&mut by_udp);
        let invite = agent.ring();
        let size = invite.to_bytes().len();
        assert!(size > 1300, "{size} octets");
        let via = invite.top_via().to_string();
        let transport = if listens {
            "SIP/2.0/TCP "
        } else {
            "SIP/2.0/UDP "
        };
        assert!(via.starts_with(transport), "{via}");
        agent.refuse(thirdring::sip::StatusCode::BUSY_HERE);
        caller.cancel();
        service.stop();
    }
}

pub(crate) fn options(service: &Service, number: u32) -> Vec<u8> {
    options_by(service, number, "")
}

/// The same, with more Via headers, which the answer has as well.
pub(crate) fn options_by(service: &Service, number: u32, vias: &str) -> Vec<u8> {
    let to = service.network().signalling();
    format!(
        "OPTIONS sip:{to} SIP/2.0\r\nv: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKo{number}\r\n{vias}\
         From: <sip:trunk@192.0.2.1>;tag=t{number}\r\nTo: <sip:{to}>\r\nCall-ID: call-{number}\r\n\
         CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nl:\r\n 0\r\n\r\n"
    )
    .into_bytes()
}

fn read(stream: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut octets = vec![0; count];
    stream.read_exact(&mut octets).unwrap();
    octets
}

/// Status and Call-ID of the next answers.
pub(crate) fn answers(stream: &mut TcpStream, count: usize) -> Vec<(u16, String)> {
    let mut framer = thirdring::sip::framing::Framer::default();
    let mut found = Vec::new();
    while found.len() < count {
        framer.push(&read(stream, 1));
        if let Some(thirdring::sip::framing::Frame::Message(bytes)) = framer.poll() {
            let Message::Response(response) = Message::parse(&bytes).unwrap() else {
                panic!("a request");
            };
            assert_eq!(response.cseq().method, Method::OPTIONS);
            found.push((response.status.as_u16(), response.call_id()));
        }
    }
    found
}

/// Whether the stream ends, with nothing said on it.
fn is_closed(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0; 64]) {
        Ok(count) => count == 0,
        Err(error) => {
            let waited = [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind());
            assert!(!waited, "still open after {PATIENCE:?}");
            true
        }
    }
}
