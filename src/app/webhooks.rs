//! The programs that are told what happens, as configured.

use crate::config::{Config, ConfigError};
use crate::webhook::{Endpoint, EndpointSettings};

/// The endpoints of a configuration; nothing is sent.
///
/// # Errors
/// A [`ConfigError`] with each that cannot be told anything.
pub fn endpoints(config: &Config) -> Result<Vec<Endpoint>, ConfigError> {
    let mut endpoints = Vec::new();
    let mut problems = Vec::new();
    for (index, webhook) in config.webhooks.iter().enumerate() {
        let endpoint = Endpoint::new(EndpointSettings {
            name: webhook.name.clone(),
            url: webhook.url.reveal().to_owned(),
            secret: webhook.secret.reveal().to_owned(),
            kinds: webhook.events.clone(),
            numbers: webhook.numbers,
            allow_private: webhook.allow_private,
            timeout: webhook.timeout,
            authorities: webhook.ca.clone(),
        });
        match endpoint {
            Ok(endpoint) => endpoints.push(endpoint),
            Err(error) => problems.push(config.problem(
                &format!("webhook[{index}]"),
                error.to_string(),
                "correct `url`, `secret` or `ca`; `allow_private = true` allows your own network",
            )),
        }
    }
    if problems.is_empty() {
        Ok(endpoints)
    } else {
        Err(ConfigError { problems })
    }
}
