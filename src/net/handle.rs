//! What the rest of the service may ask of the signalling loop.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::call::command::{Actor, Answer, Refused};
use crate::call::{CallNow, Entry};
use crate::rules::Calendar;
use crate::switch::{Board, Command, KeptBinding, KeptDesk, LineSwitch, News, Overview, Settings};

/// Orders to the loop.
#[derive(Debug)]
pub(super) enum Order {
    /// Somebody at the desk asks for something, and waits for the answer.
    Command(Actor, Command, oneshot::Sender<Answer>),
    /// The desk and the registrations from before a restart.
    Restore(KeptDesk, Vec<KeptBinding>),
    /// Lines that were switched before a restart.
    Switches(Vec<LineSwitch>),
    /// Lines are staffed as these say from now on.
    Calendars(BTreeMap<String, Calendar>),
    /// The desk is set up so from now on; said when it is.
    Settings(Box<Settings>, oneshot::Sender<()>),
    /// Somebody looks at how things stand.
    Overview(oneshot::Sender<Overview>),
    /// Somebody looks at the calls that go on.
    Calls(oneshot::Sender<Vec<CallNow>>),
    /// Take no new calls.
    Drain,
    /// End every call.
    Stop,
    /// Leave.
    Quit,
}

/// What the desk hears of while it happens.
#[derive(Clone, Debug)]
pub enum Live {
    /// An entry of the log, as the log is given it.
    Entry(Arc<Entry>),
    /// What the log does not keep.
    News(News),
}

/// A door to the signalling loop; cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(super) orders: mpsc::Sender<Order>,
    pub(super) calls_open: watch::Receiver<usize>,
    pub(super) registrations_leaving: watch::Receiver<Option<usize>>,
    pub(super) draining: Arc<AtomicBool>,
    pub(super) live: broadcast::Sender<Live>,
    pub(super) desk: watch::Receiver<Board>,
}

impl Handle {
    /// Has a command carried out. That the person may ask for it is the caller's business.
    ///
    /// # Errors
    /// It does not fit how things stand, or the loop is over.
    pub async fn command(&self, by: Actor, command: Command) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.give(Order::Command(by, command, answer)).await;
        answered.await.unwrap_or(Err(Refused::Stopping))
    }

    /// How things stand now; `None` when the loop is over.
    pub async fn overview(&self) -> Option<Overview> {
        let (overview, shown) = oneshot::channel();
        self.give(Order::Overview(overview)).await;
        shown.await.ok()
    }

    /// How every running call stands now; `None` when the loop is over.
    pub async fn calls_now(&self) -> Option<Vec<CallNow>> {
        let (calls, shown) = oneshot::channel();
        self.give(Order::Calls(calls)).await;
        shown.await.ok()
    }

    /// Everything that happens from now on. A reader who falls too far behind misses the oldest of
    /// it, and is told so.
    pub fn live(&self) -> broadcast::Receiver<Live> {
        self.live.subscribe()
    }

    /// Gives it the desk and the registrations from before the start, late.
    pub async fn restore(&self, desk: KeptDesk, phones: Vec<KeptBinding>) {
        self.give(Order::Restore(desk, phones)).await;
    }

    /// How every agent and every queue stands now; each change of it is told by [`live`](Self::live).
    pub fn desk(&self) -> Board {
        self.desk.borrow().clone()
    }

    /// Gives it the lines that were switched before the start, late.
    pub async fn line_switches(&self, kept: Vec<LineSwitch>) {
        self.give(Order::Switches(kept)).await;
    }

    /// Lines go by these calendars from now on.
    pub async fn learn_calendars(&self, calendars: BTreeMap<String, Calendar>) {
        self.give(Order::Calendars(calendars)).await;
    }

    /// The desk goes by these settings from now on, and does when this returns.
    pub async fn set_up(&self, settings: Settings) {
        let (done, is_done) = oneshot::channel();
        self.give(Order::Settings(Box::new(settings), done)).await;
        // An error means that the loop is over.
        let _ = is_done.await;
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
