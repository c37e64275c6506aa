//! `thirdring recordings verify` (R192).

use clap::Args;

use crate::app::archive;
use crate::cli::calls::find;
use crate::cli::database::with_store;
use crate::cli::{ConfigFile, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::{FileFilter, FileState};

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Calls by their ids, or the beginnings of them; without one, every recording on this disk
    calls: Vec<String>,
    #[command(flatten)]
    config: ConfigFile,
}

impl Verify {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let (looked_at, faults) = with_store(&config, async |store| {
            let mut calls = Vec::new();
            for call in &self.calls {
                calls.push(find(store, call).await?);
            }
            if calls.is_empty() {
                let files = store.recordings(&FileFilter::default()).await?;
                calls.extend(files.iter().map(|file| file.call));
            }
            let archive = archive(store, &config)?;
            let mut faults = Vec::new();
            for call in &calls {
                let state = archive.verify(*call, Clock.wall()).await?;
                if matches!(state, FileState::Missing | FileState::Damaged) {
                    faults.push(format!("{call}: {}", state.as_str()));
                }
            }
            Ok((calls.len(), faults))
        })?;
        for fault in &faults {
            say(fault)?;
        }
        say(format_args!(
            "{looked_at} recordings looked at, {} at fault",
            faults.len()
        ))?;
        anyhow::ensure!(faults.is_empty(), "recordings are missing or damaged");
        Ok(())
    }
}
