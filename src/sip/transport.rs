//! Transports: the three we speak, and whatever a Via names.

use std::fmt;
use std::str::FromStr;

use super::SyntaxError;
use super::lex::{is_token, is_token_text};

/// A transport that we send and receive by (RFC 3261 §18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// Connections.
    Tcp,
    /// Connections under TLS.
    Tls,
}

impl Transport {
    /// The name as a Via has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }

    /// Whether the transport delivers or says that it did not, so that nothing is repeated.
    pub const fn is_reliable(self) -> bool {
        !matches!(self, Self::Udp)
    }

    /// The port where none is written (RFC 3261 §19.1.2).
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => 5060,
            Self::Tls => 5061,
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Transport {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Udp, Self::Tcp, Self::Tls]
            .into_iter()
            .find(|known| known.as_str().eq_ignore_ascii_case(text))
            .ok_or(SyntaxError::UnexpectedCharacter)
    }
}

/// The transport that a Via names: lower hops may have used ones we do not speak.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ViaTransport {
    /// One of ours.
    Known(Transport),
    /// SCTP, WSS, or something newer.
    Other(String),
}

impl From<Transport> for ViaTransport {
    fn from(transport: Transport) -> Self {
        Self::Known(transport)
    }
}

impl PartialEq<Transport> for ViaTransport {
    fn eq(&self, other: &Transport) -> bool {
        matches!(self, Self::Known(known) if known == other)
    }
}

impl FromStr for ViaTransport {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(known) => Ok(Self::Known(known)),
            Err(_) if is_token_text(text) => Ok(Self::Other(text.to_owned())),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Display for ViaTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(known) => known.fmt(f),
            Self::Other(name) => name
                .bytes()
                .filter(|byte| is_token(*byte))
                .try_for_each(|byte| write!(f, "{}", char::from(byte))),
        }
    }
}
