//! How packets are marked for the network: DSCP (RFC 2474, RFC 4594).

use std::str::FromStr;

use serde::Deserialize;
use serde::de::{self, Deserializer};

/// The upper six bits of IPv4's type of service and IPv6's traffic class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dscp(u8);

impl Dscp {
    /// Signalling (RFC 4594 §4.2; CS5 there, CS3 in most networks).
    pub const fn cs3() -> Self {
        Self(24)
    }

    /// Telephony (RFC 3246).
    pub const fn ef() -> Self {
        Self(46)
    }

    /// The whole octet, with the two bits of congestion notification left alone.
    pub const fn octet(self) -> u8 {
        self.0 << 2
    }
}

impl FromStr for Dscp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = match text.to_ascii_uppercase().as_str() {
            "EF" => Some(46),
            "VA" => Some(44),
            "DF" | "BE" => Some(0),
            name => class(name),
        };
        let number = named.or_else(|| text.parse().ok()).filter(|n| *n < 64);
        number.map(Self).ok_or_else(|| {
            format!("`{text}` is not a class such as `CS3`, `EF`, `AF31`, nor 0 to 63")
        })
    }
}

/// `CS0` to `CS7`, `AF11` to `AF43`.
fn class(name: &str) -> Option<u8> {
    let digits = |text: &str| {
        text.bytes()
            .map(|b| b.wrapping_sub(b'0'))
            .collect::<Vec<_>>()
    };
    if let Some(rest) = name.strip_prefix("CS") {
        return match digits(rest)[..] {
            [class @ 0..=7] => Some(class * 8),
            _ => None,
        };
    }
    match digits(name.strip_prefix("AF")?)[..] {
        [class @ 1..=4, drop @ 1..=3] => Some(class * 8 + drop * 2),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for Dscp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Name(String),
            Number(i64),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Name(name) => name,
            Written::Number(number) => number.to_string(),
        };
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_read_by_name_and_number() {
        let expected = [
            ("CS3", 24),
            ("cs0", 0),
            ("EF", 46),
            ("AF31", 26),
            ("AF43", 38),
            ("0", 0),
            ("63", 63),
        ];
        for (text, dscp) in expected {
            assert_eq!(text.parse(), Ok(Dscp(dscp)), "{text}");
        }
        for text in ["", "64", "-1", "CS8", "AF44", "AF1", "EFF", "CS", "CS33"] {
            assert!(text.parse::<Dscp>().is_err(), "{text}");
        }
        assert_eq!(Dscp::ef().octet(), 0xB8);
    }
}
