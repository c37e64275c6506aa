//! A call's row: the projection of its events, and nothing but that.
//!
//! [`CallRecord::apply`] is a pure function of the events in their stored order, so that a
//! rebuild gives equal rows (DESIGN §5). Durations come from the events' monotonic offsets or
//! from the events themselves; wall times are only copied.

mod apply;
mod cut_off;
pub mod desk;
mod dialogue;
mod lost;
mod served;
pub mod stages;
pub mod write_up;

pub use lost::LostReason;
use serde::{Deserialize, Serialize};

pub use dialogue::{Dialogue, Message, Survey};

use super::event::{
    AttemptResult, CallEvent, Circumstances, Direction, HangupParty, LegQuality, Origin,
    OutboundDecision, Outcome, RecordingSummary, RecordingTurn, Ringback, Side, TransferKind,
    TransferResult, TransferTarget,
};
use crate::id::{AgentId, CallId, LineId, PartyId, TrunkId};
use crate::rules::{Cadence, Grade, PickupProfile, Stage, Timestamp};

/// The author of what nobody has said.
pub const SYSTEM: &str = "system";

/// One call as its events tell it so far; a call that is still going on has no `outcome`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// The call.
    pub id: CallId,
    /// When its INVITE reached us, by the system's clock (R077).
    pub arrived_at: Timestamp,
    /// Who asked for the call.
    pub direction: Direction,
    /// External or internal (R019).
    pub origin: Origin,
    /// The caller; `None` if anonymous.
    pub caller: Option<PartyId>,
    /// The number dialled, as received.
    pub dialled: String,
    /// The line it belongs to (R022); `None` if the number is not ours.
    pub line: Option<LineId>,
    /// The trunk it came by.
    pub trunk: Option<TrunkId>,
    /// The caller leg's Call-ID.
    pub sip_call_id: String,
    /// The outside number that an agent dialled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<PartyId>,
    /// The call that the agent was in meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consult_of: Option<CallId>,
    /// The call that took over whom this one had reached (an attended transfer).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<CallId>,
    /// What allowed or forbade each leg to an outside number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outbound: Vec<OutboundDecision>,
    /// What else the INVITE told of itself.
    #[serde(default, skip_serializing_if = "Circumstances::are_plain")]
    pub circumstances: Circumstances,
    /// How it ended; `None` while it goes on.
    pub outcome: Option<Outcome>,
    /// The final status to the caller where no 200 was sent.
    pub status: Option<u16>,
    /// When the first 18x went to the caller.
    pub ringing_at: Option<Timestamp>,
    /// Who played the caller's ringback.
    pub ringback: Option<Ringback>,
    /// The cadence that rings were counted in.
    pub cadence: Option<Cadence>,
    /// The profile that graded it, whole.
    pub profile: Option<PickupProfile>,
    /// From the first 18x to the answer by a person, or to the end of an unanswered call.
    pub caller_ring_ms: Option<u64>,
    /// Rings begun by then.
    pub rings: Option<u32>,
    /// What the answer, or its absence, was worth.
    pub grade: Option<Grade>,
    /// The caller heard as many rings as the profile allows before an answer.
    pub target_missed: bool,
    /// Answered from the profile's `late_from` on.
    pub late_answer: bool,
    /// Who answered first.
    pub answered_by: Option<AgentId>,
    /// When.
    pub answered_at: Option<Timestamp>,
    /// The answer's offset: a talk that was cut off is counted from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_offset_us: Option<u64>,
    /// When our 200 went to the caller: second 0 of the recording.
    pub connected_at: Option<Timestamp>,
    /// From the answer by a person to the end.
    pub talk_ms: Option<u64>,
    /// Time spent waiting for a free agent and in announcements; `None` if it never waited.
    pub queue_ms: Option<u64>,
    /// The offset at which the present wait began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since_us: Option<u64>,
    /// Who ended the call; the first to do so counts (R046).
    pub hangup_party: Option<HangupParty>,
    /// The agent ended a talk before the caller did (R046).
    pub agent_first: bool,
    /// The agent hung up so many milliseconds after the caller's last word, where that is hardly any
    /// time (R048), as the recording shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off_ms: Option<u64>,
    /// The `Reason` that came with the end, or our own words.
    pub hangup_reason: Option<String>,
    /// Why the caller rang: every version, ascending; the last counts (R090).
    pub purposes: Vec<CodeVersion>,
    /// What came of it: every version, ascending; the last counts (R085).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dispositions: Vec<CodeVersion>,
    /// The recording notice, as far as it was heard (R190).
    pub notice: Option<Notice>,
    /// The line's announcement, as far as it was heard.
    pub announcement: Option<Announcement>,
    /// What the system said to the caller, and what the caller answered.
    #[serde(default, skip_serializing_if = "Dialogue::is_empty")]
    pub dialogue: Dialogue,
    /// Phones rung, by number.
    pub attempts: Vec<Attempt>,
    /// Transfers, by number (R086).
    pub transfers: Vec<Transfer>,
    /// Holds of either leg.
    pub holds: Holds,
    /// What people at the desk have done with it.
    #[serde(default, skip_serializing_if = "desk::Desk::is_empty")]
    pub desk: Box<desk::Desk>,
    /// How each leg ended, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legs: Vec<LegEnd>,
    /// What each leg's media was like, in the order the legs closed.
    pub media: Vec<LegMedia>,
    /// Times in which a leg was not heard although it should have been (R055).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silences: Vec<Silence>,
    /// The sealed recording (R192).
    pub recording: Option<RecordingSummary>,
    /// What was done with the recording in the middle of the talk, in order (R189).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recording_turns: Vec<Turned>,
    /// Why there is no recording, or not all of it.
    pub recording_failure: Option<String>,
    /// How far people have written it up; it stands beside the row.
    #[serde(default, skip_serializing_if = "write_up::WriteUp::is_empty")]
    pub write_up: Box<write_up::WriteUp>,
    /// The end of the last turn on the wire.
    pub ended_at: Option<Timestamp>,
    /// The greatest offset among the call's own events; a later repair continues from it.
    pub last_offset_us: u64,
}

