//! What people at the desk, and programs that work for them, ask of a running call.
//!
//! Whether a person may ask for something is decided before it comes here; a call refuses only
//! what does not fit how it stands.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::doing::{HangUpReason, QualityOffer, SuperviseMode};
use super::event::RecordingTurn;
use super::{Call, Escalation, Output, RecordingDemand};
use crate::id::{AgentId, CallId, LineId};
use crate::rules::Moment;

/// Names one command from its asking to its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// An agent of ours, from the desk.
    Agent(AgentId),
    /// A person or a program of the API, by its name there.
    User(String),
    /// The service itself.
    System,
}

impl Actor {
    /// The name that the log keeps.
    pub fn name(&self) -> &str {
        match self {
            Self::Agent(agent) => &agent.0,
            Self::User(name) => name,
            Self::System => "system",
        }
    }

    /// The agent, if it is one.
    pub const fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::Agent(agent) => Some(agent),
            Self::User(_) | Self::System => None,
        }
    }
}

/// What is asked of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallCommand {
    /// The asking agent's phone is to answer, or to take the caller back, by NOTIFY.
    Talk,
    /// The asking agent's phone is to put the caller on hold, by NOTIFY.
    Hold,
    /// The agent lets the caller go to the survey; that is no hang-up (X03).
    Release,
    /// The recording is to be started, stopped, paused or resumed (R189).
    Record {
        /// Which of these.
        turn: RecordingTurn,
        /// Why, in the person's words.
        reason: Option<String>,
    },
    /// The caller is to wait, with the line's music, without a word to the carrier or the phone; out
    /// of a conference of three, agent and target are among themselves (R058).
    PutOnHold {
        /// Why, in the person's words.
        reason: Option<String>,
    },
    /// The agent is back with the caller.
    Retrieve,
    /// Nobody is to hear the agent, or everybody again (R059).
    Mute(bool),
    /// Keys to be pressed to the caller, or to who is asked meanwhile: `0` to `9`, `*`, `#`, `A` to
    /// `D`, at most 32.
    Press(String),
    /// The caller is to be passed on, without asking first (R103).
    Transfer(PassTo),
    /// Somebody is to be asked while the caller waits (R115); no line.
    Consult(PassTo),
    /// The caller is to be with whoever is asked, and the agent leaves: an attended transfer.
    CompleteConsult,
    /// Nobody is to be asked any more: the agent is back with the caller.
    CancelConsult,
    /// Caller, agent and whoever is asked are to hear each other.
    JoinThree,
    /// The talk is to end, for this reason (R047). Only who has called needs none.
    HangUp(Option<HangUpReason>),
    /// The caller is to wait, with music, for whoever fetches the call.
    Park,
    /// The agent asks for help (R066), or no longer does.
    RaiseHand(bool),
    /// Whoever is next in the agent's chain is to be asked, or a level further up (R067, R116).
    Escalate(Escalation),
    /// The caller is to be put through to the emergency contact of this name (R281).
    Emergency(String),
    /// Quality management was offered to a caller who complains, and this came of it (R108).
    OfferQuality(QualityOffer),
    /// The call is private and urgent, for this reason (R050, R051).
    MarkPrivate {
        /// Why.
        reason: String,
    },
    /// The supervisor beside the call goes on in another way.
    TurnSupervision(SuperviseMode),
    /// The supervisor beside the call takes the agent's place, who is free.
    TakeOver,
    /// The supervisor beside the call leaves it as it is.
    StopSupervising,
}

/// Whom a caller can be passed on to, or who can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PassTo {
    /// An agent of ours, by extension.
    Agent(AgentId),
    /// The agents of another line: a department.
    Line(LineId),
    /// A number as somebody dials it: an extension, or an outside number by policy.
    Number(String),
}

impl fmt::Display for PassTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(agent) => f.write_str(&agent.0),
            Self::Line(line) => f.write_str(&line.0),
            Self::Number(number) => f.write_str(number),
        }
    }
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It is done, or on its way where a phone or a person has the next turn; events tell.
    Accepted,
    /// A call has begun.
    Began(CallId),
}

