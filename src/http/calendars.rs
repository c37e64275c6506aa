//! The calendars that lines go by, with the years that each knows (R016).

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::page::Page;
use super::{Api, ProblemDocument};
use crate::config;
use crate::rules::{Holiday, YearDays};

/// A calendar.
#[derive(Serialize, ToSchema)]
#[schema(as = Calendar)]
pub(super) struct CalendarView {
    /// Its name.
    name: String,
    /// The hours of a week.
    hours: Vec<String>,
    /// Nobody works on holidays.
    closed_on_holidays: bool,
    /// The years that it knows, the earliest first.
    years: Vec<YearView>,
    /// The year that should be known and is not.
    missing_year: Option<i16>,
}

/// The special days of a year.
#[derive(Serialize, ToSchema)]
#[schema(as = CalendarYear)]
struct YearView {
    /// Which year.
    year: i16,
    /// Who says so.
    source: String,
    /// A file of the folder says so; what is set up goes before it.
    of_file: bool,
    /// Its holidays.
    holidays: Vec<HolidayView>,
}

/// A holiday, and what is worked instead of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Holiday)]
struct HolidayView {
    /// Its name.
    name: String,
    /// Its first day.
    #[schema(format = Date)]
    from: String,
    /// Its last day.
    #[schema(format = Date)]
    to: String,
    /// Days of rest that are worked for it.
    workdays: Vec<String>,
}

impl From<Holiday> for HolidayView {
    fn from(holiday: Holiday) -> Self {
        let workdays = holiday.workdays.iter();
        Self {
            name: holiday.name,
            from: holiday.from.to_string(),
            to: holiday.to.to_string(),
            workdays: workdays.map(ToString::to_string).collect(),
        }
    }
}

impl YearView {
    fn of((days, of_file): (YearDays, bool)) -> Self {
        let holidays = days.holidays.into_iter();
        Self {
            year: days.year,
            source: days.source,
            of_file,
            holidays: holidays.map(HolidayView::from).collect(),
        }
    }
}

/// Calendars, with the holidays and shifted workdays of each year that they know
#[utoipa::path(get, path = "/api/v1/calendars", tag = "setup",
    responses((status = OK, body = Page<CalendarView>)))]
pub(super) async fn list(
    State(api): State<Api>,
) -> Result<Json<Page<CalendarView>>, ProblemDocument> {
    let config = api.setup.config().await?;
    let now = api.now();
    // The years' files may lie on a disk that hangs.
    let reading = tokio::task::spawn_blocking(move || {
        let zone = &config.service.time_zone;
        let views = config.calendars.iter().map(|calendar| {
            let missing = calendar.load(zone, |_| {}).missing_year(now);
            view(calendar, missing)
        });
        views.collect()
    });
    let items = reading.await.map_err(|_| ProblemDocument::away())?;
    Ok(Json(Page { items, next: None }))
}

fn view(calendar: &config::Calendar, missing_year: Option<i16>) -> CalendarView {
    let years = calendar.known_years().unwrap_or_default().into_iter();
    CalendarView {
        name: calendar.name.clone(),
        hours: calendar.hours.clone(),
        closed_on_holidays: calendar.closed_on_holidays,
        years: years.map(YearView::of).collect(),
        missing_year,
    }
}
