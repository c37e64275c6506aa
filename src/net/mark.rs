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

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn packets_of_both_families_are_marked() {
        let four = UdpSocket::bind("127.0.0.1:0").unwrap();
        mark(&four, 0x60);
        assert_eq!(SockRef::from(&four).tos_v4().unwrap(), 0x60);
        let six = UdpSocket::bind("[::1]:0").unwrap();
        mark(&six, 0xB8);
        assert_eq!(SockRef::from(&six).tclass_v6().unwrap(), 0xB8);
    }
}
