//! The thread that owns the RTP sockets of its calls.
//!
//! While audio flows it sleeps until the next tick, drains what has come, sends what is due, and
//! sleeps again: per packet that costs a third less than being woken for each (DESIGN §6b). When
//! nothing flows it blocks until a packet, an order or a report is due.

use std::any::Any;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::watch;

use super::leg_sockets::{self, Half, LegSockets, SocketTable};
use super::media_calls::{CallTable, key_of};
use super::media_outputs::{Exits, Outputs, Tally};
use super::media_plane::{Counters, MediaSettings, Report};
use super::media_transit::{Order, Parcel, Transit};
use super::pace::{Next, TICK};
use super::peer_news;
use super::ports::{PortPool, Taken};
use super::recorder_feed::RecorderFeed;
use super::srtp::SrtpLegs;
use super::wheel::Wheel;
use crate::call::event::LegQuality;
use crate::call::media::{Audio, MediaCommand, MediaEvent, MediaLeg, PlayId};
use crate::clock::Clock;
use crate::id::CallId;
use crate::media::{LegKey, PlayKey, Session, Source};
use crate::recording::PromptLibrary;
use crate::sdp::Stream;

/// The poll's name for "there are orders".
pub(super) const WAKER: Token = Token(usize::MAX);

/// So long after the last packet the thread still ticks: phones send every 10 to 60 ms.
const BUSY_AFTER_PACKET: Duration = Duration::from_millis(200);
/// Datagrams taken from one socket before the others get their turn.
const DATAGRAMS_A_TURN: usize = 64;
/// Larger than any datagram that we would relay.
const BUFFER_BYTES: usize = 2048;

/// The thread's state.
pub(super) struct MediaThread {
    poll: Poll,
    transit: Transit,
    exits: Exits,
    slots: BTreeMap<MediaLeg, usize>,
    calls: CallTable,
    ports: PortPool,
    prompts: watch::Receiver<PromptLibrary>,
    rng: StdRng,
    counters: Arc<Counters>,
    /// Sockets that have more than was taken from them.
    ready: Vec<Token>,
    /// Legs whose next packet is looked for by the clock.
    wheel: Wheel,
    last_packet: Option<Instant>,
    is_stopping: bool,
}

impl MediaThread {
    pub(super) fn new(
        poll: Poll,
        transit: Transit,
        feed: RecorderFeed,
        settings: MediaSettings,
        report: Report,
        counters: Arc<Counters>,
        taken: Taken,
    ) -> Self {
        let mut rng = StdRng::seed_from_u64(settings.seed);
        Self {
            poll,
            transit,
            exits: Exits {
                sockets: SocketTable::default(),
                srtp: SrtpLegs::default(),
                feed,
                report,
                tally: Tally::default(),
            },
            slots: BTreeMap::new(),
            calls: CallTable::new(settings.patience),
            ports: PortPool::new(
                &settings.ports,
                settings.tos,
                taken,
                StdRng::from_rng(&mut rng),
            ),
            prompts: settings.prompts,
            rng,
            counters,
            ready: Vec::new(),
            wheel: Wheel::new(Clock.now()),
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
            self.calls.begin_turn();
            let turn = catch_unwind(AssertUnwindSafe(|| {
                self.drain_orders(now);
                self.drain_sockets(now);
                self.handle_timeouts(now);
            }));
            if let Err(fault) = turn {
                self.break_off(fault, now);
            }
            self.exits.tally.publish(&self.counters);
        }
        self.close_all(Clock.now());
    }

    /// A fault of the program in one call's step ends that call's media: the core is told, and ends
    /// the call. The turn was cut short, so every other leg is looked at anew.
    fn break_off(&mut self, fault: Box<dyn Any + Send>, now: Instant) {
        let Some(call) = self.calls.break_off(now) else {
            resume_unwind(fault);
        };
        tracing::error!(call.id = %call, alarm = "call_broken", "a fault of the service in one call's media");
        self.wheel = Wheel::new(now);
        let slots = self.slots.values();
        let tokens = slots
            .flat_map(|slot| [Half::Rtp, Half::Rtcp].map(|half| leg_sockets::token(*slot, half)));
        self.ready = tokens.collect();
        (self.exits.report)(MediaEvent::Broke { call });
    }

    /// Sleeps until there is something to do; see the module's description.
    fn wait(&mut self, events: &mut Events) -> std::io::Result<()> {
        let now = Clock.now();
        let is_busy = self
            .last_packet
            .is_some_and(|last| now.saturating_duration_since(last) < BUSY_AFTER_PACKET);
        let has_work = !self.ready.is_empty() || self.transit.is_waiting();
        if is_busy || has_work || !self.wheel.is_empty() {
            // Ticks are a fixed time apart, whatever the work between them takes.
            std::thread::sleep(self.wheel.next_tick(now) - now);
            return self.poll.poll(events, Some(Duration::ZERO));
        }
        let due = self.calls.poll_timeout().into_iter();
        let due = due.chain(self.exits.feed.poll_timeout()).min();
        let timeout = due.map(|due| due.saturating_duration_since(now));
        self.poll.poll(events, timeout)
    }

