//! One leg's side of offer and answer (RFC 3264): what we said last, what the peer said last,
//! and the [`Stream`] they agreed on.
//!
//! A refused offer or a failed re-INVITE changes nothing here: the stream is replaced only when
//! both halves are known.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use sdp_types::Session;

use super::crypto::{CryptoLine, SrtpKeys};
use super::parse::{self, AudioLine, DEFAULT_PTIME_MS, Format, UnreadableDescription};
use super::write::{self, LocalAudio, Slot};
use super::{AddressPolicy, Codec, Direction, Keying, Stream};

/// Our payload type for telephone-event, unless the peer named one first.
const EVENT_PAYLOAD_TYPE: u8 = 101;

/// Why no stream could be agreed on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NegotiationError {
    /// The peer's description cannot be read.
    #[error("unreadable session description: {0}")]
    Unreadable(#[from] UnreadableDescription),
    /// No audio line, or none with a codec of ours.
    #[error("no codec in common")]
    NothingInCommon,
    /// The peer's audio must be encrypted, and there are no keys for it.
    #[error("SRTP is required and was not agreed on")]
    Unprotected,
    /// The peer names an address that we do not send to.
    #[error("media address {0} is not allowed")]
    ForbiddenAddress(IpAddr),
    /// The peer's address is of the IP version that our socket is not.
    #[error("media address {0} cannot be reached from our socket")]
    WrongFamily(IpAddr),
    /// An answer, where we made no offer.
    #[error("an answer without an offer")]
    NoOffer,
}

impl NegotiationError {
    /// The SIP status that says so to the peer.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Unreadable(_) | Self::NoOffer => 400,
            Self::NothingInCommon
            | Self::Unprotected
            | Self::ForbiddenAddress(_)
            | Self::WrongFamily(_) => 488,
        }
    }
}

/// One leg's session description state.
pub struct OfferAnswer {
    session_id: u64,
    local: SocketAddr,
    policy: AddressPolicy,
    keying: Keying,
    /// The lines of the session so far; they may be added to, never taken away (RFC 3264 §8).
    slots: Vec<Slot>,
    /// What we last sent, with its version.
    sent: Option<Session>,
    /// The formats and keys of our standing offer. Kept after its answer, since a 183 and its 200 carry
    /// the same answer twice.
    offered: Option<Said>,
    /// Those of our last description.
    described: Said,
    event_pt: u8,
    stream: Option<Stream>,
}

/// The formats and the keys of a description of ours.
#[derive(Clone, Default)]
struct Said {
    formats: Vec<(u8, Format)>,
    crypto: Vec<CryptoLine>,
}

/// Descriptions hold keys: none of them is shown.
impl fmt::Debug for OfferAnswer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("OfferAnswer")
            .field("local", &self.local)
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}

impl OfferAnswer {
    /// Starts a leg whose RTP is received at `local`, in clear unless it is [`keyed`](Self::keyed).
    pub fn new(session_id: u64, local: SocketAddr, policy: AddressPolicy) -> Self {
        Self {
            session_id,
            local,
            policy,
            keying: Keying::default(),
            slots: Vec::new(),
            sent: None,
            offered: None,
            described: Said::default(),
            event_pt: EVENT_PAYLOAD_TYPE,
            stream: None,
        }
    }

    /// With SRTP, as far as `keying` allows.
    #[must_use]
    pub fn keyed(self, keying: Keying) -> Self {
        Self { keying, ..self }
    }

    /// Whether the peer could agree to anything: not where SRTP is required and keys cannot be
    /// told.
    pub const fn is_possible(&self) -> bool {
        self.keying.is_possible()
    }

    /// What was last agreed on.
    pub fn stream(&self) -> Option<&Stream> {
        self.stream.as_ref()
    }

    /// Where we receive RTP.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Receives RTP at `local` from the next offer or answer on.
    pub fn move_to(&mut self, local: SocketAddr) {
        self.local = local;
    }

    /// Writes an offer of `codecs`, best first, and telephone-event: in an INVITE, a re-INVITE,
    /// or the 200 to an INVITE that carried none.
    pub fn offer(&mut self, codecs: &[Codec], direction: Direction) -> Vec<u8> {
        let mut formats: Vec<_> = codecs
            .iter()
            .map(|codec| (codec.static_payload_type(), Format::Audio(*codec)))
            .collect();
        formats.push((self.event_pt, Format::Event));
        if !self
            .slots
            .iter()
            .any(|slot| matches!(slot, Slot::Audio { .. }))
        {
            // Where SRTP is not required, a peer without it takes the line as if it were plain.
            let proto = if self.keying.is_required() {
                "RTP/SAVP"
            } else {
                "RTP/AVP"
            };
            self.slots.push(Slot::Audio {
                proto: proto.to_owned(),
            });
        }
        let current = keys_of(self.stream.as_ref());
        let crypto = self.keying.offer(current.as_deref());
        self.offered = Some(Said {
            formats: formats.clone(),
            crypto: crypto.clone(),
        });
        self.publish(&LocalAudio {
            formats,
            direction,
            ptime_ms: self
                .stream
                .as_ref()
                .map_or(DEFAULT_PTIME_MS, |s| s.ptime_ms),
            crypto,
        })
    }

