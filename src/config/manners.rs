//! `[line.manners]`: what is too long in a line's calls, who is asked for help, what callers hear.

use std::time::Duration;

use serde::Deserialize;

/// How people behave in a line's calls once somebody has answered.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Manners {
    /// File in `media.prompts` that the caller hears before the music of a hold (R034). Default
    /// none.
    pub hold_prompt: Option<String>,
    /// File in `media.prompts` that the caller hears when a hold of at least `hold_warn` ends:
    /// an apology. Default none.
    pub return_apology: Option<String>,
    /// A hold that lasts so long is told of at the desk (R058). Default `30s`.
    #[serde(with = "humantime_serde")]
    pub hold_warn: Duration,
    /// After so long on hold it is time to ask for a number to call back (R058). Default `60s`.
    #[serde(with = "humantime_serde")]
    pub hold_long: Duration,
    /// A parked call goes back to who parked it after so long. Default `60s`.
    #[serde(with = "humantime_serde")]
    pub park_return: Duration,
    /// A caller of whom no audio comes for so long, or who has not said a word yet, is warned, if there is a `silent_warning`, and
    /// after as long again the call is ended. Default none: never.
    #[serde(with = "humantime_serde")]
    pub silent_end: Option<Duration>,
    /// File in `media.prompts` for such a caller. Default none: no warning.
    pub silent_warning: Option<String>,
    /// Extension of the shift leader, whose phone is rung for an agent who needs help by one key
    /// (R067) and is in no team that has a leader. Default none: the desk is told only.
    pub shift_leader: Option<String>,
    /// How often a caller may be passed on; a call that is passed on more often is flagged (R119).
    /// Default 2.
    pub most_transfers: u32,
    /// Whether agents may mark a call as private, with a reason (R049-R051). Default `forbid`.
    pub private_calls: PrivateCalls,
    /// The bound of a private call (R050). Default `3m`.
    #[serde(with = "humantime_serde")]
    pub private_limit: Duration,
}

/// What becomes of a private call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivateCalls {
    /// There is none.
    #[default]
    Forbid,
    /// Its reason is logged.
    Log,
    /// And it is flagged once it passes its bound.
    Limit,
    /// And it is ended then.
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
            most_transfers: 2,
            private_calls: PrivateCalls::Forbid,
            private_limit: Duration::from_mins(3),
        }
    }
}
