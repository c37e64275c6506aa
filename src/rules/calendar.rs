//! When a line is staffed: weekly hours in the site's zone, and a year's holidays and shifted
//! workdays (R016). A holiday is closed all day; on a weekend day that is worked instead of it the
//! hours are a workday's.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use jiff::Zoned;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::Timestamp;

/// From this day of December on the next year's days should be there (R016).
const NEXT_YEAR_FROM: i8 = 15;
/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// The longest holiday that is one, in days: more is a slip of the pen.
const LONGEST_HOLIDAY: usize = 31;

/// Why a calendar cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Not a span of weekdays and times.
    #[error("`{0}` is no span of hours such as `mon-fri 09:00-12:00`")]
    Hours(String),
    /// A day that does not belong to the year it stands under.
    #[error("{0} is not in {1}")]
    OtherYear(Date, i16),
    /// A holiday that ends before it begins, or never ends.
    #[error("holiday `{0}` does not last from a first day to a last one")]
    Backwards(String),
    /// Two statements about one day.
    #[error("{0} stands there twice")]
    Twice(Date),
}

/// Some hours of some weekdays: `mon-fri 09:00-12:00`, `sat 10:00-16:00`, `mon-sun 00:00-24:00`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeeklyHours {
    days: Vec<Weekday>,
    from: u16,
    to: u16,
}

impl WeeklyHours {
    /// Whether this moment is within them.
    pub fn cover(&self, here: &Zoned) -> bool {
        let minute =
            u16::from(here.hour().unsigned_abs()) * 60 + u16::from(here.minute().unsigned_abs());
        self.days.contains(&here.weekday()) && (self.from..self.to).contains(&minute)
    }
}

impl FromStr for WeeklyHours {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let parse = || {
            let (days, times) = text.split_once(' ')?;
            let (from, to) = times.trim().split_once('-')?;
            let (from, to) = (minutes(from)?, minutes(to)?);
            let days = weekdays(days)?;
            (from < to).then_some(Self { days, from, to })
        };
        parse().ok_or_else(|| CalendarError::Hours(text.to_owned()))
    }
}

/// The special days of one year, as a file tells them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearDays {
    /// Which year.
    pub year: i16,
    /// Who says so.
    pub source: String,
    /// Its holidays.
    #[serde(rename = "holiday")]
    pub holidays: Vec<Holiday>,
}

/// One holiday, and what is worked instead of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// Its name: greetings can go by it (R027).
    pub name: String,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub to: Date,
    /// Days of rest that are worked for it.
    #[serde(default)]
    pub workdays: Vec<Date>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Special {
    Holiday(String),
    Workday,
}

/// When a line is staffed.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    /// By weekday from Monday: from and to, in minutes.
    week: [Vec<(u16, u16)>; 7],
    closed_on_holidays: bool,
    /// Years are wanted: without them a holiday is a weekday.
    needs_years: bool,
    special: BTreeMap<Date, Special>,
    years: BTreeSet<i16>,
}

/// What a calendar says of a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// The line is staffed.
    pub open: bool,
    /// The holiday that it is.
    pub holiday: Option<String>,
    /// The hour of the day at the site, 0 to 23.
    pub hour: u8,
}

impl Calendar {
    /// A calendar that knows no year's holidays yet. `needs_years` says that it should.
    pub fn new(
        zone: TimeZone,
        hours: &[WeeklyHours],
        closed_on_holidays: bool,
        needs_years: bool,
    ) -> Self {
        let mut week: [Vec<(u16, u16)>; 7] = Default::default();
        for span in hours {
            for day in &span.days {
                if let Some(spans) = week.get_mut(index(*day)) {
                    spans.push((span.from, span.to));
                }
            }
        }
        Self {
            zone,
            week,
            closed_on_holidays,
            needs_years,
            special: BTreeMap::new(),
            years: BTreeSet::new(),
        }
    }

    /// Learns the days of a year.
    ///
    /// # Errors
    /// A day stands there twice, or is of another year, or a holiday runs backwards.
    pub fn learn(&mut self, days: &YearDays) -> Result<(), CalendarError> {
        let special = days.special()?;
        self.special.retain(|date, _| date.year() != days.year);
        self.special.extend(special);
        self.years.insert(days.year);
        Ok(())
    }

