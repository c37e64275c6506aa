//! What `thirdring trace` shows of real calls, and what is kept of them on disk.

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::loopback::sip;
use crate::patience::until;
use crate::peer::{Peer, Tally};
use crate::service::{PROGRAM, Service};
use crate::site::{Line, Site};
use crate::talk::{NUMBER, Talk};

/// The number that every peer calls from, and how it may be shown.
const CALLER: &str = "13800138000";
const MASKED: &str = "138****8000";

fn site() -> Site {
    Site::new()
        .agent(1)
        .line(&Line::new("hotline", NUMBER, &[1]))
}

fn folder(service: &Service) -> PathBuf {
    service.folder().join("data/trace")
}

/// What is on disk, oldest first.
fn segments(service: &Service) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = std::fs::read_dir(folder(service))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    // The service may delete the oldest meanwhile.
    paths
        .into_iter()
        .filter_map(|path| std::fs::read(path).ok())
        .collect()
}

fn is_kept(service: &Service, mark: &str) -> bool {
    let mut segments = segments(service).into_iter();
    segments.any(|segment| {
        segment
            .windows(mark.len())
            .any(|text| text == mark.as_bytes())
    })
}

fn trace(service: &Service, row: &Value, more: &[&str]) -> String {
    let id = row["id"].as_str().unwrap();
    let arguments = [&["trace", id], more].concat();
    let (status, said) = service.command(&arguments);
    assert!(status.success(), "{said}");
    said
}

/// A call that was answered and ended, and what its peers have sent and seen.
fn call(service: &Service) -> (Value, Tally) {
    let network = service.network();
    let mut caller = Peer::new(network.trunk(), network);
    let mut agent = Peer::new(network.agent(1), network);
    caller.dial(NUMBER, caller.plain());
    agent.ring();
    caller.expect(180);
    agent.pick_up(agent.plain());
    caller.talk();
    caller.bye();
    agent.expect_bye();
    let row = service.only_call();
    let mut seen = caller.tally().clone();
    for (message, count) in agent.tally() {
        *seen.entry(message.clone()).or_default() += count;
    }
    (row, seen)
}

/// Both legs stand in one ladder, in order, beside the running service and after it.
#[test]
fn a_call_is_a_ladder_of_both_legs_with_its_numbers_masked() {
    let mut service = site().start();
    let (row, _) = call(&service);
    let id = row["id"].as_str().unwrap().to_owned();
    until("the last message to be on disk", || {
        (trace(&service, &row, &[]).matches("200 OK").count() >= 4).then_some(())
    });
    let shown = trace(&service, &row, &[]);
    let network = service.network();
    let places: Vec<_> = [network.trunk(), network.agent(1)]
        .map(|ip| shown.find(&sip(ip).to_string()).unwrap())
        .into();
    let ours = shown.find("thirdring").unwrap();
    assert!(places[0] < ours && ours < places[1], "{shown}");
    assert!(
        shown.contains("trunk carrier") && shown.contains("1001"),
        "{shown}"
    );

    let rungs: Vec<_> = shown
        .lines()
        .filter(|line| line.contains(", leg "))
        .collect();
    let mut labels = rungs.iter().map(|rung| {
        let arrow = rung.split('|').find(|part| part.contains("--")).unwrap();
        arrow.trim_matches(['-', '<', '>', ' ']).to_owned()
    });
    for expected in [
        "INVITE (SDP)",
        "100 Trying",
        "INVITE (SDP)",
        "180 Ringing",
        "180 Ringing",
        "200 OK (SDP)",
        "ACK",
        "200 OK (SDP)",
        "ACK",
        "BYE",
        "200 OK",
    ] {
        assert!(
            labels.any(|label| label == expected),
            "{expected} in\n{shown}"
        );
    }
    assert!(rungs.iter().any(|rung| rung.contains("leg 2")), "{shown}");

    let full = trace(&service, &row, &["--messages"]);
    assert!(full.contains(MASKED) && !full.contains(CALLER), "{full}");
    assert!(
        full.contains("m=audio") && full.contains("CSeq: 1 INVITE"),
        "{full}"
    );

    service.terminate();
    service.wait_for_exit();
    assert_eq!(
        trace(&service, &row, &[]),
        shown,
        "after the service as beside it"
    );
    assert_eq!(trace(&service, &row, &["--messages"]), full);
    let (status, said) = service.command(&["trace", "ffffffff"]);
    assert!(
        !status.success() && said.contains("there is no call"),
        "{said}"
    );

    // Whoever wants to see the numbers leaves a line that names the call.
    let seen = Command::new(PROGRAM)
        .args(["trace", &id, "--messages", "--show-numbers", "--config"])
        .arg(service.folder().join("thirdring.toml"))
        .env_remove("RUST_LOG")
        .output()
        .unwrap();
    let (said, logged) = (
        String::from_utf8(seen.stdout).unwrap(),
        String::from_utf8(seen.stderr).unwrap(),
    );
    assert!(seen.status.success(), "{logged}");
    assert!(said.contains(CALLER) && !said.contains(MASKED), "{said}");
    let line = logged.lines().find(|line| line.contains(&id));
    assert!(line.is_some_and(|line| line.contains("uid")), "{logged}");
}

