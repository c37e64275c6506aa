//! `[[outbound]]`: which agents may call which outside numbers, by which trunk, and how much.

use std::time::Duration;

use serde::Deserialize;

use super::RecordPolicy;

/// A policy of calls to outside numbers. An agent whom no policy names calls nobody outside.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbound {
    /// Its name in the log. No default.
    pub name: String,
    /// Extensions of the agents whom it allows. No default.
    pub agents: Vec<String>,
    /// What the numbers begin with; `""` is every number. No default.
    pub prefixes: Vec<String>,
    /// What numbers may not begin with, whatever `prefixes` allows: premium-rate services (R052).
    /// Default none.
    #[serde(default)]
    pub deny: Vec<String>,
    /// The trunk that they go by; it has `peers`, or a `domain`. No default.
    pub trunk: String,
    /// The number of yours that the called party sees. Default none: the call is anonymous.
    #[serde(default)]
    pub caller_id: Option<String>,
    /// Whether the calls are recorded. Default `required`.
    #[serde(default)]
    pub record: RecordPolicy,
    /// Calls that one agent may have open at once. Default 2.
    #[serde(default = "concurrent")]
    pub concurrent: u32,
    /// Calls that one agent may begin within a minute. Default 6.
    #[serde(default = "per_minute")]
    pub per_minute: u32,
    /// Calls that one agent may begin within 24 hours. Default 200.
    #[serde(default = "per_day")]
    pub per_day: u32,
    /// The longest run of adjacent numbers that one agent may call within 24 hours. Default 5.
    #[serde(default = "sequential")]
    pub sequential: u32,
    /// Time that one agent may spend in such calls within 24 hours. Default `6h`.
    #[serde(with = "humantime_serde", default = "time_per_day")]
    pub time_per_day: Duration,
}

const fn concurrent() -> u32 {
    2
}

const fn per_minute() -> u32 {
    6
}

const fn per_day() -> u32 {
    200
}

const fn sequential() -> u32 {
    5
}

const fn time_per_day() -> Duration {
    Duration::from_hours(6)
}
