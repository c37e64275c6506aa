//! Who works here, by what they may do (DESIGN §8).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Takes calls.
    Agent,
    /// Learns to: never gets a customer's call (R251).
    Trainee,
    /// Leads a shift of agents.
    ShiftLeader,
    /// Watches over the hotline's service.
    Supervisor,
    /// Listens to recordings and grades them.
    Qa,
    /// Handles what a department is passed.
    DeptHandler,
    /// Answers for the hotline.
    Manager,
    /// Reads everything that proves what was done, and changes nothing.
    Auditor,
    /// Keeps users and settings; listens to nothing.
    Admin,
    /// Runs the machines; sees no personal data.
    Ops,
}

impl Role {
    /// Every role, in the order of DESIGN §8.
    pub const ALL: [Self; 10] = [
        Self::Agent,
        Self::Trainee,
        Self::ShiftLeader,
        Self::Supervisor,
        Self::Qa,
        Self::DeptHandler,
        Self::Manager,
        Self::Auditor,
        Self::Admin,
        Self::Ops,
    ];

    /// The word that rows, the API and the command line use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Trainee => "trainee",
            Self::ShiftLeader => "shift_leader",
            Self::Supervisor => "supervisor",
            Self::Qa => "qa",
            Self::DeptHandler => "dept_handler",
            Self::Manager => "manager",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
            Self::Ops => "ops",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|role| role.as_str() == word);
        known.ok_or_else(|| format!("write one of {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// What a program that works for a user may do of what the user may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Read calls, and be told of them.
    #[serde(rename = "calls:read")]
    CallsRead,
    /// Do something with a running call.
    #[serde(rename = "calls:control")]
    CallsControl,
    /// See telephone numbers in full.
    #[serde(rename = "numbers:reveal")]
    NumbersReveal,
    /// Hear and take out recordings.
    #[serde(rename = "recordings:read")]
    RecordingsRead,
    /// See agents, queues, lines and trunks.
    #[serde(rename = "desk:read")]
    DeskRead,
    /// See queues, lines, the day's figures and agents' states, for a wallboard; nothing else.
    #[serde(rename = "wallboard:read")]
    WallboardRead,
    /// Change agents' states.
    #[serde(rename = "agents:control")]
    AgentsControl,
    /// See customers, their calls and messages.
    #[serde(rename = "customers:read")]
    CustomersRead,
    /// Write customers and messages down.
    #[serde(rename = "customers:write")]
    CustomersWrite,
    /// Read the audit.
    #[serde(rename = "audit:read")]
    AuditRead,
    /// Keep users and settings.
    #[serde(rename = "admin")]
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 11] = [
        Self::CallsRead,
        Self::CallsControl,
        Self::NumbersReveal,
        Self::RecordingsRead,
        Self::DeskRead,
        Self::WallboardRead,
        Self::AgentsControl,
        Self::CustomersRead,
        Self::CustomersWrite,
        Self::AuditRead,
        Self::Admin,
    ];

    /// The word that rows, the API and the command line use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CallsRead => "calls:read",
            Self::CallsControl => "calls:control",
            Self::NumbersReveal => "numbers:reveal",
            Self::RecordingsRead => "recordings:read",
            Self::DeskRead => "desk:read",
            Self::WallboardRead => "wallboard:read",
            Self::AgentsControl => "agents:control",
            Self::CustomersRead => "customers:read",
            Self::CustomersWrite => "customers:write",
            Self::AuditRead => "audit:read",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|scope| scope.as_str() == word);
        known.ok_or_else(|| format!("write one of {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}
