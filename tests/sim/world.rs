//! One switch, its phones, a log and a media plane that do as they are asked, on one clock.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use thirdring::call::event::{LegQuality, RecordingSummary, Ringback};
use thirdring::call::media::{MediaCommand, MediaEvent, MediaLeg};
use thirdring::call::{CallEvent, EventKind, Line, MediaPlace, RecordPolicy};
use thirdring::id::{AgentId, CallId, LineId, TrunkId};
use thirdring::phone::{Command, Event, Extensions, Output as PhoneOutput, PhoneConfig, UserAgent};
use thirdring::queue::Strategy;
use thirdring::rules::{Cadence, Moment, PickupProfile, Timestamp};
use thirdring::sdp::{AddressPolicy, Codec};
use thirdring::sip::auth::Algorithm;
use thirdring::sip::{Flow, StatusCode, Transport};
use thirdring::switch::{
    AgentSettings, Input, LineSettings, ListenerSettings, NumberPattern, Output, PhoneSettings,
    Settings, Switch, TransferPolicy, TrunkSettings,
};

use crate::behaviour::{AgentHabit, CallerHabit, Reaction, random_extensions};
use crate::call_log::CallLog;
use crate::dialled;
use crate::wire::{Datagram, Flying, Wire};

pub(crate) const SWITCH: SocketAddr = at(1, 5060);
/// Where the trunk takes calls to outside numbers.
pub(crate) const OUTSIDE: SocketAddr = at(60, 5060);
/// A peer of the trunk that is down.
const DEAD: SocketAddr = at(61, 5060);
pub(crate) const NUMBER: &str = "4001234567";
pub(crate) const PASSWORD: &str = "a long secret";
/// 2026-11-21T00:00:00Z.
pub(crate) const EPOCH_US: i64 = 1_795_219_200_000_000;
/// No call of the simulation lasts longer; whatever still moves then is stuck.
const LONGEST_RUN: Duration = Duration::from_mins(15);

pub(crate) const fn at(host: u8, port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, host)), port)
}

/// What is different from test to test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) strategy: Strategy,
    /// The trunk has a first peer that nobody hears of, before the one that serves.
    pub(crate) dead_peer: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            strategy: Strategy::LongestIdle,
            dead_peer: false,
        }
    }
}

#[derive(Debug)]
enum Person {
    Agent(AgentHabit),
    /// Somebody outside, whom the trunk calls for us.
    Outside(AgentHabit),
    Caller(CallerHabit),
}

#[derive(Debug)]
struct Phone {
    agent: UserAgent,
    user: String,
    address: SocketAddr,
    person: Person,
    config: PhoneConfig,
    /// What the person does next, and when.
    intentions: BTreeMap<(Instant, u32), Command>,
    intended: u32,
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
    ports: BTreeSet<MediaLeg>,
    ports_opened: u16,
    files: BTreeMap<CallId, bool>,
    /// What new phones can.
    extensions: Extensions,
    /// How long sessions live without a refresh, in seconds.
    session_expires_s: u32,
    /// Phones that lose their power for a moment, and forget everything.
    restarts: BTreeSet<(Instant, usize)>,
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
            ports: BTreeSet::new(),
            ports_opened: 0,
            files: BTreeMap::new(),
            extensions: Extensions::default(),
            session_expires_s: 1800,
            restarts: BTreeSet::new(),
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

    /// The phone of this user loses its power for a moment, so long after the start.
    pub(crate) fn restarts(&mut self, user: &str, after: Duration) {
        let when = self.start + Duration::from_secs(5) + after;
        let index = self.phones.iter().position(|phone| phone.user == user);
        self.restarts
            .insert((when, index.expect("a phone of this user")));
    }

