//! What a peer says, packet by packet: tones in packets of any length, keys, comfort noise, pauses,
//! and what is lost on its way.

use std::net::{SocketAddr, UdpSocket};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::tone::Law;
use crate::voice::Voice;

/// How often a key that is held is said again.
const KEY_STEP_MS: u32 = 20;

/// Packets, and when each is sent.
pub(crate) struct Score {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    now_ms: u64,
    packets: Vec<(u64, Vec<u8>)>,
}

impl Score {
    pub(crate) fn new(ssrc: u32) -> Self {
        Self {
            ssrc,
            sequence: 0xFFF0, // it wraps soon
            timestamp: 0xFFFF_0000,
            now_ms: 0,
            packets: Vec::new(),
        }
    }

    /// A tone for so long, in packets of this length.
    pub(crate) fn tone(mut self, law: Law, hz: u32, ms: u32, packet_ms: u32) -> Self {
        let second = law.second_of(hz);
        for _ in 0..ms / packet_ms {
            let payload = self.next_of(&second, packet_ms);
            self.packet(false, law.payload_type(), self.timestamp, &payload);
            self.pass(packet_ms);
        }
        self
    }

    /// So much of the tone is lost on its way.
    pub(crate) fn lost(mut self, ms: u32, packet_ms: u32) -> Self {
        for _ in 0..ms / packet_ms {
            self.sequence = self.sequence.wrapping_add(1);
            self.pass(packet_ms);
        }
        self
    }

    /// Nothing is sent: neither audio nor numbers are used up.
    pub(crate) fn pause(mut self, ms: u32) -> Self {
        self.pass(ms);
        self
    }

    /// One packet of comfort noise (RFC 3389), of the static payload type.
    pub(crate) fn comfort_noise(mut self) -> Self {
        self.packet(false, 13, self.timestamp, &[60]);
        self
    }

    /// A key that is held, as RFC 4733 §2.5.1 has it: one timestamp, a marker, three ends.
    pub(crate) fn key(mut self, payload_type: u8, event: u8, ms: u32) -> Self {
        let begun = self.timestamp;
        for held in (KEY_STEP_MS..=ms).step_by(KEY_STEP_MS as usize) {
            let is_over = held + KEY_STEP_MS > ms;
            for _ in 0..if is_over { 3 } else { 1 } {
                let [high, low] = u16::try_from(held * 8).unwrap().to_be_bytes();
                let flags = if is_over { 0x8a } else { 0x0a };
                let is_first = held == KEY_STEP_MS;
                self.packet(is_first, payload_type, begun, &[event, flags, high, low]);
                self.pass(KEY_STEP_MS);
            }
        }
        self
    }

    /// How many packets are sent.
    pub(crate) fn packets(&self) -> usize {
        self.packets.len()
    }

    /// Sends it from this socket, on time.
    pub(crate) fn perform(&self, voice: &Voice, to: SocketAddr) {
        self.send(&voice.socket(), to);
    }

    /// The same, while the test goes on.
    pub(crate) fn begin(self, voice: &Voice, to: SocketAddr) -> JoinHandle<()> {
        let socket = voice.socket();
        std::thread::spawn(move || self.send(&socket, to))
    }

    fn send(&self, socket: &UdpSocket, to: SocketAddr) {
        let begun = Instant::now();
        for (at_ms, packet) in &self.packets {
            let due = begun + Duration::from_millis(*at_ms);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            socket.send_to(packet, to).unwrap();
        }
        let end = begun + Duration::from_millis(self.now_ms);
        std::thread::sleep(end.saturating_duration_since(Instant::now()));
    }

    /// What a tone is at this time: it goes on in its phase, whatever lies between.
    fn next_of(&self, second: &[u8], ms: u32) -> Vec<u8> {
        let from = usize::try_from(self.now_ms * 8 % 8000).unwrap();
        let samples = usize::try_from(ms * 8).unwrap();
        second
            .iter()
            .cycle()
            .skip(from)
            .take(samples)
            .copied()
            .collect()
    }

    fn packet(&mut self, marker: bool, payload_type: u8, timestamp: u32, payload: &[u8]) {
        let mut packet = vec![0x80, u8::from(marker) << 7 | payload_type];
        packet.extend_from_slice(&self.sequence.to_be_bytes());
        packet.extend_from_slice(&timestamp.to_be_bytes());
        packet.extend_from_slice(&self.ssrc.to_be_bytes());
        packet.extend_from_slice(payload);
        self.packets.push((self.now_ms, packet));
        self.sequence = self.sequence.wrapping_add(1);
    }

    fn pass(&mut self, ms: u32) {
        self.now_ms += u64::from(ms);
        self.timestamp = self.timestamp.wrapping_add(ms * 8);
    }
}
