//! `[media]`, `[recording]` and `[database]`: where voice flows and what is kept.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{self, Deserializer};

use super::{Dscp, Secret};

/// RTP sockets and prompts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Media {
    /// The IP that RTP is bound to and that stands in our SDP. Default `127.0.0.1`, which only
    /// `allow_loopback` makes valid: write the address that trunk and phones reach.
    pub address: IpAddr,
    /// First and last port for RTP and RTCP; a leg takes a pair, a call two pairs.
    /// Default `20000-29999`.
    pub ports: PortRange,
    /// How voice packets are marked (RFC 3246): a class such as `EF`, or a number from 0 to 63.
    /// Default `EF`.
    pub dscp: Dscp,
    /// Whether loopback addresses may carry voice: for a demo or test on one machine, never on a
    /// network. Default `false`.
    pub allow_loopback: bool,
    /// A leg of a talk that sends nothing although it should is written down within this time, and
    /// one-way audio is counted; at least a second. Default `3s`.
    #[serde(with = "humantime_serde")]
    pub silent_after: Duration,
    /// A talk ends when neither side has sent RTP or RTCP for so long and nobody is on hold: both
    /// are gone without a BYE; at least two seconds, `0s` never. Default `30s`.
    #[serde(with = "humantime_serde")]
    pub rtp_timeout: Duration,
    /// The folder that the lines' prompt files are in (WAV of any rate and depth,
    /// mono or stereo; they are brought to 8 kHz when they are loaded); a relative path starts at the configuration file. Default `prompts`.
    pub prompts: PathBuf,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            ports: PortRange {
                first: 20_000,
                last: 29_999,
            },
            dscp: Dscp::ef(),
            allow_loopback: false,
            silent_after: Duration::from_secs(3),
            rtp_timeout: Duration::from_secs(30),
            prompts: PathBuf::from("prompts"),
        }
    }
}

/// A closed range of UDP ports, written `first-last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortRange {
    /// The lowest port; even, since RTP takes the even port of a pair (RFC 3550 §11).
    pub first: u16,
    /// The highest port, itself inside.
    pub last: u16,
}

impl PortRange {
    /// How many pairs of ports it holds.
    pub const fn pairs(self) -> u16 {
        if self.last < self.first {
            return 0;
        }
        let ports = self.last as u32 - self.first as u32 + 1;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "half of at most 65,536 fits"
        )]
        let pairs = (ports / 2) as u16;
        pairs
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

impl FromStr for PortRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ports = text.split_once('-').and_then(|(first, last)| {
            Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
        });
        let Some((first, last)) = ports else {
            return Err(format!(
                "`{text}` is not a port range such as `20000-29999`"
            ));
        };
        Ok(Self { first, last })
    }
}

impl<'de> Deserialize<'de> for PortRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Where recordings are kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recording {
    /// The folder for `YYYY/MM/DD/<call>.wav`, made if it is missing; a relative path starts at
    /// the configuration file. Default `data/recordings`.
    pub folder: PathBuf,
}

impl Default for Recording {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("data/recordings"),
        }
    }
}

/// Where the call log is kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `sqlite:` and a path (a relative one starts at the configuration file), or
    /// `postgres://user:password@host/name`; the environment variable `THIRDRING__DATABASE__URL`
    /// goes before it. Default `sqlite:data/thirdring.db`.
    pub url: Secret,
}

impl Database {
    /// The file of an SQLite database; `None` for another engine or one in memory.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let rest = self.url.reveal().strip_prefix("sqlite:")?;
        let path = rest.strip_prefix("//").unwrap_or(rest);
        let path = path.split('?').next().unwrap_or(path);
        (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
    }

    /// Lets the path of an SQLite file start at `base`, keeping what follows a `?`.
    pub(super) fn resolve(&mut self, base: &Path) {
        if let Some(file) = self.sqlite_file() {
            let options = self
                .url
                .reveal()
                .split_once('?')
                .map(|(_, options)| options);
            let options = options.map(|text| format!("?{text}")).unwrap_or_default();
            let url = format!("sqlite:{}{options}", base.join(file).display());
            self.url = Secret::new(url);
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: Secret::new("sqlite:data/thirdring.db"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_range_is_two_ports_and_a_dash() {
        let range: PortRange = "20000-29999".parse().unwrap();
        assert_eq!(
            (range.first, range.last, range.pairs()),
            (20_000, 29_999, 5_000)
        );
        assert_eq!(range.to_string(), "20000-29999");
        for text in ["", "20000", "20000-", "-1", "a-b", "20000-70000"] {
            assert!(text.parse::<PortRange>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_an_sqlite_url_has_a_file() {
        let file = |url: &str| {
            Database {
                url: Secret::new(url),
            }
            .sqlite_file()
        };
        assert_eq!(file("sqlite:data/x.db"), Some(PathBuf::from("data/x.db")));
        assert_eq!(
            file("sqlite:///var/x.db?mode=rwc"),
            Some(PathBuf::from("/var/x.db"))
        );
        assert_eq!(file("sqlite::memory:"), None);
        assert_eq!(file("postgres://u:p@h/d"), None);
    }
}
