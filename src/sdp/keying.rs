//! One leg's part in agreeing on SRTP keys: what its policy allows, and what it offered
//! (RFC 4568 §5, §7.1).

use rand::rngs::StdRng;

use super::NegotiationError;
use super::crypto::{CryptoLine, MasterKey, SrtpKeys, SrtpSuite};
use super::parse::AudioLine;

/// Whether a peer's audio is to be encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SrtpPolicy {
    /// Never: keys are neither offered nor taken.
    #[default]
    Off,
    /// If both ends can, over signalling that nobody reads.
    Optional,
    /// Always: there is no call without.
    Required,
}

/// A leg's side of it.
#[derive(Debug, Default)]
pub struct Keying {
    policy: SrtpPolicy,
    /// Makes keys; `None` where none may be told.
    minter: Option<StdRng>,
}

impl Keying {
    /// By this policy, with keys from `minter`. Whoever reads the signalling has the keys
    /// (RFC 4568 §7.3), so that none are told or taken unless it `is_private`.
    pub fn new(policy: SrtpPolicy, is_private: bool, minter: StdRng) -> Self {
        let may_tell = is_private && policy != SrtpPolicy::Off;
        Self {
            policy,
            minter: may_tell.then_some(minter),
        }
    }

    /// Whether there can be an agreement at all.
    pub(super) const fn is_possible(&self) -> bool {
        self.minter.is_some() || !self.is_required()
    }

    pub(super) const fn is_required(&self) -> bool {
        matches!(self.policy, SrtpPolicy::Required)
    }

    /// The lines of an offer: what is agreed on already, else new keys.
    pub(super) fn offer(&mut self, current: Option<&SrtpKeys>) -> Vec<CryptoLine> {
        let Some(minter) = &mut self.minter else {
            return Vec::new();
        };
        if let Some(keys) = current {
            return vec![CryptoLine {
                tag: 1,
                suite: keys.suite,
                key: keys.send.clone(),
            }];
        }
        let suites = SrtpSuite::OFFERED.into_iter().zip(1..);
        let lines = suites.map(|(suite, tag)| CryptoLine {
            tag,
            suite,
            key: MasterKey::mint(suite, minter),
        });
        lines.collect()
    }

    /// The line of an offer to answer with keys, `None` to answer in clear.
    ///
    /// # Errors
    /// Neither is possible.
    pub(super) fn choose<'a>(
        &self,
        offer: &'a AudioLine,
    ) -> Result<Option<&'a CryptoLine>, NegotiationError> {
        let chosen = offer.crypto.first().filter(|_| self.minter.is_some());
        self.checked(chosen, offer)
    }

    /// Our line to the one chosen, and the keys that are then in use. Our own key is a new one
    /// whenever the peer's is: whoever is there now has not followed our stream, and would not
    /// know its rollover counter (RFC 3711 §3.3.1).
    pub(super) fn accept(
        &mut self,
        theirs: CryptoLine,
        current: Option<&SrtpKeys>,
    ) -> Option<(CryptoLine, SrtpKeys)> {
        let CryptoLine { tag, suite, key } = theirs;
        let same = current.filter(|keys| keys.suite == suite && keys.receive == key);
        let send = match same {
            Some(keys) => keys.send.clone(),
            None => MasterKey::mint(suite, self.minter.as_mut()?),
        };
        let keys = SrtpKeys {
            suite,
            send: send.clone(),
            receive: key,
        };
        let key = send;
        Some((CryptoLine { tag, suite, key }, keys))
    }

    /// The keys that an answer to these lines of ours makes, `None` for audio in clear.
    ///
    /// # Errors
    /// Neither is possible.
    pub(super) fn conclude(
        &self,
        offered: &[CryptoLine],
        answer: &AudioLine,
    ) -> Result<Option<SrtpKeys>, NegotiationError> {
        let keys = answer.crypto.iter().find_map(|theirs| {
            let mut lines = offered.iter();
            let ours = lines.find(|it| it.tag == theirs.tag && it.suite == theirs.suite)?;
            Some(SrtpKeys {
                suite: ours.suite,
                send: ours.key.clone(),
                receive: theirs.key.clone(),
            })
        });
        self.checked(keys, answer)
    }

    fn checked<T>(
        &self,
        agreed: Option<T>,
        line: &AudioLine,
    ) -> Result<Option<T>, NegotiationError> {
        match agreed {
            None if self.is_required() => Err(NegotiationError::Unprotected),
            None if line.is_secure => Err(NegotiationError::NothingInCommon),
            agreed => Ok(agreed),
        }
    }
}

#[cfg(test)]
mod tests;
