//! A flood of REGISTERs from many addresses, at a pace, from one thread: what is sent is made
//! before, and what is answered is left lying.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Different messages of each source.
const MESSAGES: u32 = 8;
/// Between two bursts.
const PAUSE: Duration = Duration::from_millis(1);

/// How much, and how fast.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) a_second: u32,
    pub(crate) seconds: u32,
}

/// What was sent, and in which time.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) datagrams: u64,
    pub(crate) took: Duration,
}

/// A flood that goes on until all of it has been sent.
pub(crate) struct Flood {
    worker: JoinHandle<Sent>,
}

impl Flood {
    pub(crate) fn start(sources: &[SocketAddr], target: SocketAddr, pace: Pace) -> Self {
        let mut messages = Vec::new();
        for number in 0..MESSAGES {
            let of_each = sources.iter().map(|from| register(*from, target, number));
            messages.extend(of_each);
        }
        let sockets: Vec<_> = sources
            .iter()
            .map(|from| connected(*from, target))
            .collect();
        let worker = std::thread::spawn(move || pour(&sockets, &messages, pace));
        Self { worker }
    }

    /// Waits for its end.
    pub(crate) fn finish(self) -> Sent {
        self.worker.join().unwrap()
    }
}

fn connected(from: SocketAddr, target: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind(from).unwrap();
    socket.connect(target).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

/// Message `n` goes by socket `n`, both taken in turn.
fn pour(sockets: &[UdpSocket], messages: &[Vec<u8>], pace: Pace) -> Sent {
    let all = u64::from(pace.a_second) * u64::from(pace.seconds);
    let begun = Instant::now();
    let mut turns = messages.iter().zip(sockets.iter().cycle()).cycle();
    let (mut due, mut datagrams) = (0, 0);
    for n in 0..all {
        while n >= due {
            let elapsed = begun.elapsed().as_micros();
            due = u64::try_from(elapsed * u128::from(pace.a_second) / 1_000_000).unwrap();
            if n >= due {
                std::thread::sleep(PAUSE);
            }
        }
        if let Some((message, socket)) = turns.next() {
            datagrams += u64::from(socket.send(message).is_ok());
        }
    }
    Sent {
        datagrams,
        took: begun.elapsed(),
    }
}

/// A REGISTER for some extension; every other one with credentials that somebody made up.
fn register(from: SocketAddr, target: SocketAddr, number: u32) -> Vec<u8> {
    let user = 1000 + number;
    let port = from.port();
    let ip = from.ip();
    let credentials = if number.is_multiple_of(2) {
        String::new()
    } else {
        let nonce = "0123456789abcdef".repeat(4);
        let response = "0".repeat(32);
        format!(
            "Authorization: Digest username=\"{user}\", realm=\"thirdring\", nonce=\"{nonce}\", \
             uri=\"sip:{target}\", response=\"{response}\", algorithm=MD5, cnonce=\"a\", qop=auth, \
             nc=00000001\r\n"
        )
    };
    format!(
        "REGISTER sip:{target} SIP/2.0\r\n\
         Via: SIP/2.0/UDP {ip}:{port};branch=z9hG4bK{number}x{port};rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:{user}@{target}>;tag={number}\r\nTo: <sip:{user}@{target}>\r\n\
         Call-ID: {number}@{ip}\r\nCSeq: 1 REGISTER\r\nContact: <sip:{user}@{ip}:{port}>\r\n\
         {credentials}Expires: 3600\r\nContent-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

/// A port of each of these addresses.
pub(crate) fn sources(ips: impl IntoIterator<Item = Ipv4Addr>) -> Vec<SocketAddr> {
    ips.into_iter()
        .map(|ip| SocketAddr::from((ip, 6050)))
        .collect()
}