    /// One to four agents and one to six callers of any habit, over a wire of any badness.
    pub(crate) fn random(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed ^ 0x7468_6972_6472);
        let wire = Wire {
            lost_per_mille: [0, 0, 50, 200][rng.random_range(0..4)],
            doubled_per_mille: [0, 100][rng.random_range(0..2)],
            longest_delay: Duration::from_millis([0, 20, 300][rng.random_range(0..3)]),
        };
        let strategy = [Strategy::LongestIdle, Strategy::RingAll][rng.random_range(0..2)];
        let plan = Plan {
            strategy,
            dead_peer: rng.random_range(0..4) == 0,
        };
        let mut world = Self::new(plan, wire, seed);
        world.session_expires_s = [90, 600][rng.random_range(0..2)];
        if rng.random_range(0..2) == 0 {
            world.can(random_extensions(&mut rng));
            world.outside(AgentHabit::random(&mut rng));
        }
        for n in 1..=rng.random_range(1..=4) {
            world.can(random_extensions(&mut rng));
            world.agent(&format!("100{n}"), AgentHabit::random(&mut rng));
        }
        for _ in 0..rng.random_range(1..=6) {
            world.can(random_extensions(&mut rng));
            world.caller(CallerHabit::random(&mut rng));
        }
        for index in 0..world.phones.len() {
            if rng.random_range(0..8) == 0 {
                let after = Duration::from_millis(rng.random_range(0..40_000));
                let when = world.start + Duration::from_secs(5) + after;
                world.restarts.insert((when, index));
            }
        }
        world
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
        let config = PhoneConfig {
            user: user.to_owned(),
            name: None,
            transport: Transport::Udp,
            sip: address,
            media: SocketAddr::new(address.ip(), 40_000),
            server: SWITCH,
            codecs: vec![Codec::Pcma],
            allow_loopback: false,
            extensions: self.extensions,
        };
        let mut phone = Phone {
            agent: UserAgent::new(config.clone(), self.rng.random()),
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

    fn settings(&self) -> Settings {
        let agents = self.phones.iter();
        let agents = agents.filter(|phone| matches!(phone.person, Person::Agent(_)));
        let users: Vec<_> = agents.map(|phone| phone.user.as_str()).collect();
        let mut settings = site(&users, None);
        settings.session_expires_s = self.session_expires_s;
        for line in &mut settings.lines {
            Arc::make_mut(line).strategy = self.plan.strategy;
        }
        if self.plan.dead_peer {
            for trunk in &mut settings.trunks {
                trunk.peers.insert(0, DEAD.into());
            }
        }
        settings
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
                "seed {}: something still moves after {LONGEST_RUN:?}",
                self.seed
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
        let restart = self.restarts.first().map(|(when, _)| *when);
        let all = phones
            .chain([switch, news, button, restart, self.flying.next_arrival()])
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
            && self.flying.next_arrival().is_none()
    }

    fn step(&mut self) {
        let now = self.now;
        while let Some(datagram) = self.flying.arrive(now) {
            if datagram.to == SWITCH {
                let moment = self.moment();
                self.switch().handle_message(
                    &datagram.bytes,
                    Flow::udp(SWITCH, datagram.from),
                    moment,
                );
            } else if let Some(phone) = self.phones.iter_mut().find(|p| p.address == datagram.to)
                && !phone.is_deaf_to(&datagram.bytes)
            {
                phone
                    .agent
                    .handle_datagram(&datagram.bytes, datagram.from, now);
            }
            self.settle();
        }
        while let Some(entry) = self.news.first_entry().filter(|entry| entry.key().0 <= now) {
            let input = entry.remove();
            let moment = self.moment();
            self.switch().handle_input(input, moment);
            self.settle();
        }
        while let Some((when, index)) = self.restarts.first().copied()
            && when <= now
        {
            self.restarts.remove(&(when, index));
            self.restart(index);
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

    /// A phone forgets its call, its registration and what it owes; whoever uses it may press
    /// buttons again. An agent's registers at once.
    fn restart(&mut self, index: usize) {
        let seed = self.rng.random();
        let now = self.now;
        let phone = &mut self.phones[index];
        phone.agent = UserAgent::new(phone.config.clone(), seed);
        phone.intentions.clear();
        if matches!(phone.person, Person::Agent(_)) {
            phone.registers(now);
        }
    }

    fn settle(&mut self) {
        while let Some(output) = self.switch().poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    let datagram = Datagram {
                        from: SWITCH,
                        to: transmit.flow.peer,
                        bytes: transmit.bytes,
                    };
                    self.flying
                        .send(&datagram, self.wire, self.now, &mut self.rng);
                }
                Output::Media(command) => self.obey(&command),
                Output::Bindings(_) => {}
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
                    PhoneOutput::Transmit(transmit) => {
                        let from = phone.address;
                        let datagram = Datagram {
                            from,
                            to: transmit.flow.peer,
                            bytes: transmit.bytes,
                        };
                        self.flying
                            .send(&datagram, self.wire, self.now, &mut self.rng);
                    }
                    PhoneOutput::Event(event) => phone.react(&event, self.now),
                    PhoneOutput::StartMedia(_) | PhoneOutput::StopMedia => {}
                }
            }
        }
    }

    /// The media plane: does at once what it is told.
    fn obey(&mut self, command: &MediaCommand) {
        let report = match *command {
            MediaCommand::Open { leg, local, .. } => {
                assert!(
                    self.ports.insert(leg),
                    "seed {}: a leg opened twice",
                    self.seed
                );
                self.ports_opened += 1;
                let address = SocketAddr::new(local, 20_000 + 2 * self.ports_opened);
                MediaEvent::Opened { leg, address }
            }
            MediaCommand::Close { leg } => {
                assert!(
                    self.ports.remove(&leg),
                    "seed {}: a leg closed twice",
                    self.seed
                );
                MediaEvent::Closed {
                    leg,
                    quality: LegQuality::default(),
                }
            }
            MediaCommand::OpenRecording { call, .. } => {
                self.files.insert(call, false);
                MediaEvent::RecordingReady { call }
            }
            MediaCommand::StartRecording { call } => {
                self.files.insert(call, true);
                return;
            }
            MediaCommand::CloseRecording { call } => match self.files.remove(&call) {
                Some(true) => MediaEvent::RecordingSealed {
                    call,
                    recording: sealed(call),
                },
                Some(false) => return,
                None => panic!("seed {}: a recording closed twice", self.seed),
            },
            MediaCommand::Connect { leg, .. }
            | MediaCommand::HearFrom { leg, .. }
            | MediaCommand::Unbridge { leg }
            | MediaCommand::Adopt { leg, .. }
            | MediaCommand::Play { leg, .. }
            | MediaCommand::StopPlay { leg } => return self.must_be_open(leg),
            MediaCommand::Bridge { a, b } => {
                self.must_be_open(a);
                return self.must_be_open(b);
            }
        };
        self.report(Input::Media(report));
    }

    fn must_be_open(&self, leg: MediaLeg) {
        assert!(
            self.ports.contains(&leg),
            "seed {}: an order for a leg that is not open",
            self.seed
        );
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

    /// What the log holds, a call each, in the order of their arrival.
    pub(crate) fn calls(&self) -> Vec<CallLog> {
        let mut order = Vec::new();
        let mut calls: BTreeMap<CallId, Vec<CallEvent>> = BTreeMap::new();
        for event in &self.log {
            if !calls.contains_key(&event.call) {
                order.push(event.call);
            }
            calls.entry(event.call).or_default().push(event.clone());
        }
        order
            .into_iter()
            .filter_map(|call| calls.remove(&call).map(CallLog))
            .collect()
    }

    pub(crate) fn only_call(&self) -> CallLog {
        let mut calls = self.calls();
        assert_eq!(calls.len(), 1, "{calls:#?}");
        calls.remove(0)
    }

    /// Every call has one arrival and one end; nothing of any call is left anywhere.
    pub(crate) fn nothing_is_left(&self) {
        let seed = self.seed;
        for call in self.calls() {
            let count =
                |test: fn(&EventKind) -> bool| call.0.iter().filter(|e| test(&e.kind)).count();
            let arrivals = count(|kind| matches!(kind, EventKind::Arrived { .. }));
            let ends = count(|kind| matches!(kind, EventKind::Ended { .. }));
            let answers = count(|kind| matches!(kind, EventKind::Answered { .. }));
            assert_eq!((arrivals, ends), (1, 1), "seed {seed}: {call:#?}");
            assert!(answers <= 1, "seed {seed}: {call:#?}");
        }
        let switch = self.switch.as_ref().expect("the world ran");
        assert!(
            switch.is_idle(),
            "seed {seed}: the switch is not idle: {:#?}",
            switch.snapshot()
        );
        for phone in &self.phones {
            assert!(phone.agent.is_idle(), "seed {seed}: {phone:#?} is not idle");
        }
        assert!(
            self.ports.is_empty(),
            "seed {seed}: ports are left: {:?}",
            self.ports
        );
        assert!(
            self.files.is_empty(),
            "seed {seed}: recordings are left: {:?}",
            self.files
        );
    }
}

