//! Threat: EIO, a disk that can only be read, one that hangs, a folder that is gone.

use std::path::PathBuf;

use crate::alone;
use crate::calls::{Calls, connect, is_rung, missing, number, pair, row_of, site};
use crate::marked::Voices;
use crate::patience::until;
use crate::service::Service;
use crate::shim::{Disk, Shim};

const EIO: i32 = 5;
const EROFS: i32 = 30;

/// The service on a disk that can fall ill.
fn start(calls: u8, recording: &str) -> (Service, Shim) {
    let (folder, network) = site(calls, &[]).recording(recording).write();
    let shim = Shim::make(folder.path(), &folder.path().join("recordings"));
    let environment = shim.environment();
    (Service::start_with(folder, network, environment), shim)
}

fn faults(service: &Service) -> f64 {
    service.metric("thirdring_recorder_faults_total")
}

fn is_ready(service: &Service) -> bool {
    service.get("/readyz").is_some()
}

/// Threat: EIO, read-only remount. A disk that refuses everything for a while costs nothing where
/// there is a spool: no audio, and no packet on its way.
#[test]
fn a_disk_that_fails_for_a_while_costs_nothing_where_there_is_a_spool() {
    let _alone = alone();
    for error in [EIO, EROFS] {
        let (service, shim) = start(2, "reserve = \"0\"\nspool = \"spool\"\n");
        let (calls, voices) = Calls::talk(&service, 2);
        assert!(faults(&service) < 1.0);
        shim.set(Disk::Fails(error));
        until("the disk's failure to be seen", || {
            (faults(&service) >= 2.0).then_some(())
        });
        voices.wait_for(30);
        let (heard, sent) = voices.finish();
        calls.hang_up();
        let before = faults(&service);
        until("the sealing to fail", || {
            (faults(&service) > before).then_some(())
        });
        shim.set(Disk::Well);
        let rows = service.ended(2);
        for (n, heard) in (1..=2).zip(heard.chunks(2)) {
            let row = row_of(&rows, n);
            for missing in missing(&service.recording_path(row), &heard[0], &heard[1]) {
                assert_eq!((missing.middle, missing.end.as_millis()), (0, 0), "{row:#}");
            }
        }
        for (end, heard) in heard.iter().enumerate() {
            assert_eq!(u32::try_from(heard.count()).unwrap(), sent[end ^ 1]);
        }
        service.stop();
    }
}

/// Threat: hanging disk. The voices go on; what does not fit is a gap of cause `overflow`; the
/// service says that it is not ready and takes no call; when the disk is back, all is well.
#[test]
fn a_disk_that_hangs_harms_no_call_and_stops_new_ones() {
    let _alone = alone();
    let (service, shim) = start(2, "reserve = \"0\"\n");
    let (calls, voices) = Calls::talk(&service, 1);
    assert!(is_ready(&service));
    shim.set(Disk::Hangs);
    until("the service to be unready", || {
        (!is_ready(&service)).then_some(())
    });
    let (mut caller, mut desk) = pair(&service, 2);
    caller.dial(&number(2), caller.plain());
    assert_eq!(caller.first_word(), 480);
    assert!(
        !is_rung(&mut desk),
        "a phone was rung for a call that cannot be recorded"
    );
    shim.set(Disk::Well);
    until("the service to be ready", || {
        is_ready(&service).then_some(())
    });
    drop(desk);
    drop(caller);

    voices.wait_for(20);
    let (mut caller, mut agent) = pair(&service, 2);
    let others = Voices::start(vec![connect(&mut caller, &mut agent, 2)]);
    others.wait_for(20);
    let (heard_by_others, _) = others.finish();
    caller.bye();
    agent.expect_bye();
    let (heard, sent) = voices.finish();
    for (end, heard) in heard.iter().enumerate() {
        assert_eq!(u32::try_from(heard.count()).unwrap(), sent[end ^ 1]);
    }
    calls.hang_up();
    let rows = service.ended(3);
    let row = row_of(&rows, 1);
    let gaps = row["recording"]["gaps"].as_array().unwrap();
    assert!(gaps.iter().any(|gap| gap["cause"] == "overflow"), "{row:#}");
    let answered =
        |row: &&serde_json::Value| row["line"] == "line-2" && row["outcome"] == "answered";
    let row = rows.iter().find(answered).expect("the call after it");
    let path = service.recording_path(row);
    for missing in missing(&path, &heard_by_others[0], &heard_by_others[1]) {
        assert_eq!((missing.middle, missing.end.as_millis()), (0, 0), "{row:#}");
    }
    service.stop();
}

/// The control: while the disk is well, the service is ready and the same call is taken.
#[test]
fn a_disk_that_is_well_leaves_no_gap() {
    let _alone = alone();
    let (service, _shim) = start(1, "reserve = \"0\"\n");
    let (calls, voices) = Calls::talk(&service, 1);
    voices.wait_for(50);
    assert!(is_ready(&service));
    assert!(faults(&service) < 1.0);
    drop(voices.finish());
    calls.hang_up();
    let row = service.only_call();
    let gaps = row["recording"]["gaps"].as_array().unwrap();
    assert!(gaps.iter().all(|gap| gap["cause"] != "overflow"), "{row:#}");
    // What is sealed needs no journal.
    let journal = service.folder().join("recordings/.journal");
    until("the journal to be empty", || {
        (std::fs::read_dir(&journal).unwrap().count() == 0).then_some(())
    });
    service.stop();
}

/// Threat: missing folder. No call is taken while the recordings' folder is gone; none is answered
/// without a recording.
#[test]
fn without_its_folder_the_service_takes_no_call() {
    let _alone = alone();
    let (service, _shim) = start(1, "reserve = \"0\"\n");
    let folder = service.folder().join("recordings");
    let aside: PathBuf = service.folder().join("aside");
    std::fs::rename(&folder, &aside).unwrap();
    let (mut caller, mut desk) = pair(&service, 1);
    caller.dial(&number(1), caller.plain());
    assert_eq!(caller.first_word(), 480);
    assert!(!is_rung(&mut desk));
    let row = service.only_call();
    let reason = row["recording_failure"].as_str().unwrap();
    assert!(reason.contains("folder is gone"), "{reason}");
    drop((caller, desk));
    std::fs::rename(&aside, &folder).unwrap();
    until("a call to be taken", || {
        let (mut caller, _desk) = pair(&service, 1);
        caller.dial(&number(1), caller.plain());
        let is_taken = caller.first_word() < 300;
        if is_taken {
            caller.cancel();
        }
        is_taken.then_some(())
    });
    service.stop();
}
