//! One switch, its phones, a log and a media plane that do as they are asked, on one clock.

mod bustle;
mod carrier;
mod mishap;
mod phone;
mod plane;
mod random;
mod remains;
mod renewal;
mod site;
mod speaking;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use thirdring::call::command::{Answer, Ticket};
use thirdring::call::media::MediaLeg;
use thirdring::call::{CallEvent, DialogChange, OpenDialog};
use thirdring::id::{AgentId, QueueId};
use thirdring::phone::{Command, Extensions, Output as PhoneOutput, PhoneConfig, UserAgent};
use thirdring::queue::{Joining, Overflow, QueueSettings, Strategy, When};
use thirdring::rules::{Moment, Timestamp};
use thirdring::sdp::Codec;
use thirdring::sip::endpoint::Transmit;
use thirdring::sip::{Flow, Transport};
use thirdring::switch::{
    DeskEntry, DeskSettings, Input, KeptBinding, KeptBindings, LineSwitch, ListenerSettings, News,
    Output, Settings, Switch,
};

pub(crate) use site::{EPOCH_US, NUMBER, OUTSIDE, PASSWORD, SWITCH, at, sealed, site};

use crate::behaviour::{AgentHabit, CallerHabit};
use crate::wire::{Datagram, Flying, Wire};
use carrier::Carrier;
use mishap::Mishap;
use phone::{Person, Phone};
use plane::Plane;
use site::DEAD;

/// No call of the simulation lasts longer; whatever still moves then is stuck.
const LONGEST_RUN: Duration = Duration::from_mins(15);

/// What is different from test to test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) strategy: Strategy,
    /// The trunk has a first peer that nobody hears of, before the one that serves.
    pub(crate) dead_peer: bool,
    /// We register with the carrier.
    pub(crate) registers: bool,
    /// The line greets, asks, takes messages and surveys, by this seed; callers press keys.
    pub(crate) speaks: Option<u64>,
    /// How long callers hear it ring before an answer.
    pub(crate) min_ring_ms: u64,
    /// What is asked of agents.
    pub(crate) desk: DeskPlan,
}

/// What is asked of agents.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DeskPlan {
    /// How long agents work on a call after it.
    pub(crate) wrap_up: Duration,
    /// So many calls missed in a row take an agent out.
    pub(crate) most_missed: Option<u32>,
    /// Agents log in.
    pub(crate) log_in: bool,
    /// Breaks need somebody's word.
    pub(crate) approve_breaks: bool,
    /// The first agent has the queue to himself; the others join then.
    pub(crate) others_join: Option<When>,
    /// The last agent is a trainee.
    pub(crate) with_trainee: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            strategy: Strategy::LongestIdle,
            dead_peer: false,
            registers: false,
            desk: DeskPlan::default(),
            speaks: None,
            min_ring_ms: 0,
        }
    }
}

pub(crate) struct World {
    plan: Plan,
    seed: u64,
    rng: StdRng,
    wire: Wire,
    start: Instant,
    now: Instant,
    switch: Option<Switch>,
    phones: Vec<Phone>,
    /// What people press whatever happens: when, and on whose phone.
    buttons: BTreeMap<(Instant, usize), (String, Command)>,
    flying: Flying,
    news: BTreeMap<(Instant, u64), Input>,
    news_count: u64,
    log: Vec<CallEvent>,
    /// What happened at the desk.
    pub(crate) desk: Vec<DeskEntry>,
    /// What came of commands.
    pub(crate) answers: Vec<(Ticket, Answer)>,
    /// What lines were switched to, in order.
    pub(crate) switches: Vec<LineSwitch>,
    /// When somebody at the desk does something, and by what chance.
    acts: BTreeMap<(Instant, u64), u64>,
    /// Orders given so far.
    tickets: u64,
    /// What the desk was told, and when.
    pub(crate) news_told: Vec<(Instant, News)>,
    plane: Plane,
    /// What new phones can.
    extensions: Extensions,
    /// How long sessions live without a refresh, in seconds.
    session_expires_s: u32,
    /// Over what the agents' phones speak.
    transport: Transport,
    /// What goes wrong, and when.
    mishaps: BTreeMap<(Instant, usize), Mishap>,
    carrier: Carrier,
    /// The service was started again.
    restarted: bool,
    /// What was last kept of each agent's registrations.
    kept: BTreeMap<AgentId, Vec<KeptBinding>>,
    /// The dialogs that stand, as they were last told.
    dialogs: BTreeMap<MediaLeg, OpenDialog>,
    /// How many the switch has said, repeats included.
    pub(crate) byes: u32,
}

