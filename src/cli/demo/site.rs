//! The demo's folder: its configuration, prompts and sentences, written before anything starts.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use jiff::civil::Weekday;

use super::cast::{AGENTS, DEFAULT_PURPOSE, LINES};
use super::prompts;
use super::speech::{SENTENCES, Sentence};
use crate::cli::init;
use crate::clock::Clock;
use crate::config::Config;
use crate::recording::read_audio;
use crate::rules::Cadence;

/// The service.
const SERVICE: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// The trunk that all callers come by.
pub(super) const TRUNK: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// The first agent; the others follow.
const FIRST_AGENT: u8 = 3;

/// A folder with everything that the demo needs.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) file: PathBuf,
    pub(super) config: Config,
    passwords: HashMap<&'static str, String>,
    speech: HashMap<&'static str, Arc<[i16]>>,
}

impl Site {
    /// Makes the folder.
    ///
    /// # Errors
    /// It is there already, or cannot be written.
    pub(super) fn prepare(folder: &Path, cadence: Cadence) -> anyhow::Result<Self> {
        let file = folder.join("thirdring.toml");
        let passwords: HashMap<_, _> = AGENTS
            .iter()
            .map(|agent| (agent.extension, init::password()))
            .collect();
        let text = configuration(&passwords, cadence)?;
        init::write_new(&file, &text)?;
        let config = Config::parse(&text, &file)?;
        let prompts = folder.join("prompts");
        init::write_prompts(&prompts)?;
        prompts::write(&prompts)?;
        Ok(Self {
            speech: write_speech(&folder.join("speech"))?,
            file,
            config,
            passwords,
        })
    }

    pub(super) fn password(&self, extension: &str) -> String {
        self.passwords.get(extension).cloned().unwrap_or_default()
    }

    /// Where the carrier answers OPTIONS.
    pub(super) fn carrier(&self) -> Option<SocketAddr> {
        let mut peers = self.config.trunks.iter().flat_map(|trunk| &trunk.peers);
        peers.next().map(|peer| peer.address)
    }

    /// The samples of a sentence.
    pub(super) fn speech(&self, sentence: Sentence) -> Arc<[i16]> {
        let speech = self.speech.get(sentence.file).cloned();
        speech.unwrap_or_else(|| Arc::from([]))
    }
}

/// The address of the agent with this place in the list.
pub(super) fn agent_ip(index: usize) -> IpAddr {
    let last = u8::try_from(index).map_or(u8::MAX, |index| FIRST_AGENT.saturating_add(index));
    IpAddr::from([127, 0, 0, last])
}

fn configuration(
    passwords: &HashMap<&'static str, String>,
    cadence: Cadence,
) -> anyhow::Result<String> {
    let (sip, http, carrier) = free_ports().context("no free port on 127.0.0.1")?;
    let mut text = format!(
        r#"# Written by `thirdring demo`. Every key with its meaning, unit and default:
# deploy/thirdring.toml in the source.

[log]
level = "warn"

[http]
listen = "{http}"

[[sip.listener]]
address = "{sip}"
digest = ["sha256", "md5"]

[media]
address = "{SERVICE}"
allow_loopback = true

[recording]
folder = "recordings"
reserve = "0"

[database]
url = "sqlite:thirdring.db"

# Who lets a caller ring in vain gets no other one until he says that he is there.
[desk]
most_missed = 1

[[trunk]]
name = "carrier"
addresses = ["{TRUNK}"]
peers = ["{carrier}"]
max_calls = 30
"#
    );
    for agent in &AGENTS {
        let password = passwords.get(agent.extension).map_or("", String::as_str);
        write!(
            text,
            "\n[[agent]]\nextension = {:?}\nname = {:?}\npassword = {password:?}\n",
            agent.extension, agent.name
        )?;
    }
    write!(
        text,
        "\n[[calendar]]\nname = \"office\"\nhours = [{:?}]\n",
        hours_of_another_day()
    )?;
    let Cadence { on_ms, off_ms } = cadence;
    for line in &LINES {
        write!(
            text,
            r#"
[[line]]
name = {:?}
numbers = [{:?}]
agents = {:?}
cadence = {{ on = "{on_ms}ms", off = "{off_ms}ms" }}
attempt_rings = {}
notice = "recording-notice.wav"
announcement = "all-busy.wav"
purposes = [
  {{ code = "consultation", name = "咨询", name_en = "Consultation" }},
  {{ code = "complaint", name = "投诉", name_en = "Complaint" }},
  {{ code = "repair", name = "报修", name_en = "Repair" }},
  {{ code = "suggestion", name = "建议", name_en = "Suggestion" }},
]
default_purpose = "{DEFAULT_PURPOSE}"
{}"#,
            line.name,
            line.number,
            line.agents,
            line.attempt_rings,
            line.flow.trim_start()
        )?;
    }
    Ok(text)
}

