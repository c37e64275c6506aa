//! Callers and agents who call, answer and hang up, again and again, as phones do that repeat what
//! is lost: one thread for all of them.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use thirdring::phone::{Command, Event, Extensions, Output, PhoneConfig, UserAgent};
use thirdring::sdp::Codec;
use thirdring::sip::{StatusCode, Transport};

/// Between two looks at the sockets.
const LOOK: Duration = Duration::from_millis(2);
/// Between two calls of one caller. A headless phone remembers 64 requests of its last 32 seconds,
/// two of each call, and is busy beyond that.
const PAUSE: Duration = Duration::from_millis(1500);
/// A call that is not over then will not be.
const LONGEST: Duration = Duration::from_mins(1);

/// How many calls there were, and how many were answered.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    pub(crate) made: usize,
    pub(crate) answered: usize,
    /// The longest that somebody waited for the answer ...
    pub(crate) longest_wait: Duration,
    /// ... and for the end of a call, after he had hung up.
    pub(crate) longest_farewell: Duration,
}

/// Calls that go on until they are asked how they went.
pub(crate) struct Visitors {
    stop: Arc<AtomicBool>,
    worker: JoinHandle<Calls>,
}

impl Visitors {
    /// Each caller calls this number, which that agent answers.
    pub(crate) fn start(pairs: &[(SocketAddr, String, SocketAddr)], service: SocketAddr) -> Self {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(caller, number, agent)| Pair {
                caller: Phone::new(*caller, service),
                number: number.clone(),
                agent: Phone::new(*agent, service),
                calls_at: Instant::now(),
                since: Instant::now(),
            })
            .collect();
        let stop = Arc::new(AtomicBool::new(false));
        let worker = std::thread::spawn({
            let stop = stop.clone();
            move || call(pairs, &stop)
        });
        Self { stop, worker }
    }

    /// Waits for the last calls.
    pub(crate) fn finish(self) -> Calls {
        self.stop.store(true, Ordering::Relaxed);
        self.worker.join().unwrap()
    }
}

struct Pair {
    caller: Phone,
    number: String,
    agent: Phone,
    calls_at: Instant,
    /// When the caller dialled, or hung up.
    since: Instant,
}

fn call(mut pairs: Vec<Pair>, stop: &AtomicBool) -> Calls {
    let mut calls = Calls::default();
    let mut stopped_at = None;
    loop {
        if stop.load(Ordering::Relaxed) {
            stopped_at = stopped_at.or_else(|| Some(Instant::now()));
        }
        for pair in &mut pairs {
            pair.go_on(stopped_at.is_some(), &mut calls);
        }
        let is_quiet = !pairs.iter().any(|pair| pair.caller.agent.has_call());
        if stopped_at.is_some_and(|at| is_quiet || at.elapsed() > LONGEST) {
            return calls;
        }
        std::thread::sleep(LOOK);
    }
}

impl Pair {
    fn go_on(&mut self, is_last: bool, calls: &mut Calls) {
        for event in self.agent.hear() {
            if let Event::Incoming { .. } = event {
                self.agent.order(Command::Ring(StatusCode::RINGING));
                self.agent.order(Command::Answer);
            }
        }
        for event in self.caller.hear() {
            if event == Event::Answered {
                calls.answered += 1;
                calls.longest_wait = calls.longest_wait.max(self.since.elapsed());
                self.since = Instant::now();
                self.caller.order(Command::HangUp);
            }
            if let Event::Ended { .. } = event {
                calls.longest_farewell = calls.longest_farewell.max(self.since.elapsed());
            }
            self.calls_at = Instant::now() + PAUSE;
        }
        if !is_last && !self.caller.agent.has_call() && self.calls_at <= Instant::now() {
            calls.made += 1;
            self.since = Instant::now();
            let to = self.number.clone();
            self.caller.order(Command::Call { to });
        }
    }
}

struct Phone {
    socket: UdpSocket,
    service: SocketAddr,
    agent: UserAgent,
}

impl Phone {
    fn new(at: SocketAddr, service: SocketAddr) -> Self {
        let socket = UdpSocket::bind(at).unwrap();
        socket.set_nonblocking(true).unwrap();
        let config = PhoneConfig {
            user: "13800138000".to_owned(),
            name: None,
            transport: Transport::Udp,
            sip: at,
            media: SocketAddr::new(at.ip(), 40_000),
            server: service,
            codecs: vec![Codec::Pcma],
            allow_loopback: true,
            extensions: Extensions::default(),
        };
        // Phones at different addresses mint different tags.
        let seed = rand::random();
        Self {
            socket,
            service,
            agent: UserAgent::new(config, seed),
        }
    }

    fn order(&mut self, command: Command) {
        self.agent.handle_command(command, Instant::now());
    }

    /// Takes what has come, sends what is to be sent: what happened.
    fn hear(&mut self) -> Vec<Event> {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = self.socket.recv_from(&mut buffer) {
            let now = Instant::now();
            self.agent.handle_datagram(&buffer[..length], from, now);
        }
        let now = Instant::now();
        if self.agent.poll_timeout().is_some_and(|at| at <= now) {
            self.agent.handle_timeout(now);
        }
        let mut events = Vec::new();
        while let Some(output) = self.agent.poll_output() {
            match output {
                // What is lost is repeated.
                Output::Transmit(transmit) => {
                    let _ = self.socket.send_to(&transmit.bytes, self.service);
                }
                Output::Event(event) => events.push(event),
                Output::StartMedia(_) | Output::StopMedia => {}
            }
        }
        events
    }
}
