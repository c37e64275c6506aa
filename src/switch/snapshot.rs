//! How the switch stands now, for gauges.

use std::collections::BTreeMap;
use std::time::Instant;

use super::trunk::Carrier;
use super::{Refusals, Switch};
use crate::id::{LineId, QueueId, TrunkId};
use crate::queue::AgentState;
use crate::sip::endpoint::Counts;

/// How the switch stands at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Calls that have not been forgotten, by line; every line is there.
    pub calls: BTreeMap<LineId, usize>,
    /// Every trunk.
    pub trunks: BTreeMap<TrunkId, TrunkSnapshot>,
    /// Callers who wait, by queue; every queue is there.
    pub waiting: BTreeMap<QueueId, usize>,
    /// Agents that are missing, by queue, where there is a minimum (R018).
    pub missing: BTreeMap<QueueId, usize>,
    /// Agents by state; every state is there.
    pub agents: BTreeMap<AgentState, usize>,
    /// Registered phones.
    pub registrations: usize,
    /// What was refused since the start, beside what the gate did not let through.
    pub refusals: Refusals,
    /// SIP transactions, and what was dropped.
    pub sip: Counts,
}

/// How one trunk stands at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrunkSnapshot {
    /// Calls in and out that it carries.
    pub calls: usize,
    /// How many more it may carry; `None` without a bound.
    pub channels_free: Option<usize>,
    /// Whether calls come and go by it; `None` while nobody knows.
    pub up: Option<bool>,
}

impl TrunkSnapshot {
    fn of(carrier: &Carrier) -> Self {
        Self {
            calls: carrier.calls(),
            channels_free: carrier.channels_free(),
            up: carrier.is_up(),
        }
    }
}

impl Switch {
    /// How many registrations with carriers are still being taken back; `None` as long as they
    /// are to stay.
    pub fn registrations_leaving(&self) -> Option<usize> {
        self.draining.then(|| self.trunks.leaving())
    }

    /// How it stands now.
    pub fn snapshot(&self) -> Snapshot {
        let lines = self.settings.lines.iter();
        let mut calls: BTreeMap<_, _> = lines.map(|line| (line.line.id.clone(), 0)).collect();
        for entrant in self.calls.values() {
            if let Some(line) = &entrant.line {
                *calls.entry(line.clone()).or_default() += 1;
            }
        }
        Snapshot {
            calls,
            trunks: self
                .trunks
                .iter()
                .map(|carrier| (carrier.id().clone(), TrunkSnapshot::of(carrier)))
                .collect(),
            waiting: self
                .queues
                .ids()
                .map(|queue| (queue.clone(), self.waiting.count(queue)))
                .collect(),
            missing: self.missing_agents(),
            agents: self.agents.counts(),
            registrations: self.registrar.len(),
            refusals: self.refusals,
            sip: self.endpoint.counts(),
        }
    }

    /// How many sources are banned.
    pub fn bans(&self, now: Instant) -> usize {
        self.bans.iter().filter(|(_, until)| *until > now).count()
    }

    /// No transaction is left but those of probes, which never end.
    fn asks_phones_only(&self) -> bool {
        let counts = self.endpoint.counts();
        let others =
            counts.client_transactions - counts.client_transactions.min(self.phones.questions());
        others + counts.server_transactions + counts.accepted == 0
    }

    /// How many calls have not been forgotten.
    pub fn calls_open(&self) -> usize {
        self.calls.len()
    }

    /// No call, transaction, waiting caller, claimed agent or armed timer of a call is left.
    pub fn is_idle(&self) -> bool {
        self.calls.is_empty()
            && self.asks_phones_only()
            && self.waiting.is_empty()
            && self.agents.are_idle()
            && self.ledger.is_idle()
            && self.deadlines.is_empty()
            && self.by_dialog.is_empty()
            && self.by_leg.is_empty()
            && self.by_request.is_empty()
            && self.by_invite.is_empty()
            && self.unstored.is_empty()
            && self.channels.is_empty()
            && self.inquiries.is_empty()
            && self.farewells.is_empty()
            && self.unacknowledged.is_empty()
    }
}
