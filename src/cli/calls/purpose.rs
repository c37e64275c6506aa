//! `thirdring calls purpose`: a new version of why the caller rang.

use clap::Args;

use super::find;
use crate::call::record::CallRecord;
use crate::cli::database::with_store;
use crate::cli::{ConfigFile, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::id::EventId;
use crate::store::PurposeChange;

#[derive(Debug, Args)]
pub(super) struct SetPurpose {
    /// The call's id, or the beginning of it
    id: String,
    /// A code of the line's purposes
    code: String,
    /// Why it is changed
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Who changes it
    #[arg(long, value_name = "NAME", env = "USER", default_value = "cli")]
    author: String,
    #[command(flatten)]
    config: ConfigFile,
}

impl SetPurpose {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let said = with_store(&config, async |store| {
            let call = find(store, &self.id).await?;
            check(&config, &store.call(call).await?.call.record, &self.code)?;
            let at = Clock.wall();
            let change = PurposeChange {
                event: EventId::mint(at, &mut rand::rng()),
                at,
                code: self.code,
                author: self.author,
                reason: self.reason,
            };
            let purpose = store.set_purpose(call, change).await?;
            Ok(format!(
                "{call}: purpose is {} (version {})",
                purpose.code, purpose.version
            ))
        })?;
        say(said)
    }
}

/// Only what the call's line lists is a purpose.
fn check(config: &Config, record: &CallRecord, code: &str) -> anyhow::Result<()> {
    let Some(name) = &record.line else {
        anyhow::bail!(
            "call {} belongs to no line, so it has no purpose",
            record.id
        );
    };
    let line = config.lines.iter().find(|line| line.name == name.0);
    let purposes = line
        .map(|line| line.purposes.as_slice())
        .unwrap_or_default();
    if purposes.iter().any(|purpose| purpose.code == code) {
        return Ok(());
    }
    let codes: Vec<_> = purposes.iter().map(|p| p.code.as_str()).collect();
    if codes.is_empty() {
        anyhow::bail!("line `{name}` lists no purposes in the configuration");
    }
    anyhow::bail!(
        "line `{name}` has no purpose `{code}`; it has {}",
        codes.join(", ")
    )
}
