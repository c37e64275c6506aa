//! `[sip]` and `[[sip.listener]]`: where signalling is heard, and how phones prove who they are.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;

/// Signalling.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sip {
    /// The `User-Agent` and `Server` header. Default `thirdring`.
    #[serde(default = "user_agent")]
    pub user_agent: String,
    /// The realm that phones are challenged with; their passwords belong to it. Default `thirdring`.
    #[serde(default = "realm")]
    pub realm: String,
    /// The shortest registration granted; a phone asking for less is told 423. Default `60s`.
    #[serde(with = "humantime_serde", default = "register_min")]
    pub register_min: Duration,
    /// The longest registration granted, and what a phone gets that asks for none. Default `1h`.
    #[serde(with = "humantime_serde", default = "register_max")]
    pub register_max: Duration,
    /// What an agent dials to hear himself: the echo test. Default none: there is no such number.
    #[serde(default)]
    pub echo: Option<String>,
    /// Sockets, at least one.
    #[serde(default, rename = "listener")]
    pub listeners: Vec<Listener>,
}

/// One UDP socket for signalling.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// IP and port that trunk and phones reach; it stands in our Via and Contact, so it cannot
    /// be `0.0.0.0`. No default.
    pub address: SocketAddr,
    /// The digest algorithms offered here, best first. Phones that know MD5 only are often
    /// confused by a second challenge: give them a listener with `["md5"]`. Default `["md5"]`.
    #[serde(default = "digest")]
    pub digest: Vec<DigestAlgorithm>,
}

/// A digest algorithm of RFC 8760.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum DigestAlgorithm {
    /// MD5: all that most desk phones know.
    #[serde(rename = "md5")]
    Md5,
    /// SHA-256.
    #[serde(rename = "sha256")]
    Sha256,
}

impl Default for Sip {
    fn default() -> Self {
        Self {
            user_agent: user_agent(),
            realm: realm(),
            register_min: register_min(),
            register_max: register_max(),
            echo: None,
            listeners: Vec::new(),
        }
    }
}

fn user_agent() -> String {
    "thirdring".to_owned()
}

fn realm() -> String {
    "thirdring".to_owned()
}

const fn register_min() -> Duration {
    Duration::from_mins(1)
}

const fn register_max() -> Duration {
    Duration::from_hours(1)
}

fn digest() -> Vec<DigestAlgorithm> {
    vec![DigestAlgorithm::Md5]
}
