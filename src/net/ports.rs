//! Pairs of UDP ports for RTP and RTCP, from the configured range.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use rand::RngExt;
use rand::rngs::StdRng;

use super::mark::mark;

/// Random picks before the range is searched from end to end.
const RANDOM_PICKS: u32 = 32;

/// A bound pair: RTP on an even port, RTCP on the port after it (RFC 3550 §11).
#[derive(Debug)]
pub(super) struct PortPair {
    pub(super) rtp: UdpSocket,
    pub(super) rtcp: UdpSocket,
    /// Where RTP is received.
    pub(super) address: SocketAddr,
}

/// The pairs that are in use, of all media threads: it is looked at when a leg begins and ends.
pub(super) type Taken = Arc<Mutex<BTreeSet<(IpAddr, u16)>>>;

/// Gives out port pairs in random order, so that a port is not used again while a former peer
/// may still be sending to it.
#[derive(Debug)]
pub(super) struct PortPool {
    first: u16,
    pairs: u16,
    taken: Taken,
    /// The type-of-service octet of the packets.
    tos: u8,
    rng: StdRng,
}

impl PortPool {
    /// The pairs that lie wholly within `ports`.
    pub(super) fn new(ports: &RangeInclusive<u16>, tos: u8, taken: Taken, rng: StdRng) -> Self {
        let first = ports.start().saturating_add(ports.start() % 2);
        let count = u32::from(*ports.end()) + 1 - u32::from(first).min(u32::from(*ports.end()) + 1);
        Self {
            first,
            pairs: u16::try_from(count / 2).unwrap_or(0),
            taken,
            tos,
            rng,
        }
    }

    /// Binds a pair on `local`; a port that is taken by somebody else is passed over.
    ///
    /// # Errors
    /// No pair is left, or the address is not ours.
    pub(super) fn open(&mut self, local: IpAddr) -> io::Result<PortPair> {
        if self.pairs == 0 {
            return Err(io::ErrorKind::AddrNotAvailable.into());
        }
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut index = 0;
        for attempt in 0..RANDOM_PICKS + u32::from(self.pairs) {
            index = if attempt < RANDOM_PICKS {
                self.rng.random_range(0..self.pairs)
            } else {
                (index + 1) % self.pairs
            };
            let port = self.first + 2 * index;
            if taken.contains(&(local, port)) {
                continue;
            }
            match bind_pair(local, port, self.tos) {
                Ok(pair) => {
                    taken.insert((local, port));
                    return Ok(pair);
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AddrInUse.into())
    }

    /// Takes back the pair whose RTP address this is; its sockets are closed.
    pub(super) fn release(&mut self, address: SocketAddr) {
        let taken = self.taken.lock();
        let mut taken = taken.unwrap_or_else(PoisonError::into_inner);
        taken.remove(&(address.ip(), address.port()));
    }
}

fn bind_pair(local: IpAddr, port: u16, tos: u8) -> io::Result<PortPair> {
    let address = SocketAddr::new(local, port);
    Ok(PortPair {
        rtp: bind(address, tos)?,
        rtcp: bind(SocketAddr::new(local, port + 1), tos)?,
        address,
    })
}

fn bind(address: SocketAddr, tos: u8) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    mark(&socket, tos.into());
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    const LOCAL: &str = "127.0.0.40";

    fn pool(ports: RangeInclusive<u16>) -> PortPool {
        PortPool::new(&ports, 0xB8, Taken::default(), StdRng::seed_from_u64(1))
    }

    #[test]
    fn pairs_are_even_and_odd_and_run_out() {
        let local = LOCAL.parse().unwrap();
        let mut pool = pool(41_001..=41_008); // 41002, 41004, 41006
        let pairs: Vec<_> = (0..3).map(|_| pool.open(local).unwrap()).collect();
        let mut ports: Vec<_> = pairs.iter().map(|pair| pair.address.port()).collect();
        ports.sort_unstable();
        assert_eq!(ports, [41_002, 41_004, 41_006]);
        for pair in &pairs {
            let rtcp = pair.rtcp.local_addr().unwrap().port();
            assert_eq!(rtcp, pair.address.port() + 1);
        }
        assert!(pool.open(local).is_err());
        let freed = pairs[1].address;
        drop(pairs);
        pool.release(freed);
        assert_eq!(pool.open(local).unwrap().address, freed);
    }

    #[test]
    fn a_port_that_somebody_else_holds_is_passed_over() {
        let local = LOCAL.parse().unwrap();
        let _rtp = UdpSocket::bind((LOCAL, 41_010)).unwrap();
        let _rtcp = UdpSocket::bind((LOCAL, 41_013)).unwrap();
        let mut pool = pool(41_010..=41_015);
        assert_eq!(pool.open(local).unwrap().address.port(), 41_014);
        assert!(pool.open(local).is_err());
    }

    #[test]
    fn an_address_that_is_not_ours_is_an_error_at_once() {
        let error = pool(41_020..=41_029).open("192.0.2.1".parse().unwrap());
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::AddrNotAvailable);
    }

    #[test]
    fn ranges_without_a_whole_pair_have_none() {
        for ports in [41_003..=41_004, 65_535..=65_535, 7..=7] {
            assert_eq!(pool(ports).pairs, 0);
        }
        assert_eq!(pool(65_534..=65_535).pairs, 1);
    }
}
