//! What the switch is told at its start: listeners, trunks, agents, lines. Values of the core;
//! the configuration file is the shell's.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use super::BanSettings;
use super::toll::Limits;
use super::{DialledFrom, Nuisance};
use crate::call::command::PassTo;
use crate::call::event::OutboundRefusal;
use crate::call::{Line, MediaPlace, RecordPolicy};
use crate::id::{AgentId, QueueId, TrunkId};
use crate::queue::{QueueSettings, Skills, Strategy};
use crate::rules::{Calendar, Teams};
use crate::sdp::{MediaSource, SrtpPolicy};
use crate::sip::auth::{Algorithm, Credentials};
use crate::sip::registration::Account;
use crate::sip::{Flow, Target, Transport};

/// Everything the switch knows of the world before the first datagram.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What `User-Agent` and `Server` say.
    pub user_agent: String,
    /// The digest realm (RFC 7616 §3.3).
    pub realm: String,
    /// How long a call's session lives without a refresh, in seconds (RFC 4028); at least 90.
    pub session_expires_s: u32,
    /// How many wrong passwords lead to what.
    pub ban: BanSettings,
    /// How phones register and are kept an eye on.
    pub phones: PhoneSettings,
    /// Our sockets.
    pub listeners: Vec<ListenerSettings>,
    /// Who may bring calls from outside.
    pub trunks: Vec<TrunkSettings>,
    /// Who may be rung.
    pub agents: Vec<AgentSettings>,
    /// Who may call outside numbers; nobody, without.
    pub outbound: Vec<OutboundSettings>,
    /// What agents dial to hear themselves.
    pub echo: Option<String>,
    /// What may be dialled.
    pub lines: Vec<Arc<LineSettings>>,
    /// The queues that lines share; a line that names none has its own.
    pub queues: Vec<QueueSettings>,
    /// What agents have to say of themselves.
    pub desk: DeskSettings,
    /// When lines are staffed, by the calendars' names.
    pub calendars: BTreeMap<String, Calendar>,
    /// Where media lives.
    pub place: MediaPlace,
    /// From where the media of a trunk may come, where that is not the rule of its description.
    pub media_sources: BTreeMap<TrunkId, MediaSource>,
    /// Whose phones are behind a NAT.
    pub behind_nat: BTreeSet<AgentId>,
    /// Whose audio is to be encrypted.
    pub srtp: SrtpSettings,
}

/// Whose audio is to be encrypted; who is not named has it off.
#[derive(Clone, Debug, Default)]
pub struct SrtpSettings {
    /// By trunk.
    pub trunks: BTreeMap<TrunkId, SrtpPolicy>,
    /// By agent.
    pub agents: BTreeMap<AgentId, SrtpPolicy>,
}

impl SrtpSettings {
    pub(super) fn of_trunk(&self, trunk: &TrunkId) -> SrtpPolicy {
        self.trunks.get(trunk).copied().unwrap_or_default()
    }

    pub(super) fn of_agent(&self, agent: &AgentId) -> SrtpPolicy {
        self.agents.get(agent).copied().unwrap_or_default()
    }
}

/// How phones register and are kept an eye on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhoneSettings {
    /// The shortest registration in seconds; shorter ones get 423.
    pub register_min_s: u32,
    /// The longest registration in seconds; longer ones are cut.
    pub register_max_s: u32,
    /// Registered phones an agent may have at a time.
    pub max_contacts: usize,
    /// How often a phone is asked whether it is there; zero for never.
    pub probe: Duration,
    /// Which phones' ways through a NAT are kept open.
    pub keep_alive: KeepAlive,
}

impl Default for PhoneSettings {
    fn default() -> Self {
        Self {
            register_min_s: 60,
            register_max_s: 3600,
            max_contacts: 4,
            probe: Duration::from_mins(1),
            keep_alive: KeepAlive::Nat,
        }
    }
}

/// Which phones' ways through a NAT are kept open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepAlive {
    /// Those that call themselves something else than what we see.
    Nat,
    /// All that use datagrams.
    All,
    /// None.
    Never,
}

/// One socket of ours.
#[derive(Clone, Debug)]
pub struct ListenerSettings {
    /// Over what.
    pub transport: Transport,
    /// The address it is bound to.
    pub address: SocketAddr,
    /// The address that peers reach it by: it stands in our Via and Contact.
    pub advertised: SocketAddr,
    /// The digest algorithms it offers, the best first; they belong to the listener, so that
    /// answers do not tell accounts apart.
    pub algorithms: Vec<Algorithm>,
}

