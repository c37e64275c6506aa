//! Legs on their way from one media thread to another: a call lives on one thread, and a transfer
//! may give it a leg that was born on another.
//!
//! The thread that is to have the leg is told to await it; its further orders wait until it has
//! come. No two threads wait for each other: legs are handed over in the order in which they were
//! asked for, so that what the earliest one waits for is always done.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError};

use mio::Waker;

use super::leg_sockets::LegSockets;
use super::srtp::SrtpLeg;
use crate::call::media::{MediaCommand, MediaLeg};
use crate::id::CallId;
use crate::media::MovingLeg;

/// What a media thread is told.
#[derive(Debug)]
pub(super) enum Order {
    Command(MediaCommand),
    /// This leg comes from another thread before anything else is done.
    Await(MediaLeg),
    /// Hand a leg to another thread, for this call of its.
    Give {
        leg: MediaLeg,
        call: CallId,
        thread: usize,
    },
    /// The leg that was awaited; `None` if it was closed before it could be handed over.
    Take {
        leg: MediaLeg,
        parcel: Option<Box<Parcel>>,
    },
    Stop,
}

/// A leg without its call.
#[derive(Debug)]
pub(super) struct Parcel {
    /// The call that is to have it.
    pub(super) call: CallId,
    pub(super) sockets: LegSockets,
    pub(super) srtp: SrtpLeg,
    pub(super) moving: MovingLeg,
}

/// How a thread is reached.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub(super) orders: SyncSender<Order>,
    pub(super) waker: Arc<Waker>,
}

impl Door {
    pub(super) fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::error!(%error, "a media thread cannot be woken");
        }
    }
}

/// One thread's orders, and what it sends to the others.
#[derive(Debug)]
pub(super) struct Transit {
    orders: Receiver<Order>,
    threads: Arc<[Door]>,
    /// The leg that all further orders wait for.
    awaited: Option<MediaLeg>,
    held: VecDeque<Order>,
    /// Legs that have come, perhaps before they were awaited.
    arrived: BTreeMap<MediaLeg, Option<Box<Parcel>>>,
    /// Orders that another thread had no room for.
    waiting: VecDeque<(usize, Order)>,
}

impl Transit {
    pub(super) fn new(orders: Receiver<Order>, threads: Arc<[Door]>) -> Self {
        Self {
            orders,
            threads,
            awaited: None,
            held: VecDeque::new(),
            arrived: BTreeMap::new(),
            waiting: VecDeque::new(),
        }
    }

    /// The next order. They come in the order in which they were given; behind the news of a leg
    /// they wait until it is here, which takes the other thread a tick.
    pub(super) fn next(&mut self) -> Option<Order> {
        loop {
            if let Some(leg) = self.awaited {
                if let Some(parcel) = self.arrived.remove(&leg) {
                    self.awaited = None;
                    return Some(Order::Take { leg, parcel });
                }
            } else if let Some(order) = self.held.pop_front() {
                let Order::Await(leg) = order else {
                    return Some(order);
                };
                self.awaited = Some(leg);
                continue;
            }
            match self.orders.try_recv() {
                Ok(Order::Take { leg, parcel }) => {
                    self.arrived.insert(leg, parcel);
                }
                Ok(Order::Stop) | Err(TryRecvError::Disconnected) => return Some(Order::Stop),
                Ok(order) => self.held.push_back(order),
                Err(TryRecvError::Empty) => return None,
            }
        }
    }

    /// Hands a leg to another thread.
    pub(super) fn give(&mut self, thread: usize, leg: MediaLeg, parcel: Option<Parcel>) {
        let parcel = parcel.map(Box::new);
        let order = Order::Take { leg, parcel };
        self.waiting.push_back((thread, order));
        self.send_waiting();
    }

    /// Sends what found no room before. To be called often while [`is_waiting`](Self::is_waiting).
    pub(super) fn send_waiting(&mut self) {
        while let Some((thread, order)) = self.waiting.pop_front() {
            let Some(door) = self.threads.get(thread) else {
                continue;
            };
            match door.orders.try_send(order) {
                Ok(()) => door.wake(),
                Err(TrySendError::Full(order)) => {
                    self.waiting.push_front((thread, order));
                    return;
                }
                Err(TrySendError::Disconnected(_)) => {
                    tracing::error!("a media thread is gone");
                }
            }
        }
    }

    /// Whether something is left to send.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }
}
