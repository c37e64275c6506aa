//! A phone passes the call on by REFER (RFC 3515): SIPp on all sides, a tone from each.

use std::path::PathBuf;

use serde_json::Value;

use crate::postgres::Postgres;
use crate::service::Service;
use crate::sipp::{Playing, Sipp};
use crate::site::{Line, Site};
use crate::tone::Law;

const NUMBER: &str = "4001234567";
const CALLER_HZ: u32 = 1000;
const FIRST_HZ: u32 = 440;
const SECOND_HZ: u32 = 600;

/// A line with a notice, whose agents may pass calls on to each other.
fn site() -> Site {
    let line = Line::new("hotline", NUMBER, &[1])
        .with("notice", "\"recording-notice.wav\"")
        .with("purposes", r#"[{ code = "complaint", name = "投诉" }]"#);
    Site::new()
        .agent(1)
        .agent(2)
        .line(&line)
        .line(&Line::new("complaints", "4007654321", &[2]))
}

/// R086, R077, R188, R190, R192: target, kind, time and result are on the row, and the recording
/// goes on; on SQLite.
#[test]
fn a_blind_transfer_is_told_by_the_row_and_the_recording() {
    transferred(site().start());
}

/// As on SQLite, so on Postgres.
#[test]
fn a_blind_transfer_is_told_by_the_row_on_postgres_too() {
    let postgres = Postgres::start();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let url = runtime.block_on(postgres.database());
    transferred(site().database(url).start());
}

fn transferred(service: Service) {
    let network = service.network();
    let first = transferor(&service, "1002", 200, 6000);
    let second = Sipp::new("agent_speaks", network.agent(2))
        .with("tone", tone(&service, SECOND_HZ).display())
        .start(&service);
    let trunk = caller(&service, 12_000);
    trunk.finish();
    first.finish();
    second.finish();

    let row = service.only_call();
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["answered_by"], "1001");
    assert_eq!(row["hangup_party"], "caller");
    let transfer = only_transfer(&row);
    assert_eq!(transfer["kind"], "blind");
    assert_eq!(transfer["by"], "1001");
    assert_eq!(transfer["target"]["agent"], "1002");
    assert_eq!(transfer["result"], "answered");
    assert!(transfer["requested_at"].as_i64() > row["answered_at"].as_i64());
    assert!(transfer["ended_at"].as_i64() > transfer["requested_at"].as_i64());
    let notice = &row["notice"];
    assert_eq!(notice["complete"], true);
    assert_eq!(notice["heard_ms"], notice["length_ms"]);

    let wav = service.recording(&row);
    let talk_ms = row["talk_ms"].as_u64().unwrap();
    let length_ms = wav.length_ms();
    assert!(
        length_ms.abs_diff(talk_ms) <= 100,
        "{length_ms} of {talk_ms} ms"
    );
    let heard_of_caller = wav.left.tone_ms(CALLER_HZ);
    assert!(
        heard_of_caller + 500 > length_ms,
        "{heard_of_caller} ms of the caller"
    );
    let (from, to) = wav.right.tone_span_ms(FIRST_HZ).expect("the first agent");
    let (next_from, next_to) = wav.right.tone_span_ms(SECOND_HZ).expect("the second agent");
    let notice_ms = notice["length_ms"].as_u64().unwrap();
    assert!(
        from + 100 > notice_ms,
        "the first agent from {from} ms, the notice {notice_ms} ms"
    );
    assert!(to < next_from, "one after the other: {to}, {next_from}");
    assert!(
        next_to + 500 > length_ms,
        "the second agent to {next_to} of {length_ms} ms"
    );

    shown(&service, &row);
    service.stop();
}

/// What a person reads of it.
fn shown(service: &Service, row: &Value) {
    let id = row["id"].as_str().unwrap();
    let (status, said) = service.command(&["calls", "purpose", id, "complaint"]);
    assert!(status.success(), "{said}");
    let (status, said) = service.command(&["calls", "show", id]);
    assert!(status.success(), "{said}");
    let path = row["recording"]["path"].as_str().unwrap();
    for told in ["complaint", "1002", "recording-notice.wav", path] {
        assert!(said.contains(told), "no {told} in\n{said}");
    }
}

/// A number that policy forbids: the phone is told so, and the talk goes on.
#[test]
fn a_forbidden_target_leaves_the_talk_as_it_was() {
    let service = site().start();
    let phone = transferor(&service, "13900139000", 403, 5000);
    caller(&service, 8000).finish();
    phone.finish();
    let row = service.only_call();
    let transfer = only_transfer(&row);
    assert_eq!(transfer["result"], "forbidden");
    let party = transfer["target"]["number"].as_str().unwrap();
    assert_eq!(row["parties"][party]["number"], "13900139000");
    assert_eq!(row["hangup_party"], "caller");
    back_with_the_first(&service, &row);
    service.stop();
}

/// A target that refuses: the caller is back with whoever passed the call on.
#[test]
fn a_refused_transfer_comes_back_to_the_transferor() {
    let service = site().start();
    let target = Sipp::new("agent_refuses", service.network().agent(2))
        .with("status", 486)
        .start(&service);
    let phone = transferor(&service, "1002", 486, 5000);
    caller(&service, 8000).finish();
    phone.finish();
    target.finish();
    let row = service.only_call();
    assert_eq!(only_transfer(&row)["result"], "refused");
    back_with_the_first(&service, &row);
    service.stop();
}

/// The first agent is heard until the end.
fn back_with_the_first(service: &Service, row: &Value) {
    let wav = service.recording(row);
    let (_, to) = wav.right.tone_span_ms(FIRST_HZ).expect("the first agent");
    let length_ms = wav.length_ms();
    assert!(to + 500 > length_ms, "to {to} of {length_ms} ms");
}

fn transferor(service: &Service, target: &str, result: u16, talk_ms: u64) -> Playing {
    Sipp::new("agent_transfers", service.network().agent(1))
        .with("tone", tone(service, FIRST_HZ).display())
        .with("target", target)
        .with("result", result)
        .with("talk_ms", talk_ms)
        .start(service)
}

fn caller(service: &Service, talk_ms: u64) -> Playing {
    Sipp::new("caller_speaks", service.network().trunk())
        .dial(NUMBER)
        .with("tone", tone(service, CALLER_HZ).display())
        .with("talk_ms", talk_ms)
        .start(service)
}

/// A file of raw A-law, which is what SIPp's `rtp_stream` reads.
fn tone(service: &Service, hz: u32) -> PathBuf {
    let path = service.folder().join(format!("tone-{hz}.al"));
    std::fs::write(&path, Law::Pcma.second_of(hz)).unwrap();
    path
}

fn only_transfer(row: &Value) -> &Value {
    assert_eq!(
        row["transfers"].as_array().map(Vec::len),
        Some(1),
        "{row:#}"
    );
    &row["transfers"][0]
}
