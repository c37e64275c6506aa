//! A switch whose two peers a test plays by hand, message by message, on one virtual clock: for
//! what happens in a certain order, and for what no well-made phone would ever say.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use thirdring::call::command::{Answer, Ticket};
use thirdring::call::event::LegQuality;
use thirdring::call::media::{MediaCommand, MediaEvent};
use thirdring::call::{CallEvent, CallNow, EventKind};
use thirdring::id::CallId;
use thirdring::rules::{Moment, Timestamp};
use thirdring::sip::auth;
use thirdring::sip::dialog::Dialog;
use thirdring::sip::{Flow, Message, Method, Request, Response, StatusCode};
use thirdring::switch::{Input, LineSwitch, News, Output, Settings, Switch};

use crate::call_log::CallLog;
use crate::world::{EPOCH_US, NUMBER, PASSWORD, SWITCH, at, sealed, site};

pub(crate) use crate::world::OUTSIDE;

/// Where the caller's requests come from: a trunk's address.
pub(crate) const CALLER: SocketAddr = at(10, 5060);
/// Where the agent's phone is.
pub(crate) const AGENT: SocketAddr = at(101, 5060);

/// A description of A-law at a peer's address.
pub(crate) fn sdp(peer: SocketAddr, direction: &str) -> Vec<u8> {
    let ip = peer.ip();
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
         m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na={direction}\r\n"
    )
    .into_bytes()
}

pub(crate) struct Desk {
    switch: Switch,
    start: Instant,
    now: Instant,
    rng: StdRng,
    branches: u32,
    mail: BTreeMap<SocketAddr, VecDeque<Message>>,
    pub(crate) orders: Vec<MediaCommand>,
    log: Vec<CallEvent>,
    /// What came of commands.
    pub(crate) answers: Vec<(Ticket, Answer)>,
    /// What lines were switched to, in order.
    pub(crate) switches: Vec<LineSwitch>,
    /// What the desk was told.
    pub(crate) news_told: Vec<News>,
    ports: u16,
    files: BTreeMap<CallId, bool>,
    /// Whether the disk is quick enough to seal a recording.
    pub(crate) seals: bool,
}

