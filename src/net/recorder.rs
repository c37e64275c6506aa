//! The threads that write recordings: one that turns packets into WAV files, and one that makes
//! finished files safe, since hashing a long call takes longer than others can wait.
//!
//! The media thread never waits for them: see [`super::recorder_feed`].

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::media_plane::Report;
use super::recorder_feed::{Batch, RecorderOrder};
use crate::call::conduct::{MarkKind, RecordingMark};
use crate::call::media::MediaEvent;
use crate::clock::Clock;
use crate::id::CallId;
use crate::media::Way;
use crate::recording::{Error, Finished, Particulars, RecordingFile, SealRules, Stereo, Timeline};
use crate::rules::Timestamp;

/// How often the files are brought up to date.
const WRITE_INTERVAL: Duration = Duration::from_millis(200);
/// Finished recordings that may wait for sealing.
const SEAL_QUEUE: usize = 1024;

/// Starts both threads. They end when the last sender of `orders` is gone and everything is
/// sealed.
///
/// # Errors
/// No thread can be started.
pub(super) fn start(
    folder: PathBuf,
    rules: SealRules,
    orders: Receiver<RecorderOrder>,
    empty: SyncSender<Batch>,
    report: Report,
) -> io::Result<[JoinHandle<()>; 2]> {
    let (seals, jobs) = sync_channel(SEAL_QUEUE);
    let sealer = {
        let report = report.clone();
        std::thread::Builder::new()
            .name("sealer".to_owned())
            .spawn(move || seal_all(&jobs, &rules, &report))?
    };
    let mut recorder = Recorder {
        folder,
        recordings: BTreeMap::new(),
        frames: Vec::new(),
        next_write: None,
        empty,
        seals,
        report,
    };
    let writer = std::thread::Builder::new()
        .name("recorder".to_owned())
        .spawn(move || {
            for order in orders {
                recorder.handle_order(order);
            }
            recorder.close_all();
        })?;
    Ok([writer, sealer])
}

struct Recorder {
    folder: PathBuf,
    recordings: BTreeMap<CallId, Recording>,
    /// Used again for every write.
    frames: Vec<Stereo>,
    next_write: Option<Instant>,
    /// Where used batches go back to.
    empty: SyncSender<Batch>,
    seals: SyncSender<SealJob>,
    report: Report,
}

struct Recording {
    file: RecordingFile,
    /// None until the call is answered.
    timeline: Option<Timeline>,
    /// The newest moment that the media thread has told of.
    now: Option<Instant>,
    /// Second 0.
    started: Option<Instant>,
    /// What sealing is to know; its gaps come from the time line at the end.
    particulars: Particulars,
}

struct SealJob {
    call: CallId,
    finished: Finished,
    particulars: Particulars,
}

impl Recorder {
    fn handle_order(&mut self, order: RecorderOrder) {
        match order {
            RecorderOrder::Open { call, path } => self.open(call, &path),
            RecorderOrder::Start { call, at } => {
                if let Some(recording) = self.recordings.get_mut(&call) {
                    recording.timeline.get_or_insert_with(|| Timeline::new(at));
                    recording.now = Some(at);
                    recording.started.get_or_insert(at);
                    let started_at = &mut recording.particulars.started_at;
                    started_at.get_or_insert_with(|| wall_time(at));
                }
            }
            RecorderOrder::Mark { call, at, what } => {
                if let Some(recording) = self.recordings.get_mut(&call) {
                    recording.mark(at, what);
                }
            }
            RecorderOrder::Frames(batch) => self.take_in(batch),
            RecorderOrder::Close {
                call,
                at,
                overflowed,
            } => {
                if let Some(mut recording) = self.recordings.remove(&call) {
                    recording.note_overflows(overflowed);
                    self.close(call, recording, at);
                }
            }
        }
    }

    fn open(&mut self, call: CallId, path: &str) {
        let event = match RecordingFile::create(&self.folder, path) {
            Ok(file) => {
                let recording = Recording {
                    file,
                    timeline: None,
                    now: None,
                    started: None,
                    particulars: Particulars::default(),
                };
                self.recordings.insert(call, recording);
                MediaEvent::RecordingReady { call }
            }
            Err(error) => failed(call, &error),
        };
        (self.report)(event);
    }

