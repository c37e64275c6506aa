//! From the media thread to the recorder, without ever waiting: packets are copied into batches
//! that go through a bounded queue and come back empty. When the queue is full the batch is
//! thrown away, and the next packet of each call says so, so that it becomes a gap of its own
//! kind.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use crate::call::conduct::MarkKind;
use crate::id::CallId;
use crate::media::{Frame, Way};
use crate::sdp::Codec;

/// How long packets are gathered before they are handed on.
const BATCH_INTERVAL: Duration = Duration::from_millis(50);
/// A batch larger than this is handed on at once.
const BATCH_BYTES: usize = 256 * 1024;
/// Batches of one feed on their way: 2.5 s of them, by the interval above.
const QUEUE: usize = 50;
/// Empty batches that are kept to be filled again. A recorder that has been late leaves more of them
/// than it ever needs otherwise.
const SPARE: usize = 2;
/// Room in the queue for orders that are no batches.
const ORDERS: usize = 78;

/// What the recorder is told, in order.
#[derive(Debug)]
pub(super) enum RecorderOrder {
    /// Create the file.
    Open {
        call: CallId,
        path: String,
        feed: usize,
    },
    /// Second 0 is `at`.
    Start { call: CallId, at: Instant },
    /// Packets, and the news that time has passed.
    Frames(Batch),
    /// Silence on purpose begins or ends at `at`.
    Mark {
        call: CallId,
        at: Instant,
        what: MarkKind,
    },
    /// The end is `at`; in `overflowed` ways the last packets were lost in our queue.
    Close {
        call: CallId,
        at: Instant,
        overflowed: Vec<Way>,
    },
}

/// A copied packet, without its audio.
#[derive(Clone, Debug)]
pub(super) struct Copied {
    pub(super) call: CallId,
    pub(super) way: Way,
    pub(super) arrival: Instant,
    /// Packets before this one were thrown away.
    pub(super) is_after_overflow: bool,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    codec: Codec,
    audio: Range<usize>,
}

impl Copied {
    /// The packet as the time line wants it.
    pub(super) fn frame<'a>(&self, audio: &'a [u8]) -> Frame<'a> {
        Frame {
            ssrc: self.ssrc,
            sequence: self.sequence,
            timestamp: self.timestamp,
            codec: self.codec,
            audio,
        }
    }
}

/// Packets of all calls.
#[derive(Debug)]
pub(super) struct Batch {
    packets: Vec<Copied>,
    audio: Vec<u8>,
    until: Instant,
    /// Whose packets they are, and where the batch goes back to.
    feed: usize,
    home: SyncSender<Batch>,
    /// While it is on its way.
    ticket: Option<Ticket>,
}

/// One of the batches that a feed may have on their way.
#[derive(Debug)]
struct Ticket(Arc<AtomicUsize>);

