//! `thirdring load` against the service: its account of packets is exact, and sees what is lost.

use std::process::Command;

use serde_json::Value;

use crate::service::{PROGRAM, Service};
use crate::site::{Line, Site};
use crate::talk::NUMBER;

/// Calls at once.
const CALLS: u64 = 5;
/// Each side of each call speaks for three seconds, and a little before.
const LEAST: u64 = CALLS * 150;

fn service() -> Service {
    let site = Site::new();
    let contact = format!("{}:5060", site.network().agent(1));
    site.agent_with(1, &format!("contact = \"{contact}\"\nmax_calls = {CALLS}"))
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start()
}

/// Five calls of three seconds, with these arguments too; whether the exit code was 0, and the row.
fn load(service: &Service, more: &[&str]) -> (bool, Value) {
    let network = service.network();
    let pid = service.pid().to_string();
    let recordings = service.folder().join("recordings");
    let output = Command::new(PROGRAM)
        .args(["load", "--json", "--hold", "3s", "--rate", "10"])
        .args(["--calls", &CALLS.to_string(), "--number", NUMBER])
        .args(["--target", &network.signalling().to_string()])
        .args(["--caller-address", &network.trunk().to_string()])
        .args(["--agent-address", &format!("{}:5060", network.agent(1))])
        .args(["--pid", &pid, "--recordings"])
        .arg(recordings)
        .args(more)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let rows: Value = serde_json::from_slice(&output.stdout).expect(&said);
    (output.status.success(), rows[0].clone())
}

fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn five_calls_lose_nothing_and_are_recorded() {
    let service = service();
    let (went_well, row) = load(&service, &[]);
    assert_eq!(number(&row["answered"]), CALLS, "{row:#}");
    for side in ["callers", "agents"] {
        let way = &row[side];
        assert!(number(&way["sent"]) >= LEAST, "{row:#}");
        assert_eq!(way["sent"], way["received"], "{row:#}");
        for fault in ["lost", "duplicated", "astray"] {
            assert_eq!(number(&way[fault]), 0, "{fault}: {row:#}");
        }
        assert!(way["p50_us"].as_u64() <= way["p99_us"].as_u64());
    }
    let recordings = &row["recordings"];
    assert_eq!(number(&recordings["files"]), CALLS, "{row:#}");
    assert_eq!(number(&recordings["bad"]), 0, "{row:#}");
    for side in ["caller", "agent"] {
        let kept = number(&recordings[format!("{side}_kept_ms")]);
        let spoke = number(&recordings[format!("{side}_spoke_ms")]);
        // A machine that is busy with other tests may stop a voice for a moment.
        assert!(
            kept * 10 >= spoke * 9 && kept <= spoke + CALLS * 60,
            "{row:#}"
        );
    }
    assert!(row["memory_kib_per_call"].as_f64() >= Some(0.0), "{row:#}");
    assert!(
        row["cpu_ms_per_call_second"].as_f64() >= Some(0.0),
        "{row:#}"
    );
    assert_eq!(row["clean"], went_well);
    assert_eq!(service.ended(5).len(), 5);
    service.stop();
}

/// The control: every tenth packet is thrown away, and exactly those are missed.
#[test]
fn what_is_lost_is_seen_exactly() {
    let service = service();
    let (went_well, row) = load(&service, &["--drop-every", "10"]);
    assert!(!went_well);
    for side in ["callers", "agents"] {
        let (sent, lost) = (number(&row[side]["sent"]), number(&row[side]["lost"]));
        // Each call has lost a tenth of its own, and may have begun another ten.
        let range = (sent - CALLS * 9).div_ceil(10)..=sent / 10;
        assert!(range.contains(&lost), "{lost} of {sent}: {row:#}");
        assert_eq!(number(&row[side]["received"]), sent - lost);
    }
    service.stop();
}
