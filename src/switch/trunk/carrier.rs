//! One carrier: its peers, our registration with it, and its calls.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use ipnet::IpNet;

use super::peer::{Health, Peer};
use crate::id::TrunkId;
use crate::sip::registration::{self, Registration};
use crate::sip::{Method, Request, Response, Target, Uri};
use crate::switch::TrunkSettings;
use crate::switch::bucket::{Bucket, Rate};

/// What a carrier's state wants sent.
#[derive(Clone, Debug)]
pub(super) enum Output {
    /// An OPTIONS to this peer.
    Probe(Target),
    /// This REGISTER, to this peer, for this user.
    Register(Target, Box<Request>, String),
}

/// Why a call is more than a trunk may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::switch) enum Excess {
    /// All channels are taken.
    Calls(u32),
    /// Too many in a second.
    Pace(u32),
}

/// One carrier.
#[derive(Debug)]
pub(in crate::switch) struct Carrier {
    settings: TrunkSettings,
    peers: Vec<Peer>,
    registration: Option<Registration>,
    /// The peer that the last REGISTER went to.
    registrar: Option<Target>,
    /// The carrier said no, or nothing, to our last REGISTER.
    refused: bool,
    /// No more registering: the service stops.
    leaves: bool,
    pace: Bucket,
    /// Legs to and from it.
    calls: usize,
    /// What was last said of it.
    said: Option<bool>,
    outputs: VecDeque<Output>,
}

impl Carrier {
    pub(super) fn new(settings: TrunkSettings, seed: u64, now: Instant) -> Self {
        let account = settings.account.clone();
        let mut carrier = Self {
            peers: Vec::new(),
            registration: account.map(|account| Registration::new(account, seed)),
            registrar: None,
            refused: false,
            leaves: false,
            pace: Bucket::default(),
            calls: 0,
            said: None,
            outputs: VecDeque::new(),
            settings,
        };
        let peers = carrier.settings.peers.clone();
        carrier.resolved(&peers, now);
        carrier
    }

    pub(in crate::switch) const fn id(&self) -> &TrunkId {
        &self.settings.id
    }

    pub(in crate::switch) const fn settings(&self) -> &TrunkSettings {
        &self.settings
    }

    /// Where its calls come from.
    pub(in crate::switch) fn networks(&self) -> impl Iterator<Item = IpNet> {
        let configured = self.settings.networks.iter().copied();
        let resolved = self.peers.iter().filter(|_| self.settings.domain.is_some());
        configured.chain(resolved.map(|peer| IpNet::from(peer.target.address.ip().to_canonical())))
    }

    /// Its peers that calls can be sent to, those that answer first. One that is down is better
    /// than none: there are carriers that never answer an OPTIONS.
    pub(in crate::switch) fn ways(&self) -> impl Iterator<Item = (Target, bool)> {
        let is_up = |peer: &&Peer| peer.health != Health::Down;
        let up = self.peers.iter().filter(is_up);
        let down = self.peers.iter().filter(move |peer| !is_up(peer));
        up.chain(down)
            .map(|peer| (peer.target, peer.health != Health::Down && !self.refused))
    }

    /// Whether calls come and go: `None` if nobody has looked yet, or nobody looks.
    pub(in crate::switch) fn is_up(&self) -> Option<bool> {
        let registered = self.registration.as_ref().map(Registration::is_registered);
        let health = |wanted| self.peers.iter().any(|peer| peer.health == wanted);
        if self.refused || (health(Health::Down) && !health(Health::Up) && !health(Health::Unknown))
        {
            return Some(false);
        }
        match registered {
            Some(true) => Some(true),
            Some(false) => None,
            None => health(Health::Up).then_some(true),
        }
    }

    /// Legs that it carries now.
    pub(in crate::switch) const fn calls(&self) -> usize {
        self.calls
    }

