//! Our SIP sockets over UDP: datagrams in through bounded queues, datagrams out at once.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use super::lanes::Lanes;
use super::mark::mark;
use crate::sip::Flow;
use crate::sip::endpoint::Transmit;

/// A datagram is cut at this length; what is longer is no SIP message (64 KiB, UDP's own limit).
const LARGEST: usize = 65_535;
/// The kernel keeps this much for us while the core is busy.
const RECEIVE_BUFFER: usize = 4 * 1024 * 1024;

/// A socket that keeps failing must not keep a processor busy.
const AFTER_ERROR: Duration = Duration::from_millis(5);

/// One bound socket.
#[derive(Debug)]
pub(super) struct UdpListener {
    socket: Arc<UdpSocket>,
    address: SocketAddr,
}

impl UdpListener {
    /// Binds `address`; port 0 takes any free port.
    pub(super) fn bind(address: SocketAddr, tos: u8) -> io::Result<Self> {
        let domain = socket2::Domain::for_address(address);
        let socket =
            socket2::Socket::new(domain, socket2::Type::DGRAM, Some(socket2::Protocol::UDP))?;
        // The kernel may grant less; a smaller buffer only loses what SIP repeats.
        let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
        mark(&socket, tos.into());
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        let socket = UdpSocket::from_std(socket.into())?;
        let address = socket.local_addr()?;
        Ok(Self {
            socket: Arc::new(socket),
            address,
        })
    }

    /// Where it listens.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Receives until the lanes' other end is gone.
    pub(super) fn receive(&self, lanes: Lanes) -> JoinHandle<()> {
        let socket = Arc::clone(&self.socket);
        let local = self.address;
        tokio::spawn(async move {
            let mut buffer = vec![0; LARGEST];
            loop {
                match socket.recv_from(&mut buffer).await {
                    Ok((length, source)) => {
                        let bytes = buffer.get(..length).unwrap_or_default();
                        if !lanes.pass(bytes, Flow::udp(local, source)).await {
                            return;
                        }
                    }
                    // An ICMP error of an earlier datagram of ours; the socket is fine.
                    Err(error) => {
                        tracing::debug!(%error, "receiving failed");
                        tokio::time::sleep(AFTER_ERROR).await;
                    }
                }
            }
        })
    }

    /// Sends at once. A full buffer counts as lost on the way; SIP repeats it.
    pub(super) fn send(&self, transmit: &Transmit) -> io::Result<()> {
        match self.socket.try_send_to(&transmit.bytes, transmit.flow.peer) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
        }
    }
}
