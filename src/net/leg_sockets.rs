//! The sockets of all legs, by slot: a token of the poll is a slot and which of its two sockets.

use std::io;
use std::net::SocketAddr;

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};

use super::ports::PortPair;
use crate::call::media::MediaLeg;
use crate::id::CallId;
use crate::media::Aim;

/// One leg's sockets.
#[derive(Debug)]
pub(super) struct LegSockets {
    pub(super) leg: MediaLeg,
    pub(super) call: CallId,
    /// Where RTP is received.
    pub(super) address: SocketAddr,
    rtp: UdpSocket,
    rtcp: UdpSocket,
    aim: Aim,
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
    /// Takes a pair in and has the poll watch it.
    pub(super) fn insert(
        &mut self,
        leg: MediaLeg,
        call: CallId,
        pair: PortPair,
        registry: &Registry,
    ) -> io::Result<usize> {
        let slot = self.free.last().copied().unwrap_or(self.slots.len());
        let mut sockets = LegSockets {
            leg,
            call,
            address: pair.address,
            rtp: UdpSocket::from_std(pair.rtp),
            rtcp: UdpSocket::from_std(pair.rtcp),
            aim: Aim::default(),
        };
        registry.register(&mut sockets.rtp, token(slot, Half::Rtp), Interest::READABLE)?;
        registry.register(
            &mut sockets.rtcp,
            token(slot, Half::Rtcp),
            Interest::READABLE,
        )?;
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

    /// Closes a leg's sockets.
    pub(super) fn remove(&mut self, slot: usize) -> Option<LegSockets> {
        let removed = self.slots.get_mut(slot)?.take()?;
        self.free.push(slot);
        Some(removed)
    }
}

impl LegSockets {
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

    /// Sends to the peer, if it is known where that is.
    pub(super) fn send(&self, half: Half, packet: &[u8]) -> io::Result<()> {
        let (to, connected) = match half {
            Half::Rtp => (self.aim.send, self.aim.hear),
            Half::Rtcp => (self.aim.send_rtcp, self.aim.hear_rtcp),
        };
        let socket = self.half(half);
        match to {
            None => return Err(io::ErrorKind::NotConnected.into()),
            Some(to) if connected == Some(to) => socket.send(packet),
            // A gateway that listens elsewhere than it speaks from.
            Some(to) => socket.send_to(packet, to),
        }
        .map(|_| ())
    }

    pub(super) fn receive(&self, half: Half, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.half(half).recv_from(buffer)
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
