//! Many parties of many calls, whose voices one thread carries: each packet says which one it is,
//! so that a single one that is lost on the way shows.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::patience::until;
use crate::tone::Law;

const PACKET: Duration = Duration::from_millis(20);
const HEADER: usize = 12;
/// After so long without a packet, none is on its way any more.
const QUIET: Duration = Duration::from_secs(2);

/// One end of a call: its RTP socket, and where its voice goes.
pub(crate) type End = (UdpSocket, SocketAddr);

/// What was said and heard from the moment on at which everybody heard everybody.
#[derive(Debug)]
pub(crate) struct Account {
    /// Packets that were sent, dropped ones included.
    pub(crate) sent: usize,
    /// Those of them that did not arrive at the call's other end.
    pub(crate) lost: usize,
}

/// Calls that go on until they are asked what was lost.
pub(crate) struct Crowd {
    is_heard: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    worker: JoinHandle<Account>,
}

impl Crowd {
    /// Both ends of each call speak. Of each `dropped` packets one is only said to be sent.
    pub(crate) fn start(calls: Vec<[End; 2]>, dropped: Option<u32>) -> Self {
        let is_heard = Arc::new(AtomicBool::new(false));
        let stop = Arc::new(AtomicBool::new(false));
        let parties = calls.into_iter().flatten().map(Party::new).collect();
        let worker = std::thread::spawn({
            let (is_heard, stop) = (is_heard.clone(), stop.clone());
            move || talk(parties, dropped, &is_heard, &stop)
        });
        Self {
            is_heard,
            stop,
            worker,
        }
    }

    /// Waits until everybody has been heard.
    pub(crate) fn wait_until_heard(&self) {
        until("everybody to be heard", || {
            self.is_heard.load(Ordering::Relaxed).then_some(())
        });
    }

    /// Everybody falls silent: what was lost.
    pub(crate) fn finish(self) -> Account {
        self.stop.store(true, Ordering::Relaxed);
        self.worker.join().unwrap()
    }
}

struct Party {
    socket: UdpSocket,
    to: SocketAddr,
    /// Which packets of the other end have come.
    heard: Vec<bool>,
}

impl Party {
    fn new((socket, to): End) -> Self {
        socket.set_nonblocking(true).unwrap();
        Self {
            socket,
            to,
            heard: Vec::new(),
        }
    }

    fn say(&self, n: u32) {
        let mut packet = vec![0x80, Law::Pcma.payload_type()];
        packet.extend_from_slice(&n.to_be_bytes()[2..]);
        packet.extend_from_slice(&(n * 160).to_be_bytes());
        packet.extend_from_slice(&u32::from(self.to.port()).to_be_bytes());
        packet.resize(HEADER + 160, 0xd5);
        packet[HEADER..HEADER + 4].copy_from_slice(&n.to_be_bytes());
        // A full buffer loses the packet, which then shows.
        let _ = self.socket.send_to(&packet, self.to);
    }

    /// Hears what has come; whether anything has.
    fn listen(&mut self) -> bool {
        let mut buffer = [0; 2048];
        let mut came = false;
        while let Ok(length) = self.socket.recv(&mut buffer) {
            came = true;
            if length == HEADER + 160 {
                let number = buffer[HEADER..HEADER + 4].try_into().unwrap();
                let number = usize::try_from(u32::from_be_bytes(number)).unwrap();
                let size = self.heard.len().max(number + 1);
                // Silence of the service's own has no such number.
                if size < 1_000_000 {
                    self.heard.resize(size, false);
                    self.heard[number] = true;
                }
            }
        }
        came
    }
}

fn talk(
    mut parties: Vec<Party>,
    dropped: Option<u32>,
    is_heard: &AtomicBool,
    stop: &AtomicBool,
) -> Account {
    let begun = Instant::now();
    let mut counted_from = None;
    let mut said = 0;
    while !stop.load(Ordering::Relaxed) {
        let is_dropped = counted_from.is_some() && dropped.is_some_and(|each| said % each == 0);
        for party in parties.iter().filter(|_| !is_dropped) {
            party.say(said);
        }
        said += 1;
        for party in &mut parties {
            party.listen();
        }
        if counted_from.is_none() && parties.iter().all(|party| !party.heard.is_empty()) {
            counted_from = Some(said);
            is_heard.store(true, Ordering::Relaxed);
        }
        std::thread::sleep((begun + PACKET * said).saturating_duration_since(Instant::now()));
    }
    let mut quiet_since = Instant::now();
    while quiet_since.elapsed() < QUIET {
        std::thread::sleep(PACKET);
        // Everybody listens, whatever the others heard.
        if parties
            .iter_mut()
            .filter_map(|p| p.listen().then_some(()))
            .count()
            > 0
        {
            quiet_since = Instant::now();
        }
    }
    let from = usize::try_from(counted_from.unwrap_or(0)).unwrap();
    let said = usize::try_from(said).unwrap();
    let heard = |party: &Party| party.heard.iter().skip(from).filter(|is| **is).count();
    let sent = (said - from) * parties.len();
    Account {
        sent,
        lost: sent - parties.iter().map(heard).sum::<usize>(),
    }
}
