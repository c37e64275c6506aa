//! The append-only log of a call: what happened, when, in the order it happened.
//!
//! Events are the truth; a call's row is their projection ([`super::record`]). They carry no
//! personal data: people are named by [`PartyId`], and a [`Party`] travels beside the event that
//! first mentions it.

use serde::{Deserialize, Serialize};

use super::conduct::{Conduct, RecordingMark};
use super::doing::Doing;
pub use super::spoken::{
    EmergencyMet, HoursStamped, KeyResult, MenuAnswered, MessageEnded, MessageEnding,
    PromptPurpose, Prompted, SurveyAnswered, SurveyCause, SurveyResult, SurveySource,
    SurveyStarted,
};
use crate::id::{AgentId, CallId, EventId, LineId, PartyId, TrunkId};
use crate::rules::{Cadence, Grade, Handling, PickupProfile, Timestamp};
use crate::sdp::Codec;
use crate::sip::diversion::Reason;

/// What the core asks the log to keep: an event, and the people it is the first to mention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What happened.
    pub event: CallEvent,
    /// Parties that the event mentions for the first time.
    pub parties: Vec<Party>,
}

/// A person's data, in a table of its own that can be erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// What events and rows refer to.
    pub id: PartyId,
    /// The number as the wire gave it.
    pub number: String,
    /// The number in E.164, where it has such a form.
    pub e164: Option<String>,
    /// The display name, where the wire gave one.
    pub name: Option<String>,
}

/// One thing that happened to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallEvent {
    /// Its own id; storing it twice changes nothing.
    pub id: EventId,
    /// The call it belongs to.
    pub call: CallId,
    /// Wall time, UTC.
    pub at: Timestamp,
    /// Monotonic microseconds since the call arrived; durations come from these only.
    pub offset_us: u64,
    /// What it was.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// Who asked for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A customer called.
    In,
    /// An agent or a call-back task called.
    Out,
    /// An agent called an agent.
    Internal,
}

/// Where the call came from (R019).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// From a trunk.
    External,
    /// From a registered phone.
    Internal,
}

/// What else an INVITE told of itself when it arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circumstances {
    /// The caller wants to stay unknown (RFC 3323): whatever number there is, nobody is shown it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
    /// The numbers that sent the call on to us (RFC 5806), the latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diversions: Vec<Diverted>,
    /// The caller is on the line's list of nuisance callers, and this is what was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nuisance: Option<NuisancePolicy>,
}

impl Circumstances {
    /// Nothing special.
    pub fn are_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// One number that sent a call on to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diverted {
    /// Whose number it is: a person's, for all we know.
    pub by: PartyId,
    /// Why.
    pub reason: Reason,
}

/// What a line does with nuisance callers. Nobody who has been answered is ever hung up on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NuisancePolicy {
    /// 603: the call is not wanted.
    Reject,
    /// 486: as if the line were busy.
    Busy,
    /// The line's announcement at once, and nobody is rung.
    Announce,
    /// Served after everybody else who waits.
    Last,
}

/// Who plays the caller's ringback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ringback {
    /// We sent 180; the caller's network plays the tone in its own phase, so our count of rings
    /// is an estimate, one ring either way.
    Network,
    /// We sent 183 and our own 450 Hz tone: the count is exact as sent.
    Local,
}

/// Who ended something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HangupParty {
    /// The caller's BYE or CANCEL came first.
    Caller,
    /// The agent's (or transfer target's) BYE came first.
    Agent,
    /// We ended it.
    System,
}

/// How an attempt to ring one phone ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptResult {
    /// The phone sent the 200 that won the call.
    Answered,
    /// It rang for its whole allowance.
    RingNoAnswer,
    /// 480, 486, 603 or another refusal by the phone.
    Rejected,
    /// No answer at all, no 18x in time, 408, 503, or no registered contact.
    Unreachable,
    /// We stopped it: another phone won, or the caller left.
    Cancelled,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A person spoke with the caller.
    Answered,
    /// The caller left before an answer by a person.
    Abandoned,
    /// Nobody was free within `max_preanswer`; the caller heard the line's announcement.
    Announcement,
    /// The caller left a message (R186).
    Message,
    /// Nobody was free within `max_preanswer`, and the line has no announcement.
    NoAgent,
    /// No line has the dialled number (404).
    UnknownNumber,
    /// Policy, capacity, or an offer without a codec in common.
    Refused,
    /// Whom an agent dialled was busy, refused or did not answer; the status says which.
    NotReached,
    /// The caller heard himself: the echo test.
    Echo,
    /// The line must record and could not.
    RecordingUnavailable,
    /// Something of ours or of the network failed.
    Failed,
    /// The service stopped or crashed during the call.
    Interrupted,
}