    fn drain_orders(&mut self, now: Instant) {
        self.transit.send_waiting();
        while let Some(order) = self.transit.next() {
            match order {
                Order::Command(command) => self.handle_command(command, now),
                Order::Give { leg, call, thread } => {
                    let parcel = self.pack(leg, call, now);
                    self.transit.give(thread, leg, parcel);
                }
                Order::Take { parcel, .. } => {
                    if let Some(parcel) = parcel {
                        self.unpack(*parcel, now);
                    }
                }
                Order::Await(_) => {}
                Order::Stop => {
                    self.is_stopping = true;
                    return;
                }
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
            MediaCommand::Adopt { call, leg } => {
                if let Some(parcel) = self.pack(leg, call, now) {
                    self.unpack(parcel, now);
                }
            }
            MediaCommand::Play { leg, play, audio } => self.play(leg, play, &audio, now),
            MediaCommand::StopPlay { leg } => {
                self.with_leg(leg, now, |session, key, out| session.stop_play(key, out));
            }
            MediaCommand::Mix { leg, hears } => {
                let keys: Vec<_> = hears.iter().filter_map(|leg| self.key(*leg)).collect();
                self.with_leg(leg, now, |session, key, _| session.mix(key, &keys, now));
            }
            MediaCommand::Heed {
                leg,
                quiet_after,
                is_first_word,
            } => self.with_leg(leg, now, |session, key, _| {
                session.heed(key, quiet_after, is_first_word, now);
            }),
            MediaCommand::PressKey {
                leg,
                digit,
                held_ms,
            } => self.with_leg(leg, now, |session, key, _| {
                session.press(key, digit, held_ms, now);
            }),
            MediaCommand::OpenRecording { call, leg, path } => {
                self.calls.entry(call, now).recorded = Some(leg);
                self.exits.feed.open(call, path);
            }
            MediaCommand::RecordMirrored { call, leg } => self.record_mirrored(call, leg, now),
            MediaCommand::StartRecording { call } => self.start_recording(call, now),
            MediaCommand::SilenceRecording { call, silent } => {
                self.exits.feed.silence(call, silent, now);
            }
            MediaCommand::CloseRecording { call } => self.close_recording(call, now),
            MediaCommand::Close { leg } => self.close(leg, now),
        }
    }

    fn open(&mut self, call: CallId, leg: MediaLeg, local: IpAddr, now: Instant) {
        let opened = self.ports.open(local).and_then(|pair| {
            let address = pair.address;
            let sockets = LegSockets::new(leg, self.calls.place(call, now), pair);
            let slot = self.exits.sockets.insert(sockets, self.poll.registry());
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
                let session = &mut self.calls.entry(call, now).session;
                session.add_leg(key_of(slot), &mut rng);
                MediaEvent::Opened { leg, address }
            }
            Err(error) => {
                tracing::warn!(%error, %local, "no pair of ports could be opened");
                self.calls.forget_if_idle(call);
                MediaEvent::OpenFailed { leg }
            }
        };
        (self.exits.report)(event);
    }

    /// Takes a leg out of its call, for another: its sockets and its streams stay as they are.
    fn pack(&mut self, leg: MediaLeg, call: CallId, now: Instant) -> Option<Parcel> {
        let mut moving = None;
        self.with_leg(leg, now, |session, key, out| {
            moving = session.take_leg(key, out);
        });
        let moving = moving?;
        let slot = self.slots.remove(&leg)?;
        let sockets = self.exits.sockets.remove(slot, self.poll.registry())?;
        self.counters.legs_open.fetch_sub(1, Ordering::Relaxed);
        self.calls.forget_place_if_idle(sockets.place);
        Some(Parcel {
            call,
            sockets,
            srtp: self.exits.srtp.take(slot),
            moving,
        })
    }

    /// Goes on with a leg that was another call's.
    fn unpack(&mut self, parcel: Parcel, now: Instant) {
        let Parcel {
            call,
            mut sockets,
            srtp,
            moving,
        } = parcel;
        let (leg, address) = (sockets.leg, sockets.address);
        sockets.place = self.calls.place(call, now);
        match self.exits.sockets.insert(sockets, self.poll.registry()) {
            Ok(slot) => {
                self.slots.insert(leg, slot);
                self.exits.srtp.put(slot, srtp);
                self.counters.legs_open.fetch_add(1, Ordering::Relaxed);
                self.calls
                    .with(call, |call| call.session.put_leg(moving, key_of(slot)));
            }
            Err(error) => {
                tracing::error!(%error, ?leg, "a leg was lost on its way to another call");
                self.ports.release(address);
                self.calls.forget_if_idle(call);
            }
        }
    }

    fn connect(&mut self, leg: MediaLeg, stream: Stream, now: Instant) {
        if let Some(slot) = self.slots.get(&leg) {
            self.exits.srtp.set(*slot, stream.srtp.as_deref());
        }
        self.with_leg(leg, now, |session, key, _| {
            session.connect(key, stream, now);
        });
        if let Some(slot) = self.slots.get(&leg) {
            self.point(*slot);
        }
    }

    /// Points a leg's sockets where its session says, if that has changed.
    fn point(&mut self, slot: usize) {
        let Some(sockets) = self.exits.sockets.get_mut(slot) else {
            return;
        };
        let call = self.calls.at(sockets.place);
        let aim = call.map(|call| call.session.aim(key_of(slot)));
        if let Some(aim) = aim.filter(|aim| *aim != sockets.aim())
            && let Err(error) = sockets.point(aim)
        {
            tracing::warn!(%error, ?aim, "a leg's peer cannot be reached");
        }
    }

    fn play(&mut self, leg: MediaLeg, play: PlayId, audio: &Audio, now: Instant) {
        let prompt = |name: &str| {
            let known = self.prompts.borrow();
            let loaded = known.prompt(name)?;
            Some(Arc::clone(&loaded.prompt))
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
            (self.exits.report)(MediaEvent::Played {
                leg,
                play,
                heard_ms: 0,
                complete: false,
            });
        }
    }

    fn start_recording(&mut self, id: CallId, now: Instant) {
        let Some(leg) = self.calls.get_mut(id).and_then(|call| call.recorded) else {
            return;
        };
        self.exits.feed.start(id, now);
        self.with_leg(leg, now, |session, key, _| session.tap(key, true));
    }

    /// The recording goes on with another leg.
    fn record_mirrored(&mut self, id: CallId, leg: MediaLeg, now: Instant) {
        let Some(call) = self.calls.get_mut(id) else {
            return;
        };
        let Some(before) = call.recorded.replace(leg) else {
            call.recorded = None; // it is closed
            return;
        };
        call.is_mirrored = true;
        let has_begun = self.exits.feed.is_running(id);
        self.with_leg(before, now, |session, key, _| session.tap(key, false));
        self.with_leg(leg, now, |session, key, _| session.tap(key, has_begun));
    }

    fn close_recording(&mut self, id: CallId, now: Instant) {
        let Some(call) = self.calls.get_mut(id) else {
            return;
        };
        let Some(leg) = call.recorded.take() else {
            return;
        };
        self.with_leg(leg, now, |session, key, _| session.tap(key, false));
        self.exits.feed.close(id, now);
        self.calls.forget_if_idle(id);
    }

    fn close(&mut self, leg: MediaLeg, now: Instant) {
        let mut figures = None;
        self.with_leg(leg, now, |session, key, out| {
            figures = session.remove_leg(key, out);
        });
        let Some(slot) = self.slots.remove(&leg) else {
            return;
        };
        if let Some(sockets) = self.exits.sockets.remove(slot, self.poll.registry()) {
            let (address, place) = (sockets.address, sockets.place);
            drop(sockets);
            self.ports.release(address);
            self.counters.legs_open.fetch_sub(1, Ordering::Relaxed);
            self.calls.forget_place_if_idle(place);
        }
        let figures = figures.unwrap_or_default();
        crate::metrics::rtp_dropped("foreign", figures.foreign);
        let srtp_dropped = self.exits.srtp.remove(slot);
        crate::metrics::rtp_dropped("malformed", figures.malformed);
        crate::metrics::rtp_dropped("srtp", srtp_dropped.unwrap_or(0));
        (self.exits.report)(MediaEvent::Closed {
            leg,
            quality: LegQuality {
                srtp_dropped,
                ..peer_news::quality(&figures)
            },
        });
    }

    fn close_all(mut self, now: Instant) {
        for call in self.calls.ids() {
            self.close_recording(call, now);
        }
        let legs: Vec<_> = self.slots.keys().copied().collect();
        for leg in legs {
            self.close(leg, now);
        }
        self.exits.feed.finish(now);
    }

    /// Takes in what the ready sockets hold, and those that are due. A socket that has more than
    /// its turn allows stays ready: the poll tells of news only.
    fn drain_sockets(&mut self, now: Instant) {
        let mut buffer = [0; BUFFER_BYTES];
        let mut ready = std::mem::take(&mut self.ready);
        ready.retain(|token| self.drain_socket(*token, &mut buffer, now));
        while let Some(mut due) = self.wheel.take_due(now) {
            for (slot, leg) in due.drain(..) {
                let sockets = self
                    .exits
                    .sockets
                    .get(slot)
                    .filter(|sockets| sockets.leg == leg);
                if sockets.is_some_and(|sockets| sockets.pace.is_looked_after()) {
                    let token = leg_sockets::token(slot, Half::Rtp);
                    if self.drain_socket(token, &mut buffer, now) {
                        ready.push(token);
                    }
                }
            }
            self.wheel.give_back(due);
        }
        self.ready = ready;
    }

    /// Whether the socket may hold more than its turn allows.
    fn drain_socket(&mut self, token: Token, buffer: &mut [u8], now: Instant) -> bool {
        let (slot, half) = leg_sockets::of_token(token);
        for turn in 0..DATAGRAMS_A_TURN {
            let Some(sockets) = self.exits.sockets.get_mut(slot) else {
                return false;
            };
            let place = sockets.place;
            let (length, source) = match sockets.receive(half, buffer) {
                Ok(received) => received,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    if half == Half::Rtp {
                        self.handle_empty(slot, turn == 0);
                    }
                    return false;
                }
                Err(_) => continue, // an ICMP error of something sent earlier
            };
            let next = match half {
                Half::Rtp => sockets.pace.handle_packet(now),
                Half::Rtcp => Next::Read,
            };
            let datagram = buffer.get(..length).unwrap_or_default();
            self.handle_datagram(slot, half, place, datagram, source, now);
            match next {
                Next::Read => {}
                Next::Wait => return false,
                Next::Look(ticks) => {
                    self.look_in(slot, ticks);
                    return false;
                }
            }
        }
        true
    }

