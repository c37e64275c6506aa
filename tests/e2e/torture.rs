//! The messages of RFC 4475 and RFC 5118, fired by a configured trunk at a live server.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use thirdring::sip::framing::{Frame, Framer};

use crate::patience::{PATIENCE, until};
use crate::service::Service;
use crate::sipp::Sipp;
use crate::site::{Line, Site};
use crate::wire::connect_blocking;

/// The ports that the topmost Via fields name: without `rport` an answer goes there
/// (RFC 3261 §18.2.2).
const VIA_PORTS: [u16; 5] = [5060, 5050, 5070, 6050, 19_823];

/// All 61 get an answer that a sound user agent may give, or none where none is due; afterwards a
/// call goes through as ever.
#[test]
fn torture_messages_get_sound_answers_and_a_call_goes_through_afterwards() {
    let line = Line::new("hotline", "4001234567", &[1]);
    let service = Site::new().agent(1).line(&line).start();
    let network = service.network();
    let cases = cases();
    assert_eq!(cases.len(), 61);

    let mut trunk = Trunk::bind(network.trunk(), network.signalling());
    let mut table = String::from("file | section | may answer | answered\n");
    let mut wrong = Vec::new();
    for case in &cases {
        let answers = trunk.fire(case);
        let good = case.accepts(&answers);
        let shown: Vec<_> = answers.iter().map(u16::to_string).collect();
        let shown = if shown.is_empty() {
            "silence".to_owned()
        } else {
            shown.join(" ")
        };
        let Case {
            file,
            section,
            answer,
            ..
        } = case;
        writeln!(table, "{file} | {section} | {answer} | {shown}").unwrap();
        if !good {
            wrong.push(format!("{file} ({section}): {shown}, not {answer}"));
        }
    }
    eprintln!("{table}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    drop(trunk);

    a_call_goes_through(&service);
    service.stop();
}

/// Messages that end their stream, for it is not certain where they end themselves: they are
/// answered, then the connection is closed (RFC 3261 §18.3).
const ENDS_STREAM: [(&str, &str); 5] = [
    (
        "rfc4475/clerr.dat",
        "promises more octets than ever come: 400 after 5 s",
    ),
    ("rfc4475/ncl.dat", "Content-Length is negative"),
    (
        "rfc4475/baddn.dat",
        "no empty line ends its header: 400 after 5 s",
    ),
    (
        "rfc4475/mcl01.dat",
        "two different values of Content-Length",
    ),
    ("rfc4475/inv2543.dat", "no Content-Length at all: 400"),
];

/// Messages with octets behind the end that Content-Length gives: in a datagram they are dropped,
/// on a stream they are the next message (RFC 3261 §18.3), here a malformed one.
const LEAVES_OCTETS: [&str; 4] = [
    "rfc4475/dblreq.dat",
    "rfc5118/ipv6-in-sdp.dat",
    "rfc5118/mult-ip-in-sdp.dat",
    "rfc5118/ipv4-mapped-ipv6.dat",
];

/// The same over TCP, where a sound message leaves the stream fit for the next one.
#[test]
fn torture_messages_get_sound_answers_over_tcp_and_a_call_goes_through_afterwards() {
    let line = Line::new("hotline", "4001234567", &[1]);
    let service = Site::new().agent(1).tcp().line(&line).start();
    let network = service.network();
    let mut table = String::from("file | section | may answer | answered | stream\n");
    let mut wrong = Vec::new();
    let mut trunk = Stream::connect(network.trunk(), network.signalling());
    let mut options = 0;
    for case in cases() {
        let reason = ENDS_STREAM.iter().find(|(file, _)| *file == case.file);
        let leaves_octets = LEAVES_OCTETS.contains(&case.file.as_str());
        let (answers, goes_on) = if reason.is_some() || leaves_octets {
            let mut own = Stream::connect(network.trunk(), network.signalling());
            own.send(&case.bytes);
            own.answers_until(|answers, is_open| !is_open || (leaves_octets && !answers.is_empty()))
        } else {
            options += 1;
            let own = format!("after-{options}@trunk");
            trunk.send(&case.bytes);
            trunk.send(&after(
                network.signalling(),
                network.trunk(),
                "TCP",
                options,
            ));
            let wants_silence = case.answer == "silence";
            trunk.answers_until(|answers, is_open| {
                let alive = answers.iter().any(|(_, call_id)| *call_id == own);
                !is_open || (alive && (wants_silence || answers.len() > 1))
            })
        };
        let mut codes: Vec<_> = answers
            .iter()
            .filter(|(_, call_id)| !call_id.starts_with("after-"))
            .map(|(status, _)| *status)
            .collect();
        codes.retain(|code| *code >= 200);
        let accepted = if case.file.ends_with("inv2543.dat") {
            codes == [400]
        } else {
            case.accepts(&codes)
        };
        let as_expected = accepted && goes_on == reason.is_none();
        let stream = if goes_on { "goes on" } else { "closed" };
        let Case {
            file,
            section,
            answer,
            ..
        } = &case;
        let why = reason.map_or("", |(_, why)| why);
        writeln!(
            table,
            "{file} | {section} | {answer} | {codes:?} | {stream} {why}"
        )
        .unwrap();
        if !as_expected {
            wrong.push(format!(
                "{file} ({section}): {codes:?}, {stream}, not {answer}"
            ));
        }
    }
    eprintln!("{table}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    drop(trunk);
    a_call_goes_through(&service);
    service.stop();
}

/// One connection of the trunk's.
struct Stream {
    stream: TcpStream,
    framer: Framer,
}

impl Stream {
    fn connect(ip: Ipv4Addr, service: SocketAddr) -> Self {
        let stream = connect_blocking(ip, service);
        let short = Some(Duration::from_millis(50));
        stream.set_read_timeout(short).unwrap();
        Self {
            stream,
            framer: Framer::default(),
        }
    }

    /// A stream that is closed is found out when it is read.
    fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Final answers with their Call-ID until there are enough, and whether the stream goes on.
    fn answers_until(
        &mut self,
        enough: impl Fn(&[(u16, String)], bool) -> bool,
    ) -> (Vec<(u16, String)>, bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut answers = Vec::new();
        let mut is_open = true;
        while !enough(&answers, is_open) {
            assert!(Instant::now() < deadline, "no end after {answers:?}");
            let mut chunk = [0; 4096];
            match self.stream.read(&mut chunk) {
                Ok(0) => is_open = false,
                Ok(length) => self.framer.push(&chunk[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => is_open = false,
            }
            while let Some(frame) = self.framer.poll() {
                let Frame::Message(bytes) = frame else {
                    panic!("the service writes whole messages");
                };
                if let Some(status) = status(&bytes).filter(|status| *status >= 200) {
                    answers.push((status, call_id(&bytes)));
                }
            }
        }
        (answers, is_open)
    }
}

fn call_id(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let line = lines.find_map(|line| line.strip_prefix("Call-ID: "));
    line.unwrap_or_default().to_owned()
}

fn a_call_goes_through(service: &Service) {
    let network = service.network();
    let phone = Sipp::new("agent", network.agent(1)).start(service);
    let caller = Sipp::new("caller", network.trunk())
        .dial("4001234567")
        .start(service);
    caller.finish();
    phone.finish();
    // Torture may have left rows too, but none of a call that somebody answered.
    let rows = until("the row of the call", || {
        let rows = service.calls();
        let is_ended = |row: &Value| row["outcome"] == "answered" && !row["ended_at"].is_null();
        rows.iter().any(is_ended).then_some(rows)
    });
    let answered = rows.iter().filter(|row| row["outcome"] == "answered");
    assert_eq!(answered.count(), 1);
}

/// The OPTIONS that shows that the service is there.
fn after(service: SocketAddr, ip: impl std::fmt::Display, transport: &str, n: u32) -> Vec<u8> {
    format!(
        "OPTIONS sip:{service} SIP/2.0\r\n\
         Via: SIP/2.0/{transport} {ip}:5060;branch=z9hG4bKafter{n}\r\n\
         From: <sip:trunk@{ip}>;tag=t{n}\r\nTo: <sip:{service}>\r\n\
         Call-ID: after-{n}@trunk\r\n\
         CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

/// A message, and what may come of it.
struct Case {
    file: String,
    section: String,
    answer: String,
    bytes: Vec<u8>,
}

impl Case {
    /// `accept` is any final code but 400 and 5xx.
    fn accepts(&self, answers: &[u16]) -> bool {
        if self.answer == "silence" {
            return answers.is_empty();
        }
        let fits = |code: &u16| {
            self.answer.split('|').any(|may| match may {
                "accept" => *code >= 200 && *code != 400 && !(500..600).contains(code),
                one => one.parse() == Ok(*code),
            })
        };
        !answers.is_empty() && answers.iter().all(fits)
    }
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto-fixtures");
    let index = std::fs::read_to_string(folder.join("index.tsv")).unwrap();
    index
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<_> = line.split('\t').map(str::to_owned).collect();
            let [file, section, _, answer] = <[String; 4]>::try_from(fields).unwrap();
            let path: PathBuf = folder.join(&file);
            let bytes = std::fs::read(path).unwrap();
            Case {
                file,
                section,
                answer,
                bytes,
            }
        })
        .collect()
}

/// A trunk that only listens.
struct Trunk {
    sockets: Vec<UdpSocket>,
    service: SocketAddr,
    /// Final responses to INVITEs, which are repeated until an ACK comes, and none does.
    repeated: BTreeSet<Vec<u8>>,
    fired: u32,
}

impl Trunk {
    fn bind(ip: Ipv4Addr, service: SocketAddr) -> Self {
        let bind = |port| {
            let socket = UdpSocket::bind((ip, port)).unwrap();
            socket.set_nonblocking(true).unwrap();
            socket
        };
        Self {
            sockets: VIA_PORTS.map(bind).into(),
            service,
            repeated: BTreeSet::new(),
            fired: 0,
        }
    }

    /// Sends a message and an OPTIONS after it: once that one is answered, nothing more comes of
    /// a message that is to be passed over in silence. The final codes.
    ///
    /// Some of the messages have the topmost Via of another: they are answered as repeats of it
    /// (RFC 3261 §17.2.3), under its Call-ID.
    fn fire(&mut self, case: &Case) -> Vec<u16> {
        self.fired += 1;
        let own = format!("after-{}@trunk", self.fired);
        self.send(&case.bytes);
        let ip = self.sockets[0].local_addr().unwrap().ip();
        self.send(&after(self.service, ip, "UDP", self.fired));
        let deadline = Instant::now() + PATIENCE;
        let (mut answers, mut alive) = (Vec::new(), false);
        while !alive || (answers.is_empty() && case.answer != "silence") {
            if Instant::now() > deadline {
                assert!(alive, "dead after {}", case.file);
                break;
            }
            for response in self.responses() {
                let status = status(&response).unwrap();
                if contains(&response, own.as_bytes()) {
                    alive = true;
                } else if status >= 200 && !self.is_repeat(&response) {
                    answers.push(status);
                }
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        answers
    }

    /// The responses that have come.
    fn responses(&self) -> Vec<Vec<u8>> {
        let mut buffer = vec![0; 65_536];
        let mut responses = Vec::new();
        for socket in &self.sockets {
            while let Ok((length, source)) = socket.recv_from(&mut buffer) {
                assert_eq!(source, self.service);
                let bytes = buffer[..length].to_vec();
                if status(&bytes).is_some() {
                    responses.push(bytes);
                }
            }
        }
        responses
    }

    fn is_repeat(&mut self, response: &[u8]) -> bool {
        contains(response, b" INVITE\r\n") && !self.repeated.insert(response.to_vec())
    }

    fn send(&self, bytes: &[u8]) {
        self.sockets[0].send_to(bytes, self.service).unwrap();
    }
}

/// The status of a response.
fn status(bytes: &[u8]) -> Option<u16> {
    let rest = bytes.strip_prefix(b"SIP/2.0 ")?;
    std::str::from_utf8(rest.get(..3)?).ok()?.parse().ok()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
