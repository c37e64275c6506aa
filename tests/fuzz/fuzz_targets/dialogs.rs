//! Any sequence of messages by a caller, an agent and somebody outside, in the dialogs that they
//! are in: the service never panics, leaves no timer behind, every call has one arrival and one
//! end, and nothing is left of any.

#![no_main]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use rand::SeedableRng;
use rand::rngs::StdRng;
use thirdring::call::event::{LegQuality, RecordingSummary, Ringback};
use thirdring::call::media::{MediaCommand, MediaEvent, MediaLeg};
use thirdring::call::{EventKind, Line, MediaPlace, RecordPolicy};
use thirdring::id::{AgentId, CallId, LineId, TrunkId};
use thirdring::queue::Strategy;
use thirdring::rules::{Cadence, Moment, PickupProfile, Timestamp};
use thirdring::sdp::AddressPolicy;
use thirdring::sip::dialog::Dialog;
use thirdring::sip::{Flow, Message, Method, Request, Response, StatusCode, Transport};
use thirdring::switch::{
    AgentSettings, DeskSettings, Input, LineSettings, ListenerSettings, NumberPattern, Output, PhoneSettings,
    Settings, Switch, TransferPolicy, TrunkSettings,
};

const NUMBER: &str = "4001234567";
const SWITCH: SocketAddr = at(1);
/// A caller by the trunk, two phones, and somebody outside.
const PEERS: [SocketAddr; 4] = [at(10), at(101), at(102), at(60)];
const METHODS: [&str; 8] = [
    "INVITE", "BYE", "UPDATE", "PRACK", "INFO", "REFER", "OPTIONS", "NOTIFY",
];
const STATUSES: [u16; 12] = [100, 180, 183, 183, 200, 200, 302, 422, 486, 491, 503, 603];

fuzz_target!(|input: &[u8]| {
    let mut world = World::new();
    let mut input = input.iter().copied();
    while let Some(kind) = input.next() {
        let mut argument = || input.next().unwrap_or(0);
        let peer = usize::from(kind >> 6);
        match kind % 8 {
            0 => world.calls(peer, argument()),
            1 | 2 => world.answers(peer, argument(), argument()),
            3 | 4 => world.asks(peer, argument(), argument()),
            5 => world.acknowledges(peer, argument()),
            6 => world.cancels(peer, argument()),
            _ => world.waits(Duration::from_millis(
                u64::from(argument()) << (argument() % 10),
            )),
        }
    }
    world.closes();
});

/// What one peer has heard, and the dialogs that it is in.
#[derive(Default)]
struct Peer {
    asked: Vec<Request>,
    invited: Vec<Request>,
    dialogs: Vec<Dialog>,
    /// The last `RSeq` that it heard.
    rseq: Option<String>,
}

struct World {
    switch: Switch,
    start: Instant,
    now: Instant,
    rng: StdRng,
    peers: [Peer; 4],
    messages: u32,
    ports: BTreeSet<MediaLeg>,
    files: BTreeMap<CallId, bool>,
    ends: BTreeMap<CallId, (u32, u32)>,
}

impl World {
    fn new() -> Self {
        let start = Instant::now();
        let moment = Moment {
            instant: start,
            wall: Timestamp(1_795_219_200_000_000),
        };
        Self {
            switch: Switch::new(settings(), 7, [7; 32], moment),
            start,
            now: start,
            rng: StdRng::seed_from_u64(7),
            peers: Default::default(),
            messages: 0,
            ports: BTreeSet::new(),
            files: BTreeMap::new(),
            ends: BTreeMap::new(),
        }
    }

    fn calls(&mut self, peer: usize, what: u8) {
        self.messages += 1;
        let (n, from) = (self.messages, PEERS[peer]);
        let to = [NUMBER, "1001", "1002", "*43"][usize::from(what) % 4];
        let mut extra = String::new();
        if what & 0x10 != 0 {
            extra += "Supported: 100rel, timer\r\nSession-Expires: 90\r\n";
        }
        if what & 0x20 != 0 {
            extra += "Require: 100rel\r\n";
        }
        if what & 0x40 != 0
            && let Some(dialog) = self.peers[1 + usize::from(what & 1)].dialogs.last()
        {
            let id = dialog.id();
            let (call_id, ours, theirs) = (&id.call_id, &id.remote_tag, &id.local_tag);
            extra += &format!("Replaces: {call_id};to-tag={ours};from-tag={theirs}\r\n");
        }
        let text = format!(
            "INVITE sip:{to}@{SWITCH} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK-{n}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:138@{from}>;tag=f{n}\r\nTo: <sip:{to}@{SWITCH}>\r\n\
             Call-ID: i{n}\r\nCSeq: 1 INVITE\r\nContact: <sip:x@{from}>\r\nAllow: INVITE, UPDATE, INFO\r\n\
             {extra}Content-Length: 0\r\n\r\n"
        );
        let Ok(Message::Request(mut invite)) = Message::parse(text.as_bytes()) else {
            return;
        };
        if what & 0x80 == 0 {
            invite.set_body("application/sdp", sdp(from, what));
        }
        self.peers[peer].invited.push(invite.clone());
        self.hears(from, &invite.to_bytes());
    }

