//! After a crash: recordings that were cut off are repaired and sealed, the rows of calls that were
//! going on say that they were interrupted, and finished recordings that a crash has kept from the
//! log get their rows.
//!
//! The files come first and need no database. What the log is to say of them waits here until it
//! has it; each repair is told as it is done, so that what breaks later takes nothing with it.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::settings;
use crate::call::event::{HangupParty, Outcome, RecordingSummary};
use crate::call::record::CallRecord;
use crate::call::{CallEvent, Entry, EventKind};
use crate::clock::Clock;
use crate::config;
use crate::id::{CallId, EventId};
use crate::recording::finals::{self, Final};
use crate::recording::repair::{Repair, repair_all};
use crate::recording::{Error, SealRules};
use crate::store::Store;

/// So many of the newest days on which there are recordings are compared with the log at each
/// start: names alone, no audio.
const DAYS_COMPARED: usize = 7;
/// Repairs that may wait to be told.
const REPAIRS: usize = 1024;
/// Repairs that are told together, at most.
const GROUP: usize = 64;
/// Names that are compared together.
const NAMES: usize = 4096;

/// What an earlier run has left, on its way into the log.
pub(super) struct Recovery {
    clock: Clock,
    folder: PathBuf,
    rules: SealRules,
    repairing: Option<JoinHandle<Result<Vec<Final>, Error>>>,
    repairs: mpsc::Receiver<Repair>,
    /// Sealed, and not known to be in the log.
    sealed: VecDeque<(CallId, RecordingSummary)>,
    /// Not compared with the log yet.
    finals: Vec<Final>,
    /// How far the calls had come that are ended here.
    offsets: BTreeMap<CallId, u64>,
}

impl Recovery {
    /// Begins with the files, before any recording of this run is.
    pub(super) fn begin(recording: &config::Recording, clock: Clock) -> Self {
        let (folder, spool) = (recording.folder.clone(), recording.spool.clone());
        let rules = settings::sealing(recording);
        let (told, repairs) = mpsc::channel(REPAIRS);
        let repairing = tokio::task::spawn_blocking(move || {
            let finals = finals::of_newest_days(&folder, DAYS_COMPARED)?;
            // Nobody hears of it when the start has failed: the file is compared at the next one.
            let tell = |repair| drop(told.blocking_send(repair));
            repair_all(&folder, spool.as_deref(), &rules, tell)?;
            Ok(finals)
        });
        Self {
            clock,
            folder: recording.folder.clone(),
            rules,
            repairing: Some(repairing),
            repairs,
            sealed: VecDeque::new(),
            finals: Vec::new(),
            offsets: BTreeMap::new(),
        }
    }

    /// Returns when the files are in order: new recordings may begin.
    pub(super) async fn files_done(&mut self) -> anyhow::Result<()> {
        let mut repairs = Vec::new();
        while self.repairs.recv_many(&mut repairs, GROUP).await > 0 {
            self.sealed.extend(repairs.drain(..).filter_map(sealed));
        }
        if let Some(repairing) = self.repairing.take() {
            let finals = repairing.await.context("the repair of recordings broke")?;
            self.finals = finals.context("cannot repair recordings")?;
        }
        Ok(())
    }

    /// Tells the log, in which nothing of this run may stand yet. After an error it may be told
    /// again.
    pub(super) async fn tell(&mut self, store: &Store) -> anyhow::Result<()> {
        self.end_interrupted(store).await?;
        loop {
            self.tell_sealed(store).await?;
            let mut repairs = Vec::new();
            if self.repairs.recv_many(&mut repairs, GROUP).await == 0 {
                break;
            }
            self.sealed.extend(repairs.into_iter().filter_map(sealed));
        }
        self.files_done().await?;
        self.compare(store).await
    }

    async fn end_interrupted(&mut self, store: &Store) -> anyhow::Result<()> {
        let unfinished = store.unfinished_calls().await;
        let unfinished = unfinished.context("cannot read unfinished calls")?;
        let mut entries = Vec::new();
        for call in &unfinished {
            self.offsets.insert(call.id, call.last_offset_us);
            let kinds = ending(call).into_iter();
            entries.extend(kinds.map(|kind| self.entry(call.id, kind, call.last_offset_us)));
        }
        let recorded = store.record(&entries).await;
        recorded.context("cannot store the end of interrupted calls")
    }

