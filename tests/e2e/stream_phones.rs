//! Agents' phones that have a connection: over TCP and TLS, cut off and back again.

use thirdring::net::TlsSettings;
use thirdring::phone::Access;

use crate::certificates::Authority;
use crate::handset::Handset;
use crate::patience::until;
use crate::peer::Peer;
use crate::service::Service;
use crate::site::{Line, Site};
use crate::talk::NUMBER;

const PASSWORD: &str = "correct-horse-battery";
const ACCOUNT: (&str, &str) = ("1001", PASSWORD);

fn hotline(site: Site) -> Service {
    site.agent_with(1, &format!("password = \"{PASSWORD}\""))
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start()
}

/// A phone's own side of TLS, in a folder of the service's.
fn tls_phone(service: &Service, authority: &Authority) -> Access {
    let folder = service.folder().join("phone");
    std::fs::create_dir(&folder).unwrap();
    authority.named("phone.example").write(&folder);
    Access::Tls(TlsSettings {
        certificate: folder.join("certificate.pem"),
        key: folder.join("key.pem"),
        client_ca: None,
        server_ca: Some(service.folder().join("ca.pem")),
        names: Vec::new(),
    })
}

/// A call that the agent answers, and audio that the caller hears.
fn call(service: &Service) {
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    caller.dial(NUMBER, caller.plain());
    caller.talk();
    until("the agent's voice", || {
        (caller.voice.count() >= 20).then_some(())
    });
    caller.bye();
}

fn answered(service: &Service) -> usize {
    let rows = service.calls();
    rows.iter()
        .filter(|row| row["outcome"] == "answered")
        .count()
}

/// Whether `thirdring agents` knows a phone that can be rung.
fn is_reachable(service: &Service) -> bool {
    let (status, said) = service.command(&["agents", "--json"]);
    assert!(status.success(), "{said}");
    said.contains("\"reachable\"")
}

/// Called by its connection, and called again after the service was killed: the phone has opened
/// another connection by itself.
fn is_called_before_and_after_a_crash(mut service: Service, mut phone: Handset) {
    call(&service);
    service.ended(1);
    service.crash_and_restart();
    phone.registers();
    call(&service);
    until("the second row", || (answered(&service) == 2).then_some(()));
    phone.stop();
    service.stop();
}

/// Threat: restart. A phone over TCP is there again after one.
#[test]
fn a_phone_over_tcp_is_called_and_comes_back_after_a_restart() {
    let service = hotline(Site::new().tcp());
    let server = service.network().signalling();
    let phone = Handset::agent(ACCOUNT, server, Access::Tcp);
    is_called_before_and_after_a_crash(service, phone);
}

/// Threat: restart. A phone over TLS is there again after one.
#[test]
fn a_phone_over_tls_is_called_and_comes_back_after_a_restart() {
    let authority = Authority::new();
    let service = hotline(Site::new().tls(&authority, ""));
    let access = tls_phone(&service, &authority);
    let phone = Handset::agent(ACCOUNT, service.network().secure(), access);
    is_called_before_and_after_a_crash(service, phone);
}

/// RFC 5626 §4.3: the end of its connection says at once that a phone is gone, long before it would
/// be asked; it is rung again as soon as it is back.
#[test]
fn a_phone_whose_connection_is_cut_is_skipped_until_it_is_back() {
    let authority = Authority::new();
    let site = Site::new().tcp().tls(&authority, "");
    let service = hotline(site.sip("phone_probe = \"1h\""));
    let network = service.network();
    let tls = tls_phone(&service, &authority);
    for (server, access) in [(network.signalling(), Access::Tcp), (network.secure(), tls)] {
        let phone = Handset::agent(ACCOUNT, server, access.clone());
        until("the phone to be there", || {
            is_reachable(&service).then_some(())
        });
        phone.cut();
        until("the phone to be gone", || {
            (!is_reachable(&service)).then_some(())
        });
        let phone = Handset::agent(ACCOUNT, server, access);
        call(&service);
        phone.stop();
    }
    assert!(
        service
            .ended(2)
            .iter()
            .all(|row| row["outcome"] == "answered")
    );
    service.stop();
}

/// A connection that nothing comes by is closed, unless a registered phone has it.
#[test]
fn an_idle_connection_is_closed_and_a_phones_is_not() {
    let service = hotline(Site::new().tcp().sip("connection_idle = \"1s\""));
    let network = service.network();
    let mut phone = Handset::agent(ACCOUNT, network.signalling(), Access::Tcp);
    for _ in 0..2 {
        crate::tcp::is_closed_when_idle(&service);
    }
    call(&service);
    phone.sees("hung up on", |seen| {
        matches!(seen, thirdring::phone::Seen::Heard(_))
    });
    assert_eq!(phone.registrations(), 1, "it has lost its connection");
    phone.stop();
    service.stop();
}
