//! Threat: path traversal. What peers write names no file.

use std::collections::BTreeSet;
use std::path::Path;

use crate::peer::Peer;
use crate::site::{Line, Site};

const NUMBER: &str = "4001234567";
/// A part of everything that the peers write, and of no file's name.
const MARK: &str = "outbreak";

/// Threat: path traversal. Calls whose Call-ID, tag and names point out of the folder leave a
/// recording each, a database, a trace and a log, where the configuration says and nowhere else.
#[test]
fn no_file_is_named_by_what_a_peer_writes() {
    let line = Line::new("hotline", NUMBER, &[1]);
    let service = Site::new().agent(1).line(&line).start();
    let network = service.network();
    let call_ids = [
        format!("../{MARK}"),
        format!("../../../../{MARK}.wav"),
        format!("/dev/shm/{MARK}"),
        format!("..%2F..%2F{MARK}"),
        format!("..\\..\\{MARK}@$(touch{MARK})"),
        format!("{MARK}/../../{MARK}"),
    ];
    let mut caller = Peer::new(network.trunk(), network);
    let mut agent = Peer::new(network.agent(1), network);
    for call_id in &call_ids {
        let name = format!("\"../../{MARK}\" <sip:..%2F..%2F{MARK}@192.0.2.1>");
        let headers = [
            ("Call-ID", call_id.as_str()),
            ("P-Asserted-Identity", &name),
            ("Subject", "../../outbreak"),
        ];
        caller.dial_with(NUMBER, &headers, caller.plain());
        agent.ring();
        agent.pick_up(agent.plain());
        caller.talk();
        caller.bye();
        agent.expect_bye();
        caller.forget_dialog();
    }
    let rows = service.ended(call_ids.len());
    let recordings = service.folder().join("recordings");
    let mut expected = BTreeSet::new();
    for row in &rows {
        let id = row["id"].as_str().unwrap();
        let path = service.recording_path(row);
        assert!(path.starts_with(&recordings), "{}", path.display());
        assert_eq!(path.file_stem().unwrap(), id);
        let (status, said) = service.command(&["trace", id]);
        assert!(status.success() && said.contains("INVITE"), "{said}");
        expected.insert(path);
    }
    let mut found = BTreeSet::new();
    walk(service.folder(), &mut found);
    let waves = found
        .iter()
        .filter(|file| file.extension().is_some_and(|it| it == "wav"));
    assert_eq!(waves.cloned().collect::<BTreeSet<_>>(), expected);
    let parent = service.folder().parent().unwrap();
    let beside = std::fs::read_dir(parent).unwrap().flatten();
    let everything = beside.map(|entry| entry.path()).chain(found);
    for path in everything {
        assert!(!path.to_string_lossy().contains(MARK), "{}", path.display());
    }
    service.stop();
}

fn walk(folder: &Path, files: &mut BTreeSet<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.insert(path);
        }
    }
}
