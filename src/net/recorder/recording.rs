//! One recording that runs: its time line, its file, and its spool if the file's disk has failed.

use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::RecordingSettings;
use super::sealer::SealJob;
use crate::call::conduct::{MarkKind, RecordingMark};
use crate::clock::Clock;
use crate::id::CallId;
use crate::media::Way;
use crate::net::recorder_feed::Copied;
use crate::recording::{Error, Journal, Particulars, RecordingFile, SpoolFile, Stereo, Timeline};
use crate::rules::Timestamp;

/// How often a file is brought up to date.
const WRITE_INTERVAL: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub(super) struct Recording {
    pub(super) call: CallId,
    /// The feed that its packets come by.
    pub(super) feed: usize,
    path: Arc<str>,
    file: RecordingFile,
    spool: Option<Spool>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Spool {
    file: SpoolFile,
    /// Frames of the recording that are safe here or in its own file.
    frames: u64,
    is_dirty: bool,
}

/// What there is from the answer on.
#[derive(Debug)]
struct Running {
    started: Instant,
    timeline: Timeline,
    /// What sealing is to know; its gaps come from the time line at the end.
    particulars: Particulars,
    /// The newest moment that the media thread has told of.
    newest: Instant,
    /// When it is to be written next.
    due: Instant,
}

impl Recording {
    pub(super) fn new(call: CallId, path: &str, feed: usize, file: RecordingFile) -> Self {
        Self {
            call,
            feed,
            path: path.into(),
            file,
            spool: None,
            running: None,
        }
    }

    /// Second 0 is `at`; it is first written at `due`.
    pub(super) fn start(&mut self, at: Instant, due: Instant, conceals: bool) {
        let timeline = Timeline::new(at);
        self.running.get_or_insert_with(|| Running {
            started: at,
            timeline: if conceals {
                timeline.concealing()
            } else {
                timeline
            },
            particulars: Particulars {
                started_at: Some(wall_time(at)),
                ..Particulars::default()
            },
            newest: at,
            due,
        });
    }

    /// Something was done to the recording.
    pub(super) fn mark(&mut self, at: Instant, what: MarkKind) {
        let Some(running) = &mut self.running else {
            return;
        };
        let at_ms = at.saturating_duration_since(running.started).as_millis();
        running.particulars.marks.push(RecordingMark {
            at_ms: u64::try_from(at_ms).unwrap_or(u64::MAX),
            what,
        });
    }

    pub(super) fn note_overflows(&mut self, ways: impl IntoIterator<Item = Way>) {
        if let Some(running) = &mut self.running {
            for way in ways {
                running.timeline.note_overflow(way);
            }
        }
    }

    pub(super) fn handle_packet(&mut self, packet: &Copied, audio: &[u8]) {
        if let Some(Running { timeline, .. }) = &mut self.running {
            if packet.is_after_overflow {
                timeline.note_overflow(packet.way);
            }
            timeline.handle_frame(packet.way, &packet.frame(audio), packet.arrival);
        }
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.running
            .as_ref()
            .is_some_and(|running| running.due <= now)
    }

    /// Until when audio is known, if any is.
    pub(super) fn newest(&self) -> Option<Instant> {
        self.running.as_ref().map(|running| running.newest)
    }

    /// What can no longer change.
    pub(super) fn drain(&mut self, now: Instant, frames: &mut Vec<Stereo>) {
        if let Some(running) = &mut self.running {
            running.newest = now;
            // Turns stay where they are; after a standstill there is one, not many.
            while running.due <= now {
                running.due += WRITE_INTERVAL;
            }
            running.timeline.drain(now, frames);
        }
    }

    /// Writes frames to the journal and the file, or to the spool.
    ///
    /// # Errors
    /// They are written nowhere.
    pub(super) fn write(
        &mut self,
        frames: &[Stereo],
        journal: &mut Journal,
        settings: &RecordingSettings,
        now: Instant,
    ) -> Result<(), Error> {
        for frames in frames.chunks(Journal::MAX_FRAMES) {
            if self.spool.is_none() {
                let offset = self.file.frames();
                let pcm = journal.append(self.call, &self.path, offset, frames, now);
                match self.file.write_pcm(pcm) {
                    Ok(()) => continue,
                    Err(error @ Error::TooLong(_)) => return Err(error),
                    Err(error) => self.begin_spool(error, settings)?,
                }
            }
            if let Some(spool) = &mut self.spool {
                spool.file.append(spool.frames, frames).inspect_err(|_| {
                    crate::metrics::recorder_fault("spool");
                })?;
                spool.frames += frames.len() as u64;
                spool.is_dirty = true;
            }
        }
        Ok(())
    }

    /// The file's disk has failed: the recording goes on elsewhere, if there is an elsewhere.
    fn begin_spool(&mut self, error: Error, settings: &RecordingSettings) -> Result<(), Error> {
        crate::metrics::recorder_fault("file");
        tracing::error!(call.id = %self.call, %error, "a recording cannot be written");
        let Some(folder) = &settings.spool else {
            return Err(error);
        };
        let file = SpoolFile::create(folder, self.call, &self.path).inspect_err(|_| {
            crate::metrics::recorder_fault("spool");
        })?;
        tracing::warn!(call.id = %self.call, spool = %file.path().display(), "it goes on in the spool");
        self.spool = Some(Spool {
            file,
            frames: self.file.frames(),
            is_dirty: false,
        });
        Ok(())
    }

    /// The spool's file, if it was written to since it was last asked for.
    pub(super) fn spool_to_flush(&mut self) -> Option<Arc<File>> {
        let spool = self.spool.as_mut()?;
        std::mem::take(&mut spool.is_dirty).then(|| spool.file.file())
    }

    /// Ends the recording at `end`; `None` if it never began, and its file is deleted.
    ///
    /// # Errors
    /// The last frames can be written nowhere.
    pub(super) fn close(
        mut self,
        end: Instant,
        frames: &mut Vec<Stereo>,
        journal: &mut Journal,
        settings: &RecordingSettings,
    ) -> Result<Option<SealJob>, Error> {
        let call = self.call;
        let Some(running) = self.running.take() else {
            if let Err(error) = self.file.discard() {
                tracing::warn!(call.id = %call, %error, "an unused recording stays behind");
            }
            return Ok(None);
        };
        let report = running.timeline.finish(end, frames);
        tracing::debug!(
            call.id = %call,
            drift_left_samples = report.drift_samples[0],
            drift_right_samples = report.drift_samples[1],
            late_packets = report.late_packets,
            "the time line is complete"
        );
        match self.write(frames, journal, settings, end) {
            Ok(()) | Err(Error::TooLong(_)) => {}
            Err(error) => return Err(error),
        }
        let spool = self.spool.map(|spool| spool.file.path().to_owned());
        let finished = if spool.is_some() {
            self.file.leave()
        } else {
            self.file.finish()?
        };
        Ok(Some(SealJob {
            call,
            finished,
            particulars: Particulars {
                gaps: report.gaps,
                ..running.particulars
            },
            spool,
        }))
    }
}

/// The wall time of a moment that has just been.
fn wall_time(at: Instant) -> Timestamp {
    let clock = Clock;
    let since = clock.now().saturating_duration_since(at).as_micros();
    Timestamp(clock.wall().0 - i64::try_from(since).unwrap_or(0))
}
