//! From the sockets to the signalling loop in two lanes: peers of ours, and strangers. What the
//! gate drops is never copied, and a flood of strangers fills only the strangers' lane.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::arrival::{Arrival, What};
use crate::clock::Clock;
use crate::sip::Flow;
use crate::switch::{Acquaintance, Gate, Lane, Refusals};

/// Messages of peers, and news of connections, that may wait for the core.
const PEERS: usize = 4096;
/// Messages of strangers that may wait; at most 8 KiB each.
const STRANGERS: usize = 512;

/// The sockets' end.
#[derive(Clone, Debug)]
pub(super) struct Lanes {
    gate: Arc<Mutex<Gate>>,
    peers: mpsc::Sender<Arrival>,
    strangers: mpsc::Sender<Arrival>,
}

/// The loop's end.
#[derive(Debug)]
pub(super) struct Arrivals {
    peers: mpsc::Receiver<Arrival>,
    strangers: mpsc::Receiver<Arrival>,
}

impl Lanes {
    pub(super) fn new() -> (Self, Arrivals) {
        let (peers, peers_end) = mpsc::channel(PEERS);
        let (strangers, strangers_end) = mpsc::channel(STRANGERS);
        let lanes = Self {
            gate: Arc::new(Mutex::new(Gate::new(rand::random()))),
            peers,
            strangers,
        };
        let arrivals = Arrivals {
            peers: peers_end,
            strangers: strangers_end,
        };
        (lanes, arrivals)
    }

    /// Puts the octets of a message into their lane, if they have one. A peer's wait for room, and
    /// meanwhile the kernel drops datagrams, which SIP repeats. A stranger's are dropped instead.
    /// False once nobody is at the other end.
    pub(super) async fn pass(&self, bytes: &[u8], flow: Flow) -> bool {
        let weighed = self.gate().weigh(bytes, flow.peer, Clock.now());
        let Ok(lane) = weighed else {
            return self.are_open();
        };
        let what = What::Message(bytes.to_vec());
        let arrival = Arrival { flow, what };
        match lane {
            Lane::Peer => self.tell(arrival).await,
            Lane::Stranger => match self.strangers.try_send(arrival) {
                Ok(()) => true,
                Err(mpsc::error::TrySendError::Full(_)) => {
                    self.gate().overflowed();
                    true
                }
                Err(mpsc::error::TrySendError::Closed(_)) => false,
            },
        }
    }

    /// Tells news of a connection. False once nobody is at the other end.
    pub(super) async fn tell(&self, news: Arrival) -> bool {
        self.peers.send(news).await.is_ok()
    }

    /// Tells that a connection is over, behind the last message that came by it.
    pub(super) async fn end(&self, news: Arrival) {
        let lane = if self.gate().knows(news.flow.peer) {
            &self.peers
        } else {
            &self.strangers
        };
        // Without a core there is nobody to tell.
        let _ = lane.send(news).await;
    }

    /// Whether a connection from `peer` is to be taken.
    pub(super) fn admits(&self, peer: SocketAddr) -> bool {
        self.gate().admits(peer, Clock.now())
    }

    /// Whether anybody is at the other end.
    pub(super) fn are_open(&self) -> bool {
        !self.peers.is_closed()
    }

    pub(super) fn learn(&self, known: Arc<Acquaintance>) {
        self.gate().learn(known);
    }

    pub(super) fn refusals(&self) -> Refusals {
        self.gate().refusals()
    }

    /// The gate holds counts only: whoever panicked in here has left them whole.
    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Arrivals {
    /// What came next: peers before strangers. Nothing is lost if the future is dropped.
    pub(super) async fn next(&mut self) -> Option<Arrival> {
        tokio::select! {
            biased;
            arrival = self.peers.recv() => arrival,
            Some(arrival) = self.strangers.recv() => Some(arrival),
        }
    }
}
