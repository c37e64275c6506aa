//! Brings the database up to date with what an earlier run has left: its tables, the journal's
//! entries, the ends of calls that were cut off, recordings without a row. Then the desk and the
//! registrations are read.
//!
//! A server that is away at the start keeps no call waiting, as long as there is a journal: all of
//! this is done when it is back, and until then what this run adds stays behind it on the local
//! disk.

use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinHandle;

use super::recover::Recovery;
use crate::clock::Clock;
use crate::config::Config;
use crate::net::Handle;
use crate::store::{Backlog, LogWriter, LogWriterConfig, Opening};
use crate::switch::{KeptBinding, KeptDesk};

/// The first pause after a failure; it doubles with each further one.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What the database is to be told before it is anybody's.
pub(super) struct CatchUp {
    opening: Opening,
    backlog: Backlog,
    recovery: Recovery,
}

/// What was kept from before the start.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// What agents had said.
    pub(super) desk: KeptDesk,
    /// Where phones had registered.
    pub(super) phones: Vec<KeptBinding>,
}

/// How it went.
pub(super) struct CaughtUp {
    /// What was kept from before the start; nothing yet if the database is away.
    pub(super) kept: Kept,
    /// The journal as this run goes on with it, if there is to be one.
    pub(super) backlog: Option<Backlog>,
    /// What is still to be done, because the database is away.
    pub(super) late: Option<CatchUp>,
}

impl CatchUp {
    /// Brings the database up to date now, or, if it is away and there is a journal to wait in,
    /// the files alone.
    pub(super) async fn start(
        config: &Config,
        opening: Opening,
        backlog: Backlog,
        clock: Clock,
    ) -> anyhow::Result<CaughtUp> {
        let has_journal = config.database.journal_limit.as_u64() > 0;
        let mut catch_up = Self {
            opening,
            backlog,
            recovery: Recovery::begin(&config.recording, clock),
        };
        match catch_up.run().await {
            Ok(kept) => {
                catch_up.opening.open();
                Ok(CaughtUp {
                    kept,
                    backlog: has_journal.then_some(catch_up.backlog),
                    late: None,
                })
            }
            Err(error) if has_journal && !catch_up.opening.is_open() && is_away(&error) => {
                let error = format!("{error:#}");
                tracing::error!(%error, "the database is away at the start: the log waits on the local disk");
                catch_up.recovery.files_done().await?;
                Ok(CaughtUp {
                    kept: Kept::default(),
                    backlog: Some(catch_up.backlog.successor()),
                    late: Some(catch_up),
                })
            }
            Err(error) => Err(error),
        }
    }

    /// Tries until the database has everything, and says so.
    pub(super) fn later(mut self, signalling: Handle, log: &LogWriter) -> JoinHandle<()> {
        let is_back = log.database_is_back();
        tokio::spawn(async move {
            let mut pause = PAUSE;
            let kept = loop {
                tokio::time::sleep(pause).await;
                match self.run().await {
                    Ok(kept) => break kept,
                    Err(error) => {
                        self.complain(&error);
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                }
            };
            tracing::info!(
                phones = kept.phones.len(),
                "the database is back and up to date"
            );
            signalling.restore(kept.desk, kept.phones).await;
            self.opening.open();
            is_back();
        })
    }

    fn complain(&self, error: &anyhow::Error) {
        let is_away = is_away(error);
        let error = format!("{error:#}");
        if is_away {
            self.opening.store().reconnect();
            tracing::debug!(%error, "the database is still away");
        } else {
            tracing::error!(%error, "the database is back and cannot be brought up to date");
        }
    }

    /// May be done again after an error.
    async fn run(&mut self) -> anyhow::Result<Kept> {
        let prepared = self.opening.prepare().await;
        prepared.context("cannot open the database")?;
        let store = self.opening.store();
        let batch = LogWriterConfig::default().batch;
        let entries = store.catch_up(&mut self.backlog, batch).await;
        let entries = entries.context("cannot store what waits in the journal")?;
        if entries > 0 {
            tracing::warn!(entries, "what waited in the journal is in the database");
        }
        self.recovery.tell(store).await?;
        let desk = store.kept_desk().await;
        let desk = desk.context("cannot read how the desk stood")?;
        let phones = store.bindings().await;
        let phones = phones.context("cannot read the registrations")?;
        Ok(Kept { desk, phones })
    }
}

fn is_away(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<crate::store::Error>();
    cause.is_some_and(crate::store::Error::is_away)
}
