//! The thread that owns every RTP socket.
//!
//! While audio flows it sleeps 2 ms, drains what has come, sends what is due, and sleeps again:
//! per packet that costs a third less than being woken for each (DESIGN §6b). When nothing
//! flows it blocks until a packet, an order or a report is due.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::leg_sockets::{self, Half, SocketTable};
use super::media_plane::{Counters, MediaSettings, Report};
use super::peer_news;
use super::ports::PortPool;
use super::recorder_feed::RecorderFeed;
use crate::call::media::{Audio, MediaCommand, MediaEvent, MediaLeg, PlayId};
use crate::clock::Clock;
use crate::id::CallId;
use crate::media::rtcp::WallClock;
use crate::media::{Frame, LegKey, Notice, Patience, PlayKey, Session, Sink, Source, Way};
use crate::recording::PromptLibrary;
use crate::sdp::Stream;

/// The poll's name for "there are orders".
pub(super) const WAKER: Token = Token(usize::MAX);

/// How often sockets are drained while audio flows.
const TICK: Duration = Duration::from_millis(2);
/// So long after the last packet the thread still ticks: phones send every 10 to 60 ms.
const BUSY_AFTER_PACKET: Duration = Duration::from_millis(200);
/// Datagrams taken from one socket before the others get their turn.
const DATAGRAMS_A_TURN: usize = 64;
/// Larger than any datagram that we would relay.
const BUFFER_BYTES: usize = 2048;

/// What the thread is told.
#[derive(Debug)]
pub(super) enum Order {
    Command(MediaCommand),
    Stop,
}

/// The thread's state.
pub(super) struct MediaThread {
    poll: Poll,
    orders: Receiver<Order>,
    sockets: SocketTable,
    slots: BTreeMap<MediaLeg, usize>,
    calls: BTreeMap<CallId, Call>,
    ports: PortPool,
    feed: RecorderFeed,
    prompts: PromptLibrary,
    patience: Patience,
    rng: StdRng,
    report: Report,
    counters: Arc<Counters>,
    /// Sockets that have more than was taken from them.
    ready: Vec<Token>,
    last_packet: Option<Instant>,
    is_stopping: bool,
}

/// One call's media and what it is recorded from.
struct Call {
    session: Session,
    due: Option<Instant>,
    /// The leg that is to be recorded, while a recording is open.
    recorded: Option<MediaLeg>,
    /// What it sends is the right channel, and what it is sent the left one.
    is_mirrored: bool,
}

/// Where a session's outputs go: sockets, the recorder, and the one who asked.
struct Outputs<'a> {
    call: CallId,
    is_mirrored: bool,
    sockets: &'a SocketTable,
    feed: &'a mut RecorderFeed,
    report: &'a Report,
    counters: &'a Counters,
    now: Instant,
}

impl MediaThread {
    pub(super) fn new(
        poll: Poll,
        orders: Receiver<Order>,
        feed: RecorderFeed,
        settings: MediaSettings,
        report: Report,
        counters: Arc<Counters>,
    ) -> Self {
        let mut rng = StdRng::seed_from_u64(settings.seed);
        Self {
            poll,
            orders,
            sockets: SocketTable::default(),
            slots: BTreeMap::new(),
            calls: BTreeMap::new(),
            ports: PortPool::new(&settings.ports, settings.tos, StdRng::from_rng(&mut rng)),
            feed,
            prompts: settings.prompts,
            patience: settings.patience,
            rng,
            report,
            counters,
            ready: Vec::new(),
            last_packet: None,
            is_stopping: false,
        }
    }