/// Hours in three days: whoever calls now calls after hours.
fn hours_of_another_day() -> String {
    let now = Clock.wall().to_jiff();
    let later = now
        .to_zoned(jiff::tz::TimeZone::UTC)
        .weekday()
        .wrapping_add(3);
    let day = match later {
        Weekday::Monday => "mon",
        Weekday::Tuesday => "tue",
        Weekday::Wednesday => "wed",
        Weekday::Thursday => "thu",
        Weekday::Friday => "fri",
        Weekday::Saturday => "sat",
        Weekday::Sunday => "sun",
    };
    format!("{day} 09:00-18:00")
}

/// Ports for SIP and HTTP, and for the carrier's SIP, that nobody has; they are asked for again
/// when the service starts.
fn free_ports() -> std::io::Result<(SocketAddr, SocketAddr, SocketAddr)> {
    let sip = UdpSocket::bind((SERVICE, 0))?.local_addr()?;
    let carrier = UdpSocket::bind((TRUNK, 0))?.local_addr()?;
    let http = TcpListener::bind((SERVICE, 0))?.local_addr()?;
    Ok((sip, http, carrier))
}

/// Lays the sentences into `folder`, where they can be listened to, and reads them.
fn write_speech(folder: &Path) -> anyhow::Result<HashMap<&'static str, Arc<[i16]>>> {
    fs::create_dir_all(folder)
        .with_context(|| format!("folder {} cannot be made", folder.display()))?;
    let mut speech = HashMap::new();
    for sentence in SENTENCES {
        let path = folder.join(sentence.file);
        fs::write(&path, sentence.wav)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        let samples = read_audio(&path)?.channels.into_iter().next();
        speech.insert(sentence.file, samples.unwrap_or_default().into());
    }
    Ok(speech)
}

#[cfg(test)]
mod tests {
    use super::super::cast::{NEWCOMER, RECEPTION};
    use super::super::reception::GUESTS;
    use super::super::stories::STORIES;
    use super::*;

    /// Every call has its line and its agents, every line its prompts, every phone its sentence.
    #[test]
    fn the_demo_has_everything_that_its_stories_name() {
        let folder = tempfile::tempdir().unwrap();
        let site = Site::prepare(&folder.path().join("demo"), Cadence::CHINA).unwrap();
        for line in &site.config.lines {
            for (_, prompt) in line.prompts() {
                let path = site.config.media.prompts.join(prompt);
                assert!(path.is_file(), "{}", path.display());
            }
        }
        for story in &STORIES {
            let mut lines = LINES.iter();
            let line = lines.find(|line| line.number == story.dials);
            let expected = story.expected.line;
            assert_eq!(line.map(|line| line.name), expected, "{}", story.title);
            assert!(!site.speech(story.says).is_empty());
            for (agent, _) in story.expected.attempts {
                assert!(!site.password(agent).is_empty(), "{agent}");
            }
        }
        for agent in &AGENTS {
            assert!(!site.speech(agent.says).is_empty());
        }
        for guest in &GUESTS {
            assert!(!site.speech(guest.says).is_empty());
            assert!(STORIES.iter().all(|story| story.caller != guest.number));
        }
        let reception = LINES.iter().find(|line| line.number == RECEPTION);
        assert_eq!(
            reception.map(|line| line.agents),
            Some([NEWCOMER].as_slice())
        );
    }
}
