//! Threat: registration brute force, enumeration. Debian's sipvicious against the running service,
//! from an address that is nobody's; each of its tools is shown to find what there is to be found
//! elsewhere.

use crate::guesser::Guesser;
use crate::loopback::{Network, sip};
use crate::patience::until;
use crate::peer::Peer;
use crate::service::Service;
use crate::sipvicious::{Talkative, run, svcrack, svwar};
use crate::site::{Line, Site};

const NUMBER: &str = "4001234567";
/// As weak as it can be, and the 30th that svcrack tries.
const PASSWORD: &str = "30";

fn site() -> Site {
    Site::new()
        .agent_with(1, &format!("password = \"{PASSWORD}\""))
        .line(&Line::new("hotline", NUMBER, &[1]))
}

/// R244. Threat: registration brute force, enumeration. What svmap learns is that somebody refuses it:
/// no product, no version, no extension.
#[test]
fn svmap_learns_that_it_is_refused_and_no_more() {
    let service = site().start();
    for (method, is_answered) in [("OPTIONS", true), ("INVITE", true), ("REGISTER", false)] {
        let arguments = ["-m", method, "-d"];
        let said = run("svmap", &arguments, service.network().service());
        let is_refused = said.contains("SIP/2.0 403 ") && said.contains("| unknown ");
        // Its REGISTER is no message that can be read.
        let is_silence = said.contains("found nothing");
        assert!(if is_answered { is_refused } else { is_silence }, "{said}");
        for secret in ["Server:", "Allow:", "hirdring", "1001", NUMBER] {
            assert!(!said.contains(secret), "{secret} in\n{said}");
        }
    }
    service.stop();
}

/// Threat: registration brute force, enumeration. By none of its methods does svwar tell the
/// extension that exists from those around it.
#[test]
fn svwar_tells_no_extension_apart() {
    let service = site().start();
    for method in ["REGISTER", "INVITE", "OPTIONS"] {
        let said = svwar(method, "995-1005", service.network().signalling());
        assert!(said.contains("found nothing"), "{method}:\n{said}");
        assert!(!said.contains("exists"), "{method}:\n{said}");
    }
    service.stop();
}

/// The control: at a registrar that answers 401 for those it has and 404 for others, svwar finds
/// the one, and svmap what program it is.
#[test]
fn svwar_and_svmap_find_what_a_talkative_registrar_tells() {
    let network = Network::claim();
    let at = sip(network.stranger());
    let registrar = Talkative::start(at, "1001");
    for method in ["REGISTER", "OPTIONS"] {
        let said = svwar(method, "995-1005", at);
        let found = "extension '1001' exists - requires authentication";
        assert!(said.contains(found), "{said}");
        assert_eq!(said.matches("exists - ").count(), 1, "{said}");
    }
    let said = run("svmap", &[], network.stranger());
    assert!(said.contains("Talkative 1.2"), "{said}");
    drop(registrar);
}

/// Threat: registration brute force, enumeration. svcrack has the right password in its list and
/// gets no further than its 20th try; meanwhile the phone stays registered and takes a call.
#[test]
fn svcrack_gets_twenty_tries_and_the_phone_takes_a_call() {
    // The window outlasts the cracker: after it a banned source is read now and then.
    let service = site().sip("[sip.ban]\nwindow = \"10m\"").start();
    let network = service.network();
    register(&service);
    let target = network.signalling();
    let cracker = std::thread::spawn(move || svcrack("1001", "1-40", target));
    until("the ban", || {
        (service.metric("thirdring_sip_bans") > 0.0).then_some(())
    });
    let mut phone = Peer::new(network.agent(1), network);
    let mut caller = Peer::new(network.trunk(), network);
    caller.dial(NUMBER, caller.plain());
    phone.ring();
    phone.pick_up(phone.plain());
    caller.talk();
    caller.bye();
    phone.expect_bye();
    let said = cracker.join().unwrap();
    assert!(said.contains("found nothing"), "{said}");
    let refused = service.metrics();
    let tries = refused[r#"thirdring_sip_refused_total{reason="unauthorized"}"#];
    assert!((1.0..=20.0).contains(&tries), "{tries} tries");
    drop(phone);
    register(&service);
    assert_eq!(service.only_call()["outcome"], "answered");
    service.stop();
}

/// The control: where a thousand tries are allowed, the same svcrack finds the same password.
#[test]
fn svcrack_finds_a_weak_password_where_nobody_is_banned() {
    let service = site().sip("[sip.ban]\ntries = 1000").start();
    let said = svcrack("1001", "1-40", service.network().signalling());
    assert!(said.contains("The password for 1001 is 30"), "{said}");
    service.stop();
}

fn register(service: &Service) {
    let network = service.network();
    let mut phone = Guesser::new((network.agent(1), 5060), network.signalling());
    assert_eq!(phone.register("1001", PASSWORD), Some(200));
}