    /// Runs until it is told to stop, or nobody is left who could.
    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(1024);
        while !self.is_stopping {
            if let Err(error) = self.wait(&mut events)
                && error.kind() != std::io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "the media thread cannot poll");
                std::thread::sleep(TICK);
            }
            let tokens = events.iter().map(mio::event::Event::token);
            self.ready.extend(tokens.filter(|token| *token != WAKER));
            let now = Clock.now();
            self.drain_orders(now);
            self.drain_sockets(now);
            self.handle_timeouts(now);
        }
        self.close_all(Clock.now());
    }

    /// Sleeps until there is something to do; see the module's description.
    fn wait(&mut self, events: &mut Events) -> std::io::Result<()> {
        let now = Clock.now();
        let is_busy = self
            .last_packet
            .is_some_and(|last| now.saturating_duration_since(last) < BUSY_AFTER_PACKET);
        if is_busy || !self.ready.is_empty() {
            std::thread::sleep(TICK);
            return self.poll.poll(events, Some(Duration::ZERO));
        }
        let due = self.calls.values().filter_map(|call| call.due);
        let due = due.chain(self.feed.poll_timeout()).min();
        let timeout = due.map(|due| due.saturating_duration_since(now));
        self.poll.poll(events, timeout)
    }

    fn drain_orders(&mut self, now: Instant) {
        loop {
            match self.orders.try_recv() {
                Ok(Order::Command(command)) => self.handle_command(command, now),
                Ok(Order::Stop) | Err(std::sync::mpsc::TryRecvError::Disconnected) => {
                    self.is_stopping = true;
                    return;
                }
                Err(std::sync::mpsc::TryRecvError::Empty) => return,
            }
        }
    }

    fn handle_command(&mut self, command: MediaCommand, now: Instant) {
        match command {
            MediaCommand::Open { call, leg, local } => self.open(call, leg, local, now),
            MediaCommand::HearFrom { leg, source } => {
                self.with_leg(leg, now, |session, key, _| session.hear_from(key, source));
            }
            MediaCommand::Connect { leg, stream } => self.connect(leg, stream, now),
            MediaCommand::Bridge { a, b } => {
                let keys = self.key(a).zip(self.key(b));
                if let Some((a_key, b_key)) = keys {
                    self.with_session(a, now, |session, _| session.bridge(a_key, b_key));
                }
            }
            MediaCommand::Unbridge { leg } => {
                self.with_leg(leg, now, |session, key, _| session.unbridge(key));
            }
            MediaCommand::Adopt { call, leg } => self.adopt(call, leg, now),
            MediaCommand::Play { leg, play, audio } => self.play(leg, play, &audio, now),
            MediaCommand::StopPlay { leg } => {
                self.with_leg(leg, now, |session, key, out| session.stop_play(key, out));
            }
            MediaCommand::Mix { leg, hears } => {
                let keys: Vec<_> = hears.iter().filter_map(|leg| self.key(*leg)).collect();
                self.with_leg(leg, now, |session, key, _| session.mix(key, &keys, now));
            }
            MediaCommand::PressKey {
                leg,
                digit,
                held_ms,
            } => self.with_leg(leg, now, |session, key, _| {
                session.press(key, digit, held_ms, now);
            }),
            MediaCommand::OpenRecording { call, leg, path } => {
                self.call(call, now).recorded = Some(leg);
                self.feed.open(call, path);
            }
            MediaCommand::RecordMirrored { call, leg } => self.record_mirrored(call, leg, now),
            MediaCommand::StartRecording { call } => self.start_recording(call, now),
            MediaCommand::CloseRecording { call } => self.close_recording(call, now),
            MediaCommand::Close { leg } => self.close(leg, now),
        }
    }

    fn open(&mut self, call: CallId, leg: MediaLeg, local: std::net::IpAddr, now: Instant) {
        let opened = self.ports.open(local).and_then(|pair| {
            let address = pair.address;
            let registry = self.poll.registry();
            let slot = self.sockets.insert(leg, call, pair, registry);
            if slot.is_err() {
                self.ports.release(address);
            }
            slot.map(|slot| (slot, address))
        });
        let event = match opened {
            Ok((slot, address)) => {
                self.slots.insert(leg, slot);
                self.counters.legs_open.fetch_add(1, Ordering::Relaxed);
                let mut rng = StdRng::from_rng(&mut self.rng);
                self.call(call, now).session.add_leg(key_of(slot), &mut rng);
                MediaEvent::Opened { leg, address }
            }
            Err(error) => {
                tracing::warn!(%error, %local, "no pair of ports could be opened");
                MediaEvent::OpenFailed { leg }
            }
        };
        (self.report)(event);
    }

    /// The leg goes on in another call: its sockets and its streams stay as they are.
    fn adopt(&mut self, call: CallId, leg: MediaLeg, now: Instant) {
        let Some(slot) = self.slots.get(&leg).copied() else {
            return;
        };
        let mut moving = None;
        self.with_leg(leg, now, |session, key, out| {
            moving = session.take_leg(key, out);
        });
        let sockets = self.sockets.get_mut(slot);
        let Some((moving, sockets)) = moving.zip(sockets) else {
            return;
        };
        let before = std::mem::replace(&mut sockets.call, call);
        let adopting = self.call(call, now);
        adopting.session.put_leg(moving);
        adopting.due = adopting.session.poll_timeout();
        self.forget_if_idle(before);
    }

    fn connect(&mut self, leg: MediaLeg, stream: Stream, now: Instant) {
        self.with_leg(leg, now, |session, key, _| {
            session.connect(key, stream, now);
        });
        if let Some(slot) = self.slots.get(&leg) {
            self.point(*slot);
        }
    }

    /// Points a leg's sockets where its session says, if that has changed.
    fn point(&mut self, slot: usize) {
        let Some(sockets) = self.sockets.get_mut(slot) else {
            return;
        };
        let call = self.calls.get(&sockets.call);
        let aim = call.map(|call| call.session.aim(key_of(slot)));
        if let Some(aim) = aim.filter(|aim| *aim != sockets.aim())
            && let Err(error) = sockets.point(aim)
        {
            tracing::warn!(%error, ?aim, "a leg's peer cannot be reached");
        }
    }

    fn play(&mut self, leg: MediaLeg, play: PlayId, audio: &Audio, now: Instant) {
        let prompt = |name: &str| {
            self.prompts
                .prompt(name)
                .map(|loaded| Arc::clone(&loaded.prompt))
        };
        let source = match audio {
            Audio::Prompt(name) => prompt(name).map(Source::Prompt),
            Audio::Loop(name) => prompt(name).map(Source::Loop),
            Audio::Ringback { on_ms, off_ms } => Some(Source::Ringback {
                on_ms: *on_ms,
                off_ms: *off_ms,
            }),
            Audio::Tone(tone) => Some(Source::Tone(peer_news::tone(*tone))),
            Audio::Beep => Some(Source::Beep),
        };
        if let Some(source) = source {
            self.with_leg(leg, now, |session, key, out| {
                session.play(key, PlayKey(play.0), source, now, out);
            });
        } else {
            tracing::error!(?audio, "there is no prompt of this name");
            self.with_leg(leg, now, |session, key, out| session.stop_play(key, out));
            (self.report)(MediaEvent::Played {
                leg,
                play,
                heard_ms: 0,
                complete: false,
            });
        }
    }

    fn start_recording(&mut self, id: CallId, now: Instant) {
        let Some(leg) = self.calls.get(&id).and_then(|call| call.recorded) else {
            return;
        };
        self.feed.start(id, now);
        self.with_leg(leg, now, |session, key, _| session.tap(key, true));
    }

    /// The recording goes on with another leg.
    fn record_mirrored(&mut self, id: CallId, leg: MediaLeg, now: Instant) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let Some(before) = call.recorded.replace(leg) else {
            call.recorded = None; // it is closed
            return;
        };
        call.is_mirrored = true;
        self.with_leg(before, now, |session, key, _| session.tap(key, false));
        self.with_leg(leg, now, |session, key, _| session.tap(key, true));
    }

    fn close_recording(&mut self, id: CallId, now: Instant) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let Some(leg) = call.recorded.take() else {
            return;
        };
        self.with_leg(leg, now, |session, key, _| session.tap(key, false));
        self.feed.close(id, now);
        self.forget_if_idle(id);
    }

    fn close(&mut self, leg: MediaLeg, now: Instant) {
        let mut figures = None;
        self.with_leg(leg, now, |session, key, out| {
            figures = session.remove_leg(key, out);
        });
        let Some(slot) = self.slots.remove(&leg) else {
            return;
        };
        if let Some(sockets) = self.sockets.remove(slot) {
            let (address, call) = (sockets.address, sockets.call);
            drop(sockets); // closing them takes them off the poll
            self.ports.release(address);
            self.counters.legs_open.fetch_sub(1, Ordering::Relaxed);
            self.forget_if_idle(call);
        }
        let figures = figures.unwrap_or_default();
        crate::metrics::rtp_dropped("foreign", figures.foreign);
        crate::metrics::rtp_dropped("malformed", figures.malformed);
        (self.report)(MediaEvent::Closed {
            leg,
            quality: peer_news::quality(&figures),
        });
    }

    fn close_all(mut self, now: Instant) {
        let calls: Vec<_> = self.calls.keys().copied().collect();
        for call in calls {
            self.close_recording(call, now);
        }
        let legs: Vec<_> = self.slots.keys().copied().collect();
        for leg in legs {
            self.close(leg, now);
        }
        self.feed.finish(now);
    }

    /// Takes in what the ready sockets hold. A socket that has more than its turn allows stays
    /// ready: the poll tells of news only.
    fn drain_sockets(&mut self, now: Instant) {
        let mut buffer = [0; BUFFER_BYTES];
        let mut more = Vec::new();
        for token in std::mem::take(&mut self.ready) {
            let (slot, half) = leg_sockets::of_token(token);
            let mut turns = DATAGRAMS_A_TURN;
            while let Some((length, source)) = self.receive(slot, half, &mut buffer) {
                if let Some(datagram) = buffer.get(..length) {
                    self.handle_datagram(slot, half, datagram, source, now);
                }
                turns -= 1;
                if turns == 0 {
                    more.push(token);
                    break;
                }
            }
        }
        self.ready = more;
    }

    /// The next datagram of a socket. An ICMP error of something sent earlier is passed over.
    fn receive(&self, slot: usize, half: Half, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        let sockets = self.sockets.get(slot)?;
        for _ in 0..DATAGRAMS_A_TURN {
            match sockets.receive(half, buffer) {
                Ok(received) => return Some(received),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return None,
                Err(_) => {}
            }
        }
        None
    }

    fn handle_datagram(
        &mut self,
        slot: usize,
        half: Half,
        datagram: &[u8],
        source: SocketAddr,
        now: Instant,
    ) {
        let Some(id) = self.sockets.get(slot).map(|sockets| sockets.call) else {
            return;
        };
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        match half {
            Half::Rtp => {
                self.last_packet = Some(now);
                self.counters.rtp_received.fetch_add(1, Ordering::Relaxed);
                let mut out = Outputs {
                    call: id,
                    is_mirrored: call.is_mirrored,
                    sockets: &self.sockets,
                    feed: &mut self.feed,
                    report: &self.report,
                    counters: &self.counters,
                    now,
                };
                call.session
                    .handle_rtp(key_of(slot), datagram, source, now, &mut out);
            }
            Half::Rtcp => call
                .session
                .handle_rtcp(key_of(slot), datagram, source, now),
        }
        self.point(slot);
    }

    fn handle_timeouts(&mut self, now: Instant) {
        for (id, call) in &mut self.calls {
            if call.due.is_none_or(|due| due > now) {
                continue;
            }
            let mut out = Outputs {
                call: *id,
                is_mirrored: call.is_mirrored,
                sockets: &self.sockets,
                feed: &mut self.feed,
                report: &self.report,
                counters: &self.counters,
                now,
            };
            call.session.handle_timeout(now, &mut out);
            call.due = call.session.poll_timeout();
        }
        self.feed.handle_timeout(now);
        let overflows = self.feed.thrown_away();
        self.counters
            .recorder_overflows
            .store(overflows, Ordering::Relaxed);
    }

    /// Does something to the session of a leg's call.
    fn with_session(
        &mut self,
        leg: MediaLeg,
        now: Instant,
        act: impl FnOnce(&mut Session, &mut Outputs<'_>),
    ) {
        let slot = self.slots.get(&leg);
        let Some(id) = slot.and_then(|slot| Some(self.sockets.get(*slot)?.call)) else {
            tracing::debug!(?leg, "an order for a leg that is not open");
            return;
        };
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let mut out = Outputs {
            call: id,
            is_mirrored: call.is_mirrored,
            sockets: &self.sockets,
            feed: &mut self.feed,
            report: &self.report,
            counters: &self.counters,
            now,
        };
        act(&mut call.session, &mut out);
        call.due = call.session.poll_timeout();
    }

    /// Does something to a leg.
    fn with_leg(
        &mut self,
        leg: MediaLeg,
        now: Instant,
        act: impl FnOnce(&mut Session, LegKey, &mut Outputs<'_>),
    ) {
        if let Some(key) = self.key(leg) {
            self.with_session(leg, now, |session, out| act(session, key, out));
        }
    }

    fn key(&self, leg: MediaLeg) -> Option<LegKey> {
        self.slots.get(&leg).copied().map(key_of)
    }

    fn call(&mut self, id: CallId, now: Instant) -> &mut Call {
        let patience = self.patience;
        self.calls.entry(id).or_insert_with(|| {
            let mut session = Session::new(WallClock {
                read_at: now,
                unix_us: u64::try_from(Clock.wall().0).unwrap_or(0),
            });
            session.be_patient(patience);
            Call {
                session,
                due: None,
                recorded: None,
                is_mirrored: false,
            }
        })
    }

    fn forget_if_idle(&mut self, id: CallId) {
        let is_idle = |call: &Call| call.session.is_empty() && call.recorded.is_none();
        if self.calls.get(&id).is_some_and(is_idle) {
            self.calls.remove(&id);
        }
    }
}

impl Sink for Outputs<'_> {
    fn rtp(&mut self, leg: LegKey, packet: &[u8]) {
        let sockets = self.sockets.get(slot_of(leg));
        let is_sent = sockets.is_some_and(|sockets| sockets.send(Half::Rtp, packet).is_ok());
        let counter = if is_sent {
            &self.counters.rtp_sent
        } else {
            &self.counters.send_failures
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn rtcp(&mut self, leg: LegKey, packet: &[u8]) {
        if let Some(sockets) = self.sockets.get(slot_of(leg)) {
            // A report that is not taken is made up for by the next one.
            let _ = sockets.send(Half::Rtcp, packet);
        }
    }

    fn tapped(&mut self, _: LegKey, way: Way, frame: Frame<'_>) {
        let way = match (way, self.is_mirrored) {
            (way, false) => way,
            (Way::Received, true) => Way::Sent,
            (Way::Sent, true) => Way::Received,
        };
        self.feed.push(self.call, way, &frame, self.now);
    }

    fn played(&mut self, leg: LegKey, play: PlayKey, heard_ms: u64, complete: bool) {
        if let Some(sockets) = self.sockets.get(slot_of(leg)) {
            (self.report)(MediaEvent::Played {
                leg: sockets.leg,
                play: PlayId(play.0),
                heard_ms,
                complete,
            });
        }
    }

    fn noticed(&mut self, leg: LegKey, notice: Notice) {
        if let Some(sockets) = self.sockets.get(slot_of(leg)) {
            (self.report)(peer_news::event(sockets.leg, notice));
        }
    }
}

/// A session's legs are named by their slots, so that a packet finds its socket at once.
fn key_of(slot: usize) -> LegKey {
    LegKey(slot as u64)
}

fn slot_of(leg: LegKey) -> usize {
    usize::try_from(leg.0).unwrap_or(usize::MAX)
}
