//! `thirdring calls purpose` and `outcome`: a new version of why the caller rang, or of what came
//! of it.

use clap::Args;

use super::find;
use crate::app::desk_rules;
use crate::call::record::{CallRecord, CodeVersion};
use crate::cli::database::with_store;
use crate::cli::{ConfigFile, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::id::{CallId, EventId};
use crate::store::{PurposeChange, Store};

#[derive(Debug, Args)]
pub(super) struct SetCode {
    /// The call's id, or the beginning of it
    id: String,
    /// A code of the line's; `thirdring purposes` lists them
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

impl SetCode {
    pub(super) fn purpose(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let author = Author {
            name: self.author,
            reason: self.reason,
        };
        let said = with_store(&config, async |store| {
            let call = find(store, &self.id).await?;
            let purpose = set(store, &config, call, &self.code, author).await?;
            Ok(format!(
                "{call}: purpose is {} (version {})",
                purpose.code, purpose.version
            ))
        })?;
        say(said)
    }

    pub(super) fn outcome(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let said = with_store(&config, async |store| {
            let call = find(store, &self.id).await?;
            let (reason, at) = (self.reason.as_deref(), Clock.wall());
            let said = store.set_disposition(call, &self.code, &self.author, reason, at);
            let outcome = said.await?;
            Ok(format!(
                "{call}: outcome is {} (version {})",
                outcome.code, outcome.version
            ))
        })?;
        say(said)
    }
}

/// Who gives a call another purpose, and why.
#[derive(Debug)]
pub(in crate::cli) struct Author {
    pub(in crate::cli) name: String,
    pub(in crate::cli) reason: Option<String>,
}

/// Gives a call a new version of its purpose.
///
/// # Errors
/// The call's line does not list the purpose, or the database fails.
pub(in crate::cli) async fn set(
    store: &Store,
    config: &Config,
    call: CallId,
    code: &str,
    author: Author,
) -> anyhow::Result<CodeVersion> {
    check(config, &store.call(call).await?.call.record, code)?;
    let at = Clock.wall();
    let change = PurposeChange {
        event: EventId::mint(at, &mut rand::rng()),
        at,
        code: code.to_owned(),
        author: author.name,
        reason: author.reason,
    };
    Ok(store.set_purpose(call, change).await?)
}

/// Only what the call's line lists is a purpose.
fn check(config: &Config, record: &CallRecord, code: &str) -> anyhow::Result<()> {
    let Some(name) = &record.line else {
        anyhow::bail!(
            "call {} belongs to no line, so it has no purpose",
            record.id
        );
    };
    let rules = desk_rules(config);
    let Some(line) = rules.lines.get(name) else {
        anyhow::bail!("line `{name}` is not in the configuration");
    };
    if line.purposes.has(code) {
        return Ok(());
    }
    let codes = line.purposes.codes().iter();
    let codes: Vec<_> = codes.map(|code| code.code.as_str()).collect();
    anyhow::bail!(
        "line `{name}` has no purpose `{code}`; it has {}",
        codes.join(", ")
    )
}
