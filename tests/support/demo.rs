//! The demo as a newcomer starts it: it makes no calls of its own, and waits for somebody to take some.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use crate::patience::PATIENCE;

/// Lines of the demo's that may wait to be read.
const LINES: usize = 100;

/// A demo without calls beforehand, which is stopped at the end.
pub(crate) struct Demo {
    child: Child,
    /// Where it says that the console is.
    pub(crate) url: String,
    /// What everybody logs in with, as it says.
    pub(crate) password: String,
}

impl Demo {
    /// Starts it in a folder that is not there yet, and waits until it says that it stays.
    pub(crate) fn open(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_thirdring"))
            .args(["demo", "--no-calls", "--fast", "--folder"])
            .arg(folder)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let mut demo = Self {
            child,
            url: String::new(),
            password: String::new(),
        };
        // On a thread of its own: a demo that hangs must not hang the test.
        let (tell, lines) = mpsc::sync_channel(LINES);
        std::thread::spawn(move || {
            let mut lines = said.lines().map_while(Result::ok);
            lines.try_for_each(|line| tell.send(line))
        });
        let find = |before: &str| loop {
            let line: String = lines.recv_timeout(PATIENCE).unwrap();
            if let Some((_, after)) = line.split_once(before) {
                return after.trim().to_owned();
            }
        };
        demo.url = find("Console:");
        demo.password = find("password ");
        find("stays up");
        demo
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
