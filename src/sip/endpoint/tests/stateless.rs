//! What is answered without a transaction, what is not answered at all, and where answers go.

use std::net::SocketAddr;

use super::pair::{Pair, T_END, kind_of, rng};
use super::*;

const INVITE: &str = "INVITE sip:400@192.0.2.9 SIP/2.0\r
Via: SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bKabc\r
Max-Forwards: 70\r
From: <sip:alice@example.com>;tag=a\r
To: <sip:400@example.com>\r
Call-ID: one\r
CSeq: 1 INVITE\r
Contact: <sip:alice@10.0.0.1>\r
Content-Length: 0\r
\r
";

#[test]
fn an_answer_goes_to_the_source_address_at_the_port_of_via() {
    let sent = feed(&mut endpoint(), INVITE);

    assert_eq!(sent[0].flow.peer, "198.51.100.7:5062".parse().unwrap());
    assert_eq!(sent[0].flow.local, local());
}

#[test]
fn an_answer_goes_to_the_source_port_where_rport_asks_for_it() {
    let invite = INVITE.replace("branch", "rport;branch");
    let sent = feed(&mut endpoint(), &invite);

    assert_eq!(sent[0].flow.peer, source());
    let answer = String::from_utf8(sent[0].bytes.clone()).unwrap();
    assert!(answer.contains("rport=33000"), "{answer}");
    assert!(answer.contains("received=198.51.100.7"), "{answer}");
}

/// Threat: SDP address tricks. Nor do other headers name a target.
#[test]
fn no_answer_follows_maddr_or_a_forged_received() {
    for forged in [
        "maddr=203.0.113.1",
        "received=203.0.113.1",
        "received=203.0.113.1;rport=53",
    ] {
        let invite = INVITE.replace("branch", &format!("{forged};branch"));
        let sent = feed(&mut endpoint(), &invite);

        assert_eq!(sent[0].flow.peer.ip(), source().ip(), "{forged}");
    }
}

/// Threat: flood, memory.
#[test]
fn a_stranger_is_refused_alike_each_time_and_nothing_is_kept() {
    let mut endpoint = endpoint();
    endpoint.refuse(
        INVITE.as_bytes(),
        StatusCode::FORBIDDEN,
        Flow::udp(local(), source()),
    );
    endpoint.refuse(
        INVITE.as_bytes(),
        StatusCode::FORBIDDEN,
        Flow::udp(local(), source()),
    );
    let other = INVITE.replace("Call-ID: one", "Call-ID: two");
    endpoint.refuse(
        other.as_bytes(),
        StatusCode::FORBIDDEN,
        Flow::udp(local(), source()),
    );

    let sent = drain(&mut endpoint);
    assert_eq!(kind_of(&sent[0].bytes), "403 INVITE");
    assert_eq!(sent[0], sent[1]);
    assert_ne!(to_tag(&sent[0]), to_tag(&sent[2]));
    assert!(to_tag(&sent[0]).is_some());
    assert!(endpoint.is_idle());
    assert_eq!(endpoint.counts().refused, 3);
}

#[test]
fn a_challenge_needs_no_state_either() {
    let Ok(Message::Request(request)) = Message::parse(INVITE.as_bytes()) else {
        panic!("it is a request");
    };
    let mut challenge = request.respond(StatusCode::UNAUTHORIZED);
    challenge
        .headers
        .set("WWW-Authenticate", "Digest nonce=\"n\"");

    let sent = reply_statelessly(&request, challenge, Flow::udp(local(), source()));

    assert_eq!(kind_of(&sent.bytes), "401 INVITE");
    assert_eq!(sent.flow.peer, "198.51.100.7:5062".parse().unwrap());
    let message = Message::parse(&sent.bytes).unwrap();
    assert!(message.headers().has("WWW-Authenticate"));
    assert_eq!(
        message.headers().via().unwrap().received(),
        Some(source().ip())
    );
    assert!(to_tag(&sent).is_some());
}

#[test]
fn a_strangers_ack_and_garbage_get_no_answer() {
    let mut endpoint = endpoint();
    let ack = INVITE.replace("INVITE", "ACK");
    endpoint.refuse(
        ack.as_bytes(),
        StatusCode::FORBIDDEN,
        Flow::udp(local(), source()),
    );
    endpoint.refuse(
        b"\x00\x01",
        StatusCode::FORBIDDEN,
        Flow::udp(local(), source()),
    );

    assert_eq!(drain(&mut endpoint), []);
}

#[test]
fn what_a_stranger_wants_can_be_seen_without_reading_it_all() {
    assert_eq!(peek(INVITE.as_bytes()), Some(Method::INVITE));
    assert_eq!(peek(b"\r\n\r\nREGISTER sip:x"), Some(Method::REGISTER));
    assert_eq!(peek(b"\r\n\r\n"), None);
    assert_eq!(peek(b""), None);
    assert_eq!(peek(&[b'A'; 900]), None);
    assert_eq!(peek(b"SIP/2.0 200 OK"), None);
}

#[test]
fn an_ack_or_a_response_to_nothing_is_dropped_and_counted() {
    let mut endpoint = endpoint();
    assert_eq!(feed(&mut endpoint, &INVITE.replace("INVITE", "ACK")), []);
    let response = INVITE.replace("INVITE sip:400@192.0.2.9 SIP/2.0", "SIP/2.0 200 OK");
    assert_eq!(feed(&mut endpoint, &response), []);

    assert_eq!(endpoint.counts().stray_acks, 1);
    assert_eq!(endpoint.counts().stray_responses, 1);
    assert!(endpoint.is_idle());
}