/// What ends a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferResult {
    /// The target answered.
    Answered,
    /// The target did not answer within its allowance.
    NoAnswer,
    /// The target refused.
    Refused,
    /// No such target, or it could not be reached.
    Unreachable,
    /// Policy forbids the target.
    Forbidden,
    /// The caller hung up before the target answered.
    CallerLeft,
}

/// How a transfer is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    /// Passed on without speaking to the target first.
    Blind,
    /// Passed on after speaking to the target.
    Attended,
}

/// Whom a call is transferred to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferTarget {
    /// An agent of ours.
    Agent(AgentId),
    /// An outside number: personal data, so a party.
    Number(PartyId),
    /// The agents of another line: a department.
    Line(LineId),
}

/// Whether an agent may have a call to an outside number, and by what. Each leg to an outside
/// number has one; so has each that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundDecision {
    /// Who asked for it, proved by digest.
    pub by: AgentId,
    /// The policy that decided: an `[[outbound]]` section's name, or the line whose transfer
    /// policy it was; `None` if nothing allows the agent any outside number.
    pub policy: Option<String>,
    /// The allowed beginning that the number has.
    pub prefix: Option<String>,
    /// The trunk that it goes by.
    pub trunk: Option<TrunkId>,
    /// Our number, as it is presented.
    pub caller_id: Option<String>,
    /// Why not; `None` if it may be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<OutboundRefusal>,
    /// It is an emergency contact's number, which no policy forbids (R281).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub emergency: bool,
}

/// Why a call to an outside number may not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboundRefusal {
    /// No policy names the agent.
    NoPolicy,
    /// No allowed prefix fits the number.
    Prefix,
    /// It begins as no number may that the agent calls: a premium-rate service, say.
    Denied,
    /// The policy's trunk has nowhere to send calls.
    NoTrunk,
    /// The phone is known by its address only, and has not proved who it is.
    Unproven,
    /// As many calls are open as the agent may have.
    Concurrent,
    /// Too many calls within a minute.
    PerMinute,
    /// Too many calls within a day.
    PerDay,
    /// Too long a run of adjacent numbers, as a fraudster's programme dials them.
    Sequential,
    /// The day's time is used up.
    Duration,
}

impl OutboundRefusal {
    /// The word that metrics and logs use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoPolicy => "no_policy",
            Self::Prefix => "prefix",
            Self::Denied => "denied",
            Self::NoTrunk => "no_trunk",
            Self::Unproven => "unproven",
            Self::Concurrent => "concurrent",
            Self::PerMinute => "per_minute",
            Self::PerDay => "per_day",
            Self::Sequential => "sequential",
            Self::Duration => "duration",
        }
    }
}

/// A stretch of a recording that stands for audio we did not get: silence, but for what was made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingGap {
    /// 0 is the caller's channel, 1 what the caller was sent.
    pub channel: u8,
    /// Where it begins, in milliseconds of the file.
    pub from_ms: u64,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
    /// How much of it is not silence, but was made up from what was heard before, in milliseconds.
    #[serde(default)]
    pub concealed_ms: u64,
    /// Why: `lost`, `silence` or `overflow`.
    pub cause: GapCause,
}

/// Why audio is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapCause {
    /// Packets never arrived.
    Lost,
    /// The peer sent nothing: silence suppression, hold.
    Silence,
    /// Our own queue to the recorder was full.
    Overflow,
}

impl GapCause {
    /// Somebody sent it, and we lack it. What nobody sent is silence, as it was heard.
    pub const fn is_loss(self) -> bool {
        match self {
            Self::Lost | Self::Overflow => true,
            Self::Silence => false,
        }
    }
}

/// A finished recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingSummary {
    /// Path below the recordings folder: `2026/11/21/<call>.wav`.
    pub path: String,
    /// SHA-256 of the whole file, lower-case hex (R192).
    pub sha256: String,
    /// Size of the file in bytes.
    pub size_bytes: u64,
    /// Length in milliseconds.
    pub duration_ms: u64,
    /// Missing audio, in order.
    pub gaps: Vec<RecordingGap>,
    /// What happened to the recording on the way, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<RecordingMark>,
    /// What the audio shows of the conversation (R054, R056, R057); not known of recordings that
    /// were sealed before it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conduct: Option<Box<Conduct>>,
    /// SHA-256 of the manifest that stands beside the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_sha256: Option<String>,
}

