//! A program that wants to be told: where it is, what it wants to hear, and what proves to it that
//! it is us.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use standardwebhooks::Webhook;

use super::guard::{Guard, is_public};
use crate::rules::WebhookKind;

/// A connection that takes longer does not come.
const CONNECTING: Duration = Duration::from_secs(5);

/// What is configured of it.
#[derive(Clone, Debug, Default)]
pub struct EndpointSettings {
    /// Its name in rows and metrics.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// What messages are signed with: `whsec_` and base64.
    pub secret: String,
    /// What it wants to hear; nothing is everything.
    pub kinds: Vec<WebhookKind>,
    /// Whether it may see telephone numbers.
    pub numbers: bool,
    /// Whether it may be at a private address, and without TLS.
    pub allow_private: bool,
    /// How long an answer may take.
    pub timeout: Duration,
    /// The authorities that its certificate must come from; `None` is the public ones.
    pub authorities: Option<PathBuf>,
}

/// Why it cannot be told anything.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The URL is none, or none that anything can be sent to.
    #[error("no URL that messages can be sent to")]
    Url,
    /// It is at an address that only we reach.
    #[error("at a private address, which is not allowed")]
    Private,
    /// It could be read on the way.
    #[error("without TLS, which is allowed at private addresses only")]
    Plain,
    /// The secret is no base64.
    #[error("the secret is not `whsec_` and base64")]
    Secret,
    /// The certificates of the authorities cannot be read.
    #[error("the authorities' certificates cannot be read: {0}")]
    Authorities(String),
    /// No client can be made.
    #[error("no connections can be made: {0}")]
    Client(#[from] reqwest::Error),
}

/// A program that is told.
#[derive(Debug)]
pub struct Endpoint {
    /// What is configured.
    pub(super) settings: EndpointSettings,
    pub(super) url: Url,
    pub(super) client: reqwest::Client,
}

impl Endpoint {
    /// Makes one; nothing is sent.
    ///
    /// # Errors
    ///
    /// What is configured is not enough, or not allowed.
    pub fn new(settings: EndpointSettings) -> Result<Self, EndpointError> {
        let url = Url::parse(&settings.url).map_err(|_| EndpointError::Url)?;
        let host = url.host_str().ok_or(EndpointError::Url)?;
        match url.scheme() {
            "https" => {}
            "http" if settings.allow_private => {}
            "http" => return Err(EndpointError::Plain),
            _ => return Err(EndpointError::Url),
        }
        // A name is looked at when it is looked up, an address nowhere else.
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>()
            && !settings.allow_private
            && !is_public(address)
        {
            return Err(EndpointError::Private);
        }
        if Webhook::new(&settings.secret).is_err() || settings.secret.is_empty() {
            return Err(EndpointError::Secret);
        }
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(&settings)?)
            .dns_resolver(Arc::new(Guard {
                allow_private: settings.allow_private,
            }))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECTING.min(settings.timeout))
            .timeout(settings.timeout)
            .user_agent(concat!("thirdring/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            settings,
            url,
            client,
        })
    }

    /// Whether it wants to hear of this. A short message is of no use without its number.
    pub(super) fn wants(&self, kind: WebhookKind) -> bool {
        let is_wanted = self.settings.kinds.is_empty() || self.settings.kinds.contains(&kind);
        is_wanted && (kind != WebhookKind::SmsRequested || self.settings.numbers)
    }

    /// The signature of a message (Standard Webhooks 1.0, `v1`).
    pub(super) fn sign(&self, id: &str, at_s: i64, body: &str) -> Option<String> {
        let signer = Webhook::new(&self.settings.secret).ok()?;
        signer.sign(id, at_s, body.as_bytes()).ok()
    }
}

fn tls(settings: &EndpointSettings) -> Result<rustls::ClientConfig, EndpointError> {
    let mut roots = rustls::RootCertStore::empty();
    let refuse = |error: String| EndpointError::Authorities(error);
    match &settings.authorities {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(file) => {
            let found = CertificateDer::pem_file_iter(file);
            for certificate in found.map_err(|error| refuse(error.to_string()))? {
                let certificate = certificate.map_err(|error| refuse(error.to_string()))?;
                let added = roots.add(certificate);
                added.map_err(|error| refuse(error.to_string()))?;
            }
        }
    }
    if roots.is_empty() {
        return Err(refuse("there is none in it".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| refuse(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str, allow_private: bool) -> Result<Endpoint, EndpointError> {
        Endpoint::new(EndpointSettings {
            name: "crm".to_owned(),
            url: url.to_owned(),
            // The secret of the specification's own example.
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(),
            allow_private,
            timeout: Duration::from_secs(1),
            ..EndpointSettings::default()
        })
    }

    /// No message goes to an address that only this machine reaches, however it is written.
    #[test]
    fn private_addresses_need_to_be_allowed() {
        for url in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://10.1.2.3/",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/",
            "https://[::ffff:192.168.0.1]/",
        ] {
            assert!(
                matches!(endpoint(url, false), Err(EndpointError::Private)),
                "{url}"
            );
            assert!(endpoint(url, true).is_ok(), "{url}");
        }
        assert!(endpoint("https://1.1.1.1/hook", false).is_ok());
        assert!(endpoint("https://crm.example.com/hook", false).is_ok());
        let plain = endpoint("http://crm.example.com/hook", false);
        assert!(matches!(plain, Err(EndpointError::Plain)), "{plain:?}");
        for url in ["ftp://crm.example.com/", "file:///etc/passwd", "crm", ""] {
            assert!(
                matches!(endpoint(url, true), Err(EndpointError::Url)),
                "{url}"
            );
        }
    }

    /// The signature of the library's own example: the same message from any side.
    #[test]
    fn messages_are_signed_as_the_standard_says() {
        let mut endpoint = endpoint("https://crm.example.com/", false).unwrap();
        endpoint.settings.secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD".to_owned();
        let body = r#"{"email":"test@example.com","username":"test_user"}"#;
        let signature = endpoint.sign("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, body);
        assert_eq!(
            signature.unwrap(),
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="
        );
    }
}
