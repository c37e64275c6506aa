//! How a call is shown: times as RFC 3339 has them, telephone numbers masked.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::area_view::AreaView;
use super::call_now::CallNowView;
use super::forwards::ForwardingView;
use super::handling::HandlingView;
use crate::call::event::{
    AttemptResult, Direction, HangupParty, Origin, Outcome, Ringback, TransferKind, TransferResult,
    TransferTarget,
};
use crate::call::record::stages::StageSpan;
use crate::call::record::{Attempt, CodeVersion, Transfer};
use crate::call::{CallEvent, CallNow, Party};
use crate::rules::{Channel, Grade, Stage, Timestamp, area_of, mask_number};
use crate::store::{CallDetail, Forwarding, KnownCaller, StoredCall};

/// RFC 3339, UTC, to the microsecond.
pub(super) fn time(at: Timestamp) -> String {
    at.to_string()
}

/// A moment in a request: RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct When(pub(super) Timestamp);

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'_, str>::deserialize(from)?;
        let at: Result<jiff::Timestamp, _> = text.parse();
        let wrong = |_| de::Error::custom("a time is written as 2026-11-21T08:30:00+08:00");
        at.map(|at| Self(Timestamp(at.as_microsecond())))
            .map_err(wrong)
    }
}

/// Somebody, as those see them who may not see the number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Party)]
pub(super) struct PartyView {
    /// The number, masked: `138****5678`.
    number: String,
    /// The name that the number was shown with.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Where a land line is at home, by its area code; absent for mobiles.
    #[serde(skip_serializing_if = "Option::is_none")]
    area: Option<AreaView>,
}

impl PartyView {
    pub(super) fn of(party: &Party) -> Self {
        let masked = |name: &str| {
            // Some carriers send the number as the name as well.
            let is_number = name.chars().filter(char::is_ascii_digit).count() > 5;
            if is_number {
                mask_number(name)
            } else {
                name.to_owned()
            }
        };
        Self {
            number: mask_number(&party.number),
            name: party.name.as_deref().map(masked),
            area: party.e164.as_deref().and_then(area_of).map(Into::into),
        }
    }
}

/// A call in one row. A call that goes on has no `outcome`.
#[expect(clippy::struct_excessive_bools, reason = "each is so or not")]
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Call)]
pub(super) struct CallView {
    /// The call.
    id: Uuid,
    /// When its INVITE reached us.
    #[schema(format = DateTime)]
    arrived_at: String,
    /// By what somebody turned to us: a call is `phone` (R021).
    #[schema(value_type = String)]
    channel: Channel,
    /// Who asked for it: `in`, `out` or `internal`.
    #[schema(value_type = String)]
    direction: Direction,
    /// `external` or `internal`.
    #[schema(value_type = String)]
    origin: Origin,
    /// The line it belongs to.
    line: Option<String>,
    /// The trunk it came by.
    trunk: Option<String>,
    /// Who called; absent if anonymous, withheld or erased.
    caller: Option<PartyView>,
    /// The caller withholds the number: nobody is shown it.
    withheld: bool,
    /// The outside number that an agent called.
    callee: Option<PartyView>,
    /// The number dialled; an outside number is masked.
    dialled: String,
    /// How it ended.
    #[schema(value_type = Option<String>)]
    outcome: Option<Outcome>,
    /// The final SIP status, where no 200 was sent.
    status: Option<u16>,
    /// When the caller first heard it ring.
    #[schema(format = DateTime)]
    ringing_at: Option<String>,
    /// Who played the ringing tone: `network` (the count of rings is an estimate) or `local`.
    #[schema(value_type = Option<String>)]
    ringback: Option<Ringback>,
    /// How long it rang, in milliseconds.
    caller_ring_ms: Option<u64>,
    /// Rings begun by then.
    rings: Option<u32>,
    /// What the answer, or its absence, was worth.
    #[schema(value_type = Option<String>)]
    grade: Option<Grade>,
    /// The agent who answered first.
    answered_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    answered_at: Option<String>,
    /// From the answer to the end, in milliseconds.
    talk_ms: Option<u64>,
    /// Time spent waiting, in milliseconds.
    queue_ms: Option<u64>,
    /// Who ended it: `caller`, `agent` or `system`.
    #[schema(value_type = Option<String>)]
    hangup_party: Option<HangupParty>,
    /// The agent ended the talk before the caller did.
    agent_first: bool,
    /// The code of why the caller rang.
    purpose: Option<String>,
    /// The code of what came of it.
    result: Option<String>,
    /// How the caller's matter is dealt with.
    handling: Option<HandlingView>,
    /// Answered so late that whoever answered owed an apology.
    late_answer: bool,
    /// The caller wants to stay unknown.
    anonymous: bool,
    /// Stages that took longer than the line allows: `ring`, `queue`, `talk`, `hold`, `transfer`,
    /// `wrap_up`.
    #[schema(value_type = Vec<String>)]
    stages_exceeded: Vec<Stage>,
    /// They talked for longer than the line allows.
    talk_long: bool,
    /// How often the caller was passed on, and somebody else had the call then.
    transfers_count: usize,
    /// From the answer to when the caller was first passed on, in milliseconds.
    passed_on_after_ms: Option<u64>,
    /// The caller was passed on more often than the line has it.
    passed_on_often: bool,
    /// The caller was put through to an emergency contact.
    emergency: bool,
    /// When the record was closed.
    #[schema(format = DateTime)]
    closed_at: Option<String>,
    /// How long its recording is, in milliseconds; absent if there is none, or none yet.
    recorded_ms: Option<u64>,
    /// When it ended.
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// How it stands; only where running calls were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<CallNowView>,
}

