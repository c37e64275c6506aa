//! Two phones against one another on a virtual clock: no server between, both know the other's
//! address. The wire may lose and delay, by a seed that a failure prints.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{Command, Event, Output, PhoneConfig, UserAgent};
use crate::sdp::{Codec, Direction, Stream};
use crate::sip::endpoint::Transmit;
use crate::sip::{Message, Request, Response, StatusCode, Transport};

const ALICE: usize = 0;
const BOB: usize = 1;

#[test]
fn a_call_is_made_answered_and_hung_up() {
    let mut pair = Pair::new();
    pair.call();
    assert!(pair.heard(BOB, |event| matches!(
        event,
        Event::Incoming { from: Some(from), .. } if from == "1001"
    )));
    pair.tell(BOB, Command::Ring(StatusCode::RINGING));
    pair.tell(BOB, Command::Answer);
    let early_media = false;
    let ringing = Event::Ringing {
        status: StatusCode::RINGING,
        early_media,
    };
    assert_eq!(
        pair.phones[ALICE].events,
        [Event::Trying, ringing, Event::Answered]
    );
    assert_eq!(
        pair.stream(ALICE).remote,
        pair.phones[BOB].agent.config.media
    );
    assert_eq!(
        pair.stream(BOB).remote,
        pair.phones[ALICE].agent.config.media
    );

    pair.tell(BOB, Command::HangUp);
    assert!(pair.heard(ALICE, |event| matches!(
        event,
        Event::Ended { by_peer: true, .. }
    )));
    assert!(pair.heard(BOB, |event| matches!(
        event,
        Event::Ended { by_peer: false, .. }
    )));
    pair.ends_with_nothing_left();
}

#[test]
fn a_call_taken_back_while_it_rings_is_terminated() {
    let mut pair = Pair::new();
    pair.call();
    pair.tell(BOB, Command::Ring(StatusCode::RINGING));
    pair.tell(ALICE, Command::Cancel);
    let terminated = Event::Rejected(StatusCode::REQUEST_TERMINATED);
    assert_eq!(pair.phones[ALICE].events.last(), Some(&terminated));
    assert!(pair.heard(BOB, |event| matches!(
        event,
        Event::Ended { by_peer: true, .. }
    )));
    pair.ends_with_nothing_left();
}

/// RFC 3261 §9.1: the 200 was on its way when the CANCEL left.
#[test]
fn an_answer_that_crosses_the_cancel_is_acknowledged_and_hung_up() {
    let mut pair = Pair::new();
    pair.call();
    pair.tell(BOB, Command::Ring(StatusCode::RINGING));
    pair.tell_silently(BOB, Command::Answer);
    pair.tell_silently(ALICE, Command::Cancel);
    pair.settle();
    assert!(pair.heard(ALICE, |event| matches!(
        event,
        Event::Ended { by_peer: false, .. }
    )));
    assert!(pair.heard(BOB, |event| matches!(
        event,
        Event::Ended { by_peer: true, .. }
    )));
    pair.ends_with_nothing_left();
}

#[test]
fn a_refused_call_tells_its_status() {
    let mut pair = Pair::new();
    pair.call();
    pair.tell(BOB, Command::Reject(StatusCode::BUSY_HERE));
    let busy = Event::Rejected(StatusCode::BUSY_HERE);
    assert_eq!(pair.phones[ALICE].events.last(), Some(&busy));
    pair.ends_with_nothing_left();
}

#[test]
fn a_phone_with_a_call_is_busy() {
    let mut pair = Pair::new();
    pair.tell_silently(ALICE, Command::Call { to: "1002".into() });
    pair.tell_silently(BOB, Command::Call { to: "1001".into() });
    pair.settle();
    for phone in [ALICE, BOB] {
        assert!(pair.heard(phone, |event| {
            *event == Event::Rejected(StatusCode::BUSY_HERE)
        }));
    }
    pair.ends_with_nothing_left();
}

