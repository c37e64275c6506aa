//! One SIP message on its way between a peer and us.

use std::net::SocketAddr;

use crate::metrics::Way;
use crate::rules::Timestamp;
use crate::sip::Flow;

/// A message that passed: when, which way, and its octets as they were on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// When it was heard or sent.
    pub at: Timestamp,
    /// To us or from us.
    pub way: Way,
    /// Our socket.
    pub local: SocketAddr,
    /// The peer.
    pub peer: SocketAddr,
    /// The message.
    pub octets: Vec<u8>,
}

impl Passage {
    /// A message on this way.
    pub const fn new(at: Timestamp, way: Way, flow: Flow, octets: Vec<u8>) -> Self {
        Self {
            at,
            way,
            local: flow.local,
            peer: flow.peer,
            octets,
        }
    }

    /// Where it came from, and where it went.
    pub const fn ends(&self) -> (SocketAddr, SocketAddr) {
        match self.way {
            Way::In => (self.peer, self.local),
            Way::Out => (self.local, self.peer),
        }
    }
}