impl CallView {
    pub(super) fn of(call: &StoredCall) -> Self {
        let record = &call.record;
        let withheld = record.circumstances.withheld;
        let party = |id| call.parties.get(&id).map(PartyView::of);
        let handled = record.write_up.handled.as_ref();
        Self {
            id: record.id.0,
            arrived_at: time(record.arrived_at),
            channel: Channel::Phone,
            direction: record.direction,
            origin: record.origin,
            line: record.line.as_ref().map(ToString::to_string),
            trunk: record.trunk.as_ref().map(ToString::to_string),
            caller: record.caller.filter(|_| !withheld).and_then(party),
            withheld,
            callee: record.callee.and_then(party),
            dialled: match record.callee {
                Some(_) => mask_number(&record.dialled),
                None => record.dialled.clone(),
            },
            outcome: record.outcome,
            status: record.status,
            ringing_at: record.ringing_at.map(time),
            ringback: record.ringback,
            caller_ring_ms: record.caller_ring_ms,
            rings: record.rings,
            grade: record.grade,
            answered_by: record.answered_by.as_ref().map(ToString::to_string),
            answered_at: record.answered_at.map(time),
            talk_ms: record.talk_ms,
            queue_ms: record.queue_ms,
            hangup_party: record.hangup_party,
            agent_first: record.agent_first,
            purpose: record.purpose().map(|purpose| purpose.code.clone()),
            result: record.disposition().map(|said| said.code.clone()),
            handling: handled.map(|it| HandlingView::from(&it.handling)),
            late_answer: record.late_answer,
            anonymous: record.write_up.anonymous,
            stages_exceeded: record.stages_exceeded(),
            talk_long: record.talked_long(),
            transfers_count: record.times_passed_on(),
            passed_on_after_ms: record.passed_on_after_ms(),
            passed_on_often: record.desk.passed_on_often,
            emergency: record.was_emergency(),
            closed_at: record.write_up.closed_at.map(time),
            recorded_ms: record.recording.as_ref().map(|file| file.duration_ms),
            ended_at: record.ended_at.map(time),
            now: None,
        }
    }

    /// A call that goes on, with how it stands.
    pub(super) fn running(call: &StoredCall, now: CallNow) -> Self {
        Self {
            now: Some(CallNowView::of(call, now)),
            ..Self::of(call)
        }
    }
}