#[test]
fn a_cancel_of_nothing_gets_481_without_state() {
    let mut endpoint = endpoint();
    let cancel = INVITE.replace("INVITE", "CANCEL");
    let first = feed(&mut endpoint, &cancel);
    let again = feed(&mut endpoint, &cancel);

    assert_eq!(kind_of(&first[0].bytes), "481 CANCEL");
    assert_eq!(first, again);
    assert!(endpoint.is_idle());
}

#[test]
fn a_malformed_request_gets_400_once_and_leaves_nothing() {
    let mut endpoint = endpoint();
    let broken = INVITE.replace("CSeq: 1 INVITE", "CSeq: 1 BYE");
    let sent = feed(&mut endpoint, &broken);

    assert_eq!(sent.len(), 1);
    assert!(sent[0].bytes.starts_with(b"SIP/2.0 400 "));
    assert_eq!(sent[0].flow.peer, "198.51.100.7:5062".parse().unwrap());
    assert!(to_tag(&sent[0]).is_some());
    assert!(endpoint.is_idle());
    assert_eq!(endpoint.counts().malformed, 1);
}

#[test]
fn a_keep_alive_gets_no_answer() {
    assert_eq!(feed(&mut endpoint(), "\r\n\r\n"), []);
}

/// Threat: flood, memory. A cap on transactions.
#[test]
fn a_request_too_many_gets_503_without_state() {
    let config = EndpointConfig {
        max_server_transactions: 1,
        ..EndpointConfig::default()
    };
    let mut endpoint = Endpoint::new(config, rng(1));
    feed(&mut endpoint, INVITE);
    let second = INVITE.replace("z9hG4bKabc", "z9hG4bKdef");
    let second = second.replace("Call-ID: one", "Call-ID: two");
    let sent = feed(&mut endpoint, &second);

    assert_eq!(kind_of(&sent[0].bytes), "503 INVITE");
    assert_eq!(endpoint.counts().server_transactions, 1);
}

/// RFC 3261 §17.2.3: a branch without the magic cookie, or with nothing behind it, says nothing.
#[test]
fn clients_of_rfc_2543_are_matched_by_their_headers() {
    for branch in [";branch=z9hG4bK", ";branch=1", ""] {
        let mut endpoint = endpoint();
        let invite = INVITE.replace(";branch=z9hG4bKabc", branch);
        assert_eq!(kinds(&feed(&mut endpoint, &invite)), ["100 INVITE"]);
        assert_eq!(kinds(&feed(&mut endpoint, &invite)), ["100 INVITE"]);
        let stranger = invite.replace("Call-ID: one", "Call-ID: two");
        assert_eq!(kinds(&feed(&mut endpoint, &stranger)), ["100 INVITE"]);
        assert_eq!(endpoint.counts().server_transactions, 2, "{branch:?}");

        let now = Pair::new().now;
        let Message::Request(request) = Message::parse(invite.as_bytes()).unwrap() else {
            panic!("it is a request");
        };
        let refusal = request.respond(StatusCode::BUSY_HERE);
        endpoint.respond(ServerTx(1), refusal, now);
        drain(&mut endpoint);
        feed(&mut endpoint, &invite.replace("INVITE", "ACK"));
        endpoint.handle_timeout(now + T_END);
        assert_eq!(endpoint.counts().missing_acks, 0, "{branch:?}");
        assert_eq!(endpoint.counts().server_transactions, 1, "{branch:?}");
    }
}

#[test]
fn two_clients_that_mint_the_same_branch_are_two() {
    let mut endpoint = endpoint();
    feed(&mut endpoint, INVITE);
    let other = INVITE.replace("10.0.0.1:5062", "10.0.0.2:5062");
    feed(
        &mut endpoint,
        &other.replace("Call-ID: one", "Call-ID: two"),
    );

    assert_eq!(endpoint.counts().server_transactions, 2);
}

fn endpoint() -> Endpoint {
    Endpoint::new(EndpointConfig::default(), rng(1))
}

fn local() -> SocketAddr {
    "192.0.2.9:5060".parse().unwrap()
}

fn source() -> SocketAddr {
    "198.51.100.7:33000".parse().unwrap()
}

fn feed(endpoint: &mut Endpoint, text: &str) -> Vec<Transmit> {
    let now = Pair::new().now;
    endpoint.handle_message(text.as_bytes(), Flow::udp(local(), source()), now);
    drain(endpoint)
}

fn drain(endpoint: &mut Endpoint) -> Vec<Transmit> {
    std::iter::from_fn(|| endpoint.poll_output())
        .filter_map(|output| match output {
            Output::Transmit(transmit) => Some(transmit),
            Output::Event(_) => None,
        })
        .collect()
}

fn kinds(sent: &[Transmit]) -> Vec<String> {
    sent.iter()
        .map(|transmit| kind_of(&transmit.bytes))
        .collect()
}

fn to_tag(transmit: &Transmit) -> Option<String> {
    let message = Message::parse(&transmit.bytes).unwrap();
    message.headers().to().unwrap().tag().map(str::to_owned)
}
