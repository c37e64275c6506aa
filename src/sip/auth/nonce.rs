//! Nonces that need no memory (RFC 7616 §5.4): time, count and a MAC over both, the source's
//! address, the realm and the listener. Nobody else can mint one, and none works from elsewhere;
//! so whoever brings one back does receive at the address that the request says to be from.

use std::net::{IpAddr, SocketAddr};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How long a nonce is good for, in seconds.
pub(super) const LIFETIME_SECONDS: u64 = 60;

/// Time, count, and half a MAC.
const LENGTH: usize = 8 + 8 + 16;

/// Mints and knows nonces.
#[derive(Clone)]
pub(super) struct Mint {
    /// The key, padded with zeros to SHA-256's block as HMAC pads it.
    key: [u8; 64],
    listener: SocketAddr,
    minted: u64,
}

/// A nonce of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Nonce {
    /// When it was minted, in Unix seconds.
    pub(super) minted_at: u64,
    /// Which one it was.
    pub(super) serial: u64,
}

impl Mint {
    pub(super) fn new(key: [u8; 32], listener: SocketAddr) -> Self {
        Self {
            key: std::array::from_fn(|at| key.get(at).copied().unwrap_or_default()),
            listener,
            minted: 0,
        }
    }

    pub(super) fn mint(&mut self, realm: &str, source: IpAddr, now: u64) -> String {
        self.minted += 1;
        let nonce = Nonce {
            minted_at: now,
            serial: self.minted,
        };
        let mut octets = Vec::with_capacity(LENGTH);
        octets.extend_from_slice(&nonce.minted_at.to_be_bytes());
        octets.extend_from_slice(&nonce.serial.to_be_bytes());
        octets.extend_from_slice(&self.mac(nonce, realm, source));
        URL_SAFE_NO_PAD.encode(octets)
    }

    /// Reads a nonce; `None` unless it was minted here for this realm and source, at whatever
    /// time.
    pub(super) fn recognise(&self, text: &str, realm: &str, source: IpAddr) -> Option<Nonce> {
        let octets: [u8; LENGTH] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (minted_at, rest) = octets.split_first_chunk()?;
        let (serial, mac) = rest.split_first_chunk()?;
        let nonce = Nonce {
            minted_at: u64::from_be_bytes(*minted_at),
            serial: u64::from_be_bytes(*serial),
        };
        bool::from(self.mac(nonce, realm, source).ct_eq(mac)).then_some(nonce)
    }

    fn mac(&self, nonce: Nonce, realm: &str, source: IpAddr) -> [u8; 16] {
        let mut mac = Hmac::<Sha256>::new(&self.key.into());
        mac.update(&nonce.minted_at.to_be_bytes());
        mac.update(&nonce.serial.to_be_bytes());
        // A phone may come by an IPv4 address written either way.
        for address in [source.to_canonical(), self.listener.ip()] {
            match address {
                IpAddr::V4(address) => mac.update(&address.octets()),
                IpAddr::V6(address) => mac.update(&address.octets()),
            }
            mac.update(&[u8::from(address.is_ipv6())]);
        }
        mac.update(&self.listener.port().to_be_bytes());
        mac.update(realm.as_bytes());
        let whole = mac.finalize().into_bytes();
        std::array::from_fn(|at| whole.get(at).copied().unwrap_or_default())
    }
}

impl Nonce {
    /// Whether it was minted within the last minute.
    pub(super) fn is_fresh(self, now: u64) -> bool {
        let age = now.checked_sub(self.minted_at);
        age.is_some_and(|age| age <= LIFETIME_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const LISTENER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10)), 5060);

    fn mint_of(key: u8) -> Mint {
        Mint::new([key; 32], LISTENER)
    }

    /// Threat: digest. A nonce is bound to source, realm and listener, for 60 s.
    #[test]
    fn a_nonce_is_good_for_a_minute_from_its_source_realm_and_listener() {
        let mut mint = mint_of(1);
        let text = mint.mint("r", HERE, 1_000);
        let nonce = mint.recognise(&text, "r", HERE).unwrap();
        assert!(nonce.is_fresh(1_060));
        assert!(!nonce.is_fresh(1_061));
        assert!(!nonce.is_fresh(999));
        assert!(mint.recognise(&text, "s", HERE).is_none());
        let elsewhere = "192.0.2.2".parse().unwrap();
        assert!(mint.recognise(&text, "r", elsewhere).is_none());
        let mapped = "::ffff:192.0.2.1".parse().unwrap();
        assert!(mint.recognise(&text, "r", mapped).is_some());
        for other in ["192.0.2.11:5060", "192.0.2.10:5062", "[2001:db8::1]:5060"] {
            let listener = Mint::new([1; 32], other.parse().unwrap());
            assert!(listener.recognise(&text, "r", HERE).is_none(), "{other}");
        }
    }

    #[test]
    fn a_forged_or_foreign_nonce_is_none() {
        let nonce = mint_of(1).mint("r", HERE, 1_000);
        assert!(mint_of(2).recognise(&nonce, "r", HERE).is_none());
        for text in ["", "x", "AAAA", &nonce[1..], &format!("{nonce}A")] {
            assert!(mint_of(1).recognise(text, "r", HERE).is_none(), "{text}");
        }
    }

    #[test]
    fn no_two_nonces_are_the_same() {
        let mut mint = mint_of(1);
        assert_ne!(mint.mint("r", HERE, 1), mint.mint("r", HERE, 1));
    }
}