    /// A socket holds no packet, or no more.
    fn handle_empty(&mut self, slot: usize, is_miss: bool) {
        let Some(sockets) = self.exits.sockets.get_mut(slot) else {
            return;
        };
        if !sockets.pace.is_looked_after() {
            return;
        }
        let ticks = if is_miss {
            sockets.pace.handle_miss()
        } else {
            sockets.pace.handle_empty()
        };
        if let Some(ticks) = ticks {
            self.look_in(slot, ticks);
        } else if let Err(error) = sockets.watch(slot, Half::Rtp, self.poll.registry()) {
            tracing::error!(%error, leg = ?sockets.leg, "a leg cannot be watched");
        }
    }

    /// The leg is looked after by the clock.
    fn look_in(&mut self, slot: usize, ticks: u32) {
        if let Some(sockets) = self.exits.sockets.get_mut(slot) {
            sockets.leave(Half::Rtp, self.poll.registry());
            self.wheel.push((slot, sockets.leg), ticks);
        }
    }

    fn handle_datagram(
        &mut self,
        slot: usize,
        half: Half,
        place: usize,
        datagram: &[u8],
        source: SocketAddr,
        now: Instant,
    ) {
        let Some(call) = self.calls.at_mut(place) else {
            return;
        };
        // Nothing learns from a packet that is not the peer's: neither latch nor receiver.
        let Some(datagram) = self.exits.srtp.open(slot, half, datagram) else {
            return;
        };
        let key = key_of(slot);
        if half == Half::Rtp {
            self.last_packet = Some(now);
            self.exits.tally.received += 1;
            let mut out = self.exits.of(call, now);
            call.session
                .handle_rtp(key, &datagram, source, now, &mut out);
            self.calls.note_hurry(place);
        } else {
            call.session.handle_rtcp(key, &datagram, source, now);
        }
        if self
            .exits
            .sockets
            .get(slot)
            .is_some_and(LegSockets::is_learning)
        {
            self.point(slot);
        }
    }

    fn handle_timeouts(&mut self, now: Instant) {
        if self.calls.poll_timeout().is_some_and(|due| due <= now) {
            for call in self.calls.due(now) {
                let mut out = self.exits.of(call, now);
                call.session.handle_timeout(now, &mut out);
                call.due = call.session.poll_timeout();
            }
            self.calls.find_earliest();
        }
        self.exits.feed.handle_timeout(now);
        let overflows = self.exits.feed.thrown_away();
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
        let Some(place) = slot.and_then(|slot| Some(self.exits.sockets.get(*slot)?.place)) else {
            tracing::debug!(?leg, "an order for a leg that is not open");
            return;
        };
        let Some(call) = self.calls.at_mut(place) else {
            return;
        };
        let mut out = self.exits.of(call, now);
        act(&mut call.session, &mut out);
        self.calls.note_due(place);
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
}
