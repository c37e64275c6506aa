//! Connections: large requests, the end of a connection, the way around it.

use std::net::SocketAddr;
use std::time::Instant;

use super::pair::{request, rng};
use crate::sip::endpoint::{Endpoint, EndpointConfig, Event, Output, Transmit};
use crate::sip::flow::Flow;
use crate::sip::hop::Hop;
use crate::sip::message::{Message, Request};
use crate::sip::method::Method;
use crate::sip::status::StatusCode;
use crate::sip::transport::Transport;

const LOCAL: &str = "192.0.2.1:5060";
const KNOWN: &str = "203.0.113.1:5080";
const PEER: &str = "192.0.2.2:5060";

fn flow(transport: Transport) -> Flow {
    Flow {
        transport,
        local: LOCAL.parse().unwrap(),
        peer: PEER.parse().unwrap(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
fn endpoint() -> (Endpoint, Instant) {
    let endpoint = Endpoint::new(EndpointConfig::default(), rng(1));
    (endpoint, Instant::now())
}

fn either_way() -> Hop {
    let known: SocketAddr = KNOWN.parse().unwrap();
    Hop {
        advertised: known,
        larger: Some((flow(Transport::Tcp), known)),
        ..Hop::by(flow(Transport::Udp))
    }
}

fn invite(octets: usize) -> Request {
    let mut invite = request(Method::INVITE, 1);
    invite.set_body("application/sdp", vec![b'x'; octets]);
    invite
}

fn transmits(endpoint: &mut Endpoint) -> Vec<Transmit> {
    let outputs = std::iter::from_fn(|| endpoint.poll_output());
    outputs
        .filter_map(|output| match output {
            Output::Transmit(transmit) => Some(transmit),
            Output::Event(_) => None,
        })
        .collect()
}

fn events(endpoint: &mut Endpoint) -> Vec<Event> {
    let outputs = std::iter::from_fn(|| endpoint.poll_output());
    outputs
        .filter_map(|output| match output {
            Output::Event(event) => Some(event),
            Output::Transmit(_) => None,
        })
        .collect()
}

fn via(transmit: &Transmit) -> String {
    let message = Message::parse(&transmit.bytes).unwrap();
    let via = message.headers().via().unwrap().to_string();
    via.split(';').next().unwrap().to_owned()
}

/// RFC 3261 §18.1.1.
#[test]
fn a_request_that_is_too_large_for_a_datagram_goes_by_tcp() {
    let (mut endpoint, now) = endpoint();
    endpoint.send_by(invite(500), &either_way(), now);
    endpoint.send_by(invite(1300), &either_way(), now);
    endpoint.send_by(invite(1300), &Hop::by(flow(Transport::Udp)), now);
    let sent = transmits(&mut endpoint);
    let ways: Vec<_> = sent
        .iter()
        .map(|one| (one.flow.transport, via(one)))
        .collect();
    let expected = [
        (Transport::Udp, format!("SIP/2.0/UDP {KNOWN}")),
        (Transport::Tcp, format!("SIP/2.0/TCP {KNOWN}")),
        (Transport::Udp, format!("SIP/2.0/UDP {LOCAL}")),
    ];
    assert_eq!(ways, expected);
}

#[test]
fn a_large_request_goes_as_a_datagram_where_nobody_takes_connections() {
    let (mut endpoint, now) = endpoint();
    let tx = endpoint.send_by(invite(1300), &either_way(), now);
    let by_tcp = transmits(&mut endpoint);
    endpoint.handle_send_error(&by_tcp[0], now);
    let again = transmits(&mut endpoint);
    assert_eq!(again[0].flow.transport, Transport::Udp);
    assert_eq!(via(&again[0]), format!("SIP/2.0/UDP {KNOWN}"));
    let due = endpoint.poll_timeout().unwrap();
    endpoint.handle_timeout(due);
    assert_eq!(transmits(&mut endpoint), again, "a datagram is repeated");
    endpoint.handle_send_error(&again[0], now);
    assert_eq!(events(&mut endpoint), [Event::TransportFailed { tx }]);
    assert!(endpoint.is_idle());
}

/// RFC 3261 §17.1.4.
#[test]
fn requests_fail_with_the_second_connection_they_lose_and_others_do_not() {
    let (mut endpoint, now) = endpoint();
    let lost = endpoint.send(request(Method::BYE, 1), flow(Transport::Tls), now);
    endpoint.send(request(Method::BYE, 2), flow(Transport::Tcp), now);
    endpoint.send(request(Method::BYE, 3), flow(Transport::Udp), now);
    let sent = transmits(&mut endpoint);
    endpoint.handle_disconnect(flow(Transport::Udp), now);
    endpoint.handle_disconnect(flow(Transport::Tls), now);
    assert_eq!(transmits(&mut endpoint), sent[..1], "by a new connection");
    endpoint.handle_disconnect(flow(Transport::Tls), now);
    assert_eq!(events(&mut endpoint), [Event::TransportFailed { tx: lost }]);
    assert_eq!(endpoint.counts().client_transactions, 2);
}

/// RFC 3261 §18.2.2, but never to another host than the peer.
#[test]
fn around_a_lost_connection_a_message_goes_to_the_port_that_the_peer_listens_on() {
    let to = |text: String| Transmit {
        flow: flow(Transport::Tcp),
        bytes: text.into_bytes(),
    };
    let response = |via: &str| {
        let mut request = request(Method::OPTIONS, 1);
        request.headers.set("Via", via);
        let bytes = request.respond(StatusCode::OK).to_bytes();
        to(String::from_utf8(bytes).unwrap()).detour().to_string()
    };
    assert_eq!(
        response("SIP/2.0/TCP 192.0.2.2:5091;branch=z9hG4bK1"),
        "192.0.2.2:5091"
    );
    assert_eq!(
        response("SIP/2.0/TLS victim.example;branch=z9hG4bK1"),
        "192.0.2.2:5061"
    );
    assert_eq!(
        response("SIP/2.0/TCP 198.51.100.9:25;branch=z9hG4bK1"),
        "192.0.2.2:25"
    );
    let asked = |uri: &str| {
        let mut request = request(Method::BYE, 1);
        request
            .headers
            .set("Via", "SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1");
        request.uri = uri.parse().unwrap();
        let bytes = request.to_bytes();
        to(String::from_utf8(bytes).unwrap()).detour().to_string()
    };
    assert_eq!(
        asked("sip:a@192.0.2.2:5092;transport=tcp"),
        "192.0.2.2:5092"
    );
    assert_eq!(asked("sip:a@192.0.2.2"), "192.0.2.2:5060");
    assert_eq!(asked("sip:a@198.51.100.9:25"), PEER);
}
