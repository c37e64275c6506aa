//! `trunk.register`: what we register with a carrier that wants it.

use std::time::Duration;

use serde::Deserialize;

use super::Secret;

/// An account with a carrier (RFC 3261 §10.2).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// The user of the account, often the number itself. No default.
    pub user: String,
    /// Its password; it answers challenges of the carrier's peers only. No default.
    pub password: Secret,
    /// The host of the address that is registered. Default: the trunk's `domain`, else the IP of
    /// its first peer.
    #[serde(default)]
    pub domain: Option<String>,
    /// The only realm that the password is for. Default: the one that the carrier names first.
    #[serde(default)]
    pub realm: Option<String>,
    /// How long a registration is asked for; the carrier may grant another time. Default `1h`.
    #[serde(with = "humantime_serde", default = "expires")]
    pub expires: Duration,
}

const fn expires() -> Duration {
    Duration::from_hours(1)
}
