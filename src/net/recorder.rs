//! The threads that write recordings: one that turns packets into WAV files and the journal, two
//! that wait for the disk ([`flusher`]), and one that makes finished files safe ([`sealer`]).
//!
//! The media thread never waits for them: see [`super::recorder_feed`]. The first of them waits for
//! nothing but the kernel's `write`.

mod admission;
mod flusher;
mod health;
mod recording;
mod sealer;
mod slots;

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::media_plane::Report;
use super::recorder_feed::{Batch, RecorderOrder};
use crate::call::media::MediaEvent;
use crate::clock::Clock;
use crate::id::CallId;
use crate::recording::{Error, Journal, JournalSettings, RecordingFile, SealRules, Stereo};
use admission::{Admission, Refused};
use flusher::{Chore, Flushers};
pub use health::RecorderHealth;
use recording::Recording;
use sealer::{SealJob, Sealer};
use slots::Slots;

/// Finished recordings that may wait for sealing.
const SEAL_QUEUE: usize = 1024;
/// News from the other threads that may wait for the recorder.
const NOTES: usize = 4096;
/// How long the recorder waits for news of the sealer before it looks for room, at the end.
const SEALER_TICK: Duration = Duration::from_millis(10);
/// How long the recorder sleeps when nobody tells it anything and nothing is to be committed.
const IDLE: Duration = Duration::from_secs(1);

/// Where recordings go.
#[derive(Clone, Debug)]
pub struct RecordingSettings {
    /// Their folder.
    pub folder: PathBuf,
    /// Where a recording goes on when that folder's disk fails it.
    pub spool: Option<PathBuf>,
    /// With fewer bytes left no recording is begun.
    pub reserve: u64,
    /// How the journal is kept.
    pub journal: JournalSettings,
    /// What finished recordings are measured by.
    pub sealing: SealRules,
    /// Whether short losses are filled; the gap report tells of each.
    pub conceals: bool,
}

impl RecordingSettings {
    /// Recordings in this folder, without spool or reserve.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            spool: None,
            reserve: 0,
            journal: JournalSettings::default(),
            sealing: SealRules::default(),
            conceals: false,
        }
    }
}

/// What the recorder hears from the other threads.
#[derive(Debug)]
enum Note {
    Sealed(CallId),
    SealerDone,
    Settled { segment: u64, done: bool },
    CommitFailed,
}

/// Starts the threads. They end when the last sender of `orders` is gone and everything is
/// sealed.
///
/// # Errors
/// No thread can be started, or there is no place for the journal.
pub(super) fn start(
    settings: RecordingSettings,
    orders: Receiver<RecorderOrder>,
    report: Report,
) -> io::Result<(Vec<JoinHandle<()>>, Arc<RecorderHealth>)> {
    let journal = Journal::open(&settings.folder, settings.journal).map_err(io::Error::other)?;
    let health = Arc::new(RecorderHealth::new(Clock.now()));
    let (seals, jobs) = sync_channel(SEAL_QUEUE);
    let (news, notes) = sync_channel(NOTES);
    let (flushers, flushing) = flusher::start(&health, &news)?;
    let mut threads = Vec::from(flushing);
    let sealer = Sealer {
        recordings: settings.folder.clone(),
        rules: settings.sealing,
        notes: news,
        report: report.clone(),
    };
    threads.push(spawn("sealer", move || sealer.run(&jobs))?);
    let recorder = Recorder {
        admission: Admission::new(settings.folder.clone(), settings.reserve),
        settings,
        slots: Slots::default(),
        frames: Vec::new(),
        journal,
        flushers,
        next_commit: None,
        journal_fails: false,
        health: Arc::clone(&health),
        seals,
        unsealed: VecDeque::new(),
        notes,
        report,
    };
    threads.push(spawn("recorder", move || recorder.run(&orders))?);
    Ok((threads, health))
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run)
}

struct Recorder {
    settings: RecordingSettings,
    admission: Admission,
    slots: Slots,
    /// Used again for every write.
    frames: Vec<Stereo>,
    journal: Journal,
    flushers: Flushers,
    next_commit: Option<Instant>,
    /// It could not be written the last time.
    journal_fails: bool,
    health: Arc<RecorderHealth>,
    seals: SyncSender<SealJob>,
    /// Recordings that the sealer had no room for.
    unsealed: VecDeque<SealJob>,
    notes: Receiver<Note>,
    report: Report,
}

