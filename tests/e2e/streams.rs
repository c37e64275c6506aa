//! Peers that hold a connection and do not read from it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use crate::patience::{PATIENCE, until};
use crate::site::{Line, Site};
use crate::talk::NUMBER;
use crate::tcp::{answers, options_by};
use crate::wire::connect_blocking;

/// Via headers that make each answer some 6 kB.
fn vias() -> String {
    let mut vias = String::new();
    for n in 0..40 {
        let padding = "x".repeat(100);
        let via = format!("v: SIP/2.0/TCP 192.0.2.{n};branch=z9hG4bK{padding}");
        write!(vias, "{via}\r\n").unwrap();
    }
    vias
}

/// A connection whose near end has room for little.
fn narrow(ip: Ipv4Addr, to: SocketAddr) -> TcpStream {
    let domain = socket2::Domain::IPV4;
    let socket = socket2::Socket::new(domain, socket2::Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.bind(&SocketAddr::from((ip, 0)).into()).unwrap();
    socket.connect(&to.into()).unwrap();
    socket.into()
}

/// Threat: flood, memory. A peer that asks and does not read the answers is cut off; one that asks
/// the same and reads is not, neither before nor after.
#[test]
fn a_peer_that_does_not_read_is_cut_off() {
    const SAID: &str = "a connection is closed: its peer does not read";
    let site = Site::new().agent(1).tcp();
    let service = site.line(&Line::new("hotline", NUMBER, &[1])).start();
    let network = service.network();
    let request = options_by(&service, 1, &vias());
    let mut reads = connect_blocking(network.caller(2), network.signalling());
    reads.set_read_timeout(Some(PATIENCE)).unwrap();
    for _ in 0..50 {
        reads.write_all(&request).unwrap();
        assert_eq!(answers(&mut reads, 1), [(200, "call-1".to_owned())]);
    }
    assert!(!service.log().contains(SAID));

    let mut deaf = narrow(network.trunk(), network.signalling());
    let wanted = request.clone();
    let asks = std::thread::spawn(move || while deaf.write_all(&wanted).is_ok() {});
    until("the end of the peer that does not read", || {
        service.log().contains(SAID).then_some(())
    });
    reads.write_all(&request).unwrap();
    assert_eq!(answers(&mut reads, 1), [(200, "call-1".to_owned())]);
    asks.join().unwrap();
    service.stop();
}
