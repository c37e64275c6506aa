//! What an agent is doing, in the words that agents and metrics use.

use serde::{Deserialize, Serialize};

/// What an agent is doing, as metrics and the desk show it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// Not at work, or without a phone that could be rung (下线).
    #[default]
    Offline,
    /// Phones are registered, and none of them answers.
    Unreachable,
    /// Free to be rung (示闲).
    Ready,
    /// At the desk, and not to be rung (示忙).
    Busy,
    /// Away for a while, with a reason (小休).
    Break,
    /// Out of the house, or busy elsewhere, with somebody's leave and a substitute (外出).
    Away,
    /// Gone without leave: the phone is not registered any more, or rings in vain (离岗).
    Absent,
    /// A phone of theirs is being rung (振铃中).
    Ringing,
    /// In a call (通话中).
    Talking,
    /// Finishing what the last call needs (话后整理).
    WrapUp,
}

impl AgentState {
    /// Every state, in the order of a working day.
    pub const ALL: [Self; 10] = [
        Self::Offline,
        Self::Unreachable,
        Self::Ready,
        Self::Busy,
        Self::Break,
        Self::Away,
        Self::Absent,
        Self::Ringing,
        Self::Talking,
        Self::WrapUp,
    ];

    /// The label that metrics and rows use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Unreachable => "unreachable",
            Self::Ready => "ready",
            Self::Busy => "busy",
            Self::Break => "break",
            Self::Away => "away",
            Self::Absent => "absent",
            Self::Ringing => "ringing",
            Self::Talking => "talking",
            Self::WrapUp => "wrap_up",
        }
    }

    /// Whether who is in it serves callers: with one now, or free for the next.
    pub const fn is_staffed(self) -> bool {
        match self {
            Self::Ready | Self::Ringing | Self::Talking | Self::WrapUp => true,
            Self::Offline
            | Self::Unreachable
            | Self::Busy
            | Self::Break
            | Self::Away
            | Self::Absent => false,
        }
    }
}

impl std::str::FromStr for AgentState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(())
    }
}
