//! The audio codecs we speak.

use serde::{Deserialize, Serialize};

/// ITU-T G.711 in its two laws: the audio that every phone and trunk speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Codec {
    /// A-law, payload type 8.
    Pcma,
    /// Mu-law, payload type 0.
    Pcmu,
}

impl Codec {
    /// Every codec.
    pub const ALL: [Self; 2] = [Self::Pcma, Self::Pcmu];
    /// Samples a second, and ticks of the RTP timestamp a second.
    pub const CLOCK_RATE: u32 = 8000;

    /// The encoding name of RFC 3551 §6.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcma => "PCMA",
            Self::Pcmu => "PCMU",
        }
    }

    /// The payload type that RFC 3551 §6 assigns for good.
    pub const fn static_payload_type(self) -> u8 {
        match self {
            Self::Pcma => 8,
            Self::Pcmu => 0,
        }
    }

    /// The codec that a static payload type stands for.
    pub const fn of_static_payload_type(payload_type: u8) -> Option<Self> {
        match payload_type {
            8 => Some(Self::Pcma),
            0 => Some(Self::Pcmu),
            _ => None,
        }
    }

    /// The codec of an encoding name; names are compared without case (RFC 8866 §6.6).
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|codec| codec.name().eq_ignore_ascii_case(name))
    }
}
