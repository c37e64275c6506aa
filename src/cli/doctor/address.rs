//! Whether the addresses of the configuration are this machine's, and what peers are told.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use super::finding::Finding;
use crate::config::Config;

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, listener) in config.sip.listeners.iter().enumerate() {
        let what = format!("sip.listener[{index}].address");
        findings.push(is_ours(what, listener.address.ip()));
        if let Some(advertised) = listener.advertised {
            let found = format!(
                "peers are told {advertised}, we listen on {}",
                listener.address
            );
            let what = format!("sip.listener[{index}].advertised");
            findings.push(told(what, found, advertised.ip()));
        }
    }
    findings.push(is_ours("media.address".to_owned(), config.media.address));
    findings.extend(loopback(config.media.allow_loopback, config.media.address));
    findings
}

/// The kernel lets only our own addresses be bound.
fn is_ours(what: String, ip: IpAddr) -> Finding {
    match UdpSocket::bind(SocketAddr::new(ip, 0)) {
        Ok(_) => Finding::ok(what, format!("{ip} is this machine's")),
        Err(error) => Finding::fail(
            what,
            format!("{ip} cannot be bound: {error}"),
            "write an address that `ip address` shows here",
        ),
    }
}

fn told(what: String, found: String, advertised: IpAddr) -> Finding {
    let is_private = match advertised {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || ip.is_loopback(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_loopback(),
    };
    if is_private {
        let cure = "fine for peers within that network; a carrier outside needs the public address";
        Finding::warn(what, found, cure)
    } else {
        Finding::ok(what, found)
    }
}

/// Voice over loopback is for tests: on a real network a peer could have us send to ourselves.
fn loopback(is_allowed: bool, media: IpAddr) -> Option<Finding> {
    (is_allowed && !media.is_loopback()).then(|| {
        let found =
            format!("peers may name 127.0.0.1 as the place of their voice; ours is {media}");
        Finding::warn("media.allow_loopback", found, "set it to false")
    })
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn an_address_of_another_machine_fails() {
        let level = |ip: &str| is_ours(String::new(), ip.parse().unwrap()).level;
        assert_eq!(level("127.0.0.1"), Level::Ok);
        assert_eq!(level("192.0.2.10"), Level::Fail);
    }

    #[test]
    fn a_private_address_that_peers_are_told_is_doubted() {
        let level = |ip: &str| told(String::new(), String::new(), ip.parse().unwrap()).level;
        assert_eq!(level("203.0.113.9"), Level::Ok);
        assert_eq!(level("10.0.0.9"), Level::Warn);
    }

    #[test]
    fn loopback_media_is_doubted_beside_a_real_address_only() {
        let real = "192.0.2.10".parse().unwrap();
        let local = "127.0.0.1".parse().unwrap();
        assert_eq!(loopback(true, real).unwrap().level, Level::Warn);
        assert!(loopback(true, local).is_none());
        assert!(loopback(false, real).is_none());
    }
}
