//! `thirdring recordings purge`: deletes one recording before its time.

use clap::Args;

use super::Who;
use crate::app::archive;
use crate::cli::calls::find;
use crate::cli::database::with_store;
use crate::cli::say;
use crate::clock::Clock;
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Purge {
    /// The call's whole id
    call: String,
    /// Why it is deleted; it stands in the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    who: Who,
}

impl Purge {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.who.config.path)?;
        let said = with_store(&config, async |store| {
            let call = find(store, &self.call).await?;
            anyhow::ensure!(
                call.to_string() == self.call,
                "write the whole id of what is to be deleted: {call}"
            );
            let (by, reason) = (&self.who.user, &self.reason);
            let archive = archive(store, &config)?;
            archive.purge(call, by, reason, Clock.wall()).await?;
            Ok(format!("{call}: recording deleted, row kept"))
        })?;
        say(said)
    }
}