impl Phone {
    fn registers(&mut self, when: Instant) {
        let register = Command::Register {
            user: self.user.clone(),
            password: PASSWORD.to_owned(),
            registrar: SWITCH,
            expires: Duration::from_hours(1),
        };
        self.intends(when, register);
    }

    fn holds(&mut self, holds: Option<(Duration, Duration)>, now: Instant) {
        if let Some((wait, length)) = holds {
            self.intends(now + wait, Command::Hold);
            self.intends(now + wait + length, Command::Resume);
        }
    }

    fn intends(&mut self, when: Instant, command: Command) {
        self.intended += 1;
        self.intentions.insert((when, self.intended), command);
    }

    /// A dead phone still hears what its registrar says.
    fn is_deaf_to(&self, bytes: &[u8]) -> bool {
        let is_dead = matches!(
            self.person,
            Person::Agent(AgentHabit {
                reaction: Reaction::Dead,
                ..
            })
        );
        is_dead && !bytes.starts_with(b"SIP/2.0")
    }

    /// The person hears something and makes up their mind.
    fn react(&mut self, event: &Event, now: Instant) {
        match (&self.person, event) {
            (Person::Agent(habit) | Person::Outside(habit), Event::Incoming { .. }) => {
                match habit.reaction {
                    Reaction::Answers(wait) => {
                        self.intends(now, Command::Ring(StatusCode::RINGING));
                        self.intends(now + wait, Command::Answer);
                    }
                    Reaction::Rings => self.intends(now, Command::Ring(StatusCode::RINGING)),
                    Reaction::Refuses(status) => {
                        self.intends(now, Command::Reject(StatusCode::new(status)));
                    }
                    Reaction::Dead => {}
                }
            }
            (Person::Agent(habit) | Person::Outside(habit), Event::Answered) => {
                let AgentHabit {
                    leaves_after,
                    passes_on,
                    holds,
                    ..
                } = *habit;
                self.holds(holds, now);
                if let Some(wait) = leaves_after {
                    self.intends(now + wait, Command::HangUp);
                }
                if let Some((wait, to)) = passes_on {
                    let to = to.to_owned();
                    self.intends(now + wait, Command::Refer { to });
                }
            }
            (Person::Caller(habit), Event::Answered) => {
                let CallerHabit { talks, holds, .. } = *habit;
                self.holds(holds, now);
                self.intends(now + talks, Command::HangUp);
            }
            (_, Event::Ended { .. }) => {
                // What was meant for that call is not meant for the next one.
                self.intentions
                    .retain(|_, command| matches!(command, Command::Register { .. }));
            }
            _ => {}
        }
    }
}

