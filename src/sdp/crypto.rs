//! `a=crypto`: the keys of SRTP in a session description (RFC 4568, RFC 7714 §14.2).
//!
//! A line that we cannot follow is passed over, as RFC 4568 §5.1.2 has it of unknown ones: one with
//! a suite of another name, with several keys or a key identifier (MKI), or with a parameter that
//! takes away encryption or authentication.

use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use rand::Rng;

/// Phones write the padding, or leave it away.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// More lines than this in one description are not looked at.
const MOST_LINES: usize = 16;

/// A crypto suite (RFC 4568 §6.2, RFC 7714 §14.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SrtpSuite {
    /// AES in counter mode, a tag of 80 bits: what every phone with SRTP has.
    AesCm128HmacSha1_80,
    /// The same with a tag of 32 bits on RTP; RTCP keeps its 80.
    AesCm128HmacSha1_32,
    /// AES-GCM with a tag of 128 bits.
    AeadAes128Gcm,
}

impl SrtpSuite {
    /// What we offer, the best first. GCM is taken when it is offered; few phones know it, and a
    /// longer description is one that more often does not fit a datagram.
    pub(super) const OFFERED: [Self; 2] = [Self::AesCm128HmacSha1_80, Self::AesCm128HmacSha1_32];

    const ALL: [Self; 3] = [
        Self::AesCm128HmacSha1_80,
        Self::AesCm128HmacSha1_32,
        Self::AeadAes128Gcm,
    ];

    /// The name in descriptions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AesCm128HmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::AesCm128HmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
            Self::AeadAes128Gcm => "AEAD_AES_128_GCM",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|suite| suite.name().eq_ignore_ascii_case(name))
    }

    /// Octets of master key and master salt together.
    const fn octets(self) -> usize {
        match self {
            Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 => KEY_BYTES + 14,
            Self::AeadAes128Gcm => KEY_BYTES + 12,
        }
    }
}

/// Octets of a master key of any suite here.
const KEY_BYTES: usize = 16;

/// A master key with its salt (RFC 3711 §3.2.1). It shows itself to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey(Vec<u8>);

impl MasterKey {
    /// A key of random octets, as many as the suite needs.
    pub fn mint(suite: SrtpSuite, rng: &mut impl Rng) -> Self {
        let mut octets = vec![0; suite.octets()];
        rng.fill_bytes(&mut octets);
        Self(octets)
    }

    /// The key.
    pub fn key(&self) -> &[u8] {
        self.0.get(..KEY_BYTES).unwrap_or_default()
    }

    /// The salt.
    pub fn salt(&self) -> &[u8] {
        self.0.get(KEY_BYTES..).unwrap_or_default()
    }

    fn parse(suite: SrtpSuite, text: &str) -> Option<Self> {
        let octets = BASE64.decode(text).ok()?;
        (octets.len() == suite.octets()).then_some(Self(octets))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

/// What a leg's packets are protected by, each way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SrtpKeys {
    /// The suite of both ways.
    pub suite: SrtpSuite,
    /// The key of what we send.
    pub send: MasterKey,
    /// The key of what we receive.
    pub receive: MasterKey,
}

/// One `a=crypto` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CryptoLine {
    /// What an answer names the line by.
    pub(super) tag: u32,
    pub(super) suite: SrtpSuite,
    pub(super) key: MasterKey,
}

impl CryptoLine {
    /// Reads the value of an `a=crypto`; `None` if we cannot follow it.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let mut fields = value.split_ascii_whitespace();
        let tag = fields.next().filter(|tag| is_number(tag, 9))?;
        let suite = SrtpSuite::of_name(fields.next()?)?;
        let (method, key) = fields.next()?.split_once(':')?;
        if !method.eq_ignore_ascii_case("inline") || !fields.all(changes_nothing) {
            return None;
        }
        // KEY[|lifetime][|MKI:length], and more keys after semicolons (RFC 4568 §6.1).
        let mut parts = key.split('|');
        let key = parts.next()?;
        if !parts.all(is_lifetime) {
            return None;
        }
        Some(Self {
            tag: tag.parse().ok()?,
            suite,
            key: MasterKey::parse(suite, key)?,
        })
    }

    /// Those lines of a description that we can follow, in its order.
    pub(super) fn all<'a>(values: impl Iterator<Item = &'a str>) -> Vec<Self> {
        values.take(MOST_LINES).filter_map(Self::parse).collect()
    }

    /// The value of our `a=crypto`.
    pub(super) fn value(&self) -> String {
        let Self { tag, suite, key } = self;
        format!("{tag} {} inline:{}", suite.name(), BASE64.encode(&key.0))
    }
}