impl Recorder {
    fn run(mut self, orders: &Receiver<RecorderOrder>) {
        loop {
            match orders.recv_timeout(self.patience()) {
                Ok(order) => {
                    self.health.busy(Clock.now());
                    self.handle_order(order);
                }
                Err(RecvTimeoutError::Timeout) => self.health.busy(Clock.now()),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.tend_journal(Clock.now());
            self.health.idle();
        }
        self.finish();
    }

    /// How long it may sleep.
    fn patience(&self) -> Duration {
        if self.next_commit.is_some() {
            self.settings.journal.commit_interval
        } else {
            IDLE
        }
    }

    fn handle_order(&mut self, order: RecorderOrder) {
        match order {
            RecorderOrder::Open { call, path, feed } => self.open(call, &path, feed),
            RecorderOrder::Start { call, at } => self.slots.start(call, at, self.settings.conceals),
            RecorderOrder::Mark { call, at, what } => {
                if let Some(recording) = self.slots.get_mut(call) {
                    recording.mark(at, what);
                }
            }
            RecorderOrder::Frames(batch) => self.take_in(batch),
            RecorderOrder::Close {
                call,
                at,
                overflowed,
            } => {
                if let Some(mut recording) = self.slots.remove(call) {
                    recording.note_overflows(overflowed);
                    self.close(recording, at);
                }
            }
        }
    }

    fn open(&mut self, call: CallId, path: &str, feed: usize) {
        let now = Clock.now();
        let admitted = if self.health.keeps_up(now) {
            self.admission.check(now)
        } else {
            let lag = self.health.lag(now);
            Err(Refused::Behind(lag.as_secs()))
        };
        let event = match admitted {
            Err(refused) => MediaEvent::RecordingFailed {
                call,
                reason: refused.to_string(),
            },
            Ok(()) => match RecordingFile::create(&self.settings.folder, path) {
                Ok(file) => {
                    self.slots.insert(Recording::new(call, path, feed, file));
                    MediaEvent::RecordingReady { call }
                }
                Err(error) => failed(call, &error),
            },
        };
        (self.report)(event);
    }

    fn take_in(&mut self, batch: Batch) {
        for (packet, audio) in batch.packets() {
            if let Some(recording) = self.slots.get_mut(packet.call) {
                recording.handle_packet(packet, audio);
            }
        }
        let (feed, now) = (batch.feed(), batch.until());
        batch.give_back();
        self.write_due(feed, now);
    }

    /// Brings those files of a feed up to `now` whose turn it is.
    fn write_due(&mut self, feed: usize, now: Instant) {
        for slot in 0..self.slots.len() {
            let Some(recording) = self.slots.at_mut(slot) else {
                continue;
            };
            if recording.feed != feed || !recording.is_due(now) {
                continue;
            }
            let call = recording.call;
            self.frames.clear();
            recording.drain(now, &mut self.frames);
            let written = recording.write(&self.frames, &mut self.journal, &self.settings, now);
            if let Err(error) = written {
                self.give_up(call, &error, now);
            }
            if self.journal.wants_write() {
                self.write_journal(now);
            }
        }
        self.write_journal(now);
        self.health.written(now, self.journal.backlog_bytes());
    }

    /// Without the journal recordings go on: what a power cut would cost is more.
    fn write_journal(&mut self, now: Instant) {
        if !self.journal.has_unwritten() {
            return;
        }
        let written = self.journal.write(now);
        if let Err(error) = &written {
            crate::metrics::recorder_fault("journal");
            if !self.journal_fails {
                tracing::error!(%error, "the journal cannot be written");
            }
        }
        self.journal_fails = written.is_err();
    }

    /// A recording that cannot be written goes no further; its unfinished file is repaired at the
    /// next start. One that is as long as it may be is whole.
    fn give_up(&mut self, call: CallId, error: &Error, now: Instant) {
        let Some(recording) = self.slots.remove(call) else {
            return;
        };
        if matches!(error, Error::TooLong(_)) {
            self.close(recording, now);
        } else {
            (self.report)(failed(call, error));
        }
    }

    fn close(&mut self, recording: Recording, at: Instant) {
        let call = recording.call;
        self.frames.clear();
        match recording.close(at, &mut self.frames, &mut self.journal, &self.settings) {
            Ok(Some(job)) => {
                self.unsealed.push_back(job);
                self.hand_to_sealer();
            }
            Ok(None) => {}
            Err(error) => (self.report)(failed(call, &error)),
        }
    }

    /// Gives the sealer what it has room for: the recorder does not wait for it.
    fn hand_to_sealer(&mut self) {
        while let Some(job) = self.unsealed.pop_front() {
            match self.seals.try_send(job) {
                Ok(()) => {}
                Err(TrySendError::Full(job)) => {
                    self.unsealed.push_front(job);
                    return;
                }
                Err(TrySendError::Disconnected(job)) => {
                    tracing::error!(call.id = %job.call, "the sealing thread is gone");
                }
            }
        }
    }

    /// Hears what the other threads have to say, commits what is due, and clears away.
    fn tend_journal(&mut self, now: Instant) {
        while let Ok(note) = self.notes.try_recv() {
            self.handle_note(&note, now);
        }
        self.hand_to_sealer();
        if self.next_commit.is_none_or(|due| due <= now) && !self.health.is_committing() {
            self.commit(now);
        }
        if self.slots.is_empty() {
            self.journal.retire();
        }
        let obsolete = self.journal.take_obsolete();
        if !obsolete.is_empty() {
            self.chore(Chore::Delete(obsolete));
        }
        if let Some(job) = self.journal.take_settle(now) {
            let segment = job.segment;
            if !self.chore(Chore::Settle(job)) {
                self.journal.settled(segment, false, now);
            }
        }
    }

    fn handle_note(&mut self, note: &Note, now: Instant) {
        match note {
            Note::Sealed(call) => self.journal.sealed(*call, now),
            Note::Settled { segment, done } => self.journal.settled(*segment, *done, now),
            Note::CommitFailed => self.journal.commit_failed(),
            Note::SealerDone => {}
        }
    }

    /// One commit for all recordings, at most one every [`JournalSettings::commit_interval`].
    fn commit(&mut self, now: Instant) {
        self.write_journal(now);
        let spools = self.slots.iter_mut();
        let spools = spools.filter_map(Recording::spool_to_flush).collect();
        let Some(job) = self.journal.take_commit(spools) else {
            self.next_commit = None;
            self.health.safe();
            return;
        };
        self.health.committing(now);
        self.next_commit = Some(now + self.settings.journal.commit_interval);
        if self.flushers.commits.try_send(job).is_err() {
            self.health.committed();
            tracing::error!("the journal's thread is gone");
        }
    }

    /// Whether there is somebody to do it. Segments that stay behind are read again at the next
    /// start, which changes nothing.
    fn chore(&self, chore: Chore) -> bool {
        let given = self.flushers.chores.try_send(chore);
        if let Err(TrySendError::Full(chore) | TrySendError::Disconnected(chore)) = &given {
            tracing::warn!(?chore, "the disk has too much to do");
        }
        given.is_ok()
    }

    /// Seals whatever is still being recorded when the service stops, and leaves no journal if all
    /// of it is safe.
    fn finish(mut self) {
        let now = Clock.now();
        for recording in self.slots.take() {
            let end = recording.newest().unwrap_or(now);
            self.close(recording, end);
        }
        self.write_journal(now);
        while !self.unsealed.is_empty() {
            // The sealer waits for nobody as long as its news are heard.
            if let Ok(note) = self.notes.recv_timeout(SEALER_TICK) {
                self.handle_note(&note, now);
            }
            self.hand_to_sealer();
        }
        let Flushers { commits, chores } = self.flushers;
        drop((self.seals, commits));
        // Until the sealer is done; whoever else talks meanwhile need not be heard.
        for note in &self.notes {
            match note {
                Note::Sealed(call) => self.journal.sealed(call, now),
                Note::SealerDone => break,
                Note::Settled { .. } | Note::CommitFailed => {}
            }
        }
        let obsolete = self.journal.take_unneeded();
        if chores.send(Chore::Delete(obsolete)).is_err() {
            tracing::error!("the settling thread is gone");
        }
    }
}

fn failed(call: CallId, error: &Error) -> MediaEvent {
    MediaEvent::RecordingFailed {
        call,
        reason: error.to_string(),
    }
}
