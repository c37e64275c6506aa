//! `[http]`: the API, health and metrics.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use serde::Deserialize;

use super::trunk::networks;

/// HTTP: the API, health and metrics.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Where the API (`/api/v1`), `/metrics`, `/healthz` and `/readyz` are served, IP and port. The
    /// last three ask for no password: keep them from the open network. Default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// Our certificate and those between it and its root, PEM. With it everything is served over
    /// HTTPS. Default none.
    pub certificate: Option<PathBuf>,
    /// The certificate's private key, PEM, that nobody but us may read. Default none.
    pub key: Option<PathBuf>,
    /// Reverse proxies before it: networks such as `10.0.0.0/28`, or single IPs. Rate limits, the
    /// audit and the session's cookie go by what these say of who asks, by `Forwarded` (RFC 7239) or
    /// by `X-Forwarded-For` and `X-Forwarded-Proto`. Default none.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// Whether wallboards (tokens with the scope `wallboard:read` alone) are shown agents' names beside
    /// their extensions. Default `false`.
    pub wallboard_names: bool,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080),
            certificate: None,
            key: None,
            trusted_proxies: Vec::new(),
            wallboard_names: false,
        }
    }
}

impl Http {
    /// Whether everything is served over HTTPS.
    pub const fn is_secure(&self) -> bool {
        self.certificate.is_some()
    }

    /// What people type to reach it at `address`.
    pub fn url(&self, address: SocketAddr) -> String {
        let scheme = if self.is_secure() { "https" } else { "http" };
        format!("{scheme}://{address}")
    }

    /// Its files.
    pub(super) fn files(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.certificate.iter_mut().chain(&mut self.key)
    }
}
