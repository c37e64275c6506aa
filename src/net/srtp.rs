//! SRTP and SRTCP at the socket's edge (RFC 3711): what comes in is authenticated and decrypted
//! before anything else looks at it, and what goes out is encrypted last. The session between
//! knows plain RTP only.
//!
//! Cipher, tag and rollover counter are the `webrtc-srtp` crate's. Three things are not left to it:
//!
//! - It keeps state for every SSRC, also of packets that fail, and its window for repeated packets
//!   starts at the first packet whether it is genuine or not. So a source is known to the leg's
//!   context only after a packet of it has passed a context on trial that is thrown away.
//! - It passes SRTCP whose E bit is 0 without looking at the tag. Such packets are dropped: we
//!   never agree on unencrypted SRTCP.
//! - It reads header extensions by trusting their lengths, so the header is measured here.

use std::borrow::Cow;

use rtp::header::Header;
use webrtc_srtp::context::Context;
use webrtc_srtp::option::{
    srtcp_no_replay_protection, srtcp_replay_protection, srtp_no_replay_protection,
    srtp_replay_protection,
};
use webrtc_srtp::protection_profile::ProtectionProfile;

use super::leg_sockets::Half;
use crate::sdp::{MasterKey, SrtpKeys, SrtpSuite};

/// Packets that may be overtaken and still be heard (RFC 3711 §3.3.2 asks for 64 at least).
const REPLAY_WINDOW: usize = 128;
/// Sources that a peer may use with one key. Each begins a new window, and takes memory.
const MOST_SOURCES: usize = 64;
/// Packets after which the context on trial is made anew: it keeps a few octets for each SSRC.
const TRIALS: u32 = 256;
/// Version, count, type, length and SSRC of an RTCP packet, which stay in clear.
const RTCP_CLEAR_BYTES: usize = 8;
/// The E bit and the index behind an SRTCP packet (RFC 3711 §3.4).
const SRTCP_INDEX_BYTES: usize = 4;

/// What legs' packets are protected by, by slot.
#[derive(Default)]
pub(super) struct SrtpLegs {
    slots: Vec<SrtpLeg>,
}

/// What one leg's packets are protected by.
#[derive(Default)]
pub(super) struct SrtpLeg {
    guard: Guard,
    /// Datagrams that were not taken; `None` if the leg has always been in clear.
    dropped: Option<u64>,
}

#[derive(Default)]
enum Guard {
    #[default]
    Clear,
    Keyed(Box<KeyedLeg>),
    /// There are keys, and they are of no use: nothing goes out rather than in clear.
    Mute,
}

/// One leg's two ways.
struct KeyedLeg {
    keys: SrtpKeys,
    receive: Receiving,
    send: Context,
}

/// What comes from the peer.
struct Receiving {
    suite: SrtpSuite,
    key: MasterKey,
    context: Context,
    trial: Context,
    tried: u32,
    /// Sources of which a genuine packet has come.
    rtp_sources: Vec<u32>,
    rtcp_sources: Vec<u32>,
}

/// The packet is not the peer's, or came before, or cannot be sent safely.
#[derive(Debug)]
struct Unsafe;

impl std::fmt::Debug for SrtpLeg {
    /// Keys are shown to nobody.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SrtpLeg({:?} dropped)", self.dropped)
    }
}

impl SrtpLegs {
    /// Sets what a leg's packets are protected by from now on. With the keys that it has it goes
    /// on as it is: its counters and windows must outlast a description that changes nothing.
    pub(super) fn set(&mut self, slot: usize, keys: Option<&SrtpKeys>) {
        if self.slots.len() <= slot {
            if keys.is_none() {
                return;
            }
            self.slots.resize_with(slot + 1, SrtpLeg::default);
        }
        let Some(place) = self.slots.get_mut(slot) else {
            return;
        };
        let before = std::mem::take(&mut place.guard);
        let Some(keys) = keys else {
            return;
        };
        place.dropped.get_or_insert(0);
        let keyed = match before {
            Guard::Keyed(leg) => leg.rekeyed(keys),
            Guard::Clear | Guard::Mute => KeyedLeg::new(keys).map(Box::new),
        };
        place.guard = keyed.map_or_else(
            |error| {
                tracing::error!(%error, "a leg's keys do not fit their suite");
                Guard::Mute
            },
            Guard::Keyed,
        );
    }

