//! Writing our description (RFC 8866): one audio line, and the lines of the peer's that we
//! refused, in their places.

use std::net::SocketAddr;

use sdp_types::{Connection, Media, MediaType, Origin, Session, Time, TransportProto};

use super::crypto::CryptoLine;
use super::parse::Format;
use super::{Codec, Direction};

/// One line of our description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// The line that carries the call.
    Audio {
        /// `RTP/AVP`, or what the peer wrote.
        proto: String,
    },
    /// A line of the peer's that we do not take part in: port 0, all else as offered.
    Refused {
        media: String,
        proto: String,
        fmt: String,
    },
}

/// What the audio line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LocalAudio {
    pub(super) formats: Vec<(u8, Format)>,
    pub(super) direction: Direction,
    pub(super) ptime_ms: u16,
    /// The keys that we offer, or the one that we answer with.
    pub(super) crypto: Vec<CryptoLine>,
}

/// Our description with version 0; the caller sets the version once it knows what changed.
pub(super) fn session(
    session_id: u64,
    local: SocketAddr,
    slots: &[Slot],
    audio: &LocalAudio,
) -> Session {
    let mut session = Session::new(Origin::with_ip_addr(session_id, 0, local.ip()), "-");
    session.set_connection(Connection::from_ip_addr(local.ip()));
    session.add_time(Time::new(0, 0));
    for slot in slots {
        session.add_media(match slot {
            Slot::Audio { proto } => audio_line(local.port(), proto, audio),
            Slot::Refused { media, proto, fmt } => {
                let mut line = Media::new(MediaType::Audio, 0, TransportProto::RtpAvp, fmt);
                line.media.clone_from(media);
                line.proto.clone_from(proto);
                line
            }
        });
    }
    session
}

/// The description's bytes.
pub(super) fn bytes(session: &Session) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    #[expect(clippy::expect_used, reason = "writing to memory cannot fail")]
    session.write(&mut out).expect("a Vec takes every byte");
    out
}

fn audio_line(port: u16, proto: &str, audio: &LocalAudio) -> Media {
    let payload_types: Vec<_> = audio.formats.iter().map(|(pt, _)| pt.to_string()).collect();
    let mut line = Media::new(
        MediaType::Audio,
        port,
        TransportProto::RtpAvp,
        payload_types.join(" "),
    );
    proto.clone_into(&mut line.proto);
    for (pt, format) in &audio.formats {
        let rate = Codec::CLOCK_RATE;
        match format {
            Format::Audio(codec) => {
                line.add_attribute_with_value("rtpmap", format!("{pt} {}/{rate}", codec.name()));
            }
            Format::Event => {
                line.add_attribute_with_value("rtpmap", format!("{pt} telephone-event/{rate}"));
                line.add_attribute_with_value("fmtp", format!("{pt} 0-15")); // RFC 4733 §3.2
            }
        }
    }
    for crypto in &audio.crypto {
        line.add_attribute_with_value("crypto", crypto.value());
    }
    line.add_attribute_with_value("ptime", audio.ptime_ms);
    line.add_attribute_from_str(audio.direction.name());
    line
}
