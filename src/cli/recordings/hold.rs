//! `thirdring recordings hold` and `release` (R193).

use clap::Args;
use uuid::Uuid;

use super::Who;
use crate::cli::calls::find;
use crate::cli::database::with_store;
use crate::cli::say;
use crate::clock::Clock;
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct SetHold {
    /// The call's id, or the beginning of it
    call: String,
    /// Why it is held
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    who: Who,
}

impl SetHold {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.who.config.path)?;
        let (by, reason) = (self.who.user, self.reason);
        let said = with_store(&config, async |store| {
            let call = find(store, &self.call).await?;
            let now = Clock.wall();
            let hold = store.hold_recording(call, &by, &reason, now).await?;
            Ok(format!("{call}: held ({hold})"))
        })?;
        say(said)
    }
}

#[derive(Debug, Args)]
pub(super) struct Release {
    /// The call's id, or the beginning of it
    call: String,
    /// Which hold; all of them without this
    #[arg(long, value_name = "ID")]
    hold: Option<Uuid>,
    /// Why it is released
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    who: Who,
}

impl Release {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.who.config.path)?;
        let (by, reason) = (self.who.user, self.reason);
        let (call, released) = with_store(&config, async |store| {
            let call = find(store, &self.call).await?;
            let released = store.release_recording(call, self.hold, &by, &reason, Clock.wall());
            Ok((call, released.await?))
        })?;
        anyhow::ensure!(released > 0, "no such hold stands on {call}");
        say(format_args!("{call}: {released} released"))
    }
}
