//! Keeps the lines' calendars as their folders have them: a year that is imported counts within a
//! minute, and one that is missing is told every day.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};

use super::setup::Current;
use crate::clock::Clock;
use crate::config::Config;
use crate::id::LineId;
use crate::net::Handle;
use crate::rules::Calendar;
use crate::store::Store;

/// How often the folders are read.
const EVERY: Duration = Duration::from_mins(1);
/// A missing year is told again after so many readings: a day.
const TELL_EVERY: u32 = 24 * 60;

/// Reads the folders now and then, for as long as the service runs.
pub(super) fn start(
    current: Current,
    store: &Store,
    signalling: &Handle,
    clock: Clock,
) -> JoinHandle<()> {
    tokio::spawn(keep(current, store.clone(), signalling.clone(), clock))
}

/// The calendar of each line that has one.
pub(super) fn of_lines(
    config: &Config,
    calendars: &BTreeMap<String, Calendar>,
) -> BTreeMap<LineId, Calendar> {
    let lines = config.lines.iter().filter_map(|line| {
        let calendar = calendars.get(line.calendar.as_ref()?)?;
        Some((LineId(line.name.clone()), calendar.clone()))
    });
    lines.collect()
}

async fn keep(current: Current, store: Store, signalling: Handle, clock: Clock) {
    let mut untold: BTreeMap<String, u32> = BTreeMap::new();
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        // Another set of calendars is told to nobody before this one has been.
        let _telling = current.telling.lock().await;
        let config = current.config.borrow().clone();
        if config.calendars.is_empty() {
            continue;
        }
        // At the start the same was told of already.
        let Ok((calendars, complaints)) = read(&config).await else {
            continue; // the service stops
        };
        for complaint in &complaints {
            tracing::warn!(complaint, "calendars stay as they are until this is mended");
        }
        for (name, calendar) in &calendars {
            let missing = calendar.missing_year(clock.wall());
            crate::metrics::calendar_missing(name, missing.unwrap_or(0));
            let left = untold.entry(name.clone()).or_default();
            match missing {
                Some(year) if *left == 0 => {
                    *left = TELL_EVERY;
                    tracing::error!(calendar = %name, year, "the holidays of this year are missing: `thirdring calendar import`");
                }
                Some(_) => *left -= 1,
                None => *left = 0,
            }
        }
        // What cannot be read for a moment would make a holiday a day like any other.
        if complaints.is_empty() {
            store.learn_calendars(of_lines(&config, &calendars));
            signalling.learn_calendars(calendars).await;
        }
    }
}

/// Every calendar as its folder has it now, and what is wrong there. A folder may be on a disk that
/// hangs.
async fn read(config: &Arc<Config>) -> Result<Readings, JoinError> {
    let config = Arc::clone(config);
    let reading = move || {
        let mut complaints = Vec::new();
        let calendars = config.load_calendars(|complaint| complaints.push(complaint));
        (calendars, complaints)
    };
    tokio::task::spawn_blocking(reading).await
}

type Readings = (BTreeMap<String, Calendar>, Vec<String>);
