//! Somebody who sprays RTP at the ports of a call that is not his, as fast as a scanner would, and
//! looks whether he gets anything back.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::tone::Law;

/// The tone that nobody but a sprayer speaks.
pub(crate) const SPRAY_HZ: u32 = 3000;
/// Between two packets to one port.
const PAUSE: Duration = Duration::from_millis(4);

/// Sprays until it is asked what it got.
pub(crate) struct Sprayer {
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicUsize>,
    worker: JoinHandle<usize>,
}

impl Sprayer {
    /// Sprays from `at` to these RTP ports and the RTCP ports after them. Each of its packets
    /// follows the one before, as a phone's do.
    pub(crate) fn start(at: impl Into<SocketAddr>, targets: &[SocketAddr]) -> Self {
        let socket = UdpSocket::bind(at.into()).unwrap();
        socket.set_nonblocking(true).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let sent = Arc::new(AtomicUsize::new(0));
        let targets = targets.to_vec();
        let worker = std::thread::spawn({
            let (stop, sent) = (stop.clone(), sent.clone());
            move || spray(&socket, &targets, &stop, &sent)
        });
        Self { stop, sent, worker }
    }

    /// How many datagrams it has sent so far.
    #[allow(dead_code, reason = "encrypted calls want it")]
    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Stops: how many datagrams it sent, and how many it got.
    pub(crate) fn finish(self) -> (usize, usize) {
        self.stop.store(true, Ordering::Relaxed);
        let got = self.worker.join().unwrap();
        (self.sent.load(Ordering::Relaxed), got)
    }
}

fn spray(
    socket: &UdpSocket,
    targets: &[SocketAddr],
    stop: &AtomicBool,
    sent: &AtomicUsize,
) -> usize {
    let audio = Law::Pcma.second_of(SPRAY_HZ);
    let mut got = 0;
    let mut buffer = [0; 2048];
    for (n, payload) in (0_u32..).zip(audio.chunks_exact(160).cycle()) {
        for target in targets {
            let mut packet = vec![0x80, Law::Pcma.payload_type()];
            packet.extend_from_slice(&n.to_be_bytes()[2..]);
            packet.extend_from_slice(&(n * 160).to_be_bytes());
            packet.extend_from_slice(b"evil");
            packet.extend_from_slice(payload);
            let rtcp = SocketAddr::new(target.ip(), target.port() + 1);
            // A BYE (RFC 3550 §6.6) of everybody's.
            let bye = [0x81, 203, 0, 1, 0, 0, 0, 0];
            for (bytes, to) in [(&packet[..], *target), (&bye[..], rtcp)] {
                // The port may be closed by now.
                sent.fetch_add(
                    usize::from(socket.send_to(bytes, to).is_ok()),
                    Ordering::Relaxed,
                );
            }
        }
        while socket.recv_from(&mut buffer).is_ok() {
            got += 1;
        }
        if stop.load(Ordering::Relaxed) {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    got
}
