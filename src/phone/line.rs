//! A phone on real sockets: one task that feeds the [`UserAgent`], speaks, listens, and lets a
//! [`Script`] press the buttons. No call logic lives here.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep_until;

use super::command::{Command, Event, Output};
use super::extensions::Extensions;
use super::script::Script;
use super::sockets::{Access, MediaSockets};
use super::user_agent::{PhoneConfig, UserAgent};
use super::voice::{Ear, Heard, Mouth};
use crate::clock::Clock;
use crate::media::rtcp::{self, WallClock};
use crate::net::{ListenError, News, Transports};
use crate::sdp::{Codec, Stream};
use crate::sip::Transport;

/// A datagram of RTP is never longer.
const LARGEST_DATAGRAM: usize = 65_535;
/// Commands that may wait for a phone.
const COMMANDS: usize = 16;
/// How long a phone that is put away may take for its last messages.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Without anything to wait for, the phone looks again after this.
const IDLE: Duration = Duration::from_hours(1);

/// A phone to be plugged in.
#[derive(Clone, Debug)]
pub struct LineConfig {
    /// Its number or extension, which sightings name it by.
    pub user: String,
    /// Its display name.
    pub name: Option<String>,
    /// Its address.
    pub ip: IpAddr,
    /// Its SIP port; 0 is any free one. Those of its audio are chosen freely.
    pub port: u16,
    /// Where it registers and calls.
    pub server: SocketAddr,
    /// What it speaks SIP over.
    pub access: Access,
    /// Registers with this password, for as long at a time.
    pub registration: Option<(String, Duration)>,
    /// What it can decode, best first.
    pub codecs: Vec<Codec>,
    /// What it says: PCM, 8 kHz, again and again. Empty for silence.
    pub speech: Arc<[i16]>,
    /// What it does by itself.
    pub script: Script,
    /// Mints its ids.
    pub seed: u64,
}

impl LineConfig {
    /// A silent phone that does nothing by itself, does not register, knows every codec, and
    /// speaks SIP over UDP.
    pub fn new(user: &str, ip: IpAddr, server: SocketAddr) -> Self {
        Self {
            user: user.to_owned(),
            name: None,
            ip,
            port: 0,
            server,
            access: Access::Udp,
            registration: None,
            codecs: Codec::ALL.to_vec(),
            speech: Arc::from([]),
            script: Script::idle(),
            seed: rand::random(),
        }
    }
}

/// Something that was seen at a phone.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The phone's number or extension.
    pub phone: String,
    /// When.
    pub at: Instant,
    /// What.
    pub seen: Seen,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// Something happened to the phone.
    Event(Event),
    /// A talk is over; this is what the phone heard in it.
    Heard(Heard),
}

/// A phone that is plugged in. Dropping it pulls the plug.
#[derive(Debug)]
pub struct Line {
    address: SocketAddr,
    commands: mpsc::Sender<Command>,
    task: JoinHandle<()>,
}

impl Line {
    /// Plugs a phone in: binds its sockets, registers if it is to, and lets its script begin.
    /// What happens to it goes to `sightings`.
    ///
    /// # Errors
    /// No socket can be bound at its address, or its certificate is not to be had.
    pub async fn start(
        config: LineConfig,
        sightings: mpsc::Sender<Sighting>,
    ) -> Result<Self, ListenError> {
        let transport = config.access.transport();
        let (sip, address) = config
            .access
            .clone()
            .bind(SocketAddr::new(config.ip, config.port))?;
        let media = MediaSockets::bind(SocketAddr::new(config.ip, 0)).await?;
        let (commands, orders) = mpsc::channel(COMMANDS);
        let phone = Phone::new(config, (transport, address), media, sightings);
        Ok(Self {
            address,
            commands,
            task: tokio::spawn(phone.run(sip, orders)),
        })
    }

    /// Its SIP address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Presses a button. A phone that is gone does not hear it.
    pub async fn tell(&self, command: Command) {
        // The phone's task ends only when this handle is gone or its runtime stops.
        let _ = self.commands.send(command).await;
    }

    /// Hangs up, takes the registration back, and pulls the plug.
    pub async fn stop(self) {
        drop(self.commands);
        // A phone that panicked has nothing left to stop; the panic was reported already.
        let _ = self.task.await;
    }
}

/// The task's state.
struct Phone {
    name: String,
    agent: UserAgent,
    script: Script,
    clock: Clock,
    wall: WallClock,
    media: MediaSockets,
    speech: Arc<[i16]>,
    rng: StdRng,
    talk: Option<Talk>,
    registration: Option<Command>,
    sightings: mpsc::Sender<Sighting>,
}

/// Audio that flows.
struct Talk {
    stream: Stream,
    mouth: Mouth,
    ear: Ear,
    next_packet: Instant,
    next_report: Instant,
}