    /// Says again what we said last, word by word, as an offer: it refreshes a session and
    /// changes nothing (RFC 4028 §7.4). `None` before the first description.
    pub fn offer_again(&mut self) -> Option<Vec<u8>> {
        let sent = self.sent.as_ref()?;
        self.offered = Some(self.described.clone());
        Some(write::bytes(sent))
    }

    /// Takes the answer to our offer.
    ///
    /// # Errors
    /// The answer cannot be read, or refuses our audio line.
    pub fn handle_answer(&mut self, body: &[u8]) -> Result<Stream, NegotiationError> {
        let stream = self.preview(body)?;
        self.stream = Some(stream.clone());
        Ok(stream)
    }

    /// What an answer to our offer would make of the stream; nothing changes.
    ///
    /// # Errors
    /// As [`handle_answer`](Self::handle_answer).
    pub fn preview(&self, body: &[u8]) -> Result<Stream, NegotiationError> {
        let offered = self.offered.as_ref().ok_or(NegotiationError::NoOffer)?;
        let remote = parse::session(body)?;
        let index = self
            .slots
            .iter()
            .position(|s| matches!(s, Slot::Audio { .. }));
        let media = index
            .and_then(|index| remote.medias.get(index))
            .filter(|media| parse::is_live_audio(media))
            .ok_or(NegotiationError::NothingInCommon)?;
        let line = self.checked(parse::audio_line(&remote, media)?)?;
        let keys = self.keying.conclude(&offered.crypto, &line)?;

        // The answerer lists what it will send first; we send the same (RFC 3264 §6.1).
        let ours = |format: Format| offered.formats.iter().find(|(_, known)| *known == format);
        let (send_pt, codec, receive_pt) = line
            .formats
            .iter()
            .find_map(|(pt, format)| match format {
                Format::Audio(codec) => Some((*pt, *codec, ours(*format)?.0)),
                Format::Event => None,
            })
            .ok_or(NegotiationError::NothingInCommon)?;
        Ok(Stream {
            remote: line.remote,
            remote_rtcp: line.remote_rtcp,
            codec,
            send_pt,
            receive_pt,
            send_event_pt: line.payload_type(Format::Event),
            receive_event_pt: line
                .payload_type(Format::Event)
                .and_then(|_| ours(Format::Event))
                .map(|(pt, _)| *pt),
            direction: line.direction.reversed().narrowed_by(self.sent_direction()),
            ptime_ms: line.ptime_ms,
            srtp: keys.map(Arc::new),
        })
    }

    /// Answers an offer: its first audio line that has a codec of `prefer` (the first of
    /// `prefer` that it has), every other line with port 0.
    ///
    /// # Errors
    /// The offer cannot be read, has nothing in common with us, or names an address that we do
    /// not send to. What was agreed on before stays.
    pub fn answer(
        &mut self,
        offer: &[u8],
        prefer: &[Codec],
    ) -> Result<(Vec<u8>, Stream), NegotiationError> {
        self.answer_within(offer, prefer, Direction::SendRecv)
    }

    /// As [`answer`](Self::answer), but audio flows at most in `direction`: who holds the peer
    /// goes on doing so (RFC 3264 §6.1).
    ///
    /// # Errors
    /// As [`answer`](Self::answer).
    pub fn answer_within(
        &mut self,
        offer: &[u8],
        prefer: &[Codec],
        direction: Direction,
    ) -> Result<(Vec<u8>, Stream), NegotiationError> {
        let remote = parse::session(offer)?;
        let Choice {
            index,
            line,
            codec,
            crypto,
        } = choose(&remote, prefer, &self.keying)?;
        let line = self.checked(line)?;
        let Some(pt) = line.payload_type(Format::Audio(codec)) else {
            return Err(NegotiationError::NothingInCommon);
        };
        let event_pt = line.payload_type(Format::Event);
        let current = keys_of(self.stream.as_ref());
        let accepted = crypto.and_then(|it| self.keying.accept(it, current.as_deref()));
        let (crypto, keys) = accepted.unzip();
        // Payload types in an answer are the offer's (RFC 3264 §6.1), so both ways are alike.
        let stream = Stream {
            remote: line.remote,
            remote_rtcp: line.remote_rtcp,
            codec,
            send_pt: pt,
            receive_pt: pt,
            send_event_pt: event_pt,
            receive_event_pt: event_pt,
            direction: line.direction.reversed().narrowed_by(direction),
            ptime_ms: line.ptime_ms,
            srtp: keys.map(Arc::new),
        };

        self.slots = slots(&remote, index);
        self.event_pt = event_pt.unwrap_or(self.event_pt);
        self.offered = None;
        let mut formats = vec![(pt, Format::Audio(codec))];
        formats.extend(event_pt.map(|pt| (pt, Format::Event)));
        let body = self.publish(&LocalAudio {
            formats,
            direction: stream.direction,
            ptime_ms: stream.ptime_ms,
            crypto: crypto.into_iter().collect(),
        });
        self.stream = Some(stream.clone());
        Ok((body, stream))
    }

