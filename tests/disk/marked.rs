//! Voices of many calls in which every packet carries its number as G.711 codes, which a recording
//! keeps to the bit: whatever is missing in a file is known by its number.

use std::collections::BTreeSet;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::patience::until;
use crate::tone::Law;

pub(crate) const PACKET: Duration = Duration::from_millis(20);
const HEADER: usize = 12;
const AUDIO: usize = 160;
/// Codes that the number follows. A-law's silence is 0xd5.
const MARK: [u8; 4] = [0x12, 0x63, 0x1e, 0x7a];
/// A packet that comes to the recorder so much later than its place may find it taken: the time
/// line waits 100 ms for stragglers.
const LATE: Duration = Duration::from_millis(70);

/// One end of a call: its RTP socket, and where its voice goes.
pub(crate) type End = (UdpSocket, SocketAddr);

/// What one end has heard of the other: the number of each packet, and when it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard(Vec<(u32, Instant)>);

impl Heard {
    /// The newest packet.
    pub(crate) fn last(&self) -> Option<u32> {
        self.0.iter().map(|(n, _)| *n).max()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Packets that came so late that no recording has to have them.
    fn stragglers(&self) -> BTreeSet<u32> {
        // When the last packet would have come with each one's delay.
        let end = self.last().unwrap_or(0);
        let delayed = self.0.iter().map(|(n, at)| (*n, *at + PACKET * (end - n)));
        let earliest = delayed.clone().map(|(_, at)| at).min();
        delayed
            .filter(|(_, at)| earliest.is_some_and(|first| at.duration_since(first) > LATE))
            .map(|(n, _)| n)
            .collect()
    }

    /// How much of what was heard is missing in a channel: in its middle, and at its end.
    pub(crate) fn missing_in(&self, recorded: &BTreeSet<u32>) -> Missing {
        let (Some(first), Some(last)) = (recorded.first(), recorded.last()) else {
            return Missing {
                middle: 0,
                end: PACKET * self.last().map_or(0, |last| last + 1),
            };
        };
        let stragglers = self.stragglers();
        let absent = self.0.iter().map(|(n, _)| n).filter(|n| {
            (first..=last).contains(n) && !recorded.contains(n) && !stragglers.contains(n)
        });
        Missing {
            middle: absent.count(),
            end: PACKET * self.last().unwrap_or(0).saturating_sub(*last),
        }
    }
}

/// What a recording lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Packets between the first and the last one that it has.
    pub(crate) middle: usize,
    /// From its last packet to the last one that was heard.
    pub(crate) end: Duration,
}

/// Calls that go on until they are stopped.
pub(crate) struct Voices {
    heard: Arc<Mutex<Vec<Heard>>>,
    sent: Arc<Mutex<Vec<u32>>>,
    stop: Arc<AtomicBool>,
    worker: Option<JoinHandle<()>>,
}

impl Voices {
    /// Both ends of each call speak.
    pub(crate) fn start(calls: Vec<[End; 2]>) -> Self {
        let heard = Arc::new(Mutex::new(vec![Heard::default(); 2 * calls.len()]));
        let sent = Arc::new(Mutex::new(vec![0; 2 * calls.len()]));
        let stop = Arc::new(AtomicBool::new(false));
        let ends: Vec<_> = calls.into_iter().flatten().collect();
        for (socket, _) in &ends {
            socket.set_nonblocking(true).unwrap();
        }
        let worker = std::thread::spawn({
            let (heard, sent, stop) = (heard.clone(), sent.clone(), stop.clone());
            move || talk(&ends, &heard, &sent, &stop)
        });
        Self {
            heard,
            sent,
            stop,
            worker: Some(worker),
        }
    }

    /// What each end has heard so far; ends of one call stand together.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until each end has heard so many packets more.
    pub(crate) fn wait_for(&self, packets: usize) {
        let before: Vec<_> = self.heard().iter().map(Heard::count).collect();
        until("everybody to be heard", || {
            let heard = self.heard();
            let mut counts = heard.iter().map(Heard::count).zip(&before);
            counts
                .all(|(now, before)| now >= before + packets)
                .then_some(())
        });
    }

