//! Reading a peer's description: bytes in, the audio lines we can use out (RFC 8866).

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use sdp_types::{Connection, Media, Session};

use super::crypto::CryptoLine;
use super::{Codec, Direction};

/// More media lines than this is no phone call: a video phone with slides has five.
pub(super) const MAX_MEDIA_LINES: usize = 8;
/// Larger than any description a call needs.
const MAX_BYTES: usize = 64 * 1024;

/// Packet length when the peer states none (RFC 3551 §4.2).
pub(super) const DEFAULT_PTIME_MS: u16 = 20;
const MIN_PTIME_MS: u16 = 10;
const MAX_PTIME_MS: u16 = 60;

/// Why a description could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableDescription {
    /// The lines are not a session description.
    #[error("{0}")]
    Syntax(String),
    /// Too large, or too many media lines.
    #[error("the description is too large")]
    TooLarge,
    /// An address that is not an IP address, or none where one is needed.
    #[error("no usable connection address")]
    Address,
}

/// One format of a media line that we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Audio.
    Audio(Codec),
    /// telephone-event at 8 kHz (RFC 4733).
    Event,
}

/// An audio line in our terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AudioLine {
    /// Where the peer wants its RTP; unspecified means hold in the way of RFC 2543.
    pub(super) remote: SocketAddr,
    /// Where the peer wants its RTCP.
    pub(super) remote_rtcp: SocketAddr,
    /// The formats we know, in the peer's order, with its payload types.
    pub(super) formats: Vec<(u8, Format)>,
    /// The direction as the peer wrote it, less receiving where its address is unspecified.
    pub(super) direction: Direction,
    /// The packet length that the peer asks for.
    pub(super) ptime_ms: u16,
    /// The line's profile is SRTP's.
    pub(super) is_secure: bool,
    /// The keys that it offers, in the peer's order.
    pub(super) crypto: Vec<CryptoLine>,
}

impl AudioLine {
    /// The payload type of the first line entry for `format`.
    pub(super) fn payload_type(&self, format: Format) -> Option<u8> {
        self.formats
            .iter()
            .find(|(_, known)| *known == format)
            .map(|(payload_type, _)| *payload_type)
    }
}

/// Reads a description: UTF-8, else GB18030, as Chinese gateways write their session names.
pub(super) fn session(body: &[u8]) -> Result<Session, UnreadableDescription> {
    if body.len() > MAX_BYTES {
        return Err(UnreadableDescription::TooLarge);
    }
    let text = match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(body).0,
    };
    let session = Session::parse(tidied(&text).as_bytes())
        .map_err(|error| UnreadableDescription::Syntax(error.to_string()))?;
    if session.medias.len() > MAX_MEDIA_LINES {
        return Err(UnreadableDescription::TooLarge);
    }
    Ok(session)
}

/// Whether the line is audio over RTP or SRTP that the peer has not switched off.
pub(super) fn is_live_audio(media: &Media) -> bool {
    let is_rtp = is_one_of(&media.proto, &["RTP/AVP", "RTP/AVPF"]) || is_secure(media);
    media.media.eq_ignore_ascii_case("audio") && is_rtp && media.port != 0
}

/// Whether the line's profile is that of SRTP (RFC 3711 §12, RFC 5124).
fn is_secure(media: &Media) -> bool {
    is_one_of(&media.proto, &["RTP/SAVP", "RTP/SAVPF"])
}

fn is_one_of(text: &str, known: &[&str]) -> bool {
    known.iter().any(|known| text.eq_ignore_ascii_case(known))
}

/// Reads an audio line.
pub(super) fn audio_line(
    session: &Session,
    media: &Media,
) -> Result<AudioLine, UnreadableDescription> {
    let connection = media.connections.first().or(session.connection.as_ref());
    let ip = connection
        .and_then(address_of)
        .ok_or(UnreadableDescription::Address)?;
    let direction = direction_of(session, media);
    Ok(AudioLine {
        remote: SocketAddr::new(ip, media.port),
        remote_rtcp: rtcp_address(media, ip),
        formats: formats_of(media),
        direction: if ip.is_unspecified() {
            direction.narrowed_by(Direction::SendOnly)
        } else {
            direction
        },
        ptime_ms: ptime_of(session, media),
        is_secure: is_secure(media),
        crypto: CryptoLine::all(media.get_attribute_values("crypto").flatten()),
    })
}

