//! `thirdring init`: a starter configuration, and what to type into trunk and phones.

use std::fs;
use std::io::Write;
use std::net::{IpAddr, UdpSocket};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use rand::RngExt;
use rand::distr::Alphanumeric;

use super::say;
use crate::config::{Config, NumberPattern};

/// The prompts that a starter configuration uses; both stand in the binary.
const PROMPTS: [(&str, &[u8]); 2] = [
    (
        "recording-notice.wav",
        include_bytes!("../../deploy/prompts/recording-notice.wav"),
    ),
    (
        "all-busy.wav",
        include_bytes!("../../deploy/prompts/all-busy.wav"),
    ),
];

#[derive(Debug, Args)]
pub(super) struct Init {
    /// Where to write thirdring.toml and the prompts
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    dir: PathBuf,
    /// The address that the carrier's trunk sends calls from
    #[arg(long, value_name = "IP", default_value = "203.0.113.10")]
    trunk: IpAddr,
    /// The number that callers dial
    #[arg(long, value_name = "NUMBER", default_value = "4001234567")]
    number: String,
    /// The address of this machine that trunk and phones reach [default: found out]
    #[arg(long, value_name = "IP")]
    address: Option<IpAddr>,
}

impl Init {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let file = self.dir.join("thirdring.toml");
        let is_number = NumberPattern::parse(&self.number).is_some();
        anyhow::ensure!(is_number, "--number: `{}` is not a number", self.number);
        let starter = Starter {
            address: self.address.unwrap_or_else(|| address_towards(self.trunk)),
            trunk: self.trunk,
            number: self.number,
            passwords: [password(), password()],
        };
        let text = starter.text();
        Config::parse(&text, &file).context("the starter configuration is wrong")?;
        write_new(&file, &text)?;
        write_prompts(&self.dir.join("prompts"))?;
        say(starter.instructions(&file))
    }
}

struct Starter {
    address: IpAddr,
    trunk: IpAddr,
    number: String,
    passwords: [String; 2],
}

impl Starter {
    fn text(&self) -> String {
        let Self {
            address,
            trunk,
            number,
            passwords: [first, second],
        } = self;
        let sip = std::net::SocketAddr::new(*address, 5060);
        let contact = std::net::SocketAddr::new(*trunk, 5060);
        let loopback = if address.is_loopback() {
            "\nallow_loopback = true"
        } else {
            ""
        };
        format!(
            r#"# Written by `thirdring init`. Every key with its meaning, unit and default:
# deploy/thirdring.toml in the source. After a change: thirdring config check

[[sip.listener]]
address = "{sip}"

[media]
address = "{address}"{loopback}

[[trunk]]
name = "carrier"
addresses = ["{trunk}"]
peers = ["{contact}"]

[[agent]]
extension = "1001"
name = "Agent 1"
password = "{first}"

[[agent]]
extension = "1002"
name = "Agent 2"
password = "{second}"

[[line]]
name = "hotline"
numbers = ["{number}"]
agents = ["1001", "1002"]
notice = "recording-notice.wav"
announcement = "all-busy.wav"
purposes = [
  {{ code = "consultation", name = "咨询", name_en = "Consultation" }},
  {{ code = "complaint", name = "投诉", name_en = "Complaint" }},
  {{ code = "repair", name = "报修", name_en = "Repair" }},
  {{ code = "suggestion", name = "建议", name_en = "Suggestion" }},
]
default_purpose = "consultation"
"#
        )
    }

    fn instructions(&self, file: &Path) -> String {
        let Self {
            address,
            trunk,
            number,
            passwords: [first, second],
        } = self;
        let config = file.display();
        format!(
            "\
Wrote {config} and the prompts beside it.

Trunk (ask the carrier, or type into its portal):
  send calls for    {number}
  to                {address}, UDP port 5060
  from              {trunk} (no registration, no password)
  codecs            PCMA, PCMU, telephone-event
  firewall          open UDP 5060 and UDP 20000-29999

Phones:             first               second
  SIP server        {address}, UDP port 5060
  user name         1001                1002
  password          {first}    {second}

Next:
  thirdring config check --config {config}
  thirdring serve --config {config}"
        )
    }
}

/// The address this machine sends from towards `peer`; loopback if there is no way there.
fn address_towards(peer: IpAddr) -> IpAddr {
    let any = if peer.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    // Connecting a UDP socket sends nothing, it only asks the routing table.
    let found = UdpSocket::bind(any).and_then(|socket| {
        socket.connect((peer, 5060))?;
        socket.local_addr()
    });
    found.map_or(IpAddr::from([127, 0, 0, 1]), |local| local.ip())
}

pub(super) fn password() -> String {
    let letters = rand::rng().sample_iter(Alphanumeric).take(16);
    letters.map(char::from).collect()
}

/// Writes a file that only its owner may read, and that must not exist yet.
pub(super) fn write_new(file: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("folder {} cannot be made", folder.display()))?;
    }
    let mut options = fs::OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(file);
    let mut opened = opened.with_context(|| {
        format!(
            "{} is not written over: name another folder with --dir, or move the file away",
            file.display()
        )
    })?;
    opened.write_all(text.as_bytes())?;
    Ok(())
}

/// Writes the prompts, but leaves alone what a site has recorded itself.
pub(super) fn write_prompts(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)
        .with_context(|| format!("folder {} cannot be made", folder.display()))?;
    for (name, bytes) in PROMPTS {
        let path = folder.join(name);
        if !path.exists() {
            fs::write(&path, bytes)
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
    }
    Ok(())
}
