//! A hotline that is set up while it takes calls: by HTTP, and by the command line of another process.

use serde_json::{Value, json};

use crate::patience::until;
use crate::peer::Peer;
use crate::service::Service;
use crate::sipp::Sipp;
use crate::site::{Line, Site};
use crate::talk::NUMBER;

/// The number that nobody has at first.
const NEW: &str = "4007654321";

/// A number that an administrator adds is answered without a restart, by those whom he says;
/// what does not fit changes nothing; all of it is there after a restart.
#[test]
fn a_number_that_is_added_rings_without_a_restart() {
    let site = Site::new().agent(1).agent(2);
    let mut service = site.line(&Line::new("hotline", NUMBER, &[1])).start();
    let admin = Admin::of(&service);
    refused(&service);

    let line = json!({
        "numbers": [NEW], "agents": ["1002"], "cadence": { "on": "200ms", "off": "800ms" },
    });
    let sales = "/setup/line/sales";
    let (status, made) = admin.put(sales, None, &line);
    assert_eq!((status, &made["version"]), (200, &json!(1)), "{made}");
    admin.is_in_effect(1);
    answered(&service, NEW, 2);

    let bad = json!({ "numbers": [NUMBER], "agents": ["1009"] });
    let (status, problem) = admin.put(sales, Some(1), &bad);
    assert_eq!(
        (status, problem["faults"].as_array().unwrap().len()),
        (422, 2)
    );
    assert_eq!(admin.get("/setup")["revision"], 1);
    answered(&service, NEW, 2);

    let by: Vec<_> = service.ended(3).iter().map(answered_by).collect();
    assert_eq!(by, [Value::Null, json!("1002"), json!("1002")]);

    service.stop_and_start();
    let admin = Admin::of_token(&service, &admin.token);
    assert_eq!(admin.get("/setup")["in_effect"], 1);
    answered(&service, NEW, 2);
    answered(&service, NUMBER, 1);
    let rows = until("the rows to be whole", || {
        let rows = service.calls();
        let are_over = rows.iter().all(|row| !row["outcome"].is_null());
        (rows.len() == 5 && are_over).then_some(rows)
    });
    let by: Vec<_> = rows.iter().skip(3).map(answered_by).collect();
    assert_eq!(by, [json!("1002"), json!("1001")]);
    service.stop();
}

/// What another process sets up is in effect within seconds, and an agent of a queue is another one
/// then; an older version counts again when it is restored.
#[test]
fn what_the_command_line_sets_up_reaches_the_running_service() {
    let site = Site::new().agent(1).agent(2);
    let service = site.line(&Line::new("hotline", NUMBER, &[1])).start();
    let admin = Admin::of(&service);
    answered(&service, NUMBER, 1);

    let shown = said(&service, &["setup", "show", "line", "hotline"]);
    let changed = shown.replace("\"1001\"", "\"1002\"");
    assert_ne!(changed, shown, "{shown}");
    let file = service.folder().join("changed.toml");
    std::fs::write(&file, &changed).unwrap();
    let file = file.to_str().unwrap();
    assert_eq!(
        said(&service, &["setup", "check", file]).trim(),
        "nothing would be wrong"
    );
    let done = said(
        &service,
        &["setup", "put", file, "--reason", "换班", "--user", "li"],
    );
    assert_eq!(done.trim(), "line hotline: version 1");
    admin.is_in_effect(1);
    answered(&service, NUMBER, 2);
    let diff = said(&service, &["setup", "diff"]);
    assert!(diff.contains("differs"), "{diff}");

    let back = ["setup", "restore", "line", "hotline", "0", "--user", "li"];
    assert_eq!(said(&service, &back).trim(), "line hotline: version 2");
    admin.is_in_effect(2);
    answered(&service, NUMBER, 1);
    let history = said(&service, &["setup", "history", "line", "hotline"]);
    assert!(
        history.contains("换班") && history.contains("the file's"),
        "{history}"
    );

    let bad = changed.replace("\"1002\"", "\"1009\"");
    std::fs::write(service.folder().join("changed.toml"), bad).unwrap();
    let (status, why) = service.command(&["setup", "put", file]);
    assert_eq!(status.code(), Some(2), "{why}");
    assert!(why.contains("line[hotline].agents[0]"), "{why}");
    service.ended(3);
    service.stop();
}