    /// Takes a leg's protection out: it goes on elsewhere.
    pub(super) fn take(&mut self, slot: usize) -> SrtpLeg {
        let place = self.slots.get_mut(slot);
        place.map(std::mem::take).unwrap_or_default()
    }

    /// Goes on with a leg's protection.
    pub(super) fn put(&mut self, slot: usize, leg: SrtpLeg) {
        if self.slots.len() <= slot {
            self.slots.resize_with(slot + 1, SrtpLeg::default);
        }
        self.slots[slot] = leg;
    }

    /// Forgets a leg: how many of its packets were dropped, if it was ever encrypted.
    pub(super) fn remove(&mut self, slot: usize) -> Option<u64> {
        let place = self.slots.get_mut(slot)?;
        std::mem::take(place).dropped
    }

    /// A datagram as the session may see it; `None`, and counted, if it is not the peer's. What a
    /// leg in clear receives is passed on as it is.
    pub(super) fn open<'a>(
        &mut self,
        slot: usize,
        half: Half,
        datagram: &'a [u8],
    ) -> Option<Cow<'a, [u8]>> {
        let Some(place) = self.slots.get_mut(slot) else {
            return Some(Cow::Borrowed(datagram));
        };
        let opened = match (&mut place.guard, half) {
            (Guard::Clear, _) => return Some(Cow::Borrowed(datagram)),
            (Guard::Keyed(leg), Half::Rtp) => leg.receive.open_rtp(datagram),
            (Guard::Keyed(leg), Half::Rtcp) => leg.receive.open_rtcp(datagram),
            (Guard::Mute, _) => Err(Unsafe),
        };
        if opened.is_err() {
            place.dropped = place.dropped.map(|dropped| dropped + 1);
        }
        opened.ok().map(Cow::Owned)
    }

    /// A packet as it may go out; `None` if it must not.
    pub(super) fn seal<'a>(
        &mut self,
        slot: usize,
        half: Half,
        packet: &'a [u8],
    ) -> Option<Cow<'a, [u8]>> {
        let guard = self.slots.get_mut(slot).map(|place| &mut place.guard);
        let leg = match guard {
            None | Some(Guard::Clear) => return Some(Cow::Borrowed(packet)),
            Some(Guard::Mute) => return None,
            Some(Guard::Keyed(leg)) => leg,
        };
        let sealed = match half {
            Half::Rtp => {
                let header = measured(packet).ok()?;
                leg.send.encrypt_rtp_with_header(packet, &header)
            }
            Half::Rtcp => leg.send.encrypt_rtcp(packet),
        };
        sealed.ok().map(|sealed| Cow::Owned(Vec::from(sealed)))
    }
}

impl KeyedLeg {
    fn new(keys: &SrtpKeys) -> Result<Self, webrtc_srtp::Error> {
        Ok(Self {
            keys: keys.clone(),
            receive: Receiving::new(keys)?,
            send: unguarded(keys.suite, &keys.send)?,
        })
    }

    /// A way whose key stays the same goes on: its counter must not start again.
    fn rekeyed(mut self: Box<Self>, keys: &SrtpKeys) -> Result<Box<Self>, webrtc_srtp::Error> {
        let same_suite = self.keys.suite == keys.suite;
        if !same_suite || self.keys.receive != keys.receive {
            self.receive = Receiving::new(keys)?;
        }
        if !same_suite || self.keys.send != keys.send {
            self.send = unguarded(keys.suite, &keys.send)?;
        }
        self.keys.clone_from(keys);
        Ok(self)
    }
}

impl Receiving {
    fn new(keys: &SrtpKeys) -> Result<Self, webrtc_srtp::Error> {
        let key = &keys.receive;
        Ok(Self {
            suite: keys.suite,
            key: key.clone(),
            context: Context::new(
                key.key(),
                key.salt(),
                profile(keys.suite),
                Some(srtp_replay_protection(REPLAY_WINDOW)),
                Some(srtcp_replay_protection(REPLAY_WINDOW)),
            )?,
            trial: unguarded(keys.suite, key)?,
            tried: 0,
            rtp_sources: Vec::new(),
            rtcp_sources: Vec::new(),
        })
    }