/// What woke the phone.
enum Wake {
    Sip(News),
    Rtp(usize),
    Rtcp(usize),
    Command(Option<Command>),
    Timer,
    Nothing,
}

impl Phone {
    fn new(
        config: LineConfig,
        (transport, sip): (Transport, SocketAddr),
        media: MediaSockets,
        sightings: mpsc::Sender<Sighting>,
    ) -> Self {
        let mut rng = StdRng::seed_from_u64(config.seed);
        let clock = Clock;
        let registration = config
            .registration
            .map(|(password, expires)| Command::Register {
                user: config.user.clone(),
                password,
                registrar: config.server,
                expires,
            });
        let phone = PhoneConfig {
            user: config.user.clone(),
            name: config.name,
            transport,
            sip,
            media: media.address,
            server: config.server,
            codecs: config.codecs,
            allow_loopback: config.ip.is_loopback(),
            extensions: Extensions::default(),
        };
        Self {
            name: config.user,
            agent: UserAgent::new(phone, rng.next_u64()),
            script: config.script,
            wall: WallClock {
                read_at: clock.now(),
                unix_us: clock.wall().0.unsigned_abs(),
            },
            clock,
            media,
            speech: config.speech,
            rng,
            talk: None,
            registration,
            sightings,
        }
    }

    async fn run(mut self, mut sip: Transports, mut orders: mpsc::Receiver<Command>) {
        if let Some(register) = self.registration.take() {
            self.agent.handle_command(register, self.clock.now());
        }
        let mut stop_at = None;
        let mut packet = vec![0; LARGEST_DATAGRAM];
        let mut report = vec![0; LARGEST_DATAGRAM];
        loop {
            self.drain(&mut sip).await;
            let now = self.clock.now();
            let is_done = !self.agent.has_call() && !self.agent.has_registration();
            if stop_at.is_some_and(|at| at <= now || is_done) {
                return;
            }
            let deadline = self.deadline(now).min(stop_at.unwrap_or(now + IDLE));
            let wake = tokio::select! {
                news = sip.next() => news.map_or(Wake::Nothing, Wake::Sip),
                read = self.media.rtp.recv(&mut packet) => read.map_or(Wake::Nothing, Wake::Rtp),
                read = self.media.rtcp.recv(&mut report) => {
                    read.map_or(Wake::Nothing, Wake::Rtcp)
                }
                order = orders.recv(), if stop_at.is_none() => Wake::Command(order),
                () = sleep_until(deadline.into()) => Wake::Timer,
            };
            let now = self.clock.now();
            match wake {
                Wake::Sip(news) => self.news(news, now),
                Wake::Rtp(length) => {
                    self.listen(packet.get(..length).unwrap_or_default(), now);
                }
                Wake::Rtcp(length) => {
                    self.read_report(report.get(..length).unwrap_or_default());
                }
                Wake::Command(Some(command)) => self.command(command, now).await,
                Wake::Command(None) => {
                    stop_at = Some(now + LAST_WORDS);
                    self.agent.handle_command(Command::HangUp, now);
                    self.agent.handle_command(Command::Unregister, now);
                }
                // An ICMP error of an earlier datagram of ours; the sockets are fine.
                Wake::Timer | Wake::Nothing => {}
            }
            self.fire(now).await;
        }
    }

    fn news(&mut self, news: News, now: Instant) {
        match news {
            News::Message(bytes, flow) => self.agent.handle_message(&bytes, flow, now),
            News::Disconnected(flow) => self.agent.handle_disconnect(flow, now),
            News::Unsent(transmits) => {
                for transmit in transmits {
                    self.agent.handle_send_error(&transmit, now);
                }
            }
            // A phone's connection stays, whatever comes by it.
            News::Connected(..) | News::Quiet(_) => {}
        }
    }

    /// Presses a button; a phone that is to move its audio has to have the sockets first.
    async fn command(&mut self, mut command: Command, now: Instant) {
        if let (Command::Press(key), Some(talk)) = (&command, self.talk.as_mut()) {
            talk.mouth.press(*key);
        }
        if let Command::Move(address) = &mut command {
            match MediaSockets::bind(*address).await {
                Ok(media) => self.media = media,
                Err(error) => {
                    return tracing::warn!(%error, "the phone's audio stays where it is");
                }
            }
            *address = self.media.address;
        }
        self.agent.handle_command(command, now);
    }

    /// When something is due next.
    fn deadline(&self, now: Instant) -> Instant {
        let talk = self.talk.as_ref();
        let due = [
            self.agent.poll_timeout(),
            self.script.poll_timeout(),
            talk.map(|talk| talk.next_packet),
            talk.map(|talk| talk.next_report),
        ];
        due.into_iter().flatten().min().unwrap_or(now + IDLE)
    }

