//! After a crash: recordings that were cut off are repaired and sealed, and the rows of calls
//! that were going on say that they were interrupted.

use std::collections::BTreeMap;

use anyhow::Context;

use super::settings;
use crate::call::event::{HangupParty, Outcome};
use crate::call::record::CallRecord;
use crate::call::{CallEvent, Entry, EventKind};
use crate::clock::Clock;
use crate::config;
use crate::id::{CallId, EventId};
use crate::recording::repair::{Repair, repair_all};
use crate::store::Store;

/// Brings files and rows back in order, before any call is taken.
pub(super) async fn recover(
    store: &Store,
    recording: &config::Recording,
    clock: Clock,
) -> anyhow::Result<()> {
    let unfinished = store
        .unfinished_calls()
        .await
        .context("cannot read unfinished calls")?;
    let mut endings: BTreeMap<CallId, Vec<EventKind>> = BTreeMap::new();
    let mut offsets = BTreeMap::new();
    for call in &unfinished {
        endings.insert(call.id, ending(call));
        offsets.insert(call.id, call.last_offset_us);
    }
    let (folder, spool) = (recording.folder.clone(), recording.spool.clone());
    let rules = settings::sealing(recording);
    let repairs =
        tokio::task::spawn_blocking(move || repair_all(&folder, spool.as_deref(), &rules));
    for repair in repairs.await?.context("cannot repair recordings")? {
        match repair {
            Repair::Sealed { call, recording } => {
                tracing::warn!(call.id = %call, ms = recording.duration_ms, "recording repaired");
                crate::metrics::recording_ended("interrupted");
                let sealed = EventKind::RecordingSealed { recording };
                endings.entry(call).or_default().push(sealed);
            }
            Repair::Dropped(path) => {
                tracing::warn!(path = %path.display(), "empty recording dropped");
            }
            Repair::Failed(error) => tracing::error!(%error, "a recording cannot be repaired"),
        }
    }
    let entries: Vec<_> = endings
        .into_iter()
        .flat_map(|(call, kinds)| {
            let offset_us = offsets.get(&call).copied().unwrap_or(0);
            kinds
                .into_iter()
                .map(move |kind| entry(call, kind, offset_us, clock))
        })
        .collect();
    store
        .record(&entries)
        .await
        .context("cannot store the end of interrupted calls")
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

/// How long the call really lasted nobody knows, for the monotonic clock of that time is gone: it
/// ends where its last event stands.
fn entry(call: CallId, kind: EventKind, offset_us: u64, clock: Clock) -> Entry {
    let at = clock.wall();
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
