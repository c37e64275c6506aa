//! A whole call through the pure switch: a trunk's INVITE, the agent's phone rung and answered,
//! ACK, BYE, and everything forgotten again. No socket, no disk; the log and the media plane say
//! yes at once. One element is one call.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "criterion's macros write undocumented functions, and a bench may stop at the first surprise"
)]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use thirdring::call::event::Ringback;
use thirdring::call::media::{MediaCommand, MediaEvent};
use thirdring::call::{Line, MediaPlace, RecordPolicy};
use thirdring::id::{AgentId, LineId};
use thirdring::queue::Strategy;
use thirdring::rules::{Cadence, Moment, PickupProfile, Timestamp};
use thirdring::sdp::AddressPolicy;
use thirdring::sip::endpoint::Transmit;
use thirdring::sip::{Flow, Message, Method, Request, StatusCode, Transport};
use thirdring::switch::{
    AgentSettings, BanSettings, DeskSettings, Input, LineSettings, ListenerSettings, NumberPattern,
    Output, PhoneSettings, Settings, Switch, TransferPolicy, TrunkSettings,
};

const SWITCH: &str = "192.0.2.1:5060";
const TRUNK: &str = "192.0.2.2:5060";
const PHONE: &str = "192.0.2.3:5060";
const SDP: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n\
                   m=audio 40000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n";

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn switch(now: Moment) -> Switch {
    let line = Line {
        id: LineId::from("hotline"),
        cadence: Cadence::CHINA,
        profile: PickupProfile::within_3(Cadence::CHINA),
        ringback: Ringback::Network,
        attempt_rings_shared: 2,
        attempt_rings_last: 5,
        max_preanswer: Duration::from_secs(45),
        log_digits: false,
        capture_after_notice: false,
        follow_redirects: false,
        notice: None,
        announcement: None,
        hold_music: None,
        manners: thirdring::call::Manners::default(),
        record: RecordPolicy::Required,
        default_purpose: Some("consultation".to_owned()),
        flow: thirdring::call::flow::Flow::default(),
    };
    let agent = AgentId::from("1001");
    let settings = Settings {
        user_agent: "thirdring".to_owned(),
        realm: "thirdring".to_owned(),
        session_expires_s: 1800,
        ban: BanSettings::default(),
        phones: PhoneSettings::default(),
        calendars: BTreeMap::new(),
        media_sources: BTreeMap::new(),
        behind_nat: std::collections::BTreeSet::new(),
        srtp: thirdring::switch::SrtpSettings::default(),
        listeners: vec![ListenerSettings {
            transport: Transport::Udp,
            address: address(SWITCH),
            advertised: address(SWITCH),
            algorithms: Vec::new(),
        }],
        trunks: vec![TrunkSettings::new(
            "carrier",
            vec!["192.0.2.2/32".parse().expect("a network")],
        )],
        agents: vec![AgentSettings {
            id: agent.clone(),
            password: None,
            contact: Some(address(PHONE).into()),
            probe: false,
            max_calls: 1,
            is_trainee: false,
            skills: BTreeMap::new(),
        }],
        outbound: Vec::new(),
        queues: Vec::new(),
        desk: DeskSettings::default(),
        echo: None,
        lines: vec![Arc::new(LineSettings {
            line: Arc::new(line),
            numbers: vec![NumberPattern::Exact("4001234567".to_owned())],
            agents: vec![agent],
            strategy: Strategy::LongestIdle,
            queue: None,
            urgency: 0,
            wrap_up: Duration::ZERO,
            transfer: TransferPolicy::default(),
            record_consult: RecordPolicy::Off,
            trunks: Vec::new(),
            nuisance: None,
        })],
        place: MediaPlace {
            address: address(SWITCH).ip(),
            policy: AddressPolicy {
                allow_loopback: false,
            },
        },
    };
    Switch::new(settings, 1, [1; 32], now)
}

/// The two peers, the log and the media plane around one switch.
struct Bench {
    switch: Switch,
    now: Moment,
    calls: u64,
    answered: bool,
}

impl Bench {
    fn new() -> Self {
        let now = Moment {
            instant: Instant::now(),
            wall: Timestamp(1_795_219_200_000_000),
        };
        Self {
            switch: switch(now),
            now,
            calls: 0,
            answered: false,
        }
    }

    fn one_call(&mut self) {
        self.calls += 1;
        self.answered = false;
        self.from(TRUNK, &self.request("INVITE", 1, "", SDP));
        self.settle();
        assert!(self.answered, "the call was not answered");
        // Everything that waits for repeats gives up.
        for _ in 0..4 {
            self.now.instant += Duration::from_secs(40);
            self.switch.handle_timeout(self.now);
            self.settle();
        }
        assert!(self.switch.is_idle(), "something of the call is left");
    }

