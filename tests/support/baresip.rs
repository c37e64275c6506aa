//! baresip as a desk phone: it registers, answers at once or when it is told, speaks a tone, and does
//! what a person does at its keys.
//!
//! It lives on 127.0.0.1, on ports of its own: whatever it is configured with, its RTP leaves from
//! there.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use serde_json::{Value, json};

use crate::patience::{PATIENCE, until};
use crate::service::Service;
use crate::tone::is_tone;

/// A baresip that runs; it is killed when this is dropped.
pub(crate) struct Baresip {
    child: Child,
    folder: PathBuf,
    screen: PathBuf,
    /// Where it is told what to do.
    control: SocketAddr,
}

/// How it comes to answer.
#[derive(Clone, Copy)]
pub(crate) enum Answers {
    /// At once.
    Itself,
    /// When [`Baresip::accept`] tells it to.
    WhenTold,
}

impl Baresip {
    /// Starts a phone that registers as `user` and waits until the service knows it.
    pub(crate) fn start(service: &Service, account: (&str, &str), hz: u32) -> Self {
        let registrar = format!("{};transport=udp", service.network().signalling());
        Self::at(service, &registrar, account, hz)
    }

    /// A phone that keeps what it hears, and is told what to do.
    pub(crate) fn desk(
        service: &Service,
        account: (&str, &str),
        hz: u32,
        answers: Answers,
    ) -> Self {
        let registrar = format!("{};transport=udp", service.network().signalling());
        let more = "module sndfile.so\nmodule_app ctrl_tcp.so\n";
        Self::with(service, &registrar, account, hz, (more, "", answers), None)
    }

    /// The same over TLS, where the service's certificate must come from `ca.pem` in its folder.
    pub(crate) fn start_tls(service: &Service, account: (&str, &str), hz: u32) -> Self {
        let registrar = format!("{};transport=tls", service.network().secure());
        Self::at(service, &registrar, account, hz)
    }

    /// Over TLS, with its voice encrypted: `srtp-mand`, or `srtp` for a plain line with keys. What
    /// it hears it keeps.
    pub(crate) fn start_srtp(
        service: &Service,
        account: (&str, &str),
        hz: u32,
        encryption: &str,
    ) -> Self {
        Self::secure(service, account, hz, encryption, None)
    }

    /// The same, calling this number at once.
    pub(crate) fn dial_srtp(
        service: &Service,
        account: (&str, &str),
        hz: u32,
        encryption: &str,
        number: &str,
    ) -> Self {
        Self::secure(service, account, hz, encryption, Some(number))
    }

    fn secure(
        service: &Service,
        account: (&str, &str),
        hz: u32,
        encryption: &str,
        number: Option<&str>,
    ) -> Self {
        let registrar = format!("{};transport=tls", service.network().secure());
        let more = "module srtp.so\nmodule sndfile.so\n";
        let encryption = match encryption {
            "" => String::new(),
            encryption => format!(";mediaenc={encryption}"),
        };
        Self::with(
            service,
            &registrar,
            account,
            hz,
            (more, &encryption, Answers::Itself),
            number,
        )
    }

    fn at(service: &Service, registrar: &str, account: (&str, &str), hz: u32) -> Self {
        let plain = ("", "", Answers::Itself);
        Self::with(service, registrar, account, hz, plain, None)
    }

    /// With these lines of its configuration, and these parameters of its account.
    fn with(
        service: &Service,
        registrar: &str,
        (user, password): (&str, &str),
        hz: u32,
        (more, parameters, answers): (&str, &str, Answers),
        number: Option<&str>,
    ) -> Self {
        let folder = service.folder().join(format!("baresip-{user}"));
        std::fs::create_dir(&folder).unwrap();
        let first = free_ports();
        let control = SocketAddr::from((Ipv4Addr::LOCALHOST, first + CONTROL));
        let more = format!("{more}ctrl_tcp_listen {control}\n");
        let config = config(first, hz, &folder.display().to_string()) + &more;
        let pick_up = match answers {
            Answers::Itself => "auto",
            Answers::WhenTold => "manual",
        };
        let account = format!(
            "<sip:{user}@{registrar}>;auth_user={user};auth_pass={password};\
             answermode={pick_up};regint=60;audio_codecs=PCMA,PCMU{parameters}\n"
        );
        let ca = service.folder().join("ca.pem");
        let ca = ca
            .exists()
            .then(|| format!("sip_cafile {}\n", ca.display()));
        let config = config + &ca.unwrap_or_default();
        std::fs::write(folder.join("config"), config).unwrap();
        std::fs::write(folder.join("accounts"), account).unwrap();
        std::fs::write(folder.join("contacts"), "").unwrap();
        let screen = folder.join("screen");
        let output = File::create(&screen).unwrap();
        let child = Command::new("baresip")
            .args(["-4", "-f"])
            .arg(&folder)
            .args(["-t", "300"])
            .args(
                number
                    .into_iter()
                    .flat_map(|it| ["-e".to_owned(), format!("/dial {it}")]),
            )
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .process_group(0)
            .spawn()
            .expect("baresip: install it with `apt-get install baresip-core`");
        let phone = Self {
            child,
            folder,
            screen,
            control,
        };
        let before = service.metric("thirdring_registrations");
        until("baresip to register", || {
            let registered = service.metric("thirdring_registrations");
            (registered > 0.0 && registered >= before).then_some(())
        });
        phone
    }

