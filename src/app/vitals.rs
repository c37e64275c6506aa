//! How the parts of the service are, for those who mend them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::readiness;
use crate::archive::Archive;
use crate::clock::Clock;
use crate::config::Config;
use crate::http::{Condition, Sign, Soon, Vitals};
use crate::id::TrunkId;
use crate::net::{Handle, RecorderHealth};
use crate::queue::AgentState;
use crate::rules::Timestamp;
use crate::store::{LogHealth, Store};
use crate::switch::{Overview, TrunkSnapshot};

/// A database that takes longer does not answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// A disk with less free is soon full, and below the second is as good as full.
const LOW_PERCENT: [u64; 2] = [10, 3];
/// So many entries that wait are more than a short outage leaves.
const MANY_ENTRIES: usize = 10_000;
/// A copy that is due comes within minutes; one that is older than this does not come.
const COPY_LATE: Duration = Duration::from_hours(2);

/// The parts that are looked at.
pub(super) struct Parts {
    store: Store,
    health: LogHealth,
    signalling: Handle,
    recorder: Arc<RecorderHealth>,
    archive: Archive,
    /// Folders, each by what it is for.
    folders: Vec<(&'static str, PathBuf)>,
    clock: Clock,
}

/// The folders that the service writes to.
fn folders(config: &Config) -> Vec<(&'static str, PathBuf)> {
    let mut folders = vec![
        ("recordings", config.recording.folder.clone()),
        ("journal", config.database.journal.clone()),
    ];
    if config.trace.is_on() {
        folders.push(("trace", config.trace.folder.clone()));
    }
    folders
}

impl Vitals for Parts {
    fn signs(&self) -> Soon<'_, Vec<Sign>> {
        Box::pin(async move {
            let mut signs = vec![self.listener(), self.database().await, self.log()];
            signs.push(self.recorder());
            signs.extend(self.folders.iter().map(|(name, folder)| disk(name, folder)));
            signs.extend(self.copies().await);
            if let Some(overview) = self.signalling.overview().await {
                let trunks = overview.trunks.iter();
                signs.extend(trunks.map(|(id, trunk)| self::trunk(id, *trunk)));
                signs.push(phones(&overview));
            }
            signs
        })
    }
}

impl Parts {
    pub(super) fn of(config: &Config, readiness: &readiness::Parts, archive: &Archive) -> Self {
        Self {
            store: readiness.store.clone(),
            health: readiness.health.clone(),
            signalling: readiness.signalling.clone(),
            recorder: Arc::clone(&readiness.recorder),
            archive: archive.clone(),
            folders: folders(config),
            clock: Clock,
        }
    }

    fn listener(&self) -> Sign {
        let sign = Sign::well("listener").with("calls", self.signalling.calls_open() as u64);
        if self.signalling.takes_calls() {
            return sign;
        }
        sign.ill(
            Condition::Failed,
            "stopping",
            "The service is stopping and takes no calls; start it again",
        )
    }

    async fn database(&self) -> Sign {
        let sign = Sign::well("database");
        // It is not asked while the log knows that it is away.
        let answers = self.health.is_database_up()
            && matches!(
                tokio::time::timeout(PATIENCE, self.store.ping()).await,
                Ok(Ok(()))
            );
        if answers {
            return sign;
        }
        if self.health.has_journal() {
            return sign.ill(
                Condition::Degraded,
                "database_away",
                "Start the database. Calls go on, and what happens is kept on the local disk meanwhile",
            );
        }
        sign.ill(
            Condition::Failed,
            "database_away_and_no_journal",
            "Start the database, or make room for the journal: no calls are taken until then",
        )
    }

    fn log(&self) -> Sign {
        let waiting = self.health.backlog();
        let sign = Sign::well("log").with("waiting_entries", waiting as u64);
        if waiting < MANY_ENTRIES {
            return sign;
        }
        sign.ill(
            Condition::Degraded,
            "log_waits",
            "Look whether the database answers; what waits is written by itself when it does",
        )
    }

