//! What an agent has said of himself: at work or not, and whether calls are welcome. All else of an
//! agent's state follows from phones and live calls.

use serde::{Deserialize, Serialize};

use crate::id::AgentId;

/// What an agent, or whoever leads the shift, has said last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "duty", rename_all = "snake_case")]
pub enum Duty {
    /// Not logged in (下线).
    Off,
    /// Takes calls (示闲).
    #[default]
    Ready,
    /// At the desk, and takes none (示忙).
    Busy {
        /// Why, if somebody said so.
        reason: Option<String>,
    },
    /// Away for a while (小休).
    Break {
        /// Why.
        reason: String,
    },
    /// Not at the place for a while, with leave (外出, R265).
    Away {
        /// Why.
        reason: String,
        /// Who stands in.
        substitute: AgentId,
        /// Who has allowed it.
        allowed_by: String,
    },
    /// Gone without leave (离岗, R265).
    Absent {
        /// By what it was noticed: [`MISSED`] or [`LOST`].
        reason: String,
    },
}

/// Somebody wants to leave the place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwayAsked {
    /// Why.
    pub reason: String,
    /// Who is to stand in.
    pub substitute: AgentId,
}

impl Duty {
    /// Why no calls are taken.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Off | Self::Ready => None,
            Self::Busy { reason } => reason.as_deref(),
            Self::Break { reason } | Self::Away { reason, .. } | Self::Absent { reason } => {
                Some(reason)
            }
        }
    }

    /// Who stands in for somebody who is away.
    pub const fn substitute(&self) -> Option<&AgentId> {
        match self {
            Self::Away { substitute, .. } => Some(substitute),
            Self::Off
            | Self::Ready
            | Self::Busy { .. }
            | Self::Break { .. }
            | Self::Absent { .. } => None,
        }
    }
}

/// All that an agent has said, and what is kept of it over a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// At work or not, and whether calls are welcome.
    #[serde(flatten)]
    pub duty: Duty,
    /// The break that was asked for, by its reason, and that nobody has decided on.
    #[serde(default)]
    pub break_asked: Option<String>,
    /// The absence that was asked for and that nobody has decided on.
    #[serde(default)]
    pub away_asked: Option<Box<AwayAsked>>,
    /// The shift that the agent logged in for.
    #[serde(default)]
    pub shift: Option<String>,
    /// The phone that the agent logged in at: its address.
    #[serde(default)]
    pub phone: Option<String>,
}

impl Standing {
    /// Why the agent wants to be on a break, or away, if nobody has decided on it.
    pub fn asks(&self) -> Option<&str> {
        let away = self.away_asked.as_ref().map(|asked| asked.reason.as_str());
        self.break_asked.as_deref().or(away)
    }

    /// Who stands in, or is to stand in.
    pub fn substitute(&self) -> Option<&AgentId> {
        let asked = self.away_asked.as_ref().map(|asked| &asked.substitute);
        self.duty.substitute().or(asked)
    }
}

/// Why an agent is absent who let the phone ring too often.
pub const MISSED: &str = "ring_no_answer";
/// Why an agent is absent whose phone is not registered any more.
pub const LOST: &str = "unregistered";
