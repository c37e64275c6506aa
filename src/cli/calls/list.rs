//! `thirdring calls`: a list, newest first.

use std::io::Write;
use std::str::FromStr;

use clap::Args;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use serde::de::IntoDeserializer;
use serde::de::value::Error as WordError;

use super::table::call_table;
use super::view::View;
use crate::app::desk_rules;
use crate::call::event::{Direction, HangupParty, Outcome};
use crate::cli::database::with_store;
use crate::cli::{ConfigFile, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::export::{Format, Reader, Sheet};
use crate::rules::{Grade, Handling, Timestamp};
use crate::store::{AuditEntry, CallFilter, CallFlag, CallOrder};

/// Rows of a table, where nothing is said.
const USUAL: u32 = 50;

#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
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
    /// Only calls with this code, or a kind of it, as their purpose
    #[arg(long, value_name = "CODE")]
    category: Option<String>,
    /// Only calls that were asked for so: in, out or internal
    #[arg(long, value_parser = word::<Direction>)]
    direction: Option<Direction>,
    /// Only calls whose matter is dealt with so: answered, accepted, `not_accepted`, `no_longer_accepted`
    #[arg(long, value_name = "WORD", value_parser = clap::builder::PossibleValuesParser::new(Handling::WORDS))]
    handling: Option<String>,
    /// Only calls from this number
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// Only calls that were passed on
    #[arg(long, conflicts_with = "not_transferred")]
    transferred: bool,
    /// Only calls that were not passed on
    #[arg(long)]
    not_transferred: bool,
    /// Only calls that this side ended: caller, agent or system
    #[arg(long, value_name = "SIDE", value_parser = word::<HangupParty>)]
    hangup_party: Option<HangupParty>,
    /// Only calls of which this is so: late, `agent_first`, `stage_exceeded`, `talk_long`,
    /// `passed_on_often`, emergency, withheld, anonymous,
    /// unclosed; several with commas between
    #[arg(long, value_name = "FLAGS", value_delimiter = ',', value_parser = word::<CallFlag>)]
    flags: Vec<CallFlag>,
    /// Only calls with this in their note
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// In which order: `arrived_at`, ring, queue or talk; calls that lack it are left out
    #[arg(long, value_name = "BY", value_parser = word::<CallOrder>, default_value = "arrived_at")]
    sort: CallOrder,
    /// The earliest, or the shortest, first
    #[arg(long)]
    ascending: bool,
    /// At most so many; 50 if nothing is said, and all with --csv
    #[arg(long, value_name = "COUNT")]
    limit: Option<u32>,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    /// Print comma-separated values instead of a table, with what people wrote down
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Who takes the calls out with --csv; it stands in the audit
    #[arg(long, value_name = "NAME", env = "USER", default_value = "cli")]
    author: String,
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
        let transferred = match (self.transferred, self.not_transferred) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        let filter = CallFilter {
            from: self.from.map(|from| from.begins(view.zone())).transpose()?,
            to: self.to.map(|to| to.ends(view.zone())).transpose()?,
            line: self.line.as_deref().map(Into::into),
            outcome: self.outcome,
            grade: self.grade,
            purpose: self.purpose,
            agent: self.agent.as_deref().map(Into::into),
            among: Vec::new(),
            limit: self.limit,
            category: self.category.map(|code| kinds(&config, &code)),
            direction: self.direction,
            number: self.number,
            handling: self.handling,
            transferred,
            running: None,
            hangup_party: self.hangup_party,
            flags: self.flags,
            text: self.text,
            order: self.sort,
            ascending: self.ascending,
            after: None,
        };
        if self.csv {
            return sheet(&config, &view, filter, self.numbers, &self.author);
        }
        let filter = CallFilter {
            limit: Some(self.limit.unwrap_or(USUAL)),
            ..filter
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

/// The calls as a sheet, piece by piece; taking it out is audited (R232).
fn sheet(
    config: &Config,
    view: &View,
    filter: CallFilter,
    numbers: bool,
    author: &str,
) -> anyhow::Result<()> {
    let reader = Reader {
        zone: view.zone().clone(),
        sees_numbers: numbers,
    };
    with_store(config, async |store| {
        let shown = if numbers { "in full" } else { "masked" };
        let detail = format!("calls.csv, numbers {shown}");
        let entry = AuditEntry::of_account("calls.export", author, detail, Clock.wall());
        store.audit(&entry).await?;
        let mut sheet = Sheet::new(store.clone(), filter, Format::Csv, reader);
        let mut out = std::io::stdout().lock();
        while let Some(piece) = sheet.next().await? {
            out.write_all(&piece)?;
        }
        Ok(out.flush()?)
    })
}

/// A code and everything that is a kind of it on some line.
fn kinds(config: &Config, code: &str) -> Vec<String> {
    let lines = desk_rules(config).lines.into_values();
    let trees = lines.map(|rules| rules.purposes);
    let codes = trees.flat_map(|tree| {
        let codes = tree.codes().iter();
        let kinds = codes.filter(|known| tree.is_a(&known.code, code));
        kinds.map(|known| known.code.clone()).collect::<Vec<_>>()
    });
    codes.chain([code.to_owned()]).collect()
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
