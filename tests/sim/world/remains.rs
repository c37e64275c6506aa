//! What a run leaves: the log of its calls, and nothing else.

use std::collections::BTreeMap;

use thirdring::call::{CallEvent, EventKind};
use thirdring::id::CallId;
use thirdring::phone::Event;
use thirdring::switch::Switch;

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
