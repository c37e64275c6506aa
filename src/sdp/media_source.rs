//! From where a leg's RTP may come. Whoever takes it from anywhere lets a stranger speak into a
//! call, and if he answers to where it came from, listen too (RFC 7362 §5 tells of both).

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

/// The rule of a leg.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MediaSource {
    /// From the address and port that the peer's description names, and from nowhere else.
    #[default]
    Strict,
    /// From the address that the description names, whatever the port: the first that speaks. RTP
    /// to the peer goes where the description says.
    SameIp,
    /// From these networks, for gateways that send from elsewhere than they listen: the first that
    /// speaks. RTP to the peer goes where the description says.
    Networks(Arc<[IpNet]>),
    /// For a phone behind a NAT, whose description names an address that nobody can reach: from
    /// the address that its signalling comes from, learnt in the stream's first seconds and fixed
    /// until another description. RTP to the phone goes to where its own comes from.
    Learnt {
        /// Where its signalling comes from.
        from: IpAddr,
    },
}
