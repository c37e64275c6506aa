//! Emergency contacts outside: their numbers are reached whatever the line's and the agent's policies
//! say, and count in no limit (R281).

use super::Switch;
use super::outbound::log_decision;
use crate::call::command::PassTo;
use crate::call::event::{OutboundDecision, OutboundRefusal};
use crate::id::{AgentId, CallId, TrunkId};

impl Switch {
    /// The decision on an emergency contact's number; `None` if it is nobody's.
    pub(super) fn decide_emergency(
        &self,
        agent: &AgentId,
        number: &str,
        call: CallId,
    ) -> Option<OutboundDecision> {
        let place = PassTo::Number(number.to_owned());
        let contact = self.settings.desk.emergency_at(&place)?;
        let trunks = self.emergency_trunks(call, number);
        let decision = OutboundDecision {
            by: agent.clone(),
            policy: Some(contact.name.clone()),
            prefix: Some(number.to_owned()),
            trunk: trunks.first().cloned(),
            caller_id: None,
            refused: (!self.has_way_outside(&trunks)).then_some(OutboundRefusal::NoTrunk),
            emergency: true,
        };
        log_decision(&decision);
        Some(decision)
    }

    /// The trunks to an emergency contact's number: its own, else those of the caller's line, else any.
    pub(super) fn emergency_trunks(&self, call: CallId, number: &str) -> Vec<TrunkId> {
        let place = PassTo::Number(number.to_owned());
        let contact = self.settings.desk.emergency_at(&place);
        let own = contact.map(|contact| contact.trunks.clone());
        let own = own.filter(|own| !own.is_empty());
        let of_line = || {
            let trunks = self.transfer_policy(call).trunks;
            Some(trunks).filter(|trunks| !trunks.is_empty())
        };
        own.or_else(of_line).unwrap_or_else(|| {
            let all = self.settings.trunks.iter();
            all.map(|trunk| trunk.id.clone()).collect()
        })
    }
}
