use jiff::civil::date;

use super::*;

fn calendar(hours: &[&str]) -> Calendar {
    let hours: Vec<_> = hours.iter().map(|span| span.parse().unwrap()).collect();
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    Calendar::new(zone, &hours, true, true)
}

/// The office of the seeds: Monday to Friday, 9:00 to 12:00 and 14:00 to 18:00.
fn office() -> Calendar {
    calendar(&["mon-fri 09:00-12:00", "mon-fri 14:00-18:00"])
}

fn holiday(name: &str, from: Date, to: Date, workdays: &[Date]) -> Holiday {
    Holiday {
        name: name.to_owned(),
        from,
        to,
        workdays: workdays.to_vec(),
    }
}

fn spring_festival() -> YearDays {
    let workdays = [date(2026, 2, 14), date(2026, 2, 28)];
    YearDays {
        year: 2026,
        source: "a test".to_owned(),
        holidays: vec![holiday(
            "春节",
            date(2026, 2, 15),
            date(2026, 2, 23),
            &workdays,
        )],
    }
}

fn at(calendar: &Calendar, date: Date, hour: i8, minute: i8) -> Hours {
    let local = date.at(hour, minute, 0, 0);
    let zoned = local.in_tz("Asia/Shanghai").unwrap();
    calendar.at(Timestamp(zoned.timestamp().as_microsecond()))
}

/// R016: weekly hours with a lunch gap, in the site's zone; the end of a span is outside.
#[test]
fn an_office_is_open_in_its_hours_only() {
    let office = office();
    let monday = date(2026, 3, 2);
    let open = |hour, minute| at(&office, monday, hour, minute).open;
    assert!(!open(8, 59) && open(9, 0) && open(11, 59));
    assert!(!open(12, 0) && !open(13, 59) && open(14, 0));
    assert!(open(17, 59) && !open(18, 0));
    assert!(!at(&office, date(2026, 3, 1), 10, 0).open, "a Sunday");
    assert_eq!(at(&office, monday, 17, 30).hour, 17);
}

/// R016: a shop that rests on Fridays, and a desk that never does.
#[test]
fn a_week_may_begin_anywhere_and_have_no_end() {
    let shop = calendar(&["sat-thu 09:00-18:00"]);
    let friday = date(2026, 3, 6);
    assert!(!at(&shop, friday, 10, 0).open);
    assert!(at(&shop, date(2026, 3, 7), 10, 0).open);
    assert!(at(&shop, date(2026, 3, 5), 17, 59).open);
    let desk = calendar(&["mon-sun 00:00-24:00"]);
    assert!(at(&desk, friday, 23, 59).open && at(&desk, friday, 0, 0).open);
}

/// R016, R027: a holiday is closed and known by its name; a Saturday worked for it has a
/// workday's hours.
#[test]
fn holidays_are_closed_and_shifted_workdays_open() {
    let mut office = office();
    let saturday = date(2026, 2, 14);
    assert!(!at(&office, saturday, 10, 0).open, "before it is known");
    office.learn(&spring_festival()).unwrap();
    assert!(at(&office, saturday, 10, 0).open);
    assert!(!at(&office, saturday, 13, 0).open, "lunch is kept");
    let monday = at(&office, date(2026, 2, 16), 10, 0);
    assert!(!monday.open);
    assert_eq!(monday.holiday.as_deref(), Some("春节"));
    let after = at(&office, date(2026, 2, 24), 10, 0);
    assert_eq!((after.open, after.holiday), (true, None));
}

/// A desk that works through holidays still greets by them.
#[test]
fn a_desk_may_stay_open_on_holidays() {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let always = ["mon-sun 00:00-24:00".parse().unwrap()];
    let mut desk = Calendar::new(zone, &always, false, true);
    desk.learn(&spring_festival()).unwrap();
    let hours = at(&desk, date(2026, 2, 16), 3, 0);
    assert!(hours.open);
    assert_eq!(hours.holiday.as_deref(), Some("春节"));
}

/// R016: this year's days must be there, and the next one's from 15 December on.
#[test]
fn the_next_year_is_missed_from_15_december() {
    let mut office = office();
    let noon = |date: Date| {
        let zoned = date.at(12, 0, 0, 0).in_tz("Asia/Shanghai").unwrap();
        Timestamp(zoned.timestamp().as_microsecond())
    };
    assert_eq!(office.missing_year(noon(date(2026, 3, 2))), Some(2026));
    office.learn(&spring_festival()).unwrap();
    assert_eq!(office.missing_year(noon(date(2026, 3, 2))), None);
    assert_eq!(office.missing_year(noon(date(2026, 12, 14))), None);
    assert_eq!(office.missing_year(noon(date(2026, 12, 15))), Some(2027));
    let next = YearDays {
        year: 2027,
        holidays: Vec::new(),
        ..spring_festival()
    };
    office.learn(&next).unwrap();
    assert_eq!(office.missing_year(noon(date(2026, 12, 31))), None);
}

#[test]
fn a_year_that_contradicts_itself_is_refused() {
    let year = |holidays| YearDays {
        holidays,
        ..spring_festival()
    };
    let (first, last) = (date(2026, 5, 1), date(2026, 5, 5));
    let labour = holiday("劳动节", first, last, &[]);
    let twice = year(vec![labour.clone(), labour]);
    assert_eq!(twice.check(), Err(CalendarError::Twice(first)));
    let backwards = year(vec![holiday("劳动节", last, first, &[])]);
    assert!(matches!(
        backwards.check(),
        Err(CalendarError::Backwards(_))
    ));
    let other = date(2025, 12, 31);
    let elsewhere = year(vec![holiday("元旦", other, other, &[])]);
    assert_eq!(
        elsewhere.check(),
        Err(CalendarError::OtherYear(other, 2026))
    );
}

#[test]
fn what_is_no_span_of_hours_is_refused() {
    for wrong in [
        "mon-fri",
        "mon-fri 9-12",
        "mon-fri 12:00-09:00",
        "mon-fri 09:00-24:01",
        "mon-fri 09:60-10:00",
        "Mo 09:00-10:00",
        "",
        "mon- 09:00-10:00",
    ] {
        assert!(wrong.parse::<WeeklyHours>().is_err(), "{wrong}");
    }
    assert!("mon,wed,fri 09:00-10:00".parse::<WeeklyHours>().is_ok());
}
