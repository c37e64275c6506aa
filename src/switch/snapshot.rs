//! How the switch stands now, for gauges.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{Refusals, Switch};
use crate::id::{LineId, TrunkId};
use crate::queue::AgentState;
use crate::sip::endpoint::Counts;

/// How the switch stands at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Calls that have not been forgotten, by line; every line is there.
    pub calls: BTreeMap<LineId, usize>,
    /// Calls by trunk; every trunk is there.
    pub trunk_calls: BTreeMap<TrunkId, usize>,
    /// Callers who wait, by line; every line is there.
    pub waiting: BTreeMap<LineId, usize>,
    /// Agents by state; every state is there.
    pub agents: BTreeMap<AgentState, usize>,
    /// Registered phones.
    pub registrations: usize,
    /// What was refused since the start, beside what the gate did not let through.
    pub refusals: Refusals,
    /// SIP transactions, and what was dropped.
    pub sip: Counts,
}

impl Switch {
    /// How it stands now.
    pub fn snapshot(&self) -> Snapshot {
        let mut calls: BTreeMap<_, _> = self.lines.keys().map(|line| (line.clone(), 0)).collect();
        let trunks = self.settings.trunks.iter();
        let mut trunk_calls: BTreeMap<_, _> = trunks.map(|trunk| (trunk.id.clone(), 0)).collect();
        for entrant in self.calls.values() {
            if let Some(line) = &entrant.line {
                *calls.entry(line.clone()).or_default() += 1;
            }
            if let Some(trunk) = &entrant.trunk {
                *trunk_calls.entry(trunk.clone()).or_default() += 1;
            }
        }
        let waiting = self.lines.keys();
        Snapshot {
            calls,
            trunk_calls,
            waiting: waiting
                .map(|line| (line.clone(), self.waiting.count(line)))
                .collect(),
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
    }
}