    async fn fire(&mut self, now: Instant) {
        self.agent.handle_timeout(now);
        self.script.handle_timeout(now);
        if let Some(talk) = self.talk.as_mut() {
            while talk.next_packet <= now {
                talk.next_packet += Duration::from_millis(talk.stream.ptime_ms.max(1).into());
                if let Some(packet) = talk.mouth.next_packet(&talk.stream) {
                    // Lost audio is what the other end counts.
                    let _ = self.media.rtp.send_to(&packet, talk.stream.remote).await;
                }
            }
            if talk.next_report <= now {
                talk.next_report = now + rtcp::INTERVAL;
                let info = talk.mouth.sender_info(self.wall.ntp(now));
                let block = talk.ear.receiver.report();
                let report = rtcp::report(talk.mouth.ssrc(), info, block, &self.name);
                let to = talk.stream.remote_rtcp;
                let _ = self.media.rtcp.send_to(&report, to).await;
            }
        }
    }

    /// Carries out what the phone and its script want, until both are quiet.
    async fn drain(&mut self, sip: &mut Transports) {
        loop {
            let now = self.clock.now();
            while let Some(command) = self.script.poll_output() {
                self.agent.handle_command(command, now);
            }
            let Some(output) = self.agent.poll_output() else {
                return;
            };
            match output {
                Output::Transmit(transmit) => {
                    if let Err(unsent) = sip.send(transmit) {
                        self.agent.handle_send_error(&unsent, now);
                    }
                }
                Output::StartMedia(stream) => self.start_talk(stream, now),
                Output::StopMedia => {
                    if let Some(talk) = self.talk.take() {
                        self.tell(Seen::Heard(talk.ear.heard()), now).await;
                    }
                }
                Output::Event(event) => {
                    self.script.handle_event(&event, now);
                    self.tell(Seen::Event(event), now).await;
                }
            }
        }
    }

    fn start_talk(&mut self, stream: Stream, now: Instant) {
        if let Some(talk) = self.talk.as_mut() {
            talk.stream = stream;
            return;
        }
        let speech = Arc::clone(&self.speech);
        let (ssrc, sequence, timestamp) = self.rng.random();
        self.talk = Some(Talk {
            stream,
            mouth: Mouth::new(speech, ssrc, sequence, timestamp),
            ear: Ear::default(),
            next_packet: now,
            next_report: now + rtcp::INTERVAL,
        });
    }

    fn listen(&mut self, datagram: &[u8], now: Instant) {
        if let Some(talk) = self.talk.as_mut() {
            talk.ear.handle_datagram(datagram, &talk.stream, now);
        }
    }

    fn read_report(&mut self, datagram: &[u8]) {
        if let Some(talk) = self.talk.as_mut()
            && rtcp::statements(datagram).next().is_some()
        {
            talk.ear.reports += 1;
        }
    }

    async fn tell(&self, seen: Seen, at: Instant) {
        let phone = self.name.clone();
        // Nobody watches any more: the phone goes on.
        let _ = self.sightings.send(Sighting { phone, at, seen }).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::{Dial, Manner, Then};

    fn config(user: &str, ip: [u8; 4], server: SocketAddr, script: Script) -> LineConfig {
        LineConfig {
            speech: Arc::from(vec![8_000; 800]),
            script,
            seed: 1,
            ..LineConfig::new(user, ip.into(), server)
        }
    }

    #[tokio::test]
    async fn two_phones_call_and_hear_one_another_over_real_sockets() {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
        let (watch, mut sightings) = mpsc::channel(64);
        let answers = Script::agent([Manner::Answer {
            after: Duration::from_millis(50),
            then: Then::HangUp {
                after: Duration::from_millis(400),
            },
        }]);
        let agent = config("1001", [127, 0, 0, 3], nowhere, answers);
        let agent = Line::start(agent, watch.clone()).await.unwrap();
        let dials = Script::caller(Dial {
            to: "1001".to_owned(),
            give_up: None,
            then: Then::Stay,
        });
        let caller = config("1002", [127, 0, 0, 2], agent.address(), dials);
        let caller = Line::start(caller, watch).await.unwrap();

        let mut heard = Vec::new();
        while heard.len() < 2 {
            let sighting = sightings.recv().await.unwrap();
            if let Seen::Heard(figures) = sighting.seen {
                heard.push(figures);
            }
        }
        for figures in heard {
            assert!(figures.packets >= 5, "{figures:?}");
            assert_eq!(figures.lost, 0);
            assert!(figures.level_dbfs.is_some_and(|level| level > -20.0));
        }
        drop(sightings);
        caller.stop().await;
        agent.stop().await;
    }
}
