//! The outcome of offer and answer.

use std::net::SocketAddr;
use std::sync::Arc;

use super::{Codec, Direction, SrtpKeys};

/// What offer and answer agreed on for one leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Where the peer listens for RTP. Unspecified (`0.0.0.0`) when the peer has only ever been
    /// on hold in the old way; `direction` forbids sending then.
    pub remote: SocketAddr,
    /// Where the peer listens for RTCP.
    pub remote_rtcp: SocketAddr,
    /// The codec of both ways.
    pub codec: Codec,
    /// Payload type to send with.
    pub send_pt: u8,
    /// Payload type the peer sends with.
    pub receive_pt: u8,
    /// Payload type to send telephone-events with (RFC 4733).
    pub send_event_pt: Option<u8>,
    /// Payload type the peer sends telephone-events with.
    pub receive_event_pt: Option<u8>,
    /// Which way audio flows.
    pub direction: Direction,
    /// Packet length in milliseconds.
    pub ptime_ms: u16,
    /// What RTP and RTCP are protected by; `None` in clear. Shared, so that a stream is cheap to
    /// copy.
    pub srtp: Option<Arc<SrtpKeys>>,
}
