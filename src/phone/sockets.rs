//! A phone's sockets: SIP over what it is to speak, and the RTP port with the RTCP port after it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::runtime::Handle;

use crate::net::{Limits, ListenError, TlsSettings, Transports};
use crate::sip::Transport;

/// Pairs that are tried before giving up; one that fails has met another program's port.
const TRIES: u32 = 64;
/// Connections that a phone has at a time: the one that it opened, and what others open.
const CONNECTIONS: usize = 8;
/// How often the phone is told that nothing comes by a connection; it keeps it.
const IDLE: Duration = Duration::from_hours(1);

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

/// What a phone speaks SIP over.
#[derive(Clone, Debug)]
pub enum Access {
    /// Datagrams.
    Udp,
    /// A connection.
    Tcp,
    /// A connection under TLS, with a certificate of its own.
    Tls(TlsSettings),
}

impl Access {
    pub(super) const fn transport(&self) -> Transport {
        match self {
            Self::Udp => Transport::Udp,
            Self::Tcp => Transport::Tcp,
            Self::Tls(_) => Transport::Tls,
        }
    }

    /// The SIP socket; with port 0, any free one.
    pub(super) fn bind(self, wanted: SocketAddr) -> Result<(Transports, SocketAddr), ListenError> {
        let limits = Limits {
            total: CONNECTIONS,
            per_source: CONNECTIONS,
            idle: IDLE,
        };
        let mut transports = Transports::new(limits, 0, Handle::current());
        transports.know_everybody();
        let address = match self {
            Self::Udp => transports.listen(Transport::Udp, wanted)?,
            Self::Tcp => transports.listen(Transport::Tcp, wanted)?,
            Self::Tls(settings) => transports.listen_tls(wanted, settings)?,
        };
        Ok((transports, address))
    }
}
