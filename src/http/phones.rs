//! Desk phones: where they register, and which have.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::call_view::time;
use super::{Api, ProblemDocument};
use crate::config::{DigestAlgorithm, Listener, ListenerTransport};
use crate::switch::KeptBinding;

/// Where phones register.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Listener)]
pub struct ListenerView {
    /// `udp`, `tcp` or `tls`.
    pub transport: String,
    /// IP and port by which phones reach it.
    #[schema(example = "192.0.2.1:5060")]
    pub address: String,
    /// The digest algorithms that it offers, best first.
    pub digest: Vec<String>,
}

impl ListenerView {
    /// As configured.
    pub(super) fn of(listener: &Listener) -> Self {
        let transport = match listener.transport {
            ListenerTransport::Udp => "udp",
            ListenerTransport::Tcp => "tcp",
            ListenerTransport::Tls => "tls",
        };
        let digest = listener.digest.iter().map(|algorithm| match algorithm {
            DigestAlgorithm::Md5 => "MD5",
            DigestAlgorithm::Sha256 => "SHA-256",
        });
        let address = listener.advertised.unwrap_or(listener.address);
        Self {
            transport: transport.to_owned(),
            address: address.to_string(),
            digest: digest.map(str::to_owned).collect(),
        }
    }
}

/// A phone that is registered.
#[derive(Serialize, ToSchema)]
#[schema(as = Phone)]
pub(super) struct PhoneView {
    /// Whose phone: the agent's extension.
    extension: String,
    /// What it says to be. It is the phone's own text.
    user_agent: Option<String>,
    /// Where it registered from.
    address: String,
    /// Over what: `udp`, `tcp` or `tls`.
    transport: String,
    /// An address is translated between us.
    behind_nat: bool,
    /// Since when.
    #[schema(format = DateTime)]
    registered_at: String,
    /// When it is forgotten, unless it registers anew.
    #[schema(format = DateTime)]
    expires_at: String,
    /// It answered when it was last asked.
    reachable: bool,
}

/// Desk phones.
#[derive(Serialize, ToSchema)]
#[schema(as = Phones)]
pub(super) struct PhonesView {
    /// Where they register.
    listeners: Vec<ListenerView>,
    /// Those that have, by extension.
    phones: Vec<PhoneView>,
}

impl From<KeptBinding> for PhoneView {
    fn from(binding: KeptBinding) -> Self {
        Self {
            extension: binding.agent.0,
            user_agent: binding.user_agent,
            address: binding.peer,
            transport: binding.transport.to_lowercase(),
            behind_nat: binding.is_behind_nat,
            registered_at: time(binding.registered_at),
            expires_at: time(binding.expires_at),
            reachable: binding.is_reachable,
        }
    }
}

/// Desk phones now
///
/// Where they register, and which are registered. What was registered is kept with some delay.
#[utoipa::path(get, path = "/api/v1/phones", tag = "desk",
    responses((status = OK, body = PhonesView)))]
pub(super) async fn phones(State(api): State<Api>) -> Result<Json<PhonesView>, ProblemDocument> {
    let now = api.now();
    let bindings = api.store.bindings().await?;
    let current = bindings.into_iter().filter(|one| one.expires_at > now);
    Ok(Json(PhonesView {
        listeners: api.site().listeners.clone(),
        phones: current.map(PhoneView::from).collect(),
    }))
}
