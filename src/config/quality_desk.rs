//! `[line.quality_desk]`: whom a caller who complains is offered.

use serde::Deserialize;

/// Quality management (R108): callers who complain are put through to it, or told its number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualityDesk {
    /// What it is called. Default `品质管理部`.
    #[serde(default = "name")]
    pub name: String,
    /// The number that agents read out. Default none: callers are put through only.
    #[serde(default)]
    pub number: Option<String>,
    /// Extension of whoever callers are put through to. Default none.
    #[serde(default)]
    pub agent: Option<String>,
    /// The line whose agents callers are put through to. Default none.
    #[serde(default)]
    pub line: Option<String>,
}

fn name() -> String {
    "品质管理部".to_owned()
}