/// All that is known of a call but its events.
#[derive(Serialize, ToSchema)]
pub(super) struct CallDetailView {
    /// Its row.
    #[serde(flatten)]
    call: CallView,
    /// Who calls, where we know; the number is in our customers' file. Absent if withheld.
    customer: Option<CustomerView>,
    /// Phones rung for it, in order.
    attempts: Vec<AttemptView>,
    /// How it was passed on, in order.
    transfers: Vec<TransferView>,
    /// Why the caller rang: every version; the last counts.
    purposes: Vec<PurposeView>,
    /// How its matter was passed on first.
    forwarded: Option<ForwardingView>,
    /// Its stages, in the order in which they began.
    stages: Vec<StageView>,
    /// The whole projection of the call's events, as `thirdring calls show --json` prints it: what
    /// the fields above say, and what they leave out (notice, holds, legs, media, silences ...).
    /// Its times are microseconds since 1970; people are named by their ids in `parties`.
    #[schema(value_type = Object)]
    record: Value,
    /// Who the record names, as far as they have not been erased or withhold their number.
    parties: BTreeMap<String, PartyView>,
}

impl CallDetailView {
    pub(super) fn of(
        detail: &CallDetail,
        customer: Option<KnownCaller>,
        forwarded: Option<Forwarding>,
    ) -> Self {
        let (call, record) = (&detail.call, &detail.call.record);
        let hidden = record.caller.filter(|_| record.circumstances.withheld);
        let shown = call.parties.iter().filter(|(id, _)| Some(**id) != hidden);
        let shown = shown.map(|(id, party)| (id.to_string(), PartyView::of(party)));
        let transfers = record.transfers.iter();
        let mut whole = serde_json::to_value(record).unwrap_or_default();
        if let (Some(_), Some(dialled)) = (record.callee, whole.get_mut("dialled")) {
            *dialled = mask_number(&record.dialled).into();
        }
        Self {
            call: CallView::of(call),
            customer: customer.map(CustomerView::from),
            attempts: record.attempts.iter().map(AttemptView::of).collect(),
            transfers: transfers.map(|one| TransferView::of(one, call)).collect(),
            purposes: record.purposes.iter().map(PurposeView::of).collect(),
            forwarded: forwarded.map(ForwardingView::from),
            stages: record
                .stages(&detail.events)
                .iter()
                .map(StageView::of)
                .collect(),
            record: whole,
            parties: shown.collect(),
        }
    }
}

/// A caller whom we know (R044).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = KnownCaller)]
pub(super) struct CustomerView {
    /// The customer's id.
    id: Uuid,
    /// What the customer is called.
    name: String,
    /// How the customer is spoken to.
    form: Option<String>,
    /// What kind of customer it is.
    level: Option<String>,
}

impl From<KnownCaller> for CustomerView {
    fn from(known: KnownCaller) -> Self {
        Self {
            id: known.customer.0,
            name: known.name,
            form: known.form,
            level: known.level,
        }
    }
}

/// One agent's phone being rung.
#[derive(Serialize, ToSchema)]
#[schema(as = Attempt)]
struct AttemptView {
    /// Number within the call, from 1.
    n: u32,
    /// Whose phone.
    agent: String,
    /// When it was asked.
    #[schema(format = DateTime)]
    offered_at: String,
    /// When it began to ring.
    #[schema(format = DateTime)]
    ringing_at: Option<String>,
    /// How long it rang, in milliseconds.
    agent_ring_ms: Option<u64>,
    /// How it ended; absent while it rings.
    #[schema(value_type = Option<String>)]
    result: Option<AttemptResult>,
    /// The final status that the phone gave.
    status: Option<u16>,
}

impl AttemptView {
    fn of(attempt: &Attempt) -> Self {
        Self {
            n: attempt.n,
            agent: attempt.agent.to_string(),
            offered_at: time(attempt.offered_at),
            ringing_at: attempt.ringing_at.map(time),
            agent_ring_ms: attempt.agent_ring_ms,
            result: attempt.result,
            status: attempt.status,
        }
    }
}

