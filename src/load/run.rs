//! One run: dial at a rate until all calls are up, let them talk, hang up, and give the account.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

use super::marker::Side;
use super::signals::{Places, Signals};
use super::sockets::MediaSockets;
use super::tally::{Delays, Figures, Tally};
use super::usage::{Usage, usage};
use super::voices::{Order, PACKET, Tallies, Voices};
use crate::clock::Clock;
use crate::sip::Flow;

/// How often the signalling's sockets are looked at.
const NAP: Duration = Duration::from_millis(2);
/// A call that is not up so long after the last one was dialled never will be.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is on its way, or only begins, gets so long.
const SETTLE: Duration = Duration::from_secs(1);
/// What has not come so long after everybody has fallen silent is lost.
const LATEST: Duration = Duration::from_secs(5);
/// So many calls are hung up in each nap.
const HANG_UPS: usize = 2;
/// Longer than any message of a call.
const LARGEST_DATAGRAM: usize = 8 * 1024;

/// A run to be made.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the service is.
    pub target: SocketAddr,
    /// What is dialled.
    pub number: String,
    /// The callers' IP: a trunk's.
    pub caller: IpAddr,
    /// Where the service calls its agent.
    pub agent: SocketAddr,
    /// Calls at once.
    pub calls: u16,
    /// Calls dialled a second.
    pub rate: u32,
    /// How long all of them talk.
    pub hold: Duration,
    /// The service's process, whose use is measured.
    pub pid: Option<u32>,
    /// Throws every so-manieth packet away instead of sending it, and counts it as sent.
    pub drop_every: Option<u32>,
}

/// What a run has shown.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Calls that came to a talk.
    pub talked: usize,
    /// What went wrong with others, or later.
    pub failures: Vec<String>,
    /// The packets of the callers, then those of the agents.
    pub figures: [Figures; 2],
    /// Their delays.
    pub delays: [Delays; 2],
    /// The service's processor time for one second of one call, in milliseconds.
    pub cpu_ms_per_call_s: Option<f64>,
    /// The memory that the service takes for a call, in KiB.
    pub memory_kib_per_call: Option<f64>,
}

impl Measured {
    /// How long each side has spoken in all calls together, in milliseconds.
    pub fn spoke_ms(&self) -> [u64; 2] {
        let packet_ms = u64::try_from(PACKET.as_millis()).unwrap_or(u64::MAX);
        self.figures.map(|figures| figures.received * packet_ms)
    }

    /// Every call came to a talk and every packet to where it was sent, once.
    pub fn is_clean(&self) -> bool {
        let is_clean = |figures: &Figures| figures.lost + figures.duplicated + figures.astray == 0;
        self.failures.is_empty() && self.figures.iter().all(is_clean)
    }
}

/// Makes the run.
///
/// # Errors
/// No socket can be had, or the voices' thread breaks.
pub fn run(plan: &Plan) -> io::Result<Measured> {
    let calls = usize::from(plan.calls);
    let media = MediaSockets::bind(calls, [plan.caller, plan.agent.ip()])?;
    let addresses = media.addresses(calls)?;
    let caller = socket(SocketAddr::new(plan.caller, 0))?;
    let agent = socket(plan.agent)?;
    let places = Places {
        target: plan.target,
        caller: caller.local_addr()?,
        agent: agent.local_addr()?,
        number: plan.number.clone(),
    };
    // A talk for each call, and the end.
    let (orders, received) = sync_channel(calls + 2);
    let under_way = Arc::new(AtomicU64::new(0));
    let watched = Arc::clone(&under_way);
    let voices = Voices::new(media, received, calls, plan.drop_every, watched);
    let voices = std::thread::Builder::new()
        .name("voices".to_owned())
        .spawn(move || voices.run())?;
    let mut run = Run {
        signals: Signals::new(places, &addresses, rand::random()),
        sockets: [caller, agent],
        orders,
        under_way,
    };
    let used = run.carry_out(plan);
    let failures = run.signals.failures().to_vec();
    let talked = run.signals.talked();
    run.order(Order::Stop);
    let tallies = voices.join();
    let tallies = tallies.map_err(|_| io::Error::other("the voices' thread broke"))?;
    Ok(measured(plan, talked, failures, &tallies, used))
}

