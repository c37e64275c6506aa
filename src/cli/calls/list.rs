//! `thirdring calls`: a list, newest first.

use std::str::FromStr;

use clap::Args;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use serde::de::IntoDeserializer;
use serde::de::value::Error as WordError;

use super::table::call_table;
use super::view::View;
use crate::call::event::Outcome;
use crate::cli::database::with_store;
use crate::cli::{ConfigFile, say};
use crate::config::Config;
use crate::rules::{Grade, Timestamp};
use crate::store::CallFilter;

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only calls that arrived at this time or later: RFC 3339, or a date or time of the site
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    /// Only calls that arrived before this time; a date means the end of that day
    #[arg(long, value_name = "TIME")]
    to: Option<Moment>,
    /// Only calls of this line
    #[arg(long)]
    line: Option<String>,
    /// Only calls that ended so: answered, abandoned, `no_agent` ...
    #[arg(long, value_parser = word::<Outcome>)]
    outcome: Option<Outcome>,
    /// Only calls graded so: `on_target`, late, `abandoned_in_time` ...
    #[arg(long, value_parser = word::<Grade>)]
    grade: Option<Grade>,
    /// Only calls with this purpose
    #[arg(long, value_name = "CODE")]
    purpose: Option<String>,
    /// Only calls that this agent was rung for, had or passed on
    #[arg(long, value_name = "EXTENSION")]
    agent: Option<String>,
    /// At most so many
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: u32,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    /// Show telephone numbers unmasked
    #[arg(long)]
    numbers: bool,
    #[command(flatten)]
    config: ConfigFile,
}

impl List {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config.path)?;
        let view = View::of(&config, self.numbers)?;
        let filter = CallFilter {
            from: self.from.map(|from| from.begins(view.zone())).transpose()?,
            to: self.to.map(|to| to.ends(view.zone())).transpose()?,
            line: self.line.as_deref().map(Into::into),
            outcome: self.outcome,
            grade: self.grade,
            purpose: self.purpose,
            agent: self.agent.as_deref().map(Into::into),
            limit: Some(self.limit),
            after: None,
        };
        let mut calls = with_store(&config, async |store| Ok(store.calls(&filter).await?))?;
        if self.json {
            for call in &mut calls {
                view.mask(call);
            }
            return say(serde_json::to_string_pretty(&calls)?);
        }
        if calls.is_empty() {
            return say("no calls");
        }
        say(call_table(&calls, &view))
    }
}

/// A moment as people write it.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// RFC 3339, with its offset.
    Exact(jiff::Timestamp),
    /// By the site's clock.
    Local(DateTime),
    /// A whole day of the site.
    Day(Date),
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(exact) = text.parse() {
            return Ok(Self::Exact(exact));
        }
        if let Ok(day) = Date::strptime("%Y-%m-%d", text) {
            return Ok(Self::Day(day));
        }
        text.parse().map(Self::Local).map_err(|_| {
            "write 2026-11-21, 2026-11-21T08:30 or 2026-11-21T08:30:00+08:00".to_owned()
        })
    }
}

impl Moment {
    fn begins(self, zone: &TimeZone) -> anyhow::Result<Timestamp> {
        match self {
            Self::Exact(exact) => Ok(Timestamp(exact.as_microsecond())),
            Self::Local(time) => Ok(micros(&zone.to_zoned(time)?)),
            Self::Day(day) => Ok(micros(&day.to_zoned(zone.clone())?)),
        }
    }

    fn ends(self, zone: &TimeZone) -> anyhow::Result<Timestamp> {
        match self {
            Self::Day(day) => Self::Day(day.checked_add(1.day())?).begins(zone),
            Self::Exact(_) | Self::Local(_) => self.begins(zone),
        }
    }
}

fn micros(time: &Zoned) -> Timestamp {
    Timestamp(time.timestamp().as_microsecond())
}

/// A variant by the word that rows and JSON use; a wrong one is answered with all of them.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, WordError> {
    T::deserialize(text.into_deserializer())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shanghai() -> TimeZone {
        TimeZone::fixed(jiff::tz::offset(8))
    }

    #[test]
    fn a_day_is_the_sites_and_its_end_is_the_next_ones_beginning() {
        let day: Moment = "2026-11-21".parse().unwrap();
        let next: Moment = "2026-11-22".parse().unwrap();
        let exact: Moment = "2026-11-20T16:00:00Z".parse().unwrap();
        let zone = shanghai();
        assert_eq!(day.begins(&zone).unwrap(), exact.begins(&zone).unwrap());
        assert_eq!(day.ends(&zone).unwrap(), next.begins(&zone).unwrap());
    }

    #[test]
    fn a_time_without_offset_is_the_sites() {
        let local: Moment = "2026-11-21T08:30".parse().unwrap();
        let exact: Moment = "2026-11-21T08:30:00+08:00".parse().unwrap();
        let zone = shanghai();
        assert_eq!(local.begins(&zone).unwrap(), exact.begins(&zone).unwrap());
        assert_eq!(local.ends(&zone).unwrap(), exact.ends(&zone).unwrap());
        assert!("yesterday".parse::<Moment>().is_err());
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_right_ones() {
        assert_eq!(word::<Grade>("late"), Ok(Grade::Late));
        let error = word::<Outcome>("lost").unwrap_err().to_string();
        assert!(error.contains("`abandoned`"), "{error}");
    }
}
