//! The demo as a newcomer runs it. It measures rings by the clock of this machine, so it is a test
//! binary of its own: nothing else runs beside it.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// It exits with 0 only if the callers saw and heard what was written down beforehand; and what it
/// shows can be read from the rows that it leaves: a caller who waits, is held, is passed on after a
/// consultation and says how it was (R058, R115, R103, R218), a message after hours (R017, R186), a
/// supervisor who listens in (R066); and where console and API are, who logs in, the document and a token.
#[test]
fn the_demo_shows_what_it_promises_and_leaves_it_in_the_rows() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("demo");
    let said = run(&["demo", "--once", "--fast"], "--folder", &folder);
    for line in ["Console:", "Log in:", "API:", "Document:", "Token:"] {
        assert!(said.contains(line), "no {line} in\n{said}");
    }
    assert!(said.contains("/api/v1/openapi.json"), "{said}");
    assert!(said.contains("calls were as expected"), "{said}");

    let file = folder.join("thirdring.toml");
    let json = |arguments: &[&str]| -> Value {
        serde_json::from_str(&run(arguments, "--config", &file)).unwrap()
    };
    let rows = json(&["calls", "--json"]);
    let rows: Vec<_> = rows.as_array().unwrap().iter().collect();
    let calls: Vec<_> = rows
        .iter()
        .map(|row| json(&["calls", "show", row["id"].as_str().unwrap(), "--json"]))
        .collect();
    let is_shown = |tells: &dyn Fn(&Value) -> bool| calls.iter().any(tells);
    assert!(is_shown(&|call| {
        let has_waited = call["queue_ms"].as_u64() > Some(0);
        let is_held = call["holds"]["count"].as_u64() > Some(0);
        let is_passed_on = call["transfers"][0]["kind"] == "attended"
            && call["transfers"][0]["result"] == "answered";
        let was_asked = call["desk"]["consults"][0]["answered"] == true;
        let has_said = call["dialogue"]["survey"]["result"] == "answered";
        has_waited && is_held && is_passed_on && was_asked && has_said
    }));
    assert!(is_shown(&|call| {
        let after_hours = call["dialogue"]["hours"]["in_hours"] == false;
        call["outcome"] == "message" && after_hours
    }));
    let listened = json!(["listen"]);
    assert!(is_shown(
        &|call| call["desk"]["supervisions"][0]["modes"] == listened
    ));
}

/// What the program says; it must end well.
fn run(arguments: &[&str], option: &str, place: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_thirdring"))
        .args(arguments)
        .arg(option)
        .arg(place)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{arguments:?}: {said}\n{complained}"
    );
    said
}
