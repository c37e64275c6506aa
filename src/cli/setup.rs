//! `thirdring setup`: lines, queues, agents, calendars and policies of calls out, set up while the
//! service runs. A running service takes a change over by itself.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::json;

use super::calls::{View, or_nothing, plain_table, printable};
use super::database::with_store;
use super::say;
use crate::clock::Clock;
use crate::config::setup::{Section, from_text, to_text};
use crate::config::{Config, ConfigError};
use crate::rules::SetupKind;
use crate::setup::{Administration, Change, Difference, Error, Shown};
use crate::store::SetupAuthor;

#[derive(Debug, Args)]
pub(super) struct Setup {
    #[command(subcommand)]
    action: Action,
    /// The configuration file
    #[arg(
        long,
        value_name = "FILE",
        default_value = "thirdring.toml",
        env = "THIRDRING_CONFIG",
        global = true
    )]
    config: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List what counts: the file's sections, and those that were set up since
    List {
        /// Only of this kind: line, queue, agent, calendar, outbound, team or emergency
        kind: Option<SetupKind>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a section as TOML, ready to be changed and put back
    Show(Named),
    /// Set up the sections of a TOML file, as the configuration file has them
    Put {
        /// The file; `-` reads standard input
        file: PathBuf,
        #[command(flatten)]
        why: Why,
    },
    /// Take a section out
    Remove {
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        why: Why,
    },
    /// List every version of a section, the latest first
    History(Named),
    /// Set a section up as an older version had it; 0 is the file's
    Restore {
        #[command(flatten)]
        named: Named,
        /// The version
        version: u32,
        #[command(flatten)]
        why: Why,
    },
    /// Say where what was set up differs from the configuration file
    Diff,
    /// Say what would be wrong with the sections of a TOML file, and change nothing
    Check {
        /// The file; `-` reads standard input
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
struct Named {
    /// line, queue, agent, calendar, outbound, team or emergency
    kind: SetupKind,
    /// Its name: an agent's extension
    name: String,
}

#[derive(Debug, Args)]
struct Why {
    /// Why; it stands in the history and in the audit
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Who changes it
    #[arg(long, value_name = "NAME", env = "USER", default_value = "cli")]
    user: String,
}

impl Why {
    fn author(&self) -> SetupAuthor {
        SetupAuthor {
            by: self.user.clone(),
            at: Clock.wall(),
            reason: self.reason.clone(),
        }
    }
}

impl Setup {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config)?;
        let view = View::of(&config, false)?;
        let file = Arc::new(config.clone());
        with_store(&config, async |store| {
            let setup = Administration::new(file, store.clone());
            match self.action {
                Action::List { kind, json } => list(&setup, kind, json).await,
                Action::Show(named) => show(&setup, &named).await,
                Action::Put { file, why } => put(&setup, read(&file)?, &why).await,
                Action::Remove { named, why } => remove(&setup, named, &why).await,
                Action::History(named) => history(&setup, &named, &view).await,
                Action::Restore {
                    named,
                    version,
                    why,
                } => restore(&setup, &named, version, &why).await,
                Action::Diff => diff(&setup).await,
                Action::Check { file } => check(&setup, read(&file)?).await,
            }
        })
    }
}

async fn list(setup: &Administration, kind: Option<SetupKind>, json: bool) -> anyhow::Result<()> {
    let kinds = kind.map_or_else(|| SetupKind::ALL.to_vec(), |kind| vec![kind]);
    let mut sections = Vec::new();
    for kind in kinds {
        sections.extend(setup.list(kind, false).await?);
    }
    if json {
        let sections = sections.iter().map(|one| {
            json!({
                "kind": one.kind.as_str(),
                "name": one.name,
                "version": one.version,
                "document": one.document,
            })
        });
        let sections: Vec<_> = sections.collect();
        return say(serde_json::to_string_pretty(&sections)?);
    }
    let mut table = plain_table(&["kind", "name", "version", "by"]);
    for one in sections {
        let by = one.author.map(|author| printable(&author.by));
        table.add_row([
            one.kind.to_string(),
            printable(&one.name),
            version(one.version),
            or_nothing(by),
        ]);
    }
    say(table)
}

