//! `thirdring recordings list`.

use clap::Args;

use crate::cli::calls::{View, or_nothing, plain_table, printable};
use crate::cli::database::with_store;
use crate::cli::{ConfigFile, say};
use crate::config::Config;
use crate::store::{FileFilter, FileState};

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those in this state: local, missing, damaged, remote, deleting or deleted
    #[arg(long)]
    state: Option<FileState>,
    /// Only those under legal hold
    #[arg(long)]
    held: bool,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFile,
}

impl List {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let view = View::of(&config, false)?;
        let filter = FileFilter {
            state: self.state,
            held: self.held,
            limit: Some(self.limit),
            ..FileFilter::default()
        };
        let files = with_store(&config, async |store| Ok(store.recordings(&filter).await?))?;
        if self.json {
            return say(serde_json::to_string_pretty(&files)?);
        }
        let columns = [
            "time",
            "recording",
            "line",
            "bytes",
            "state",
            "holds",
            "verified",
            "copied",
        ];
        let mut table = plain_table(&columns);
        for file in &files {
            table.add_row([
                view.time(file.arrived_at).to_string(),
                printable(&file.path),
                or_nothing(file.line.as_ref().map(|line| printable(&line.0))),
                file.size_bytes.to_string(),
                file.state.as_str().to_owned(),
                file.holds.to_string(),
                or_nothing(file.verified_at.map(|at| view.time(at).to_string())),
                or_nothing(file.copied_at.map(|at| view.time(at).to_string())),
            ]);
        }
        say(table)
    }
}
