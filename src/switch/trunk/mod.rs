//! The carriers: whose address is whose, which of their peers answer, how we are registered with
//! them, and how many calls they may carry.
//!
//! Leaves to [`Switch`](super::Switch) what goes over the wire and which way; this decides.

mod carrier;
mod peer;

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use ipnet::IpNet;
use rand::Rng;

pub(super) use carrier::{Carrier, Excess};

use super::TrunkSettings;
use crate::id::TrunkId;
use crate::sip::{Request, Response, Target};

/// A request to a carrier that belongs to no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Inquiry {
    carrier: usize,
    peer: Target,
    kind: InquiryKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InquiryKind {
    Probe,
    /// The REGISTER with this `CSeq`.
    Register(u32),
}

/// What the carriers want sent.
#[derive(Clone, Debug)]
pub(super) enum Output {
    /// An OPTIONS to this peer.
    Probe(Inquiry),
    /// This REGISTER, with a Contact of ours; the user is the contact's.
    Register(Inquiry, Box<Request>, String),
}

impl Inquiry {
    /// The peer that it is for.
    pub(super) const fn peer(&self) -> Target {
        self.peer
    }

    /// Any answer to it will do.
    pub(super) fn is_probe(&self) -> bool {
        self.kind == InquiryKind::Probe
    }
}

/// All carriers.
#[derive(Debug, Default)]
pub(super) struct Trunks {
    carriers: Vec<Carrier>,
    /// Single addresses: this is looked at for every datagram.
    hosts: HashMap<IpAddr, Vec<usize>>,
    /// Whole networks; there are few.
    networks: Vec<(IpNet, usize)>,
    outputs: VecDeque<Output>,
}

impl Trunks {
    pub(super) fn new(settings: &[TrunkSettings], rng: &mut impl Rng, now: Instant) -> Self {
        let carriers = settings.iter();
        let carriers = carriers.map(|trunk| Carrier::new(trunk.clone(), rng.next_u64(), now));
        let mut trunks = Self {
            carriers: carriers.collect(),
            ..Self::default()
        };
        trunks.index();
        trunks
    }

    /// The trunks that send from an address: those that name it, then those whose networks it is
    /// in, each in the order of the configuration.
    pub(super) fn at(&self, source: IpAddr) -> impl Iterator<Item = &Carrier> {
        let source = source.to_canonical();
        let hosts = self.hosts.get(&source).into_iter().flatten().copied();
        let networks = self.networks.iter();
        let networks = networks.filter(move |(network, _)| network.contains(&source));
        let places = hosts.chain(networks.map(|(_, carrier)| *carrier));
        places.filter_map(|place| self.carriers.get(place))
    }

    pub(super) fn get(&self, id: &TrunkId) -> Option<&Carrier> {
        self.carriers.iter().find(|carrier| carrier.id() == id)
    }

    pub(super) fn get_mut(&mut self, id: &TrunkId) -> Option<&mut Carrier> {
        self.carriers.iter_mut().find(|carrier| carrier.id() == id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Carrier> {
        self.carriers.iter()
    }

    /// A trunk's domain has been resolved to these peers, the first to be tried first.
    pub(super) fn resolved(&mut self, id: &TrunkId, peers: &[Target], now: Instant) {
        if let Some(carrier) = self.get_mut(id) {
            carrier.resolved(peers, now);
            self.index();
            self.collect();
        }
    }

    /// A call found no answer at this address.
    pub(super) fn suspect(&mut self, peer: SocketAddr, now: Instant) {
        for carrier in &mut self.carriers {
            carrier.suspect(peer, now);
        }
    }

    /// The peer at this address takes no calls until then.
    pub(super) fn rest(&mut self, peer: SocketAddr, until: Instant) {
        for carrier in &mut self.carriers {
            carrier.rest(peer, until);
        }
    }

    /// Takes every registration back.
    pub(super) fn leave(&mut self) {
        for carrier in &mut self.carriers {
            carrier.leave();
        }
        self.collect();
    }

    /// How many registrations are still to be taken back.
    pub(super) fn leaving(&self) -> usize {
        self.carriers.iter().filter(|c| c.is_leaving()).count()
    }

    /// The answer to an inquiry; `None` if there was none, or it could not be sent.
    pub(super) fn answered(&mut self, inquiry: Inquiry, response: Option<&Response>, now: Instant) {
        if let Some(carrier) = self.carriers.get_mut(inquiry.carrier) {
            match inquiry.kind {
                InquiryKind::Probe => carrier.probed(inquiry.peer, response, now),
                InquiryKind::Register(cseq) => carrier.registered(cseq, response, now),
            }
            self.collect();
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        for carrier in &mut self.carriers {
            carrier.handle_timeout(now);
        }
        self.collect();
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let wanted = self.carriers.iter().filter_map(Carrier::poll_timeout);
        wanted.min()
    }

    pub(super) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn collect(&mut self) {
        for (index, carrier) in self.carriers.iter_mut().enumerate() {
            while let Some(wish) = carrier.poll_output() {
                let inquiry = |peer, kind| Inquiry {
                    carrier: index,
                    peer,
                    kind,
                };
                self.outputs.push_back(match wish {
                    carrier::Output::Probe(peer) => {
                        Output::Probe(inquiry(peer, InquiryKind::Probe))
                    }
                    carrier::Output::Register(peer, request, user) => {
                        let kind = InquiryKind::Register(request.cseq().number);
                        Output::Register(inquiry(peer, kind), request, user)
                    }
                });
            }
        }
    }

    /// Who may call: the configured networks, and the addresses that a domain was resolved to.
    fn index(&mut self) {
        self.hosts.clear();
        self.networks.clear();
        for (index, carrier) in self.carriers.iter().enumerate() {
            for network in carrier.networks() {
                let host = network.prefix_len() == network.max_prefix_len();
                if host {
                    self.hosts.entry(network.addr()).or_default().push(index);
                } else {
                    self.networks.push((network, index));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
