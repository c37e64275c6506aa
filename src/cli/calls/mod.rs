//! `thirdring calls`: the log of calls as a table or JSON, one call in full, its purpose and
//! what came of it.

mod conduct;
pub(super) mod desk;
pub(super) mod dialogue;
mod list;
mod open;
pub(super) mod purpose;
mod sequel;
mod show;
pub(super) mod table;
pub(super) mod view;

use clap::{Args, Subcommand};

pub(super) use table::{or_nothing, plain_table};
pub(super) use view::{View, printable};

use crate::id::CallId;
use crate::store::Store;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Calls {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: list::List,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show one call: its events, attempts, transfers, purposes, notice and recording
    Show(show::Show),
    /// Say why the caller rang: a new version; the earlier ones stay readable
    Purpose(purpose::SetCode),
    /// Say what came of it: a new version; the earlier ones stay readable
    Outcome(purpose::SetCode),
    /// List answered calls of which nobody has said why the caller rang or what came of it
    Open(open::Open),
}

impl Calls {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self.action {
            None => self.list.run(),
            Some(Action::Show(show)) => show.run(),
            Some(Action::Purpose(code)) => code.purpose(),
            Some(Action::Outcome(code)) => code.outcome(),
            Some(Action::Open(open)) => open.run(),
        }
    }
}

/// The call that `text`, an id or the beginning of one, names.
pub(super) async fn find(store: &Store, text: &str) -> anyhow::Result<CallId> {
    const CANDIDATES: u32 = 5;
    let digits = text.replace('-', "");
    anyhow::ensure!(!digits.is_empty(), "an empty text names no call");
    let found = store.calls_by_prefix(&digits, CANDIDATES).await?;
    match found.as_slice() {
        [] => anyhow::bail!("there is no call `{text}`; `thirdring calls` lists them"),
        [call] => Ok(*call),
        several => {
            let ids: Vec<_> = several.iter().map(ToString::to_string).collect();
            anyhow::bail!(
                "`{text}` is the beginning of several calls, write more of it: {}",
                ids.join(", ")
            )
        }
    }
}
