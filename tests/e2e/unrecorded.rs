//! A crash between the last rename of a recording and its row: the next start finds the file.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sqlx::{Connection, Executor};
use thirdring::recording::sidecars;

use crate::patience::until;
use crate::service::Service;
use crate::site::{Line, Site};
use crate::talk::{NUMBER, Talk};

/// The finished recordings below a folder.
fn finished(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            finished(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "wav") {
            found.push(path);
        }
    }
}

/// A recorded call is over and its file is finished, and while nothing of that can be written down
/// the service is killed. What `meanwhile` does with the file is found at the next start.
fn cut_off(meanwhile: impl FnOnce(&Path)) -> (Service, Value, PathBuf) {
    let line = Line::new("hotline", NUMBER, &[1]);
    let site = Site::new().agent(1).line(&line).without_journal();
    let mut talk = Talk::answered(site.start());
    talk.both_hear();
    talk.tones.clear();
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    let url = format!("sqlite:{}", talk.service.folder().join("log.db").display());
    let mut lock = runtime.block_on(async {
        let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
        connection.execute("begin exclusive").await.unwrap();
        connection
    });
    talk.caller.bye();
    talk.agent.expect_bye();
    let recordings = talk.service.folder().join("recordings");
    let wav = until("the recording to be finished", || {
        let mut found = Vec::new();
        finished(&recordings, &mut found);
        found.pop()
    });
    let mut service = talk.service;
    service.crash_and_restart_after(|| {
        runtime.block_on(lock.execute("rollback")).unwrap();
        drop(lock);
        meanwhile(&wav);
    });
    let rows = service.calls();
    assert_eq!(rows.len(), 1);
    let row = service.show(rows[0]["id"].as_str().unwrap());
    assert_eq!(
        row["outcome"], "interrupted",
        "nothing of its end was in the log"
    );
    (service, row, wav)
}

fn sealed_events(row: &Value) -> usize {
    let events = row["events"].as_array().unwrap().iter();
    events
        .filter(|event| event["kind"] == "recording_sealed")
        .count()
}

/// R192, threat: kill -9 between a recording's last rename and its row. The row has the recording
/// after the next start, as its manifest has it, once, however often the service is started again.
#[test]
fn a_finished_recording_has_its_row_after_a_crash() {
    let (mut service, row, wav) = cut_off(|_| {});
    let [_, manifest] = sidecars(&wav);
    let manifest: Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
    for key in ["path", "sha256", "size_bytes"] {
        assert_eq!(row["recording"][key], manifest["recording"][key], "{key}");
    }
    assert_eq!(row["recording"]["conduct"], manifest["conduct"]);
    assert_eq!(service.recording_path(&row), wav);
    assert_eq!(sealed_events(&row), 1, "{row:#}");
    service.crash_and_restart();
    let again = service.show(row["id"].as_str().unwrap());
    assert_eq!(sealed_events(&again), 1, "{again:#}");
    let (verified, said) = service.command(&["recordings", "verify", row["id"].as_str().unwrap()]);
    assert!(verified.success(), "{said}");
    let (rebuilt, said) = service.command(&["rebuild"]);
    assert!(rebuilt.success() && said.contains(" 0 put right"), "{said}");
    service.stop();
}

/// R192: its manifest is lost as well: the file is sealed again, from what is on it.
#[test]
fn a_finished_recording_without_a_manifest_is_sealed_again() {
    let (service, row, wav) = cut_off(|wav| {
        let [_, manifest] = sidecars(wav);
        fs::remove_file(manifest).unwrap();
    });
    assert_eq!(
        row["recording"]["size_bytes"],
        fs::metadata(&wav).unwrap().len()
    );
    assert!(sidecars(&wav).iter().all(|file| file.exists()));
    let (verified, said) = service.command(&["recordings", "verify", row["id"].as_str().unwrap()]);
    assert!(verified.success(), "{said}");
}

/// The control: where the next start finds no file, the row has no recording.
#[test]
fn a_row_whose_file_is_not_found_has_no_recording() {
    let (_service, row, _) = cut_off(|wav| {
        fs::remove_file(wav).unwrap();
        // What it was made of goes with it.
        let recordings = wav.ancestors().nth(4).unwrap();
        fs::remove_dir_all(recordings.join(".journal")).unwrap();
    });
    assert!(row["recording"].is_null(), "{row:#}");
    assert_eq!(sealed_events(&row), 0);
}
