//! The core's one door: all calls, agents and waiting callers of a node behind one sans-IO
//! machine. Datagrams, news of the media plane and of the log go in; datagrams, orders to the
//! media plane and log entries come out.

mod admit;
mod agents;
mod attend;
mod authorise;
mod ban;
mod board;
mod breaks;
mod broken;
mod bucket;
mod carry;
mod command;
mod contacts;
mod course;
mod desk;
mod dial;
mod dialled;
mod doings;
mod emergency;
mod farewell;
mod gate;
mod hunt;
mod inquiry;
mod news;
mod nuisance;
mod outbound;
mod outside;
mod overview;
mod phones;
mod probe;
mod refusal;
mod registration;
mod renewal;
mod replace;
mod route;
mod sealed;
mod settings;
mod snapshot;
mod source;
mod staffing;
mod toll;
mod trunk;
mod ways;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use rand::SeedableRng;
use rand::rngs::StdRng;

pub use agents::{AgentEntry, DeskEntry, KeptAgent, KeptDesk, OrderEntry, QueueCommand};
pub use ban::BanSettings;
pub use board::{AgentNow, Board, QueueNow, Waiter};
pub use breaks::BreakRule;
pub use bucket::{Bucket, Rate};
pub use command::Command;
pub use dialled::DialledFrom;
pub use emergency::{Diversion, LineCommand, LineSwitch};
pub use gate::{Acquaintance, Gate, Lane};
pub use news::News;
pub use nuisance::Nuisance;
pub use overview::{AgentInView, LineInView, Overview};
pub use refusal::{Reason, Refusals};
pub use registration::{KeptBinding, KeptBindings};
pub use settings::{
    AgentSettings, DeskSettings, EmergencyContact, KeepAlive, LineSettings, ListenerSettings,
    NumberPattern, OutboundSettings, PhoneSettings, Settings, SrtpSettings, TransferPolicy,
    TrunkSettings,
};
pub use snapshot::{Snapshot, TrunkSnapshot};
pub use source::Source;
pub use toll::Limits;

use crate::call::command::{Actor, Answer, Ticket};
use crate::call::media::{MediaCommand, MediaEvent, MediaLeg};
use crate::call::{Call, DialogChange, DialogName, Entry, Input as CallInput, OpenDialog};
use crate::id::{AgentId, CallId, EventId, LineId, TrunkId};
use crate::queue::{Agents, Queues, Waiting};
use crate::rules::{Calendar, Moment};
use crate::sip::auth::{Authenticator, Credentials};
use crate::sip::endpoint::{ClientTx, Endpoint, EndpointConfig, Event, ServerTx, Transmit};
use crate::sip::registrar::{Registrar, RegistrarConfig};
use crate::sip::{Flow, Method, Response, Target, Transport, endpoint};
use desk::Desk;
use farewell::Farewell;
use phones::Phones;
use renewal::Retired;
use staffing::Minimums;
use trunk::{Inquiry, Trunks};

/// What reaches the switch beside datagrams.
#[derive(Clone, Debug)]
pub enum Input {
    /// The log has made these events durable.
    Stored(Vec<EventId>),
    /// The media plane reports.
    Media(MediaEvent),
    /// Lines are staffed as these say from now on.
    Calendars(BTreeMap<String, Calendar>),
    /// Lines, queues, agents, calendars and whom agents may call are set up so from now on. Calls
    /// that are up go on as they began; everything else of the settings stays as it is.
    Settings(Box<Settings>),
    /// Lines that were switched to something else before a restart.
    Switches(Vec<LineSwitch>),
    /// Registrations from before a restart; before the first message, unless they could not be read
    /// by then.
    Registrations(Vec<KeptBinding>),
    /// The desk from before a restart; the registrations follow, and until then nothing is told.
    /// What somebody has said since the start stands.
    Desk(KeptDesk),
    /// Dialogs that a crash has left open: their peers are told that they are over.
    LeftOpen(Vec<OpenDialog>),
    /// Somebody at the desk asks for something. Whoever gives this has made sure that the person
    /// may ask for it, and has chosen a ticket that is not in use.
    Command(Ticket, Actor, Command),
    /// The shell could not send this.
    SendFailed(Transmit),
    /// A connection is up. `names` are those of [`TrunkSettings::tls_name`] that the peer's
    /// certificate was verified to have.
    Connected {
        /// The connection.
        flow: Flow,
        /// What it proved.
        names: Vec<String>,
    },
    /// A connection is gone.
    Disconnected(Flow),
    /// A trunk's domain is these peers now, the first to be tried first.
    Resolved(TrunkId, Vec<SocketAddr>),
    /// Take no new calls from now on; running ones go on.
    Drain,
    /// End every call now.
    Stop,
}

