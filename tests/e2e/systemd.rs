//! The service under systemd: what it tells it, in the words of `sd_notify(3)`.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use tempfile::TempDir;

use crate::patience::PATIENCE;
use crate::service::{Environment, Service};
use crate::site::{Line, Site};

/// systemd's end of the socket.
struct Listener {
    socket: UnixDatagram,
    folder: TempDir,
}

impl Listener {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, folder }
    }

    fn environment(&self) -> Environment {
        let path = self.folder.path().join("notify").into_os_string();
        vec![("NOTIFY_SOCKET", path)]
    }

    /// The next message, whatever it is.
    fn next(&self) -> String {
        let mut bytes = [0; 4096];
        let length = self.socket.recv(&mut bytes).expect("a word of the service");
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    }

    fn expect(&self, wanted: &str) -> String {
        loop {
            let said = self.next();
            if said.lines().any(|line| line == wanted) {
                return said;
            }
        }
    }
}

fn start(environment: Environment) -> Service {
    let line = Line::new("hotline", "4001234567", &[1]);
    let (folder, network) = Site::new().agent(1).line(&line).write();
    Service::start_with(folder, network, environment)
}

#[test]
fn systemd_hears_when_calls_are_taken_and_when_no_more_are() {
    let systemd = Listener::new();
    let service = start(systemd.environment());
    assert_eq!(systemd.next().trim(), "READY=1");
    service.terminate();
    let said = systemd.expect("STOPPING=1");
    assert!(said.contains("EXTEND_TIMEOUT_USEC="), "{said}");
    service.stop();
}

#[test]
fn systemds_watchdog_is_fed_while_the_core_answers() {
    let systemd = Listener::new();
    let mut environment = systemd.environment();
    environment.push(("WATCHDOG_USEC", "300000".into()));
    let service = start(environment);
    for _ in 0..3 {
        systemd.expect("WATCHDOG=1");
    }
    // The control: a program that hangs feeds it no longer.
    let process = service.pid().to_string();
    let signal = |name: &str| {
        let script = format!("kill -{name} {process}");
        let status = std::process::Command::new("sh")
            .args(["-c", &script])
            .status();
        assert!(status.unwrap().success());
    };
    signal("STOP");
    systemd
        .socket
        .set_read_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    let mut bytes = [0; 4096];
    // What was said before it stopped may still lie there.
    while systemd.socket.recv(&mut bytes).is_ok() {}
    assert!(systemd.socket.recv(&mut bytes).is_err());
    signal("CONT");
    systemd.socket.set_read_timeout(Some(PATIENCE)).unwrap();
    systemd.expect("WATCHDOG=1");
    service.stop();
}