/// The call being passed on.
#[derive(Serialize, ToSchema)]
#[schema(as = Transfer)]
struct TransferView {
    /// Number within the call, from 1.
    n: u32,
    /// `blind` or `attended`.
    #[schema(value_type = String)]
    kind: TransferKind,
    /// Who asked.
    by: String,
    /// The agent it was passed to.
    to_agent: Option<String>,
    /// The line whose agents it was passed to.
    to_line: Option<String>,
    /// The outside number it was passed to.
    to_number: Option<PartyView>,
    /// When it was asked for.
    #[schema(format = DateTime)]
    requested_at: String,
    /// From the answer to that, in milliseconds.
    after_ms: Option<u64>,
    /// How it ended; absent while it is tried.
    #[schema(value_type = Option<String>)]
    result: Option<TransferResult>,
}

impl TransferView {
    fn of(transfer: &Transfer, call: &StoredCall) -> Self {
        let (mut to_agent, mut to_line, mut to_number) = (None, None, None);
        match &transfer.target {
            TransferTarget::Agent(agent) => to_agent = Some(agent.to_string()),
            TransferTarget::Line(line) => to_line = Some(line.0.clone()),
            TransferTarget::Number(party) => {
                to_number = call.parties.get(party).map(PartyView::of);
            }
        }
        Self {
            n: transfer.n,
            kind: transfer.kind,
            by: transfer.by.to_string(),
            to_agent,
            to_line,
            to_number,
            requested_at: time(transfer.requested_at),
            after_ms: transfer.after_ms,
            result: transfer.result,
        }
    }
}

/// One stage of a call (R023).
#[derive(Serialize, ToSchema)]
#[schema(as = Stage)]
struct StageView {
    /// `ring`, `queue`, `talk`, `hold`, `transfer` or `wrap_up`.
    #[schema(value_type = String)]
    stage: Stage,
    /// When it began.
    #[schema(format = DateTime)]
    at: String,
    /// How long it took, in milliseconds; absent while it lasts.
    ms: Option<u64>,
    /// How long it may take, where it took longer.
    limit_ms: Option<u64>,
}

impl StageView {
    fn of(span: &StageSpan) -> Self {
        Self {
            stage: span.stage,
            at: time(span.at),
            ms: span.ms,
            limit_ms: span.limit_ms,
        }
    }
}

/// One version of why the caller rang.
#[derive(Serialize, ToSchema)]
#[schema(as = Purpose)]
struct PurposeView {
    /// From 1; the highest counts.
    version: u32,
    /// A code of the line's.
    code: String,
    /// Who said so.
    author: String,
    /// Why it was changed.
    reason: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    at: String,
}

impl PurposeView {
    fn of(purpose: &CodeVersion) -> Self {
        Self {
            version: purpose.version,
            code: purpose.code.clone(),
            author: purpose.author.clone(),
            reason: purpose.reason.clone(),
            at: time(purpose.at),
        }
    }
}

/// One thing that happened to a call.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
pub(super) struct EventView {
    /// Its own id.
    id: Uuid,
    /// When, by the wall clock.
    #[schema(format = DateTime)]
    at: String,
    /// Microseconds since the call arrived, by a clock that does not jump.
    offset_us: u64,
    /// What happened.
    kind: String,
    /// What there is to say of it; which fields, the kind tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
}

impl EventView {
    pub(super) fn of(event: &CallEvent) -> Self {
        let mut tagged = serde_json::to_value(&event.kind).unwrap_or_default();
        let kind = tagged.get("kind").and_then(Value::as_str);
        Self {
            id: event.id.0,
            at: time(event.at),
            offset_us: event.offset_us,
            kind: kind.unwrap_or_default().to_owned(),
            data: tagged.get_mut("data").map(Value::take),
        }
    }
}

impl EventView {
    pub(super) const fn data(&self) -> Option<&Value> {
        self.data.as_ref()
    }
}
