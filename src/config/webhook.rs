//! `[[webhook]]`: another program that is told what happens.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::Secret;
use crate::rules::WebhookKind;

/// A program that is told, by POST with a signature (Standard Webhooks).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Its name in tables and metrics. No default.
    pub name: String,
    /// Where it is. No default.
    pub url: Secret,
    /// What messages are signed with: `whsec_` and the base64 of 24 to 64 bytes. No default.
    pub secret: Secret,
    /// What it wants to hear. Default `[]`: everything.
    #[serde(default)]
    pub events: Vec<WebhookKind>,
    /// Whether it may see telephone numbers unmasked. Default `false`.
    #[serde(default)]
    pub numbers: bool,
    /// Whether it may be at a private address, and without TLS. Default `false`.
    #[serde(default)]
    pub allow_private: bool,
    /// How long an answer may take. Default `10s`.
    #[serde(with = "humantime_serde", default = "timeout")]
    pub timeout: Duration,
    /// The authorities (PEM) that its certificate must come from. Default: the public ones.
    #[serde(default)]
    pub ca: Option<PathBuf>,
}

const fn timeout() -> Duration {
    Duration::from_secs(10)
}
