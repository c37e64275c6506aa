//! When something is due that is to be done within so much working time: nights, weekends and
//! holidays do not count (R185).

use std::time::Duration;

use jiff::civil::{Date, Time};

use super::{Calendar, Timestamp};

/// Days that are looked through: whoever never opens for longer has no working time.
const DAYS: usize = 400;
const MINUTES_OF_A_DAY: u16 = 24 * 60;

impl Calendar {
    /// The moment at which `worked` of the calendar's hours have passed since `from`; `None` if
    /// there are not so many in a year.
    pub fn after(&self, from: Timestamp, worked: Duration) -> Option<Timestamp> {
        let mut left = i64::try_from(worked.as_micros()).ok()?;
        let first = from.to_jiff().to_zoned(self.zone().clone()).date();
        let mut at = from.0;
        for date in first.series(jiff::Span::new().days(1)).take(DAYS) {
            let mut spans = self.spans_on(date).to_vec();
            spans.sort_unstable();
            for (opens, closes) in spans {
                let (opens, closes) = (self.moment(date, opens)?, self.moment(date, closes)?);
                // Spans may overlap: no minute counts twice.
                at = at.max(opens);
                let open = closes.saturating_sub(at).max(0);
                // What is due at once is due when somebody is there.
                if open > 0 && left <= open {
                    return Some(Timestamp(at.saturating_add(left)));
                }
                left -= open;
                at = at.max(closes);
            }
        }
        None
    }

    /// When the calendar's working day ends in which `from` is; of the next one, if that day's hours are
    /// over, or it has none. `None` if there is none in a year.
    pub fn end_of_day(&self, from: Timestamp) -> Option<Timestamp> {
        let first = from.to_jiff().to_zoned(self.zone().clone()).date();
        let days = first.series(jiff::Span::new().days(1)).take(DAYS);
        let mut ends = days.filter_map(|date| {
            let closes = self.spans_on(date).iter().map(|(_, closes)| *closes).max();
            self.moment(date, closes?)
        });
        ends.find(|end| *end > from.0).map(Timestamp)
    }

    /// A minute of a day in the calendar's zone, in microseconds since 1970.
    fn moment(&self, date: Date, minute: u16) -> Option<i64> {
        let (date, minute) = match minute {
            MINUTES_OF_A_DAY => (date.tomorrow().ok()?, 0),
            minute => (date, minute),
        };
        let hour = i8::try_from(minute / 60).ok()?;
        let minute = i8::try_from(minute % 60).ok()?;
        let time = Time::new(hour, minute, 0, 0).ok()?;
        let zoned = date.to_datetime(time).to_zoned(self.zone().clone()).ok()?;
        Some(zoned.timestamp().as_microsecond())
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::rules::YearDays;

    fn calendar() -> Calendar {
        let hours = ["mon-fri 13:30-17:30", "mon-fri 09:00-12:00"];
        let hours: Vec<_> = hours.iter().map(|span| span.parse().unwrap()).collect();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        Calendar::new(zone, &hours, true, false)
    }

    fn at(text: &str) -> Timestamp {
        let moment: jiff::Timestamp = format!("{text}+08:00").parse().unwrap();
        Timestamp(moment.as_microsecond())
    }

    const HOUR: Duration = Duration::from_hours(1);

    /// R185: the 20th of November 2026 is a Friday.
    #[test]
    fn what_is_due_within_working_time_waits_for_the_desk_to_open() {
        let calendar = calendar();
        for (from, worked, due) in [
            ("2026-11-20T10:00", HOUR, "2026-11-20T11:00"),
            // Over the midday break, the night and the weekend.
            ("2026-11-20T11:30", HOUR, "2026-11-20T14:00"),
            ("2026-11-20T17:00", HOUR, "2026-11-23T09:30"),
            ("2026-11-21T03:00", HOUR, "2026-11-23T10:00"),
            ("2026-11-20T10:00", 7 * HOUR, "2026-11-23T10:00"),
            // At the last moment of the day, and at no distance at all.
            ("2026-11-20T16:30", HOUR, "2026-11-20T17:30"),
            ("2026-11-20T12:30", Duration::ZERO, "2026-11-20T13:30"),
        ] {
            assert_eq!(
                calendar.after(at(from), worked),
                Some(at(due)),
                "{from} {worked:?}"
            );
        }
    }

    /// R109: the same working day, or the next one for what comes after hours.
    #[test]
    fn what_is_due_the_same_working_day_is_due_when_the_desk_closes() {
        let calendar = calendar();
        for (from, due) in [
            ("2026-11-20T10:00", "2026-11-20T17:30"),
            ("2026-11-20T12:30", "2026-11-20T17:30"),
            ("2026-11-20T03:00", "2026-11-20T17:30"),
            ("2026-11-20T17:30", "2026-11-23T17:30"),
            ("2026-11-21T10:00", "2026-11-23T17:30"),
        ] {
            assert_eq!(calendar.end_of_day(at(from)), Some(at(due)), "{from}");
        }
        let never = Calendar::new(TimeZone::UTC, &[], true, false);
        assert_eq!(never.end_of_day(at("2026-11-20T10:00")), None);
    }

    #[test]
    fn holidays_do_not_count_and_a_shifted_workday_does() {
        let mut calendar = calendar();
        let days = "year = 2026\nsource = \"test\"\n[[holiday]]\nname = \"x\"\n\
             from = \"2026-11-23\"\nto = \"2026-11-24\"\nworkdays = [\"2026-11-21\"]\n";
        let days: YearDays = toml::from_str(days).unwrap();
        calendar.learn(&days).unwrap();
        let due = |from, worked| calendar.after(at(from), worked);
        assert_eq!(due("2026-11-20T17:00", HOUR), Some(at("2026-11-21T09:30")));
        assert_eq!(due("2026-11-21T17:00", HOUR), Some(at("2026-11-25T09:30")));
    }

    #[test]
    fn who_never_opens_is_due_never_and_round_the_clock_is_wall_time() {
        let never = Calendar::new(TimeZone::UTC, &[], true, false);
        assert_eq!(never.after(at("2026-11-20T10:00"), HOUR), None);
        let spans = [
            "mon-sun 00:00-24:00".parse().unwrap(),
            "mon 08:00-20:00".parse().unwrap(),
        ];
        let always = Calendar::new(TimeZone::UTC, &spans, true, false);
        let from = at("2026-11-20T10:00");
        let long = Duration::from_hours(100);
        assert_eq!(always.after(from, long), Some(from.plus(long)));
    }
}
