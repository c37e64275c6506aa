//! SIP over TLS (RFC 3261 §26.2, RFC 5922): our certificate, whom we believe, and the handshake.
//!
//! The files are looked at every few seconds; changed ones serve the connections that come after,
//! and those that are open go on.

use std::io;
use std::net::IpAddr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ipnet::IpNet;
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(3);

/// What a listener for TLS needs.
#[derive(Clone, Debug)]
pub struct TlsSettings {
    /// Our certificate and those between it and its root, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM; nobody but us may read it.
    pub key: PathBuf,
    /// Whom we believe of peers that connect and show a certificate; `None`: none is asked for.
    pub client_ca: Option<PathBuf>,
    /// Whom we believe of peers that we connect to; `None`: the public authorities.
    pub server_ca: Option<PathBuf>,
    /// Names that peers in these networks must prove.
    pub names: Vec<(IpNet, String)>,
}

/// Why TLS cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Others may read the key.
    #[error("{0} can be read or written by others than its owner (mode {1:o})")]
    OpenKey(PathBuf, u32),
    /// A file cannot be read, or holds nothing of use.
    #[error("{0}: {1}")]
    File(PathBuf, String),
    /// Certificate, key and authorities do not fit.
    #[error("{0}")]
    Unfit(String),
}

/// Both sides of a listener's TLS.
#[derive(Clone)]
struct Identity {
    server: Arc<ServerConfig>,
    client: Arc<ClientConfig>,
}

/// TLS of one listener, as its files are now.
#[derive(Clone)]
pub(super) struct Tls {
    settings: Arc<TlsSettings>,
    identity: watch::Receiver<Identity>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads the files, and keeps looking at them on the task that is given back.
    pub(super) fn start(settings: TlsSettings) -> Result<(Self, JoinHandle<()>), TlsError> {
        let stamp = stamps(&settings);
        let (news, identity) = watch::channel(load(&settings)?);
        let settings = Arc::new(settings);
        let watched = Arc::clone(&settings);
        let task = tokio::spawn(async move { reload(&watched, stamp, &news).await });
        Ok((Self { settings, identity }, task))
    }

    /// The handshake of a peer that connected; the names that it proved.
    pub(super) async fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<(TlsStream<TcpStream>, Vec<String>)> {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.identity.borrow().server));
        let stream = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await??;
        let certificates = stream.get_ref().1.peer_certificates();
        let names = self.proven(certificates);
        Ok((stream.into(), names))
    }

    /// The handshake with a peer that we connected to; the names that it proved.
    pub(super) async fn connect(
        &self,
        stream: TcpStream,
        peer: IpAddr,
    ) -> io::Result<(TlsStream<TcpStream>, Vec<String>)> {
        let name = self.name_of(peer)?;
        let connector = TlsConnector::from(Arc::clone(&self.identity.borrow().client));
        let connecting = connector.connect(name, stream);
        let stream = tokio::time::timeout(HANDSHAKE, connecting).await??;
        let names = self.proven(stream.get_ref().1.peer_certificates());
        Ok((stream.into(), names))
    }

    /// The name that a peer's certificate must have: its trunk's, else its address.
    fn name_of(&self, peer: IpAddr) -> io::Result<ServerName<'static>> {
        let mut names = self.settings.names.iter();
        match names.find(|(network, _)| network.contains(&peer)) {
            Some((_, name)) => ServerName::try_from(name.clone()).map_err(io::Error::other),
            None => Ok(ServerName::IpAddress(peer.into())),
        }
    }

    /// Those of the names asked for that a verified certificate has.
    fn proven(&self, certificates: Option<&[CertificateDer<'_>]>) -> Vec<String> {
        let own = certificates.and_then(<[_]>::first);
        let parsed = own.and_then(|der| ParsedCertificate::try_from(der).ok());
        let Some(parsed) = parsed else {
            return Vec::new();
        };
        let has = |name: &&String| {
            ServerName::try_from(name.as_str())
                .is_ok_and(|name| verify_server_name(&parsed, &name).is_ok())
        };
        let names = self.settings.names.iter().map(|(_, name)| name);
        names.filter(has).cloned().collect()
    }
}

