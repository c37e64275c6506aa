//! The thread that puts messages on disk.

use std::io;
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::mask::hide_srtp_keys;
use super::passage::Passage;
use super::segments::Segments;
use super::tap::{Outlet, Tap, tap};
use crate::clock::Clock;

/// How often the queue is emptied: by the clock, so that a message wakes nobody up. A crash of
/// the process loses what came in this time.
const EVERY: Duration = Duration::from_millis(200);
/// After the disk has failed, it is left alone for so long.
const AFTER_ERROR: Duration = Duration::from_secs(5);

/// Where messages are kept, and how many.
#[derive(Clone, Debug)]
pub struct TraceSettings {
    /// The folder of the segments.
    pub folder: PathBuf,
    /// What they may take together, in octets.
    pub keep: u64,
}

/// The running thread.
#[derive(Debug)]
pub struct Trace {
    thread: JoinHandle<()>,
}

impl Trace {
    /// Starts the thread; it ends when the tap is gone.
    ///
    /// # Errors
    /// The folder cannot be made or read, or no thread can be started.
    pub fn start(settings: &TraceSettings, clock: Clock) -> io::Result<(Tap, Self)> {
        let segments = Segments::open(&settings.folder, settings.keep)?;
        let (tap, outlet) = tap();
        let writer = Writer {
            segments,
            outlet,
            clock,
            rests_until: None,
        };
        let thread = thread::Builder::new()
            .name("trace".to_owned())
            .spawn(move || writer.run())?;
        Ok((tap, Self { thread }))
    }

    /// Waits until everything that was tapped is written; the tap must be gone.
    pub fn finish(self) {
        if self.thread.join().is_err() {
            tracing::error!("the trace's thread broke");
        }
    }
}

struct Writer {
    segments: Segments,
    outlet: Outlet,
    clock: Clock,
    rests_until: Option<Instant>,
}

impl Writer {
    fn run(mut self) {
        loop {
            let (mut passages, more_may_come) = self.outlet.drain();
            for passage in &mut passages {
                hide_srtp_keys(&mut passage.octets);
            }
            if !passages.is_empty() {
                self.write(&passages);
            }
            crate::metrics::trace_bytes(self.segments.size());
            if !more_may_come {
                return;
            }
            thread::sleep(EVERY);
        }
    }

    fn write(&mut self, passages: &[Passage]) {
        let now = self.clock.now();
        if self.rests_until.is_some_and(|until| now < until) {
            crate::metrics::trace_dropped(passages.len() as u64);
            return;
        }
        match self.segments.append(passages) {
            Ok(()) => {
                if self.rests_until.take().is_some() {
                    tracing::info!("SIP messages are kept again");
                }
            }
            Err(error) => {
                if self.rests_until.is_none() {
                    tracing::error!(%error, "SIP messages cannot be kept; calls go on");
                }
                // Some of them may have been written; the count is an upper bound.
                crate::metrics::trace_dropped(passages.len() as u64);
                self.rests_until = Some(now + AFTER_ERROR);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Way;
    use crate::rules::Timestamp;
    use crate::trace::{pcap, segments};

    #[test]
    fn what_was_tapped_before_the_end_is_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let settings = TraceSettings {
            folder: folder.path().join("trace"),
            keep: 1_000_000,
        };
        let (tap, trace) = Trace::start(&settings, Clock).unwrap();
        let passage = |n: i64| Passage {
            at: Timestamp(1_790_000_000_000_000 + n),
            way: Way::Out,
            local: "192.0.2.10:5060".parse().unwrap(),
            peer: "203.0.113.1:5060".parse().unwrap(),
            octets: n.to_string().into_bytes(),
        };
        let passages: Vec<_> = (0..100).map(passage).collect();
        for passage in &passages {
            tap.keep(passage.clone());
        }
        drop(tap);
        trace.finish();
        let written: Vec<_> = segments::list(&settings.folder)
            .unwrap()
            .into_iter()
            .flat_map(|segment| pcap::read(&std::fs::read(segment.path).unwrap()))
            .collect();
        assert_eq!(written, passages);
    }
}
