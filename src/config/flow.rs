//! What a line does by itself: `greeting`, `menu`, `message`, `waiting`, `survey`, and the steps that a
//! call takes which nobody answers.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

/// One step of a call: `announcement:FILE`, `message`, `agents`, `agents:1001,1002`, `line:NAME` or
/// `queue:TIME`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Step {
    /// The caller hears this file.
    Announcement(String),
    /// The caller leaves a message.
    Message,
    /// The line's own agents are rung.
    Agents,
    /// These agents are rung.
    Post(Vec<String>),
    /// The call goes on at that line.
    Line(String),
    /// The call is answered and waits on for so long.
    Queue(Duration),
}

impl FromStr for Step {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, rest) = text.split_once(':').unwrap_or((text, ""));
        let rest = rest.trim();
        match (word, rest) {
            ("message", "") => Ok(Self::Message),
            ("agents", "") => Ok(Self::Agents),
            ("announcement", file) if !file.is_empty() => Ok(Self::Announcement(file.to_owned())),
            ("agents", some) => Ok(Self::Post(
                some.split(',').map(|one| one.trim().to_owned()).collect(),
            )),
            ("line", name) if !name.is_empty() => Ok(Self::Line(name.to_owned())),
            ("queue", time) if !time.is_empty() => {
                humantime_serde::re::humantime::parse_duration(time)
                    .map(Self::Queue)
                    .map_err(|error| format!("`{text}`: {error}"))
            }
            _ => Err(format!(
                "unknown step `{text}`: write announcement:FILE, message, agents, \
                 agents:1001,1002, line:NAME or queue:5m"
            )),
        }
    }
}

impl TryFrom<String> for Step {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// How a line greets before phones ring.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Greeting {
    /// File for callers from outside. Default none.
    pub external: Option<String>,
    /// File for callers from inside. Default: as for those from outside.
    pub internal: Option<String>,
    /// File for callers from outside in the morning. Default none.
    pub morning: Option<String>,
    /// The hour of the day at which the morning is over. Default 12.
    pub morning_until: Option<u8>,
    /// Files for callers from outside on holidays, by the holiday's name. Default none.
    pub holidays: BTreeMap<String, String>,
}

/// A menu of one level.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// File with the question. No default.
    pub prompt: String,
    /// Where each key leads. No default.
    pub keys: BTreeMap<String, Vec<Step>>,
    /// File for a key that leads nowhere; then the question comes again. Default none.
    #[serde(default)]
    pub wrong: Option<String>,
    /// How long a key is waited for. Default `5s`.
    #[serde(with = "humantime_serde", default = "key_wait")]
    pub wait: Duration,
    /// How often it is asked again after a wrong key. Default 2.
    #[serde(default = "key_repeats")]
    pub repeats: u32,
    /// Where a call goes without a key, or after too many wrong ones. Default `["agents"]`.
    #[serde(default = "to_agents")]
    pub otherwise: Vec<Step>,
}

/// How messages are taken.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// File that the caller hears before the tone. No default.
    pub prompt: String,
    /// The longest message. Default `3m`.
    #[serde(with = "humantime_serde", default = "longest_message")]
    pub longest: Duration,
    /// A message is over when nothing has been said for so long. Default `10s`.
    #[serde(with = "humantime_serde", default = "message_silence")]
    pub silence: Duration,
    /// File that the caller hears after `#`. Default none.
    #[serde(default)]
    pub thanks: Option<String>,
}

/// What a caller hears who waits in an answered call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// File that is played over and over. Default none: silence.
    #[serde(default)]
    pub music: Option<String>,
    /// File that is said now and then, where `places` has none for the place. Default none.
    #[serde(default)]
    pub announcement: Option<String>,
    /// How often. Default `30s`.
    #[serde(with = "humantime_serde", default = "announce_every")]
    pub every: Duration,
    /// Files for the places in the queue, the first for the next one to be served. Default none.
    #[serde(default)]
    pub places: Vec<String>,
}

/// What is asked after the talk.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// File with the question. No default.
    pub prompt: String,
    /// The keys that are scores. Default `12345`.
    #[serde(default = "scores")]
    pub scores: String,
    /// The key of those who do not want to say. Default `0`.
    #[serde(default = "refuse")]
    pub refuse: Option<char>,
    /// File for another key; then the question comes again. Default none.
    #[serde(default)]
    pub wrong: Option<String>,
    /// How long a key is waited for. Default `10s`.
    #[serde(with = "humantime_serde", default = "survey_wait")]
    pub wait: Duration,
    /// How often it is asked again after a wrong key. Default 2.
    #[serde(default = "key_repeats")]
    pub repeats: u32,
    /// File that the caller hears after a score. Default none.
    #[serde(default)]
    pub thanks: Option<String>,
    /// Also asked when the agent's phone hangs up first. Default `false`.
    #[serde(default)]
    pub after_hang_up: bool,
    /// A score up to this opens a task (R220). Default 2; 0 never.
    #[serde(default = "follow_up")]
    pub follow_up: u8,
}

const fn key_wait() -> Duration {
    Duration::from_secs(5)
}

const fn key_repeats() -> u32 {
    2
}

fn to_agents() -> Vec<Step> {
    vec![Step::Agents]
}

const fn longest_message() -> Duration {
    Duration::from_mins(3)
}

const fn message_silence() -> Duration {
    Duration::from_secs(10)
}

const fn announce_every() -> Duration {
    Duration::from_secs(30)
}

fn scores() -> String {
    "12345".to_owned()
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the field's own type")]
const fn refuse() -> Option<char> {
    Some('0')
}

const fn follow_up() -> u8 {
    2
}

const fn survey_wait() -> Duration {
    Duration::from_secs(10)
}