/// What the switch wants done.
#[derive(Clone, Debug)]
pub enum Output {
    /// Put this on the wire.
    Transmit(Transmit),
    /// Order this from the media plane, in order.
    Media(MediaCommand),
    /// Make this durable, in order, and say so with [`Input::Stored`].
    Store(Entry),
    /// Keep this over a restart; nobody waits for it.
    Bindings(KeptBindings),
    /// Keep this over a restart; whoever asked for it is answered when it is durable.
    LineSwitch(Ticket, LineSwitch),
    /// Keep this over a crash, in order; nobody waits for it.
    Dialog(DialogChange),
    /// Keep this of the desk, in order; nobody waits for it.
    Desk(Box<DeskEntry>),
    /// What came of a command.
    Answer(Ticket, Answer),
    /// Tell the desk, if it listens.
    News(News),
}

/// A call, and what must be forgotten with it.
#[derive(Debug)]
struct Entrant {
    call: Call,
    arrival: u64,
    since: Instant,
    line: Option<LineId>,
    trunk: Option<TrunkId>,
    /// The agent who made the call: not to be rung meanwhile.
    author: Option<AgentId>,
    /// `None` for a call that we make for an agent.
    invite: Option<ServerTx>,
    dialogs: Vec<DialogName>,
    legs: Vec<MediaLeg>,
    requests: Vec<ClientTx>,
    deadline: Option<Instant>,
    /// Its row has its end.
    has_ended: bool,
    /// Its next step is to fail.
    is_sabotaged: bool,
    /// Commands that it has not answered.
    tickets: Vec<Ticket>,
    /// What the request is answered with in whose step it failed.
    asked: Option<(ServerTx, Response)>,
}

/// All calls, agents and queues of a node.
pub struct Switch {
    settings: Settings,
    lines: BTreeMap<LineId, Arc<LineSettings>>,
    rng: StdRng,
    /// Seeds the SRTP keys of calls.
    key_rng: StdRng,
    endpoint: Endpoint,
    registrar: Registrar,
    phones: Phones,
    /// Agents whose registrations are to be kept anew; true if a phone came, moved or left.
    unkept: BTreeMap<AgentId, bool>,
    /// Both clocks when the wall clock was last set.
    clocks: Moment,
    /// Agents whose phone is configured to be somewhere, by where that is.
    fixed: BTreeMap<IpAddr, Vec<(Target, AgentId)>>,
    authenticators: BTreeMap<(Transport, SocketAddr), Authenticator>,
    /// Connections whose peer has proved by certificate to be somebody.
    proven: BTreeMap<Flow, Vec<String>>,
    passwords: BTreeMap<String, Credentials>,
    bans: ban::Bans,
    refusals: Refusals,
    /// The gate is to be told whom we know.
    acquaintance_changed: bool,
    trunks: Trunks,
    agents: Agents,
    waiting: Waiting,
    queues: Queues,
    desk: Desk,
    /// Lines that are switched to something else.
    emergencies: BTreeMap<LineId, LineSwitch>,
    ledger: toll::Ledger,
    /// What older calls still need of settings that are no more.
    retired: Retired,
    /// Who answers for the outside legs of a call.
    billed: BTreeMap<CallId, BTreeSet<AgentId>>,