    fn take_in(&mut self, mut batch: Batch) {
        for (packet, audio) in batch.packets() {
            let recording = self.recordings.get_mut(&packet.call);
            let timeline = recording.and_then(|recording| recording.timeline.as_mut());
            if let Some(timeline) = timeline {
                if packet.is_after_overflow {
                    timeline.note_overflow(packet.way);
                }
                timeline.handle_frame(packet.way, &packet.frame(audio), packet.arrival);
            }
        }
        let now = batch.until();
        batch.clear();
        // A full channel means that there are enough batches about.
        let _ = self.empty.try_send(batch);
        if self.next_write.is_none_or(|due| due <= now) {
            self.next_write = Some(now + WRITE_INTERVAL);
            self.write_all(now);
        }
    }

    /// Brings every file up to `now`. A recording that cannot be written is given up; its
    /// unfinished file is repaired at the next start.
    fn write_all(&mut self, now: Instant) {
        let mut broken = Vec::new();
        for (call, recording) in &mut self.recordings {
            let Some(timeline) = &mut recording.timeline else {
                continue;
            };
            recording.now = Some(now);
            self.frames.clear();
            timeline.drain(now, &mut self.frames);
            if let Err(error) = recording.file.write(&self.frames) {
                broken.push((*call, error));
            }
        }
        for (call, error) in broken {
            let Some(recording) = self.recordings.remove(&call) else {
                continue;
            };
            if matches!(error, Error::TooLong(_)) {
                self.close(call, recording, now); // what there is, is whole
            } else {
                (self.report)(failed(call, &error));
            }
        }
    }

    fn close(&mut self, call: CallId, recording: Recording, at: Instant) {
        let Some(timeline) = recording.timeline else {
            if let Err(error) = recording.file.discard() {
                tracing::warn!(call.id = %call, %error, "an unused recording stays behind");
            }
            return;
        };
        self.frames.clear();
        let report = timeline.finish(at, &mut self.frames);
        tracing::debug!(
            call.id = %call,
            drift_left_samples = report.drift_samples[0],
            drift_right_samples = report.drift_samples[1],
            late_packets = report.late_packets,
            "the time line is complete"
        );
        let mut file = recording.file;
        let finished = match file.write(&self.frames) {
            Ok(()) | Err(Error::TooLong(_)) => file.finish(),
            Err(error) => Err(error),
        };
        match finished {
            Ok(finished) => {
                let job = SealJob {
                    call,
                    finished,
                    particulars: Particulars {
                        gaps: report.gaps,
                        ..recording.particulars
                    },
                };
                if self.seals.send(job).is_err() {
                    tracing::error!(call.id = %call, "the sealing thread is gone");
                }
            }
            Err(error) => (self.report)(failed(call, &error)),
        }
    }

    /// Whatever is still being recorded when the service stops.
    fn close_all(&mut self) {
        for (call, recording) in std::mem::take(&mut self.recordings) {
            if let Some(now) = recording.now {
                self.close(call, recording, now);
            } else if let Err(error) = recording.file.discard() {
                tracing::warn!(call.id = %call, %error, "an unused recording stays behind");
            }
        }
    }
}

impl Recording {
    fn mark(&mut self, at: Instant, what: MarkKind) {
        let Some(started) = self.started else {
            return;
        };
        let at_ms = at.saturating_duration_since(started).as_millis();
        self.particulars.marks.push(RecordingMark {
            at_ms: u64::try_from(at_ms).unwrap_or(u64::MAX),
            what,
        });
    }

    fn note_overflows(&mut self, ways: impl IntoIterator<Item = Way>) {
        if let Some(timeline) = &mut self.timeline {
            for way in ways {
                timeline.note_overflow(way);
            }
        }
    }
}

/// The wall time of a moment that has just been.
fn wall_time(at: Instant) -> Timestamp {
    let clock = Clock;
    let since = clock.now().saturating_duration_since(at).as_micros();
    Timestamp(clock.wall().0 - i64::try_from(since).unwrap_or(0))
}

fn seal_all(jobs: &Receiver<SealJob>, rules: &SealRules, report: &Report) {
    for job in jobs {
        let call = job.call;
        let event = match job.finished.seal(job.particulars, rules) {
            Ok(recording) => MediaEvent::RecordingSealed { call, recording },
            Err(error) => failed(call, &error),
        };
        report(event);
    }
}

fn failed(call: CallId, error: &Error) -> MediaEvent {
    MediaEvent::RecordingFailed {
        call,
        reason: error.to_string(),
    }
}