/// Why a command was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refused {
    /// There is no such call, or it is over.
    #[error("there is no such call any more")]
    NoSuchCall,
    /// There is no such agent.
    #[error("there is no such agent")]
    NoSuchAgent,
    /// There is no such line.
    #[error("there is no such line")]
    NoSuchLine,
    /// There is no such queue.
    #[error("there is no such queue")]
    NoSuchQueue,
    /// No phone of the agent is registered.
    #[error("no phone of the agent is registered")]
    NoPhone,
    /// The line may not send its calls there.
    #[error("the line's calls may not go there")]
    NoSuchTarget,
    /// The agent is not in the call.
    #[error("the agent is not in this call")]
    NotYours,
    /// It does not fit how things stand.
    #[error("that cannot be done now")]
    WrongState,
    /// The agent's phone does not take such orders.
    #[error("the agent's phone cannot be told to")]
    PhoneCannot,
    /// Whoever is wanted has no phone that can be rung, or is busy.
    #[error("whoever is wanted cannot be rung now")]
    Unavailable,
    /// A reason must be given (R047, R051).
    #[error("a reason must be given")]
    ReasonWanted,
    /// The line's policy, or the agent's, forbids it.
    #[error("policy forbids it")]
    Forbidden,
    /// Somebody in the chain would be skipped, and it is not urgent (R116).
    #[error("only an urgent matter skips a level")]
    SkipsLevel,
    /// What is asked has no meaning: keys that no telephone has, a number that is none.
    #[error("what is asked for cannot be done")]
    Unusable,
    /// It counts from now on, but could not be written down: after a crash it would not be known.
    #[error("it counts from now on, but is not written down yet: the database does not answer")]
    NotKept,
    /// The service is stopping.
    #[error("the service is stopping")]
    Stopping,
}

/// How a command ended.
pub type Answer = Result<Done, Refused>;

impl Call {
    /// Carries out a command, and answers it.
    pub(super) fn command(
        &mut self,
        ticket: Ticket,
        by: &Actor,
        command: CallCommand,
        now: Moment,
    ) {
        let answer = match command {
            CallCommand::Talk => self.click_for(by, false),
            CallCommand::Hold => self.click_for(by, true),
            CallCommand::Release => self.release_to_survey(by, now),
            CallCommand::Record { turn, reason } => {
                let name = by.name().to_owned();
                let demand = RecordingDemand {
                    turn,
                    by: name,
                    reason,
                };
                self.demand(by, demand, now)
            }
            CallCommand::PutOnHold { reason } => self.put_on_hold(by, reason, now),
            CallCommand::Retrieve => self.retrieve(by, now),
            CallCommand::Mute(muted) => self.mute(by, muted, now),
            CallCommand::Press(keys) => self.press(by, &keys, now),
            CallCommand::Transfer(to) => self.pass_to(by, to, now),
            CallCommand::Consult(whom) => self.consult(by, whom, now),
            CallCommand::CompleteConsult => self.complete_consult(by, now),
            CallCommand::CancelConsult => self.cancel_consult(by, now),
            CallCommand::JoinThree => self.join_three(by, now),
            CallCommand::HangUp(reason) => self.hang_up_by(by, reason, now),
            CallCommand::Park => self.park(by, now),
            CallCommand::RaiseHand(raised) => self.raise_hand(by, raised, now),
            CallCommand::Escalate(asked) => self.escalate(by, asked, Vec::new(), now),
            // The switch knows the contacts.
            CallCommand::Emergency(_) => Err(Refused::NoSuchTarget),
            CallCommand::OfferQuality(done) => self.offer_quality(by, done, now),
            CallCommand::MarkPrivate { reason } => self.mark_private(by, &reason, now),
            CallCommand::TurnSupervision(mode) => self.turn_supervisor(by, mode, now),
            CallCommand::TakeOver => self.take_over_call(by, now),
            CallCommand::StopSupervising => self.stop_supervising(by, now),
        };
        self.emit(Output::Answer(ticket, answer));
    }

    fn click_for(&mut self, by: &Actor, hold: bool) -> Answer {
        let agent = by.agent().ok_or(Refused::NotYours)?;
        self.click(agent, hold)
    }
}
