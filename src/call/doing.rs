//! What people at the desk do with a call while it goes on: the events of it that no peer's message
//! makes.

use serde::{Deserialize, Serialize};

use super::event::{TransferResult, TransferTarget};
use crate::id::AgentId;
use crate::rules::{Level, Stage};

/// One doing. Whoever did it is an agent's extension, a user's name, or `system`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "doing", rename_all = "snake_case")]
pub enum Doing {
    /// The caller waits, with music, by an order to us and not by the phone's own hold (R058).
    PutOnHold {
        /// Who.
        by: String,
        /// Why, in that person's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The agent is back with the caller.
    Retrieved {
        /// Who; `system` where something else has ended the hold.
        by: String,
    },
    /// The caller has been on hold for so long that somebody should know (R058).
    HoldIsLong {
        /// For how long, in milliseconds.
        held_ms: u64,
        /// It is time to ask for a number to call back.
        is_very_long: bool,
    },
    /// Nobody hears the agent from now on (R059).
    Muted {
        /// Who.
        by: String,
    },
    /// The agent is heard again.
    Unmuted {
        /// Who.
        by: String,
    },
    /// Keys were pressed to the caller; which ones only where the line logs them (R233).
    KeysPressed {
        /// Who.
        by: String,
        /// How many.
        count: u32,
        /// Which.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keys: Option<String>,
    },
    /// The agent asks somebody else, while the caller waits (R115).
    ConsultBegan {
        /// Number of the consultation within the call, from 1.
        consult: u32,
        /// Who asks.
        by: AgentId,
        /// Whom.
        target: TransferTarget,
    },
    /// Whoever is asked has answered.
    ConsultAnswered {
        /// Which consultation.
        consult: u32,
    },
    /// Caller, agent and whoever was asked hear each other.
    ThreeJoined {
        /// Which consultation.
        consult: u32,
        /// Who joined them.
        by: String,
    },
    /// The agent and whoever was asked are among themselves again.
    ThreeParted {
        /// Which consultation.
        consult: u32,
        /// Who parted them.
        by: String,
    },
    /// The consultation is over.
    ConsultEnded {
        /// Which consultation.
        consult: u32,
        /// How.
        end: ConsultEnd,
        /// Why nobody could be asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<TransferResult>,
    },
    /// The agent hangs up for this reason (R047).
    HangUpReason {
        /// Who.
        by: String,
        /// Why.
        reason: HangUpReason,
    },
    /// A supervisor's phone is rung to be beside the call.
    SupervisorCalled {
        /// Who asked for it.
        by: String,
        /// Whose phone.
        supervisor: AgentId,
        /// To do what.
        mode: SuperviseMode,
    },
    /// The supervisor has answered.
    SupervisorJoined {
        /// Who.
        supervisor: AgentId,
        /// What the supervisor does.
        mode: SuperviseMode,
    },
    /// The supervisor goes on in another way.
    SupervisorTurned {
        /// Who.
        supervisor: AgentId,
        /// What the supervisor does now.
        mode: SuperviseMode,
    },
    /// The supervisor is not beside the call any more, or never came.
    SupervisorLeft {
        /// Who.
        supervisor: AgentId,
    },
    /// The supervisor speaks with the caller from now on, and the agent is free.
    TookOver {
        /// The supervisor.
        supervisor: AgentId,
        /// The agent.
        from: AgentId,
    },
    /// The call waits with music until somebody fetches it.
    Parked {
        /// Who.
        by: AgentId,
    },
    /// Nobody has fetched it in time: it goes back to this agent.
    ParkEnded {
        /// Whose phone is rung.
        back_to: AgentId,
    },
    /// An agent wants the call that rings at a colleague, or is parked.
    PickUpAsked {
        /// Who.
        by: AgentId,
    },
    /// The agent asks for help (R066), or no longer does.
    HandRaised {
        /// Who.
        by: AgentId,
        /// Asks.
        raised: bool,
    },
    /// One key: the next one in the agent's chain is asked to help (R067, R116).
    Escalated {
        /// Who.
        by: AgentId,
        /// Whose phone is rung; nobody's where there is no chain.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<AgentId>,
        /// Where in the chain that is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<Level>,
        /// It cannot wait.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        urgent: bool,
        /// Who would have been asked before, and is told.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        skipped: Vec<AgentId>,
        /// Why, in the agent's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// One key: the caller is put through to an emergency contact (R281).
    EmergencyCalled {
        /// Who.
        by: AgentId,
        /// The contact's name.
        contact: String,
    },
    /// A complaint: the caller was put through to quality management, or told its number (R108).
    QualityOffered {
        /// Who.
        by: AgentId,
        /// Which of these.
        done: QualityOffer,
    },
    /// The caller has been passed on once more than the line has it (R119).
    PassedOnOften {
        /// How often by now.
        transfers: u32,
        /// How often may be.
        limit: u32,
    },
    /// The call is private and urgent (R050, R051): not the service's.
    MarkedPrivate {
        /// Who.
        by: AgentId,
        /// Why.
        reason: String,
    },
    /// A private call comes to its bound, or has passed it (R050).
    PrivateIsLong {
        /// It has passed it.
        is_over: bool,
    },
    /// A phone was picked up before the caller had heard it ring for long enough: our 200 waits (R010).
    PickedUpEarly {
        /// Which attempt.
        attempt: u32,
        /// Whose phone; nobody's of ours at an outside number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AgentId>,
    },
    /// An agent called this record's number by a click (R042).
    DialledFrom {
        /// The record, as whoever keeps it names it.
        record: String,
    },
    /// The caller, who says nothing, is told so before the call is ended.
    SilenceWarned,
    /// A stage of the call has taken as long as the line allows, and goes on (R023).
    StageIsLong {
        /// Which.
        stage: Stage,
        /// How long it may take.
        limit_ms: u64,
    },
}

/// What was done about quality management for a caller who complains (R108).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QualityOffer {
    /// The caller was put through.
    Transferred,
    /// The caller was told the number.
    NumberTold,
    /// The caller wanted neither.
    Declined,
}

/// How a consultation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsultEnd {
    /// The caller is with whoever was asked.
    Completed,
    /// The agent is back with the caller.
    Cancelled,
    /// Whoever was asked could not be reached, or hung up.
    TargetLeft,
    /// The caller hung up.
    CallerLeft,
}

/// Why an agent ends a talk before the customer does (R047).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HangUpReason {
    /// The line is bad.
    LineFault,
    /// Nobody says anything.
    SilentCall,
    /// The caller insults.
    Abuse,
    /// The caller wanted somebody else.
    WrongNumber,
    /// The matter went to somebody else.
    Transferred,
    /// The caller asked for it.
    CallerAsked,
    /// The private call has lasted for long enough (R050).
    PrivateCall,
    /// Somebody stands at the desk, who comes first: the caller is called back by the same agent
    /// (R076).
    WalkIn,
}

impl HangUpReason {
    /// The word that rows show.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LineFault => "line fault",
            Self::SilentCall => "silent call",
            Self::Abuse => "abuse",
            Self::WrongNumber => "wrong number",
            Self::Transferred => "transferred",
            Self::CallerAsked => "the caller asked for it",
            Self::PrivateCall => "private call",
            Self::WalkIn => "a visitor at the desk, to be called back",
        }
    }
}

/// What a supervisor beside a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuperviseMode {
    /// Hears both, and is heard by nobody.
    Listen,
    /// Is heard by the agent, and never by the caller nor on the recording.
    Whisper,
    /// Is heard by both.
    Barge,
}