    /// In boxes of their own: the map would keep room for as many again.
    calls: BTreeMap<CallId, Box<Entrant>>,
    by_invite: HashMap<ServerTx, CallId>,
    by_request: HashMap<ClientTx, (CallId, MediaLeg, Method)>,
    by_dialog: HashMap<DialogName, (CallId, MediaLeg)>,
    by_leg: HashMap<MediaLeg, CallId>,
    /// INVITEs that a leg was sent, by the numbers of their `CSeq`.
    invites_sent: HashMap<MediaLeg, BTreeMap<u32, ClientTx>>,
    inquiries: HashMap<ClientTx, Inquiry>,
    /// BYEs in dialogs that a crash had left open.
    farewells: HashMap<ClientTx, Farewell>,
    /// Legs that hold a channel of a trunk.
    channels: HashMap<MediaLeg, TrunkId>,
    unstored: HashMap<EventId, CallId>,
    /// Calls that are gone and whose recordings were not sealed by then, with their arrivals.
    unsealed: BTreeMap<CallId, Moment>,
    deadlines: BTreeSet<(Instant, CallId)>,

    touched: Vec<CallId>,
    /// Calls in whose step the program failed.
    broken: Vec<(CallId, Box<Entrant>)>,
    calls_broken: u64,
    /// Dialogs of such calls whose peers have not acknowledged our 2xx yet.
    unacknowledged: BTreeMap<DialogName, OpenDialog>,
    hunt_wanted: bool,
    hunt_at: Option<Instant>,
    /// Who a stranger's request, now on its way through the endpoint, has proved to be.
    vouched: Option<String>,
    arrivals: u64,
    draining: bool,
    outputs: VecDeque<Output>,
}

