//! A peer that speaks SRTP (RFC 3711) with keys from its description (RFC 4568). What goes over
//! the wire is kept beside what it means, so that a test can tell the two apart.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rtp::header::Header;
use webrtc_srtp::context::Context;
use webrtc_srtp::option::{srtcp_no_replay_protection, srtp_no_replay_protection};
use webrtc_srtp::protection_profile::ProtectionProfile;

use crate::patience::PATIENCE;
use crate::peer::described;
use crate::tone::{Law, is_tone};

const SUITE: &str = "AES_CM_128_HMAC_SHA1_80";
const PACKET: Duration = Duration::from_millis(20);
const HEADER: usize = 12;
/// So many packets in a row are heard as a tone: 200 ms.
const HEARD: usize = 10;

/// A peer's SRTP socket.
pub(crate) struct SecureVoice {
    socket: UdpSocket,
    key: [u8; 30],
    sequence: u16,
    way: Option<Way>,
    /// Each packet sent, as it went out.
    pub(crate) sent: Vec<Vec<u8>>,
    /// Each packet heard, as it came.
    pub(crate) wire: Vec<Vec<i16>>,
    /// Each packet heard, decrypted.
    pub(crate) heard: Vec<Vec<i16>>,
    /// Datagrams that could not be.
    pub(crate) unreadable: usize,
}

struct Way {
    to: SocketAddr,
    send: Context,
    receive: Context,
}

impl SecureVoice {
    pub(crate) fn bind(address: impl Into<SocketAddr>) -> Self {
        let socket = UdpSocket::bind(address.into()).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self {
            socket,
            key: rand::random(),
            sequence: 0,
            way: None,
            sent: Vec::new(),
            wire: Vec::new(),
            heard: Vec::new(),
            unreadable: 0,
        }
    }

    /// Takes a new key for the next description.
    pub(crate) fn rekey(&mut self) {
        self.key = rand::random();
    }

    /// A description of this profile (`RTP/SAVP`), with these lines at its end.
    pub(crate) fn description(&self, proto: &str, lines: &str) -> Vec<u8> {
        let at = self.socket.local_addr().unwrap();
        let (ip, port, key) = (at.ip(), at.port(), STANDARD.encode(self.key));
        format!(
            "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
             m=audio {port} {proto} 8\r\na=crypto:1 {SUITE} inline:{key}\r\n{lines}"
        )
        .into_bytes()
    }

    /// Takes the other end's description; whether it told a key.
    pub(crate) fn agree(&mut self, body: &[u8]) -> bool {
        let text = std::str::from_utf8(body).unwrap();
        let mut lines = text
            .lines()
            .filter_map(|line| line.strip_prefix("a=crypto:1 "));
        let key = lines.find_map(|line| line.strip_prefix(SUITE)?.strip_prefix(" inline:"));
        let Some(key) = key else {
            return false;
        };
        let theirs = STANDARD.decode(key).unwrap();
        self.way = Some(Way {
            to: described(body),
            send: context(&self.key),
            receive: context(&theirs),
        });
        true
    }

    /// Sends the next 20 ms of a tone.
    pub(crate) fn speak(&mut self, hz: u32) {
        let packet = self.packet(hz);
        let way = self.way.as_mut().unwrap();
        let sealed = way.send.encrypt_rtp(&packet).unwrap().to_vec();
        self.socket.send_to(&sealed, way.to).unwrap();
        self.sent.push(sealed);
    }

    /// Sends any bytes, to where the RTP goes.
    pub(crate) fn send_raw(&self, bytes: &[u8]) {
        let to = self.way.as_ref().unwrap().to;
        self.socket.send_to(bytes, to).unwrap();
    }

    /// Sends any bytes to the RTCP port.
    pub(crate) fn send_raw_rtcp(&self, bytes: &[u8]) {
        let to = self.way.as_ref().unwrap().to;
        let to = SocketAddr::new(to.ip(), to.port() + 1);
        self.socket.send_to(bytes, to).unwrap();
    }

    /// Speaks a tone until the other one is heard for a while, and does something beside each
    /// packet.
    pub(crate) fn talk(&mut self, own: u32, other: u32, mut beside: impl FnMut(&Self)) {
        let begun = Instant::now();
        let from = self.heard.len();
        for n in 0.. {
            std::thread::sleep((begun + PACKET * n).saturating_duration_since(Instant::now()));
            self.speak(own);
            beside(self);
            self.listen();
            let is_heard = |run: &[Vec<i16>]| run.iter().all(|packet| is_tone(packet, other));
            let new = self.heard.get(from..).unwrap_or_default();
            if n >= 50 && new.windows(HEARD).any(is_heard) {
                return;
            }
            let patience = begun.elapsed() < PATIENCE;
            assert!(
                patience,
                "{other} Hz is not heard; {} unreadable",
                self.unreadable
            );
        }
    }

    fn listen(&mut self) {
        let mut buffer = [0; 2048];
        let way = self.way.as_mut().unwrap();
        while let Ok((length, _)) = self.socket.recv_from(&mut buffer) {
            let datagram = &buffer[..length];
            self.wire.push(samples(datagram));
            let header = Header {
                sequence_number: u16::from_be_bytes([datagram[2], datagram[3]]),
                ssrc: u32::from_be_bytes(datagram[8..12].try_into().unwrap()),
                ..Header::default()
            };
            match way.receive.decrypt_rtp_with_header(datagram, &header) {
                Ok(packet) => self.heard.push(samples(&packet)),
                Err(_) => self.unreadable += 1,
            }
        }
    }

    /// The next packet in clear.
    pub(crate) fn packet(&mut self, hz: u32) -> Vec<u8> {
        let n = self.sequence;
        self.sequence = n.wrapping_add(1);
        let audio = Law::Pcma.second_of(hz);
        let start = usize::from(n % 50) * 160;
        let mut packet = vec![0x80, Law::Pcma.payload_type()];
        packet.extend(n.to_be_bytes());
        packet.extend((u32::from(n) * 160).to_be_bytes());
        packet.extend(b"safe");
        packet.extend(&audio[start..start + 160]);
        packet
    }
}

fn samples(packet: &[u8]) -> Vec<i16> {
    let audio = packet.get(HEADER..HEADER + 160).unwrap_or_default();
    audio.iter().map(|code| Law::Pcma.decode(*code)).collect()
}

fn context(key: &[u8]) -> Context {
    Context::new(
        &key[..16],
        &key[16..],
        ProtectionProfile::Aes128CmHmacSha1_80,
        Some(srtp_no_replay_protection()),
        Some(srtcp_no_replay_protection()),
    )
    .unwrap()
}
