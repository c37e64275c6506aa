//! `thirdring rebuild`: makes every call's rows again from its events, and says what differed.

use clap::Args;

use super::database::with_store;
use super::{ConfigFile, say};
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Rebuild {
    #[command(flatten)]
    config: ConfigFile,
}

impl Rebuild {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let report = with_store(&config, async |store| Ok(store.rebuild().await?))?;
        for difference in &report.differences {
            say(difference)?;
        }
        say(format_args!(
            "{} calls read, {} put right",
            report.calls,
            report.differences.len()
        ))
    }
}
