//! Where requests to one peer go, and how we are named there.

use std::net::SocketAddr;

use super::{Flow, Host, NameAddr, Scheme, Transport, Uri};

/// The way to a peer, and the address of ours that it knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The way: over what, by which socket of ours, to whom.
    pub flow: Flow,
    /// The address that the peer reaches our socket by: our Via and Contact.
    pub advertised: SocketAddr,
    /// The way for requests that are too large for a datagram (RFC 3261 §18.1.1), where the peer
    /// leaves the transport to us: over TCP, with the address that it knows that socket by.
    pub larger: Option<(Flow, SocketAddr)>,
}

impl Hop {
    /// By this flow, with its own address for Contact, whatever the size.
    pub const fn by(flow: Flow) -> Self {
        Self {
            flow,
            advertised: flow.local,
            larger: None,
        }
    }

    /// Our Contact towards this peer (RFC 3261 §8.1.1.8).
    pub fn contact(&self) -> NameAddr {
        let host = Host::Ip(self.advertised.ip());
        let mut uri = Uri::sip(Some("thirdring"), host, Some(self.advertised.port()));
        match self.flow.transport {
            Transport::Udp => {}
            Transport::Tcp => uri.params.set("transport", Some("tcp")),
            Transport::Tls => uri.params.set("transport", Some("tls")),
        }
        NameAddr::new(uri)
    }

    /// Our Contact in a message that has to do with `uri`: a `sips:` peer must be given a `sips:`
    /// contact (RFC 3261 §8.1.1.8, §12.1.1).
    pub fn contact_for(&self, uri: &Uri) -> NameAddr {
        let mut contact = self.contact();
        if uri.scheme == Scheme::Sips && self.flow.transport == Transport::Tls {
            contact.uri.scheme = Scheme::Sips;
            contact.uri.params.remove("transport");
        }
        contact
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(transport: Transport) -> Hop {
        let flow = Flow {
            transport,
            local: ([192, 0, 2, 1], 5060).into(),
            peer: ([192, 0, 2, 9], 5070).into(),
        };
        Hop {
            advertised: ([203, 0, 113, 7], 5080).into(),
            ..Hop::by(flow)
        }
    }

    #[test]
    fn a_contact_names_the_advertised_address_and_the_transport() {
        let contacts = [Transport::Udp, Transport::Tcp, Transport::Tls]
            .map(|transport| hop(transport).contact().to_string());
        let expected = [
            "<sip:thirdring@203.0.113.7:5080>",
            "<sip:thirdring@203.0.113.7:5080;transport=tcp>",
            "<sip:thirdring@203.0.113.7:5080;transport=tls>",
        ];
        assert_eq!(contacts, expected);
    }

    #[test]
    fn a_secure_peer_is_given_a_secure_contact() {
        let secure: Uri = "sips:1001@192.0.2.9".parse().unwrap();
        let contact = hop(Transport::Tls).contact_for(&secure).to_string();
        assert_eq!(contact, "<sips:thirdring@203.0.113.7:5080>");
    }
}
