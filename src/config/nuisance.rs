//! `line.nuisance`: callers whom a line does not want.

use serde::Deserialize;

use super::NumberPattern;

/// A line's nuisance callers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nuisance {
    /// Their numbers, each one whole or a prefix with a final `*`. No default.
    pub numbers: Vec<NumberPattern>,
    /// What happens to their calls. No default.
    pub policy: NuisancePolicy,
}

/// What happens to a nuisance caller's call. It has a row in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NuisancePolicy {
    /// It is declined (603).
    Reject,
    /// The caller hears that the line is busy (486).
    Busy,
    /// The caller hears the line's announcement, and nobody is rung.
    Announce,
    /// It waits behind everybody else.
    Last,
}