/// One version of a call's purpose, or of what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeVersion {
    /// From 1; the highest counts.
    pub version: u32,
    /// A code of the line's tree.
    pub code: String,
    /// `system`, an agent, or who used the command line.
    pub author: String,
    /// Why it was changed.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Somebody's doing with the recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turned {
    /// What.
    pub turn: RecordingTurn,
    /// Who: an agent, or a user's name.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// The recording notice on this call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// When it began.
    pub started_at: Timestamp,
    /// The file it was played from.
    pub file: String,
    /// SHA-256 of that file, lower-case hex.
    pub sha256: String,
    /// Length of the prompt in milliseconds.
    pub length_ms: u64,
    /// How much of it went out; `None` while it plays.
    pub heard_ms: Option<u64>,
    /// All of it.
    pub complete: bool,
}

/// The line's announcement on this call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// When it began.
    pub started_at: Timestamp,
    /// The file it was played from.
    pub file: String,
    /// How much of it went out; `None` while it plays.
    pub heard_ms: Option<u64>,
    /// All of it.
    pub complete: bool,
}

/// One agent's phone being rung.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Number within the call, from 1.
    pub n: u32,
    /// Whose phone.
    pub agent: AgentId,
    /// When its INVITE was sent.
    pub offered_at: Timestamp,
    /// When its first 18x came.
    pub ringing_at: Option<Timestamp>,
    /// From that 18x to the end; `None` if it never rang, or still does.
    pub agent_ring_ms: Option<u64>,
    /// How it ended; `None` while it rings.
    pub result: Option<AttemptResult>,
    /// The final status that the phone gave.
    pub status: Option<u16>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// The call being passed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Number within the call, from 1.
    pub n: u32,
    /// How.
    pub kind: TransferKind,
    /// Who asked.
    pub by: AgentId,
    /// To whom.
    pub target: TransferTarget,
    /// The call in which the target was consulted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consult: Option<CallId>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// From the answer by a person to that, in milliseconds (R119).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<u64>,
    /// How it ended; `None` while it is tried.
    pub result: Option<TransferResult>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// Holds of a call: time in which at least one leg held the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holds {
    /// How often a leg asked for a hold.
    pub count: u32,
    /// How long, together, in milliseconds.
    pub ms: u64,
    /// The caller's leg holds.
    pub by_caller: bool,
    /// The agent's leg holds.
    pub by_agent: bool,
    /// The offset at which the present hold began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_us: Option<u64>,
}

/// How one leg ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegEnd {
    /// Which leg.
    pub side: Side,
    /// Which attempt, for an agent's leg.
    pub attempt: Option<u32>,
    /// Who ended this leg: its peer, or we.
    pub party: HangupParty,
    /// The SIP status that ended it, where one did.
    pub status: Option<u16>,
    /// The cause of Q.850 that was given.
    pub cause: Option<u16>,
    /// The `Reason` (RFC 3326), as it came or went.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A time in which a leg was not heard although it should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Which leg.
    pub side: Side,
    /// The other side was heard all the while.
    pub one_way: bool,
    /// When it was noticed, in milliseconds since the call arrived.
    pub noticed_ms: u64,
    /// How long it was, from its beginning; `None` if the leg was not heard again.
    pub silent_ms: Option<u64>,
}