    /// How many more it may carry; `None` without a bound.
    pub(in crate::switch) fn channels_free(&self) -> Option<usize> {
        let most = usize::try_from(self.settings.max_calls?).unwrap_or(usize::MAX);
        Some(most.saturating_sub(self.calls))
    }

    /// Whether it may carry one more call, in or out; the call then counts against its pace.
    pub(in crate::switch) fn admit(&mut self, now: Instant) -> Result<(), Excess> {
        if let (Some(0), Some(most)) = (self.channels_free(), self.settings.max_calls) {
            return Err(Excess::Calls(most));
        }
        let Some(most) = self.settings.max_cps else {
            return Ok(());
        };
        // A second's worth may come at once.
        let rate = Rate::a_second(most.max(1), most);
        let fits = self.pace.take(rate, now);
        fits.then_some(()).ok_or(Excess::Pace(most))
    }

    /// A leg to or from it begins or ends.
    pub(in crate::switch) fn seize(&mut self) {
        self.calls += 1;
    }

    pub(in crate::switch) fn free(&mut self) {
        self.calls = self.calls.saturating_sub(1);
    }

    /// What answers a challenge of this peer to a request of ours within its realm.
    pub(in crate::switch) fn credentials(
        &mut self,
        challenge: &Response,
        source: SocketAddr,
        method: &Method,
        uri: &Uri,
    ) -> Option<(&'static str, String)> {
        if !self
            .peers
            .iter()
            .any(|peer| peer.target.address.ip() == source.ip())
        {
            return None;
        }
        self.registration
            .as_mut()?
            .credentials(challenge, method, uri)
    }

    pub(super) fn resolved(&mut self, targets: &[Target], now: Instant) {
        let mut known = std::mem::take(&mut self.peers);
        for target in targets {
            if self.peers.iter().any(|peer| peer.target == *target) {
                continue;
            }
            let place = known.iter().position(|peer| peer.target == *target);
            self.peers.push(match place {
                Some(place) => known.swap_remove(place),
                None => Peer::new(*target, self.settings.probe, now),
            });
        }
        let is_gone = |old: Target| !targets.contains(&old);
        if !self.peers.is_empty() && self.registrar.is_none_or(is_gone) {
            self.register_again(now);
        }
    }

    pub(super) fn suspect(&mut self, address: SocketAddr, now: Instant) {
        let mut peers = self.peers.iter_mut();
        if let Some(peer) = peers.find(|peer| peer.target.address == address) {
            peer.suspect(now);
        }
    }

    pub(super) fn rest(&mut self, address: SocketAddr, until: Instant) {
        let mut peers = self.peers.iter_mut();
        if let Some(peer) = peers.find(|peer| peer.target.address == address) {
            peer.rests_until = Some(until);
            tracing::warn!(trunk = %self.settings.id, "a peer takes no calls for a while: it said so");
        }
    }

    /// Whether a peer has said that it takes no calls now (RFC 3261 §21.5.4).
    pub(in crate::switch) fn rests(&self, target: Target, now: Instant) -> bool {
        let mut peers = self.peers.iter();
        let peer = peers.find(|peer| peer.target == target);
        peer.and_then(|peer| peer.rests_until)
            .is_some_and(|until| until > now)
    }

    pub(super) fn leave(&mut self) {
        self.leaves = true;
        if let Some(registration) = &mut self.registration {
            registration.leave();
        }
        self.settle();
    }

    pub(super) fn is_leaving(&self) -> bool {
        let registration = self.registration.as_ref();
        registration.is_some_and(Registration::is_leaving)
    }

    pub(super) fn probed(&mut self, target: Target, response: Option<&Response>, now: Instant) {
        let mut peers = self.peers.iter_mut();
        if let Some(peer) = peers.find(|peer| peer.target == target)
            && response.is_some()
        {
            peer.answered(now);
        }
        self.settle();
    }

