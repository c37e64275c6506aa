//! Calls over TLS: a desk phone, a carrier that must prove its name, certificates that change, keys
//! that are no secret.

use std::io::{Read, Write};

use thirdring::net::TlsSettings;
use thirdring::phone::{Access, LineConfig};

use crate::baresip::Baresip;
use crate::certificates::Authority;
use crate::handset::Handset;
use crate::patience::until;
use crate::peer::Peer;
use crate::site::{Line, Site};
use crate::talk::{AGENT_HZ, CALLER_HZ, NUMBER};
use crate::tone::Law;
use crate::trunks::wait_for_trunk;
use crate::wire::connect_blocking;

const PASSWORD: &str = "correct-horse-battery";
const CARRIER: &str = "sip.carrier.example";

fn hotline(site: Site) -> Site {
    site.line(&Line::new("hotline", NUMBER, &[1]))
}

/// baresip registers, is called and talks over TLS.
#[test]
fn a_desk_phone_over_tls_is_called_and_heard() {
    let authority = Authority::new();
    let site = Site::new().agent_with(1, &format!("password = \"{PASSWORD}\""));
    let service = hotline(site.tls(&authority, "")).start();
    let network = service.network();
    let phone = Baresip::start_tls(&service, ("1001", PASSWORD), AGENT_HZ);
    let mut caller = Peer::new(network.trunk(), network);
    caller.dial(NUMBER, caller.plain());
    let to = caller.talk();
    let tone = caller.voice.speak(to, Law::Pcma, CALLER_HZ);
    for _ in 0..20 {
        caller.voice.hears(AGENT_HZ);
    }
    drop(tone);
    caller.bye();
    let row = service.only_call();
    assert_eq!(row["outcome"], "answered");
    let wav = service.recording(&row);
    assert!(
        wav.left.tone_ms(CALLER_HZ) >= 300,
        "the caller is on record"
    );
    assert!(wav.right.tone_ms(AGENT_HZ) >= 300, "the agent is on record");
    drop(phone);
    service.stop();
}

/// Threat: a stranger that speaks from a carrier's address. A trunk with `tls_name` is heard where
/// it shows a certificate of that name, and nowhere else.
#[test]
fn a_carrier_that_must_prove_its_name_is_nobody_without() {
    let authority = Authority::new();
    let site = Site::new()
        .agent(1)
        .tcp()
        .trunk(&format!("tls_name = \"{CARRIER}\""))
        .tls(&authority, "client_ca = \"ca.pem\"");
    let service = hotline(site).start();
    let network = service.network();
    let trunk = network.trunk();
    let other = authority.named("sip.other.example");
    let refused = [
        Peer::new(trunk, network),
        Peer::by_tcp(network.caller(2), network),
        Peer::by_tls(network.caller(3), network, authority.client(None)),
        Peer::by_tls(network.caller(4), network, authority.client(Some(&other))),
    ];
    for mut stranger in refused {
        stranger.dial(NUMBER, stranger.plain());
        stranger.expect_refusal(403);
    }
    let own = authority.named(CARRIER);
    let mut caller = Peer::by_tls(trunk, network, authority.client(Some(&own)));
    let mut agent = Peer::new(network.agent(1), network);
    caller.dial(NUMBER, caller.plain());
    agent.ring();
    agent.pick_up(agent.plain());
    caller.talk();
    caller.bye();
    agent.expect_bye();
    let row = service.only_call();
    assert_eq!(row["outcome"], "answered");
    service.stop();
}

/// A certificate of another authority than `client_ca` ends the handshake.
#[test]
fn a_certificate_of_an_unknown_authority_is_refused() {
    let (authority, unknown) = (Authority::new(), Authority::new());
    let site = hotline(Site::new().agent(1)).tls(&authority, "client_ca = \"ca.pem\"");
    let service = site.start();
    let network = service.network();
    for (own, is_heard) in [
        (unknown.named(CARRIER), false),
        (authority.named(CARRIER), true),
    ] {
        let tls = authority.client(Some(&own));
        let name = rustls::pki_types::ServerName::IpAddress(network.secure().ip().into());
        let mut connection = rustls::ClientConnection::new(tls, name).unwrap();
        let mut stream = connect_blocking(network.trunk(), network.secure());
        let mut stream = rustls::Stream::new(&mut connection, &mut stream);
        // In TLS 1.3 a client hears of its refusal when it reads.
        let asked = stream.write_all(b"\r\n\r\n");
        let mut pong = [0; 2];
        let answered = asked.and_then(|()| stream.read_exact(&mut pong)).is_ok();
        assert_eq!(answered, is_heard);
    }
    service.stop();
}

/// RFC 5922 §7.3: a carrier that we connect to must have the name that is configured; an authority
/// that we believe is not enough.
#[test]
fn a_carrier_that_we_connect_to_must_have_its_name() {
    for (name, is_believed) in [(CARRIER, true), ("sip.other.example", false)] {
        let authority = Authority::new();
        let site = hotline(Site::new().agent(1).tls(&authority, ""))
            .sip("server_ca = \"ca.pem\"")
            .trunk(&format!("tls_name = \"{CARRIER}\"\nprobe = \"1s\""));
        let network = site.network();
        let folder = tempfile::tempdir().unwrap();
        authority.named(name).write(folder.path());
        let access = Access::Tls(TlsSettings {
            certificate: folder.path().join("certificate.pem"),
            key: folder.path().join("key.pem"),
            client_ca: None,
            server_ca: None,
            names: Vec::new(),
        });
        let carrier = Handset::start(LineConfig {
            access,
            ..LineConfig::new("carrier", network.caller(5).into(), network.secure())
        });
        let service = site.tls_peer(carrier.address()).start();
        wait_for_trunk(&service, is_believed);
        carrier.stop();
        drop(service);
    }
}

#[test]
fn a_key_that_others_can_read_keeps_the_service_from_starting() {
    let authority = Authority::new();
    let site = hotline(Site::new().agent(1)).tls(&authority, "").open_key();
    let said = site.refused();
    let wanted = "key.pem can be read or written by others than its owner (mode 644)";
    assert!(said.contains("sip.listener[1].key"), "{said}");
    assert!(
        said.contains(wanted) && said.contains("chmod 600"),
        "{said}"
    );
}

/// A new certificate serves new connections; a call over the old one goes on.
#[test]
fn a_certificate_is_changed_while_a_call_is_up() {
    let (old, new) = (Authority::new(), Authority::new());
    let service = hotline(Site::new().agent(1).tls(&old, "")).start();
    let network = service.network();
    let mut caller = Peer::by_tls(network.trunk(), network, old.client(None));
    let mut agent = Peer::new(network.agent(1), network);
    caller.dial(NUMBER, caller.plain());
    agent.ring();
    agent.pick_up(agent.plain());
    caller.talk();
    new.server(network.service()).write(service.folder());
    until("the new certificate to be read", || {
        service
            .log()
            .contains("the certificate was read anew")
            .then_some(())
    });
    let mut next = Peer::by_tls(network.caller(2), network, new.client(None));
    next.dial("4009999999", next.plain());
    let refusal = next.expect_refusal(404);
    next.ack_refusal(&refusal);
    caller.reinvite(caller.plain());
    caller.bye();
    agent.expect_bye();
    let rows = service.ended(2);
    assert!(rows.iter().any(|row| row["outcome"] == "answered"));
    service.stop();
}
