//! The way to outside numbers: which trunk, which of its peers, and where next if nobody is there.

use super::Switch;
use super::trunk::Carrier;
use crate::call::media::MediaLeg;
use crate::call::{Callee, Destination, Input as CallInput};
use crate::id::{CallId, TrunkId};
use crate::rules::Moment;
use crate::sip::endpoint::ClientTx;
use crate::sip::{Host, Method, Response, StatusCode, Target, Uri};
use std::net::SocketAddr;

/// Peers tried for one call: by then the caller has waited for long enough.
const MAX_WAYS: usize = 4;

impl Switch {
    /// An outside number, by the first of these trunks that answers and may carry one more call.
    /// The other peers, and the other trunks, follow for the case that nobody is there.
    pub(super) fn outside(
        &mut self,
        number: &str,
        trunks: &[TrunkId],
        now: Moment,
    ) -> Option<Destination> {
        let mut ways = Vec::new();
        for id in trunks {
            let Some(carrier) = self.trunks.get(id) else {
                continue;
            };
            if carrier.channels_free() == Some(0) {
                tracing::warn!(trunk = %id, "no channel is free for a call out");
                continue;
            }
            for (peer, is_up) in carrier.ways() {
                if carrier.rests(peer, now.instant) {
                    continue;
                }
                let domain = carrier.settings().domain.as_deref();
                let way = self.way(number, id, peer, domain);
                ways.extend(way.map(|way| (is_up, way)));
            }
        }
        // Stable: within those that answer, and those that do not, the order stands.
        ways.sort_by_key(|(is_up, _)| !is_up);
        ways.truncate(MAX_WAYS);
        let mut ways = ways.into_iter().map(|(_, way)| way);
        let mut first = ways.next()?;
        first.further = ways.collect();
        let trunk = first.trunk.as_ref()?;
        match self.trunks.get_mut(trunk)?.admit(now.instant) {
            Ok(()) => Some(first),
            Err(excess) => {
                tracing::warn!(%trunk, ?excess, "a call out is more than the trunk may carry");
                None
            }
        }
    }

    /// Whether any of these trunks has anybody to send calls to.
    pub(super) fn has_way_outside(&self, trunks: &[TrunkId]) -> bool {
        let carriers = trunks.iter().filter_map(|trunk| self.trunks.get(trunk));
        carriers
            .flat_map(Carrier::ways)
            .any(|(peer, _)| self.way_to(peer).is_some())
    }

    fn way(
        &self,
        number: &str,
        trunk: &TrunkId,
        peer: Target,
        domain: Option<&str>,
    ) -> Option<Destination> {
        let named = |name: &str| Uri::sip(Some(number), Host::Name(name.to_owned()), None);
        let placed = || Uri::sip(Some(number), Host::Ip(peer.address.ip()), None);
        Some(Destination {
            callee: Callee::Number(number.to_owned()),
            to: domain.map_or_else(placed, named),
            uri: domain.map_or_else(|| peer.uri(number), named),
            hop: self.way_to(peer)?,
            route: Vec::new(),
            binding: None,
            trunk: Some(trunk.clone()),
            srtp: self.settings.srtp.of_trunk(trunk),
            further: Vec::new(),
        })
    }

    /// A leg holds a channel of its trunk from its ports' opening to their closing.
    pub(super) fn seize_channel(&mut self, call: CallId, leg: MediaLeg) {
        let Some(entrant) = self.calls.get(&call) else {
            return;
        };
        let outside = entrant.call.trunk_on(leg);
        let own = || {
            entrant
                .trunk
                .as_ref()
                .filter(|_| entrant.call.is_caller(leg))
        };
        if let Some(trunk) = outside.or_else(own).cloned()
            && let Some(carrier) = self.trunks.get_mut(&trunk)
        {
            carrier.seize();
            self.channels.insert(leg, trunk);
        }
    }

    pub(super) fn free_channel(&mut self, leg: MediaLeg) {
        if let Some(trunk) = self.channels.remove(&leg)
            && let Some(carrier) = self.trunks.get_mut(&trunk)
        {
            carrier.free();
        }
    }

    /// Answers a trunk's challenge to an INVITE of ours, once. False if the call must hear of it.
    pub(super) fn answer_challenge(
        &mut self,
        tx: ClientTx,
        response: &Response,
        source: SocketAddr,
        now: Moment,
    ) -> bool {
        let asks = [
            StatusCode::UNAUTHORIZED,
            StatusCode::PROXY_AUTHENTICATION_REQUIRED,
        ];
        let Some((call, leg, Method::Known(_))) = self.by_request.get(&tx) else {
            return false;
        };
        let (call, leg) = (*call, *leg);
        let entrant = self
            .calls
            .get(&call)
            .filter(|_| asks.contains(&response.status));
        let Some((trunk, invite)) = entrant.and_then(|entrant| {
            let invite = entrant.call.invite_on(leg)?;
            let tried = ["Authorization", "Proxy-Authorization"];
            let is_first = !tried.iter().any(|name| invite.headers.has(name));
            let is_invite = response.cseq().method == Method::INVITE;
            let trunk = entrant.call.trunk_on(leg)?;
            (is_first && is_invite).then_some((trunk, invite))
        }) else {
            return false;
        };
        let header = self.trunks.get_mut(trunk).and_then(|carrier| {
            carrier.credentials(response, source, &Method::INVITE, &invite.uri)
        });
        match header {
            Some((name, value)) => {
                self.feed(call, CallInput::Authorised(leg, name, value), now);
                true
            }
            None => false,
        }
    }
}
