//! A client of somebody else's, written from the served document alone: a script of 150 lines in
//! another language does an agent's work by it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use thirdring::access::{Cost, Passwords};
use thirdring::app::Service;
use thirdring::call::event::TransferResult;
use thirdring::config::Config;
use thirdring::queue::AgentState;
use thirdring::rules::{Role, Timestamp};
use thirdring::store::{CallFilter, User};

use crate::patience::{PATIENCE, until};
use crate::peer::Peer;
use crate::sipp::Sipp;
use crate::site::{Line, Site};
use crate::talk::NUMBER;

const PASSWORD: &str = "correct horse battery";
/// Lines of the script, at most.
const LINES: usize = 150;

/// R029, R065, R085, R103: it logs in, is rung, notes, answers, passes the caller on and wraps up.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_client_of_150_lines_serves_a_call_by_the_document_alone() {
    let line = Line::new("hotline", NUMBER, &[1]).with("wrap_up", "\"1h\"");
    let complaints = Line::new("complaints", "4007654321", &[2]);
    let site = Site::new().agent(1).agent(2).line(&line).line(&complaints);
    let (folder, network) = site.write();
    let config = Config::load(&folder.path().join("thirdring.toml")).unwrap();
    let service = Service::start(&config).await.unwrap();
    add_agent(&service).await;
    let told = Sipp::new("agent_is_told_to_answer", network.agent(1))
        .start_at(folder.path(), network.signalling());
    let colleague =
        Sipp::new("agent", network.agent(2)).start_at(folder.path(), network.signalling());
    let mut client = Client::start(&service);
    assert_eq!(client.line(), json!({ "waits": "1001", "state": "ready" }));
    let mut caller = Peer::new(network.trunk(), &network);
    caller.dial(NUMBER, caller.plain());
    caller.talk();
    let done = client.line();
    assert_eq!(
        (&done["complete"], &done["notes"]),
        (&json!(true), &json!([1, 2, 3]))
    );
    assert!(done["ring"].as_u64() >= Some(1), "{done}");
    client.finish();
    let board = service.signalling().desk();
    assert_eq!(board.agents[&"1001".into()].state, AgentState::Ready);
    // The caller is with the colleague when he answers.
    let store = service.store().clone();
    let is_passed_on = async {
        loop {
            let row = store.calls(&CallFilter::default()).await.unwrap().remove(0);
            let mut transfers = row.record.transfers.iter();
            if transfers.any(|one| one.result == Some(TransferResult::Answered)) {
                return row.record;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let row = tokio::time::timeout(PATIENCE, is_passed_on).await.unwrap();
    assert_eq!(json!(row.id), done["call"]);
    caller.bye();
    told.finish();
    colleague.finish();
    let said = store.wrapped_up(row.id).await.unwrap();
    let code = |said: Option<thirdring::call::record::CodeVersion>| said.map(|said| said.code);
    assert_eq!(code(said.purpose).as_deref(), Some("person"));
    assert_eq!(code(said.disposition).as_deref(), Some("transferred"));
    let note = store.note(row.id).await.unwrap().unwrap();
    let text = note.text.unwrap();
    assert!(text.contains("138****8000 wants 1002; passed on"), "{text}");
    service.stop(Duration::from_secs(5)).await.unwrap();
}

/// The script is as short as it says, and names no path of the API but the document's.
#[test]
fn the_client_knows_nothing_but_the_document() {
    let script = std::fs::read_to_string(script()).unwrap();
    assert!(script.lines().count() <= LINES);
    assert!(!script.contains("/api/"), "it knows a path");
}

fn script() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/agent_client.py")
}

async fn add_agent(service: &Service) {
    let passwords = Passwords::new(Cost::LEAST).unwrap();
    let user = User {
        name: "li.na".to_owned(),
        password: passwords.hash(PASSWORD).unwrap(),
        roles: vec![Role::Agent],
        extension: Some("1001".into()),
        disabled: false,
        created_at: Timestamp(1),
        password_at: Timestamp(1),
    };
    service.store().add_user(&user).await.unwrap();
}

/// The script as it runs; it is killed when this is dropped.
struct Client {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Client {
    fn start(service: &Service) -> Self {
        let document = format!("http://{}/api/v1/openapi.json", service.addresses().http);
        let mut child = Command::new("python3")
            .arg("-B")
            .arg(script())
            .args([&document, "li.na", "1002", "person", "transferred"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut password = child.stdin.take().unwrap();
        writeln!(password, "{PASSWORD}").unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, said }
    }

    /// The next line that it prints. It waits for nothing without end, so that this ends.
    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("the client ended: {line:?}"))
    }

    fn finish(mut self) {
        let status = until("the client to end", || self.child.try_wait().unwrap());
        assert!(status.success(), "{status}");
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