    fn answers(&mut self, peer: usize, which: u8, status: u8) {
        let Some(request) = pick(&self.peers[peer].asked, which) else {
            return;
        };
        let place = PEERS[peer];
        let plain = STATUSES[usize::from(status) % STATUSES.len()];
        let mut response = request.respond(StatusCode::new(plain));
        let tag = ["p", "q"][usize::from(status >> 7)];
        response.set_to_tag(tag);
        response.headers.set("Contact", format!("<sip:x@{place}>"));
        response.headers.set("Allow", "INVITE, UPDATE, INFO");
        if request.method == Method::INVITE && (180..300).contains(&plain) && status & 0x40 == 0 {
            response.set_body("application/sdp", sdp(place, which));
        }
        if plain < 200 && status & 0x20 != 0 {
            response.headers.set("Require", "100rel");
            response.headers.set("RSeq", 1 + u32::from(which % 4));
        }
        match plain {
            302 => response.headers.set("Contact", "<sip:1002@192.0.2.1>"),
            422 => response.headers.set("Min-SE", 200 + u32::from(which)),
            503 => response.headers.set("Retry-After", u32::from(which)),
            _ => {}
        }
        if request.method == Method::INVITE && (101..300).contains(&plain) {
            let mut dialog = Dialog::uas(&request, tag);
            dialog.confirm();
            self.peers[peer].dialogs.push(dialog);
        }
        self.hears(place, &response.to_bytes());
    }

    fn asks(&mut self, peer: usize, which: u8, what: u8) {
        let place = PEERS[peer];
        let count = self.peers[peer].dialogs.len();
        let Some(index) = usize::from(which).checked_rem(count) else {
            return;
        };
        let method = METHODS[usize::from(what) % METHODS.len()].parse::<Method>();
        let method = method.expect("a method");
        let mut request = self.peers[peer].dialogs[index].request(method.clone(), &mut self.rng);
        self.messages += 1;
        let via = format!("SIP/2.0/UDP {place};branch=z9hG4bK-{}", self.messages);
        request.headers.prepend("Via", via);
        request.headers.set("Contact", format!("<sip:x@{place}>"));
        match METHODS[usize::from(what) % METHODS.len()] {
            "INVITE" | "UPDATE" | "PRACK" if what & 0x40 == 0 => {
                request.set_body("application/sdp", sdp(place, what));
            }
            "INFO" => request.set_body("application/dtmf", vec![b'0' + which % 12]),
            "REFER" => {
                let to = ["1002", "01061234567", "1001", "1009"][usize::from(which) % 4];
                let mut target = format!("<sip:{to}@192.0.2.1>");
                if what & 0x40 != 0 {
                    let id = self.peers[peer].dialogs[usize::from(which >> 4) % count].id();
                    let (call_id, ours, theirs) = (&id.call_id, &id.remote_tag, &id.local_tag);
                    target = format!(
                        "<sip:1@192.0.2.1?Replaces={call_id}%3Bto-tag%3D{ours}%3Bfrom-tag%3D{theirs}>"
                    );
                }
                request.headers.set("Refer-To", target);
            }
            _ => {}
        }
        if method == Method::PRACK {
            let rseq = self.peers[peer].rseq.clone().unwrap_or_default();
            request.headers.set("RAck", format!("{rseq} 1 INVITE"));
        }
        self.hears(place, &request.to_bytes());
    }

    fn acknowledges(&mut self, peer: usize, which: u8) {
        if let Some(dialog) = pick(&self.peers[peer].dialogs, which) {
            let mut ack = dialog.ack(1 + u32::from(which >> 6));
            self.messages += 1;
            let place = PEERS[peer];
            let via = format!("SIP/2.0/UDP {place};branch=z9hG4bK-{}", self.messages);
            ack.headers.prepend("Via", via);
            if which & 0x20 != 0 {
                ack.set_body("application/sdp", sdp(place, which));
            }
            self.hears(place, &ack.to_bytes());
        }
    }

