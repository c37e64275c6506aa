//! How each queue is staffed beside how it should be at this time of the week (R018).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Settings, Switch};
use crate::id::QueueId;
use crate::queue::Staffing;
use crate::rules::Moment;

/// Hours begin and end with a minute.
const MINUTE: Duration = Duration::from_mins(1);

/// What the hours of the week ask for now.
#[derive(Debug)]
pub(super) struct Minimums {
    /// By queue, where one of its hours counts.
    now: BTreeMap<QueueId, usize>,
    /// When to look again; `None` where no queue has hours of its own.
    pub(super) due: Option<Instant>,
}

impl Minimums {
    /// Nothing is known yet.
    pub(super) fn of(settings: &Settings, now: Instant) -> Self {
        Self {
            now: BTreeMap::new(),
            due: has_hours(settings).then_some(now),
        }
    }
}

fn has_hours(settings: &Settings) -> bool {
    let mut queues = settings.queues.iter();
    queues.any(|queue| !queue.minimum_at.is_empty())
}

impl Switch {
    /// Looks which hours count, once a minute.
    pub(super) fn watch_minimums(&mut self, now: Moment) {
        if !has_hours(&self.settings) || self.desk.minimums.due.is_some_and(|due| due > now.instant)
        {
            return;
        }
        let zone = self.settings.desk.zone.clone();
        let here = now.wall.to_jiff().to_zoned(zone);
        let counting = self.settings.queues.iter().filter_map(|queue| {
            let slot = queue.minimum_at.iter().find(|slot| slot.is_at(&here))?;
            Some((queue.id.clone(), slot.agents))
        });
        let into_minute = Duration::from_secs(u64::from(here.second().unsigned_abs()));
        self.desk.minimums = Minimums {
            now: counting.collect(),
            due: Some(now.instant + MINUTE.saturating_sub(into_minute)),
        };
    }

    /// How a queue is staffed with agents of its own.
    pub(super) fn staffing(&self, queue: &QueueId) -> Staffing {
        let staffing = self.queues.staffing(queue, &self.agents);
        let by_hour = self.desk.minimums.now.get(queue).copied();
        Staffing {
            minimum: by_hour.unwrap_or(staffing.minimum),
            ..staffing
        }
    }

    /// How many agents each queue lacks that has a minimum at any time (R018).
    pub(super) fn missing_agents(&self) -> BTreeMap<QueueId, usize> {
        let has_hours = |queue: &QueueId| {
            let mut queues = self.settings.queues.iter();
            queues.any(|it| it.id == *queue && !it.minimum_at.is_empty())
        };
        let staffed = self.queues.ids().map(|queue| (queue, self.staffing(queue)));
        staffed
            .filter(|(queue, staffing)| staffing.minimum > 0 || has_hours(queue))
            .map(|(queue, staffing)| (queue.clone(), staffing.missing()))
            .collect()
    }
}