/// What can be done with a recording in the middle of a talk (R189).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingTurn {
    /// On a line that records on demand: from now on there is audio on the file.
    Started,
    /// On such a line: no more, until it is started again.
    Stopped,
    /// Silence on the file: an identity number, say, is being told.
    Paused,
    /// Audio again.
    Resumed,
}

/// What one leg's media was like, taken when its sockets closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegQuality {
    /// RTP packets received.
    pub received: u64,
    /// RTP packets sent.
    pub sent: u64,
    /// Packets expected and not received (RFC 3550 A.3), never below 0.
    pub lost: u64,
    /// Interarrival jitter in microseconds (RFC 3550 A.8) at the end.
    pub jitter_us: u64,
    /// Datagrams that were not authentic, or came twice; `None` if the leg was in clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub srtp_dropped: Option<u64>,
    /// The law of the audio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec: Option<Codec>,
    /// Round trip to the peer in microseconds, by its last report; `None` if it sent none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_trip_us: Option<u64>,
    /// Packets of ours that never came, as the peer reported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_at_peer: Option<u64>,
    /// The jitter of ours, as the peer reported it, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jitter_at_peer_us: Option<u64>,
    /// How well the peer was heard: the mean opinion score of the E-model (ITU-T G.107), in
    /// hundredths; `None` if nothing came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mos_hundredths: Option<u16>,
    /// How well the peer heard, by its own report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mos_at_peer_hundredths: Option<u16>,
    /// How long nothing came although it should have, in milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub silent_ms: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Which leg a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The caller's leg.
    Caller,
    /// An agent's or a transfer target's leg.
    Agent,
}

