//! What the service does with sealed recordings by itself: it verifies a bounded number a day,
//! and deletes those whose line's retention is over.

use std::time::Duration;

use tokio::sync::watch;

use super::{Archive, Result};
use crate::clock::Clock;
use crate::id::LineId;
use crate::rules::Timestamp;
use crate::store::{FileFilter, FileState};

/// How often it is looked whether something is to be copied.
const COPYING: Duration = Duration::from_secs(2);
const DAY: Duration = Duration::from_hours(24);
/// How often it is looked whether something is to be deleted, and how many are at fault.
const ROUND: Duration = Duration::from_mins(1);
/// So many recordings of a line are deleted in one round.
const DELETED_A_ROUND: u32 = 500;

/// How recordings are kept.
#[derive(Clone, Debug, Default)]
pub struct KeeperSettings {
    /// How many recordings are verified in 24 hours; 0 is none.
    pub verify_per_day: u32,
    /// How long each line's recordings are kept, counted from the arrival of the call; lines that
    /// are not here keep theirs.
    pub retention: Vec<(LineId, Duration)>,
}

/// Looks after sealed recordings.
#[derive(Debug)]
pub struct Keeper {
    archive: Archive,
    settings: watch::Receiver<KeeperSettings>,
    clock: Clock,
}

impl Keeper {
    /// A keeper of `archive`.
    pub fn new(archive: Archive, settings: KeeperSettings, clock: Clock) -> Self {
        Self::following(archive, watch::channel(settings).1, clock)
    }

    /// A keeper of `archive` by settings that change; how many are verified a day does not.
    pub const fn following(
        archive: Archive,
        settings: watch::Receiver<KeeperSettings>,
        clock: Clock,
    ) -> Self {
        Self {
            archive,
            settings,
            clock,
        }
    }

    /// Keeps recordings until it is dropped. Whatever it is at can be broken off.
    pub async fn run(self) {
        tokio::join!(self.verify_all(), self.tidy_all(), self.copy_all());
    }

    async fn verify_all(&self) {
        let Some(interval) = DAY.checked_div(self.settings.borrow().verify_per_day) else {
            return;
        };
        let mut tick = tokio::time::interval(interval.max(Duration::from_millis(1)));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if let Err(error) = self.verify_next(self.clock.wall()).await {
                tracing::warn!(%error, "a recording could not be verified");
            }
        }
    }

    async fn tidy_all(&self) {
        let mut tick = tokio::time::interval(ROUND);
        loop {
            tick.tick().await;
            if let Err(error) = self.tidy(self.clock.wall()).await {
                tracing::warn!(%error, "recordings could not be tidied up");
            }
        }
    }

    async fn copy_all(&self) {
        let mut tick = tokio::time::interval(COPYING);
        loop {
            tick.tick().await;
            if let Err(error) = self.archive.copy_due(self.clock.wall()).await {
                tracing::warn!(%error, "recordings could not be copied");
            }
        }
    }

    /// Verifies the recording that was not looked at for longest, if that is more than a day.
    ///
    /// # Errors
    /// The database or the disk fails.
    pub async fn verify_next(&self, now: Timestamp) -> Result<()> {
        let due = self.archive.store.unverified(before(now, DAY), 1).await?;
        for file in due {
            self.archive.verify(file.call, now).await?;
        }
        self.tell_of_faults().await
    }

    /// Deletes what is to be deleted: what a crash left half done, and what is too old.
    ///
    /// # Errors
    /// The database or the disk fails. What is held is no error, and stays.
    pub async fn tidy(&self, now: Timestamp) -> Result<()> {
        let half = FileFilter {
            state: Some(FileState::Deleting),
            ..FileFilter::default()
        };
        for file in self.archive.store.recordings(&half).await? {
            // One that cannot be deleted must not keep the others.
            if let Err(error) = self.archive.finish_deleting(&file).await {
                tracing::warn!(call.id = %file.call, %error, "a recording is still half deleted");
            }
        }
        let retention = self.settings.borrow().retention.clone();
        for (line, retention) in &retention {
            let before = before(now, *retention);
            let expired = self.archive.store.expired(line, before, DELETED_A_ROUND);
            for call in expired.await? {
                if let Err(error) = self.archive.expire(call, now).await {
                    tracing::warn!(call.id = %call, %error, "a recording was not deleted");
                }
            }
        }
        self.archive.leave_due(now).await?;
        self.tell_of_faults().await
    }

    async fn tell_of_faults(&self) -> Result<()> {
        for (state, count) in self.archive.store.faults().await? {
            crate::metrics::recording_faults(state.as_str(), count);
        }
        Ok(())
    }
}

pub(super) fn before(now: Timestamp, age: Duration) -> Timestamp {
    let age = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
    Timestamp(now.0.saturating_sub(age))
}
