//! One task follows the log and keeps the day's figures.
//!
//! At the start, and when it has missed something, it reads the day's rows while it goes on
//! listening, and then hears once more what was said meanwhile and just before: what is told is not a
//! row yet, and a day knows what it has counted. It reads once again a minute later, since what was
//! told just before it listened may not have been a row either.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

use super::super::events::push;
use super::super::frames::{Audience, Frames};
use super::super::state::Site;
use super::view::StatisticsView;
use crate::call::Entry;
use crate::clock::Clock;
use crate::id::LineId;
use crate::net::Live;
use crate::rules::Timestamp;
use crate::statistics::{Day, LineTally};
use crate::store::{self, Store};

/// Readers are told at most so often.
const TOLD: Duration = Duration::from_secs(1);
/// Ticks until the rows are read once more.
const AGAIN: u32 = 60;
/// Ticks until it is tried again where the database was away.
const RETRY: u32 = 10;
/// Ticks for which what was said is kept, at least: so long after it is told something may become a row.
const GENERATION: u32 = 5;
/// Entries that are kept while rows are read; if there are more, the rows are read again.
const KEPT: usize = 100_000;

/// The day's figures.
#[derive(Debug)]
pub(in crate::http) struct Figures {
    state: Arc<Mutex<Kept>>,
    task: JoinHandle<()>,
}

impl Drop for Figures {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Debug)]
struct Kept {
    day: Day,
    is_whole: bool,
}

/// How the figures are at a moment.
pub(super) struct Snapshot {
    pub(super) from: Timestamp,
    pub(super) is_whole: bool,
    pub(super) lines: BTreeMap<LineId, LineTally>,
}

impl Figures {
    /// Keeps them from now on.
    pub(in crate::http) fn start(
        live: broadcast::Receiver<Live>,
        store: Store,
        frames: Arc<Frames>,
        site: watch::Receiver<Arc<Site>>,
        zone: TimeZone,
        clock: Clock,
    ) -> Self {
        let day = day_of(clock.wall(), &zone);
        let state = Arc::new(Mutex::new(Kept {
            day,
            is_whole: false,
        }));
        let follower = Follower {
            state: Arc::clone(&state),
            store,
            frames,
            site,
            zone,
            clock,
            recent: Vec::new(),
            older: Vec::new(),
            ticks: 0,
            reading: None,
            read_in: Some(0),
            again: true,
            changed: true,
        };
        let task = tokio::spawn(follower.follow(live));
        Self { state, task }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let kept = lock(&self.state);
        Snapshot {
            from: kept.day.from(),
            is_whole: kept.is_whole,
            lines: kept.day.lines(),
        }
    }
}