    /// Everybody falls silent. What each end has heard, and how many packets it has sent.
    pub(crate) fn finish(mut self) -> (Vec<Heard>, Vec<u32>) {
        // What is on its way arrives.
        self.wait_for(0);
        self.stop.store(true, Ordering::Relaxed);
        self.worker.take().unwrap().join().unwrap();
        (self.heard(), self.sent.lock().unwrap().clone())
    }
}

impl Drop for Voices {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
    }
}

/// After the last word an end listens for so long.
const QUIET: Duration = Duration::from_millis(500);

fn talk(ends: &[End], heard: &Mutex<Vec<Heard>>, sent: &Mutex<Vec<u32>>, stop: &AtomicBool) {
    let begun = Instant::now();
    let mut number = 0;
    let mut stopped_at = None;
    while stopped_at.is_none_or(|at: Instant| at.elapsed() < QUIET) {
        if stop.load(Ordering::Relaxed) {
            stopped_at.get_or_insert_with(Instant::now);
        } else {
            for ((socket, to), sent) in ends.iter().zip(sent.lock().unwrap().iter_mut()) {
                let packet = packet(number, u32::from(to.port()));
                // A service that was killed refuses it.
                *sent += u32::from(socket.send_to(&packet, to).is_ok());
            }
            number += 1;
        }
        let due = begun + PACKET * number;
        loop {
            for ((socket, _), heard) in ends.iter().zip(heard.lock().unwrap().iter_mut()) {
                listen(socket, heard);
            }
            let wait = due.saturating_duration_since(Instant::now());
            if wait.is_zero() {
                break;
            }
            std::thread::sleep(wait.min(Duration::from_millis(5)));
        }
        if stopped_at.is_some() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn packet(number: u32, ssrc: u32) -> Vec<u8> {
    let mut packet = vec![0x80, Law::Pcma.payload_type()];
    packet.extend_from_slice(&number.to_be_bytes()[2..]);
    packet.extend_from_slice(&(number * 160).to_be_bytes());
    packet.extend_from_slice(&ssrc.to_be_bytes());
    packet.extend_from_slice(&MARK);
    packet.extend_from_slice(&number.to_be_bytes());
    packet.resize(HEADER + AUDIO, 0xd5);
    packet
}

fn listen(socket: &UdpSocket, heard: &mut Heard) {
    let mut buffer = [0; 2048];
    loop {
        match socket.recv(&mut buffer) {
            Ok(length) => {
                let audio = buffer[..length].get(HEADER..).unwrap_or_default();
                if let Some(number) = number_at(audio) {
                    heard.0.push((number, Instant::now()));
                }
            }
            // The killed service's ports are closed, and the kernel says so.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {}
            Err(_) => return,
        }
    }
}

/// The number that these codes begin with, if they are a mark.
fn number_at(codes: &[u8]) -> Option<u32> {
    let number = codes.strip_prefix(&MARK)?.first_chunk::<4>()?;
    Some(u32::from_be_bytes(*number))
}

/// The packets in the two channels of a recording.
pub(crate) fn recorded(path: &Path) -> [BTreeSet<u32>; 2] {
    let mut reader = hound::WavReader::open(path).unwrap();
    let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
    // 65,536 samples, of which 256 have a code.
    let mut codes = vec![0xd5; 65_536];
    for code in 0..=u8::MAX {
        codes[usize::from(Law::Pcma.decode(code).cast_unsigned())] = code;
    }
    [0, 1].map(|channel| {
        let channel = samples.iter().skip(channel).step_by(2);
        let codes: Vec<_> = channel
            .map(|sample| codes[usize::from(sample.cast_unsigned())])
            .collect();
        (0..codes.len())
            .filter_map(|at| number_at(&codes[at..]))
            .collect()
    })
}