    fn cancels(&mut self, peer: usize, which: u8) {
        if let Some(mut cancel) = pick(&self.peers[peer].invited, which) {
            cancel.method = Method::CANCEL;
            cancel.headers.set("CSeq", "1 CANCEL");
            cancel.headers.remove("Replaces");
            cancel.body.clear();
            cancel.headers.remove("Content-Type");
            self.hears(PEERS[peer], &cancel.to_bytes());
        }
    }

    fn hears(&mut self, peer: SocketAddr, bytes: &[u8]) {
        let moment = self.moment();
        let flow = Flow::udp(SWITCH, peer);
        self.switch.handle_message(bytes, flow, moment);
        self.settle();
    }

    fn waits(&mut self, wait: Duration) {
        let until = self.now + wait;
        let mut turns = 0_u32;
        while let Some(due) = self.switch.poll_timeout().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            let moment = self.moment();
            self.switch.handle_timeout(moment);
            self.settle();
            turns += 1;
            assert!(turns < 200_000, "it never comes to rest");
        }
        self.now = until;
    }

    fn moment(&self) -> Moment {
        Moment {
            instant: self.now,
            wall: Timestamp(1_795_219_200_000_000).plus(self.now - self.start),
        }
    }

    fn settle(&mut self) {
        while let Some(output) = self.switch.poll_output() {
            let input = match output {
                Output::Transmit(transmit) => {
                    let peer = PEERS.iter().position(|at| *at == transmit.flow.peer);
                    let peer = peer.expect("nothing goes to anybody else");
                    match Message::parse(&transmit.bytes).expect("our own message") {
                        Message::Request(request) => self.peers[peer].asked.push(request),
                        Message::Response(response) => self.learn(peer, &response),
                    }
                    continue;
                }
                Output::Bindings(_)
                | Output::Dialog(_)
                | Output::Desk(_)
                | Output::Answer(..)
                | Output::LineSwitch(..)
                | Output::News(_) => continue,
                Output::Store(entry) => {
                    let ends = self.ends.entry(entry.event.call).or_default();
                    ends.0 += u32::from(matches!(entry.event.kind, EventKind::Arrived { .. }));
                    ends.1 += u32::from(matches!(entry.event.kind, EventKind::Ended { .. }));
                    Input::Stored(vec![entry.event.id])
                }
                Output::Media(command) => match self.obey(&command) {
                    Some(report) => Input::Media(report),
                    None => continue,
                },
            };
            let moment = self.moment();
            self.switch.handle_input(input, moment);
        }
    }

    /// A peer whose INVITE was answered is in a dialog.
    fn learn(&mut self, peer: usize, response: &Response) {
        let peer = &mut self.peers[peer];
        if let Some(rseq) = response.headers.get("RSeq") {
            peer.rseq = Some(rseq.into_owned());
        }
        let status = response.status.as_u16();
        if response.cseq().method != Method::INVITE || !(101..300).contains(&status) {
            return;
        }
        let mut invited = peer.invited.iter();
        if let Some(invite) = invited.find(|own| own.call_id() == response.call_id()) {
            peer.dialogs.push(Dialog::uac(invite, response));
        }
    }

    fn obey(&mut self, command: &MediaCommand) -> Option<MediaEvent> {
        match *command {
            MediaCommand::Open { leg, local, .. } => {
                assert!(self.ports.insert(leg), "a leg opened twice");
                let port = 20_000 + u16::try_from(self.ports.len()).unwrap_or(0) * 2;
                let address = SocketAddr::new(local, port);
                Some(MediaEvent::Opened { leg, address })
            }
            MediaCommand::Close { leg } => {
                assert!(self.ports.remove(&leg), "a leg closed twice");
                Some(MediaEvent::Closed {
                    leg,
                    quality: LegQuality::default(),
                })
            }
            MediaCommand::OpenRecording { call, .. } => {
                self.files.insert(call, false);
                Some(MediaEvent::RecordingReady { call })
            }
            MediaCommand::StartRecording { call } => {
                self.files.insert(call, true);
                None
            }
            MediaCommand::CloseRecording { call } => {
                let started = self.files.remove(&call).expect("a recording");
                started.then(|| MediaEvent::RecordingSealed {
                    call,
                    recording: RecordingSummary {
                        path: format!("{call}.wav"),
                        sha256: "0".repeat(64),
                        size_bytes: 44,
                        duration_ms: 0,
                        gaps: Vec::new(),
                        ..RecordingSummary::default()
                    },
                })
            }
            MediaCommand::Bridge { a, b } => {
                assert!(self.ports.contains(&a) && self.ports.contains(&b));
                None
            }
            MediaCommand::SilenceRecording { call, .. } => {
                assert_eq!(self.files.get(&call), Some(&true));
                None
            }
            MediaCommand::Connect { leg, .. }
            | MediaCommand::HearFrom { leg, .. }
            | MediaCommand::Unbridge { leg }
            | MediaCommand::Adopt { leg, .. }
            | MediaCommand::RecordMirrored { leg, .. }
            | MediaCommand::PressKey { leg, .. }
            | MediaCommand::Heed { leg, .. }
            | MediaCommand::Mix { leg, .. }
            | MediaCommand::Play { leg, .. }
            | MediaCommand::StopPlay { leg } => {
                assert!(
                    self.ports.contains(&leg),
                    "{command:?} for a leg that is closed"
                );
                None
            }
        }
    }

    /// Everybody leaves, and falls silent.
    fn closes(&mut self) {
        for peer in 0..PEERS.len() {
            for which in 0..u8::try_from(self.peers[peer].invited.len()).unwrap_or(u8::MAX) {
                self.cancels(peer, which);
            }
        }
        let moment = self.moment();
        self.switch.handle_input(Input::Stop, moment);
        self.settle();
        self.waits(Duration::from_secs(400));
        let snapshot = self.switch.snapshot();
        assert!(self.switch.is_idle(), "{snapshot:#?}");
        assert!(self.ports.is_empty() && self.files.is_empty());
        for (call, ends) in &self.ends {
            assert_eq!(*ends, (1, 1), "{call}");
        }
    }
}

