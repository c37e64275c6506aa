//! `thirdring directory` and `thirdring matters`: who can be reached, and who answers for what, as
//! tables (R105, R113).

mod entries;
mod matters;
mod table;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use self::table::Sheet;
use super::{ConfigFile, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::{Store, Written};

/// The table of a directory.
#[derive(Debug, Args)]
pub(super) struct Directory {
    #[command(subcommand)]
    action: Action,
}

/// The table of matters.
#[derive(Debug, Args)]
pub(super) struct Matters {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print what is kept, as a table with commas (CSV) that can be imported again
    Export(Export),
    /// Take in a table: a line with an id changes that one, a line without is looked up by name, and
    /// is new if there is none. What the table leaves out stays
    Import(Import),
}

#[derive(Debug, Args)]
struct Export {
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Debug, Args)]
struct Import {
    /// A table with commas (CSV, UTF-8 or GB18030), whose first line names the columns as an export
    /// does; columns may be left out
    file: PathBuf,
    /// Only say what would be written down
    #[arg(long)]
    check: bool,
    /// Why, for the versions
    #[arg(long, value_name = "TEXT", default_value = "import")]
    reason: String,
    /// Who does this, for the versions and the audit
    #[arg(long, value_name = "NAME", env = "USER", default_value = "cli")]
    user: String,
    #[command(flatten)]
    config: ConfigFile,
}

impl Directory {
    pub(super) fn run(self) -> anyhow::Result<()> {
        self.action.run::<entries::EntrySheet>()
    }
}

impl Matters {
    pub(super) fn run(self) -> anyhow::Result<()> {
        self.action.run::<matters::MatterSheet>()
    }
}

impl Action {
    fn run<S: Sheet>(self) -> anyhow::Result<()> {
        match self {
            Self::Export(export) => export.run::<S>(),
            Self::Import(import) => import.run::<S>(),
        }
    }
}

impl Export {
    fn run<S: Sheet>(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let text = super::database::with_store(&config, async |store| {
            let sheet = S::read(store).await?;
            table::write(&sheet, &store.registered::<S::Document>().await?)
        })?;
        say(text.trim_end())
    }
}

impl Import {
    fn run<S: Sheet>(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let rows = table::read(&self.file)?;
        let report = super::database::with_store(&config, async |store: &Store| {
            let written = Written {
                by: &self.user,
                why: Some(&self.reason),
                at: Clock.wall(),
            };
            table::import::<S>(store, &rows, &written, self.check).await
        })?;
        say(&report)?;
        let refused = report.refused();
        anyhow::ensure!(refused == 0, "{refused} lines were not written down");
        Ok(())
    }
}
