//! A switch, registered phones and a trunk on one clock, over a wire that loses nothing and takes
//! no time: for what the registrar and the probes do over minutes.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use thirdring::call::event::LegQuality;
use thirdring::call::media::{MediaCommand, MediaEvent};
use thirdring::call::{CallEvent, RecordPolicy};
use thirdring::id::AgentId;
use thirdring::phone::{Command, Event, Extensions, Output as PhoneOutput, PhoneConfig, UserAgent};
use thirdring::queue::AgentState;
use thirdring::rules::{Moment, Timestamp};
use thirdring::sdp::Codec;
use thirdring::sip::{Flow, Message, Method, Request, Transport};
use thirdring::switch::{
    Input, KeptBinding, KeptBindings, ListenerSettings, Output, PhoneSettings, Settings, Switch,
};

use crate::call_log::CallLog;
use crate::world::{EPOCH_US, NUMBER, PASSWORD, SWITCH, at, site};

/// Where the trunk's calls come from.
const TRUNK: SocketAddr = at(2, 5060);

/// A phone, and the wire's end that it is at.
pub(crate) struct Phone {
    agent: UserAgent,
    user: String,
    /// Where the switch sees it.
    address: SocketAddr,
    /// It hears no requests: switched off, but for what its registrar still says.
    pub(crate) is_deaf: bool,
    /// A proxy on its way adds this Path.
    path: Option<&'static str>,
    /// It does nothing by itself.
    is_asleep: bool,
    /// The requests that reached it, and when.
    pub(crate) heard: Vec<(Instant, Request)>,
    pub(crate) events: Vec<Event>,
}

pub(crate) struct Office {
    settings: PhoneSettings,
    agents: Vec<AgentId>,
    switch: Switch,
    pub(crate) phones: Vec<Phone>,
    start: Instant,
    pub(crate) now: Instant,
    /// How far the wall clock has been set.
    pub(crate) clock_set_us: i64,
    log: Vec<CallEvent>,
    /// What was last kept of each agent.
    pub(crate) kept: BTreeMap<AgentId, Vec<KeptBinding>>,
    /// Every time something was to be kept: whether it was news.
    pub(crate) keepings: Vec<bool>,
    ports: u16,
}

impl Office {
    /// A switch with these agents, of whom nobody has a phone yet; phone 0 is the trunk's.
    pub(crate) fn new(settings: PhoneSettings, agents: &[&str]) -> Self {
        Self::with(settings, agents, |_| {})
    }

