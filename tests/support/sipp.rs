//! SIPp as trunk and as phones. A scenario is a file of `tests/e2e/sipp` with `{{words}}` that a
//! test fills in; everything between `[brackets]` is SIPp's own.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::loopback::SIP_PORT;
use crate::patience::within;
use crate::service::Service;

/// A description that offers or accepts A-law, where SIPp puts the port of its own RTP.
const PCMA: &str = "v=0
o=- 53655765 2353687637 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
a=ptime:20";

/// A SIPp in the making.
pub(crate) struct Sipp {
    scenario: &'static str,
    ip: Ipv4Addr,
    words: BTreeMap<&'static str, String>,
    calls: usize,
    numbers: Vec<String>,
    patience: Duration,
}

impl Sipp {
    /// A scenario, played at this address.
    pub(crate) fn new(scenario: &'static str, ip: Ipv4Addr) -> Self {
        let words = [
            ("sdp", PCMA),
            ("caller", "13800138000"),
            ("name", ""),
            ("alert", "180"),
            ("talk_ms", "500"),
            ("ring_ms", "500"),
        ];
        Self {
            scenario,
            ip,
            words: words.map(|(word, text)| (word, text.to_owned())).into(),
            calls: 1,
            numbers: Vec::new(),
            patience: Duration::from_mins(1),
        }
    }

    /// Fills in a word of the scenario.
    pub(crate) fn with(mut self, word: &'static str, text: impl std::fmt::Display) -> Self {
        self.words.insert(word, text.to_string());
        self
    }

    /// Calls this number.
    pub(crate) fn dial(self, number: &str) -> Self {
        self.with("dialled", number)
    }

    /// Plays the scenario so often.
    pub(crate) fn calls(mut self, calls: usize) -> Self {
        self.calls = calls;
        self
    }

    /// Calls each of these numbers once, all at the same time.
    pub(crate) fn dial_each(mut self, numbers: Vec<String>) -> Self {
        self.calls = numbers.len();
        self.numbers = numbers;
        self.with("dialled", "[field0]")
    }

    /// For calls that last.
    pub(crate) fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Starts it against the service. A phone is heard from then on: its socket is bound.
    pub(crate) fn start(self, service: &Service) -> Playing {
        self.start_at(service.folder(), service.network().signalling())
    }

    /// The same against a service elsewhere; what SIPp writes is kept in `folder`.
    pub(crate) fn start_at(self, folder: &Path, service: SocketAddr) -> Playing {
        let playing = self.spawn(folder, service);
        playing.wait_for_socket();
        playing
    }

    fn spawn(self, folder: &Path, service: SocketAddr) -> Playing {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let file = |kind: &str| folder.join(format!("{}-{number}.{kind}", self.scenario));
        let (scenario, messages, errors) = (file("xml"), file("messages"), file("errors"));
        std::fs::write(&scenario, self.filled()).unwrap();

        let mut command = Command::new("sipp");
        command
            .arg(service.to_string())
            .arg("-sf")
            .arg(&scenario)
            .args(["-i", &self.ip.to_string(), "-mi", &self.ip.to_string()])
            .args(["-p", &SIP_PORT.to_string(), "-mp", "30000"])
            .args(["-m", &self.calls.to_string(), "-l", &self.calls.to_string()])
            .args(["-r", &self.calls.max(1).to_string(), "-nostdin"])
            .args(["-timeout", &format!("{}s", self.patience.as_secs())])
            .args(["-timeout_error", "-trace_msg", "-message_file"])
            .arg(&messages)
            .args(["-trace_err", "-error_file"])
            .arg(&errors);
        if !self.numbers.is_empty() {
            let list = file("csv");
            let text = format!("SEQUENTIAL\n{}\n", self.numbers.join("\n"));
            std::fs::write(&list, text).unwrap();
            command.arg("-inf").arg(&list);
        }
        let screen = File::create(file("screen")).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(screen.try_clone().unwrap())
            .stderr(screen)
            .current_dir(folder)
            .spawn()
            .expect("sipp: install it with `apt-get install sip-tester`");
        Playing {
            child,
            ip: self.ip,
            scenario: self.scenario,
            messages,
            errors,
            screen: file("screen"),
            patience: self.patience + Duration::from_secs(10),
        }
    }

    fn filled(&self) -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/sipp");
        let path = folder.join(format!("{}.xml", self.scenario));
        let mut text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for (word, filling) in &self.words {
            text = text.replace(&format!("{{{{{word}}}}}"), filling);
        }
        let unfilled = text
            .split_once("{{")
            .map(|(_, rest)| rest.split("}}").next());
        assert_eq!(
            unfilled, None,
            "a word of {} is not filled in",
            self.scenario
        );
        text
    }
}

/// Plays a phone and a caller to their ends; the row of the only call.
pub(crate) fn play(service: &Service, phone: Sipp, caller: Sipp) -> Value {
    let phone = phone.start(service);
    let caller = caller.start(service);
    caller.finish();
    phone.finish();
    service.only_call()
}

/// A SIPp that runs; it is killed when this is dropped.
pub(crate) struct Playing {
    child: Child,
    ip: Ipv4Addr,
    scenario: &'static str,
    messages: PathBuf,
    errors: PathBuf,
    screen: PathBuf,
    patience: Duration,
}

impl Playing {
    /// Waits until the scenario has been played to its end as often as asked, without surprise.
    pub(crate) fn finish(mut self) -> Trace {
        let what = format!("the scenario {} to end", self.scenario);
        let status = within(self.patience, &what, || self.child.try_wait().unwrap());
        assert!(
            status.success(),
            "{}: {status}\n{}",
            self.scenario,
            self.said()
        );
        Trace(std::fs::read_to_string(&self.messages).unwrap_or_default())
    }

    /// What it has sent and received so far.
    pub(crate) fn trace(&self) -> Trace {
        let bytes = std::fs::read(&self.messages).unwrap_or_default();
        Trace(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The kernel's list of UDP sockets tells when SIPp listens.
    fn wait_for_socket(&self) {
        let ip = u32::from_le_bytes(self.ip.octets());
        let entry = format!("{ip:08X}:{SIP_PORT:04X}");
        within(self.patience, "sipp to open its socket", || {
            let sockets = std::fs::read_to_string("/proc/net/udp").unwrap();
            sockets.contains(&entry).then_some(())
        });
    }

    fn said(&self) -> String {
        let read = |path: &Path| {
            let bytes = std::fs::read(path).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let messages = read(&self.messages);
        let lines: Vec<_> = messages.lines().collect();
        let end = lines[lines.len().saturating_sub(150)..].join("\n");
        let screen = read(&self.screen);
        let screen: Vec<_> = screen.lines().filter(|line| !line.is_empty()).collect();
        let screen = screen[screen.len().saturating_sub(20)..].join("\n");
        format!("{}\n{end}\n{screen}", read(&self.errors))
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- sipp {}\n{}\n---", self.scenario, self.said());
        }
    }
}

/// The messages that a SIPp sent and received.
pub(crate) struct Trace(String);

impl Trace {
    /// How many messages came whose first line begins so.
    pub(crate) fn received(&self, start: &str) -> usize {
        self.count("message received", start)
    }

    fn count(&self, way: &str, start: &str) -> usize {
        // Each message is a line that tells its way, an empty line, and then the message.
        let mut lines = self.0.lines();
        let mut count = 0;
        while let Some(line) = lines.next() {
            if line.contains(way) {
                let first = lines.find(|line| !line.trim().is_empty());
                count += usize::from(first.is_some_and(|first| first.starts_with(start)));
            }
        }
        count
    }
}
