//! The real program, started on a configuration of the test's own and asked by its own command
//! line and by HTTP.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::loopback::{Network, SIP_PORT};
use crate::patience::{until, within};
use crate::wav::Wav;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_thirdring");

/// The program under test, unless `THIRDRING_PROGRAM` names another one: a release, say.
fn program() -> OsString {
    std::env::var_os("THIRDRING_PROGRAM").unwrap_or_else(|| PROGRAM.into())
}

/// A running service; it is killed when this is dropped, and says why if the test failed.
pub(crate) struct Service {
    child: Child,
    folder: TempDir,
    network: Network,
    environment: Environment,
}

/// Variables that the service finds in its environment.
pub(crate) type Environment = Vec<(&'static str, OsString)>;

impl Service {
    pub(crate) fn start(folder: TempDir, network: Network) -> Self {
        Self::start_with(folder, network, Environment::new())
    }

    /// The same, with more in its environment.
    pub(crate) fn start_with(folder: TempDir, network: Network, environment: Environment) -> Self {
        let mut service = Self {
            child: spawn(folder.path(), &environment),
            folder,
            network,
            environment,
        };
        service.wait_until_ready();
        service
    }

    /// Kills the service as a crash would, and starts it again on what that left.
    pub(crate) fn crash_and_restart(&mut self) {
        self.crash_and_restart_after(|| {});
    }

    /// Stops the service as systemd would, and starts it again.
    pub(crate) fn stop_and_start(&mut self) {
        self.terminate();
        self.wait_for_exit();
        self.child = spawn(self.folder.path(), &self.environment);
        self.wait_until_ready();
    }

    /// The same, with something done in between.
    pub(crate) fn crash_and_restart_after(&mut self, meanwhile: impl FnOnce()) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        meanwhile();
        self.child = spawn(self.folder.path(), &self.environment);
        self.wait_until_ready();
    }

    fn wait_until_ready(&mut self) {
        until("the service to be ready", || {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the service ended: {status}");
            }
            self.get("/readyz")
        });
    }

    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    /// Its process.
    #[allow(dead_code, reason = "a load wants it")]
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The test's folder, for whatever else it writes.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The body of a page; `None` unless it was answered with 200.
    pub(crate) fn get(&self, path: &str) -> Option<String> {
        let url = format!("http://{}:8080{path}", self.network.service());
        let mut response = ureq::get(url).call().ok()?;
        response.body_mut().read_to_string().ok()
    }

    /// Every sample of our own metrics, by name and labels.
    pub(crate) fn metrics(&self) -> BTreeMap<String, f64> {
        let page = self.get("/metrics").expect("/metrics answers");
        let samples = page
            .lines()
            .filter(|line| line.starts_with("thirdring_"))
            .filter_map(|line| line.rsplit_once(' '));
        samples
            .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
            .collect()
    }

    /// The sum of a metric over all its labels.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let samples = self.metrics();
        let of_name = samples.iter().filter(|(sample, _)| {
            sample.as_str() == name || sample.starts_with(&format!("{name}{{"))
        });
        of_name.map(|(_, value)| value).sum()
    }

    /// `thirdring ARGUMENTS --config FILE`: whether it went well, and what it printed.
    pub(crate) fn command(&self, arguments: &[&str]) -> (ExitStatus, String) {
        let output = Command::new(program())
            .args(arguments)
            .arg("--config")
            .arg(self.folder.path().join("thirdring.toml"))
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let mut said = String::from_utf8(output.stdout).unwrap();
        if !output.status.success() {
            said.push_str(&String::from_utf8_lossy(&output.stderr));
        }
        (output.status, said)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let (status, said) = self.command(arguments);
        assert!(status.success(), "thirdring {arguments:?}: {said}");
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error} in {said}"))
    }

    /// Every row, oldest first.
    pub(crate) fn calls(&self) -> Vec<Value> {
        let listed = self.json(&["calls", "--json", "--numbers", "--limit", "100000"]);
        let mut rows = listed.as_array().expect("a list of calls").clone();
        rows.reverse();
        rows
    }

    /// All that `thirdring calls show` tells of a call.
    pub(crate) fn show(&self, id: &str) -> Value {
        self.json(&["calls", "show", id, "--json", "--numbers"])
    }

    /// Waits until so many calls have ended and their recordings are sealed; their rows, with
    /// events, oldest first.
    pub(crate) fn ended(&self, count: usize) -> Vec<Value> {
        self.ended_within(Duration::from_secs(30), count)
    }

    /// As [`ended`](Self::ended), for calls that last.
    pub(crate) fn ended_within(&self, patience: Duration, count: usize) -> Vec<Value> {
        #[expect(clippy::cast_precision_loss, reason = "a few calls")]
        let wanted = count as f64;
        within(patience, "the calls to end", || {
            (self.metric("thirdring_calls_total") >= wanted).then_some(())
        });
        let rows = until("the rows to be complete", || {
            let rows = self.calls();
            let complete = rows.iter().filter(|row| is_complete(row)).count();
            if complete < count {
                std::thread::sleep(Duration::from_millis(200));
            }
            (complete >= count).then_some(rows)
        });
        assert_eq!(rows.len(), count, "one row a call: {rows:#?}");
        rows.iter()
            .map(|row| self.show(row["id"].as_str().unwrap()))
            .collect()
    }

    /// The only call there was.
    pub(crate) fn only_call(&self) -> Value {
        self.ended(1).remove(0)
    }

    /// Where a row's recording is.
    pub(crate) fn recording_path(&self, row: &Value) -> PathBuf {
        let path = row["recording"]["path"].as_str();
        let path = path.unwrap_or_else(|| panic!("no recording in {row:#}"));
        self.folder.path().join("recordings").join(path)
    }

    /// A row's recording.
    pub(crate) fn recording(&self, row: &Value) -> Wav {
        Wav::read(&self.recording_path(row))
    }

    /// Asks the service to stop.
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        // The shell's own `kill`: a minimal Debian has no other.
        let kill = ["-c", "kill -TERM \"$0\"", &pid];
        let status = Command::new("sh").args(kill).status().unwrap();
        assert!(status.success(), "kill: {status}");
    }

    /// Waits until the service has stopped, with exit code 0 and nothing left behind.
    pub(crate) fn wait_for_exit(&mut self) {
        let status = until("the service to stop", || self.child.try_wait().unwrap());
        assert!(status.success(), "the service stopped with {status}");
        let log = self.log();
        assert!(!log.contains("panicked"), "a thread panicked");
    }

    /// Stops the service as systemd would; it must have nothing to complain about.
    pub(crate) fn stop(mut self) {
        self.terminate();
        self.wait_for_exit();
    }

    /// The most memory that the service has had so far, in KiB.
    #[allow(dead_code, reason = "the floods want it")]
    pub(crate) fn most_memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let amount = line.unwrap().trim().strip_suffix(" kB").unwrap();
        amount.parse().unwrap()
    }

    /// How many datagrams the kernel had no room for at the service's SIP port.
    #[allow(dead_code, reason = "the floods want it")]
    pub(crate) fn overrun(&self) -> u64 {
        let ip = u32::from_le_bytes(self.network.service().octets());
        let entry = format!("{ip:08X}:{SIP_PORT:04X}");
        let sockets = std::fs::read_to_string("/proc/net/udp").unwrap();
        let socket = sockets.lines().find(|line| line.contains(&entry)).unwrap();
        socket.split_whitespace().last().unwrap().parse().unwrap()
    }

    /// What the service has written on standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr.log")).unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            let shown = &lines[lines.len().saturating_sub(120)..];
            eprintln!("--- the service's log\n{}\n---", shown.join("\n"));
        }
    }
}

