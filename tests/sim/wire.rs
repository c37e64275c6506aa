//! The network between the switch and its phones.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rand::RngExt;
use rand::rngs::StdRng;
use thirdring::sip::Transport;

/// How badly the wire behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wire {
    /// Of a thousand datagrams, so many are lost.
    pub(crate) lost_per_mille: u32,
    /// Of a thousand datagrams, so many arrive twice.
    pub(crate) doubled_per_mille: u32,
    /// A datagram takes up to this long; so they overtake one another.
    pub(crate) longest_delay: Duration,
}

impl Wire {
    /// Some lost, some doubled, and nothing in order.
    pub(crate) const fn bad() -> Self {
        Self {
            lost_per_mille: 50,
            doubled_per_mille: 100,
            longest_delay: Duration::from_millis(200),
        }
    }

    /// Nothing lost, no delay.
    pub(crate) const fn perfect() -> Self {
        Self {
            lost_per_mille: 0,
            doubled_per_mille: 0,
            longest_delay: Duration::ZERO,
        }
    }
}

/// A datagram on its way.
#[derive(Clone, Debug)]
pub(crate) struct Datagram {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    /// As a datagram, or by the connection of these two.
    pub(crate) transport: Transport,
    pub(crate) bytes: Vec<u8>,
}

/// Datagrams on their way, by when they arrive.
#[derive(Debug, Default)]
pub(crate) struct Flying {
    datagrams: BTreeMap<(Instant, u64), Datagram>,
    sent: u64,
}

impl Flying {
    pub(crate) fn send(&mut self, datagram: &Datagram, wire: Wire, now: Instant, rng: &mut StdRng) {
        let copies = match rng.random_range(0..1000) {
            roll if roll < wire.lost_per_mille => 0,
            roll if roll >= 1000 - wire.doubled_per_mille => 2,
            _ => 1,
        };
        for _ in 0..copies {
            let longest = u64::try_from(wire.longest_delay.as_micros()).unwrap_or(0);
            let delay = Duration::from_micros(rng.random_range(0..=longest));
            self.sent += 1;
            self.datagrams
                .insert((now + delay, self.sent), datagram.clone());
        }
    }

    /// By a connection: nothing is lost, doubled or overtaken.
    pub(crate) fn stream(&mut self, message: Datagram, wire: Wire, now: Instant) {
        let before = self.datagrams.iter().rev().find(|(_, other)| {
            other.transport == message.transport
                && (other.from, other.to) == (message.from, message.to)
        });
        let before = before.map_or(now, |((at, _), _)| *at);
        self.sent += 1;
        let at = before.max(now + wire.longest_delay / 4);
        self.datagrams.insert((at, self.sent), message);
    }

    /// The connection to this peer ends, and what was on its way is lost.
    pub(crate) fn breaks(&mut self, peer: SocketAddr) {
        self.datagrams.retain(|_, message| {
            message.transport == Transport::Udp || (message.from != peer && message.to != peer)
        });
    }

    pub(crate) fn next_arrival(&self) -> Option<Instant> {
        self.datagrams.keys().next().map(|(at, _)| *at)
    }

    pub(crate) fn arrive(&mut self, now: Instant) -> Option<Datagram> {
        let (key, _) = self
            .datagrams
            .first_key_value()
            .filter(|((at, _), _)| *at <= now)?;
        let key = *key;
        self.datagrams.remove(&key)
    }
}