/// One carrier.
#[derive(Clone, Debug)]
pub struct TrunkSettings {
    /// Its name.
    pub id: TrunkId,
    /// Where its requests come from.
    pub networks: Vec<IpNet>,
    /// The address that it reaches us by, where that is not the listener's.
    pub advertised: Option<SocketAddr>,
    /// The name that its certificate must have: without such a connection it is nobody.
    pub tls_name: Option<String>,
    /// Where calls to outside numbers go, if they may; the first to be tried first.
    pub peers: Vec<Target>,
    /// The name that its peers are found by; they are then what [`Input::Resolved`] says, and
    /// their addresses are the trunk's as well.
    ///
    /// [`Input::Resolved`]: super::Input::Resolved
    pub domain: Option<String>,
    /// How often its peers are asked whether they are there; `None`: never.
    pub probe: Option<Duration>,
    /// What we register with it, if it wants that.
    pub account: Option<Account>,
    /// How many calls it carries at once, in and out.
    pub max_calls: Option<u32>,
    /// How many calls a second.
    pub max_cps: Option<u32>,
    /// The area code that local numbers lack.
    pub area_code: Option<String>,
    /// Where it writes the number dialled, in the order to be looked at.
    pub dialled_from: Vec<DialledFrom>,
}

impl TrunkSettings {
    /// A trunk that calls come in by from these networks, and no more.
    pub fn new(id: impl Into<TrunkId>, networks: Vec<IpNet>) -> Self {
        Self {
            id: id.into(),
            networks,
            advertised: None,
            tls_name: None,
            peers: Vec::new(),
            domain: None,
            probe: None,
            account: None,
            max_calls: None,
            max_cps: None,
            area_code: None,
            dialled_from: vec![DialledFrom::RequestUri],
        }
    }
}

/// What agents have to say of themselves, and what becomes of those who do not answer.
#[derive(Clone, Debug)]
pub struct DeskSettings {
    /// Nobody is rung who has not logged in.
    pub log_in: bool,
    /// A break needs somebody's word.
    pub approve_breaks: bool,
    /// Breaks that are known beforehand, and how long they may last.
    pub breaks: Vec<super::BreakRule>,
    /// So many calls in a row that rang in vain, and the agent is absent until somebody says otherwise.
    pub most_missed: Option<u32>,
    /// So long without a registered phone, and an agent who was at work is absent, too (R265).
    pub absent_after: Option<Duration>,
    /// Where a day begins at midnight.
    pub zone: jiff::tz::TimeZone,
    /// Who works together, and whom they report to (R275).
    pub teams: Teams,
    /// Whom callers can be put through to in an emergency (R281).
    pub emergencies: Vec<EmergencyContact>,
}

/// Somebody whom callers can be put through to in an emergency, whatever else is allowed (R281).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmergencyContact {
    /// The name that agents ask by.
    pub name: String,
    /// Where.
    pub to: PassTo,
    /// The trunks that a number goes by; those of the caller's line, or else any, if there are none.
    pub trunks: Vec<TrunkId>,
}

impl DeskSettings {
    /// The emergency contact of this name.
    pub(super) fn emergency(&self, name: &str) -> Option<&EmergencyContact> {
        self.emergencies.iter().find(|contact| contact.name == name)
    }

    /// The emergency contact who is there.
    pub(super) fn emergency_at(&self, place: &PassTo) -> Option<&EmergencyContact> {
        self.emergencies.iter().find(|contact| contact.to == *place)
    }
}

impl Default for DeskSettings {
    fn default() -> Self {
        Self {
            log_in: false,
            approve_breaks: false,
            breaks: Vec::new(),
            most_missed: None,
            absent_after: None,
            zone: jiff::tz::TimeZone::UTC,
            teams: Teams::default(),
            emergencies: Vec::new(),
        }
    }
}

/// One agent.
#[derive(Clone, Debug)]
pub struct AgentSettings {
    /// The extension.
    pub id: AgentId,
    /// What the phone registers with; `None` for one that does not register.
    pub password: Option<Credentials>,
    /// Where the phone is, if it does not register.
    pub contact: Option<Target>,
    /// Whether the phone at `contact` is asked now and then whether it is there.
    pub probe: bool,
    /// How many calls at once.
    pub max_calls: usize,
    /// Gets no customer's call, whatever queue or transfer it comes by (R251, X18).
    pub is_trainee: bool,
    /// What the agent can, for queues that ring by skills (R114).
    pub skills: Skills,
}

/// A policy of calls to outside numbers: some agents, some numbers, one trunk.
#[derive(Clone, Debug)]
pub struct OutboundSettings {
    /// Its name, for the log.
    pub name: String,
    /// Whom it allows.
    pub agents: Vec<AgentId>,
    /// What the numbers begin with.
    pub prefixes: Vec<String>,
    /// What they may not begin with, whatever is allowed (R052).
    pub deny: Vec<String>,
    /// The trunk that they go by.
    pub trunk: TrunkId,
    /// The number of ours that is presented; `None` calls anonymously.
    pub caller_id: Option<String>,
    /// Whether the calls are recorded.
    pub record: RecordPolicy,
    /// How much of it each agent may have.
    pub limits: Limits,
}

