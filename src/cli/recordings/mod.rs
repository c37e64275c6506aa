//! `thirdring recordings`: the files of sealed recordings, who holds them, who took them out.

mod audit;
mod export;
mod hold;
mod list;
mod purge;
mod verify;

use clap::{Args, Subcommand};

use super::ConfigFile;

#[derive(Debug, Args)]
pub(super) struct Recordings {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List recordings, newest first: where each is, in what condition, and whether it is held
    List(list::List),
    /// Read recordings and compare them with what was sealed
    Verify(verify::Verify),
    /// Put a recording under legal hold: nothing deletes it until the hold is released
    Hold(hold::SetHold),
    /// Release the holds of a recording, or one of them
    Release(hold::Release),
    /// Copy a recording out, for a purpose that is written down first
    Export(export::Export),
    /// Delete a recording; its row stays
    Purge(purge::Purge),
    /// Show who did what with recordings
    Audit(audit::Audit),
}

impl Recordings {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::List(list) => list.run(),
            Action::Verify(verify) => verify.run(),
            Action::Hold(hold) => hold.run(),
            Action::Release(release) => release.run(),
            Action::Export(export) => export.run(),
            Action::Purge(purge) => purge.run(),
            Action::Audit(audit) => audit.run(),
        }
    }
}

/// Who uses the command, and on which configuration.
#[derive(Debug, Args)]
struct Who {
    /// Who does this, for the audit
    #[arg(long, value_name = "NAME", env = "USER", default_value = "cli")]
    user: String,
    #[command(flatten)]
    config: ConfigFile,
}
