//! The sockets that voices are sent and heard by: a few for all calls of a side, since a socket for
//! each would make the generator cost more than what it measures, and one for all of them overflow.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use super::marker::Side;

/// Sockets a side, at most.
const MOST: usize = 32;
/// Pairs of ports that are tried before giving up.
const TRIES: usize = 256;
const LARGEST_DATAGRAM: usize = 2048;

/// All sockets of both sides.
#[derive(Debug)]
pub(super) struct MediaSockets {
    sides: [Vec<UdpSocket>; 2],
    buffer: Box<[u8; LARGEST_DATAGRAM]>,
}

/// One socket among those of its side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    index: usize,
    of: usize,
}

impl Place {
    /// Whether this call is heard here.
    pub(super) fn is_of(self, call: u16) -> bool {
        usize::from(call) % self.of == self.index
    }
}

impl MediaSockets {
    /// Sockets for so many calls, callers at one IP and agents at another.
    pub(super) fn bind(calls: usize, ips: [IpAddr; 2]) -> io::Result<Self> {
        let [caller, agent] = ips;
        let bind = |ip| (0..calls.clamp(1, MOST)).map(|_| even(ip)).collect();
        let sides: [io::Result<Vec<_>>; 2] = [bind(caller), bind(agent)];
        let [callers, agents] = sides;
        Ok(Self {
            sides: [callers?, agents?],
            buffer: Box::new([0; LARGEST_DATAGRAM]),
        })
    }

    /// Where each call is heard: its caller, then its agent.
    pub(super) fn addresses(&self, calls: usize) -> io::Result<Vec<[SocketAddr; 2]>> {
        let at = |side: Side, call: usize| {
            let sockets = &self.sides[side.index()];
            let socket = sockets.get(call % sockets.len().max(1));
            let socket = socket.ok_or(io::ErrorKind::NotFound)?;
            socket.local_addr()
        };
        let calls = (0..calls).map(|call| Ok([at(Side::Caller, call)?, at(Side::Agent, call)?]));
        calls.collect()
    }

    pub(super) fn send(
        &self,
        side: Side,
        call: u16,
        datagram: &[u8],
        to: SocketAddr,
    ) -> io::Result<()> {
        let sockets = &self.sides[side.index()];
        let socket = sockets.get(usize::from(call) % sockets.len().max(1));
        let socket = socket.ok_or(io::ErrorKind::NotFound)?;
        socket.send_to(datagram, to).map(|_| ())
    }

    /// Takes in all that has come.
    pub(super) fn drain(&mut self, mut take: impl FnMut(Side, Place, &[u8])) {
        for side in Side::BOTH {
            let sockets = &self.sides[side.index()];
            for (index, socket) in sockets.iter().enumerate() {
                let place = Place {
                    index,
                    of: sockets.len(),
                };
                while let Ok(length) = socket.recv(&mut *self.buffer) {
                    take(side, place, self.buffer.get(..length).unwrap_or_default());
                }
            }
        }
    }
}

/// A socket on an even port, as RTP's are (RFC 3550 §11). What comes to the port after it is
/// nobody's.
fn even(ip: IpAddr) -> io::Result<UdpSocket> {
    for _ in 0..TRIES {
        let socket = UdpSocket::bind((ip, 0))?;
        if socket.local_addr()?.port().is_multiple_of(2) {
            socket.set_nonblocking(true)?;
            return Ok(socket);
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}
