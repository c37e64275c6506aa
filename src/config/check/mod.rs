//! What must hold between the keys of a configuration, beyond the form of each.

mod agent;
mod flow;
mod form;
mod http;
mod line;
mod manners;
mod media;
mod outbound;
mod queue;
mod record;
mod sip;
mod team;
mod trunk;
mod webhook;

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Config, Problem, Trace};

/// Everything that is wrong, in the order of the sections.
pub(super) fn problems(config: &Config) -> Vec<Problem> {
    let mut check = Check {
        config,
        found: Vec::new(),
    };
    check.service();
    check.http();
    check.trusted_proxies();
    check.sip();
    check.media();
    check.recording();
    check.trace();
    check.database();
    check.trunks();
    check.agents();
    check.agent_skills();
    check.queues();
    check.outbound();
    check.calendars();
    check.lines();
    check.teams();
    check.emergencies();
    check.webhooks();
    check.topics();
    check.found
}

/// What is allowed, and yet hardly meant.
pub(super) fn warnings(config: &Config) -> Vec<Problem> {
    let mut check = Check {
        config,
        found: Vec::new(),
    };
    check.open_http();
    check.outbound_caller_ids();
    check.found
}

struct Check<'a> {
    config: &'a Config,
    found: Vec<Problem>,
}

impl Check<'_> {
    fn report(&mut self, key: &str, what: impl Into<String>, cure: impl Into<String>) {
        self.found.push(self.config.problem(key, what, cure));
    }

    fn service(&mut self) {
        let zone = &self.config.service.time_zone;
        if jiff::tz::TimeZone::get(zone).is_err() {
            let what = format!("unknown time zone `{zone}`");
            self.report(
                "service.time_zone",
                what,
                "write one such as `Asia/Shanghai`",
            );
        }
        let level = &self.config.log.level;
        if tracing_subscriber::EnvFilter::try_new(level).is_err() {
            let what = format!("bad level `{level}`");
            let cure = "write error, warn, info, debug or trace, or a filter such as \
                        `info,thirdring::sip=debug`";
            self.report("log.level", what, cure);
        }
    }

    fn trace(&mut self) {
        let keep = self.config.trace.keep;
        if self.config.trace.is_on() && keep < Trace::LEAST {
            let cure = "write `0` to keep nothing, or `1MB` or more";
            self.report("trace.keep", "too little for a call", cure);
        }
    }

    fn topics(&mut self) {
        let topics = &self.config.topics;
        if topics.threshold < 2 {
            let what = "a single call would be many";
            self.report("topics.threshold", what, "write 2 or more");
        }
        let (least, most) = (Duration::from_mins(1), Duration::from_hours(31 * 24));
        if !(least..=most).contains(&self.config.topics.window) {
            let cure = "write a time from 1m to 31days";
            self.report("topics.window", "too short or too long", cure);
        }
    }

    fn database(&mut self) {
        let url = self.config.database.url.reveal();
        let known = ["sqlite:", "postgres://", "postgresql://"];
        if !known.iter().any(|scheme| url.starts_with(scheme)) {
            let cure = "write `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/NAME`";
            self.report("database.url", "unknown kind of database", cure);
        }
    }

    /// Reports empty and repeated names of a list's elements.
    fn unique<'n>(&mut self, list: &str, key: &str, names: impl Iterator<Item = &'n str>) {
        let mut seen = BTreeMap::new();
        for (index, name) in names.enumerate() {
            let place = format!("{list}[{index}].{key}");
            if name.trim().is_empty() {
                self.report(&place, format!("the {key} is empty"), "write one");
            } else if let Some(first) = seen.insert(name, index) {
                let what = format!("{key} `{name}` already belongs to {list}[{first}]");
                self.report(&place, what, "give each its own");
            }
        }
    }
}

/// Whether a file name stays inside the folder that it is joined to.
fn is_plain_path(file: &str) -> bool {
    let mut parts = std::path::Path::new(file).components();
    !file.is_empty() && parts.all(|part| matches!(part, std::path::Component::Normal(_)))
}

fn add_or_known<'a>(what: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.collect();
    if known.is_empty() {
        format!("add {what}")
    } else {
        format!("add {what}, or write one of {}", known.join(", "))
    }
}
