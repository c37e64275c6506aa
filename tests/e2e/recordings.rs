//! What becomes of a recording when its call has ended: measured, verified, held, handed out, copied.

use std::fs;
use std::path::Path;

use thirdring::recording::sidecars;

use crate::patience::until;
use crate::service::Service;
use crate::site::{Line, Site};
use crate::talk::{NUMBER, Talk};

/// A change of the configuration in a folder.
fn reconfigure(folder: &Path, from: &str, to: &str) {
    let file = folder.join("thirdring.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    fs::write(&file, text.replace(from, to)).unwrap();
}

/// R054, R056, R057, R188, R192: both directions are on the file, each party in its channel; what
/// was measured of them is on the row, the manifest has the file's hash, and a copy is made.
#[test]
fn a_recording_is_measured_and_copied() {
    let line = Line::new("hotline", NUMBER, &[1]);
    let site = Site::new().agent(1).line(&line);
    let copies = tempfile::tempdir().unwrap();
    let section = format!(
        "[recording.copy]\nurl = \"file://{}\"\n",
        copies.path().display()
    );
    let talk = Talk::answered(site.section(&section).start());
    talk.both_hear();
    let (service, row) = talk.end();
    let conduct = &row["recording"]["conduct"];
    for party in ["caller", "agent"] {
        let level = conduct[party]["speech_dbfs_tenths"].as_i64().unwrap();
        assert!((-400..=30).contains(&level), "{party}: {conduct:#}");
    }
    assert_eq!(conduct["agent_silences"], 0);

    let wav = service.recording_path(&row);
    let [peaks, manifest] = sidecars(&wav);
    assert!(peaks.exists());
    let said: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(manifest).unwrap()).unwrap();
    assert_eq!(said["recording"]["sha256"], row["recording"]["sha256"]);
    assert_eq!(said["call"], row["id"]);
    assert!(said["started_at"].is_string());

    let path = row["recording"]["path"].as_str().unwrap();
    let copy = copies.path().join(path);
    let bytes = until("the copy", || {
        let list = service.command(&["recordings", "list", "--json"]).1;
        let list: serde_json::Value = serde_json::from_str(&list).unwrap();
        list[0]["copied_at"]
            .is_i64()
            .then(|| fs::read(&copy).unwrap())
    });
    assert!(bytes == fs::read(&wav).unwrap());
    let (rebuilt, said) = service.command(&["rebuild"]);
    assert!(rebuilt.success() && said.contains(" 0 put right"), "{said}");
    service.stop();
}

/// R192: a bit that has flipped is found by the service itself: an error in the log, and a metric
/// that an alert looks at. The control: before it flipped nothing was at fault.
#[test]
fn the_service_finds_what_is_damaged() {
    let line = Line::new("hotline", NUMBER, &[1]);
    let (folder, network) = Site::new().agent(1).line(&line).write();
    let (key, never) = ("[recording]\n", "[recording]\nverify_per_day = 0\n");
    reconfigure(folder.path(), key, never);
    let mut talk = Talk::answered(Service::start(folder, network));
    talk.both_hear();
    talk.tones.clear();
    talk.caller.bye();
    talk.agent.expect_bye();
    let row = talk.service.only_call();
    let wav = talk.service.recording_path(&row);
    let fault = "thirdring_recording_faults{state=\"damaged\"}";
    let found = talk.service.metrics().get(fault).copied();
    assert!(found.is_none_or(|count| count < 0.5), "{found:?}");

    let often = "[recording]\nverify_per_day = 8640000\n";
    reconfigure(talk.service.folder(), never, often);
    let service = &mut talk.service;
    service.crash_and_restart_after(|| {
        let mut bytes = fs::read(&wav).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&wav, bytes).unwrap();
    });
    until("the damage to be found", || {
        (service.metrics().get(fault)? > &0.5).then_some(())
    });
    assert!(service.log().contains("recording_damaged"));
    let (listed, said) = service.command(&["recordings", "list", "--state", "damaged"]);
    assert!(listed.success());
    assert!(said.contains(row["id"].as_str().unwrap()), "{said}");
}

/// R191, R193: what is held cannot be deleted, and who has taken it out is known.
#[test]
fn a_recording_is_held_and_handed_out() {
    let (service, row) = Talk::start().end();
    let id = row["id"].as_str().unwrap();
    let reason = ["--reason", "complaint 7", "--user", "li"];
    let run = |arguments: &[&str]| service.command(&[&["recordings"], arguments].concat());
    let (held, said) = run(&[&["hold", id][..], &reason].concat());
    assert!(held.success(), "{said}");
    let (purged, said) = run(&[&["purge", id][..], &reason].concat());
    assert!(!purged.success() && said.contains("held"), "{said}");

    let to = service.folder().join("copy.wav");
    let target = to.display().to_string();
    let export = ["export", id, "--to", &target, "--user", "li", "--purpose"];
    let (exported, _) = run(&[&export[..], &[" "]].concat());
    assert!(!exported.success() && !to.exists(), "a purpose is needed");
    let (exported, said) = run(&[&export[..], &["complaint 7"]].concat());
    assert!(exported.success(), "{said}");
    assert!(fs::read(&to).unwrap() == fs::read(service.recording_path(&row)).unwrap());
    let (_, audit) = run(&["audit", id, "--json"]);
    let audit: serde_json::Value = serde_json::from_str(&audit).unwrap();
    assert_eq!(audit[1]["action"], "recording.export");
    assert_eq!(audit[1]["actor"], "li");
    assert_eq!(audit[1]["purpose"], "complaint 7");
    service.stop();
}
