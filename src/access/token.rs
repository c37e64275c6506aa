//! API tokens: 32 random bytes, shown once; what is kept is a hash that leads back to nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// What every token begins with, so that a scanner of leaked secrets knows ours.
const PREFIX: &str = "thirdring_";

/// A new token, as it is shown once.
#[derive(Clone)]
pub struct TokenSecret(String);

impl TokenSecret {
    /// A token that nobody has.
    pub fn generate() -> Self {
        let random: [u8; 32] = rand::random();
        Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random)))
    }

    /// The token itself: for its owner's eyes.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// What is kept of a secret that is random enough to need no salt: SHA-256, lower-case hex.
pub fn fingerprint(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_known_by_their_beginning_and_differ() {
        let (one, other) = (TokenSecret::generate(), TokenSecret::generate());
        assert!(one.reveal().starts_with(PREFIX));
        assert_eq!(one.reveal().len(), PREFIX.len() + 43);
        assert_ne!(one.reveal(), other.reveal());
        assert_eq!(format!("{one:?}"), "***");
        assert_ne!(fingerprint(one.reveal()), fingerprint(other.reveal()));
    }
}