    /// The same, set up a little differently.
    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs one arbitrary start"
    )]
    pub(crate) fn with(
        settings: PhoneSettings,
        agents: &[&str],
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let start = Instant::now();
        let agents: Vec<_> = agents.iter().map(|id| AgentId::from(*id)).collect();
        let moment = Moment {
            instant: start,
            wall: Timestamp(EPOCH_US),
        };
        let mut whole = switch_settings(settings, &agents);
        change(&mut whole);
        let mut office = Self {
            settings,
            switch: Switch::new(whole, 1, [7; 32], moment),
            agents,
            phones: Vec::new(),
            start,
            now: start,
            clock_set_us: 0,
            log: Vec::new(),
            kept: BTreeMap::new(),
            keepings: Vec::new(),
            ports: 0,
        };
        office.phone("13812345678", TRUNK, TRUNK);
        office
    }

    /// The service is started again `later`, with what was kept.
    pub(crate) fn restart(&mut self, kept: Vec<KeptBinding>, later: Duration) {
        self.now += later;
        let settings = switch_settings(self.settings, &self.agents);
        self.switch = Switch::new(settings, 2, [8; 32], self.moment());
        let moment = self.moment();
        self.switch.handle_input(Input::Registrations(kept), moment);
        self.settle();
    }

    /// What was kept could be read only now.
    pub(crate) fn reads_late(&mut self, kept: Vec<KeptBinding>) {
        let moment = self.moment();
        self.switch.handle_input(Input::Registrations(kept), moment);
        self.settle();
    }

    /// The desk is set up so from now on.
    pub(crate) fn sets_up(&mut self, change: impl FnOnce(&mut Settings)) {
        let mut settings = switch_settings(self.settings, &self.agents);
        change(&mut settings);
        let moment = self.moment();
        let settings = Input::Settings(Box::new(settings));
        self.switch.handle_input(settings, moment);
        self.settle();
    }

    /// All that is kept now.
    pub(crate) fn all_kept(&self) -> Vec<KeptBinding> {
        self.kept.values().flatten().cloned().collect()
    }

    fn phone(&mut self, user: &str, own: SocketAddr, seen: SocketAddr) -> usize {
        let config = PhoneConfig {
            user: user.to_owned(),
            name: None,
            transport: Transport::Udp,
            sip: own,
            media: SocketAddr::new(seen.ip(), 40_000),
            server: SWITCH,
            codecs: vec![Codec::Pcma],
            allow_loopback: false,
            extensions: Extensions::default(),
        };
        self.phones.push(Phone {
            agent: UserAgent::new(config, self.phones.len() as u64),
            user: user.to_owned(),
            address: seen,
            is_deaf: false,
            path: None,
            is_asleep: false,
            heard: Vec::new(),
            events: Vec::new(),
        });
        self.phones.len() - 1
    }

    /// A phone of an agent that calls itself `own`, is seen at `seen`, and registers now.
    pub(crate) fn register(&mut self, agent: &str, own: SocketAddr, seen: SocketAddr) -> usize {
        let phone = self.phone(agent, own, seen);
        self.renew(phone);
        phone
    }

    /// The same, by a proxy that puts itself into the Path.
    pub(crate) fn register_by(
        &mut self,
        agent: &str,
        own: SocketAddr,
        proxy: SocketAddr,
        path: &'static str,
    ) -> usize {
        let phone = self.phone(agent, own, proxy);
        self.phones[phone].path = Some(path);
        self.renew(phone);
        phone
    }

    /// From now on no phone does anything by itself: none registers again.
    pub(crate) fn forget_phone_timers(&mut self) {
        for phone in &mut self.phones {
            phone.is_asleep = true;
        }
    }

    pub(crate) fn wall_us(&self) -> i64 {
        self.moment().wall.unix_us()
    }

    /// What is left in the switch, if anything is.
    pub(crate) fn switch_is_idle(&self) -> Result<(), String> {
        let snapshot = || format!("{:#?}", self.switch.snapshot());
        self.switch.is_idle().then_some(()).ok_or_else(snapshot)
    }

    pub(crate) fn renew(&mut self, phone: usize) {
        let user = self.phones[phone].user.clone();
        self.command(
            phone,
            Command::Register {
                user,
                password: PASSWORD.to_owned(),
                registrar: SWITCH,
                expires: Duration::from_hours(1),
            },
        );
    }

    pub(crate) fn command(&mut self, phone: usize, command: Command) {
        let now = self.now;
        self.phones[phone].agent.handle_command(command, now);
        self.settle();
    }

    /// The trunk brings a call.
    pub(crate) fn call(&mut self) {
        self.command(
            0,
            Command::Call {
                to: NUMBER.to_owned(),
            },
        );
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        loop {
            let awake = self.phones.iter().filter(|phone| !phone.is_asleep);
            let timers = awake.map(|phone| phone.agent.poll_timeout());
            let next = timers.chain([self.switch.poll_timeout()]).flatten().min();
            match next.filter(|next| *next <= until) {
                Some(next) => self.now = self.now.max(next),
                None => break,
            }
            let (now, moment) = (self.now, self.moment());
            self.switch.handle_timeout(moment);
            for phone in self.phones.iter_mut().filter(|phone| !phone.is_asleep) {
                phone.agent.handle_timeout(now);
            }
            self.settle();
        }
        self.now = until;
    }

    fn moment(&self) -> Moment {
        let since = self.now.saturating_duration_since(self.start);
        Moment {
            instant: self.now,
            wall: Timestamp(EPOCH_US + self.clock_set_us).plus(since),
        }
    }

    /// Carries everything until nobody has anything more to say.
    fn settle(&mut self) {
        let mut to_switch = VecDeque::new();
        loop {
            for index in 0..self.phones.len() {
                self.hear_out(index, &mut to_switch);
            }
            if let Some(input) = to_switch.pop_front() {
                let moment = self.moment();
                match input {
                    Said::Message(bytes, flow) => {
                        self.switch.handle_message(&bytes, flow, moment);
                    }
                    Said::News(input) => self.switch.handle_input(input, moment),
                }
            }
            let mut moved = !to_switch.is_empty();
            while let Some(output) = self.switch.poll_output() {
                moved = true;
                self.carry_out(output, &mut to_switch);
            }
            if !moved {
                break;
            }
        }
    }

    fn hear_out(&mut self, index: usize, to_switch: &mut VecDeque<Said>) {
        let phone = &mut self.phones[index];
        while let Some(output) = phone.agent.poll_output() {
            match output {
                PhoneOutput::Transmit(transmit) => {
                    let mut bytes = transmit.bytes;
                    if let Some(path) = phone.path.filter(|_| bytes.starts_with(b"REGISTER")) {
                        let text = String::from_utf8(bytes).expect("we wrote it");
                        let with_path = format!("\r\nPath: {path}\r\nFrom:");
                        bytes = text.replacen("\r\nFrom:", &with_path, 1).into_bytes();
                    }
                    let flow = Flow::udp(SWITCH, phone.address);
                    to_switch.push_back(Said::Message(bytes, flow));
                }
                PhoneOutput::Event(event) => phone.events.push(event),
                PhoneOutput::StartMedia(_) | PhoneOutput::StopMedia => {}
            }
        }
    }

    fn carry_out(&mut self, output: Output, to_switch: &mut VecDeque<Said>) {
        match output {
            Output::Transmit(transmit) => {
                let now = self.now;
                let mut phones = self.phones.iter_mut();
                let phone = phones.find(|phone| phone.address == transmit.flow.peer);
                let phone = phone.expect("nothing goes to nobody");
                let message = Message::parse(&transmit.bytes).expect("we wrote it");
                if let Message::Request(request) = message {
                    phone.heard.push((now, request));
                    if phone.is_deaf {
                        return;
                    }
                }
                phone.agent.handle_datagram(&transmit.bytes, SWITCH, now);
            }
            Output::Media(command) => {
                let report = self.obey(&command);
                to_switch.extend(report.map(|event| Said::News(Input::Media(event))));
            }
            Output::Store(entry) => {
                to_switch.push_back(Said::News(Input::Stored(vec![entry.event.id])));
                self.log.push(entry.event);
            }
            Output::Dialog(_)
            | Output::Desk(_)
            | Output::Answer(..)
            | Output::LineSwitch(..)
            | Output::News(_) => {}
            Output::Bindings(KeptBindings {
                agent,
                bindings,
                is_news,
            }) => {
                self.kept.insert(agent, bindings);
                self.keepings.push(is_news);
            }
        }
    }

    /// Nobody hears anything here, and nothing is recorded.
    fn obey(&mut self, command: &MediaCommand) -> Option<MediaEvent> {
        if let MediaCommand::Open { leg, local, .. } = *command {
            self.ports += 2;
            let address = SocketAddr::new(local, 20_000 + self.ports);
            return Some(MediaEvent::Opened { leg, address });
        }
        let MediaCommand::Close { leg } = *command else {
            return None;
        };
        Some(MediaEvent::Closed {
            leg,
            quality: LegQuality::default(),
        })
    }

    pub(crate) fn only_call(&self) -> CallLog {
        CallLog(self.log.clone())
    }

    /// Whether a connection with this peer is kept although nothing comes by it.
    pub(crate) fn needs_connection(&self, peer: SocketAddr) -> bool {
        let flow = Flow {
            transport: Transport::Tcp,
            ..Flow::udp(SWITCH, peer)
        };
        self.switch.needs(flow, self.moment())
    }

    pub(crate) fn agents(&self, state: AgentState) -> usize {
        self.switch.snapshot().agents[&state]
    }
}

impl Phone {
    /// The requests of a method that reached it.
    pub(crate) fn requests(&self, method: &Method) -> Vec<&Request> {
        let requests = self.heard.iter().map(|(_, request)| request);
        requests.filter(|it| it.method == *method).collect()
    }

    /// How many calls rang here, repeats of an INVITE not counted.
    pub(crate) fn calls(&self) -> usize {
        let incoming = |event: &&Event| matches!(event, Event::Incoming { .. });
        self.events.iter().filter(incoming).count()
    }
}

/// What the switch is told next.
enum Said {
    Message(Vec<u8>, Flow),
    News(Input),
}

fn switch_settings(phones: PhoneSettings, agents: &[AgentId]) -> Settings {
    let users: Vec<_> = agents.iter().map(|agent| agent.0.as_str()).collect();
    let mut settings = site(&users, None);
    settings.phones = phones;
    let connections = ListenerSettings {
        transport: Transport::Tcp,
        ..settings.listeners[0].clone()
    };
    settings.listeners.push(connections);
    for line in &mut settings.lines {
        let line = Arc::make_mut(line);
        Arc::make_mut(&mut line.line).record = RecordPolicy::Off;
    }
    settings
}