    /// The zone that its hours are in.
    pub(super) const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The hours of a day, from and to in minutes.
    pub(super) fn spans_on(&self, date: Date) -> &[(u16, u16)] {
        let day = match self.special.get(&date) {
            Some(Special::Holiday(_)) if self.closed_on_holidays => return &[],
            Some(Special::Workday) => self.workday(date.weekday()),
            Some(Special::Holiday(_)) | None => index(date.weekday()),
        };
        self.week.get(day).map_or(&[], Vec::as_slice)
    }

    /// What it says of a moment.
    pub fn at(&self, moment: Timestamp) -> Hours {
        let local = moment.to_jiff().to_zoned(self.zone.clone());
        let date = local.date();
        let minute =
            u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
        let special = self.special.get(&date);
        let holiday = match special {
            Some(Special::Holiday(name)) => Some(name.clone()),
            Some(Special::Workday) | None => None,
        };
        let is_closed = holiday.is_some() && self.closed_on_holidays;
        let day = match special {
            Some(Special::Workday) => self.workday(date.weekday()),
            Some(Special::Holiday(_)) | None => index(date.weekday()),
        };
        let mut spans = self.week.get(day).into_iter().flatten();
        Hours {
            open: !is_closed && spans.any(|(from, to)| (*from..*to).contains(&minute)),
            holiday,
            hour: local.hour().unsigned_abs(),
        }
    }

    /// A day of rest that is worked has its own hours, if it has any in an ordinary week, else
    /// those of the first day of the week that has.
    fn workday(&self, weekday: Weekday) -> usize {
        let own = index(weekday);
        let has_hours = |day: &usize| self.week.get(*day).is_some_and(|spans| !spans.is_empty());
        if has_hours(&own) {
            return own;
        }
        (0..self.week.len()).find(has_hours).unwrap_or(own)
    }

    /// The year whose days should be there and are not: this one, and from 15 December the next.
    pub fn missing_year(&self, moment: Timestamp) -> Option<i16> {
        let date = moment.to_jiff().to_zoned(self.zone.clone()).date();
        let next_is_due = date.month() == 12 && date.day() >= NEXT_YEAR_FROM;
        let next = next_is_due.then(|| date.year().saturating_add(1));
        let mut wanted = [Some(date.year()), next].into_iter().flatten();
        wanted.find(|year| self.needs_years && !self.years.contains(year))
    }
}

impl YearDays {
    /// Whether it can be used.
    ///
    /// # Errors
    /// As for [`Calendar::learn`].
    pub fn check(&self) -> Result<(), CalendarError> {
        self.special().map(|_| ())
    }

    fn special(&self) -> Result<BTreeMap<Date, Special>, CalendarError> {
        let mut special = BTreeMap::new();
        let mut put = |date: Date, what: Special| {
            if date.year() != self.year {
                return Err(CalendarError::OtherYear(date, self.year));
            }
            match special.insert(date, what) {
                Some(_) => Err(CalendarError::Twice(date)),
                None => Ok(()),
            }
        };
        for holiday in &self.holidays {
            let days = holiday.from.series(jiff::Span::new().days(1));
            let days: Vec<_> = days
                .take_while(|date| *date <= holiday.to)
                .take(LONGEST_HOLIDAY + 1)
                .collect();
            if days.is_empty() || days.len() > LONGEST_HOLIDAY {
                return Err(CalendarError::Backwards(holiday.name.clone()));
            }
            for date in days {
                put(date, Special::Holiday(holiday.name.clone()))?;
            }
            for date in &holiday.workdays {
                put(*date, Special::Workday)?;
            }
        }
        Ok(special)
    }
}

fn index(day: Weekday) -> usize {
    usize::from(day.to_monday_zero_offset().unsigned_abs())
}

/// `09:30`, `24:00`.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let total = hours.checked_mul(60)?.checked_add(minutes)?;
    (minutes < 60 && total <= DAY).then_some(total)
}

/// `mon-fri`, `sat-thu`, `sat`, `mon,wed`.
fn weekdays(text: &str) -> Option<Vec<Weekday>> {
    let mut days = Vec::new();
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = (weekday(from)?, weekday(to)?);
        let mut day = from;
        loop {
            days.push(day);
            if day == to {
                break;
            }
            day = day.next();
        }
    }
    Some(days)
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name.trim().to_ascii_lowercase().as_str() {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