/// What one leg's media was like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegMedia {
    /// Which leg.
    pub side: Side,
    /// Its figures.
    #[serde(flatten)]
    pub quality: LegQuality,
}

impl CallRecord {
    /// The projection of a call's events in their stored order; `None` of none.
    pub fn from_events<'a>(events: impl IntoIterator<Item = &'a CallEvent>) -> Option<Self> {
        let mut events = events.into_iter();
        let mut record = Self::begin(events.next()?);
        for event in events {
            record.apply(event);
        }
        Some(record)
    }

    /// A call that begins with `first`, normally its arrival. Whatever comes first makes a row:
    /// no call is without one (R009).
    pub fn begin(first: &CallEvent) -> Self {
        let mut record = Self {
            id: first.call,
            arrived_at: first.at,
            direction: Direction::In,
            origin: Origin::External,
            caller: None,
            dialled: String::new(),
            line: None,
            trunk: None,
            sip_call_id: String::new(),
            callee: None,
            consult_of: None,
            merged_into: None,
            outbound: Vec::new(),
            circumstances: Circumstances::default(),
            outcome: None,
            status: None,
            ringing_at: None,
            ringback: None,
            cadence: None,
            profile: None,
            caller_ring_ms: None,
            rings: None,
            grade: None,
            target_missed: false,
            late_answer: false,
            answered_by: None,
            answered_at: None,
            connected_at: None,
            talk_ms: None,
            queue_ms: None,
            waiting_since_us: None,
            hangup_party: None,
            agent_first: false,
            cut_off_ms: None,
            hangup_reason: None,
            purposes: Vec::new(),
            dispositions: Vec::new(),
            notice: None,
            announcement: None,
            dialogue: Dialogue::default(),
            attempts: Vec::new(),
            transfers: Vec::new(),
            holds: Holds::default(),
            desk: Box::default(),
            legs: Vec::new(),
            media: Vec::new(),
            silences: Vec::new(),
            recording: None,
            recording_turns: Vec::new(),
            recording_failure: None,
            write_up: Box::default(),
            ended_at: None,
            answered_offset_us: None,
            last_offset_us: 0,
        };
        record.apply(first);
        record
    }

    /// The purpose that counts.
    pub fn purpose(&self) -> Option<&CodeVersion> {
        self.purposes.last()
    }

    /// What came of it, as it counts.
    pub fn disposition(&self) -> Option<&CodeVersion> {
        self.dispositions.last()
    }

    /// Whether somebody has said why the caller rang and what came of it (R029, R085).
    pub fn is_wrapped_up(&self) -> bool {
        is_wrapped_up(&self.purposes, &self.dispositions)
    }

    /// Whether the caller was put through to an emergency contact, by whatever way (R281).
    pub fn was_emergency(&self) -> bool {
        let mut decisions = self.outbound.iter();
        !self.desk.emergencies.is_empty()
            || decisions.any(|decision| decision.emergency && decision.refused.is_none())
    }

    /// Whether they talked for longer than the line allows (R052).
    pub fn talked_long(&self) -> bool {
        let mut overruns = self.desk.overruns.iter();
        overruns.any(|overrun| overrun.stage == Stage::Talk)
    }

    /// How often somebody else got the caller by a transfer (R119).
    pub fn times_passed_on(&self) -> usize {
        let done = |transfer: &&Transfer| transfer.result == Some(TransferResult::Answered);
        self.transfers.iter().filter(done).count()
    }

    /// From the answer to when the caller was first passed on, in milliseconds (R119).
    pub fn passed_on_after_ms(&self) -> Option<u64> {
        self.transfers.first()?.after_ms
    }

    /// The transfer that counts: the last one asked for.
    pub fn transfer(&self) -> Option<&Transfer> {
        self.transfers.last()
    }

    /// Everybody the record names.
    pub fn parties(&self) -> impl Iterator<Item = PartyId> {
        let targets = self
            .transfers
            .iter()
            .filter_map(|transfer| match transfer.target {
                TransferTarget::Number(party) => Some(party),
                TransferTarget::Agent(_) | TransferTarget::Line(_) => None,
            });
        let diversions = self.circumstances.diversions.iter();
        let diversions = diversions.map(|diverted| diverted.by);
        let own = self.caller.into_iter().chain(self.callee);
        own.chain(diversions)
            .chain(targets)
            .chain(self.desk.parties())
    }
}

/// Whether somebody has said why the caller rang and what came of it (R029, R085). What a line
/// supposes of every call, nobody has said.
pub fn is_wrapped_up(purposes: &[CodeVersion], dispositions: &[CodeVersion]) -> bool {
    purposes.iter().any(CodeVersion::is_a_persons) && !dispositions.is_empty()
}
