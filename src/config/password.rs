//! The password of a phone: as it is, or as what a server has to keep of it.

use serde::Deserialize;

use super::Secret;

/// What a phone proves to know.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "a password is a text, or a table of its digests"
)]
pub enum PhonePassword {
    /// The password itself.
    Plain(Secret),
    /// What is left of it when it is set up by the API or the command line.
    Sealed(Box<SealedPassword>),
}

/// `H(A1)` of a password by each algorithm (RFC 7616 §3.4.2): it proves the password in one realm,
/// and does not tell it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedPassword {
    /// The realm that it counts in: `sip.realm`.
    pub realm: String,
    /// By MD5.
    #[serde(rename = "MD5")]
    pub md5: Secret,
    /// By SHA-256.
    #[serde(rename = "SHA-256")]
    pub sha256: Secret,
    /// By SHA-512-256.
    #[serde(rename = "SHA-512-256")]
    pub sha512_256: Secret,
}