async fn show(setup: &Administration, named: &Named) -> anyhow::Result<()> {
    let shown = setup.show(named.kind, &named.name).await?;
    let document = shown.document.unwrap_or_default();
    say(to_text(named.kind, &document)?.trim_end())
}

/// Each section is checked and set up by itself, in the order of the file.
async fn put(setup: &Administration, sections: Vec<Section>, why: &Why) -> anyhow::Result<()> {
    for section in sections {
        let base = base(setup, &section).await?;
        let change = Change { section, base };
        let shown = done(setup.change(change, &why.author()).await)?;
        tell(&shown)?;
    }
    Ok(())
}

async fn remove(setup: &Administration, named: Named, why: &Why) -> anyhow::Result<()> {
    let section = Section {
        kind: named.kind,
        name: named.name,
        document: None,
    };
    let base = base(setup, &section).await?;
    let change = Change { section, base };
    tell(&done(setup.change(change, &why.author()).await)?)
}

async fn restore(
    setup: &Administration,
    named: &Named,
    version: u32,
    why: &Why,
) -> anyhow::Result<()> {
    let section = Section {
        kind: named.kind,
        name: named.name.clone(),
        document: None,
    };
    let base = base(setup, &section).await?;
    let place = (named.kind, named.name.as_str());
    let restored = setup.restore(place, version, base, &why.author()).await;
    tell(&done(restored)?)
}

async fn history(setup: &Administration, named: &Named, view: &View) -> anyhow::Result<()> {
    let versions = setup.versions(named.kind, &named.name).await?;
    let mut table = plain_table(&["version", "at", "by", "what", "reason"]);
    for one in versions {
        let at = one.author.as_ref();
        let at = at.map(|author| view.time(author.at).to_string());
        let what = if one.document.is_some() {
            "set up"
        } else {
            "taken out"
        };
        let (by, reason) = one
            .author
            .map(|author| (printable(&author.by), printable(&author.reason)))
            .unzip();
        table.add_row([
            version(one.version),
            or_nothing(at),
            or_nothing(by),
            what.to_owned(),
            or_nothing(reason),
        ]);
    }
    say(table)
}

async fn diff(setup: &Administration) -> anyhow::Result<()> {
    let mut table = plain_table(&["kind", "name", "version", "against the file"]);
    for (one, difference) in setup.differences().await? {
        let difference = match difference {
            Difference::Same => "the same",
            Difference::Differs => "differs",
            Difference::Added => "not in the file",
            Difference::Removed => "taken out",
        };
        table.add_row([
            one.kind.to_string(),
            printable(&one.name),
            version(one.version),
            difference.to_owned(),
        ]);
    }
    say(table)
}

async fn check(setup: &Administration, sections: Vec<Section>) -> anyhow::Result<()> {
    for section in &sections {
        done(setup.check(section).await)?;
    }
    say("nothing would be wrong")
}

/// The version that counts now: whoever types a command means what there is.
async fn base(setup: &Administration, section: &Section) -> anyhow::Result<Option<u32>> {
    match setup.show(section.kind, &section.name).await {
        Ok(shown) => Ok(Some(shown.version)),
        Err(Error::Unknown) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What is wrong with the whole is told like what is wrong with the file.
fn done<T>(result: Result<T, Error>) -> anyhow::Result<T> {
    result.map_err(|error| {
        if let Error::Unfit(problems) = error {
            ConfigError { problems }.into()
        } else {
            error.into()
        }
    })
}

fn tell(shown: &Shown) -> anyhow::Result<()> {
    let (kind, name) = (shown.kind, printable(&shown.name));
    say(format_args!("{kind} {name}: version {}", shown.version))
}

fn version(number: u32) -> String {
    if number == 0 {
        "the file's".to_owned()
    } else {
        number.to_string()
    }
}

fn read(file: &PathBuf) -> anyhow::Result<Vec<Section>> {
    let shown = file.display();
    let text = if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin()
            .lock()
            .read_to_string(&mut text)
            .map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    let text = text.with_context(|| format!("{shown} cannot be read"))?;
    let sections = from_text(&text).map_err(anyhow::Error::msg);
    sections.with_context(|| format!("{shown} is no list of sections"))
}
