//! SIGTERM, or a crash, while somebody talks.

use serde_json::Value;

use crate::peer::Peer;
use crate::service::Service;
use crate::site::{Line, Site};
use crate::talk::{NUMBER, Talk};

fn talk_with_grace(grace: &'static str) -> Talk {
    let line = Line::new("hotline", NUMBER, &[1]);
    let service = Site::new().agent(1).line(&line).grace(grace).start();
    let talk = Talk::answered(service);
    talk.both_hear();
    talk
}

/// A call that is up may go on to its end; no other begins.
#[test]
fn a_talk_may_end_by_itself_within_the_grace_time() {
    let mut talk = talk_with_grace("60s");
    talk.service.terminate();
    crate::patience::until("the service to stop accepting", || {
        talk.service.get("/readyz").is_none().then_some(())
    });
    let network = talk.service.network();
    let mut late = Peer::new(network.caller(2), network);
    late.dial(NUMBER, late.plain());
    let refusal = late.expect_refusal(503);
    late.ack_refusal(&refusal);
    talk.both_hear();

    talk.tones.clear();
    talk.caller.bye();
    talk.agent.expect_bye();
    talk.service.wait_for_exit();
    let rows = sealed_rows(&talk.service);
    let outcomes: Vec<_> = rows.iter().map(|row| row["outcome"].as_str()).collect();
    assert!(outcomes.contains(&Some("answered")), "{outcomes:?}");
}

/// Both sides are told, the file is sealed, the row says why.
#[test]
fn a_talk_that_outlasts_the_grace_time_is_ended_and_sealed() {
    let mut talk = talk_with_grace("1s");
    talk.service.terminate();
    talk.caller.expect_bye();
    talk.agent.expect_bye();
    talk.service.wait_for_exit();
    let rows = sealed_rows(&talk.service);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["outcome"], "interrupted");
    assert_eq!(rows[0]["hangup_party"], "system");
    let wav = talk.service.recording(&rows[0]);
    let talk_ms = rows[0]["talk_ms"].as_u64().unwrap();
    assert!(
        wav.length_ms().abs_diff(talk_ms) <= 100,
        "{} of {talk_ms} ms",
        wav.length_ms()
    );
}

/// R009, R192: what a crash cuts off is not lost: its row says so, and its recording, repaired, is
/// sealed with its hash.
#[test]
fn a_talk_cut_off_by_a_crash_keeps_its_row_and_its_recording() {
    let mut talk = talk_with_grace("1s");
    talk.both_hear();
    talk.service.crash_and_restart();
    let rows = sealed_rows(&talk.service);
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row["outcome"], "interrupted");
    assert_eq!(row["hangup_party"], "system");
    assert!(row["talk_ms"].is_u64(), "{row:#}");
    assert!(row["recording"]["sha256"].is_string(), "{row:#}");
    let wav = talk.service.recording(row);
    assert!(wav.length_ms() > 0, "nothing was recorded");
    assert_eq!(row["recording"]["duration_ms"], wav.length_ms());
}

/// The rows of a service that has stopped; no recording is left unfinished.
fn sealed_rows(service: &Service) -> Vec<Value> {
    let rows = service.calls();
    for row in rows.iter().filter(|row| !row["answered_at"].is_null()) {
        let path = service.recording_path(row);
        assert!(path.exists(), "{}", path.display());
        let mut part = path.into_os_string();
        part.push(".part");
        let part = std::path::PathBuf::from(part);
        assert!(!part.exists(), "{}", part.display());
    }
    rows
}
