//! `thirdring calendar`: the holidays and shifted workdays of a year (R016).

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};

use super::{ConfigFile, say};
use crate::clock::Clock;
use crate::config::{Calendar, Config, year_days};
use crate::rules::Timestamp;

#[derive(Debug, Args)]
pub(super) struct Calendars {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take the holidays and shifted workdays of a year from a file
    Import(Import),
    /// Say whether the lines that go by calendars are staffed now, and which years are known
    Show(Show),
}

#[derive(Debug, Args)]
struct Import {
    /// The file: year, source, and each [[holiday]] with name, from, to and workdays
    file: PathBuf,
    /// The calendar it is for; by default all that have a folder of holidays
    #[arg(long)]
    calendar: Option<String>,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    config: ConfigFile,
}

impl Calendars {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Import(import) => import.run(),
            Command::Show(show) => show.run(),
        }
    }
}

impl Import {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let days = year_days(&self.file)?;
        let named = |calendar: &&Calendar| match &self.calendar {
            Some(name) => calendar.name == *name,
            None => calendar.holidays.is_some(),
        };
        let chosen: Vec<_> = config.calendars.iter().filter(named).collect();
        anyhow::ensure!(
            !chosen.is_empty(),
            "no [[calendar]] that has `holidays`, the folder to put it into"
        );
        let mut folders: Vec<&Path> = Vec::new();
        for calendar in chosen {
            let folder = calendar.holidays.as_deref();
            let folder = folder.with_context(|| {
                format!("calendar `{}` has no `holidays`, the folder", calendar.name)
            })?;
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        for folder in folders {
            let place = put(&self.file, folder, days.year)?;
            say(format!(
                "{}: {} holidays of {} ({})",
                place.display(),
                days.holidays.len(),
                days.year,
                days.source
            ))?;
        }
        say("A running service goes by it within a minute.")
    }
}

/// Puts the file into the folder, in the place of another one of the same year. It is there whole or
/// not at all.
fn put(file: &Path, folder: &Path, year: i16) -> anyhow::Result<PathBuf> {
    let cannot = || format!("cannot write into {}", folder.display());
    std::fs::create_dir_all(folder).with_context(cannot)?;
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let known = std::fs::read_dir(folder).with_context(cannot)?;
    let known = known.filter_map(|entry| Some(entry.ok()?.path()));
    let is_year = |path: &PathBuf| {
        path.extension().is_some_and(|it| it == "toml")
            && year_days(path).is_ok_and(|days| days.year == year)
    };
    let place = known.into_iter().find(is_year);
    let place = place.unwrap_or_else(|| folder.join(format!("{year}.toml")));
    let part = place.with_extension("part");
    std::fs::write(&part, text).with_context(cannot)?;
    std::fs::rename(&part, &place).with_context(cannot)?;
    Ok(place)
}

impl Show {
    fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let now: Timestamp = Clock.wall();
        let mut complaints = Vec::new();
        let calendars = config.load_calendars(|complaint| complaints.push(complaint));
        for complaint in complaints {
            say(complaint)?;
        }
        for (name, calendar) in &calendars {
            let hours = calendar.at(now);
            let open = if hours.open {
                "in hours"
            } else {
                "after hours"
            };
            let holiday = hours
                .holiday
                .map_or_else(String::new, |name| format!(", {name}"));
            let missing = match calendar.missing_year(now) {
                Some(year) => format!("; the holidays of {year} are missing"),
                None => String::new(),
            };
            say(format!("{name}: {open}{holiday}{missing}"))?;
        }
        Ok(())
    }
}