impl Switch {
    /// A switch without calls. `seed` makes every id, tag and branch; `secret` signs nonces.
    pub fn new(settings: Settings, seed: u64, secret: [u8; 32], now: Moment) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        // An id needs 64 bits that nobody guesses, a key needs more: the nonces' secret has them.
        // It stands there as another value than where it signs.
        let key_rng = StdRng::from_seed(secret.map(|octet| octet ^ 0x5A));
        let config = EndpointConfig {
            user_agent: settings.user_agent.clone(),
            ..EndpointConfig::default()
        };
        let (agents, queues) = desk::staff(&settings, now.instant);
        let everybody = settings.agents.iter().map(|agent| agent.id.clone());
        let orders = queues.ids().map(|queue| {
            let order = queues.order(queue, &agents).cloned();
            (queue.clone(), order.collect())
        });
        let board = Board::new(everybody, orders, now.wall);
        let registrar = RegistrarConfig {
            min_expires: settings.phones.register_min_s,
            default_expires: settings.phones.register_max_s,
            max_expires: settings.phones.register_max_s,
            max_contacts: settings.phones.max_contacts,
        };
        let authenticators = settings.listeners.iter().map(|listener| {
            let algorithms = listener.algorithms.clone();
            let realm = settings.realm.clone();
            (
                (listener.transport, listener.address),
                Authenticator::new(realm, algorithms, secret, listener.address),
            )
        });
        let lines = settings.lines.iter();
        let passwords = renewal::passwords(&settings.agents);
        let mut switch = Self {
            endpoint: Endpoint::new(config, StdRng::from_rng(&mut rng)),
            registrar: Registrar::new(registrar),
            phones: Phones::default(),
            unkept: BTreeMap::new(),
            clocks: now,
            fixed: renewal::fixed_phones(&settings.agents),
            authenticators: authenticators.collect(),
            proven: BTreeMap::new(),
            bans: ban::Bans::new(settings.ban, passwords.keys().cloned()),
            passwords,
            refusals: Refusals::default(),
            acquaintance_changed: true,
            trunks: Trunks::new(&settings.trunks, &mut rng, now.instant),
            agents,
            waiting: Waiting::default(),
            queues,
            desk: Desk::new(board, Minimums::of(&settings, now.instant)),
            emergencies: BTreeMap::new(),
            ledger: toll::Ledger::default(),
            retired: Retired::default(),
            billed: BTreeMap::new(),
            lines: lines
                .map(|line| (line.line.id.clone(), Arc::clone(line)))
                .collect(),
            settings,
            rng,
            key_rng,
            calls: BTreeMap::new(),
            by_invite: HashMap::new(),
            by_request: HashMap::new(),
            by_dialog: HashMap::new(),
            by_leg: HashMap::new(),
            invites_sent: HashMap::new(),
            inquiries: HashMap::new(),
            farewells: HashMap::new(),
            channels: HashMap::new(),
            unstored: HashMap::new(),
            unsealed: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            touched: Vec::new(),
            broken: Vec::new(),
            calls_broken: 0,
            unacknowledged: BTreeMap::new(),
            hunt_wanted: false,
            hunt_at: None,
            vouched: None,
            arrivals: 0,
            draining: false,
            outputs: VecDeque::new(),
        };
        switch.place_fixed_phones(now);
        switch
    }

    /// Takes the octets of one SIP message, and the way they came.
    /// Whether it was heard; a stranger's message that was refused, or belongs to nothing, was not.
    pub fn handle_message(&mut self, bytes: &[u8], flow: Flow, now: Moment) -> bool {
        let heard = self.admit(bytes, flow, now);
        self.settle(now);
        heard
    }

    /// Moves the switch by one input.
    pub fn handle_input(&mut self, input: Input, now: Moment) {
        match input {
            Input::Stored(events) => {
                for event in events {
                    if let Some(call) = self.unstored.remove(&event) {
                        self.feed(call, CallInput::Stored(event), now);
                    }
                }
            }
            Input::Media(MediaEvent::Broke { call }) => self.break_off(call),
            Input::Media(event) => {
                if let Some(call) = self.call_of(&event) {
                    if self.calls.contains_key(&call) {
                        self.feed(call, CallInput::Media(event), now);
                    } else {
                        self.sealed_late(call, event, now);
                    }
                }
            }
            Input::Calendars(calendars) => self.settings.calendars = calendars,
            Input::Settings(settings) => self.renew(*settings, now),
            Input::Switches(kept) => self.restore_switches(kept),
            Input::Registrations(kept) => {
                self.restore(kept, now);
                self.desk.is_restoring = false;
            }
            Input::Desk(kept) => self.restore_desk(kept, now),
            Input::LeftOpen(dialogs) => self.take_leave(&dialogs, now),
            Input::Command(ticket, by, command) => self.command(ticket, by, command, now),
            Input::SendFailed(transmit) => self.endpoint.handle_send_error(&transmit, now.instant),
            Input::Connected { flow, names } => {
                if !names.is_empty() {
                    self.proven.insert(flow, names);
                    self.acquaintance_changed = true;
                }
            }
            Input::Disconnected(flow) => {
                self.acquaintance_changed |= self.proven.remove(&flow).is_some();
                self.endpoint.handle_disconnect(flow, now.instant);
                self.connection_lost(flow, now);
            }
            Input::Resolved(trunk, peers) => {
                let peers: Vec<_> = peers.into_iter().map(Target::from).collect();
                self.trunks.resolved(&trunk, &peers, now.instant);
                self.acquaintance_changed = true;
            }
            Input::Drain => self.drain_trunks(),
            Input::Stop => {
                self.drain_trunks();
                let calls: Vec<_> = self.calls.keys().copied().collect();
                for call in calls {
                    self.feed(call, CallInput::Stop, now);
                }
            }
        }
        self.settle(now);
    }

    /// No more calls, and none to be sent to us.
    fn drain_trunks(&mut self) {
        self.draining = true;
        self.trunks.leave();
    }

    /// Whether a phone of the agent, in a call, can be answered from elsewhere.
    pub fn hears_clicks(&self, agent: &AgentId) -> bool {
        let mut calls = self.agents.calls_of(agent);
        calls.any(|id| {
            let entrant = self.calls.get(&id);
            entrant.is_some_and(|entrant| entrant.call.hears_clicks(agent))
        })
    }

    /// Fires whatever is due at `now`.
    pub fn handle_timeout(&mut self, now: Moment) {
        self.endpoint.handle_timeout(now.instant);
        self.trunks.handle_timeout(now.instant);
        self.registrar.handle_timeout(now.instant);
        self.probes_due(now);
        // Each once: a call that wants the same moment again gets it at the next tick.
        let later = (now.instant, CallId(uuid::Uuid::max()));
        let due: Vec<_> = self.deadlines.range(..=later).copied().collect();
        for (at, call) in due {
            if !self.deadlines.remove(&(at, call)) {
                continue;
            }
            if let Some(entrant) = self.calls.get_mut(&call) {
                entrant.deadline = None;
                self.step(call, None, |call| call.handle_timeout(now));
            }
            self.settle(now);
        }
        self.hunt_wanted |= self.agents.handle_timeout(now.instant);
        if self.hunt_at.is_some_and(|at| at <= now.instant) {
            self.hunt_wanted = true;
        }
        self.settle(now);
    }

    /// The next output, oldest first. Drain it after every `handle_*`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let calls = self.deadlines.first().map(|(due, _)| *due);
        let own = [
            self.endpoint.poll_timeout(),
            self.registrar.poll_timeout(),
            self.phones.poll_timeout(),
            self.trunks.poll_timeout(),
            self.hunt_at,
            self.agents.poll_timeout(),
            self.desk.minimums.due,
            calls,
        ];
        own.into_iter().flatten().min()
    }

    /// Lets everything that an input has set in motion come to rest.
    fn settle(&mut self, now: Moment) {
        self.watch_clock(now);
        self.watch_day(now);
        self.watch_minimums(now);
        loop {
            while let Some(change) = self.registrar.poll_output() {
                self.registration(change, now);
            }
            while let Some(output) = self.trunks.poll_output() {
                self.inquire(output, now);
            }
            if let Some(output) = self.endpoint.poll_output() {
                match output {
                    endpoint::Output::Transmit(transmit) => {
                        self.outputs.push_back(Output::Transmit(transmit));
                    }
                    endpoint::Output::Event(event) => self.sip_event(event, now),
                }
            } else if let Some((id, entrant)) = self.broken.pop() {
                self.end_broken(id, entrant, now);
            } else if let Some(call) = self.touched.pop() {
                self.drain(call, now);
            } else if self.hunt_wanted {
                self.hunt_wanted = false;
                self.hunt(now);
            } else if !self.see_off(now) {
                break;
            }
        }
        self.tell_desk(now);
        self.give_bindings(now);
    }

    fn sip_event(&mut self, event: Event, now: Moment) {
        match event {
            Event::Request { tx, request, flow } => self.request(tx, request, flow, now),
            Event::Cancelled { tx, cancel } => {
                if let Some(call) = self.by_invite.get(&tx).copied() {
                    self.feed(call, CallInput::Cancelled(cancel), now);
                }
            }
            Event::Acknowledged { dialog, ack } => {
                if let Some((call, leg)) = self.by_dialog.get(&DialogName::from(&dialog)).copied() {
                    self.feed(call, CallInput::Acknowledged(leg, ack), now);
                } else {
                    self.acknowledged_late(&dialog, now);
                }
            }
            Event::AckMissing { tx: _, dialog } => {
                if let Some((call, leg)) = self.by_dialog.get(&DialogName::from(&dialog)).copied() {
                    self.feed(call, CallInput::AckMissing(leg), now);
                } else {
                    self.acknowledged_late(&dialog, now);
                }
            }
            Event::Response {
                tx,
                response,
                source,
            } => {
                if self.probe_answered(tx, true, now)
                    || self.farewell_answered(tx, Some(response.status))
                {
                } else if let Some(inquiry) = self.inquiries.get(&tx).copied() {
                    self.inquiry_answered(tx, inquiry, &response, source, now);
                } else if self.answer_challenge(tx, &response, source, now) {
                    self.by_request.remove(&tx);
                } else if let Some((call, leg, _)) = self.by_request.get(&tx) {
                    let (call, leg) = (*call, *leg);
                    self.feed(call, CallInput::Response(leg, response), now);
                }
            }
            Event::TransportFailed { tx } if self.probe_failed(tx, now) => {}
            Event::TimedOut { tx } | Event::TransportFailed { tx } => {
                if self.probe_answered(tx, false, now) || self.farewell_answered(tx, None) {
                } else if let Some(inquiry) = self.inquiries.remove(&tx) {
                    self.trunks.answered(inquiry, None, now.instant);
                } else if let Some((call, leg, method)) = self.by_request.remove(&tx) {
                    self.feed(call, CallInput::TimedOut(leg, method), now);
                }
            }
        }
    }
}
