//! Whether each calendar knows the holidays that it should know (R016).

use super::finding::Finding;
use crate::clock::Clock;
use crate::config::Config;
use crate::rules::{Calendar, Timestamp};

pub(super) fn check(config: &Config) -> Vec<Finding> {
    // What cannot be read is told with the configuration.
    let calendars = config.load_calendars(|_| {});
    let now = Clock.wall();
    let findings = calendars.iter();
    findings
        .map(|(name, calendar)| judge(name, calendar, now))
        .collect()
}

fn judge(name: &str, calendar: &Calendar, now: Timestamp) -> Finding {
    let what = "calendar";
    match calendar.missing_year(now) {
        None => Finding::ok(what, format!("{name} has the days that it needs")),
        Some(year) => Finding::warn(
            what,
            format!("{name} lacks the holidays of {year}"),
            "write them down as deploy/calendars shows, and `thirdring calendar import FILE`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    /// R016: the control is a calendar that wants no holidays.
    #[test]
    fn a_calendar_without_its_year_is_warned_of() {
        let utc = jiff::tz::TimeZone::UTC;
        for (needs_years, level) in [(true, Level::Warn), (false, Level::Ok)] {
            let calendar = Calendar::new(utc.clone(), &[], true, needs_years);
            let finding = judge("office", &calendar, Timestamp(0));
            assert_eq!(finding.level, level);
        }
    }
}