/// One line, as the switch routes to it.
#[derive(Clone, Debug)]
pub struct LineSettings {
    /// What a call on it needs to know.
    pub line: Arc<Line>,
    /// The numbers that lead to it.
    pub numbers: Vec<NumberPattern>,
    /// Its queue; `None` for one of its own, with its name, of `agents` by `strategy`.
    pub queue: Option<QueueId>,
    /// Who may be rung; those of its queue, if it names one.
    pub agents: Vec<AgentId>,
    /// Who is rung first; as its queue has it, if it names one.
    pub strategy: Strategy,
    /// How urgent its calls are, from 0 to [`MOST_URGENT`](crate::queue::MOST_URGENT).
    pub urgency: u32,
    /// How long its agents may work on a call that is over; zero for not at all.
    pub wrap_up: Duration,
    /// Whom its calls may be transferred to.
    pub transfer: TransferPolicy,
    /// Whether what its agents ask others meanwhile is recorded, in a file of its own.
    pub record_consult: RecordPolicy,
    /// The trunks that it takes calls from; empty: all.
    pub trunks: Vec<TrunkId>,
    /// The callers it does not want.
    pub nuisance: Option<Nuisance>,
}

/// A number, or every number that begins with a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NumberPattern {
    /// This number.
    Exact(String),
    /// All that begin like this.
    Prefix(String),
}

/// Whom a line's calls may be transferred to. Nobody, unless said otherwise.
#[derive(Clone, Debug, Default)]
pub struct TransferPolicy {
    /// Our agents.
    pub agents: bool,
    /// Outside numbers that begin so.
    pub prefixes: Vec<String>,
    /// The trunks that outside numbers go by, the first to be tried first.
    pub trunks: Vec<TrunkId>,
    /// An agent's phone that says its user is at such a number is followed there.
    pub redirects: bool,
}

impl LineSettings {
    /// The queue that its callers wait in.
    pub fn queue_id(&self) -> QueueId {
        let own = || QueueId(self.line.id.0.clone());
        self.queue.clone().unwrap_or_else(own)
    }
}

impl Settings {
    /// All queues: those that are named, and those of lines that name none.
    pub(super) fn all_queues(&self) -> Vec<QueueSettings> {
        let own = self.lines.iter().filter(|line| line.queue.is_none());
        let own =
            own.map(|line| QueueSettings::new(line.queue_id(), line.strategy, line.agents.clone()));
        self.queues.iter().cloned().chain(own).collect()
    }

    /// The way to a configured place, by our first socket that fits: UDP where the place leaves
    /// the transport to us, TCP if we speak nothing else.
    pub(super) fn flow_to(&self, target: Target) -> Option<Flow> {
        let usual = [Transport::Udp, Transport::Tcp];
        let transports = match &target.transport {
            Some(transport) => std::slice::from_ref(transport),
            None => &usual,
        };
        let address = target.address;
        let mut ways = transports.iter().filter_map(|transport| {
            let mut listeners = self.listeners.iter();
            listeners.find(|listener| {
                listener.transport == *transport && listener.address.is_ipv4() == address.is_ipv4()
            })
        });
        ways.next().map(|listener| Flow {
            transport: listener.transport,
            local: listener.address,
            peer: address,
        })
    }

    pub(super) fn agent(&self, id: &AgentId) -> Option<&AgentSettings> {
        self.agents.iter().find(|agent| agent.id == *id)
    }

    /// The policy that lets an agent call a number, and by which of its prefixes; the first that
    /// does.
    pub(super) fn outbound_of(
        &self,
        agent: &AgentId,
        number: &str,
    ) -> Result<(&OutboundSettings, &str), OutboundRefusal> {
        let own = || {
            self.outbound
                .iter()
                .filter(|one| one.agents.contains(agent))
        };
        let mut denied = own().flat_map(|policy| &policy.deny);
        if denied.any(|prefix| number.starts_with(prefix.as_str())) {
            return Err(OutboundRefusal::Denied);
        }
        let mut refusal = OutboundRefusal::NoPolicy;
        for policy in own() {
            let mut prefixes = policy.prefixes.iter();
            if let Some(prefix) = prefixes.find(|prefix| number.starts_with(prefix.as_str())) {
                return Ok((policy, prefix));
            }
            refusal = OutboundRefusal::Prefix;
        }
        Err(refusal)
    }

    /// Of the lines that `takes` allows, the one that a dialled number leads to: an exact one
    /// first, else the longest prefix.
    pub(super) fn line_of_number(
        &self,
        dialled: &str,
        takes: impl Fn(&&Arc<LineSettings>) -> bool,
    ) -> Option<&Arc<LineSettings>> {
        let exact = self.lines.iter().filter(&takes).find(|line| {
            let mut numbers = line.numbers.iter();
            numbers.any(|number| matches!(number, NumberPattern::Exact(n) if n == dialled))
        });
        exact.or_else(|| {
            let matches = self.lines.iter().filter(&takes).filter_map(|line| {
                let lengths = line.numbers.iter().filter_map(|number| match number {
                    NumberPattern::Prefix(prefix) => {
                        dialled.starts_with(prefix).then_some(prefix.len())
                    }
                    NumberPattern::Exact(_) => None,
                });
                lengths.max().map(|length| (length, line))
            });
            matches
                .max_by_key(|(length, _)| *length)
                .map(|(_, line)| line)
        })
    }
}
