//! Threat: toll fraud, open relay. Three hundred ways to ask for a call at somebody else's cost,
//! from an address that nobody knows and from a carrier.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use crate::loopback::sip;
use crate::patience::PATIENCE;
use crate::peer::Peer;
use crate::service::Service;
use crate::site::{Line, Site};

const AGENT: (&str, &str) = ("1001", "a long secret");
const ALLOWED: &str = "01061234567";
const HOTLINE: &str = "4001234567";
/// What outside numbers, extensions and services may be dialled behind.
const PREFIXES: [&str; 12] = [
    "", "+", "00", "9", "900", "0", "011", "+86", "0086", "%2B", "%2b86", "*9",
];
const NUMBERS: [&str; 5] = ["01061234567", "13125550100", "19005551234", "1001", "110"];
/// Of so many requests one is a REFER.
const REFER_EACH: usize = 7;
/// Requests that one stranger may send at once are fewer than these.
const OF_ONE_STRANGER: usize = 50;

/// An agent who may call Beijing, a hotline, and a carrier that takes calls out.
fn site() -> Site {
    let site = Site::new();
    let contact = sip(site.network().agent(1));
    let keys = format!("contact = \"{contact}\"\npassword = \"{}\"", AGENT.1);
    site.agent_with(1, &keys)
        .line(&Line::new("hotline", HOTLINE, &[1]))
        .section(
            "[[outbound]]\nname = \"beijing\"\nagents = [\"1001\"]\nprefixes = [\"010\"]\n\
             trunk = \"carrier\"\ncaller_id = \"01087654321\"\nper_minute = 600\n",
        )
}

/// Threat: toll fraud, open relay. No number, header or parameter makes the service call out for
/// somebody who may not; each gets what everybody gets there. The control is the last call: the
/// same carrier gets the INVITE of the agent who may.
#[test]
fn three_hundred_tricks_call_nobody_and_the_agent_who_may_does() {
    let service = site().start();
    let network = service.network();
    let mut outside = Peer::new(network.trunk(), network);

    let mut of_strangers = BTreeMap::new();
    for (n, chunk) in tricks(&service).chunks(OF_ONE_STRANGER).enumerate() {
        let ip = network.at(90 + u8::try_from(n).unwrap());
        for (status, count) in asked(ip, network.signalling(), chunk) {
            *of_strangers.entry(status).or_insert(0) += count;
        }
    }
    assert_eq!(of_strangers, BTreeMap::from([(403, 300)]), "strangers");
    assert_eq!(service.calls().len(), 0, "a stranger leaves no row");

    let requests = tricks(&service);
    let of_carrier = asked(network.caller(2), network.signalling(), &requests);
    let mut wanted = BTreeMap::new();
    for request in &requests {
        *wanted.entry(to_a_carrier(request)).or_insert(0) += 1;
    }
    assert_eq!(of_carrier, wanted, "the carrier");
    for row in service.calls() {
        assert_eq!(row["direction"], "in", "{row:#}");
        assert!(
            row["outbound"].as_array().is_none_or(Vec::is_empty),
            "{row:#}"
        );
    }

    let mut agent = Peer::new(network.agent(1), network);
    agent.dial_as(AGENT, ALLOWED);
    let invite = outside.ring();
    let number = invite.uri.user_unescaped();
    assert_eq!(number.as_deref(), Some(ALLOWED), "the first that came");
    agent.cancel();
    outside.expect_cancel();
    service.stop();
}

/// To a carrier nobody is there but the lines; a REFER without a call, and taking the place of a
/// dialog, are nothing it may do; a REFER that wants one's place is no request (RFC 3891 §3).
fn to_a_carrier(request: &str) -> u16 {
    match (
        request.starts_with("REFER"),
        request.contains("\r\nReplaces:"),
    ) {
        (true, true) => 400,
        (true, false) | (false, true) => 403,
        (false, false) => 404,
    }
}

