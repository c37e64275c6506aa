//! Finds the peers of trunks that are named by a domain: SRV of `_sip._udp`, else A and AAAA
//! (RFC 3263 §4). Each domain has a task of its own that asks again when the records' time is
//! over, so that no call and no packet ever waits for DNS.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::rdata::SRV;
use hickory_resolver::proto::rr::{RData, Record};
use rand::{Rng, RngExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::id::TrunkId;

/// Where SIP is spoken if DNS does not say (RFC 3263 §4.2).
const SIP_PORT: u16 = 5060;
/// No name is asked for more often than this, whatever its records say ...
const SHORTEST: Duration = Duration::from_secs(5);
/// ... nor less often.
const LONGEST: Duration = Duration::from_hours(1);
/// After a failure it is tried again this much later.
const RETRY: Duration = Duration::from_secs(30);
/// Peers of one domain; DNS may not make us probe more.
const MAX_PEERS: usize = 16;

/// A trunk and the name that its peers are found by.
#[derive(Clone, Debug)]
pub struct Domain {
    /// The trunk.
    pub trunk: TrunkId,
    /// The name.
    pub name: String,
}

/// What a trunk's domain is now, the first to be tried first.
pub(super) type Found = (TrunkId, Vec<SocketAddr>);

/// Asks DNS.
#[derive(Clone)]
pub struct Resolver {
    dns: TokioResolver,
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

/// Why a domain has no peers.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// DNS has no answer.
    #[error("{0}")]
    Dns(#[from] NetError),
    /// The domain says by SRV that it offers no SIP (RFC 2782), or that it has no address.
    #[error("the domain offers no SIP over UDP")]
    NotOffered,
}

impl Resolver {
    /// A resolver that asks these name servers; the machine's own if there are none.
    ///
    /// # Errors
    /// The machine's own cannot be found out.
    pub fn new(name_servers: &[SocketAddr]) -> Result<Self, ResolveError> {
        let mut builder = if name_servers.is_empty() {
            TokioResolver::builder_tokio()?
        } else {
            let servers = name_servers.iter().map(|address| {
                let mut server = NameServerConfig::udp_and_tcp(address.ip());
                for connection in &mut server.connections {
                    connection.port = address.port();
                }
                server
            });
            let config = ResolverConfig::from_name_servers(servers.collect());
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        };
        // Each task keeps what it found for as long as the records live.
        builder.options_mut().cache_size = 0;
        Ok(Self {
            dns: builder.build()?,
        })
    }

    /// Keeps looking a domain up and reports whatever is found, until nobody listens. What is not
    /// found is not reported: the last good addresses stand.
    pub(super) fn follow(&self, domain: Domain, found: mpsc::Sender<Found>) -> JoinHandle<()> {
        let resolver = self.clone();
        tokio::spawn(async move {
            let Domain { trunk, name } = domain;
            let mut lost = false;
            loop {
                let wait = match resolver.peers(&name).await {
                    Ok((peers, lives)) => {
                        tracing::debug!(%trunk, name, ?peers, ?lives, "domain resolved");
                        if std::mem::take(&mut lost) {
                            tracing::info!(%trunk, name, "the trunk's domain is found again");
                        }
                        if found.send((trunk.clone(), peers)).await.is_err() {
                            return;
                        }
                        lives.clamp(SHORTEST, LONGEST)
                    }
                    Err(error) => {
                        if !std::mem::replace(&mut lost, true) {
                            tracing::error!(alarm = "trunk_unresolved", %trunk, name, %error, "the trunk's domain is not found; its last addresses stand");
                        }
                        RETRY
                    }
                };
                tokio::time::sleep(wait).await;
            }
        })
    }

    /// The peers of a domain in the order to be tried, and how long that is good for.
    async fn peers(&self, domain: &str) -> Result<(Vec<SocketAddr>, Duration), ResolveError> {
        let records = match self.dns.srv_lookup(format!("_sip._udp.{domain}.")).await {
            Ok(lookup) => lookup.answers().to_vec(),
            Err(error) if error.is_no_records_found() => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let mut lives = lives(&records);
        let services: Vec<_> = records.iter().filter_map(service).collect();
        if services.is_empty() {
            let (addresses, lives) = self.addresses(domain).await?;
            let peers = addresses
                .into_iter()
                .map(|ip| SocketAddr::new(ip, SIP_PORT));
            return Ok((peers.take(MAX_PEERS).collect(), lives));
        }
        let ordered = in_order(services, &mut rand::rng());
        let mut peers = Vec::new();
        for service in ordered {
            let target = service.target.to_utf8();
            if target == "." {
                continue; // RFC 2782: decidedly not offered
            }
            match self.addresses(&target).await {
                Ok((addresses, living)) => {
                    lives = lives.min(living);
                    peers.extend(
                        addresses
                            .into_iter()
                            .map(|ip| SocketAddr::new(ip, service.port)),
                    );
                }
                Err(error) => tracing::warn!(target, %error, "a target of SRV is not found"),
            }
        }
        peers.truncate(MAX_PEERS);
        if peers.is_empty() {
            return Err(ResolveError::NotOffered);
        }
        Ok((peers, lives))
    }

    async fn addresses(&self, host: &str) -> Result<(Vec<IpAddr>, Duration), ResolveError> {
        let host = host.trim_end_matches('.');
        let lookup = self.dns.lookup_ip(format!("{host}.")).await?;
        let lives = lives(lookup.as_lookup().answers());
        Ok((lookup.iter().collect(), lives))
    }
}

/// How long all of the records live.
fn lives(records: &[Record]) -> Duration {
    let shortest = records.iter().map(|record| record.ttl).min();
    shortest.map_or(LONGEST, |seconds| Duration::from_secs(seconds.into()))
}

fn service(record: &Record) -> Option<SRV> {
    if let RData::SRV(service) = &record.data {
        Some(service.clone())
    } else {
        None
    }
}

/// By priority; among equals by chance, in the proportion of the weights (RFC 2782).
fn in_order(mut services: Vec<SRV>, rng: &mut impl Rng) -> Vec<SRV> {
    let mut ordered = Vec::with_capacity(services.len());
    while let Some(first) = services.iter().map(|service| service.priority).min() {
        let (mut equals, others): (Vec<_>, Vec<_>) = services
            .into_iter()
            .partition(|service| service.priority == first);
        services = others;
        while !equals.is_empty() {
            let total: u32 = equals.iter().map(|service| u32::from(service.weight)).sum();
            let mut chosen = rng.random_range(0..=total);
            let place = equals.iter().position(|service| {
                let weight = u32::from(service.weight);
                let here = chosen <= weight;
                chosen = chosen.saturating_sub(weight);
                here
            });
            ordered.push(equals.swap_remove(place.unwrap_or_default()));
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::rr::Name;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn service(priority: u16, weight: u16, port: u16) -> SRV {
        SRV::new(priority, weight, port, Name::root())
    }

    #[test]
    fn priority_goes_before_weight_and_weight_before_none() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut firsts = [0; 3];
        for _ in 0..1000 {
            let services = vec![
                service(20, 100, 4),
                service(10, 75, 1),
                service(10, 25, 2),
                service(5, 0, 0),
            ];
            let ports: Vec<_> = in_order(services, &mut rng)
                .into_iter()
                .map(|service| service.port)
                .collect();
            assert_eq!((ports[0], ports[3]), (0, 4), "{ports:?}");
            firsts[usize::from(ports[1])] += 1;
        }
        assert_eq!(firsts[0], 0);
        assert!((650..850).contains(&firsts[1]), "{firsts:?}");
    }
}
