//! A call as whoever serves the same customer again is shown it: what it was about, and what came of
//! it (R223).

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call_view::time;
use crate::call::event::{Direction, Outcome};
use crate::store::StoredCall;

/// An earlier call of a customer's.
#[derive(Serialize, ToSchema)]
#[schema(as = Contact)]
pub(super) struct ContactView {
    /// The call.
    call: Uuid,
    /// When it arrived.
    #[schema(format = DateTime)]
    at: String,
    /// Who asked for it: `in` or `out`.
    #[schema(value_type = String)]
    direction: Direction,
    /// The line it belongs to.
    line: Option<String>,
    /// How it ended; absent while it goes on.
    #[schema(value_type = Option<String>)]
    outcome: Option<Outcome>,
    /// Who answered.
    answered_by: Option<String>,
    /// From the answer to the end, in milliseconds.
    talk_ms: Option<u64>,
    /// The code of why the caller rang.
    purpose: Option<String>,
    /// The code of what came of it.
    result: Option<String>,
}

impl ContactView {
    pub(super) fn of(call: &StoredCall) -> Self {
        let record = &call.record;
        let agent = record.answered_by.as_ref();
        Self {
            call: record.id.0,
            at: time(record.arrived_at),
            direction: record.direction,
            line: record.line.as_ref().map(ToString::to_string),
            outcome: record.outcome,
            answered_by: agent.map(ToString::to_string),
            talk_ms: record.talk_ms,
            purpose: record.purpose().map(|it| it.code.clone()),
            result: record.dispositions.last().map(|it| it.code.clone()),
        }
    }
}
