//! The media plane seen from outside: start it, give it orders, stop it.
//!
//! Threads of its own: for each core one that owns its calls' RTP sockets
//! ([`super::media_thread`]), and beside them those that write recordings, flush and seal them
//! ([`super::recorder`]). Which call is whose, [`super::media_router`] knows.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use mio::{Poll, Waker};
use rustix::thread::{CpuSet, sched_setaffinity};
use tokio::sync::watch;

use super::media_router::Router;
use super::media_thread::{self, MediaThread};
use super::media_transit::{Door, Order, Transit};
use super::ports::Taken;
use super::recorder::{self, RecorderHealth, RecordingSettings};
use super::recorder_feed::RecorderFeed;
use crate::call::media::{MediaCommand, MediaEvent};
use crate::clock::Clock;
use crate::media::Patience;
use crate::recording::PromptLibrary;

/// Orders that may wait for a media thread, which looks every few milliseconds.
const ORDER_QUEUE: usize = 1024;

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
    pub recording: RecordingSettings,
    /// What can be played from now on.
    pub prompts: watch::Receiver<PromptLibrary>,
    /// How long peers may be silent.
    pub patience: Patience,
    /// For SSRCs, first sequence numbers and ports.
    pub seed: u64,
    /// Media threads: the cores of the machine are a good number.
    pub threads: NonZeroUsize,
    /// Calls that a media thread is given before the next one gets any.
    pub calls_a_thread: usize,
    /// Whether each media thread is kept on a core of its own.
    pub is_pinned: bool,
}

impl MediaSettings {
    /// About a third of a core's worth of calls: so few threads as possible are awake.
    pub const CALLS_A_THREAD: usize = 500;

    /// What one thread is told: no two give the same numbers.
    fn of_thread(mut self, number: usize) -> Self {
        self.seed = self.seed.wrapping_add(number as u64);
        self
    }
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
    router: Arc<Mutex<Router>>,
    counters: Arc<[Arc<Counters>]>,
    recorder: Arc<RecorderHealth>,
}

impl MediaHandle {
    /// Gives the orders that there is room for, in their order, and wakes each media thread once
    /// for all of its; the others stay in `commands`. Never blocks.
    ///
    /// # Errors
    /// The media plane has stopped.
    pub fn send(&self, commands: &mut VecDeque<MediaCommand>) -> Result<(), Stopped> {
        let router = self.router.lock();
        router
            .unwrap_or_else(PoisonError::into_inner)
            .send(commands)
    }

    /// The counts so far, of all threads.
    pub fn stats(&self) -> MediaStats {
        let read = |counter: fn(&Counters) -> &AtomicU64| {
            let counts = self.counters.iter();
            counts.map(|c| counter(c).load(Ordering::Relaxed)).sum()
        };
        MediaStats {
            rtp_received: read(|c| &c.rtp_received),
            rtp_sent: read(|c| &c.rtp_sent),
            send_failures: read(|c| &c.send_failures),
            recorder_overflows: read(|c| &c.recorder_overflows),
            legs_open: read(|c| &c.legs_open),
        }
    }

    /// How the recorder is doing.
    pub fn recorder(&self) -> Arc<RecorderHealth> {
        Arc::clone(&self.recorder)
    }
}

/// The running media plane. When it is dropped without [`stop`](Self::stop), its threads end by
/// themselves.
#[derive(Debug)]
pub struct MediaPlane {
    handle: MediaHandle,
    doors: Arc<[Door]>,
    threads: Vec<JoinHandle<()>>,
}

impl MediaPlane {
    /// Starts the threads. `report` is called on them and must not block.
    ///
    /// # Errors
    /// The operating system gives no thread or no poll.
    pub fn start(settings: &MediaSettings, report: &Report) -> io::Result<Self> {
        let mut doors = Vec::new();
        let mut ends = Vec::new();
        for _ in 0..settings.threads.get() {
            let poll = Poll::new()?;
            let waker = Arc::new(Waker::new(poll.registry(), media_thread::WAKER)?);
            let (orders, received) = sync_channel(ORDER_QUEUE);
            doors.push(Door { orders, waker });
            ends.push((poll, received));
        }
        let doors: Arc<[Door]> = doors.into();
        let (feeds, orders) = RecorderFeed::of_threads(doors.len(), Clock.now());
        let (mut threads, recorder) =
            recorder::start(settings.recording.clone(), orders, Arc::clone(report))?;
        let taken = Taken::default();
        let mut counters = Vec::new();
        for (number, ((poll, orders), feed)) in ends.into_iter().zip(feeds).enumerate() {
            let count = Arc::new(Counters::default());
            counters.push(Arc::clone(&count));
            let thread = MediaThread::new(
                poll,
                Transit::new(orders, Arc::clone(&doors)),
                feed,
                settings.clone().of_thread(number),
                Arc::clone(report),
                count,
                Arc::clone(&taken),
            );
            let core = settings.is_pinned.then_some(number);
            let named = std::thread::Builder::new().name(format!("media-{number}"));
            threads.push(named.spawn(move || {
                if let Some(core) = core {
                    pin(core);
                }
                thread.run();
            })?);
        }
        let router = Router::new(Arc::clone(&doors), settings.calls_a_thread);
        Ok(Self {
            handle: MediaHandle {
                router: Arc::new(Mutex::new(router)),
                counters: counters.into(),
                recorder,
            },
            doors,
            threads,
        })
    }

    /// What orders are given through.
    pub fn handle(&self) -> MediaHandle {
        self.handle.clone()
    }

    /// Closes every leg, seals every recording, and returns when all of it is reported.
    pub fn stop(mut self) {
        self.tell_to_stop();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the media plane has panicked");
            }
        }
    }

    fn tell_to_stop(&self) {
        for door in self.doors.iter() {
            if door.orders.send(Order::Stop).is_ok() {
                door.wake();
            }
        }
    }
}

impl Drop for MediaPlane {
    fn drop(&mut self) {
        self.tell_to_stop();
    }
}

/// Keeps this thread on one core.
fn pin(core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core);
    if let Err(error) = sched_setaffinity(None, &cores) {
        tracing::warn!(%error, core, "the media thread cannot be kept on its core");
    }
}

#[cfg(test)]
mod tests;
