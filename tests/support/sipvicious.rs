//! Debian's sipvicious: the scanners that everything with port 5060 open meets each day. They bind
//! no address of their own, so the service sees them at 127.0.0.1, which nobody has told it of.

use std::fmt::Display;
use std::net::{SocketAddr, UdpSocket};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// The first port that they try to send from, on all addresses at once: no other test's.
const FROM_PORT: &str = "15060";
/// They give up after so many seconds without an answer.
const SILENCE: &str = "10";

/// Runs `svmap`, `svwar` or `svcrack` against `target` to its end: all that it printed.
pub(crate) fn run(tool: &str, arguments: &[&str], target: impl Display) -> String {
    let output = Command::new(tool)
        .args(["-P", FROM_PORT, "-v"])
        .args(arguments)
        .arg(target.to_string())
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{tool}: {error}; `apt-get install sipvicious`"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = said + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{tool}: {}\n{said}", output.status);
    assert!(!said.contains("nhandled exception"), "{tool}: {said}");
    said
}

/// `svwar` with this method over these extensions.
pub(crate) fn svwar(method: &str, extensions: &str, target: SocketAddr) -> String {
    let arguments = [
        "--force",
        "--maximumtime",
        SILENCE,
        "-m",
        method,
        "-e",
        extensions,
    ];
    run("svwar", &arguments, format!("udp://{target}"))
}

/// `svcrack` on this account with these passwords (`1-40`).
pub(crate) fn svcrack(account: &str, passwords: &str, target: SocketAddr) -> String {
    let arguments = ["--maximumtime", SILENCE, "-u", account, "-r", passwords];
    run("svcrack", &arguments, format!("udp://{target}"))
}

/// A registrar that tells everybody which accounts it has, and what it is.
pub(crate) struct Talkative {
    stop: Arc<AtomicBool>,
    worker: Option<JoinHandle<()>>,
}

impl Talkative {
    /// It has this account only.
    pub(crate) fn start(at: SocketAddr, account: &'static str) -> Self {
        let socket = UdpSocket::bind(at).unwrap();
        let look = Duration::from_millis(50);
        socket.set_read_timeout(Some(look)).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let worker = std::thread::spawn({
            let stop = stop.clone();
            move || {
                let mut buffer = [0; 8192];
                while !stop.load(Ordering::Relaxed) {
                    if let Ok((length, from)) = socket.recv_from(&mut buffer) {
                        let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
                        let _ = socket.send_to(answer(&request, account).as_bytes(), from);
                    }
                }
            }
        });
        Self {
            stop,
            worker: Some(worker),
        }
    }
}

impl Drop for Talkative {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
    }
}

fn answer(request: &str, account: &str) -> String {
    let kept = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
    let headers: Vec<_> = request
        .lines()
        .filter(|line| kept.iter().any(|name| line.starts_with(name)))
        .collect();
    let is_its = request.contains(&format!("sip:{account}@"));
    let status = if is_its {
        "401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=MD5"
    } else {
        "404 Not Found"
    };
    let headers = headers.join("\r\n");
    format!("SIP/2.0 {status}\r\n{headers}\r\nServer: Talkative 1.2\r\nContent-Length: 0\r\n\r\n")
}
