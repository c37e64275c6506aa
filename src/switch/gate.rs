//! The first look at what comes by the wire, before anything is allocated or parsed: from whom it
//! is. Peers of ours go through; strangers go through as fast as strangers may, one by one and all
//! together; who is banned does not.
//!
//! That bounds what strangers cost, what they can make us send (every datagram is answered by one
//! at most, to the address it came from, so we amplify nothing and reflect little), and how long
//! a peer's datagram waits behind theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use ipnet::IpNet;

use super::bucket::{Bucket, Rate, SharedBuckets};
use super::refusal::{Reason, Refusals};
use super::source::Source;

/// What one stranger may send: enough for an office whose phones all start at once behind one
/// address, each with a REGISTER and the answer to its challenge.
const ONE: Rate = Rate::a_second(20, 100);
/// What all strangers may send.
const ALL: Rate = Rate::a_second(1000, 2000);
/// REGISTERs from banned sources that are passed on; the ban list takes one of a source now and
/// then.
const TRICKLE: Rate = Rate::a_second(20, 20);
/// The longest message of a stranger that is read: a REGISTER takes up a tenth of that.
const LARGEST: usize = 8192;

/// Whom we know.
#[derive(Clone, Debug, Default)]
pub struct Acquaintance {
    /// Trunks and phones at configured addresses.
    pub networks: Vec<IpNet>,
    /// Phones that are registered: their exact addresses and ports.
    pub peers: BTreeSet<SocketAddr>,
    /// Who is banned, and until when.
    pub banned: BTreeMap<Source, Instant>,
}

/// Whose datagram it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// A peer's.
    Peer,
    /// Somebody's who has yet to show who it is.
    Stranger,
}

/// The gate.
#[derive(Clone, Debug)]
pub struct Gate {
    known: Arc<Acquaintance>,
    sources: SharedBuckets,
    all: Bucket,
    trickle: Bucket,
    refusals: Refusals,
}

impl Gate {
    /// A gate that knows nobody. `seed` is random.
    pub fn new(seed: u64) -> Self {
        Self {
            known: Arc::default(),
            sources: SharedBuckets::new(ONE, seed),
            all: Bucket::default(),
            trickle: Bucket::default(),
            refusals: Refusals::default(),
        }
    }

    /// Whom to know from now on.
    pub fn learn(&mut self, known: Arc<Acquaintance>) {
        self.known = known;
    }

    /// Whether the octets that came from `peer` go on, and as whose.
    ///
    /// # Errors
    /// They do not; the reason is counted.
    pub fn weigh(&mut self, bytes: &[u8], peer: SocketAddr, now: Instant) -> Result<Lane, Reason> {
        if self.known.knows(peer) {
            return Ok(Lane::Peer);
        }
        let source = Source::of(peer.ip());
        let verdict = if bytes.len() > LARGEST {
            Err(Reason::Oversize)
        } else if self.known.has_banned(source, now) {
            let passes = is_register(bytes) && self.trickle.take(TRICKLE, now);
            passes.then_some(Lane::Stranger).ok_or(Reason::Banned)
        } else if !self.sources.take(source, now) {
            Err(Reason::Flooding)
        } else if !self.all.take(ALL, now) {
            Err(Reason::Overload)
        } else {
            Ok(Lane::Stranger)
        };
        if let Err(reason) = verdict {
            self.refusals.count(reason);
        }
        verdict
    }

    /// Whether a new connection is worth taking.
    pub fn admits(&self, peer: SocketAddr, now: Instant) -> bool {
        self.known.knows(peer) || !self.known.has_banned(Source::of(peer.ip()), now)
    }

    /// Whether `peer` is one of ours.
    pub fn knows(&self, peer: SocketAddr) -> bool {
        self.known.knows(peer)
    }

    /// Counts what went through, and then found no room.
    pub fn overflowed(&mut self) {
        self.refusals.count(Reason::Overload);
    }

    /// What was not let through since the beginning.
    pub const fn refusals(&self) -> Refusals {
        self.refusals
    }
}

impl Acquaintance {
    fn knows(&self, peer: SocketAddr) -> bool {
        let ip = peer.ip().to_canonical();
        let is_in = |network: &IpNet| network.contains(&ip);
        self.peers.contains(&peer) || self.networks.iter().any(is_in)
    }

