//! The configuration file: one struct a section, and what makes a file wrong.
//!
//! The file is TOML. [`Config::load`] reads it, lays environment variables over it and checks
//! everything that can be known without touching the machine; [`Config::check_host`] looks at
//! folders and prompt files. Every finding is a [`Problem`]: file, line, key, cure.
//! `deploy/thirdring.toml` explains every key.

mod calendar;
mod check;
mod contact;
mod dscp;
mod emergency;
mod environment;
mod flow;
mod host;
mod http;
mod line;
mod manners;
mod media;
mod nuisance;
mod number;
mod outbound;
mod password;
mod problem;
mod quality_desk;
mod queue;
mod register;
mod script;
mod secret;
mod service;
pub mod setup;
mod sip;
mod size;
mod source;
mod stages;
mod team;
mod topics;
mod trace;
mod trunk;
mod webhook;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use calendar::{Calendar, YearError, year_days};
pub use dscp::Dscp;
pub use emergency::Emergency;
pub use flow::{Greeting, Menu, Message, Step, Survey, Waiting};
pub use http::Http;
pub use line::{
    AttemptRings, CadenceTimes, Capture, FormField, FormFieldKind, IdentityPolicy, Line,
    OwnProfile, Profile, Purpose, RecordPolicy, RingbackKind, TransferPolicy,
};
pub use manners::{Manners, PrivateCalls};
pub use media::{Database, Media, PortRange, Recording, RecordingCopy};
pub use nuisance::{Nuisance, NuisancePolicy};
pub use number::NumberPattern;
pub use outbound::Outbound;
pub use password::{PhonePassword, SealedPassword};
pub use problem::{ConfigError, Problem};
pub use quality_desk::QualityDesk;
pub use queue::{BreakRule, Desk, MinimumAt, Overflow, Queue, Strategy};
pub use register::Register;
pub use script::{Script, ScriptText};
pub use secret::Secret;
pub use service::{Log, LogFormat, Service};
pub use sip::{Ban, DigestAlgorithm, KeepAlive, Listener, ListenerTransport, Sip};
pub use stages::Stages;
pub use team::Team;
pub use topics::Topics;
pub use trace::Trace;
pub use trunk::{Agent, DialledFrom, MediaSourceRule, Srtp, Trunk};
pub use webhook::Webhook;

use crate::rules::Teams;
use source::Source;

/// A whole configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `[service]`
    #[serde(default)]
    pub service: Service,
    /// `[log]`
    #[serde(default)]
    pub log: Log,
    /// `[http]`
    #[serde(default)]
    pub http: Http,
    /// `[sip]` and `[[sip.listener]]`
    #[serde(default)]
    pub sip: Sip,
    /// `[media]`
    #[serde(default)]
    pub media: Media,
    /// `[recording]`
    #[serde(default)]
    pub recording: Recording,
    /// `[trace]`
    #[serde(default)]
    pub trace: Trace,
    /// `[database]`
    #[serde(default)]
    pub database: Database,
    /// `[desk]`
    #[serde(default)]
    pub desk: Desk,
    /// `[topics]`
    #[serde(default)]
    pub topics: Topics,
    /// `[[trunk]]`
    #[serde(default, rename = "trunk")]
    pub trunks: Vec<Trunk>,
    /// `[[agent]]`
    #[serde(default, rename = "agent")]
    pub agents: Vec<Agent>,
    /// `[[queue]]`
    #[serde(default, rename = "queue")]
    pub queues: Vec<Queue>,
    /// `[[outbound]]`
    #[serde(default, rename = "outbound")]
    pub outbound: Vec<Outbound>,
    /// `[[calendar]]`
    #[serde(default, rename = "calendar")]
    pub calendars: Vec<Calendar>,
    /// `[[line]]`
    #[serde(default, rename = "line")]
    pub lines: Vec<Line>,
    /// `[[team]]`
    #[serde(default, rename = "team")]
    pub teams: Vec<Team>,
    /// `[[emergency]]`
    #[serde(default, rename = "emergency")]
    pub emergencies: Vec<Emergency>,
    /// `[[webhook]]`
    #[serde(default, rename = "webhook")]
    pub webhooks: Vec<Webhook>,
    #[serde(skip)]
    source: Source,
}

