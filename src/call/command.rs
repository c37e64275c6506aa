//! What people at the desk, and programs that work for them, ask of a running call.
//!
//! Whether a person may ask for something is decided before it comes here; a call refuses only
//! what does not fit how it stands.

use super::event::RecordingTurn;
use super::{Call, Output, RecordingDemand};
use crate::id::{AgentId, CallId};
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
                let by = by.name().to_owned();
                self.demand(RecordingDemand { turn, by, reason }, now)
            }
        };
        self.emit(Output::Answer(ticket, answer));
    }

    fn click_for(&mut self, by: &Actor, hold: bool) -> Answer {
        let agent = by.agent().ok_or(Refused::NotYours)?;
        self.click(agent, hold)
    }
}
