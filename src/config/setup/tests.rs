use std::path::Path;

use serde_json::json;

use super::*;

const FILE: &str = r#"
[[sip.listener]]
address = "192.0.2.1:5060"
[media]
address = "192.0.2.1"
[[agent]]
extension = "1001"
password = "secret-1001"
[[line]]
name = "hotline"
numbers = ["4001234567"]
agents = ["1001"]
"#;

fn file() -> Config {
    Config::parse(FILE, Path::new("/etc/t/thirdring.toml")).unwrap()
}

fn section(kind: SetupKind, name: &str, document: Json) -> Section {
    let Json::Object(document) = document else {
        panic!("{document} is no document");
    };
    Section {
        kind,
        name: name.to_owned(),
        document: Some(document),
    }
}

fn removed(kind: SetupKind, name: &str) -> Section {
    Section {
        kind,
        name: name.to_owned(),
        document: None,
    }
}

#[test]
fn a_section_is_added_replaced_and_taken_out_by_its_name() {
    let sales = section(
        SetupKind::Line,
        "sales",
        json!({ "numbers": ["4007654321"], "agents": ["1001"], "notice": null }),
    );
    let agent = section(
        SetupKind::Agent,
        "1001",
        json!({ "name": "李娜", "password": "other" }),
    );
    let config = file().with_setup(&[sales, agent.clone()]).unwrap();
    let names: Vec<_> = config.lines.iter().map(|line| &*line.name).collect();
    assert_eq!(names, ["hotline", "sales"]);
    assert_eq!(config.agents.len(), 1);
    assert_eq!(config.agents[0].name, "李娜");
    // Where relative paths begin has not changed.
    assert!(config.media.prompts.starts_with("/etc/t"));

    let gone = [removed(SetupKind::Line, "hotline"), agent];
    assert!(file().with_setup(&gone).unwrap().lines.is_empty());
    assert_eq!(file().with_setup(&[]).unwrap().lines.len(), 1);
}

#[test]
fn everything_that_is_wrong_is_told_by_the_sections_name() {
    let bad = [
        section(
            SetupKind::Line,
            "sales",
            json!({ "numbers": ["4001234567"], "agents": ["1009"] }),
        ),
        removed(SetupKind::Agent, "1001"),
    ];
    let problems = file().with_setup(&bad).unwrap_err().problems;
    let told: Vec<_> = problems
        .iter()
        .map(|problem| (&*problem.key, problem.place))
        .collect();
    let keys = [
        "line[sales].numbers[0]",
        "line[hotline].agents[0]",
        "line[sales].agents[0]",
    ];
    assert_eq!(told, keys.map(|key| (key, None)));

    let unknown = section(
        SetupKind::Line,
        "sales",
        json!({ "nunbers": ["1"], "agents": ["1001"] }),
    );
    let problems = file().with_setup(&[unknown]).unwrap_err().problems;
    assert_eq!(problems[0].key, "line[sales].nunbers");
    assert_eq!(problems[0].what, "unknown key `nunbers`");
}

#[test]
fn what_the_file_says_is_shown_as_it_is_written() {
    let lines = file().sections(SetupKind::Line);
    let hotline = json!({ "name": "hotline", "numbers": ["4001234567"], "agents": ["1001"] });
    assert_eq!(Json::Object(lines["hotline"].clone()), hotline);
    assert!(file().sections(SetupKind::Queue).is_empty());
}

#[test]
fn a_document_is_the_same_after_it_was_written_as_text() {
    let line = section(
        SetupKind::Line,
        "sales",
        json!({ "name": "sales", "numbers": ["1"], "cadence": { "on": "1s", "off": "4s" }, "urgency": 3 }),
    );
    let text = to_text(line.kind, line.document.as_ref().unwrap()).unwrap();
    assert_eq!(from_text(&text).unwrap(), [line]);
    assert!(
        from_text("[[trunk]]\nname = \"c\"")
            .unwrap_err()
            .contains("trunk")
    );
    assert!(
        from_text("[[line]]\nnumbers = []")
            .unwrap_err()
            .contains("`name`")
    );
    assert!(
        from_text("[line]\nname = \"x\"")
            .unwrap_err()
            .contains("[[line]]")
    );
}

/// What an administrator sets up reaches the file's reader as text: nothing in it can be read as
/// another section.
#[test]
fn no_text_breaks_out_of_its_section() {
    let nasty = "x\"\n[[agent]]\nextension = \"9\"";
    let line = section(
        SetupKind::Line,
        nasty,
        json!({ "numbers": ["4007654321"], "agents": ["1001"] }),
    );
    let config = file().with_setup(&[line]).unwrap();
    assert_eq!(config.agents.len(), 1);
    assert_eq!(config.lines[1].name, nasty);
}