fn is_number(text: &str, most_digits: usize) -> bool {
    (1..=most_digits).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_digit())
}

/// `2^31` or a number of packets (RFC 4568 §6.1). No call lasts that long, so it is not counted:
/// 2^48 packets is the most, 2^20 some six hours.
fn is_lifetime(text: &str) -> bool {
    is_number(text.strip_prefix("2^").unwrap_or(text), 15)
}

/// A session parameter that leaves the packets as they are (RFC 4568 §6.3): a hint about the
/// window for repeated packets, a key that is never derived anew, or what may be passed over.
fn changes_nothing(parameter: &str) -> bool {
    let is_hint = parameter.starts_with("WSH=") || parameter.starts_with('-');
    is_hint || parameter == "KDR=0"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of RFC 4568 §9.1, without its key identifier.
    const KEY: &str = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";

    fn line(rest: &str) -> Option<CryptoLine> {
        CryptoLine::parse(&format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}{rest}"))
    }

    #[test]
    fn key_and_salt_are_read() {
        let line = line("").unwrap();
        assert_eq!(
            (line.tag, line.suite.name()),
            (1, "AES_CM_128_HMAC_SHA1_80")
        );
        assert_eq!(line.key.key(), b"wDfvg&T+)xG7@fb5".as_slice());
        assert_eq!(line.key.salt(), b"jU,RaA}\\|p0%*#".as_slice());
    }

    /// RFC 4568 §6.1, §6.3.
    #[test]
    fn a_line_is_taken_if_we_can_do_what_it_says() {
        for (rest, is_taken) in [
            ("|2^20", true),
            ("|2^48 WSH=64", true),
            ("|1048576", true),
            (" KDR=0 -future=1", true),
            ("|2^20|1:4", false),
            ("|1:4", false),
            (";inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj", false),
            (" UNENCRYPTED_SRTP", false),
            (" UNENCRYPTED_SRTCP", false),
            (" UNAUTHENTICATED_SRTP", false),
            (" KDR=1", false),
            (" FEC_ORDER=FEC_SRTP", false),
            ("AAAA", false),
        ] {
            assert_eq!(line(rest).is_some(), is_taken, "{rest}");
        }
    }

    #[test]
    fn a_broken_line_is_passed_over() {
        for value in [
            "",
            "1",
            "1 AES_CM_128_HMAC_SHA1_80",
            "1 AES_CM_128_HMAC_SHA1_80 inline",
            "1 AES_CM_128_HMAC_SHA1_80 inline:",
            "1 AES_CM_128_HMAC_SHA1_80 inline:!!!!",
            "1 F8_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj",
            "0123456789 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj",
            "x AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj",
            "1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJQ==",
        ] {
            assert_eq!(CryptoLine::parse(value), None, "{value}");
        }
    }

    #[test]
    fn a_key_shows_itself_to_nobody() {
        let shown = format!("{:?}", line("").unwrap());
        assert!(shown.contains("***") && !shown.contains("d0Rm"), "{shown}");
        assert!(!shown.contains("119"), "{shown}"); // its first octet
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(value in ".{0,120}") {
            let _ = CryptoLine::parse(&value);
        }

        #[test]
        fn what_is_nearly_a_line_is_read_without_panic(
            tag in "[0-9]{0,11}",
            suite in "(AES_CM_128_HMAC_SHA1_(80|32)|AEAD_AES_128_GCM|[A-Z_0-9]{0,9})",
            key in "[A-Za-z0-9+/=]{0,60}",
            rest in "[|:;0-9^ A-Z_=-]{0,20}",
        ) {
            let _ = CryptoLine::parse(&format!("{tag} {suite} inline:{key}{rest}"));
        }

        #[test]
        fn what_is_written_is_read_again(tag in 1..=999_999_999_u32, seed: u64) {
            let mut rng = rand::rngs::StdRng::seed_from_u64(seed);
            for suite in SrtpSuite::ALL {
                let key = MasterKey::mint(suite, &mut rng);
                let line = CryptoLine { tag, suite, key };
                prop_assert_eq!(CryptoLine::parse(&line.value()), Some(line));
            }
        }
    }

    use rand::SeedableRng;
}