/// What the program says when it gives up at the start, by no fault of its configuration.
#[allow(dead_code, reason = "the tests of a database that is away want it")]
pub(crate) fn gives_up(folder: &Path) -> String {
    let mut child = spawn(folder, &Environment::new());
    let status = until("the service to end", || child.try_wait().unwrap());
    assert!(!status.success(), "it does not start");
    std::fs::read_to_string(folder.join("stderr.log")).unwrap()
}

/// What the program says on a configuration that it must not start with.
pub(crate) fn refused(folder: &Path) -> String {
    let mut child = spawn(folder, &Environment::new());
    let status = until("the service to end", || child.try_wait().unwrap());
    assert_eq!(status.code(), Some(2), "a configuration's fault");
    std::fs::read_to_string(folder.join("stderr.log")).unwrap()
}

/// The program on the configuration in `folder`; what it says is added to the log there.
fn spawn(folder: &Path, environment: &Environment) -> Child {
    let log = File::options()
        .create(true)
        .append(true)
        .open(folder.join("stderr.log"))
        .unwrap();
    let mut command = Command::new(program());
    command
        .arg("serve")
        .arg("--config")
        .arg(folder.join("thirdring.toml"))
        .env_remove("RUST_LOG")
        .envs(environment.iter().cloned())
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log);
    command.spawn().unwrap()
}

/// Ended, and with its recording settled where a person answered and it is recorded: an agent's
/// call to a colleague is not.
fn is_complete(row: &Value) -> bool {
    let settled = !row["recording"].is_null() || !row["recording_failure"].is_null();
    let is_recorded = row["direction"] != "internal" || !row["line"].is_null();
    let is_answered = !row["answered_at"].is_null();
    !row["outcome"].is_null() && (!is_answered || !is_recorded || settled)
}
