//! The lines' calendars, by which the store says when something is due (R185).

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::Store;
use crate::id::LineId;
use crate::rules::{Calendar, Timestamp};

/// The calendar of each line that has one; clones share what is learnt.
#[derive(Clone, Debug, Default)]
pub(super) struct WorkingTime {
    calendars: Arc<RwLock<BTreeMap<LineId, Calendar>>>,
}

impl WorkingTime {
    /// When something on this line is due: without a calendar the clock on the wall counts, and so
    /// it does where a calendar never opens.
    pub(super) fn due(
        &self,
        line: Option<&LineId>,
        from: Timestamp,
        within: Duration,
    ) -> Timestamp {
        let calendars = self
            .calendars
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let calendar = line.and_then(|line| calendars.get(line));
        let due = calendar.and_then(|calendar| calendar.after(from, within));
        due.unwrap_or_else(|| from.plus(within))
    }

    /// When the working day ends in which something comes up; a day later, without a calendar.
    pub(super) fn end_of_day(&self, line: Option<&LineId>, from: Timestamp) -> Timestamp {
        let calendars = self
            .calendars
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let calendar = line.and_then(|line| calendars.get(line));
        let end = calendar.and_then(|calendar| calendar.end_of_day(from));
        end.unwrap_or_else(|| from.plus(Duration::from_hours(24)))
    }
}

impl Store {
    /// Learns the calendars of all lines that have one, for this store and its clones.
    pub fn learn_calendars(&self, calendars: BTreeMap<LineId, Calendar>) {
        let known = &self.working_time.calendars;
        *known.write().unwrap_or_else(PoisonError::into_inner) = calendars;
    }

    /// When something that comes up on a line is due, if the line says within what time.
    pub(super) fn due_on(&self, line: Option<&LineId>, from: Timestamp) -> Option<Timestamp> {
        let desk = self.desk()?;
        let within = desk.lines.get(line?)?.callback_within?;
        Some(self.working_time.due(line, from, within))
    }
}
