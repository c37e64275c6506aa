//! What an agent has said of himself: at work or not, and whether calls are welcome. All else of an
//! agent's state follows from phones and live calls.

use serde::{Deserialize, Serialize};

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
}

impl Duty {
    /// Why no calls are taken.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Off | Self::Ready => None,
            Self::Busy { reason } => reason.as_deref(),
            Self::Break { reason } => Some(reason),
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
    /// The shift that the agent logged in for.
    #[serde(default)]
    pub shift: Option<String>,
    /// The phone that the agent logged in at: its address.
    #[serde(default)]
    pub phone: Option<String>,
}

/// Why an agent is busy who let the phone ring too often.
pub const MISSED: &str = "ring_no_answer";
