//! Threat: disk full. The recordings' folder is a small disk of its own.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::alone;
use crate::calls::{Calls, connect, is_rung, missing, number, pair, row_of, site};
use crate::marked::Voices;
use crate::mount::Mount;
use crate::patience::until;
use crate::peer::Peer;
use crate::service::Service;

/// The service, and the disk under its recordings.
struct Site {
    service: Service,
    _disk: Mount,
    recordings: PathBuf,
}

impl Site {
    fn start(calls: u8, megabytes: u32, recording: &str, line: &[(&str, &str)]) -> Self {
        let (folder, network) = site(calls, line).recording(recording).write();
        let recordings = folder.path().join("recordings");
        let disk = Mount::memory(&recordings, &format!("{megabytes}m"));
        Self {
            service: Service::start(folder, network),
            _disk: disk,
            recordings,
        }
    }

    fn ballast(&self) -> PathBuf {
        self.recordings.join("ballast")
    }

    /// Fills the disk until so many bytes are left.
    fn fill(&self, left: u64) {
        let disk = bytes_free(&self.recordings);
        let mut ballast = File::create(self.ballast()).unwrap();
        let mut size = disk.saturating_sub(left);
        let block = vec![0; 64 * 1024];
        while size > 0 {
            let part = size.min(block.len() as u64);
            let written = ballast.write(&block[..usize::try_from(part).unwrap()]);
            match written {
                Ok(count) => size -= count as u64,
                Err(_) => return, // full
            }
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    fn faults(&self, place: &str) -> f64 {
        let name = format!("thirdring_recorder_faults_total{{place=\"{place}\"}}");
        self.service.metrics().get(&name).copied().unwrap_or(0.0)
    }
}

/// Bytes free, as `df` says.
fn bytes_free(folder: &Path) -> u64 {
    let output = Command::new("df")
        .args(["--output=avail", "-B1"])
        .arg(folder)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().last().unwrap().trim().parse().unwrap()
}

/// Threat: disk full. Under the reserve a new call is refused before it is answered and rings
/// nobody; one that runs is recorded to its end; with room again, calls are taken again.
#[test]
fn under_the_reserve_no_call_is_taken_and_running_ones_are_recorded_to_their_end() {
    let _alone = alone();
    let site = Site::start(2, 64, "reserve = \"16MiB\"\n", &[]);
    let (mut caller, mut agent) = pair(&site.service, 1);
    let voices = Voices::start(vec![connect(&mut caller, &mut agent, 1)]);
    voices.wait_for(5);
    site.fill(8 << 20);
    let (mut second, desk) = pair(&site.service, 2);
    until("a call to be refused", || {
        second.dial(&number(2), second.plain());
        let is_refused = second.first_word() >= 300;
        if !is_refused {
            second.cancel(); // the service looks at its disk once a second
        }
        is_refused.then_some(())
    });
    drop(desk);
    let mut desk = Peer::deaf(site.service.network().agent(2), site.service.network());
    second.dial(&number(2), second.plain());
    assert_eq!(second.first_word(), 480);
    assert!(
        !is_rung(&mut desk),
        "a phone was rung for a call that cannot be recorded"
    );
    voices.wait_for(20);
    let (heard, sent) = voices.finish();
    caller.bye();
    agent.expect_bye();

    site.make_room();
    until("a call to be taken again", || {
        second.dial(&number(2), second.plain());
        (second.first_word() < 300).then_some(())
    });
    second.cancel();
    let rows = site.service.calls();
    let refused = |row: &&serde_json::Value| row["outcome"] == "recording_unavailable";
    let row = rows
        .iter()
        .find(refused)
        .expect("the row of a refused call");
    let reason = row["recording_failure"].as_str().unwrap();
    assert!(reason.contains("reserve"), "{reason}");
    assert!(row["answered_at"].is_null(), "{row:#}");
    let row = until("the first call's row", || {
        let rows = site.service.calls();
        let row = row_of(&rows, 1).clone();
        (!row["recording"].is_null()).then_some(row)
    });
    let path = site.service.recording_path(&row);
    for missing in missing(&path, &heard[0], &heard[1]) {
        assert_eq!((missing.middle, missing.end.as_millis()), (0, 0), "{row:#}");
    }
    assert_eq!(u32::try_from(heard[0].count()).unwrap(), sent[1]);
    site.service.stop();
}

/// The control: without a reserve the same disk takes the call.
#[test]
fn without_a_reserve_the_call_is_taken() {
    let _alone = alone();
    let site = Site::start(1, 64, "reserve = \"0\"\n", &[]);
    site.fill(8 << 20);
    let (calls, voices) = Calls::talk(&site.service, 1);
    drop(voices.finish());
    calls.hang_up();
    site.service.stop();
}

/// Threat: disk full. What no longer fits goes on in the second spool, and is joined when the
/// call ends: nothing is missing, and no packet was lost on the way.
#[test]
fn a_disk_that_fills_during_a_call_costs_nothing_where_there_is_a_spool() {
    let _alone = alone();
    let keys = "reserve = \"0\"\nspool = \"spool\"\n";
    let site = Site::start(2, 16, keys, &[]);
    let (calls, voices) = Calls::talk(&site.service, 2);
    site.fill(0);
    until("the disk to be full", || {
        (site.faults("file") >= 2.0).then_some(())
    });
    voices.wait_for(30);
    site.make_room();
    let (heard, sent) = voices.finish();
    calls.hang_up();
    let rows = site.service.ended(2);
    for (n, heard) in (1..=2).zip(heard.chunks(2)) {
        let row = row_of(&rows, n);
        let path = site.service.recording_path(row);
        for missing in missing(&path, &heard[0], &heard[1]) {
            assert_eq!((missing.middle, missing.end.as_millis()), (0, 0), "{row:#}");
        }
    }
    for (end, heard) in heard.iter().enumerate() {
        assert_eq!(u32::try_from(heard.count()).unwrap(), sent[end ^ 1]);
    }
    assert!(site.faults("spool") < 1.0);
    let spool = site.service.folder().join("spool");
    until("the spool to be empty", || {
        (std::fs::read_dir(&spool).unwrap().count() == 0).then_some(())
    });
    site.service.stop();
}

/// Threat: disk full. Without a spool a call that must be recorded ends, and its row says why; one
/// that had better be goes on, and its row says what is missing.
#[test]
fn without_a_spool_the_lines_policy_decides() {
    let _alone = alone();
    for (policy, goes_on) in [("\"required\"", false), ("\"preferred\"", true)] {
        let site = Site::start(1, 16, "reserve = \"0\"\n", &[("record", policy)]);
        let (mut calls, voices) = Calls::talk(&site.service, 1);
        site.fill(0);
        until("the disk to be full", || {
            (site.faults("file") >= 1.0).then_some(())
        });
        if goes_on {
            voices.wait_for(20);
            calls.hang_up();
        } else {
            calls.callers[0].expect_bye();
            calls.agents[0].expect_bye();
        }
        drop(voices.finish());
        let row = site.service.only_call();
        assert!(row["recording_failure"].is_string(), "{row:#}");
        assert_eq!(row["outcome"], "answered");
        let party = if goes_on { "caller" } else { "system" };
        assert_eq!(row["hangup_party"], party, "{row:#}");
        site.make_room();
        site.service.stop();
    }
}

/// Threat: disk full. A recording that is handed out to a full disk: the command says so, and no half
/// of it stays; that somebody wanted it stands in the audit all the same (R191). The control: where
/// there is room, it is there.
#[test]
fn an_export_to_a_full_disk_is_refused_and_leaves_nothing() {
    let _alone = alone();
    let site = Site::start(1, 64, "reserve = \"0\"\n", &[]);
    let (calls, voices) = Calls::talk(&site.service, 1);
    voices.wait_for(60);
    drop(voices.finish());
    calls.hang_up();
    let row = site.service.only_call();
    let id = row["id"].as_str().unwrap();
    assert!(row["recording"]["size_bytes"].as_u64() > Some(32_000));
    let small = Mount::memory(&site.service.folder().join("stick"), "16k");
    let export = |to: &Path| {
        let to = to.display().to_string();
        let what = [
            "recordings",
            "export",
            id,
            "--purpose",
            "complaint 7",
            "--user",
            "li",
        ];
        site.service.command(&[&what[..], &["--to", &to]].concat())
    };
    let to = small.place().join("evidence.wav");
    let (exported, said) = export(&to);
    assert!(!exported.success(), "{said}");
    assert!(
        said.contains("evidence.wav: No space left on device"),
        "{said}"
    );
    assert_eq!(std::fs::read_dir(small.place()).unwrap().count(), 0);

    let to = site.service.folder().join("evidence.wav");
    let (exported, said) = export(&to);
    assert!(exported.success(), "{said}");
    let recording = std::fs::read(site.service.recording_path(&row)).unwrap();
    assert!(std::fs::read(&to).unwrap() == recording);
    let (_, audit) = site.service.command(&["recordings", "audit", id, "--json"]);
    let audit: serde_json::Value = serde_json::from_str(&audit).unwrap();
    let actions = audit.as_array().unwrap().iter().map(|row| &row["action"]);
    let exports = actions.filter(|action| **action == "recording.export");
    assert_eq!(exports.count(), 2, "{audit:#}");
    drop(small);
    site.service.stop();
}
