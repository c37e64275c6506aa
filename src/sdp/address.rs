//! Where we are willing to send media. A description names any address it likes, and whoever
//! believes it can be made to send to himself, to a whole network, or to a neighbour's service.

use std::net::IpAddr;

/// Which addresses a peer may name as its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AddressPolicy {
    /// Loopback is allowed: demo and tests only.
    pub allow_loopback: bool,
}

impl AddressPolicy {
    /// Whether media may be sent to `ip`. IPv4-mapped IPv6 counts as the IPv4 it stands for.
    pub fn allows(self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        if ip.is_loopback() {
            return self.allow_loopback;
        }
        let is_local_only = match ip {
            IpAddr::V4(v4) => {
                let first = v4.octets()[0];
                v4.is_link_local() || first == 0 || first >= 240 // RFC 6890; 240/4 holds broadcast
            }
            IpAddr::V6(v6) => v6.is_unicast_link_local(),
        };
        !(is_local_only || ip.is_unspecified() || ip.is_multicast())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Threat: SDP address tricks.
    #[test]
    fn only_unicast_addresses_of_others_are_allowed() {
        let policy = AddressPolicy::default();
        for forbidden in [
            "127.0.0.1",
            "::1",
            "::ffff:127.0.0.1",
            "169.254.1.1",
            "fe80::1",
            "224.0.0.1",
            "ff02::1",
            "255.255.255.255",
            "0.0.0.0",
            "0.1.2.3",
            "::",
            "::ffff:169.254.0.9",
        ] {
            let ip = forbidden.parse().unwrap();
            assert!(!policy.allows(ip), "{forbidden} must be refused");
        }
        for allowed in ["192.0.2.7", "10.0.0.1", "2001:db8::5", "::ffff:192.0.2.1"] {
            assert!(policy.allows(allowed.parse().unwrap()), "{allowed}");
        }
        let lenient = AddressPolicy {
            allow_loopback: true,
        };
        assert!(lenient.allows("127.0.0.9".parse().unwrap()));
        assert!(!lenient.allows("224.0.0.1".parse().unwrap()));
    }
}
