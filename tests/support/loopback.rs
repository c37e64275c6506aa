//! Loopback addresses of a test's own, so that tests run side by side.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};

/// Where everybody speaks SIP.
pub(crate) const SIP_PORT: u16 = 5060;

/// One of 127.64.0.0/24 to 127.127.255.0/24, kept from other tests and other processes.
pub(crate) struct Network {
    prefix: [u8; 3],
    _claim: Option<UdpSocket>,
}

impl Network {
    /// Claims the next network that nobody uses.
    pub(crate) fn claim() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let start = u16::try_from(std::process::id() % 64).unwrap() << 8;
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            assert!(number < 64 << 8, "no loopback network is free");
            let [second, third] = ((start + number) % (64 << 8)).to_be_bytes();
            let prefix = [127, 64 + second, third];
            // The discard port of the last address stands for the whole network.
            let mark = SocketAddr::from((address(prefix, 250), 9));
            if let Ok(claim) = UdpSocket::bind(mark) {
                return Self {
                    prefix,
                    _claim: Some(claim),
                };
            }
        }
    }

    /// A network as there are outside, for a test that has a machine's to itself (RFC 5737).
    pub(crate) const fn outside() -> Self {
        Self {
            prefix: [192, 0, 2],
            _claim: None,
        }
    }

    /// Where the service lives.
    pub(crate) fn service(&self) -> Ipv4Addr {
        address(self.prefix, 1)
    }

    /// Where the carrier lives.
    pub(crate) fn trunk(&self) -> Ipv4Addr {
        address(self.prefix, 2)
    }

    /// Where the carrier's caller `n` lives, from 1 to 6; the first one is the trunk itself.
    pub(crate) fn caller(&self, n: u8) -> Ipv4Addr {
        address(self.prefix, 1 + n)
    }

    /// Where the phone of agent `n` lives, from 1.
    pub(crate) fn agent(&self, n: u8) -> Ipv4Addr {
        address(self.prefix, 10 + n)
    }

    /// Somebody whom the service does not know.
    pub(crate) fn stranger(&self) -> Ipv4Addr {
        address(self.prefix, 99)
    }

    /// Somewhere in the network, for a test that needs more than the others.
    pub(crate) fn at(&self, last: u8) -> Ipv4Addr {
        address(self.prefix, last)
    }

    /// Where the service speaks SIP over TLS.
    pub(crate) fn secure(&self) -> SocketAddr {
        SocketAddr::new(IpAddr::V4(self.service()), SIP_PORT + 1)
    }

    /// Where the service speaks SIP.
    pub(crate) fn signalling(&self) -> SocketAddr {
        sip(self.service())
    }
}

/// The SIP port at an address.
pub(crate) fn sip(ip: Ipv4Addr) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(ip), SIP_PORT)
}

fn address([first, second, third]: [u8; 3], last: u8) -> Ipv4Addr {
    Ipv4Addr::new(first, second, third, last)
}