    fn request(&self, method: &str, cseq: u32, to_tag: &str, body: &str) -> String {
        let call = self.calls;
        format!(
            "{method} sip:4001234567@192.0.2.1 SIP/2.0\r\n\
             Via: SIP/2.0/UDP {TRUNK};branch=z9hG4bK{method}{call};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:13812345678@192.0.2.2>;tag=c{call}\r\n\
             To: <sip:4001234567@192.0.2.1>{to_tag}\r\nCall-ID: {call}@192.0.2.2\r\n\
             CSeq: {cseq} {method}\r\nContact: <sip:{TRUNK}>\r\n\
             Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    fn from(&mut self, source: &str, text: &str) {
        let (local, source) = (address(SWITCH), address(source));
        self.switch
            .handle_message(text.as_bytes(), Flow::udp(local, source), self.now);
    }

    fn settle(&mut self) {
        while let Some(output) = self.switch.poll_output() {
            match output {
                Output::Bindings(_)
                | Output::Dialog(_)
                | Output::Desk(_)
                | Output::Answer(..)
                | Output::LineSwitch(..)
                | Output::News(_) => {}
                Output::Store(entry) => self.input(Input::Stored(vec![entry.event.id])),
                Output::Media(command) => self.obey(&command),
                Output::Transmit(transmit) => self.hear(&transmit),
            }
        }
    }

    fn input(&mut self, input: Input) {
        self.switch.handle_input(input, self.now);
    }

    fn obey(&mut self, command: &MediaCommand) {
        let event = match *command {
            MediaCommand::Open { leg, local, .. } => MediaEvent::Opened {
                leg,
                address: SocketAddr::new(local, 20_000),
            },
            MediaCommand::Close { leg } => MediaEvent::Closed {
                leg,
                quality: thirdring::call::event::LegQuality::default(),
            },
            MediaCommand::OpenRecording { call, .. } => MediaEvent::RecordingReady { call },
            MediaCommand::CloseRecording { call } => MediaEvent::RecordingFailed {
                call,
                reason: "a bench has no disk".to_owned(),
            },
            MediaCommand::Connect { .. }
            | MediaCommand::HearFrom { .. }
            | MediaCommand::Bridge { .. }
            | MediaCommand::Unbridge { .. }
            | MediaCommand::Adopt { .. }
            | MediaCommand::RecordMirrored { .. }
            | MediaCommand::PressKey { .. }
            | MediaCommand::Heed { .. }
            | MediaCommand::Mix { .. }
            | MediaCommand::Play { .. }
            | MediaCommand::StopPlay { .. }
            | MediaCommand::SilenceRecording { .. }
            | MediaCommand::StartRecording { .. } => return,
        };
        self.input(Input::Media(event));
    }

    fn hear(&mut self, transmit: &Transmit) {
        let message = Message::parse(&transmit.bytes).expect("a sound message");
        match message {
            Message::Request(request) if request.method == Method::INVITE => {
                self.reply(&request, StatusCode::RINGING, "");
                self.reply(&request, StatusCode::OK, SDP);
            }
            Message::Request(request) if request.method == Method::BYE => {
                self.reply(&request, StatusCode::OK, "");
            }
            Message::Response(response)
                if response.status == StatusCode::OK
                    && response.cseq().method == Method::INVITE
                    && !self.answered =>
            {
                self.answered = true;
                let tag = response.to_addr().tag().unwrap_or_default().to_owned();
                let to_tag = format!(";tag={tag}");
                self.from(TRUNK, &self.request("ACK", 1, &to_tag, ""));
                self.from(TRUNK, &self.request("BYE", 2, &to_tag, ""));
            }
            Message::Request(_) | Message::Response(_) => {}
        }
    }

    fn reply(&mut self, request: &Request, status: StatusCode, body: &str) {
        let mut response = request.respond(status);
        response.set_to_tag("phone");
        response
            .headers
            .set("Contact", format!("<sip:1001@{PHONE}>"));
        if !body.is_empty() {
            response.set_body("application/sdp", body.as_bytes().to_vec());
        }
        let bytes = response.to_bytes();
        let (local, source) = (address(SWITCH), address(PHONE));
        self.switch
            .handle_message(&bytes, Flow::udp(local, source), self.now);
    }
}

fn call_setup(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("call_setup");
    group.throughput(Throughput::Elements(1));
    group.bench_function("invite_to_forgotten", |bencher| {
        let mut bench = Bench::new();
        bencher.iter(|| bench.one_call());
    });
    group.finish();
}

criterion_group!(benches, call_setup);
criterion_main!(benches);
