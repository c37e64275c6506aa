//! A Postgres server of the tests' own: made, started and stopped by whoever needs it, on a Unix
//! socket in a temporary folder, so that it meets no other server.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection, PgConnection};

/// A running server; it stops and its folder goes when this is dropped, or when the process
/// ends, however it ends.
pub(crate) struct Postgres {
    folder: PathBuf,
    databases: AtomicU32,
    watchdog: Child,
    alive: Option<ChildStdin>,
}

impl Postgres {
    /// Makes and starts a server.
    ///
    /// # Panics
    ///
    /// If the server's programs are missing or fail: these tests are never skipped.
    pub(crate) fn start() -> Self {
        let programs = Programs::find();
        // A socket's path has at most 107 bytes, so this is not below the build's folder.
        let folder = tempfile::Builder::new()
            .prefix("thirdring-pg-")
            .tempdir_in("/tmp")
            .expect("a temporary folder")
            .keep();
        if programs.switch_user {
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        run(programs
            .command("initdb")
            .arg("-D")
            .arg(folder.join("data"))
            .args(["-A", "trust", "-U", "thirdring", "-E", "UTF8"])
            .args(["--locale=C.UTF-8", "--no-sync"]));
        // The watchdog goes first: a server that we fail to wait for is stopped as well.
        let (watchdog, alive) = programs.watch(&folder);
        start(&programs, &folder);
        Self {
            folder,
            databases: AtomicU32::new(0),
            watchdog,
            alive: Some(alive),
        }
    }

    /// The URL of a new, empty database.
    pub(crate) async fn database(&self) -> String {
        let name = format!("log_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url("postgres"))
            .await
            .expect("the server answers");
        let create = sqlx::AssertSqlSafe(format!("create database {name}"));
        sqlx::query(create)
            .execute(&mut connection)
            .await
            .expect("a new database");
        connection.close().await.expect("a connection that closes");
        self.url(&name)
    }

    /// Stops the server in its tracks, as a host that hangs does, until what this gives is dropped.
    #[allow(dead_code, reason = "the tests of a database that is away want it")]
    pub(crate) fn pause(&self) -> Paused {
        Paused(self.halted())
    }

    /// Kills every process of the server.
    #[allow(dead_code, reason = "the tests of a database that is away want it")]
    pub(crate) fn kill(&self) {
        let processes = self.halted();
        signal("KILL", &processes);
        let all_gone = || {
            let mut processes = processes.iter();
            processes.all(|process| !is_alive(process))
        };
        while !all_gone() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        // A new server would take its number for one that runs, until somebody has asked how the
        // dead one ended; whoever has its number next would do as well.
        for lock in ["data/postmaster.pid", ".s.PGSQL.5432.lock"] {
            fs::remove_file(self.folder.join(lock)).unwrap();
        }
    }

    /// Starts it again.
    #[allow(dead_code, reason = "the tests of a database that is away want it")]
    pub(crate) fn start_again(&self) {
        start(&Programs::find(), &self.folder);
    }

    /// The server's process, then those that it has started, all stopped in their tracks. It
    /// goes first: what it starts while we look would go on, and keep a new server from starting.
    fn halted(&self) -> Vec<String> {
        let file = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        let server = file.lines().next().unwrap().to_owned();
        signal("STOP", std::slice::from_ref(&server));
        while !stands_still(&server) {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let children = format!("/proc/{server}/task/{server}/children");
        let children = fs::read_to_string(children).unwrap();
        let children: Vec<_> = children.split_whitespace().map(str::to_owned).collect();
        signal("STOP", &children);
        [server].into_iter().chain(children).collect()
    }

    fn url(&self, name: &str) -> String {
        let folder = self.folder.display();
        format!("postgres://thirdring@localhost/{name}?host={folder}")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.alive.take());
        let _ = self.watchdog.wait();
    }
}

/// A server that hangs.
pub(crate) struct Paused(Vec<String>);

impl Drop for Paused {
    fn drop(&mut self) {
        signal("CONT", &self.0);
    }
}

fn signal(name: &str, processes: &[String]) {
    // The shell's own `kill`: a minimal Debian has no other.
    let script = format!("kill -{name} {}", processes.join(" "));
    // One that has ended by itself meanwhile is none to complain of.
    let _ = Command::new("sh")
        .args(["-c", &script])
        .stderr(Stdio::null())
        .status()
        .expect("a shell");
}

/// Whether there is such a process, and it has not ended.
fn is_alive(process: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

/// Whether a process has been stopped by a signal, or has ended.
fn stands_still(process: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"));
    stat.map_or(true, |stat| stat.contains(") T ") || stat.contains(") Z "))
}

fn start(programs: &Programs, folder: &Path) {
    // What it holds is gone with the test: a disk that is busy need not be waited for.
    let options = format!(
        "-c fsync=off -c listen_addresses= -c unix_socket_directories={}",
        folder.display()
    );
    run(programs
        .command("pg_ctl")
        .arg("-D")
        .arg(folder.join("data"))
        .arg("-l")
        .arg(folder.join("log"))
        .args(["-w", "-o", &options, "start"]));
}

/// The server's programs, and how they are started.
struct Programs {
    folder: PathBuf,
    /// They refuse to run as root.
    switch_user: bool,
}

impl Programs {
    fn find() -> Self {
        let folder = versions().into_iter().chain(path());
        let folder = folder.into_iter().find(|folder| {
            ["initdb", "pg_ctl", "postgres"]
                .iter()
                .all(|program| folder.join(program).exists())
        });
        let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        Self {
            folder: folder.expect(
                "initdb, pg_ctl and postgres: install them with `apt-get install postgresql`",
            ),
            switch_user: root,
        }
    }

    fn command(&self, program: &str) -> Command {
        let program = self.folder.join(program);
        let mut command = if self.switch_user {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--init-groups"])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }

    /// A process that waits for the end of ours (its input closes) and then stops the server. It
    /// has a process group of its own, so that Ctrl-C on the tests does not end it before that.
    fn watch(&self, folder: &Path) -> (Child, ChildStdin) {
        let stop = self.command("pg_ctl");
        let mut watchdog = Command::new("sh")
            .arg("-c")
            .arg(r#"folder=$0; cat >/dev/null; server=$(head -n 1 "$folder/data/postmaster.pid"); kill -CONT $server $(cat "/proc/$server/task/$server/children"); "$@" -D "$folder/data" -m immediate stop; rm -rf "$folder""#)
            .arg(folder)
            .arg(stop.get_program())
            .args(stop.get_args())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("a shell");
        let alive = watchdog.stdin.take().expect("its input is a pipe");
        (watchdog, alive)
    }
}

/// Debian keeps the programs out of PATH, a folder a version; the newest first.
fn versions() -> Vec<PathBuf> {
    let versions = match fs::read_dir("/usr/lib/postgresql") {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
        Err(error) => panic!("/usr/lib/postgresql: {error}"),
    };
    let mut folders: Vec<PathBuf> = versions
        .map(|version| version.expect("a folder entry").path().join("bin"))
        .collect();
    folders.sort();
    folders.reverse();
    folders
}

fn path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect()
}

/// Runs a program to its end. What it prints goes to a file: `pg_ctl start` leaves a server
/// behind that would hold a pipe open.
fn run(command: &mut Command) {
    let output = tempfile::tempfile().expect("a temporary file");
    let status = command
        .stdin(Stdio::null())
        .stdout(output.try_clone().expect("a second handle"))
        .stderr(output.try_clone().expect("a third handle"))
        .status();
    let good = status.as_ref().is_ok_and(std::process::ExitStatus::success);
    if !good {
        use std::io::{Read, Seek};
        let (mut output, mut said) = (output, String::new());
        output.rewind().expect("a file that rewinds");
        let _ = output.read_to_string(&mut said);
        panic!("{command:?}: {status:?}\n{said}");
    }
}