impl Desk {
    /// A hotline with one agent, whose phone is where it is configured to be.
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs one arbitrary start"
    )]
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = site(&["1001"], Some(AGENT));
        change(&mut settings);
        let start = Instant::now();
        let moment = Moment {
            instant: start,
            wall: Timestamp(EPOCH_US),
        };
        Self {
            switch: Switch::new(settings, 7, [7; 32], moment),
            start,
            now: start,
            rng: StdRng::seed_from_u64(7),
            branches: 0,
            mail: BTreeMap::new(),
            orders: Vec::new(),
            log: Vec::new(),
            answers: Vec::new(),
            switches: Vec::new(),
            news_told: Vec::new(),
            ports: 20_000,
            files: BTreeMap::new(),
            seals: true,
        }
    }

    /// A message arrives from `peer`.
    pub(crate) fn hears(&mut self, peer: SocketAddr, message: impl Into<Message>) {
        let bytes = message.into().to_bytes();
        let moment = self.moment();
        self.switch
            .handle_message(&bytes, Flow::udp(SWITCH, peer), moment);
        self.settle();
    }

    /// The shell has something to say.
    pub(crate) fn tells(&mut self, input: Input) {
        let moment = self.moment();
        self.switch.handle_input(input, moment);
        self.settle();
    }

    /// Time passes.
    pub(crate) fn passes(&mut self, wait: Duration) {
        let until = self.now + wait;
        while let Some(due) = self.switch.poll_timeout().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            let moment = self.moment();
            self.switch.handle_timeout(moment);
            self.settle();
        }
        self.now = until;
    }

    /// The next response of this status for `peer`; what came before it is passed over.
    pub(crate) fn response(&mut self, peer: SocketAddr, status: u16) -> Response {
        let mail = self.mail.entry(peer).or_default();
        let mut passed = Vec::new();
        while let Some(message) = mail.pop_front() {
            match message {
                Message::Response(response) if response.status.as_u16() == status => {
                    return response;
                }
                other @ (Message::Request(_) | Message::Response(_)) => {
                    passed.push(first_line(&other));
                }
            }
        }
        panic!("no {status} for {peer}, but {passed:#?}");
    }

    /// The next request of this method for `peer`; what came before it is passed over.
    pub(crate) fn request(&mut self, peer: SocketAddr, method: &Method) -> Request {
        self.next_request(peer, method)
            .unwrap_or_else(|| panic!("no {method} for {peer}"))
    }

    /// The next request of this method for `peer`, if there is one.
    pub(crate) fn next_request(&mut self, peer: SocketAddr, method: &Method) -> Option<Request> {
        let mail = self.mail.entry(peer).or_default();
        while let Some(message) = mail.pop_front() {
            match message {
                Message::Request(request) if request.method == *method => return Some(request),
                Message::Request(_) | Message::Response(_) => {}
            }
        }
        None
    }

    /// Nothing of this method, or of this status, was sent to `peer` and not looked at.
    pub(crate) fn none(&mut self, peer: SocketAddr, word: &str) {
        let mail = self.mail.entry(peer).or_default().iter();
        let lines: Vec<_> = mail.map(first_line).collect();
        let found = lines.iter().any(|line| {
            let line = line.strip_prefix("SIP/2.0 ").unwrap_or(line);
            line.split(' ').next() == Some(word)
        });
        assert!(!found, "{word} for {peer}: {lines:#?}");
    }

    /// A new Via for a request of a peer's.
    pub(crate) fn dress(&mut self, request: &mut Request, peer: SocketAddr) {
        self.branches += 1;
        let via = format!("SIP/2.0/UDP {peer};branch=z9hG4bK-{}", self.branches);
        request.headers.remove("Via");
        request.headers.prepend("Via", via);
    }

    /// The INVITE of a caller who offers A-law, not yet sent.
    pub(crate) fn invite(&mut self) -> Request {
        let text = format!(
            "INVITE sip:{NUMBER}@{SWITCH} SIP/2.0\r\nVia: SIP/2.0/UDP {CALLER};branch=z9hG4bK-0\r\n\
             Max-Forwards: 70\r\nFrom: <sip:13800138000@{CALLER}>;tag=caller\r\n\
             To: <sip:{NUMBER}@{SWITCH}>\r\nCall-ID: call-1\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:trunk@{CALLER}>\r\nContent-Length: 0\r\n\r\n"
        );
        let Ok(Message::Request(mut invite)) = Message::parse(text.as_bytes()) else {
            panic!("the test's own INVITE cannot be read");
        };
        invite.set_body("application/sdp", sdp(CALLER, "sendrecv"));
        self.dress(&mut invite, CALLER);
        invite
    }

    /// A request of `peer`'s outside any dialog, not yet sent.
    pub(crate) fn new_request(
        &mut self,
        method: &Method,
        peer: SocketAddr,
        user: &str,
        to: &str,
    ) -> Request {
        let n = self.branches;
        let text = format!(
            "{method} sip:{to}@{SWITCH} SIP/2.0\r\nVia: SIP/2.0/UDP {peer};branch=z9hG4bK-0\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{user}@{SWITCH}>;tag=new-{n}\r\n\
             To: <sip:{to}@{SWITCH}>\r\nCall-ID: new-{n}\r\nCSeq: 1 {method}\r\n\
             Contact: <sip:{user}@{peer}>\r\nContent-Length: 0\r\n\r\n"
        );
        let Ok(Message::Request(mut request)) = Message::parse(text.as_bytes()) else {
            panic!("the test's own request cannot be read");
        };
        self.dress(&mut request, peer);
        request
    }

    /// `peer` sends a request, and again with the password that it is asked for.
    pub(crate) fn proves(&mut self, peer: SocketAddr, request: &mut Request, user: &str) {
        self.hears(peer, request.clone());
        let challenge = self.response(peer, 401);
        if request.method == Method::INVITE {
            let mut ack = Request::new(Method::ACK, request.uri.clone());
            for name in ["Via", "From", "Call-ID"] {
                let value = request.headers.get(name).expect("a header").into_owned();
                ack.headers.push(name, value);
            }
            ack.headers.push("To", challenge.to_addr());
            ack.headers.push("CSeq", "1 ACK");
            self.hears(peer, ack);
        }
        let (method, uri) = (request.method.clone(), request.uri.clone());
        let answer = auth::answer(&challenge, &method, &uri, user, PASSWORD, 1, &mut self.rng);
        let (name, value) = answer.expect("a challenge that can be met");
        request.headers.set("CSeq", format!("2 {method}"));
        request.headers.set(name, value);
        self.dress(request, peer);
        self.hears(peer, request.clone());
    }

    /// A phone registers.
    pub(crate) fn registers(&mut self, peer: SocketAddr, user: &str) {
        let mut register = self.new_request(&Method::REGISTER, peer, user, user);
        self.proves(peer, &mut register, user);
        self.response(peer, 200);
    }

    /// The agent dials a number: the INVITE as it was let in, and ours to the outside.
    pub(crate) fn dials(&mut self, number: &str) -> (Request, Request) {
        let mut invite = self.new_request(&Method::INVITE, AGENT, "1001", number);
        invite.set_body("application/sdp", sdp(AGENT, "sendrecv"));
        self.proves(AGENT, &mut invite, "1001");
        let offered = self.request(OUTSIDE, &Method::INVITE);
        (invite, offered)
    }

    /// A request of `peer`'s in its dialog, not yet sent.
    pub(crate) fn within(
        &mut self,
        dialog: &mut Dialog,
        method: Method,
        peer: SocketAddr,
    ) -> Request {
        let names_us = matches!(method, Method::INVITE | Method::UPDATE);
        let mut request = dialog.request(method, &mut self.rng);
        if names_us {
            request.headers.set("Contact", format!("<sip:x@{peer}>"));
        }
        self.dress(&mut request, peer);
        request
    }

    /// `peer` sends that request.
    pub(crate) fn asks(
        &mut self,
        dialog: &mut Dialog,
        method: Method,
        peer: SocketAddr,
        change: impl FnOnce(&mut Request),
    ) -> Request {
        let mut request = self.within(dialog, method, peer);
        change(&mut request);
        self.hears(peer, request.clone());
        request
    }

    /// `peer` acknowledges our 2xx.
    pub(crate) fn acks(&mut self, dialog: &Dialog, cseq: u32, peer: SocketAddr) {
        let mut ack = dialog.ack(cseq);
        self.dress(&mut ack, peer);
        self.hears(peer, ack);
    }

    /// `peer` answers a request of ours as `tag`; a 2xx to an INVITE with a description.
    pub(crate) fn answers(
        &mut self,
        request: &Request,
        status: u16,
        tag: &str,
        peer: SocketAddr,
        change: impl FnOnce(&mut Response),
    ) -> Response {
        let mut response = request.respond(StatusCode::new(status));
        response.set_to_tag(tag);
        response.headers.set("Contact", format!("<sip:x@{peer}>"));
        if request.method == Method::INVITE && status / 100 == 2 {
            response.set_body("application/sdp", sdp(peer, "sendrecv"));
        }
        change(&mut response);
        self.hears(peer, response.clone());
        response
    }

    /// A talk: caller and agent, each with its dialog, both ACKs done, nothing unread.
    pub(crate) fn talk(&mut self) -> Talk {
        self.talk_with(|_| {}, |_| {})
    }

    pub(crate) fn talk_with(
        &mut self,
        invite: impl FnOnce(&mut Request),
        answer: impl FnOnce(&mut Response),
    ) -> Talk {
        let mut request = self.invite();
        invite(&mut request);
        self.hears(CALLER, request.clone());
        let offered = self.request(AGENT, &Method::INVITE);
        self.answers(&offered, 180, "agent", AGENT, |_| {});
        self.answers(&offered, 200, "agent", AGENT, answer);
        let ok = self.response(CALLER, 200);
        let caller = Dialog::uac(&request, &ok);
        self.acks(&caller, 1, CALLER);
        let mut agent = Dialog::uas(&offered, "agent");
        agent.confirm();
        self.mail.clear();
        Talk { caller, agent }
    }

    /// How every running call stands.
    pub(crate) fn calls_now(&self) -> Vec<CallNow> {
        self.switch.calls_now()
    }

    /// How many agents are on a break that should be over.
    pub(crate) fn overdue_breaks(&self) -> usize {
        self.switch.overdue_breaks(self.moment().wall)
    }

    /// All that was logged.
    pub(crate) fn events(&self) -> &[CallEvent] {
        &self.log
    }

    /// The log of the one call there was.
    pub(crate) fn only_call(&self) -> CallLog {
        let id = self.log.first().expect("a call").call;
        assert!(self.log.iter().all(|event| event.call == id), "two calls");
        CallLog(self.log.clone())
    }

    /// The program fails in the next step of the only call.
    pub(crate) fn fails(&mut self) {
        let call = self.log.first().expect("a call").call;
        self.switch.sabotage(call);
    }

    /// How many calls there are.
    pub(crate) fn calls_open(&self) -> usize {
        self.switch.calls_open()
    }

    /// The recording that was left over is sealed at last.
    pub(crate) fn seals_late(&mut self) {
        let (call, _) = self.files.pop_first().expect("a recording");
        let recording = sealed(call);
        self.tells(Input::Media(MediaEvent::RecordingSealed {
            call,
            recording,
        }));
    }

    /// How each leg ended: its side, who ended it, status and cause.
    pub(crate) fn leg_ends(&self) -> Vec<(String, String, Option<u16>, Option<u16>)> {
        let ends = self.log.iter().filter_map(|event| {
            if let EventKind::LegEnded {
                side,
                party,
                status,
                cause,
                ..
            } = &event.kind
            {
                let side = format!("{side:?}");
                Some((side, format!("{party:?}"), *status, *cause))
            } else {
                None
            }
        });
        ends.collect()
    }

    /// After all that may still linger, nothing of any call is left.
    pub(crate) fn nothing_is_left(&mut self) {
        self.passes(Duration::from_secs(140));
        assert!(self.switch.is_idle(), "{:#?}", self.switch.snapshot());
        assert!(self.files.is_empty(), "recordings: {:?}", self.files);
    }

    fn moment(&self) -> Moment {
        Moment {
            instant: self.now,
            wall: Timestamp(EPOCH_US).plus(self.now - self.start),
        }
    }

    fn settle(&mut self) {
        while let Some(output) = self.switch.poll_output() {
            let input = match output {
                Output::Transmit(transmit) => {
                    let message = Message::parse(&transmit.bytes).expect("our own message");
                    let mail = self.mail.entry(transmit.flow.peer).or_default();
                    mail.push_back(message);
                    continue;
                }
                Output::Bindings(_) | Output::Dialog(_) | Output::Desk(_) => continue,
                Output::Answer(ticket, answer) => {
                    self.answers.push((ticket, answer));
                    continue;
                }
                Output::LineSwitch(_, kept) => {
                    self.switches.push(kept);
                    continue;
                }
                Output::News(news) => {
                    self.news_told.push(news);
                    continue;
                }
                Output::Store(entry) => {
                    let id = entry.event.id;
                    self.log.push(entry.event);
                    Input::Stored(vec![id])
                }
                Output::Media(command) => {
                    self.orders.push(command.clone());
                    match self.obey(&command) {
                        Some(report) => Input::Media(report),
                        None => continue,
                    }
                }
            };
            let moment = self.moment();
            self.switch.handle_input(input, moment);
        }
    }

    fn obey(&mut self, command: &MediaCommand) -> Option<MediaEvent> {
        match *command {
            MediaCommand::Open { leg, local, .. } => {
                self.ports += 2;
                let address = SocketAddr::new(local, self.ports);
                Some(MediaEvent::Opened { leg, address })
            }
            MediaCommand::Close { leg } => Some(MediaEvent::Closed {
                leg,
                quality: LegQuality::default(),
            }),
            MediaCommand::OpenRecording { call, .. } => {
                self.files.insert(call, false);
                Some(MediaEvent::RecordingReady { call })
            }
            MediaCommand::StartRecording { call } => {
                self.files.insert(call, true);
                None
            }
            MediaCommand::CloseRecording { .. } if !self.seals => None,
            MediaCommand::CloseRecording { call } => {
                let started = self.files.remove(&call).expect("a recording");
                started.then(|| MediaEvent::RecordingSealed {
                    call,
                    recording: sealed(call),
                })
            }
            MediaCommand::Connect { .. }
            | MediaCommand::SilenceRecording { .. }
            | MediaCommand::HearFrom { .. }
            | MediaCommand::Bridge { .. }
            | MediaCommand::Unbridge { .. }
            | MediaCommand::Adopt { .. }
            | MediaCommand::RecordMirrored { .. }
            | MediaCommand::PressKey { .. }
            | MediaCommand::Heed { .. }
            | MediaCommand::Mix { .. }
            | MediaCommand::Play { .. }
            | MediaCommand::StopPlay { .. } => None,
        }
    }
}

/// Two dialogs of one call, as its peers see them.
pub(crate) struct Talk {
    pub(crate) caller: Dialog,
    pub(crate) agent: Dialog,
}

fn first_line(message: &Message) -> String {
    match message {
        Message::Request(request) => format!("{} {}", request.method, request.cseq()),
        Message::Response(response) => format!("SIP/2.0 {} {}", response.status, response.cseq()),
    }
}