/// What peers get wrong and everybody forgives: blank lines, NULs at the end, several spaces
/// in an `m=` line, and an `m=` line without a format.
fn tidied(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split(['\n', '\r']) {
        let line = line.trim_matches('\0');
        if line.trim().is_empty() {
            continue;
        }
        match line.strip_prefix("m=") {
            Some(media) => {
                let mut fields: Vec<_> = media.split_ascii_whitespace().collect();
                if fields.len() == 3 {
                    fields.push("0");
                }
                out.push_str("m=");
                out.push_str(&fields.join(" "));
            }
            None => out.push_str(line),
        }
        out.push_str("\r\n");
    }
    out
}

fn address_of(connection: &Connection) -> Option<IpAddr> {
    parse_ip(&connection.connection_address)
}

fn parse_ip(text: &str) -> Option<IpAddr> {
    let ip = text.split('/').next()?.trim();
    Some(ip.parse::<IpAddr>().ok()?.to_canonical())
}

/// RFC 3605: `a=rtcp:port [nettype addrtype address]`; without it the port after RTP's.
fn rtcp_address(media: &Media, ip: IpAddr) -> SocketAddr {
    let default = SocketAddr::new(ip, media.port.saturating_add(1));
    let Some(Some(value)) = media.get_first_attribute_value("rtcp") else {
        return default;
    };
    let mut fields = value.split_ascii_whitespace();
    let Some(port) = fields.next().and_then(|port| port.parse::<u16>().ok()) else {
        return default;
    };
    if port == 0 {
        return default;
    }
    let named = fields
        .nth(2)
        .and_then(parse_ip)
        .filter(|ip| !ip.is_unspecified());
    SocketAddr::new(named.unwrap_or(ip), port)
}

fn formats_of(media: &Media) -> Vec<(u8, Format)> {
    let maps: Vec<_> = media
        .get_attribute_values("rtpmap")
        .filter_map(|value| rtpmap(value?))
        .collect();
    let payload_types = media.fmt.split_ascii_whitespace();
    payload_types
        .filter_map(|text| text.parse::<u8>().ok().filter(|pt| *pt < 128))
        .filter_map(|pt| {
            let format = match maps.iter().find(|(mapped, _)| *mapped == pt) {
                Some((_, format)) => *format,
                None => Codec::of_static_payload_type(pt).map(Format::Audio),
            };
            format.map(|format| (pt, format))
        })
        .collect()
}

/// `8 PCMA/8000[/1]`; the format is `None` when it is one we do not speak.
fn rtpmap(value: &str) -> Option<(u8, Option<Format>)> {
    let (payload_type, encoding) = value.trim().split_once([' ', '\t'])?;
    let mut parts = encoding.trim().split('/');
    let name = parts.next()?.trim();
    let clock_rate = parts
        .next()
        .and_then(|rate| rate.trim().parse::<u32>().ok());
    let is_mono = parts.next().is_none_or(|channels| channels.trim() == "1");
    let format = if clock_rate != Some(Codec::CLOCK_RATE) || !is_mono {
        None
    } else if name.eq_ignore_ascii_case("telephone-event") {
        Some(Format::Event)
    } else {
        Codec::of_name(name).map(Format::Audio)
    };
    Some((payload_type.parse().ok()?, format))
}

fn direction_of(session: &Session, media: &Media) -> Direction {
    let of = |attributes: &[sdp_types::Attribute]| {
        attributes
            .iter()
            .find_map(|attribute| Direction::of_name(attribute.attribute.trim()))
    };
    of(&media.attributes)
        .or_else(|| of(&session.attributes))
        .unwrap_or(Direction::SendRecv)
}

/// RFC 8866 §6.4: what the peer would like to receive, in steps of 10 ms.
fn ptime_of(session: &Session, media: &Media) -> u16 {
    let number = |name: &str| {
        let value = media
            .get_first_attribute_value(name)
            .or_else(|| session.get_first_attribute_value(name));
        let value = value.flatten()?.trim();
        let digits = value.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse::<u16>().ok().filter(|ms| *ms > 0)
    };
    let wanted = number("ptime").unwrap_or(DEFAULT_PTIME_MS);
    let most = number("maxptime").unwrap_or(MAX_PTIME_MS);
    let ms = wanted.min(most).clamp(MIN_PTIME_MS, MAX_PTIME_MS);
    ms - ms % 10
}
