//! An RTP socket of a peer: it speaks a tone, and remembers what it hears and from where.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::patience::until;
use crate::tone::{Law, is_silence, is_tone};

/// One packet every 20 ms.
const PACKET: Duration = Duration::from_millis(20);
const HEADER: usize = 12;
/// So many packets in a row are heard as a tone: 200 ms.
const HEARD: usize = 10;

/// A packet that came.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    #[allow(dead_code, reason = "the tests of keys want it")]
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    pub(crate) source: SocketAddr,
    #[allow(dead_code, reason = "the tests of keys want it")]
    pub(crate) payload: Vec<u8>,
    pub(crate) samples: Vec<i16>,
}

/// A peer's RTP socket.
pub(crate) struct Voice {
    socket: UdpSocket,
    heard: Arc<Mutex<Vec<Packet>>>,
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    ear: Option<JoinHandle<()>>,
}

impl Voice {
    pub(crate) fn bind(address: impl Into<SocketAddr>) -> Self {
        let socket = UdpSocket::bind(address.into()).unwrap();
        socket.set_read_timeout(Some(PACKET)).unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let ear = std::thread::spawn({
            let socket = socket.try_clone().unwrap();
            let (heard, stop) = (heard.clone(), stop.clone());
            move || listen(&socket, &heard, &stop)
        });
        Self {
            socket,
            heard,
            stop,
            sent: Arc::new(AtomicU64::new(0)),
            ear: Some(ear),
        }
    }

    /// A socket that only describes itself; somebody else speaks and listens.
    #[allow(dead_code, reason = "the floods want it")]
    pub(crate) fn deaf(address: impl Into<SocketAddr>) -> Self {
        Self {
            socket: UdpSocket::bind(address.into()).unwrap(),
            heard: Arc::default(),
            stop: Arc::default(),
            sent: Arc::default(),
            ear: None,
        }
    }

    /// The socket, for somebody else.
    #[allow(dead_code, reason = "the floods want it")]
    pub(crate) fn socket(&self) -> UdpSocket {
        self.socket.try_clone().unwrap()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    /// A description that offers these codecs, best first.
    pub(crate) fn description(&self, laws: &[Law], direction: &str) -> Vec<u8> {
        self.description_at(self.address().ip(), laws, direction)
    }

    /// As [`description`](Self::description), naming another address.
    pub(crate) fn description_at(&self, ip: IpAddr, laws: &[Law], direction: &str) -> Vec<u8> {
        let port = self.address().port();
        let types: Vec<_> = laws
            .iter()
            .map(|law| law.payload_type().to_string())
            .collect();
        let types = types.join(" ");
        format!(
            "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
             m=audio {port} RTP/AVP {types}\r\na={direction}\r\n"
        )
        .into_bytes()
    }

    /// Speaks a tone to where a description says, until the result is dropped.
    pub(crate) fn speak(&self, to: SocketAddr, law: Law, hz: u32) -> Speaking {
        let stop = Arc::new(AtomicBool::new(false));
        let mouth = std::thread::spawn({
            let socket = self.socket.try_clone().unwrap();
            let (stop, sent) = (stop.clone(), self.sent.clone());
            move || say(&socket, to, (law, hz), &stop, &sent)
        });
        Speaking {
            stop,
            mouth: Some(mouth),
        }
    }

    /// Sends bytes that may be anything.
    pub(crate) fn send_raw(&self, bytes: &[u8], to: SocketAddr) {
        self.socket.send_to(bytes, to).unwrap();
    }

    /// How many RTP packets it has sent.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// All that has come so far.
    pub(crate) fn heard(&self) -> Vec<Packet> {
        self.heard.lock().unwrap().clone()
    }

    /// How many packets have come so far.
    pub(crate) fn count(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    /// Waits until this tone is heard without a break from now on; its last packet.
    pub(crate) fn hears(&self, hz: u32) -> Packet {
        let from = self.count();
        until(&format!("{hz} Hz at {}", self.address()), || {
            let heard = self.heard.lock().unwrap();
            let new = heard.get(from..)?;
            let run = new
                .windows(HEARD)
                .find(|run| run.iter().all(|packet| is_tone(&packet.samples, hz)))?;
            run.last().cloned()
        })
    }

    /// Waits until nothing but silence has come for `quiet`, be it packets of silence or none.
    pub(crate) fn falls_silent(&self, quiet: Duration) {
        let mut from = self.count();
        let mut since = Instant::now();
        until(&format!("silence at {}", self.address()), || {
            let heard = self.heard.lock().unwrap();
            let noisy = heard[from..]
                .iter()
                .any(|packet| !is_silence(&packet.samples));
            if noisy {
                from = heard.len();
                since = Instant::now();
            }
            (since.elapsed() >= quiet).then_some(())
        });
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(ear) = self.ear.take() {
            let _ = ear.join();
        }
    }
}

/// A tone that goes on until this is dropped.
pub(crate) struct Speaking {
    stop: Arc<AtomicBool>,
    mouth: Option<JoinHandle<()>>,
}

impl Drop for Speaking {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(mouth) = self.mouth.take() {
            let _ = mouth.join();
        }
    }
}

fn listen(socket: &UdpSocket, heard: &Mutex<Vec<Packet>>, stop: &AtomicBool) {
    let mut buffer = [0; 2048];
    while !stop.load(Ordering::Relaxed) {
        let Ok((length, source)) = socket.recv_from(&mut buffer) else {
            continue;
        };
        let packet = read(&buffer[..length], source);
        heard.lock().unwrap().push(packet);
    }
}

/// What the service sends is plain: version 2, no padding, extension or CSRC (RFC 3550 §5.1).
fn read(bytes: &[u8], source: SocketAddr) -> Packet {
    assert!(bytes.len() >= HEADER, "a packet of {} bytes", bytes.len());
    assert_eq!(bytes[0], 0x80, "the first byte of an RTP packet");
    let payload_type = bytes[1] & 0x7f;
    let law = Law::of_payload_type(payload_type);
    let decode = |code: &u8| law.map_or(0, |law| law.decode(*code));
    Packet {
        marker: bytes[1] & 0x80 != 0,
        payload_type,
        sequence: u16::from_be_bytes([bytes[2], bytes[3]]),
        timestamp: u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]),
        ssrc: u32::from_be_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]),
        source,
        payload: bytes[HEADER..].to_vec(),
        samples: bytes[HEADER..].iter().map(decode).collect(),
    }
}

fn say(socket: &UdpSocket, to: SocketAddr, tone: (Law, u32), stop: &AtomicBool, sent: &AtomicU64) {
    let (law, hz) = tone;
    let audio = law.second_of(hz);
    let ssrc = u32::from(socket.local_addr().unwrap().port()) << 16 | hz;
    let begun = Instant::now();
    for (n, payload) in (0_u32..).zip(audio.chunks_exact(160).cycle()) {
        std::thread::sleep((begun + PACKET * n).saturating_duration_since(Instant::now()));
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let packet = rtp(law.payload_type(), n, ssrc, payload);
        if socket.send_to(&packet, to).is_ok() {
            sent.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// An RTP packet, the `n`-th of its stream.
fn rtp(payload_type: u8, n: u32, ssrc: u32, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, payload_type];
    packet.extend_from_slice(&n.to_be_bytes()[2..]);
    packet.extend_from_slice(&(n * 160).to_be_bytes());
    packet.extend_from_slice(&ssrc.to_be_bytes());
    packet.extend_from_slice(payload);
    packet
}