impl World {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs one arbitrary start"
    )]
    pub(crate) fn new(plan: Plan, wire: Wire, seed: u64) -> Self {
        let start = Instant::now();
        Self {
            plan,
            seed,
            rng: StdRng::seed_from_u64(seed),
            wire,
            start,
            now: start,
            switch: None,
            phones: Vec::new(),
            buttons: BTreeMap::new(),
            flying: Flying::default(),
            news: BTreeMap::new(),
            news_count: 0,
            log: Vec::new(),
            desk: Vec::new(),
            answers: Vec::new(),
            switches: Vec::new(),
            acts: BTreeMap::new(),
            tickets: 0,
            news_told: Vec::new(),
            plane: Plane::new(seed),
            extensions: Extensions::default(),
            session_expires_s: 1800,
            transport: Transport::Udp,
            mishaps: BTreeMap::new(),
            carrier: Carrier::new(),
            restarted: false,
            kept: BTreeMap::new(),
            dialogs: BTreeMap::new(),
            byes: 0,
        }
    }

    /// The phones that are plugged in from now on can this.
    pub(crate) const fn can(&mut self, extensions: Extensions) {
        self.extensions = extensions;
    }

    /// Sessions live so long without a refresh.
    pub(crate) const fn sessions_of(&mut self, seconds: u32) {
        self.session_expires_s = seconds;
    }

    /// Agents' phones that are plugged in from now on speak over this.
    pub(crate) const fn by(&mut self, transport: Transport) {
        self.transport = transport;
    }

    pub(crate) fn agent(&mut self, extension: &str, habit: AgentHabit) {
        let host = 100 + u8::try_from(self.phones.len()).expect("few phones");
        self.phone(extension, at(host, 5060), Person::Agent(habit));
    }

    /// Whoever answers the outside numbers that calls may be passed on to.
    pub(crate) fn outside(&mut self, habit: AgentHabit) {
        self.phone("outside", OUTSIDE, Person::Outside(habit));
    }

    pub(crate) fn caller(&mut self, habit: CallerHabit) {
        let host = 10 + u8::try_from(self.phones.len()).expect("few phones");
        self.phone("13812345678", at(host, 5060), Person::Caller(habit));
        let number = if habit.misdials { "4009999999" } else { NUMBER };
        let phone = self.phones.last_mut().expect("just added");
        phone.intends(
            self.start + Duration::from_secs(5) + habit.dials_at,
            Command::Call {
                to: number.to_owned(),
            },
        );
        if let Some(patience) = habit.gives_up_after {
            let when = self.start + Duration::from_secs(5) + habit.dials_at + patience;
            phone.intends(when, Command::Cancel);
        }
    }

    /// A button that somebody presses, so long after the start; every phone is registered by then.
    pub(crate) fn presses(&mut self, user: &str, after: Duration, command: Command) {
        let when = self.start + Duration::from_secs(5) + after;
        let n = self.buttons.len();
        self.buttons.insert((when, n), (user.to_owned(), command));
    }

    /// Something that reaches the switch from elsewhere, so long after the start.
    pub(crate) fn tells(&mut self, after: Duration, input: Input) {
        let when = self.start + Duration::from_secs(5) + after;
        self.news_count += 1;
        self.news.insert((when, self.news_count), input);
    }

    fn phone(&mut self, user: &str, address: SocketAddr, person: Person) {
        let transport = match person {
            Person::Agent(_) => self.transport,
            Person::Outside(_) | Person::Caller(_) => Transport::Udp,
        };
        let config = PhoneConfig {
            user: user.to_owned(),
            name: None,
            transport,
            sip: address,
            media: SocketAddr::new(address.ip(), 40_000),
            server: SWITCH,
            codecs: vec![Codec::Pcma],
            allow_loopback: false,
            extensions: self.extensions,
        };
        let mut phone = Phone {
            agent: UserAgent::new(config.clone(), self.rng.random()),
            transport,
            link: None,
            links: 0,
            heard: Vec::new(),
            config,
            user: user.to_owned(),
            address,
            person,
            intentions: BTreeMap::new(),
            intended: 0,
        };
        if matches!(phone.person, Person::Agent(_)) {
            phone.registers(self.start);
        }
        self.phones.push(phone);
    }

    pub(crate) fn settings(&self) -> Settings {
        let agents = self.phones.iter();
        let agents = agents.filter(|phone| matches!(phone.person, Person::Agent(_)));
        let mut users: Vec<_> = agents.map(|phone| phone.user.as_str()).collect();
        users.dedup();
        let mut settings = site(&users, None);
        settings.session_expires_s = self.session_expires_s;
        for line in &mut settings.lines {
            let line = Arc::make_mut(line);
            line.strategy = self.plan.strategy;
            line.wrap_up = self.plan.desk.wrap_up;
            Arc::make_mut(&mut line.line).profile.min_ring_ms = self.plan.min_ring_ms;
            if let Some(seed) = self.plan.speaks {
                speaking::speaks(Arc::make_mut(&mut line.line), seed);
            }
        }
        self.staffs(&mut settings);
        if self.plan.dead_peer {
            for trunk in &mut settings.trunks {
                trunk.peers.insert(0, DEAD.into());
            }
        }
        if self.plan.registers {
            for trunk in &mut settings.trunks {
                trunk.account = Some(carrier::account());
            }
        }
        let connections = ListenerSettings {
            transport: Transport::Tcp,
            ..settings.listeners[0].clone()
        };
        settings.listeners.push(connections);
        settings
    }

    fn staffs(&self, settings: &mut Settings) {
        settings.desk = DeskSettings {
            log_in: self.plan.desk.log_in,
            approve_breaks: self.plan.desk.approve_breaks,
            most_missed: self.plan.desk.most_missed,
            ..DeskSettings::default()
        };
        if self.plan.desk.with_trainee
            && let Some(last) = settings.agents.last_mut()
        {
            last.is_trainee = true;
        }
        let Some(when) = self.plan.desk.others_join else {
            return;
        };
        for line in &mut settings.lines {
            let line = Arc::make_mut(line);
            let id = QueueId::from("ladder");
            line.queue = Some(id.clone());
            let own = line.agents.iter().take(1).cloned().collect();
            let others = line.agents.iter().skip(1).cloned().collect();
            let whom = Joining::Agents(others);
            settings.queues.push(QueueSettings {
                overflow: vec![Overflow { when, whom }],
                minimum: 1,
                ..QueueSettings::new(id, self.plan.strategy, own)
            });
        }
    }

    /// Runs until nothing moves any more.
    pub(crate) fn run(&mut self) {
        let settings = self.settings();
        self.switch = Some(Switch::new(
            settings,
            self.rng.random(),
            [7; 32],
            self.moment(),
        ));
        while let Some(next) = self.next_moment().filter(|_| !self.is_quiet()) {
            assert!(
                next < self.start + LONGEST_RUN,
                "seed {}: something still moves after {LONGEST_RUN:?}: {}",
                self.seed,
                self.unrest()
            );
            self.now = self.now.max(next);
            self.step();
        }
    }

    /// When anything happens next. Registrations end after an hour; that is not waited for.
    fn next_moment(&self) -> Option<Instant> {
        let phones = self.phones.iter().flat_map(|phone| {
            let intention = phone.intentions.keys().next().map(|(when, _)| *when);
            [phone.agent.poll_timeout(), intention]
        });
        let switch = self.switch.as_ref().and_then(Switch::poll_timeout);
        let news = self.news.keys().next().map(|(when, _)| *when);
        let button = self.buttons.keys().next().map(|(when, _)| *when);
        let mishap = self.mishaps.keys().next().map(|(when, _)| *when);
        let act = self.acts.keys().next().map(|(when, _)| *when);
        let all = phones
            .chain([switch, news, button, mishap, act])
            .chain([self.flying.next_arrival()])
            .flatten();
        all.filter(|when| *when < self.start + Duration::from_mins(25))
            .min()
    }

    /// Nothing is left to come but the questions to phones whether they are there.
    fn is_quiet(&self) -> bool {
        let switch = self.switch.as_ref();
        let mut phones = self.phones.iter();
        self.now > self.start
            && switch.is_some_and(Switch::is_idle)
            && phones.all(|phone| phone.intentions.is_empty() && phone.agent.is_idle())
            && self.news.is_empty()
            && self.buttons.is_empty()
            && self.acts.is_empty()
            && self.mishaps.values().all(Mishap::changes_nothing_idle)
            && self.flying.next_arrival().is_none()
    }

    fn step(&mut self) {
        let now = self.now;
        while let Some(datagram) = self.flying.arrive(now) {
            self.arrives(&datagram);
            self.settle();
        }
        while let Some(entry) = self.news.first_entry().filter(|entry| entry.key().0 <= now) {
            let input = entry.remove();
            let moment = self.moment();
            self.switch().handle_input(input, moment);
            self.settle();
        }
        while let Some(entry) = self.mishaps.first_entry().filter(|e| e.key().0 <= now) {
            let mishap = entry.remove();
            self.goes_wrong(mishap);
            self.settle();
        }
        while let Some(entry) = self.acts.first_entry().filter(|e| e.key().0 <= now) {
            let chance = entry.remove();
            self.acts(chance);
            self.settle();
        }
        let moment = self.moment();
        if self.switch().poll_timeout().is_some_and(|when| when <= now) {
            self.switch().handle_timeout(moment);
        }
        while let Some(entry) = self.buttons.first_entry().filter(|e| e.key().0 <= now) {
            let (user, command) = entry.remove();
            let phone = self.phones.iter_mut().find(|phone| phone.user == user);
            let phone = phone.expect("a phone of this user");
            phone.agent.handle_command(command, now);
        }
        for phone in &mut self.phones {
            if phone.agent.poll_timeout().is_some_and(|when| when <= now) {
                phone.agent.handle_timeout(now);
            }
            while let Some(entry) = phone.intentions.first_entry().filter(|e| e.key().0 <= now) {
                let command = entry.remove();
                phone.agent.handle_command(command, now);
            }
        }
        self.settle();
    }

    fn arrives(&mut self, datagram: &Datagram) {
        let (now, moment) = (self.now, self.moment());
        if datagram.to == SWITCH {
            let flow = Flow {
                transport: datagram.transport,
                local: SWITCH,
                peer: datagram.from,
            };
            self.switch().handle_message(&datagram.bytes, flow, moment);
            return;
        }
        if datagram.to == OUTSIDE && datagram.bytes.starts_with(b"REGISTER") {
            if let Some(bytes) = self.carrier.hears(&datagram.bytes, moment) {
                self.flies(Datagram {
                    from: OUTSIDE,
                    to: SWITCH,
                    transport: Transport::Udp,
                    bytes,
                });
            }
            return;
        }
        let is_there = |phone: &&mut Phone| match datagram.transport {
            Transport::Udp => phone.address == datagram.to,
            Transport::Tcp | Transport::Tls => phone.address.ip() == datagram.to.ip(),
        };
        if let Some(phone) = self.phones.iter_mut().find(is_there)
            && !phone.is_deaf_to(&datagram.bytes)
        {
            let source = datagram.from;
            phone.agent.handle_datagram(&datagram.bytes, source, now);
        }
    }

    fn flies(&mut self, datagram: Datagram) {
        let (wire, now) = (self.wire, self.now);
        match datagram.transport {
            Transport::Udp => self.flying.send(&datagram, wire, now, &mut self.rng),
            Transport::Tcp | Transport::Tls => self.flying.stream(datagram, wire, now),
        }
    }

    fn settle(&mut self) {
        while let Some(output) = self.switch().poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    self.byes += u32::from(transmit.bytes.starts_with(b"BYE"));
                    self.transmits(transmit);
                }
                Output::Media(command) => {
                    if let Some(report) = self.plane.obey(&command) {
                        self.report(Input::Media(report));
                    }
                    self.listens(&command);
                }
                Output::Bindings(KeptBindings {
                    agent, bindings, ..
                }) => {
                    self.kept.insert(agent, bindings);
                }
                Output::Dialog(DialogChange::Up(open)) => {
                    self.dialogs.insert(open.leg, *open);
                }
                Output::Dialog(DialogChange::Over(leg)) => {
                    self.dialogs.remove(&leg);
                }
                Output::Desk(entry) => self.desk.push(*entry),
                Output::Answer(ticket, answer) => self.answers.push((ticket, answer)),
                Output::News(news) => self.news_told.push((self.now, news)),
                Output::LineSwitch(_, kept) => self.switches.push(kept),
                Output::Store(entry) => {
                    let id = entry.event.id;
                    self.log.push(entry.event);
                    self.report(Input::Stored(vec![id]));
                }
            }
        }
        for index in 0..self.phones.len() {
            while let Some(output) = self.phones[index].agent.poll_output() {
                let phone = &mut self.phones[index];
                match output {
                    PhoneOutput::Transmit(Transmit { flow, bytes }) => {
                        let from = match flow.transport {
                            Transport::Udp => phone.address,
                            Transport::Tcp | Transport::Tls => phone.connection(),
                        };
                        self.flies(Datagram {
                            from,
                            to: flow.peer,
                            transport: flow.transport,
                            bytes,
                        });
                    }
                    PhoneOutput::Event(event) => phone.react(&event, self.now),
                    PhoneOutput::StartMedia(_) | PhoneOutput::StopMedia => {}
                }
            }
        }
    }

    /// By datagram, by the connection that is there, or by a new one to where the message says
    /// that its peer listens.
    fn transmits(&mut self, transmit: Transmit) {
        let peer = transmit.flow.peer;
        let phone = self.phones.iter().find(|it| it.address.ip() == peer.ip());
        let is_up = |place: SocketAddr| {
            phone.is_some_and(|phone| {
                phone.link == Some(place.port()) || phone.address.port() == place.port()
            })
        };
        let to = match transmit.flow.transport {
            Transport::Udp => Some(peer),
            Transport::Tcp | Transport::Tls => [peer, transmit.detour()]
                .into_iter()
                .find(|place| is_up(*place)),
        };
        match to {
            Some(to) => self.flies(Datagram {
                from: SWITCH,
                to,
                transport: transmit.flow.transport,
                bytes: transmit.bytes,
            }),
            None => self.report(Input::SendFailed(transmit)),
        }
    }

    /// The log and the media plane answer a little later.
    fn report(&mut self, input: Input) {
        self.news_count += 1;
        self.news.insert((self.now, self.news_count), input);
    }

    fn moment(&self) -> Moment {
        let since = self.now.saturating_duration_since(self.start);
        Moment {
            instant: self.now,
            wall: Timestamp(EPOCH_US).plus(since),
        }
    }

    fn switch(&mut self) -> &mut Switch {
        self.switch.as_mut().expect("the world runs")
    }
}