/// A hotline of these agents, who register, or are at `contact`.
pub(crate) fn site(users: &[&str], contact: Option<SocketAddr>) -> Settings {
    let ids: Vec<_> = users
        .iter()
        .map(|user| AgentId((*user).to_owned()))
        .collect();
    let cadence = Cadence::CHINA;
    let line = Line {
        id: LineId::from("hotline"),
        cadence,
        profile: PickupProfile::within_3(cadence),
        ringback: Ringback::Network,
        attempt_rings_shared: 2,
        attempt_rings_last: 5,
        max_preanswer: Duration::from_secs(45),
        log_digits: false,
        follow_redirects: false,
        notice: None,
        announcement: None,
        hold_music: None,
        record: RecordPolicy::Required,
        default_purpose: Some("consultation".to_owned()),
    };
    Settings {
        user_agent: "thirdring".to_owned(),
        realm: "thirdring".to_owned(),
        session_expires_s: 1800,
        ban: thirdring::switch::BanSettings::default(),
        // Only phones that said nothing to a call are asked whether they are there.
        phones: PhoneSettings {
            probe: Duration::ZERO,
            ..PhoneSettings::default()
        },
        media_sources: BTreeMap::new(),
        behind_nat: BTreeSet::new(),
        listeners: vec![ListenerSettings {
            transport: Transport::Udp,
            address: SWITCH,
            advertised: SWITCH,
            algorithms: vec![Algorithm::Md5],
        }],
        trunks: vec![TrunkSettings {
            peers: vec![OUTSIDE.into()],
            ..TrunkSettings::new("carrier", vec!["192.0.2.0/26".parse().expect("a network")])
        }],
        agents: ids
            .iter()
            .map(|id| AgentSettings {
                id: id.clone(),
                password: Some(PASSWORD.to_owned()),
                contact: contact.map(Into::into),
                probe: false,
                max_calls: 1,
            })
            .collect(),
        outbound: dialled::policies(&ids),
        echo: Some(dialled::ECHO.to_owned()),
        lines: vec![Arc::new(LineSettings {
            line: Arc::new(line),
            numbers: vec![NumberPattern::Exact(NUMBER.to_owned())],
            agents: ids,
            strategy: Strategy::LongestIdle,
            transfer: TransferPolicy {
                agents: true,
                prefixes: vec!["010".to_owned()],
                trunks: vec![TrunkId::from("carrier")],
            },
            record_consult: RecordPolicy::Off,
            trunks: Vec::new(),
            nuisance: None,
        })],
        place: MediaPlace {
            address: SWITCH.ip(),
            policy: AddressPolicy {
                allow_loopback: false,
            },
        },
    }
}

pub(crate) fn sealed(call: CallId) -> RecordingSummary {
    RecordingSummary {
        path: format!("{call}.wav"),
        sha256: "0".repeat(64),
        size_bytes: 44,
        duration_ms: 0,
        gaps: Vec::new(),
    }
}
