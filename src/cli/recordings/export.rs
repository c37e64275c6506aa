//! `thirdring recordings export` (R191).

use std::path::PathBuf;

use clap::Args;

use super::Who;
use crate::app::archive;
use crate::archive::Asked;
use crate::cli::calls::find;
use crate::cli::database::with_store;
use crate::cli::say;
use crate::clock::Clock;
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Export {
    /// The call's id, or the beginning of it
    call: String,
    /// What for; it stands in the audit
    #[arg(long, value_name = "TEXT")]
    purpose: String,
    /// The file to write, which must not be there yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    who: Who,
}

impl Export {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.who.config.path)?;
        let said = with_store(&config, async |store| {
            let call = find(store, &self.call).await?;
            let asked = Asked {
                by: &self.who.user,
                purpose: &self.purpose,
                at: Clock.wall(),
            };
            archive(store, &config)?
                .export(call, &self.to, asked)
                .await?;
            Ok(format!("{call}: copied to {}", self.to.display()))
        })?;
        say(said)
    }
}