/// The capture file holds the call's messages, each once, as tshark reads them.
#[test]
fn a_capture_file_holds_what_the_peers_have_sent_and_seen() {
    let service = site().start();
    let (row, seen) = call(&service);
    let count: u64 = seen.values().sum();
    let file = service.folder().join("call.pcap");
    let path = file.to_str().unwrap();
    until("the last message to be on disk", || {
        let said = trace(&service, &row, &["--pcap", path]);
        said.contains(&format!("{count} messages are in"))
            .then_some(())
    });
    assert_eq!(dissected(&file), seen);

    let octets = std::fs::read(&file).unwrap();
    let holds = |text: &str| {
        octets
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(holds(MASKED) && !holds(CALLER));
    trace(&service, &row, &["--pcap", path, "--show-numbers"]);
    let octets = std::fs::read(&file).unwrap();
    assert!(
        octets
            .windows(CALLER.len())
            .any(|part| part == CALLER.as_bytes())
    );
    assert_eq!(dissected(&file), seen);
    service.stop();
}

/// The messages of a capture file, as tshark understands them; nothing in it is malformed.
fn dissected(file: &Path) -> Tally {
    let output = Command::new("tshark")
        .arg("-r")
        .arg(file)
        .args([
            "-o",
            "ip.check_checksum:TRUE",
            "-o",
            "udp.check_checksum:TRUE",
        ])
        .args(["-T", "fields", "-E", "separator=;"])
        .args([
            "-e",
            "sll.pkttype",
            "-e",
            "sip.CSeq.method",
            "-e",
            "sip.Status-Code",
        ])
        .args([
            "-e",
            "_ws.malformed",
            "-e",
            "udp.checksum.status",
            "-e",
            "ip.checksum.status",
        ])
        .output()
        .expect("tshark is installed");
    let said = String::from_utf8(output.stdout).unwrap();
    let mut tally: Tally = BTreeMap::new();
    for line in said.lines() {
        let fields: Vec<_> = line.split(';').collect();
        let [way, method, code, malformed, udp, ip] = fields[..] else {
            panic!("{line}")
        };
        assert_eq!((malformed, udp, ip), ("", "1", "1"), "{line}");
        let way = match way {
            "0" => "in",
            "4" => "out",
            other => panic!("packet type {other}"),
        };
        *tally
            .entry((method.to_owned(), way, code.to_owned()))
            .or_default() += 1;
    }
    tally
}

/// What a crash leaves can be read, up to the last moments before it.
#[test]
fn a_crash_leaves_the_messages_of_the_call_it_cut_off() {
    let mut talk = Talk::start();
    let mark = "m=audio";
    until("the messages to be on disk", || {
        is_kept(&talk.service, mark).then_some(())
    });
    let before = segments(&talk.service).len();
    talk.service.crash_and_restart();
    let rows = talk.service.calls();
    let shown = trace(&talk.service, &rows[0], &[]);
    assert!(
        shown.contains("INVITE (SDP)") && shown.contains("leg 2"),
        "{shown}"
    );
    // The BYEs that both ends were sent after the crash stand in a segment of their own.
    assert!(segments(&talk.service).len() >= before);
    let Talk { service, .. } = talk;
    service.stop();
}

/// The oldest messages go when there is no more room; a call whose messages are gone says so.
#[test]
fn no_more_is_kept_than_may_be() {
    let service = site().section("[trace]\nkeep = \"1MB\"\n").start();
    let trunk = UdpSocket::bind((service.network().trunk(), 0)).unwrap();
    for n in 0..120 {
        trunk
            .send_to(
                &stray(&format!("mark-{n:03}"), 20_000),
                service.network().signalling(),
            )
            .unwrap();
        until("the message to be on disk", || {
            is_kept(&service, &format!("mark-{n:03}")).then_some(())
        });
        let kept: usize = segments(&service).iter().map(Vec::len).sum();
        assert!(kept <= 1_000_000, "{kept} octets after {n}");
    }
    assert!(!is_kept(&service, "mark-000"), "the oldest are gone");
    assert!(is_kept(&service, "mark-100"), "the newest are there");
    until("the deleted segments to be counted", || {
        (service.metric("thirdring_trace_segments_deleted_total") > 0.0).then_some(())
    });
    assert!(service.metric("thirdring_trace_bytes") <= 1_000_000.0);
    assert!(service.metric("thirdring_trace_dropped_messages_total") < 1.0);
    service.stop();
}

/// A response to nothing, with a mark to know it by.
fn stray(mark: &str, length: usize) -> Vec<u8> {
    let body = "x".repeat(length);
    format!(
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{mark}\r\n\
         From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>;tag=2\r\nCall-ID: {mark}\r\nCSeq: 1 INVITE\r\n\
         Content-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// What strangers send is not kept, nor what they are told, so that they cannot push the calls
/// out; neither are registrations. What the trunk sends at the same time is.
#[test]
fn strangers_and_registrations_leave_no_trace() {
    let service = site().start();
    let network = service.network();
    let request = |method: &str, mark: &str| {
        format!(
            "{method} sip:{NUMBER}@x SIP/2.0\r\n\
             Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{mark};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:a@b>;tag={mark}\r\nTo: <sip:b@b>\r\nCall-ID: {mark}\r\n\
             CSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"
        )
    };
    let stranger = UdpSocket::bind((network.stranger(), 0)).unwrap();
    for method in ["INVITE", "REGISTER", "OPTIONS", "BYE"] {
        stranger
            .send_to(
                request(method, "of-a-stranger").as_bytes(),
                network.signalling(),
            )
            .unwrap();
    }
    stranger
        .send_to(&stray("of-a-stranger", 10), network.signalling())
        .unwrap();
    let trunk = UdpSocket::bind((network.trunk(), 0)).unwrap();
    for method in ["REGISTER", "OPTIONS"] {
        trunk
            .send_to(
                request(method, "of-no-call").as_bytes(),
                network.signalling(),
            )
            .unwrap();
    }
    trunk
        .send_to(
            request("BYE", "of-the-trunk").as_bytes(),
            network.signalling(),
        )
        .unwrap();
    until("the trunk's message to be on disk", || {
        (is_kept(&service, "BYE sip:") && is_kept(&service, "SIP/2.0 481")).then_some(())
    });
    assert!(is_kept(&service, "of-the-trunk"));
    assert!(!is_kept(&service, "of-a-stranger"));
    assert!(!is_kept(&service, "of-no-call"));
    service.stop();
}

/// With nothing to be kept there is no folder, and `trace` says why it shows nothing.
#[test]
fn nothing_is_kept_where_nothing_may_be() {
    let service = site().section("[trace]\nkeep = \"0\"\n").start();
    let (row, _) = call(&service);
    assert!(!folder(&service).exists());
    let (status, said) = service.command(&["trace", row["id"].as_str().unwrap()]);
    assert!(
        !status.success() && said.contains("none was kept"),
        "{said}"
    );
    service.stop();
}
