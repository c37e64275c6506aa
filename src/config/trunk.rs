//! `[[trunk]]` and `[[agent]]`: who may call, and whom calls can ring.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;

use super::{PhonePassword, Register};
use crate::sip::Target;

/// A carrier, known by the addresses it sends from. An INVITE from an address of no trunk and no
/// registered phone is refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trunk {
    /// Its name in logs, rows and other sections. No default.
    pub name: String,
    /// Where its INVITEs come from: networks such as `203.0.113.0/28`, or single IPs. No default,
    /// unless there is a `domain`, whose addresses belong to the trunk as well.
    #[serde(default, deserialize_with = "networks")]
    pub addresses: Vec<IpNet>,
    /// The IP and port that this carrier reaches us by, where that is not what the listener says.
    /// Default none.
    #[serde(default)]
    pub advertised: Option<SocketAddr>,
    /// The name that this carrier's certificate must have. Then it is heard by TLS only, on
    /// connections where it has shown such a certificate. Default none.
    #[serde(default)]
    pub tls_name: Option<String>,
    /// IP and port of each peer that calls out by this trunk are sent to, the first to be tried
    /// first; with a transport before them if it is to be a certain one: `tcp:192.0.2.1:5060`.
    /// Default none: no calls out.
    #[serde(default, deserialize_with = "super::contact::list")]
    pub peers: Vec<Target>,
    /// The name that DNS knows the peers by: SRV records of `_sip._udp`, else A and AAAA.
    /// Default none.
    #[serde(default)]
    pub domain: Option<String>,
    /// How often each peer is asked by OPTIONS whether it is there, at most `50s`; `0s`: never.
    /// Default `30s`.
    #[serde(with = "humantime_serde", default = "probe")]
    pub probe: Duration,
    /// What we register with the carrier. Default: nothing.
    #[serde(default)]
    pub register: Option<Register>,
    /// How many calls it carries at once, in and out. Default: no bound.
    #[serde(default)]
    pub max_calls: Option<u32>,
    /// How many calls a second it carries, in and out. Default: no bound.
    #[serde(default)]
    pub max_cps: Option<u32>,
    /// The area code that local numbers of its callers lack: `010` for Beijing. Default none.
    #[serde(default)]
    pub area_code: Option<String>,
    /// Where the number dialled stands; the first of these that names a number of a line counts.
    /// Default `["request_uri"]`.
    #[serde(default = "dialled_from")]
    pub dialled_from: Vec<DialledFrom>,
    /// From where its RTP may come: `strict` (the address and port that it describes), `same_ip`
    /// (the address that it describes), or `cidr` (`media_networks`), for gateways that send from
    /// elsewhere than they listen. Default `strict`.
    #[serde(default)]
    pub media_source: MediaSourceRule,
    /// The networks that RTP comes from where `media_source = "cidr"`. Default none.
    #[serde(default, deserialize_with = "networks")]
    pub media_networks: Vec<IpNet>,
    /// Whether its audio is encrypted (SRTP, with keys in the session description), which needs
    /// TLS: `off`, `optional` or `required`. Default `optional`: over TLS it is offered, and taken
    /// when it is offered, and a carrier that cannot goes on in clear; over UDP and TCP no keys are
    /// told.
    #[serde(default)]
    pub srtp: Srtp,
}

impl Trunk {
    /// Whether there is anybody to send calls to.
    pub fn sends_out(&self) -> bool {
        self.domain.is_some() || !self.peers.is_empty()
    }
}

/// A place where a trunk may write the number dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialledFrom {
    /// The Request-URI.
    RequestUri,
    /// The To header.
    To,
    /// The Diversion headers (RFC 5806).
    Diversion,
    /// The History-Info headers (RFC 7044).
    HistoryInfo,
}

/// From where a trunk's RTP may come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaSourceRule {
    /// From the address and port of its session description.
    #[default]
    Strict,
    /// From the address of its description, whatever the port.
    SameIp,
    /// From `media_networks`.
    Cidr,
}

/// Whether audio is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Srtp {
    /// Never.
    Off,
    /// Where both ends can, over TLS.
    #[default]
    Optional,
    /// Always: a call that cannot be is refused.
    Required,
}

/// A person who answers, and that person's phones.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// The number of the phone and the user name that it registers with. No default.
    pub extension: String,
    /// Who it is, for tables. Default empty.
    #[serde(default)]
    pub name: String,
    /// The work number (工号) that the agent says, where that is not the extension (R033). Default: the
    /// extension.
    #[serde(default)]
    pub work_number: Option<String>,
    /// The password that the phone registers with. Default none: it cannot register.
    #[serde(default)]
    pub password: Option<PhonePassword>,
    /// IP and port of a phone that does not register, perhaps with a transport before them.
    /// Default none.
    #[serde(default, deserialize_with = "super::contact::optional")]
    pub contact: Option<Target>,
    /// Whether the phone at `contact` is asked every `sip.phone_probe` whether it is there.
    /// Default false.
    #[serde(default)]
    pub probe: bool,
    /// Whether the phone is behind a NAT, so that its RTP comes from where its description does
    /// not say: it is then learnt, within five seconds, from the address that its SIP comes from.
    /// Default `false`.
    #[serde(default)]
    pub nat: bool,
    /// Whether the phone's audio is encrypted (SRTP): `off`, `optional` or `required`, as for a
    /// trunk. Default `optional`.
    #[serde(default)]
    pub srtp: Srtp,
    /// How many calls the phone may have at once. Default 1.
    #[serde(default = "max_calls")]
    pub max_calls: u32,
    /// Whether the agent is new and gets no customer's call, by no queue and no transfer (R251).
    /// Colleagues may ring. Default `false`.
    #[serde(default)]
    pub trainee: bool,
    /// What the agent can, each skill with its level, 1 to 100, for queues that ring by skills
    /// (R114). Default none.
    #[serde(default)]
    pub skills: BTreeMap<String, u32>,
}

const fn probe() -> Duration {
    Duration::from_secs(30)
}

fn dialled_from() -> Vec<DialledFrom> {
    vec![DialledFrom::RequestUri]
}

const fn max_calls() -> u32 {
    1
}

/// Networks, where a bare address is a network of one.
pub(super) fn networks<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts
        .iter()
        .map(|text| {
            let one = text.parse::<IpAddr>().map(IpNet::from);
            text.parse::<IpNet>().or(one).map_err(|_| {
                let what =
                    format!("`{text}` is neither an IP nor a network such as `203.0.113.0/28`");
                serde::de::Error::custom(what)
            })
        })
        .collect()
}
