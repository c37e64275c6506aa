//! What the API's routes work with.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use jiff::tz::TimeZone;
use tokio::sync::watch;

use super::desk::Desk;
use super::events::Hub;
use super::idempotency::Running;
use super::phones::ListenerView;
use super::recordings::Plays;
use super::reports::ReportNews;
use super::seats::Seats;
use super::set_up::SetupNews;
use super::statistics::Figures;
use super::throttle::NameThrottle;
use super::vitals::Vitals;
use crate::access::Passwords;
use crate::archive::Archive;
use crate::clock::Clock;
use crate::config::{Config, Emergency, Line, QualityDesk};
use crate::id::{AgentId, LineId, QueueId};
use crate::rules::{Code, ScreenPop, Teams, Timestamp};
use crate::setup::Administration;
use crate::store::Store;

/// What the API is built from.
pub struct Parts {
    /// The log, and who may use the API.
    pub store: Store,
    /// The recordings.
    pub archive: Archive,
    /// What is going on.
    pub desk: Arc<dyn Desk>,
    /// Who is who here, from now on.
    pub site: watch::Receiver<Arc<Site>>,
    /// What is set up, and how it is changed.
    pub setup: Administration,
    /// Makes and proves passwords.
    pub passwords: Passwords,
    /// Whoever knows how the service is.
    pub vitals: Arc<dyn Vitals>,
    /// The site's time zone: it decides which day it is.
    pub zone: TimeZone,
    /// Agents' names are shown to wallboards.
    pub wallboard_names: bool,
    /// Where the SIP messages of calls are kept, if they are.
    pub trace: Option<PathBuf>,
    /// Served over HTTPS.
    pub is_secure: bool,
    /// Reverse proxies, which are believed who it is that asks.
    pub trusted_proxies: Vec<IpNet>,
}

/// Who works here, and on which lines.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// The time zone that people here live in, an IANA name.
    pub time_zone: String,
    /// Where phones register.
    pub listeners: Vec<ListenerView>,
    /// Agents, by extension.
    pub agents: BTreeMap<AgentId, AgentInfo>,
    /// Lines, by name.
    pub lines: BTreeMap<LineId, LineInfo>,
    /// The page of another program that opens with a call.
    pub screen_pop: Option<ScreenPop>,
    /// Earlier calls of a caller are counted for so long (R072).
    pub lately: Duration,
    /// Who works together, and whom they report to (R275).
    pub teams: Teams,
    /// Whom callers can be put through to in an emergency (R281).
    pub emergencies: Vec<Emergency>,
    /// Why agents may be away, as far as it is known beforehand.
    pub breaks: Vec<BreakInfo>,
    /// Other breaks have to be allowed.
    pub breaks_need_leave: bool,
}

/// A reason to be away, as configured.
#[derive(Clone, Debug, Default)]
pub struct BreakInfo {
    /// As agents give it.
    pub reason: String,
    /// How long such a break may last.
    pub longest: Duration,
    /// Nobody has to allow it.
    pub at_once: bool,
}

/// An agent, as configured.
#[derive(Clone, Debug, Default)]
pub struct AgentInfo {
    /// Who it is.
    pub name: String,
    /// The work number that the agent says; the extension, where there is none.
    pub work_number: Option<String>,
}

/// A line, as configured.
#[derive(Clone, Debug, Default)]
pub struct LineInfo {
    /// The numbers that callers dial.
    pub numbers: Vec<String>,
    /// Who answers.
    pub agents: Vec<AgentId>,
    /// The prompts that it plays.
    pub prompts: BTreeSet<String>,
    /// What its callers can be made to hear in an emergency (R279).
    pub announcements: Vec<String>,
    /// The queue that its callers wait in; `None` if it has one of its own.
    pub queue: Option<QueueId>,
    /// The purposes that callers ring for.
    pub purposes: Vec<Code>,
    /// Whether its callers may be passed on to agents.
    pub passes_to_agents: bool,
    /// What outside numbers begin with that its callers may be passed on to.
    pub passes_to: Vec<String>,
    /// Whom a caller who complains is offered (R108).
    pub quality_desk: Option<QualityDesk>,
}

