//! Debian's rtpengine, run by hand in user space: what a media proxy does that is not told from
//! where media may come. It is controlled by its "ng" protocol: a cookie and a bencoded dictionary
//! in a datagram.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::patience::until;

const CONTROL_PORT: u16 = 2223;

/// A running rtpengine; killed when dropped.
pub(crate) struct Rtpengine {
    child: Child,
    control: UdpSocket,
    cookie: u32,
}

impl Rtpengine {
    pub(crate) fn start(ip: Ipv4Addr, from: Ipv4Addr) -> Self {
        let child = Command::new("rtpengine")
            .args([
                "--foreground",
                "--log-stderr",
                "--log-level=3",
                "--table=-1",
            ])
            .args([
                "--no-log-timestamps",
                "--port-min=30000",
                "--port-max=30100",
            ])
            .arg(format!("--interface={ip}"))
            .arg(format!("--listen-ng={ip}:{CONTROL_PORT}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("rtpengine starts (deploy/setup-dev.sh installs it)");
        let control = UdpSocket::bind((from, 0)).unwrap();
        control.connect((ip, CONTROL_PORT)).unwrap();
        control
            .set_read_timeout(Some(Duration::from_millis(200)))
            .unwrap();
        let mut engine = Self {
            child,
            control,
            cookie: 0,
        };
        until("rtpengine to answer", || engine.ask(&[("command", "ping")]));
        engine
    }

    /// Offers or answers a description; where the other side is to send.
    pub(crate) fn describe(&mut self, command: &str, description: &[u8]) -> SocketAddr {
        let sdp = std::str::from_utf8(description).unwrap();
        let answer = self.ask(&[
            ("call-id", "spray"),
            ("command", command),
            ("from-tag", "a"),
            ("sdp", sdp),
            ("to-tag", "b"),
        ]);
        crate::peer::described(answer.expect("rtpengine answers").as_bytes())
    }

    /// Asks for something, keys in order; the answer with its keys and values as they stand.
    fn ask(&mut self, dictionary: &[(&str, &str)]) -> Option<String> {
        self.cookie += 1;
        let mut text = format!("{} d", self.cookie);
        for (key, value) in dictionary {
            write!(text, "{}:{key}{}:{value}", key.len(), value.len()).unwrap();
        }
        text.push('e');
        self.control.send(text.as_bytes()).ok()?;
        let mut buffer = [0; 8192];
        let length = self.control.recv(&mut buffer).ok()?;
        let answer = String::from_utf8_lossy(&buffer[..length]).into_owned();
        assert!(!answer.contains("6:result5:error"), "{answer}");
        // The description begins its own line; what stands before it is bencode.
        Some(answer.replace("v=0", "\r\nv=0"))
    }
}

impl Drop for Rtpengine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
