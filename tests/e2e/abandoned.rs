//! Callers who give up.

use std::net::UdpSocket;
use std::path::Path;

use serde_json::Value;

use crate::loopback::sip;
use crate::sipp::Sipp;
use crate::site::{Line, Site};

const NUMBER: &str = "4001234567";

/// R009: a caller who gives up is a row as any other. R185: and is to be called back.
#[test]
fn a_caller_who_gives_up_while_it_rings_is_abandoned_in_time() {
    let service = Site::new()
        .agent(1)
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start();
    let network = service.network();
    let phone = Sipp::new("agent_rings", network.agent(1))
        .with("reason", "CANCEL")
        .start(&service);
    let trunk = Sipp::new("caller_leaves", network.trunk())
        .dial(NUMBER)
        .with("ring_ms", 1500)
        .start(&service);
    trunk.finish();
    phone.finish();
    let row = service.only_call();
    assert_eq!(row["outcome"], "abandoned");
    assert_eq!(row["status"], 487);
    assert_eq!(row["grade"], "abandoned_in_time");
    assert_eq!(row["rings"], 2);
    assert_eq!(row["hangup_party"], "caller");
    assert_eq!(row["attempts"][0]["result"], "cancelled");
    assert!(row["recording"].is_null(), "{row:#}");
    assert_eq!(files(&service.folder().join("recordings")), 0);
    let (status, tasks) = service.command(&["tasks", "list", "--json"]);
    assert!(status.success(), "{tasks}");
    let tasks: Value = serde_json::from_str(&tasks).unwrap();
    assert_eq!(tasks.as_array().unwrap().len(), 1, "{tasks:#}");
    assert_eq!(tasks[0]["reason"], "abandoned");
    assert_eq!(tasks[0]["state"], "open");
    service.stop();
}

/// R001: from the fourth ring on the line is to blame.
#[test]
fn a_caller_who_gives_up_in_the_fourth_ring_is_abandoned_late() {
    let service = Site::new()
        .agent(1)
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start();
    let network = service.network();
    let phone = Sipp::new("agent_rings", network.agent(1))
        .with("reason", "CANCEL")
        .start(&service);
    let trunk = Sipp::new("caller_leaves", network.trunk())
        .dial(NUMBER)
        .with("ring_ms", 3500)
        .start(&service);
    trunk.finish();
    phone.finish();
    let row = service.only_call();
    assert_eq!(row["outcome"], "abandoned");
    assert_eq!(row["grade"], "abandoned_late");
    assert_eq!(row["rings"], 4);
    assert_eq!(row["target_missed"], true);
    service.stop();
}

/// R009: even a caller who leaves before anything rings is a row.
#[test]
fn a_caller_who_leaves_before_anything_rings_is_a_row() {
    // A phone that says nothing: no ring is due before a second has passed.
    let site = Site::new();
    let phone = UdpSocket::bind(sip(site.network().agent(1))).unwrap();
    let service = site
        .agent(1)
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start();
    let trunk = Sipp::new("caller_leaves_at_once", service.network().trunk())
        .dial(NUMBER)
        .start(&service);
    trunk.finish();
    let row = service.only_call();
    assert_eq!(row["outcome"], "abandoned");
    assert_eq!(row["status"], 487);
    assert!(row["ringing_at"].is_null(), "{row:#}");
    drop(phone);
    service.stop();
}

/// An unanswered call leaves none.
fn files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { files(&path) } else { 1 })
        .sum()
}
