//! The thread that speaks and listens for everybody.
//!
//! Each call speaks every 20 ms at its own moment, so that the packets of all calls are spread over
//! the time as those of strangers are. Between, whatever has come is taken in.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use super::marker::{Marker, PAYLOAD_BYTES, Side, tone};
use super::signals::Talk;
use super::sockets::MediaSockets;
use super::tally::Tally;
use crate::clock::Clock;
use crate::media::rtp::{HEADER_BYTES, Packet};

/// From packet to packet of one stream.
pub(super) const PACKET: Duration = Duration::from_millis(20);
/// How long the thread sleeps between looking: it is a part of the delay that it measures.
const NAP: Duration = Duration::from_micros(500);
/// A talk begins so long after it can, when whatever is between has made its way free.
const PAUSE: Duration = Duration::from_millis(500);
const PACKET_SAMPLES: u32 = 160;
/// G.711 µ-law (RFC 3551 §6).
const PAYLOAD_TYPE: u8 = 0;

/// What the thread is told.
#[derive(Debug)]
pub(super) enum Order {
    /// A call has begun.
    Talk(Talk),
    /// Nobody speaks any more; what is on its way is still heard.
    Hush,
    /// Give the account.
    Stop,
}

/// The account of both directions: what the callers sent, then what the agents did.
pub(super) type Tallies = [Tally; 2];

/// The thread's state.
pub(super) struct Voices {
    sockets: MediaSockets,
    orders: Receiver<Order>,
    began: Instant,
    drop_every: Option<u32>,
    talks: Vec<Speaker>,
    tallies: Tallies,
    payloads: [[u8; PAYLOAD_BYTES]; 2],
    thrown_away: u64,
    /// Packets that are on their way.
    under_way: Arc<AtomicU64>,
    is_hushed: bool,
}

struct Speaker {
    talk: Talk,
    next: Instant,
    number: u32,
}

impl Voices {
    pub(super) fn new(
        sockets: MediaSockets,
        orders: Receiver<Order>,
        calls: usize,
        drop_every: Option<u32>,
        under_way: Arc<AtomicU64>,
    ) -> Self {
        Self {
            sockets,
            orders,
            began: Clock.now(),
            drop_every,
            talks: Vec::with_capacity(calls),
            tallies: Side::BOTH.map(|side| Tally::new(side, calls)),
            payloads: Side::BOTH.map(tone),
            thrown_away: 0,
            under_way,
            is_hushed: false,
        }
    }

    /// Speaks and listens until it is told to stop.
    pub(super) fn run(mut self) -> Tallies {
        loop {
            match self.orders.try_recv() {
                Ok(Order::Talk(talk)) => self.begin(talk),
                Ok(Order::Hush) => self.is_hushed = true,
                Ok(Order::Stop) | Err(TryRecvError::Disconnected) => return self.tallies,
                Err(TryRecvError::Empty) => {
                    self.speak(Clock.now());
                    self.listen();
                    let lost = self.tallies.iter().map(|tally| tally.figures().lost);
                    let under_way = lost.sum::<u64>().saturating_sub(self.thrown_away);
                    self.under_way.store(under_way, Ordering::Relaxed);
                    std::thread::sleep(NAP);
                }
            }
        }
    }

    fn begin(&mut self, talk: Talk) {
        let now = Clock.now();
        // The golden ratio spreads any number of calls evenly.
        let place = f64::from(talk.call) * 0.618_034;
        self.talks.push(Speaker {
            talk,
            next: now + PAUSE + PACKET.mul_f64(place.fract()),
            number: 0,
        });
    }

    fn speak(&mut self, now: Instant) {
        if self.is_hushed {
            return;
        }
        let sent_us = micros(now.saturating_duration_since(self.began));
        for speaker in &mut self.talks {
            if speaker.next > now {
                continue;
            }
            speaker.next += PACKET;
            let (call, number) = (speaker.talk.call, speaker.number);
            speaker.number += 1;
            let is_thrown_away = self
                .drop_every
                .is_some_and(|every| number % every == every - 1);
            for side in Side::BOTH {
                let index = side.index();
                self.tallies[index].sent();
                if is_thrown_away {
                    self.thrown_away += 1;
                    continue;
                }
                let payload = &mut self.payloads[index];
                let marker = Marker {
                    side,
                    call,
                    number,
                    sent_us,
                };
                marker.write(payload);
                let datagram = rtp(side, call, number, payload);
                let to: SocketAddr = speaker.talk.to[index];
                // A packet that the kernel does not take is lost, and counted as such.
                let _ = self.sockets.send(side, call, &datagram, to);
            }
        }
    }

    fn listen(&mut self) {
        let (tallies, began) = (&mut self.tallies, self.began);
        self.sockets.drain(|side, socket, datagram| {
            let Ok(packet) = Packet::parse(datagram) else {
                return;
            };
            let Some(marker) = Marker::read(packet.payload) else {
                return; // a tone or a prompt of the service's
            };
            let now_us = micros(Clock.now().saturating_duration_since(began));
            // What the callers said comes to the agents; a socket of several calls cannot tell
            // them apart, but it can tell that none of them is meant.
            let own = socket.is_of(marker.call).then_some(marker.call);
            let from = match side {
                Side::Caller => Side::Agent,
                Side::Agent => Side::Caller,
            };
            tallies[from.index()].received(&marker, own.or(Some(u16::MAX)), now_us);
        });
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn rtp(
    side: Side,
    call: u16,
    number: u32,
    payload: &[u8; PAYLOAD_BYTES],
) -> [u8; HEADER_BYTES + PAYLOAD_BYTES] {
    let mut datagram = [0; HEADER_BYTES + PAYLOAD_BYTES];
    let [.., high, low] = number.to_be_bytes();
    let packet = Packet {
        marker: number == 0,
        payload_type: PAYLOAD_TYPE,
        sequence: u16::from_be_bytes([high, low]),
        timestamp: number.wrapping_mul(PACKET_SAMPLES),
        ssrc: u32::from(call) << 1 | u32::from(side == Side::Agent),
        payload: &[],
    };
    packet.write_header(&mut datagram);
    if let Some(place) = datagram.get_mut(HEADER_BYTES..) {
        place.copy_from_slice(payload);
    }
    datagram
}
