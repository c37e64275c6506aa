//! The way that a message took between us and a peer (a flow, RFC 5626 §2).

use std::net::SocketAddr;

use super::transport::Transport;
use super::via::Via;

/// Over what, to which socket of ours, from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flow {
    /// Over what.
    pub transport: Transport,
    /// Our socket; for a connection, the listener that it belongs to.
    pub local: SocketAddr,
    /// The peer's address as we see it.
    pub peer: SocketAddr,
}

impl Flow {
    /// The way back for the response to a request that came by this flow with this topmost Via
    /// (RFC 3261 §18.2.2, RFC 3581 §4): for a connection the same, whatever the Via says.
    #[must_use]
    pub fn back(self, via: Option<&Via>) -> Self {
        let via = via.filter(|_| !self.transport.is_reliable());
        Self {
            peer: via.map_or(self.peer, |via| via.response_target(self.peer)),
            ..self
        }
    }

    /// Datagrams between `local` and `peer`.
    pub const fn udp(local: SocketAddr, peer: SocketAddr) -> Self {
        Self {
            transport: Transport::Udp,
            local,
            peer,
        }
    }
}
