//! What goes over the loopback device, as Wireshark sees it.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::patience::until;

/// A capture that runs.
pub(crate) struct Capture {
    child: Child,
    file: PathBuf,
    marks: UdpSocket,
}

/// How many packets went to each address.
pub(crate) type Destinations = BTreeMap<IpAddr, usize>;

impl Capture {
    /// Starts; whatever is sent from now on is seen. `marks` is an address of nobody's.
    pub(crate) fn start(folder: &Path, marks: impl Into<SocketAddr>) -> Self {
        Self::with(folder, marks.into(), "")
    }

    /// As [`start`](Self::start), of what this address sends and receives by UDP and nothing else:
    /// other tests speak on the same device.
    #[allow(dead_code, reason = "encrypted calls want it")]
    pub(crate) fn of(folder: &Path, marks: impl Into<SocketAddr>, address: IpAddr) -> Self {
        let marks = marks.into();
        let wanted = format!("udp and (host {address} or host {})", marks.ip());
        Self::with(folder, marks, &wanted)
    }

    fn with(folder: &Path, marks: SocketAddr, filter: &str) -> Self {
        let file = folder.join("everything.pcapng");
        let child = Command::new("dumpcap")
            .args(["-q", "-i", "lo", "-f", filter, "-w"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("dumpcap: `apt-get install tshark`");
        let marks = UdpSocket::bind(marks).unwrap();
        let capture = Self { child, file, marks };
        capture.mark("the capture begins");
        capture
    }

    /// Sends a mark until it is in the file.
    fn mark(&self, text: &str) {
        until(text, || {
            let to = self.marks.local_addr().unwrap();
            self.marks.send_to(text.as_bytes(), to).unwrap();
            let seen = std::fs::read(&self.file).unwrap_or_default();
            let mut windows = seen.windows(text.len());
            windows
                .any(|window| window == text.as_bytes())
                .then_some(())
        });
    }

    /// Waits until all that was sent is in the file, and ends the capture.
    fn end(&mut self) {
        self.mark("the capture ends");
        let stop = ["-c", "kill -INT \"$0\"", &self.child.id().to_string()];
        assert!(Command::new("sh").args(stop).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }

    /// Ends: what the UDP packets held that went between two addresses.
    #[allow(dead_code, reason = "encrypted calls want it")]
    pub(crate) fn payloads(mut self, one: IpAddr, other: IpAddr) -> Vec<Vec<u8>> {
        self.end();
        let between = format!("udp && ip.addr == {one} && ip.addr == {other}");
        let output = Command::new("tshark")
            .arg("-r")
            .arg(&self.file)
            .args(["-Y", &between, "-T", "fields", "-e", "udp.payload"])
            .output()
            .expect("tshark: `apt-get install tshark`");
        assert!(output.status.success(), "tshark: {}", output.status);
        let text = String::from_utf8(output.stdout).unwrap();
        let payloads = text.lines().map(|line| hex::decode(line.replace(':', "")));
        payloads.map(Result::unwrap).collect()
    }

    /// Ends: where the packets went, those of the capture itself left out.
    pub(crate) fn finish(mut self) -> Destinations {
        self.end();
        let own = self.marks.local_addr().unwrap().ip();
        let output = Command::new("tshark")
            .arg("-r")
            .arg(&self.file)
            .args(["-T", "fields", "-E", "separator=,", "-E", "occurrence=f"])
            .args(["-e", "ip.dst", "-e", "ipv6.dst"])
            .output()
            .expect("tshark: `apt-get install tshark`");
        assert!(output.status.success(), "tshark: {}", output.status);
        let mut destinations = Destinations::new();
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let address = line.trim_matches(',').parse();
            let address: IpAddr = address.unwrap_or_else(|error| panic!("{error}: {line}"));
            if address != own {
                *destinations.entry(address).or_default() += 1;
            }
        }
        destinations
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