#[test]
fn nobody_at_the_address_counts_as_408() {
    let mut pair = Pair::new();
    pair.loss = 1.0;
    pair.call();
    pair.run_for(Duration::from_secs(33));
    let timed_out = Event::Rejected(StatusCode::REQUEST_TIMEOUT);
    assert_eq!(pair.phones[ALICE].events, [timed_out]);
    pair.ends_with_nothing_left();
}

/// RFC 3264 §8.4 and RFC 3261 §14: hold, resume, and another address are told by re-INVITE.
#[test]
fn hold_resume_and_move_change_where_audio_flows() {
    let mut pair = Pair::talking();
    pair.tell(ALICE, Command::Hold);
    assert_eq!(pair.stream(ALICE).direction, Direction::SendOnly);
    assert_eq!(pair.stream(BOB).direction, Direction::RecvOnly);
    pair.tell(ALICE, Command::Resume);
    assert_eq!(pair.stream(BOB).direction, Direction::SendRecv);

    let elsewhere = SocketAddr::from(([127, 0, 0, 9], 41_000));
    pair.tell(BOB, Command::Move(elsewhere));
    assert_eq!(pair.stream(ALICE).remote, elsewhere);
    assert!(pair.heard(BOB, |event| {
        *event == Event::ReInviteAnswered(StatusCode::OK)
    }));
}

/// RFC 3261 §14.1: both ask at once, both get 491, and neither asks at the same time again.
#[test]
fn two_changes_that_meet_are_both_carried_out() {
    let mut pair = Pair::talking();
    let elsewhere = SocketAddr::from(([127, 0, 0, 9], 41_000));
    pair.tell_silently(ALICE, Command::Move(elsewhere));
    pair.tell_silently(BOB, Command::Hold);
    pair.settle();
    pair.run_for(Duration::from_secs(5));
    assert_eq!(pair.stream(BOB).remote, elsewhere);
    assert_eq!(pair.stream(BOB).direction, Direction::SendOnly);
    assert_eq!(pair.stream(ALICE).direction, Direction::RecvOnly);
}

/// A phone does not take transfers; the refusal reaches whoever asked.
#[test]
fn a_refused_transfer_is_told() {
    let mut pair = Pair::talking();
    pair.tell(BOB, Command::Refer { to: "1003".into() });
    assert!(pair.heard(BOB, |event| {
        *event == Event::Transferred(StatusCode::METHOD_NOT_ALLOWED)
    }));
    assert!(pair.phones[BOB].agent.has_call(), "the call goes on");
}

/// RFC 3261 §10.2 and §22.2: the challenge is answered, the registration is refreshed halfway,
/// and taken back.
#[test]
fn a_phone_registers_with_digest_refreshes_and_leaves() {
    let mut office = Office::new();
    let first = office.tell(Command::Register {
        user: "1001".into(),
        password: "secret".into(),
        registrar: office.registrar,
        expires: Duration::from_hours(1),
    });
    assert!(!first.headers.has("Authorization"));
    let second = office.reply(&challenge(&first));
    let second = second.expect("the challenge is answered");
    assert_eq!(second.call_id(), first.call_id());
    assert_eq!(second.cseq().number, first.cseq().number + 1);
    let authorization = second.headers.get("Authorization").unwrap();
    assert!(
        authorization.contains("username=\"1001\""),
        "{authorization}"
    );

    let mut accepted = second.respond(StatusCode::OK);
    let contact = second.headers.contact().unwrap();
    accepted
        .headers
        .set("Contact", format!("{contact};expires=60"));
    assert_eq!(office.reply(&accepted), None);
    let expires = Duration::from_mins(1);
    assert_eq!(office.events, [Event::Registered { expires }]);
    office.now += Duration::from_millis(29_999);
    office.agent.handle_timeout(office.now);
    assert_eq!(office.sent(), None);
    office.now += Duration::from_millis(1);
    office.agent.handle_timeout(office.now);
    let refresh = office.sent().expect("the registration is refreshed");
    assert_eq!(refresh.headers.expires(), Some(3600));

    let leaving = office.tell(Command::Unregister);
    assert_eq!(leaving.headers.expires(), Some(0));
    office.reply(&leaving.respond(StatusCode::OK));
    assert_eq!(office.events.last(), Some(&Event::Unregistered));
}