/// INVITEs, and REFERs for the same, without their Via: each way to write each number behind each
/// prefix, with one header or another that claims a right.
fn tricks(service: &Service) -> Vec<String> {
    let network = service.network();
    let (here, carrier) = (network.signalling(), sip(network.trunk()));
    let claims = [
        format!("P-Asserted-Identity: <sip:1001@{here}>, <tel:1001>"),
        format!("P-Preferred-Identity: <sip:1001@{here}>"),
        format!("Referred-By: <sip:1001@{here}>"),
        format!("Remote-Party-ID: <sip:1001@{here}>;party=calling;screen=yes"),
        format!("Route: <sip:{here};lr>, <sip:{carrier};lr>"),
        format!("Diversion: <sip:1001@{here}>;reason=unconditional"),
        format!("History-Info: <sip:1001@{here}>;index=1"),
        "Proxy-Authorization: Digest username=\"1001\", realm=\"thirdring\", nonce=\"\", \
         uri=\"sip:x\", response=\"\""
            .to_owned(),
        "Replaces: a@b;to-tag=1;from-tag=2".to_owned(),
        "Privacy: id".to_owned(),
        format!("Via: SIP/2.0/UDP {carrier};branch=z9hG4bKinner"),
    ];
    let mut requests = Vec::new();
    for prefix in PREFIXES {
        for number in NUMBERS {
            let number = format!("{prefix}{number}");
            let uris = [
                format!("sip:{number}@{here}"),
                format!("tel:{number};phone-context=+86"),
                format!("sip:{number};phone-context=+86;tgrp=carrier@{here};user=phone"),
                format!("sip:{number}@{carrier};maddr={}", carrier.ip()),
                format!("sip:{number}:secret@{here};transport=udp;method=INVITE"),
            ];
            for uri in uris {
                let n = requests.len();
                let claim = &claims[n % claims.len()];
                let is_refer = (n + 1).is_multiple_of(REFER_EACH);
                let method = if is_refer { "REFER" } else { "INVITE" };
                requests.push(format!(
                    "{claim}\r\nFrom: \"1001\" <sip:1001@{here}>;tag=t{n}\r\n\
                     To: <{uri}>\r\nRefer-To: <{uri}>\r\nCSeq: 1 {method}\r\n\
                     Contact: <sip:1001@{here}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
                ));
                let last = requests.last_mut().unwrap();
                last.insert_str(0, &format!("{method} {uri} SIP/2.0\r\n"));
            }
        }
    }
    assert_eq!(requests.len(), 300);
    requests
}

/// Sends each request from `ip`, one after the other: how often which final status came.
fn asked(ip: Ipv4Addr, service: SocketAddr, requests: &[String]) -> BTreeMap<u16, usize> {
    let socket = UdpSocket::bind(sip(ip)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut statuses = BTreeMap::new();
    for (n, request) in requests.iter().enumerate() {
        let own = sip(ip);
        let (start, rest) = request.split_once("\r\n").unwrap();
        let call_id = format!("Call-ID: fraud-{n}-{ip}\r\n");
        let via = format!("Via: SIP/2.0/UDP {own};branch=z9hG4bKf{n}\r\n");
        let text = format!("{start}\r\n{via}{call_id}{rest}");
        socket.send_to(text.as_bytes(), service).unwrap();
        *statuses
            .entry(final_status(&socket, &call_id, start))
            .or_insert(0) += 1;
    }
    statuses
}

fn final_status(socket: &UdpSocket, call_id: &str, what: &str) -> u16 {
    let mut buffer = vec![0; 65_536];
    loop {
        let (length, _) = socket.recv_from(&mut buffer).expect(what);
        let text = String::from_utf8_lossy(&buffer[..length]);
        let status = text.strip_prefix("SIP/2.0 ").and_then(|rest| rest.get(..3));
        let status = status.unwrap_or_else(|| panic!("after {what} came {text}"));
        let status = status.parse().unwrap();
        if status >= 200 && text.contains(call_id) {
            return status;
        }
    }
}