async fn reload(
    settings: &TlsSettings,
    mut stamp: Vec<Option<(SystemTime, u64)>>,
    news: &watch::Sender<Identity>,
) {
    while !news.is_closed() {
        tokio::time::sleep(LOOK).await;
        let now = stamps(settings);
        if now == stamp {
            continue;
        }
        stamp = now;
        let shown = settings.certificate.display();
        match load(settings) {
            Ok(identity) => {
                tracing::info!(certificate = %shown, "the certificate was read anew");
                news.send_replace(identity);
            }
            Err(error) => {
                tracing::error!(certificate = %shown, %error, "the new files are not used");
            }
        }
    }
}

/// When the files were last changed, and which files they are.
fn stamps(settings: &TlsSettings) -> Vec<Option<(SystemTime, u64)>> {
    let optional = [&settings.client_ca, &settings.server_ca];
    let files = [&settings.certificate, &settings.key].into_iter();
    let files = files.chain(optional.into_iter().flatten());
    files
        .map(|file| {
            let metadata = std::fs::metadata(file).ok()?;
            Some((metadata.modified().ok()?, metadata.ino()))
        })
        .collect()
}

fn load(settings: &TlsSettings) -> Result<Identity, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let certificates = read_certificates(&settings.certificate)?;
    check_mode(&settings.key)?;
    let key = PrivateKeyDer::from_pem_file(&settings.key)
        .map_err(|error| TlsError::File(settings.key.clone(), error.to_string()))?;
    let server = server(settings, &provider, certificates.clone(), key.clone_key())?;
    let client = client(settings, &provider, certificates, key)?;
    Ok(Identity { server, client })
}

fn server(
    settings: &TlsSettings,
    provider: &Arc<CryptoProvider>,
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let builder = ServerConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| unfit(&error))?;
    let builder = if let Some(ca) = &settings.client_ca {
        let roots = Arc::new(roots(ca)?);
        // Phones on the same listener have none; a trunk that must have one is nobody without.
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(provider))
            .allow_unauthenticated()
            .build();
        builder.with_client_cert_verifier(verifier.map_err(|error| unfit(&error))?)
    } else {
        builder.with_no_client_auth()
    };
    let config = builder.with_single_cert(certificates, key);
    config.map(Arc::new).map_err(|error| unfit(&error))
}

fn client(
    settings: &TlsSettings,
    provider: &Arc<CryptoProvider>,
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ClientConfig>, TlsError> {
    let roots = match &settings.server_ca {
        Some(ca) => roots(ca)?,
        None => RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        },
    };
    let config = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| unfit(&error))?
        .with_root_certificates(roots)
        .with_client_auth_cert(certificates, key);
    config.map(Arc::new).map_err(|error| unfit(&error))
}

fn roots(file: &Path) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    for certificate in read_certificates(file)? {
        store
            .add(certificate)
            .map_err(|error| TlsError::File(file.to_owned(), format!("no authority: {error}")))?;
    }
    Ok(store)
}

fn read_certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bad = |error: String| TlsError::File(file.to_owned(), error);
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file)
        .map_err(|error| bad(error.to_string()))?
        .collect();
    let found = found.map_err(|error| bad(error.to_string()))?;
    if found.is_empty() {
        return Err(bad("it holds no certificate".to_owned()));
    }
    Ok(found)
}

/// A key that others can read is no secret.
fn check_mode(key: &Path) -> Result<(), TlsError> {
    let metadata = std::fs::metadata(key);
    let mode = metadata
        .map_err(|error| TlsError::File(key.to_owned(), error.to_string()))?
        .mode();
    let others = mode & 0o077;
    if others != 0 {
        return Err(TlsError::OpenKey(key.to_owned(), mode & 0o777));
    }
    Ok(())
}

fn unfit(error: &impl std::error::Error) -> TlsError {
    TlsError::Unfit(error.to_string())
}
