//! What a test's service is configured with: agents, lines, a database.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::certificates::Authority;
use crate::loopback::{Network, SIP_PORT, sip};
use crate::service::Service;

/// One ring lasts a second.
const FAST: &str = r#"{ on = "200ms", off = "800ms" }"#;

/// A configuration in the making, and the network it is for.
pub(crate) struct Site {
    network: Network,
    agents: String,
    lines: String,
    listeners: String,
    peers: Vec<String>,
    more: String,
    trunk: String,
    files: Vec<(&'static str, String, u32)>,
    tones: Vec<(&'static str, u32, u32)>,
    database: String,
    journal: String,
    sip: String,
    recording: String,
    media: Option<&'static str>,
    media_keys: &'static str,
    prompts: PathBuf,
    loopback: bool,
    ports: &'static str,
    grace: &'static str,
}

impl Site {
    /// A site with a carrier and nobody to answer.
    pub(crate) fn new() -> Self {
        Self::on(Network::claim())
    }

    /// The same on this network.
    pub(crate) fn on(network: Network) -> Self {
        Self {
            network,
            agents: String::new(),
            lines: String::new(),
            listeners: String::new(),
            peers: Vec::new(),
            more: String::new(),
            trunk: String::new(),
            files: Vec::new(),
            tones: Vec::new(),
            database: "sqlite:log.db".to_owned(),
            journal: String::new(),
            sip: String::new(),
            // Memory that files are kept in may be small.
            recording: "reserve = \"0\"\n".to_owned(),
            media: None,
            media_keys: "",
            prompts: Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/prompts"),
            loopback: true,
            ports: "20000-29999",
            grace: "2s",
        }
    }

    /// Agent `n` (extension `1000 + n`), whose phone is where the network says and never registers.
    pub(crate) fn agent(self, n: u8) -> Self {
        let contact = sip(self.network.agent(n));
        self.agent_with(n, &format!("contact = \"{contact}\""))
    }

    /// Agent `n`, with these keys.
    pub(crate) fn agent_with(mut self, n: u8, keys: &str) -> Self {
        let extension = extension(n);
        write!(
            self.agents,
            "[[agent]]\nextension = \"{extension}\"\n{keys}\n"
        )
        .unwrap();
        self
    }

    /// A line.
    pub(crate) fn line(mut self, line: &Line) -> Self {
        self.lines.push_str(&line.toml());
        self
    }

    /// The trunk's peers, instead of the carrier's one address.
    pub(crate) fn peers(mut self, peers: &[SocketAddr]) -> Self {
        self.peers = peers.iter().map(ToString::to_string).collect();
        self
    }

    /// The same, over TLS.
    pub(crate) fn tls_peer(mut self, peer: SocketAddr) -> Self {
        self.peers = vec![format!("tls:{peer}")];
        self
    }

    /// Prompts that are tones, instead of those of the deployment: name, Hz and milliseconds.
    #[allow(dead_code, reason = "not every test binary wants it")]
    pub(crate) fn tones(mut self, tones: &[(&'static str, u32, u32)]) -> Self {
        self.tones = tones.to_vec();
        self
    }

    /// Whole sections.
    pub(crate) fn section(mut self, toml: &str) -> Self {
        self.more.push_str(toml);
        self
    }

    /// What the first listener is known by.
    pub(crate) fn advertised(mut self, address: &str) -> Self {
        let key = format!("advertised = \"{address}\"\n");
        self.listeners.insert_str(0, &key);
        self
    }

    /// What the first listener offers phones to prove their passwords by.
    pub(crate) fn digest(mut self, algorithm: &str) -> Self {
        let key = format!("digest = [\"{algorithm}\"]\n");
        self.listeners.insert_str(0, &key);
        self
    }

    /// Voice goes over this address.
    pub(crate) fn media(mut self, address: &'static str) -> Self {
        self.media = Some(address);
        self
    }

    /// More keys of `[media]`.
    #[allow(dead_code, reason = "not every test binary wants it")]
    pub(crate) fn media_keys(mut self, keys: &'static str) -> Self {
        self.media_keys = keys;
        self
    }

    /// Other prompts than those that come with the service.
    #[allow(dead_code, reason = "not every test binary wants it")]
    pub(crate) fn prompts(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.prompts);
        self
    }

    /// Other RTP ports.
    pub(crate) fn ports(mut self, ports: &'static str) -> Self {
        self.ports = ports;
        self
    }

    /// No voice goes over loopback addresses, as on any network but a test's.
    pub(crate) fn without_loopback(mut self) -> Self {
        self.loopback = false;
        self
    }

    /// Another listener, with these keys.
    pub(crate) fn listener(mut self, keys: &str) -> Self {
        writeln!(self.listeners, "[[sip.listener]]\n{keys}").unwrap();
        self
    }

    /// The same address over TCP.
    pub(crate) fn tcp(self) -> Self {
        let address = self.network.signalling();
        self.listener(&format!("transport = \"tcp\"\naddress = \"{address}\""))
    }

    /// The same address over TLS, with a certificate of this authority and these keys.
    pub(crate) fn tls(mut self, authority: &Authority, keys: &str) -> Self {
        let own = authority.server(self.network.service());
        self.files.push(("ca.pem", authority.pem.clone(), 0o644));
        self.files.push(("certificate.pem", own.certificate, 0o644));
        self.files.push(("key.pem", own.key, 0o600));
        let address = self.network.secure();
        self.listener(&format!(
            "transport = \"tls\"\naddress = \"{address}\"\n\
             certificate = \"certificate.pem\"\nkey = \"key.pem\"\n{keys}"
        ))
    }

    /// Lets everybody read the key.
    pub(crate) fn open_key(mut self) -> Self {
        let key = self.files.iter_mut().find(|(name, ..)| *name == "key.pem");
        key.unwrap().2 = 0o644;
        self
    }

    /// Keys of the trunk.
    pub(crate) fn trunk(mut self, keys: &str) -> Self {
        writeln!(self.trunk, "{keys}").unwrap();
        self
    }

    /// Another database than a file of SQLite.
    pub(crate) fn database(mut self, url: String) -> Self {
        self.database = url;
        self
    }

    /// While the database is away nothing is kept on the local disk.
    pub(crate) fn without_journal(mut self) -> Self {
        "journal_limit = \"0\"".clone_into(&mut self.journal);
        self
    }

    /// Sections or keys of `[sip]`, as TOML.
    pub(crate) fn sip(mut self, toml: &str) -> Self {
        toml.clone_into(&mut self.sip);
        self
    }

    /// Keys of `[recording]`, beside the folder.
    #[allow(dead_code, reason = "the tests of disks want it")]
    pub(crate) fn recording(mut self, keys: &str) -> Self {
        keys.clone_into(&mut self.recording);
        self
    }

    /// How long calls may go on after SIGTERM.
    pub(crate) fn grace(mut self, grace: &'static str) -> Self {
        self.grace = grace;
        self
    }

    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    /// Starts the service and waits until it is ready.
    pub(crate) fn start(self) -> Service {
        let folder = self.folder();
        Service::start(folder, self.network)
    }

    /// Writes the configuration, for a service that the test runs itself.
    pub(crate) fn write(self) -> (TempDir, Network) {
        let folder = self.folder();
        (folder, self.network)
    }

    /// What the service says when it does not start.
    pub(crate) fn refused(self) -> String {
        crate::service::refused(self.folder().path())
    }

    fn folder(&self) -> TempDir {
        let folder = folder();
        std::fs::write(folder.path().join("thirdring.toml"), self.toml()).unwrap();
        for (name, text, mode) in &self.files {
            crate::certificates::write(&folder.path().join(name), text, *mode);
        }
        for (name, hz, length_ms) in &self.tones {
            write_tone(&folder.path().join(name), *hz, *length_ms);
        }
        folder
    }

    fn toml(&self) -> String {
        let Self {
            network,
            agents,
            lines,
            listeners,
            peers,
            more,
            trunk: trunk_keys,
            files: _,
            tones,
            database,
            journal,
            sip: sip_keys,
            recording,
            media,
            media_keys,
            prompts,
            loopback,
            ports,
            grace,
        } = self;
        let service = network.service();
        let carrier = vec![sip(network.trunk()).to_string()];
        let peers = if peers.is_empty() { &carrier } else { peers };
        // Most tests' carriers are scripts that would stumble over a question nobody told them of.
        let probe = if trunk_keys.contains("probe = ") {
            ""
        } else {
            "probe = \"0s\""
        };
        let media = media.map_or_else(|| service.to_string(), str::to_owned);
        let callers: Vec<_> = (1..=6).map(|n| network.caller(n).to_string()).collect();
        let callers = format!("{callers:?}");
        let prompts = if tones.is_empty() {
            prompts.display().to_string()
        } else {
            ".".to_owned()
        };
        format!(
            r#"
[service]
grace = "{grace}"
[log]
level = "info,thirdring=debug"
[http]
listen = "{service}:8080"
[sip]
echo = "*43"
{sip_keys}
[[sip.listener]]
address = "{service}:{SIP_PORT}"
{listeners}[media]
address = "{media}"
ports = "{ports}"
allow_loopback = {loopback}
prompts = "{prompts}"
{media_keys}
[recording]
folder = "recordings"
{recording}[database]
url = "{database}"
{journal}
[[trunk]]
name = "carrier"
addresses = {callers}
peers = {peers:?}
{probe}
{trunk_keys}{agents}{lines}{more}"#
        )
    }
}

/// A `[[line]]` whose rings last a second, unless told otherwise.
pub(crate) struct Line {
    name: String,
    number: String,
    agents: Vec<u8>,
    cadence: String,
    keys: String,
}

impl Line {
    pub(crate) fn new(name: &str, number: &str, agents: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            number: number.to_owned(),
            agents: agents.to_vec(),
            cadence: FAST.to_owned(),
            keys: String::new(),
        }
    }

    /// A key and its value, as TOML.
    pub(crate) fn with(mut self, key: &str, value: &str) -> Self {
        writeln!(self.keys, "{key} = {value}").unwrap();
        self
    }

    /// China's cadence: rings of 5 s.
    pub(crate) fn in_real_time(mut self) -> Self {
        r#"{ on = "1s", off = "4s" }"#.clone_into(&mut self.cadence);
        self
    }

    fn toml(&self) -> String {
        let agents: Vec<_> = self.agents.iter().copied().map(extension).collect();
        let Self {
            name,
            number,
            cadence,
            keys,
            ..
        } = self;
        format!(
            "[[line]]\nname = \"{name}\"\nnumbers = [\"{number}\"]\nagents = {agents:?}\ncadence = {cadence}\n{keys}"
        )
    }
}

/// A folder in memory, where there is memory for files: a call waits one second for its row, and a
/// disk that is busy with somebody else's files takes longer than that now and then.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    tempfile::Builder::new()
        .prefix("thirdring-e2e-")
        .tempdir_in(place)
        .unwrap()
}

/// A tone at a quarter of full scale.
fn write_tone(path: &Path, hz: u32, length_ms: u32) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for n in 0..8 * length_ms {
        let phase = f64::from(n) * f64::from(hz) * std::f64::consts::TAU / 8000.0;
        #[expect(clippy::cast_possible_truncation, reason = "within ±8,000")]
        let sample = (phase.sin() * 8000.0) as i16;
        writer.write_sample(sample).unwrap();
    }
    writer.finalize().unwrap();
}

/// The extension of agent `n`.
pub(crate) fn extension(n: u8) -> String {
    format!("{}", 1000 + u16::from(n))
}
