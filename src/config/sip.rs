//! `[sip]` and `[[sip.listener]]`: where signalling is heard, and how phones prove who they are.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::Dscp;

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
    /// How many connections (TCP, TLS) may be open at once. Default 2000.
    #[serde(default = "max_connections")]
    pub max_connections: u32,
    /// How many of them may come from one IP. Default 100.
    #[serde(default = "max_connections_per_source")]
    pub max_connections_per_source: u32,
    /// A connection that nothing has come by for so long is closed, unless a registered phone or a
    /// call has it. At least `1s`. Default `2m`.
    #[serde(with = "humantime_serde", default = "connection_idle")]
    pub connection_idle: Duration,
    /// The authorities, PEM, that the certificate of a peer that we connect to by TLS must come
    /// from. Default none: the public ones.
    #[serde(default)]
    pub server_ca: Option<PathBuf>,
    /// How signalling packets are marked (RFC 4594): a class such as `CS3`, or a number from 0 to
    /// 63. Default `CS3`.
    #[serde(default = "Dscp::cs3")]
    pub dscp: Dscp,
    /// How long a call's session lives without a refresh (RFC 4028): a call whose peer is gone
    /// ends at most so much later. At least `90s`. Default `30m`.
    #[serde(with = "humantime_serde", default = "session_expires")]
    pub session_expires: Duration,
    /// What happens to whoever tries passwords: `[sip.ban]`.
    #[serde(default)]
    pub ban: Ban,
    /// Phones that one agent may have registered at a time; they ring together. A further one
    /// takes the place of the one that was not heard of for longest. Default 4.
    #[serde(default = "max_contacts")]
    pub max_contacts: u32,
    /// How often each phone is asked whether it is there. One that misses two questions, or that
    /// says nothing to a call, is not rung until it answers again. `0s`: only phones that said
    /// nothing to a call are asked. Default `60s`.
    #[serde(with = "humantime_serde", default = "phone_probe")]
    pub phone_probe: Duration,
    /// Whose way through a NAT is kept open, by asking every 25 s. Default `nat`.
    #[serde(default)]
    pub phone_keep_alive: KeepAlive,
    /// Name servers that find trunks' domains. Default `[]`: the machine's own.
    #[serde(default)]
    pub name_servers: Vec<SocketAddr>,
    /// Sockets, at least one.
    #[serde(default, rename = "listener")]
    pub listeners: Vec<Listener>,
}

/// When a source address is not heard any more. Trunks, configured phones and the registered
/// phones' own addresses and ports are always heard.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ban {
    /// Wrong passwords from one source (an IPv4 address, an IPv6 /64) within `window` before it is
    /// banned. Default 20.
    pub tries: u32,
    /// The time in which they are counted. Default `1m`.
    #[serde(with = "humantime_serde")]
    pub window: Duration,
    /// How long a source is not heard. Default `10m`.
    #[serde(with = "humantime_serde")]
    pub time: Duration,
    /// How many sources may be banned at once; about 200 bytes each. Default 10000.
    pub entries: u32,
}

impl Default for Ban {
    fn default() -> Self {
        Self {
            tries: 20,
            window: Duration::from_mins(1),
            time: Duration::from_mins(10),
            entries: 10_000,
        }
    }
}

/// Which phones' ways through a NAT are kept open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeepAlive {
    /// Those that call themselves something else than what we see.
    #[default]
    Nat,
    /// All that use UDP.
    All,
    /// None.
    Never,
}

/// One socket for signalling.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// `udp`, `tcp` or `tls`. Default `udp`.
    #[serde(default)]
    pub transport: ListenerTransport,
    /// IP and port that it is bound to; it cannot be `0.0.0.0`. No default.
    pub address: SocketAddr,
    /// IP and port that trunk and phones reach it by, where a NAT is between: it stands in our Via
    /// and Contact. Default: `address`.
    #[serde(default)]
    pub advertised: Option<SocketAddr>,
    /// For `tls`: the file of our certificate and those between it and its root, PEM. Changed files
    /// are read anew within seconds; open connections go on. No default.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// For `tls`: the file of its private key, PEM, that only its owner may read. No default.
    #[serde(default)]
    pub key: Option<PathBuf>,
    /// For `tls`: the authorities, PEM, that a peer's certificate must come from where it shows
    /// one; a trunk with `tls_name` must. Default none: nobody is asked for a certificate.
    #[serde(default)]
    pub client_ca: Option<PathBuf>,
    /// The digest algorithms offered here, best first. Phones that know MD5 only are often
    /// confused by a second challenge: give them a listener with `["md5"]`. Default `["md5"]`.
    #[serde(default = "digest")]
    pub digest: Vec<DigestAlgorithm>,
}

/// What a listener speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListenerTransport {
    /// Datagrams.
    #[default]
    Udp,
    /// Connections.
    Tcp,
    /// Connections under TLS 1.2 or 1.3.
    Tls,
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

impl Sip {
    /// Every file that is named here.
    pub(super) fn files(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let listeners = self.listeners.iter_mut().flat_map(|listener| {
            let Listener {
                certificate,
                key,
                client_ca,
                ..
            } = listener;
            [certificate, key, client_ca]
        });
        listeners.chain([&mut self.server_ca]).flatten()
    }
}

impl Default for Sip {
    fn default() -> Self {
        Self {
            user_agent: user_agent(),
            realm: realm(),
            register_min: register_min(),
            register_max: register_max(),
            echo: None,
            max_connections: max_connections(),
            max_connections_per_source: max_connections_per_source(),
            connection_idle: connection_idle(),
            server_ca: None,
            dscp: Dscp::cs3(),
            session_expires: session_expires(),
            ban: Ban::default(),
            max_contacts: max_contacts(),
            phone_probe: phone_probe(),
            phone_keep_alive: KeepAlive::default(),
            name_servers: Vec::new(),
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

const fn max_connections() -> u32 {
    2000
}

const fn max_connections_per_source() -> u32 {
    100
}

const fn connection_idle() -> Duration {
    Duration::from_mins(2)
}

const fn session_expires() -> Duration {
    Duration::from_mins(30)
}

const fn max_contacts() -> u32 {
    4
}

const fn phone_probe() -> Duration {
    Duration::from_mins(1)
}

fn digest() -> Vec<DigestAlgorithm> {
    vec![DigestAlgorithm::Md5]
}