impl Config {
    /// Reads, overlays and checks a configuration file.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place and cure.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            Problem::of_file(
                file,
                format!("cannot be read: {error}"),
                "name another with --config FILE, or make one with `thirdring init`",
            )
        })?;
        Self::read(&text, file, std::env::vars())
    }

    /// Checks a configuration given as text; `file` is what problems name and what relative
    /// paths start from. The environment is not consulted.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place and cure.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        Self::read(text, file, std::iter::empty())
    }

    fn read(
        text: &str,
        file: &Path,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut source = Source::new(file, text);
        let parsed = toml::from_str(text).map_err(|error| source.parse_problem(&error))?;
        let (mut config, table) = environment::overlay(parsed, text, variables)?;
        source.set_table(table);
        config.source = source;
        config.resolve_paths();
        let problems = check::problems(&config);
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError { problems })
        }
    }

    /// What is allowed and yet hardly meant; a service starts with it.
    pub fn warnings(&self) -> Vec<Problem> {
        check::warnings(self)
    }

    /// Looks at what the configuration names on this machine: makes missing folders, proves that
    /// they can be written, and finds the prompt files.
    ///
    /// # Errors
    /// Everything that is missing or forbidden, each with its place and cure.
    pub fn check_host(&self) -> Result<(), ConfigError> {
        let problems = host::problems(self);
        if problems.is_empty() {
            Ok(())
        } else {
            Err(ConfigError { problems })
        }
    }

    /// A problem with the value of `key` (`sip.listener[0].address`), with the key's place in
    /// the file; for findings made elsewhere, such as a port in use.
    pub fn problem(&self, key: &str, what: impl Into<String>, cure: impl Into<String>) -> Problem {
        self.source.problem(key, what.into(), cure.into())
    }

    /// The problem of an address that could not be bound.
    pub fn bind_problem(&self, key: &str, address: SocketAddr, error: &io::Error) -> Problem {
        let kind = error.kind();
        let (what, cure) = if kind == ErrorKind::AddrInUse {
            (
                format!("port {} of {} is in use", address.port(), address.ip()),
                "stop the program that has it (`ss -lnptu` tells which), or write another port",
            )
        } else if kind == ErrorKind::AddrNotAvailable {
            (
                format!("{} is no address of this machine", address.ip()),
                "write one that `ip address` lists",
            )
        } else if kind == ErrorKind::PermissionDenied {
            (
                format!("no permission to bind {address}"),
                "write a port from 1024 up",
            )
        } else {
            (
                format!("{address} cannot be bound: {error}"),
                "write another address",
            )
        };
        self.problem(key, what, cure)
    }

    /// All teams, with their chains (R275).
    pub fn team_rules(&self) -> Teams {
        Teams(self.teams.iter().map(Team::rules).collect())
    }

    /// Whom agents can put callers through to in an emergency (R281).
    pub fn emergency_contacts(&self) -> Vec<Emergency> {
        Emergency::all(&self.emergencies)
    }

    /// Where a line's prompt file lies.
    pub fn prompt_path(&self, name: &str) -> PathBuf {
        self.media.prompts.join(name)
    }

    /// Lets relative paths start at the configuration file instead of the working directory.
    fn resolve_paths(&mut self) {
        let base = self.source.folder();
        for file in self.sip.files().chain(self.http.files()) {
            *file = base.join(&*file);
        }
        self.media.prompts = base.join(&self.media.prompts);
        self.recording.folder = base.join(&self.recording.folder);
        if let Some(spool) = &mut self.recording.spool {
            *spool = base.join(&*spool);
        }
        for calendar in &mut self.calendars {
            if let Some(folder) = &mut calendar.holidays {
                *folder = base.join(&*folder);
            }
        }
        self.trace.folder = base.join(&self.trace.folder);
        for webhook in &mut self.webhooks {
            if let Some(ca) = &mut webhook.ca {
                *ca = base.join(&*ca);
            }
        }
        self.database.resolve(&base);
    }
}
