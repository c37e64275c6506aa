//! `thirdring calls purpose`: a new version of why the caller rang.

use clap::Args;

use super::find;
use crate::call::record::{CallRecord, PurposeVersion};
use crate::cli::database::with_store;
use crate::cli::{ConfigFile, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::id::{CallId, EventId};
use crate::store::{PurposeChange, Store};

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
) -> anyhow::Result<PurposeVersion> {
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
