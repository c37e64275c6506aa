//! linphone's command line as a desk phone: it registers, answers at once, and speaks a tone.

use std::fs::File;
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::loopback::SIP_PORT;
use crate::patience::{PATIENCE, until};
use crate::service::Service;
use crate::tone::Law;

/// Where it speaks RTP.
const RTP_PORT: u16 = 40_000;

/// A linphone that runs; it is killed when this is dropped.
pub(crate) struct Linphone {
    child: Child,
    /// It ends when nobody can type any more.
    _keyboard: ChildStdin,
    log: PathBuf,
}

impl Linphone {
    /// Starts a phone at `ip` that registers as `user` and waits until the service knows it.
    pub(crate) fn start(
        service: &Service,
        ip: Ipv4Addr,
        (user, password): (&str, &str),
        hz: u32,
    ) -> Self {
        let folder = service.folder().join(format!("linphone-{user}"));
        // It makes no folders, and gives up on its databases without them.
        std::fs::create_dir_all(folder.join(".local/share/linphone")).unwrap();
        let registrar = service.network().signalling();
        let config = folder.join("linphonerc");
        std::fs::write(&config, rc(ip, &registrar.to_string(), user, password)).unwrap();
        let tone = folder.join("tone.wav");
        write_tone(&tone, hz);
        let log = folder.join("log");
        let screen = File::create(folder.join("screen")).unwrap();
        let mut child = Command::new("linphonec")
            .arg("-a")
            .arg("-c")
            .arg(&config)
            .args(["-d", "6", "-l"])
            .arg(&log)
            .env("HOME", &folder)
            .stdin(Stdio::piped())
            .stdout(screen.try_clone().unwrap())
            .stderr(screen)
            .current_dir(&folder)
            .spawn()
            .expect("linphonec: install it with `apt-get install linphone-cli`");
        let mut keyboard = child.stdin.take().unwrap();
        let tone = tone.display();
        write!(keyboard, "soundcard use files\nplay {tone}\n").unwrap();
        let phone = Self {
            child,
            _keyboard: keyboard,
            log,
        };
        until("linphone to register", || {
            (service.metric("thirdring_registrations") > 0.0).then_some(())
        });
        phone
    }

    /// All that it has sent and received, and what it thought of it.
    pub(crate) fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Linphone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            let end = lines[lines.len().saturating_sub(150)..].join("\n");
            eprintln!("--- linphone\n{end}\n---");
        }
    }
}

/// It has to be told that there is a network, or it waits for a route to the world.
fn rc(ip: Ipv4Addr, registrar: &str, user: &str, password: &str) -> String {
    let host = registrar.split(':').next().unwrap_or_default();
    format!(
        "[sip]
bind_address={ip}
sip_port={SIP_PORT}
sip_tcp_port=0
sip_tls_port=0
auto_net_state_mon=0
register_only_when_network_is_up=0
default_proxy=0
[rtp]
bind_address={ip}
audio_rtp_port={RTP_PORT}
[sound]
echocancellation=0
[proxy_0]
reg_proxy=<sip:{registrar}>
reg_identity=sip:{user}@{host}
reg_expires=60
reg_sendregister=1
publish=0
[auth_info_0]
username={user}
passwd={password}
realm=thirdring
"
    )
}

/// More of a tone than any test waits for.
fn write_tone(path: &Path, hz: u32) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    let second = Law::Pcma.second_of(hz);
    for _ in 0..2 * PATIENCE.as_secs() {
        for code in &second {
            writer.write_sample(Law::Pcma.decode(*code)).unwrap();
        }
    }
    writer.finalize().unwrap();
}