/// The kinds of event, with what each carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum EventKind {
    /// An INVITE reached us; nothing is sent to ring before this is stored (R009).
    Arrived {
        /// Who asked for the call.
        direction: Direction,
        /// External or internal (R019).
        origin: Origin,
        /// The caller; `None` if anonymous.
        caller: Option<PartyId>,
        /// The number dialled, as received.
        dialled: String,
        /// The line it belongs to; `None` if it is not ours.
        line: Option<LineId>,
        /// The trunk it came by.
        trunk: Option<TrunkId>,
        /// The caller leg's Call-ID, for whoever reads a trace.
        sip_call_id: String,
        /// The outside number that an agent dialled; `dialled` shows it masked then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        callee: Option<PartyId>,
        /// The call that the agent was in, and dials somebody about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        consult_of: Option<CallId>,
        /// What else the INVITE told of itself.
        #[serde(default, skip_serializing_if = "Circumstances::are_plain")]
        circumstances: Circumstances,
    },
    /// Whether a leg to an outside number may be made; before its INVITE leaves.
    OutboundDecided {
        /// Who, by which policy, prefix and trunk.
        #[serde(flatten)]
        decision: OutboundDecision,
    },
    /// The first 18x went to an agent who dialled somebody: no profile grades such a call.
    Alerted {
        /// Who plays the tone.
        ringback: Ringback,
    },
    /// Whom an agent dialled has answered.
    Reached {
        /// Which attempt.
        attempt: u32,
        /// Who, if it was an agent of ours.
        agent: Option<AgentId>,
        /// From the first 18x to the answer.
        ring_ms: u64,
    },
    /// The call has given the person it reached to another call: an attended transfer.
    Merged {
        /// The call that goes on.
        into: CallId,
        /// Who passed it on.
        by: AgentId,
    },
    /// The first 18x went to the caller: `caller_ring_ms` counts from here.
    Ringing {
        /// Who plays the tone.
        ringback: Ringback,
        /// The cadence that rings are counted in.
        cadence: Cadence,
        /// The profile the answer will be graded by, whole: a later change of it changes nothing here.
        profile: PickupProfile,
    },
    /// The call waits for an agent.
    Queued {
        /// Its place in the line, 1 is next.
        position: u32,
    },
    /// What the line's calendar said when the call came (R016).
    HoursStamped(HoursStamped),
    /// The line was switched to something else when the call came (R279).
    EmergencyMet(EmergencyMet),
    /// The call goes on at another line, or at a post of its own line.
    Rerouted {
        /// Where.
        line: LineId,
    },
    /// The system has spoken to the caller.
    Prompted(Prompted),
    /// A menu was answered, or not.
    MenuAnswered(MenuAnswered),
    /// The caller was told the place in the queue.
    PlaceTold {
        /// Which, 1 is next.
        position: u32,
    },
    /// The tone has sounded: the caller leaves a message (R186).
    MessageStarted {
        /// Where it begins, in milliseconds of the recording.
        start_ms: u64,
    },
    /// The message is over.
    MessageEnded(MessageEnded),
    /// The caller is asked how it was (R218).
    SurveyStarted(SurveyStarted),
    /// What the caller said.
    SurveyAnswered(SurveyAnswered),
    /// An agent's phone was sent an INVITE.
    Offered {
        /// Number of the attempt within the call, from 1.
        attempt: u32,
        /// Whose phone.
        agent: AgentId,
    },
    /// The phone's first 18x.
    AgentRinging {
        /// Which attempt.
        attempt: u32,
    },
    /// The network of an outside number speaks before anybody answers there, and is heard.
    EarlyMedia {
        /// Which attempt.
        attempt: u32,
    },
    /// An attempt is over.
    AttemptEnded {
        /// Which attempt.
        attempt: u32,
        /// How it ended.
        result: AttemptResult,
        /// From the phone's first 18x to the end; `None` if it never rang.
        agent_ring_ms: Option<u64>,
        /// The final status that the phone gave, where it gave one.
        status: Option<u16>,
    },
    /// The caller has heard as many rings as the profile allows.
    TargetMissed {
        /// Rings begun.
        rings: u32,
    },
    /// A person answered.
    Answered {
        /// Which attempt won.
        attempt: u32,
        /// Who.
        agent: AgentId,
        /// From the first 18x to the caller, to the 200 of the agent.
        caller_ring_ms: u64,
        /// Rings begun by then.
        rings: u32,
        /// What it was worth.
        grade: Grade,
        /// Answered from the profile's `late_from` on.
        late: bool,
    },
    /// Our 200 went to the caller: second 0 of the recording.
    Connected,
    /// The recording notice began to play to the caller (R190).
    NoticeStarted {
        /// The file it was played from, as the configuration names it.
        file: String,
        /// SHA-256 of that file, lower-case hex.
        sha256: String,
        /// Length of the prompt in milliseconds.
        length_ms: u64,
    },
    /// The notice ended or was cut off.
    NoticeEnded {
        /// How much of it went out, in milliseconds.
        heard_ms: u64,
        /// All of it.
        complete: bool,
    },
    /// The line's announcement began: nobody was free within `max_preanswer`.
    AnnouncementStarted {
        /// The file it is played from.
        file: String,
    },
    /// The announcement ended or was cut off.
    AnnouncementEnded {
        /// How much of it went out, in milliseconds.
        heard_ms: u64,
        /// All of it.
        complete: bool,
    },
    /// A leg put the other on hold (a re-INVITE with `sendonly` or `inactive`).
    Held {
        /// Which leg asked for it.
        by: Side,
    },
    /// The hold is over.
    Resumed {
        /// Which leg asked for it.
        by: Side,
    },
    /// A re-INVITE moved or changed a leg's media.
    MediaChanged {
        /// Which leg.
        side: Side,
        /// The codec now in use, as RTP names it.
        codec: String,
    },
    /// An agent who had called passes on whom the call reached: the callee is the caller's side of
    /// the call from now on, and the agent the other.
    Turned,
    /// Somebody passes the call on (R086).
    TransferRequested {
        /// Number of the transfer within the call, from 1.
        transfer: u32,
        /// How.
        kind: TransferKind,
        /// Who asked.
        by: AgentId,
        /// To whom.
        target: TransferTarget,
        /// The call in which the target was consulted (an attended transfer).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        consult: Option<CallId>,
    },
    /// The transfer is over.
    TransferEnded {
        /// Which transfer.
        transfer: u32,
        /// How it ended.
        result: TransferResult,
    },
    /// Why the caller rang; version 1 is the line's default.
    PurposeSet {
        /// From 1; the highest counts.
        version: u32,
        /// A code of the line's tree.
        code: String,
        /// `system`, an agent, or who used the command line.
        author: String,
        /// Why it was changed.
        reason: Option<String>,
    },
    /// What came of the caller's matter (R085).
    DispositionSet {
        /// From 1; the highest counts.
        version: u32,
        /// A code of the line's outcomes.
        code: String,
        /// An agent, or who used the command line.
        author: String,
        /// Why it was changed.
        reason: Option<String>,
    },
    /// Somebody has said how the caller's matter is dealt with (R117).
    HandlingSet {
        /// From 1; the highest counts.
        version: u32,
        /// How.
        #[serde(flatten)]
        handling: Handling,
        /// Who says so.
        author: String,
    },
    /// Somebody has written something down about the call; what, stands where it can be erased (R065).
    NoteSaved {
        /// From 1; the highest counts.
        version: u32,
        /// Who.
        author: String,
        /// It says that the caller wants to stay unknown (R083).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        anonymous: bool,
    },
    /// The call is over, and nothing is missing in its record any more (R085, R093).
    RecordClosed {
        /// Who said the last of it.
        author: String,
        /// How long it may take from the end of the call on (R023).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit_ms: Option<u64>,
    },
    /// An agent goes on at another phone of theirs (RFC 3891).
    TakenOver {
        /// On which side of the call.
        side: Side,
        /// Who goes on.
        agent: AgentId,
    },
    /// One side ended the call.
    HungUp {
        /// Who was first.
        party: HangupParty,
        /// The agent ended a talk before the caller did (R046).
        agent_first: bool,
        /// A `Reason` header (RFC 3326) or our own words.
        reason: Option<String>,
    },
    /// Somebody pressed a key on a phone that tells it by INFO.
    DigitPressed {
        /// On which leg.
        by: Side,
        /// `0` to `9`, `*`, `#`, `A` to `D`; only where the line logs it, since somebody may type a
        /// card number (R233).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digit: Option<char>,
    },
    /// Nothing comes from a leg that should be heard (R055).
    FellSilent {
        /// Which leg.
        side: Side,
        /// The other side is heard all the while: the audio goes one way.
        one_way: bool,
    },
    /// The leg is heard again.
    HeardAgain {
        /// Which leg.
        side: Side,
        /// How long it was not, in milliseconds.
        silent_ms: u64,
    },
    /// One leg's dialog, or the attempt at one, is over.
    LegEnded {
        /// Which leg.
        side: Side,
        /// Which attempt, for an agent's leg.
        attempt: Option<u32>,
        /// Who ended this leg: its peer, or we.
        party: HangupParty,
        /// The SIP status that ended it, where one did: a refusal, or what told us that the peer
        /// is gone.
        status: Option<u16>,
        /// The cause of Q.850 that was given.
        cause: Option<u16>,
        /// The `Reason` (RFC 3326), as it came or went.
        reason: Option<String>,
    },
    /// What a leg's media was like.
    MediaClosed {
        /// Which leg.
        side: Side,
        /// Its figures.
        quality: LegQuality,
    },
    /// The last turn of the call on the wire; only the recording may follow.
    Ended {
        /// How it ended.
        outcome: Outcome,
        /// The final status to the caller where no 200 was sent.
        status: Option<u16>,
        /// The grade of an abandoned call.
        grade: Option<Grade>,
        /// From the first 18x to the end, for a call no person answered.
        caller_ring_ms: Option<u64>,
        /// From the answer by a person to the end.
        talk_ms: Option<u64>,
    },
    /// Somebody has started, stopped, paused or resumed the recording (R189).
    RecordingTurned {
        /// What.
        turn: RecordingTurn,
        /// Who: an agent, or a user's name.
        by: String,
        /// Why.
        reason: Option<String>,
    },
    /// The recording was sealed (R192).
    RecordingSealed {
        /// The file and what is missing in it.
        recording: RecordingSummary,
    },
    /// Somebody at the desk has done something with the call.
    Doing(Doing),
    /// The recording could not be made or finished.
    RecordingFailed {
        /// What stood in the way, for ops.
        reason: String,
    },
}

impl EventKind {
    /// Whether somebody says this of a call, perhaps long after it and from another process: its
    /// offset is not one of the call's own clock then.
    pub const fn is_said_of_it(&self) -> bool {
        matches!(
            self,
            Self::PurposeSet { .. }
                | Self::DispositionSet { .. }
                | Self::HandlingSet { .. }
                | Self::NoteSaved { .. }
                | Self::RecordClosed { .. }
        )
    }
}
