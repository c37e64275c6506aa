//! `[service]` and `[log]`: the process itself and what operators read of it.

use std::time::Duration;

use serde::Deserialize;

/// The process as a whole.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Service {
    /// What this node is called in logs. Default `thirdring`.
    pub node: String,
    /// The site's time zone, an IANA name; tables are printed in it, stored times are UTC.
    /// Default `Asia/Shanghai`.
    pub time_zone: String,
    /// How long calls may go on after SIGTERM before they are ended with BYE. Default `30s`.
    #[serde(with = "humantime_serde")]
    pub grace: Duration,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            node: "thirdring".to_owned(),
            time_zone: "Asia/Shanghai".to_owned(),
            grace: Duration::from_secs(30),
        }
    }
}

/// The log on standard error.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// For people or for machines. Default `human`.
    pub format: LogFormat,
    /// A level or a filter such as `info,thirdring::sip=debug`; the environment variable
    /// `RUST_LOG` goes before it. Default `info`.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Human,
            level: "info".to_owned(),
        }
    }
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One line of text an event, coloured on a terminal.
    Human,
    /// One JSON object a line.
    Json,
}
