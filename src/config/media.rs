//! `[media]`, `[recording]` and `[database]`: where voice flows and what is kept.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;
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
    /// Threads that carry voice, 1 to 64; the second one gets its first call when the first has
    /// 500. Default: one for each core.
    pub threads: Option<NonZeroUsize>,
    /// Whether each of those threads is kept on a core of its own: for a machine that does nothing
    /// else. Default `false`.
    pub pin: bool,
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
            threads: None,
            pin: false,
            silent_after: Duration::from_secs(3),
            rtp_timeout: Duration::from_secs(30),
            prompts: PathBuf::from("prompts"),
        }
    }
}

impl Media {
    /// How many threads carry voice.
    pub fn threads(&self) -> NonZeroUsize {
        let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.threads.unwrap_or_else(cores)
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
    /// What is left of the disk for the calls that run already: with less, no recording begins, and
    /// a line that must record takes no calls. Default `1GB`.
    #[serde(deserialize_with = "super::size::size")]
    pub reserve: ByteSize,
    /// A folder on another disk, where running recordings go on when theirs fails; they are joined
    /// when they end. A relative path starts at the configuration file. Default: none.
    pub spool: Option<PathBuf>,
    /// Losses of up to 60 ms are filled with the end of what was heard before them, fading, instead
    /// of silence; the gap report says how much of each. Default false: every sample that is not
    /// silence was received.
    pub conceal: bool,
    /// The window that the level of an agent's speech should be in, in dBFS; a call outside is
    /// flagged (R054). Default `[-35, -10]`.
    pub agent_level: [i32; 2],
    /// An agent who says nothing for longer than this has been silent too long (R056). Default
    /// `10s`.
    #[serde(with = "humantime_serde")]
    pub agent_silence: Duration,
    /// How many sealed recordings are read again in 24 hours and compared with what was sealed
    /// (R192), those first that were not read for longest, each at most once a day; 0 is none.
    /// Default 2000.
    pub verify_per_day: u32,
    /// `[recording.copy]`: where each sealed recording is copied to. Default: nowhere.
    pub copy: Option<RecordingCopy>,
}

/// Copies of sealed recordings in an object store.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordingCopy {
    /// `file:///folder`, or `s3://bucket/prefix` for any S3. No default.
    pub url: String,
    /// The S3 server, `https://host`. Default: Amazon's of the region.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The S3 region. Default: what the environment says (`AWS_REGION`), else `us-east-1`.
    #[serde(default)]
    pub region: Option<String>,
    /// The S3 access key. Default: what the environment says (`AWS_ACCESS_KEY_ID`).
    #[serde(default)]
    pub access_key: Option<String>,
    /// Its secret. Default: what the environment says (`AWS_SECRET_ACCESS_KEY`).
    #[serde(default)]
    pub secret_key: Option<Secret>,
    /// How long after the arrival of the call the local file goes, once the copy is proved. Default:
    /// it stays.
    #[serde(with = "humantime_serde", default)]
    pub keep_local: Option<Duration>,
}

impl Default for Recording {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("data/recordings"),
            conceal: false,
            agent_level: [-35, -10],
            agent_silence: Duration::from_secs(10),
            verify_per_day: 2000,
            copy: None,
            reserve: ByteSize::gb(1),
            spool: None,
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
    /// The folder, made if it is missing, that keeps the log while the database is away, and which
    /// dialogs are open; a relative path starts at the configuration file. Default `data/journal`.
    pub journal: PathBuf,
    /// What the log may take there. When it is reached new calls are refused until the database is
    /// back; `0` keeps nothing there. Default `1GB`.
    #[serde(deserialize_with = "super::size::size")]
    pub journal_limit: ByteSize,
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
        self.journal = base.join(&self.journal);
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
            journal: PathBuf::from("data/journal"),
            journal_limit: ByteSize::gb(1),
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
                ..Database::default()
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