    fn open_rtp(&mut self, datagram: &[u8]) -> Result<Vec<u8>, Unsafe> {
        let header = measured(datagram)?;
        if !self.rtp_sources.contains(&header.ssrc) {
            has_room(&self.rtp_sources)?;
            let tried = self.trial()?.decrypt_rtp_with_header(datagram, &header);
            tried.map_err(|_| Unsafe)?;
            self.rtp_sources.push(header.ssrc);
        }
        let opened = self.context.decrypt_rtp_with_header(datagram, &header);
        opened.map(Vec::from).map_err(|_| Unsafe)
    }

    fn open_rtcp(&mut self, datagram: &[u8]) -> Result<Vec<u8>, Unsafe> {
        let ssrc = encrypted_rtcp(self.suite, datagram)?;
        if !self.rtcp_sources.contains(&ssrc) {
            has_room(&self.rtcp_sources)?;
            let tried = self.trial()?.decrypt_rtcp(datagram);
            tried.map_err(|_| Unsafe)?;
            self.rtcp_sources.push(ssrc);
        }
        let opened = self.context.decrypt_rtcp(datagram);
        opened.map(Vec::from).map_err(|_| Unsafe)
    }

    /// The context on trial, made anew now and then.
    fn trial(&mut self) -> Result<&mut Context, Unsafe> {
        self.tried += 1;
        if self.tried > TRIALS {
            self.tried = 1;
            self.trial = unguarded(self.suite, &self.key).map_err(|_| Unsafe)?;
        }
        Ok(&mut self.trial)
    }
}

fn has_room(sources: &[u32]) -> Result<(), Unsafe> {
    if sources.len() < MOST_SOURCES {
        Ok(())
    } else {
        Err(Unsafe)
    }
}

/// A context that takes a packet as often as it comes.
fn unguarded(suite: SrtpSuite, key: &MasterKey) -> Result<Context, webrtc_srtp::Error> {
    Context::new(
        key.key(),
        key.salt(),
        profile(suite),
        Some(srtp_no_replay_protection()),
        Some(srtcp_no_replay_protection()),
    )
}

const fn profile(suite: SrtpSuite) -> ProtectionProfile {
    match suite {
        SrtpSuite::AesCm128HmacSha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
        SrtpSuite::AesCm128HmacSha1_32 => ProtectionProfile::Aes128CmHmacSha1_32,
        SrtpSuite::AeadAes128Gcm => ProtectionProfile::AeadAes128Gcm,
    }
}

/// The header as the crate needs it: source, number, and by its CSRCs as long as it really is,
/// extension included. SRTP leaves all of it in clear (RFC 3711 §3.1).
fn measured(datagram: &[u8]) -> Result<Header, Unsafe> {
    let [first, _, s0, s1, _, _, _, _, c0, c1, c2, c3, rest @ ..] = datagram else {
        return Err(Unsafe);
    };
    if first >> 6 != 2 {
        return Err(Unsafe);
    }
    let mut words = usize::from(first & 0x0F);
    if first & 0x10 != 0 {
        let Some([_, _, high, low, ..]) = rest.get(words * 4..) else {
            return Err(Unsafe);
        };
        words += 1 + usize::from(u16::from_be_bytes([*high, *low]));
    }
    if rest.len() < words * 4 {
        return Err(Unsafe);
    }
    Ok(Header {
        sequence_number: u16::from_be_bytes([*s0, *s1]),
        ssrc: u32::from_be_bytes([*c0, *c1, *c2, *c3]),
        csrc: vec![0; words],
        ..Header::default()
    })
}

/// The sender of an SRTCP packet that is long enough and says that it is encrypted.
fn encrypted_rtcp(suite: SrtpSuite, datagram: &[u8]) -> Result<u32, Unsafe> {
    // In AES-GCM the index comes last (RFC 7714 §9.2), else the tag does.
    let (tag, behind) = match suite {
        SrtpSuite::AesCm128HmacSha1_80 | SrtpSuite::AesCm128HmacSha1_32 => (10, 10),
        SrtpSuite::AeadAes128Gcm => (16, 0),
    };
    if datagram.len() < RTCP_CLEAR_BYTES + SRTCP_INDEX_BYTES + tag {
        return Err(Unsafe);
    }
    let index = datagram.len() - behind - SRTCP_INDEX_BYTES;
    let is_encrypted = datagram.get(index).is_some_and(|octet| octet & 0x80 != 0);
    match datagram {
        [_, _, _, _, a, b, c, d, ..] if is_encrypted => Ok(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => Err(Unsafe),
    }
}

#[cfg(test)]
mod plane;
#[cfg(test)]
mod tests;
