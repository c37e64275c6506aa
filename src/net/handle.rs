//! What the rest of the service may ask of the signalling loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{mpsc, watch};

use crate::call::RecordingDemand;
use crate::id::{AgentId, CallId};

/// Orders to the loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Have an agent's phone answer, or take the caller back.
    Talk(AgentId),
    /// Have an agent's phone put the caller on hold.
    Hold(AgentId),
    /// Turn the recording of a running call.
    Record(CallId, RecordingDemand),
    /// Take no new calls.
    Drain,
    /// End every call.
    Stop,
    /// Leave.
    Quit,
}

/// A door to the signalling loop; cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(super) orders: mpsc::Sender<Order>,
    pub(super) calls_open: watch::Receiver<usize>,
    pub(super) registrations_leaving: watch::Receiver<Option<usize>>,
    pub(super) draining: Arc<AtomicBool>,
}

impl Handle {
    /// Has an agent's phone answer what it is rung for, or take the caller back, if it knows how.
    pub async fn talk(&self, agent: AgentId) {
        self.give(Order::Talk(agent)).await;
    }

    /// Has an agent's phone put the caller on hold, if it knows how.
    pub async fn hold(&self, agent: AgentId) {
        self.give(Order::Hold(agent)).await;
    }

    /// Starts, stops, pauses or resumes the recording of a running call, if that fits (R189); the
    /// call's log tells. That the person may ask for it is the caller's business.
    pub async fn record(&self, call: CallId, demand: RecordingDemand) {
        self.give(Order::Record(call, demand)).await;
    }

    /// Takes no new calls from now on.
    pub async fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
        self.give(Order::Drain).await;
    }

    /// Ends every call.
    pub async fn stop(&self) {
        self.give(Order::Stop).await;
    }

    /// Ends the loop, whatever is still going on.
    pub async fn quit(&self) {
        self.give(Order::Quit).await;
    }

    /// Whether the loop runs and lets new calls in.
    pub fn takes_calls(&self) -> bool {
        !self.orders.is_closed() && !self.draining.load(Ordering::Relaxed)
    }

    /// How many calls are open now.
    pub fn calls_open(&self) -> usize {
        *self.calls_open.borrow()
    }

    /// Returns when no call is open any more.
    pub async fn idle(&self) {
        // An error means that the loop is over, and with it every call.
        let _ = self.calls_open.clone().wait_for(|calls| *calls == 0).await;
    }

    /// Returns when the loop drains and the carriers have taken our registrations back.
    pub async fn unregistered(&self) {
        let mut leaving = self.registrations_leaving.clone();
        // An error means that the loop is over.
        let _ = leaving.wait_for(|leaving| *leaving == Some(0)).await;
    }

    async fn give(&self, order: Order) {
        // A loop that is over has nothing left to do.
        let _ = self.orders.send(order).await;
    }
}