fn lock(state: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Follower {
    state: Arc<Mutex<Kept>>,
    store: Store,
    frames: Arc<Frames>,
    site: watch::Receiver<Arc<Site>>,
    zone: TimeZone,
    clock: Clock,
    /// What was said since the last generation ended, and while rows are read.
    recent: Vec<Arc<Entry>>,
    /// What was said in the generation before.
    older: Vec<Arc<Entry>>,
    ticks: u32,
    reading: Option<JoinHandle<store::Result<Day>>>,
    /// Ticks until rows are read.
    read_in: Option<u32>,
    /// They are to be read once more after that.
    again: bool,
    changed: bool,
}

impl Follower {
    async fn follow(mut self, mut live: broadcast::Receiver<Live>) {
        let mut tick = tokio::time::interval(TOLD);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let read = async {
                match &mut self.reading {
                    Some(reading) => reading.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                read = read => {
                    self.reading = None;
                    match read {
                        Ok(Ok(day)) => self.merge(day),
                        Ok(Err(error)) => self.not_read(&error),
                        Err(_) => self.read_in = Some(RETRY),
                    }
                }
                heard = live.recv() => match heard {
                    Ok(Live::Entry(entry)) => self.hear(entry),
                    Ok(Live::News(_)) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => self.begin_anew(),
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                _ = tick.tick() => self.tick(),
            }
        }
    }

    fn hear(&mut self, entry: Arc<Entry>) {
        self.changed |= lock(&self.state).day.apply(&entry.event);
        if self.recent.len() < KEPT {
            self.recent.push(entry);
        } else {
            self.begin_anew();
        }
    }

    /// Something was missed.
    fn begin_anew(&mut self) {
        (self.read_in, self.again) = (Some(0), true);
    }

    fn tick(&mut self) {
        let now = self.clock.wall();
        let is_over = !lock(&self.state).day.has(now);
        if is_over {
            *lock(&self.state) = Kept {
                day: day_of(now, &self.zone),
                is_whole: true,
            };
            // A clock that was set back comes to a day that has rows.
            self.begin_anew();
            self.changed = true;
        }
        if self.reading.is_none() {
            self.ticks += 1;
            if self.ticks >= GENERATION {
                self.ticks = 0;
                self.older = std::mem::take(&mut self.recent);
            }
            match self.read_in {
                Some(0) => self.read(),
                Some(ticks) => self.read_in = Some(ticks - 1),
                None => {}
            }
        }
        if std::mem::take(&mut self.changed) {
            self.tell();
        }
    }

    fn read(&mut self) {
        self.read_in = None;
        let (from, to) = {
            let kept = lock(&self.state);
            (kept.day.from(), kept.day.to())
        };
        let store = self.store.clone();
        self.reading = Some(tokio::spawn(async move { read(&store, from, to).await }));
    }

    /// The rows, and what was said while they were read.
    fn merge(&mut self, mut day: Day) {
        for entry in self.older.iter().chain(&self.recent) {
            day.apply(&entry.event);
        }
        let mut kept = lock(&self.state);
        // A day that has begun meanwhile is read with its own rows.
        if kept.day.from() == day.from() {
            day.adopt(&kept.day);
            *kept = Kept {
                day,
                is_whole: true,
            };
            self.changed = true;
        }
        drop(kept);
        if std::mem::take(&mut self.again) && self.read_in.is_none() {
            self.read_in = Some(AGAIN);
        }
    }

    fn not_read(&mut self, error: &store::Error) {
        if !error.is_away() {
            tracing::error!(%error, "the day's figures cannot be read");
        }
        self.read_in = Some(RETRY);
    }

    fn tell(&self) {
        let (from, is_whole, lines) = {
            let kept = lock(&self.state);
            (kept.day.from(), kept.is_whole, kept.day.lines())
        };
        let site = self.site.borrow().clone();
        let view = StatisticsView::by(from, is_whole, &lines, |line| site.queue_of(line));
        push(&self.frames, "statistics", &view, Audience::Desk);
        self.frames.tell();
    }
}

/// A day's calls, from its rows. The events of those that go on are read, so that none of them counts
/// twice.
async fn read(store: &Store, from: Timestamp, to: Timestamp) -> store::Result<Day> {
    let mut day = Day::new(from, to);
    let mut after = None;
    loop {
        let records = store.arrived(from, to, after).await?;
        let Some(last) = records.last() else {
            return Ok(day);
        };
        after = Some((last.arrived_at, last.id));
        for record in &records {
            if record.outcome.is_some() {
                day.add_row(record);
            } else {
                day.add_open(&store.call(record.id).await?.events);
            }
        }
    }
}

/// The day of a moment in a time zone.
fn day_of(now: Timestamp, zone: &TimeZone) -> Day {
    let local = now.to_jiff().to_zoned(zone.clone());
    let begins = |date: jiff::civil::Date| {
        let midnight = date.to_zoned(zone.clone()).ok()?;
        Some(Timestamp(midnight.timestamp().as_microsecond()))
    };
    let today = local.date();
    let from = begins(today);
    let to = today.tomorrow().ok().and_then(begins);
    match from.zip(to) {
        Some((from, to)) => Day::new(from, to),
        // The last day that there is.
        None => Day::new(now, Timestamp(i64::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sites_time_zone_decides_the_day() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let at = |text: &str| Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_microsecond());
        let day = day_of(at("2026-11-21T16:00:00Z"), &zone);
        assert_eq!(day.from(), at("2026-11-21T16:00:00Z"));
        assert_eq!(day.to(), at("2026-11-22T16:00:00Z"));
        let before = day_of(at("2026-11-21T15:59:59Z"), &zone);
        assert_eq!(before.to(), day.from());
        // A day of 23 hours.
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let short = day_of(at("2026-03-29T12:00:00Z"), &zone);
        assert_eq!(short.from(), at("2026-03-28T23:00:00Z"));
        assert_eq!(short.to(), at("2026-03-29T22:00:00Z"));
    }
}
