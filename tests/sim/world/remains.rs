//! What a run leaves: the log of its calls, and nothing else.

use std::collections::BTreeMap;

use thirdring::call::{CallEvent, EventKind};
use thirdring::id::AgentId;
use thirdring::id::CallId;
use thirdring::phone::Event;
use thirdring::queue::{AgentState, Duty};
use thirdring::switch::{AgentEntry, DeskEntry, KeptAgent, KeptDesk, Switch};

use super::World;
use crate::call_log::CallLog;

impl World {
    /// What the log holds, a call each, in the order of their arrival.
    pub(crate) fn calls(&self) -> Vec<CallLog> {
        let mut order = Vec::new();
        let mut calls: BTreeMap<CallId, Vec<CallEvent>> = BTreeMap::new();
        for event in &self.log {
            if !calls.contains_key(&event.call) {
                order.push(event.call);
            }
            calls.entry(event.call).or_default().push(event.clone());
        }
        order
            .into_iter()
            .filter_map(|call| calls.remove(&call).map(CallLog))
            .collect()
    }

    pub(crate) fn only_call(&self) -> CallLog {
        let mut calls = self.calls();
        assert_eq!(calls.len(), 1, "{calls:#?}");
        calls.remove(0)
    }

    /// Every call has one arrival and one end; nothing of any call is left anywhere.
    pub(crate) fn nothing_is_left(&self) {
        let seed = self.seed;
        for call in self.calls() {
            let count =
                |test: fn(&EventKind) -> bool| call.0.iter().filter(|e| test(&e.kind)).count();
            let arrivals = count(|kind| matches!(kind, EventKind::Arrived { .. }));
            let ends = count(|kind| matches!(kind, EventKind::Ended { .. }));
            let answers = count(|kind| matches!(kind, EventKind::Answered { .. }));
            assert_eq!((arrivals, ends), (1, 1), "seed {seed}: {call:#?}");
            assert!(answers <= 1, "seed {seed}: {call:#?}");
        }
        let switch = self.switch.as_ref().expect("the world ran");
        assert!(
            switch.is_idle(),
            "seed {seed}: the switch is not idle: {:#?}",
            switch.snapshot()
        );
        self.nobody_is_stuck(switch);
        for phone in &self.phones {
            // A change of the session that had its 100 from a service which then forgot
            // everything has no other end than the phone's.
            let is_done = phone.agent.is_idle() || (self.restarted && !phone.agent.has_call());
            assert!(is_done, "seed {seed}: {phone:#?} is not idle");
        }
        assert!(
            self.dialogs.is_empty(),
            "seed {seed}: dialogs are said to be open: {:#?}",
            self.dialogs
        );
        assert!(
            self.plane.ports.is_empty(),
            "seed {seed}: ports are left: {:?}",
            self.plane.ports
        );
        assert!(
            self.plane.files.is_empty(),
            "seed {seed}: recordings are left: {:?}",
            self.plane.files
        );
    }

    /// No agent is in a call that is over; the board shows what is; nobody was rung for two calls
    /// at once.
    fn nobody_is_stuck(&self, switch: &Switch) {
        let seed = self.seed;
        let board = switch.board();
        let mut counts: BTreeMap<_, _> = AgentState::ALL.map(|state| (state, 0)).into();
        for shown in board.agents.values() {
            *counts.entry(shown.state).or_default() += 1;
            let is_in_call = matches!(shown.state, AgentState::Ringing | AgentState::Talking);
            assert!(!is_in_call, "seed {seed}: {shown:?}");
            let mut entries = self.states(&shown.agent);
            if let Some(last) = entries.next_back() {
                assert_eq!(last.told.state, shown.state, "seed {seed}: {shown:?}");
                let is_free = matches!(last.told.standing.duty, Duty::Ready);
                let says_no = matches!(
                    shown.state,
                    AgentState::Busy | AgentState::Break | AgentState::Away | AgentState::Absent
                );
                assert!(!(is_free && says_no), "seed {seed}: {last:?}");
            }
        }
        assert_eq!(counts, switch.snapshot().agents, "seed {seed}");
        for queue in board.queues.values() {
            assert!(queue.waiting.is_empty(), "seed {seed}: {queue:?}");
        }
        self.nobody_was_rung_twice();
    }

    /// Each agent's attempts that have an end do not overlap, whatever call they are of.
    fn nobody_was_rung_twice(&self) {
        let seed = self.seed;
        let mut rung: BTreeMap<AgentId, Vec<_>> = BTreeMap::new();
        for call in self.calls() {
            let mut open = BTreeMap::new();
            for event in &call.0 {
                if let EventKind::Offered { attempt, agent } = &event.kind {
                    open.insert(*attempt, (agent.clone(), event.at));
                } else if let EventKind::AttemptEnded { attempt, .. } = &event.kind {
                    let (agent, from) = open.remove(attempt).expect("an attempt");
                    rung.entry(agent).or_default().push((from, event.at));
                }
            }
        }
        for (agent, mut times) in rung {
            times.sort();
            for pair in times.windows(2) {
                assert!(pair[0].1 <= pair[1].0, "seed {seed}: {agent} {pair:?}");
            }
        }
    }

    /// What an agent did, in order.
    pub(crate) fn states(&self, agent: &AgentId) -> impl DoubleEndedIterator<Item = &AgentEntry> {
        let entries = self.desk.iter().filter_map(|entry| match entry {
            DeskEntry::Agent(entry) => Some(entry),
            DeskEntry::Order(_) => None,
        });
        entries.filter(move |entry| entry.agent == *agent)
    }

    /// What a restart would read: the last of each.
    pub(super) fn kept_desk(&self) -> KeptDesk {
        let mut agents = BTreeMap::new();
        let mut orders = BTreeMap::new();
        for entry in &self.desk {
            match entry {
                DeskEntry::Agent(entry) => {
                    let kept = KeptAgent {
                        agent: entry.agent.clone(),
                        at: entry.at,
                        since: entry.since,
                        told: entry.told.clone(),
                    };
                    agents.insert(entry.agent.clone(), kept);
                }
                DeskEntry::Order(entry) => {
                    orders.insert(entry.queue.clone(), entry.agents.clone());
                }
            }
        }
        KeptDesk {
            agents: agents.into_values().collect(),
            orders: orders.into_iter().collect(),
        }
    }

    /// Who is not done yet.
    pub(super) fn unrest(&self) -> String {
        let busy = self.phones.iter().filter(|phone| !phone.agent.is_idle());
        let busy: Vec<_> = busy.map(|phone| (&phone.user, &phone.agent)).collect();
        let switch = self.switch.as_ref().map(Switch::snapshot);
        format!("{busy:#?} {switch:#?}")
    }

    /// What the phones of this user were told.
    pub(crate) fn heard(&self, user: &str) -> Vec<&Event> {
        let phones = self.phones.iter().filter(|phone| phone.user == user);
        phones.flat_map(|phone| &phone.heard).collect()
    }

    /// How many calls the switch says that it has lost by its own fault.
    pub(crate) fn calls_broken(&self) -> u64 {
        self.switch.as_ref().map_or(0, Switch::calls_broken)
    }

    /// How often the carrier took our registration.
    pub(crate) const fn registrations(&self) -> u32 {
        self.carrier.taken
    }
}
