//! SDP.

/// ITU-T G.711 in its two laws: the audio that every phone and trunk speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// A-law, payload type 8.
    Pcma,
    /// Mu-law, payload type 0.
    Pcmu,
}

/// Which way audio flows, seen from our side (RFC 8866 §6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Both ways.
    SendRecv,
    /// We send only.
    SendOnly,
    /// We receive only.
    RecvOnly,
    /// Neither.
    Inactive,
}

/// What offer and answer agreed on for one leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Where the peer listens for RTP.
    pub remote: std::net::SocketAddr,
    /// Where the peer listens for RTCP.
    pub remote_rtcp: std::net::SocketAddr,
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
}
