//! A service for the run: this program, in a process of its own, on a configuration and a folder of
//! its own.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::clock::Clock;

const SERVICE: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// The trunk.
pub(super) const CALLER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const AGENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The process; it is killed, and its folder removed, when this is dropped.
#[derive(Debug)]
pub(super) struct OwnService {
    child: Child,
    folder: PathBuf,
    target: SocketAddr,
    http: SocketAddr,
    agent: SocketAddr,
}

impl OwnService {
    /// Starts it, for so many calls to one number, and waits until it is ready.
    pub(super) fn start(calls: u16, number: &str) -> anyhow::Result<Self> {
        let folder =
            std::env::temp_dir().join(format!("thirdring-load-{:016x}", rand::random::<u64>()));
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("folder {} cannot be made", folder.display()))?;
        let free = |ip: Ipv4Addr| UdpSocket::bind((ip, 0)).and_then(|socket| socket.local_addr());
        let http = TcpListener::bind((SERVICE, 0)).and_then(|socket| socket.local_addr());
        let (target, http, agent) = (free(SERVICE)?, http?, free(AGENT)?);
        let file = folder.join("thirdring.toml");
        std::fs::write(&file, configuration(target, http, agent, calls, number))?;
        let log = File::create(folder.join("log"))?;
        let child = Command::new(std::env::current_exe()?)
            .args(["serve", "--config"])
            .arg(&file)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("the service cannot be started")?;
        let mut service = Self {
            child,
            folder,
            target,
            http,
            agent,
        };
        service.wait_until_ready()?;
        Ok(service)
    }

    pub(super) const fn target(&self) -> SocketAddr {
        self.target
    }

    pub(super) const fn agent(&self) -> SocketAddr {
        self.agent
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn recordings(&self) -> PathBuf {
        self.folder.join("recordings")
    }

    fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let deadline = Clock.now() + PATIENCE;
        while !self.is_ready() {
            let ended = self.child.try_wait()?;
            if ended.is_some() || Clock.now() >= deadline {
                let said = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("the service does not start: {said}");
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        Ok(())
    }

    fn is_ready(&self) -> bool {
        let mut said = String::new();
        let asked = TcpStream::connect(self.http).and_then(|mut stream| {
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: load\r\nConnection: close\r\n\r\n")?;
            stream.read_to_string(&mut said)
        });
        asked.is_ok() && said.starts_with("HTTP/1.1 200")
    }
}

impl Drop for OwnService {
    fn drop(&mut self) {
        // Whatever is left of it after an error; nobody is there to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn configuration(
    target: SocketAddr,
    http: SocketAddr,
    agent: SocketAddr,
    calls: u16,
    number: &str,
) -> String {
    let (service, caller) = (IpAddr::from(SERVICE), IpAddr::from(CALLER));
    format!(
        r#"# Written by `thirdring load`.
[service]
grace = "1s"
[log]
level = "warn"
[http]
listen = "{http}"
[[sip.listener]]
address = "{target}"
[media]
address = "{service}"
ports = "20000-59999"
allow_loopback = true
[recording]
folder = "recordings"
[database]
url = "sqlite:thirdring.db"
[[trunk]]
name = "load"
addresses = ["{caller}"]
probe = "0s"
[[agent]]
extension = "1001"
contact = "{agent}"
max_calls = {calls}
[[line]]
name = "load"
numbers = ["{number}"]
agents = ["1001"]
"#
    )
}
