//! The media plane seen from outside: start it, give it orders, stop it.
//!
//! Three threads of its own: one owns all RTP sockets ([`super::media_thread`]), one writes
//! recordings and one seals them ([`super::recorder`]).

use std::collections::VecDeque;
use std::io;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use mio::{Poll, Waker};

use super::media_thread::{self, MediaThread, Order};
use super::recorder;
use super::recorder_feed::RecorderFeed;
use crate::call::media::{MediaCommand, MediaEvent};
use crate::clock::Clock;
use crate::media::Patience;
use crate::recording::PromptLibrary;

/// Orders that may wait for the media thread, which looks every 2 ms.
const ORDER_QUEUE: usize = 8192;

/// Hears what the media plane reports. It is called on the media plane's own threads and must
/// not block them.
pub type Report = Arc<dyn Fn(MediaEvent) + Send + Sync>;

/// What the media plane needs to know.
#[derive(Clone, Debug)]
pub struct MediaSettings {
    /// Ports for RTP and RTCP; a leg takes an even one and the one after it.
    pub ports: RangeInclusive<u16>,
    /// The type-of-service octet of the packets.
    pub tos: u8,
    /// Where recordings go.
    pub recordings: PathBuf,
    /// What can be played.
    pub prompts: PromptLibrary,
    /// How long peers may be silent.
    pub patience: Patience,
    /// For SSRCs, first sequence numbers and ports.
    pub seed: u64,
}

/// Counts since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaStats {
    /// Datagrams received on RTP sockets.
    pub rtp_received: u64,
    /// RTP packets sent.
    pub rtp_sent: u64,
    /// Packets that the kernel did not take.
    pub send_failures: u64,
    /// Packets that the recorder had no room for: gaps of cause `overflow`.
    pub recorder_overflows: u64,
    /// Legs open now.
    pub legs_open: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) rtp_received: AtomicU64,
    pub(super) rtp_sent: AtomicU64,
    pub(super) send_failures: AtomicU64,
    pub(super) recorder_overflows: AtomicU64,
    pub(super) legs_open: AtomicU64,
}

/// The media plane has stopped: it takes no orders any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the media plane has stopped")]
pub struct Stopped;

/// Gives orders to the media plane; cheap to clone.
#[derive(Clone, Debug)]
pub struct MediaHandle {
    orders: SyncSender<Order>,
    waker: Arc<Waker>,
    counters: Arc<Counters>,
}

impl MediaHandle {
    /// Gives the orders that there is room for, in their order, and wakes the media thread once
    /// for all of them; the others stay in `commands`. Never blocks.
    ///
    /// # Errors
    /// The media plane has stopped.
    pub fn send(&self, commands: &mut VecDeque<MediaCommand>) -> Result<(), Stopped> {
        let waiting = commands.len();
        let mut stopped = Ok(());
        while let Some(command) = commands.pop_front() {
            match self.orders.try_send(Order::Command(command)) {
                Ok(()) => {}
                Err(TrySendError::Full(order)) => {
                    if let Order::Command(command) = order {
                        commands.push_front(command);
                    }
                    break;
                }
                Err(TrySendError::Disconnected(_)) => {
                    stopped = Err(Stopped);
                    break;
                }
            }
        }
        if commands.len() < waiting {
            self.wake();
        }
        stopped
    }

    /// The counts so far.
    pub fn stats(&self) -> MediaStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        MediaStats {
            rtp_received: read(&self.counters.rtp_received),
            rtp_sent: read(&self.counters.rtp_sent),
            send_failures: read(&self.counters.send_failures),
            recorder_overflows: read(&self.counters.recorder_overflows),
            legs_open: read(&self.counters.legs_open),
        }
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::error!(%error, "the media thread cannot be woken");
        }
    }
}

/// The running media plane.
#[derive(Debug)]
pub struct MediaPlane {
    handle: MediaHandle,
    threads: Vec<JoinHandle<()>>,
}

impl MediaPlane {
    /// Starts the threads. `report` is called on them and must not block.
    ///
    /// # Errors
    /// The operating system gives no thread or no poll.
    pub fn start(settings: MediaSettings, report: Report) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), media_thread::WAKER)?);
        let (orders, received) = sync_channel(ORDER_QUEUE);
        let counters = Arc::new(Counters::default());
        let (feed, ends) = RecorderFeed::new(Clock.now());
        let [writer, sealer] = recorder::start(
            settings.recordings.clone(),
            ends.orders,
            ends.empty,
            Arc::clone(&report),
        )?;
        let thread = MediaThread::new(
            poll,
            received,
            feed,
            settings,
            report,
            Arc::clone(&counters),
        );
        let media = std::thread::Builder::new()
            .name("media".to_owned())
            .spawn(move || thread.run())?;
        Ok(Self {
            handle: MediaHandle {
                orders,
                waker,
                counters,
            },
            threads: vec![media, writer, sealer],
        })
    }

    /// What orders are given through.
    pub fn handle(&self) -> MediaHandle {
        self.handle.clone()
    }

    /// Closes every leg, seals every recording, and returns when all of it is reported.
    pub fn stop(self) {
        if self.handle.orders.send(Order::Stop).is_ok() {
            self.handle.wake();
        }
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the media plane has panicked");
            }
        }
    }
}

#[cfg(test)]
mod tests;
