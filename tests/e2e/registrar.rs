//! Two hundred registered phones, and a service that is started again.

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use thirdring::phone::{Command, Extensions, Output, PhoneConfig, UserAgent};
use thirdring::sdp::Codec;
use thirdring::sip::Transport;

use crate::patience::until;
use crate::peer::Peer;
use crate::service::Service;
use crate::site::{Line, Site};

const NUMBER: &str = "4001234567";
const PASSWORD: &str = "correct-horse-battery";
const PHONES: u8 = 200;

/// The phones of agents 1 to 200 on sockets of their own.
struct Phones(Vec<(UdpSocket, UserAgent)>);

impl Phones {
    fn register(service: &Service) -> Self {
        let network = service.network();
        let phones = (1..=PHONES).map(|n| {
            let sip = SocketAddr::from((network.agent(1), 10_000 + u16::from(n)));
            let socket = UdpSocket::bind(sip).unwrap();
            socket.set_nonblocking(true).unwrap();
            let config = PhoneConfig {
                user: format!("{}", 1000 + u16::from(n)),
                name: None,
                transport: Transport::Udp,
                sip,
                media: SocketAddr::from((network.agent(1), 40_000)),
                server: network.signalling(),
                codecs: vec![Codec::Pcma],
                allow_loopback: true,
                extensions: Extensions::default(),
            };
            (socket, UserAgent::new(config.clone(), n.into()), config)
        });
        let now = now();
        let phones = phones.map(|(socket, mut phone, config)| {
            phone.handle_command(
                Command::Register {
                    user: config.user,
                    password: PASSWORD.to_owned(),
                    registrar: config.server,
                    expires: Duration::from_hours(1),
                },
                now,
            );
            (socket, phone)
        });
        let mut phones = Self(phones.collect());
        until("the phones to register", || {
            phones.talk();
            let registered = service.metric("thirdring_registrations");
            (registered >= f64::from(PHONES)).then_some(())
        });
        phones.talk();
        phones
    }

    /// Lets every phone hear and say what it has to.
    fn talk(&mut self) {
        let mut buffer = vec![0; 65_535];
        for (socket, phone) in &mut self.0 {
            phone.handle_timeout(now());
            while let Ok((length, source)) = socket.recv_from(&mut buffer) {
                phone.handle_datagram(&buffer[..length], source, now());
            }
            while let Some(output) = phone.poll_output() {
                if let Output::Transmit(transmit) = output {
                    socket.send_to(&transmit.bytes, transmit.flow.peer).unwrap();
                }
            }
        }
    }

    /// Whether an INVITE has come to any of them; they say nothing meanwhile.
    fn is_rung(&self) -> bool {
        let mut buffer = vec![0; 65_535];
        self.0
            .iter()
            .any(|(socket, _)| match socket.recv_from(&mut buffer) {
                Ok(_) => buffer.starts_with(b"INVITE "),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}");
                    false
                }
            })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "phones on real sockets live by the real clock"
)]
fn now() -> Instant {
    Instant::now()
}

fn service() -> Service {
    let agents: Vec<_> = (1..=PHONES).collect();
    let password = format!("password = \"{PASSWORD}\"");
    let site = agents
        .iter()
        .fold(Site::new(), |site, n| site.agent_with(*n, &password));
    site.line(&Line::new("hotline", NUMBER, &agents)).start()
}

/// What `thirdring agents` says of them.
fn reachable(service: &Service) -> usize {
    let (status, said) = service.command(&["agents", "--json"]);
    assert!(status.success(), "{said}");
    said.matches("\"state\": \"reachable\"").count()
}

/// Threat: restart. The first call after a crash rings a phone that has not registered again.
#[test]
fn after_a_crash_the_first_call_rings_one_of_200_phones_that_were_registered() {
    let mut service = service();
    let phones = Phones::register(&service);
    until("the registrations to be written down", || {
        (reachable(&service) == usize::from(PHONES)).then_some(())
    });
    let begun = now();
    service.crash_and_restart();
    let ready = begun.elapsed();
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    caller.dial(NUMBER, caller.plain());
    until("a phone to be rung", || phones.is_rung().then_some(()));
    let rung = begun.elapsed();
    eprintln!("process start to ready {ready:?}, to the phone's INVITE {rung:?}");
    caller.cancel();
}

/// The control: where nothing was kept, nobody is rung.
#[test]
fn without_what_was_kept_nobody_is_rung_after_a_crash() {
    let mut service = service();
    let phones = Phones::register(&service);
    let folder = service.folder().to_owned();
    service.crash_and_restart_after(|| {
        for file in ["log.db", "log.db-wal", "log.db-shm"] {
            // Not every one of them is there at every moment.
            let _ = std::fs::remove_file(folder.join(file));
        }
    });
    assert_eq!(reachable(&service), 0);
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    caller.dial(NUMBER, caller.plain());
    caller.expect(180);
    until("the call to wait for an agent", || {
        (service.metric("thirdring_queue_waiting") >= 1.0).then_some(())
    });
    assert!(!phones.is_rung());
    caller.cancel();
}
