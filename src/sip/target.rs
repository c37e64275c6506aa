//! A peer's configured place: address, port and perhaps transport (RFC 3263 §4).

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use super::{Flow, Host, Transport, Uri};

/// Where a peer that does not register is: `192.0.2.1:5060`, or `tls:192.0.2.1:5061`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// Over what. `None` leaves it to us: UDP, and TCP for what is too large for a datagram
    /// (RFC 3261 §18.1.1).
    pub transport: Option<Transport>,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Target {
    /// The URI of `user` there.
    pub fn uri(&self, user: &str) -> Uri {
        let address = self.address;
        let mut uri = Uri::sip(Some(user), Host::Ip(address.ip()), Some(address.port()));
        if let Some(transport) = self.transport {
            let name = transport.as_str().to_ascii_lowercase();
            uri.params.set("transport", Some(&name));
        }
        uri
    }

    /// Whether this flow's peer is there: at this very port for datagrams; a connection comes
    /// from any port.
    pub fn is_at(&self, flow: Flow) -> bool {
        let is_there = if flow.transport.is_reliable() {
            self.address.ip() == flow.peer.ip()
        } else {
            self.address == flow.peer
        };
        is_there && self.transport.is_none_or(|own| own == flow.transport)
    }
}

impl From<SocketAddr> for Target {
    fn from(address: SocketAddr) -> Self {
        Self {
            transport: None,
            address,
        }
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(address.into());
        }
        let parts = text.split_once(':').and_then(|(transport, address)| {
            let transport = transport.parse().ok()?;
            Some((transport, address.parse().ok()?))
        });
        let (transport, address) = parts.ok_or_else(|| {
            format!("`{text}` is not a place such as `192.0.2.1:5060` or `tcp:192.0.2.1:5060`")
        })?;
        Ok(Self {
            transport: Some(transport),
            address,
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(transport) = self.transport {
            write!(f, "{}:", transport.as_str().to_ascii_lowercase())?;
        }
        self.address.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_and_written() {
        for text in [
            "192.0.2.1:5060",
            "udp:192.0.2.1:5060",
            "tls:[2001:db8::1]:5061",
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
        assert_eq!(
            "TCP:192.0.2.1:5060".parse::<Target>().unwrap().transport,
            Some(Transport::Tcp)
        );
        for text in [
            "",
            "192.0.2.1",
            "sctp:192.0.2.1:5060",
            "tcp:",
            "tls:a.example:5061",
        ] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_connection_comes_from_any_port_and_a_datagram_from_the_known_one() {
        let flow = |transport, port| Flow {
            transport,
            local: ([192, 0, 2, 9], 5060).into(),
            peer: ([192, 0, 2, 1], port).into(),
        };
        let any: Target = "192.0.2.1:5060".parse().unwrap();
        let tls: Target = "tls:192.0.2.1:5061".parse().unwrap();
        assert!(any.is_at(flow(Transport::Udp, 5060)));
        assert!(!any.is_at(flow(Transport::Udp, 40_000)));
        assert!(any.is_at(flow(Transport::Tcp, 40_000)));
        assert!(tls.is_at(flow(Transport::Tls, 40_000)));
        assert!(!tls.is_at(flow(Transport::Tcp, 40_000)));
    }
}