    fn has_banned(&self, source: Source, now: Instant) -> bool {
        self.banned.get(&source).is_some_and(|until| *until > now)
    }
}

/// A network of one address.
pub(super) fn network_of(ip: IpAddr) -> IpNet {
    IpNet::from(ip.to_canonical())
}

/// Whether octets begin like a REGISTER.
pub(super) fn is_register(bytes: &[u8]) -> bool {
    bytes.starts_with(b"REGISTER ")
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use std::time::Duration;

    use super::*;

    const TRUNK: &str = "203.0.113.7:5060";
    const PHONE: &str = "198.51.100.1:5060";
    const NEIGHBOUR: &str = "198.51.100.1:61000";

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn gate(now: Instant) -> Gate {
        let mut gate = Gate::new(3);
        let banned = Source::of(at(NEIGHBOUR).ip());
        gate.learn(Arc::new(Acquaintance {
            networks: vec!["203.0.113.0/28".parse().unwrap()],
            peers: BTreeSet::from([at(PHONE)]),
            banned: BTreeMap::from([(banned, now + Duration::from_mins(10))]),
        }));
        gate
    }

    /// Threat: registration brute force, enumeration. Behind the banned address, the registered
    /// phone is heard and the attacker is not, until the ban ends.
    #[test]
    fn who_is_banned_meets_silence_and_the_phone_beside_him_does_not() {
        let now = Instant::now();
        let mut gate = gate(now);
        for _ in 0..1000 {
            let invite = gate.weigh(b"INVITE sip:1 SIP/2.0", at(NEIGHBOUR), now);
            assert_eq!(invite, Err(Reason::Banned));
            assert_eq!(gate.weigh(b"REGISTER ", at(PHONE), now), Ok(Lane::Peer));
        }
        let registers = (0..1000).filter(|_| gate.weigh(b"REGISTER ", at(NEIGHBOUR), now).is_ok());
        assert_eq!(registers.count(), 20, "the trickle of all that are banned");
        let later = now + Duration::from_mins(10);
        assert_eq!(
            gate.weigh(b"INVITE ", at(NEIGHBOUR), later),
            Ok(Lane::Stranger)
        );
        assert!(!gate.admits(at(NEIGHBOUR), now) && gate.admits(at(PHONE), now));
    }

    /// R244. Threat: flood, memory. 20,000 REGISTER/s from one source: a second of it costs what 120
    /// cost, and trunks are not slowed.
    #[test]
    fn a_flood_from_one_source_is_cut_to_its_rate() {
        let now = Instant::now();
        let mut gate = gate(now);
        let mut through = 0;
        for n in 0..20_000 {
            let now = now + Duration::from_micros(50) * n;
            let stranger = gate.weigh(b"REGISTER sip:x SIP/2.0", at("192.0.2.66:5060"), now);
            through += u32::from(stranger.is_ok());
            assert_eq!(gate.weigh(b"INVITE ", at(TRUNK), now), Ok(Lane::Peer));
        }
        assert!((100..=121).contains(&through), "{through}");
        let flooding = gate.refusals().iter().find(|(r, _)| *r == Reason::Flooding);
        assert_eq!(flooding.map(|(_, n)| n), Some(u64::from(20_000 - through)));
    }

    /// Threat: flood, memory. A flood from forged sources makes us send no more than a thousand
    /// answers a second, wherever they go: we are no use as a reflector.
    #[test]
    fn a_flood_from_everywhere_is_cut_to_what_we_answer() {
        let now = Instant::now();
        let mut gate = gate(now);
        let sources = (0..100_000).map(|n: u32| (n, std::net::Ipv4Addr::from(n * 7919)));
        let through = sources.filter(|(n, ip)| {
            let now = now + Duration::from_micros(50) * *n;
            gate.weigh(b"OPTIONS ", SocketAddr::new((*ip).into(), 5060), now)
                .is_ok()
        });
        assert!(through.count() <= 2000 + 5 * 1000);
    }

    #[test]
    fn what_no_stranger_has_to_say_is_not_read() {
        let now = Instant::now();
        let mut gate = gate(now);
        let long = vec![b'a'; LARGEST + 1];
        let refused = gate.weigh(&long, at("192.0.2.66:5060"), now);
        assert_eq!(refused, Err(Reason::Oversize));
        assert_eq!(gate.weigh(&long, at(TRUNK), now), Ok(Lane::Peer));
    }
}
