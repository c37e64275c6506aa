//! One day: the calls that are over, added up, and those that go on, each as its events tell it.

use std::collections::{BTreeMap, BTreeSet};

use super::agent::AgentTally;
use super::facts::Facts;
use super::tally::Tally;
use crate::call::record::CallRecord;
use crate::call::{CallEvent, EventKind};
use crate::id::{AgentId, CallId, EventId, LineId};
use crate::rules::Timestamp;

/// The figures of one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineTally {
    /// Of its calls.
    pub calls: Tally,
    /// Of the agents that were rung for them.
    pub agents: BTreeMap<AgentId, AgentTally>,
}

impl LineTally {
    fn add(&mut self, facts: &Facts) {
        self.calls.add(facts);
        let rung = facts.attempts.iter().map(|(agent, ..)| agent);
        let agents: BTreeSet<_> = rung.chain(&facts.answered_by).collect();
        for agent in agents {
            let tally = self.agents.entry(agent.clone()).or_default();
            tally.add(agent, facts);
        }
    }
}

/// One day.
#[derive(Clone, Debug)]
pub struct Day {
    from: Timestamp,
    to: Timestamp,
    over: BTreeMap<LineId, LineTally>,
    // Boxed: calls come in the order of their ids, which leaves half of each node empty.
    open: BTreeMap<CallId, Box<Open>>,
    /// Calls that are in `over`: none counts twice, whoever tells of it again.
    counted: BTreeSet<CallId>,
}

/// A call that goes on.
#[derive(Clone, Debug)]
struct Open {
    record: CallRecord,
    /// Events that came with its row: whoever tells them again is late.
    known: BTreeSet<EventId>,
}

impl Day {
    /// A day on which nobody has called, from its first moment to the next day's.
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        Self {
            from,
            to,
            over: BTreeMap::new(),
            open: BTreeMap::new(),
            counted: BTreeSet::new(),
        }
    }

    /// Its first moment.
    pub const fn from(&self) -> Timestamp {
        self.from
    }

    /// The next day's first moment.
    pub const fn to(&self) -> Timestamp {
        self.to
    }

    /// Whether a moment is in it.
    pub fn has(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// Takes over a call that is over, from its row.
    pub fn add_row(&mut self, record: &CallRecord) {
        if self.has(record.arrived_at) {
            self.close(record);
        }
    }

    /// Takes over a call that goes on, from its events.
    pub fn add_open(&mut self, events: &[CallEvent]) {
        let Some(record) = CallRecord::from_events(events) else {
            return;
        };
        if !self.has(record.arrived_at) {
            return;
        }
        if record.outcome.is_some() {
            return self.close(&record);
        }
        let known = events.iter().map(|event| event.id).collect();
        self.open
            .insert(record.id, Box::new(Open { record, known }));
    }

    /// Takes over the calls that another telling of the same day knows and this one does not: they have
    /// no row yet.
    pub fn adopt(&mut self, other: &Self) {
        for (id, open) in &other.open {
            if !self.counted.contains(id) {
                self.open.entry(*id).or_insert_with(|| open.clone());
            }
        }
    }

    /// Moves on by one event; whether the figures may be others now.
    pub fn apply(&mut self, event: &CallEvent) -> bool {
        let id = event.call;
        if matches!(event.kind, EventKind::Arrived { .. }) {
            let is_known = self.open.contains_key(&id) || self.counted.contains(&id);
            if is_known || !self.has(event.at) {
                return false;
            }
            let record = CallRecord::begin(event);
            let known = BTreeSet::new();
            self.open.insert(id, Box::new(Open { record, known }));
            return true;
        }
        let Some(open) = self.open.get_mut(&id) else {
            return false;
        };
        if open.known.contains(&event.id) {
            return false;
        }
        open.record.apply(event);
        if open.record.outcome.is_some()
            && let Some(open) = self.open.remove(&id)
        {
            self.close(&open.record);
        }
        true
    }

    fn close(&mut self, record: &CallRecord) {
        if !self.counted.insert(record.id) {
            return;
        }
        if let Some(facts) = Facts::of(record) {
            self.over.entry(facts.line.clone()).or_default().add(&facts);
        }
    }

    /// The figures of every line that somebody has called.
    pub fn lines(&self) -> BTreeMap<LineId, LineTally> {
        let mut lines = self.over.clone();
        let open = self.open.values();
        for facts in open.filter_map(|open| Facts::of(&open.record)) {
            lines.entry(facts.line.clone()).or_default().add(&facts);
        }
        lines
    }
}

#[cfg(test)]
mod tests;