impl Site {
    /// The configuration's agents and lines.
    pub fn of(config: &Config) -> Self {
        let agents = config.agents.iter().map(|agent| {
            let info = AgentInfo {
                name: agent.name.clone(),
                work_number: agent.work_number.clone(),
            };
            (AgentId(agent.extension.clone()), info)
        });
        let lines = config.lines.iter().map(|line| {
            let numbers = line.numbers.iter().map(|number| {
                let rest = if number.is_prefix() { "*" } else { "" };
                format!("{}{rest}", number.digits())
            });
            let purposes = line.purpose_tree().ok();
            let info = LineInfo {
                numbers: numbers.collect(),
                agents: agents_of(config, line),
                prompts: line.prompts().map(|(_, file)| file.to_owned()).collect(),
                announcements: announcements_of(line),
                queue: line.queue.clone().map(QueueId),
                purposes: purposes.map_or_else(Vec::new, |tree| tree.codes().to_vec()),
                passes_to_agents: line.transfer.agents,
                passes_to: line.transfer.prefixes.clone(),
                quality_desk: line.quality_desk.clone(),
            };
            (LineId(line.name.clone()), info)
        });
        Self {
            time_zone: config.service.time_zone.clone(),
            listeners: config.sip.listeners.iter().map(ListenerView::of).collect(),
            agents: agents.collect(),
            lines: lines.collect(),
            // A template that is none does not pass the check of the configuration.
            screen_pop: config.desk.screen_pop().unwrap_or_default(),
            lately: config.desk.lately,
            teams: config.team_rules(),
            emergencies: config.emergency_contacts(),
            breaks: breaks_of(config),
            breaks_need_leave: config.desk.approve_breaks,
        }
    }
}

impl Site {
    /// The queue of a line: one that it shares, or its own, which has its name.
    pub(super) fn queue_of(&self, line: &LineId) -> QueueId {
        let info = self.lines.get(line);
        let shared = info.and_then(|info| info.queue.clone());
        shared.unwrap_or_else(|| QueueId(line.0.clone()))
    }
}

fn breaks_of(config: &Config) -> Vec<BreakInfo> {
    let known = config.desk.breaks.iter().map(|rule| BreakInfo {
        reason: rule.reason.clone(),
        longest: rule.longest,
        at_once: rule.at_once || !config.desk.approve_breaks,
    });
    known.collect()
}

/// Who answers a line: its queue's agents, or its own.
fn agents_of(config: &Config, line: &Line) -> Vec<AgentId> {
    let mut queues = config.queues.iter();
    let named = line.queue.as_ref();
    let shared = named.and_then(|name| queues.find(|queue| queue.name == *name));
    let agents = shared.map_or(&line.agents, |queue| &queue.agents);
    agents.iter().cloned().map(AgentId).collect()
}

/// Those of its emergency plan, and the one that it has for every day.
fn announcements_of(line: &Line) -> Vec<String> {
    let own = line.emergency.iter().chain(&line.announcement);
    let mut files: Vec<_> = own.cloned().collect();
    // One file may be both.
    let mut known = BTreeSet::new();
    files.retain(|file| known.insert(file.clone()));
    files
}

/// What the API's routes work with; cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

/// The parts, and what grows beside them.
pub struct Inner {
    parts: Parts,
    clock: Clock,
    pub(super) hub: Hub,
    pub(super) seats: Arc<Seats>,
    pub(super) running: Running,
    pub(super) figures: Figures,
    _setup_news: SetupNews,
    _report_news: ReportNews,
    pub(super) plays: Plays,
    pub(super) names: NameThrottle,
    /// Counts what has been taken back: sessions, tokens, rights. It is looked again who still may
    /// follow events.
    pub(super) revoked: watch::Sender<u64>,
    /// The service stops: streams that would go on for ever end.
    pub(super) stopping: watch::Sender<bool>,
}

impl Deref for Inner {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl Deref for Api {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Api {
    /// The API of these parts; it follows what happens from now on. To be called on a runtime.
    pub fn new(parts: Parts) -> Self {
        let hub = Hub::start(parts.desk.live(), &parts.store, Clock.wall());
        let revoked = watch::Sender::new(0);
        let seats = Arc::<Seats>::default();
        // It ends with the last to hold the sender.
        tokio::spawn(Arc::clone(&seats).watch(parts.store.clone(), Clock, revoked.subscribe()));
        let figures = Figures::start(
            parts.desk.live(),
            parts.store.clone(),
            hub.frames(),
            parts.site.clone(),
            parts.zone.clone(),
            Clock,
        );
        let report_news = ReportNews::start(parts.store.report_news(), hub.frames());
        let setup_news = SetupNews::start(parts.setup.clone(), hub.frames());
        Self(Arc::new(Inner {
            parts,
            clock: Clock,
            hub,
            seats,
            running: Running::default(),
            figures,
            _setup_news: setup_news,
            _report_news: report_news,
            plays: Plays::default(),
            names: NameThrottle::new(),
            revoked,
            stopping: watch::Sender::new(false),
        }))
    }

    /// Ends the streams that would go on for ever: a server that stops waits for its answers.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Who is who here now.
    pub(super) fn site(&self) -> Arc<Site> {
        self.parts.site.borrow().clone()
    }

    /// The wall clock.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.wall()
    }

    /// The queue of a line.
    pub(super) fn queue_of(&self, line: &LineId) -> QueueId {
        self.site().queue_of(line)
    }

    /// Something has been taken back.
    pub(super) fn has_revoked(&self) {
        self.revoked.send_modify(|count| *count += 1);
    }
}
