//! What ties an agent to a call: whoever is, may do with it what agents do with their own calls.

use uuid::Uuid;

use super::agents::overview;
use super::caller::Caller;
use super::{Api, ProblemDocument};
use crate::call::event::TransferTarget;
use crate::call::record::{CallRecord, Transfer};
use crate::id::{AgentId, CallId};
use crate::rules::policy::{Action, Object};
use crate::store::CallDetail;

/// What makes a call an agent's own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    /// To be rung for it, to have made it, had it or passed it on.
    Any,
    /// To have spoken with the caller.
    Served,
}

/// A call that the one who asks may do this with; `tie` tells an agent's own calls.
pub(super) async fn visible(
    api: &Api,
    caller: &Caller,
    action: Action,
    id: Uuid,
    tie: Tie,
) -> Result<CallDetail, ProblemDocument> {
    let detail = api.store.call(CallId(id)).await?;
    let own = caller.reaches_all(action) || is_own(api, caller, &detail.call.record, tie).await?;
    caller.may(action, Object::owned(own))?;
    Ok(detail)
}

/// Whether a call is the own one of whoever asks, or of someone whom he leads.
pub(super) async fn is_own(
    api: &Api,
    caller: &Caller,
    record: &CallRecord,
    tie: Tie,
) -> Result<bool, ProblemDocument> {
    let has_part = match tie {
        Tie::Any => had_any,
        Tie::Served => CallRecord::was_served_by,
    };
    if caller.people().any(|agent| has_part(record, agent)) {
        return Ok(true);
    }
    // A phone rings before its row says so: who is in a running call is the switch's word.
    if tie == Tie::Served || record.ended_at.is_some() || caller.people().next().is_none() {
        return Ok(false);
    }
    let agents = overview(api).await?.agents;
    let mut people = agents.iter().filter(|agent| caller.has(&agent.agent));
    Ok(people.any(|agent| agent.calls.contains(&record.id)))
}

/// Whether an agent was rung for a call, made it, had it, or passed it on, as its row says.
fn had_any(record: &CallRecord, agent: &AgentId) -> bool {
    let transfers = |transfer: &Transfer| {
        transfer.by == *agent
            || matches!(&transfer.target, TransferTarget::Agent(target) if target == agent)
    };
    record.answered_by.as_ref() == Some(agent)
        || record
            .attempts
            .iter()
            .any(|attempt| attempt.agent == *agent)
        || record.outbound.iter().any(|decision| decision.by == *agent)
        || record.transfers.iter().any(transfers)
}