struct Run {
    signals: Signals,
    sockets: [UdpSocket; 2],
    orders: SyncSender<Order>,
    under_way: Arc<AtomicU64>,
}

/// What the service had used before the calls, when all talked, and after the hold.
type Used = [Option<Usage>; 3];

impl Run {
    fn carry_out(&mut self, plan: &Plan) -> Used {
        let calls = usize::from(plan.calls);
        let look = || plan.pid.and_then(usage);
        let before = look();
        let gap = Duration::from_secs(1) / plan.rate.max(1);
        let mut next = Clock.now();
        for call in 0..calls {
            self.serve_until(next, |_| false);
            self.signals.dial(call, Clock.now());
            next += gap;
        }
        self.serve_until(Clock.now() + PATIENCE, |signals| {
            signals.talked() + signals.failures().len() >= calls
        });
        self.pause(SETTLE);
        let begun = look();
        self.pause(plan.hold);
        let ended = look();
        self.order(Order::Hush);
        self.pause(SETTLE);
        let under_way = Arc::clone(&self.under_way);
        let late = Clock.now() + LATEST;
        self.serve_until(late, |_| under_way.load(Ordering::Relaxed) == 0);
        for call in 0..calls {
            self.signals.hang_up(call, Clock.now());
            if call % HANG_UPS == 0 {
                self.pause(NAP);
            }
        }
        self.serve_until(Clock.now() + PATIENCE, Signals::is_over);
        [before, begun, ended]
    }

    fn pause(&mut self, length: Duration) {
        self.serve_until(Clock.now() + length, |_| false);
    }

    /// Carries the signalling on, until then or until it is `done`.
    fn serve_until(&mut self, until: Instant, done: impl Fn(&Signals) -> bool) {
        loop {
            self.serve();
            let now = Clock.now();
            if now >= until || done(&self.signals) {
                return;
            }
            std::thread::sleep(NAP.min(until.saturating_duration_since(now)));
        }
    }

    fn serve(&mut self) {
        let mut buffer = [0; LARGEST_DATAGRAM];
        for socket in &self.sockets {
            let Ok(local) = socket.local_addr() else {
                continue;
            };
            while let Ok((length, peer)) = socket.recv_from(&mut buffer) {
                let bytes = buffer.get(..length).unwrap_or_default();
                let flow = Flow::udp(local, peer);
                self.signals.handle_message(bytes, flow, Clock.now());
            }
        }
        self.signals.handle_timeout(Clock.now());
        while let Some(transmit) = self.signals.poll_transmit() {
            let is_local = |socket: &&UdpSocket| {
                socket
                    .local_addr()
                    .is_ok_and(|at| at == transmit.flow.local)
            };
            if let Some(socket) = self.sockets.iter().find(is_local) {
                // What is not sent is repeated, as what is lost.
                let _ = socket.send_to(&transmit.bytes, transmit.flow.peer);
            }
        }
        while let Some(talk) = self.signals.poll_talk() {
            self.order(Order::Talk(talk));
        }
    }

    fn order(&self, order: Order) {
        // The thread lives until it is told to stop; if it broke, joining it says so.
        let _ = self.orders.send(order);
    }
}

fn socket(at: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(at)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn measured(
    plan: &Plan,
    talked: usize,
    failures: Vec<String>,
    tallies: &Tallies,
    [before, begun, ended]: Used,
) -> Measured {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand calls")]
    let calls = talked.max(1) as f64;
    let cpu = begun.zip(ended).map(|(begun, ended)| {
        let used = ended.cpu.saturating_sub(begun.cpu);
        used.as_secs_f64() * 1000.0 / plan.hold.as_secs_f64().max(0.001) / calls
    });
    let memory = before.zip(ended).map(|(before, ended)| {
        #[expect(clippy::cast_precision_loss, reason = "less than 2^52 KiB")]
        let more = ended.memory_kib.saturating_sub(before.memory_kib) as f64;
        more / calls
    });
    let of = |side: Side| &tallies[side.index()];
    Measured {
        talked,
        failures,
        figures: Side::BOTH.map(|side| Tally::figures(of(side))),
        delays: Side::BOTH.map(|side| Tally::delays(of(side))),
        cpu_ms_per_call_s: cpu,
        memory_kib_per_call: memory,
    }
}
