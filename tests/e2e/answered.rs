//! Calls that are answered, and who hangs up.

use crate::service::Service;
use crate::sipp::{Sipp, play};
use crate::site::{Line, Site};

const NUMBER: &str = "4001234567";

/// R077: the row holds the caller's name and number, the time of the call by the system's clock
/// and the purpose. R019: a call from a trunk is external. R188, R192: the recording belongs to
/// the row, with the hash of the file as it lies on the disk.
#[test]
fn an_answered_call_is_a_row_with_caller_purpose_and_recording() {
    let line = Line::new("hotline", NUMBER, &[1])
        .with(
            "purposes",
            r#"[{ code = "repair", name = "报修" }, { code = "complaint", name = "投诉" }]"#,
        )
        .with("default_purpose", "\"repair\"");
    let service = Site::new().agent(1).line(&line).start();
    let network = service.network();
    let before = jiff::Timestamp::now();
    let phone = Sipp::new("agent", network.agent(1));
    let caller = Sipp::new("caller", network.trunk())
        .dial(NUMBER)
        .with("name", "王小明")
        .with("talk_ms", 1000);
    let row = play(&service, phone, caller);
    let after = jiff::Timestamp::now();

    let caller = &row["parties"][row["caller"].as_str().unwrap()];
    assert_eq!(caller["number"], "13800138000");
    assert_eq!(caller["e164"], "+8613800138000");
    assert_eq!(caller["name"], "王小明");
    assert_eq!(row["origin"], "external");
    assert_eq!(row["direction"], "in");
    assert_eq!(row["trunk"], "carrier");
    assert_eq!(row["line"], "hotline");
    assert_eq!(row["dialled"], NUMBER);
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["answered_by"], "1001");
    assert_eq!(row["rings"], 1);
    assert_eq!(row["hangup_party"], "caller");
    assert_eq!(row["agent_first"], false);
    assert_eq!(row["purposes"][0]["code"], "repair");
    let arrived = time(&row["arrived_at"]);
    assert!(before <= arrived && arrived <= after, "{arrived}");

    let id = row["id"].as_str().unwrap();
    let (status, said) = service.command(&["calls", "purpose", id, "complaint"]);
    assert!(status.success(), "{said}");
    let purposes = &service.show(id)["purposes"];
    assert_eq!(purposes[0]["code"], "repair");
    assert_eq!(purposes[1]["code"], "complaint");
    let (status, said) = service.command(&["calls", "purpose", id, "no-such-code"]);
    assert!(!status.success(), "{said}");

    let path = service.recording_path(&row);
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(row["recording"]["sha256"], sha256(&bytes));
    assert_eq!(row["recording"]["size_bytes"], bytes.len());
    let length_ms = service.recording(&row).length_ms();
    assert_eq!(row["recording"]["duration_ms"], length_ms);
    let talk_ms = row["talk_ms"].as_u64().unwrap();
    assert!(
        length_ms.abs_diff(talk_ms) <= 100,
        "{length_ms} of {talk_ms} ms"
    );
    no_person_is_in_the_log(&service);
    service.stop();
}

/// R046: the row tells that the agent hung up before the caller did.
#[test]
fn an_agent_who_hangs_up_first_is_told_by_the_row() {
    let service = hotline();
    let network = service.network();
    let phone = Sipp::new("agent_hangs_up", network.agent(1));
    let caller = Sipp::new("caller_stays", network.trunk()).dial(NUMBER);
    let row = play(&service, phone, caller);
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["hangup_party"], "agent");
    assert_eq!(row["agent_first"], true);
    service.stop();
}

/// The caller hears our own tone: 183 with a description, and no 180 after it.
#[test]
fn a_line_may_play_its_own_ringback() {
    let line = Line::new("hotline", NUMBER, &[1]).with("ringback", "\"local\"");
    let service = Site::new().agent(1).line(&line).start();
    let network = service.network();
    let phone = Sipp::new("agent", network.agent(1)).with("ring_ms", 2500);
    let caller = Sipp::new("caller", network.trunk())
        .dial(NUMBER)
        .with("alert", 183);
    let row = play(&service, phone, caller);
    assert_eq!(row["ringback"], "local");
    assert_eq!(row["rings"], 3);
    service.stop();
}

/// A re-INVITE of the phone (RFC 3264 §8.4): the trunk is not asked anything.
#[test]
fn a_phone_holds_the_caller_and_comes_back() {
    let service = hotline();
    let network = service.network();
    let phone = Sipp::new("agent_holds", network.agent(1));
    let caller = Sipp::new("caller", network.trunk())
        .dial(NUMBER)
        .with("talk_ms", 2500);
    let row = play(&service, phone, caller);
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["holds"]["count"], 1);
    let held_ms = row["holds"]["ms"].as_u64().unwrap();
    assert!((300..2500).contains(&held_ms), "{held_ms} ms");
    service.stop();
}

fn hotline() -> Service {
    Site::new()
        .agent(1)
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start()
}

/// Rows keep microseconds since 1970.
fn time(value: &serde_json::Value) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(value.as_i64().unwrap()).unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(bytes))
}

/// Above debug, the log names calls by their ids and nobody by number or name.
fn no_person_is_in_the_log(service: &Service) {
    let log = std::fs::read_to_string(service.folder().join("stderr.log")).unwrap();
    let mut above_debug = 0;
    for line in log.lines().filter(|line| !line.contains(" DEBUG ")) {
        above_debug += 1;
        assert!(
            !line.contains("13800138000") && !line.contains("王小明"),
            "{line}"
        );
    }
    assert!(above_debug > 2, "nothing was logged: {log}");
}
