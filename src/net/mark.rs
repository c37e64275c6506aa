//! How our packets are marked for the network: DSCP (RFC 2474).

use socket2::SockRef;

/// Writes the type-of-service octet (IPv4) or traffic class (IPv6) of a socket's packets.
/// A network that does not let us mark packets carries them all the same.
pub(super) fn mark<'s>(socket: impl Into<SockRef<'s>>, tos: u32) {
    let socket = socket.into();
    // A socket has one family; the call for the other one fails.
    let _ = socket.set_tos_v4(tos);
    let _ = socket.set_tclass_v6(tos);
}
