//! `thirdring doctor`: looks at what this machine gives the service, and says what to do.
//!
//! Unlike `config check` it may be asked while the service runs, and it has an opinion on what
//! would start but not last. The exit code is 1 if anything fails.

mod address;
mod calendar;
mod certificates;
mod clock;
mod disk;
mod finding;
mod limits;
mod ports;

use clap::Args;

use super::calls::plain_table;
use super::database::with_store;
use super::{ConfigFile, say};
use crate::config::Config;
use finding::{Finding, Level};

#[derive(Debug, Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    config: ConfigFile,
}

impl Doctor {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let findings = examine(&config);
        let mut table = plain_table(&["", "what", "found", "to do"]);
        table.add_rows(findings.iter().map(Finding::cells));
        say(table)?;
        let failed = findings.iter().filter(|one| one.level == Level::Fail);
        match failed.count() {
            0 => Ok(()),
            failed => anyhow::bail!("{failed} of {} checks failed", findings.len()),
        }
    }
}

fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = configuration(config);
    findings.extend(address::check(config));
    findings.extend(ports::check(config));
    findings.extend(certificates::check(config));
    findings.extend(limits::check(config));
    findings.extend(disk::check(config));
    findings.extend(calendar::check(config));
    findings.push(clock::check());
    findings.push(database(config));
    findings
}

/// The file is sound, or it could not have been read; folders and prompts are looked at here.
fn configuration(config: &Config) -> Vec<Finding> {
    let problems = config.check_host().err().map(|error| error.problems);
    let problems = problems.unwrap_or_default();
    if problems.is_empty() {
        return vec![Finding::ok(
            "configuration",
            "sound, folders and prompts are there",
        )];
    }
    let findings = problems.into_iter().map(|problem| {
        let found = format!("{}: {}", problem.key, problem.what);
        Finding::fail("configuration", found, problem.cure)
    });
    findings.collect()
}

/// Opening it brings its tables up to date, as every command does.
fn database(config: &Config) -> Finding {
    match with_store(config, async |store| Ok(store.ping().await?)) {
        Ok(()) => Finding::ok("database", "answers, its tables are up to date"),
        Err(error) => Finding::fail(
            "database",
            format!("{error:#}"),
            "start it, or correct database.url",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn config(folder: &Path, database: &str) -> Config {
        let text = format!(
            "
[[sip.listener]]
address = \"127.0.0.1:0\"
[media]
address = \"127.0.0.1\"
allow_loopback = true
[recording]
folder = \"recordings\"
[database]
url = \"{database}\"
"
        );
        Config::parse(&text, &folder.join("thirdring.toml")).unwrap()
    }

    #[test]
    fn a_database_that_answers_is_told_from_one_that_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let there = config(folder.path(), "sqlite:log.db");
        assert_eq!(database(&there).level, Level::Ok);
        let away = config(folder.path(), "postgres://127.0.0.1:1/none");
        assert_eq!(database(&away).level, Level::Fail);
    }

    #[test]
    fn a_folder_that_cannot_be_made_fails() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path(), "sqlite:log.db");
        assert_eq!(configuration(&config)[0].level, Level::Ok);
        std::fs::remove_dir_all(folder.path().join("recordings")).unwrap();
        std::fs::write(folder.path().join("recordings"), "a file").unwrap();
        assert_eq!(configuration(&config)[0].level, Level::Fail);
    }
}
