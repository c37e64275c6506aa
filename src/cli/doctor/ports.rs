//! Whether the ports are free or our own service has them, and whether RTP has enough.

use std::io::{ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::ops::RangeInclusive;
use std::time::Duration;

use super::finding::Finding;
use crate::config::{Config, ListenerTransport};

/// A range of RTP ports for fewer calls than this is small for a hotline.
const FEW_CALLS: u16 = 20;
/// How long our own service may take to say that it is there.
const ANSWER: Duration = Duration::from_secs(2);

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let runs = service_answers(config.http.listen);
    let mut findings = Vec::new();
    for (index, listener) in config.sip.listeners.iter().enumerate() {
        let address = listener.address;
        let bound = match listener.transport {
            ListenerTransport::Udp => UdpSocket::bind(address).map(drop),
            ListenerTransport::Tcp | ListenerTransport::Tls => TcpListener::bind(address).map(drop),
        };
        let what = format!("sip.listener[{index}] port {}", address.port());
        findings.push(port(what, bound, runs));
    }
    let http = config.http.listen;
    let bound = TcpListener::bind(http).map(drop);
    findings.push(port(
        format!("http.listen port {}", http.port()),
        bound,
        runs,
    ));

    let ports = config.media.ports;
    let taken = (ports.first..=ports.last)
        .filter(|port| UdpSocket::bind((config.media.address, *port)).is_err())
        .count();
    findings.push(range(ports.pairs() / 2, taken, runs));
    findings.extend(ephemeral(ports.first..=ports.last));
    findings
}

/// A port that is taken while our service answers is taken by it.
fn port(what: String, bound: Result<()>, service_runs: bool) -> Finding {
    match bound {
        Ok(()) => Finding::ok(what, "free"),
        Err(error) if error.kind() == ErrorKind::AddrInUse && service_runs => {
            Finding::ok(what, "in use, and the service runs")
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => Finding::fail(
            what,
            "in use by another program",
            "find it with `ss -lnp` and stop it, or change the port",
        ),
        Err(error) => Finding::fail(what, error.to_string(), "change the address or the port"),
    }
}

fn range(calls: u16, taken: usize, service_runs: bool) -> Finding {
    let what = "media.ports";
    if taken > 0 && !service_runs {
        let found = format!("{taken} of them are taken by other programs");
        return Finding::warn(what, found, "choose a range that nobody else uses");
    }
    let found = format!("room for {calls} calls at once");
    if calls < FEW_CALLS {
        Finding::warn(what, found, "write a larger range: four ports a call")
    } else {
        Finding::ok(what, found)
    }
}

/// The kernel gives ports of its own range to any program that asks for one.
fn ephemeral(ports: RangeInclusive<u16>) -> Option<Finding> {
    let text = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    overlap(&text, ports)
}

fn overlap(kernel: &str, ports: RangeInclusive<u16>) -> Option<Finding> {
    let mut bounds = kernel
        .split_whitespace()
        .filter_map(|word| word.parse::<u16>().ok());
    let (first, last) = (bounds.next()?, bounds.next()?);
    (first <= *ports.end() && *ports.start() <= last).then(|| {
        let found =
            format!("the kernel gives {first}-{last} to anybody, and media.ports is among them");
        let cure = "move media.ports below, or reserve it: \
                    sysctl net.ipv4.ip_local_reserved_ports";
        Finding::warn("kernel's own ports", found, cure)
    })
}

/// Whether a service of ours answers where this configuration has its HTTP.
fn service_answers(http: SocketAddr) -> bool {
    let ask = || -> Result<String> {
        let mut stream = TcpStream::connect_timeout(&http, ANSWER)?;
        stream.set_read_timeout(Some(ANSWER))?;
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {http}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.contains("thirdring_build_info"))
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn a_port_of_another_program_fails_and_one_of_our_service_does_not() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = other.local_addr().unwrap();
        let bind = || TcpListener::bind(address).map(drop);
        assert_eq!(port(String::new(), bind(), false).level, Level::Fail);
        assert_eq!(port(String::new(), bind(), true).level, Level::Ok);
        drop(other);
        assert_eq!(port(String::new(), bind(), false).level, Level::Ok);
    }

    #[test]
    fn whoever_else_listens_is_not_taken_for_our_service() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = other.local_addr().unwrap();
        let greeter = std::thread::spawn(move || {
            let (mut stream, _) = other.accept().unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nhello").unwrap();
        });
        assert!(!service_answers(address));
        greeter.join().unwrap();
        assert!(!service_answers(address), "nobody listens any more");
    }

    #[test]
    fn a_range_that_is_small_or_shared_is_doubted() {
        assert_eq!(range(2500, 0, false).level, Level::Ok);
        assert_eq!(range(2500, 8, true).level, Level::Ok);
        assert_eq!(range(2500, 8, false).level, Level::Warn);
        assert_eq!(range(5, 0, false).level, Level::Warn);
    }

    #[test]
    fn a_range_that_the_kernel_gives_away_is_doubted() {
        let kernel = "32768\t60999\n";
        assert!(overlap(kernel, 20_000..=29_999).is_none());
        assert_eq!(overlap(kernel, 30_000..=39_999).unwrap().level, Level::Warn);
    }
}
