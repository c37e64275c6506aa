//! Who is heard at all. Trunks are known by their address, phones by where they registered;
//! anyone else is refused without anything being remembered, and whoever tries passwords is not
//! heard any more (see [`ban`](super::ban)). Before this, [`gate`](super::gate) has cut floods.

use std::net::IpAddr;
use std::sync::Arc;

use super::gate::{Acquaintance, is_register, network_of};
use super::refusal::Reason;
use super::source::Source;
use super::trunk::Carrier;
use super::{Output, Switch};
use crate::call::DialogName;
use crate::id::{AgentId, TrunkId};
use crate::rules::Moment;
use crate::sip::endpoint::{refuse_statelessly, reply_statelessly};
use crate::sip::{Flow, Message, Method, Request, StatusCode};

/// What a source address is to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// A carrier's.
    Trunk(TrunkId),
    /// A phone's that is configured to be there: the address is its proof.
    Fixed(AgentId),
    /// A phone's that registered from there; it proves itself by digest.
    Phone,
    /// Nobody's.
    Stranger,
}

impl Switch {
    pub(super) fn standing(&self, flow: Flow, now: Moment) -> Standing {
        let mut fixed = self.fixed.get(&flow.peer.ip()).into_iter().flatten();
        if let Some((_, agent)) = fixed.find(|(place, _)| place.is_at(flow)) {
            return Standing::Fixed(agent.clone());
        }
        if self.registrar.user_at(flow.peer, now.instant).is_some() {
            return Standing::Phone;
        }
        match self.trunk_on(flow) {
            Some(trunk) => Standing::Trunk(trunk.clone()),
            None => Standing::Stranger,
        }
    }

    /// Lets a message in, or refuses it without remembering anything; whether it was heard.
    pub(super) fn admit(&mut self, bytes: &[u8], flow: Flow, now: Moment) -> bool {
        self.vouched = None;
        let is_stranger = self.standing(flow, now) == Standing::Stranger;
        if is_stranger && !self.hears_stranger(bytes, flow, now) {
            return false;
        }
        let strays = self.endpoint.counts().stray_responses;
        self.endpoint.handle_message(bytes, flow, now.instant);
        !is_stranger || self.endpoint.counts().stray_responses == strays
    }

    fn hears_stranger(&mut self, bytes: &[u8], flow: Flow, now: Moment) -> bool {
        let source = Source::of(flow.peer.ip());
        if self.bans.is_banned(source, now.instant)
            && !(is_register(bytes) && self.bans.take_trickle(source, now.instant))
        {
            self.refusals.count(Reason::Banned);
            return false;
        }
        match Message::parse_by(flow.transport, bytes) {
            Ok(Message::Request(request)) => self.admit_stranger(&request, flow, now),
            Ok(Message::Response(_)) => true,
            Err(_) => {
                self.refusals.count(Reason::Malformed);
                false
            }
        }
    }

    /// A stranger may register with the right password, and speak in a dialog that it knows the
    /// tags of. Everything else is refused.
    fn admit_stranger(&mut self, request: &Request, flow: Flow, now: Moment) -> bool {
        let tag = request.to_addr().tag().map(str::to_owned);
        if let Some(tag) = tag {
            let call_id = request.call_id();
            if self.by_dialog.contains_key(&DialogName { call_id, tag }) {
                return true;
            }
        }
        if request.method == Method::REGISTER {
            match self.authorise(request, flow, now) {
                Ok(user) => {
                    self.vouched = Some(user);
                    return true;
                }
                Err(challenge) => {
                    let refusal = reply_statelessly(request, challenge, flow);
                    self.outputs.push_back(Output::Transmit(refusal));
                    return false;
                }
            }
        }
        self.refusals.count(Reason::Forbidden);
        let refusal = refuse_statelessly(request, StatusCode::FORBIDDEN, flow);
        self.outputs.extend(refusal.map(Output::Transmit));
        false
    }

    /// Whether failures are held against an address: trunks and configured phones are never
    /// banned.
    pub(super) fn may_ban(&self, ip: IpAddr) -> bool {
        !self
            .configured()
            .any(|network| network.contains(&ip.to_canonical()))
    }

    fn configured(&self) -> impl Iterator<Item = ipnet::IpNet> {
        self.placed(|_| true)
    }

    /// Those whose address is their proof: a carrier that must show a certificate is a stranger
    /// until it has.
    fn known_by_address(&self) -> impl Iterator<Item = ipnet::IpNet> {
        self.placed(|trunk| trunk.settings().tls_name.is_none())
    }

    /// Where phones are configured to be, and these trunks.
    fn placed(&self, wanted: fn(&Carrier) -> bool) -> impl Iterator<Item = ipnet::IpNet> {
        let trunks = move || self.trunks.iter().filter(move |trunk| wanted(trunk));
        let networks = trunks().flat_map(Carrier::networks);
        let peers = trunks().flat_map(Carrier::ways);
        let peers = peers.map(|(peer, _)| peer);
        let agents = self.settings.agents.iter();
        let phones = agents.filter_map(|agent| agent.contact);
        networks.chain(peers.chain(phones).map(|at| network_of(at.address.ip())))
    }

    /// Whom the gate is to know, if that has changed since it was last asked.
    pub fn take_acquaintance(&mut self) -> Option<Arc<Acquaintance>> {
        std::mem::take(&mut self.acquaintance_changed).then(|| {
            let proven = self
                .proven
                .keys()
                .filter(|flow| self.trunk_on(**flow).is_some());
            let proven = proven.map(|flow| flow.peer);
            Arc::new(Acquaintance {
                networks: self.known_by_address().collect(),
                peers: self.registrar.peers().chain(proven).collect(),
                banned: self.bans.iter().collect(),
            })
        })
    }
}
