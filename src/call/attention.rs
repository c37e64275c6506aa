//! What somebody at the desk should look at now, beside what the log tells anyway.

use serde::Serialize;

use super::command::{Actor, Answer, Done, Refused};
use super::doing::Doing;
use super::{Call, Output};
use crate::id::AgentId;
use crate::rules::{Level, Moment, Stage, Timestamp};

/// What it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Attention {
    /// The caller has been on hold for long (R058).
    HoldIsLong {
        /// For how long, in milliseconds.
        held_ms: u64,
        /// It is time to ask for a number to call back.
        is_very_long: bool,
    },
    /// An agent asks for help (R066), or no longer does.
    Hand {
        /// Who.
        agent: AgentId,
        /// Asks.
        raised: bool,
    },
    /// An agent wants the next one in the chain, or an urgent matter goes further up (R067, R116).
    Escalated {
        /// Who.
        agent: AgentId,
        /// Whose phone is rung; nobody's where there is no chain.
        to: Option<AgentId>,
        /// Where in the chain that is.
        level: Option<Level>,
        /// It cannot wait.
        urgent: bool,
        /// Who would have been asked before, and is told by this.
        skipped: Vec<AgentId>,
    },
    /// The caller is put through to an emergency contact (R281).
    Emergency {
        /// By whom.
        agent: AgentId,
        /// The contact's name.
        contact: String,
    },
    /// The caller is passed on once more than the line has it (R119).
    PassedOnOften {
        /// How often by now.
        transfers: u32,
    },
    /// A private call comes to its bound, or has passed it (R050).
    PrivateIsLong {
        /// It has passed it.
        is_over: bool,
    },
    /// A stage of the call has taken as long as the line allows (R023).
    StageIsLong {
        /// Which.
        stage: Stage,
        /// How long it may take, in milliseconds.
        limit_ms: u64,
    },
}

/// A hand that is up (R066).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Whose.
    pub agent: AgentId,
    /// Since when.
    pub at: Timestamp,
}

impl Call {
    pub(super) fn attend_to(&mut self, attention: Attention) {
        self.emit(Output::Attention(attention));
    }

    /// R066: the agent asks for help, or no longer does.
    pub(super) fn raise_hand(&mut self, by: &Actor, raised: bool, now: Moment) -> Answer {
        let (_, agent) = self.acting(by, now)?;
        if self.desk().hand.is_some() == raised {
            return Err(Refused::WrongState);
        }
        if raised {
            self.desk().hand = Some(Hand {
                agent: agent.clone(),
                at: now.wall,
            });
            self.tell_hand(agent, true, now);
        } else {
            self.lower_hand(now);
        }
        Ok(Done::Accepted)
    }

    fn tell_hand(&mut self, agent: AgentId, raised: bool, now: Moment) {
        let by = agent.clone();
        self.does(Doing::HandRaised { by, raised }, now);
        self.attend_to(Attention::Hand { agent, raised });
    }

    /// Help has come, or is no longer needed. The hand is whose it was, whoever has the call by now.
    pub(super) fn lower_hand(&mut self, now: Moment) {
        let hand = self.desk.as_mut().and_then(|desk| desk.hand.take());
        if let Some(Hand { agent, .. }) = hand {
            self.tell_hand(agent, false, now);
        }
    }
}