    async fn tell_sealed(&mut self, store: &Store) -> anyhow::Result<()> {
        while !self.sealed.is_empty() {
            let calls = self.sealed.iter().take(GROUP).map(|(call, _)| *call);
            let calls: Vec<_> = calls.collect();
            let known = store.have_recordings(&calls).await;
            let known = known.context("cannot read which recordings the log has")?;
            let mut entries = Vec::new();
            for (call, recording) in self.sealed.iter().take(calls.len()) {
                if known.get(call) == Some(&true) {
                    continue;
                }
                let offset_us = match self.offsets.get(call) {
                    Some(offset_us) => *offset_us,
                    None if known.contains_key(call) => {
                        store.call(*call).await?.call.record.last_offset_us
                    }
                    None => 0,
                };
                let recording = recording.clone();
                let sealed = EventKind::RecordingSealed { recording };
                entries.push(self.entry(*call, sealed, offset_us));
            }
            let recorded = store.record(&entries).await;
            recorded.context("cannot store which recordings were repaired")?;
            self.sealed.drain(..calls.len());
        }
        Ok(())
    }

    /// Finds the finished recordings whose rows know nothing of them.
    async fn compare(&mut self, store: &Store) -> anyhow::Result<()> {
        let mut unknown = 0;
        while !self.finals.is_empty() {
            let names = self.finals.len().saturating_sub(NAMES);
            let newest = self.finals.get(names..).unwrap_or_default().to_vec();
            let calls: Vec<_> = newest.iter().map(|found| found.call).collect();
            let known = store.have_recordings(&calls).await;
            let known = known.context("cannot read which recordings the log has")?;
            for found in newest {
                match known.get(&found.call) {
                    Some(true) => {}
                    Some(false) => self.seal_again(found).await?,
                    None => unknown += 1,
                }
            }
            self.tell_sealed(store).await?;
            self.finals.truncate(names);
        }
        if unknown > 0 {
            tracing::error!(
                recordings = unknown,
                "there are recordings of calls that this database does not know"
            );
        }
        Ok(())
    }

    async fn seal_again(&mut self, found: Final) -> anyhow::Result<()> {
        let (folder, rules, call) = (self.folder.clone(), self.rules, found.call);
        let reading =
            tokio::task::spawn_blocking(move || found.summary(Path::new(&folder), &rules));
        match reading.await.context("the reading of a recording broke")? {
            Ok(recording) => {
                tracing::warn!(call.id = %call, ms = recording.duration_ms, "a finished recording had no row");
                self.sealed.push_back((call, recording));
            }
            Err(error) => {
                tracing::error!(%error, "a finished recording without a row cannot be read");
            }
        }
        Ok(())
    }

    /// How long the call really lasted nobody knows, for the monotonic clock of that time is gone:
    /// it ends where its last event stands.
    fn entry(&self, call: CallId, kind: EventKind, offset_us: u64) -> Entry {
        let at = self.clock.wall();
        let event = CallEvent {
            id: EventId::mint(at, &mut rand::rng()),
            call,
            at,
            offset_us,
            kind,
        };
        Entry {
            event,
            parties: Vec::new(),
        }
    }
}

/// Says what became of a file; gives what the log is to know.
fn sealed(repair: Repair) -> Option<(CallId, RecordingSummary)> {
    match repair {
        Repair::Sealed { call, recording } => {
            tracing::warn!(call.id = %call, ms = recording.duration_ms, "recording repaired");
            crate::metrics::recording_ended("interrupted");
            return Some((call, recording));
        }
        Repair::Dropped(path) => {
            tracing::warn!(path = %path.display(), "empty recording dropped");
        }
        Repair::Failed(error) => tracing::error!(%error, "a recording cannot be repaired"),
    }
    None
}

fn ending(call: &CallRecord) -> Vec<EventKind> {
    tracing::warn!(call.id = %call.id, "call was interrupted");
    let hung_up = EventKind::HungUp {
        party: HangupParty::System,
        agent_first: false,
        reason: Some("the service was interrupted".to_owned()),
    };
    let ended = EventKind::Ended {
        outcome: Outcome::Interrupted,
        status: None,
        grade: None,
        caller_ring_ms: None,
        talk_ms: call
            .answered_offset_us
            .map(|answered| call.last_offset_us.saturating_sub(answered) / 1000),
    };
    vec![hung_up, ended]
}
