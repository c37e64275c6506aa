//! `[[calendar]]`: when lines are staffed, and the files that tell a year's holidays.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Config;
use crate::rules::{self, CalendarError, YearDays};

/// A calendar that lines go by.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Its name, for lines and rows. No default.
    pub name: String,
    /// The hours of a week: `mon-fri 09:00-12:00`. No default.
    pub hours: Vec<String>,
    /// The folder of the files that tell the holidays and shifted workdays of a year, one a year;
    /// `thirdring calendar import` puts them there. Default none: every week is alike.
    #[serde(default)]
    pub holidays: Option<PathBuf>,
    /// Years in the place of what the folder says of them. Default `[]`.
    #[serde(default)]
    pub years: Vec<YearDays>,
    /// Whether nobody works on holidays. Default `true`.
    #[serde(default = "yes")]
    pub closed_on_holidays: bool,
}

const fn yes() -> bool {
    true
}

/// Why a file of a year's days cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum YearError {
    /// It cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// It is not of the form.
    #[error("{0}: {1}")]
    Form(PathBuf, Box<toml::de::Error>),
    /// It contradicts itself.
    #[error("{0}: {1}")]
    Days(PathBuf, CalendarError),
}

/// Reads the days of a year from a file.
///
/// # Errors
/// It cannot be read, or used.
pub fn year_days(file: &Path) -> Result<YearDays, YearError> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| YearError::Unreadable(file.to_owned(), error))?;
    let days: YearDays =
        toml::from_str(&text).map_err(|error| YearError::Form(file.to_owned(), Box::new(error)))?;
    days.check()
        .map_err(|error| YearError::Days(file.to_owned(), error))?;
    Ok(days)
}

impl Calendar {
    /// The files of years in its folder, by name.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn files(&self) -> std::io::Result<Vec<PathBuf>> {
        let Some(folder) = &self.holidays else {
            return Ok(Vec::new());
        };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|it| it == "toml") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// The calendar with every year that its folder has; what cannot be used is told, and left out.
    pub fn load(&self, time_zone: &str, mut complain: impl FnMut(String)) -> rules::Calendar {
        let zone = jiff::tz::TimeZone::get(time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let hours: Vec<_> = self
            .hours
            .iter()
            .filter_map(|span| span.parse().ok())
            .collect();
        let needs_years = self.holidays.is_some() || !self.years.is_empty();
        let mut calendar = rules::Calendar::new(zone, &hours, self.closed_on_holidays, needs_years);
        let files = self.files().unwrap_or_else(|error| {
            complain(format!("the folder of calendar `{}`: {error}", self.name));
            Vec::new()
        });
        for file in files {
            let learnt = year_days(&file).and_then(|days| {
                let learnt = calendar.learn(&days);
                learnt.map_err(|error| YearError::Days(file.clone(), error))
            });
            if let Err(error) = learnt {
                complain(error.to_string());
            }
        }
        for days in &self.years {
            if let Err(error) = calendar.learn(days) {
                complain(format!("calendar `{}`: {error}", self.name));
            }
        }
        calendar
    }

    /// Every year that it goes by, the earliest first, and whether the folder has it; a file that
    /// cannot be used is left out.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn known_years(&self) -> std::io::Result<Vec<(YearDays, bool)>> {
        let files = self.files()?;
        let of_files = files.iter().filter_map(|file| year_days(file).ok());
        let mut years: BTreeMap<_, _> = of_files.map(|days| (days.year, (days, true))).collect();
        let own = self.years.iter().cloned();
        years.extend(own.map(|days| (days.year, (days, false))));
        Ok(years.into_values().collect())
    }
}

impl Config {
    /// Every calendar, by name.
    pub fn load_calendars(
        &self,
        mut complain: impl FnMut(String),
    ) -> BTreeMap<String, rules::Calendar> {
        let zone = &self.service.time_zone;
        let calendars = self.calendars.iter();
        calendars
            .map(|one| (one.name.clone(), one.load(zone, &mut complain)))
            .collect()
    }
}