    /// Picks up what rings.
    pub(crate) fn accept(&self) {
        self.tell("accept", "");
    }

    /// Holds the call by its own key: a re-INVITE (RFC 3264 §8.4).
    pub(crate) fn hold(&self) {
        self.tell("hold", "");
    }

    /// Takes it back.
    pub(crate) fn resume(&self) {
        self.tell("resume", "");
    }

    /// Passes the call on by its own key: REFER (RFC 3515).
    pub(crate) fn transfer(&self, service: &Service, to: &str) {
        let at = service.network().signalling();
        self.tell("transfer", &format!("sip:{to}@{at}"));
    }

    /// Puts the receiver down.
    pub(crate) fn hang_up(&self) {
        self.tell("hangup", "");
    }

    /// One command to a phone of [`desk`](Self::desk), and its word that it did it.
    fn tell(&self, command: &str, params: &str) {
        let mut control = until("baresip to be told", || {
            TcpStream::connect(self.control).ok()
        });
        control.set_read_timeout(Some(PATIENCE)).unwrap();
        let text = json!({ "command": command, "params": params, "token": "test" }).to_string();
        control
            .write_all(format!("{}:{text},", text.len()).as_bytes())
            .unwrap();
        // What else happens at the phone comes by the same way.
        loop {
            let said = netstring(&mut control);
            if said["response"] == true {
                assert_eq!(said["ok"], true, "baresip: {command} {params}: {said}");
                return;
            }
        }
    }

    /// How much of what it has heard so far is this tone, in milliseconds: of a phone that keeps
    /// what it hears.
    pub(crate) fn heard_ms(&self, hz: u32) -> usize {
        let entries = std::fs::read_dir(&self.folder).unwrap();
        let mut paths = entries.map(|entry| entry.unwrap().path());
        let is_heard = |path: &PathBuf| path.to_string_lossy().ends_with("-dec.wav");
        let Some(path) = paths.find(is_heard) else {
            return 0;
        };
        // Its header is true only once the call is over.
        let octets = std::fs::read(path).unwrap();
        let pairs = octets.get(44..).unwrap_or_default().chunks_exact(2);
        let samples: Vec<_> = pairs
            .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        let windows = samples.chunks_exact(160);
        20 * windows.filter(|window| is_tone(window, hz)).count()
    }

    /// Hangs up, and ends.
    pub(crate) fn leave(mut self) {
        let stop = ["-c", "kill -TERM \"$0\"", &self.child.id().to_string()];
        assert!(Command::new("sh").args(stop).status().unwrap().success());
        until("baresip to end", || self.child.try_wait().unwrap());
    }
}

impl Drop for Baresip {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let screen = std::fs::read(&self.screen).unwrap_or_default();
            let said = String::from_utf8_lossy(&screen);
            let end = said.find("[0:00:02]").unwrap_or(said.len());
            eprintln!("--- baresip\n{}\n---", &said[..end]);
        }
    }
}

/// Without `net_interface` it speaks RTP from the machine's outer address; `ausine` knows 48 kHz
/// stereo only.
fn config(sip: u16, hz: u32, folder: &str) -> String {
    let rtp = sip + 4;
    let last_rtp = rtp + 20;
    format!(
        "poll_method epoll
sip_listen 127.0.0.1:{sip}
net_interface 127.0.0.1
module_path /usr/lib/baresip/modules
module g711.so
module ausine.so
module_tmp account.so
module_app menu.so
audio_source ausine,{hz}
ausrc_srate 48000
ausrc_channels 2
auplay_srate 8000
rtp_ports {rtp}-{last_rtp}
snd_path {folder}
"
    )
}

/// One JSON value of a stream of netstrings: `LENGTH:VALUE,`.
fn netstring(stream: &mut TcpStream) -> Value {
    let mut length = 0;
    let mut octet = [0];
    loop {
        stream.read_exact(&mut octet).unwrap();
        match octet[0] {
            b':' => break,
            digit => length = 10 * length + usize::from(digit - b'0'),
        }
    }
    let mut text = vec![0; length + 1];
    stream.read_exact(&mut text).unwrap();
    serde_json::from_slice(&text[..length]).unwrap()
}

/// The port that it is told by, counted from its first one.
const CONTROL: u16 = 30;

/// The first of thirty-two ports, below those that the kernel gives to others meanwhile: baresip takes
/// one for UDP and TCP, the next for TLS, and some for voice.
fn free_ports() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(31_000);
    loop {
        let first = NEXT.fetch_add(32, Ordering::Relaxed);
        let is_free = |port| {
            let place = (Ipv4Addr::LOCALHOST, port);
            UdpSocket::bind(place).is_ok() && TcpListener::bind(place).is_ok()
        };
        if is_free(first) && is_free(first + 1) && is_free(first + CONTROL) {
            return first;
        }
    }
}
