//! `thirdring recordings audit`: who did what with recordings (R191), and whether the rows are as
//! they were written (R243).

use clap::Args;

use crate::cli::calls::{View, find, or_nothing, plain_table, printable};
use crate::cli::database::with_store;
use crate::cli::{ConfigFile, say};
use crate::config::Config;
use crate::store::AuditChain;

#[derive(Debug, Args)]
pub(super) struct Audit {
    /// With one call's recording only: its id, or the beginning of it
    call: Option<String>,
    /// The last so many
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    /// Compare every row of the audit with the chain of hashes instead; the exit code is not 0 if a
    /// row was changed or taken out
    #[arg(long, conflicts_with_all = ["call", "limit"])]
    verify: bool,
    #[command(flatten)]
    config: ConfigFile,
}

impl Audit {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        if self.verify {
            return verify(&config, self.json);
        }
        let view = View::of(&config, false)?;
        let entries = with_store(&config, async |store| {
            let call = match &self.call {
                Some(call) => Some(find(store, call).await?),
                None => None,
            };
            Ok(store.audited(call, self.limit).await?)
        })?;
        if self.json {
            return say(serde_json::to_string_pretty(&entries)?);
        }
        let mut table = plain_table(&["time", "who", "what", "call", "purpose", ""]);
        for entry in &entries {
            table.add_row([
                view.time(entry.at).to_string(),
                printable(&entry.actor),
                printable(&entry.action),
                or_nothing(entry.call.map(|call| call.to_string())),
                printable(&entry.purpose),
                or_nothing(entry.detail.as_deref().map(printable)),
            ]);
        }
        say(table)
    }
}

fn verify(config: &Config, as_json: bool) -> anyhow::Result<()> {
    let chain = with_store(config, async |store| Ok(store.verify_audit().await?))?;
    if as_json {
        say(serde_json::to_string_pretty(&chain)?)?;
    } else {
        let AuditChain {
            rows, unchained, ..
        } = &chain;
        let last = or_nothing(chain.last.clone());
        say(format!(
            "{rows} rows follow from one another, {unchained} are from before there was a chain\n\
             the last hash, to be kept elsewhere: {last}"
        ))?;
    }
    if let Some(row) = chain.broken_at {
        anyhow::bail!("the audit was tampered with: {row} does not follow from the rows before it");
    }
    Ok(())
}