    /// Checks the peer's addresses. On hold in the old way (`c=0.0.0.0`) the addresses stay what
    /// they were: nothing is sent, and what still comes from there is still the peer's.
    fn checked(&self, mut line: AudioLine) -> Result<AudioLine, NegotiationError> {
        if line.remote.ip().is_unspecified() {
            if let Some(stream) = &self.stream {
                line.remote = stream.remote;
                line.remote_rtcp = stream.remote_rtcp;
            }
            return Ok(line);
        }
        for ip in [line.remote.ip(), line.remote_rtcp.ip()] {
            if !self.policy.allows(ip) {
                return Err(NegotiationError::ForbiddenAddress(ip));
            }
            if ip.is_ipv4() != self.local.ip().to_canonical().is_ipv4() {
                return Err(NegotiationError::WrongFamily(ip));
            }
        }
        Ok(line)
    }

    /// The direction of our last description.
    fn sent_direction(&self) -> Direction {
        let medias = self.sent.iter().flat_map(|session| &session.medias);
        medias
            .flat_map(|media| &media.attributes)
            .find_map(|attribute| Direction::of_name(&attribute.attribute))
            .unwrap_or(Direction::SendRecv)
    }

    /// Writes our description; its version goes up only if it says something new
    /// (RFC 3264 §8).
    fn publish(&mut self, audio: &LocalAudio) -> Vec<u8> {
        self.described = Said {
            formats: audio.formats.clone(),
            crypto: audio.crypto.clone(),
        };
        let mut session = write::session(self.session_id, self.local, &self.slots, audio);
        let last = self
            .sent
            .as_ref()
            .map_or(0, |sent| sent.origin.sess_version);
        session.origin.sess_version = last;
        if self.sent.as_ref() != Some(&session) {
            session.origin.sess_version = last + 1;
        }
        let body = write::bytes(&session);
        self.sent = Some(session);
        body
    }
}

fn keys_of(stream: Option<&Stream>) -> Option<Arc<SrtpKeys>> {
    stream.and_then(|stream| stream.srtp.clone())
}

/// The line of an offer that we take part in.
struct Choice {
    index: usize,
    line: AudioLine,
    codec: Codec,
    crypto: Option<CryptoLine>,
}

/// The first audio line with a codec in common that has keys for us, else the first without; an
/// address error counts only if no line is better.
fn choose(remote: &Session, prefer: &[Codec], keying: &Keying) -> Result<Choice, NegotiationError> {
    let mut plain = None;
    let mut error = NegotiationError::NothingInCommon;
    for (index, media) in remote.medias.iter().enumerate() {
        if !parse::is_live_audio(media) {
            continue;
        }
        let line = match parse::audio_line(remote, media) {
            Ok(line) => line,
            Err(unreadable) => {
                error = unreadable.into();
                continue;
            }
        };
        let mut wanted = prefer.iter().copied();
        let common = wanted.find(|codec| line.payload_type(Format::Audio(*codec)).is_some());
        let Some(codec) = common else {
            continue;
        };
        let crypto = match keying.choose(&line) {
            Ok(crypto) => crypto.cloned(),
            Err(unprotected) => {
                error = unprotected;
                continue;
            }
        };
        let has_keys = crypto.is_some();
        let choice = Choice {
            index,
            line,
            codec,
            crypto,
        };
        if has_keys {
            return Ok(choice);
        }
        plain.get_or_insert(choice);
    }
    plain.ok_or(error)
}

fn slots(remote: &Session, audio: usize) -> Vec<Slot> {
    let lines = remote.medias.iter().enumerate();
    lines
        .map(|(index, media)| {
            if index == audio {
                Slot::Audio {
                    proto: media.proto.clone(),
                }
            } else {
                Slot::Refused {
                    media: media.media.clone(),
                    proto: media.proto.clone(),
                    fmt: media.fmt.clone(),
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