#[test]
fn a_wrong_password_is_not_tried_for_ever() {
    let mut office = Office::new();
    let mut request = Some(office.tell(Command::Register {
        user: "1001".into(),
        password: "wrong".into(),
        registrar: office.registrar,
        expires: Duration::from_hours(1),
    }));
    let mut tries = 0;
    while let Some(asked) = request {
        tries += 1;
        request = office.reply(&challenge(&asked));
    }
    assert_eq!(tries, 3);
    let failed = Event::RegisterFailed(StatusCode::UNAUTHORIZED);
    assert_eq!(office.events, [failed]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever is lost, late or said at the wrong moment: both phones end with nothing left.
    #[test]
    fn a_bad_network_leaves_nothing_behind(
        seed: u64,
        steps in proptest::collection::vec((0..2_usize, 0..9_u8, 0..8_000_u64), 1..8),
    ) {
        let mut pair = Pair::new();
        pair.rng = StdRng::seed_from_u64(seed);
        pair.loss = 0.3;
        pair.delay_ms = 5..200;
        pair.call();
        for (phone, command, wait_ms) in steps {
            pair.tell(phone, any_command(command));
            pair.run_for(Duration::from_millis(wait_ms));
        }
        pair.tell(ALICE, Command::HangUp);
        pair.tell(BOB, Command::HangUp);
        // A 200 that nobody acknowledges waits 32 s before its BYE may go, which takes 32 s more.
        pair.run_for(Duration::from_secs(200));
        for phone in [ALICE, BOB] {
            // The BYE of one may have been lost for good: then the other still talks.
            pair.tell(phone, Command::HangUp);
        }
        pair.run_for(Duration::from_secs(200));
        pair.ends_with_nothing_left();
    }
}

fn any_command(kind: u8) -> Command {
    match kind {
        0 => Command::Ring(StatusCode::RINGING),
        1 => Command::Answer,
        2 => Command::Cancel,
        3 => Command::Reject(StatusCode::BUSY_HERE),
        4 => Command::Hold,
        5 => Command::Resume,
        6 => Command::Call { to: "1002".into() },
        7 => Command::Refer { to: "1003".into() },
        _ => Command::Move(SocketAddr::from(([127, 0, 0, 9], 41_000))),
    }
}

/// A phone and a registrar that the test speaks for.
struct Office {
    agent: UserAgent,
    registrar: SocketAddr,
    now: Instant,
    events: Vec<Event>,
}

impl Office {
    fn new() -> Self {
        let pair = Pair::new();
        let registrar = pair.phones[BOB].agent.config.sip;
        let [Phone { agent, .. }, _] = pair.phones;
        Self {
            agent,
            registrar,
            now: pair.now,
            events: Vec::new(),
        }
    }

    fn tell(&mut self, command: Command) -> Request {
        self.agent.handle_command(command, self.now);
        self.sent().expect("a command that sends a request")
    }

    /// Gives the phone a response, and what it sends then.
    fn reply(&mut self, response: &Response) -> Option<Request> {
        let bytes = response.to_bytes();
        self.agent.handle_datagram(&bytes, self.registrar, self.now);
        self.sent()
    }

    /// The last request that the phone has sent.
    fn sent(&mut self) -> Option<Request> {
        let mut sent = None;
        while let Some(output) = self.agent.poll_output() {
            match output {
                Output::Transmit(transmit) => match Message::parse(&transmit.bytes) {
                    Ok(Message::Request(request)) => sent = Some(request),
                    other => panic!("{other:?}"),
                },
                Output::Event(event) => self.events.push(event),
                Output::StartMedia(_) | Output::StopMedia => panic!("audio without a call"),
            }
        }
        sent
    }
}

fn challenge(request: &Request) -> Response {
    let mut challenge = request.respond(StatusCode::UNAUTHORIZED);
    let value = "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"";
    challenge.headers.set("WWW-Authenticate", value);
    challenge
}

struct Phone {
    agent: UserAgent,
    events: Vec<Event>,
    stream: Option<Stream>,
}

struct Pair {
    phones: [Phone; 2],
    now: Instant,
    wire: Vec<(Instant, usize, Transmit)>,
    rng: StdRng,
    loss: f64,
    delay_ms: std::ops::Range<u64>,
}

impl Pair {
    fn new() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "a test needs one arbitrary start"
        )]
        let now = Instant::now();
        Self {
            phones: [phone(ALICE), phone(BOB)],
            now,
            wire: Vec::new(),
            rng: StdRng::seed_from_u64(0),
            loss: 0.0,
            delay_ms: 20..21,
        }
    }

    fn talking() -> Self {
        let mut pair = Self::new();
        pair.call();
        pair.tell(BOB, Command::Answer);
        pair
    }

    fn call(&mut self) {
        self.tell(ALICE, Command::Call { to: "1002".into() });
    }

    fn tell(&mut self, phone: usize, command: Command) {
        self.tell_silently(phone, command);
        self.settle();
    }

    fn tell_silently(&mut self, phone: usize, command: Command) {
        self.phones[phone].agent.handle_command(command, self.now);
        self.drain(phone);
    }

    /// Lets all that is on the wire arrive.
    fn settle(&mut self) {
        self.run_for(Duration::from_millis(400));
    }

    fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let arrival = self.wire.iter().map(|(at, ..)| *at).min();
            let timers = self
                .phones
                .iter()
                .filter_map(|phone| phone.agent.poll_timeout());
            let Some(next) = timers.chain(arrival).min().filter(|next| *next <= end) else {
                self.now = end;
                return;
            };
            self.now = self.now.max(next);
            if let Some(index) = self.wire.iter().position(|(at, ..)| *at <= self.now) {
                let (_, from, transmit) = self.wire.remove(index);
                let (to, source) = (1 - from, self.phones[from].agent.config.sip);
                assert_eq!(transmit.flow.peer, self.phones[to].agent.config.sip);
                let agent = &mut self.phones[to].agent;
                agent.handle_datagram(&transmit.bytes, source, self.now);
                self.drain(to);
            }
            for phone in [ALICE, BOB] {
                self.phones[phone].agent.handle_timeout(self.now);
                self.drain(phone);
            }
        }
    }

    fn drain(&mut self, phone: usize) {
        while let Some(output) = self.phones[phone].agent.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    let delay = Duration::from_millis(self.rng.random_range(self.delay_ms.clone()));
                    if !self.rng.random_bool(self.loss) {
                        self.wire.push((self.now + delay, phone, transmit));
                    }
                }
                Output::StartMedia(stream) => self.phones[phone].stream = Some(stream),
                Output::StopMedia => self.phones[phone].stream = None,
                Output::Event(event) => self.phones[phone].events.push(event),
            }
        }
    }

    fn heard(&self, phone: usize, wanted: impl Fn(&Event) -> bool) -> bool {
        self.phones[phone].events.iter().any(wanted)
    }

    fn stream(&self, phone: usize) -> &Stream {
        self.phones[phone].stream.as_ref().unwrap()
    }

    fn ends_with_nothing_left(&mut self) {
        self.run_for(Duration::from_secs(70));
        for phone in &self.phones {
            assert!(phone.agent.is_idle(), "{:?}", phone.agent);
            assert!(phone.stream.is_none(), "audio was left on");
        }
    }
}

fn phone(index: usize) -> Phone {
    let sip =
        |index: usize| SocketAddr::from(([127, 0, 0, 2 + u8::try_from(index).unwrap()], 5060));
    let config = PhoneConfig {
        user: format!("100{}", index + 1),
        name: None,
        transport: Transport::Udp,
        sip: sip(index),
        media: SocketAddr::new(sip(index).ip(), 40_000),
        server: sip(1 - index),
        codecs: Codec::ALL.to_vec(),
        allow_loopback: true,
        extensions: super::Extensions::default(),
    };
    Phone {
        agent: UserAgent::new(config, u64::try_from(index).unwrap()),
        events: Vec::new(),
        stream: None,
    }
}
