//! What connections need that datagrams do not: their end, and the way around one that is gone.

use std::net::SocketAddr;
use std::time::Instant;

use super::client::ClientEntry;
use super::{ClientTx, Endpoint, Transmit};
use crate::sip::flow::Flow;
use crate::sip::message::Message;
use crate::sip::transport::ViaTransport;

impl Endpoint {
    /// The connection of `flow` has ended: what we asked by it will not be answered
    /// (RFC 3261 §17.1.4). A request that nothing was heard of may have been lost with the
    /// connection: it is sent once more, for which a new connection is opened. A peer that has it
    /// already takes it for a repeat.
    pub fn handle_disconnect(&mut self, flow: Flow, now: Instant) {
        let (first, last) = ((flow, ClientTx(0)), (flow, ClientTx(u64::MAX)));
        let asked: Vec<_> = self
            .streams
            .range(first..=last)
            .map(|(_, tx)| *tx)
            .collect();
        for tx in asked {
            let again = self.clients.get_mut(&tx).and_then(ClientEntry::once_more);
            match again {
                Some(bytes) => self.transmit(flow, bytes),
                None => self.fail_client(tx, now),
            }
        }
    }
}

impl Transmit {
    /// Where a connection for this message can be opened when the one that it was meant for is
    /// gone: a response goes to the port that the topmost Via names (RFC 3261 §18.2.2), a request
    /// to the port that its Request-URI names; but each to the peer's own address only, whatever
    /// host is written there.
    pub fn detour(&self) -> SocketAddr {
        let peer = self.flow.peer;
        let port = match Message::parse(&self.bytes) {
            Ok(Message::Response(response)) => response.headers.via().map(|via| {
                let usual = match via.transport {
                    ViaTransport::Known(transport) => transport.default_port(),
                    ViaTransport::Other(_) => self.flow.transport.default_port(),
                };
                via.port.unwrap_or(usual)
            }),
            Ok(Message::Request(request)) => {
                (request.uri.host.ip() == Some(peer.ip())).then(|| {
                    let usual = self.flow.transport.default_port();
                    request.uri.port.unwrap_or(usual)
                })
            }
            Err(_) => None,
        };
        let port = port.filter(|port| *port != 0).unwrap_or(peer.port());
        SocketAddr::new(peer.ip(), port)
    }
}
