//! Where a URI or a Via points: a name or an address, perhaps with a port.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::SyntaxError;

/// A host as SIP writes it (RFC 3261 §25.1 `host`; IPv6 as RFC 5118 reads it).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A domain name, in the case it came in.
    Name(String),
    /// An address.
    Ip(IpAddr),
    /// None: the URI has no host (`tel:` and unknown schemes).
    None,
}

impl Host {
    /// The address, when the host is one.
    pub const fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Ip(address) => Some(*address),
            Self::Name(_) | Self::None => None,
        }
    }

    /// Whether both name the same host; names compare without case.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Name(a), Self::Name(b)) => a.eq_ignore_ascii_case(b),
            (a, b) => a == b,
        }
    }

    /// Reads `host [":" port]`. Without brackets an IPv6 address is an error, and inside them
    /// the last group is never a port (RFC 5118 §4.2, §4.3).
    pub(super) fn parse_with_port(text: &str) -> Result<(Self, Option<u16>), SyntaxError> {
        let end = match text.rfind(']') {
            Some(bracket) => text
                .get(bracket..)
                .and_then(|rest| rest.find(':'))
                .map(|colon| bracket + colon),
            None => text.find(':'),
        };
        let (host, port) = end.map_or((text, None), |at| {
            (text.get(..at).unwrap_or_default(), text.get(at + 1..))
        });
        let port = port.map(|port| parse_port(port.trim())).transpose()?;
        Ok((host.trim().parse()?, port))
    }
}

/// Writes `host [":" port]`.
pub(super) fn write_with_port(
    f: &mut fmt::Formatter<'_>,
    host: &Host,
    port: Option<u16>,
) -> fmt::Result {
    write!(f, "{host}")?;
    port.map_or(Ok(()), |port| write!(f, ":{port}"))
}

fn parse_port(text: &str) -> Result<u16, SyntaxError> {
    let number = super::lex::number(text).map_err(|_| SyntaxError::BadPort)?;
    u16::try_from(number).map_err(|_| SyntaxError::BadPort)
}

impl FromStr for Host {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(rest) = text.strip_prefix('[') {
            let address = rest.strip_suffix(']').ok_or(SyntaxError::BadHost)?;
            return parse_ipv6(address).map(|address| Self::Ip(address.into()));
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Ok(Self::Ip(address.into()));
        }
        if text.is_empty() || !text.bytes().all(is_host_name) {
            return Err(SyntaxError::BadHost);
        }
        Ok(Self::Name(text.to_owned()))
    }
}

/// Reads an IPv6 address. RFC 3261's grammar let three colons stand before an embedded IPv4
/// address; they are read as two (RFC 5118 §4.10).
fn parse_ipv6(text: &str) -> Result<Ipv6Addr, SyntaxError> {
    let address = if text.contains('.') && text.contains(":::") {
        text.replacen(":::", "::", 1).parse()
    } else {
        text.parse()
    };
    address.map_err(|_| SyntaxError::BadHost)
}

/// Letters, digits, dots and hyphens; and the underscore, which resolvers accept.
const fn is_host_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) if name.bytes().all(is_host_name) => f.write_str(name),
            Self::Name(name) => name
                .bytes()
                .filter(|byte| is_host_name(*byte))
                .try_for_each(|byte| write!(f, "{}", char::from(byte))),
            Self::Ip(IpAddr::V4(address)) => address.fmt(f),
            Self::Ip(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::None => Ok(()),
        }
    }
}

impl From<IpAddr> for Host {
    fn from(address: IpAddr) -> Self {
        Self::Ip(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_group_of_an_ipv6_address_is_not_a_port() {
        let (host, port) = Host::parse_with_port("[2001:db8::10:5070]").unwrap();
        assert_eq!(
            (host.to_string().as_str(), port),
            ("[2001:db8::10:5070]", None)
        );
        let (host, port) = Host::parse_with_port("[2001:db8::10]:5070").unwrap();
        assert_eq!(
            (host.to_string().as_str(), port),
            ("[2001:db8::10]", Some(5070))
        );
    }

    #[test]
    fn three_colons_before_an_ipv4_address_are_two() {
        let three: Host = "[2001:db8:::192.0.2.1]".parse().unwrap();
        assert_eq!(three, "[2001:db8::192.0.2.1]".parse().unwrap());
        assert!("[2001:db8:::1]".parse::<Host>().is_err());
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            "2001:db8::10",
            "a b",
            "a@b",
            "host:",
            "host:65536",
            "host:+1",
            "[::1",
            "[]",
        ] {
            assert!(Host::parse_with_port(text).is_err(), "{text}");
        }
    }
}
