//! How a running call stands: what the floor shows of it.

use serde::Serialize;
use utoipa::ToSchema;

use super::call_view::time;
use crate::call::doing::SuperviseMode;
use crate::call::{CallNow, CallState};
use crate::store::StoredCall;

/// How a running call stands.
#[expect(clippy::struct_excessive_bools, reason = "each is so or not")]
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CallNow)]
pub(super) struct CallNowView {
    /// `arriving`, `dialogue` (the caller hears the system), `waiting`, `ringing`, `talking`, `held`,
    /// `parked` or `passed_on`.
    #[schema(value_type = String)]
    state: CallState,
    /// Since when.
    #[schema(format = DateTime)]
    since: String,
    /// The agent who speaks with the caller; while nobody does, the agent who has made the call.
    agent: Option<String>,
    /// Agents whose phones ring to have the caller.
    rung: Vec<String>,
    /// The ring that the caller hears, from 1, while it rings.
    ring: Option<u32>,
    /// Nobody hears the agent.
    is_muted: bool,
    /// An agent asks for help.
    hand: Option<HandView>,
    /// An agent has asked for the shift leader.
    is_escalated: bool,
    /// It is private.
    is_private: bool,
    /// Who is beside the call, or rung to be.
    beside: Option<BesideView>,
    /// Somebody may come beside it now.
    can_be_supervised: bool,
}

/// A hand that is up.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Hand)]
struct HandView {
    /// Whose.
    agent: String,
    /// Since when.
    #[schema(format = DateTime)]
    at: String,
}

/// A supervisor.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Supervisor)]
struct BesideView {
    /// Who.
    agent: String,
    /// `listen`, `whisper` or `barge`.
    #[schema(value_type = String)]
    mode: SuperviseMode,
    /// The supervisor has answered; until then the phone rings.
    is_there: bool,
}

impl CallNowView {
    pub(super) fn of(call: &StoredCall, now: CallNow) -> Self {
        let desk = &call.record.desk;
        Self {
            state: now.state,
            since: time(now.since),
            agent: now.agent.map(|agent| agent.0),
            rung: now.rung.into_iter().map(|agent| agent.0).collect(),
            ring: now.ring,
            is_muted: now.is_muted,
            hand: now.hand.map(|hand| HandView {
                agent: hand.agent.0,
                at: time(hand.at),
            }),
            is_escalated: desk.escalated,
            is_private: desk.private.is_some(),
            beside: now.beside.map(|beside| BesideView {
                agent: beside.agent.0,
                mode: beside.mode,
                is_there: beside.is_there,
            }),
            can_be_supervised: now.can_be_supervised,
        }
    }
}
