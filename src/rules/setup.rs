//! What administrators set up while the service runs, by kind.

use std::fmt;
use std::str::FromStr;

/// A kind of thing that is set up: a list of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SetupKind {
    /// `[[line]]`
    Line,
    /// `[[queue]]`
    Queue,
    /// `[[agent]]`
    Agent,
    /// `[[calendar]]`
    Calendar,
    /// `[[outbound]]`
    Outbound,
    /// `[[team]]`
    Team,
    /// `[[emergency]]`
    Emergency,
}

impl SetupKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Line,
        Self::Queue,
        Self::Agent,
        Self::Calendar,
        Self::Outbound,
        Self::Team,
        Self::Emergency,
    ];

    /// The word that the file, rows, the API and the command line use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Queue => "queue",
            Self::Agent => "agent",
            Self::Calendar => "calendar",
            Self::Outbound => "outbound",
            Self::Team => "team",
            Self::Emergency => "emergency",
        }
    }

    /// The key that a thing of the kind is named by.
    pub const fn name_key(self) -> &'static str {
        match self {
            Self::Agent => "extension",
            Self::Line
            | Self::Queue
            | Self::Calendar
            | Self::Outbound
            | Self::Team
            | Self::Emergency => "name",
        }
    }
}

impl fmt::Display for SetupKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is no kind of thing that is set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is nothing that is set up: write line, queue, agent, calendar, outbound, team or emergency"
)]
pub struct UnknownKind(String);

impl FromStr for SetupKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.into_iter();
        let known = all.find(|kind| kind.as_str() == text);
        known.ok_or_else(|| UnknownKind(text.to_owned()))
    }
}
