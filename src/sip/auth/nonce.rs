//! Nonces that need no memory (RFC 7616 §5.4): time, count and a MAC over both, the source's
//! address and the realm. Nobody else can mint one, and none works from elsewhere.

use std::net::IpAddr;

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
    minted: u64,
}

/// A nonce that is ours and still good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Nonce {
    /// When it was minted, in Unix seconds.
    pub(super) minted_at: u64,
    /// Which one it was.
    pub(super) serial: u64,
}

impl Mint {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self {
            key: std::array::from_fn(|at| key.get(at).copied().unwrap_or_default()),
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

    /// Reads a nonce; `None` unless it was minted for this realm and source in the last
    /// minute.
    pub(super) fn verify(
        &self,
        text: &str,
        realm: &str,
        source: IpAddr,
        now: u64,
    ) -> Option<Nonce> {
        let octets: [u8; LENGTH] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (minted_at, rest) = octets.split_first_chunk()?;
        let (serial, mac) = rest.split_first_chunk()?;
        let nonce = Nonce {
            minted_at: u64::from_be_bytes(*minted_at),
            serial: u64::from_be_bytes(*serial),
        };
        let is_ours = bool::from(self.mac(nonce, realm, source).ct_eq(mac));
        let age = now.checked_sub(nonce.minted_at)?;
        (is_ours && age <= LIFETIME_SECONDS).then_some(nonce)
    }

    fn mac(&self, nonce: Nonce, realm: &str, source: IpAddr) -> [u8; 16] {
        let mut mac = Hmac::<Sha256>::new(&self.key.into());
        mac.update(&nonce.minted_at.to_be_bytes());
        mac.update(&nonce.serial.to_be_bytes());
        // A phone may come by an IPv4 address written either way.
        match source.to_canonical() {
            IpAddr::V4(address) => mac.update(&address.octets()),
            IpAddr::V6(address) => mac.update(&address.octets()),
        }
        mac.update(realm.as_bytes());
        let whole = mac.finalize().into_bytes();
        std::array::from_fn(|at| whole.get(at).copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn a_nonce_is_good_for_a_minute_from_its_source_and_realm() {
        let mut mint = Mint::new([1; 32]);
        let nonce = mint.mint("r", HERE, 1_000);
        assert!(mint.verify(&nonce, "r", HERE, 1_060).is_some());
        assert!(mint.verify(&nonce, "r", HERE, 1_061).is_none());
        assert!(mint.verify(&nonce, "r", HERE, 999).is_none());
        assert!(mint.verify(&nonce, "s", HERE, 1_000).is_none());
        assert!(
            mint.verify(&nonce, "r", "192.0.2.2".parse().unwrap(), 1_000)
                .is_none()
        );
        assert!(
            mint.verify(&nonce, "r", "::ffff:192.0.2.1".parse().unwrap(), 1_000)
                .is_some()
        );
    }

    #[test]
    fn a_forged_or_foreign_nonce_is_none() {
        let nonce = Mint::new([1; 32]).mint("r", HERE, 1_000);
        assert!(
            Mint::new([2; 32])
                .verify(&nonce, "r", HERE, 1_000)
                .is_none()
        );
        for text in ["", "x", "AAAA", &nonce[1..], &format!("{nonce}A")] {
            assert!(
                Mint::new([1; 32]).verify(text, "r", HERE, 1_000).is_none(),
                "{text}"
            );
        }
    }

    #[test]
    fn no_two_nonces_are_the_same() {
        let mut mint = Mint::new([1; 32]);
        assert_ne!(mint.mint("r", HERE, 1), mint.mint("r", HERE, 1));
    }
}
