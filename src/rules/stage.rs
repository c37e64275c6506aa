//! The stages of a call, and how long each may take (R023).

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The caller hears it ring.
    Ring,
    /// The caller waits for somebody to be free.
    Queue,
    /// The caller speaks with somebody; holds are within it.
    Talk,
    /// The caller is on hold.
    Hold,
    /// The caller is passed on.
    Transfer,
    /// The record is written up, from the end of the call on.
    WrapUp,
    /// Somebody is to be called back.
    CallBack,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 7] = [
        Self::Ring,
        Self::Queue,
        Self::Talk,
        Self::Hold,
        Self::Transfer,
        Self::WrapUp,
        Self::CallBack,
    ];

    /// The word that rows, metrics and the API use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            Self::Queue => "queue",
            Self::Talk => "talk",
            Self::Hold => "hold",
            Self::Transfer => "transfer",
            Self::WrapUp => "wrap_up",
            Self::CallBack => "call_back",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How long each stage of a line's calls may take; `None` is for as long as it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageLimits {
    /// Of ringing.
    pub ring: Option<Duration>,
    /// Of waiting.
    pub queue: Option<Duration>,
    /// Of the talk.
    pub talk: Option<Duration>,
    /// Of one hold.
    pub hold: Option<Duration>,
    /// Of one transfer.
    pub transfer: Option<Duration>,
    /// Of writing up.
    pub wrap_up: Option<Duration>,
    /// Of calling back.
    pub call_back: Option<Duration>,
}

impl StageLimits {
    /// The limit of a stage.
    pub const fn of(&self, stage: Stage) -> Option<Duration> {
        match stage {
            Stage::Ring => self.ring,
            Stage::Queue => self.queue,
            Stage::Talk => self.talk,
            Stage::Hold => self.hold,
            Stage::Transfer => self.transfer,
            Stage::WrapUp => self.wrap_up,
            Stage::CallBack => self.call_back,
        }
    }
}
