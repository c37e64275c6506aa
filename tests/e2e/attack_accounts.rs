//! Threat: registration brute force, enumeration. Who guesses accounts and passwords learns
//! nothing, is soon not heard any more, and takes nobody with him.

use std::net::IpAddr;

use thirdring::sip::Method;

use crate::guesser::{Answer, Guesser};
use crate::patience::until;
use crate::peer::Peer;
use crate::service::Service;
use crate::site::{Line, Site};

const NUMBER: &str = "4001234567";
const PASSWORD: &str = "correct-horse-battery";

fn site() -> Site {
    Site::new()
        .agent_with(1, &format!("password = \"{PASSWORD}\""))
        .line(&Line::new("hotline", NUMBER, &[1]))
}

/// Threat: registration brute force, enumeration. The same octets for an account that exists and
/// for one that does not, but for what is different in every answer.
#[test]
fn known_and_unknown_accounts_get_the_same_octets() {
    let service = site().start();
    let network = service.network();
    let mut stranger = Guesser::new((network.stranger(), 5060), network.signalling());
    let mut phone = Guesser::new((network.agent(1), 5060), network.signalling());
    assert_eq!(phone.register("1001", PASSWORD), Some(200));
    for method in [Method::REGISTER, Method::INVITE, Method::OPTIONS] {
        for guesser in [&mut stranger, &mut phone] {
            let [known, unknown] = ["1001", "9999"].map(|user| {
                let request = guesser.request(&method, user);
                let first = guesser.ask(&request).expect("an answer");
                let second = (first.response.status.as_u16() == 401).then(|| {
                    let challenge = &first.response;
                    let again = guesser.with_password(&request, challenge, user, "wrong");
                    guesser.ask(&again).expect("an answer")
                });
                let answers = [Some(first), second].into_iter().flatten();
                answers
                    .map(|answer| plain(&answer, user))
                    .collect::<Vec<_>>()
            });
            assert_eq!(known, unknown, "{method}");
        }
    }
    service.stop();
}

/// An answer without what is random in it: tags, branches, Call-IDs and nonces keep their length.
fn plain(answer: &Answer, user: &str) -> String {
    let text = std::str::from_utf8(&answer.bytes).unwrap().to_owned();
    let mut text = text.replace(user, "USER");
    for start in ["tag=", "branch=", "nonce=\"", "Call-ID: ", "CSeq: "] {
        let mut rest = text.as_str();
        let mut masked = String::new();
        while let Some((before, after)) = rest.split_once(start) {
            let end = after
                .find([';', '"', '\r', '>', ' '])
                .unwrap_or(after.len());
            masked = masked + before + start + &"*".repeat(if start == "CSeq: " { 1 } else { end });
            rest = &after[end..];
        }
        text = masked + rest;
    }
    text
}

/// Threat: registration brute force, enumeration. At most 20 tries, then silence; the phone that
/// had registered from the same address stays registered and takes a call, and registers again.
#[test]
fn a_guesser_is_silenced_and_the_phone_behind_the_same_address_takes_a_call() {
    let service = site().start();
    let tried = tries_of_a_guesser(&service);
    assert_eq!(tried, 20, "answered tries");
    until("the ban to be counted", || {
        (service.metric("thirdring_sip_bans") > 0.0).then_some(())
    });
    let refused = until("what is not heard to be counted", || {
        let refused = service.metrics();
        let banned = refused.get(r#"thirdring_sip_refused_total{reason="banned"}"#);
        banned.is_some_and(|count| *count >= 4.0).then_some(refused)
    });
    assert!((refused[r#"thirdring_sip_refused_total{reason="unauthorized"}"#] - 20.0).abs() < 0.5);

    let network = service.network();
    let mut phone = Peer::new(network.agent(1), network);
    let mut caller = Peer::new(network.trunk(), network);
    caller.dial(NUMBER, caller.plain());
    phone.ring();
    phone.pick_up(phone.plain());
    caller.talk();
    caller.bye();
    phone.expect_bye();
    drop(phone);
    let mut phone = Guesser::new((network.agent(1), 5060), network.signalling());
    assert_eq!(phone.register("1001", PASSWORD), Some(200));
    let row = service.only_call();
    assert_eq!(row["outcome"], "answered");
    service.stop();
}

/// The control: without the ban, every try is answered.
#[test]
fn without_a_ban_a_guesser_goes_on() {
    let service = site().sip("[sip.ban]\ntries = 1000").start();
    assert_eq!(tries_of_a_guesser(&service), 40);
    service.stop();
}

/// Registers a phone; then somebody at the same address tries 40 passwords. How many of them were
/// answered before there was nothing but silence.
fn tries_of_a_guesser(service: &Service) -> usize {
    let network = service.network();
    let ip = IpAddr::from(network.agent(1));
    let mut phone = Guesser::new((ip, 5060), network.signalling());
    assert_eq!(phone.register("1001", PASSWORD), Some(200));
    let mut guesser = Guesser::new((ip, 61_000), network.signalling());
    let mut tried = 0;
    let mut silences = 0;
    for n in 0..40 {
        let user = if n % 2 == 0 { "1001" } else { "1002" };
        let request = guesser.request(&Method::REGISTER, user);
        let Some(challenge) = guesser.ask(&request) else {
            silences += 1;
            if silences == 4 {
                break;
            }
            continue;
        };
        let password = format!("guess-{n}");
        let again = guesser.with_password(&request, &challenge.response, user, &password);
        let answer = guesser.ask(&again);
        tried += usize::from(answer.is_some_and(|answer| answer.response.status.as_u16() == 401));
    }
    tried
}
