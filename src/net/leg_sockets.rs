//! The sockets of all legs, by slot: a token of the poll is a slot and which of its two sockets.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::net::{RecvFlags, SendFlags};

use super::pace::Pace;
use super::ports::PortPair;
use crate::call::media::MediaLeg;
use crate::media::Aim;

/// One leg's sockets.
#[derive(Debug)]
pub(super) struct LegSockets {
    pub(super) leg: MediaLeg,
    /// Its call's place on the thread.
    pub(super) place: usize,
    /// Where RTP is received.
    pub(super) address: SocketAddr,
    rtp: UdpSocket,
    rtcp: UdpSocket,
    aim: Aim,
    pub(super) pace: Pace,
    /// Whether the poll watches its RTP socket.
    is_watched: bool,
}

/// Which of a leg's two sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Rtp,
    Rtcp,
}

/// All legs' sockets.
#[derive(Debug, Default)]
pub(super) struct SocketTable {
    slots: Vec<Option<LegSockets>>,
    free: Vec<usize>,
}

impl SocketTable {
    /// Takes a leg's sockets in and has the poll watch them.
    pub(super) fn insert(
        &mut self,
        mut sockets: LegSockets,
        registry: &Registry,
    ) -> io::Result<usize> {
        let slot = self.free.last().copied().unwrap_or(self.slots.len());
        sockets.pace.stop();
        sockets.watch(slot, Half::Rtp, registry)?;
        sockets.watch(slot, Half::Rtcp, registry)?;
        if self.free.pop().is_some() {
            self.slots[slot] = Some(sockets);
        } else {
            self.slots.push(Some(sockets));
        }
        Ok(slot)
    }

    pub(super) fn get(&self, slot: usize) -> Option<&LegSockets> {
        self.slots.get(slot)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, slot: usize) -> Option<&mut LegSockets> {
        self.slots.get_mut(slot)?.as_mut()
    }

    /// Takes a leg's sockets out; the poll watches them no more.
    pub(super) fn remove(&mut self, slot: usize, registry: &Registry) -> Option<LegSockets> {
        let mut removed = self.slots.get_mut(slot)?.take()?;
        self.free.push(slot);
        removed.leave(Half::Rtp, registry);
        removed.leave(Half::Rtcp, registry);
        Some(removed)
    }
}

impl LegSockets {
    /// A leg's pair of ports, for the call at `place`.
    pub(super) fn new(leg: MediaLeg, place: usize, pair: PortPair) -> Self {
        Self {
            leg,
            place,
            address: pair.address,
            rtp: pair.rtp,
            rtcp: pair.rtcp,
            aim: Aim::default(),
            pace: Pace::default(),
            is_watched: false,
        }
    }

    /// Has the poll tell of a socket's datagrams.
    pub(super) fn watch(&mut self, slot: usize, half: Half, registry: &Registry) -> io::Result<()> {
        let fd = self.half(half).as_raw_fd();
        registry.register(&mut SourceFd(&fd), token(slot, half), Interest::READABLE)?;
        self.is_watched |= half == Half::Rtp;
        Ok(())
    }

    /// Has the poll tell of them no more.
    pub(super) fn leave(&mut self, half: Half, registry: &Registry) {
        if half == Half::Rtp && !std::mem::take(&mut self.is_watched) {
            return;
        }
        let fd = self.half(half).as_raw_fd();
        if let Err(error) = registry.deregister(&mut SourceFd(&fd)) {
            tracing::error!(%error, "a socket cannot be taken off the poll");
        }
    }

    /// Points both sockets: once it is fixed from where packets come, the kernel drops what others
    /// send.
    pub(super) fn point(&mut self, aim: Aim) -> io::Result<()> {
        let before = std::mem::replace(&mut self.aim, aim);
        connect(&self.rtp, before.hear, aim.hear)?;
        connect(&self.rtcp, before.hear_rtcp, aim.hear_rtcp)
    }

    /// Where the sockets point.
    pub(super) const fn aim(&self) -> Aim {
        self.aim
    }

    /// Whether a packet may still change where the sockets point.
    pub(super) const fn is_learning(&self) -> bool {
        self.aim.hear.is_none() || self.aim.hear_rtcp.is_none()
    }

    /// Sends to the peer, if it is known where that is.
    pub(super) fn send(&self, half: Half, packet: &[u8]) -> io::Result<()> {
        let (to, connected) = match half {
            Half::Rtp => (self.aim.send, self.aim.hear),
            Half::Rtcp => (self.aim.send_rtcp, self.aim.hear_rtcp),
        };
        let socket = self.half(half);
        match to {
            None => return Err(io::ErrorKind::NotConnected.into()),
            Some(to) if connected == Some(to) => {
                rustix::net::send(socket, packet, SendFlags::empty())?
            }
            // A gateway that listens elsewhere than it speaks from.
            Some(to) => rustix::net::sendto(socket, packet, SendFlags::empty(), &to)?,
        };
        Ok(())
    }

    /// The next datagram, and who sent it: also of a connected socket, which may still hold what
    /// others sent before it was connected. System calls are made without the C library, whose own
    /// may be cancelled and pay for it.
    pub(super) fn receive(&self, half: Half, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let socket = self.half(half);
        let (length, _, source) = rustix::net::recvfrom(socket, buffer, RecvFlags::empty())?;
        let source = source.and_then(|source| SocketAddr::try_from(source).ok());
        let source = source.ok_or(io::ErrorKind::InvalidData)?;
        Ok((length, source))
    }

    fn half(&self, half: Half) -> &UdpSocket {
        match half {
            Half::Rtp => &self.rtp,
            Half::Rtcp => &self.rtcp,
        }
    }
}

/// Connects a socket to where its packets come from, or lets it hear everybody again.
fn connect(
    socket: &UdpSocket,
    before: Option<SocketAddr>,
    to: Option<SocketAddr>,
) -> io::Result<()> {
    match to {
        Some(to) if before != Some(to) => socket.connect(to),
        None if before.is_some() => Ok(rustix::net::connect_unspec(socket)?),
        Some(_) | None => Ok(()),
    }
}

/// The poll's name for a socket. The highest number is the waker's.
pub(super) fn token(slot: usize, half: Half) -> Token {
    Token(slot * 2 + usize::from(half == Half::Rtcp))
}

/// The slot and socket that a token names.
pub(super) fn of_token(token: Token) -> (usize, Half) {
    let half = if token.0.is_multiple_of(2) {
        Half::Rtp
    } else {
        Half::Rtcp
    };
    (token.0 / 2, half)
}
