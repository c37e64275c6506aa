//! `[topics]`: what callers ring about so often that those who answer for the hotline read of it.

use std::time::Duration;

use serde::Deserialize;

/// When a report is written (R110).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Topics {
    /// The purposes that are counted, by code; a kind of one is counted under its own code only.
    /// Default: complaints, reports of misconduct, repairs, calls for help and suggestions, with
    /// the kinds that are built in. `[]`: none.
    pub purposes: Vec<String>,
    /// So many calls about one of them are reported. At least 2. Default 5.
    pub threshold: u32,
    /// Within so long, which slides. From 1 minute to 31 days. Default 24 hours.
    #[serde(with = "humantime_serde")]
    pub window: Duration,
}

impl Default for Topics {
    fn default() -> Self {
        let purposes = [
            "complaint",
            "complaint.quality",
            "complaint.operation",
            "complaint.stability",
            "complaint.attitude",
            "complaint.price",
            "complaint.major",
            "report",
            "repair",
            "repair.urgent",
            "repair.leak",
            "help",
            "suggestion",
        ];
        Self {
            purposes: purposes.map(str::to_owned).to_vec(),
            threshold: 5,
            window: Duration::from_hours(24),
        }
    }
}