fn sdp(peer: SocketAddr, what: u8) -> Vec<u8> {
    let ip = peer.ip();
    let direction = ["sendrecv", "sendonly", "inactive", "sendrecv"][usize::from(what >> 2) % 4];
    let codec = if what & 0x10 == 0 { "8 PCMA" } else { "0 PCMU" };
    let (pt, name) = codec.split_at(1);
    let name = name.trim();
    format!(
        "v=0\r\no=- 1 {what} IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
         m=audio 40000 RTP/AVP {pt}\r\na=rtpmap:{pt} {name}/8000\r\na={direction}\r\n"
    )
    .into_bytes()
}

fn settings() -> Settings {
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
        capture_after_notice: false,
        follow_redirects: true,
        notice: None,
        announcement: None,
        hold_music: None,
        manners: thirdring::call::Manners::default(),
        record: RecordPolicy::Required,
        default_purpose: None,
        flow: thirdring::call::flow::Flow::default(),
    };
    let agents = [("1001", PEERS[1]), ("1002", PEERS[2])].map(|(id, place)| AgentSettings {
        id: AgentId::from(id),
        password: None,
        contact: Some(place.into()),
        probe: false,
        max_calls: 2,
        is_trainee: false,
        skills: BTreeMap::new(),
    });
    Settings {
        user_agent: "thirdring".to_owned(),
        realm: "thirdring".to_owned(),
        session_expires_s: 600,
        ban: thirdring::switch::BanSettings::default(),
        phones: PhoneSettings {
            probe: Duration::ZERO,
            ..PhoneSettings::default()
        },
        calendars: std::collections::BTreeMap::new(),
        media_sources: BTreeMap::new(),
        behind_nat: BTreeSet::new(),
        srtp: thirdring::switch::SrtpSettings::default(),
        listeners: vec![ListenerSettings {
            transport: Transport::Udp,
            address: SWITCH,
            advertised: SWITCH,
            algorithms: Vec::new(),
        }],
        trunks: vec![TrunkSettings {
            peers: vec![PEERS[3].into()],
            ..TrunkSettings::new("carrier", vec!["192.0.2.0/26".parse().expect("a network")])
        }],
        agents: agents.to_vec(),
        outbound: Vec::new(),
        queues: Vec::new(),
        desk: DeskSettings::default(),
        echo: Some("*43".to_owned()),
        lines: vec![Arc::new(LineSettings {
            line: Arc::new(line),
            numbers: vec![NumberPattern::Exact(NUMBER.to_owned())],
            agents: vec![AgentId::from("1001"), AgentId::from("1002")],
            strategy: Strategy::LongestIdle,
            queue: None,
            urgency: 0,
            wrap_up: Duration::ZERO,
            transfer: TransferPolicy {
                agents: true,
                prefixes: vec!["010".to_owned()],
                trunks: vec![TrunkId::from("carrier")],
                redirects: true,
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

const fn at(host: u8) -> SocketAddr {
    let ip = std::net::Ipv4Addr::new(192, 0, 2, host);
    SocketAddr::new(std::net::IpAddr::V4(ip), 5060)
}

fn pick<T: Clone>(all: &[T], which: u8) -> Option<T> {
    all.get(usize::from(which).checked_rem(all.len())?).cloned()
}
