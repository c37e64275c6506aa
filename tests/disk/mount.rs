//! Small disks of a test's own, on files in memory; everything is unmounted when it is dropped.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A mounted file system.
pub(crate) struct Mount {
    place: PathBuf,
}

impl Mount {
    /// A disk in memory of this size, such as `16m`.
    pub(crate) fn memory(place: &Path, size: &str) -> Self {
        std::fs::create_dir_all(place).unwrap();
        let size = format!("size={size},mode=700");
        run(
            "mount",
            &["-t", "tmpfs", "-o", &size, "thirdring-test"],
            &[place],
        );
        Self {
            place: place.to_owned(),
        }
    }

    /// A new file system of this kind (`mkfs.KIND`) on a file of so many MiB.
    pub(crate) fn make(kind: &str, image: &Path, mebibytes: u64, place: &Path) -> Self {
        let file = std::fs::File::create_new(image).unwrap();
        file.set_len(mebibytes << 20).unwrap();
        run(&format!("mkfs.{kind}"), &["-q"], &[image]);
        Self::image(image, place)
    }

    /// The file system in a file.
    pub(crate) fn image(image: &Path, place: &Path) -> Self {
        std::fs::create_dir_all(place).unwrap();
        run("mount", &["-o", "loop"], &[image, place]);
        Self {
            place: place.to_owned(),
        }
    }

    /// ext4 gives up its journal and takes no more writes, open files or not: what a disk's failure
    /// makes of it. It can be mounted anew, not mended.
    pub(crate) fn refuse_writes(&self) {
        run("mount", &["-o", "remount,abort"], &[&self.place]);
        let refused = std::fs::write(self.place.join("proof"), "x").unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ReadOnlyFilesystem);
    }

    pub(crate) fn place(&self) -> &Path {
        &self.place
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Also when a test has failed and somebody is still in there; the loop device goes with it.
        let unmounted = Command::new("umount").arg("-l").arg(&self.place).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            eprintln!("{} is still mounted", self.place.display());
        }
    }
}

pub(crate) fn run(program: &str, arguments: &[&str], files: &[&Path]) {
    let files = files.iter().map(|file| file.as_os_str());
    let all: Vec<&OsStr> = arguments.iter().map(OsStr::new).chain(files).collect();
    let output = Command::new(program)
        .args(&all)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {all:?}: {said}");
}

/// Memory that files can be kept in, or the folder for temporary files.
pub(crate) fn memory() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    }
}
