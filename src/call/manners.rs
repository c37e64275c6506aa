//! How people behave in a line's calls: what is too long, who is asked for help, what callers hear.

use std::time::Duration;

use super::command::PassTo;
use super::line::Prompt;
use crate::id::AgentId;
use crate::rules::StageLimits;

/// A line's habits once somebody has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manners {
    /// What the caller hears before the music of a hold (R034).
    pub hold_prompt: Option<Prompt>,
    /// What the caller hears at the end of a hold that was long: an apology.
    pub return_apology: Option<String>,
    /// From then on a hold is long (R058).
    pub hold_warn: Duration,
    /// From then on it is time to ask for a number to call back (R058).
    pub hold_long: Duration,
    /// A parked call goes back to who parked it after so long.
    pub park_return: Duration,
    /// A caller of whom nothing comes for so long is warned, and after as long again the call is
    /// ended; never without this (X03).
    pub silent_end: Option<Duration>,
    /// What such a caller is told.
    pub silent_warning: Option<String>,
    /// Whose phone is rung for an agent who needs the shift leader (R067).
    pub shift_leader: Option<AgentId>,
    /// Whom a caller who complains can be put through to (R108).
    pub quality_desk: Option<QualityDesk>,
    /// A caller who is passed on more often than this is passed on too often (R119).
    pub most_transfers: u32,
    /// Whether calls may be private (R049-R051).
    pub private_calls: PrivateCalls,
    /// The bound of a private call (R050).
    pub private_limit: Duration,
    /// How long each stage may take (R023).
    pub limits: StageLimits,
}

/// Quality management, as a line's agents offer it (R108).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualityDesk {
    /// What it is called.
    pub name: String,
    /// The number that is read out.
    pub number: Option<String>,
    /// Where callers are put through to.
    pub to: Option<PassTo>,
}

/// Whether an agent may mark a call as private (X04).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PrivateCalls {
    /// No (R049).
    #[default]
    Forbid,
    /// With a reason, which is logged (R051).
    Log,
    /// The same; what passes the bound is flagged (R050).
    Limit,
    /// The same; what passes the bound is ended.
    End,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            hold_prompt: None,
            return_apology: None,
            hold_warn: Duration::from_secs(30),
            hold_long: Duration::from_mins(1),
            park_return: Duration::from_mins(1),
            silent_end: None,
            silent_warning: None,
            shift_leader: None,
            quality_desk: None,
            most_transfers: 2,
            private_calls: PrivateCalls::Forbid,
            private_limit: Duration::from_mins(3),
            limits: StageLimits::default(),
        }
    }
}
