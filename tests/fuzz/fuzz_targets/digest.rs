//! Any challenge, any credentials, any name: nothing panics, nobody gets in without the password,
//! and whoever has it gets in under the name that they gave.

#![no_main]

use std::net::SocketAddr;

use libfuzzer_sys::fuzz_target;
use rand::SeedableRng;
use rand::rngs::StdRng;
use thirdring::sip::auth::{Algorithm, Authenticator, Credentials, Verdict, answer, realm};
use thirdring::sip::{Message, Request, Response};

const PASSWORD: &str = "a long secret";
const ALGORITHMS: [Algorithm; 2] = [Algorithm::Sha256, Algorithm::Md5];

fuzz_target!(|input: &[u8]| {
    challenged(input);
    accused(input);
    if let Ok(name) = std::str::from_utf8(input) {
        named(name);
    }
});

fn source() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 101], 5060))
}

fn authenticator() -> Authenticator {
    let listener = SocketAddr::from(([192, 0, 2, 1], 5060));
    Authenticator::new("thirdring", ALGORITHMS.to_vec(), [7; 32], listener)
}

/// A REGISTER with this further header.
fn register(name: &str, value: &[u8]) -> Option<Request> {
    let head = format!(
        "REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.101;branch=z9hG4bK-1\r\n\
         Max-Forwards: 70\r\nFrom: <sip:1001@192.0.2.1>;tag=1\r\nTo: <sip:1001@192.0.2.1>\r\n\
         Call-ID: a\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n{name}: "
    );
    match Message::parse(&[head.as_bytes(), value, b"\r\n\r\n"].concat()) {
        Ok(Message::Request(request)) => Some(request),
        Ok(Message::Response(_)) | Err(_) => None,
    }
}

/// What somebody else asks of us: we answer it or not, with what can be read.
fn challenged(value: &[u8]) {
    for (status, asked) in [(401, "WWW-Authenticate"), (407, "Proxy-Authenticate")] {
        let head = format!(
            "SIP/2.0 {status} x\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-1\r\n\
             From: <sip:1001@192.0.2.1>;tag=1\r\nTo: <sip:1001@192.0.2.1>;tag=2\r\n\
             Call-ID: a\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n{asked}: "
        );
        let bytes = [head.as_bytes(), value, b"\r\n\r\n"].concat();
        if let Ok(Message::Response(challenge)) = Message::parse(&bytes) {
            answered(&challenge);
        }
    }
}

fn answered(challenge: &Response) {
    let Some(plain) = register("Subject", b"x") else {
        return;
    };
    let mut rng = StdRng::seed_from_u64(1);
    let told = realm(challenge);
    let found = answer(
        challenge,
        &plain.method,
        &plain.uri,
        "1001",
        PASSWORD,
        1,
        &mut rng,
    );
    let Some((name, value)) = found else {
        return;
    };
    assert!(told.is_some(), "whoever is answered has a realm");
    assert!(!value.contains(['\r', '\n']) && !value.contains(PASSWORD));
    // Whatever was asked, the answer is one header that can be read again.
    let again = register(name, value.as_bytes()).expect("our own header is read");
    assert_eq!(again.headers.get_all(name).count(), 1);
}

/// What somebody writes instead of credentials.
fn accused(value: &[u8]) {
    let Some(request) = register("Authorization", value) else {
        return;
    };
    let mut authenticator = authenticator();
    for now in [0, 1_800_000_000, u64::MAX] {
        let known = |_: &_| Some(Credentials::new(PASSWORD));
        let verdict = authenticator.verify(&request, source(), known, now);
        assert!(!matches!(verdict, Verdict::Accepted { .. }));
        let refusal = authenticator.unauthorized(&request, &verdict, source(), now);
        Message::parse(&refusal.to_bytes()).expect("our own challenge is read");
    }
}

/// A name like this, with the right password.
fn named(name: &str) {
    let Some(mut request) = register("Subject", b"x") else {
        return;
    };
    let now = 1_800_000_000;
    let mut authenticator = authenticator();
    let nobody = |_: &_| None;
    let verdict = authenticator.verify(&request, source(), nobody, now);
    let challenge = authenticator.unauthorized(&request, &verdict, source(), now);
    let mut rng = StdRng::seed_from_u64(1);
    let found = answer(
        &challenge,
        &request.method,
        &request.uri,
        name,
        PASSWORD,
        1,
        &mut rng,
    );
    let (header, value) = found.expect("our own challenge is answered");
    request.headers.push(header, value);
    let Ok(Message::Request(request)) = Message::parse(&request.to_bytes()) else {
        panic!("our own request cannot be read");
    };
    let known = |_: &_| Some(Credentials::new(PASSWORD));
    match authenticator.verify(&request, source(), known, now) {
        Verdict::Accepted { user } => assert_eq!(user, name),
        // A name that no header can carry is nobody's.
        verdict => assert!(
            name.is_empty() || name.contains(char::is_control) || name.trim() != name,
            "{verdict:?} for {name:?}"
        ),
    }
}
