//! A call's time line, its messages, and how the service is.

use std::net::SocketAddr;

use axum::http::StatusCode;
use thirdring::call::event::{GapCause, HangupParty, Outcome, RecordingGap};
use thirdring::rules::Role;
use thirdring::rules::Timestamp;
use thirdring::trace::{Passage, Way, to_pcap};

use crate::fixture::{Database, MORNING, Story};
use crate::site::Office;

pub(crate) async fn timeline(database: Database) {
    let office = Office::on(&database).await;
    let supervisor = office.supervisor().await;
    let gap = RecordingGap {
        channel: 0,
        from_ms: 2_000,
        length_ms: 120,
        concealed_ms: 0,
        cause: GapCause::Lost,
    };
    let story = Story::new(1)
        .arrived()
        .ringing()
        .answered_by("1001", 7000)
        .hung_up(17_500, HangupParty::Caller)
        .ended(17_500, Outcome::Answered)
        .sealed(18_000, vec![gap])
        .store(&office.store)
        .await;
    let path = format!("/api/v1/calls/{}/timeline", story.call);
    insta::assert_json_snapshot!("timeline", supervisor.get(&path).await.json());
    office.user("li.na", &[Role::Agent], Some("1002")).await;
    office.token("li.na").await.get(&path).await.is_problem(404);
}

fn message(us: i64, way: Way, text: &str) -> Passage {
    let octets = text.replace('\n', "\r\n").into_bytes();
    let address = |text: &str| text.parse::<SocketAddr>().unwrap();
    Passage {
        at: Timestamp(us),
        way,
        local: address("192.0.2.10:5060"),
        peer: address("203.0.113.1:5060"),
        octets,
    }
}

pub(crate) async fn trace(database: Database) {
    let office = Office::on(&database).await;
    office.user("ops", &[Role::Ops], None).await;
    let ops = office.token("ops").await;
    let story = Story::new(1).arrived().ringing();
    let story = story
        .ended(9_000, Outcome::Abandoned)
        .store(&office.store)
        .await;
    let path = format!("/api/v1/calls/{}/trace", story.call);
    let nothing = ops.get(&path).await;
    assert_eq!(nothing.status, StatusCode::OK);
    assert_eq!(nothing.json()["messages"].as_array().map(Vec::len), Some(0));

    let call_id = format!("{}@192.0.2.1", story.call);
    let invite = format!(
        "INVITE sip:4001234567@192.0.2.10 SIP/2.0\nFrom: <sip:13800005678@203.0.113.1>;tag=1\n\
         To: <sip:4001234567@192.0.2.10>\nCall-ID: {call_id}\nCSeq: 1 INVITE\nContent-Length: 0\n\n"
    );
    let ringing = format!(
        "SIP/2.0 180 Ringing\nFrom: <sip:13800005678@203.0.113.1>;tag=1\n\
         To: <sip:4001234567@192.0.2.10>;tag=2\nCall-ID: {call_id}\nCSeq: 1 INVITE\nContent-Length: 0\n\n"
    );
    let foreign = invite.replace(&call_id, "somebody@else");
    let began = MORNING + 1_000_000;
    let passages = [
        message(began, Way::In, &invite),
        message(began + 1_000, Way::In, &foreign),
        message(began + 500_000, Way::In, &invite),
        message(began + 520_000, Way::Out, &ringing),
    ];
    let folder = office.recordings.path().join("trace");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("20261121T080000.000000Z.pcap"),
        to_pcap(&passages),
    )
    .unwrap();

    let shown = ops.get(&path).await;
    let json = shown.json();
    let messages = json["messages"].as_array().unwrap();
    let told = |n: usize, key: &str| messages[n][key].clone();
    assert_eq!(messages.len(), 3, "{json}");
    assert_eq!(
        (told(0, "what"), told(0, "way")),
        ("INVITE".into(), "in".into())
    );
    assert_eq!(told(1, "repeats"), 1);
    assert_eq!(
        (told(2, "what"), told(2, "way")),
        ("180 Ringing".into(), "out".into())
    );
    assert_eq!(
        (told(2, "since_ms"), told(2, "leg")),
        (520.into(), 1.into())
    );
    assert_eq!(json["peers"][0]["address"], "203.0.113.1:5060");
    assert_eq!(json["peers"][0]["name"], "trunk carrier");
    assert!(!shown.text().contains("13800005678"), "{json}");
    assert!(shown.text().contains("138****5678"), "{json}");

    let file = ops.get(&format!("{path}/pcap")).await;
    assert_eq!(file.header("content-type"), "application/vnd.tcpdump.pcap");
    let text = file.text();
    assert!(text.contains("INVITE") && text.contains("138****5678"));
    assert!(!text.contains("13800005678") && !text.contains("somebody@else"));

    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.token("li.na").await.get(&path).await.is_problem(403);
}

pub(crate) async fn health(database: Database) {
    let office = Office::on(&database).await;
    office.user("ops", &[Role::Ops], None).await;
    let ops = office.token("ops").await;
    let health = ops.get("/api/v1/health").await.json();
    assert_eq!(health["condition"], "degraded", "the worst of all");
    assert_eq!(health["signs"][0]["code"], "well");
    let disk = &health["signs"][1];
    assert_eq!(
        (&disk["name"], &disk["code"]),
        (&"recordings".into(), &"disk_low".into())
    );
    assert_eq!(disk["figures"]["free_bytes"], 7);
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office
        .token("li.na")
        .await
        .get("/api/v1/health")
        .await
        .is_problem(403);
}
