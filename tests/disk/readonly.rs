//! Threat: read-only remount, the real thing: ext4 gives up its journal, as it does when a disk fails
//! it, and from then on refuses every write.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::alone;
use crate::calls::{Calls, missing, row_of, site};
use crate::mount::{Mount, memory};
use crate::patience::until;
use crate::service::Service;

/// What was in the kernel's hands only when the file system gave up: the promise for a power cut.
const MOST_PACKETS: usize = 50;

/// A service whose recordings have a disk of their own.
struct Machine {
    // In this order: the disk lies in the folder.
    service: Service,
    disk: Option<Mount>,
    image: PathBuf,
    _memory: TempDir,
}

impl Machine {
    fn start(calls: u8, recording: &str) -> Self {
        let memory = tempfile::Builder::new()
            .prefix("thirdring-readonly-")
            .tempdir_in(memory())
            .unwrap();
        let image = memory.path().join("disk.img");
        let (folder, network) = site(calls, &[]).recording(recording).write();
        let disk = Mount::make("ext4", &image, 64, &folder.path().join("recordings"));
        Self {
            service: Service::start(folder, network),
            disk: Some(disk),
            image,
            _memory: memory,
        }
    }

    fn faults(&self) -> f64 {
        self.service.metric("thirdring_recorder_faults_total")
    }

    /// Somebody makes the disk writable again and starts the service.
    fn mend(&mut self) {
        let Self {
            service,
            disk,
            image,
            ..
        } = self;
        let place = service.folder().join("recordings");
        service.crash_and_restart_after(|| {
            drop(disk.take());
            *disk = Some(mounted_again(image, &place));
        });
    }
}

/// The loop device of the old mount goes when the kernel has let go of it.
fn mounted_again(image: &Path, place: &Path) -> Mount {
    until("the old disk to be gone", || {
        let mounts = std::fs::read_to_string("/proc/mounts").unwrap();
        let place = place.display().to_string();
        (!mounts.contains(&place)).then_some(())
    });
    Mount::image(image, place)
}

/// Calls that run go on, in the second spool; nothing of what came after the remount is missing, and
/// no voice is held up. What could not be sealed is, once the disk can be written again.
#[test]
fn a_disk_that_turns_read_only_under_running_calls() {
    let _alone = alone();
    let mut machine = Machine::start(2, "reserve = \"0\"\nspool = \"spool\"\n");
    let (calls, voices) = Calls::talk(&machine.service, 2);
    voices.wait_for(100);
    assert!(machine.faults() < 1.0, "the control: it is a good disk");
    machine.disk.as_ref().unwrap().refuse_writes();
    until("the remount to be seen", || {
        (machine.faults() >= 2.0).then_some(())
    });
    voices.wait_for(50);
    let (heard, sent) = voices.finish();
    calls.hang_up();
    for (end, heard) in heard.iter().enumerate() {
        assert_eq!(u32::try_from(heard.count()).unwrap(), sent[end ^ 1]);
    }
    let before = machine.faults();
    until("the sealing to fail", || {
        (machine.faults() > before).then_some(())
    });
    until("the calls to have ended", || {
        let rows = machine.service.calls();
        let has_ended = |row: &serde_json::Value| row["outcome"] == "answered";
        rows.iter().all(has_ended).then_some(())
    });

    machine.mend();
    let rows = until("the recordings", || {
        let rows = machine.service.calls();
        rows.iter()
            .all(|row| !row["recording"].is_null())
            .then_some(rows)
    });
    for (n, heard) in (1..=2).zip(heard.chunks(2)) {
        let row = row_of(&rows, n);
        for missing in missing(&machine.service.recording_path(row), &heard[0], &heard[1]) {
            assert!(missing.middle <= MOST_PACKETS, "{missing:?} in {row:#}");
            assert_eq!(missing.end, Duration::ZERO, "{missing:?} in {row:#}");
        }
    }
    let spool = machine.service.folder().join("spool");
    assert_eq!(std::fs::read_dir(spool).unwrap().count(), 0);
    let Machine { service, disk, .. } = machine;
    service.stop();
    drop(disk);
}
