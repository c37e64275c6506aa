//! Ways to peers: which of our sockets, over what, and under which address of ours.

use std::net::SocketAddr;

use super::trunk::Carrier;
use super::{ListenerSettings, Switch};
use crate::call::media::MediaLeg;
use crate::id::{CallId, TrunkId};
use crate::rules::Moment;
use crate::sip::{Flow, Hop, Target, Transport};

impl Switch {
    /// The way back along a flow, under the address that its peer reaches us by.
    pub(super) fn hop(&self, flow: Flow) -> Hop {
        let trunk = self.trunks.at(flow.peer.ip()).next();
        Hop {
            advertised: self.advertised(flow, trunk),
            ..Hop::by(flow)
        }
    }

    /// The way to a configured place; `None` if we have no socket for it. Where the place leaves
    /// the transport to us, large requests have a way of their own (RFC 3261 §18.1.1).
    pub(super) fn way_to(&self, target: Target) -> Option<Hop> {
        let flow = self.settings.flow_to(target)?;
        let by_tcp = Target {
            transport: Some(Transport::Tcp),
            ..target
        };
        let is_free = target.transport.is_none() && !flow.transport.is_reliable();
        let larger = self.settings.flow_to(by_tcp).filter(|_| is_free);
        let trunk = self.trunks.at(target.address.ip()).next();
        Some(Hop {
            larger: larger.map(|larger| (larger, self.advertised(larger, trunk))),
            ..self.hop(flow)
        })
    }

    /// Whether a phone or call of ours is at the other end of a flow.
    pub fn needs(&self, flow: Flow, now: Moment) -> bool {
        let is_registered = self.registrar.user_at(flow.peer, now.instant).is_some();
        is_registered
            || self
                .calls
                .values()
                .any(|entrant| entrant.call.goes_by(flow))
    }

    /// A peer that we hear on another connection than before is on that one now: the one before
    /// may be gone. Only from its own address: knowing a dialog's tags moves no call.
    pub(super) fn follow(&mut self, (call, leg): (CallId, MediaLeg), flow: Flow) {
        let hop = self.hop(flow);
        let Some(entrant) = self.calls.get_mut(&call) else {
            return;
        };
        let is_same_host = |peer: SocketAddr| peer.ip() == flow.peer.ip();
        if flow.transport.is_reliable() && entrant.call.peer_of(leg).is_some_and(is_same_host) {
            entrant.call.follow(leg, hop);
        }
    }

    /// What the trunk is to know us by, else what the listener is known by.
    fn advertised(&self, flow: Flow, trunk: Option<&Carrier>) -> SocketAddr {
        let of_trunk = trunk.and_then(|trunk| trunk.settings().advertised);
        let mut listeners = self.settings.listeners.iter();
        let is_ours = |listener: &&ListenerSettings| {
            listener.transport == flow.transport && listener.address == flow.local
        };
        let of_listener = || listeners.find(is_ours).map(|listener| listener.advertised);
        of_trunk.or_else(of_listener).unwrap_or(flow.local)
    }

    /// The trunk that a flow belongs to: by its address, and by its certificate where the trunk
    /// must have one.
    pub(super) fn trunk_on(&self, flow: Flow) -> Option<&TrunkId> {
        let proven = self.proven.get(&flow);
        let trunks = self.trunks.at(flow.peer.ip());
        let mut theirs = trunks.filter(|trunk| match &trunk.settings().tls_name {
            None => true,
            Some(name) => proven.is_some_and(|names| names.contains(name)),
        });
        theirs.next().map(Carrier::id)
    }
}