    fn recorder(&self) -> Sign {
        let lag = self.recorder.lag(self.clock.now());
        let lag_ms = u64::try_from(lag.as_millis()).unwrap_or(u64::MAX);
        let sign = Sign::well("recorder")
            .with("lag_ms", lag_ms)
            .with("journal_bytes", self.recorder.backlog_bytes());
        if self.recorder.keeps_up(self.clock.now()) {
            return sign;
        }
        sign.ill(
            Condition::Failed,
            "recorder_behind",
            "Look at the disk of the recordings: it takes audio too slowly, or not at all",
        )
    }

    /// Nothing, where recordings are not copied.
    async fn copies(&self) -> Option<Sign> {
        if !self.archive.has_copies() {
            return None;
        }
        let sign = Sign::well("copies");
        let Ok(uncopied) = self.store.copy_backlog().await else {
            let advice = "Start the database: which recordings have a copy stands there";
            return Some(sign.ill(Condition::Unknown, "database_away", advice));
        };
        let sign = sign
            .with("waiting_recordings", uncopied.count)
            .with("waiting_bytes", uncopied.bytes);
        let is_late = |oldest: Timestamp| oldest.plus(COPY_LATE) < self.clock.wall();
        if uncopied.oldest.is_some_and(is_late) {
            return Some(sign.ill(
                Condition::Degraded,
                "copies_late",
                "Look whether the place of the copies answers and takes our keys; it is tried again by itself",
            ));
        }
        Some(sign)
    }
}

fn disk(name: &str, folder: &Path) -> Sign {
    let sign = Sign::well("disk").named(name);
    let Ok(disk) = rustix::fs::statvfs(folder) else {
        return sign.ill(
            Condition::Failed,
            "folder_missing",
            "Make the folder again and let the service's user write there",
        );
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let size = disk.f_blocks.saturating_mul(disk.f_frsize);
    let percent = disk.f_bavail.saturating_mul(100).checked_div(disk.f_blocks);
    let sign = sign.with("free_bytes", free).with("size_bytes", size);
    let [low, least] = LOW_PERCENT;
    match percent {
        Some(percent) if percent < least => sign.ill(
            Condition::Failed,
            "disk_full",
            "Make room now: lines that must record refuse calls when the disk is full",
        ),
        Some(percent) if percent < low => sign.ill(
            Condition::Degraded,
            "disk_low",
            "Make room: copy recordings elsewhere and let old ones go, or take a larger disk",
        ),
        Some(_) | None => sign,
    }
}

fn trunk(id: &TrunkId, trunk: TrunkSnapshot) -> Sign {
    let mut sign = Sign::well("trunk").named(id.to_string());
    sign = sign.with("calls", trunk.calls as u64);
    if let Some(free) = trunk.channels_free {
        sign = sign.with("channels_free", free as u64);
    }
    match (trunk.up, trunk.channels_free) {
        (Some(false), _) => sign.ill(
            Condition::Failed,
            "trunk_down",
            "The carrier does not answer or refuses us: look at the network and the account, then ring the carrier",
        ),
        (_, Some(0)) => sign.ill(
            Condition::Degraded,
            "trunk_full",
            "All channels are taken: callers hear busy; order more channels if it happens often",
        ),
        (None, _) => sign.ill(
            Condition::Unknown,
            "trunk_unknown",
            "Nobody has looked yet; if it stays so, let the trunk be probed (`probe`) or registered",
        ),
        (Some(true), _) => sign,
    }
}

/// Agents, by whether their phones can be rung.
fn phones(overview: &Overview) -> Sign {
    let agents = overview.agents.len();
    let of = |wanted: &[AgentState]| {
        let them = overview.agents.iter();
        them.filter(|agent| wanted.contains(&agent.state)).count()
    };
    let unreachable = of(&[AgentState::Unreachable]);
    let sign = Sign::well("phones")
        .with("agents", agents as u64)
        .with("registrations", overview.registrations as u64)
        .with("unreachable", unreachable as u64);
    if agents > 0 && unreachable + of(&[AgentState::Offline]) == agents {
        return sign.ill(
            Condition::Degraded,
            "nobody_reachable",
            "No agent can be rung. Out of hours that is as it should be; otherwise see whether phones register",
        );
    }
    if unreachable > 0 {
        return sign.ill(
            Condition::Degraded,
            "phones_unreachable",
            "Phones are registered and do not answer: look at them, and at the network in between",
        );
    }
    sign
}
