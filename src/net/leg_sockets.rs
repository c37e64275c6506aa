//! The sockets of all legs, by slot: a token of the poll is a slot and which of its two sockets.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::net::{RecvFlags, SendFlags};

use super::ports::PortPair;
use crate::call::media::MediaLeg;
use crate::media::Aim;

/// A packet that comes so much earlier or later after the one before than that one did is out of
/// step: others may have come with it.
const OUT_OF_STEP: Duration = Duration::from_millis(7);
/// Of packets that are in step, every so many-th one is followed by a look for more.
const LOOK_AFTER: u8 = 8;

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
    last_packet: Option<Instant>,
    interval: Duration,
    in_step: u8,
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
        sockets: LegSockets,
        registry: &Registry,
    ) -> io::Result<usize> {
        let slot = self.free.last().copied().unwrap_or(self.slots.len());
        for half in [Half::Rtp, Half::Rtcp] {
            let fd = sockets.half(half).as_raw_fd();
            registry.register(&mut SourceFd(&fd), token(slot, half), Interest::READABLE)?;
        }
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
        let removed = self.slots.get_mut(slot)?.take()?;
        self.free.push(slot);
        for half in [Half::Rtp, Half::Rtcp] {
            let fd = removed.half(half).as_raw_fd();
            if let Err(error) = registry.deregister(&mut SourceFd(&fd)) {
                tracing::error!(%error, "a socket cannot be taken off the poll");
            }
        }
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
            last_packet: None,
            interval: Duration::ZERO,
            in_step: 0,
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

    /// Notes a packet, and whether it came in step with those before it: then it came alone, and
    /// asking the kernel for another would be in vain. Now and then it is asked all the same.
    pub(super) fn is_in_step(&mut self, now: Instant) -> bool {
        let before = self.last_packet.replace(now).unwrap_or(now);
        let interval = now.saturating_duration_since(before);
        let change = interval.abs_diff(std::mem::replace(&mut self.interval, interval));
        self.in_step = if change < OUT_OF_STEP && !interval.is_zero() {
            (self.in_step + 1) % LOOK_AFTER
        } else {
            0
        };
        self.in_step != 0
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

    /// The next datagram, and who sent it. System calls are made without the C library, whose own
    /// may be cancelled and pay for it.
    pub(super) fn receive(
        &self,
        half: Half,
        buffer: &mut [u8],
    ) -> io::Result<(usize, SocketAddr)> {
        let connected = match half {
            Half::Rtp => self.aim.hear,
            Half::Rtcp => self.aim.hear_rtcp,
        };
        let socket = self.half(half);
        if let Some(peer) = connected {
            let (length, _) = rustix::net::recv(socket, buffer, RecvFlags::empty())?;
            return Ok((length, peer));
        }
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
fn token(slot: usize, half: Half) -> Token {
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