    pub(super) fn registered(&mut self, cseq: u32, response: Option<&Response>, now: Instant) {
        if let Some(registration) = &mut self.registration {
            match response {
                Some(response) => registration.handle_response(response, now),
                None => registration.handle_silence(cseq, now),
            }
        }
        self.settle();
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        let mut lost_registrar = false;
        for peer in &mut self.peers {
            let turn = peer.handle_timeout(now);
            if turn.probe {
                self.outputs.push_back(Output::Probe(peer.target));
            }
            let is_registrar = self.registrar == Some(peer.target);
            lost_registrar |= turn.changed && peer.health == Health::Down && is_registrar;
        }
        if lost_registrar {
            // The registration went with it; another peer may have us.
            self.register_again(now);
        }
        if let Some(registration) = &mut self.registration {
            registration.handle_timeout(now);
        }
        self.settle();
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let probes = self.peers.iter().filter_map(Peer::poll_timeout);
        let registration = self.registration.as_ref();
        let register = registration
            .filter(|_| !self.peers.is_empty())
            .and_then(Registration::poll_timeout);
        probes.chain(register).min()
    }

    pub(super) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn register_again(&mut self, now: Instant) {
        if let Some(registration) = self.registration.as_mut().filter(|_| !self.leaves) {
            registration.begin(now);
        }
    }

    /// Carries out what the registration wants, and says what has become of the trunk.
    fn settle(&mut self) {
        while let Some(output) = self
            .registration
            .as_mut()
            .and_then(Registration::poll_output)
        {
            self.carry_out(output);
        }
        self.tell();
    }

    fn carry_out(&mut self, output: registration::Output) {
        let trunk = &self.settings.id;
        match output {
            registration::Output::Send(request) => {
                // What was registered with a peer is taken back there.
                let leaving = self.registrar.filter(|_| self.leaves);
                let way = leaving.or_else(|| self.next_registrar(&request));
                let user = self.settings.account.as_ref().map(|it| it.user.clone());
                if let (Some(peer), Some(user)) = (way, user) {
                    self.registrar = Some(peer);
                    self.outputs
                        .push_back(Output::Register(peer, request, user));
                }
            }
            registration::Output::Registered { expires } => {
                let expires_s = expires.as_secs();
                tracing::info!(%trunk, expires_s, "registered with the carrier");
                self.refused = false;
            }
            registration::Output::Failed { status, again } => {
                let status = status.map(crate::sip::StatusCode::as_u16);
                let again_s = again.as_secs();
                tracing::warn!(%trunk, sip.status = status, again_s, "registering with the carrier failed");
                self.refused = true;
            }
            registration::Output::Left => tracing::info!(%trunk, "registration taken back"),
        }
    }

    /// The peer to register with: the same one while a challenge is being answered; after a
    /// failure the next one; else the first one that answers.
    fn next_registrar(&self, request: &Request) -> Option<Target> {
        let answers =
            request.headers.has("Authorization") || request.headers.has("Proxy-Authorization");
        let now = self.registrar.filter(|_| answers);
        let after = self.registrar.filter(|_| self.refused).and_then(|last| {
            let ways: Vec<_> = self.ways().map(|(peer, _)| peer).collect();
            let place = ways.iter().position(|peer| *peer == last)?;
            ways.get((place + 1) % ways.len()).copied()
        });
        let first = || self.ways().map(|(peer, _)| peer).next();
        now.or(after).or_else(first)
    }

    /// R012: whoever runs the hotline is told when a trunk goes down and when it is back.
    fn tell(&mut self) {
        let up = self.is_up();
        if up.is_none() || up == self.said || self.leaves {
            return;
        }
        let (trunk, before) = (&self.settings.id, self.said);
        if up == Some(false) {
            let registered = self.registration.as_ref().map(Registration::is_registered);
            tracing::error!(alarm = "trunk_down", %trunk, registered, "trunk is down: no peer answers, or the carrier does not register us");
        } else {
            tracing::info!(%trunk, was_down = before == Some(false), "trunk is up");
        }
        self.said = up;
    }
}
