//! A name server of the test's own: one domain, SRV and A, over UDP (RFC 1035, RFC 2782).

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

const PORT: u16 = 5353;
const A: u16 = 1;
const SRV: u16 = 33;

/// What the domain is now; nothing at all is a name that does not exist.
#[derive(Clone, Debug, Default)]
pub(crate) struct Zone {
    /// Priority, port and address of each target.
    pub(crate) targets: Vec<(u16, u16, Ipv4Addr)>,
    /// How long an answer lives, in seconds.
    pub(crate) ttl_s: u32,
}

/// A running name server; it ends when this is dropped.
pub(crate) struct Dns {
    address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Dns {
    pub(crate) fn start(ip: Ipv4Addr) -> Self {
        let address = SocketAddr::from((ip, PORT));
        let socket = UdpSocket::bind(address).unwrap();
        let timeout = Some(Duration::from_millis(50));
        socket.set_read_timeout(timeout).unwrap();
        let zone = Arc::new(Mutex::new(Zone::default()));
        let stop = Arc::new(AtomicBool::new(false));
        let (served, stopped) = (Arc::clone(&zone), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let mut buffer = [0; 1500];
            while !stopped.load(Ordering::Relaxed) {
                if let Ok((length, from)) = socket.recv_from(&mut buffer) {
                    let reply = answer(&buffer[..length], &served.lock().unwrap());
                    socket.send_to(&reply, from).unwrap();
                }
            }
        });
        Self {
            address,
            zone,
            stop,
            thread: Some(thread),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn set(&self, zone: Zone) {
        *self.zone.lock().unwrap() = zone;
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The reply to a query with one question.
fn answer(query: &[u8], zone: &Zone) -> Vec<u8> {
    let (labels, end) = question(query);
    let kind = u16::from_be_bytes([query[end], query[end + 1]]);
    let is_srv = labels.first().is_some_and(|label| label == "_sip");
    let host: Option<usize> = labels
        .first()
        .and_then(|label| label.strip_prefix("host")?.parse().ok());
    let records: Vec<Vec<u8>> = match (kind, host) {
        (SRV, _) if is_srv => {
            let targets = zone.targets.iter().enumerate();
            targets
                .map(|(n, (priority, port, _))| {
                    let mut data = [priority.to_be_bytes(), [0, 0], port.to_be_bytes()].concat();
                    data.extend(name(&format!("host{n}.carrier.example")));
                    data
                })
                .collect()
        }
        (A, Some(n)) => {
            let target = zone.targets.get(n);
            target
                .map(|(_, _, ip)| ip.octets().to_vec())
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    };
    let missing = if zone.targets.is_empty() { 3 } else { 0 };
    let mut reply = query[..2].to_vec();
    reply.extend([0x84, missing]);
    for count in [1, u16::try_from(records.len()).unwrap(), 0, 0] {
        reply.extend(count.to_be_bytes());
    }
    reply.extend(&query[12..end + 4]);
    for data in records {
        reply.extend([0xc0, 12]); // the name of the question
        reply.extend(kind.to_be_bytes());
        reply.extend([0, 1]);
        reply.extend(zone.ttl_s.to_be_bytes());
        reply.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        reply.extend(data);
    }
    reply
}

/// The labels of the question's name in lower case, and where the name ends.
fn question(query: &[u8]) -> (Vec<String>, usize) {
    let (mut labels, mut at) = (Vec::new(), 12);
    while query[at] != 0 {
        let length = usize::from(query[at]);
        let label = &query[at + 1..=at + length];
        labels.push(String::from_utf8_lossy(label).to_ascii_lowercase());
        at += length + 1;
    }
    (labels, at + 1)
}

fn name(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in text.split('.') {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes
}
