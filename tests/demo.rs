//! The demo as a newcomer runs it. It measures rings by the clock of this machine, so it is a test
//! binary of its own: nothing else runs beside it, and of its tests one at a time.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![allow(
    clippy::disallowed_methods,
    reason = "the demo lives in real time, and has no core to be told it by"
)]

#[path = "support/demo.rs"]
mod demo;
#[path = "support/patience.rs"]
mod patience;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use self::demo::Demo;
use self::patience::{PATIENCE, until};

/// Held by the test that has the machine.
static MACHINE: Mutex<()> = Mutex::new(());

/// It exits with 0 only if the callers saw and heard what was written down beforehand; and what it
/// shows can be read from the rows that it leaves: a caller who waits, is held, is passed on after a
/// consultation and says how it was (R058, R115, R103, R218), a message after hours (R017, R186), a
/// supervisor who listens in (R066); and where console and API are, who logs in, the document and a token.
#[test]
fn the_demo_shows_what_it_promises_and_leaves_it_in_the_rows() {
    let _machine = MACHINE.lock().unwrap_or_else(PoisonError::into_inner);
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

/// As the console has it done, by the log-ins that the demo prints: nobody calls before the agent
/// says so; then a caller rings at a phone that the desk has answer, hears the agent, is passed on to
/// a colleague, and the next one rings when the agent is ready again; what was said is recorded.
#[test]
fn a_newcomer_takes_a_call_of_the_demo_passes_it_on_and_gets_the_next() {
    let _machine = MACHINE.lock().unwrap_or_else(PoisonError::into_inner);
    let place = tempfile::tempdir().unwrap();
    let demo = Demo::open(&place.path().join("demo"));
    let agent = log_in(&demo, "agent");
    let own = agent.get("/session")["extension"].take();
    let own = format!("/agents/{}", own.as_str().unwrap());
    let state = || agent.get(&own)["state"].take();
    assert_eq!(state(), "busy");
    assert_eq!(agent.get("/calls")["items"], json!([]));

    let first = rung(&agent, &own);
    let row = agent.get(&format!("/calls/{first}"));
    assert_eq!(row["caller"]["name"], "王小明");
    answer(&agent, &own, &first);
    // Nobody is passed on before the recording notice has ended.
    let to = json!({ "agent": "1010" });
    agent.does(&format!("/calls/{first}/transfer"), &to);
    let passed_on = || {
        let row = agent.get(&format!("/calls/{first}"));
        (row["transfers"][0]["result"] == "answered").then_some(())
    };
    until("a colleague's answer", passed_on);
    let lead = log_in(&demo, "lead");
    let lines = lead.get("/lines");
    let mut lines = lines["items"].as_array().unwrap().iter();
    assert!(lines.any(|line| line["id"] == "reception" && line["calls"] == 1));

    let second = rung(&agent, &own);
    assert_ne!(first, second);
    answer(&agent, &own, &second);
    let why = json!({ "reason": "wrong_number" });
    agent.does(&format!("/calls/{second}/hang-up"), &why);
    let qa = log_in(&demo, "qa");
    let peaks = format!("/calls/{second}/recording/peaks");
    until("a recording", || {
        (qa.send("GET", &peaks, None).status() == 200).then_some(())
    });
}

/// Has the agent take calls, and gives the one that rings then.
fn rung(agent: &Person, own: &str) -> String {
    agent.does(&format!("{own}/state"), &json!({ "to": "ready" }));
    until("a caller", || {
        let agent = agent.get(own);
        let rings = agent["state"] == "ringing";
        rings.then(|| agent["calls"][0].as_str().map(str::to_owned))?
    })
}

/// The phone is told to answer, as soon as it has rung.
fn answer(agent: &Person, own: &str, call: &str) {
    agent.does(&format!("/calls/{call}/talk"), &json!({}));
    until("an answer", || {
        (agent.get(own)["state"] == "talking").then_some(())
    });
}

/// Logs one of the demo's people in.
fn log_in(demo: &Demo, name: &str) -> Person {
    let mut person = Person {
        url: format!("{}api/v1", demo.url),
        cookie: String::new(),
    };
    let body = json!({ "name": name, "password": demo.password });
    let response = person.send("POST", "/session", Some(&body));
    assert_eq!(response.status(), 200, "{name} logs in");
    let cookie = response.headers().get("set-cookie").unwrap();
    let (cookie, _) = cookie.to_str().unwrap().split_once(';').unwrap();
    cookie.clone_into(&mut person.cookie);
    person
}

/// Somebody who is logged in.
struct Person {
    url: String,
    cookie: String,
}

impl Person {
    fn get(&self, path: &str) -> Value {
        let mut response = self.send("GET", path, None);
        let text = response.body_mut().read_to_string().unwrap();
        assert_eq!(response.status(), 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Asks until it fits: a phone rings first, a notice ends first.
    fn does(&self, path: &str, body: &Value) {
        until(path, || {
            let status = self.send("POST", path, Some(body)).status();
            assert!(status.is_success() || status == 409, "{path}: {status}");
            status.is_success().then_some(())
        });
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> ureq::http::Response<ureq::Body> {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false);
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("cookie", &self.cookie)
            .header("content-type", "application/json")
            .body(body.map(ToString::to_string).unwrap_or_default())
            .unwrap();
        let agent = ureq::Agent::new_with_config(config.build());
        agent.run(request).unwrap()
    }
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
