//! Threat: power cut. The service writes to a file system whose disk is a file that can be copied
//! in an instant, as it is; what the kernel has not written back is not in the copy.
//! `THIRDRING_CUTS` says how many copies; 5 without it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tempfile::TempDir;

use crate::alone;
use crate::calls::{Calls, missing, row_of, site};
use crate::loopback::Network;
use crate::marked::Heard;
use crate::mount::{Mount, memory, run};
use crate::patience::until;
use crate::service::Service;
use crate::shim::{Disk, Shim};

const CALLS: u8 = 4;
/// The promise.
const MOST_LOST: Duration = Duration::from_secs(1);
/// Packets heard before a cut: longer than what may be lost.
const AT_LEAST: usize = 75;

/// A disk that can be copied, and the service that writes to it.
struct Machine {
    // In this order: the inner disk lies on the outer one, which lies in the folder.
    service: Service,
    inner: Mount,
    outer: Mount,
    folder: TempDir,
}

/// The disk at one moment, and what the peers had heard by then.
struct Cut {
    image: PathBuf,
    heard: Vec<Heard>,
}

impl Machine {
    fn start(shim: Option<&Shim>) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("thirdring-power-")
            .tempdir_in(memory())
            .unwrap();
        let at = |name| folder.path().join(name);
        let outer = Mount::make("xfs", &at("outer.img"), 1024, &at("outer"));
        let image = outer.place().join("inner.img");
        let inner = Mount::make("ext4", &image, 256, &at("inner"));
        let (written, network) = site(CALLS, &[]).write();
        let home = tempfile::tempdir_in(inner.place()).unwrap();
        copy_configuration(written.path(), home.path(), |toml| toml);
        let environment = shim.map(Shim::environment).unwrap_or_default();
        let service = Service::start_with(home, network, environment);
        // What there is before the calls is on the disk, be it an honest one or not.
        run("sync", &["-f"], &[inner.place()]);
        Self {
            service,
            inner,
            outer,
            folder,
        }
    }

    fn cut(&self, number: u32, heard: Vec<Heard>) -> Cut {
        let image = self.outer.place().join(format!("cut-{number}.img"));
        let inner = self.outer.place().join("inner.img");
        run("cp", &["--reflink=always"], &[&inner, &image]);
        Cut { image, heard }
    }

    /// What the service makes of a cut when it starts on it: for each channel of each call the
    /// audio lost, or nothing if there is no row or no recording.
    fn recover(&self, cut: &Cut) -> Vec<Option<Duration>> {
        let place = self.folder.path().join("cut");
        let disk = Mount::image(&cut.image, &place);
        let home = disk
            .place()
            .join(self.service.folder().file_name().unwrap());
        let network = Network::claim();
        let (old, new) = (prefix(self.service.network()), prefix(&network));
        let own = tempfile::tempdir_in(disk.place()).unwrap();
        for entry in std::fs::read_dir(&home).unwrap() {
            let path = entry.unwrap().path();
            std::fs::rename(&path, own.path().join(path.file_name().unwrap())).unwrap();
        }
        let readdressed = |toml: String| toml.replace(&old, &new);
        copy_configuration(self.service.folder(), own.path(), readdressed);
        let service = Service::start(own, network);
        let rows = until("the rows to be complete", || {
            let rows = service.calls();
            let ended = rows.iter().all(|row| !row["outcome"].is_null());
            ended.then_some(rows)
        });
        let mut lost = Vec::new();
        for (n, heard) in (1..=CALLS).zip(cut.heard.chunks(2)) {
            let is_there = rows.iter().any(|row| row["line"] == format!("line-{n}"));
            let row = is_there.then(|| row_of(&rows, n));
            let Some(row) = row.filter(|row| !row["recording"].is_null()) else {
                lost.extend([None, None]);
                continue;
            };
            let path = service.recording_path(row);
            let missing = missing(&path, &heard[0], &heard[1]);
            assert!(missing.iter().all(|it| it.middle == 0), "{missing:?}");
            lost.extend(missing.map(|missing| Some(missing.end)));
        }
        service.stop();
        lost
    }
}

/// The configuration, changed.
fn copy_configuration(from: &Path, to: &Path, change: impl FnOnce(String) -> String) {
    let name = "thirdring.toml";
    let toml = std::fs::read_to_string(from.join(name)).unwrap();
    std::fs::write(to.join(name), change(toml)).unwrap();
}

/// `127.64.0.`
fn prefix(network: &Network) -> String {
    let [a, b, c, _] = network.service().octets();
    format!("{a}.{b}.{c}.")
}

/// Threat: power cut. At random moments of running calls the disk holds all but the last second of
/// each call, and each call's row.
#[test]
fn a_power_cut_loses_a_second_at_most_and_no_row() {
    let _alone = alone();
    let cuts: u32 = std::env::var("THIRDRING_CUTS").map_or(5, |cuts| cuts.parse().unwrap());
    let machine = Machine::start(None);
    let (calls, voices) = Calls::talk(&machine.service, CALLS);
    voices.wait_for(AT_LEAST);
    let mut rng = StdRng::seed_from_u64(1);
    let mut most = Duration::ZERO;
    for number in 1..=cuts {
        voices.wait_for(rng.random_range(5..60));
        let cut = machine.cut(number, voices.heard());
        for lost in machine.recover(&cut) {
            let lost = lost.expect("a row with its recording");
            assert!(lost <= MOST_LOST, "cut {number}: {lost:?}");
            most = most.max(lost);
        }
        std::fs::remove_file(&cut.image).unwrap();
    }
    drop(voices.finish());
    calls.hang_up();
    eprintln!("{cuts} cuts: at most {most:?} lost");
}

/// The control: where the disk says that things are safe and they are not, the same check sees it.
#[test]
fn a_disk_that_lies_loses_more() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let shim = Shim::make(folder.path(), Path::new("/nothing"));
    shim.set(Disk::Lies);
    let machine = Machine::start(Some(&shim));
    let (calls, voices) = Calls::talk(&machine.service, CALLS);
    voices.wait_for(AT_LEAST);
    let cut = machine.cut(1, voices.heard());
    let lost = machine.recover(&cut);
    let is_seen = |lost: &Option<Duration>| lost.is_none_or(|lost| lost > MOST_LOST);
    assert!(lost.iter().any(is_seen), "{lost:?}");
    drop(voices.finish());
    calls.hang_up();
}