impl Ticket {
    fn take(in_flight: &Arc<AtomicUsize>) -> Option<Self> {
        // Only the feed's own thread takes tickets, so nobody does between the two.
        if in_flight.load(Ordering::Acquire) >= QUEUE {
            return None;
        }
        in_flight.fetch_add(1, Ordering::AcqRel);
        Some(Self(Arc::clone(in_flight)))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Batch {
    fn new(until: Instant, feed: usize, home: SyncSender<Self>) -> Self {
        Self {
            packets: Vec::new(),
            audio: Vec::new(),
            until,
            feed,
            home,
            ticket: None,
        }
    }

    /// The number of the feed that it comes from.
    pub(super) fn feed(&self) -> usize {
        self.feed
    }

    /// Everything of this feed that arrived before this instant is in this batch or an earlier one.
    pub(super) fn until(&self) -> Instant {
        self.until
    }

    pub(super) fn packets(&self) -> impl Iterator<Item = (&Copied, &[u8])> {
        let audio = |copied: &Copied| self.audio.get(copied.audio.clone()).unwrap_or_default();
        self.packets
            .iter()
            .map(move |copied| (copied, audio(copied)))
    }

    fn clear(&mut self) {
        self.packets.clear();
        self.audio.clear();
    }

    /// Sends it back, to be filled again.
    pub(super) fn give_back(mut self) {
        self.clear();
        self.ticket = None;
        let home = self.home.clone();
        // A full channel means that there are enough batches about.
        let _ = home.try_send(self);
    }
}

/// The media thread's end.
#[derive(Debug)]
pub(super) struct RecorderFeed {
    number: usize,
    orders: SyncSender<RecorderOrder>,
    empty: Receiver<Batch>,
    home: SyncSender<Batch>,
    in_flight: Arc<AtomicUsize>,
    batch: Batch,
    /// Orders that found the queue full. They are never thrown away, and nothing overtakes them.
    waiting: VecDeque<RecorderOrder>,
    overflowed: BTreeSet<(CallId, bool)>,
    /// Recordings that run; without one there is nothing to hand on.
    running: BTreeSet<CallId>,
    /// Recordings with silence on purpose: their packets go nowhere.
    silenced: BTreeSet<CallId>,
    thrown_away: u64,
}

impl RecorderFeed {
    /// A feed for each media thread, and where what they hand on comes out.
    pub(super) fn of_threads(count: usize, now: Instant) -> (Vec<Self>, Receiver<RecorderOrder>) {
        let (orders, received) = sync_channel(QUEUE * count + ORDERS);
        let feeds = (0..count).map(|number| Self::new(number, orders.clone(), now));
        (feeds.collect(), received)
    }

    fn new(number: usize, orders: SyncSender<RecorderOrder>, now: Instant) -> Self {
        let (home, empty) = sync_channel(SPARE);
        Self {
            number,
            orders,
            empty,
            batch: Batch::new(now, number, home.clone()),
            home,
            in_flight: Arc::default(),
            waiting: VecDeque::new(),
            overflowed: BTreeSet::new(),
            running: BTreeSet::new(),
            silenced: BTreeSet::new(),
            thrown_away: 0,
        }
    }

    pub(super) fn open(&mut self, call: CallId, path: String) {
        let feed = self.number;
        self.order(RecorderOrder::Open { call, path, feed });
    }

    pub(super) fn start(&mut self, call: CallId, at: Instant) {
        self.running.insert(call);
        self.order(RecorderOrder::Start { call, at });
    }

    pub(super) fn close(&mut self, call: CallId, at: Instant) {
        self.hand_on(at);
        self.running.remove(&call);
        self.silenced.remove(&call);
        let overflowed = [Way::Received, Way::Sent]
            .into_iter()
            .filter(|way| self.overflowed.remove(&(call, *way == Way::Sent)))
            .collect();
        self.order(RecorderOrder::Close {
            call,
            at,
            overflowed,
        });
    }

    /// Whether the recording has begun, and has not ended.
    pub(super) fn is_running(&self, call: CallId) -> bool {
        self.running.contains(&call)
    }

    /// Begins or ends silence on purpose.
    pub(super) fn silence(&mut self, call: CallId, silent: bool, at: Instant) {
        let (changed, what) = if silent {
            (self.silenced.insert(call), MarkKind::Paused)
        } else {
            (self.silenced.remove(&call), MarkKind::Resumed)
        };
        if changed && self.running.contains(&call) {
            self.hand_on(at);
            self.order(RecorderOrder::Mark { call, at, what });
        }
    }

    /// Copies a packet of a call that is being recorded.
    pub(super) fn push(&mut self, call: CallId, way: Way, frame: &Frame<'_>, arrival: Instant) {
        if !self.silenced.is_empty() && self.silenced.contains(&call) {
            return;
        }
        let start = self.batch.audio.len();
        self.batch.audio.extend_from_slice(frame.audio);
        let is_after_overflow =
            !self.overflowed.is_empty() && self.overflowed.remove(&(call, way == Way::Sent));
        self.batch.packets.push(Copied {
            call,
            way,
            arrival,
            is_after_overflow,
            ssrc: frame.ssrc,
            sequence: frame.sequence,
            timestamp: frame.timestamp,
            codec: frame.codec,
            audio: start..self.batch.audio.len(),
        });
    }

    /// Hands on what is due. To be called often.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.send_waiting();
        let is_due = self.poll_timeout().is_some_and(|due| due <= now);
        if is_due || self.batch.audio.len() >= BATCH_BYTES {
            self.hand_on(now);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let has_work = !self.running.is_empty() || !self.waiting.is_empty();
        has_work.then(|| self.batch.until + BATCH_INTERVAL)
    }

    /// Packets that the recorder never saw.
    pub(super) fn thrown_away(&self) -> u64 {
        self.thrown_away
    }

    /// Hands on everything, waiting for the recorder: the end is near.
    pub(super) fn finish(mut self, now: Instant) {
        self.hand_on(now);
        for order in self.waiting {
            if self.orders.send(order).is_err() {
                return;
            }
        }
    }

    fn hand_on(&mut self, now: Instant) {
        let empty = self.empty.try_recv();
        let empty = empty.unwrap_or_else(|_| Batch::new(now, self.number, self.home.clone()));
        let mut full = std::mem::replace(&mut self.batch, empty);
        full.until = now;
        self.batch.until = now;
        full.ticket = Ticket::take(&self.in_flight);
        if !self.waiting.is_empty() || full.ticket.is_none() {
            self.throw_away(full);
            return;
        }
        match self.orders.try_send(RecorderOrder::Frames(full)) {
            Ok(()) => {}
            Err(TrySendError::Full(order) | TrySendError::Disconnected(order)) => {
                if let RecorderOrder::Frames(batch) = order {
                    self.throw_away(batch);
                }
            }
        }
    }

    fn throw_away(&mut self, mut batch: Batch) {
        for packet in &batch.packets {
            self.overflowed
                .insert((packet.call, packet.way == Way::Sent));
        }
        self.thrown_away += batch.packets.len() as u64;
        batch.clear();
        self.batch.packets.reserve(batch.packets.capacity());
    }

    fn order(&mut self, order: RecorderOrder) {
        self.waiting.push_back(order);
        self.send_waiting();
    }

    fn send_waiting(&mut self) {
        while let Some(order) = self.waiting.pop_front() {
            match self.orders.try_send(order) {
                Ok(()) => {}
                Err(TrySendError::Full(order)) => {
                    self.waiting.push_front(order);
                    return;
                }
                Err(TrySendError::Disconnected(_)) => {
                    tracing::error!("the recorder thread is gone");
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const CALL: CallId = CallId(Uuid::from_u128(5));

    fn frame(sequence: u16) -> Frame<'static> {
        Frame {
            ssrc: 1,
            sequence,
            timestamp: 0,
            codec: Codec::Pcma,
            audio: &[0xD5; 160],
        }
    }

    #[test]
    fn a_recorder_that_is_stuck_costs_packets_and_never_orders() {
        let now = Instant::now();
        let (mut feeds, orders) = RecorderFeed::of_threads(1, now);
        let mut feed = feeds.remove(0);
        feed.open(CALL, "a.wav".to_owned());
        feed.start(CALL, now);
        for sequence in 0..200_u16 {
            let now = now + BATCH_INTERVAL * u32::from(sequence + 1);
            feed.push(CALL, Way::Sent, &frame(sequence), now);
            feed.handle_timeout(now);
        }
        let now = now + Duration::from_mins(1);
        feed.close(CALL, now);
        assert_eq!(feed.thrown_away(), 200 - u64::try_from(QUEUE).unwrap());

        // The recorder wakes up: what it gets ends with the order, which knows of the loss.
        let mut told: Vec<_> = orders.try_iter().collect();
        feed.handle_timeout(now + Duration::from_millis(1));
        told.extend(orders.try_iter());
        assert_eq!(told.len(), QUEUE + 3); // with Open, Start and Close
        let Some(RecorderOrder::Close { overflowed, .. }) = told.last() else {
            panic!("the last order is Close");
        };
        assert_eq!(overflowed, &[Way::Sent]);
    }

    #[test]
    fn the_packet_after_an_overflow_says_so_once() {
        let now = Instant::now();
        let (mut feeds, orders) = RecorderFeed::of_threads(1, now);
        let mut feed = feeds.remove(0);
        feed.start(CALL, now);
        for sequence in 0..QUEUE + 5 {
            let sequence = u16::try_from(sequence).unwrap();
            let now = now + BATCH_INTERVAL * u32::from(sequence + 1);
            feed.push(CALL, Way::Received, &frame(sequence), now);
            feed.handle_timeout(now);
        }
        let mut later = now + Duration::from_mins(1);
        for order in orders.try_iter() {
            drop(order);
        }
        for sequence in 200..202 {
            feed.push(CALL, Way::Received, &frame(sequence), later);
            later += BATCH_INTERVAL;
            feed.handle_timeout(later);
        }
        let marks: Vec<_> = orders
            .try_iter()
            .filter_map(|order| {
                if let RecorderOrder::Frames(batch) = order {
                    Some(batch)
                } else {
                    None
                }
            })
            .flat_map(|batch| batch.packets)
            .map(|packet| packet.is_after_overflow)
            .collect();
        assert_eq!(marks, [true, false]);
    }
}
