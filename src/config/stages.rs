//! `[line.stages]`: how long each stage of a line's calls may take.

use std::time::Duration;

use serde::Deserialize;

use crate::rules::StageLimits;

/// A stage that takes longer is flagged on the call's row, and told at the desk when it does (R023).
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stages {
    /// How long a caller may hear it ring. Default none: for as long as it does.
    #[serde(with = "humantime_serde")]
    pub ring: Option<Duration>,
    /// How long a caller may wait for somebody to be free. Default none.
    #[serde(with = "humantime_serde")]
    pub queue: Option<Duration>,
    /// How long a talk may take, with its holds. Default none.
    #[serde(with = "humantime_serde")]
    pub talk: Option<Duration>,
    /// How long one hold may take. Default none.
    #[serde(with = "humantime_serde")]
    pub hold: Option<Duration>,
    /// How long one transfer may take until somebody answers. Default none.
    #[serde(with = "humantime_serde")]
    pub transfer: Option<Duration>,
    /// How long after a call its record may stay open (R087). Default `5m`.
    #[serde(with = "humantime_serde")]
    pub wrap_up: Option<Duration>,
}

impl Default for Stages {
    fn default() -> Self {
        Self {
            ring: None,
            queue: None,
            talk: None,
            hold: None,
            transfer: None,
            wrap_up: Some(Duration::from_mins(5)),
        }
    }
}

impl Stages {
    /// As the rules have it; calling back has a limit of its own.
    pub const fn limits(&self, call_back: Option<Duration>) -> StageLimits {
        StageLimits {
            ring: self.ring,
            queue: self.queue,
            talk: self.talk,
            hold: self.hold,
            transfer: self.transfer,
            wrap_up: self.wrap_up,
            call_back,
        }
    }
}
