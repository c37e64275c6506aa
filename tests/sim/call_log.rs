//! What the log holds of one call, and what tests ask of it.

use thirdring::call::event::{AttemptResult, HangupParty, Outcome, TransferResult};
use thirdring::call::{CallEvent, EventKind};
use thirdring::id::AgentId;

/// The events of one call, in order.
#[derive(Debug)]
pub(crate) struct CallLog(pub(crate) Vec<CallEvent>);

impl CallLog {
    pub(crate) fn has(&self, test: impl Fn(&EventKind) -> bool) -> bool {
        self.0.iter().any(|event| test(&event.kind))
    }

    pub(crate) fn answered(&self) -> &EventKind {
        let mut kinds = self.0.iter().map(|event| &event.kind);
        kinds
            .find(|kind| matches!(kind, EventKind::Answered { .. }))
            .expect("an answered call")
    }

    pub(crate) fn answered_at_us(&self) -> Option<i64> {
        let answered = self
            .0
            .iter()
            .find(|e| matches!(e.kind, EventKind::Answered { .. }));
        answered.map(|event| event.at.unix_us())
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.0.iter().find_map(|event| {
            if let EventKind::Ended { outcome, .. } = event.kind {
                Some(outcome)
            } else {
                None
            }
        })
    }

    pub(crate) fn hung_up_by(&self) -> Option<HangupParty> {
        self.0.iter().find_map(|event| {
            if let EventKind::HungUp { party, .. } = event.kind {
                Some(party)
            } else {
                None
            }
        })
    }

    /// The statuses that ended legs of the call.
    pub(crate) fn leg_end_statuses(&self) -> Vec<u16> {
        let statuses = self.0.iter().filter_map(|event| {
            if let EventKind::LegEnded { status, .. } = event.kind {
                status
            } else {
                None
            }
        });
        statuses.collect()
    }

    pub(crate) fn transfer_results(&self) -> Vec<TransferResult> {
        let results = self.0.iter().filter_map(|event| {
            if let EventKind::TransferEnded { result, .. } = event.kind {
                Some(result)
            } else {
                None
            }
        });
        results.collect()
    }

    /// Whom the call was offered to, in order.
    pub(crate) fn offered(&self) -> Vec<AgentId> {
        let events = self.0.iter().filter_map(|event| {
            let EventKind::Offered { agent, .. } = &event.kind else {
                return None;
            };
            Some(agent.clone())
        });
        events.collect()
    }

    pub(crate) fn attempt_results(&self) -> Vec<AttemptResult> {
        let results = self.0.iter().filter_map(|event| {
            if let EventKind::AttemptEnded { result, .. } = event.kind {
                Some(result)
            } else {
                None
            }
        });
        results.collect()
    }

    /// What people at the desk did, by its word.
    pub(crate) fn doings(&self) -> Vec<String> {
        let doings = self.0.iter().filter_map(|event| {
            let EventKind::Doing(doing) = &event.kind else {
                return None;
            };
            let doing = serde_json::to_value(doing).expect("JSON");
            Some(doing["doing"].as_str()?.to_owned())
        });
        doings.collect()
    }
}
