//! What reaches the signalling loop by its sockets.

use super::connection::{ConnectionId, Outbox};
use crate::sip::Flow;

/// Something that came, and the way it came.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) flow: Flow,
    pub(super) what: What,
}

/// What came.
#[derive(Debug)]
pub(super) enum What {
    /// A datagram, or the octets of one message.
    Message(Vec<u8>),
    /// A connection that a peer has opened.
    Accepted(ConnectionId, Outbox, Vec<String>),
    /// A connection that we wanted is there, with the names that its peer has proved.
    Opened(Vec<String>),
    /// A connection that we wanted cannot be had; this waited for it.
    Failed(ConnectionId, Vec<Vec<u8>>),
    /// Nothing has come by a connection for a long time.
    Quiet,
    /// A connection is over.
    Down(ConnectionId),
}