/// A file that does not go together any more with what was set up: calls go by the last that does,
/// and it is told what is wrong.
#[test]
fn a_file_that_contradicts_what_was_set_up_is_told_and_calls_go_on() {
    let site = Site::new().agent(1).agent(2);
    let mut service = site.line(&Line::new("hotline", NUMBER, &[1])).start();
    let admin = Admin::of(&service);
    let line = json!({
        "numbers": [NEW], "agents": ["1002"], "cadence": { "on": "200ms", "off": "800ms" },
    });
    admin.put("/setup/line/sales", None, &line);
    admin.is_in_effect(1);
    // Somebody gives the number to a line of the file.
    let path = service.folder().join("thirdring.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, file.replace(NUMBER, NEW)).unwrap();
    service.stop_and_start();
    let state = Admin::of_token(&service, &admin.token).get("/setup");
    assert_eq!(
        (&state["in_effect"], &state["refused"]),
        (&json!(0), &json!(1)),
        "{state}"
    );
    assert_eq!(state["faults"][0]["name"], "line[sales].numbers[0]");
    assert!(service.metric("thirdring_setup_refused") > 0.0);
    answered(&service, NEW, 1);
    service.ended(1);
    service.stop();
}

fn answered_by(row: &Value) -> Value {
    row["answered_by"].clone()
}

/// A call to the number that nobody has.
fn refused(service: &Service) {
    let mut caller = Peer::new(service.network().trunk(), service.network());
    caller.dial(NEW, caller.plain());
    let refusal = caller.expect_refusal(404);
    caller.ack_refusal(&refusal);
}

/// A call that this agent answers.
fn answered(service: &Service, number: &str, agent: u8) {
    let network = service.network();
    let phone = Sipp::new("agent", network.agent(agent)).start(service);
    let mut caller = Peer::new(network.trunk(), network);
    caller.dial(number, caller.plain());
    caller.talk();
    caller.bye();
    phone.finish();
}

/// What a command prints that goes well.
fn said(service: &Service, arguments: &[&str]) -> String {
    let (status, said) = service.command(arguments);
    assert!(status.success(), "thirdring {arguments:?}: {said}");
    said
}

/// An administrator's program.
struct Admin {
    url: String,
    token: String,
}

impl Admin {
    fn of(service: &Service) -> Self {
        said(service, &["user", "add", "wang.fang", "--role", "admin"]);
        let made = [
            "token",
            "add",
            "wang.fang",
            "--label",
            "test",
            "--scope",
            "admin",
        ];
        let made = said(service, &made);
        let mut words = made.split_whitespace();
        let token = words.find(|word| word.starts_with("thirdring_"));
        Self::of_token(
            service,
            token.unwrap_or_else(|| panic!("no token in {made}")),
        )
    }

    fn of_token(service: &Service, token: &str) -> Self {
        Self {
            url: format!("http://{}:8080/api/v1", service.network().service()),
            token: token.to_owned(),
        }
    }

    fn get(&self, path: &str) -> Value {
        let request = ureq::get(format!("{}{path}", self.url));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let mut answer = request.call().unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }

    /// The status, and what was said.
    fn put(&self, path: &str, version: Option<u32>, document: &Value) -> (u16, Value) {
        let agent = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = ureq::Agent::new_with_config(agent.build());
        let mut request = agent.put(format!("{}{path}", self.url));
        if let Some(version) = version {
            request = request.header("if-match", format!("\"{version}\""));
        }
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let request = request.header("content-type", "application/json");
        let body = json!({ "document": document, "reason": "test" });
        let mut answer = request.send(body.to_string()).unwrap();
        let said = answer.body_mut().read_to_string().unwrap();
        (
            answer.status().as_u16(),
            serde_json::from_str(&said).unwrap(),
        )
    }

    /// Waits until calls go by this revision.
    fn is_in_effect(&self, revision: i64) {
        until("the revision to be in effect", || {
            (self.get("/setup")["in_effect"] == revision).then_some(())
        });
    }
}
