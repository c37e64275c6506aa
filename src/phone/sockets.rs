//! A phone's sockets: SIP, and the RTP port with the RTCP port after it.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::UdpSocket;

/// Pairs that are tried before giving up; one that fails has met another program's port.
const TRIES: u32 = 64;

/// An even port and the next one (RFC 3550 §11).
#[derive(Debug)]
pub(super) struct MediaSockets {
    pub(super) rtp: UdpSocket,
    pub(super) rtcp: UdpSocket,
    pub(super) address: SocketAddr,
}

impl MediaSockets {
    /// Binds a free pair; with a port other than 0, that pair.
    pub(super) async fn bind(wanted: SocketAddr) -> io::Result<Self> {
        if wanted.port() != 0 {
            return Self::bind_at(wanted).await;
        }
        for _ in 0..TRIES {
            let probe = UdpSocket::bind(wanted).await?.local_addr()?;
            let even = SocketAddr::new(probe.ip(), probe.port() & !1);
            if let Ok(pair) = Self::bind_at(even).await {
                return Ok(pair);
            }
        }
        Err(io::ErrorKind::AddrInUse.into())
    }

    async fn bind_at(address: SocketAddr) -> io::Result<Self> {
        let next = address.port().checked_add(1);
        let after = next.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(Self {
            rtp: UdpSocket::bind(address).await?,
            rtcp: UdpSocket::bind(SocketAddr::new(address.ip(), after)).await?,
            address,
        })
    }
}

/// The SIP socket: any free port of `ip`.
pub(super) async fn bind_sip(ip: IpAddr) -> io::Result<(UdpSocket, SocketAddr)> {
    let socket = UdpSocket::bind(SocketAddr::new(ip, 0)).await?;
    let address = socket.local_addr()?;
    Ok((socket, address))
}
